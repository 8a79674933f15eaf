package signaling

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"antenne/rooms"
	"antenne/rooms/journal"
	"antenne/rooms/live"
	"antenne/sfu"
	"antenne/signaling/dial"
	"antenne/signaling/wire"
)

// world is a whole server on loopback, everything real: hall, journal, engine, doors.
type world struct {
	t       testing.TB
	journal journal.Journal
	hall    *live.Hall
	engine  *sfu.Engine
	server  *Server
	http    *httptest.Server
	room    rooms.RoomID
	clock   *shifted // of the hall and of the doors
	media   sfu.Limits
	sheets  string // the folder; "" for none
	ids     map[string]rooms.LinkID
	tokens  map[string]string // "mediator", "mediator2", "moderator", "animator", "screen", "viewer", …
}

// shifted is the real clock, some time ahead. What waits on it waits for real time.
type shifted struct{ ahead atomic.Int64 }

func (c *shifted) Now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

func (c *shifted) After(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}

func (c *shifted) pass(d time.Duration) { c.ahead.Add(int64(d)) }

type setting struct {
	private, onPublish bool
	sheets             bool
	journal            journal.Journal
	limits             Limits
	media              sfu.Limits
}

func newWorld(t testing.TB, s setting) *world {
	t.Helper()
	if s.media.Late == 0 {
		s.media.Late = time.Hour // late is the machine, which is busy with tests
	}
	w := &world{t: t, journal: s.journal, room: "cuisine", clock: &shifted{}, media: s.media, ids: map[string]rooms.LinkID{}, tokens: map[string]string{}}
	if w.journal == nil {
		w.journal = journal.NewMemory()
	}
	if s.sheets {
		w.sheets = filepath.Join(t.TempDir(), "sheets")
	}
	w.open(s.limits)
	t.Cleanup(w.close)
	w.furnish(s)
	return w
}

// open starts everything that a process starts.
func (w *world) open(limits Limits) {
	w.t.Helper()
	var err error
	if w.hall, err = live.OpenHall(w.t.Context(), w.journal, live.Config{Clock: w.clock}); err != nil {
		w.t.Fatal(err)
	}
	if w.engine, err = sfu.New(sfu.Config{Media: "127.0.0.1:0", Limits: w.media}); err != nil {
		w.t.Fatal(err)
	}
	if limits.WatchInterval == 0 {
		limits.WatchInterval = 20 * time.Millisecond
	}
	if w.server, err = New(Config{Hall: w.hall, Engine: w.engine, Limits: limits, Clock: w.clock.Now, Draw: drawn, Sheets: w.sheets}); err != nil {
		w.t.Fatal(err)
	}
	w.http = httptest.NewServer(w.server.Handler())
}

// drawn stands for a picture of an address.
func drawn(address string) string { return "drawn " + address }

// shut ends everything but the journal, as SIGTERM does.
func (w *world) shut() {
	w.http.Listener.Close()
	if err := w.server.Close(); err != nil {
		w.t.Error(err)
	}
	w.http.Close()
	if err := w.engine.Close(); err != nil {
		w.t.Error(err)
	}
	if err := w.hall.Close(); err != nil {
		w.t.Error(err)
	}
}

func (w *world) close() {
	w.shut()
	if err := w.journal.Close(); err != nil {
		w.t.Error(err)
	}
}

func (w *world) furnish(s setting) {
	w.t.Helper()
	audience := rooms.AudiencePublic
	if s.private {
		audience = rooms.AudiencePrivate
	}
	for _, id := range []rooms.RoomID{w.room, "magie"} {
		_, err := w.hall.CreateAs(w.t.Context(), id,
			rooms.CreateRoom{Title: "Cuisine de saison", At: time.Now().Add(time.Hour), Audience: audience, OnAirOnPublish: s.onPublish},
			[]rooms.AddSite{{Site: "wattrelos", Name: "Centre social de l'Avenir", Town: "Wattrelos"}, {Site: "lens", Name: "Maison des Rives", Town: "Lens"}})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	for name, role := range map[string]rooms.Role{"mediator": rooms.Mediator, "mediator2": rooms.Mediator, "moderator": rooms.Moderator,
		"coordinator": rooms.Coordinator, "viewer": rooms.Viewer} {
		w.issue(name, w.room, role, "", 12*time.Hour)
	}
	for name, role := range map[string]rooms.Role{"animator": rooms.Animator, "screen": rooms.Screen, "post": rooms.Post} {
		w.issue(name, w.room, role, "wattrelos", 12*time.Hour)
	}
	w.issue("foreign", "magie", rooms.Mediator, "", 12*time.Hour)
	w.issue("revoked", w.room, rooms.Mediator, "", 12*time.Hour)
	w.revoke("revoked")
	w.tokens["nobody"] = ""
	w.tokens["unknown"] = "AAAAAAAAAAAAAAAAAAAAAA"
}

func (w *world) issue(name string, room rooms.RoomID, role rooms.Role, site rooms.SiteID, lasts time.Duration) {
	w.t.Helper()
	token, id, err := w.hall.IssueLink(w.t.Context(), room, role, site, time.Now().Add(lasts), name)
	if err != nil {
		w.t.Fatal(err)
	}
	w.tokens[name], w.ids[name] = token, id
}

func (w *world) revoke(name string) {
	w.t.Helper()
	if err := w.hall.RevokeLink(w.t.Context(), w.ids[name]); err != nil {
		w.t.Fatal(err)
	}
}

// command has somebody do something over a connection of their own.
func (w *world) command(name string, c map[string]string) {
	w.t.Helper()
	p := w.join(name, nil)
	defer p.Close()
	if _, err := p.Do(w.t.Context(), c); err != nil {
		w.t.Fatalf("%s: %v: %v", name, c, err)
	}
}

func (w *world) state() rooms.State {
	k, _ := w.hall.Room(w.room)
	return k.Summary().State
}

func (w *world) air() rooms.AirEntity {
	k, _ := w.hall.Room(w.room)
	return airOf(k)
}

// until polls: what happens in another goroutine happens soon, not at once.
func until(t testing.TB, what string, f func() bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !f() {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// person is a class connection with its events kept.
type person struct {
	*dial.Conn
	t     testing.TB
	store map[string]string // entities as JSON
	seq   uint64
	epoch string
	whole bool // the welcome brought a view
	bye   *wire.Bye
}

func deviceOf(name string) string { return "secret-of-" + name }

func (w *world) join(name string, since *wire.Since) *person {
	w.t.Helper()
	h := wire.Hello{Token: w.tokens[name], Device: deviceOf(name), Lang: "fr", Since: since}
	if h.Token == "" {
		h.Room, h.Site = string(w.room), "lens"
	}
	return w.joinAs(h)
}

func (w *world) joinAs(h wire.Hello) *person {
	w.t.Helper()
	c, err := dial.Class(w.t.Context(), w.http.URL, h)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { c.Close() })
	p := &person{Conn: c, t: w.t, store: map[string]string{}}
	p.hear(func() bool { return p.epoch != "" || p.bye != nil })
	return p
}

// hear takes events until f holds.
func (p *person) hear(f func() bool) {
	p.t.Helper()
	late := time.After(15 * time.Second)
	for !f() {
		select {
		case m, ok := <-p.Events():
			if !ok {
				if f() {
					return
				}
				p.t.Fatalf("the connection ended: %v", p.Err())
			}
			p.take(m)
		case <-late:
			p.t.Fatalf("never heard; holds %v", p.store)
		}
	}
}

func (p *person) take(m wire.ServerMessage) {
	switch m := m.(type) {
	case *wire.Welcome:
		p.epoch, p.seq, p.whole = m.Epoch, m.Seq, !m.Unchanged
		for k, v := range m.View {
			p.store[k] = string(v)
		}
	case *wire.Change:
		if m.Seq <= p.seq {
			p.t.Errorf("change %d after %d", m.Seq, p.seq)
		}
		p.seq = m.Seq
		for k, v := range m.Set {
			p.store[k] = string(v)
		}
		for _, k := range m.Gone {
			delete(p.store, k)
		}
	case *wire.Presence:
		for k, v := range m.Set {
			p.store[k] = string(v)
		}
		for _, k := range m.Gone {
			delete(p.store, k)
		}
	case *wire.Bye:
		p.bye = m
	}
}

// ask does one command while events are taken.
func (p *person) do(command map[string]string) (uint64, error) {
	p.t.Helper()
	type outcome struct {
		seq uint64
		err error
	}
	got := make(chan outcome, 1)
	go func() {
		ctx, done := context.WithTimeout(context.Background(), 10*time.Second)
		defer done()
		seq, err := p.Do(ctx, command)
		got <- outcome{seq, err}
	}()
	var o outcome
	answered := false
	for !answered {
		select {
		case o = <-got:
			answered = true
		case m, ok := <-p.Events():
			if ok {
				p.take(m)
			} else {
				o = <-got
				answered = true
			}
		}
	}
	return o.seq, o.err
}

func file(t testing.TB, name string) string {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func status(t testing.TB, r *http.Request) *http.Response {
	t.Helper()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

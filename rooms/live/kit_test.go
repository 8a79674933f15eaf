package live

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"antenne/rooms"
	"antenne/rooms/journal"
)

func init() { time.Local = time.UTC } // the history speaks in local time

// patience bounds what should happen at once; reaching it is a failure, never a measure.
const patience = 20 * time.Second

// eventually polls until it holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("never: %s", what)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantRefusal(t testing.TB, err error, code string) {
	t.Helper()
	var r *rooms.Refusal
	if !errors.As(err, &r) || r.Code != code {
		t.Fatalf("got %v, want the refusal %s", err, code)
	}
}

// settableClock is a clock whose hands are moved by the test. Timers ring when the hands pass them.
type settableClock struct {
	mu     sync.Mutex
	now    time.Time
	timers map[*fakeTimer]struct{}
}

type fakeTimer struct {
	at time.Time
	c  chan time.Time
}

func newClock(now time.Time) *settableClock {
	return &settableClock{now: now, timers: map[*fakeTimer]struct{}{}}
}

func (c *settableClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *settableClock) After(d time.Duration) (<-chan time.Time, func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &fakeTimer{at: c.now.Add(d), c: make(chan time.Time, 1)}
	c.timers[t] = struct{}{}
	c.ringLocked()
	return t.c, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.timers, t)
	}
}

func (c *settableClock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.ringLocked()
}

func (c *settableClock) ringLocked() {
	for t := range c.timers {
		if !t.at.After(c.now) {
			delete(c.timers, t)
			t.c <- c.now
		}
	}
}

// moody is a journal that can be made to fail.
type moody struct {
	journal.Journal
	appendErr atomic.Pointer[error]
	race      atomic.Bool // let another entry come first, once
	mu        sync.Mutex
	cut       context.CancelFunc // of the follows that are open
	cutting   context.Context
}

var errCut = errors.New("the journal was cut")

func newMoody(j journal.Journal) *moody {
	m := &moody{Journal: j}
	m.cutting, m.cut = context.WithCancel(context.Background())
	return m
}

func (m *moody) fail(err error) { m.appendErr.Store(&err) }
func (m *moody) heal()          { m.appendErr.Store(nil) }

// cutFollows ends every Follow that is open with an error.
func (m *moody) cutFollows() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cut()
	m.cutting, m.cut = context.WithCancel(context.Background())
}

func (m *moody) Probe(ctx context.Context) error {
	if err := m.appendErr.Load(); err != nil {
		return *err
	}
	return m.Journal.Probe(ctx)
}

func (m *moody) Append(ctx context.Context, s journal.Stream, after journal.Seq, e journal.Entry) (journal.Seq, error) {
	if err := m.appendErr.Load(); err != nil {
		return 0, *err
	}
	if m.race.CompareAndSwap(true, false) {
		events, _ := rehearse("x", []rooms.Command{rooms.CreateRoom{Title: "x", At: e.At, Audience: rooms.AudiencePublic}}, e.At)
		meta, _, _ := rooms.EncodeEvents(append(events[:0:0], rooms.SiteAdded{Stamp: rooms.Stamp{At: e.At, By: rooms.By{Role: rooms.System}}, Site: "intrus", Name: "Intrus"}))
		if _, err := m.Journal.Append(ctx, s, after, journal.Entry{At: e.At, Meta: meta}); err != nil {
			return 0, err
		}
	}
	return m.Journal.Append(ctx, s, after, e)
}

func (m *moody) Follow(ctx context.Context, s journal.Stream, after journal.Seq) iter.Seq2[journal.Entry, error] {
	m.mu.Lock()
	cutting := m.cutting
	m.mu.Unlock()
	return func(yield func(journal.Entry, error) bool) {
		both, end := context.WithCancel(ctx)
		defer end()
		defer context.AfterFunc(cutting, end)()
		for e, err := range m.Journal.Follow(both, s, after) {
			if !yield(e, err) {
				return
			}
		}
		if ctx.Err() == nil {
			yield(journal.Entry{}, errCut)
		}
	}
}

const room rooms.RoomID = "cuisine"

var hour = time.Date(2026, 11, 21, 18, 0, 0, 0, time.UTC)

// house is a hall with one room of three sites.
type house struct {
	*Hall
	k     *Keeper
	clock *settableClock
}

func newHouse(t testing.TB, j journal.Journal, now time.Time) house {
	t.Helper()
	clock := newClock(now)
	h, err := OpenHall(t.Context(), j, Config{Clock: clock})
	must(t, err)
	t.Cleanup(func() { h.Close() })
	sites := []rooms.AddSite{{Site: "lille", Name: "Lille", Town: "Lille"}, {Site: "roubaix", Name: "Roubaix"}, {Site: "douai", Name: "Douai"}}
	_, err = h.CreateAs(t.Context(), room, rooms.CreateRoom{Title: "Cuisine de saison", At: hour, Audience: rooms.AudiencePublic}, sites)
	must(t, err)
	k, _ := h.Room(room)
	if !now.Before(hour.Add(-rooms.DoorsBefore)) {
		eventually(t, "the doors open", func() bool { return k.Summary().State == rooms.DoorsOpen })
	}
	return house{h, k, clock}
}

func (h house) do(t testing.TB, who rooms.Actor, c rooms.Command) journal.Seq {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	seq, err := h.k.Do(ctx, who, c)
	if err != nil {
		t.Fatalf("%s by %s: %v", c.Verb(), who.Role, err)
	}
	return seq
}

func mediator() rooms.Actor {
	return rooms.Actor{Role: rooms.Mediator, Room: room, Link: "m", Device: "d"}
}
func moderator() rooms.Actor { return rooms.Actor{Role: rooms.Moderator, Room: room, Link: "r"} }
func animator(site rooms.SiteID) rooms.Actor {
	return rooms.Actor{Role: rooms.Animator, Room: room, Site: site, Link: rooms.LinkID("a-" + site)}
}
func viewer(n int) rooms.Actor {
	return rooms.Actor{Role: rooms.Viewer, Room: room, Site: "lille", Asker: rooms.AskerID(fmt.Sprintf("asker-%d", n))}
}
func screen(site rooms.SiteID) rooms.Actor {
	return rooms.Actor{Role: rooms.Screen, Room: room, Site: site, Link: rooms.LinkID("s-" + site)}
}

func question(n int) rooms.QuestionID {
	return rooms.QuestionID(fmt.Sprintf("00000000-0000-4000-8000-%012d", n))
}

// next reads one message.
func next(t testing.TB, w *Watch) *Change {
	t.Helper()
	select {
	case c, ok := <-w.Messages():
		if !ok {
			t.Fatalf("the watch ended: %v", w.Err())
		}
		return c
	case <-time.After(patience):
		t.Fatal("nothing comes")
		return nil
	}
}

// nextOf reads until a change of the log (or of presence) comes.
func nextOf(t testing.TB, w *Watch, presence bool) *Change {
	t.Helper()
	for {
		if c := next(t, w); c.Presence == presence {
			return c
		}
	}
}

package signaling

import (
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"antenne/rooms"
	"antenne/sfu"
	"antenne/signaling/wire"
)

// TestWhatAnOfferToWatchComesWith: only families are homes, and an offer may begin small.
func TestWhatAnOfferToWatchComesWith(t *testing.T) {
	for _, c := range []struct {
		query string
		role  rooms.Role
		want  sfu.SinkSpec
	}{
		{"?slots=5&picture=low", rooms.Viewer, sfu.SinkSpec{Five: true, OnlyAEAD: true, Home: true, Wish: sfu.Wish{Picture: sfu.PictureLow}}},
		{"?slots=5&srtp=cm&picture=none", rooms.Viewer, sfu.SinkSpec{Five: true, Home: true, Wish: sfu.Wish{Picture: sfu.PictureNone}}},
		{"?slots=5&picture=auto", rooms.Screen, sfu.SinkSpec{Five: true, OnlyAEAD: true}},
		{"", rooms.Post, sfu.SinkSpec{}},
		{"", rooms.Animator, sfu.SinkSpec{}},
		{"?picture=low", rooms.Mediator, sfu.SinkSpec{Party: "studio", Wish: sfu.Wish{Picture: sfu.PictureLow}}},
	} {
		r := httptest.NewRequest("POST", "/whep/cuisine"+c.query, nil)
		got, err := sinkSpec(r, rooms.Actor{Role: c.role})
		c.want.Remote = got.Remote
		if err != nil || got != c.want {
			t.Errorf("%s by %s: %+v, %v", c.query, c.role, got, err)
		}
	}
	w := newWorld(t, setting{})
	resp, body := w.call(call{method: "POST", path: "/whep/cuisine?picture=best", kind: typeSDP, body: file(t, "offer-player.sdp")})
	checkProblem(t, resp, body, 400, "request-malformed")
	if n := w.engine.Stats().Viewers; n != 0 {
		t.Errorf("%d viewers after a refusal", n)
	}
}

// wishes notes what is asked of the media of one viewer.
type wishes struct {
	mu  sync.Mutex
	all []sfu.Wish // owned under mu
}

func (w *wishes) SetWish(wish sfu.Wish) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, wish)
}

func (w *wishes) Restart(offer sfu.Offer) (sfu.Answer, error) {
	if !strings.HasPrefix(string(offer), "v=0") {
		return "", &sfu.Error{Code: sfu.CodeOfferMalformed}
	}
	return "v=0\r\ns=again\r\n", nil
}

func (w *wishes) last() (wish sfu.Wish, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.all) > 0 {
		wish = w.all[len(w.all)-1]
	}
	return wish, len(w.all)
}

// TestAPageSaysHowMuchPictureItWants: of its own session, as often as it likes, and of no other.
func TestAPageSaysHowMuchPictureItWants(t *testing.T) {
	w := newWorld(t, setting{})
	where := w.openSession("/whep/cuisine?slots=5&picture=low&device="+deviceOf("nobody"), "", file(t, "offer-page.sdp"))
	id := sfu.SessionID(where[strings.LastIndexByte(where, '/')+1:])
	seen := &wishes{}
	m, _ := w.server.sessions.find(id)
	m.view = seen
	say := func(p *person, media wire.Media) {
		t.Helper()
		if err := p.Send(&media); err != nil {
			t.Fatal(err)
		}
		_, _ = p.do(map[string]string{"name": "open-doors"}) // answered after the wish
	}
	home := w.join("nobody", nil)
	for _, c := range []struct {
		said wire.Media
		want sfu.Wish
	}{
		{wire.Media{Width: 640, Height: 360, Picture: wire.PictureAuto}, sfu.Wish{Width: 640, Height: 360}},
		{wire.Media{Width: 320, Height: 180, Picture: wire.PictureLow}, sfu.Wish{Picture: sfu.PictureLow, Width: 320, Height: 180}},
		{wire.Media{Picture: wire.PictureNone}, sfu.Wish{Picture: sfu.PictureNone}},
		{wire.Media{Width: 1280, Height: 720}, sfu.Wish{Width: 1280, Height: 720}},
	} {
		c.said.Session = string(id)
		say(home, c.said)
		if got, _ := seen.last(); got != c.want {
			t.Errorf("%+v became %+v", c.said, got)
		}
	}
	_, before := seen.last()
	say(w.joinAs(wire.Hello{Room: "cuisine", Device: "another-home-altogether"}), wire.Media{Session: string(id), Picture: wire.PictureNone})
	say(home, wire.Media{Picture: wire.PictureNone}) // of no session
	if _, after := seen.last(); after != before {
		t.Error("a stranger's wish was heard")
	}
}

// TestAViewerMovesToAnotherNetwork: by a whole offer, to its own session alone, which stays what it was.
func TestAViewerMovesToAnotherNetwork(t *testing.T) {
	w := newWorld(t, setting{})
	page := file(t, "offer-page.sdp")
	where := w.openSession("/whep/cuisine?slots=5&device="+deviceOf("screen"), "screen", page)
	m, _ := w.server.sessions.find(sfu.SessionID(where[strings.LastIndexByte(where, '/')+1:]))
	m.view = &wishes{}
	moved := func(who, kind, offer string) (int, string) {
		resp, body := w.call(call{method: "PATCH", path: where, who: who, kind: kind, body: offer})
		return resp.StatusCode, body
	}
	if status, body := moved("screen", typeSDP, page); status != 200 || body != "v=0\r\ns=again\r\n" {
		t.Errorf("%d %q", status, body)
	}
	for _, c := range []struct {
		who, kind, offer string
		status           int
	}{
		{"screen", typeSDP, "not an offer", 400},
		{"screen", typeFragment, fragment, 204},
		{"screen", "text/plain", page, 415},
		{"animator", typeSDP, page, 403},
		{"", typeSDP, page, 401},
	} {
		if status, body := moved(c.who, c.kind, c.offer); status != c.status {
			t.Errorf("%s by %q: %d %s, want %d", c.kind, c.who, status, body, c.status)
		}
	}
	if n := w.server.Stats().Restarted; n != 1 {
		t.Errorf("%d moves counted", n)
	}
	resp, _ := w.call(call{method: "OPTIONS", path: where})
	if accepts := resp.Header.Get("Accept-Patch"); accepts != typeFragment+", "+typeSDP {
		t.Errorf("Accept-Patch: %q", accepts)
	}
	m.end(sfu.ReasonLost)
	until(t, "it has ended", m.hasEnded)
	if status, body := moved("screen", typeSDP, page); status != 404 {
		t.Errorf("after the end: %d %s", status, body)
	}
	whip := w.openSession("/whip/cuisine", "mediator", file(t, "offer-obs.sdp"))
	resp, body := w.call(call{method: "PATCH", path: whip, who: "mediator", kind: typeSDP, body: file(t, "offer-obs.sdp")})
	checkProblem(t, resp, body, 415, "content-type")
	if accepts := resp.Header.Get("Accept-Patch"); accepts != typeFragment {
		t.Errorf("a publisher's Accept-Patch: %q", accepts)
	}
}

// TestFreezesAreCounted as the pages tell them.
func TestFreezesAreCounted(t *testing.T) {
	w := newWorld(t, setting{})
	p := w.join("screen", nil)
	for _, n := range []int{2, 0, 3} {
		if err := p.Send(&wire.Health{Picture: "moving", Sound: "on", Freezes: n}); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "five freezes", func() bool { return w.server.Stats().Freezes == 5 })
}

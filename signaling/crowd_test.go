package signaling

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"antenne/rooms"
	"antenne/rooms/journal"
	"antenne/signaling/dial"
	"antenne/signaling/wire"
)

func TestSeats(t *testing.T) {
	one, neighbour, other := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")
	loop := netip.MustParseAddr("127.0.0.1")
	s := newSeats(10, 3)
	must := func(want string, from netip.Addr, guest bool) *seat {
		t.Helper()
		p, err := s.take(from, guest)
		if code := refusalOf(err).code; err == nil && want != "" || err != nil && code != want {
			t.Fatalf("%v: got %v, want %q", from, err, want)
		}
		return p
	}
	first := must("", one, true)
	must("", one, true)
	must("", one, true)
	must("address-full", one, true)
	must("", one, false) // a link holder behind the same address
	first.leave()
	first.leave()
	must("", one, true)
	must("address-full", one, true)
	for range 3 {
		must("", neighbour, true)
	}
	must("address-full", other, true) // the same household
	must("", loop, true)
	must("", loop, true)
	must("server-full", loop, true) // eight guests: the last places are for links
	must("", one, false)
	must("server-full", one, false)
	if taken, guests := s.count(); taken != 10 || guests != 8 {
		t.Errorf("%d in, %d of them guests", taken, guests)
	}
	if _, counted := s.from[netip.Prefix{}]; counted {
		t.Error("loopback is counted")
	}
}

// afar has every request come from that address.
func (w *world) afar(addr string) {
	next := w.server.Handler()
	w.http.Config.Handler = http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		r.RemoteAddr = addr
		next.ServeHTTP(out, r)
	})
}

// TestACrowdOfStrangersLeavesRoomForTheClass: whatever strangers fill, those who hold a link come in, and the mediator teaches.
func TestACrowdOfStrangersLeavesRoomForTheClass(t *testing.T) {
	w := newWorld(t, setting{limits: Limits{Sessions: 5, Connections: 5}})
	player := file(t, "offer-player.sdp")
	for i := range 4 {
		w.openSession("/whep/cuisine", "nobody", player)
		w.joinAs(wire.Hello{Room: "cuisine", Device: fmt.Sprintf("a-home-of-many-%d", i)})
	}
	resp, body := w.call(call{method: "POST", path: "/whep/cuisine", kind: typeSDP, body: player})
	checkProblem(t, resp, body, 503, "server-full")
	late := w.joinAs(wire.Hello{Room: "cuisine", Device: "a-home-too-many"})
	if late.bye == nil || late.bye.Code != "server-full" || !late.bye.Retry {
		t.Fatalf("got %+v", late.bye)
	}
	w.openSession("/whep/cuisine", "screen", player)
	mediator := w.join("mediator", nil)
	mediator.must(map[string]string{"name": "open-doors"})
	resp, body = w.call(call{method: "POST", path: "/whep/cuisine", who: "viewer", kind: typeSDP, body: player})
	checkProblem(t, resp, body, 503, "server-full")
	w.openSession("/whip/cuisine", "mediator", file(t, "offer-obs.sdp")) // no crowd of viewers keeps it out
	if st := w.server.Stats(); st.Viewers != 5 || st.NamelessViewers != 4 || st.Nameless != 4 || st.Publications != 1 {
		t.Errorf("%+v", st)
	}
}

func TestOneAddressTakesNoMoreThanItsShare(t *testing.T) {
	w := newWorld(t, setting{limits: Limits{EachSessions: 1, EachConnected: 1, EachStrangers: 2}})
	w.afar("192.0.2.7:4000")
	player := file(t, "offer-player.sdp")
	first := w.openSession("/whep/cuisine", "", player)
	resp, body := w.call(call{method: "POST", path: "/whep/cuisine", kind: typeSDP, body: player})
	checkProblem(t, resp, body, 429, "address-full")
	w.openSession("/whep/cuisine", "screen", player)
	w.call(call{method: "DELETE", path: first})
	w.openSession("/whep/cuisine", "", player)

	home := w.join("nobody", nil)
	if second := w.joinAs(wire.Hello{Room: "cuisine", Device: "another-home-altogether"}); second.bye == nil || second.bye.Code != "address-full" {
		t.Fatalf("got %+v", second.bye)
	}
	w.join("mediator", nil).must(map[string]string{"name": "open-doors"})
	home.Close()
	until(t, "the place is free", func() bool { return w.server.Stats().Nameless == 0 })
	w.join("nobody", nil)

	for range 2 {
		ws, _, err := w.knock(nil)
		if err != nil {
			t.Fatal(err)
		}
		defer ws.Close()
	}
	if _, resp, err := w.knock(nil); err == nil || resp.StatusCode != http.StatusTooManyRequests {
		t.Fatalf("got %v", err)
	}
	w.openSession("/whip/cuisine", "mediator", file(t, "offer-obs.sdp"))
}

func ask() map[string]string {
	return map[string]string{"name": "ask", "question": uuid.NewString(), "text": "Et sans four ?"}
}

// rationed checks that a command is refused for now, in words.
func rationed(t *testing.T, err error, code string) {
	t.Helper()
	var refused *dial.Refused
	if !errors.As(err, &refused) || refused.Code != code || !refused.Retry {
		t.Fatalf("got %v, want %s, to be tried again", err, code)
	}
	checkSentence(t, refused.Code, refused.Text)
}

func TestStrangersAskOneAtATime(t *testing.T) {
	w := newWorld(t, setting{limits: Limits{AskRate: 1e-9, AskBurst: 2, EachAskRate: 1e-9, EachAskBurst: 3}})
	w.afar("192.0.2.7:4000")
	home, other := w.join("nobody", nil), w.joinAs(wire.Hello{Room: "cuisine", Device: "another-home-altogether"})
	home.must(ask())
	home.must(ask())
	_, err := home.do(ask())
	rationed(t, err, "ask-rate")
	other.must(ask())
	_, err = other.do(ask()) // the third of that address was its last
	rationed(t, err, "ask-rate")
	desk := w.join("animator", nil)
	for range 5 {
		desk.must(ask())
	}
}

// TestStrangersAskForTheFloorAsTheyAskQuestions: one ration for both, that who holds a link does not draw from.
func TestStrangersAskForTheFloorAsTheyAskQuestions(t *testing.T) {
	w := newWorld(t, setting{limits: Limits{AskRate: 1e-9, AskBurst: 2, EachAskRate: 1e-9, EachAskBurst: 9}})
	wish := func(n int) map[string]string {
		return doing("request-floor", "request", requestID(n), "reason", "", "adult", "yes")
	}
	home, desk := w.join("nobody", nil), w.join("animator", nil)
	home.must(wish(1))
	home.must(doing("cancel-request", "request", requestID(1)))
	home.must(ask())
	_, err := home.do(wish(2))
	rationed(t, err, "ask-rate")
	for n := 3; n < 8; n++ {
		desk.must(wish(n))
		desk.must(doing("cancel-request", "request", requestID(n)))
	}
}

// TestWhatMayBeSentAgainIsSaidSo, and what is final is not.
func TestWhatMayBeSentAgainIsSaidSo(t *testing.T) {
	disk := &brittle{Journal: journal.NewMemory()}
	w := newWorld(t, setting{journal: disk})
	p := w.join("animator", nil)
	for code, failure := range map[string]error{"journal-full": journal.ErrFull, "journal-failed": journal.ErrFailed} {
		disk.fail(failure)
		_, err := p.do(ask())
		rationed(t, err, code)
	}
	disk.fail(nil)
	long := ask()
	long["text"] = "a\u202eb"
	_, err := p.do(long)
	var refused *dial.Refused
	if !errors.As(err, &refused) || refused.Retry {
		t.Errorf("got %+v", refused)
	}
	for _, code := range []string{"wire-rate", "ask-rate", "question-limit", "shutdown", "internal"} {
		if !refusalOf(&rooms.Refusal{Code: code}).passing() {
			t.Errorf("%s passes", code)
		}
	}
}

// TestPingsCountAsMessages before and after hello.
func TestPingsCountAsMessages(t *testing.T) {
	for name, first := range map[string]string{"before hello": "", "after": hello("", "cuisine")} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, setting{limits: Limits{MessageRate: 1e-9, MessageBurst: 5}})
			ws, _, err := w.knock(nil)
			if err != nil {
				t.Fatal(err)
			}
			defer ws.Close()
			if first != "" {
				_ = ws.WriteMessage(websocket.TextMessage, []byte(first))
			}
			for range 10 {
				_ = ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second))
			}
			_ = ws.SetReadDeadline(time.Now().Add(10 * time.Second))
			for {
				_, raw, err := ws.ReadMessage()
				if err != nil {
					t.Fatalf("no goodbye: %v", err)
				}
				if m, _ := wire.DecodeServer(raw); m != nil {
					if bye, ok := m.(*wire.Bye); ok {
						if bye.Code != "wire-rate" || !bye.Retry {
							t.Errorf("got %+v", bye)
						}
						return
					}
				}
			}
		})
	}
}

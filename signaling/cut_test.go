package signaling

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"antenne/rooms"
	"antenne/sfu"
)

// TestACutSourceIsToldWhy: the page's next try, a second later, hears what to do; and after a rest it may come back.
func TestACutSourceIsToldWhy(t *testing.T) {
	for reason, code := range cutCodes {
		t.Run(code, func(t *testing.T) {
			w := newWorld(t, setting{})
			obs := file(t, "offer-obs.sdp")
			w.openSession("/whip/cuisine", "mediator", obs)
			w.openSession("/whip/cuisine/slides", "mediator", obs)
			source := w.engine.Open("cuisine").Selected(sfu.Camera)
			source.Close(reason)
			w.refused("/whip/cuisine", "mediator", 403, code)
			w.refused("/whip/cuisine", "mediator", 403, code)
			until(t, "the slides are all that is left in the log", func() bool { return w.up() == "slides" })
			w.openSession("/whip/cuisine/slides", "mediator", obs) // another door of the same person
			w.clock.pass(2 * cutRests)
			w.openSession("/whip/cuisine", "mediator", obs)
			if w.up() != "camera slides voice" && w.up() != "voice camera slides" {
				t.Errorf("up: %s", w.up())
			}
		})
	}
}

// TestACutIsSaidOnceHoweverLate: who was off the network meanwhile hears it all the same, once.
func TestACutIsSaidOnceHoweverLate(t *testing.T) {
	w := newWorld(t, setting{})
	obs := file(t, "offer-obs.sdp")
	w.openSession("/whip/cuisine", "mediator", obs)
	w.engine.Open("cuisine").Selected(sfu.Camera).Close(sfu.ReasonTooFast)
	w.nothingUp()
	w.clock.pass(2 * cutRests)
	w.refused("/whip/cuisine", "mediator", 403, codeSourceFast)
	w.openSession("/whip/cuisine", "mediator", obs)
}

// TestACutIsForgotten: nothing is kept of who never came back.
func TestACutIsForgotten(t *testing.T) {
	w := newWorld(t, setting{})
	w.openSession("/whip/cuisine", "mediator", file(t, "offer-obs.sdp"))
	w.engine.Open("cuisine").Selected(sfu.Camera).Close(sfu.ReasonTooFast)
	w.nothingUp()
	w.clock.pass(2*cutSaid + 2*rooms.AirGrace)
	w.openSession("/whip/cuisine", "mediator2", file(t, "offer-obs.sdp"))
	w.end(w.openSession("/whip/cuisine", "mediator2", file(t, "offer-obs.sdp")), "mediator2")
	c, err := w.server.conductor("cuisine")
	if err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.cuts) != 0 {
		t.Errorf("%d cuts remembered", len(c.cuts))
	}
}

// TestOrdinaryEndsAreNotHeldAgainstAnybody.
func TestOrdinaryEndsAreNotHeldAgainstAnybody(t *testing.T) {
	w := newWorld(t, setting{})
	for _, reason := range []string{sfu.ReasonDeleted, sfu.ReasonReplaced, sfu.ReasonTakenOver, sfu.ReasonLost, sfu.ReasonClosed, sfu.ReasonFailed} {
		w.openSession("/whip/cuisine", "mediator", file(t, "offer-obs.sdp"))
		w.engine.Open("cuisine").Selected(sfu.Camera).Close(reason)
	}
	w.openSession("/whip/cuisine", "mediator", file(t, "offer-obs.sdp"))
}

// TestAFullNodeIsRefusedWithWords: 503, when to come back, and a sentence in the reader's language.
func TestAFullNodeIsRefusedWithWords(t *testing.T) {
	w := newWorld(t, setting{media: sfu.Limits{Viewers: 1}})
	player := file(t, "offer-player.sdp")
	first := w.openSession("/whep/cuisine", "", player)
	resp, body := w.call(call{method: "POST", path: "/whep/cuisine", kind: typeSDP, body: player})
	checkProblem(t, resp, body, http.StatusServiceUnavailable, sfu.CodeEngineFull)
	after, err := strconv.Atoi(resp.Header.Get("Retry-After"))
	if err != nil || after < 5 || after > 20 {
		t.Errorf("Retry-After: %q", resp.Header.Get("Retry-After"))
	}
	if !strings.Contains(body, "réessaie") {
		t.Errorf("no word for people: %s", body)
	}
	w.call(call{method: "DELETE", path: first})
	w.openSession("/whep/cuisine", "", player)
}

// TestThoseSentAwayDoNotComeBackTogether.
func TestThoseSentAwayDoNotComeBackTogether(t *testing.T) {
	for code, most := range map[string]int{sfu.CodeEngineFull: 20, codeFull: 20, sfu.CodeEngineBusy: 4, codeTooMany: 4} {
		seen := map[int]int{}
		for range 2000 {
			seen[retryAfter(code)]++
		}
		for after, n := range seen {
			if after < 1 || after > most || n > 2000*2/len(seen) {
				t.Errorf("%s: %d of 2000 come back after %d s", code, n, after)
			}
		}
		if len(seen) < 4 {
			t.Errorf("%s: only %d moments to come back", code, len(seen))
		}
	}
}

// TestACutGuestIsToldWhy: as anybody else who publishes, at the next try; another device hears only that the invitation is taken.
func TestACutGuestIsToldWhy(t *testing.T) {
	for reason, want := range cutCodes {
		t.Run(want, func(t *testing.T) {
			c := newClass(t, setting{})
			_, page := c.guest(c.mediator, 1)
			session := c.server.conductors["cuisine"].guestNow(grantID(1))
			session.source.Close(reason)
			door := "/whip/cuisine/guest?device=" + deviceOf("guest1")
			c.refused("/whip/cuisine/guest?device=secret-of-another", "guest1", 409, codeGrantUsed)
			c.refused(door, "guest1", 403, want)
			c.refused(door, "guest1", 403, want)
			if c.mediator.hear(func() bool { return !c.mediator.floor().Connected }); page.bye != nil {
				t.Errorf("the page of the class was sent away: %+v", page.bye)
			}
			flows(t, c.elsewhere)
		})
	}
}

// guestNow is the media of a grant.
func (c *conductor) guestNow(grant string) *guestSession {
	c.gates.mu.Lock()
	defer c.gates.mu.Unlock()
	return c.gates.guests[rooms.GrantID(grant)]
}

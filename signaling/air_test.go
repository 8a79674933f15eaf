package signaling

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"antenne/rooms"
	"antenne/rooms/journal"
	"antenne/sfu"
	"antenne/signaling/wire"
)

func (w *world) up() string { return strings.Join(w.air().Up, " ") }

func (w *world) end(where, who string) {
	w.t.Helper()
	if resp, body := w.call(call{method: "DELETE", path: where, who: who}); resp.StatusCode != http.StatusOK {
		w.t.Fatalf("DELETE %s: %d %s", where, resp.StatusCode, body)
	}
}

// refused sees a publication refused.
func (w *world) refused(path, who string, status int, code string) {
	w.t.Helper()
	resp, body := w.call(call{method: "POST", path: path, who: who, kind: typeSDP, body: file(w.t, "offer-obs.sdp")})
	checkProblem(w.t, resp, body, status, code)
}

func (w *world) nothingUp() {
	w.t.Helper()
	until(w.t, "the log knows that nothing is fed", func() bool { return w.up() == "" })
}

// TestTheAirIsFreedAlthoughTheLinkIsDead: that a source ended is the house's word, not the link's.
func TestTheAirIsFreedAlthoughTheLinkIsDead(t *testing.T) {
	obs := file(t, "offer-obs.sdp")
	t.Run("expired", func(t *testing.T) {
		w := newWorld(t, setting{})
		w.issue("short", w.room, rooms.Mediator, "", 10*time.Minute)
		where := w.openSession("/whip/cuisine", "short", obs)
		w.clock.pass(20 * time.Minute)
		w.refused("/whip/cuisine", "short", 401, "link-expired")
		w.end(where, "short")
		w.nothingUp()
		w.clock.pass(2 * rooms.AirGrace)
		w.openSession("/whip/cuisine", "mediator2", obs)
	})
	t.Run("revoked", func(t *testing.T) {
		w := newWorld(t, setting{})
		w.openSession("/whip/cuisine", "mediator", obs)
		w.openSession("/whip/cuisine/slides", "mediator", obs)
		w.revoke("mediator")
		w.nothingUp()
		w.clock.pass(2 * rooms.AirGrace)
		w.openSession("/whip/cuisine", "mediator2", obs)
	})
}

// TestAnEncoderBesideThePage: whatever stops first, the log ends with nothing up.
func TestAnEncoderBesideThePage(t *testing.T) {
	const encoder, page = "/whip/cuisine", "/whip/cuisine/slides?device=secret-of-laptop"
	left := map[string]string{encoder: "voice camera", page: "slides"}
	for name, c := range map[string]struct{ opened, ended []string }{
		"encoder first, slides stop first":   {[]string{encoder, page}, []string{page, encoder}},
		"encoder first, encoder stops first": {[]string{encoder, page}, []string{encoder, page}},
		"slides first, slides stop first":    {[]string{page, encoder}, []string{page, encoder}},
		"slides first, encoder stops first":  {[]string{page, encoder}, []string{encoder, page}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, setting{})
			where := map[string]string{}
			for _, door := range c.opened {
				where[door] = w.openSession(door, "mediator", file(t, "offer-obs.sdp"))
			}
			if w.up() != "voice camera slides" {
				t.Fatalf("up: %s", w.up())
			}
			w.end(where[c.ended[0]], "mediator")
			until(t, "one goes on", func() bool { return w.up() == left[c.ended[1]] })
			w.end(where[c.ended[1]], "mediator")
			w.nothingUp()
		})
	}
}

func TestTheSecondCameraOnlyBesideWhoHoldsTheAir(t *testing.T) {
	w := newWorld(t, setting{})
	obs := file(t, "offer-obs.sdp")
	w.refused("/whip/cuisine/camera2", "mediator2", 409, "air-first")
	where := w.openSession("/whip/cuisine", "mediator", obs)
	w.refused("/whip/cuisine/camera2", "mediator2", 409, "air-held")
	w.end(where, "mediator")
	w.nothingUp()
	w.refused("/whip/cuisine/camera2", "mediator2", 409, "air-held")
	w.clock.pass(2 * rooms.AirGrace)
	w.refused("/whip/cuisine/camera2", "mediator2", 409, "air-held")
	w.openSession("/whip/cuisine/camera2", "mediator", obs)
	cast := w.engine.Open("cuisine")
	camera := cast.Selected(sfu.Camera)
	w.command("mediator2", map[string]string{"name": "take-air"})
	<-camera.Done()
	if camera.Reason() != sfu.ReasonTakenOver {
		t.Errorf("ended by %s", camera.Reason())
	}
}

// TestTakingTheAirStopsTheOtherDevice: what the room logs and what plays agree.
func TestTakingTheAirStopsTheOtherDevice(t *testing.T) {
	for name, door := range map[string]string{"an encoder": "/whip/cuisine", "another page": "/whip/cuisine?device=secret-of-tablet"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, setting{})
			w.openSession(door, "mediator", file(t, "offer-obs.sdp"))
			source := w.engine.Open("cuisine").Selected(sfu.Voice)
			page := w.join("mediator", nil)
			page.must(map[string]string{"name": "take-air"})
			<-source.Done()
			if source.Reason() != sfu.ReasonTakenOver {
				t.Errorf("ended by %s", source.Reason())
			}
			w.openSession("/whip/cuisine?device="+deviceOf("mediator"), "mediator", file(t, "offer-obs.sdp"))
			if w.up() != "voice camera" || w.engine.Open("cuisine").Selected(sfu.Voice) == nil {
				t.Errorf("up: %s", w.up())
			}
		})
	}
}

// TestTheAirWaitsForNoGuest: a guest's offer that takes its time on a full machine delays nothing of the mediator's.
func TestTheAirWaitsForNoGuest(t *testing.T) {
	w := newWorld(t, setting{})
	w.openSession("/whip/cuisine", "mediator", file(t, "offer-obs.sdp"))
	w.openSession("/whip/cuisine/slides", "mediator", file(t, "offer-obs.sdp"))
	slides := w.engine.Open("cuisine").Selected(sfu.Slides)
	page := w.join("mediator", nil)
	c, err := w.server.conductor(w.room)
	if err != nil {
		t.Fatal(err)
	}
	c.guestDoor.Lock()
	defer c.guestDoor.Unlock()
	page.must(map[string]string{"name": "take-air"})
	until(t, "the device before is ended", func() bool { return slides.Reason() == sfu.ReasonTakenOver })
	w.nothingUp()
}

// TestAnEncoderInThePagesPlaceIsADeviceOfItsOwn, so that the page sees that it has lost the air and does not take it back.
func TestAnEncoderInThePagesPlaceIsADeviceOfItsOwn(t *testing.T) {
	w := newWorld(t, setting{})
	obs := file(t, "offer-obs.sdp")
	w.openSession("/whip/cuisine?device=secret-of-laptop", "mediator", obs)
	w.openSession("/whip/cuisine/slides?device=secret-of-laptop", "mediator", obs)
	pages := w.air().Device
	where := w.openSession("/whip/cuisine", "mediator", obs)
	own := w.air().Device
	if own == pages || own == "" || w.up() != "voice camera" {
		t.Fatalf("the air is %+v", w.air())
	}
	w.end(where, "mediator")
	w.nothingUp()
	w.openSession("/whip/cuisine", "mediator", obs)
	if w.air().Device != own {
		t.Error("an encoder that comes back is another device")
	}
}

// TestTheAirThatWentAndCameBack between two looks of the house: what plays is up again in the log.
func TestTheAirThatWentAndCameBack(t *testing.T) {
	w := newWorld(t, setting{})
	w.openSession("/whip/cuisine?device="+deviceOf("mediator"), "mediator", file(t, "offer-obs.sdp"))
	source := w.engine.Open("cuisine").Selected(sfu.Voice)
	page := w.join("mediator", nil)
	tablet := w.joinAs(wire.Hello{Token: w.tokens["mediator"], Device: "secret-of-tablet"})
	w.server.mu.Lock()
	c := w.server.conductors["cuisine"]
	w.server.mu.Unlock()
	c.mu.Lock()
	tablet.must(map[string]string{"name": "take-air"})
	page.must(map[string]string{"name": "take-air"})
	c.mu.Unlock()
	until(t, "up again", func() bool { return w.up() == "voice camera" })
	if w.engine.Open("cuisine").Selected(sfu.Voice) != source {
		t.Error("what went on playing was ended")
	}
}

// brittle is a journal whose disk can fail.
type brittle struct {
	journal.Journal
	err atomic.Pointer[error]
}

func (b *brittle) fail(err error) { b.err.Store(&err) }

func (b *brittle) Append(ctx context.Context, s journal.Stream, after journal.Seq, e journal.Entry) (journal.Seq, error) {
	if err := b.err.Load(); err != nil && *err != nil {
		return 0, *err
	}
	return b.Journal.Append(ctx, s, after, e)
}

func TestTheClassPlaysWithoutTheLog(t *testing.T) {
	for name, failure := range map[string]error{"full": journal.ErrFull, "failed": journal.ErrFailed} {
		t.Run(name, func(t *testing.T) {
			disk := &brittle{Journal: journal.NewMemory()}
			w := newWorld(t, setting{journal: disk})
			obs := file(t, "offer-obs.sdp")
			where := w.openSession("/whip/cuisine?device=secret-of-laptop", "mediator", obs)
			w.command("mediator", map[string]string{"name": "go-on-air"})
			disk.fail(failure)
			w.end(where, "mediator")
			cast := w.engine.Open("cuisine")
			until(t, "nothing is selected", func() bool { return cast.Selected(sfu.Voice) == nil })

			w.openSession("/whip/cuisine?device=secret-of-tablet", "mediator", obs)
			if cast.Selected(sfu.Voice) == nil || !cast.Audience(sfu.Voice).Allows("anybody", "") {
				t.Fatal("the mediator who comes back is not heard")
			}
			if st := w.server.Stats(); st.Unlogged != 1 || st.Publications != 1 {
				t.Errorf("%+v", st)
			}
			w.refused("/whip/cuisine", "mediator2", 409, "air-held")
			disk.fail(nil)
			until(t, "the log knows", func() bool { return w.server.Stats().Unlogged == 0 })
			if air := w.air(); air.Device == "" || w.up() != "voice camera" || cast.Selected(sfu.Voice) == nil {
				t.Errorf("the air is %+v", air)
			}
		})
	}
}

// TestNoGateOpensWithoutTheLog: « dès la publication » is a decision too.
func TestNoGateOpensWithoutTheLog(t *testing.T) {
	disk := &brittle{Journal: journal.NewMemory()}
	w := newWorld(t, setting{journal: disk, onPublish: true})
	disk.fail(journal.ErrFull)
	where := w.openSession("/whip/cuisine", "mediator", file(t, "offer-obs.sdp"))
	cast := w.engine.Open("cuisine")
	if cast.Selected(sfu.Voice) == nil || cast.Audience(sfu.Voice).Allows("anybody", "") || w.state() == rooms.OnAir {
		t.Fatal("open, or not selected")
	}
	w.refused("/whip/cuisine", "mediator2", 503, "journal-full")
	w.refused("/whip/cuisine/camera2", "mediator2", 409, "air-held")
	disk.fail(nil)
	until(t, "open", func() bool { return cast.Audience(sfu.Voice).Allows("anybody", "") })
	disk.fail(journal.ErrFull)
	w.end(where, "mediator")
	until(t, "the media is gone", func() bool { return cast.Selected(sfu.Voice) == nil })
	if w.up() == "" {
		t.Fatal("the log took what it could not")
	}
	disk.fail(nil)
	w.nothingUp()
}

func TestARoomThatIsOverLeavesNothing(t *testing.T) {
	w := newWorld(t, setting{})
	w.openSession("/whip/cuisine", "mediator", file(t, "offer-obs.sdp"))
	w.openSession("/whep/cuisine", "", file(t, "offer-player.sdp"))
	cast := w.engine.Open("cuisine")
	source, viewer := cast.Sources()[0], cast.Subscriptions()[0]
	w.command("mediator", map[string]string{"name": "go-on-air"})
	w.command("mediator", map[string]string{"name": "end"})
	w.refused("/whip/cuisine", "mediator", 410, "room-ended")
	w.command("mediator", map[string]string{"name": "resume"})
	until(t, "open again", func() bool { return cast.Audience(sfu.Voice).Allows("anybody", "") })
	w.command("mediator", map[string]string{"name": "end"})
	w.clock.pass(rooms.ReopenFor + time.Minute)
	<-source.Done()
	<-viewer.Done()
	if reasons := []string{source.Reason(), viewer.Reason()}; slices.Contains(reasons, "") {
		t.Errorf("ended by %q", reasons)
	}
	until(t, "nothing is left", func() bool {
		st := w.server.Stats()
		media := w.engine.Stats()
		return st.Rooms == 0 && st.MediaSessions == 0 && st.RoomsOver == 1 && media.Sources == 0 && media.Viewers == 0
	})
	for _, door := range []string{"/whep/cuisine", "/whip/cuisine", "/whip/cuisine/camera2"} {
		w.refused(door, "mediator", 410, "room-ended")
	}
	if w.server.Stats().Rooms != 0 {
		t.Error("looking at a room that is over makes a conductor")
	}
}

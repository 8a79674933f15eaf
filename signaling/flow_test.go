package signaling

import (
	"context"
	"testing"

	"antenne/rooms"
	"antenne/sfu"
	"antenne/sfu/packet"
	"antenne/sfu/peer"
	"antenne/signaling/dial"
)

func (w *world) publishFor(door, name string, codec packet.Codec) *peer.Publisher {
	w.t.Helper()
	p, err := peer.Publish(w.t.Context(), dial.Exchange(w.http.URL+door, w.tokens[name]), peer.Media{Video: codec, WithAudio: true})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { p.Close(context.Background()) })
	return p
}

func (w *world) viewFrom(door, name string, five bool) *peer.Viewer {
	w.t.Helper()
	v, err := peer.View(w.t.Context(), dial.Exchange(w.http.URL+door, w.tokens[name]), peer.Want{Five: five})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { v.Close(context.Background()) })
	return v
}

func packets(v *peer.Viewer) (n uint64) {
	for _, l := range v.Lines() {
		n += l.Packets
	}
	return n
}

// flows waits until picture and sound have gone on by some.
func flows(t testing.TB, v *peer.Viewer) {
	t.Helper()
	before := v.Lines()
	until(t, "picture and sound", func() bool {
		now := v.Lines()
		return now[1].Frames >= before[1].Frames+5 && now[0].Packets >= before[0].Packets+5
	})
}

func (w *world) arrived() (n uint64) {
	for _, s := range w.engine.Open(string(w.room)).Sources() {
		n += s.Stats().Packets
	}
	return n
}

// passes waits until the mediator has sent n more packets.
func (w *world) passes(n uint64) {
	w.t.Helper()
	from := w.arrived()
	until(w.t, "the mediator sends", func() bool { return w.arrived() >= from+n })
}

// silent: while the mediator goes on sending, nothing reaches the viewers.
func (w *world) silent(viewers ...*peer.Viewer) {
	w.t.Helper()
	w.passes(30) // what was on its way arrives
	var before []uint64
	for _, v := range viewers {
		before = append(before, packets(v))
	}
	w.passes(100)
	for i, v := range viewers {
		if now := packets(v); now != before[i] {
			w.t.Errorf("viewer %d was sent %d packets", i, now-before[i])
		}
	}
}

func TestNothingReachesAViewerUnlessOnAir(t *testing.T) {
	w := newWorld(t, setting{})
	page, player := w.viewFrom("/whep/cuisine?slots=5", "screen", true), w.viewFrom("/whep/cuisine", "", false)
	w.publishFor("/whip/cuisine", "mediator", packet.VP8)
	w.silent(page, player)
	if n := packets(page) + packets(player); n != 0 {
		t.Fatalf("%d packets before the hour", n)
	}
	mediator := w.join("mediator", nil)
	for _, step := range []struct {
		command string
		open    bool
	}{{"open-doors", false}, {"go-on-air", true}, {"pause", false}, {"resume", true}, {"end", false}} {
		mediator.must(map[string]string{"name": step.command})
		if !step.open {
			until(t, "the gates", func() bool { return !w.engine.Open("cuisine").Audience(sfu.Voice).Allows("", "") })
			w.silent(page, player)
			continue
		}
		flows(t, page)
		flows(t, player)
	}
}

func TestTheAirGoesOnFromAnotherDevice(t *testing.T) {
	w := newWorld(t, setting{onPublish: true})
	player := w.viewFrom("/whep/cuisine", "", false)
	w.publishFor("/whip/cuisine?device=secret-of-laptop", "mediator", packet.VP8)
	flows(t, player)
	w.publishFor("/whip/cuisine?device=secret-of-tablet", "mediator", packet.H264)
	until(t, "the other codec on the same line", func() bool { return player.Lines()[1].Codec == packet.H264 })
	flows(t, player)
	if n := w.engine.Stats().Sources; n != 1 {
		t.Errorf("%d sources", n)
	}
}

func TestTheClassComesBackAfterARestart(t *testing.T) {
	w := newWorld(t, setting{onPublish: true})
	first := w.publishFor("/whip/cuisine?device=secret-of-laptop", "mediator", packet.VP8)
	flows(t, w.viewFrom("/whep/cuisine", "", false))
	w.http.CloseClientConnections()
	w.shut()
	first.Close(context.Background())
	w.open(Limits{})
	again := w.viewFrom("/whep/cuisine", "", false)
	w.publishFor("/whip/cuisine?device=secret-of-laptop", "mediator", packet.VP8)
	flows(t, again)
	if w.state() != rooms.OnAir {
		t.Error(w.state())
	}
}

func TestLeavingFreesAtOnce(t *testing.T) {
	w := newWorld(t, setting{onPublish: true})
	p := w.publishFor("/whip/cuisine", "mediator", packet.VP8)
	v := w.viewFrom("/whep/cuisine", "viewer", false)
	flows(t, v)
	if err := v.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if err := p.Close(t.Context()); err != nil {
		t.Error(err)
	}
	until(t, "all is free", func() bool {
		st := w.engine.Stats()
		return st.Sources == 0 && st.Viewers == 0 && w.server.Stats().MediaSessions == 0 && len(w.air().Up) == 0
	})
}

package sfu_test

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"antenne/sfu"
	"antenne/sfu/packet"
	"antenne/sfu/peer"
)

func TestFiveViewersAndAChangeOfCodec(t *testing.T) {
	t.Parallel() // it mostly waits
	b := newEngine(t).Open("room")
	onAir(b)
	publish(t, b, packet.VP8, mediator)
	viewers := make([]*peer.Viewer, 5)
	for i := range viewers {
		viewers[i], _ = view(t, b, five())
	}
	allGrow(t, viewers, 10)
	publish(t, b, packet.H264, mediator)
	for _, v := range viewers {
		eventually(t, "H.264 takes over", func() bool { return v.Lines()[sfu.Camera].Codec == packet.H264 })
	}
	allGrow(t, viewers, 10)
	for _, v := range viewers {
		camera := v.Lines()[sfu.Camera]
		if len(camera.PayloadTypes) != 2 || !slices.Equal(camera.Codecs, []packet.Codec{packet.VP8, packet.H264}) {
			t.Errorf("camera line: payload types %v, codecs %v; want VP8 then H.264, each with its own", camera.PayloadTypes, camera.Codecs)
		}
		if camera.Gaps != 0 || camera.Backwards != 0 {
			t.Errorf("camera line: %d gaps, %d steps back in time; want one continuous stream", camera.Gaps, camera.Backwards)
		}
		if camera.Keyframes < 2 {
			t.Errorf("camera line: %d keyframes; want one for each source at least", camera.Keyframes)
		}
		for _, slot := range []sfu.Slot{sfu.Slides, sfu.GuestVoice, sfu.GuestCamera} {
			if n := v.Lines()[slot].Packets; n != 0 {
				t.Errorf("%s: %d packets; nobody feeds it", slot, n)
			}
		}
	}
}

func TestNothingLeavesBeforeSelectionAndAudience(t *testing.T) {
	t.Parallel() // it mostly waits
	e := newEngine(t)
	b := e.Open("room")
	_, source := publishUnselected(t, b, packet.VP8, mediator)
	v, _ := view(t, b, five())
	heard := func() bool { return source.Stats().Packets > 50 }
	eventually(t, "the publisher is heard", heard)
	if n := e.Stats().PacketsOut; n != 0 {
		t.Fatalf("%d packets left before the source was selected", n)
	}
	b.Select(sfu.Camera, source)
	b.Select(sfu.Voice, source)
	before := source.Stats().Packets
	eventually(t, "more is heard", func() bool { return source.Stats().Packets > before+50 })
	if n := e.Stats().PacketsOut; n != 0 {
		t.Fatalf("%d packets left before the audience was set", n)
	}
	onAir(b)
	grows(t, v, sfu.Camera, 5)
	grows(t, v, sfu.Voice, 5)
}

func TestGatesHoldAtOnce(t *testing.T) {
	t.Parallel() // it mostly waits
	b := newEngine(t).Open("room")
	onAir(b)
	_, source := publish(t, b, packet.VP8, mediator)
	inside, insideSub := view(t, b, five())
	outside, outsideSub := view(t, b, five())
	grows(t, inside, sfu.Camera, 3)
	grows(t, outside, sfu.Camera, 3)

	b.SetAudience(sfu.Camera, sfu.Only(insideSub.ID()))
	b.SetAudience(sfu.Voice, sfu.Nobody())
	sent := outsideSub.Stats().Packets
	grows(t, inside, sfu.Camera, 10)
	if n := outsideSub.Stats().Packets; n != sent {
		t.Errorf("%d packets went to a viewer behind closed gates", n-sent)
	}

	b.SetAudience(sfu.Camera, sfu.Except(insideSub.ID()))
	sent = insideSub.Stats().Packets
	grows(t, outside, sfu.Camera, 10)
	if n := insideSub.Stats().Packets; n != sent {
		t.Errorf("%d packets went to the viewer left out", n-sent)
	}
	if c := outside.Lines()[sfu.Camera]; c.Gaps != 0 || c.Backwards != 0 {
		t.Errorf("after a pause: %d gaps, %d steps back; want a continuous stream", c.Gaps, c.Backwards)
	}

	b.Select(sfu.Camera, nil)
	sent = outsideSub.Stats().Packets
	before := source.Stats().Packets
	eventually(t, "the source goes on", func() bool { return source.Stats().Packets > before+50 })
	if n := outsideSub.Stats().Packets; n != sent {
		t.Errorf("%d packets of a slot that nothing feeds", n-sent)
	}
}

func TestProgrammeCut(t *testing.T) {
	t.Parallel() // it mostly waits
	b := newEngine(t).Open("room")
	onAir(b)
	publish(t, b, packet.VP8, mediator)
	v, _ := view(t, b, sfu.SinkSpec{})
	picture := func() peer.Line { return v.Lines()[1] }
	moves := func(what string) {
		t.Helper()
		from := picture().Frames
		eventually(t, what, func() bool { return picture().Frames >= from+8 })
	}
	moves("the camera")
	_, guestSource := publish(t, b, packet.H264, guest)
	eventually(t, "the guest is cut in", func() bool { return picture().Codec == packet.H264 })
	moves("the guest")
	slidesPeer, _ := publish(t, b, packet.VP8, slides)
	eventually(t, "the slides are cut in", func() bool { return picture().Codec == packet.VP8 })
	moves("the slides")
	_ = slidesPeer.Close(context.Background())
	eventually(t, "back to the guest", func() bool { return picture().Codec == packet.H264 })
	moves("the guest again")
	guestSource.Close(sfu.ReasonDeleted)
	eventually(t, "back to the camera", func() bool { return picture().Codec == packet.VP8 })
	moves("the camera again")
	if l := picture(); l.Gaps != 0 || l.Backwards != 0 {
		t.Errorf("over four cuts: %d gaps, %d steps back; want a continuous stream", l.Gaps, l.Backwards)
	}
	if sound := v.Lines()[0]; sound.Frames == 0 {
		t.Error("no sound in the programme")
	}
}

func TestSinkGetsWhatEverybodyGets(t *testing.T) {
	b := newEngine(t).Open("room")
	b.SetAudience(sfu.Camera, sfu.Everyone())
	b.SetAudience(sfu.Voice, sfu.Only("somebody"))
	_, source := publish(t, b, packet.VP8, mediator)
	r := &recorder{}
	detach := b.Attach(r)
	eventually(t, "the sink is fed", func() bool { return r.got(sfu.Camera) > 20 })
	if n := r.got(sfu.Voice); n != 0 {
		t.Errorf("%d packets of a slot that is for one viewer", n)
	}
	detach()
	n := r.got(sfu.Camera)
	before := source.Stats().Packets
	eventually(t, "the source goes on", func() bool { return source.Stats().Packets > before+20 })
	if r.got(sfu.Camera) != n || !r.ended {
		t.Errorf("after detach: %d packets more, ended %v", r.got(sfu.Camera)-n, r.ended)
	}
}

func TestASlowSinkDelaysNobody(t *testing.T) {
	b := newEngine(t).Open("room")
	onAir(b)
	publish(t, b, packet.VP8, mediator)
	blocked := &blocker{until: make(chan struct{})}
	detach := b.Attach(blocked)
	v, _ := view(t, b, five())
	grows(t, v, sfu.Camera, 30)
	b.SetAudience(sfu.Camera, sfu.Everyone()) // a gate does not wait for it either
	if l := v.Lines()[sfu.Camera]; l.Gaps != 0 {
		t.Errorf("%d gaps at a viewer beside a blocked sink", l.Gaps)
	}
	close(blocked.until)
	detach()
}

type blocker struct{ until chan struct{} }

func (b *blocker) WritePackets(sfu.Slot, sfu.Layer, []packet.Packet) { <-b.until }
func (b *blocker) End(error)                                         {}

func TestAStormOfKeyframeRequestsIsOne(t *testing.T) {
	b := newEngine(t).Open("room")
	onAir(b)
	p, source := publish(t, b, packet.VP8, mediator)
	v, _ := view(t, b, five())
	grows(t, v, sfu.Camera, 3)
	began := time.Now()
	before := source.Stats().KeyframeRequests
	for range 200 {
		if err := v.AskKeyframe(int(sfu.Camera)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Millisecond) // the storm has to last
	}
	eventually(t, "a keyframe is asked", func() bool { return source.Stats().KeyframeRequests > before })
	asked := source.Stats().KeyframeRequests - before
	if limit := uint64(time.Since(began)/(500*time.Millisecond)) + 1; asked > limit {
		t.Errorf("%d keyframe requests for a storm of 200; at most %d fit in the time", asked, limit)
	}
	keys := v.Lines()[sfu.Camera].Keyframes
	eventually(t, "the keyframe comes", func() bool { return v.Lines()[sfu.Camera].Keyframes > keys || p.KeyframeRequests() > 1 })
}

func TestClosingLeavesNothing(t *testing.T) {
	before := runtime.NumGoroutine()
	e, err := sfu.New(sfu.Config{Media: ":0"})
	if err != nil {
		t.Fatal(err)
	}
	b := e.Open("room")
	onAir(b)
	p, source := publish(t, b, packet.VP8, mediator)
	v, sub := view(t, b, five())
	other, otherSub := view(t, b, sfu.SinkSpec{})
	grows(t, v, sfu.Camera, 5)

	otherSub.Close(sfu.ReasonDeleted)
	if got := otherSub.Reason(); got != sfu.ReasonDeleted {
		t.Errorf("reason %q, want deleted", got)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	for name, done := range map[string]<-chan struct{}{"source": source.Done(), "viewer": sub.Done()} {
		select {
		case <-done:
		default:
			t.Errorf("the %s lives after Close", name)
		}
	}
	if got := source.Reason(); got != sfu.ReasonShutdown {
		t.Errorf("reason %q, want shutdown", got)
	}
	if _, _, err := b.Subscribe(context.Background(), "v=0", sfu.SinkSpec{}); err == nil {
		t.Error("a closed engine takes viewers")
	}
	_, _, _ = p.Close(context.Background()), v.Close(context.Background()), other.Close(context.Background())
	eventually(t, "all goroutines are gone", func() bool { return runtime.NumGoroutine() <= before })
}

func TestGoodbyeIsHeardAtOnce(t *testing.T) {
	b := newEngine(t).Open("room")
	onAir(b)
	p, source := publish(t, b, packet.VP8, mediator)
	v, sub := view(t, b, five())
	grows(t, v, sfu.Camera, 2)
	_ = v.Close(context.Background())
	<-sub.Done()
	if sub.Reason() != sfu.ReasonClosed {
		t.Errorf("viewer ended as %q, want closed", sub.Reason())
	}
	_ = p.Close(context.Background())
	<-source.Done()
	if source.Reason() != sfu.ReasonClosed || b.Selected(sfu.Camera) != nil {
		t.Errorf("publisher ended as %q, camera still selected: %v", source.Reason(), b.Selected(sfu.Camera) != nil)
	}
	eventually(t, "the broadcast is empty", func() bool { return len(b.Sources())+len(b.Subscriptions()) == 0 })
}

func TestReady(t *testing.T) {
	e, err := sfu.New(sfu.Config{Media: ":0"})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Ready(patience(t)); err != nil {
		t.Errorf("a fresh engine: %v", err)
	}
	_ = e.Close()
	if err := e.Ready(patience(t)); err == nil {
		t.Error("a closed engine says it is ready")
	}
}

func TestAPortAlreadyTaken(t *testing.T) {
	e := newEngine(t)
	taken := sfu.Config{Media: strings.Replace(":PORT", "PORT", itoa(e.Port()), 1)}
	if second, err := sfu.New(taken); err == nil {
		_ = second.Close()
		t.Fatal("two engines on one port")
	}
}

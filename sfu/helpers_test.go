package sfu_test

import (
	"context"
	"net/netip"
	"strconv"
	"sync"
	"testing"
	"time"

	"antenne/sfu"
	"antenne/sfu/packet"
	"antenne/sfu/peer"
)

var loopback = netip.MustParseAddr("127.0.0.1")

// patient is an engine whose machine is busy with tests: being late is no load.
var patient = sfu.Limits{Late: time.Hour}

func newEngine(t *testing.T) *sfu.Engine {
	t.Helper()
	e, err := sfu.New(sfu.Config{Media: ":0", Limits: patient})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		noDataEver(t, e)
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// noDataEver: CVE-2026-26014 needs DTLS application records; there are none.
func noDataEver(t *testing.T, e *sfu.Engine) {
	t.Helper()
	if s := e.Stats(); s.ApplicationIn+s.ApplicationOut != 0 {
		t.Errorf("DTLS application records: %d in, %d out; want none", s.ApplicationIn, s.ApplicationOut)
	}
}

func onAir(b *sfu.Broadcast) {
	for _, slot := range sfu.Slots() {
		b.SetAudience(slot, sfu.Everyone())
	}
}

func patience(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// eventually polls until ok, with a generous deadline.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("never happened: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

var mediator = sfu.SourceSpec{Audio: sfu.Voice, Video: sfu.Camera, Remote: loopback}
var guest = sfu.SourceSpec{Audio: sfu.GuestVoice, Video: sfu.GuestCamera, Remote: loopback}
var slides = sfu.SourceSpec{Video: sfu.Slides, Silent: true, Remote: loopback}

// publish connects a publisher and selects it for its slots.
func publish(t *testing.T, b *sfu.Broadcast, codec packet.Codec, spec sfu.SourceSpec) (*peer.Publisher, *sfu.Source) {
	t.Helper()
	p, s := publishUnselected(t, b, codec, spec)
	for _, slot := range s.Slots() {
		b.Select(slot, s)
	}
	return p, s
}

func publishUnselected(t *testing.T, b *sfu.Broadcast, codec packet.Codec, spec sfu.SourceSpec) (*peer.Publisher, *sfu.Source) {
	t.Helper()
	var source *sfu.Source
	p, err := peer.Publish(patience(t), peer.Direct(func(o sfu.Offer) (sfu.Answer, error) {
		a, s, err := b.Publish(context.Background(), o, spec)
		source = s
		return a, err
	}), peer.Media{Video: codec, WithAudio: !spec.Silent})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Leave() })
	return p, source
}

func view(t *testing.T, b *sfu.Broadcast, spec sfu.SinkSpec) (*peer.Viewer, *sfu.Subscription) {
	t.Helper()
	spec.Remote = loopback
	var sub *sfu.Subscription
	v, err := peer.View(patience(t), peer.Direct(func(o sfu.Offer) (sfu.Answer, error) {
		a, s, err := b.Subscribe(context.Background(), o, spec)
		sub = s
		return a, err
	}), peer.Want{Five: spec.Five})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Leave() })
	return v, sub
}

func five() sfu.SinkSpec { return sfu.SinkSpec{Five: true, OnlyAEAD: true} }

// frames is the number of complete frames of one line.
func frames(v *peer.Viewer, line sfu.Slot) uint64 { return v.Lines()[line].Frames }

// grows waits until a line has n complete frames more than now.
func grows(t *testing.T, v *peer.Viewer, line sfu.Slot, n uint64) {
	t.Helper()
	from := frames(v, line)
	eventually(t, "line "+line.String()+" moves", func() bool { return frames(v, line) >= from+n })
}

// allGrow waits until sound and picture of each have n complete frames more than
// now.
func allGrow(t *testing.T, viewers []*peer.Viewer, n uint64) {
	t.Helper()
	for _, line := range []sfu.Slot{sfu.Camera, sfu.Voice} {
		from := make([]uint64, len(viewers))
		for i, v := range viewers {
			from[i] = frames(v, line)
		}
		for i, v := range viewers {
			eventually(t, "line "+line.String()+" moves", func() bool { return frames(v, line) >= from[i]+n })
		}
	}
}

// recorder is a Sink that counts.
type recorder struct {
	mu      sync.Mutex
	packets map[sfu.Slot]int
	ended   bool
}

func (r *recorder) WritePackets(slot sfu.Slot, _ sfu.Layer, p []packet.Packet) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.packets == nil {
		r.packets = map[sfu.Slot]int{}
	}
	r.packets[slot] += len(p)
}

func (r *recorder) End(error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
}

func (r *recorder) got(slot sfu.Slot) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.packets[slot]
}

func itoa(n int) string { return strconv.Itoa(n) }

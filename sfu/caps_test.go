package sfu

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"antenne/sfu/packet"
)

// cappedSource is a source without a connection, under the default limits.
func cappedSource() *Source {
	engine := &Engine{timing: productionTiming(), limits: Limits{}.withDefaults(), stop: make(chan struct{})}
	b := newBroadcast(engine, "room")
	s := &Source{session: &session{engine: engine, life: newLife(), onEnd: func() {}}, broadcast: b}
	s.cap.limit(engine.limits)
	return s
}

func cappedEncoding(s *Source, slot Slot, layer Layer) *encoding {
	e := &encoding{source: s, slot: slot, layer: layer, ring: packet.NewRing(videoRing), codecs: map[uint8]packet.Codec{96: packet.VP8, 111: packet.Opus}}
	e.cap.limit(s.engine.limits, slot.IsAudio())
	return e
}

// rtpOf is an RTP packet of that size with a VP8 payload.
func rtpOf(size int, seq uint16, timestamp uint32, start bool) []byte {
	b := make([]byte, size)
	b[0], b[1] = 0x80, 96
	binary.BigEndian.PutUint16(b[2:], seq)
	binary.BigEndian.PutUint32(b[4:], timestamp)
	if start {
		b[12] = 0x10
	}
	b[13] = 1 // not a keyframe
	return b
}

// feeding is an encoding that gets frames of a bitrate.
type feeding struct {
	*encoding
	bits float64
	size int
}

// stream feeds encodings side by side for a while, and gives how many packets
// were taken and how many were sent.
func stream(from time.Time, lasts time.Duration, all ...feeding) (taken, sent uint64) {
	const fps = 30
	for f := range int(lasts.Seconds() * fps) {
		at := from.Add(time.Duration(f) * time.Second / fps)
		for _, e := range all {
			for i := range max(1, int(e.bits/8/fps/float64(e.size))) {
				before := e.packets.Load()
				e.take(rtpOf(e.size, uint16(sent), uint32(f*3000), i == 0), at.Add(time.Duration(i)*time.Millisecond/10))
				taken += e.packets.Load() - before
				sent++
			}
		}
	}
	return taken, sent
}

func excessDrops(e *Engine) (n uint64) {
	for r := dropTooLarge; r <= dropTooMany; r++ {
		n += e.count.drops[r].Load()
	}
	return n
}

// What a browser or an encoder of a class sends passes whole, at any hour:
// three layers at their highest, a sound, a keyframe of slides of half a
// megabyte at once.
func TestAClassFitsItsCaps(t *testing.T) {
	s := cappedSource()
	start := startOfTime.Add(time.Hour)
	taken, sent := stream(start, 20*time.Second,
		feeding{cappedEncoding(s, Camera, High), 2.5e6, 1100}, feeding{cappedEncoding(s, Camera, Mid), 6e5, 1100},
		feeding{cappedEncoding(s, Camera, Low), 2e5, 1100})
	if taken != sent {
		t.Errorf("%d of %d packets taken: %v", taken, sent, drops(s.engine))
	}
	slides := cappedEncoding(cappedSource(), Slides, High)
	for i := range uint16(500_000 / 1200) { // one keyframe in an instant
		slides.take(rtpOf(1200, i, 1, i == 0), start)
	}
	if n := excessDrops(slides.source.engine); n != 0 {
		t.Errorf("%d packets of a large keyframe dropped", n)
	}
	if s.hasEnded() || slides.source.hasEnded() {
		t.Error("a well-behaved publisher was cut")
	}
}

func drops(e *Engine) map[string]uint64 {
	all := map[string]uint64{}
	for r := range e.count.drops {
		if n := e.count.drops[r].Load(); n > 0 {
			all[dropNames[r]] = n
		}
	}
	return all
}

func TestExcessIsDroppedThenCut(t *testing.T) {
	for name, c := range map[string]struct {
		bits  float64
		size  int
		lasts time.Duration
		drops dropReason
		cut   string // "" for none
	}{
		"a little over for a moment":    {5e6, 1200, 6 * time.Second, 0, ""},
		"20 Mbit/s for a moment":        {20e6, 1200, 5 * time.Second, dropLayerRate, ""},
		"20 Mbit/s and on":              {20e6, 1200, 14 * time.Second, dropLayerRate, ReasonTooFast},
		"5,000 packets a second":        {5000 * 8 * 60, 60, 14 * time.Second, dropPacketRate, ReasonTooFast},
		"datagrams of no Ethernet":      {1e6, 1461, 14 * time.Second, dropTooLarge, ReasonTooLarge},
		"datagrams that just fit":       {1e6, 1460, 14 * time.Second, 0, ""},
		"a large datagram now and then": {1e6, 1461, 3 * time.Second, dropTooLarge, ""},
	} {
		s := cappedSource()
		taken, sent := stream(startOfTime.Add(time.Minute), c.lasts, feeding{cappedEncoding(s, Camera, High), c.bits, c.size})
		if s.Reason() != c.cut {
			t.Errorf("%s: ended as %q, want %q", name, s.Reason(), c.cut)
		}
		if dropped := excessDrops(s.engine); dropped != sent-taken {
			t.Errorf("%s: %d of %d taken, %d drops counted: %v", name, taken, sent, dropped, drops(s.engine))
		}
		if c.drops == 0 && taken != sent {
			t.Errorf("%s: %v", name, drops(s.engine))
		}
		if c.drops != 0 && s.engine.count.drops[c.drops].Load() == 0 {
			t.Errorf("%s: no drop named %s: %v", name, dropNames[c.drops], drops(s.engine))
		}
	}
}

// A whole source is bounded though each of its layers keeps to its own bound,
// whichever reader comes first.
func TestTheLayersOfASourceShareItsRate(t *testing.T) {
	s := cappedSource()
	start := startOfTime.Add(time.Minute)
	encodings := []*encoding{cappedEncoding(s, Camera, High), cappedEncoding(s, Camera, Mid), cappedEncoding(s, Camera, Low)}
	var wait sync.WaitGroup
	for _, e := range encodings {
		wait.Go(func() { stream(start, 9*time.Second, feeding{e, 3.9e6, 1200}) })
	}
	wait.Wait()
	var bytes uint64
	for _, e := range encodings {
		bytes += e.bytes.Load()
	}
	if rate := float64(bytes) * 8 / 9; rate > 8e6*(1+2.0/9) {
		t.Errorf("%.1f Mbit/s of three layers taken, want 8 and its depth at most", rate/1e6)
	}
	if s.engine.count.drops[dropSourceRate].Load() == 0 {
		t.Errorf("nothing dropped by the source's own rate: %v", drops(s.engine))
	}
}

// Of a frame of which something was dropped nothing more comes in; the next one
// may.
func TestExcessIsDroppedToTheEndOfTheFrame(t *testing.T) {
	var s sourceCap
	s.limit(Limits{}.withDefaults())
	var c encodingCap
	c.bits.limit(8*1000, time.Second) // one packet of 1,000 bytes a second
	if _, ok := c.fits(&s, 1000, 7, 0); !ok {
		t.Fatal("the first packet does not fit")
	}
	if reason, ok := c.fits(&s, 1000, 7, 1); ok || reason != dropLayerRate {
		t.Fatalf("the second: %v %s", ok, dropNames[reason])
	}
	if reason, ok := c.fits(&s, 1, 7, int64(5*time.Second)); ok || reason != dropRestOfFrame {
		t.Errorf("the rest of the frame, with room again: %v %s", ok, dropNames[reason])
	}
	if _, ok := c.fits(&s, 1000, 8, int64(5*time.Second)); !ok {
		t.Error("the next frame does not fit")
	}
}

// Whatever comes when, no more passes in any stretch of time than the rate and
// the depth allow.
func TestAFlowNeverGivesMoreThanItsRate(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		rate, depth := 1000+random.Float64()*1e7, time.Duration(1+random.IntN(3000))*time.Millisecond
		var f flow
		f.limit(rate, depth)
		now, first, passed := int64(random.IntN(1e9)), int64(0), 0.0
		first = now
		for range 2000 {
			now += int64(random.ExpFloat64() * 1e6)
			n := 8 * float64(1+random.IntN(1500))
			if f.take(n, now) {
				passed += n
				if random.IntN(4) == 0 {
					f.give(n)
					passed -= n
				}
			}
		}
		most := rate * (time.Duration(now-first).Seconds() + depth.Seconds())
		if passed > most*1.001+2000*rate*1e-9 { // a cost is cut to whole nanoseconds
			t.Fatalf("%.0f units passed, want at most %.0f", passed, most)
		}
	}
}

func TestACapCostsNothing(t *testing.T) {
	e := cappedEncoding(cappedSource(), Camera, High)
	at := startOfTime.Add(time.Minute)
	n := testing.AllocsPerRun(1000, func() {
		at = at.Add(10 * time.Millisecond)
		e.fits(1200, uint32(at.Sub(startOfTime)), at)
	})
	if n != 0 {
		t.Errorf("%v allocations for a packet", n)
	}
}

func TestASourceHasFewEncodings(t *testing.T) {
	s := cappedSource()
	for i := range mostEncodings {
		if !s.mayAdd() {
			t.Fatalf("encoding %d refused", i+1)
		}
	}
	if s.mayAdd() || s.Reason() != ReasonTooMany {
		t.Errorf("one more than %d: ended as %q", mostEncodings, s.Reason())
	}
	b := s.broadcast
	for range mostSources {
		if err := b.hasRoomForSource(); err != nil {
			t.Fatal(err)
		}
		b.sources[newSessionID()] = nil
	}
	if err := b.hasRoomForSource(); CodeOf(err) != CodeSourcesFull {
		t.Errorf("the %dth publisher: %v", mostSources+1, err)
	}
}

// Sound is bounded too, above all that Opus can be.
func TestASoundHasItsOwnRate(t *testing.T) {
	e := cappedEncoding(cappedSource(), Voice, High)
	at := startOfTime.Add(time.Minute)
	for i := range 60 * 50 { // a minute at 510 kbit/s
		if !e.fits(12+510_000/50/8, uint32(960*i), at.Add(time.Duration(i)*20*time.Millisecond)) {
			t.Fatalf("packet %d of the best Opus dropped: %v", i, drops(e.source.engine))
		}
	}
	for i := range 2000 {
		e.fits(1200, uint32(i), at)
	}
	if e.source.engine.count.drops[dropLayerRate].Load() == 0 {
		t.Error("a flood of sound passes")
	}
}

func BenchmarkCap(b *testing.B) {
	e := cappedEncoding(cappedSource(), Camera, High)
	at := startOfTime.Add(time.Minute)
	b.ReportAllocs()
	for b.Loop() {
		at = at.Add(10 * time.Millisecond)
		e.fits(1200, uint32(at.Sub(startOfTime)), at)
	}
}

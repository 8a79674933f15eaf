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
func cappedSource() *Source { return sourceCappedAt(Rates{}) }

func sourceCappedAt(most Rates) *Source {
	engine := &Engine{timing: productionTiming(), limits: Limits{}.withDefaults(), stop: make(chan struct{})}
	b := newBroadcast(engine, "room")
	s := &Source{session: &session{engine: engine, life: newLife(), onEnd: func() {}}, broadcast: b, spec: SourceSpec{Most: most}}
	s.cap.limit(engine.limits.of(most))
	return s
}

func cappedEncoding(s *Source, slot Slot, layer Layer) *encoding {
	e := &encoding{source: s, slot: slot, layer: layer, ring: packet.NewRing(videoRing), codecs: map[uint8]packet.Codec{96: packet.VP8, 111: packet.Opus}}
	e.cap.limit(s.engine.limits.of(s.spec.Most), slot.IsAudio())
	e.keyframes.send = func() {}
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

// Of what leans on something dropped nothing comes in; the next keyframe may.
func TestExcessIsDroppedUpToAKeyframe(t *testing.T) {
	var s sourceCap
	s.limit(Limits{}.withDefaults().of(Rates{}))
	var c encodingCap
	c.bits.limit(8*1000, time.Second) // one packet of 1,000 bytes a second
	for i, step := range []struct {
		after time.Duration
		size  int
		entry bool
		want  dropReason
		ok    bool
	}{
		{0, 1000, false, 0, true},
		{1, 1000, false, dropLayerRate, false},
		{5 * time.Second, 500, false, dropUntilKeyframe, false},
		{5 * time.Second, 501, true, dropLayerRate, false}, // what was dropped is paid for
		{6 * time.Second, 500, true, 0, true},
		{6 * time.Second, 400, false, 0, true},
		{7 * time.Second, largestPacket + 1, true, dropTooLarge, false},
		{8 * time.Second, 100, false, dropUntilKeyframe, false},
		{8 * time.Second, 100, true, 0, true},
	} {
		if reason, ok := c.fits(&s, step.size, step.entry, int64(step.after)); ok != step.ok || reason != step.want {
			t.Errorf("step %d: %v for %s, want %v for %s", i, ok, dropNames[reason], step.ok, dropNames[step.want])
		}
	}
}

// A viewer must not ask for ever for what never came in: however much is
// dropped, the hole in the row is one packet, and there only where a frame is
// torn.
func TestWhatIsDroppedLeavesOneHole(t *testing.T) {
	e := cappedEncoding(cappedSource(), Camera, High)
	at := startOfTime.Add(time.Minute)
	seq, frame := uint16(65000), uint32(0)
	send := func(n int, key bool) {
		frame++
		for i := range n {
			b := rtpOf(1200, seq, frame*3000, i == 0)
			if key && i == 0 {
				b[13] = 0
			}
			seq++
			e.take(b, at)
		}
	}
	send(2000, true) // 2.4 MB at once: about 800 kB of it may come in
	at = at.Add(10 * time.Second)
	send(10, false) // leans on what was dropped
	send(10, true)
	if n := e.source.engine.count.drops[dropUntilKeyframe].Load(); n != 10 {
		t.Errorf("%d packets dropped for want of a keyframe, want 10", n)
	}
	holes, stored, last := 0, 0, uint64(0)
	for index := uint64(1); stored < int(e.packets.Load()) && index < 1<<20; index++ {
		p := e.ring.Get(index + 65000 - 1)
		if p == nil {
			continue
		}
		if last != 0 && p.Index != last+1 {
			holes += int(p.Index - last - 1)
		}
		last = p.Index
		stored++
	}
	whole := cappedEncoding(e.source, Camera, High)
	for i := range uint16(3000) { // frames of one packet
		b := rtpOf(1200, 1000+i, uint32(i)*3000, true)
		b[13] = 0
		whole.take(b, at)
	}
	if n := whole.packets.Load(); n == 0 || n == 3000 || whole.ring.Get(1<<16+1000+n-1) == nil {
		t.Errorf("%d of 3,000 one-packet frames taken, and their row has a hole", n)
	}
	if stored != int(e.packets.Load()) || holes != 1 {
		t.Errorf("%d of %d packets found, %d holes in their row, want one", stored, e.packets.Load(), holes)
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
	raw := packet.Raw{Payload: []byte{0x10, 1, 0, 0}}
	n := testing.AllocsPerRun(1000, func() {
		at = at.Add(10 * time.Millisecond)
		raw.Timestamp = uint32(at.Sub(startOfTime))
		e.fits(1200, &raw, packet.VP8, at)
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
		raw := packet.Raw{Payload: make([]byte, 1275), Sequence: uint16(i)}
		if !e.fits(12+510_000/50/8, &raw, packet.Opus, at.Add(time.Duration(i)*20*time.Millisecond)) {
			t.Fatalf("packet %d of the best Opus dropped: %v", i, drops(e.source.engine))
		}
	}
	for i := range 2000 {
		e.fits(1200, &packet.Raw{Payload: []byte{1}, Sequence: uint16(i)}, packet.Opus, at)
	}
	if e.source.engine.count.drops[dropLayerRate].Load() == 0 {
		t.Error("a flood of sound passes")
	}
}

func BenchmarkCap(b *testing.B) {
	e := cappedEncoding(cappedSource(), Camera, High)
	at := startOfTime.Add(time.Minute)
	raw := packet.Raw{Payload: []byte{0x10, 1, 0, 0}}
	b.ReportAllocs()
	for b.Loop() {
		at = at.Add(10 * time.Millisecond)
		raw.Timestamp = uint32(at.Sub(startOfTime))
		e.fits(1200, &raw, packet.VP8, at)
	}
}

// A publisher that was given less than others is held to it, in sound and in
// picture; nobody is given more than the engine takes.
func TestASourceHasBoundsOfItsOwn(t *testing.T) {
	own := Rates{Voice: 128e3, Layer: 1e6, Source: 1.5e6}
	for name, c := range map[string]struct {
		most  Rates
		slots []Slot
		bits  []float64
		size  int
		drops dropReason
		cut   string
	}{
		"a voice and a small picture":       {own, []Slot{GuestVoice, GuestCamera, GuestCamera}, []float64{64e3, 9e4, 5e5}, 150, 0, ""},
		"a voice that is music in stereo":   {own, []Slot{GuestVoice}, []float64{5e5}, 600, dropLayerRate, ReasonTooFast},
		"a picture as the mediator's":       {own, []Slot{GuestCamera}, []float64{3e6}, 1200, dropLayerRate, ReasonTooFast},
		"layers that are too many together": {own, []Slot{GuestCamera, GuestCamera, GuestCamera}, []float64{9e5, 9e5, 9e5}, 1200, dropSourceRate, ReasonTooFast},
		"more than the engine takes":        {Rates{Layer: 1e9, Source: 1e9}, []Slot{Camera}, []float64{20e6}, 1200, dropLayerRate, ReasonTooFast},
		"the same voice of a mediator":      {Rates{}, []Slot{Voice}, []float64{5e5}, 600, 0, ""},
	} {
		s := sourceCappedAt(c.most)
		var all []feeding
		for i, slot := range c.slots {
			all = append(all, feeding{cappedEncoding(s, slot, Layer(i)), c.bits[i], c.size})
		}
		taken, sent := stream(startOfTime.Add(time.Minute), 14*time.Second, all...)
		if s.Reason() != c.cut {
			t.Errorf("%s: ended as %q, want %q", name, s.Reason(), c.cut)
		}
		if c.drops == 0 && taken != sent || c.drops != 0 && s.engine.count.drops[c.drops].Load() == 0 {
			t.Errorf("%s: %d of %d taken, %v", name, taken, sent, drops(s.engine))
		}
	}
}

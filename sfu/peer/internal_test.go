package peer

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"antenne/sfu"
	"antenne/sfu/packet"
)

// stream makes packets of VP8 as a teacher sends them.
type stream struct {
	t   *testing.T
	all []*rtp.Packet
}

func streamOf(t *testing.T, name string, layer, frames int) *stream {
	t.Helper()
	l, err := loadLecture(name)
	if err != nil {
		t.Fatal(err)
	}
	s := &stream{t: t}
	one := turn{loop: l.loops[layer], sequence: 65000, shift: 1<<32 - 100_000, base: time.Unix(1000, 0)}
	for range frames {
		s.add(&one, false)
	}
	return s
}

func (s *stream) add(one *turn, restart bool) {
	if restart {
		one.restart(true)
	}
	f := one.next(true, 0)
	for i := range f.frame.packets {
		s.all = append(s.all, &rtp.Packet{
			Header: rtp.Header{Version: 2, PayloadType: 96, SSRC: 7, Marker: f.frame.packets[i].marker,
				SequenceNumber: f.sequence + uint16(i), Timestamp: f.time},
			Payload: f.payload(i),
		})
	}
}

// TestALoopIsSeamless reads a teacher's stream over several ends of its loop
// and jumps to its keyframe as a server does: all numbers run on.
func TestALoopIsSeamless(t *testing.T) {
	for _, name := range recordings() {
		l, err := loadLecture(name)
		if err != nil {
			t.Fatal(err)
		}
		for layer, loop := range l.loops {
			one := turn{loop: loop, sequence: 65000, shift: 1<<32 - 100_000, base: time.Unix(1000, 0)}
			s := &stream{t: t}
			dice := rand.New(rand.NewPCG(1, uint64(layer)))
			last := one.base.Add(-time.Millisecond)
			for range 3 * len(loop.frames) {
				if due := one.due(true); due.Before(last) {
					t.Fatalf("%s %d: due %v after %v", name, layer, due, last)
				} else {
					last = due
				}
				s.add(&one, layer > 0 && dice.IntN(50) == 0)
			}
			s.check(name, layer, loop)
		}
	}
}

func (s *stream) check(name string, layer int, loop *loop) {
	s.t.Helper()
	var sniffer packet.Sniffer
	var last packet.Packet
	var tl0 uint8
	keys := 0
	for i, p := range s.all {
		b, err := p.Marshal()
		if err != nil {
			s.t.Fatal(err)
		}
		raw, err := packet.Parse(b)
		if err != nil {
			s.t.Fatal(err)
		}
		q, ok := sniffer.Sniff(&raw, loop.codec, time.Now())
		if !ok {
			s.t.Fatalf("%s %d: packet %d cannot be read", name, layer, i)
		}
		if q.Keyframe {
			keys++
		}
		if i > 0 {
			s.follows(name, layer, loop, &last, &q, tl0)
		}
		if loop.codec == packet.VP8 && q.Start && q.VP8.TL0At != 0 {
			tl0 = q.VP8.TL0PICIDX
		}
		last = q
	}
	if loop.codec.Video() && keys < 3 {
		s.t.Errorf("%s %d: %d keyframes in three turns", name, layer, keys)
	}
}

func (s *stream) follows(name string, layer int, loop *loop, last, q *packet.Packet, tl0 uint8) {
	s.t.Helper()
	if q.Index != last.Index+1 {
		s.t.Fatalf("%s %d: %d follows %d", name, layer, q.Index, last.Index)
	}
	step := int32(q.Timestamp - last.Timestamp)
	fresh := last.Marker || loop.codec == packet.Opus
	if most := int32(loop.codec.ClockRate()); fresh && (step <= 0 || step > most) || !fresh && step != 0 {
		s.t.Fatalf("%s %d: %d ticks after a packet with marker %t", name, layer, step, last.Marker)
	}
	if loop.codec != packet.VP8 || !q.Start {
		return
	}
	if q.VP8.PictureID != (last.VP8.PictureID+1)&0x7fff {
		s.t.Fatalf("%s %d: picture %d follows %d", name, layer, q.VP8.PictureID, last.VP8.PictureID)
	}
	if base := q.VP8.TID == 0; q.VP8.TL0At != 0 && (base && q.VP8.TL0PICIDX != tl0+1 || !base && q.VP8.TL0PICIDX != tl0) {
		s.t.Fatalf("%s %d: TL0PICIDX %d of layer %d follows %d", name, layer, q.VP8.TL0PICIDX, q.VP8.TID, tl0)
	}
}

// receive plays packets to a viewer's reception: drop says what is lost, and
// whether it may be asked again; each packet takes 5 ms.
func receive(s *stream, codec packet.Codec, drop func(i int) (lost, again bool)) (*reception, Counts, []frame) {
	r := &reception{ssrc: 7, asks: true}
	var c Counts
	var shown []frame
	now := int64(1e9)
	type due struct {
		at int64
		p  *rtp.Packet
	}
	var repairs []due
	lostForGood := map[uint16]bool{}
	take := func(p *rtp.Packet, again bool) {
		a := arrival{codec: codec, sequence: p.SequenceNumber, timestamp: p.Timestamp, marker: p.Marker, again: again, at: now, payload: p.Payload, size: 12 + len(p.Payload)}
		r.take(&a, &c)
		r.advance(now, &c, func(f *frame) { shown = append(shown, *f) })
	}
	bySequence := map[uint16]*rtp.Packet{}
	step := func() {
		now += int64(5 * time.Millisecond)
		for len(repairs) > 0 && repairs[0].at <= now {
			take(repairs[0].p, true)
			repairs = repairs[1:]
		}
		for _, seq := range r.wanted(now, 30*time.Millisecond, nil, &c) {
			if p := bySequence[seq]; p != nil && !lostForGood[seq] {
				repairs = append(repairs, due{now + int64(30*time.Millisecond), p})
			}
		}
		r.advance(now, &c, func(f *frame) { shown = append(shown, *f) })
	}
	for i, p := range s.all {
		bySequence[p.SequenceNumber] = p
		lost, again := drop(i)
		if !lost {
			take(p, false)
		} else if !again {
			lostForGood[p.SequenceNumber] = true
		}
		step()
	}
	for range 400 {
		step()
	}
	return r, c, shown
}

func TestAPerfectLineShowsEverything(t *testing.T) {
	for _, name := range recordings() {
		l, err := loadLecture(name)
		if err != nil {
			t.Fatal(err)
		}
		for layer := 1; layer < len(l.loops); layer++ {
			s := streamOf(t, name, layer, 150)
			_, c, shown := receive(s, l.codec, func(int) (bool, bool) { return false, false })
			if len(shown) != 150 || c.Frames != 150 || c.FramesLost+c.Missing+c.Asked+c.Duplicates != 0 {
				t.Errorf("%s %d: %d shown: %+v", name, layer, len(shown), c)
			}
		}
	}
}

func TestWhatIsLostIsRepaired(t *testing.T) {
	for _, name := range recordings() {
		l, err := loadLecture(name)
		if err != nil {
			t.Fatal(err)
		}
		s := streamOf(t, name, 1, 150)
		dice := rand.New(rand.NewPCG(3, 4))
		lost := 0
		_, c, shown := receive(s, l.codec, func(i int) (bool, bool) {
			gone := i > 0 && i < len(s.all)-1 && dice.IntN(10) == 0
			if gone {
				lost++
			}
			return gone, true
		})
		if len(shown) != 150 || c.FramesLost != 0 || c.Missing != 0 {
			t.Errorf("%s: %d shown of 150: %+v", name, len(shown), c)
		}
		if c.Repaired != uint64(lost) || c.Packets != uint64(len(s.all)) {
			t.Errorf("%s: %d lost: %+v", name, lost, c)
		}
	}
}

// TestTemporalLayersSurviveLoss: a lost frame of an upper layer costs itself
// and what refers to it; the base layer goes on without a keyframe.
func TestTemporalLayersSurviveLoss(t *testing.T) {
	s := streamOf(t, "vp8-simulcast", 1, 110)
	victim := -1
	for i, p := range s.all {
		if h, ok := packet.ParseVP8(p.Payload); ok && i > 200 && h.StartFrame && h.TID == 2 {
			victim = i
			break
		}
	}
	if victim < 0 {
		t.Fatal("the recording has no third temporal layer")
	}
	r, c, shown := receive(s, packet.VP8, func(i int) (bool, bool) { return i == victim, false })
	if c.FramesLost == 0 || c.FramesLost > 60 || len(shown) < 50 || r.needsKey || r.pictures.next == 0 {
		t.Errorf("%d shown, needs a keyframe %t: %+v", len(shown), r.needsKey, c)
	}
	last := shown[len(shown)-1]
	if uint16(last.last) != s.all[len(s.all)-1].SequenceNumber {
		t.Errorf("the last frame was not shown: stands at %d", uint16(last.last))
	}
}

// TestALostFrameWithoutLayersNeedsAKeyframe, and is well again with one.
func TestALostFrameWithoutLayersNeedsAKeyframe(t *testing.T) {
	for name, codec := range map[string]packet.Codec{"vp8-single": packet.VP8, "h264-simulcast": packet.H264} {
		s := streamOf(t, name, 1, 100)
		r, c, shown := receive(s, codec, func(i int) (bool, bool) { return i == 300, false })
		if !r.needsKey || c.FramesLost == 0 || len(shown) > 99 {
			t.Errorf("%s: %d shown, needs a keyframe %t: %+v", name, len(shown), r.needsKey, c)
		}
		s = streamOf(t, name, 1, 200) // the loop's next turn begins with one
		_, c, again := receive(s, codec, func(i int) (bool, bool) { return i == 300, false })
		if len(again) <= len(shown) || int(c.FramesLost)+len(again) != 200 {
			t.Errorf("%s: %d shown, %d lost, want 200 in all", name, len(again), c.FramesLost)
		}
	}
}

func TestDuplicatesAndReorder(t *testing.T) {
	s := streamOf(t, "vp8-single", 1, 60)
	twice := &stream{t: t}
	for i := range s.all { // each pair swapped, and each third packet twice
		twice.all = append(twice.all, s.all[swapped(i, len(s.all))])
		if i%3 == 0 {
			twice.all = append(twice.all, twice.all[len(twice.all)-1])
		}
	}
	_, c, shown := receive(twice, packet.VP8, func(int) (bool, bool) { return false, false })
	if c.Packets != uint64(len(s.all)) || c.Duplicates < uint64(len(s.all)/3) || c.Missing != 0 || len(shown) < 59 {
		t.Errorf("%d shown, %+v of %d", len(shown), c, len(s.all))
	}
}

// swapped exchanges neighbours; the last of an odd number stays.
func swapped(i, n int) int {
	if i^1 < n {
		return i ^ 1
	}
	return i
}

func TestFreezesAreCountedAsBrowsersDo(t *testing.T) {
	var p pace
	at := int64(1)
	for i := range 40 {
		if _, froze := p.show(at); froze {
			t.Fatalf("frame %d froze", i)
		}
		at += int64(33 * time.Millisecond)
	}
	at += int64(140 * time.Millisecond) // 173 ms: less than the mean and 150 ms
	if length, froze := p.show(at); froze {
		t.Errorf("%v froze", length)
	}
	at += int64(200 * time.Millisecond)
	if length, froze := p.show(at); !froze || length != 200*time.Millisecond {
		t.Errorf("%v, froze %t; want a freeze", length, froze)
	}
}

func TestStampsAreFoundAgain(t *testing.T) {
	dice := rand.New(rand.NewPCG(5, 6))
	for range 1000 {
		want := stamp{layer: dice.IntN(4), frame: dice.Uint32() & frameMask, sent: dice.Int64()}
		body := make([]byte, 20+dice.IntN(1000))
		for i := range body {
			body[i] = byte(dice.Uint32())
		}
		body[0] &^= 3 // Opus, code 0
		if got, ok := stampOf(packet.VP8, want.append(bytes.Clone(body)), true); !ok || got != want {
			t.Fatalf("VP8: %v, %t; want %v", got, ok, want)
		}
		nal := want.sei()
		if got, ok := stampOf(packet.H264, nal, false); !ok || got != want {
			t.Fatalf("H264: %v, %t; want %v", got, ok, want)
		}
		if bytes.Contains(nal, []byte{0, 0}) || len(nal) != seiBytes {
			t.Fatalf("a SEI with a start code, or of %d bytes", len(nal))
		}
		padded, ok := padOpus(body, stampSize)
		if !ok || padded[0]&3 != 3 || padded[1] != 0x41 || int(padded[2]) != stampSize || !bytes.Equal(padded[3:3+len(body)-1], body[1:]) || len(padded) != len(body)+2+stampSize {
			t.Fatalf("Opus: % x of % x", padded[:4], body[:4])
		}
		if got, ok := stampOf(packet.Opus, want.append(padded[:len(padded)-stampSize]), false); !ok || got != want {
			t.Fatalf("Opus: %v, %t; want %v", got, ok, want)
		}
		if _, ok := stampOf(packet.VP8, body, true); ok {
			t.Fatal("a stamp in noise")
		}
	}
}

func TestAMileHoldsItsRate(t *testing.T) {
	m := newMile(Network{Rate: 300_000, Queue: 100 * time.Millisecond, Delay: 20 * time.Millisecond})
	got, last := 0, int64(0)
	now := int64(0)
	for range 2000 { // 10 s of 1.6 Mbit/s
		now += int64(5 * time.Millisecond)
		m.enter(make([]byte, 1000-ipAndUDP), now)
		m.leave(now, func(b []byte, at int64) {
			if at < last || at > now {
				t.Fatalf("out at %d, after %d, now %d", at, last, now)
			}
			last = at
			got += 8 * (len(b) + ipAndUDP)
		})
	}
	if rate := float64(got) / 10; rate < 290_000 || rate > 301_000 {
		t.Errorf("%.0f bit/s passed, want 300,000", rate)
	}
	if m.lost == 0 || len(m.waiting) > 6 {
		t.Errorf("%d lost, %d waiting", m.lost, len(m.waiting))
	}
}

func TestAMileLosesTheSameAgain(t *testing.T) {
	lose := func() (lost []int) {
		m := newMile(Network{Loss: 0.1, Seed: 9})
		for i := range 1000 {
			before := m.lost
			m.enter([]byte{1}, int64(i))
			if m.lost > before {
				lost = append(lost, i)
			}
		}
		return lost
	}
	one, two := lose(), lose()
	if len(one) < 60 || len(one) > 140 || len(one) != len(two) {
		t.Fatalf("%d and %d lost of 1000", len(one), len(two))
	}
	for i := range one {
		if one[i] != two[i] {
			t.Fatal("not the same ones")
		}
	}
}

func TestPacings(t *testing.T) {
	const rate = 1_000_000 // bits/s; 2.5 times that may leave
	for _, p := range []Pacing{PacingBrowser, PacingChrome, PacingFrame} {
		now := time.Unix(1, 0)
		pace := newPacer(p, rate, now)
		track := &taughtTrack{layer: 1}
		for range 100 { // 100 kB: 320 ms at 2.5 Mbit/s
			pace.put(outgoing{due: now, track: track}, false)
		}
		size := func(*outgoing) int { return 1000 }
		began, burst := now, 0
		for len(pace.queue) > 0 {
			if _, ok := pace.take(now, size); ok {
				if now.Equal(began) {
					burst++
				}
				continue
			}
			next := pace.next(now)
			if !next.After(now) {
				t.Fatalf("%v: stands still", p)
			}
			now = next
		}
		took := now.Sub(began)
		want := map[Pacing]struct {
			burst       int
			least, most time.Duration
		}{
			PacingBrowser: {2, 300 * time.Millisecond, 325 * time.Millisecond},
			PacingChrome:  {13, 270 * time.Millisecond, 325 * time.Millisecond},
			PacingFrame:   {100, 0, 0},
		}[p]
		if burst != want.burst || took < want.least || took > want.most {
			t.Errorf("%v: %d at once, then %v; want %+v", p, burst, took, want)
		}
	}
}

func TestHistogramsNeverFlatter(t *testing.T) {
	var h Histogram
	for i := 1; i <= 1000; i++ {
		h.Add(time.Duration(i) * time.Millisecond)
	}
	for _, q := range []float64{0.01, 0.5, 0.95, 0.99, 1} {
		exact := time.Duration(q * 1000 * float64(time.Millisecond))
		if got := h.Quantile(q); got < exact || float64(got) > 1.05*float64(exact)+1e6 {
			t.Errorf("the %v quantile is %v, want %v", q, got, exact)
		}
	}
	before := h
	h.Add(time.Hour)
	h.cut(&before)
	if h.Count() != 1 {
		t.Errorf("%d in the window", h.Count())
	}
}

// FuzzAnswer: nothing a server says brings the crowd down.
func FuzzAnswer(f *testing.F) {
	f.Add("v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=ice-ufrag:a\r\na=ice-pwd:b\r\na=fingerprint:sha-256 00:11\r\na=ssrc:1 cname:x\r\na=candidate:1 1 udp 1 127.0.0.1 9 typ host\r\n")
	f.Add("a=ssrc:\r\nm=\r\na=ssrc:\r\na=ssrc-group:FID 1\r\na=candidate:\r\na=fingerprint:\r\n")
	f.Fuzz(func(t *testing.T, s string) {
		a, err := readAnswer(sfu.Answer(s))
		if err == nil && (len(a.candidates) == 0 || len(a.candidates) > maxCandidates) {
			t.Fatal("accepted without a way to the server")
		}
	})
}

// FuzzReception: no order of packets brings a viewer down, and no packet
// counts twice.
func FuzzReception(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 200, 10, 11})
	f.Fuzz(func(t *testing.T, script []byte) {
		r := &reception{ssrc: 7, asks: true}
		var c Counts
		sequence, now := uint16(65530), int64(1e9)
		taken := uint64(0)
		for i, b := range script {
			sequence += uint16(int8(b)) / 3
			now += int64(b) * int64(time.Millisecond)
			payload := []byte{0x90, 0xe0, 0x80, byte(i), byte(i / 3), b << 6, b & 1, 0, 0, 0x9d, 1, 0x2a, 0, 5, b, 2}
			a := arrival{codec: packet.VP8, sequence: sequence, timestamp: uint32(sequence) / 2 * 3000, marker: sequence&1 == 1, again: b&64 != 0, at: now, payload: payload, size: 30}
			if r.take(&a, &c) {
				taken++
			}
			r.advance(now, &c, func(f *frame) {
				if f.last < f.first || f.last-f.first >= uint64(len(r.slots)) {
					t.Fatalf("a frame from %d to %d", f.first, f.last)
				}
			})
			r.wanted(now, 0, nil, &c)
		}
		if c.Packets != taken {
			t.Fatalf("%d packets, %d taken", c.Packets, taken)
		}
	})
}

// BenchmarkArrive is what a packet costs a crowd in user space: header, GCM,
// bookkeeping, frames. The kernel's share is not in it.
func BenchmarkArrive(b *testing.B) {
	m, sealed := benchMember(b)
	buf := make([]byte, mtu)
	b.ReportAllocs()
	for b.Loop() {
		for _, one := range sealed {
			m.arrive(buf[:copy(buf, one)], m.poller.now)
			m.poller.now += int64(5 * time.Millisecond)
		}
		m.settle(m.poller.now)
		b.StopTimer()
		m, sealed = benchMember(b)
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(sealed)), "ns/packet")
}

func benchMember(b *testing.B) (*member, [][]byte) {
	b.Helper()
	key, salt := bytes.Repeat([]byte{1}, 16), bytes.Repeat([]byte{2}, 12)
	out, err := srtp.CreateContext(key, salt, srtp.ProtectionProfileAeadAes128Gcm)
	if err != nil {
		b.Fatal(err)
	}
	in, err := srtp.CreateContext(key, salt, srtp.ProtectionProfileAeadAes128Gcm)
	if err != nil {
		b.Fatal(err)
	}
	m := &member{
		poller: &poller{crowd: &crowd{}}, keys: keys{in: in, out: out}, connected: true, group: &tally{}, steps: JoinTimes{Sound: 1},
		lines: []answeredLine{{sends: true, ssrc: 7}},
	}
	m.poller.now = 1e9
	var sealed [][]byte
	l, err := loadLecture("vp8-single")
	if err != nil {
		b.Fatal(err)
	}
	s := &stream{}
	one := turn{loop: l.loops[1], base: time.Unix(1000, 0)}
	for range 100 {
		s.add(&one, false)
	}
	for _, p := range s.all {
		plain, err := p.Marshal()
		if err != nil {
			b.Fatal(err)
		}
		c, err := out.EncryptRTP(nil, plain, nil)
		if err != nil {
			b.Fatal(err)
		}
		sealed = append(sealed, c)
	}
	return m, sealed
}

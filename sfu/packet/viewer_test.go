package packet

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// arrived is a packet of one of several encodings, as a lane sees it.
type arrived struct {
	stream int
	frame  int
	part   byte
	p      *Packet
}

// mapped is what left a line.
type mapped struct {
	arrived
	out Out
	vp8 VP8Header // after rewriting
	ext uint64
}

// segmentLog is what left between two beginnings.
type segmentLog struct {
	stream int
	sent   []mapped
}

// watcher feeds a line like a lane does and checks all that leaves it like a
// viewer would.
type watcher struct {
	t        *testing.T
	line     Line
	filter   Filter
	cameras  []*camera
	current  int
	segments []segmentLog
	unwrap   Unwrapper
	used     map[uint64]string // number → what went out as that number
	filled   map[uint64]bool
	come     map[uint64]bool // indices of the current encoding that came, since it began
	newest   uint64
	began    uint64
	excused  int // numbers whose packets never came while their encoding was followed
	clean    bool
}

func (w *watcher) begin(a arrived, align bool) {
	w.excuse()
	before := w.current
	w.current, w.began, w.newest, w.come = a.stream, a.p.Index, a.p.Index, map[uint64]bool{}
	if align && before >= 0 {
		w.line.BeginAligned(uint64(a.stream), a.p, w.cameras[a.stream].frames[0].time-w.cameras[before].frames[0].time)
	} else {
		w.line.Begin(uint64(a.stream), a.p)
	}
	w.filter.Reset()
	w.segments = append(w.segments, segmentLog{stream: a.stream})
}

// excuse counts the packets of the encoding that is left that have not come.
func (w *watcher) excuse() {
	if w.current >= 0 {
		w.excused += int(w.newest-w.began) + 1 - len(w.come)
	}
}

func (w *watcher) take(a arrived) {
	if a.p.Index < w.began {
		if _, ok := w.line.Map(a.p); ok {
			w.t.Fatalf("index %d from before the beginning %d got a number", a.p.Index, w.began)
		}
		return
	}
	w.newest = max(w.newest, a.p.Index)
	w.come[a.p.Index] = true
	if w.filter.Takes(a.p) {
		w.send(a)
	} else {
		w.line.Skip(a.p)
	}
	w.fill()
}

func (w *watcher) send(a arrived) {
	out, ok := w.line.Map(a.p)
	if !ok {
		if w.clean {
			w.t.Fatalf("frame %d part %d of %d was refused", a.frame, a.part, a.stream)
		}
		return
	}
	m := mapped{arrived: a, out: out, ext: w.unwrap.Extend(out.Sequence)}
	payload := bytes.Clone(a.p.Payload)
	if a.p.Codec == VP8 {
		out.Shift.Apply(payload, &a.p.VP8)
		m.vp8, _ = ParseVP8(payload)
	}
	name := fmt.Sprintf("%d/%d.%d", a.stream, a.frame, a.part)
	if other, twice := w.used[m.ext]; twice {
		w.t.Fatalf("%s goes out as %d like %s", name, m.ext, other)
	}
	w.used[m.ext] = name
	s := &w.segments[len(w.segments)-1]
	s.sent = append(s.sent, m)
}

func (w *watcher) fill() {
	for {
		out, ok := w.line.Fill()
		if !ok {
			return
		}
		ext := w.unwrap.Extend(out.Sequence)
		if other, twice := w.used[ext]; twice {
			w.t.Fatalf("padding goes out as %d like %s", ext, other)
		}
		w.used[ext], w.filled[ext] = "padding", true
		if _, ok := w.line.Find(out.Sequence); ok {
			w.t.Fatalf("a NACK of the padding %d finds a packet", ext)
		}
		if again, ok := w.line.Fill(); !ok || again != out {
			w.t.Fatalf("a NACK of the padding %d gives %v %v", ext, again, ok)
		}
	}
}

// nack asks again for the last numbers of the current encoding.
func (w *watcher) nack() {
	sent := w.segments[len(w.segments)-1].sent
	for _, m := range sent[max(0, len(sent)-40):] {
		index, ok := w.line.Find(m.out.Sequence)
		if !ok || index != m.p.Index {
			w.t.Fatalf("a NACK of %d finds %d %v, want %d", m.ext, index, ok, m.p.Index)
		}
		if again, ok := w.line.Again(m.p); !ok || again != m.out {
			w.t.Fatalf("frame %d goes out as %+v, then as %+v %v", m.frame, m.out, again, ok)
		}
	}
}

// check looks at all that went out.
func (w *watcher) check() {
	w.excuse()
	w.checkNumbers()
	var last *mapped
	for i := range w.segments {
		last = w.checkSegment(&w.segments[i], last)
	}
}

func (w *watcher) checkNumbers() {
	var all []uint64
	for n := range w.used {
		all = append(all, n)
	}
	slices.Sort(all)
	holes := int(all[len(all)-1]-all[0]) + 1 - len(all)
	if holes > w.excused {
		w.t.Errorf("%d holes, and only %d packets never came", holes, w.excused)
	}
	if w.clean && len(w.filled) > 0 {
		w.t.Errorf("%d numbers were wasted on padding", len(w.filled))
	}
}

// checkSegment looks at the frames in the order of their sender. It gives the
// last packet of the newest frame.
func (w *watcher) checkSegment(s *segmentLog, last *mapped) *mapped {
	if len(s.sent) == 0 {
		return last
	}
	camera := w.cameras[s.stream]
	sent := slices.Clone(s.sent)
	slices.SortStableFunc(sent, func(a, b mapped) int { return int(a.p.Index) - int(b.p.Index) })
	seen := map[int]bool{}
	for i := range sent {
		m := &sent[i]
		if last != nil && last.stream == m.stream && last.frame == m.frame && i > 0 {
			w.sameFrame(last, m)
		} else {
			w.nextFrame(last, m, camera, seen, i == 0)
		}
		seen[m.frame] = true
		last = m
	}
	return last
}

func (w *watcher) sameFrame(a, b *mapped) {
	if a.out.Timestamp != b.out.Timestamp || a.vp8.PictureID != b.vp8.PictureID || a.out.Shift != b.out.Shift {
		w.t.Fatalf("frame %d goes out as %+v and %+v", a.frame, a.out, b.out)
	}
}

func (w *watcher) nextFrame(last, m *mapped, camera *camera, seen map[int]bool, first bool) {
	if last != nil && !ahead(m.out.Timestamp, last.out.Timestamp) {
		w.t.Fatalf("frame %d of %d at %d, after %d", m.frame, m.stream, m.out.Timestamp, last.out.Timestamp)
	}
	f := camera.frames[m.frame]
	if first && !f.keyframe {
		w.t.Fatalf("%d begins with frame %d, no keyframe", m.stream, m.frame)
	}
	if !w.clean {
		return
	}
	for _, need := range f.needs {
		if !seen[need] {
			w.t.Fatalf("frame %d (layer %d) goes out without frame %d", m.frame, f.tid, need)
		}
	}
	if last == nil || m.ext != last.ext+1 {
		if last != nil {
			w.t.Fatalf("number %d after %d", m.ext, last.ext)
		}
		return
	}
	if last.vp8.PictureAt != 0 && m.vp8.PictureAt != 0 && m.vp8.distance(last.vp8.PictureID) != 1 {
		w.t.Fatalf("picture %d after %d", m.vp8.PictureID, last.vp8.PictureID)
	}
	if last.vp8.TL0At != 0 && m.vp8.TL0At != 0 {
		w.counters(last, m, f.keyframe)
	}
}

func (w *watcher) counters(last, m *mapped, keyframe bool) {
	step := uint8(0)
	if m.vp8.TID == 0 {
		step = 1
	}
	if got := m.vp8.TL0PICIDX - last.vp8.TL0PICIDX; got != step {
		w.t.Fatalf("TL0PICIDX goes on by %d at layer %d", got, m.vp8.TID)
	}
	step = 0
	if keyframe {
		step = 1
	}
	if got := (m.vp8.KeyIdx - last.vp8.KeyIdx) & 0x1f; got != step {
		w.t.Fatalf("KEYIDX goes on by %d, keyframe %v", got, keyframe)
	}
}

// cameras that are all about to turn every counter they have.
func testCameras(random *rand.Rand) []*camera {
	var all []*camera
	for i := range 5 {
		c := &camera{
			random: random, sequence: uint16(65400 + 40*i), clock: uint32(1<<32 - 90000*(i+1)), picture: uint16(0x7fc0 + 7*i),
			tl0: uint8(240 + i), key: uint8(28 + i), base: -1, one: -1, two: -1,
		}
		all = append(all, c)
	}
	all[2].short = true
	all[3].plain, all[3].silent = true, true
	all[4].h264, all[4].plain = true, true
	return all
}

// play runs the cameras through their roads, in the order of arrival.
func play(random *rand.Rand, cameras []*camera, frames int, r road) []arrived {
	var all []arrived
	start := time.Now()
	for stream, c := range cameras {
		var packets []wire
		for i := range frames {
			at := time.Duration(i)*time.Second/30 + time.Duration(stream)*3*time.Millisecond
			packets = append(packets, c.shoot(random.IntN(25) == 0, at)...)
		}
		all = append(all, sniffAll(c, stream, start, r.carry(packets))...)
	}
	slices.SortStableFunc(all, func(a, b arrived) int { return a.p.Arrival.Compare(b.p.Arrival) })
	return all
}

func sniffAll(c *camera, stream int, start time.Time, in []wire) []arrived {
	codec := VP8
	if c.h264 {
		codec = H264
	}
	var s Sniffer
	ring := NewRing(1024)
	var all []arrived
	for _, w := range in {
		raw, err := Parse(w.bytes)
		if err != nil {
			panic(err)
		}
		p, ok := s.Sniff(&raw, codec, start.Add(w.at))
		if !ok {
			panic("not understood")
		}
		if stored := ring.Put(p); stored != nil {
			all = append(all, arrived{stream: stream, frame: w.frame, part: w.bytes[len(w.bytes)-1], p: stored})
		}
	}
	return all
}

func TestViewersSeeOneStream(t *testing.T) {
	for name, r := range map[string]road{
		"clean":        {},
		"late":         {late: 0.05, reach: 12},
		"doubled":      {double: 0.05, reach: 6},
		"lossy":        {loss: 0.05},
		"all together": {loss: 0.03, late: 0.08, double: 0.03, reach: 16},
	} {
		for seed := range uint64(6) {
			t.Run(fmt.Sprintf("%s %d", name, seed), func(t *testing.T) {
				random := rand.New(rand.NewPCG(seed, 77))
				r.random = random
				watch(t, random, r)
			})
		}
	}
}

// watch follows one camera after the other, changes layers, and checks.
func watch(t *testing.T, random *rand.Rand, r road) {
	w := &watcher{
		t: t, line: NewLine(65300, 1<<32-200000), cameras: testCameras(random), current: -1,
		used: map[uint64]string{}, filled: map[uint64]bool{}, clean: r.loss == 0 && r.late == 0,
	}
	want := 0
	for _, a := range play(random, w.cameras, 700, r) {
		if random.IntN(400) == 0 {
			want = random.IntN(len(w.cameras))
		}
		if random.IntN(100) == 0 {
			w.filter.Aim(uint8(random.IntN(4)))
		}
		if random.IntN(300) == 0 {
			w.filter.Still(random.IntN(5) == 0)
		}
		if a.stream == want && a.p.Keyframe && (w.current != want || random.IntN(4) == 0) {
			w.begin(a, random.IntN(2) == 0)
		}
		if a.stream == w.current {
			w.take(a)
		}
		if w.current >= 0 && random.IntN(50) == 0 {
			w.nack()
		}
	}
	w.check()
	if len(w.segments) < 5 || len(w.used) < 400 {
		t.Fatalf("only %d segments and %d packets: this proves nothing", len(w.segments), len(w.used))
	}
}

package packet

import (
	"math/rand/v2"
	"slices"
	"time"
)

// camera plays a VP8 sender with three temporal layers in the pattern 0 2 1 2,
// marked as in step once in two rounds, and keeps the book of which frame builds
// on which.
type camera struct {
	random *rand.Rand

	sequence uint16
	clock    uint32
	picture  uint16
	tl0      uint8
	key      uint8
	short    bool // picture ids of 7 bits
	plain    bool // no temporal layers
	silent   bool // no picture id at all
	h264     bool

	frames   []frame
	sinceKey int
	base     int // the last frame of each layer, -1 none
	one, two int
}

// frame is what a sender knows of a picture.
type frame struct {
	time     uint32
	tid      uint8
	sync     bool
	keyframe bool
	packets  int
	first    int   // number of its first packet in the whole stream
	needs    []int // frames it builds on
}

// wire is one RTP packet of a frame.
type wire struct {
	bytes []byte
	frame int
	at    time.Duration
}

// shoot makes the packets of the next frame.
func (c *camera) shoot(keyframe bool, at time.Duration) []wire {
	f := frame{time: c.clock, keyframe: keyframe || len(c.frames) == 0, packets: 1 + c.random.IntN(4)}
	if n := len(c.frames); n > 0 {
		f.first = c.frames[n-1].first + c.frames[n-1].packets
	}
	c.layer(&f)
	id := len(c.frames)
	c.frames = append(c.frames, f)
	var out []wire
	for i := range f.packets {
		b := []byte{0x80, 96, byte(c.sequence >> 8), byte(c.sequence), byte(c.clock >> 24), byte(c.clock >> 16), byte(c.clock >> 8), byte(c.clock), 0, 0, 0, 7}
		if i == f.packets-1 {
			b[1] |= 0x80
		}
		b = c.describe(b, &f, i)
		b = append(b, byte(id>>8), byte(id), byte(i))
		out = append(out, wire{bytes: b, frame: id, at: at})
		c.sequence++
	}
	c.clock += 3000
	c.picture++
	return out
}

// layer gives the frame its place in the pattern.
func (c *camera) layer(f *frame) {
	id := len(c.frames)
	if f.keyframe {
		c.sinceKey, c.base, c.one, c.two = 0, id, id, id
		c.tl0++
		c.key++
		return
	}
	c.sinceKey++
	place := c.sinceKey % 8
	switch {
	case c.plain || place%4 == 0:
		f.needs = []int{c.base}
		c.base = id
		c.tl0++
	case place%4 == 2:
		f.tid, f.sync = 1, place == 2
		f.needs = []int{c.base}
		if !f.sync {
			f.needs = append(f.needs, c.one)
		}
		c.one = id
	default:
		f.tid, f.sync = 2, place == 1
		f.needs = []int{c.base}
		if !f.sync {
			f.needs = append(f.needs, c.one, c.two)
		}
		c.two = id
	}
}

// describe writes the payload descriptor and the first bytes of the frame.
func (c *camera) describe(b []byte, f *frame, i int) []byte {
	switch {
	case c.h264 && f.keyframe && i == 0:
		return append(b, 0x67, 0x42)
	case c.h264:
		return append(b, 0x41, 0x9a)
	}
	start := byte(0)
	if i == 0 {
		start = 0x10
	}
	flags := byte(0)
	if !c.silent {
		flags |= 0x80
	}
	if !c.plain {
		flags |= 0x70
	}
	if flags == 0 {
		b = append(b, start)
	} else {
		b = append(b, 0x80|start, flags)
	}
	switch {
	case c.silent:
	case c.short:
		b = append(b, byte(c.picture)&0x7f)
	default:
		b = append(b, 0x80|byte(c.picture>>8), byte(c.picture))
	}
	if !c.plain {
		layer := f.tid<<6 | c.key&0x1f
		if f.sync {
			layer |= 0x20
		}
		b = append(b, c.tl0, layer)
	}
	if f.keyframe && i == 0 {
		return append(b, 0x00)
	}
	return append(b, 0x01)
}

// road loses, delays, swaps and doubles packets of a stream. What it loses is
// never seen; what it delays comes up to reach packets later.
type road struct {
	random             *rand.Rand
	loss, late, double float64
	reach              int
}

func (r *road) carry(in []wire) []wire {
	type stamped struct {
		wire
		due int
	}
	var kept []stamped
	for i, w := range in {
		if r.random.Float64() < r.loss {
			continue
		}
		due := i
		if r.random.Float64() < r.late {
			due += 1 + r.random.IntN(r.reach)
		}
		kept = append(kept, stamped{w, due})
		if r.random.Float64() < r.double {
			kept = append(kept, stamped{w, due + r.random.IntN(r.reach+1)})
		}
	}
	slices.SortStableFunc(kept, func(a, b stamped) int { return a.due - b.due })
	out := make([]wire, len(kept))
	for i, k := range kept {
		out[i] = k.wire
		if i > 0 {
			out[i].at = max(out[i].at, out[i-1].at) // nothing arrives before what arrived
		}
	}
	return out
}

package peer

import (
	"time"

	"antenne/sfu/packet"
)

// assembly turns the packets of a reception into pictures that a decoder would
// have shown: complete, in order, and with everything they refer to. It waits
// for a missing packet as long as that may still come; then it goes on where a
// decoder can: at a frame of VP8's temporal base layer (TL0PICIDX runs on), at
// a layer sync, or at a keyframe.
type assembly struct {
	next     uint64 // index of the first packet of the next frame; 0: at the next keyframe
	seek     uint64 // with next 0: where to look for one
	blocked  int64  // since when a packet is missing that next needs; 0: none is
	tl0      uint8  // of the newest shown frame of the base layer
	ceiling  temporal
	broken   bool // a frame was skipped: only what TL0PICIDX allows
	pace     pace
	keyframe int64 // when the first one was complete
}

// frame is one picture, packets first to last.
type frame struct {
	first, last uint64
	key         bool
	at          int64 // when it was complete
}

const (
	jumpAhead = 50 * time.Millisecond // a decoder goes to a complete keyframe rather than wait longer
	noTID     = temporal(3)           // all are allowed
)

// desert forgets where it is.
func (a *assembly) desert() {
	a.next, a.seek, a.blocked, a.broken = 0, 0, 0, false
}

// advance shows every frame that can be shown at now. shown is called for each.
func (r *reception) advance(now int64, c *Counts, shown func(*frame)) {
	a := &r.pictures
	for {
		if a.next == 0 && !r.findKeyframe(c) {
			return
		}
		f, ok := r.complete(a.next)
		if !ok {
			if !r.skip(now, c) {
				return
			}
			continue
		}
		a.blocked = 0
		a.next = f.last + 1
		if !r.decodable(&f) {
			c.FramesLost++
			if first := r.held(f.first); first.flags&flagTL0 == 0 || r.tid(f.first) == 0 { // nothing behind it can be, either
				a.next, a.seek, a.broken = 0, f.last+1, false
				r.needsKey = true
			}
			continue
		}
		r.show(&f, c, shown)
	}
}

// findKeyframe looks for the beginning of one among what is held; the pictures
// it passes are lost.
func (r *reception) findKeyframe(c *Counts) bool {
	a := &r.pictures
	oldest := r.highest - uint64(len(r.slots)) + 1
	for at := max(a.seek, oldest, r.base); at <= r.highest; at++ {
		s := r.held(at)
		if s == nil && r.missing(at) {
			a.seek = at
			return false // it may be what we look for
		}
		if s != nil && s.flags&flagKey != 0 && r.begins(at) {
			a.next, a.blocked, a.broken = at, 0, false
			return true
		}
		if s != nil && s.flags&flagMarker != 0 && a.keyframe != 0 {
			c.FramesLost++
		}
		a.seek = at + 1
	}
	return false
}

// begins tells whether index is the first packet of its frame.
func (r *reception) begins(index uint64) bool {
	s := r.held(index)
	if r.codec == packet.VP8 {
		return s.flags&flagStart != 0
	}
	before := r.held(index - 1)
	return before == nil && s.flags&flagKey != 0 || before != nil && (before.timestamp != s.timestamp || s.flags&flagKey != 0)
}

// complete finds the frame that begins at index, if all of it is there.
func (r *reception) complete(index uint64) (frame, bool) {
	f := frame{first: index}
	s := r.held(index)
	if s == nil || r.codec == packet.VP8 && s.flags&flagStart == 0 {
		return f, false
	}
	timestamp := s.timestamp
	for at := index; ; at++ {
		if s = r.held(at); s == nil || s.timestamp != timestamp {
			return f, false
		}
		f.key = f.key || s.flags&flagKey != 0
		f.at = max(f.at, s.at)
		if s.flags&flagMarker != 0 {
			f.last = at
			return f, true
		}
	}
}

// decodable tells whether what f refers to was shown.
func (r *reception) decodable(f *frame) bool {
	a := &r.pictures
	s := r.held(f.first)
	switch {
	case f.key:
		a.broken, a.ceiling = false, noTID
	case !a.broken:
	case r.codec != packet.VP8 || s.flags&flagTL0 == 0:
		return false
	case r.tid(f.first) == 0:
		if s.tl0 != a.tl0+1 {
			return false
		}
	case s.tl0 != a.tl0 || r.tid(f.first) > a.ceiling && s.flags&flagSync == 0:
		return false
	default:
		a.ceiling = max(a.ceiling, r.tid(f.first))
	}
	if s.flags&flagTL0 != 0 && (f.key || r.tid(f.first) == 0) {
		a.tl0 = s.tl0
	}
	return true
}

// skip decides what to do about a frame that is not complete. It reports true
// when there is another place to go on.
func (r *reception) skip(now int64, c *Counts) bool {
	a := &r.pictures
	if r.highest < a.next {
		return false // nothing has come yet
	}
	hole, some := r.hole(a.next)
	if !some {
		a.blocked = 0
		if s := r.held(r.highest); s.timestamp != r.held(a.next).timestamp {
			return r.leap(c) // packets of the next frame, and none of this one is a last: not ours to understand
		}
		return false // the rest of the frame is on its way
	}
	if a.blocked == 0 {
		a.blocked = now
	}
	overrun := r.highest-a.next >= uint64(len(r.slots))-1
	if !overrun && r.missing(hole) && now-a.blocked < int64(jumpAhead) {
		return false
	}
	if to, key := r.landing(); to != 0 && (key || overrun || !r.missing(hole)) {
		c.FramesLost += r.between(a.next, to)
		a.next, a.blocked = to, 0
		a.broken, a.ceiling = !key, 0
		return true
	}
	if overrun || !r.missing(hole) {
		return r.leap(c)
	}
	return false
}

// leap gives up: the next picture is a keyframe, which has to be asked for.
func (r *reception) leap(c *Counts) bool {
	a := &r.pictures
	c.FramesLost++
	a.seek = max(r.behind(a.next), r.highest-uint64(len(r.slots))+2)
	a.next, a.blocked, a.broken = 0, 0, false
	r.needsKey = true
	return true
}

// behind is the first index that is not of the frame that begins at index, as
// far as one can see.
func (r *reception) behind(index uint64) uint64 {
	known, timestamp := false, uint32(0)
	for at := index; at <= r.highest; at++ {
		s := r.held(at)
		switch {
		case s == nil:
		case known && s.timestamp != timestamp:
			return at
		case s.flags&flagMarker != 0:
			return at + 1
		default:
			known, timestamp = true, s.timestamp
		}
	}
	return r.highest + 1
}

// hole is the first index from at on that is not held.
func (r *reception) hole(at uint64) (uint64, bool) {
	for ; at <= r.highest; at++ {
		if r.held(at) == nil {
			return at, true
		}
	}
	return 0, false
}

// landing is where a decoder could go on behind the frame that is blocked: a
// complete keyframe, or a complete frame of the base layer that runs on.
func (r *reception) landing() (to uint64, key bool) {
	a := &r.pictures
	from := max(a.next+1, r.highest-uint64(len(r.slots))+1)
	for at := from; at <= r.highest; at++ {
		s := r.held(at)
		if s == nil {
			continue
		}
		base := r.codec == packet.VP8 && s.flags&(flagTL0|flagStart) == flagTL0|flagStart && r.tid(at) == 0 && s.tl0 == a.tl0+1
		if s.flags&flagKey == 0 && (!base || to != 0) {
			continue
		}
		if f, ok := r.complete(at); ok && r.begins(at) {
			if f.key {
				return at, true
			}
			to = at
		}
	}
	return to, false
}

// between counts the frames of which something is known in [from, to).
func (r *reception) between(from, to uint64) uint64 {
	n, last := uint64(1), uint32(0)
	begun := false
	for at := from; at < to; at++ {
		s := r.held(at)
		if s == nil {
			continue
		}
		if begun && s.timestamp != last {
			n++
		}
		last, begun = s.timestamp, true
	}
	return n
}

func (r *reception) show(f *frame, c *Counts, shown func(*frame)) {
	a := &r.pictures
	c.Frames++
	if f.key {
		c.Keyframes++
		if a.keyframe == 0 {
			a.keyframe = f.at
		}
	}
	if length, froze := a.pace.show(f.at); froze {
		c.Freezes++
		c.Frozen += length
	}
	shown(f)
}

// pace finds freezes the way libwebrtc does: a gap between shown pictures
// longer than three times the mean of the last 30, and at least 150 ms longer.
type pace struct {
	gaps  [30]time.Duration
	n     int
	sum   time.Duration
	last  int64
	begun bool
}

const leastSamples = 5

func (p *pace) show(at int64) (length time.Duration, froze bool) {
	if !p.begun {
		p.begun, p.last = true, at
		return 0, false
	}
	at = max(at, p.last) // shown in order, whatever came first
	length = time.Duration(at - p.last)
	p.last = at
	if known := min(p.n, len(p.gaps)); known >= leastSamples {
		mean := p.sum / time.Duration(known)
		froze = length > max(3*mean, mean+150*time.Millisecond)
	}
	i := p.n % len(p.gaps)
	p.sum += length - p.gaps[i]
	p.gaps[i] = length
	p.n++
	return length, froze
}

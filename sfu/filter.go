package sfu

import (
	"time"

	"antenne/sfu/packet"
)

// filter leaves out of a picture what its rung does not hold: upper temporal
// layers, or everything but a still now and then. Owned by the lane.
type filter struct {
	rung   rung
	tid    uint8  // highest temporal layer that passes now
	shut   bool   // nothing passes until a keyframe
	still  uint32 // timestamp of the still that passes
	came   bool   // still holds something
	asked  time.Time
	stills time.Time // when the last still began
}

// aim takes another rung, and tells whether a keyframe is needed for it.
func (f *filter) aim(r rung) bool {
	was := f.rung
	f.rung = r
	if was.mode == r.mode {
		return false
	}
	f.shut = was.mode == modeStill && r.mode == modeFull
	return f.shut
}

// restart: the next packet is a keyframe that a line begins with.
func (f *filter) restart() { f.shut, f.came, f.tid = false, false, f.rung.temporal }

// passes tells whether p goes out.
func (f *filter) passes(p *packet.Packet) bool {
	if p.Keyframe {
		f.restart()
		f.still, f.came, f.stills = p.Timestamp, true, p.Arrival
	}
	switch {
	case f.shut:
		return false
	case f.rung.mode == modeStill:
		return f.came && p.Timestamp == f.still
	case p.Codec != packet.VP8 || !p.VP8.HasTID:
		return true
	}
	if p.Start {
		f.step(&p.VP8)
	}
	return p.VP8.TID <= f.tid
}

// step changes the temporal layer where a frame allows it: down at any, up at
// one that needs only the base layer (RFC 7741 §4.2, the Y bit).
func (f *filter) step(h *packet.VP8Header) {
	want := f.rung.temporal
	switch {
	case want < f.tid:
		f.tid = want
	case h.TID > f.tid && h.TID <= want && h.LayerSync:
		f.tid = h.TID
	}
}

// wantsStill tells whether a still is old enough to be asked again.
func (f *filter) wantsStill(now time.Time, every time.Duration) bool {
	if f.rung.mode != modeStill || now.Sub(f.stills) < every || now.Sub(f.asked) < every {
		return false
	}
	f.asked = now
	return true
}

package sfu

import (
	"time"

	"antenne/sfu/packet"
)

const (
	stillEvery = 12 * time.Second // a still picture is refreshed, at most
	stepWaits  = 2 * time.Second  // for a frame at which more can begin, before a keyframe is asked for
)

// filter leaves out of a picture what its rung does not hold: upper temporal
// layers, or everything but a still now and then. Owned by the lane.
type filter struct {
	rung   rung
	frames packet.Filter
	came   time.Time // last keyframe
	waits  time.Time // since when more is wanted than can begin; zero: nothing is
}

// aim takes another rung.
func (f *filter) aim(r rung) {
	f.rung = r
	f.frames.Aim(r.temporal)
	f.frames.Still(r.mode == modeStill)
}

// restart: the next packet is a keyframe that a line begins with.
func (f *filter) restart() { f.frames.Reset() }

// passes tells whether p goes out.
func (f *filter) passes(p *packet.Packet) bool {
	if p.Keyframe {
		f.came = p.Arrival
	}
	return f.frames.Takes(p)
}

// wantsKeyframe tells whether only a keyframe helps: a still has grown old, or
// more has been wanted for a while and the publisher never says where it may
// begin.
func (f *filter) wantsKeyframe(now time.Time) bool {
	switch {
	case f.rung.mode == modeStill:
		return now.Sub(f.came) >= stillEvery
	case !f.frames.Waits():
		f.waits = time.Time{}
	case f.waits.IsZero():
		f.waits = now
	default:
		return now.Sub(f.waits) >= stepWaits
	}
	return false
}

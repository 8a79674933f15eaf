package sfu

import (
	"time"

	"antenne/sfu/egress"
	"antenne/sfu/packet"
)

const (
	stillBits  = 90e3 // bits a second of a still picture under way: beside a voice, it fits the thinnest line
	stillBurst = 2400 // bytes at once
)

// still is a still picture on its way to a line that cannot carry a moving one.
// Its packets have their numbers from the moment they came, and go out little
// by little: a keyframe sent at once would keep the voice waiting for seconds.
// Owned by the lane.
type still struct {
	frame      uint32 // its timestamp
	next, last uint64 // indices that are still to be sent
	begun      time.Time
	under      bool // it is under way
}

// keepStill takes a packet of a keyframe, unless a still is under way or young:
// others may want keyframes far more often.
func (l *viewerLine) keepStill(p *packet.Packet) {
	s := &l.still
	mine := s.under && s.frame == p.Timestamp
	if !mine && (!p.Keyframe || s.under || p.Arrival.Sub(s.begun) < stillEvery) {
		l.out.Skip(p)
		return
	}
	if !mine {
		*s = still{frame: p.Timestamp, next: p.Index, begun: p.Arrival, under: true}
	}
	if _, ok := l.out.Map(p); ok {
		s.last = max(s.last, p.Index)
	}
}

// earn lets a viewer's stills take their share of its line.
func (v *watcher) earn(now time.Time) {
	v.credit = min(v.credit+now.Sub(v.paidAt).Seconds()*stillBits/8, stillBurst)
	v.paidAt = now
}

// drip sends what is due of the stills, between the packets of sound.
func (v *watcher) drip(c *crowd) {
	to := v.transport.Dest()
	for i := range v.lines {
		l := &v.lines[i]
		for s := &l.still; to != nil && s.under && v.credit > 0; s.next++ {
			if s.next > s.last {
				s.under = false
				break
			}
			v.sendStill(c, to, l, s.next)
		}
	}
}

func (v *watcher) sendStill(c *crowd, to *egress.Dest, l *viewerLine, index uint64) {
	p := l.current.ring.Get(index)
	if p == nil || p.Timestamp != l.still.frame {
		return
	}
	if out, ok := l.out.Again(p); ok {
		v.credit -= float64(len(p.Payload))
		v.emit(c, to, l, p, out, 0)
	}
}

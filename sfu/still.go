package sfu

import (
	"math"
	"time"

	"antenne/sfu/egress"
	"antenne/sfu/packet"
)

const (
	stillMost    = 90e3 // bits a second of a still under way, at most
	stillLeastly = 15e3 // and at least
	stillBurst   = 2400 // bytes at once
	stillPackets = 512  // of one still, at most
)

// still is a still picture on its way to a line that cannot carry a moving one.
// Its packets have their numbers from the moment they came, and go out little
// by little: a keyframe sent at once would keep the voice waiting for seconds.
// Owned by the lane.
type still struct {
	packets []*packet.Packet // of the keyframe, as they came
	next    int              // the first that was not sent
	begun   time.Time
	under   bool // it is under way
	whole   bool // nothing more of it will come
}

// keepStill takes a packet of a keyframe, unless a still is under way or young:
// others may want keyframes far more often.
func (l *viewerLine) keepStill(p *packet.Packet) {
	s := &l.still
	s.saw(p)
	switch {
	case s.mine(p) && !s.whole && len(s.packets) < stillPackets:
	case p.Keyframe && !s.under && p.Arrival.Sub(s.begun) >= stillEvery:
		*s = still{begun: p.Arrival, under: true}
	default:
		l.out.Skip(p)
		return
	}
	if _, ok := l.out.Map(p); ok {
		s.packets = append(s.packets, p)
		s.whole = p.Marker
	}
}

// mine tells whether p is of the same frame.
func (s *still) mine(p *packet.Packet) bool {
	return s.under && len(s.packets) > 0 && s.packets[0].Timestamp == p.Timestamp
}

// saw takes note of any packet of the picture: one of a later frame ends the
// still, though its last packet be lost.
func (s *still) saw(p *packet.Packet) {
	if s.under && len(s.packets) > 0 && int32(p.Timestamp-s.packets[0].Timestamp) > 0 {
		s.whole = true
	}
}

// earn lets a viewer's stills take half of what its line has beside the voice.
func (v *watcher) earn(now time.Time) {
	rate := stillMost
	if hold := v.ladder.line.hold; hold > 0 && !math.IsInf(hold, 1) {
		rate = min(stillMost, max((hold-voiceGuess)/2, stillLeastly))
	}
	v.credit = min(v.credit+now.Sub(v.paidAt).Seconds()*rate/8, stillBurst)
	v.paidAt = now
}

// drip sends what is due of the stills, between the packets of sound.
func (v *watcher) drip(c *crowd) {
	to := v.transport.Dest()
	if to == nil {
		return
	}
	for i := range v.lines {
		l := &v.lines[i]
		for s := &l.still; v.credit > 0 && s.next < len(s.packets); s.next++ {
			v.sendStill(c, to, l, s.packets[s.next])
			s.packets[s.next] = s.packets[0] // the rest may go; the first names the frame
		}
		if s := &l.still; s.whole && s.next == len(s.packets) {
			*s = still{begun: s.begun}
		}
	}
}

func (v *watcher) sendStill(c *crowd, to *egress.Dest, l *viewerLine, p *packet.Packet) {
	if out, ok := l.out.Again(p); ok {
		v.credit -= float64(len(p.Payload))
		v.emit(c, to, l, p, out, 0)
	}
}

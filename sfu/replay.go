package sfu

import (
	"sync/atomic"
	"time"

	"antenne/sfu/egress"
	"antenne/sfu/packet"
)

const (
	// replayWithin is the age up to which a viewer begins with a keyframe that
	// has passed. Keyframes are asked at most every timing.keyframe, so that
	// in a storm of joins nobody waits and few keyframes are made.
	replayWithin = 900 * time.Millisecond

	// replayPackets is how much may have followed that keyframe.
	replayPackets = 320
)

// keyMark says where the last keyframe of an encoding begins. Written by the
// encoding's reader.
type keyMark struct {
	index   atomic.Uint64
	arrival atomic.Int64 // nanoseconds since startOfTime, 0 before the first
	newest  atomic.Uint64
}

func (k *keyMark) note(p *packet.Packet) {
	if p.Keyframe {
		k.index.Store(p.Index)
		k.arrival.Store(int64(p.Arrival.Sub(startOfTime)))
	}
	if p.Index > k.newest.Load() {
		k.newest.Store(p.Index)
	}
}

// replayFrom is the packet a viewer may begin with at once, nil for none: the
// last keyframe, when little has passed since, and when it came after the gate
// was opened.
func (e *encoding) replayFrom(opened, now time.Time) *packet.Packet {
	arrival := e.key.arrival.Load()
	came := startOfTime.Add(time.Duration(arrival))
	if arrival == 0 || now.Sub(came) > replayWithin || came.Before(opened) {
		return nil
	}
	index := e.key.index.Load()
	if e.key.newest.Load()-index > replayPackets {
		return nil
	}
	return e.ring.Get(index)
}

// replay lets a line begin with the last keyframe and brings it up to date in
// one go. The times of what is replayed are drawn together, so that the
// viewer's player is not late by the age of the keyframe.
func (v *watcher) replay(c *crowd, to *egress.Dest, l *viewerLine, now time.Time) {
	e := l.current
	first := e.replayFrom(l.feed.since, now)
	if first == nil {
		return
	}
	newest := e.key.newest.Load()
	last := e.ring.Get(newest)
	if last == nil {
		return
	}
	l.out.BeginReplay(e.stream, first, last)
	l.filter.restart()
	l.fed, l.replayed = true, newest
	v.nextSend = time.Time{}
	v.noteFirst(l)
	for index := first.Index; index <= newest; index++ {
		p := e.ring.Get(index)
		switch {
		case p == nil:
		case !l.filter.passes(p):
			l.out.Skip(p)
		case l.filter.rung.mode == modeStill:
			l.keepStill(p)
		default:
			v.transmit(c, to, l, p, 0)
		}
	}
}

package sfu

import (
	"sync/atomic"
	"time"

	"antenne/sfu/packet"
)

const (
	wireOverhead = 12 + 16 + 20 + 8       // bytes a packet: RTP, SRTP tag, IPv4, UDP
	rateMemory   = 0.06                   // share of the newest round in the mean: a keyframe is no other layer
	rateRound    = 180 * time.Millisecond // between two measures, at least
	restRounds   = 10                     // after so many at less than half the mean, a page of slides has come to rest
)

// gauge is what an encoding costs. The encoding's reader counts, the
// housekeeper measures, lanes read.
type gauge struct {
	bytes [temporalCount]atomic.Uint64 // on the wire, by temporal layer
	size  atomic.Uint64                // width<<32 | height of the last keyframe
	rate  atomic.Pointer[[temporalCount]float64]

	// Owned by the housekeeper.
	before   [temporalCount]uint64
	measured time.Time
	lately   [restRounds][temporalCount]float64 // the last rounds, of what rests
	round    int
}

// note takes a stored packet into account.
func (g *gauge) note(p *packet.Packet) {
	g.bytes[p.VP8.TID%temporalCount].Add(uint64(len(p.Payload) + wireOverhead))
	if !p.Keyframe {
		return
	}
	if w, h, ok := packet.PictureSize(p); ok {
		g.size.Store(uint64(w)<<32 | uint64(h))
	}
}

// measure makes rates of what came since the round before. What rests comes and
// then stands still, as slides do.
func (g *gauge) measure(now time.Time, rests bool) {
	passed := now.Sub(g.measured)
	if passed < rateRound {
		return
	}
	first := g.measured.IsZero()
	g.measured = now
	var rate [temporalCount]float64
	old := g.rate.Load()
	for i := range rate {
		total := g.bytes[i].Load()
		rate[i] = float64(total-g.before[i]) * 8 / passed.Seconds()
		if old != nil && old[i] > 0 {
			rate[i] = old[i] + rateMemory*(rate[i]-old[i])
		}
		g.lately[g.round%restRounds][i] = float64(total-g.before[i]) * 8 / passed.Seconds()
		g.before[i] = total
	}
	if first {
		return
	}
	if g.round++; rests && g.round >= restRounds {
		g.rest(&rate)
	}
	g.rate.Store(&rate)
}

// rest takes the mean of the last rounds once it is far below the rate: the
// page that was turned has come, and what it cost says nothing of how it goes
// on. The slow mean alone would tell a viewer who wants little for many seconds
// that the slides leave no room for a face.
func (g *gauge) rest(rate *[temporalCount]float64) {
	var mean [temporalCount]float64
	all, recent := 0.0, 0.0
	for i := range mean {
		for _, round := range g.lately {
			mean[i] += round[i] / restRounds
		}
		all, recent = all+rate[i], recent+mean[i]
	}
	if recent > 0 && recent < all/2 {
		*rate = mean
	}
}

// bits are the rates in bits a second, each with those of the layers below it.
func (g *gauge) bits() (sum [temporalCount]float64) {
	rate := g.rate.Load()
	if rate == nil {
		return sum
	}
	total := 0.0
	for i := range rate {
		total += rate[i]
		sum[i] = total
	}
	return sum
}

func (g *gauge) pictureSize() (width, height int) {
	s := g.size.Load()
	return int(s >> 32), int(s & 0xffffffff)
}

// menu is what a feed has to offer for a slot.
func (f *feed) menu(slot Slot) menu {
	m := menu{slot: slot}
	if f == nil {
		return m
	}
	for i, e := range f.layers {
		if e == nil {
			continue
		}
		l := &m.layers[i]
		l.alive, l.bits = true, e.gauge.bits()
		l.width, l.height = e.gauge.pictureSize()
	}
	return m
}

// at is the encoding to send on a rung: its layer, else the nearest that lives,
// cheaper ones first. nil is a feed of nothing.
func (f *feed) at(r rung) *encoding {
	if f == nil || r.mode == modeOff {
		return nil
	}
	for i := r.layer; i < layerCount; i++ {
		if f.layers[i] != nil {
			return f.layers[i]
		}
	}
	for i := int(r.layer) - 1; i >= 0; i-- {
		if f.layers[i] != nil {
			return f.layers[i]
		}
	}
	return nil
}

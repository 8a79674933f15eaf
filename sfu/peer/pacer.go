package peer

import (
	"fmt"
	"time"
)

var pacingWords = map[Pacing]string{PacingRecorded: "recorded", PacingBrowser: "browser", PacingChrome: "chrome", PacingFrame: "frame"}

func (p Pacing) word() string { return pacingWords[p] }

func parsePacing(s string) (Pacing, error) {
	for p, word := range pacingWords {
		if s == word {
			return p, nil
		}
	}
	return 0, fmt.Errorf("peer: no pacing is called %q: recorded, browser, chrome or frame", s)
}

const (
	paceFactor = 2.5 // × the rate of the recording
	paceTick   = 5 * time.Millisecond
	paceBurst  = 40 * time.Millisecond
)

// pacer says when queued packets may leave: a leaky bucket whose debt runs off
// at paceFactor times the rate, continuously (chrome) or every tick (browser).
// Pure; the teacher's player owns it.
type pacer struct {
	pacing  Pacing
	rate    float64 // bytes/s that may leave
	queue   []outgoing
	debt    float64   // bytes sent and not yet run off
	updated time.Time // until when it ran off
}

// outgoing is one packet of a teacher that waits for its turn.
type outgoing struct {
	due   time.Time // not before
	track *taughtTrack
	frame *playedFrame
	index int // among the packets of the frame as recorded; stamped: the SEI
	place int // among those that are sent
	sent  *sentFrame
}

func newPacer(p Pacing, bits float64, now time.Time) *pacer {
	return &pacer{pacing: p, rate: paceFactor * bits / 8, updated: now}
}

// put queues a packet: recorded times of several tracks are merged, and sound
// (urgent) does not wait behind pictures.
func (p *pacer) put(o outgoing, urgent bool) {
	at := len(p.queue)
	for at > 0 && (p.pacing == PacingRecorded && p.queue[at-1].due.After(o.due) || p.pacing != PacingRecorded && urgent && p.queue[at-1].track.layer > 0) {
		at--
	}
	p.queue = append(p.queue, outgoing{})
	copy(p.queue[at+1:], p.queue[at:])
	p.queue[at] = o
}

// take gives the next packet that may leave at now, size its bytes.
func (p *pacer) take(now time.Time, size func(*outgoing) int) (outgoing, bool) {
	if len(p.queue) == 0 || p.next(now).After(now) {
		return outgoing{}, false
	}
	o := p.queue[0]
	p.queue[0] = outgoing{}
	p.queue = p.queue[1:]
	p.debt += float64(size(&o))
	return o, true
}

// runOff lets the debt run off until now; the browser's only at ticks.
func (p *pacer) runOff(now time.Time) {
	passed := now.Sub(p.updated)
	if p.pacing == PacingBrowser {
		passed = passed.Truncate(paceTick)
	}
	p.debt = max(0, p.debt-p.rate*passed.Seconds())
	p.updated = p.updated.Add(passed)
}

// next is when the first of the queue may leave: with less debt than one
// burst (chrome) or one tick (browser) holds.
func (p *pacer) next(now time.Time) time.Time {
	due := p.queue[0].due
	if p.queue[0].track.layer == 0 {
		return due
	}
	p.runOff(now)
	switch p.pacing {
	case PacingBrowser:
		if p.debt >= p.rate*paceTick.Seconds() {
			return later(due, p.updated.Add(paceTick))
		}
	case PacingChrome:
		if over := p.debt - p.rate*paceBurst.Seconds(); over >= 0 {
			return later(due, now.Add(max(time.Duration(over/p.rate*float64(time.Second)), time.Millisecond)))
		}
	}
	return due
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

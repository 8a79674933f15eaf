package sfu

import (
	"runtime/debug"
	"time"
)

const (
	rushOf     = 16               // joins and leavings that are worth a round
	rushOver   = 2 * time.Second  // without any more of them
	rushGoesOn = 20 * time.Second // between two rounds while they go on
)

// rush sees that joins and leavings are over for now: a handshake leaves more
// behind than a viewer keeps, and the collector, which waits until the heap has
// doubled, would leave it to the machine's other tenants to do without. The
// housekeeper owns it.
type rush struct {
	turnover uint64    // at the last round
	seen     uint64    // lately
	moved    time.Time // when seen last changed
	began    time.Time // when this coming and going began
}

// over tells whether to give memory back. turnover counts joins and leavings.
func (r *rush) over(turnover uint64, now time.Time) bool {
	if turnover != r.seen {
		if now.Sub(r.moved) > rushOver {
			r.began = now
		}
		r.seen, r.moved = turnover, now
	}
	if r.seen-r.turnover < rushOf || now.Sub(r.moved) < rushOver && now.Sub(r.began) < rushGoesOn {
		return false
	}
	r.turnover, r.began = r.seen, now
	return true
}

// tidyMemory gives back what a rush left. It may take some milliseconds of one
// core; nobody waits for it.
func (e *Engine) tidyMemory(now time.Time) {
	if e.rush.over(e.count.joins.Load()+e.count.leavings.Load(), now) {
		e.spawn(debug.FreeOSMemory)
	}
}

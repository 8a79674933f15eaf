package sfu

import (
	"sync/atomic"
	"time"
)

// Histogram is how long things took. Counts[i] is how many took at most
// Bounds[i] and more than the bound before; the last of Counts is the rest.
type Histogram struct {
	Bounds []time.Duration
	Counts []uint64
	Sum    time.Duration
}

// joinBounds are about a first picture: what people feel is under two seconds,
// what they leave for is over ten.
var joinBounds = []time.Duration{
	20 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond, 300 * time.Millisecond,
	500 * time.Millisecond, 750 * time.Millisecond, time.Second, 1500 * time.Millisecond, 2 * time.Second,
	3 * time.Second, 5 * time.Second, 8 * time.Second, 15 * time.Second, 30 * time.Second,
}

// delayBounds are about forwarding: from less than anybody can measure to what
// the lanes throw away.
var delayBounds = []time.Duration{
	250 * time.Microsecond, 500 * time.Microsecond, time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond,
	10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond, 150 * time.Millisecond,
	200 * time.Millisecond, 500 * time.Millisecond,
}

const mostBounds = 15

// histogram counts durations, always against the same bounds; any goroutine
// may.
type histogram struct {
	counts [mostBounds + 1]atomic.Uint64
	sum    atomic.Int64
}

func (h *histogram) observe(bounds []time.Duration, d time.Duration, n uint64) {
	at := 0
	for at < len(bounds) && d > bounds[at] {
		at++
	}
	h.counts[at].Add(n)
	h.sum.Add(int64(d) * int64(n))
}

func (h *histogram) stats(bounds []time.Duration) Histogram {
	s := Histogram{Bounds: bounds, Counts: make([]uint64, len(bounds)+1), Sum: time.Duration(h.sum.Load())}
	for i := range s.Counts {
		s.Counts[i] = h.counts[i].Load()
	}
	return s
}

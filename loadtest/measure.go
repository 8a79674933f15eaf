package main

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// times gathers durations from any goroutine.
type times struct {
	mu  sync.Mutex
	all []time.Duration // owned under mu
}

func (t *times) add(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, d)
}

// String says how many there are, and three of their percentiles (nearest rank).
func (t *times) String() string {
	t.mu.Lock()
	sorted := slices.Sorted(slices.Values(t.all))
	t.mu.Unlock()
	if len(sorted) == 0 {
		return "none"
	}
	return fmt.Sprintf("n=%d p50=%v p95=%v p99=%v max=%v", len(sorted), round(rank(sorted, 50)), round(rank(sorted, 95)),
		round(rank(sorted, 99)), round(sorted[len(sorted)-1]))
}

// rank is the percentile p of all, where there are any.
func (t *times) rank(p int) (time.Duration, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.all) == 0 {
		return 0, false
	}
	return rank(slices.Sorted(slices.Values(t.all)), p), true
}

// rank is the smallest value that p percent of sorted do not exceed. sorted is not empty.
func rank(sorted []time.Duration, p int) time.Duration {
	return sorted[max(0, (len(sorted)*p+99)/100-1)]
}

func round(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }

package peer

import (
	"math"
	"time"
)

const (
	perOctave = 16
	buckets   = 30 * perOctave // 1 µs · 2^30 is some 1000 s
)

func bucketOf(d time.Duration) int {
	us := float64(d) / float64(time.Microsecond)
	if us <= 1 {
		return 0
	}
	return min(int(math.Log2(us)*perOctave), buckets-1)
}

// upperEdge of a bucket, so that a quantile never flatters.
func upperEdge(bucket int) time.Duration {
	return time.Duration(math.Exp2(float64(bucket+1)/perOctave) * float64(time.Microsecond))
}

func (h *Histogram) add(d time.Duration) { h.Counts[bucketOf(d)]++ }

func (h *Histogram) count() uint64 {
	var n uint64
	for _, c := range h.Counts {
		n += uint64(c)
	}
	return n
}

func (h *Histogram) quantile(q float64) time.Duration {
	n := h.count()
	if n == 0 {
		return 0
	}
	rank := max(uint64(math.Ceil(q*float64(n))), 1)
	var below uint64
	for i, c := range h.Counts {
		if below += uint64(c); below >= rank {
			return upperEdge(i)
		}
	}
	return upperEdge(buckets - 1)
}

func (h *Histogram) merge(other *Histogram) {
	for i, c := range other.Counts {
		h.Counts[i] += c
	}
}

func (h *Histogram) cut(before *Histogram) {
	for i, c := range before.Counts {
		h.Counts[i] -= c
	}
}

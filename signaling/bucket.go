package signaling

import (
	"net/netip"
	"sync"
	"time"
)

// bucket is a token bucket. It is owned by whoever holds it.
type bucket struct {
	rate, burst float64 // tokens per second, most tokens
	tokens      float64
	at          time.Time // when tokens was true
}

func newBucket(rate, burst float64) bucket { return bucket{rate: rate, burst: burst, tokens: burst} }

// take spends one token if there is one.
func (b *bucket) take(now time.Time) bool {
	if !b.at.IsZero() && now.After(b.at) {
		b.tokens = min(b.burst, b.tokens+b.rate*now.Sub(b.at).Seconds())
	}
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// full tells whether nothing was spent for long.
func (b *bucket) full(now time.Time) bool {
	return b.tokens+b.rate*now.Sub(b.at).Seconds() >= b.burst
}

// rationer keeps a bucket per household; loopback is not rationed. Addresses stay in memory, never in a log.
type rationer struct {
	rate, burst float64 // static
	mu          sync.Mutex
	buckets     map[netip.Prefix]*bucket // owned under mu; at most mostAddresses
}

const mostAddresses = 10000

func newRationer(rate, burst float64) *rationer {
	return &rationer{rate: rate, burst: burst, buckets: map[netip.Prefix]*bucket{}}
}

// take spends one of from's tokens if there is one. A rate of 0 is no limit.
func (r *rationer) take(from netip.Addr, now time.Time) bool {
	key, counts := household(from)
	if r.rate == 0 || !counts {
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	b, ok := r.buckets[key]
	if !ok {
		if len(r.buckets) >= mostAddresses {
			r.forgetLocked(now)
		}
		fresh := newBucket(r.rate, r.burst)
		b = &fresh
		r.buckets[key] = b
	}
	return b.take(now)
}

// forgetLocked drops who has been quiet; when nobody has, everybody starts anew: memory stays bounded.
func (r *rationer) forgetLocked(now time.Time) {
	for key, b := range r.buckets {
		if b.full(now) {
			delete(r.buckets, key)
		}
	}
	if len(r.buckets) >= mostAddresses {
		clear(r.buckets)
	}
}

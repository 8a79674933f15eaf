package signaling

import (
	"net/netip"
	"sync"
	"time"

	"antenne/rooms"
)

// guesses bounds how many wrong codes are looked at, of one code space: by one hand, and by all together. A lock-out is of the whole
// space and never of one code, so that nobody can lock a class out by mistyping its code.
type guesses struct {
	each, all, burst float64 // static: wrong codes a second of one hand and of all, and of one hand in a burst

	mu    sync.Mutex
	space bucket           // owned under mu: of those who are not trusted
	hands map[hand]*bucket // owned under mu; at most mostAddresses
}

// hand is who types: a household, or the holder of a link. The zero hand is nobody in particular (loopback) and counts with all only.
type hand struct {
	at   netip.Prefix
	link rooms.LinkID
}

func newGuesses(each, all float64) *guesses {
	return &guesses{each: each / 60, all: all / 60, burst: each, space: newBucket(all/60, all), hands: map[hand]*bucket{}}
}

// take pays for one look, before it is known whether the code is wrong, so that many at once pay for each. trusted hands are held by
// their own bound alone: those who hold a link, and whoever comes through the same connection as one of them.
func (g *guesses) take(who hand, trusted bool, now time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	own := g.handLocked(who, now)
	if own != nil && !own.take(now) {
		return refuse(codePairRate)
	}
	if !trusted && !g.space.take(now) {
		if own != nil {
			own.give()
		}
		return refuse(codePairLocked)
	}
	return nil
}

// right gives back what a right code had paid.
func (g *guesses) right(who hand, trusted bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if own := g.hands[who]; own != nil {
		own.give()
	}
	if !trusted {
		g.space.give()
	}
}

func (g *guesses) handLocked(who hand, now time.Time) *bucket {
	if who == (hand{}) {
		return nil
	}
	own, known := g.hands[who]
	if known {
		return own
	}
	if len(g.hands) >= mostAddresses {
		g.forgetLocked(now)
	}
	fresh := newBucket(g.each, g.burst)
	g.hands[who] = &fresh
	return &fresh
}

// forgetLocked drops the hands that rest. When all have typed wrong codes of late, all begin anew: the space's own bound holds.
func (g *guesses) forgetLocked(now time.Time) {
	for who, own := range g.hands {
		if own.full(now) {
			delete(g.hands, who)
		}
	}
	if len(g.hands) >= mostAddresses {
		clear(g.hands)
	}
}

// give puts one token back.
func (b *bucket) give() { b.tokens = min(b.burst, b.tokens+1) }

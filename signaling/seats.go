package signaling

import (
	"net/netip"
	"sync"
)

// seats bounds how many may be in at once: in all, without a link in all, and without a link from one address. A fifth is
// kept for those who hold a link, so that no crowd of strangers shuts a class out of its own rooms.
type seats struct {
	most, each int // static: in all; nameless from one address
	nameless   int // static: without a link, from anywhere

	mu     sync.Mutex
	taken  int                  // owned under mu
	guests int                  // owned under mu: those of them without a link
	from   map[netip.Prefix]int // owned under mu: guests by address; never a zero
}

// seat is one place that is taken. Leave may be called again.
type seat struct {
	of    *seats
	guest bool
	at    netip.Prefix // not valid where addresses do not count
	once  sync.Once
}

func newSeats(most, each int) *seats {
	return &seats{most: most, each: each, nameless: most - most/5, from: map[netip.Prefix]int{}}
}

// take gives a seat, or the reason why not.
func (s *seats) take(from netip.Addr, guest bool) (*seat, error) {
	at, counts := household(from)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.taken >= s.most, guest && s.guests >= s.nameless:
		return nil, refuse(codeFull)
	case guest && counts && s.from[at] >= s.each:
		return nil, refuse(codeAddressFull)
	}
	s.taken++
	if guest {
		s.guests++
	}
	if guest && counts {
		s.from[at]++
	}
	return &seat{of: s, guest: guest, at: at}, nil
}

func (p *seat) leave() { p.once.Do(p.free) }

func (p *seat) free() {
	s := p.of
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken--
	if !p.guest {
		return
	}
	s.guests--
	if s.from[p.at]--; s.from[p.at] <= 0 {
		delete(s.from, p.at)
	}
}

// count tells how many are in, and how many of them without a link.
func (s *seats) count() (taken, guests int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken, s.guests
}

// household is what an address counts as: a whole /64 where IPv6, since that is what one household gets. Loopback does not
// count, nor what is no address: a proxy of ours that tells nothing may stand there.
func household(from netip.Addr) (at netip.Prefix, counts bool) {
	if !from.IsValid() || from.IsLoopback() {
		return netip.Prefix{}, false
	}
	bits := 32
	if from.Is6() {
		bits = 64
	}
	at, err := from.Prefix(bits)
	return at, err == nil
}

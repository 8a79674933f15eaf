package viewer

import (
	"sync/atomic"
	"time"
)

// claim is who holds an address: whose datagrams come from there. Anybody can
// forge the source of a check that is authentic for a session of their own, so
// an address that is held changes hands only to who answered there, and from
// one who answered only when it is quiet. One that was never answered from is
// nobody's yet, but whoever came first has it meanwhile.
type claim struct {
	// Static after construction.
	session *Session
	proved  bool // it answered there

	seen  atomic.Int64 // Unix nanoseconds: newest authentic packet from there
	rival *Session     // guarded by Server.mu: who wanted the address last and has to answer there; nil for nobody
}

func newClaim(v *Session, proved bool, now time.Time) *claim {
	c := &claim{session: v, proved: proved}
	c.seen.Store(now.UnixNano())
	return c
}

// yields tells whether somebody else may have the address.
func (c *claim) yields(proved bool, now time.Time) bool {
	return proved && (!c.proved || now.Sub(time.Unix(0, c.seen.Load())) > pathQuiet)
}

func (s *Server) claimOn(a address) *claim {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.addresses[a]
}

func (s *Server) byAddress(a address) *Session {
	if c := s.claimOn(a); c != nil {
		return c.session
	}
	return nil
}

// holders gives who holds an address and who wants it.
func (s *Server) holders(a address) (holder, rival *Session) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if c := s.addresses[a]; c != nil {
		return c.session, c.rival
	}
	return nil, nil
}

// register lets datagrams from a reach v, from where an authentic packet of v
// just came, and where v may have proved to be. It reports false when another
// session has the better claim.
func (s *Server) register(a address, v *Session, proved bool, now time.Time) (held bool) {
	if c := s.claimOn(a); c != nil && c.session == v && c.proved == proved {
		c.seen.Store(now.UnixNano())
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.addresses[a]; c != nil && c.session != v && !c.yields(proved, now) {
		c.rival = v
		return false
	}
	s.addresses[a] = newClaim(v, proved, now)
	return true
}

// unregister lets go of whatever v has of an address.
func (s *Server) unregister(a address, v *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.releaseLocked(a, v)
}

func (s *Server) releaseLocked(a address, v *Session) {
	switch c := s.addresses[a]; {
	case c == nil:
	case c.session == v:
		delete(s.addresses, a)
	case c.rival == v:
		c.rival = nil
	}
}

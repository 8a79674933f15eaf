package viewer

import (
	"net/netip"
	"slices"

	"go.uber.org/zap"
)

// householdShare is the part of all places that one household may have: an
// IPv4 address, or an IPv6 network of 64 bits.
const householdShare = 4

// door lets so many handshakes run at once and as many wait. A household may
// have a quarter of either, so that who begins handshakes and leaves them there
// shuts the door for the neighbours at most. Guarded by Server.mu.
//
// A running handshake has four goroutines and takes 50 KiB when its client says
// hello and falls silent; 200 KiB is what a client can make of it that sends as
// many small fragments as are let in (pipeTotalBytes). One that waits takes
// pipeBytes at most. So 1,024 of each are 50 MiB, and 220 at the very worst.
type door struct {
	most, share int // static
	running     int
	of          map[netip.Addr]int // running, by household
	waiting     []visit            // the oldest first
}

// visit is a session whose handshake wants to run, and its household.
type visit struct {
	session *Session
	from    netip.Addr
}

func newDoor(most int) door {
	return door{most: most, share: max(1, most/householdShare), of: map[netip.Addr]int{}}
}

// enter lets a visit in, now or later.
func (d *door) enter(v visit) (now, ok bool) {
	if d.running < d.most && d.of[v.from] < d.share {
		d.running++
		d.of[v.from]++
		return true, true
	}
	if len(d.waiting) >= d.most || d.waitingFrom(v.from) >= d.share {
		return false, false
	}
	d.waiting = append(d.waiting, v)
	return false, true
}

func (d *door) waitingFrom(from netip.Addr) (n int) {
	for i := range d.waiting {
		if d.waiting[i].from == from {
			n++
		}
	}
	return n
}

// next ends a running visit and gives its place to the first one whose
// household has not its share already; or to nobody.
func (d *door) next(done visit) (v visit, ok bool) {
	if d.of[done.from]--; d.of[done.from] == 0 {
		delete(d.of, done.from)
	}
	i := slices.IndexFunc(d.waiting, func(v visit) bool { return d.of[v.from] < d.share })
	if i < 0 {
		d.running--
		return visit{}, false
	}
	v = d.waiting[i]
	d.waiting = slices.Delete(d.waiting, i, i+1)
	d.of[v.from]++
	return v, true
}

// leave takes out a session that does not want to wait any more.
func (d *door) leave(v *Session) {
	d.waiting = slices.DeleteFunc(d.waiting, func(w visit) bool { return w.session == v })
}

// enter lets the handshake of a session run, now or when it is its turn.
func (s *Server) enter(v visit) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	now, ok := s.door.enter(v)
	if now {
		s.running.Go(func() { s.work(v) })
	}
	return ok
}

// work does handshakes, one after the other, until none may follow.
func (s *Server) work(v visit) {
	for ok := true; ok; v, ok = s.following(v) {
		s.attend(v.session)
	}
}

func (s *Server) following(done visit) (visit, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.door.next(done)
}

func (s *Server) attend(v *Session) {
	shake, fingerprints := v.turn()
	if shake == nil {
		return
	}
	defer shake.stop()
	defer shake.pipe.Close()
	k, err := s.handshake(shake, v, fingerprints)
	switch {
	case err == nil:
		v.connect(k)
	case shake.ctx.Err() == nil:
		s.count.failed.Add(1)
		s.config.Log.Debug("the handshake of a viewer failed", zap.Error(err))
		v.end(EndFailed)
	}
}

// turn begins the handshake of a session that has not ended while it waited.
func (s *Session) turn() (*handshake, []Fingerprint) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shake, s.fingerprints
}

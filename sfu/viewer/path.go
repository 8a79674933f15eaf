package viewer

import (
	"crypto/hmac"
	"crypto/rand"
	"encoding/binary"
	"time"

	"antenne/sfu/egress"
)

const (
	maxPaths  = 8                        // addresses of one session
	pathQuiet = 3 * time.Second          // a path without an authentic packet gives way to one that has them
	priority  = 110<<24 | 65535<<8 | 255 // of a peer-reflexive candidate (RFC 8445 §5.1.2), which nobody weighs
)

// path is an address from which a client showed that it knows the password.
//
// A check can be replayed, and its source forged, by anybody who saw one, and a
// client may itself name a victim's address. So media goes only where somebody
// answered: the first path has to receive our part of the handshake, and any
// other has to answer a check of our own before it is chosen. For the same
// reason no check keeps a session: when nothing else of it is heard, its next
// checks are answered with one of ours, and the answer to that counts.
type path struct {
	from     address
	dest     *egress.Dest
	seen     time.Time // newest authentic packet
	held     bool      // what comes from there is ours (see claim)
	proved   bool
	asked    [12]byte // transaction of our own check
	password string   // of the client, which signs its answer; empty when none is awaited
}

// check answers a Binding request (RFC 8445 §7.3) with the credentials of the
// session. One that is not authentic gets no answer.
func (s *Session) check(m *message, key address) {
	to, answer, question := s.examine(m, key, s.server.clock())
	if to == nil {
		return
	}
	_ = to.Send(answer)
	if question != nil {
		_ = to.Send(question)
	}
}

func (s *Session) examine(m *message, key address, now time.Time) (to *egress.Dest, answer, question []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.generationOf(m.username)
	switch {
	case g == nil || s.stage == ended:
		s.server.count.drop(dropSTUNUsername)
		return nil, nil, nil
	case !m.authentic(g.local.Password):
		s.server.count.drop(dropSTUNIntegrity)
		return nil, nil, nil
	case m.unknowns > 0:
		s.server.count.drop(dropSTUNAttribute)
		return key.origin.Dest(key.addr), unknownTo(nil, m, g.local.Password), nil
	case m.controlled: // a lite agent never controls: the client must (RFC 8445 §7.3.1.1)
		s.server.count.roleConflicts.Add(1)
		return key.origin.Dest(key.addr), conflictTo(nil, m, g.local.Password), nil
	}
	answer = answerTo(make([]byte, 0, largestAnswer), m, key.addr, g.local.Password)
	p := s.pathFrom(key, now)
	if m.useCandidate {
		g = s.nominate(p, g)
	}
	if !p.proved && (!p.held || p.dest != s.to.Load()) || s.doubtful(now) {
		question = s.ask(p, g)
	}
	s.settle(p, now)
	return p.dest, answer, question
}

// generationOf finds the credentials that a username names: both halves.
func (s *Session) generationOf(username []byte) *generation {
	for _, g := range []*generation{&s.current, &s.next} {
		if g.local.Ufrag != "" && string(username) == g.local.Ufrag+":"+g.remote.Ufrag {
			return g
		}
	}
	return nil
}

// pathFrom gives the path of an address, new or not, after an authentic packet.
func (s *Session) pathFrom(key address, now time.Time) *path {
	p := s.find(key)
	if p == nil {
		s.makeRoom()
		dest := key.origin.Dest(key.addr)
		dest.Admit()
		s.paths = append(s.paths, path{from: key, dest: dest})
		p = &s.paths[len(s.paths)-1]
	}
	s.heard(p, now)
	return p
}

// heard notes an authentic packet. An address that another session holds is
// asked for with each one.
func (s *Session) heard(p *path, now time.Time) {
	p.seen = now
	p.held = s.server.register(p.from, s, p.proved, now)
}

// doubtful tells whether the client should show that it lives: what it sent of
// late might be repeated by somebody else.
func (s *Session) doubtful(now time.Time) bool {
	return s.stage == open && now.Sub(time.Unix(0, s.seen.Load())) > s.server.config.Silence/3
}

func (s *Session) find(key address) *path {
	for i := range s.paths {
		if s.paths[i].from == key {
			return &s.paths[i]
		}
	}
	return nil
}

// makeRoom forgets the path that was quiet the longest, when there are too
// many; never the one in use.
func (s *Session) makeRoom() {
	if len(s.paths) < maxPaths {
		return
	}
	oldest, used := -1, s.to.Load()
	for i := range s.paths {
		if s.paths[i].dest != used && (oldest < 0 || s.paths[i].seen.Before(s.paths[oldest].seen)) {
			oldest = i
		}
	}
	s.server.unregister(s.paths[oldest].from, s)
	s.paths[oldest].dest.Close()
	s.paths = append(s.paths[:oldest], s.paths[oldest+1:]...)
}

// nominate notes the path that the client chose: the newest choice counts. A
// choice under new credentials ends the ones before, and those are where they
// stood: what is given are the credentials that count now.
func (s *Session) nominate(p *path, g *generation) *generation {
	s.wanted = p.dest
	if g != &s.next {
		return g
	}
	s.server.rename(s, s.current.local.Ufrag, "")
	s.current, s.next = s.next, generation{}
	s.server.count.restarts.Add(1)
	return &s.current
}

// settle decides where to send after an authentic packet on p: the first path
// that shows itself, then what is nominated and proved; and, where the client
// nominates nothing (a NAT gave it a new address), the path that lives.
func (s *Session) settle(p *path, now time.Time) {
	used := s.to.Load()
	switch {
	case used == p.dest:
	case used == nil:
		s.to.Store(p.dest)
	case p.proved && (s.wanted == p.dest || s.quiet(used, now)):
		s.to.Store(p.dest)
		if s.stage == open {
			s.server.count.addressChanges.Add(1)
		}
	}
}

func (s *Session) quiet(used *egress.Dest, now time.Time) bool {
	for i := range s.paths {
		if s.paths[i].dest == used {
			return now.Sub(s.paths[i].seen) > pathQuiet
		}
	}
	return true
}

// handshakeProved: who finished the handshake got our half of it, which went
// to the first path or to one that had been proved before.
func (s *Session) handshakeProved() {
	for i := range s.paths {
		if p := &s.paths[i]; p.dest == s.to.Load() {
			p.proved = true
			s.heard(p, s.server.clock())
		}
	}
}

// ask makes a check of our own for a path, with a transaction that only its
// other end will know. Until that is answered it stays the same: the client's
// own checks may come faster than its answers.
func (s *Session) ask(p *path, g *generation) []byte {
	if p.password != g.remote.Password {
		_, _ = rand.Read(p.asked[:]) // crypto/rand never fails since Go 1.24
		p.password = g.remote.Password
	}
	return requestOf(nil, p.asked, g)
}

// prove takes the answer to a check of ours. It reports false when none of this
// session was answered.
func (s *Session) prove(m *message, key address) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.find(key)
	if p == nil || p.password == "" || !hmac.Equal(p.asked[:], m.transaction[:]) || !m.authentic(p.password) {
		return false
	}
	now := s.server.clock()
	p.proved, p.password = true, ""
	s.seen.Store(now.UnixNano())
	s.heard(p, now)
	s.settle(p, now)
	return true
}

// requestOf builds a Binding request as the controlled side (RFC 8445 §7.2).
func requestOf(to []byte, transaction [12]byte, g *generation) []byte {
	username := g.remote.Ufrag + ":" + g.local.Ufrag
	to = begin(to, stunRequest, transaction)
	to = binary.BigEndian.AppendUint16(to, attrUsername)
	to = binary.BigEndian.AppendUint16(to, uint16(len(username)))
	to = append(to, username...)
	to = append(to, make([]byte, -len(username)&3)...)
	to = binary.BigEndian.AppendUint16(to, attrPriority)
	to = binary.BigEndian.AppendUint16(to, 4)
	to = binary.BigEndian.AppendUint32(to, priority)
	to = binary.BigEndian.AppendUint16(to, attrControlled)
	to = binary.BigEndian.AppendUint16(to, 8)
	to = append(to, make([]byte, 8)...) // the smallest tie-breaker: we never control
	return sign(to, g.remote.Password)
}

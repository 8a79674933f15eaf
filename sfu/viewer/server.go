package viewer

import (
	"crypto"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"sync"
	"time"

	"go.uber.org/zap"

	"antenne/sfu/egress"
)

// Config of a Server; zero values take the defaults.
type Config struct {
	Log        *zap.Logger   // nil is silence
	Silence    time.Duration // without an authentic packet a session is lost (consent, RFC 7675); 30 s
	Join       time.Duration // from Open to the end of the handshake; 30 s
	Handshake  time.Duration // of one, from its turn to its end; 10 s, in which six of our flights may be lost one after the other
	Handshakes int           // at a time; as many others wait; 1,024
}

const houseEvery = time.Second

func (c Config) withDefaults() Config {
	if c.Log == nil {
		c.Log = zap.NewNop()
	}
	if c.Silence <= 0 {
		c.Silence = 30 * time.Second
	}
	if c.Join <= 0 {
		c.Join = 30 * time.Second
	}
	if c.Handshake <= 0 {
		c.Handshake = 10 * time.Second
	}
	if c.Handshakes <= 0 {
		c.Handshakes = 1024
	}
	return c
}

// Server answers the viewers of one process.
type Server struct {
	// Static after construction.
	config      Config
	certificate tls.Certificate
	fingerprint string
	clock       func() time.Time
	stop        chan struct{} // closed when the server ends
	computing   chan struct{} // a place for each handshake that may compute at once
	count       counters

	mu        sync.RWMutex
	closed    bool                  // guarded by mu, like all below
	sessions  map[*Session]struct{} // those that have not ended
	ufrags    map[string]*Session   // by our own
	addresses map[address]*claim    // of paths that a client showed to know the password on
	door      door
	running   sync.WaitGroup // Add only while not closed
}

// address is where datagrams of a session come from.
type address struct {
	origin egress.Origin
	addr   netip.AddrPort
}

var (
	errClosed = errors.New("viewer: the server is closed")
	errParams = errors.New("viewer: a session needs the client's credentials, its fingerprint and an owner")
)

// NewServer makes the certificate of the process and starts the housekeeper.
func NewServer(c Config) (*Server, error) { return newServer(c, time.Now) }

func newServer(c Config, clock func() time.Time) (*Server, error) {
	certificate, err := newCertificate(clock())
	if err != nil {
		return nil, fmt.Errorf("viewer: certificate: %w", err)
	}
	s := &Server{
		config: c.withDefaults(), certificate: certificate, clock: clock, stop: make(chan struct{}),
		fingerprint: "sha-256 " + digest(crypto.SHA256, certificate.Certificate[0]),
		sessions:    map[*Session]struct{}{}, ufrags: map[string]*Session{}, addresses: map[address]*claim{},
		computing: make(chan struct{}, 2*runtime.GOMAXPROCS(0)),
	}
	s.door = newDoor(s.config.Handshakes)
	s.running.Go(s.keepHouse)
	return s, nil
}

// Fingerprint of the certificate for the answer: "sha-256 AB:CD:…".
func (s *Server) Fingerprint() string { return s.fingerprint }

// Open makes a session that waits for its client.
func (s *Server) Open(p Params) (*Session, error) {
	fingerprints := known(p.Fingerprints)
	if p.Owner == nil || len(fingerprints) == 0 || !p.Remote.hold() {
		return nil, errParams
	}
	v := &Session{
		server: s, owner: p.Owner, opened: s.clock(), onlyAEAD: p.OnlyAEAD,
		fingerprints: fingerprints, current: generation{newCredentials(), p.Remote},
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errClosed
	}
	s.sessions[v] = struct{}{}
	s.ufrags[v.current.local.Ufrag] = v
	return v, nil
}

// hold checks the lengths that RFC 8839 §5.4 asks for.
func (c Credentials) hold() bool {
	return len(c.Ufrag) >= 4 && len(c.Ufrag) <= 256 && len(c.Password) >= 22 && len(c.Password) <= 256
}

// newCredentials are 60 bits of name, 130 of secret (RFC 8445 §5.3 asks for 24
// and 128), in letters and digits.
func newCredentials() Credentials { return Credentials{Ufrag: rand.Text()[:12], Password: rand.Text()} }

// Close ends every session and waits for every goroutine.
func (s *Server) Close() {
	s.mu.Lock()
	first := !s.closed
	s.closed = true
	s.mu.Unlock()
	if first {
		close(s.stop)
		for _, v := range s.all() {
			v.end(EndShutdown)
		}
	}
	s.running.Wait()
}

func (s *Server) all() []*Session {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := make([]*Session, 0, len(s.sessions))
	for v := range s.sessions {
		all = append(all, v)
	}
	return all
}

func (s *Server) keepHouse() {
	round := time.NewTicker(houseEvery)
	defer round.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-round.C:
			s.review(s.clock())
		}
	}
}

// review ends the sessions that nobody hears any more.
func (s *Server) review(now time.Time) {
	for _, v := range s.all() {
		if v.overdue(now) {
			v.end(EndLost)
		}
	}
}

func (s *Server) byUfrag(ufrag []byte) *Session {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.ufrags[string(ufrag)]
}

// rename swaps one ufrag of v for another; "" stands for none.
func (s *Server) rename(v *Session, from, to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.ufrags, from)
	if to != "" {
		s.ufrags[to] = v
	}
}

// forget takes a session out of everything; its mu is held.
func (s *Server) forget(v *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, v)
	delete(s.ufrags, v.current.local.Ufrag)
	delete(s.ufrags, v.next.local.Ufrag)
	s.door.leave(v)
	for i := range v.paths {
		s.releaseLocked(v.paths[i].from, v)
	}
}

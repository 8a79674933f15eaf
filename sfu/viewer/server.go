package viewer

import (
	"crypto"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
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
	Handshakes int           // at a time, others wait; 64
}

const (
	houseEvery       = time.Second
	waitingPerWorker = 16 // handshakes that may wait for each that may run
)

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
	if c.Handshakes <= 0 {
		c.Handshakes = 64
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
	count       counters

	mu        sync.RWMutex
	closed    bool                  // guarded by mu, like all below
	sessions  map[*Session]struct{} // those that have not ended
	ufrags    map[string]*Session   // by our own
	addresses map[address]*Session  // of paths that a client proved to know the password on
	door      door
	running   sync.WaitGroup // Add only while not closed
}

// address is where datagrams of a session come from.
type address struct {
	origin egress.Origin
	addr   netip.AddrPort
}

// door lets so many handshakes run at once.
type door struct {
	running int
	waiting []*Session
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
		sessions:    map[*Session]struct{}{}, ufrags: map[string]*Session{}, addresses: map[address]*Session{},
	}
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

func (s *Server) byAddress(a address) *Session {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.addresses[a]
}

// register lets datagrams from a reach v. The newest proof of an address
// counts: a port that another session had may be somebody else's by now.
func (s *Server) register(a address, v *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addresses[a] = v
}

func (s *Server) unregister(a address, v *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.addresses[a] == v {
		delete(s.addresses, a)
	}
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

func (s *Server) forget(v *Session, ufrags ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, v)
	for _, u := range ufrags {
		delete(s.ufrags, u)
	}
	for i := range v.paths {
		if a := v.paths[i].from; s.addresses[a] == v {
			delete(s.addresses, a)
		}
	}
}

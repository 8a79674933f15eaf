package viewer

import (
	"net/netip"
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

// Server answers the viewers of one process.
type Server struct{}

// NewServer makes the certificate of the process and starts the housekeeper.
func NewServer(c Config) (*Server, error) { return &Server{}, nil }

// Fingerprint of the certificate for the answer: "sha-256 AB:CD:…".
func (s *Server) Fingerprint() string { return "" }

// Take looks at a datagram that came in on c. It reports true when the
// datagram was a viewer's, whatever became of it.
func (s *Server) Take(c *egress.Conn, datagram []byte, from netip.AddrPort) bool { return false }

// Open makes a session that waits for its client.
func (s *Server) Open(p Params) (*Session, error) { return &Session{}, nil }

// Close ends every session and waits for every goroutine.
func (s *Server) Close() {}

// Stats gives the figures of now.
func (s *Server) Stats() Stats { return Stats{} }

package viewer

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"antenne/sfu/egress"
)

// Credentials are one side's of ICE (RFC 8445 §5.3).
type Credentials struct{ Ufrag, Password string }

// Fingerprint of a certificate, as in SDP (RFC 8122): {"sha-256", "AB:CD:…"}.
type Fingerprint struct{ Algorithm, Value string }

// End is why a session ended.
type End uint8

// The ends.
const (
	EndLost     End = iota + 1 // silence, or it never came
	EndClosed                  // the client said goodbye (an authentic DTLS alert)
	EndFailed                  // the handshake failed
	EndShutdown                // the server closed
)

// Params of a session.
type Params struct {
	Remote       Credentials
	Fingerprints []Fingerprint // of the client's certificate: one of them must hold
	OnlyAEAD     bool          // AES-GCM only; else AES-CM with SHA-1 as well
	Owner        Owner
}

// Owner hears of a session, one call at a time, from the server's goroutines.
// It must not block. Nothing is called after Ended; one call may still be on
// its way when Close is called.
type Owner interface {
	Connected()
	Feedback(rtcp []byte) // an authentic compound packet (RFC 3550 §6.1); borrowed
	Ended(End)            // once, unless Close came first
}

type stage uint8

const (
	waiting stage = iota // for a ClientHello
	shaking              // the handshake runs or waits for its turn
	open
	ended
)

// generation of ICE credentials: a restart makes a new one.
type generation struct{ local, remote Credentials }

// Session is one viewer.
type Session struct {
	// Static after construction.
	server   *Server
	owner    Owner
	opened   time.Time
	onlyAEAD bool

	to   atomic.Pointer[egress.Dest] // where everything goes; nil before a client showed itself
	out  atomic.Pointer[sealer]      // nil before the session is open; its content is the sealing goroutine's
	seen atomic.Int64                // Unix nanoseconds: newest sign of life that nobody can repeat

	calls sync.Mutex // one call to the owner at a time
	told  bool       // guarded by calls: nothing is called any more

	mu            sync.Mutex
	stage         stage // guarded by mu, like all below
	fingerprints  []Fingerprint
	current, next generation // next is empty but during a restart
	paths         []path
	wanted        *egress.Dest // nominated last
	shake         *handshake   // while shaking
	in            *opener      // while open, like all below
	goodbyes      goodbyes
	flight        []byte // the last one, until the client shows that it has it
	resent        uint8
}

// Local gives the credentials that the answer names.
func (s *Session) Local() Credentials {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current.local
}

// Restart of ICE (RFC 8445 §9): new credentials for the answer to a new offer.
// The path and the keys stay until the client nominates under the new ones.
func (s *Session) Restart(remote Credentials) Credentials {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.next.local.Ufrag
	s.next = generation{newCredentials(), remote}
	if s.stage != ended {
		s.server.rename(s, before, s.next.local.Ufrag)
	}
	return s.next.local
}

// Dest is where media goes now; nil before the session is connected.
func (s *Session) Dest() *egress.Dest {
	if s.out.Load() == nil {
		return nil
	}
	return s.to.Load()
}

// Overhead is how many bytes Seal adds at most.
func (s *Session) Overhead() int {
	if out := s.out.Load(); out != nil {
		return out.overhead
	}
	return maxOverhead
}

// Seal encrypts an RTP packet in place: packet is the marshalled header and
// payload, with Overhead bytes of spare capacity; h is scratch and may be nil.
// One goroutine at a time may call it and SealReport.
//
// A sequence number of an SSRC is sealed once: ErrUsed after that, ErrOld when
// it is 512 or more behind the newest. For clients without RTX the very same
// bytes may be sealed again, but for what was sealed before an SSRC was first
// asked for that.
func (s *Session) Seal(packet []byte, h *rtp.Header) ([]byte, error) {
	out := s.out.Load()
	if out == nil {
		return nil, ErrNotConnected
	}
	return out.seal(packet, h)
}

// SealReport encrypts a compound RTCP packet into dst, whose content it
// replaces; dst may be nil, and the result be larger than its capacity.
func (s *Session) SealReport(dst, rtcp []byte) ([]byte, error) {
	out := s.out.Load()
	if out == nil {
		return nil, ErrNotConnected
	}
	return out.sealReport(dst, rtcp)
}

// Close ends the session, with a word to the client when bye. Its Owner is not
// told. It may be called twice, and by the Owner.
func (s *Session) Close(bye bool) { s.finish(bye) }

// end is Close for reasons of our own: the Owner is told.
func (s *Session) end(reason End) {
	if !s.finish(reason == EndShutdown) {
		return
	}
	s.server.count.ended[reason].Add(1)
	s.calls.Lock()
	defer s.calls.Unlock()
	s.told = true
	s.owner.Ended(reason)
}

// finish takes the session out of everything. It reports false when that was
// done before.
func (s *Session) finish(bye bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stage == ended {
		return false
	}
	if s.stage == open {
		s.server.count.connected.Add(-1)
		if bye {
			s.sayGoodbye()
		}
	}
	s.stage = ended
	if s.shake != nil {
		s.shake.stop()
	}
	s.server.forget(s)
	for i := range s.paths {
		s.paths[i].dest.Close()
	}
	s.paths, s.in, s.flight, s.shake = nil, nil, nil, nil
	return true
}

func (s *Session) sayGoodbye() {
	if b, err := s.goodbyes.say(); err == nil {
		s.send(b)
	}
}

// send sends one datagram of the handshake or after it at once. Like on any
// network it may be lost.
func (s *Session) send(b []byte) {
	if to := s.to.Load(); to != nil {
		_ = to.Send(b)
	}
}

// overdue tells whether the session's client never came or fell silent.
func (s *Session) overdue(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch s.stage {
	case ended:
		return false
	case open:
		return now.Sub(time.Unix(0, s.seen.Load())) > s.server.config.Silence
	default:
		return now.Sub(s.opened) > s.server.config.Join
	}
}

// connect makes the session one that media goes to.
func (s *Session) connect(k *keys) {
	s.calls.Lock()
	defer s.calls.Unlock()
	if !s.become(k) {
		return
	}
	s.server.count.handshakes.Add(1)
	s.server.count.connected.Add(1)
	s.owner.Connected()
}

func (s *Session) become(k *keys) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stage != shaking {
		return false
	}
	s.stage = open
	s.shake, s.fingerprints = nil, nil
	s.in, s.goodbyes, s.flight = k.in, k.goodbyes, k.flight
	s.seen.Store(s.server.clock().UnixNano())
	s.handshakeProved()
	s.out.Store(k.out)
	return true
}

// handshake is one that runs or waits.
type handshake struct {
	pipe *pipe
	ctx  context.Context // ends with the session
	stop context.CancelFunc
}

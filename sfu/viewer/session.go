package viewer

import (
	"errors"

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
// It must not block. Nothing is called after Ended.
type Owner interface {
	Connected()
	Feedback(rtcp []byte) // an authentic compound packet (RFC 3550 §6.1); borrowed
	Ended(End)            // once, unless Close came first
}

// Session is one viewer.
type Session struct{}

var errNotYet = errors.New("viewer: not connected")

// Local gives the credentials that the answer names.
func (s *Session) Local() Credentials { return Credentials{} }

// Restart of ICE (RFC 8445 §9): new credentials for the answer to a new offer.
// The path and the keys stay until the client nominates under the new ones.
func (s *Session) Restart(remote Credentials) Credentials { return Credentials{} }

// Dest is where media goes now; nil before the session is connected.
func (s *Session) Dest() *egress.Dest { return nil }

// Overhead is how many bytes Seal adds at most.
func (s *Session) Overhead() int { return 16 }

// Seal encrypts an RTP packet in place: packet is the marshalled header and
// payload, with Overhead bytes of spare capacity; h is scratch. One goroutine
// at a time may call it.
func (s *Session) Seal(packet []byte, h *rtp.Header) ([]byte, error) { return nil, errNotYet }

// SealReport encrypts a compound RTCP packet into dst. Same goroutine as Seal.
func (s *Session) SealReport(dst, rtcp []byte) ([]byte, error) { return nil, errNotYet }

// Close ends the session, with a word to the client when bye. Its Owner is not
// told. It may be called twice.
func (s *Session) Close(bye bool) {}

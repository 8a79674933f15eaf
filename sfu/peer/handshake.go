package peer

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/srtp/v3"
)

var profiles = map[Profile]dtls.SRTPProtectionProfile{
	AEAD128: dtls.SRTP_AEAD_AES_128_GCM,
	AEAD256: dtls.SRTP_AEAD_AES_256_GCM,
	CM80:    dtls.SRTP_AES128_CM_HMAC_SHA1_80,
}

// identity is the certificate all viewers of a crowd share.
type identity struct {
	certificate tls.Certificate
	fingerprint string
}

func newIdentity() (*identity, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	from := time.Now().Add(-time.Hour)
	template := &x509.Certificate{SerialNumber: big.NewInt(from.UnixNano()), Subject: pkix.Name{CommonName: "crowd"}, NotBefore: from, NotAfter: from.AddDate(0, 1, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(der)
	return &identity{tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, colons(sum[:])}, nil
}

func colons(b []byte) string {
	parts := make([]string, len(b))
	for i, x := range b {
		parts[i] = fmt.Sprintf("%02X", x)
	}
	return strings.Join(parts, ":")
}

// keys protect and open the packets of one viewer.
type keys struct{ in, out *srtp.Context }

// shake is a DTLS handshake as client over p. The DTLS connection is dropped
// without a word afterwards: only its keys are needed.
func (c *crowd) shake(ctx context.Context, p *pipe, fingerprint []byte) (keys, error) {
	conn, err := dtls.ClientWithOptions(p, pipeAddr{},
		dtls.WithCertificates(c.identity.certificate),
		dtls.WithSRTPProtectionProfiles(c.profiles...),
		dtls.WithInsecureSkipVerify(true), // the fingerprint is what counts (RFC 5763 §5)
		dtls.WithVerifyPeerCertificate(func(raw [][]byte, _ [][]*x509.Certificate) error {
			if len(raw) == 0 {
				return errors.New("peer: the server showed no certificate")
			}
			if sum := sha256.Sum256(raw[0]); !bytes.Equal(sum[:], fingerprint) {
				return errors.New("peer: the server's certificate is another one than its answer says")
			}
			return nil
		}),
		dtls.WithFlightInterval(200*time.Millisecond),
	)
	if err != nil {
		return keys{}, err
	}
	defer func() { p.mute(); _ = conn.Close() }()
	if err := conn.HandshakeContext(ctx); err != nil {
		return keys{}, err
	}
	return exportKeys(conn)
}

func exportKeys(conn *dtls.Conn) (keys, error) {
	chosen, ok := conn.SelectedSRTPProtectionProfile()
	state, known := conn.ConnectionState()
	if !ok || !known {
		return keys{}, errors.New("peer: the server chose no SRTP profile")
	}
	config := srtp.Config{Profile: srtp.ProtectionProfile(chosen)}
	if err := config.ExtractSessionKeysFromDTLS(&state, true); err != nil {
		return keys{}, err
	}
	in, err := srtp.CreateContext(config.Keys.RemoteMasterKey, config.Keys.RemoteMasterSalt, config.Profile)
	if err != nil {
		return keys{}, err
	}
	out, err := srtp.CreateContext(config.Keys.LocalMasterKey, config.Keys.LocalMasterSalt, config.Profile)
	return keys{in, out}, err
}

// pipe is the net.PacketConn of a handshake: the poller puts datagrams in, the
// DTLS library sends straight to the socket.
type pipe struct {
	in   chan []byte
	send func([]byte)

	mu       sync.Mutex
	silent   bool          // nothing is sent any more; guarded by mu
	closed   chan struct{} // closed once, under mu
	deadline *time.Timer   // guarded by mu
	late     chan struct{} // closed when the deadline has passed; guarded by mu
}

func newPipe(send func([]byte)) *pipe {
	return &pipe{in: make(chan []byte, 32), send: send, closed: make(chan struct{}), late: make(chan struct{})}
}

// push hands a datagram over; a full pipe drops it, as a network does.
func (p *pipe) push(b []byte) {
	select {
	case p.in <- append([]byte(nil), b...):
	default:
	}
}

func (p *pipe) mute() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.silent = true
}

// ReadFrom waits for the next datagram.
func (p *pipe) ReadFrom(b []byte) (int, net.Addr, error) {
	p.mu.Lock()
	late := p.late
	p.mu.Unlock()
	select {
	case <-p.closed:
		return 0, nil, net.ErrClosed
	default:
	}
	select {
	case datagram := <-p.in:
		return copy(b, datagram), pipeAddr{}, nil
	case <-late:
		return 0, nil, os.ErrDeadlineExceeded
	case <-p.closed:
		return 0, nil, net.ErrClosed
	}
}

// WriteTo sends to the server, whatever the address.
func (p *pipe) WriteTo(b []byte, _ net.Addr) (int, error) {
	p.mu.Lock()
	silent := p.silent
	p.mu.Unlock()
	if !silent {
		p.send(b)
	}
	return len(b), nil
}

// Close ends reading.
func (p *pipe) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.deadline != nil {
		p.deadline.Stop()
	}
	select {
	case <-p.closed:
	default:
		close(p.closed)
	}
	return nil
}

// SetReadDeadline ends a read that waits, too.
func (p *pipe) SetReadDeadline(t time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	fired := p.deadline != nil && !p.deadline.Stop()
	p.deadline = nil
	select {
	case <-p.late:
		fired = true
	default:
	}
	if fired {
		p.late = make(chan struct{}) // the old one is closed, or about to be
	}
	late := p.late
	switch wait := time.Until(t); {
	case t.IsZero():
	case wait <= 0:
		close(late)
	default:
		p.deadline = time.AfterFunc(wait, func() { close(late) })
	}
	return nil
}

// SetDeadline is that of reading: writing never waits.
func (p *pipe) SetDeadline(t time.Time) error { return p.SetReadDeadline(t) }

// SetWriteDeadline has nothing to bound.
func (p *pipe) SetWriteDeadline(time.Time) error { return nil }

// LocalAddr is a name only.
func (p *pipe) LocalAddr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "udp" }
func (pipeAddr) String() string  { return "crowd" }

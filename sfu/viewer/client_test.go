package viewer

import (
	"context"
	"crypto"
	"crypto/tls"
	"encoding/binary"
	"errors"
	mrand "math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/srtp/v3"
	"github.com/pion/stun/v3"
	"go.uber.org/zap"

	"antenne/sfu/egress"
)

// patience is for what must happen; nothing is asserted about how long it took.
const patience = 20 * time.Second

// site is a server behind one real socket, with a clock of its own.
type site struct {
	t      testing.TB
	server *Server
	conn   *egress.Conn
	clock  atomic.Int64 // seconds added to the real time
	passed atomic.Int64 // datagrams that were left to others
}

func newSite(t testing.TB, network string, c Config) *site {
	t.Helper()
	w := &site{t: t}
	server, err := newServer(c, w.now)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := egress.Listen(network, loopback(network)+":0")
	if err != nil {
		t.Fatal(err)
	}
	w.server, w.conn = server, conn
	conn.Handle(func(b []byte, from netip.AddrPort) bool { return server.Take(conn, b, from) })
	var reading sync.WaitGroup
	reading.Go(func() {
		buf := make([]byte, 2048)
		for {
			if _, _, err := conn.ReadFrom(buf); err != nil {
				return
			}
			w.passed.Add(1)
		}
	})
	t.Cleanup(func() {
		server.Close()
		_ = conn.Close()
		reading.Wait()
	})
	return w
}

func loopback(network string) string {
	if network == "udp6" {
		return "[::1]"
	}
	return "127.0.0.1"
}

func (w *site) now() time.Time { return time.Now().Add(time.Duration(w.clock.Load()) * time.Second) }

// pass lets time go by.
func (w *site) pass(d time.Duration) { w.clock.Add(int64(d / time.Second)) }

// known is how many addresses the server knows.
func (w *site) known() int {
	w.server.mu.RLock()
	defer w.server.mu.RUnlock()
	return len(w.server.addresses)
}

// drops waits until so many datagrams were dropped for that reason.
func (w *site) drops(r dropReason, n uint64) {
	w.t.Helper()
	eventually(w.t, func() bool { return w.server.count.drops[r].Load() >= n }, "%d drops for %s, have %d", n, dropNames[r], w.server.count.drops[r].Load())
}

func eventually(t testing.TB, holds func() bool, what string, args ...any) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: "+what, args...)
		}
	}
}

// owner records what it hears.
type owner struct {
	connected chan struct{}
	feedback  chan []byte
	ended     chan End
}

func newOwner() *owner {
	return &owner{make(chan struct{}, 9), make(chan []byte, 999), make(chan End, 9)}
}

func (o *owner) Connected()        { o.connected <- struct{}{} }
func (o *owner) Feedback(b []byte) { o.feedback <- append([]byte(nil), b...) }
func (o *owner) Ended(e End)       { o.ended <- e }

func get[T any](t testing.TB, from <-chan T, what string) T {
	t.Helper()
	select {
	case got := <-from:
		return got
	case <-time.After(patience):
		t.Fatalf("never: %s", what)
		panic("not reached")
	}
}

// client is the other side, made of the libraries and a real socket.
type client struct {
	t       testing.TB
	site    *site
	session *Session
	owner   *owner
	local   Credentials
	remote  Credentials
	cert    tls.Certificate

	profiles []dtls.SRTPProtectionProfile
	more     []dtls.ClientOption // the last one of a kind counts
	moods    [2]*mood            // what the network does to the handshake, up and down; nil for nothing
	meddle   func([]byte) bool   // says which of the server's records arrive; nil for all
	mute     atomic.Bool
	deaf     atomic.Bool // answers no checks
	besieged atomic.Bool // gets checks that are not for it, and leaves them

	udp   atomic.Pointer[net.UDPConn]
	pipe  *pipe
	stun  chan []byte
	media chan []byte
	conn  *dtls.Conn
	in    *srtp.Context
	out   *srtp.Context
	lives sync.WaitGroup
}

func certificate(t testing.TB) tls.Certificate {
	t.Helper()
	c, err := newCertificate(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func fingerprintOf(c tls.Certificate) []Fingerprint {
	return []Fingerprint{{"SHA-256", digest(crypto.SHA256, c.Certificate[0])}}
}

// join opens a session and makes its client, which has said nothing yet.
func (w *site) join(change ...func(*Params)) *client {
	w.t.Helper()
	c := &client{
		t: w.t, site: w, owner: newOwner(), local: newCredentials(), cert: certificate(w.t),
		profiles: []dtls.SRTPProtectionProfile{dtls.SRTP_AEAD_AES_128_GCM},
		stun:     make(chan []byte, 999), media: make(chan []byte, 9999),
	}
	p := Params{Remote: c.local, Fingerprints: fingerprintOf(c.cert), Owner: c.owner}
	for _, f := range change {
		f(&p)
	}
	session, err := w.server.Open(p)
	if err != nil {
		w.t.Fatal(err)
	}
	c.session, c.remote = session, session.Local()
	c.pipe = newPipe(c.sendHandshake, place())
	c.move()
	w.t.Cleanup(func() {
		_ = c.udp.Load().Close()
		_ = c.pipe.Close()
		c.lives.Wait()
	})
	return c
}

// place is room for one to compute, who has it all.
func place() chan struct{} { return make(chan struct{}, 1) }

// move gives the client a new address, as a NAT that begins anew.
func (c *client) move() {
	c.t.Helper()
	c.moveTo(net.IP(c.site.conn.Bound().Addr().AsSlice()))
}

// moveTo is move to another host: all of 127.0.0.0/8 are ours.
func (c *client) moveTo(host net.IP) {
	c.t.Helper()
	network := "udp4"
	if c.site.conn.Bound().Addr().Is6() {
		network = "udp6"
	}
	udp, err := net.ListenUDP(network, &net.UDPAddr{IP: host})
	if err != nil {
		c.t.Fatal(err)
	}
	if old := c.udp.Swap(udp); old != nil {
		_ = old.Close()
	}
	c.lives.Go(func() { c.read(udp) })
}

func (c *client) read(udp *net.UDPConn) {
	for {
		buf := make([]byte, 2048)
		n, err := udp.Read(buf)
		if err != nil {
			return
		}
		switch b := buf[:n]; {
		case b[0] < 4:
			c.takeSTUN(udp, b)
		case b[0] < 64:
			if c.meddle == nil || c.meddle(b) {
				c.moods[1].meddle(b, func(b []byte) { c.pipe.push(b) })
			}
		default:
			c.media <- b
		}
	}
}

// takeSTUN answers the server's checks as a full agent must, and keeps the rest.
func (c *client) takeSTUN(udp *net.UDPConn, b []byte) {
	m := &stun.Message{Raw: b}
	if err := m.Decode(); err != nil || m.Type != stun.BindingRequest {
		c.stun <- b
		return
	}
	if c.deaf.Load() {
		return
	}
	if err := stun.NewShortTermIntegrity(c.local.Password).Check(m); err != nil {
		if !c.besieged.Load() {
			c.t.Errorf("the server's check: %v", err)
		}
		return
	}
	parsed, _ := parseMessage(b)
	_, _ = udp.WriteToUDPAddrPort(answerTo(nil, &parsed, c.site.conn.Bound(), c.local.Password), c.site.conn.Bound())
}

func (c *client) send(b []byte) {
	c.t.Helper()
	if _, err := c.udp.Load().WriteToUDPAddrPort(b, c.site.conn.Bound()); err != nil && !errors.Is(err, net.ErrClosed) {
		c.t.Error(err)
	}
}

func (c *client) sendHandshake(b []byte) {
	if !c.mute.Load() {
		c.moods[0].meddle(b, c.send)
	}
}

// address is where the server sees it.
func (c *client) address() address {
	return address{c.site.conn, c.udp.Load().LocalAddr().(*net.UDPAddr).AddrPort()}
}

const useCandidate = stun.AttrUseCandidate

// request builds a check with the library.
func (c *client) request(setters ...stun.Setter) []byte {
	c.t.Helper()
	m, err := stun.Build(append([]stun.Setter{
		stun.TransactionID, stun.BindingRequest, stun.NewUsername(c.remote.Ufrag + ":" + c.local.Ufrag),
		stun.RawAttribute{Type: stun.AttrPriority, Value: []byte{1, 2, 3, 4}},
		stun.RawAttribute{Type: stun.AttrICEControlling, Value: make([]byte, 8)},
	}, append(setters, stun.NewShortTermIntegrity(c.remote.Password), stun.Fingerprint)...)...)
	if err != nil {
		c.t.Fatal(err)
	}
	return m.Raw
}

func nominated() stun.Setter { return stun.RawAttribute{Type: useCandidate} }

// copy is the same client with credentials that may be changed.
func (c *client) copy() *client {
	other := &client{
		t: c.t, site: c.site, session: c.session, owner: c.owner, local: c.local, remote: c.remote, stun: c.stun,
	}
	other.udp.Store(c.udp.Load())
	return other
}

// check sends a check and awaits its success.
func (c *client) check(setters ...stun.Setter) {
	c.t.Helper()
	request := c.request(setters...)
	c.send(request)
	c.answered(request, stun.BindingSuccess)
}

// answered awaits the answer to a check and reads it with the library.
func (c *client) answered(request []byte, kind stun.MessageType) *stun.Message {
	c.t.Helper()
	for {
		m := &stun.Message{Raw: get(c.t, c.stun, "an answer to a check")}
		if err := m.Decode(); err != nil {
			c.t.Fatal(err)
		}
		if string(m.TransactionID[:]) != string(request[8:20]) {
			continue
		}
		if err := errors.Join(stun.NewShortTermIntegrity(c.remote.Password).Check(m), stun.Fingerprint.Check(m)); err != nil {
			c.t.Errorf("the answer: %v", err)
		}
		if m.Type != kind {
			c.t.Errorf("the answer is a %s, want %s", m.Type, kind)
		}
		return m
	}
}

// handshake runs the client's half of DTLS.
func (c *client) handshake() error {
	options := append([]dtls.ClientOption{
		dtls.WithCertificates(c.cert), dtls.WithInsecureSkipVerify(true),
		dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret),
		dtls.WithFlightInterval(50 * time.Millisecond), dtls.WithLoggerFactory(silence),
	}, c.more...)
	if c.profiles != nil {
		options = append(options, dtls.WithSRTPProtectionProfiles(c.profiles...))
	}
	conn, err := dtls.ClientWithOptions(c.pipe, nowhere{}, options...)
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return err
	}
	c.conn = conn
	return c.deriveKeys()
}

func (c *client) deriveKeys() error {
	profile, _ := c.conn.SelectedSRTPProtectionProfile()
	state, _ := c.conn.ConnectionState()
	k := srtp.Config{Profile: srtp.ProtectionProfile(profile)}
	err := k.ExtractSessionKeysFromDTLS(&state, true)
	var wrong [2]error
	c.in, wrong[0] = srtp.CreateContext(k.Keys.RemoteMasterKey, k.Keys.RemoteMasterSalt, k.Profile, srtp.SRTPReplayProtection(1024))
	c.out, wrong[1] = srtp.CreateContext(k.Keys.LocalMasterKey, k.Keys.LocalMasterSalt, k.Profile)
	return errors.Join(err, wrong[0], wrong[1])
}

// connected is a client that has joined and stands.
func (w *site) connected(change ...func(*Params)) *client {
	w.t.Helper()
	c := w.join(change...)
	c.connect()
	return c
}

func (c *client) connect() {
	c.t.Helper()
	c.check(nominated())
	if err := c.handshake(); err != nil {
		c.t.Fatalf("handshake: %v", err)
	}
	get(c.t, c.owner.connected, "Connected")
}

// leave says goodbye, as a tab that is closed.
func (c *client) leave() { _ = c.conn.Close() }

// media is a packet with room for the seal.
func media(ssrc uint32, sequence uint16, payload ...byte) []byte {
	b := make([]byte, 12, 12+len(payload)+maxOverhead)
	b[0], b[1] = 0x80, 96
	binary.BigEndian.PutUint16(b[2:], sequence)
	binary.BigEndian.PutUint32(b[8:], ssrc)
	return append(b, payload...)
}

// pli is a report of a viewer: the smallest that there is.
func pli(from uint32) []byte {
	b := []byte{0x81, 206, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1}
	binary.BigEndian.PutUint32(b[4:], from)
	return b
}

// hears sends one packet of media and tells whether it reaches the client.
func (c *client) hears(sequence uint16) {
	c.t.Helper()
	b, err := c.session.Seal(media(7, sequence, 'm', byte(sequence)), nil)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := c.session.Dest().Send(b); err != nil {
		c.t.Fatal(err)
	}
	plain, err := c.in.DecryptRTP(nil, get(c.t, c.media, "media"), nil)
	if err != nil || string(plain[12:]) != string([]byte{'m', byte(sequence)}) {
		c.t.Fatalf("media: %q, %v", plain, err)
	}
}

// reports sends a report and awaits that the owner hears it.
func (c *client) reports() {
	c.t.Helper()
	b, err := c.out.EncryptRTCP(nil, pli(9), nil)
	if err != nil {
		c.t.Fatal(err)
	}
	c.send(b)
	if got := get(c.t, c.owner.feedback, "feedback"); string(got) != string(pli(9)) {
		c.t.Fatalf("feedback %x", got)
	}
}

// mood is a network that loses, doubles and swaps datagrams, by a seed.
type mood struct {
	mu   sync.Mutex
	dice *mrand.Rand
	held []byte
}

func newMood(seed uint64) *mood { return &mood{dice: mrand.New(mrand.NewPCG(seed, seed))} }

func (m *mood) meddle(b []byte, send func([]byte)) {
	if m == nil {
		send(b)
		return
	}
	m.mu.Lock()
	roll, held := m.dice.IntN(10), m.held
	m.held = nil
	if roll == 3 || roll == 4 {
		m.held = append([]byte(nil), b...)
	}
	m.mu.Unlock()
	switch roll {
	case 0, 1, 2: // lost
	case 3, 4: // overtaken by the next one
	case 5, 6:
		send(b)
		send(b)
	default:
		send(b)
	}
	if held != nil {
		send(held)
	}
}

func quiet() Config { return Config{Log: zap.NewNop()} }

// noCertificate is a client that has none to show.
func noCertificate(*dtls.CertificateRequestInfo) (*tls.Certificate, error) {
	return &tls.Certificate{}, nil
}

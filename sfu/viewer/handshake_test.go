package viewer

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/dtls/v3"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

// TestHandshakesOverBadNetworks: 30 % lost, 20 % doubled, 20 % overtaken, each
// way, by seed. The unluckiest needs some ten seconds.
func TestHandshakesOverBadNetworks(t *testing.T) {
	w := newSite(t, "udp4", Config{Handshake: patience})
	var all sync.WaitGroup
	for seed := range uint64(12) {
		v := w.join()
		v.moods = [2]*mood{newMood(seed), newMood(seed + 100)}
		v.check(nominated())
		all.Go(func() {
			if err := v.handshake(); err != nil {
				t.Errorf("seed %d: %v", seed, err)
			}
		})
	}
	all.Wait()
	eventually(t, func() bool { return w.server.Stats().Connected == 12 }, "all stand")
}

// TestALostLastFlightIsSentAgain: the client finishes though dtls is gone, and
// each copy of our last flight is the same bytes.
func TestALostLastFlightIsSentAgain(t *testing.T) {
	w := newSite(t, "udp4", quiet())
	v := w.join()
	v.check(nominated())
	loss := &lastFlights{lost: 3}
	v.meddle = loss.meddle
	if err := v.handshake(); err != nil {
		t.Fatal(err)
	}
	get(t, v.owner.connected, "Connected")
	if s := w.server.Stats(); s.FlightsResent < 1 || loss.lost != 0 {
		t.Errorf("%d flights sent again, %d to lose", s.FlightsResent, loss.lost)
	}
	v.hears(1)
	v.reports()
	v.session.mu.Lock()
	defer v.session.mu.Unlock()
	if v.session.flight != nil {
		t.Error("the last flight is kept though the client has it")
	}
}

// lastFlights loses the first datagrams from the server with a record of epoch 1.
type lastFlights struct{ lost int }

func (l *lastFlights) meddle(b []byte) bool {
	for r := range records(b) {
		if r.epoch == 1 && l.lost > 0 {
			l.lost--
			return false
		}
	}
	return true
}

func TestTheLastFlightIsSentAgainSoManyTimes(t *testing.T) {
	w := newSite(t, "udp4", quiet())
	v := w.connected()
	finished := make([]byte, recordHeader+40)
	copy(finished, []byte{recordHandshake, 0xfe, 0xfd, 0, 1})
	binary.BigEndian.PutUint16(finished[11:], 40)
	for range 3 * maxResent {
		v.send(finished)
	}
	w.drops(dropLate, 2*maxResent)
	if n := w.server.Stats().FlightsResent; n != maxResent {
		t.Errorf("sent again %d times, want %d", n, maxResent)
	}
}

func TestHandshakesThatMustFail(t *testing.T) {
	for name, spoil := range map[string]struct {
		params func(*Params)
		client func(*client)
	}{
		"another certificate": {func(p *Params) { p.Fingerprints[0].Value = strings.Repeat("AB:", 31) + "AB" }, nil},
		"an unknown hash": {func(p *Params) {
			p.Fingerprints = append(p.Fingerprints[:0:0], Fingerprint{"sha-512", p.Fingerprints[0].Value})
		}, nil},
		"no GCM, asked for": {func(p *Params) { p.OnlyAEAD = true }, func(c *client) { c.profiles = []dtls.SRTPProtectionProfile{dtls.SRTP_AES128_CM_HMAC_SHA1_80} }},
		"no SRTP":           {nil, func(c *client) { c.profiles = nil }},
		"no certificate":    {nil, func(c *client) { c.more = []dtls.ClientOption{dtls.WithGetClientCertificate(noCertificate)} }},
		"an old master secret": {nil, func(c *client) {
			c.more = []dtls.ClientOption{dtls.WithExtendedMasterSecret(dtls.DisableExtendedMasterSecret)}
		}},
		"ciphers without GCM": {nil, func(c *client) {
			c.more = []dtls.ClientOption{dtls.WithCipherSuites(dtls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA)}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newSite(t, "udp4", quiet())
			v := w.join(func(p *Params) {
				if spoil.params != nil {
					spoil.params(p)
				}
			})
			if spoil.client != nil {
				spoil.client(v)
			}
			v.check(nominated())
			done := make(chan error, 1)
			go func() { done <- v.handshake() }()
			if end := get(t, v.owner.ended, "the end"); end != EndFailed {
				t.Errorf("ended %s, want failed", end)
			}
			_ = v.pipe.Close()
			get(t, done, "the client's half to end")
			if len(v.owner.connected) != 0 || v.session.Dest() != nil {
				t.Error("a session stands on a handshake that failed")
			}
			if s := w.server.Stats(); s.HandshakesFailed != 1 || s.Sessions != 0 || s.Ended["failed"] != 1 {
				t.Errorf("stats %+v", s)
			}
		})
	}
}

func TestMoreCiphersAndFingerprints(t *testing.T) {
	w := newSite(t, "udp4", quiet())
	v := w.join(func(p *Params) {
		p.Fingerprints = append([]Fingerprint{{"sha-512", "AB"}, {"sha-1", "AB"}}, p.Fingerprints...)
		p.Fingerprints[2].Value = strings.ToLower(p.Fingerprints[2].Value)
	})
	v.more = []dtls.ClientOption{dtls.WithCipherSuites(dtls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384)}
	v.connect()
	v.hears(1)
	v.leave()
	if end := get(t, v.owner.ended, "the end"); end != EndClosed {
		t.Errorf("ended %s, want closed", end)
	}
}

func TestForgedAlertsEndNothing(t *testing.T) {
	w := newSite(t, "udp4", quiet())
	v, other := w.connected(), w.connected()
	otherGoodbye, err := (&goodbyes{server: other.session.goodbyes.client}).say()
	if err != nil {
		t.Fatal(err)
	}
	own, err := (&goodbyes{server: v.session.goodbyes.client, next: 77}).say()
	if err != nil {
		t.Fatal(err)
	}
	plain := []byte{recordAlert, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, alertWarning, alertCloseNotify}
	unsealed := bytes.Clone(plain)
	unsealed[4] = 1 // epoch
	flipped := bytes.Clone(own)
	flipped[len(flipped)-1] ^= 1
	renumbered := bytes.Clone(own)
	renumbered[10] ^= 1
	for _, b := range [][]byte{plain, unsealed, otherGoodbye, flipped, renumbered, own[:20]} {
		v.send(b)
	}
	w.drops(dropAlertForged, 4)
	w.drops(dropLate, 2)
	v.hears(1)
	v.reports()
	v.send(own)
	if end := get(t, v.owner.ended, "the end"); end != EndClosed {
		t.Errorf("ended %s, want closed", end)
	}
	other.hears(1)
}

func TestManyGoodbyesAtOnceStartNoGoroutine(t *testing.T) {
	w := newSite(t, "udp4", quiet())
	const many = 30
	var goodbyes [many][]byte
	var all [many]*client
	for i := range all {
		all[i] = w.connected()
		all[i].mute.Store(true)
		all[i].leave()
		goodbyes[i], _ = (&goodbyeMaker{all[i]}).say()
	}
	before := runtime.NumGoroutine()
	for i, v := range all {
		if !w.server.Take(w.conn, goodbyes[i], v.session.Dest().Addr()) {
			t.Error("a goodbye is left to others")
		}
		if n := runtime.NumGoroutine(); n > before {
			t.Fatalf("%d goroutines after a goodbye, %d before", n, before)
		}
		if end := get(t, v.owner.ended, "the end"); end != EndClosed {
			t.Errorf("ended %s, want closed", end)
		}
	}
}

type goodbyeMaker struct{ *client }

func (m *goodbyeMaker) say() ([]byte, error) {
	return (&goodbyes{server: m.session.goodbyes.client, next: 99}).say()
}

func TestNothingIsLeftOfAHandshake(t *testing.T) {
	w := newSite(t, "udp4", quiet())
	first := w.connected() // whatever starts once has started
	first.leave()
	get(t, first.owner.ended, "the end")
	w.settled()
	before := runtime.NumGoroutine()
	const many = 50
	for range many {
		v := w.connected()
		v.mute.Store(true)
		v.leave() // the client's own goroutines
	}
	// Each client still reads its socket.
	eventually(t, func() bool { return runtime.NumGoroutine() <= before+many }, "no goroutine of the server for %d viewers", many)
	if s := w.server.Stats(); s.Connected != many || s.HandshakesRunning != 0 {
		t.Errorf("stats %+v", s)
	}
}

// settled waits until no handshake is going on and its goroutines are gone.
func (w *site) settled() {
	w.t.Helper()
	eventually(w.t, func() bool {
		stacks := make([]byte, 1<<20)
		return !strings.Contains(string(stacks[:runtime.Stack(stacks, true)]), "pion/dtls")
	}, "dtls is gone")
}

// hello is a client's first datagram.
func hello(t testing.TB) []byte {
	t.Helper()
	first := make(chan []byte, 99)
	p := newPipe(func(b []byte) { first <- bytes.Clone(b) }, place())
	conn, err := dtls.ClientWithOptions(p, nowhere{}, dtls.WithInsecureSkipVerify(true), dtls.WithCertificates(certificate(t)),
		dtls.WithSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM), dtls.WithLoggerFactory(silence))
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = conn.Handshake() }()
	b := get(t, first, "a ClientHello")
	_ = p.Close()
	_ = conn.Close()
	return b
}

func TestOneHandshakeTakesSoMuch(t *testing.T) {
	w := newSite(t, "udp4", Config{Handshakes: 1})
	v := w.join()
	v.check(nominated())
	v.send([]byte{recordHandshake, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2})
	v.send(bytes.Repeat([]byte{63}, 20))
	w.drops(dropEarly, 2)
	blocker := w.join()
	blocker.check(nominated())
	blocker.send(hello(t))
	eventually(t, func() bool { return w.server.Stats().HandshakesRunning == 1 }, "one handshake runs")
	for range pipeDatagrams + 3 {
		v.send(hello(t))
	}
	w.drops(dropHandshakeFull, 3)
}

func TestCloseDuringTheHandshake(t *testing.T) {
	w := newSite(t, "udp4", quiet())
	for range 20 {
		v := w.join()
		v.check(nominated())
		v.send(hello(t))
		v.session.Close(true)
		if len(v.owner.connected)+len(v.owner.ended) != 0 {
			t.Error("the owner hears of a session that it closed")
		}
	}
	eventually(t, func() bool { s := w.server.Stats(); return s.HandshakesRunning == 0 && s.Sessions == 0 }, "nothing is left")
	if s := w.server.Stats(); s.HandshakesFailed != 0 || w.known() != 0 {
		t.Errorf("stats %+v", s)
	}
}

func TestAHandshakeThatNeverEndsIsGivenUp(t *testing.T) {
	w := newSite(t, "udp4", Config{Join: 10 * time.Second})
	v := w.join()
	v.check(nominated())
	v.send(hello(t))
	eventually(t, func() bool { return w.server.Stats().HandshakesRunning == 1 }, "the handshake runs")
	w.pass(11 * time.Second)
	w.server.review(w.now())
	if end := get(t, v.owner.ended, "the end"); end != EndLost {
		t.Errorf("ended %s, want lost", end)
	}
	eventually(t, func() bool { return w.server.Stats().HandshakesRunning == 0 }, "the worker is free")
}

// TestLogsSayNothingOfAnybody looks at every line of good and bad sessions.
func TestLogsSayNothingOfAnybody(t *testing.T) {
	core, logs := observer.New(zapcore.DebugLevel)
	w := newSite(t, "udp4", Config{Log: zap.New(core)})
	good := w.connected()
	bad := w.join(func(p *Params) { p.Fingerprints[0].Value = "AB" })
	bad.check(nominated())
	go func() { _ = bad.handshake() }()
	get(t, bad.owner.ended, "the end")
	_ = bad.pipe.Close()
	if logs.Len() == 0 {
		t.Error("a failed handshake is not logged")
	}
	for _, line := range logs.All() {
		text := fmt.Sprint(line.Message, line.ContextMap())
		for _, secret := range []string{"127.0.0.1", good.remote.Ufrag, bad.remote.Ufrag, bad.local.Ufrag, bad.remote.Password} {
			if strings.Contains(text, secret) {
				t.Errorf("the log tells %q: %s", secret, text)
			}
		}
	}
}

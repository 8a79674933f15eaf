package viewer

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/srtp/v3"
	"github.com/pion/stun/v3"

	"antenne/sfu/egress"
)

var fuzzFrom = netip.MustParseAddrPort("127.0.0.1:9")

// FuzzMessage holds our reading of STUN to the library's: what we take for
// authentic must be authentic there too, and the answers must parse.
func FuzzMessage(f *testing.F) {
	password := "abcdefghijklmnopqrstuvwx"
	f.Add(stun.MustBuild(stun.TransactionID, stun.BindingRequest, stun.NewUsername("a:b"), nominated(),
		stun.NewShortTermIntegrity(password), stun.Fingerprint).Raw)
	f.Add(answerTo(nil, &message{}, fuzzFrom, password))
	f.Add(conflictTo(nil, &message{}, password))
	f.Add(requestOf(nil, [12]byte{1}, &generation{Credentials{"a", password}, Credentials{"b", password}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, ok := parseMessage(b)
		if !ok || !m.authentic(password) {
			return
		}
		theirs := &stun.Message{Raw: bytes.Clone(b)}
		if err := theirs.Decode(); err != nil {
			t.Fatalf("the library reads nothing: %v", err)
		}
		if err := stun.NewShortTermIntegrity(password).Check(theirs); err != nil {
			t.Fatalf("the library finds it forged: %v", err)
		}
		if answer, ok := parseMessage(answerTo(nil, &m, fuzzFrom, password)); !ok || !answer.authentic(password) {
			t.Fatal("our own answer does not hold")
		}
	})
}

// silentConn is a socket that nobody reads.
func silentConn(f *testing.F) *egress.Conn {
	f.Helper()
	c, err := egress.Listen("udp4", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = c.Close() })
	return c
}

func fuzzServer(f *testing.F) *Server {
	f.Helper()
	s, err := NewServer(Config{Silence: 24 * time.Hour}) // a long fuzz is not a silent client
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(s.Close)
	return s
}

// standing makes a session that is open, without a handshake.
func (s *Server) standing(f *testing.F, c *egress.Conn) *Session {
	f.Helper()
	v, err := s.Open(Params{Remote: newCredentials(), Fingerprints: []Fingerprint{{"sha-256", "AB"}}, Owner: newOwner()})
	if err != nil {
		f.Fatal(err)
	}
	out, in := bothWays(f, srtp.ProtectionProfileAeadAes128Gcm)
	v.mu.Lock()
	defer v.mu.Unlock()
	p := v.pathFrom(address{c, fuzzFrom}, time.Now())
	p.proved = true
	v.settle(p, time.Now())
	v.stage, v.in = open, &opener{context: in}
	v.goodbyes.client.size, v.goodbyes.server.size = 16, 16
	v.flight = []byte{recordHandshake}
	v.out.Store(out)
	s.count.connected.Add(1)
	return v
}

// FuzzTake feeds datagrams to a session that stands: nothing that is not
// authentic may have an effect, and no input may bring out a fault.
func FuzzTake(f *testing.F) {
	s, c := fuzzServer(f), silentConn(f)
	v := s.standing(f, c)
	to := v.Dest()
	f.Add([]byte{recordAlert, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 9, 0, 2, 1, 0})
	f.Add(append([]byte{recordHandshake, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 9, 0, 8}, make([]byte, 8)...))
	f.Add(media(1, 1, 'x'))
	f.Add(append(pli(9), make([]byte, 20)...))
	f.Add(stun.MustBuild(stun.TransactionID, stun.BindingRequest, stun.NewUsername(v.Local().Ufrag+":x"), stun.Fingerprint).Raw)
	f.Add(stun.MustBuild(stun.TransactionID, stun.BindingSuccess).Raw)
	f.Fuzz(func(t *testing.T, b []byte) {
		s.Take(c, b, fuzzFrom)
		s.Take(c, b, netip.AddrPort{})
		if v.Dest() != to || s.Stats().Sessions != 1 || s.count.drops[dropPanic].Load() != 0 {
			t.Fatalf("an effect: %+v", s.Stats())
		}
	})
}

// FuzzHandshake feeds datagrams to a handshake: behind a real ClientHello, and
// alone.
func FuzzHandshake(f *testing.F) {
	s, c := fuzzServer(f), silentConn(f)
	first := hello(f)
	f.Add(first, true)
	f.Add([]byte{recordHandshake, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 1, 0, 25, 16, 0, 0, 13, 0, 1, 0, 0, 0, 0, 0, 13, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, true)
	f.Add([]byte{20, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 1}, true)
	f.Add([]byte{recordAlert, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2, 2, 40}, true)
	f.Fuzz(func(t *testing.T, b []byte, behind bool) {
		v, err := s.Open(Params{Remote: newCredentials(), Fingerprints: []Fingerprint{{"sha-256", "AB"}}, Owner: newOwner()})
		if err != nil {
			t.Fatal(err)
		}
		v.mu.Lock()
		v.settle(v.pathFrom(address{c, fuzzFrom}, time.Now()), time.Now())
		v.mu.Unlock()
		if behind {
			s.Take(c, first, fuzzFrom)
		}
		s.Take(c, b, fuzzFrom)
		s.Take(c, b, fuzzFrom)
		v.Close(true)
		for s.Stats().HandshakesRunning+s.Stats().HandshakesWaiting > 0 {
			time.Sleep(100 * time.Microsecond)
		}
		if st := s.Stats(); st.Connected != 0 || st.HandshakesDone != 0 || st.Drops["panic"] != 0 {
			t.Fatalf("an effect: %+v", st)
		}
	})
}

// FuzzReport opens SRTCP, made by the right peer or not.
func FuzzReport(f *testing.F) {
	f.Add(pli(9), true)
	f.Add(append(pli(9), make([]byte, 30)...), false)
	f.Add([]byte{0x80, 200}, true)
	f.Fuzz(func(t *testing.T, b []byte, authentic bool) {
		out, in := bothWays(t, srtp.ProtectionProfileAeadAes128Gcm)
		o := &opener{context: in}
		sealed := b
		if authentic {
			var err error
			if sealed, err = out.sealReport(nil, b); err != nil {
				return
			}
		}
		plain, _, ok := o.open(nil, sealed, time.Now())
		if ok != authentic || ok && !bytes.Equal(plain, b) {
			t.Fatalf("%x: opened %t", b, ok)
		}
		if _, _, twice := o.open(nil, sealed, time.Now()); twice {
			t.Fatal("a replay is opened")
		}
	})
}

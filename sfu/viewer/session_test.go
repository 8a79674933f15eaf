package viewer

import (
	"bytes"
	"testing"

	"github.com/pion/dtls/v3"
)

func TestAViewerConnectsAndIsServed(t *testing.T) {
	gcm, gcm256, cm := dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AEAD_AES_256_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80
	for name, c := range map[string]struct {
		network  string
		profiles []dtls.SRTPProtectionProfile
		overhead int
	}{
		"IPv4":                      {"udp4", []dtls.SRTPProtectionProfile{gcm}, 16},
		"IPv6":                      {"udp6", []dtls.SRTPProtectionProfile{gcm}, 16},
		"GCM with 256 bits":         {"udp4", []dtls.SRTPProtectionProfile{gcm256}, 16},
		"a player without GCM":      {"udp4", []dtls.SRTPProtectionProfile{cm}, 10},
		"a browser that prefers CM": {"udp4", []dtls.SRTPProtectionProfile{cm, gcm256, gcm}, 16},
	} {
		t.Run(name, func(t *testing.T) {
			w := newSite(t, c.network, quiet())
			v := w.join()
			v.profiles = c.profiles
			if v.session.Dest() != nil {
				t.Error("a destination before the handshake")
			}
			if _, err := v.session.Seal(media(1, 1), nil); err != ErrNotConnected {
				t.Errorf("sealing before the handshake: %v", err)
			}
			v.connect()
			if v.session.Overhead() != c.overhead {
				t.Errorf("overhead %d, want %d", v.session.Overhead(), c.overhead)
			}
			v.hears(1)
			v.reports()
			v.hearsReport()
			if s := w.server.Stats(); s.Sessions != 1 || s.Connected != 1 || s.HandshakesDone != 1 {
				t.Errorf("stats %+v", s)
			}
			v.leave()
			if end := get(t, v.owner.ended, "the end"); end != EndClosed {
				t.Errorf("ended %s, want closed", end)
			}
			if s := w.server.Stats(); s.Sessions != 0 || s.Connected != 0 || s.Ended["closed"] != 1 {
				t.Errorf("stats afterwards %+v", s)
			}
		})
	}
}

func (c *client) hearsReport() {
	c.t.Helper()
	report := append([]byte{0x80, 200, 0, 6}, make([]byte, 24)...)
	b, err := c.session.SealReport(nil, report)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := c.session.Dest().Send(b); err != nil {
		c.t.Fatal(err)
	}
	plain, err := c.in.DecryptRTCP(nil, get(c.t, c.media, "a report"), nil)
	if err != nil || !bytes.Equal(plain, report) {
		c.t.Fatalf("report %x, %v", plain, err)
	}
}

func TestOurGoodbyeIsAuthentic(t *testing.T) {
	w := newSite(t, "udp4", quiet())
	v := w.connected()
	v.session.Close(true)
	v.session.Close(true)
	if _, err := v.conn.Read(make([]byte, 99)); err == nil {
		t.Error("the client read something")
	}
	if len(v.owner.ended) != 0 {
		t.Error("who closes a session is told that it ended")
	}
	if s := w.server.Stats(); s.Sessions != 0 || w.known() != 0 || w.server.byUfrag([]byte(v.remote.Ufrag)) != nil {
		t.Errorf("something is left: %+v, %d addresses", s, w.known())
	}
}

func TestTheServerSaysGoodbyeToAll(t *testing.T) {
	w := newSite(t, "udp4", quiet())
	stands, came, never := w.connected(), w.join(), w.join()
	came.check()
	w.server.Close()
	for _, v := range []*client{stands, came, never} {
		if end := get(t, v.owner.ended, "the end"); end != EndShutdown {
			t.Errorf("ended %s, want shutdown", end)
		}
	}
	if _, err := stands.conn.Read(make([]byte, 99)); err == nil {
		t.Error("the client read something")
	}
	if _, err := w.server.Open(Params{Remote: newCredentials(), Fingerprints: fingerprintOf(stands.cert), Owner: newOwner()}); err == nil {
		t.Error("a closed server opens a session")
	}
}

func TestASessionNeedsItsParameters(t *testing.T) {
	w := newSite(t, "udp4", quiet())
	good := Params{Remote: newCredentials(), Fingerprints: []Fingerprint{{"sha-256", "AB"}}, Owner: newOwner()}
	for name, spoil := range map[string]func(*Params){
		"an owner":          func(p *Params) { p.Owner = nil },
		"a fingerprint":     func(p *Params) { p.Fingerprints = nil },
		"a good hash":       func(p *Params) { p.Fingerprints = []Fingerprint{{"sha-1", "AB"}, {"md5", "AB"}} },
		"a ufrag":           func(p *Params) { p.Remote.Ufrag = "abc" },
		"a password":        func(p *Params) { p.Remote.Password = "short" },
		"a ufrag that ends": func(p *Params) { p.Remote.Ufrag = string(make([]byte, 257)) },
	} {
		p := good
		spoil(&p)
		if _, err := w.server.Open(p); err == nil {
			t.Errorf("a session without %s", name)
		}
	}
	if _, err := w.server.Open(good); err != nil {
		t.Error(err)
	}
}

func TestFeedbackIsAuthenticAndNew(t *testing.T) {
	w := newSite(t, "udp4", quiet())
	v := w.connected()
	good, _ := v.out.EncryptRTCP(nil, pli(9), nil)
	bad := bytes.Clone(good)
	bad[9] ^= 1
	v.send(bad)
	w.drops(dropReportForged, 1)
	v.send(good)
	get(t, v.owner.feedback, "feedback")
	v.send(good)
	w.drops(dropReportForged, 2)
	v.send([]byte{0x80, 201})
	w.drops(dropReportForged, 3)
	v.send(media(1, 1, 'x'))
	w.drops(dropUpstream, 1)
	v.reports()
	if len(v.owner.feedback) != 0 {
		t.Error("forged or repeated feedback was heard")
	}
}

func TestFeedbackHasLimits(t *testing.T) {
	w := newSite(t, "udp4", quiet())
	v := w.connected()
	now := w.now()
	for i := range reportSources {
		b, _ := v.out.EncryptRTCP(nil, pli(uint32(i)), nil)
		if _, reason, ok := v.session.in.open(nil, b, now); !ok {
			t.Fatalf("source %d: %s", i, dropNames[reason])
		}
	}
	b, _ := v.out.EncryptRTCP(nil, pli(reportSources), nil)
	if _, reason, ok := v.session.in.open(nil, b, now); ok || reason != dropReportSources {
		t.Error("a report of one source too many is heard")
	}
	for v.session.in.count < reportsASecond {
		b, _ := v.out.EncryptRTCP(nil, pli(1), nil)
		if _, _, ok := v.session.in.open(nil, b, now); !ok {
			t.Fatal("a report within the rate is refused")
		}
	}
	b, _ = v.out.EncryptRTCP(nil, pli(1), nil)
	if _, reason, ok := v.session.in.open(nil, b, now); ok || reason != dropReportRate {
		t.Error("a report over the rate is heard")
	}
	if _, _, ok := v.session.in.open(nil, b, now.Add(1e9)); !ok {
		t.Error("a second later a report is refused")
	}
}

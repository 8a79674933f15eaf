package viewer

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/stun/v3"
)

// TestAnswersAreWhatTheLibraryReads also holds IPv4 and IPv6 mapped addresses.
func TestAnswersAreWhatTheLibraryReads(t *testing.T) {
	for _, network := range []string{"udp4", "udp6"} {
		w := newSite(t, network, quiet())
		v := w.join()
		request := v.request()
		v.send(request)
		m := v.answered(request, stun.BindingSuccess)
		var mapped stun.XORMappedAddress
		if err := mapped.GetFrom(m); err != nil {
			t.Fatal(err)
		}
		if local := v.udp.Load().LocalAddr().(*net.UDPAddr); !mapped.IP.Equal(local.IP) || mapped.Port != local.Port {
			t.Errorf("%s: mapped %s, want %s", network, mapped, local)
		}
	}
}

func TestOnlyAuthenticChecksAreAnswered(t *testing.T) {
	w := newSite(t, "udp4", quiet())
	v := w.join()
	good := v.copy()
	stranger := newCredentials()

	wrongPassword := v.copy()
	wrongPassword.remote.Password = stranger.Password
	wrongPair := v.copy()
	wrongPair.local.Ufrag = stranger.Ufrag
	for _, c := range []struct {
		request []byte
		reason  dropReason
	}{
		{wrongPassword.request(), dropSTUNIntegrity},
		{wrongPair.request(), dropSTUNUsername},
		{stun.MustBuild(stun.TransactionID, stun.BindingRequest, stun.NewUsername(v.remote.Ufrag+":"+v.local.Ufrag), stun.Fingerprint).Raw, dropSTUNIntegrity},
	} {
		before := w.server.count.drops[c.reason].Load()
		v.send(c.request)
		w.drops(c.reason, before+1)
	}
	for i := range good.request() { // a flipped bit anywhere is noticed
		b := good.request()
		if b[i] ^= 0x10; i/2 == len(b)/2-fingerprintSize/2 {
			continue // but for a FINGERPRINT that becomes something else: it need not be there
		}
		m, ok := parseMessage(b)
		if ok && m.authentic(v.remote.Password) {
			t.Errorf("a request with a flipped bit in byte %d of %d passes", i, len(b))
		}
	}
	if len(v.stun) != 0 || w.known() != 0 || v.session.to.Load() != nil {
		t.Error("a check that is not authentic had an effect")
	}
	nobody := v.copy()
	nobody.remote.Ufrag = stranger.Ufrag
	v.send(nobody.request())
	eventually(t, func() bool { return w.passed.Load() == 1 }, "a check of an unknown ufrag is left to others")
	v.check(stun.RawAttribute{Type: 0xc057, Value: []byte{1}}) // optional: ignored
}

// RFC 8489 §6.3.1: who asks for what we do not know is told so, and which.
func TestUnknownAttributesAreNamed(t *testing.T) {
	w := newSite(t, "udp4", quiet())
	v := w.join()
	var asked []stun.Setter
	for i := range stun.AttrType(mostUnknown + 1) {
		asked = append(asked, stun.RawAttribute{Type: 0x7ff0 + i, Value: []byte{1}})
		request := v.request(asked...)
		v.send(request)
		m := v.answered(request, stun.BindingError)
		var code stun.ErrorCodeAttribute
		var unknown stun.UnknownAttributes
		if err := errors.Join(code.GetFrom(m), unknown.GetFrom(m)); err != nil || code.Code != stun.CodeUnknownAttribute {
			t.Errorf("code %v, %v", code, err)
		}
		if want := min(int(i)+1, mostUnknown); len(unknown) != want || unknown[want-1] != 0x7ff0+stun.AttrType(want-1) {
			t.Errorf("%d asked, told of %v", i+1, unknown)
		}
	}
	if w.known() != 0 || w.server.Stats().Drops["stun-attribute"] != mostUnknown+1 {
		t.Error("a check with an unknown attribute counts as one")
	}
	forged := v.copy()
	forged.remote.Password = newCredentials().Password
	forged.send(forged.request(asked...))
	w.drops(dropSTUNIntegrity, 1)
	if len(v.stun) != 0 {
		t.Error("a forged check is told something")
	}
}

func TestALiteAgentNeverControls(t *testing.T) {
	w := newSite(t, "udp4", quiet())
	v := w.join()
	request := v.request(stun.RawAttribute{Type: stun.AttrICEControlled, Value: []byte{0, 0, 0, 0, 0, 0, 0, 1}})
	v.send(request)
	m := v.answered(request, stun.BindingError)
	var code stun.ErrorCodeAttribute
	if err := code.GetFrom(m); err != nil || code.Code != stun.CodeRoleConflict {
		t.Errorf("code %v, %v", code, err)
	}
	if w.known() != 0 || w.server.Stats().RoleConflicts != 1 {
		t.Error("a conflict counts as a check")
	}
}

func TestMediaFollowsAClientThatMoves(t *testing.T) {
	w := newSite(t, "udp4", quiet())
	v := w.connected()
	v.hears(1)
	before := v.session.Dest().Addr()
	v.move()
	v.check(nominated())
	eventually(t, func() bool { return v.session.Dest().Addr() != before }, "media follows")
	v.hears(2)
	v.reports()
	if s := w.server.Stats(); s.AddressChanges != 1 || s.Connected != 1 {
		t.Errorf("stats %+v", s)
	}
}

// TestANewAddressIsBelievedWhenTheOldOneIsQuiet: a NAT that begins anew, and a
// client that knows nothing of it and nominates nothing.
func TestANewAddressIsBelievedWhenTheOldOneIsQuiet(t *testing.T) {
	w := newSite(t, "udp4", quiet())
	v := w.connected()
	before := v.session.Dest().Addr()
	v.move()
	v.check()
	eventually(t, v.proved, "the new address is proved")
	if v.session.Dest().Addr() != before {
		t.Error("media leaves an address that lives, though nothing is nominated")
	}
	w.pass(pathQuiet + time.Second)
	v.reports()
	eventually(t, func() bool { return v.session.Dest().Addr() != before }, "media follows a report")
	v.hears(1)
}

// proved tells whether the client's address of now has answered.
func (c *client) proved() bool {
	c.session.mu.Lock()
	defer c.session.mu.Unlock()
	p := c.session.find(address{c.site.conn, c.udp.Load().LocalAddr().(*net.UDPAddr).AddrPort()})
	return p != nil && p.proved
}

// TestARepeatedCheckMovesNothing: who sees a check can send it again from
// anywhere, and a client may claim to be somewhere else; neither may turn the
// media on somebody who never asked for it.
func TestARepeatedCheckMovesNothing(t *testing.T) {
	w := newSite(t, "udp4", quiet())
	v := w.connected()
	seen := v.request(nominated())
	v.send(seen)
	v.answered(seen, stun.BindingSuccess)
	before := v.session.Dest()

	victim, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(w.conn.Bound()))
	if err != nil {
		t.Fatal(err)
	}
	defer victim.Close()
	for range 3 {
		if _, err := victim.Write(seen); err != nil {
			t.Fatal(err)
		}
	}
	buf := make([]byte, 2000)
	for range 6 { // three answers, three questions, and nothing else
		_ = victim.SetReadDeadline(time.Now().Add(patience))
		n, err := victim.Read(buf)
		if err != nil || buf[0] > 3 || n > len(seen)+64 {
			t.Fatalf("the victim gets %d bytes, first %x, %v", n, buf[0], err)
		}
	}
	w.pass(time.Minute)
	if _, err := victim.Write(seen); err != nil {
		t.Fatal(err)
	}
	v.check()
	v.hears(1)
	if v.session.Dest() != before || w.server.Stats().AddressChanges != 0 {
		t.Error("a repeated check moved the media")
	}
}

func TestAWrongProofProvesNothing(t *testing.T) {
	w := newSite(t, "udp4", quiet())
	v := w.connected()
	before := v.session.Dest()
	v.deaf.Store(true)
	v.move()
	v.check(nominated())
	var asked [12]byte
	eventually(t, func() bool {
		v.session.mu.Lock()
		defer v.session.mu.Unlock()
		p := v.session.find(address{w.conn, v.udp.Load().LocalAddr().(*net.UDPAddr).AddrPort()})
		if p != nil {
			asked = p.asked
		}
		return p != nil
	}, "the new address is known")
	m := message{transaction: asked}
	v.send(answerTo(nil, &m, w.conn.Bound(), v.remote.Password)) // signed with our own password: an echo
	m.transaction[0] ^= 1
	v.send(answerTo(nil, &m, w.conn.Bound(), v.local.Password))
	w.drops(dropSTUNUnexpected, 2)
	if v.session.Dest() != before {
		t.Error("a wrong proof moved the media")
	}
	m.transaction = asked
	v.send(answerTo(nil, &m, w.conn.Bound(), v.local.Password))
	eventually(t, func() bool { return v.session.Dest() != before }, "the right proof moves the media")
}

func TestAddressesOfASessionAreBounded(t *testing.T) {
	w := newSite(t, "udp4", quiet())
	v := w.connected()
	first := v.session.Dest()
	for range 3 * maxPaths {
		v.move()
		v.check()
	}
	if known := w.known(); known != maxPaths || v.session.Dest() != first {
		t.Errorf("%d addresses, want %d; the one in use must stay", known, maxPaths)
	}
	v.session.Close(false)
	if w.known() != 0 {
		t.Error("addresses outlive their session")
	}
}

func TestRestart(t *testing.T) {
	w := newSite(t, "udp4", quiet())
	v := w.connected()
	v.hears(1)
	before := v.copy()
	eventually(t, v.proved, "the first path is proved: no check of the server is under way")
	abandoned := v.session.Restart(newCredentials()) // the page offered twice
	v.local = newCredentials()
	v.remote = v.session.Restart(v.local)
	if w.server.byUfrag([]byte(abandoned.Ufrag)) != nil {
		t.Error("credentials of an offer that was replaced still count")
	}
	if v.session.Local() == v.remote {
		t.Error("the new credentials count before they are used")
	}
	v.hears(2)
	before.check() // consent goes on under the old ones
	v.move()
	v.check() // not nominated yet
	if w.server.Stats().Restarts != 0 {
		t.Error("a restart is over before anything is nominated")
	}
	eventually(t, func() bool { v.check(nominated()); return v.proved() }, "the new path is proved")
	eventually(t, func() bool {
		return v.session.Dest().Addr() == v.udp.Load().LocalAddr().(*net.UDPAddr).AddrPort()
	}, "media follows")
	v.hears(3)
	v.reports()
	if s := w.server.Stats(); s.Restarts != 1 || s.HandshakesDone != 1 || v.session.Local() != v.remote {
		t.Errorf("stats %+v", s)
	}
	if w.server.byUfrag([]byte(before.remote.Ufrag)) != nil {
		t.Error("the credentials of before still count")
	}
}

func TestIndicationsKeepNobodyAlive(t *testing.T) {
	w := newSite(t, "udp4", Config{Silence: 10 * time.Second})
	v := w.connected()
	w.pass(11 * time.Second)
	indication := stun.MustBuild(stun.TransactionID, stun.NewType(stun.MethodBinding, stun.ClassIndication)).Raw
	if !w.server.Take(w.conn, indication, v.session.Dest().Addr()) {
		t.Error("a keepalive of a viewer is left to others")
	}
	w.server.review(w.now())
	if end := get(t, v.owner.ended, "the end"); end != EndLost {
		t.Errorf("ended %s, want lost", end)
	}
}

func TestSilence(t *testing.T) {
	w := newSite(t, "udp4", Config{Silence: 30 * time.Second, Join: 20 * time.Second})
	checks, reports, silent, never := w.connected(), w.connected(), w.connected(), w.join()
	never.check()
	for range 5 {
		w.pass(8 * time.Second)
		checks.check()
		reports.reports()
		w.server.review(w.now())
	}
	for _, v := range []*client{silent, never} {
		if end := get(t, v.owner.ended, "the end"); end != EndLost {
			t.Errorf("ended %s, want lost", end)
		}
	}
	checks.hears(1)
	reports.hears(1)
	if s := w.server.Stats(); s.Sessions != 2 || s.Ended["lost"] != 2 {
		t.Errorf("stats %+v", s)
	}
}

func TestStrangersAreLeftToOthers(t *testing.T) {
	w := newSite(t, "udp4", quiet())
	v := w.connected()
	stranger := netip.MustParseAddrPort("192.0.2.1:5")
	for _, b := range [][]byte{nil, {0}, {0x16, 0xfe, 0xfd}, {0x80, 0xc8}, media(1, 1, 'x'), {0xff}} {
		if w.server.Take(w.conn, b, stranger) {
			t.Errorf("% x of a stranger is taken", b)
		}
		if len(b) > 0 && !w.server.Take(w.conn, b, v.session.Dest().Addr()) {
			t.Errorf("% x of a viewer is left to others", b)
		}
	}
	v.reports()
}

func TestMessagesThatDoNotHold(t *testing.T) {
	w := newSite(t, "udp4", quiet())
	good := w.join().request()
	for name, spoil := range map[string]func([]byte) []byte{
		"cut":                  func(b []byte) []byte { return b[:len(b)-4] },
		"length too small":     func(b []byte) []byte { binary.BigEndian.PutUint16(b[2:], 4); return b },
		"length not of four":   func(b []byte) []byte { binary.BigEndian.PutUint16(b[2:], uint16(len(b)-21)); return b },
		"cookie":               func(b []byte) []byte { b[4] = 0; return b },
		"attribute too long":   func(b []byte) []byte { binary.BigEndian.PutUint16(b[22:], 0xfff0); return b },
		"fingerprint":          func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
		"fingerprint not last": func(b []byte) []byte { b = append(b, 0x80, 0x22, 0, 0); b[3] += 4; return b },
		"empty":                func([]byte) []byte { return nil },
	} {
		if _, ok := parseMessage(spoil(append([]byte(nil), good...))); ok {
			t.Errorf("a message with a wrong %s parses", name)
		}
	}
	if m, ok := parseMessage(good); !ok || m.kind != stunRequest || m.integrity == 0 {
		t.Error("a good message does not parse")
	}
}

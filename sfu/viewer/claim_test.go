package viewer

import (
	"net/netip"
	"testing"
	"time"

	"github.com/pion/stun/v3"
)

// forge has a session check from where it is not.
func (w *site) forge(attacker *client, from address) {
	w.t.Helper()
	if !w.server.Take(w.conn, attacker.request(nominated()), from.addr) {
		w.t.Fatal("a check of a session is left to others")
	}
}

// holds tells who has an address.
func (w *site) holds(c *client, a address, when string) {
	w.t.Helper()
	if w.server.byAddress(a) != c.session {
		w.t.Errorf("%s: the address is another's", when)
	}
}

// Anybody who has a session can send checks of it in the name of another's
// address: the other keeps it, whatever becomes of the forger's session.
func TestNobodyTakesAnAddressByForgery(t *testing.T) {
	w := newSite(t, "udp4", quiet())
	victim, attacker := w.connected(), w.connected()
	victim.besieged.Store(true)
	w.forge(attacker, victim.address())
	victim.reports()
	w.holds(victim, victim.address(), "after a forged check")
	w.pass(time.Minute)
	w.forge(attacker, victim.address())
	victim.reports()
	w.holds(victim, victim.address(), "after a quiet minute")
	for port := range uint16(3 * maxPaths) { // the path of the forger is forgotten
		w.forge(attacker, address{w.conn, netip.AddrPortFrom(netip.MustParseAddr("192.0.2.1"), 1000+port)})
	}
	victim.reports()
	w.forge(attacker, victim.address())
	attacker.session.Close(false)
	if _, rival := w.server.holders(victim.address()); rival != nil {
		t.Error("a session that ended still wants an address")
	}
	victim.reports()
	victim.hears(1)
	if known := w.known(); known != 1 {
		t.Errorf("%d addresses known, want the victim's", known)
	}
}

// A viewer comes from an address that a forger has asked for before it, and
// asks for all the time: it proves to be there, and joins.
func TestWhoIsThereHasTheAddress(t *testing.T) {
	w := newSite(t, "udp4", quiet())
	victim, attacker := w.join(), w.connected()
	victim.besieged.Store(true)
	w.forge(attacker, victim.address())
	w.holds(attacker, victim.address(), "as long as nobody else asks for it")
	victim.deaf.Store(true)
	victim.check(nominated()) // what it is asked is lost
	victim.deaf.Store(false)
	w.holds(attacker, victim.address(), "before anything is proved")
	victim.send(victim.request(nominated()))
	eventually(t, func() bool { return w.server.byAddress(victim.address()) == victim.session }, "the address is whose it is")
	w.forge(attacker, victim.address())
	victim.connect()
	w.forge(attacker, victim.address())
	victim.reports()
	victim.hears(1)
}

// A forger cannot keep a viewer out of the place that it begins to prove.
func TestAViewerIsNotKeptFromJoining(t *testing.T) {
	w := newSite(t, "udp4", quiet())
	victim, attacker := w.join(), w.connected()
	victim.besieged.Store(true)
	victim.check(nominated()) // nothing proved yet
	w.forge(attacker, victim.address())
	w.holds(victim, victim.address(), "before it is proved")
	if err := victim.handshake(); err != nil {
		t.Fatal(err)
	}
	get(t, victim.owner.connected, "Connected")
	victim.reports()
}

// A port that a session had may be another's by now: who answers there has it,
// once the session of before is quiet, and it cannot take the address with it.
func TestAQuietSessionYieldsItsAddress(t *testing.T) {
	w := newSite(t, "udp4", quiet())
	old := w.connected()
	old.deaf.Store(true) // the two share a socket, whose reader is the old one's
	young := w.join()
	_ = young.udp.Swap(old.udp.Load()).Close()
	key := old.address()
	young.send(young.request())
	var m message
	eventually(t, func() bool { ok := false; m.transaction, ok = young.asked(key); return ok }, "the check arrives")
	w.holds(old, key, "before anything is proved")
	proof := answerTo(nil, &m, w.conn.Bound(), young.local.Password)
	young.send(proof)
	eventually(t, func() bool { return young.hasProved(key) }, "the answer arrives")
	w.holds(old, key, "as long as it is heard from there")
	old.reports()
	w.pass(pathQuiet + time.Second)
	w.server.Take(w.conn, young.request(), key.addr)
	w.holds(young, key, "when it is quiet")
	old.session.Close(false)
	w.holds(young, key, "when the one before ends")
	young.session.Close(false)
	if w.known() != 0 {
		t.Error("addresses outlive their sessions")
	}
}

// asked is the transaction of the server's check to an address.
func (c *client) asked(at address) (transaction [12]byte, ok bool) {
	c.session.mu.Lock()
	defer c.session.mu.Unlock()
	p := c.session.find(at)
	if p == nil || p.password == "" {
		return transaction, false
	}
	return p.asked, true
}

func (c *client) hasProved(at address) bool {
	c.session.mu.Lock()
	defer c.session.mu.Unlock()
	p := c.session.find(at)
	return p != nil && p.proved
}

// Whoever saw one check can repeat it, from where it came: that keeps no
// session whose client is gone.
func TestARepeatedCheckKeepsNobodyAlive(t *testing.T) {
	w := newSite(t, "udp4", Config{Silence: 30 * time.Second})
	v := w.connected()
	var seen [][]byte
	for range 50 {
		seen = append(seen, v.request(nominated()))
		v.send(seen[len(seen)-1])
		v.answered(seen[len(seen)-1], stun.BindingSuccess)
	}
	v.deaf.Store(true)
	for i := range 40 {
		w.pass(time.Second)
		if !w.server.Take(w.conn, seen[i], v.address().addr) {
			t.Fatal("a check of the session is left to others")
		}
		w.server.review(w.now())
		if len(v.owner.ended) > 0 {
			break
		}
	}
	if end := get(t, v.owner.ended, "the end"); end != EndLost {
		t.Errorf("ended %s, want lost", end)
	}
}

// An answer comes late on a long line: the client's next checks, which come
// before it, must not make it worthless.
func TestChecksFasterThanAnswers(t *testing.T) {
	w := newSite(t, "udp4", quiet())
	v := w.connected()
	v.move()
	v.deaf.Store(true)
	v.check()
	first, _ := v.asked(v.address())
	v.check()
	v.check()
	v.send(answerTo(nil, &message{transaction: first}, w.conn.Bound(), v.local.Password))
	eventually(t, func() bool { return v.hasProved(v.address()) }, "the late answer proves the path")
	v.send(answerTo(nil, &message{transaction: first}, w.conn.Bound(), v.local.Password))
	w.drops(dropSTUNUnexpected, 1) // it was awaited once
}

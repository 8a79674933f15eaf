package viewer

import (
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"
)

// stall opens a session from a host, says hello and no more.
func (w *site) stall(hello []byte, host byte) *client {
	w.t.Helper()
	v := w.join()
	v.moveTo(net.IPv4(127, 0, 0, host))
	v.check(nominated())
	v.send(hello)
	return v
}

func (w *site) handshakes(running, waiting int) {
	w.t.Helper()
	eventually(w.t, func() bool {
		s := w.server.Stats()
		return s.HandshakesRunning == running && s.HandshakesWaiting == waiting
	}, "%d handshakes run and %d wait", running, waiting)
}

// A household begins handshakes without end and leaves them there: others come
// in at once.
func TestAHouseholdShutsTheDoorForItselfAtMost(t *testing.T) {
	w := newSite(t, "udp4", Config{Handshakes: 8})
	first := hello(t)
	var stuck []*client
	for range 2 + 2 {
		stuck = append(stuck, w.stall(first, 2))
	}
	w.handshakes(2, 2)
	w.stall(first, 2)
	w.drops(dropHandshakeWait, 1)
	w.connected()
	w.handshakes(2, 2)
	stuck[2].session.Close(false) // it waited
	w.handshakes(2, 1)
	stuck[0].session.Close(false) // it ran: the last one follows
	w.handshakes(2, 0)
}

// All places are taken by handshakes that stand still: each has its time, and
// whoever waits comes in after it.
func TestAHandshakeThatStandsStillGivesItsPlaceUp(t *testing.T) {
	w := newSite(t, "udp4", Config{Handshakes: 4, Handshake: 400 * time.Millisecond})
	first := hello(t)
	var stuck []*client
	for host := range byte(4) {
		stuck = append(stuck, w.stall(first, 2+host))
	}
	w.connected()
	for _, v := range stuck {
		if end := get(t, v.owner.ended, "the end"); end != EndFailed {
			t.Errorf("ended %s, want failed", end)
		}
	}
	w.handshakes(0, 0)
	if s := w.server.Stats(); s.HandshakesFailed != 4 || s.HandshakesDone != 1 {
		t.Errorf("stats %+v", s)
	}
}

// TestDoor goes through a crowded door step by step.
func TestDoor(t *testing.T) {
	household := func(n byte) netip.Addr { return netip.AddrFrom4([4]byte{192, 0, 2, n}) }
	d := newDoor(8)
	var running []visit
	wants := func(from byte, wantNow, wantOK bool) *Session {
		t.Helper()
		v := visit{new(Session), household(from)}
		now, ok := d.enter(v)
		if now != wantNow || ok != wantOK {
			t.Fatalf("household %d enters: %v, %v", from, now, ok)
		}
		if now {
			running = append(running, v)
		}
		return v.session
	}
	ends := func(i int, follows *Session) {
		t.Helper()
		v, ok := d.next(running[i])
		if v.session != follows || ok != (follows != nil) {
			t.Fatalf("a wrong one follows")
		}
		running = slices.Delete(running, i, i+1)
		if ok {
			running = append(running, v)
		}
	}
	for from := range byte(4) {
		wants(from, true, true)
		wants(from, true, true)
	}
	a, b := wants(1, false, true), wants(1, false, true)
	wants(1, false, false) // its quarter of the queue
	c, e := wants(5, false, true), wants(6, false, true)
	ends(0, c) // household 1, first in the queue, has its quarter
	ends(1, a) // a place of household 1
	d.leave(e)
	ends(0, nil) // b's household still has its quarter
	for i := range running {
		if running[i].session == a {
			ends(i, b)
			break
		}
	}
	for len(running) > 0 {
		ends(0, nil)
	}
	if d.running != 0 || len(d.of) != 0 || len(d.waiting) != 0 {
		t.Errorf("something is left: %+v", d)
	}
}

// A place to compute is had by who has something to compute, until it has done
// so; nobody waits for one that is closed.
func TestPlacesToCompute(t *testing.T) {
	places := make(chan struct{}, 1)
	one, two := newPipe(nil, places), newPipe(nil, places)
	b := make([]byte, 9)
	one.push([]byte("1"))
	two.push([]byte("2"))
	if n, _, err := one.ReadFrom(b); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	got := make(chan error)
	go func() {
		_, _, err := two.ReadFrom(make([]byte, 9))
		got <- err
		_, _, err = two.ReadFrom(make([]byte, 9)) // nothing to compute: no place
		got <- err
	}()
	go func() {
		_, _, err := one.ReadFrom(b) // done with the first
		got <- err
	}()
	if err := get(t, got, "the second one's turn"); err != nil {
		t.Fatal(err)
	}
	_ = one.Close()
	_ = two.Close()
	for range 2 {
		if err := get(t, got, "the end of a read"); err != net.ErrClosed {
			t.Error(err)
		}
	}
	if len(places) != 0 {
		t.Error("a place is not given back")
	}

	blocked, held := newPipe(nil, places), newPipe(nil, places)
	held.push([]byte("1"))
	blocked.push([]byte("2"))
	_, _, _ = held.ReadFrom(b)
	go func() {
		_, _, err := blocked.ReadFrom(make([]byte, 9))
		got <- err
	}()
	_ = blocked.Close()
	if err := get(t, got, "the end of a read that waits for a place"); err != net.ErrClosed {
		t.Error(err)
	}
	_ = held.Close()
	if len(places) != 0 {
		t.Error("a place is not given back")
	}
}

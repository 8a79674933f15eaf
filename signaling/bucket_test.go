package signaling

import (
	"net/netip"
	"testing"
	"time"
)

func TestABucketFillsAgain(t *testing.T) {
	at := time.Unix(1000, 0)
	b := newBucket(20, 40)
	for i := range 40 {
		if !b.take(at) {
			t.Fatalf("refused the %dth of a burst of 40", i+1)
		}
	}
	if b.take(at) {
		t.Error("the 41st was taken")
	}
	if at = at.Add(50 * time.Millisecond); !b.take(at) || b.take(at) {
		t.Error("a twentieth of a second is worth one message")
	}
	if b.take(at.Add(-time.Hour)) {
		t.Error("a clock that goes back gives messages")
	}
	at = at.Add(time.Hour)
	for range 40 {
		b.take(at)
	}
	if b.take(at) {
		t.Error("an hour of silence is worth more than a burst")
	}
}

func TestAddressesAreRationed(t *testing.T) {
	at := time.Unix(1000, 0)
	addr := netip.MustParseAddr
	for _, c := range []struct {
		name        string
		first, next netip.Addr
		taken       bool
	}{
		{"the same", addr("192.0.2.1"), addr("192.0.2.1"), false},
		{"a neighbour", addr("192.0.2.1"), addr("192.0.2.2"), true},
		{"the same household", addr("2001:db8::1"), addr("2001:db8::2"), false},
		{"another household", addr("2001:db8:0:1::1"), addr("2001:db8:0:2::1"), true},
		{"loopback", addr("127.0.0.1"), addr("127.0.0.1"), true},
		{"no address", netip.Addr{}, netip.Addr{}, true},
	} {
		r := newRationer(1, 1)
		if !r.take(c.first, at) || r.take(c.next, at) != c.taken {
			t.Errorf("%s: want %v", c.name, c.taken)
		}
	}
	r := newRationer(1, 1)
	for i := range 3 * mostAddresses {
		r.take(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), at)
	}
	if len(r.buckets) > mostAddresses {
		t.Errorf("%d addresses are kept", len(r.buckets))
	}
}

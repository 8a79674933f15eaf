package egress

import (
	"context"
	"encoding/hex"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"
)

func open(t *testing.T, network string) *Conn {
	t.Helper()
	c, err := Listen(network, ":0")
	if err != nil {
		t.Skipf("no %s here: %v", network, err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const transaction = "2112a442" + "000000000000000000000000"

func TestOnlyWhatMayPassIsRead(t *testing.T) {
	for _, network := range []string{"udp4", "udp6"} {
		t.Run(network, func(t *testing.T) { onlyWhatMayPass(t, open(t, network)) })
	}
}

func onlyWhatMayPass(t *testing.T, c *Conn) {
	sender, err := net.Dial(network(c), c.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer sender.Close()
	for _, d := range []string{
		"ff00",                   // nobody's protocol
		"0001000800000000",       // STUN without its cookie
		"00010004" + transaction, // length of what is not there
		"01110000" + transaction, // an error response
		"01010008" + transaction + "0020000000000000", // zero-length XOR-MAPPED-ADDRESS
		"00010008" + transaction + "0020000400010000", // short XOR-MAPPED-ADDRESS
		"00010008" + transaction + "000600ff00000000", // USERNAME longer than the message
		"17fefd0001000000000001" + "0001" + "00",      // application data: passes, but is counted
		"00010000" + transaction,                      // the one good request
	} {
		if _, err := sender.Write(unhex(t, d)); err != nil {
			t.Fatal(err)
		}
	}
	buf := make([]byte, 1500)
	for _, first := range []byte{0x17, 0x00} {
		n, from, err := c.ReadFrom(buf)
		if err != nil || n == 0 || buf[0] != first {
			t.Fatalf("read %x: %v, want first byte %x", buf[:n], err, first)
		}
		if from.String() != sender.LocalAddr().String() {
			t.Errorf("from %s, want %s", from, sender.LocalAddr())
		}
	}
	s := c.Stats()
	want := map[string]uint64{"unknown-protocol": 1, "stun-malformed": 5, "stun-class": 1, "read-error": 0, "write-error": 0}
	for reason, n := range want {
		if s.Drops[reason] != n {
			t.Errorf("%s: %d, want %d", reason, s.Drops[reason], n)
		}
	}
	if s.ApplicationIn != 1 || s.ApplicationOut != 0 {
		t.Errorf("application records: %d in, %d out; want 1 and 0", s.ApplicationIn, s.ApplicationOut)
	}
}

func network(c *Conn) string {
	if c.Bound().Addr().Is4() {
		return "udp4"
	}
	return "udp6"
}

// What the handler takes never reaches the mux; what it is shown has passed the
// inspection, and says where it came from.
func TestHandle(t *testing.T) {
	for _, network := range []string{"udp4", "udp6"} {
		c, l := open(t, network), hear(t, network)
		to := unmapped(c.LocalAddr().(*net.UDPAddr).AddrPort())
		shown := 0
		c.Handle(func(b []byte, from netip.AddrPort) bool {
			shown++
			if from != l.addr {
				t.Errorf("shown as from %s, want %s", from, l.addr)
			}
			if b[0] == 0x80 {
				_ = c.Dest(from).Send([]byte("answer"))
			}
			return b[0] == 0x80
		})
		for _, d := range [][]byte{{0x80, 1}, {0xff, 1}, {0x80, 2}, {0x16, 1}} {
			if _, err := l.udp.WriteToUDPAddrPort(d, to); err != nil {
				t.Fatal(err)
			}
		}
		buf := make([]byte, 100)
		if n, _, err := c.ReadFrom(buf); err != nil || n != 2 || buf[0] != 0x16 {
			t.Errorf("the mux got %x, %v", buf[:n], err)
		}
		if shown != 3 {
			t.Errorf("%d shown, want the three that may pass", shown)
		}
		l.wants([][]byte{[]byte("answer"), []byte("answer")})
		if d := c.Dest(netip.AddrPortFrom(netip.AddrFrom16(l.addr.Addr().As16()), l.addr.Port())); d.Addr() != l.addr {
			t.Errorf("destination %s, want %s", d.Addr(), l.addr)
		}
	}
}

func TestApplicationRecords(t *testing.T) {
	record := func(kind string) string { return kind + "fefd0000000000000000" + "0002" + "abcd" }
	for name, c := range map[string]struct {
		in   string
		want int
	}{
		"handshake":            {record("16"), 0},
		"one":                  {record("17"), 1},
		"behind a handshake":   {record("16") + record("17"), 1},
		"two":                  {record("17") + record("17"), 2},
		"cut short":            {record("17")[:28], 1},
		"too short for a head": {"17fefd", 0},
		"empty":                {"", 0},
	} {
		if got := applicationRecords(unhex(t, c.in)); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestWhatTheKernelRefusesIsCounted(t *testing.T) {
	c := open(t, "udp4")
	huge := make([]byte, 70000)
	if n, err := c.WriteTo(huge, c.LocalAddr()); err != nil || n != len(huge) {
		t.Errorf("a datagram the kernel refuses: %d, %v; want it lost like any other", n, err)
	}
	if _, err := c.WriteTo([]byte{1}, &net.TCPAddr{}); err != nil {
		t.Errorf("a foreign address: %v", err)
	}
	if n := c.Stats().Drops["write-error"]; n != 2 {
		t.Errorf("%d write errors counted, want 2", n)
	}
}

func TestClosedIsTheOnlyError(t *testing.T) {
	c := open(t, "udp4")
	ended := make(chan error)
	go func() {
		_, _, err := c.ReadFrom(make([]byte, 100))
		ended <- err
	}()
	_ = c.SetReadDeadline(time.Now()) // a transient error, over and over
	for c.Stats().Drops["read-error"] < 3 {
		time.Sleep(time.Millisecond)
	}
	select {
	case err := <-ended:
		t.Fatalf("a transient error came through: %v", err)
	default:
	}
	_ = c.Close()
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestProbe(t *testing.T) {
	c := open(t, "udp4")
	short, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	if err := c.Probe(short); err == nil {
		t.Error("a probe is answered though nobody reads")
	}
	go func() {
		buf := make([]byte, 100)
		for {
			if _, _, err := c.ReadFrom(buf); err != nil {
				return
			}
		}
	}()
	long, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := c.Probe(long); err != nil {
		t.Error(err)
	}
}

// Every attribute whose size is fixed is refused at any other.
func TestAttributesOfAFixedSize(t *testing.T) {
	sizes := map[uint16][]int{
		0x0006: {1, 513}, 0x0008: {20}, 0x0024: {4}, 0x8028: {4}, 0x0025: {0}, 0x8029: {8}, 0x802a: {8}, 0x0009: {4, 40}, 0x8022: {0, 100},
	}
	for kind, good := range sizes {
		for _, size := range good {
			if !sizeFits(kind, make([]byte, size)) {
				t.Errorf("%04x of %d bytes is refused", kind, size)
			}
		}
	}
	for kind, bad := range map[uint16][]int{
		0x0006: {0, 514}, 0x0008: {0, 19, 21}, 0x0024: {0, 3, 5}, 0x8028: {0, 8}, 0x0025: {1}, 0x8029: {0, 7}, 0x802a: {4}, 0x0009: {0, 3},
	} {
		for _, size := range bad {
			if sizeFits(kind, make([]byte, size)) {
				t.Errorf("%04x of %d bytes passes", kind, size)
			}
		}
	}
	for _, kind := range []uint16{0x0001, 0x0012, 0x0016, 0x0020, 0x8023, 0x802b, 0x802c} {
		for family, size := range map[byte]int{1: 8, 2: 20} {
			address := make([]byte, size)
			address[1] = family
			if !sizeFits(kind, address) || sizeFits(kind, address[:size-1]) || sizeFits(kind, append(address, 0)) {
				t.Errorf("%04x: an address of family %d is held to the wrong size", kind, family)
			}
			if address[1] = 3; sizeFits(kind, address) || sizeFits(kind, address[:1]) {
				t.Errorf("%04x: an address of no family passes", kind)
			}
		}
	}
}

// FuzzInspect looks for input that brings the inspection down.
func FuzzInspect(f *testing.F) {
	f.Add([]byte{0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{0x17, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		var count counters
		why, pass := inspect(b, &count)
		if pass && (len(b) == 0 || b[0] >= 4 && b[0] < 20 || b[0] >= 64 && b[0] < 128 || b[0] >= 192) {
			t.Errorf("%x passes", b)
		}
		if pass && b[0] < 4 && len(b)%4 != 0 {
			t.Errorf("STUN of %d bytes passes", len(b))
		}
		if !pass && why != Unknown && why != STUNMalformed && why != STUNClass {
			t.Errorf("refused for %s", why)
		}
	})
}

package sfu

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"antenne/sfu/egress"
)

// openNetwork opens the media port for datagrams and connections that are
// nobody's.
func openNetwork(t *testing.T, media string, public []netip.Addr, log *zap.Logger) *network {
	t.Helper()
	n, err := listen(media, public, nobody, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.close() })
	return n
}

func TestViewersAreOfferedTCPBelowAllUDP(t *testing.T) {
	n := openNetwork(t, "127.0.0.1:0", nil, zap.NewNop())
	got := n.viewerLines(netip.MustParseAddr("127.0.0.1"))
	want := []string{
		fmt.Sprintf("a=candidate:1 1 udp 2130706431 127.0.0.1 %d typ host", n.port),
		fmt.Sprintf("a=candidate:1 1 tcp 1520435199 127.0.0.1 %d typ host tcptype passive", n.port),
		"a=end-of-candidates",
	}
	for i, line := range want {
		if i >= len(got) || withoutFoundation(got[i]) != withoutFoundation(line) {
			t.Errorf("line %d of %q, want %q", i, got, line)
		}
	}
	if len(got) != len(want) || strings.Fields(got[0])[0] == strings.Fields(got[1])[0] {
		t.Errorf("lines %q: want three, of two foundations", got)
	}
	if publisher := candidateLines(n.candidates(netip.MustParseAddr("127.0.0.1")), n.port); len(publisher) != 2 {
		t.Errorf("a publisher is offered %q, want UDP alone", publisher)
	}
}

func withoutFoundation(line string) string {
	_, rest, _ := strings.Cut(line, " ")
	return rest
}

// The worst candidate by UDP goes before the best by TCP, and an answer stays
// bounded.
func TestCandidatesStayBoundedWithTCP(t *testing.T) {
	var public []netip.Addr
	for i := range 100 {
		public = append(public, netip.AddrFrom4([4]byte{203, 0, 113, byte(i)}))
	}
	n := openNetwork(t, "0.0.0.0:0", public, zap.NewNop())
	lines := n.viewerLines(netip.MustParseAddr("198.51.100.1"))
	if len(lines) != maxCandidates+1 {
		t.Fatalf("%d lines, want %d", len(lines), maxCandidates+1)
	}
	last := uint64(1 << 32)
	seen := map[uint64]bool{}
	for i, line := range lines[:maxCandidates] {
		var foundation, priority uint64
		var transport string
		if _, err := fmt.Sscanf(line, "a=candidate:%d 1 %s %d", &foundation, &transport, &priority); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if priority >= last || seen[foundation] {
			t.Errorf("line %d, %q, does not follow", i, line)
		}
		if want := []string{"udp", "tcp"}[i/(maxCandidates/2)]; transport != want {
			t.Errorf("line %d, %q, want %s", i, line, want)
		}
		last, seen[foundation] = priority, true
	}
}

// A port that somebody else has in TCP carries datagrams all the same; that is
// said once and no answer names TCP.
func TestThePortIsTakenInTCP(t *testing.T) {
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	core, logged := observer.New(zap.WarnLevel)
	n := openNetwork(t, taken.Addr().String(), nil, zap.New(core))
	lines := n.viewerLines(netip.MustParseAddr("127.0.0.1"))
	if len(lines) != 2 || !strings.Contains(lines[0], " udp ") || logged.Len() != 1 {
		t.Errorf("offered %q, logged %v", lines, logged.All())
	}
	if err := n.conns[0].Probe(t.Context()); err != nil {
		t.Error(err)
	}
}

// A family that is left out takes its connections with it.
func TestAFamilyThatDoesNotWorkTakesNoConnections(t *testing.T) {
	conns := bothFamilies(t)
	listeners, refused := openListeners(conns)
	if refused != nil {
		t.Fatal(refused)
	}
	sockets, err := keepWorking(startReading(conns, nobody), onlyIPv4, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	n := newNetwork(sockets, nil, zap.NewNop())
	n.openStreams(listeners, nobody, zap.NewNop())
	defer n.close()
	if n.streamsAt(netip.IPv6Loopback()) || !n.streamsAt(netip.MustParseAddr("127.0.0.1")) {
		t.Errorf("listening at %v", n.listeners)
	}
	if c, err := net.Dial("tcp", listeners[1].Addr().String()); err == nil {
		c.Close()
		t.Error("the listener of the other family is still open")
	}
}

// fickle is a listener that fails now and then.
type fickle struct {
	net.Listener
	calls atomic.Int32
}

func (l *fickle) Accept() (net.Conn, error) {
	if l.calls.Add(1) <= 2 {
		return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
	}
	return l.Listener.Accept()
}

func TestErrorsThatPassDoNotEndTheAcceptLoop(t *testing.T) {
	core, logged := observer.New(zap.WarnLevel)
	heard := make(chan struct{}, 1)
	n := &network{}
	conn, err := egress.Listen("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	n.conns = []*egress.Conn{conn}
	inner, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n.openStreams([]net.Listener{&fickle{Listener: inner}}, func(egress.Origin, []byte, netip.AddrPort) bool {
		heard <- struct{}{}
		return true
	}, zap.New(core))
	c, err := net.Dial("tcp4", inner.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte{0, 2, 0x80, 0}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-heard:
	case <-time.After(20 * time.Second):
		t.Error("what came after the errors was not served")
	}
	n.closeStreams()
	if logged.Len() != 1 {
		t.Errorf("%d lines in the log, want one for the trouble", logged.Len())
	}
}

// Strangers who stay connected do not keep the port from closing, and leave
// nothing behind.
func TestCloseOfTheNetworkWaitsForConnections(t *testing.T) {
	before := runtime.NumGoroutine()
	n, err := listen(":0", nil, nobody, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range n.listeners {
		for range 10 {
			c, err := net.Dial("tcp", net.JoinHostPort(loopbackOf(boundTo(l)), fmt.Sprint(n.port)))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
		}
	}
	if err := n.close(); err != nil && !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
	if n.streams.Open() != 0 {
		t.Errorf("%d connections after the end", n.streams.Open())
	}
	for end := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
}

func loopbackOf(ip netip.Addr) string {
	if ip.Is4() {
		return "127.0.0.1"
	}
	return "::1"
}

package sfu

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"antenne/sfu/egress"
)

// A family that can be bound but carries nothing is left out, said, and never
// offered, not even as a public address.
func TestAFamilyThatDoesNotWorkIsLeftOut(t *testing.T) {
	conns := bothFamilies(t)
	core, logged := observer.New(zap.WarnLevel)
	log := zap.New(core)
	sockets, err := keepWorking(startReading(conns, nobody), onlyIPv4, log)
	if err != nil || len(sockets) != 1 {
		t.Fatalf("%d sockets, %v", len(sockets), err)
	}
	n := newNetwork(sockets, addrs("203.0.113.7", "2001:db8::7"), log)
	defer n.close()
	if got := n.choose(addrs("127.0.0.1", "::1", "2001:db8::5"), netip.IPv6Loopback()); !slices.Equal(got, addrs("127.0.0.1", "203.0.113.7")) {
		t.Errorf("offered %v", got)
	}
	if err := n.conns[0].Probe(t.Context()); err != nil {
		t.Errorf("the family that is left: %v", err)
	}
	short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := conns[1].Probe(short); err == nil {
		t.Error("the socket that was left out is still open")
	}
	if logged.Len() != 2 {
		t.Errorf("%d lines in the log, want one for the socket and one for the public address", logged.Len())
	}
}

func TestNoFamilyWorks(t *testing.T) {
	conns := bothFamilies(t)
	none := func(*egress.Conn) error { return syscall.EADDRNOTAVAIL }
	if _, err := keepWorking(startReading(conns, nobody), none, zap.NewNop()); !errors.Is(err, syscall.EADDRNOTAVAIL) {
		t.Errorf("%v, want why", err)
	}
}

func onlyIPv4(c *egress.Conn) error {
	if c.Bound().Addr().Is4() {
		return nil
	}
	return syscall.EADDRNOTAVAIL
}

func bothFamilies(t *testing.T) []*egress.Conn {
	t.Helper()
	var conns []*egress.Conn
	for _, network := range []string{"udp4", "udp6"} {
		c, err := egress.Listen(network, ":0")
		if err != nil {
			t.Skipf("%s cannot be bound here: %v", network, err)
		}
		t.Cleanup(func() { c.Close() })
		conns = append(conns, c)
	}
	return conns
}

const insideNamespace = "ANTENNE_TEST_WITHOUT_IPV6"

// TestWithoutIPv6 starts an engine on a machine where IPv6 was switched off the
// way hosts do it: [::] can be bound, ::1 cannot be reached.
func TestWithoutIPv6(t *testing.T) {
	if os.Getenv(insideNamespace) != "" {
		readyWithoutIPv6(t)
		return
	}
	script := `ip link set lo up && echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6 || exit 77
exec "$0" -test.run '^TestWithoutIPv6$' -test.v`
	child := exec.Command("unshare", "-n", "sh", "-c", script, os.Args[0])
	child.Env = append(os.Environ(), insideNamespace+"=1")
	out, err := child.CombinedOutput()
	switch code := child.ProcessState.ExitCode(); {
	case child.ProcessState == nil, code == 77, !strings.Contains(string(out), "=== RUN"):
		t.Skipf("this account may not make a network of its own: %v %s", err, out)
	case err != nil:
		t.Errorf("%v\n%s", err, out)
	}
}

func readyWithoutIPv6(t *testing.T) {
	e, err := New(Config{Media: ":0"})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := e.Ready(ctx); err != nil {
		t.Errorf("not ready: %v", err)
	}
	if got := e.network.candidates(netip.IPv6Loopback()); slices.ContainsFunc(got, netip.Addr.Is6) || len(got) == 0 {
		t.Errorf("offered %v", got)
	}
}

func nobody(egress.Origin, []byte, netip.AddrPort) bool { return false }

//go:build linux && (amd64 || arm64) && !portable

package egress

import (
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"
)

const insideNetwork = "ANTENNE_TEST_NARROW_NETWORK"

// narrowNetwork is a link of 2 Mbit/s with an MTU of 1,280 bytes, in a network
// of its own: what is sent to 10.9.0.2 and fd09::2 leaves and is lost.
const narrowNetwork = `set -e
ip link add near type veth peer name far || exit 77
ip link set near mtu 1280
ip addr add 10.9.0.1/24 dev near && ip -6 addr add fd09::1/64 dev near nodad
ip link set lo up && ip link set near up && ip link set far up
ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:02 dev near
ip -6 neigh add fd09::2 lladdr 02:00:00:00:00:02 dev near
tc qdisc add dev near root tbf rate 2mbit burst 20kb limit 3mb || exit 77
exec "$0" -test.run '^TestOnANarrowPath$' -test.v`

// TestOnANarrowPath asks the real kernel what it does with datagrams larger
// than the path takes, and with a socket whose path is full.
func TestOnANarrowPath(t *testing.T) {
	if os.Getenv(insideNetwork) != "" {
		t.Run("larger than the path", largerThanThePath)
		t.Run("full", pathIsFull)
		return
	}
	child := exec.Command("unshare", "-n", "sh", "-c", narrowNetwork, os.Args[0])
	child.Env = append(os.Environ(), insideNetwork+"=1")
	out, err := child.CombinedOutput()
	switch {
	case child.ProcessState == nil, child.ProcessState.ExitCode() == 77, !strings.Contains(string(out), "=== RUN"):
		t.Skipf("this account may not make a network of its own: %v %s", err, out)
	case err != nil:
		t.Errorf("%v\n%s", err, out)
	default:
		t.Logf("%s", out)
	}
}

// far are two Dests of the other end, in each family.
func far(t *testing.T, family string) (c *Conn, one, other *Dest) {
	to := netip.MustParseAddrPort(map[string]string{"udp4": "10.9.0.2:9", "udp6": "[fd09::2]:9"}[family])
	c = open(t, family)
	return c, c.Dest(to), c.Dest(to)
}

// Datagrams that must be fragmented cannot be segmented: they go singly, and
// nobody else pays for it.
func largerThanThePath(t *testing.T) {
	for _, family := range []string{"udp4", "udp6"} {
		c, large, small := far(t, family)
		s := NewSender(c)
		for range 3 {
			play(s, large, sizes(5, 1300))
			play(s, small, sizes(5, 1000))
		}
		holds(t, c, 30)
		if st := c.Stats(); st.Messages != 15+3 || st.Way != WaySegments || !large.plain.Load() || small.plain.Load() {
			t.Errorf("%s: %d messages, way %s; want 18, segments", family, st.Messages, st.Way)
		}
	}
}

// A burst of more than the socket may hold: the rest is dropped by its name,
// and what is sent once there is room again passes.
func pathIsFull(t *testing.T) {
	c, d, _ := far(t, "udp4")
	_ = c.udp.SetWriteBuffer(20000)
	s := NewSender(c)
	const each, times = 200, 3
	for range times {
		for i := range each {
			put(s, d, datagram(1000+i%2, i)) // runs of two at most
		}
		s.Flush()
	}
	st := c.Stats()
	if st.Collected+st.Drops["socket-full"] != each*times || st.Drops["write-error"] != 0 {
		t.Errorf("%d sent, drops %v, of %d", st.Collected, st.Drops, each*times)
	}
	if st.Drops["socket-full"] == 0 || st.Collected == 0 {
		t.Errorf("%d sent, %d dropped: the path was not full", st.Collected, st.Drops["socket-full"])
	}
	until(t, "there is room again", func() bool {
		before := c.Stats().Collected
		put(s, d, datagram(100, 1))
		s.Flush()
		return c.Stats().Collected > before
	})
}

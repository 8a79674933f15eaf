package egress

import (
	"fmt"
	"net"
	"net/netip"
	"testing"
)

// BenchmarkSender sends a burst of k datagrams of 1,150 bytes to each of 200
// destinations and reports the cost of one datagram. Destinations are sockets
// that nobody reads, so that no reader's wake-up is in the figures.
func BenchmarkSender(b *testing.B) {
	for _, way := range []Way{WaySingle, WayBatch, WaySegments} {
		for _, k := range []int{1, 2, 5, 10} {
			b.Run(fmt.Sprintf("%s/k=%d", way, k), func(b *testing.B) { benchmarkSender(b, way, k) })
		}
	}
}

func benchmarkSender(b *testing.B, way Way, k int) {
	c, err := Listen("udp4", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	s := NewSenderWay(way, c)
	dests := make([]*Dest, 200)
	for i := range dests {
		dests[i] = c.Dest(deaf(b))
	}
	b.ReportAllocs()
	b.SetBytes(1150)
	for n := 0; n < b.N; {
		for _, d := range dests {
			for range k {
				s.Room(d, 1200)
				s.Commit(1150)
			}
		}
		s.Flush()
		n += k * len(dests)
	}
	b.StopTimer()
	st := c.Stats()
	b.ReportMetric(float64(st.Collected)/float64(max(1, st.Calls)), "datagrams/call")
}

// deaf is a socket with the smallest buffer that is never read.
func deaf(b *testing.B) netip.AddrPort {
	u, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		b.Fatal(err)
	}
	_ = u.SetReadBuffer(1)
	b.Cleanup(func() { u.Close() })
	return u.LocalAddr().(*net.UDPAddr).AddrPort()
}

//go:build linux && (amd64 || arm64) && !portable

package egress

import (
	"fmt"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// BenchmarkSender sends a burst of k datagrams of 1,150 bytes to each of 200
// destinations, and reports the CPU time of one datagram, the loopback's
// receiving half included. Nobody reads at the destinations, so that no
// reader's wake-up is in the figures. Run it with GOMAXPROCS=1.
func BenchmarkSender(b *testing.B) {
	for _, k := range []int{1, 2, 5, 10} {
		for _, way := range []Way{WaySingle, WayBatch, WaySegments} {
			b.Run(fmt.Sprintf("k=%d/%s", k, way), func(b *testing.B) { benchmarkSender(b, way, k) })
		}
	}
}

// BenchmarkCollect is the Sender's own part of it: the kernel takes everything
// at once.
func BenchmarkCollect(b *testing.B) {
	for _, k := range []int{1, 2, 5, 10} {
		b.Run(fmt.Sprintf("k=%d", k), func(b *testing.B) {
			c := listenLocal(b)
			s := NewSender(c)
			s.outlets[0].wire.kernel.batch = func(_ uintptr, m []message) (int, unix.Errno) { return len(m), 0 }
			feed(b, c, s, crowd(c, 200), k)
		})
	}
}

// BenchmarkLanes has several Senders on one Conn at the same time, bursts of
// five: what a datagram costs more than with one Sender is what lanes pay for
// sharing a socket. Run it with as many processors.
func BenchmarkLanes(b *testing.B) {
	for _, lanes := range []int{1, 2} {
		b.Run(fmt.Sprint(lanes), func(b *testing.B) {
			c := listenLocal(b)
			dests := make([][]*Dest, lanes)
			for i := range dests {
				for range 200 / lanes {
					dests[i] = append(dests[i], c.Dest(deaf(b)))
				}
			}
			b.ResetTimer()
			began := processTime()
			var all sync.WaitGroup
			for _, d := range dests {
				all.Go(func() {
					s := NewSender(c)
					for n := 0; n < b.N/lanes; n += 5 * len(d) {
						burst(s, d)
					}
				})
			}
			all.Wait()
			b.ReportMetric(float64((processTime()-began).Nanoseconds())/float64(c.Stats().Collected), "cpu-ns/datagram")
		})
	}
}

func benchmarkSender(b *testing.B, way Way, k int) {
	c := listenLocal(b)
	dests := make([]*Dest, 200)
	for i := range dests {
		dests[i] = c.Dest(deaf(b))
	}
	feed(b, c, NewSenderWay(way, c), dests, k)
}

func listenLocal(b *testing.B) *Conn {
	c, err := Listen("udp4", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.Close() })
	return c
}

func feed(b *testing.B, c *Conn, s *Sender, dests []*Dest, k int) {
	b.ReportAllocs()
	b.ResetTimer()
	began, n := processTime(), 0
	for n < b.N {
		for _, d := range dests {
			for range k {
				s.Room(d, 1200)
				s.Commit(1150)
			}
		}
		s.Flush()
		n += k * len(dests)
	}
	spent := processTime() - began
	b.StopTimer()
	st := c.Stats()
	b.ReportMetric(float64(spent.Nanoseconds())/float64(n), "cpu-ns/datagram")
	b.ReportMetric(float64(st.Collected)/float64(max(1, st.Calls)), "datagrams/call")
}

func processTime() time.Duration {
	var u unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
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

package egress

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"
)

// listener is the other end of a path: a real socket.
type listener struct {
	t    testing.TB
	udp  *net.UDPConn
	addr netip.AddrPort
}

func hear(t testing.TB, network string) *listener {
	t.Helper()
	host := "127.0.0.1:0"
	if network == "udp6" {
		host = "[::1]:0"
	}
	at, err := net.ResolveUDPAddr(network, host)
	if err != nil {
		t.Fatal(err)
	}
	u, err := net.ListenUDP(network, at)
	if err != nil {
		t.Skipf("no %s here: %v", network, err)
	}
	_ = u.SetReadBuffer(4 << 20)
	t.Cleanup(func() { u.Close() })
	return &listener{t, u, unmapped(u.LocalAddr().(*net.UDPAddr).AddrPort())}
}

// wants reads as many datagrams as are wanted, and compares.
func (l *listener) wants(want [][]byte) {
	l.t.Helper()
	buf := make([]byte, 1<<16)
	_ = l.udp.SetReadDeadline(time.Now().Add(10 * time.Second))
	for i, w := range want {
		n, _, err := l.udp.ReadFromUDPAddrPort(buf)
		if err != nil {
			l.t.Fatalf("datagram %d of %d to %s: %v", i, len(want), l.addr, err)
		}
		if !bytes.Equal(buf[:n], w) {
			l.t.Fatalf("datagram %d to %s: %d bytes %x…, want %d bytes %x…", i, l.addr, n, buf[:min(n, 8)], len(w), w[:min(len(w), 8)])
		}
	}
}

// wantsNoMore proves that nothing else came before a last mark.
func (l *listener) wantsNoMore(c *Conn) {
	l.t.Helper()
	mark := []byte("no more")
	if err := c.Dest(l.addr).Send(mark); err != nil {
		l.t.Fatal(err)
	}
	l.wants([][]byte{mark})
}

// datagram is size bytes that no other has.
func datagram(size, number int) []byte {
	b := bytes.Repeat([]byte{byte(number)}, size)
	binary.BigEndian.PutUint64(append(b[:0:min(size, 8)], make([]byte, 8)...), uint64(number))
	if size >= 4 {
		binary.BigEndian.PutUint32(b, uint32(number))
	}
	return b
}

func put(s *Sender, d *Dest, b []byte) { s.Commit(copy(s.Room(d, len(b)+20)[:len(b)], b)) }

// script is what one destination is to receive, by sizes.
var scripts = map[string][]int{
	"one":                   {100},
	"one byte":              {1},
	"equal":                 {1200, 1200, 1200, 1200, 1200},
	"last shorter":          {1200, 1200, 700},
	"shorter, then more":    {1200, 700, 700, 700, 1200, 1, 1, 2},
	"growing":               {100, 200, 300, 400},
	"a byte apart":          {1187, 1186, 1187, 1187, 1186, 1186},
	"over 64 segments":      sizes(200, 300),
	"over 65,000 bytes":     sizes(120, 1400),
	"exactly 65,000 bytes":  append(sizes(50, 1300), 10),
	"more than the arena":   sizes(400, 1350),
	"large datagrams":       {60000, 60000, 9000, 9000, 65000, 65507},
	"audio among the video": {1150, 1150, 90, 1150, 1150, 90, 1150},
}

func sizes(n, size int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = size
	}
	return s
}

func TestWhatIsCommittedArrives(t *testing.T) {
	for _, family := range []string{"udp4", "udp6"} {
		for _, way := range []Way{WaySingle, WayBatch, WaySegments} {
			for name, script := range scripts {
				t.Run(family+"/"+way.String()+"/"+name, func(t *testing.T) {
					c, l := open(t, family), hear(t, family)
					s := NewSenderWay(way, c)
					want := play(s, c.Dest(l.addr), script)
					l.wants(want)
					l.wantsNoMore(c)
					holds(t, c, len(want))
				})
			}
		}
	}
}

func play(s *Sender, d *Dest, script []int) (sent [][]byte) {
	for i, size := range script {
		b := datagram(size, i)
		put(s, d, b)
		sent = append(sent, b)
	}
	s.Flush()
	return sent
}

// holds compares the figures of a Conn with what its Senders were given.
func holds(t testing.TB, c *Conn, committed int) {
	t.Helper()
	st := c.Stats()
	if st.Collected != uint64(committed) || st.Messages > st.Collected || st.Messages == 0 {
		t.Errorf("%d datagrams in %d messages counted, want %d datagrams", st.Collected, st.Messages, committed)
	}
	if st.Drops["write-error"]+st.Drops["socket-full"] != 0 {
		t.Errorf("drops: %v", st.Drops)
	}
}

// Many destinations of two families, interleaved as badly as can be: each gets
// its own, whole and in order.
func TestEachDestinationGetsItsOwnInOrder(t *testing.T) {
	for _, way := range []Way{WaySingle, WayBatch, WaySegments} {
		t.Run(way.String(), func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, uint64(way)))
			four, six := open(t, "udp4"), open(t, "udp6")
			s := NewSenderWay(way, four) // the other is met on the way
			listeners, dests := make([]*listener, 90), make([]*Dest, 90)
			for i := range listeners {
				if i%3 == 0 {
					listeners[i] = hear(t, "udp6")
					dests[i] = six.Dest(listeners[i].addr)
					continue
				}
				listeners[i] = hear(t, "udp4")
				dests[i] = four.Dest(listeners[i].addr)
			}
			want := make([][][]byte, len(dests))
			for n := range 4000 {
				i := random.IntN(len(dests))
				for range 1 + random.IntN(4) {
					b := datagram([]int{1187, 1186, 90}[random.IntN(3)], n)
					put(s, dests[i], b)
					want[i] = append(want[i], b)
				}
				if random.IntN(200) == 0 {
					s.Flush()
				}
			}
			s.Flush()
			for i, l := range listeners {
				l.wants(want[i])
			}
		})
	}
}

func TestRunsAreAsLongAsTheyMayBe(t *testing.T) {
	c, l := open(t, "udp4"), hear(t, "udp4")
	if c.way() != WaySegments {
		t.Skip("this system does not segment")
	}
	for name, want := range map[string]uint64{
		"one": 1, "equal": 1, "last shorter": 1, "shorter, then more": 5, "growing": 4, "a byte apart": 3,
		"over 64 segments": 4, "over 65,000 bytes": 3, "exactly 65,000 bytes": 2,
	} {
		before := c.Stats().Messages
		l.wants(play(NewSender(c), c.Dest(l.addr), scripts[name]))
		if got := c.Stats().Messages - before; got != want {
			t.Errorf("%s: %d messages, want %d", name, got, want)
		}
	}
}

// A run that begins as the 64th message of a system call is not cut by it.
func TestAFullCallCutsNoRun(t *testing.T) {
	c := open(t, "udp4")
	if c.way() != WaySegments {
		t.Skip("this system does not segment")
	}
	s := NewSender(c)
	var listeners []*listener
	for range 2*callMessages + 1 {
		l := hear(t, "udp4")
		listeners = append(listeners, l)
		for i := range 3 {
			put(s, c.Dest(l.addr), datagram(500, i)) // a Dest of its own each: a run of one
		}
		d := c.Dest(l.addr)
		for i := range 5 {
			put(s, d, datagram(500, i))
		}
	}
	s.Flush()
	if st := c.Stats(); st.Messages != uint64(4*len(listeners)) || st.Calls != uint64((4*len(listeners)+63)/64) {
		t.Errorf("%d messages in %d calls, want %d in %d", st.Messages, st.Calls, 4*len(listeners), (4*len(listeners)+63)/64)
	}
	for _, l := range listeners {
		l.wants([][]byte{datagram(500, 0), datagram(500, 1), datagram(500, 2), datagram(500, 0), datagram(500, 1), datagram(500, 2), datagram(500, 3), datagram(500, 4)})
	}
}

func TestSegment(t *testing.T) {
	c := open(t, "udp4")
	if c.way() != WaySegments {
		t.Skip("this system does not segment")
	}
	l := hear(t, "udp4")
	s, d, other := NewSender(c), c.Dest(l.addr), c.Dest(l.addr)
	want := func(step string, n int) {
		t.Helper()
		if got := s.Segment(d); got != n {
			t.Errorf("%s: segment %d, want %d", step, got, n)
		}
	}
	want("nothing collected", 0)
	put(s, d, datagram(1000, 0))
	want("one collected", 1000)
	s.Room(d, 500)
	s.Commit(0)
	want("a datagram thought better of", 1000)
	put(s, d, datagram(400, 1))
	want("closed by a shorter one", 0)
	put(s, d, datagram(300, 2))
	want("begun again", 300)
	put(s, other, datagram(300, 3))
	want("another destination between", 0)
	s.Flush()
	want("sent", 0)
	for i := range 65 {
		if i == 64 {
			want("64 segments", 0)
		}
		put(s, d, datagram(1000, i))
	}
	s.Flush()
	for i := range 50 {
		put(s, d, datagram(1300, i))
		if i == 49 {
			want("65,000 bytes", 0)
		}
	}
	s.Flush()
	if got := NewSenderWay(WayBatch, c).Segment(d); got != 0 {
		t.Errorf("a Sender that does not segment: %d", got)
	}
}

// What a caller does wrong harms nobody, and is counted when a datagram is lost.
func TestWhatNoDatagramCanBe(t *testing.T) {
	c, l := open(t, "udp4"), hear(t, "udp4")
	s, d := NewSender(c), c.Dest(l.addr)
	s.Commit(10) // without a Room
	s.Room(d, 70000)
	s.Commit(70000)
	s.Room(d, 10)
	s.Commit(11)
	s.Room(d, arenaBytes+1)
	s.Commit(10)
	s.Room(d, 10)
	s.Commit(-1)
	want := datagram(10, 1)
	put(s, d, want)
	s.Commit(10) // a second time
	s.Flush()
	l.wants([][]byte{want})
	l.wantsNoMore(c)
	if n := c.Stats().Drops["write-error"]; n != 3 {
		t.Errorf("%d drops counted, want 3", n)
	}
}

// A destination that the kernel refuses costs its own datagrams alone.
func TestABadDestinationHarmsNobody(t *testing.T) {
	for _, way := range []Way{WaySingle, WayBatch, WaySegments} {
		t.Run(way.String(), func(t *testing.T) {
			c, l := open(t, "udp4"), hear(t, "udp4")
			s, good := NewSenderWay(way, c), c.Dest(l.addr)
			bad := []*Dest{
				c.Dest(netip.MustParseAddrPort("127.0.0.1:0")),         // spoofed: nobody can be answered there
				c.Dest(netip.MustParseAddrPort("[::1]:9")),             // of the other family
				c.Dest(netip.MustParseAddrPort("[fe80::1%none]:1234")), // of no interface
			}
			var want [][]byte
			for round := range 100 { // more than a Conn takes for a kernel's word
				for _, d := range append(bad, good) {
					for i := range 3 {
						put(s, d, datagram(300, 3*round+i))
					}
				}
				want = append(want, datagram(300, 3*round), datagram(300, 3*round+1), datagram(300, 3*round+2))
			}
			s.Flush()
			l.wants(want)
			l.wantsNoMore(c)
			st := c.Stats()
			if st.Drops["write-error"] != 900 || st.Collected != 300 || st.Way != bestWay {
				t.Errorf("%d dropped, %d sent, way %s; want 900, 300, %s", st.Drops["write-error"], st.Collected, st.Way, bestWay)
			}
		})
	}
}

// Two lanes, the mux and a Close at any moment: nothing is written to a
// descriptor that is somebody else's by then.
func TestCloseDuringFlush(t *testing.T) {
	for round := range 40 {
		c, l := open(t, "udp4"), hear(t, "udp4")
		var all sync.WaitGroup
		began := make(chan struct{}, 3)
		for range 2 {
			all.Go(func() {
				s, d := NewSender(c), c.Dest(l.addr)
				for i := 0; !c.closed.Load(); i++ {
					play(s, d, []int{1000, 1000, 500, 80})
					if i == round {
						began <- struct{}{}
					}
				}
				play(s, d, []int{1000, 1000})
			})
		}
		all.Go(func() {
			for i := 0; ; i++ {
				if _, err := c.WriteTo([]byte{1}, net.UDPAddrFromAddrPort(l.addr)); err != nil {
					break
				}
				if i == round {
					began <- struct{}{}
				}
			}
		})
		<-began
		<-began
		<-began
		_ = c.Close()
		// The next descriptors to be opened get the number that Close set free.
		stranger, friend := hear(t, "udp4"), hear(t, "udp4")
		all.Wait()
		if _, err := friend.udp.WriteToUDPAddrPort([]byte("alone"), stranger.addr); err != nil {
			t.Fatal(err)
		}
		stranger.wants([][]byte{[]byte("alone")})
		l.heardOnly(c.Bound().Port())
		if err := c.Dest(l.addr).Send([]byte{1}); err != net.ErrClosed {
			t.Fatalf("sending after Close: %v", err)
		}
	}
}

// heardOnly reads what there is and looks where it came from.
func (l *listener) heardOnly(port uint16) {
	l.t.Helper()
	buf := make([]byte, 2000)
	_ = l.udp.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	for {
		_, from, err := l.udp.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		if from.Port() != port {
			l.t.Fatalf("a datagram came from %s", from)
		}
	}
}

func TestASenderAllocatesNothing(t *testing.T) {
	for _, way := range []Way{WaySingle, WayBatch, WaySegments} {
		four, six := open(t, "udp4"), open(t, "udp6")
		s := NewSenderWay(way, four, six)
		dests := []*Dest{four.Dest(hear(t, "udp4").addr), six.Dest(hear(t, "udp6").addr), four.Dest(hear(t, "udp4").addr)}
		if n := testing.AllocsPerRun(100, func() {
			for _, d := range dests {
				for range 5 {
					s.Room(d, 1200)
					s.Commit(1150)
				}
			}
			s.Flush()
		}); n != 0 {
			t.Errorf("%s: %v allocations a flush, want none", way, n)
		}
	}
}

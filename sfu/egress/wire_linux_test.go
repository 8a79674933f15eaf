//go:build linux && (amd64 || arm64) && !portable

package egress

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// tape stands in the kernel's place: it reads the messages as the kernel would,
// and refuses some.
type tape struct {
	t      testing.TB
	refuse func(m *message, datagrams int, batch bool) unix.Errno // 0 takes it; nil takes all
	most   int                                                    // messages taken of a call at most; 0: all
	got    map[netip.AddrPort][][]byte
	calls  []int // datagrams of each
}

func (k *tape) kernel() kernel { return kernel{k.batch, k.single, func(uintptr, unix.Errno) {}} }

func (k *tape) batch(_ uintptr, m []message) (int, unix.Errno) {
	if len(m) == 0 || len(m) > callMessages {
		k.t.Fatalf("%d messages in a call", len(m))
	}
	before := k.taken()
	n, errno := 0, unix.Errno(0)
	for n < len(m) && (k.most == 0 || n < k.most) {
		if errno = k.take(&m[n], true); errno != 0 {
			break
		}
		n++
	}
	k.calls = append(k.calls, k.taken()-before)
	if n > 0 {
		return n, 0 // the kernel tells no error behind what it took
	}
	return -1, errno
}

func (k *tape) single(_ uintptr, m *message) unix.Errno {
	k.calls = append(k.calls, 1)
	return k.take(m, false)
}

func (k *tape) taken() (n int) {
	for _, d := range k.got {
		n += len(d)
	}
	return n
}

func (k *tape) take(m *message, batch bool) unix.Errno {
	segment := k.segment(m)
	b := unsafe.Slice(m.Iov.Base, m.Iov.Len)
	datagrams := (len(b) + segment - 1) / segment
	if m.Iovlen != 1 || len(b) == 0 || datagrams > runSegments || datagrams > 1 && len(b) > runBytes || datagrams > 1 && !batch {
		k.t.Fatalf("a message of %d bytes, %d datagrams, %d vectors, in a batch: %v", len(b), datagrams, m.Iovlen, batch)
	}
	if k.refuse != nil {
		if errno := k.refuse(m, datagrams, batch); errno != 0 {
			return errno
		}
	}
	to := addressOf(m)
	for ; len(b) > 0; b = b[min(segment, len(b)):] {
		k.got[to] = append(k.got[to], bytes.Clone(b[:min(segment, len(b))]))
	}
	return 0
}

// segment reads the control message; without one, all is one datagram.
func (k *tape) segment(m *message) int {
	if m.Controllen == 0 {
		return int(m.Iov.Len)
	}
	c, err := unix.ParseSocketControlMessage(unsafe.Slice(m.Control, m.Controllen))
	if err != nil || len(c) != 1 || c[0].Header.Level != unix.SOL_UDP || c[0].Header.Type != unix.UDP_SEGMENT || len(c[0].Data) < 2 {
		k.t.Fatalf("control message: %+v, %v", c, err)
	}
	return int(binary.NativeEndian.Uint16(c[0].Data))
}

func addressOf(m *message) netip.AddrPort {
	if m.Namelen == unix.SizeofSockaddrInet4 {
		a := (*unix.RawSockaddrInet4)(unsafe.Pointer(m.Name))
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), a.Port<<8|a.Port>>8)
	}
	a := (*unix.RawSockaddrInet6)(unsafe.Pointer(m.Name))
	ip := netip.AddrFrom16(a.Addr)
	if a.Scope_id != 0 {
		ip = ip.WithZone(fmt.Sprint(a.Scope_id))
	}
	return netip.AddrPortFrom(ip, a.Port<<8|a.Port>>8)
}

// onTape is a Sender whose kernel is a tape.
func onTape(t testing.TB, way Way, refuse func(*message, int, bool) unix.Errno) (*Conn, *Sender, *tape) {
	t.Helper()
	c := &Conn{raw: nowhere{}}
	s := NewSenderWay(way, c)
	k := &tape{t: t, refuse: refuse, got: map[netip.AddrPort][][]byte{}}
	s.outlets[0].wire.kernel = k.kernel()
	return c, s, k
}

// nowhere is a descriptor of nothing.
type nowhere struct{ syscall.RawConn }

func (nowhere) Control(f func(fd uintptr)) error {
	f(0)
	return nil
}

// crowd is destinations that need not exist.
func crowd(c *Conn, n int) []*Dest {
	dests := make([]*Dest, n)
	for i := range dests {
		dests[i] = c.Dest(netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 5000))
	}
	return dests
}

// burst gives each destination the same five datagrams.
func burst(s *Sender, dests []*Dest) (want [][]byte) {
	for i, size := range []int{1000, 1000, 1000, 1000, 400} {
		want = append(want, datagram(size, i))
	}
	for _, d := range dests {
		for _, b := range want {
			put(s, d, b)
		}
	}
	s.Flush()
	return want
}

func (k *tape) wants(dests []*Dest, want [][]byte, times int) {
	k.t.Helper()
	for _, d := range dests {
		got := k.got[d.Addr()]
		if len(got) != len(want)*times {
			k.t.Fatalf("%s got %d datagrams, want %d", d.Addr(), len(got), len(want)*times)
		}
		for i := range got {
			if !bytes.Equal(got[i], want[i%len(want)]) {
				k.t.Fatalf("%s: datagram %d is not what was sent", d.Addr(), i)
			}
		}
	}
}

// Whatever error a kernel without segmentation gives: nothing is lost, and it
// is not asked for ever.
func TestSegmentationIsGivenUp(t *testing.T) {
	for _, errno := range []unix.Errno{unix.EINVAL, unix.EIO, unix.EOPNOTSUPP, unix.EMSGSIZE, unix.ENOPROTOOPT} {
		t.Run(errno.Error(), func(t *testing.T) {
			refused := 0
			c, s, k := onTape(t, WaySegments, func(_ *message, datagrams int, _ bool) unix.Errno {
				if datagrams > 1 {
					refused++
					return errno
				}
				return 0
			})
			dests := crowd(c, 200)
			want := burst(s, dests)
			k.wants(dests, want, 1)
			if c.Stats().Way != WayBatch {
				t.Errorf("way %s after every destination refused", c.Stats().Way)
			}
			before := refused
			burst(s, dests)
			k.wants(dests, want, 2)
			if refused != before || before > callMessages {
				t.Errorf("asked %d times, and %d times again", before, refused-before)
			}
			holds(t, c, 2*len(dests)*len(want))
		})
	}
}

// One destination behind a narrow path pays alone.
func TestANarrowPathKeepsSegmentationForTheOthers(t *testing.T) {
	var narrow netip.AddrPort
	refused := 0
	c, s, k := onTape(t, WaySegments, func(m *message, datagrams int, _ bool) unix.Errno {
		if datagrams > 1 && addressOf(m) == narrow {
			refused++
			return unix.EMSGSIZE
		}
		return 0
	})
	dests := crowd(c, 100)
	narrow = dests[50].Addr()
	for range 30 {
		burst(s, dests)
	}
	k.wants(dests, burst(s, dests), 31)
	if st := c.Stats(); st.Way != WaySegments || refused != 2 || st.Messages < 31*(99+5) || st.Messages > 31*(99+7) {
		t.Errorf("way %s, refused %d times, %d messages; want segments, twice (behind others, then first), %d", st.Way, refused, st.Messages, 31*(99+5))
	}
}

// A kernel, or a sandbox, without sendmmsg.
func TestBatchesAreGivenUp(t *testing.T) {
	for errno, asked := range map[unix.Errno]int{unix.ENOSYS: 1, unix.EPERM: refusalsToLose} {
		t.Run(errno.Error(), func(t *testing.T) {
			refused := 0
			c, s, k := onTape(t, WaySegments, func(_ *message, _ int, batch bool) unix.Errno {
				if batch {
					refused++
					return errno
				}
				return 0
			})
			dests := crowd(c, 200)
			want := burst(s, dests)
			burst(s, dests)
			k.wants(dests, want, 2)
			if c.Stats().Way != WaySingle || refused != asked {
				t.Errorf("way %s after %d refusals, want single after %d", c.Stats().Way, refused, asked)
			}
			holds(t, c, 2*len(dests)*len(want))
		})
	}
}

// A firewall that forbids one destination takes nothing from the others.
func TestAForbiddenDestination(t *testing.T) {
	var forbidden netip.AddrPort
	c, s, k := onTape(t, WaySegments, func(m *message, _ int, _ bool) unix.Errno {
		if addressOf(m) == forbidden {
			return unix.EPERM
		}
		return 0
	})
	dests := crowd(c, 100)
	forbidden = dests[0].Addr()
	for range 40 {
		burst(s, dests)
	}
	k.wants(dests[1:], burst(s, dests), 41)
	if st := c.Stats(); st.Way != WaySegments || st.Drops["write-error"] != 41*5 || len(k.got[forbidden]) != 0 {
		t.Errorf("way %s, drops %v", st.Way, st.Drops)
	}
}

// Errors of one message, of one moment, and calls that take a part.
func TestPassingErrors(t *testing.T) {
	n := 0
	c, s, k := onTape(t, WaySegments, func(*message, int, bool) unix.Errno {
		if n++; n%7 == 0 {
			return unix.EINTR
		}
		if n%11 == 0 {
			return unix.EAGAIN
		}
		if n%13 == 0 {
			return unix.ENOBUFS
		}
		return 0
	})
	k.most = 5
	dests := crowd(c, 60)
	k.wants(dests, burst(s, dests), 1)
	if c.Stats().Way != WaySegments {
		t.Error("a passing error took a way")
	}
	refuse := func(m *message, _ int, _ bool) unix.Errno {
		if addressOf(m) == dests[30].Addr() {
			return unix.ECONNREFUSED
		}
		return 0
	}
	k.refuse = refuse
	burst(s, dests)
	if st := c.Stats(); st.Drops["write-error"] != 5 || len(k.got[dests[30].Addr()]) != 5 {
		t.Errorf("drops %v", st.Drops)
	}
	k.wants(append(dests[:30:30], dests[31:]...), burst(s, nil), 2)
}

// A socket that stays full costs a Flush its patience once, and then drops,
// counted; the next Flush is as patient as the first.
func TestAFullSocket(t *testing.T) {
	for _, errno := range []unix.Errno{unix.EAGAIN, unix.ENOBUFS, unix.ENOMEM} {
		asked := 0
		c, s, k := onTape(t, WaySegments, func(*message, int, bool) unix.Errno { asked++; return errno })
		dests := crowd(c, 300)
		const most = 320 + int(patience/leastWait)
		for flush := range 3 {
			before := asked
			burst(s, dests)
			if n := asked - before; n <= 300 || n > most {
				t.Errorf("%v: flush %d asked %d times, want more than once each, at most %d in all", errno, flush, n, most)
			}
		}
		if st := c.Stats(); st.Drops["socket-full"] != 3*300*5 || k.taken() != 0 || st.Collected != 0 {
			t.Errorf("%v: drops %v, sent %d", errno, st.Drops, st.Collected)
		}
		k.refuse = nil
		k.wants(dests, burst(s, dests), 1)
	}
}

func TestScope(t *testing.T) {
	if got := scopeOf("lo"); got != 1 {
		t.Errorf("lo is interface %d", got)
	}
	for zone, want := range map[string]uint32{"": 0, "7": 7, "no such interface": 0, "-1": 0} {
		if got := scopeOf(zone); got != want {
			t.Errorf("%q: %d, want %d", zone, got, want)
		}
	}
	to := netip.MustParseAddrPort("[fe80::1%7]:1234")
	s := sockaddrOf(to)
	m := message{Msghdr: unix.Msghdr{Name: (*byte)(unsafe.Pointer(&s.raw)), Namelen: s.size}}
	if got := addressOf(&m); got != to {
		t.Errorf("the kernel would read %s, want %s", got, to)
	}
}

// FuzzSender plays any order of Room, Commit and Flush, on a kernel of any
// mood, against the simplest model: what was committed to a destination is what
// leaves, in order, or is counted as dropped.
func FuzzSender(f *testing.F) {
	f.Add([]byte{2, 0, 0, 1, 5, 5, 5, 5, 1, 9, 255, 6, 6}, uint8(2), uint8(0))
	f.Add(bytes.Repeat([]byte{3, 7, 11, 15, 19, 23, 3, 3, 3}, 60), uint8(2), uint8(3))
	f.Add([]byte{251, 251, 0, 251, 1, 251, 255, 251}, uint8(2), uint8(1))
	f.Add(bytes.Repeat([]byte{128, 128, 128, 129}, 100), uint8(2), uint8(9))
	f.Fuzz(func(t *testing.T, script []byte, way, mood uint8) {
		c, s, k := onTape(t, Way(way%3), nil)
		script = script[:min(len(script), 150)]
		random := uint32(mood)
		k.refuse = func(_ *message, datagrams int, batch bool) unix.Errno {
			random = random*1664525 + 1013904223
			return moods[mood%uint8(len(moods))](random>>16, datagrams, batch)
		}
		k.most = int(mood >> 4)
		dests := append(crowd(c, 6), c.Dest(netip.MustParseAddrPort("[2001:db8::1]:99")))
		model := map[netip.AddrPort][][]byte{}
		committed, impossible := 0, 0
		for i, op := range script {
			d := dests[int(op>>2)%len(dests)]
			size := []int{1187, 1186, 90, 1 + int(op)*7}[op&3]
			if op == 251 {
				size = 60000 + i*50
			}
			switch {
			case op == 255:
				s.Flush()
			case op == 254:
				s.Room(d, size)
				s.Commit(0)
			case op == 253:
				s.Room(d, size)
				s.Commit(size + 1)
				impossible++
			default:
				for range 1 + i%5 {
					b := datagram(size, committed)
					if n := s.Segment(d); n > 0 && n >= size {
						before := s.recent.count
						put(s, d, b)
						if s.recent.count > before {
							t.Fatalf("a run of %d refused %d bytes", n, size)
						}
					} else {
						put(s, d, b)
					}
					if size > datagramBytes {
						impossible++
						continue
					}
					model[d.Addr()] = append(model[d.Addr()], b)
					committed++
				}
			}
		}
		s.Flush()
		compare(t, c, k, model, committed, impossible)
	})
}

// moods of a kernel.
var moods = []func(random uint32, datagrams int, batch bool) unix.Errno{
	func(uint32, int, bool) unix.Errno { return 0 },
	func(_ uint32, datagrams int, _ bool) unix.Errno { return when(datagrams > 1, unix.EINVAL) },
	func(r uint32, datagrams int, _ bool) unix.Errno { return when(datagrams > 1 && r%2 == 0, unix.EIO) },
	func(_ uint32, _ int, batch bool) unix.Errno { return when(batch, unix.ENOSYS) },
	func(r uint32, _ int, batch bool) unix.Errno { return when(batch && r%3 == 0, unix.EPERM) },
	func(r uint32, _ int, _ bool) unix.Errno { return when(r%3 == 0, unix.EINTR) },
	func(r uint32, _ int, _ bool) unix.Errno { return when(r%5 == 0, unix.ECONNREFUSED) },
	func(r uint32, _ int, _ bool) unix.Errno { return when(r%50 == 0, unix.ENOBUFS) },
	func(r uint32, _ int, _ bool) unix.Errno { return when(r%50 == 0, unix.EAGAIN) },
	func(r uint32, d int, b bool) unix.Errno {
		return []unix.Errno{0, 0, 0, unix.EINTR, unix.EHOSTUNREACH, when(d > 1, unix.EMSGSIZE), when(b, unix.EPERM), unix.EINVAL}[r%8]
	},
}

func when(is bool, errno unix.Errno) unix.Errno {
	if is {
		return errno
	}
	return 0
}

func compare(t *testing.T, c *Conn, k *tape, model map[netip.AddrPort][][]byte, committed, impossible int) {
	t.Helper()
	st := c.Stats()
	dropped := int(st.Drops["write-error"]+st.Drops["socket-full"]) - impossible
	if int(st.Collected) != k.taken() || k.taken()+dropped != committed || st.PacketsOut != st.Collected {
		t.Fatalf("%d committed, %d left, %d counted as sent, %d as dropped", committed, k.taken(), st.Collected, dropped)
	}
	if st.BytesOut != st.CollectedBytes || st.Messages > st.Collected {
		t.Fatalf("figures do not agree: %+v", st)
	}
	for to, got := range k.got {
		want := model[to]
		for i, b := range got {
			for len(want) > 0 && !bytes.Equal(want[0], b) && dropped > 0 {
				want, dropped = want[1:], dropped-1
			}
			if len(want) == 0 || !bytes.Equal(want[0], b) {
				t.Fatalf("%s: datagram %d of %d bytes was not sent, or not in that order", to, i, len(b))
			}
			want = want[1:]
		}
	}
}

// BenchmarkControl is what it costs to hold the descriptor against Close.
func BenchmarkControl(b *testing.B) {
	c, err := Listen("udp4", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	nothing := func(uintptr) {}
	b.ReportAllocs()
	for b.Loop() {
		if c.raw.Control(nothing) != nil {
			b.Fatal("closed")
		}
	}
}

// Close waits for a Flush that is in the kernel.
func TestCloseWaitsForTheKernel(t *testing.T) {
	_, s, k := onTape(t, WaySegments, nil)
	c := open(t, "udp4")
	s.outlets[0].conn = c
	inside, leave, closed := make(chan struct{}), make(chan struct{}), make(chan struct{})
	k.refuse = func(*message, int, bool) unix.Errno {
		close(inside)
		<-leave
		return 0
	}
	go burst(s, crowd(c, 1))
	<-inside
	go func() {
		_ = c.Close()
		close(closed)
	}()
	for !c.closed.Load() {
		time.Sleep(time.Millisecond)
	}
	select {
	case <-closed:
		t.Error("the descriptor was closed under a system call")
	case <-time.After(50 * time.Millisecond):
	}
	close(leave)
	<-closed
}

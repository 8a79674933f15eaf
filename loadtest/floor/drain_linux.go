//go:build linux && (amd64 || arm64)

package floor

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"antenne/sfu/peer"
)

const (
	drainEvery  = 500 * time.Microsecond // nobody sleeps on a socket: the sender would pay for waking
	drainBuffer = 1 << 20                // bytes of each socket
	drainAtOnce = 32                     // datagrams in a call
)

// Drained is sockets that swallow what comes.
type Drained struct {
	Addresses []netip.AddrPort // static

	sockets []int
	stop    chan struct{}
	reading sync.WaitGroup

	mu    sync.Mutex
	count uint64         // guarded by mu
	delay peer.Histogram // guarded by mu: from when a packet was due to the kernel's arrival stamp
}

// Drain opens n sockets on loopback and reads them until Close.
func Drain(n int) (*Drained, error) {
	d := &Drained{stop: make(chan struct{})}
	for range n {
		socket, addr, err := openSocket()
		if err != nil {
			d.closeSockets()
			return nil, fmt.Errorf("floor: socket %d: %w", len(d.sockets)+1, err)
		}
		d.sockets = append(d.sockets, socket)
		d.Addresses = append(d.Addresses, addr)
	}
	readers := max(1, min(runtime.GOMAXPROCS(0), n))
	for i := range readers {
		share := d.sockets[n*i/readers : n*(i+1)/readers]
		d.reading.Go(func() { d.read(share) })
	}
	return d, nil
}

func openSocket() (fd int, addr netip.AddrPort, err error) {
	fd, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, addr, os.NewSyscallError("socket", err)
	}
	defer func() {
		if err != nil {
			_ = unix.Close(fd)
		}
	}()
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, drainBuffer) // as much as the kernel gives
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1); err != nil {
		return -1, addr, os.NewSyscallError("timestamps", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return -1, addr, os.NewSyscallError("bind", err)
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		return -1, addr, os.NewSyscallError("getsockname", err)
	}
	return fd, netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(name.(*unix.SockaddrInet4).Port)), nil
}

func (d *Drained) closeSockets() {
	for _, fd := range d.sockets {
		_ = unix.Close(fd)
	}
}

// Close ends the reading, awaits it, and closes the sockets.
func (d *Drained) Close() {
	close(d.stop)
	d.reading.Wait()
	d.closeSockets()
}

// Figures are how many datagrams came, and how late.
func (d *Drained) Figures() (count uint64, delay peer.Histogram) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.count, d.delay
}

// Reset forgets what came so far.
func (d *Drained) Reset() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.count, d.delay = 0, peer.Histogram{}
}

// net is what one reader takes datagrams with. The kernel writes through its pointers, so it stays on the heap, and still.
type net struct {
	messages [drainAtOnce]struct {
		unix.Msghdr
		size uint32
		_    [4]byte
	}
	vectors  [drainAtOnce]unix.Iovec
	buffers  [drainAtOnce][2048]byte
	controls [drainAtOnce][64]byte
}

func newNet() *net {
	n := &net{}
	for i := range n.messages {
		n.vectors[i].Base = &n.buffers[i][0]
		n.vectors[i].SetLen(len(n.buffers[i]))
		n.messages[i].Iov, n.messages[i].Iovlen = &n.vectors[i], 1
		n.messages[i].Control = &n.controls[i][0]
	}
	return n
}

func (d *Drained) read(sockets []int) {
	n := newNet()
	tick := time.NewTicker(drainEvery)
	defer tick.Stop()
	for {
		var count uint64
		var late peer.Histogram
		for _, fd := range sockets {
			count += n.take(fd, &late)
		}
		d.mu.Lock()
		d.count += count
		if count > 0 {
			d.delay.Merge(&late)
		}
		d.mu.Unlock()
		select {
		case <-d.stop:
			return
		case <-tick.C:
		}
	}
}

// take empties one socket.
func (n *net) take(fd int, late *peer.Histogram) (count uint64) {
	for {
		for i := range n.messages {
			n.messages[i].SetControllen(len(n.controls[i]))
		}
		got, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, uintptr(fd), uintptr(unsafe.Pointer(&n.messages[0])), drainAtOnce, unix.MSG_DONTWAIT, 0, 0)
		if errno != 0 {
			return count
		}
		for i := range int(got) {
			if arrived, ok := stamp(n.controls[i][:n.messages[i].Controllen]); ok && n.messages[i].size > rtpHeader {
				due := int64(binary.BigEndian.Uint64(n.buffers[i][4:]))
				late.Add(time.Duration(arrived - due))
			}
		}
		if count += uint64(got); got < drainAtOnce {
			return count
		}
	}
}

// stamp is when the kernel took the datagram in, in nanoseconds of the wall clock.
func stamp(control []byte) (int64, bool) {
	if len(control) < unix.CmsgSpace(int(unsafe.Sizeof(unix.Timespec{}))) {
		return 0, false
	}
	head := (*unix.Cmsghdr)(unsafe.Pointer(&control[0]))
	if head.Level != unix.SOL_SOCKET || head.Type != unix.SCM_TIMESTAMPNS {
		return 0, false
	}
	at := (*unix.Timespec)(unsafe.Pointer(&control[unix.CmsgLen(0)]))
	return at.Nano(), true
}

// rest sleeps without telling Go's scheduler, whose bookkeeping is not the machine's floor.
func rest(d time.Duration) {
	if d <= 0 {
		return
	}
	t := unix.NsecToTimespec(int64(d))
	_, _, _ = unix.RawSyscall(unix.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&t)), 0, 0)
}

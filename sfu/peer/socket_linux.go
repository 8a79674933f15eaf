package peer

import (
	"errors"
	"net/netip"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	receiveBuffer = 1 << 20 // asked; the kernel's own limit holds where we are nobody
	mtu           = 2048
	batchSize     = 64
)

// socket is one viewer's, never slept on. Owned by its poller once it joined.
type socket struct {
	fd        int
	six       bool // AF_INET6, both families
	connected bool
}

// openSocket binds an ephemeral port of both families where there are two.
func openSocket() (socket, error) {
	s := socket{six: true}
	fd, err := unix.Socket(unix.AF_INET6, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		err = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 0)
	}
	if err == nil {
		err = unix.Bind(fd, &unix.SockaddrInet6{})
	}
	if err != nil {
		s.six = false
		fd, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
		if err == nil {
			err = unix.Bind(fd, &unix.SockaddrInet4{})
		}
	}
	if err != nil {
		return socket{}, err
	}
	s.fd = fd
	return s, s.tune()
}

func (s *socket) tune() error {
	if unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, receiveBuffer) != nil {
		_ = unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_RCVBUF, receiveBuffer)
	}
	err := unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
	if err == nil {
		err = unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_RXQ_OVFL, 1)
	}
	if err != nil {
		return errors.Join(err, s.close())
	}
	return nil
}

func (s *socket) address(to netip.AddrPort) unix.Sockaddr {
	if s.six {
		return &unix.SockaddrInet6{Port: int(to.Port()), Addr: to.Addr().As16()}
	}
	return &unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().Unmap().As4()}
}

// reaches tells whether the socket's family can.
func (s *socket) reaches(to netip.AddrPort) bool { return s.six || to.Addr().Unmap().Is4() }

// connect makes to the only one that is heard.
func (s *socket) connect(to netip.AddrPort) {
	s.connected = unix.Connect(s.fd, s.address(to)) == nil
}

// send is best effort, as a datagram is.
func (s *socket) send(b []byte, to netip.AddrPort) {
	if s.connected {
		_ = unix.Send(s.fd, b, unix.MSG_DONTWAIT)
		return
	}
	_ = unix.Sendto(s.fd, b, unix.MSG_DONTWAIT, s.address(to))
}

func (s *socket) close() error { return unix.Close(s.fd) }

// pollSet is what one poller asks the kernel about, without ever waiting.
type pollSet struct{ fds []unix.PollFd }

func (p *pollSet) add(s socket) {
	p.fds = append(p.fds, unix.PollFd{Fd: int32(s.fd), Events: unix.POLLIN})
}

// remove puts the last one in the place of i.
func (p *pollSet) remove(i int) {
	last := len(p.fds) - 1
	p.fds[i] = p.fds[last]
	p.fds = p.fds[:last]
}

// deafen leaves i out, or takes it in again.
func (p *pollSet) deafen(i int, s socket, deaf bool) {
	p.fds[i].Fd = int32(s.fd)
	if deaf {
		p.fds[i].Fd = -1 // poll(2): ignored
	}
}

// poll marks who has something to read. The wait is zero, so that nobody is
// entered in a queue that a sender would have to wake.
func (p *pollSet) poll() (some bool) {
	if len(p.fds) == 0 {
		return false
	}
	var none unix.Timespec
	n, _, _ := unix.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&p.fds[0])), uintptr(len(p.fds)), uintptr(unsafe.Pointer(&none)), 0, 0, 0)
	runtime.KeepAlive(p.fds)
	return int(n) > 0
}

func (p *pollSet) readable(i int) bool { return p.fds[i].Revents != 0 }

// mmsghdr is struct mmsghdr of recvmmsg(2).
type mmsghdr struct {
	header unix.Msghdr
	size   uint32
	_      [4]byte
}

// batch is the memory that recvmmsg fills, reused for all viewers of a poller.
type batch struct {
	messages [batchSize]mmsghdr
	vectors  [batchSize]unix.Iovec
	data     [batchSize][mtu]byte
	control  [batchSize][128]byte
}

func newBatch() *batch {
	b := &batch{}
	for i := range b.messages {
		b.vectors[i].Base = &b.data[i][0]
		b.vectors[i].SetLen(mtu)
		b.messages[i].header.Iov = &b.vectors[i]
		b.messages[i].header.SetIovlen(1)
		b.messages[i].header.Control = &b.control[i][0]
	}
	return b
}

// read takes what has arrived at s, at most a batch.
func (b *batch) read(s socket) (n int) {
	for i := range b.messages {
		b.messages[i].header.SetControllen(len(b.control[i]))
	}
	got, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&b.messages[0])), batchSize, unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0 // nothing there, or an ICMP error that consent will judge
	}
	return int(got)
}

// datagram i of the last read: when the kernel got it (CLOCK_REALTIME, ns; 0
// when it does not say) and how many it had to drop at this socket so far.
func (b *batch) datagram(i int) (data []byte, at int64, dropped uint32) {
	m := &b.messages[i]
	data = b.data[i][:m.size]
	control := b.control[i][:m.header.Controllen]
	for len(control) >= unix.SizeofCmsghdr {
		head := (*unix.Cmsghdr)(unsafe.Pointer(&control[0]))
		if head.Len < unix.SizeofCmsghdr || int(head.Len) > len(control) {
			break
		}
		value := control[unix.CmsgLen(0):head.Len]
		switch {
		case head.Level == unix.SOL_SOCKET && head.Type == unix.SO_TIMESTAMPNS && len(value) >= int(unsafe.Sizeof(unix.Timespec{})):
			at = (*unix.Timespec)(unsafe.Pointer(&value[0])).Nano()
		case head.Level == unix.SOL_SOCKET && head.Type == unix.SO_RXQ_OVFL && len(value) >= 4:
			dropped = *(*uint32)(unsafe.Pointer(&value[0]))
		}
		control = control[min(unix.CmsgSpace(int(head.Len)-unix.CmsgLen(0)), len(control)):]
	}
	return data, at, dropped
}

// realtime is the clock of the kernel's time stamps, in ns.
func realtime() int64 { return time.Now().UnixNano() }

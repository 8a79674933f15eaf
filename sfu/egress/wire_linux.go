//go:build linux && (amd64 || arm64) && !portable

package egress

import (
	"encoding/binary"
	"net"
	"net/netip"
	"runtime"
	"strconv"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	patience  = 2 * time.Millisecond   // of a Flush and Conn, for a socket that is full
	waitStep  = 500 * time.Microsecond // of it at a time
	leastWait = 50 * time.Microsecond  // what a wait costs of it at least, so that waiting ends
)

// bestWay is the best way of this system.
const bestWay = WaySegments

// sockaddr is an address as the kernel reads it; the shorter one of IPv4 lies
// in the place of the longer.
type sockaddr struct {
	raw  unix.RawSockaddrInet6
	size uint32
}

func sockaddrOf(to netip.AddrPort) (s sockaddr) {
	port := to.Port()<<8 | to.Port()>>8
	if to.Addr().Is4() {
		*(*unix.RawSockaddrInet4)(unsafe.Pointer(&s.raw)) = unix.RawSockaddrInet4{
			Family: unix.AF_INET, Port: port, Addr: to.Addr().As4(),
		}
		s.size = unix.SizeofSockaddrInet4
		return s
	}
	s.raw = unix.RawSockaddrInet6{
		Family: unix.AF_INET6, Port: port, Addr: to.Addr().As16(), Scope_id: scopeOf(to.Addr().Zone()),
	}
	s.size = unix.SizeofSockaddrInet6
	return s
}

// scopeOf is the interface of a link-local address, 0 when there is none.
func scopeOf(zone string) uint32 {
	if zone == "" {
		return 0
	}
	if i, err := net.InterfaceByName(zone); err == nil {
		return uint32(i.Index)
	}
	n, _ := strconv.ParseUint(zone, 10, 32)
	return uint32(n)
}

// message is the kernel's struct mmsghdr.
type message struct {
	unix.Msghdr
	sent uint32 // the kernel writes it; all or nothing of a datagram
	_    [4]byte
}

// segmentation is a control message that cuts what it goes with into datagrams
// of size bytes (UDP_SEGMENT).
type segmentation struct {
	unix.Cmsghdr
	size uint16
	_    [6]byte
}

// kernel is the system calls, which tests make refuse. The first two give how
// many messages were taken, and otherwise why the first was not. They hold the
// processor: the scheduler is not told, since taking the processor away and
// giving it back costs more than the sending. It is told of a pause.
type kernel struct {
	batch  func(fd uintptr, m []message) (int, unix.Errno)
	single func(fd uintptr, m *message) unix.Errno
	pause  func(fd uintptr, why unix.Errno)
}

var realKernel = kernel{sendBatch, sendSingle, pause}

func sendBatch(fd uintptr, m []message) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_SENDMMSG, fd, uintptr(unsafe.Pointer(&m[0])), uintptr(len(m)), unix.MSG_DONTWAIT, 0, 0)
	return int(n), errno
}

func sendSingle(fd uintptr, m *message) unix.Errno {
	_, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, fd, uintptr(unsafe.Pointer(m.Iov.Base)), uintptr(m.Iov.Len), unix.MSG_DONTWAIT,
		uintptr(unsafe.Pointer(m.Name)), uintptr(m.Namelen))
	return errno
}

// wire turns runs into the kernel's messages. Everything it points to is on the
// heap, reachable from the outlet, and stays where it is.
type wire struct {
	kernel   kernel
	outlet   *outlet
	flush    func(fd uintptr) // made once: a method value allocates
	patience time.Duration    // left for this Flush
	tally    tally            // of this send: lanes share the counters of a Conn, so they are touched once

	messages [callMessages]message
	vectors  [callMessages]unix.Iovec
	controls [callMessages]segmentation

	// A run that is sent again datagram by datagram.
	pieces       [runSegments]message
	pieceVectors [runSegments]unix.Iovec
	pieceRuns    [runSegments]run
}

func (w *wire) prepare(o *outlet) {
	w.kernel, w.outlet, w.flush, w.patience = realKernel, o, w.sendOn, patience
	for i := range w.messages {
		w.controls[i].Level, w.controls[i].Type = unix.SOL_UDP, unix.UDP_SEGMENT
		w.controls[i].SetLen(unix.CmsgLen(2))
		w.messages[i].Control = (*byte)(unsafe.Pointer(&w.controls[i]))
		w.messages[i].Iov, w.messages[i].Iovlen = &w.vectors[i], 1
	}
	for i := range w.pieces {
		w.pieces[i].Iov, w.pieces[i].Iovlen = &w.pieceVectors[i], 1
	}
}

// rest begins a new Flush.
func (w *wire) rest() { w.patience = patience }

// send sends the runs of the outlet. The socket cannot be closed, nor its
// descriptor given to another file, while Control runs: Close waits for it.
func (w *wire) send(o *outlet) {
	if o.conn.raw.Control(w.flush) != nil { // closed
		for i := range o.runs[:o.count] {
			o.conn.count.dropMany(WriteError, o.runs[i].count)
		}
	}
	runtime.KeepAlive(o)
}

func (w *wire) sendOn(fd uintptr) {
	runs := w.outlet.runs[:w.outlet.count]
	for i := range runs {
		point(&w.messages[i], w.outlet.arena, &runs[i])
		if runs[i].count > 1 {
			binary.NativeEndian.PutUint16((*[2]byte)(unsafe.Pointer(&w.controls[i].size))[:], uint16(runs[i].segment))
			w.messages[i].SetControllen(unix.CmsgSpace(2))
		} else {
			w.messages[i].SetControllen(0)
		}
	}
	w.deliver(fd, w.messages[:len(runs)], runs)
	w.outlet.conn.count.sent(w.tally)
	w.tally = tally{}
}

func point(m *message, arena []byte, r *run) {
	m.Name, m.Namelen = (*byte)(unsafe.Pointer(&r.to.name.raw)), r.to.name.size
	m.Iov.Base = &arena[r.start]
	m.Iov.SetLen(r.size)
}

// deliver sends messages, and does for each that the kernel refuses what its
// error asks for. It gives how many were taken.
func (w *wire) deliver(fd uintptr, m []message, runs []run) (taken int) {
	for len(runs) > 0 {
		n, errno := w.call(fd, m)
		if errno != 0 {
			n = w.refused(fd, errno, &m[0], &runs[0])
		} else {
			w.accepted(runs[:n])
			w.outlet.conn.able.batches.taken()
			taken += n
		}
		m, runs = m[n:], runs[n:]
	}
	return taken
}

// accepted counts runs that the kernel took, each as one message.
func (w *wire) accepted(runs []run) {
	before := w.tally.datagrams
	for i := range runs {
		w.tally.datagrams += runs[i].count
		w.tally.bytes += runs[i].size
	}
	w.tally.messages += len(runs)
	if w.tally.datagrams-before > len(runs) {
		w.outlet.conn.able.segments.taken()
	}
}

func (w *wire) way() Way { return min(w.outlet.way, w.outlet.conn.way()) }

func (w *wire) call(fd uintptr, m []message) (int, unix.Errno) {
	w.tally.calls++
	if w.way() > WaySingle {
		return w.kernel.batch(fd, m)
	}
	if m[0].Controllen > 0 { // collected before the Conn lost its way
		return 0, unix.EOPNOTSUPP
	}
	if errno := w.kernel.single(fd, &m[0]); errno != 0 {
		return 0, errno
	}
	return 1, 0
}

// refused gives 0 to try the message again, 1 when it is done with.
func (w *wire) refused(fd uintptr, errno unix.Errno, m *message, r *run) int {
	c := w.outlet.conn
	switch errno {
	case unix.EINTR:
		return 0
	case unix.EAGAIN, unix.ENOBUFS, unix.ENOMEM:
		if w.wait(fd, errno) {
			return 0
		}
		c.count.dropMany(SocketFull, r.count)
		return 1
	case unix.ENOSYS:
		if w.way() > WaySingle {
			c.able.sink(WaySingle)
			return 0
		}
	case unix.EPERM: // of a firewall, or of a sandbox that hides sendmmsg
		if w.way() > WaySingle {
			w.singly(fd, r)
			return 1
		}
	case unix.EINVAL, unix.EIO, unix.EOPNOTSUPP, unix.EMSGSIZE, unix.ENOPROTOOPT:
		if r.count > 1 {
			w.split(fd, r)
			return 1
		}
	}
	c.count.dropMany(WriteError, r.count)
	return 1
}

// singly sends a run that sendmmsg was not permitted to send by the older call.
func (w *wire) singly(fd uintptr, r *run) {
	c, passed := w.outlet.conn, 0
	for i := range w.cut(r) {
		w.tally.calls++
		if w.kernel.single(fd, &w.pieces[i]) != 0 {
			c.count.drop(WriteError)
			continue
		}
		w.accepted(w.pieceRuns[i : i+1])
		passed++
	}
	if passed > 0 && c.able.batches.refused() {
		c.able.sink(WaySingle)
	}
}

// split sends a run that was refused again, datagram by datagram. Segmentation
// is to blame only if they pass: a destination that refuses everything
// (port 0) says nothing about it.
func (w *wire) split(fd uintptr, r *run) {
	n := w.cut(r)
	if w.deliver(fd, w.pieces[:n], w.pieceRuns[:n]) > 0 {
		r.to.plain.Store(true)
		if w.outlet.conn.able.segments.refused() {
			w.outlet.conn.able.sink(WayBatch)
		}
	}
}

// cut makes a message of each datagram of a run.
func (w *wire) cut(r *run) (pieces int) {
	for i := range r.count {
		from := r.start + i*r.segment
		w.pieceRuns[i] = run{to: r.to, start: from, size: min(r.segment, r.start+r.size-from), segment: r.segment, count: 1}
		point(&w.pieces[i], w.outlet.arena, &w.pieceRuns[i])
	}
	return r.count
}

// wait waits for a socket that is full, within the patience of this Flush.
func (w *wire) wait(fd uintptr, why unix.Errno) bool {
	if w.patience <= 0 {
		return false
	}
	began := time.Now()
	w.kernel.pause(fd, why)
	w.patience -= max(time.Since(began), leastWait)
	return true
}

// pause lets others run until there is room, or for a while.
func pause(fd uintptr, why unix.Errno) {
	step := unix.NsecToTimespec(int64(waitStep))
	var full []unix.PollFd
	if why == unix.EAGAIN { // otherwise it is the kernel's memory that is short, and only time helps
		full = []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
	}
	_, _ = unix.Ppoll(full, &step, nil)
}

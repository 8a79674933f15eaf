package egress

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// unsentBytes is what the kernel may hold of a connection that it has not sent
// yet. Without a limit it takes megabytes, many seconds of delay, before our
// own queue learns that the path is narrow.
const unsentBytes = 4 << 10

// sendBuffer bounds what is on its way as well, some 80 kB: enough for 3 Mbit/s
// over 200 ms, where the kernel would go up to megabytes and fill a long queue
// in some router. The kernel doubles the value for its own book-keeping.
const sendBuffer = 64 << 10

// limitUnsent sets both, as well as it can.
func limitUnsent(conn net.Conn) {
	for {
		wrapped, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		conn = wrapped.NetConn()
	}
	if c, ok := conn.(syscall.Conn); ok {
		if raw, err := c.SyscallConn(); err == nil {
			_ = raw.Control(func(fd uintptr) {
				_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, unsentBytes)
				_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_SNDBUF, sendBuffer)
			})
		}
	}
}

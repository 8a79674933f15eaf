package egress

import (
	"net"
	"testing"

	"golang.org/x/sys/unix"
)

// wrapped is a connection inside another, as TLS or a peeking listener makes it.
type wrapped struct{ net.Conn }

func (w wrapped) NetConn() net.Conn { return w.Conn }

func TestUnsentIsLimitedInsideWrappings(t *testing.T) {
	h := openHall(t, StreamConfig{}, echo)
	c := h.dial()
	limitUnsent(wrapped{wrapped{c}})
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if err := raw.Control(func(fd uintptr) {
		if got, err := unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT); got != unsentBytes {
			t.Errorf("limited to %d bytes, %v; want %d", got, err, unsentBytes)
		}
		if got, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_SNDBUF); got != 2*sendBuffer {
			t.Errorf("a buffer of %d bytes, %v; want %d", got, err, 2*sendBuffer)
		}
	}); err != nil {
		t.Fatal(err)
	}
}

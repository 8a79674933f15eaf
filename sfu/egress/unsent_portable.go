//go:build !linux

package egress

import "net"

// sendBuffer is what the kernel may hold of a connection, so that our own queue
// learns soon that the path is narrow.
const sendBuffer = 64 << 10

func limitUnsent(conn net.Conn) {
	if c, ok := conn.(interface{ SetWriteBuffer(int) error }); ok {
		_ = c.SetWriteBuffer(sendBuffer)
	}
}

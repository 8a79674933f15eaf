package egress

import (
	"net/netip"
	"sync/atomic"
)

// Origin is where datagrams come from and where answers go: a Conn, which
// reaches many addresses, or a Stream, which has one other end.
type Origin interface {
	// Dest prepares a destination. A Stream gives its only one, whatever to is.
	Dest(to netip.AddrPort) *Dest
}

// Dest is a prepared destination: the other end of a path. It may be used by
// any number of goroutines and Senders at once, and is worth keeping.
type Dest struct {
	// Static after construction.
	conn   *Conn   // nil for a Stream's
	stream *Stream // nil for a Conn's
	addr   netip.AddrPort
	name   sockaddr

	plain atomic.Bool // its path refuses segmentation: one message a datagram
}

// Dest prepares an address as a destination of this Conn.
func (c *Conn) Dest(to netip.AddrPort) *Dest {
	to = unmapped(to)
	return &Dest{conn: c, addr: to, name: sockaddrOf(to)}
}

// Addr is the address of the other end.
func (d *Dest) Addr() netip.AddrPort { return d.addr }

// IsStream tells whether the path is a Stream.
func (d *Dest) IsStream() bool { return d.stream != nil }

// Send sends one datagram at once: handshakes, checks, reports. It never waits
// for the other end. What cannot be sent is lost and counted; the only error is
// net.ErrClosed.
func (d *Dest) Send(b []byte) error {
	if d.stream != nil {
		return d.stream.push(b, false)
	}
	return d.conn.send(b, d.addr)
}

// Admit says that the other end proved who it is. A Stream that nobody admits
// is closed after some seconds; to a Conn it means nothing.
func (d *Dest) Admit() {
	if d.stream != nil {
		d.stream.admit()
	}
}

// Forget drops the media that waits in a Stream, sound and pictures, for those
// who may not get it any more: when it returns, none of what was sent before
// will leave. What the kernel was given already cannot be called back: the chunk
// that is being written, and what the connection has on its way. All else stays.
// To a Conn, where nothing waits, it means nothing.
func (d *Dest) Forget() {
	if d.stream != nil {
		d.stream.forget()
	}
}

// Close says that nothing more will be sent: a Stream is closed once what waits
// in it has left. To a Conn, which others use, it means nothing.
func (d *Dest) Close() {
	if d.stream != nil {
		d.stream.finish()
	}
}

// Package egress is the sockets under the media.
//
// A Conn is a UDP socket, one for each address family, given to Pion's UDP mux
// as its net.PacketConn. It keeps the mux alive over transient errors, keeps
// out what could harm the code behind it (malformed STUN: GHSA-34rh-wp3j-6cxc)
// and counts what must never be there (DTLS application records:
// CVE-2026-26014). Handle lets somebody take what is not the mux's.
//
// Streams are the TCP connections of those whose network lets no datagram
// through (RFC 4571 framing). Conn and Stream are both an Origin: whoever is
// handed a datagram answers at origin.Dest(from) and need not know which it is.
//
//	conn.Handle(func(b []byte, from netip.AddrPort) bool { return server.Take(conn, b, from) })
//	streams := egress.NewStreams(egress.StreamConfig{}, server.Take)
//	go streams.Serve(accepted) // for each connection
//
// A Sender is how a lane sends: it collects datagrams in one buffer, where they
// are built and sealed in place, and gives them to the kernel in few calls.
//
//	for each viewer {
//		for each packet {
//			b := append(sender.Room(viewer.dest, size), …)
//			sender.Commit(len(b))
//		}
//	}
//	sender.Flush()
//
// Viewers outside and packets inside: consecutive datagrams to one Dest, of one
// size but the last, which may be shorter, are a run and cross the kernel's
// stack as one message (UDP GSO). Price is per message, not per byte. Nothing
// is allocated, copied or locked on the way, but for a hold on the descriptor
// in each call, so that a Close waits for it.
//
// A Conn knows three ways and uses the best that its kernel still takes; what
// is refused is sent again by the next way at once, and nothing is lost by it:
//
//   - WaySegments: runs, in calls of up to 64 messages;
//   - WayBatch: datagrams, in calls of up to 64 (sendmmsg);
//   - WaySingle: a call each. The only one on systems other than Linux.
//
// NewSenderWay asks for no better way than one, so that their costs can be
// compared through the same code; Stats says which way is left.
//
// Calls on Linux are raw and never wait: they hold the processor for the time
// of 64 messages, since the scheduler's taking it away and giving it back costs
// more. A socket that is full is waited for by poll, 2 ms in all for a Flush;
// then what does not fit is dropped and counted (socket-full).
//
// # Goroutines
//
// A Conn starts none: ReadFrom belongs to the mux's one reader; WriteTo and
// Dest.Send may be called by anybody. A Sender starts none and belongs to one
// goroutine. A Stream has a reader, which is the caller of Serve, and a writer,
// which ends with it.
package egress

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	socketBuffer  = 4 << 20               // bytes, asked of the kernel each way
	restAfterBad  = 5 * time.Millisecond  // between read errors that do not stop
	probeInterval = 50 * time.Millisecond // a probe may be lost like any datagram
)

// Conn is one UDP socket. Its methods are those of net.PacketConn.
type Conn struct {
	udp    *net.UDPConn    // static after construction
	raw    syscall.RawConn // static: its descriptor
	local  *net.UDPAddr    // static: what LocalAddr says
	closed atomic.Bool
	count  counters
	able   ability
	take   atomic.Pointer[func([]byte, netip.AddrPort) bool]

	mu     sync.Mutex
	probes map[probeKey]chan struct{} // guarded by mu: probes on their way
}

// Listen opens a socket on network "udp4" or "udp6".
func Listen(network, address string) (*Conn, error) {
	addr, err := net.ResolveUDPAddr(network, address)
	if err != nil {
		return nil, fmt.Errorf("egress: %w", err)
	}
	udp, err := net.ListenUDP(network, addr)
	if err != nil {
		return nil, fmt.Errorf("egress: %w", err)
	}
	raw, err := udp.SyscallConn()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("egress: %w", err), udp.Close())
	}
	_ = udp.SetReadBuffer(socketBuffer) // best effort: the kernel has its own ceiling
	_ = udp.SetWriteBuffer(socketBuffer)
	return &Conn{
		udp: udp, raw: raw, local: representative(udp.LocalAddr().(*net.UDPAddr)),
		probes: map[probeKey]chan struct{}{},
	}, nil
}

// representative replaces the unspecified address by the loopback of its
// family: the mux would otherwise fix the interfaces of this moment for ever.
// The candidates that clients see are made by the sfu for each session.
func representative(bound *net.UDPAddr) *net.UDPAddr {
	local := &net.UDPAddr{IP: bound.IP, Port: bound.Port, Zone: bound.Zone}
	if !bound.IP.IsUnspecified() {
		return local
	}
	if local.IP = net.IPv6loopback; bound.IP.To4() != nil {
		local.IP = net.IPv4(127, 0, 0, 1)
	}
	return local
}

// Bound is the address the socket is really bound to.
func (c *Conn) Bound() netip.AddrPort {
	return unmapped(c.udp.LocalAddr().(*net.UDPAddr).AddrPort())
}

// LocalAddr is an address that reaches the socket from this machine.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// Handle gives take every datagram that may pass, before the mux: true says
// that it was for take, which must not keep it. Set it before reading starts;
// the one reader calls it.
func (c *Conn) Handle(take func(datagram []byte, from netip.AddrPort) bool) { c.take.Store(&take) }

// ReadFrom gives the next datagram that may pass and that Handle's function
// left. It only ever fails when the Conn is closed. Datagrams are read one by
// one: many in a call (recvmmsg) saved a sixth of their cost in bursts and lost
// a tenth on single ones, at the some hundred a second that come in.
func (c *Conn) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := c.udp.ReadFromUDPAddrPort(b)
		if err != nil {
			if c.closed.Load() || errors.Is(err, net.ErrClosed) {
				return 0, nil, net.ErrClosed
			}
			c.count.drop(ReadError)
			time.Sleep(restAfterBad)
			continue
		}
		c.count.in(n)
		if c.answerProbe(b[:n]) {
			continue
		}
		if reason, pass := inspect(b[:n], &c.count); !pass {
			c.count.drop(reason)
			continue
		}
		from = unmapped(from)
		if take := c.take.Load(); take != nil && (*take)(b[:n], from) {
			continue
		}
		return n, net.UDPAddrFromAddrPort(from), nil
	}
}

// WriteTo sends one datagram. What the kernel refuses is lost, as on any
// network, and counted; only a closed Conn is an error.
func (c *Conn) WriteTo(b []byte, to net.Addr) (int, error) {
	udp, ok := to.(*net.UDPAddr)
	if !ok {
		c.count.drop(WriteError)
		return len(b), nil
	}
	if err := c.send(b, unmapped(udp.AddrPort())); err != nil {
		return 0, err
	}
	return len(b), nil
}

func unmapped(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

// send is WriteTo for an address that is a value.
func (c *Conn) send(b []byte, to netip.AddrPort) error {
	c.count.recordsOut(b)
	if _, err := c.udp.WriteToUDPAddrPort(b, to); err != nil {
		if errors.Is(err, net.ErrClosed) {
			return net.ErrClosed
		}
		c.count.drop(WriteError)
		return nil
	}
	c.count.out(len(b))
	return nil
}

// Close closes the socket and ends ReadFrom.
func (c *Conn) Close() error {
	c.closed.Store(true)
	return c.udp.Close()
}

// SetDeadline is here for net.PacketConn; the mux sets none.
func (c *Conn) SetDeadline(t time.Time) error { return c.udp.SetDeadline(t) }

// SetReadDeadline is here for net.PacketConn; the mux sets none.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.udp.SetReadDeadline(t) }

// SetWriteDeadline is here for net.PacketConn; the mux sets none.
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.udp.SetWriteDeadline(t) }

const (
	probeMark = 0xff // a first byte that RFC 7983 gives to nobody
	probeSize = 17
)

type probeKey [probeSize]byte

// Probe sends a secret to the socket's own port and waits until the reader of
// the media has seen it: the way in is open and somebody reads it.
func (c *Conn) Probe(ctx context.Context) error {
	key := probeKey{probeMark}
	if _, err := rand.Read(key[1:]); err != nil {
		return err
	}
	seen := c.expect(key)
	defer c.forget(key)
	out, err := net.DialUDP("udp", nil, c.local)
	if err != nil {
		return fmt.Errorf("egress: probe: %w", err)
	}
	defer out.Close()
	again := time.NewTicker(probeInterval)
	defer again.Stop()
	for {
		_, _ = out.Write(key[:]) // silence is the only failure that counts
		select {
		case <-seen:
			return nil
		case <-ctx.Done():
			return fmt.Errorf("egress: probe unanswered: %w", ctx.Err())
		case <-again.C:
		}
	}
}

func (c *Conn) expect(key probeKey) <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := make(chan struct{})
	c.probes[key] = seen
	return seen
}

func (c *Conn) forget(key probeKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.probes, key)
}

func (c *Conn) answerProbe(b []byte) bool {
	if len(b) != probeSize || b[0] != probeMark {
		return false
	}
	key := probeKey(b)
	c.mu.Lock()
	defer c.mu.Unlock()
	seen, ok := c.probes[key]
	if ok {
		close(seen)
		delete(c.probes, key)
	}
	return ok
}

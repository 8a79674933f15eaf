package sfu

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/pion/ice/v2"
	"go.uber.org/zap"

	"antenne/sfu/egress"
)

// network is the media port: one socket for each address family that works on
// this machine, under one mux; and beside each, for viewers, TCP on the same
// number. Static after listen.
//
// Its goroutines: Pion's readers of the sockets, one accept loop for each
// listener, and two for each connection (egress.Stream).
type network struct {
	conns     []*egress.Conn
	mux       ice.UDPMux
	port      int
	publicIPs []netip.Addr

	listeners []net.Listener // of TCP, at most one a family
	streams   *egress.Streams
	accepting sync.WaitGroup // accept loops and all they serve
}

// portTries bounds the search for a port that is free in both families.
const portTries = 20

// taker is told of every datagram that comes in on a socket, and keeps those of
// viewers.
type taker func(egress.Origin, []byte, netip.AddrPort) bool

func listen(media string, publicIPs []netip.Addr, take taker, log *zap.Logger) (*network, error) {
	host, port, err := net.SplitHostPort(media)
	if err != nil {
		return nil, err
	}
	conns, listeners, refused, err := openPort(host, port)
	if err != nil {
		return nil, err
	}
	if refused != nil {
		log.Warn("the media port is not to be had in TCP: who cannot receive UDP will see nothing", zap.Error(refused))
	}
	sockets, err := keepWorking(startReading(conns, take), tryWithin, log)
	if err != nil {
		for _, l := range listeners {
			_ = l.Close()
		}
		return nil, err
	}
	n := newNetwork(sockets, publicIPs, log)
	n.openStreams(listeners, take, log)
	return n, nil
}

// socket is the media port of one address family, with Pion reading it.
type socket struct {
	conn *egress.Conn
	mux  ice.UDPMux
}

func startReading(conns []*egress.Conn, take taker) []socket {
	sockets := make([]socket, len(conns))
	for i, c := range conns {
		c.Handle(func(b []byte, from netip.AddrPort) bool { return take(c, b, from) })
		mux := ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: c, Logger: silentLogs().NewLogger("ice")})
		sockets[i] = socket{c, mux}
	}
	return sockets
}

// tryFor bounds the trial of a socket at the start.
const tryFor = 2 * time.Second

func tryWithin(c *egress.Conn) error {
	ctx, cancel := context.WithTimeout(context.Background(), tryFor)
	defer cancel()
	return c.Probe(ctx)
}

// keepWorking keeps the sockets that hear themselves, and closes the others: a
// machine may let a family be bound that it does not carry (IPv6 switched off
// by net.ipv6.conf.all.disable_ipv6). It fails when none is left.
func keepWorking(sockets []socket, try func(*egress.Conn) error, log *zap.Logger) (working []socket, err error) {
	for _, s := range sockets {
		wrong := try(s.conn)
		if wrong == nil {
			working = append(working, s)
			continue
		}
		log.Warn("an address family does not work on this machine and is left out of the media", zap.String("family", familyOf(s.conn.Bound().Addr())))
		err = errors.Join(err, wrong, s.mux.Close(), closeSocket(s.conn))
	}
	if len(working) > 0 {
		return working, nil
	}
	return nil, err
}

func familyOf(ip netip.Addr) string {
	if ip.Is4() {
		return "IPv4"
	}
	return "IPv6"
}

func newNetwork(sockets []socket, publicIPs []netip.Addr, log *zap.Logger) *network {
	n := &network{port: int(sockets[0].conn.Bound().Port())}
	muxes := make([]ice.UDPMux, len(sockets))
	for i, s := range sockets {
		n.conns = append(n.conns, s.conn)
		muxes[i] = s.mux
	}
	n.mux = ice.NewMultiUDPMuxDefault(muxes...)
	for _, ip := range publicIPs {
		if ip = ip.Unmap(); n.hasFamily(ip) {
			n.publicIPs = append(n.publicIPs, ip)
			continue
		}
		log.Warn("a public address is not offered: its family does not work on this machine", zap.String("family", familyOf(ip)))
	}
	return n
}

func (n *network) hasFamily(ip netip.Addr) bool {
	return slices.ContainsFunc(n.conns, func(c *egress.Conn) bool { return c.Bound().Addr().Is4() == ip.Is4() })
}

// openFamilies opens the port on IPv4 and on IPv6. A machine without one of
// them, or an address of one family alone, gives one socket.
func openFamilies(host, port string) ([]*egress.Conn, error) {
	first, err4 := egress.Listen("udp4", net.JoinHostPort(host, port))
	if err4 == nil {
		port = fmt.Sprint(first.Bound().Port())
	}
	second, err6 := egress.Listen("udp6", net.JoinHostPort(host, port))
	switch {
	case err4 == nil && err6 == nil:
		return []*egress.Conn{first, second}, nil
	case err4 == nil && !isTaken(err6):
		return []*egress.Conn{first}, nil
	case err6 == nil && !isTaken(err4):
		return []*egress.Conn{second}, nil
	}
	if first != nil {
		_ = first.Close()
	}
	if second != nil {
		_ = second.Close()
	}
	return nil, errors.Join(err4, err6)
}

func (n *network) close() error {
	n.closeStreams()
	err := n.mux.Close()
	for _, c := range n.conns {
		if e := closeSocket(c); err == nil {
			err = e
		}
	}
	return err
}

// closeSocket closes a socket that its mux may have closed before.
func closeSocket(c *egress.Conn) error {
	if err := c.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// serves tells whether a socket answers on that address.
func (n *network) serves(ip netip.Addr) bool {
	for _, c := range n.conns {
		bound := c.Bound().Addr()
		if bound.Is4() != ip.Is4() {
			continue
		}
		if bound.IsUnspecified() || bound == ip {
			return true
		}
	}
	return false
}

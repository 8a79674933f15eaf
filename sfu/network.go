package sfu

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/pion/ice/v2"

	"antenne/sfu/egress"
)

// network is the media port: one socket for each address family that the
// machine has, under one mux. Static after listen.
type network struct {
	conns     []*egress.Conn
	mux       ice.UDPMux
	port      int
	publicIPs []netip.Addr
}

// portTries bounds the search for a port that is free in both families.
const portTries = 20

func listen(media string, publicIPs []netip.Addr) (*network, error) {
	host, port, err := net.SplitHostPort(media)
	if err != nil {
		return nil, err
	}
	var conns []*egress.Conn
	for range portTries {
		conns, err = openFamilies(host, port)
		if err == nil || port != "0" {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	return newNetwork(conns, publicIPs), nil
}

func newNetwork(conns []*egress.Conn, publicIPs []netip.Addr) *network {
	muxes := make([]ice.UDPMux, len(conns))
	for i, c := range conns {
		muxes[i] = ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: c, Logger: silentLogs().NewLogger("ice")})
	}
	n := &network{
		conns: conns, mux: ice.NewMultiUDPMuxDefault(muxes...),
		port: int(conns[0].Bound().Port()),
	}
	for _, ip := range publicIPs {
		n.publicIPs = append(n.publicIPs, ip.Unmap())
	}
	return n
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
	err := n.mux.Close()
	for _, c := range n.conns {
		if e := c.Close(); e != nil && !errors.Is(e, net.ErrClosed) && err == nil {
			err = e
		}
	}
	return err
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

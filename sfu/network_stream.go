package sfu

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"time"

	"go.uber.org/zap"

	"antenne/sfu/egress"
)

// The media port in TCP, on the same number as in UDP: for viewers whose
// network lets no datagram through (ICE-TCP, RFC 6544). They connect, we wait:
// each connection is read by a goroutine of its own and goes the way of what
// comes in by UDP. Publishers have no part in it: their agent, a frozen line of
// Pion's, knows UDP alone here.

// acceptPause is how long an accept loop rests after an error that passes, such
// as a lack of file descriptors.
const acceptPause = 50 * time.Millisecond

// openPort opens the media port, in TCP where it can: refused says why not. A
// port that we choose ourselves is one that is free in both.
func openPort(host, port string) (conns []*egress.Conn, listeners []net.Listener, refused, err error) {
	for left := portTries; ; left-- {
		again := port == "0" && left > 1
		conns, err = openFamilies(host, port)
		if err != nil {
			if again {
				continue
			}
			return nil, nil, nil, err
		}
		listeners, refused = openListeners(conns)
		if refused == nil || !again {
			return conns, listeners, refused, nil
		}
		for _, c := range conns {
			_ = c.Close()
		}
		for _, l := range listeners {
			_ = l.Close()
		}
	}
}

// openListeners opens TCP beside each socket, and says what was refused.
func openListeners(conns []*egress.Conn) (listeners []net.Listener, refused error) {
	for _, c := range conns {
		family := "tcp6"
		if c.Bound().Addr().Is4() {
			family = "tcp4"
		}
		l, err := net.ListenTCP(family, net.TCPAddrFromAddrPort(c.Bound()))
		if err != nil {
			refused = errors.Join(refused, err)
			continue
		}
		listeners = append(listeners, l)
	}
	return listeners, refused
}

// openStreams takes in viewers by TCP from now on, in the families that work.
func (n *network) openStreams(listeners []net.Listener, take taker, log *zap.Logger) {
	n.streams = egress.NewStreams(egress.StreamConfig{}, take)
	for _, l := range listeners {
		if !n.hasFamily(boundTo(l)) {
			_ = l.Close()
			continue
		}
		n.listeners = append(n.listeners, l)
		n.accepting.Go(func() { n.accept(l, log) })
	}
}

// accept serves connections until the listener is closed. An error that passes
// does not end it.
func (n *network) accept(l net.Listener, log *zap.Logger) {
	troubled := false
	for {
		conn, err := l.Accept()
		switch {
		case err == nil:
			troubled = false
			n.accepting.Go(func() { n.streams.Serve(conn) })
		case errors.Is(err, net.ErrClosed):
			return
		default:
			if !troubled {
				log.Warn("media by TCP: nobody can come in for now", zap.Error(err))
			}
			troubled = true
			time.Sleep(acceptPause)
		}
	}
}

// closeStreams ends all that is TCP and waits for it.
func (n *network) closeStreams() {
	for _, l := range n.listeners {
		_ = l.Close()
	}
	if n.streams != nil {
		n.streams.Close()
	}
	n.accepting.Wait()
}

// streamsAt tells whether TCP is answered on an address that UDP is served on.
func (n *network) streamsAt(ip netip.Addr) bool {
	return slices.ContainsFunc(n.listeners, func(l net.Listener) bool { return boundTo(l).Is4() == ip.Is4() })
}

func boundTo(l net.Listener) netip.Addr {
	return l.Addr().(*net.TCPAddr).AddrPort().Addr().Unmap()
}

package viewer

import (
	"encoding/binary"
	"io"
	"net"
	"sync"
	"testing"

	"antenne/sfu/egress"
)

// tcpSide serves a site's viewers by TCP as well, and gives its address.
func (w *site) tcpSide() string {
	w.t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	all := egress.NewStreams(egress.StreamConfig{}, w.server.Take)
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() { all.Serve(conn) })
		}
	})
	w.t.Cleanup(func() {
		_ = l.Close()
		all.Close()
		running.Wait()
	})
	return l.Addr().String()
}

// byTCP is a TCP connection of a client, which answers the server's checks.
type byTCP struct {
	*net.TCPConn
	c      *client
	checks chan []byte
	media  chan []byte
}

func (c *client) dial(to string) *byTCP {
	c.t.Helper()
	conn, err := net.Dial("tcp4", to)
	if err != nil {
		c.t.Fatal(err)
	}
	s := &byTCP{conn.(*net.TCPConn), c, make(chan []byte, 99), make(chan []byte, 99)}
	c.t.Cleanup(func() { _ = s.Close() })
	c.lives.Go(s.read)
	return s
}

func (s *byTCP) read() {
	for {
		var header [2]byte
		if _, err := io.ReadFull(s, header[:]); err != nil {
			return
		}
		b := make([]byte, binary.BigEndian.Uint16(header[:]))
		if _, err := io.ReadFull(s, b); err != nil {
			return
		}
		m, isSTUN := parseMessage(b)
		switch {
		case !isSTUN:
			s.media <- b
		case m.kind == stunRequest:
			s.send(answerTo(nil, &m, s.LocalAddr().(*net.TCPAddr).AddrPort(), s.c.local.Password))
		default:
			s.checks <- b
		}
	}
}

func (s *byTCP) send(b []byte) {
	_, _ = s.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...))
}

// takesOver nominates the connection, and awaits that media goes there.
func (s *byTCP) takesOver(sequence uint16) {
	s.c.t.Helper()
	s.send(s.c.request(nominated()))
	get(s.c.t, s.checks, "an answer over TCP")
	local := s.LocalAddr().(*net.TCPAddr).AddrPort()
	eventually(s.c.t, func() bool {
		to := s.c.session.Dest()
		return to.IsStream() && to.Addr() == local
	}, "media goes over this connection")
	b, err := s.c.session.Seal(media(7, sequence, 'm'), nil)
	if err != nil {
		s.c.t.Fatal(err)
	}
	if err := s.c.session.Dest().Send(b); err != nil {
		s.c.t.Fatal(err)
	}
	if _, err := s.c.in.DecryptRTP(nil, get(s.c.t, s.media, "media over TCP"), nil); err != nil {
		s.c.t.Errorf("media over TCP: %v", err)
	}
}

// A viewer walks from a network with UDP into one without; there its connection
// breaks and it makes another; then UDP is back. One session, the same keys.
func TestASessionGoesOverToTCPAndBack(t *testing.T) {
	w := newSite(t, "udp4", quiet())
	to := w.tcpSide()
	c := w.connected()
	c.hears(1)
	first := c.dial(to)
	first.takesOver(2)
	_ = first.Close()
	second := c.dial(to)
	second.takesOver(3)
	c.check(nominated())
	eventually(t, func() bool { return !c.session.Dest().IsStream() }, "media goes by UDP again")
	c.hears(4)
	c.session.Close(true)
	eventually(t, func() bool { _, err := second.Write([]byte{0, 0}); return err != nil }, "the connection ends with its session")
}

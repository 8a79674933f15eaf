package viewer_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/pion/ice/v2"
	"github.com/pion/logging"
	"github.com/pion/sdp/v3"

	"antenne/sfu"
	"antenne/sfu/egress"
	"antenne/sfu/packet"
	"antenne/sfu/peer"
	"antenne/sfu/viewer"
)

// patience is for what must happen; nothing is asserted about how long it took.
const patience = 30 * time.Second

// studio serves sound to viewers over one socket, beside a mux of Pion's.
type studio struct {
	server *viewer.Server
	conn   *egress.Conn
}

func newStudio(t *testing.T, network string) *studio {
	t.Helper()
	server, err := viewer.NewServer(viewer.Config{})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := egress.Listen(network, ":0")
	if err != nil {
		t.Fatal(err)
	}
	conn.Handle(func(b []byte, from netip.AddrPort) bool { return server.Take(conn, b, from) })
	silent := &logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled}
	mux := ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: conn, Logger: silent.NewLogger("ice")})
	t.Cleanup(func() {
		server.Close()
		_ = mux.Close()
		_ = conn.Close()
	})
	return &studio{server, conn}
}

// seat is the owner of one session: it plays once connected.
type seat struct {
	session *viewer.Session
	ready   chan struct{}
	ended   chan viewer.End
	reports chan struct{}
}

func (s *seat) Connected()         { close(s.ready) }
func (s *seat) Ended(e viewer.End) { s.ended <- e }
func (s *seat) Feedback([]byte) {
	select {
	case s.reports <- struct{}{}:
	default:
	}
}

// answer opens a session for an offer of one sound and one picture.
func (st *studio) answer(s *seat, ssrc uint32, payloadType *uint8) func(sfu.Offer) (sfu.Answer, error) {
	return func(o sfu.Offer) (sfu.Answer, error) {
		offer := &sdp.SessionDescription{}
		if err := offer.UnmarshalString(string(o)); err != nil {
			return "", err
		}
		remote, fingerprints, err := viewer.ReadTransport(offer)
		if err != nil {
			return "", err
		}
		if s.session, err = st.server.Open(viewer.Params{Remote: remote, Fingerprints: fingerprints, Owner: s}); err != nil {
			return "", err
		}
		host, port := st.conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap(), st.conn.Bound().Port()
		text, lines, err := viewer.Answer(offer, []viewer.Plan{{Send: true, Group: "g", Track: "t", SSRC: ssrc}, {}}, viewer.Transport{
			Local: s.session.Local(), Fingerprint: st.server.Fingerprint(),
			Candidates: []string{fmt.Sprintf("candidate:1 1 udp 2130706431 %s %d typ host", host, port)},
		})
		if err == nil {
			*payloadType = lines[0].Types[packet.Opus]
		}
		return sfu.Answer(text), err
	}
}

// play sends sound until the context ends.
func (s *seat) play(ctx context.Context, conn *egress.Conn, ssrc uint32, payloadType uint8) {
	sender := egress.NewSender(conn)
	every := time.NewTicker(5 * time.Millisecond)
	defer every.Stop()
	for index := uint32(65500); ; index++ {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		to := s.session.Dest()
		b := sender.Room(to, 100)[:12]
		clear(b)
		b[0], b[1] = 0x80, payloadType
		binary.BigEndian.PutUint16(b[2:], uint16(index))
		binary.BigEndian.PutUint32(b[4:], index*240)
		binary.BigEndian.PutUint32(b[8:], ssrc)
		sealed, err := s.session.Seal(append(b, 0xf8, 0xff, 0xfe), nil) // a silent frame of Opus
		if err != nil {
			return
		}
		sender.Commit(len(sealed))
		sender.Flush()
	}
}

func TestPionPlaysOverBothFamilies(t *testing.T) {
	for _, network := range []string{"udp4", "udp6"} {
		t.Run(network, func(t *testing.T) {
			st := newStudio(t, network)
			ctx, stop := context.WithTimeout(context.Background(), patience)
			defer stop()
			var all sync.WaitGroup
			for i := range 8 {
				all.Go(func() { st.view(ctx, t, uint32(i+1)) })
			}
			all.Wait()
			if s := st.server.Stats(); s.Sessions != 0 || s.HandshakesDone != 8 || s.Ended["closed"] != 8 {
				t.Errorf("stats %+v", s)
			}
		})
	}
}

// view is one viewer from its offer to its goodbye.
func (st *studio) view(ctx context.Context, t *testing.T, ssrc uint32) {
	s := &seat{ready: make(chan struct{}), ended: make(chan viewer.End, 1), reports: make(chan struct{}, 1)}
	var payloadType uint8
	v, err := peer.View(ctx, peer.Direct(st.answer(s, ssrc, &payloadType)), peer.Want{})
	if err != nil {
		t.Error(err)
		return
	}
	<-s.ready
	playing, enough := context.WithCancel(ctx)
	var play sync.WaitGroup
	play.Go(func() { s.play(playing, st.conn, ssrc, payloadType) })
	for v.Lines()[0].Packets < 100 && ctx.Err() == nil { // over the turn of the sequence numbers
		time.Sleep(5 * time.Millisecond)
	}
	select {
	case <-s.reports:
	case <-ctx.Done():
		t.Error("no report of the viewer")
	}
	enough()
	play.Wait()
	if l := v.Lines()[0]; l.Packets < 100 || l.Gaps != 0 || l.Backwards != 0 {
		t.Errorf("heard %+v", l)
	}
	if err := v.Leave(); err != nil {
		t.Error(err)
	}
	select {
	case end := <-s.ended:
		if end != viewer.EndClosed {
			t.Errorf("ended %s, want closed", end)
		}
	case <-ctx.Done():
		t.Error("the goodbye of a viewer is not heard")
	}
}

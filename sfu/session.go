package sfu

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/pion/dtls/v2"
	"github.com/pion/webrtc/v3"
	"go.uber.org/zap"
)

// session is the connection under a source: one Pion
// PeerConnection, its life and its one end.
type session struct {
	life

	// Static after construction.
	id     SessionID
	engine *Engine
	pc     *webrtc.PeerConnection
	onEnd  func() // takes the owner out of its broadcast; set before start

	connected atomic.Bool

	lateMu sync.Mutex
	late   *time.Timer // guarded by lateMu: gives up a client that never comes
}

func newSession(e *Engine, api *webrtc.API) (*session, error) {
	pc, err := api.NewPeerConnection(webrtc.Configuration{Certificates: e.apis.certificates})
	if err != nil {
		return nil, fmt.Errorf("sfu: session: %w", err)
	}
	return &session{life: newLife(), id: newSessionID(), engine: e, pc: pc}, nil
}

// negotiate gives Pion the offer and makes the whole answer. The session has
// not started when it fails; the caller abandons it.
func (s *session) negotiate(ctx context.Context, o *offer, way string, remote netip.Addr) (answer Answer, err error) {
	defer func() {
		if r := recover(); r != nil {
			answer, err = "", refuseFor(CodeOfferMalformed, fmt.Errorf("negotiation: %v", r))
		}
	}()
	text, err := o.text(way)
	if err != nil {
		return "", err
	}
	gathered := webrtc.GatheringCompletePromise(s.pc)
	if err := s.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: text}); err != nil {
		return "", refuseFor(CodeOfferMalformed, err)
	}
	local, err := s.pc.CreateAnswer(nil)
	if err != nil {
		return "", refuseFor(CodeOfferMalformed, err)
	}
	if err := s.pc.SetLocalDescription(local); err != nil {
		return "", refuseFor(CodeOfferMalformed, err)
	}
	select {
	case <-gathered:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	n := s.engine.network
	lines := candidateLines(n.candidates(remote), n.port)
	return dress(s.pc.LocalDescription().SDP, lines, o.rejected()), nil
}

// watch follows the state of the connection from before the negotiation on.
// onConnected runs once.
func (s *session) watch(onConnected func()) {
	s.lateMu.Lock()
	s.late = time.AfterFunc(s.engine.timing.join, func() {
		if !s.connected.Load() {
			s.end(ReasonLost)
		}
	})
	s.lateMu.Unlock()
	s.pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		switch state {
		case webrtc.PeerConnectionStateConnected:
			if s.connected.CompareAndSwap(false, true) {
				s.engine.spawn(s.awaitGoodbye)
				onConnected()
			}
		case webrtc.PeerConnectionStateFailed:
			s.end(s.failure())
		case webrtc.PeerConnectionStateClosed:
			s.end(ReasonClosed)
		}
	})
}

// failure tells silence from a refused handshake.
func (s *session) failure() string {
	if s.pc.SCTP().Transport().State() == webrtc.DTLSTransportStateFailed {
		return ReasonFailed
	}
	return ReasonLost
}

// awaitGoodbye reads the DTLS connection, on which nothing may come, until the
// peer closes it: the one authentic way to learn that it left.
func (s *session) awaitGoodbye() {
	defer s.survive("goodbye")
	conn := dtlsConn(s.pc.SCTP().Transport())
	if conn == nil {
		return
	}
	buf := make([]byte, 1500)
	for {
		if _, err := conn.Read(buf); err != nil {
			s.end(ReasonClosed)
			return
		}
	}
}

// dtlsConn takes the DTLS connection out of Pion's transport, which v3 (a
// frozen line) neither reads without a data channel nor gives away. nil when
// the field is not as it was.
func dtlsConn(t *webrtc.DTLSTransport) *dtls.Conn {
	field := reflect.ValueOf(t).Elem().FieldByName("conn")
	if !field.IsValid() || field.Type() != reflect.TypeFor[*dtls.Conn]() {
		return nil
	}
	return *(**dtls.Conn)(unsafe.Pointer(field.UnsafeAddr()))
}

// survive ends this peer, and nobody else, when a reader of it panics.
func (s *session) survive(who string) {
	if r := recover(); r != nil {
		s.engine.log.Error("media reader broke; its peer is cut", zap.String("reader", who), zap.Any("cause", r), zap.Stack("stack"))
		s.end(ReasonFailed)
	}
}

// end ends the session once; later reasons are not heard.
func (s *session) end(reason string) {
	if !s.finish(reason) {
		return
	}
	s.lateMu.Lock()
	if s.late != nil {
		s.late.Stop()
	}
	s.lateMu.Unlock()
	s.onEnd()
	close(s.done)
	if !s.engine.spawn(s.closePeer) {
		s.closePeer()
	}
}

// abandon frees a session that never started.
func (s *session) abandon() { s.end(ReasonFailed) }

func (s *session) closePeer() {
	defer func() { _ = recover() }()
	if err := s.pc.Close(); err != nil && !errors.Is(err, webrtc.ErrConnectionClosed) {
		s.engine.log.Debug("peer did not close cleanly", zap.String("session", string(s.id)))
	}
}

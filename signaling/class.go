package signaling

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/zap"

	"antenne/rooms"
	"antenne/signaling/access"
	"antenne/signaling/wire"
)

// upgrader: compression stays off (a small message must not become a large one). The origin was checked before.
var upgrader = websocket.Upgrader{
	HandshakeTimeout: 5 * time.Second,
	ReadBufferSize:   4 << 10,
	WriteBufferSize:  4 << 10,
	WriteBufferPool:  nil,
	Subprotocols:     []string{wire.Subprotocol},
	CheckOrigin:      func(*http.Request) bool { return true },
}

// class serves /ws: the connection lives as long as this call.
func (s *Server) class(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if err := s.checkUpgrade(w, r); err != nil {
		s.fail(w, r, err)
		return
	}
	stranger, err := s.admitStranger(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	defer s.running.Done()
	defer stranger.leave()
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // gorilla has answered
	}
	defer func() { _ = ws.Close() }()
	ws.SetReadLimit(hardLimit)
	hello, who, err := s.meet(ws)
	lang := language(r.Header.Get("Accept-Language"))
	if hello != nil && hello.Lang != "" {
		lang = language(hello.Lang)
	}
	if err != nil {
		s.turnAway(ws, lang, err)
		return
	}
	k, err := s.seat(ws, hello, who, lang, remote(r))
	if err != nil {
		s.turnAway(ws, lang, err)
		return
	}
	stranger.leave()
	k.run()
}

// checkUpgrade refuses with a status what gorilla would refuse without a sentence.
func (s *Server) checkUpgrade(w http.ResponseWriter, r *http.Request) error {
	switch {
	case r.Method != http.MethodGet:
		w.Header().Set("Allow", http.MethodGet)
		return refuse(codeMethod)
	case !websocket.IsWebSocketUpgrade(r):
		w.Header().Set("Upgrade", "websocket")
		return refuse(codeUpgrade)
	case !s.originAllowed(r):
		return refuse(codeOrigin)
	case !speaksOurs(r):
		return &wire.Error{Code: wire.CodeVersion, Params: map[string]string{"want": "1"}}
	case !s.requests.take(remote(r), s.clock()):
		return refuse(codeTooMany)
	}
	return nil
}

func speaksOurs(r *http.Request) bool {
	for _, p := range websocket.Subprotocols(r) {
		if p == wire.Subprotocol {
			return true
		}
	}
	return false
}

// admitStranger counts one more connection, for which the caller then calls running.Done. Whether it holds a link is known
// after its hello only.
func (s *Server) admitStranger(r *http.Request) (*seat, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return nil, errClosing
	}
	stranger, err := s.unmet.take(remote(r), true)
	if err == nil {
		s.running.Add(1)
	}
	return stranger, err
}

// meet waits for hello and says who it is. hello is given where it could be read, also with an error.
func (s *Server) meet(ws *websocket.Conn) (*wire.Hello, rooms.Actor, error) {
	_ = ws.SetReadDeadline(time.Now().Add(wire.HelloWithin))
	if !s.expect(ws) {
		return nil, rooms.Actor{}, errClosing
	}
	budget := newBucket(s.limits.MessageRate, s.limits.MessageBurst)
	ws.SetPingHandler(func(payload string) error {
		if !budget.take(time.Now()) {
			return errFlood
		}
		return sayPong(ws, payload)
	})
	kind, raw, err := readMessage(ws)
	if s.expected(ws); err != nil {
		return nil, rooms.Actor{}, s.lateOrGone(err)
	}
	if kind != websocket.TextMessage {
		return nil, rooms.Actor{}, refuse(codeBinary)
	}
	m, err := wire.DecodeClient(raw)
	if err != nil {
		return nil, rooms.Actor{}, err
	}
	hello, ok := m.(*wire.Hello)
	if !ok {
		return nil, rooms.Actor{}, refuse(codeHelloMissing)
	}
	claim := access.Claim{Token: hello.Token, Room: rooms.RoomID(hello.Room), Site: rooms.SiteID(hello.Site), Device: hello.Device}
	who, err := s.gate.Enter(claim, s.clock())
	return hello, who, err
}

// hardLimit of a message: beyond, gorilla itself ends the connection. Up to it we stop reading at MaxMessage and can still say why.
const hardLimit = 1 << 20

var errTooLarge = errors.New("signaling: the message is too large")

// readMessage takes one message and never holds more than MaxMessage of it.
func readMessage(ws *websocket.Conn) (kind int, raw []byte, err error) {
	kind, r, err := ws.NextReader()
	if err != nil {
		return 0, nil, err
	}
	raw, err = io.ReadAll(io.LimitReader(r, wire.MaxMessage+1))
	if len(raw) > wire.MaxMessage {
		return 0, nil, errTooLarge
	}
	return kind, raw, err
}

// errFlood: the client sends more than its messages' share.
var errFlood = errors.New("signaling: too many pings")

// sayPong answers a ping; that the answer does not go out is found by the next write.
func sayPong(ws *websocket.Conn, payload string) error {
	_ = ws.WriteControl(websocket.PongMessage, []byte(payload), time.Now().Add(writeWithin))
	return nil
}

// errGone: the client left; there is nobody to answer.
var errGone = errors.New("signaling: the client left")

// expect makes Close able to wake who waits for a hello; false when it has begun.
func (s *Server) expect(ws *websocket.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.meeting[ws] = struct{}{}
	return true
}

func (s *Server) expected(ws *websocket.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.meeting, ws)
}

func (s *Server) lateOrGone(err error) error {
	var timeout net.Error
	switch {
	case s.life.Err() != nil:
		return errClosing
	case errors.Is(err, errFlood):
		return refuse(codeMessages)
	case errors.Is(err, errTooLarge):
		return &wire.Error{Code: wire.CodeTooLarge, Params: map[string]string{"limit": strconv.Itoa(wire.MaxMessage)}}
	case errors.As(err, &timeout) && timeout.Timeout():
		return refuse(codeHelloLate)
	}
	return errGone
}

// seat makes the connection of somebody who was let in, and counts it.
func (s *Server) seat(ws *websocket.Conn, hello *wire.Hello, who rooms.Actor, lang string, from netip.Addr) (*socket, error) {
	keeper, ok := s.hall.Room(who.Room)
	if !ok {
		return nil, refuse(access.CodeRoomUnknown)
	}
	place, err := s.met.take(from, hello.Token == "")
	if err != nil {
		return nil, err
	}
	k := newSocket(s, ws, keeper, who, lang, hello)
	k.place, k.from = place, from
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		place.leave()
		return nil, errClosing
	}
	s.sockets[k] = struct{}{}
	s.counters.hellos.Add(1)
	return k, nil
}

func (s *Server) unseat(k *socket) {
	s.mu.Lock()
	delete(s.sockets, k)
	s.mu.Unlock()
	k.place.leave()
	s.sessions.release(k)
}

// turnAway says why a stranger may not come in.
func (s *Server) turnAway(ws *websocket.Conn, lang string, err error) {
	if errors.Is(err, errGone) {
		return
	}
	reason := refusalOf(err)
	if !reason.known {
		s.log.Error("a connection failed", zap.Error(err))
	}
	s.counters.bye(reason.code)
	bye := &wire.Bye{Code: reason.code, Text: reason.in(lang), Retry: retryHelps(reason.code)}
	if raw, err := wire.Encode(bye); err == nil {
		_ = ws.SetWriteDeadline(time.Now().Add(writeWithin))
		_ = ws.WriteMessage(websocket.TextMessage, raw)
	}
	sayClose(ws, reason.code)
	drain(ws)
}

// sayClose ends the WebSocket in its own words (RFC 6455 §7.4.1, and 1013 of the IANA registry).
func sayClose(ws *websocket.Conn, code string) {
	message := websocket.FormatCloseMessage(closeStatus(code), code)
	_ = ws.WriteControl(websocket.CloseMessage, message, time.Now().Add(writeWithin))
}

// drain lets the client read our last words: closing while its own are unread would reset the connection.
func drain(ws *websocket.Conn) {
	_ = ws.SetReadDeadline(time.Now().Add(lingerFor))
	for range 64 {
		if _, _, err := ws.NextReader(); err != nil {
			return
		}
	}
}

func closeStatus(code string) int {
	switch code {
	case codeShutdown:
		return websocket.CloseGoingAway
	case wire.CodeTooLarge:
		return websocket.CloseMessageTooBig
	case wire.CodeVersion, wire.CodeMalformed, wire.CodeTooDeep, wire.CodeUnknownType, wire.CodeUnknownField, wire.CodeField,
		codeBinary, codeHelloMissing, codeHelloLate:
		return websocket.CloseProtocolError
	case codeSlow, codeFull, codeAddressFull:
		return websocket.CloseTryAgainLater
	case codeInternal:
		return websocket.CloseInternalServerErr
	}
	return websocket.ClosePolicyViolation
}

// retryHelps tells of a goodbye whether coming back can help.
func retryHelps(code string) bool {
	switch code {
	case codeShutdown, codeHelloLate, codeSlow, codeFull, codeAddressFull, codeInternal, codeMessages, codeMistakes:
		return true
	}
	return false
}

func newSessionID() rooms.SessionID {
	var b [12]byte
	_, _ = rand.Read(b[:])
	return rooms.SessionID("s-" + hex.EncodeToString(b[:]))
}

package signaling

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/zap"

	"antenne/rooms"
	"antenne/rooms/journal"
	"antenne/rooms/live"
	"antenne/rooms/words"
	"antenne/sfu"
	"antenne/signaling/wire"
)

const (
	writeWithin = 2 * time.Second
	lingerFor   = time.Second
	mostReplies = 64              // answers waiting for a client that does not read
	mostUnread  = 64              // messages sent since the last pong ...
	unreadFor   = 2 * time.Second // ... when that is so long ago: not reading, whatever the kernel still swallows
	mostStrikes = 3
)

// socket is one class connection after its hello: a reader that acts and a writer that tells.
type socket struct {
	// Static after construction.
	server  *Server
	ws      *websocket.Conn
	keeper  *live.Keeper
	who     rooms.Actor
	lang    string
	id      rooms.SessionID
	entered ticket
	since   *wire.Since
	replies chan wire.ServerMessage // from the reader; the writer takes
	last    chan *wire.Bye          // one place: why the server ends it
	read    chan struct{}           // closed when the reader has ended
	acked   atomic.Uint64           // messages sent before the last ping that was answered; by the reader
	place   *seat                   // among the connections
	seat    *live.Seat              // in the room, as of run
	orders  *orders                 // commands that wait for the log
	from    netip.Addr              // for rations; never written anywhere

	// Owned by the reader.
	budget bucket // messages, pings included
	asks   bucket // questions, where there is no link
	faults bucket // strikes that are forgiven, one more each minute
	health live.Health

	// Owned by the writer.
	sent   uint64    // messages
	pinged time.Time // the oldest ping that is not answered; zero for none
	mark   uint64    // what that ping said
}

func newSocket(s *Server, ws *websocket.Conn, keeper *live.Keeper, who rooms.Actor, lang string, hello *wire.Hello) *socket {
	return &socket{
		server: s, ws: ws, keeper: keeper, who: who, lang: lang, id: newSessionID(), entered: ticketOf(hello.Token), since: hello.Since,
		replies: make(chan wire.ServerMessage, mostReplies), last: make(chan *wire.Bye, 1), read: make(chan struct{}), orders: newOrders(),
		budget: newBucket(s.limits.MessageRate, s.limits.MessageBurst), asks: newBucket(s.limits.AskRate, s.limits.AskBurst), faults: newBucket(1.0/60, mostStrikes-1),
	}
}

func (k *socket) ticket() ticket { return k.entered }

// run returns when the connection has ended and nothing of it is left.
func (k *socket) run() {
	defer k.server.unseat(k)
	watch := k.keeper.Watch(k.who, sinceOf(k.since))
	defer watch.Close()
	k.seat = k.keeper.Enter(k.who, k.id)
	defer k.seat.Leave()
	wrote := make(chan struct{})
	go func() {
		defer close(wrote)
		k.write(watch)
	}()
	k.listen()
	k.orders.close()
	close(k.read)
	<-wrote
}

// leave asks the writer to say goodbye. It never waits; the first reason counts.
func (k *socket) leave(code string, params map[string]string) {
	bye := &wire.Bye{Code: code, Text: words.Sentence(k.lang, code, params), Retry: retryHelps(code)}
	select {
	case k.last <- bye:
	default:
	}
}

// ---- the reader

func (k *socket) listen() {
	k.ws.SetPongHandler(k.pong)
	k.ws.SetPingHandler(k.pinging)
	for {
		_ = k.ws.SetReadDeadline(time.Now().Add(wire.DeadAfter))
		kind, raw, err := readMessage(k.ws)
		if err != nil {
			k.lost(err)
			return
		}
		k.server.counters.messagesIn.Add(1)
		if !k.hear(kind, raw) {
			drain(k.ws)
			return
		}
	}
}

// pong acknowledges what was sent before its ping: the client reads.
func (k *socket) pong(payload string) error {
	_ = k.ws.SetReadDeadline(time.Now().Add(wire.DeadAfter))
	if len(payload) == 8 {
		k.acked.Store(binary.BigEndian.Uint64([]byte(payload)))
	}
	return nil
}

// pinging answers a client's ping, which costs as much as a message.
func (k *socket) pinging(payload string) error {
	_ = k.ws.SetReadDeadline(time.Now().Add(wire.DeadAfter))
	if !k.budget.take(time.Now()) && !k.strike(codeMessages, "", refuse(codeMessages)) {
		return errFlood
	}
	return sayPong(k.ws, payload)
}

// lost: the client left, broke a limit, or was silent for too long.
func (k *socket) lost(err error) {
	var timeout net.Error
	switch {
	case errors.Is(err, errTooLarge):
		k.leave(wire.CodeTooLarge, map[string]string{"limit": strconv.Itoa(wire.MaxMessage)})
		drain(k.ws)
	case errors.Is(err, errFlood):
		k.leave(codeMessages, nil)
	case errors.As(err, &timeout) && timeout.Timeout():
		k.server.counters.bye("dead")
	}
}

// hear acts on one message; false ends the connection.
func (k *socket) hear(kind int, raw []byte) bool {
	if kind != websocket.TextMessage {
		return k.strike(codeMistakes, "", refuse(codeBinary))
	}
	m, err := wire.DecodeClient(raw)
	if !k.budget.take(time.Now()) {
		return k.strike(codeMessages, idOf(m, err), refuse(codeMessages))
	}
	if err != nil {
		return k.strike(codeMistakes, idOf(m, err), err)
	}
	switch m := m.(type) {
	case *wire.Hello:
		return k.strike(codeMistakes, "", refuse(codeHelloTwice))
	case *wire.Do:
		k.do(m)
	case *wire.Media:
		k.media(m)
	case *wire.Health:
		k.feel(m)
	case *wire.Talk:
		k.heed(k.seat.Talk(m.On, m.Level))
	case *wire.Quiet:
		k.heed(k.seat.Quiet(m.On))
	}
	return true
}

func idOf(m wire.ClientMessage, err error) string {
	var wrong *wire.Error
	if errors.As(err, &wrong) {
		return wrong.ID
	}
	if do, ok := m.(*wire.Do); ok {
		return do.ID
	}
	return ""
}

// strike refuses a message that should not have been sent; the third in short order ends the connection with code.
func (k *socket) strike(code, id string, why error) bool {
	k.refuse(id, why)
	if k.faults.take(time.Now()) {
		return true
	}
	k.leave(code, nil)
	return false
}

func (k *socket) refuse(id string, err error) {
	reason := refusalOf(err)
	if !reason.known {
		k.server.log.Error("a command failed", zap.String("room", string(k.who.Room)), zap.Error(err))
	}
	k.server.counters.refused(reason.code)
	k.reply(&wire.Refused{ID: id, Code: reason.code, Text: reason.in(k.lang), Retry: reason.passing()})
}

// reply hands an answer to the writer. A client that lets 64 of them wait does not read.
func (k *socket) reply(m wire.ServerMessage) {
	select {
	case k.replies <- m:
	default:
		k.leave(codeSlow, nil)
	}
}

func (k *socket) do(m *wire.Do) {
	command, err := rooms.DecodeCommand(m.Command)
	if err != nil {
		k.refuse(m.ID, err)
		return
	}
	if !k.mayAsk(command) {
		k.refuse(m.ID, refuse(codeAskRate))
		return
	}
	if cut, now := command.(rooms.Cut); now { // it waits for nobody's turn
		seq, err := k.server.cut(k.keeper, k.who, cut)
		k.answer(m.ID, seq, err)
		return
	}
	if !k.orders.take(order{id: m.ID, what: command}, k.obey) {
		k.refuse(m.ID, refuse(codeMessages))
	}
}

// obey does one command. It runs beside the reader.
func (k *socket) obey(ctx context.Context, o order) {
	seq, err := k.keeper.Do(ctx, k.who, o.what)
	k.answer(o.id, seq, err)
}

func (k *socket) answer(id string, seq journal.Seq, err error) {
	if err != nil {
		k.server.counters.refusedCommands.Add(1)
		k.refuse(id, err)
		return
	}
	k.server.counters.commands.Add(1)
	k.reply(&wire.Done{ID: id, Seq: uint64(seq)})
}

// heed refuses what is said of a microphone that is not beside the page.
func (k *socket) heed(heard bool) {
	if !heard {
		k.refuse("", refuse(codeNotBeside))
	}
}

// mayAsk rations the questions, and the requests for the floor, of those who hold no link: each connection's, and each address's.
func (k *socket) mayAsk(c rooms.Command) bool {
	if !asks(c) || k.entered != (ticket{}) {
		return true
	}
	return k.asks.take(time.Now()) && k.server.asking.take(k.from, k.server.clock())
}

// asks tells whether a command puts words before somebody who answers.
func asks(c rooms.Command) bool {
	switch c.(type) {
	case rooms.Ask, rooms.RequestFloor:
		return true
	}
	return false
}

// media binds the session that plays in this page, so that what is said of the page counts for the session.
func (k *socket) media(m *wire.Media) {
	k.server.sessions.release(k)
	k.health.Media = ""
	if m.Session != "" {
		held, ok := k.server.sessions.hold(sfu.SessionID(m.Session), k)
		if !ok {
			k.refuse("", refuse(codeSession))
			return
		}
		held.view.SetWish(wishOf(m))
		k.health.Media = rooms.SessionID(m.Session)
	}
	k.health.Width, k.health.Height = m.Width, m.Height
	k.seat.Health(k.health)
}

func (k *socket) feel(m *wire.Health) {
	k.health.Picture, k.health.Frames, k.health.Sound = m.Picture, m.Frames, m.Sound
	k.health.Opened, k.health.Connected, k.health.Full = m.Opened, m.Connected, m.Full
	k.health.Path, k.health.Delay = m.Path, m.Delay
	k.server.counters.freezes.Add(uint64(m.Freezes))
	k.seat.Health(k.health)
}

// ---- the writer

func (k *socket) write(watch *live.Watch) {
	defer func() { _ = k.ws.Close() }() // wakes the reader
	if !k.welcome(watch) {
		return
	}
	beat, ping := time.NewTicker(wire.BeatEvery), time.NewTicker(wire.PingEvery)
	defer beat.Stop()
	defer ping.Stop()
	for k.writeOne(watch, beat.C, ping.C) {
	}
}

// writeOne waits for the next thing to tell; false ends the connection.
func (k *socket) writeOne(watch *live.Watch, beat, ping <-chan time.Time) bool {
	select {
	case change, ok := <-watch.Messages():
		if !ok {
			k.cutOff(watch.Err())
			return false
		}
		return k.tellRaw(change.Bytes(encodeChange))
	case m := <-k.replies:
		return k.tell(m)
	case <-beat:
		return k.tell(&wire.Beat{Now: k.server.clock().UTC()})
	case <-ping:
		return k.ping()
	case bye := <-k.last:
		k.goodbye(bye)
		return false
	case <-k.seat.Moved():
		k.leave(codeGuestElsewhere, nil)
		k.lastWords()
		return false
	case <-k.read:
		k.lastWords()
		return false
	}
}

// lastWords: the reader has ended, perhaps because it asked for a goodbye.
func (k *socket) lastWords() {
	select {
	case bye := <-k.last:
		k.goodbye(bye)
	default:
	}
}

func (k *socket) welcome(watch *live.Watch) bool {
	first := watch.Welcome()
	m := &wire.Welcome{V: wire.Version, Epoch: first.Epoch, Seq: uint64(first.Seq), Now: k.server.clock().UTC(), Session: string(k.id), Build: k.server.build, Unchanged: first.Unchanged}
	if !first.Unchanged {
		m.View = entities(first.View)
	}
	return k.tell(m)
}

// tell writes one message. Whoever has not acknowledged 64 of them for 2 seconds does not read.
func (k *socket) tell(m wire.ServerMessage) bool {
	raw, err := wire.Encode(m)
	if err != nil {
		k.server.log.Error("a message could not be written down", zap.Error(err))
		k.cutOff(err)
		return false
	}
	return k.tellRaw(raw)
}

func (k *socket) tellRaw(raw []byte) bool {
	_ = k.ws.SetWriteDeadline(time.Now().Add(writeWithin))
	if err := k.ws.WriteMessage(websocket.TextMessage, raw); err != nil {
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() {
			k.server.counters.bye(codeSlow)
		}
		return false
	}
	k.sent++
	k.server.counters.messagesOut.Add(1)
	return k.reads()
}

// reads tells whether the client keeps up, by the pings it has answered: the buffers of two kernels may hide megabytes
// of messages that nobody reads.
func (k *socket) reads() bool {
	acked := k.acked.Load()
	if !k.pinged.IsZero() && acked >= k.mark {
		k.pinged = time.Time{}
	}
	unread := k.sent - acked
	switch {
	case unread > mostUnread && !k.pinged.IsZero() && time.Since(k.pinged) > unreadFor:
		k.leave(codeSlow, nil)
		k.lastWords()
		return false
	case unread > mostUnread/2 && k.pinged.IsZero():
		return k.ping()
	}
	return true
}

func (k *socket) ping() bool {
	if k.pinged.IsZero() {
		k.pinged, k.mark = time.Now(), k.sent
	}
	var payload [8]byte
	binary.BigEndian.PutUint64(payload[:], k.sent)
	return k.ws.WriteControl(websocket.PingMessage, payload[:], time.Now().Add(writeWithin)) == nil
}

// cutOff ends a connection whose watch has ended.
func (k *socket) cutOff(err error) {
	switch {
	case errors.Is(err, live.ErrSlow):
		k.leave(codeSlow, nil)
	case errors.Is(err, live.ErrClosed):
		k.leave(codeShutdown, nil)
	default:
		k.leave(codeInternal, nil)
	}
	k.lastWords()
}

// goodbye says what is still to be said, then why it ends, and lets the client read it.
func (k *socket) goodbye(bye *wire.Bye) {
	for range len(k.replies) {
		if !k.write1(<-k.replies) {
			return
		}
	}
	k.server.counters.bye(bye.Code)
	if !k.write1(bye) {
		return
	}
	sayClose(k.ws, bye.Code)
	select {
	case <-k.read:
	case <-time.After(lingerFor):
	}
}

// write1 writes without judging how the client reads.
func (k *socket) write1(m wire.ServerMessage) bool {
	raw, err := wire.Encode(m)
	if err != nil {
		return false
	}
	_ = k.ws.SetWriteDeadline(time.Now().Add(writeWithin))
	return k.ws.WriteMessage(websocket.TextMessage, raw) == nil
}

// encodeChange is the wire form of a change, made once for all who see the same.
func encodeChange(c *live.Change) []byte {
	var m wire.ServerMessage = &wire.Change{Seq: uint64(c.Seq), Set: entities(c.Set), Gone: c.Gone}
	if c.Presence {
		m = &wire.Presence{Set: entities(c.Set), Gone: c.Gone}
	}
	raw, err := wire.Encode(m)
	if err != nil {
		return []byte("{}") // not possible: entities are JSON already; a client leaves out what it does not know
	}
	return raw
}

// entities writes a view down. What rooms and live put into one can always be written.
func entities(v rooms.View) map[string]json.RawMessage {
	out := make(map[string]json.RawMessage, len(v))
	for key, entity := range v {
		if raw, err := json.Marshal(entity); err == nil {
			out[key] = raw
		}
	}
	return out
}

func sinceOf(s *wire.Since) live.Since {
	if s == nil {
		return live.Since{}
	}
	return live.Since{Epoch: s.Epoch, Seq: journal.Seq(s.Seq)}
}

package dial

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"antenne/signaling/wire"
)

const (
	writeWithin  = 5 * time.Second
	dialWithin   = 10 * time.Second
	largestReply = 16 << 20 // a whole view of a long séance
)

// ErrClosed is the end of a Conn that this side closed.
var ErrClosed = errors.New("dial: closed")

// Conn is one class connection. Its methods may be called from any goroutine.
type Conn struct {
	ws     *websocket.Conn
	events chan wire.ServerMessage // sent by the reader, closed at its end
	ended  chan struct{}           // closed when the reader has ended

	writing sync.Mutex // one writer at a time on ws

	mu      sync.Mutex
	nextID  uint64
	waiting map[string]chan wire.ServerMessage // by id of the command; owned under mu
	err     error                              // why it ended; owned under mu
	closing bool                               // this side wants to end; owned under mu
}

// Class opens the class connection of the server at base (http:// or https://) and says h. The first event
// is the *wire.Welcome, or the *wire.Bye that refuses.
//
// Events must be read: a Conn whose events are not taken stops reading, as a frozen page does.
func Class(ctx context.Context, base string, h wire.Hello) (*Conn, error) {
	address, origin, err := classURL(base)
	if err != nil {
		return nil, err
	}
	d := websocket.Dialer{HandshakeTimeout: dialWithin, Subprotocols: []string{wire.Subprotocol}}
	ws, resp, err := d.DialContext(ctx, address, http.Header{"Origin": {origin}, "Accept-Language": {h.Lang}})
	if err != nil {
		if resp != nil {
			return nil, refusal(resp)
		}
		return nil, fmt.Errorf("dial class: %w", err)
	}
	ws.SetReadLimit(largestReply)
	c := &Conn{ws: ws, events: make(chan wire.ServerMessage, 16), ended: make(chan struct{}), waiting: map[string]chan wire.ServerMessage{}}
	if h.V == 0 {
		h.V = wire.Version
	}
	if err := c.Send(&h); err != nil {
		_ = ws.Close()
		return nil, err
	}
	go c.read()
	return c, nil
}

func classURL(base string) (address, origin string, err error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return "", "", fmt.Errorf("dial class: %q is no address of a server", base)
	}
	origin = u.Scheme + "://" + u.Host
	u.Scheme = strings.Replace(u.Scheme, "http", "ws", 1)
	return u.JoinPath("ws").String(), origin, nil
}

// Events are the server's messages, but for the answers that Do waits for. Closed at the end of the connection.
func (c *Conn) Events() <-chan wire.ServerMessage { return c.events }

// Err says why the connection ended, once Events is closed: *Refused after a bye, ErrClosed after Close.
func (c *Conn) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Send says m. It does not wait for an answer.
func (c *Conn) Send(m wire.ClientMessage) error {
	raw, err := wire.Encode(m)
	if err != nil {
		return err
	}
	return c.SendRaw(raw)
}

// SendRaw says whatever raw is, understood or not.
func (c *Conn) SendRaw(raw []byte) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	_ = c.ws.SetWriteDeadline(time.Now().Add(writeWithin))
	if err := c.ws.WriteMessage(websocket.TextMessage, raw); err != nil {
		return fmt.Errorf("dial class: %w", err)
	}
	return nil
}

// Do asks for a command (anything that is JSON with a "name") and waits for the answer: the sequence of the state that
// holds its effect, or *Refused. Somebody must be reading Events meanwhile.
func (c *Conn) Do(ctx context.Context, command any) (seq uint64, err error) {
	raw, err := json.Marshal(command)
	if err != nil {
		return 0, fmt.Errorf("dial class: %w", err)
	}
	id, answer := c.expect()
	defer c.forget(id)
	if err := c.Send(&wire.Do{ID: id, Command: raw}); err != nil {
		return 0, err
	}
	select {
	case m := <-answer:
		return outcome(m)
	case <-c.ended:
		return 0, c.Err()
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func outcome(m wire.ServerMessage) (uint64, error) {
	switch m := m.(type) {
	case *wire.Done:
		return m.Seq, nil
	case *wire.Refused:
		return 0, &Refused{Code: m.Code, Text: m.Text, Retry: m.Retry}
	}
	return 0, fmt.Errorf("dial class: %T answers no command", m)
}

func (c *Conn) expect() (id string, answer <-chan wire.ServerMessage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nextID++
	id = strconv.FormatUint(c.nextID, 10)
	ch := make(chan wire.ServerMessage, 1)
	c.waiting[id] = ch
	return id, ch
}

func (c *Conn) forget(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waiting, id)
}

// Close leaves and waits for the reader. Events not yet taken are lost.
func (c *Conn) Close() error {
	c.mu.Lock()
	c.closing = true
	c.mu.Unlock()
	goodbye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	_ = c.ws.WriteControl(websocket.CloseMessage, goodbye, time.Now().Add(time.Second))
	_ = c.ws.Close()
	for {
		select {
		case <-c.events: // a reader that waits for room must see the end
		case <-c.ended:
			return nil
		}
	}
}

// read takes messages until the connection ends.
func (c *Conn) read() {
	defer close(c.ended)
	defer close(c.events)
	defer func() { _ = c.ws.Close() }()
	for {
		_, raw, err := c.ws.ReadMessage()
		if err != nil {
			c.end(err)
			return
		}
		m, err := wire.DecodeServer(raw)
		if err != nil {
			continue // a message of a newer server
		}
		if bye, ok := m.(*wire.Bye); ok {
			c.end(&Refused{Code: bye.Code, Text: bye.Text, Retry: bye.Retry})
		}
		if !c.answers(m) {
			c.events <- m
		}
	}
}

// answers hands m to the Do that waits for it.
func (c *Conn) answers(m wire.ServerMessage) bool {
	var id string
	switch m := m.(type) {
	case *wire.Done:
		id = m.ID
	case *wire.Refused:
		id = m.ID
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	ch, ok := c.waiting[id]
	if ok {
		delete(c.waiting, id)
		ch <- m // room for one, and there is only one answer
	}
	return ok
}

// end keeps the first reason.
func (c *Conn) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.err != nil:
	case c.closing:
		c.err = ErrClosed
	default:
		c.err = err
	}
}

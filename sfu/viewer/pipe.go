package viewer

import (
	"encoding/binary"
	"net"
	"os"
	"sync"
	"time"
)

const (
	pipeDatagrams  = 16       // waiting for dtls at once
	pipeBytes      = 16 << 10 // the same
	pipeTotal      = 256      // datagrams one handshake may take
	pipeTotalBytes = 48 << 10 // the same; a handshake is 2 KiB, and each flight may come ten times
)

// pipe is the net.PacketConn under a handshake: fed by the reader of the
// socket, read by dtls. It also learns what dtls leaves behind: the last flight
// and how far the record numbers have gone.
//
// What a datagram brings, dtls computes before it reads the next one: keys, the
// client's signature, the common secret. So it gets one only when there is a
// place to compute, which it has until it reads again: however many handshakes
// run, few keep the processors from the media at a time.
type pipe struct {
	send   func([]byte)  // static
	places chan struct{} // static: its capacity is how many may compute at once
	wake   chan struct{}

	mu         sync.Mutex
	waiting    [][]byte // guarded by mu, like all below
	bytes      int
	total      int
	totalBytes int
	computing  bool // a place is taken
	expired    bool // a read deadline has passed
	closed     bool
	muted      bool // nothing leaves any more
	flight     []byte
	next       uint64 // first record number of epoch 1 that never left
}

func newPipe(send func([]byte), places chan struct{}) *pipe {
	return &pipe{send: send, places: places, wake: make(chan struct{}, 1)}
}

// push hands a copy of a datagram to dtls. It reports false when there is no
// room.
func (p *pipe) push(b []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || len(p.waiting) == pipeDatagrams || p.bytes+len(b) > pipeBytes ||
		p.total == pipeTotal || p.totalBytes+len(b) > pipeTotalBytes {
		return false
	}
	p.total++
	p.totalBytes += len(b)
	p.bytes += len(b)
	p.waiting = append(p.waiting, append([]byte(nil), b...))
	p.signal()
	return true
}

// signal wakes the one reader; more signals than one say nothing more.
func (p *pipe) signal() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// ReadFrom has one caller at a time.
func (p *pipe) ReadFrom(b []byte) (int, net.Addr, error) {
	p.rest()
	for {
		comes, err := p.look()
		if err != nil {
			return 0, nowhere{}, err
		}
		places := p.places
		if !comes {
			places = nil // no place before there is something to compute
		}
		select {
		case <-p.wake:
		case places <- struct{}{}:
			n, err := p.pop(b)
			return n, nowhere{}, err
		}
	}
}

// look tells whether something waits.
func (p *pipe) look() (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.waiting) > 0, p.overLocked()
}

func (p *pipe) overLocked() error {
	switch {
	case p.closed:
		return net.ErrClosed
	case p.expired:
		return os.ErrDeadlineExceeded
	}
	return nil
}

// pop gives the oldest datagram to who has taken a place, or gives the place
// back.
func (p *pipe) pop(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.computing = true
	if err := p.overLocked(); err != nil {
		p.restLocked()
		return 0, err
	}
	first := p.waiting[0]
	p.waiting = p.waiting[1:]
	p.bytes -= len(first)
	return copy(b, first), nil
}

// rest gives the place back.
func (p *pipe) rest() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.restLocked()
}

func (p *pipe) restLocked() {
	if p.computing {
		p.computing = false
		<-p.places
	}
}

// WriteTo sends to wherever the session's path leads now.
func (p *pipe) WriteTo(b []byte, _ net.Addr) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.muted || p.closed {
		return len(b), nil
	}
	for r := range records(b) {
		if r.epoch != 1 {
			continue
		}
		p.next = max(p.next, r.number+1)
		if r.kind == recordHandshake {
			p.flight = append(p.flight[:0], b...)
		}
	}
	p.send(b)
	return len(b), nil
}

// mute lets nothing leave any more, and gives what dtls leaves behind. To be
// called before dtls is closed, whose goodbye would end the session.
func (p *pipe) mute() (flight []byte, next uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.muted = true
	return p.flight, p.next
}

func (p *pipe) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed, p.waiting = true, nil
	p.restLocked()
	p.signal()
	return nil
}

func (p *pipe) LocalAddr() net.Addr { return nowhere{} }

// SetReadDeadline knows past and no deadlines, which is all that dtls sets.
func (p *pipe) SetReadDeadline(t time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expired = !t.IsZero() && !t.After(time.Now())
	p.signal()
	return nil
}

func (p *pipe) SetDeadline(t time.Time) error      { return p.SetReadDeadline(t) }
func (p *pipe) SetWriteDeadline(_ time.Time) error { return nil } // a write never waits

// nowhere stands for addresses, which dtls only hands around.
type nowhere struct{}

func (nowhere) Network() string { return "udp" }
func (nowhere) String() string  { return "viewer" }

const (
	recordHeader    = 13 // bytes (RFC 6347 §4.1)
	recordAlert     = 21
	recordHandshake = 22
	clientHello     = 1
)

// record is one DTLS record of a datagram.
type record struct {
	kind   byte
	epoch  uint16
	number uint64 // 48 bits
	raw    []byte // with its header
}

// records walks the records of a datagram, up to the first that is not whole.
func records(b []byte) func(yield func(record) bool) {
	return func(yield func(record) bool) {
		for len(b) >= recordHeader {
			size := recordHeader + int(binary.BigEndian.Uint16(b[11:]))
			if size > len(b) {
				return
			}
			number := binary.BigEndian.Uint64(b[3:])
			if !yield(record{b[0], uint16(number >> 48), number & (1<<48 - 1), b[:size]}) {
				return
			}
			b = b[size:]
		}
	}
}

// beginsHandshake tells whether a datagram starts with a ClientHello.
func beginsHandshake(b []byte) bool {
	for r := range records(b) {
		return r.kind == recordHandshake && r.epoch == 0 && len(r.raw) > recordHeader && r.raw[recordHeader] == clientHello
	}
	return false
}

package egress

import (
	"bufio"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"
)

const (
	frameLimit = 4 << 10 // bytes of an incoming datagram: checks, handshakes and reports are all smaller

	// chunkBytes are written to a connection at once. They and unsentBytes are
	// what nothing can overtake any more: at 300 kbit/s, a fifth of a second.
	chunkBytes = 4 << 10
)

// Stream is a TCP connection that carries datagrams, each behind its length
// (RFC 4571, as ICE uses it: RFC 6544). What it cannot take at once waits in
// one of two bounded queues, and is dropped whole and counted when there is no
// room for it, or when it has waited so long that nobody wants it any more. No
// sender ever waits for the other end.
//
// Two queues, for a stream has one order and a slow line is known by what it
// loses: pictures must neither pile up, which would be seconds of delay, nor
// stand before the sound. A sealed packet does not say which it is, so whoever
// sends says it (Sender.Hasten). All that is no media goes first as well.
//
// It has two goroutines, a reader (the caller of Streams.Serve) and a writer.
type Stream struct {
	streams *Streams // static
	conn    net.Conn // static
	dest    *Dest    // static
	wake    chan struct{}

	mu       sync.Mutex
	first    frames // guarded by mu: leaves before the rest
	rest     frames // guarded by mu
	admitted bool   // guarded by mu: the other end proved who it is
	finished bool   // guarded by mu: nothing more is queued
}

// Dest is the other end of the stream, whatever the address.
func (s *Stream) Dest(netip.AddrPort) *Dest { return s.dest }

// push queues a datagram: before all pictures when it is to be first.
func (s *Stream) push(b []byte, first bool) error {
	if len(b) == 0 || len(b) > datagramBytes {
		s.streams.count.drop(WriteError)
		return nil
	}
	now := s.streams.since()
	s.mu.Lock()
	if s.finished {
		s.mu.Unlock()
		return net.ErrClosed
	}
	queue := &s.rest
	if first || !isMedia(b) {
		queue = &s.first
	}
	s.shedLocked(now)
	queued := queue.push(b, now)
	s.mu.Unlock()
	if !queued {
		s.streams.count.drop(StreamFull)
		return nil
	}
	s.streams.count.recordsOut(b)
	s.nudge()
	return nil
}

// shedLocked drops what came too long ago.
func (s *Stream) shedLocked(now time.Duration) {
	if late := s.first.shed(now) + s.rest.shed(now); late > 0 {
		s.streams.count.dropMany(StreamLate, late)
	}
}

// isMedia tells RTP from all else (RFC 7983 §7, RFC 5761 §4).
func isMedia(b []byte) bool {
	return b[0] >= 128 && b[0] < 192 && (len(b) < 2 || b[1] < 192 || b[1] >= 224)
}

// forget drops the media that waits.
func (s *Stream) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := s.first.drop(isMedia) + s.rest.drop(isMedia); n > 0 {
		s.streams.count.dropMany(StreamForgotten, n)
	}
}

func (s *Stream) nudge() {
	select {
	case s.wake <- struct{}{}:
	default: // the writer has not looked since the last one
	}
}

// admit gives a stream the time of those who proved who they are.
func (s *Stream) admit() {
	s.mu.Lock()
	first := !s.admitted
	if first {
		s.admitted = true
		_ = s.conn.SetReadDeadline(time.Now().Add(s.streams.config.Idle))
	}
	s.mu.Unlock()
	if first {
		s.streams.know(s)
	}
}

// stay prolongs the time of an admitted stream; a stranger's is not prolonged
// by anything it sends.
func (s *Stream) stay() (admitted bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.admitted {
		_ = s.conn.SetReadDeadline(time.Now().Add(s.streams.config.Idle))
	}
	return s.admitted
}

// finish lets what is queued leave, and nothing more come.
func (s *Stream) finish() {
	s.mu.Lock()
	s.finished = true
	s.mu.Unlock()
	s.nudge()
}

// end closes the connection, which ends both goroutines.
func (s *Stream) end() {
	s.mu.Lock()
	s.finished = true
	s.first.forget()
	s.rest.forget()
	s.mu.Unlock()
	_ = s.conn.Close()
	s.nudge()
}

// read hands datagrams on until the stream ends, and gives the reason unless it
// was counted already, or is nobody's fault.
func (s *Stream) read() (why Reason, counted bool) {
	_ = s.conn.SetReadDeadline(time.Now().Add(s.streams.config.Prove))
	in := bufio.NewReaderSize(s.conn, frameHeader+frameLimit)
	for {
		header, err := in.Peek(frameHeader)
		if err != nil {
			return StreamSilent, errors.Is(err, os.ErrDeadlineExceeded)
		}
		size := frameHeader + int(binary.BigEndian.Uint16(header))
		if size > frameHeader+frameLimit {
			return StreamFrame, true
		}
		frame, err := in.Peek(size)
		if err != nil {
			return StreamSilent, errors.Is(err, os.ErrDeadlineExceeded)
		}
		passed := s.receive(frame[frameHeader:])
		if !s.stay() && !passed {
			return 0, false
		}
		_, _ = in.Discard(size)
	}
}

// receive hands a datagram on. A stranger whose first words are not for us is
// not listened to any longer; an admitted peer may err.
func (s *Stream) receive(b []byte) (passed bool) {
	if len(b) == 0 { // of some: to keep the path open
		return true
	}
	s.streams.count.in(len(b))
	why, passed := inspect(b, &s.streams.count)
	if passed && !s.streams.take(s, b, s.dest.addr) {
		why, passed = StreamStranger, false
	}
	if !passed {
		s.streams.count.drop(why)
	}
	return passed
}

// write sends what is queued until the stream ends.
func (s *Stream) write() {
	defer s.end()
	chunk := make([]byte, 0, chunkBytes)
	for range s.wake {
		for {
			var count int
			var last bool
			if chunk, count, last = s.next(chunk[:0]); count == 0 {
				if last {
					return
				}
				break
			}
			if !s.writeOut(chunk, count) {
				return
			}
		}
	}
}

// next takes the next frames to be written, and tells whether none can follow.
func (s *Stream) next(chunk []byte) (_ []byte, count int, last bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shedLocked(s.streams.since())
	chunk, count = s.first.pop(chunk)
	chunk, more := s.rest.pop(chunk)
	return chunk, count + more, s.finished
}

func (s *Stream) writeOut(chunk []byte, count int) bool {
	_ = s.conn.SetWriteDeadline(time.Now().Add(s.streams.config.Stall))
	if _, err := s.conn.Write(chunk); err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) {
			s.streams.count.drop(StreamStalled)
		}
		return false
	}
	s.streams.count.sent(tally{datagrams: count, bytes: len(chunk) - count*frameHeader, messages: 1, calls: 1})
	return true
}

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
	frameLimit = 4 << 10  // bytes of an incoming datagram: checks, handshakes and reports are all smaller
	chunkBytes = 16 << 10 // written to a connection at once
)

// Stream is a TCP connection that carries datagrams, each behind its length
// (RFC 4571, as ICE uses it: RFC 6544). What it cannot take at once waits in a
// bounded queue; what the queue cannot take is dropped whole and counted. No
// sender ever waits for the other end.
//
// It has two goroutines, a reader (the caller of Streams.Serve) and a writer.
type Stream struct {
	streams *Streams // static
	conn    net.Conn // static
	dest    *Dest    // static
	wake    chan struct{}

	mu       sync.Mutex
	queue    frames // guarded by mu
	admitted bool   // guarded by mu: the other end proved who it is
	finished bool   // guarded by mu: nothing more is queued
}

// Dest is the other end of the stream, whatever the address.
func (s *Stream) Dest(netip.AddrPort) *Dest { return s.dest }

// push queues a datagram.
func (s *Stream) push(b []byte) error {
	if len(b) == 0 || len(b) > datagramBytes {
		s.streams.count.drop(WriteError)
		return nil
	}
	s.mu.Lock()
	if s.finished {
		s.mu.Unlock()
		return net.ErrClosed
	}
	queued := s.queue.push(b)
	s.mu.Unlock()
	if !queued {
		s.streams.count.drop(StreamFull)
		return nil
	}
	s.streams.count.recordsOut(b)
	s.nudge()
	return nil
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
	defer s.mu.Unlock()
	if !s.admitted {
		s.admitted = true
		_ = s.conn.SetReadDeadline(time.Now().Add(s.streams.config.Idle))
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
	s.queue.forget()
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
	chunk, count = s.queue.pop(chunk)
	return chunk, count, s.finished
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

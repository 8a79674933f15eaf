package sfu

import (
	"errors"
	"io"
	"slices"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
)

// mostReports is how many streams of RTCP a publisher is read from: those of
// its encodings and of their repairs.
const mostReports = 2 * mostEncodings

// listen starts the reader of RTCP of one incoming stream.
func (s *Source) listen(r interceptor.RTCPReader) {
	if s.reports.Add(1) <= mostReports {
		s.engine.spawn(func() { s.readReports(r) })
	}
}

// readReports is the goroutine that reads the publisher's RTCP for one stream.
func (s *Source) readReports(r interceptor.RTCPReader) {
	defer s.survive("reports")
	pace := pace{left: feedbackBurst}
	buf := make([]byte, 1500)
	for bad := 0; bad < maxReadErrors; {
		n, _, err := r.Read(buf, nil)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe) || s.hasEnded() {
			return
		}
		if err != nil { // an interceptor could not read it
			bad++
			s.engine.count.drop(dropMalformed, 1)
			continue
		}
		bad = 0
		if now := time.Now(); pace.allow(now) {
			s.heed(buf[:n], now)
		} else {
			s.engine.count.drop(dropFeedback, 1)
		}
	}
}

// heed takes an RTCP compound of the publisher: the newest sender report of each
// encoding is all that is needed of it.
func (s *Source) heed(report []byte, now time.Time) {
	packets, err := rtcp.Unmarshal(report)
	if err != nil {
		s.engine.count.drop(dropMalformed, 1)
		return
	}
	var heard []uint32
	for _, p := range slices.Backward(packets) {
		sr, ok := p.(*rtcp.SenderReport)
		if !ok || slices.Contains(heard, sr.SSRC) {
			continue
		}
		if heard = append(heard, sr.SSRC); len(heard) > mostReports {
			return
		}
		s.noteReport(sr, now)
	}
}

func (s *Source) noteReport(sr *rtcp.SenderReport, now time.Time) {
	e := s.encodingOf(sr.SSRC)
	if e == nil {
		return // of a repair stream, or before the first packet
	}
	ntp := ntpNanos(sr.NTPTime)
	s.clock.note(ntp, now)
	e.clock.noteReport(ntp, sr.RTPTime)
	s.reviewSync()
}

func (s *Source) encodingOf(ssrc uint32) *encoding {
	s.broadcast.mu.Lock()
	defer s.broadcast.mu.Unlock()
	at := slices.IndexFunc(s.encodings, func(e *encoding) bool { return e.ssrc == ssrc })
	if at < 0 {
		return nil
	}
	return s.encodings[at]
}

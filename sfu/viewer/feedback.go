package viewer

import (
	"encoding/binary"
	"slices"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/srtp/v3"
)

const (
	reportSources  = 32  // SSRCs a viewer reports as: one a line is what they use
	reportsASecond = 200 // each may hold many NACKs
	reportBuffer   = 2048
)

// opener is the way in of a session: SRTCP alone. Guarded by the session's mu.
type opener struct {
	context *srtp.Context
	header  rtcp.Header
	sources []uint32 // that an authentic packet came from: srtp keeps a state for each
	second  int64
	count   int // packets in that second
}

var reportBuffers = sync.Pool{New: func() any { b := make([]byte, 0, reportBuffer); return &b }}

// takeReport opens an SRTCP packet and hands it to the owner.
func (s *Session) takeReport(b []byte, key address) {
	buffer := reportBuffers.Get().(*[]byte)
	defer reportBuffers.Put(buffer)
	plain, ok := s.openReport(*buffer, b, key)
	if !ok {
		return
	}
	s.calls.Lock()
	defer s.calls.Unlock()
	if !s.told {
		s.owner.Feedback(plain)
	}
}

func (s *Session) openReport(to, b []byte, key address) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.in == nil {
		s.server.count.drop(dropEarly)
		return nil, false
	}
	now := s.server.clock()
	plain, reason, ok := s.in.open(to, b, now)
	if !ok {
		s.server.count.drop(reason)
		return nil, false
	}
	s.flight = nil // who has the keys has our last flight
	if p := s.find(key); p != nil {
		s.seen.Store(now.UnixNano())
		s.heard(p, now)
		s.settle(p, now)
	}
	return plain, true
}

func (o *opener) open(to, b []byte, now time.Time) (plain []byte, reason dropReason, ok bool) {
	if len(b) < 8 {
		return nil, dropReportForged, false
	}
	if second := now.Unix(); second != o.second {
		o.second, o.count = second, 0
	}
	if o.count == reportsASecond {
		return nil, dropReportRate, false
	}
	source := binary.BigEndian.Uint32(b[4:])
	heard := slices.Contains(o.sources, source)
	if !heard && len(o.sources) == reportSources {
		return nil, dropReportSources, false
	}
	plain, err := o.context.DecryptRTCP(to[:0], b, &o.header)
	if err != nil {
		return nil, dropReportForged, false
	}
	o.count++
	if !heard {
		o.sources = append(o.sources, source)
	}
	return plain, 0, true
}

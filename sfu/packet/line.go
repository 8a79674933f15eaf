package packet

import "time"

// segment maps the newest run of a line's own sequence numbers back to the
// encoding that feeds it. Nobody asks again for what came before a switch: the
// keyframe made it useless.
type segment struct {
	stream uint64 // who: the caller's name for the encoding
	first  uint64 // first outgoing sequence number
	index  uint64 // index of the packet that went out as first
}

// Line keeps one outgoing RTP stream continuous, whatever feeds it: sequence
// numbers, timestamps and VP8 counters run on over changes of source, codec
// and layer and over pauses. The zero value is not ready: see NewLine. One
// goroutine owns it.
type Line struct {
	segment segment
	fed     bool // segment is in use

	timeShift uint32
	vp8       VP8Shift

	nextSeq     uint64 // first sequence number never used
	lastTime    uint32 // newest outgoing timestamp
	lastArrival time.Time
	started     bool

	lastPicture uint16
	lastTL0     uint8
	lastKeyIdx  uint8
	hasPicture  bool
}

// NewLine makes a line whose first packet goes out with these numbers
// (random ones: RFC 3550 §5.1).
func NewLine(seq uint16, timestamp uint32) Line {
	return Line{nextSeq: 1<<16 + uint64(seq), lastTime: timestamp}
}

// Out is how a packet goes out on a line.
type Out struct {
	Timestamp uint32
	Sequence  uint16
	Shift     VP8Shift
}

// Begin lets the line follow the encoding named stream from packet p on: p goes
// out right behind the last packet, at the time that has really passed since.
func (l *Line) Begin(stream uint64, p *Packet) {
	same := l.fed && l.segment.stream == stream
	if !same || !l.started {
		l.timeShift = l.resumeTime(p) - p.Timestamp
	}
	if p.Codec == VP8 {
		l.vp8 = l.resumeVP8(&p.VP8)
	}
	l.segment, l.fed = segment{stream: stream, first: l.nextSeq, index: p.Index}, true
}

// resumeTime is the outgoing timestamp for p: the last one plus the time that
// passed on the wall, at least one tick.
func (l *Line) resumeTime(p *Packet) uint32 {
	if !l.started {
		return l.lastTime
	}
	passed := max(p.Arrival.Sub(l.lastArrival), 0)
	ticks := uint32(passed.Seconds() * float64(p.Codec.ClockRate()))
	return l.lastTime + max(ticks, 1)
}

func (l *Line) resumeVP8(h *VP8Header) VP8Shift {
	if !l.hasPicture {
		return VP8Shift{}
	}
	return VP8Shift{
		Picture: (l.lastPicture + 1 - h.PictureID) & 0x7fff,
		TL0:     l.lastTL0 + 1 - h.TL0PICIDX,
		KeyIdx:  (l.lastKeyIdx + 1 - h.KeyIdx) & 0x1f,
	}
}

// Map gives the outgoing numbers of p, a packet of the encoding that Begin
// named last. It reports false for a packet from before that beginning.
func (l *Line) Map(p *Packet) (Out, bool) {
	out, ok := l.place(p)
	if !ok {
		return out, false
	}
	l.note(p, out)
	return out, true
}

// Again gives the numbers of a packet of the current encoding that went out
// before, to send it once more.
func (l *Line) Again(p *Packet) (Out, bool) { return l.place(p) }

func (l *Line) place(p *Packet) (Out, bool) {
	if !l.fed || p.Index < l.segment.index {
		return Out{}, false
	}
	s := &l.segment
	return Out{
		Sequence:  uint16(s.first + p.Index - s.index),
		Timestamp: p.Timestamp + l.timeShift,
		Shift:     l.vp8,
	}, true
}

func (l *Line) note(p *Packet, out Out) {
	s := &l.segment
	if seq := s.first + p.Index - s.index; seq >= l.nextSeq {
		l.nextSeq = seq + 1
	}
	if !l.started || int32(out.Timestamp-l.lastTime) >= 0 {
		l.lastTime, l.lastArrival, l.started = out.Timestamp, p.Arrival, true
	}
	if p.Codec == VP8 {
		l.notePicture(&p.VP8, out.Shift)
	}
}

func (l *Line) notePicture(h *VP8Header, shift VP8Shift) {
	if h.PictureAt != 0 {
		id := (h.PictureID + shift.Picture) & 0x7fff
		if !l.hasPicture || int16((id-l.lastPicture)<<1) > 0 {
			l.lastPicture = id
		}
		l.hasPicture = true
	}
	if h.TL0At != 0 {
		if tl0 := h.TL0PICIDX + shift.TL0; int8(tl0-l.lastTL0) > 0 {
			l.lastTL0 = tl0
		}
	}
	if h.KeyIdxAt != 0 {
		l.lastKeyIdx = (h.KeyIdx + shift.KeyIdx) & 0x1f
	}
}

// Find tells which packet of the current encoding went out as seq. It reports
// false for numbers of an earlier encoding or of none.
func (l *Line) Find(seq uint16) (index uint64, ok bool) {
	if !l.fed {
		return 0, false
	}
	ext := nearest(l.nextSeq, seq)
	s := &l.segment
	if ext < s.first || ext >= l.nextSeq {
		return 0, false
	}
	return s.index + ext - s.first, true
}

// TimeShift is what is added to the timestamps of the current encoding.
func (l *Line) TimeShift() uint32 { return l.timeShift }

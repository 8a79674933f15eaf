package packet

import "time"

// Line keeps one outgoing RTP stream continuous, whatever feeds it: sequence
// numbers, timestamps and VP8 counters run on over changes of source, codec
// and layer, over pauses, and over frames that are left out. The zero value is
// not ready: see NewLine. One goroutine owns it.
//
// Each packet of the encoding that Begin named last is handed to Map or to Skip
// once, in the order it came; all packets of a frame go the same way.
type Line struct {
	// The encoding that feeds the line.
	stream uint64 // the caller's name for it
	base   uint64 // index it began with
	next   uint64 // first index that has not come: one above the newest
	newest newest
	run    run      // where packets go now
	past   *history // earlier runs of this encoding; nil until something is left out
	fed    bool

	timeShift uint32
	lag       uint32 // ticks: how far the first frame was set back to stay behind the last one
	origin    uint32 // timestamp of that frame
	drawn     bool   // frames up to anchor are a replay, drawn together in time
	anchor    uint32 // timestamp of the last of them

	// The outgoing stream.
	nextSeq     uint64 // first sequence number never used
	lastTime    uint32 // newest outgoing timestamp
	lastArrival time.Time
	lastPicture uint16
	lastTL0     uint8
	lastKeyIdx  uint8
	hasPicture  bool
	hasTL0      bool
	hasKeyIdx   bool
	started     bool
	repair      uint16 // next number of the repair stream
}

// NewLine makes a line whose first packet goes out with these numbers
// (random ones: RFC 3550 §5.1).
func NewLine(seq uint16, timestamp uint32) Line {
	return Line{nextSeq: 1<<16 + uint64(seq), lastTime: timestamp, repair: ^seq}
}

// Out is how a packet goes out on a line.
type Out struct {
	Timestamp uint32
	Sequence  uint16
	Shift     VP8Shift
}

// Begin lets the line follow the encoding named stream from packet p on: p goes
// out right behind the last packet, at the time that has really passed since.
// An encoding that the line followed before keeps its clock.
func (l *Line) Begin(stream uint64, p *Packet) {
	switch {
	case !l.started:
		l.setClock(p, l.lastTime)
	case l.follows(stream) && ahead(l.mapTime(p.Timestamp), l.lastTime):
	default:
		l.setClock(p, l.resumeTime(p))
	}
	l.enter(stream, p)
}

// BeginAligned is Begin where the clocks of the two encodings are known (layers
// of one source, by its sender reports): lead is how many ticks the clock of
// the new encoding is ahead of the one before. The distance between sound and
// picture stays exactly what it was. A first frame that is no later than the
// last one sent is set behind it, and the next ones catch up within twice that
// distance. A lead that contradicts the arrival by more than a second is not
// believed.
func (l *Line) BeginAligned(stream uint64, p *Packet, lead uint32) {
	aligned := p.Timestamp + l.timeShift - lead
	if !l.started || l.follows(stream) || !near(aligned, l.resumeTime(p), p.Codec.ClockRate()) {
		l.Begin(stream, p)
		return
	}
	l.setClock(p, aligned)
	if !ahead(aligned, l.lastTime) {
		l.lag, l.origin = l.lastTime-aligned+1, p.Timestamp
	}
	l.enter(stream, p)
}

func (l *Line) follows(stream uint64) bool { return l.fed && l.stream == stream }

func (l *Line) setClock(p *Packet, out uint32) {
	l.timeShift, l.lag, l.drawn = out-p.Timestamp, 0, false
}

func (l *Line) enter(stream uint64, p *Packet) {
	l.stream, l.fed = stream, true
	l.base, l.next, l.newest = p.Index, p.Index, newest{}
	l.run = run{from: p.Index, seq: l.nextSeq}
	if p.Codec == VP8 {
		l.run.shift = l.resumeVP8(&p.VP8)
	}
	l.past.forget()
}

// resumeTime is the outgoing timestamp for p: the last one plus the time that
// passed on the wall, at least one tick.
func (l *Line) resumeTime(p *Packet) uint32 {
	passed := max(p.Arrival.Sub(l.lastArrival), 0)
	ticks := uint32(uint64(passed) * uint64(p.Codec.ClockRate()) / uint64(time.Second))
	return l.lastTime + max(ticks, 1)
}

func (l *Line) resumeVP8(h *VP8Header) VP8Shift {
	var s VP8Shift
	if l.hasPicture {
		s.Picture = (l.lastPicture + 1 - h.PictureID) & 0x7fff
	}
	if l.hasTL0 {
		s.TL0 = l.lastTL0 + 1 - h.TL0PICIDX
	}
	if l.hasKeyIdx {
		s.KeyIdx = (l.lastKeyIdx + 1 - h.KeyIdx) & 0x1f
	}
	return s
}

// Map gives the outgoing numbers of p. It reports false for a packet from
// before the beginning, for one that comes too late for any number, and for
// the rest of a frame that is being left out.
func (l *Line) Map(p *Packet) (Out, bool) {
	if l.fed && p.Index >= l.next && !l.advance(p) {
		return Out{}, false
	}
	out, ok := l.place(p)
	if ok {
		l.note(p, out)
	}
	return out, ok
}

// Again gives the numbers of a packet of the current encoding that went out
// before, to send it once more.
func (l *Line) Again(p *Packet) (Out, bool) {
	if l.fed && p.Index >= l.next {
		return Out{}, false
	}
	return l.place(p)
}

// advance takes p, the newest so far, into the run. The packets that are
// missing before it keep their numbers, unless they can only belong to frames
// that are left out.
func (l *Line) advance(p *Packet) bool {
	if l.newest.skipped && l.newest.time == p.Timestamp && !p.Keyframe {
		l.Skip(p)
		return false
	}
	if p.Index > l.next && l.newest.closes(p, false) {
		l.run.from = p.Index
	}
	l.next = p.Index + 1
	l.nextSeq = l.run.seq + l.next - l.run.from
	l.newest = newestOf(p, false)
	return true
}

func (l *Line) place(p *Packet) (Out, bool) {
	r, seq, ok := l.number(p.Index)
	if !ok {
		return Out{}, false
	}
	return Out{Sequence: uint16(seq), Timestamp: l.mapTime(p.Timestamp), Shift: r.shift}, true
}

// halfTurn is how old a number may be before a viewer takes it for a new one.
const halfTurn = 1 << 15

// number gives the run and the outgoing number of an index: none for a packet
// that was left out or that comes too late.
func (l *Line) number(index uint64) (r run, seq uint64, ok bool) {
	if r, ok = l.runOf(index); !ok {
		return r, 0, false
	}
	seq = r.seq + index - r.from
	return r, seq, l.nextSeq <= seq+halfTurn
}

// mapTime puts a timestamp of the encoding on the line's clock. Frames right
// after a beginning that came too early follow at half the distance until they
// are where they belong.
func (l *Line) mapTime(t uint32) uint32 {
	if l.drawn && ahead(l.anchor, t) {
		return l.anchor + l.timeShift - (l.anchor-t)/drawTogether
	}
	passed := t - l.origin
	if l.lag == 0 || passed >= 2*l.lag {
		return t + l.timeShift
	}
	return t + l.timeShift + l.lag - (passed - passed/2)
}

// caughtUp is how long repairs of frames that were set back may still be asked
// for: after that the clock is a plain shift again, long before it turns.
const caughtUp = 20 * 90000

func (l *Line) note(p *Packet, out Out) {
	if !l.started || !ahead(l.lastTime, out.Timestamp) {
		l.lastTime, l.lastArrival, l.started = out.Timestamp, p.Arrival, true
	}
	if l.lag != 0 && ahead(p.Timestamp, l.origin+2*l.lag+caughtUp) {
		l.lag = 0
	}
	if l.drawn && ahead(p.Timestamp, l.anchor+caughtUp) {
		l.drawn = false
	}
	if p.Codec == VP8 {
		l.notePicture(&p.VP8, out.Shift)
	}
}

func (l *Line) notePicture(h *VP8Header, shift VP8Shift) {
	if h.PictureAt != 0 {
		id := shift.picture(h)
		if !l.hasPicture || h.newer(id, l.lastPicture) {
			l.lastPicture = id
		}
		l.hasPicture = true
	}
	if h.TL0At != 0 {
		if tl0 := h.TL0PICIDX + shift.TL0; !l.hasTL0 || int8(tl0-l.lastTL0) > 0 {
			l.lastTL0 = tl0
		}
		l.hasTL0 = true
	}
	if h.HasKeyIdx {
		if key := (h.KeyIdx + shift.KeyIdx) & 0x1f; !l.hasKeyIdx || int8((key-l.lastKeyIdx)<<3) > 0 {
			l.lastKeyIdx = key
		}
		l.hasKeyIdx = true
	}
}

// Find tells which packet of the current encoding went out as seq. It reports
// false for numbers of an earlier encoding or of none, and for one that went
// out as padding: that one comes out of Fill once more.
func (l *Line) Find(seq uint16) (index uint64, ok bool) {
	if !l.fed {
		return 0, false
	}
	ext := nearest(l.nextSeq, seq)
	if ext >= l.nextSeq || l.past.refill(ext) {
		return 0, false
	}
	if ext >= l.run.seq {
		return l.run.from + ext - l.run.seq, true
	}
	return l.past.find(ext)
}

// TimeShift is what is added to the timestamps of the current encoding.
func (l *Line) TimeShift() uint32 { return l.timeShift }

// NextRepair is the sequence number for the next packet of the line's repair
// stream (RFC 4588 §4: it has numbers of its own).
func (l *Line) NextRepair() uint16 {
	seq := l.repair
	l.repair++
	return seq
}

// ahead tells whether the timestamp a is later than b.
func ahead(a, b uint32) bool { return int32(a-b) > 0 }

// near tells whether two timestamps are at most that many ticks apart.
func near(a, b, ticks uint32) bool {
	d := int32(a - b)
	return d <= int32(ticks) && d >= -int32(ticks)
}

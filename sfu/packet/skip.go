package packet

const (
	// runMemory is how many earlier runs a line remembers: at the 15 gaps a
	// second of a 30 fps picture without its last temporal layer, 4 s, longer
	// than anyone repairs a live picture.
	runMemory = 64

	// fillMemory is how many numbers that went out as padding a line remembers.
	fillMemory = 16
)

// run is a stretch of packets that go out side by side; between two runs
// packets were left out. It ends where the sequence of the next one begins.
type run struct {
	from  uint64 // index of its first packet
	seq   uint64 // outgoing number of that packet
	shift VP8Shift
}

// fill is a number that was kept for a packet which then was left out.
type fill struct {
	seq uint64
	due bool // to be sent
}

// history is what a line needs to remember once it leaves packets out. A nil
// history is empty.
type history struct {
	runs  [runMemory]run // ring, oldest given up
	count uint64         // runs in all
	fills [fillMemory]fill
	filed uint64 // fills in all
	due   int    // fills to be sent
}

// newest is what a line knows of the packet with the highest index.
type newest struct {
	time    uint32
	picture uint16
	known   bool // there is one
	named   bool // picture is meaningful
	skipped bool
	marker  bool
}

func newestOf(p *Packet, skipped bool) newest {
	n := newest{time: p.Timestamp, known: true, skipped: skipped, marker: p.Marker}
	if p.Codec == VP8 {
		n.picture, n.named = p.VP8.PictureID, p.VP8.PictureAt != 0
	}
	return n
}

// closes tells whether all that is missing between the newest packet and p must
// belong to frames that are left out: it lies inside one, or the picture ids
// show that there is no third frame and the edges show whose packets they are.
func (n newest) closes(p *Packet, skipped bool) bool {
	if !n.known || !n.skipped && !skipped {
		return false
	}
	if n.time == p.Timestamp {
		return n.skipped && skipped
	}
	if !n.named || p.VP8.PictureAt == 0 || p.VP8.distance(n.picture) != 1 {
		return false
	}
	switch {
	case n.skipped && skipped:
		return true
	case n.skipped:
		return p.Start
	default:
		return n.marker
	}
}

// Skip leaves out p, a packet of the current encoding: a frame of a temporal
// layer that the viewer does not get, or what lies between two still pictures.
// Sequence numbers, picture ids and the VP8 counters close up behind it. A late
// packet whose number was kept free for it leaves a hole: see Fill.
func (l *Line) Skip(p *Packet) {
	switch {
	case !l.fed || p.Index < l.base:
	case p.Index < l.next:
		l.fillLate(p)
	default:
		l.leaveOut(p)
	}
}

func (l *Line) leaveOut(p *Packet) {
	if p.Index > l.next && !l.newest.closes(p, true) {
		l.nextSeq += p.Index - l.next
	}
	shift := l.run.shift
	if p.Codec == VP8 {
		shift = l.newest.without(p, shift)
	}
	if l.nextSeq > l.run.seq {
		l.remember().push(l.run)
	}
	l.run = run{from: p.Index + 1, seq: l.nextSeq, shift: shift}
	l.next = p.Index + 1
	l.newest = newestOf(p, true)
}

// without is the shift after a packet that is left out: each counter closes up
// once for a frame that it counts.
func (n newest) without(p *Packet, shift VP8Shift) VP8Shift {
	if n.known && n.time == p.Timestamp {
		return shift
	}
	shift.Picture = (shift.Picture - 1) & 0x7fff
	if p.VP8.TID == 0 {
		shift.TL0--
	}
	if p.Keyframe {
		shift.KeyIdx = (shift.KeyIdx - 1) & 0x1f
	}
	return shift
}

func (l *Line) remember() *history {
	if l.past == nil {
		l.past = &history{}
	}
	return l.past
}

func (l *Line) fillLate(p *Packet) {
	if _, seq, ok := l.number(p.Index); ok {
		l.remember().fill(seq)
	}
}

// Fill gives the next number that has to go out as a packet of padding alone,
// because the packet it was kept for is left out. At most 16 are kept.
func (l *Line) Fill() (Out, bool) {
	seq, ok := l.past.nextFill()
	if !ok {
		return Out{}, false
	}
	return Out{Sequence: uint16(seq), Timestamp: l.lastTime}, true
}

// runOf finds the run that holds the index: none for a packet left out.
func (l *Line) runOf(index uint64) (run, bool) {
	switch {
	case !l.fed || index < l.base:
		return run{}, false
	case index >= l.run.from:
		return l.run, true
	default:
		return l.past.runOf(index, l.run.seq)
	}
}

func (h *history) forget() {
	if h != nil {
		h.count, h.filed, h.due = 0, 0, 0
	}
}

func (h *history) push(r run) {
	h.runs[h.count%runMemory] = r
	h.count++
}

// held is how many runs are remembered; at gives one, oldest first.
func (h *history) held() int { return int(min(h.count, runMemory)) }

func (h *history) at(i int) *run {
	return &h.runs[(h.count-uint64(h.held()-i))%runMemory]
}

// last finds the newest run for which before holds: it holds for the older
// ones and not for the younger.
func (h *history) last(before func(*run) bool) (int, bool) {
	low, high := 0, h.held()
	for low < high {
		if mid := (low + high) / 2; before(h.at(mid)) {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low - 1, low > 0
}

// runOf finds the run that holds the index. end is the number behind the
// youngest run.
func (h *history) runOf(index, end uint64) (run, bool) {
	if h == nil {
		return run{}, false
	}
	i, ok := h.last(func(r *run) bool { return r.from <= index })
	if !ok {
		return run{}, false
	}
	if i+1 < h.held() {
		end = h.at(i + 1).seq
	}
	r := *h.at(i)
	return r, index-r.from < end-r.seq
}

// find gives the index that went out as seq, which is below the current run.
func (h *history) find(seq uint64) (uint64, bool) {
	if h == nil {
		return 0, false
	}
	i, ok := h.last(func(r *run) bool { return r.seq <= seq })
	if !ok {
		return 0, false
	}
	r := h.at(i)
	return r.from + seq - r.seq, true
}

func (h *history) fill(seq uint64) {
	if h.refill(seq) {
		return
	}
	f := &h.fills[h.filed%fillMemory]
	if h.filed >= fillMemory && f.due {
		h.due--
	}
	*f = fill{seq: seq, due: true}
	h.filed++
	h.due++
}

// refill makes a number that went out as padding due once more.
func (h *history) refill(seq uint64) bool {
	if h == nil {
		return false
	}
	for i := range min(h.filed, fillMemory) {
		f := &h.fills[i]
		if f.seq != seq {
			continue
		}
		if !f.due {
			f.due = true
			h.due++
		}
		return true
	}
	return false
}

func (h *history) nextFill() (uint64, bool) {
	if h == nil || h.due == 0 {
		return 0, false
	}
	n := min(h.filed, fillMemory)
	for i := range n {
		f := &h.fills[(h.filed-n+i)%fillMemory]
		if f.due {
			f.due = false
			h.due--
			return f.seq, true
		}
	}
	return 0, false
}

package packet

// Filter chooses the frames of an encoding that go out when a viewer does not
// get all of them: up to a temporal layer of VP8 (RFC 7741 §4.2), or keyframes
// only. Less comes with the next frame. More comes only where it can be
// decoded: a temporal layer at a time with a frame that says that it needs
// nothing but the base layer (Y), anything with a keyframe. Every other frame
// may build on one that was left out. The zero value takes the base layer; see
// Aim. One goroutine owns it.
type Filter struct {
	index   uint64    // of the newest packet
	since   [4]uint32 // timestamp from which on each layer up to current goes out
	time    uint32    // of the newest frame
	aim     uint8
	current uint8 // highest layer that goes out
	known   bool  // there is a newest frame
	take    bool  // it goes out
	still   bool  // keyframes only
	broken  bool  // what goes out is no longer decodable: a keyframe has to come
}

// Aim sets the highest temporal layer that shall go out.
func (f *Filter) Aim(tid uint8) { f.aim = min(tid, uint8(len(f.since)-1)) }

// Still sets whether only keyframes shall go out.
func (f *Filter) Still(on bool) { f.still = on }

// Reset forgets the encoding: call it whenever the line begins, with the same
// one or with another.
func (f *Filter) Reset() { f.known = false }

// Waits tells whether more is wanted than may go out yet. Where it lasts, only
// a keyframe helps: this sender marks no frame as in step.
func (f *Filter) Waits() bool { return f.current < f.aim || f.broken && !f.still }

// Takes tells whether p goes out: to Line.Map, else to Line.Skip. All packets
// of a frame get the same answer.
func (f *Filter) Takes(p *Packet) bool {
	switch {
	case !f.known || ahead(p.Timestamp, f.time):
		f.step(p)
	case p.Timestamp != f.time:
		return f.takesLate(p)
	case p.Keyframe && p.Index > f.index: // behind a delimiter, which told nothing
		f.restart()
	}
	f.index = max(f.index, p.Index)
	return f.take
}

// step decides on a new frame.
func (f *Filter) step(p *Packet) {
	if !f.known {
		f.current, f.since[0], f.index, f.broken = 0, p.Timestamp, p.Index, false
	}
	f.current, f.time, f.known = min(f.current, f.aim), p.Timestamp, true
	if p.Keyframe {
		f.restart()
		return
	}
	tid := p.tid()
	if p.Codec == VP8 && p.VP8.LayerSync && tid == f.current+1 && tid <= f.aim {
		f.raise(tid)
	}
	f.broken = f.broken || f.still
	f.take = !f.broken && tid <= f.current
}

// restart takes the keyframe that is the newest frame, and anything after it.
func (f *Filter) restart() {
	if f.broken {
		f.since[0], f.current = f.time, 0
	}
	f.broken, f.take = false, true
	f.raise(f.aim)
}

// raise lets the layers up to tid go out from the newest frame on.
func (f *Filter) raise(tid uint8) {
	for f.current < tid {
		f.current++
		f.since[f.current] = f.time
	}
}

// takesLate decides on a packet of an earlier frame as it was decided then.
func (f *Filter) takesLate(p *Packet) bool {
	tid := p.tid()
	return tid <= f.current && !f.broken && !ahead(f.since[tid], p.Timestamp)
}

// tid is the temporal layer of the frame: 0 where the codec does not say.
func (p *Packet) tid() uint8 {
	if p.Codec != VP8 {
		return 0
	}
	return p.VP8.TID
}

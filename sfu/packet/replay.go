package packet

// drawTogether is how many times faster than it was made a replay is shown: a
// second of it within 31 ms, and still no two frames at one time.
const drawTogether = 32

// BeginReplay is Begin for a viewer who comes late: first is a keyframe that
// has passed, last the newest packet, and all between them are handed to Map or
// Skip at once. Their times are drawn together before that of last, which goes
// out at the time of now: a player that takes the first frame for the present
// is not behind for the rest of the class.
func (l *Line) BeginReplay(stream uint64, first, last *Packet) {
	if !ahead(last.Timestamp, first.Timestamp) {
		l.Begin(stream, first)
		return
	}
	span := (last.Timestamp - first.Timestamp) / drawTogether
	out := l.lastTime + span
	if l.started {
		out = l.resumeTime(last)
		if !ahead(out-span, l.lastTime) {
			out = l.lastTime + span + 1
		}
	}
	l.setClock(last, out)
	l.drawn, l.anchor = true, last.Timestamp
	l.enter(stream, first)
}

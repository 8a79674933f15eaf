package live

import (
	"context"
	"sync"
	"time"

	"antenne/rooms"
	"antenne/rooms/journal"
)

// probeEvery spaces the questions put to a journal that refused an entry, until it takes them again.
const probeEvery = 2 * time.Second

// logState knows whether the journal takes entries and gives them back, from what the rooms meet. It locks nothing else.
type logState struct {
	bell chan struct{} // 1: an entry was refused

	mu      sync.Mutex
	refused string                  // why the last append was refused; "" when it was not
	deaf    map[rooms.RoomID]string // the rooms that cannot read the journal, and why
}

func newLogState() *logState {
	return &logState{bell: make(chan struct{}, 1), deaf: map[rooms.RoomID]string{}}
}

// wrote notes how an append, or a probe, ended.
func (l *logState) wrote(code string) {
	l.mu.Lock()
	l.refused = code
	l.mu.Unlock()
	if code == "" {
		return
	}
	select {
	case l.bell <- struct{}{}:
	default:
	}
}

// heard notes whether a room can read the journal: "" when it can.
func (l *logState) heard(id rooms.RoomID, code string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if code == "" {
		delete(l.deaf, id)
		return
	}
	l.deaf[id] = code
}

func (l *logState) trouble() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refused != "" {
		return l.refused
	}
	for _, code := range l.deaf {
		return code
	}
	return ""
}

// LogTrouble is "" while the journal takes the entries of this node's rooms and gives them back; otherwise why not, as a code that
// has a sentence: journal-full, journal-failed or journal-closed. It costs a lock and touches no disk, and goes back to "" by itself.
func (h *Hall) LogTrouble() string {
	h.mu.RLock()
	closed := h.closed
	h.mu.RUnlock()
	if closed {
		return CodeClosed
	}
	return h.logs.trouble()
}

// append is Journal.Append, whose end is noted.
func (h *Hall) append(ctx context.Context, s journal.Stream, after journal.Seq, e journal.Entry) (journal.Seq, error) {
	seq, err := h.journal.Append(ctx, s, after, e)
	h.noteWrite(ctx, err)
	return seq, err
}

// noteWrite leaves out what says nothing of the journal: a caller who gave up, an entry that came second or was too long.
func (h *Hall) noteWrite(ctx context.Context, err error) {
	if code := logCode(err); err == nil || code != "" && ctx.Err() == nil {
		h.logs.wrote(code)
	}
}

// runProbe asks a journal that refused an entry whether it takes them again, so that nobody has to lose one to find out.
func (h *Hall) runProbe() {
	defer h.running.Done()
	for {
		select {
		case <-h.logs.bell:
		case <-h.ctx.Done():
			return
		}
		c, stop := h.clock.After(probeEvery)
		select {
		case <-c:
			h.noteWrite(h.ctx, h.journal.Probe(h.ctx))
		case <-h.ctx.Done():
			stop()
			return
		}
	}
}

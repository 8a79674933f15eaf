package signaling

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"antenne/rooms"
)

// Pace is how fast a sheet must come, so that who is slow, or gone, keeps nobody's place.
type Pace struct {
	Stall time.Duration // without a byte; 15 s
	Begin time.Duration // before the least rate counts; 30 s
	Least int           // bytes a second, from the beginning on; 16 kB: a line of 128 kbit/s
}

func (p Pace) withDefaults() Pace {
	orDefault(&p.Stall, 15*time.Second)
	orDefault(&p.Begin, 30*time.Second)
	orDefault(&p.Least, 16<<10)
	return p
}

// whole is the longest that a sheet can take at this pace.
func (p Pace) whole() time.Duration { return p.Begin + p.lasts(rooms.MaxSheet) + p.Stall }

func (p Pace) lasts(bytes int64) time.Duration {
	return time.Duration(bytes) * time.Second / time.Duration(p.Least)
}

// uploads are the sheets on their way: one of each link, and so many in all. It may be used from any goroutine.
type uploads struct {
	mu   sync.Mutex
	from map[rooms.LinkID]struct{} // owned under mu
}

func newUploads() *uploads { return &uploads{from: map[rooms.LinkID]struct{}{}} }

// begin takes a place, or tells why not.
func (u *uploads) begin(by rooms.LinkID) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, brings := u.from[by]; brings {
		return refuse(codeSheetBusy)
	}
	if len(u.from) >= sheetsAtOnce {
		return refuse(codeTooMany)
	}
	u.from[by] = struct{}{}
	return nil
}

func (u *uploads) end(by rooms.LinkID) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.from, by)
}

func (u *uploads) count() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.from)
}

// hurried reads a body whose sender keeps the pace. One that does not is told sheet-slow, over the connection that it has.
func (s *Server) hurried(w http.ResponseWriter, body io.Reader) io.Reader {
	pace, control := s.limits.Sheets, http.NewResponseController(w)
	_ = control.SetWriteDeadline(time.Now().Add(pace.whole() + decideWithin + time.Minute)) // for the answer, whenever it comes
	return &hurriedReader{from: body, pace: pace, began: time.Now(), until: control.SetReadDeadline}
}

// hurriedReader is owned by who reads.
type hurriedReader struct {
	from  io.Reader
	pace  Pace
	began time.Time
	got   int64
	until func(time.Time) error // ends a Read that waits; not every connection can
}

func (h *hurriedReader) Read(p []byte) (int, error) {
	now := time.Now()
	late := h.began.Add(h.pace.Begin + h.pace.lasts(h.got))
	if now.After(late) {
		return 0, refuse(codeSheetSlow)
	}
	if stalled := now.Add(h.pace.Stall); stalled.Before(late) {
		late = stalled
	}
	_ = h.until(late)
	n, err := h.from.Read(p)
	h.got += int64(n)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = refuse(codeSheetSlow)
	}
	return n, err
}

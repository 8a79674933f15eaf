package signaling

import (
	"testing"
	"time"

	"antenne/sfu"
)

// A browser that closes its peer connection says so by DTLS at once, and its DELETE comes after: the session has ended
// by then, and is still known for a while.
func TestAnEndedSessionIsKnownForItsFarewell(t *testing.T) {
	r := newSessions()
	done := make(chan struct{})
	m := &session{id: sfu.SessionID("leaving"), done: done}
	r.add(m)
	start := time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC)

	r.forgetEnded(start)
	if _, known := r.find(m.id); !known || r.count() != 1 {
		t.Fatalf("a living session: known %v, counted %d", known, r.count())
	}
	close(done)
	r.forgetEnded(start)
	r.forgetEnded(start.Add(farewell - time.Second))
	if _, known := r.find(m.id); !known || r.count() != 0 {
		t.Fatalf("a session that has just ended: known %v, counted %d", known, r.count())
	}
	r.forgetEnded(start.Add(farewell))
	if _, known := r.find(m.id); known || r.count() != 0 || r.ended != 0 {
		t.Fatalf("a session that ended long ago: known %v, counted %d, ended %d", known, r.count(), r.ended)
	}
}

func TestAnEndedSessionThatIsDeletedIsNotCountedTwice(t *testing.T) {
	r := newSessions()
	done := make(chan struct{})
	m := &session{id: sfu.SessionID("leaving"), done: done}
	r.add(m)
	close(done)
	r.forgetEnded(time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC))
	r.remove(m)
	r.remove(m)
	if r.count() != 0 || r.ended != 0 {
		t.Fatalf("counted %d, ended %d", r.count(), r.ended)
	}
}

package signaling

import (
	"sync"
	"time"

	"antenne/rooms"
	"antenne/sfu"
	"antenne/signaling/access"
)

// session is one media session that was opened here, by its unguessable name.
type session struct {
	// Static after construction.
	id     sfu.SessionID
	door   access.Door
	room   rooms.RoomID
	who    rooms.Actor
	ticket ticket
	end    func(reason string) // ends the media; returns at once, may be called again
	done   <-chan struct{}     // closed when the media has ended
	view   viewing             // nil for a publication
	seat   *seat               // nil for a publication: a crowd of viewers never keeps the mediator out

	// Owned under sessions.mu.
	holder  *socket   // the page that shows it
	endedAt time.Time // when it was first seen ended; zero while it lives
}

// viewing is what a page may ask of the media it watches.
type viewing interface {
	SetWish(sfu.Wish)
	Restart(sfu.Offer) (sfu.Answer, error)
}

// opener tells whether a request comes from who opened the session: by the same link and, where both name one, from the
// same device. A session opened by nobody in particular is held by its name alone, which is 128 random bits.
func (m *session) opener(who rooms.Actor) bool {
	if m.room != who.Room || m.who.Link != who.Link {
		return false
	}
	return m.who.Device == "" || who.Device == "" || m.who.Device == who.Device
}

// sessions is the register of media sessions.
type sessions struct {
	mu    sync.Mutex
	byID  map[sfu.SessionID]*session // owned under mu
	ended int                        // how many of them have ended; owned under mu
}

// farewell is how long an ended session is still known: a client that closes its media first and says DELETE
// after is told that all is well, not that nobody knows it.
const farewell = 30 * time.Second

func newSessions() *sessions { return &sessions{byID: map[sfu.SessionID]*session{}} }

func (r *sessions) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.byID) - r.ended
}

func (r *sessions) add(m *session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.byID[m.id] = m
}

func (r *sessions) find(id sfu.SessionID) (*session, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.byID[id]
	return m, ok
}

func (r *sessions) remove(m *session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.removeLocked(m)
}

func (r *sessions) removeLocked(m *session) {
	if r.byID[m.id] != m {
		return
	}
	delete(r.byID, m.id)
	m.free()
	if !m.endedAt.IsZero() {
		r.ended--
	}
}

// hasEnded tells whether its media is gone.
func (m *session) hasEnded() bool {
	select {
	case <-m.done:
		return true
	default:
		return false
	}
}

// free gives the seat back. It may be called again.
func (m *session) free() {
	if m.seat != nil {
		m.seat.leave()
	}
}

// where lists the sessions that f chooses; f is called with the lock held.
func (r *sessions) where(f func(*session) bool) (found []*session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.byID {
		if f(m) {
			found = append(found, m)
		}
	}
	return found
}

// forgetEnded notes which sessions have ended, and forgets those that ended long enough ago.
func (r *sessions) forgetEnded(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.byID {
		select {
		case <-m.done:
			if m.endedAt.IsZero() {
				m.endedAt = now
				r.ended++
				m.free()
			}
		default:
		}
		if !m.endedAt.IsZero() && now.Sub(m.endedAt) >= farewell {
			r.removeLocked(m)
		}
	}
}

func (r *sessions) endAll(reason string) {
	for _, m := range r.where(func(*session) bool { return true }) {
		m.end(reason)
	}
}

// hold binds a viewer's session to the page that says it plays there. The name alone is not believed: the session must have
// been opened by the same link, from the same device where it named one, and once held by a connection that
// lives it is not given to another.
func (r *sessions) hold(id sfu.SessionID, k *socket) (*session, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.byID[id]
	if !ok || m.view == nil || !m.opener(k.who) {
		return nil, false
	}
	if m.holder != nil && m.holder != k && m.holder.who.Asker != k.who.Asker {
		return nil, false
	}
	m.holder = k
	return m, true
}

// release lets go of what a page held.
func (r *sessions) release(k *socket) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.byID {
		if m.holder == k {
			m.holder = nil
		}
	}
}

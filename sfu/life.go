package sfu

import "sync"

// life is the one end of a source or a subscription.
type life struct {
	done chan struct{} // closed when it is over

	mu     sync.Mutex
	ended  bool   // guarded by mu
	reason string // guarded by mu
}

func newLife() life { return life{done: make(chan struct{})} }

// finish ends it, once: later reasons are not heard, and false is given. The
// caller closes done when its owner is out of its broadcast.
func (l *life) finish(reason string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return false
	}
	l.ended, l.reason = true, reason
	return true
}

func (l *life) hasEnded() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ended
}

func (l *life) why() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reason
}

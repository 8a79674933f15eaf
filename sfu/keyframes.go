package sfu

import (
	"sync"
	"sync/atomic"
	"time"
)

// keyframer asks one encoding for keyframes, at most one in a window whoever
// asks. A request inside the window is kept and goes out when the window opens,
// unless a keyframe has come meanwhile.
type keyframer struct {
	window time.Duration // static
	send   func()        // static; asks the publisher
	asks   *atomic.Uint64

	mu      sync.Mutex
	last    time.Time // when the last request went out
	pending *time.Timer
	closed  bool
}

// Ask wants a keyframe. It never blocks.
func (k *keyframer) Ask() {
	if k.asks != nil {
		k.asks.Add(1)
	}
	k.mu.Lock()
	if k.closed || k.pending != nil {
		k.mu.Unlock()
		return
	}
	if wait := k.window - time.Since(k.last); !k.last.IsZero() && wait > 0 {
		k.pending = time.AfterFunc(wait, k.fire)
		k.mu.Unlock()
		return
	}
	k.last = time.Now()
	k.mu.Unlock()
	k.send()
}

func (k *keyframer) fire() {
	k.mu.Lock()
	if k.closed || k.pending == nil {
		k.mu.Unlock()
		return
	}
	k.pending, k.last = nil, time.Now()
	k.mu.Unlock()
	k.send()
}

// Came takes note of a keyframe: whoever was waiting has it.
func (k *keyframer) Came() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.cancelLocked()
}

func (k *keyframer) cancelLocked() {
	if k.pending != nil {
		k.pending.Stop()
		k.pending = nil
	}
}

// Close ends all requests.
func (k *keyframer) Close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.closed = true
	k.cancelLocked()
}

package sfu

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"
)

// doors let joins in. Who teaches never waits behind those who watch: each has
// a door of its own. Static.
type doors struct{ publishers, viewers *door }

func newDoors() doors {
	cores := runtime.GOMAXPROCS(0)
	return doors{publishers: newDoor(cores, publisherQueue), viewers: newDoor(2*cores, viewerQueue)}
}

// How many may wait for their turn at a door before the next is refused with
// engine-busy.
const (
	publisherQueue = 64
	viewerQueue    = 512
)

// door bounds how many negotiate at a time, and how many wait for it.
type door struct {
	turns   chan struct{} // one token for each negotiation at a time
	longest int64         // static: of the queue
	waiting atomic.Int64
}

func newDoor(atATime, longest int) *door {
	return &door{turns: make(chan struct{}, atATime), longest: int64(longest)}
}

// admitViewer lets one more viewer negotiate, unless the node carries what it
// can. done gives the turn back.
func (e *Engine) admitViewer(ctx context.Context, home bool) (done func(), err error) {
	if !e.load.admits(home) {
		return nil, e.full()
	}
	if done, err = e.admit(ctx, e.doors.viewers); err != nil {
		e.count.joinsBusy.Add(1)
		return nil, err
	}
	if !e.hasPlace(home) {
		done()
		return nil, e.full()
	}
	return done, nil
}

func (e *Engine) full() error {
	e.count.joinsFull.Add(1)
	return refuse(CodeEngineFull)
}

// hasPlace keeps to the configured number of viewers. Whoever asks holds a turn
// at the door, and each turn counts as a viewer: the number is never passed. A
// share of the places is not for families.
func (e *Engine) hasPlace(home bool) bool {
	most := e.limits.Viewers
	if most == 0 {
		return true
	}
	if home {
		most -= most / guestReserve
	}
	return e.population()+len(e.doors.viewers.turns) <= most
}

// population is the number of viewers now.
func (e *Engine) population() (viewers int) {
	for _, b := range e.all() {
		b.mu.Lock()
		viewers += len(b.subs)
		b.mu.Unlock()
	}
	return viewers
}

// admit waits at a door for a turn to negotiate. done gives the turn back.
func (e *Engine) admit(ctx context.Context, d *door) (done func(), err error) {
	if d.waiting.Add(1) > d.longest {
		d.waiting.Add(-1)
		return nil, refuse(CodeEngineBusy)
	}
	defer d.waiting.Add(-1)
	patience := time.NewTimer(e.timing.admission)
	defer patience.Stop()
	select {
	case d.turns <- struct{}{}:
		return func() { <-d.turns }, nil
	case <-patience.C:
		return nil, refuse(CodeEngineBusy)
	case <-e.stop:
		return nil, refuse(CodeEngineClosed)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

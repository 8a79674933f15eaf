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

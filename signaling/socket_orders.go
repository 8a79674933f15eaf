package signaling

import (
	"context"
	"sync"
	"time"

	"antenne/rooms"
)

// mostOrders is how many commands of one connection may wait for the log. More is a client that does not wait for answers.
const mostOrders = 64

// orderEnds is how long a command that has begun may still take once nobody is there any more to be answered: enough for a page that
// says one last thing and goes, too little for anything that its person has forgotten.
const orderEnds = 300 * time.Millisecond

// orders are the commands of one connection, done one after the other beside its reader: while one waits for a disk, the reader goes
// on to hear, and a cut overtakes them all. There is a goroutine only while there is something to do.
type orders struct {
	// Static after construction.
	life context.Context
	end  context.CancelFunc

	mu      sync.Mutex
	waiting []order // owned under mu
	running bool    // owned under mu
	closed  bool    // owned under mu: nothing begins any more
	done    sync.WaitGroup
}

type order struct {
	id    string
	what  rooms.Command
	until time.Time // after which it must not be done: what was asked long ago is asked again or not meant any more
}

func newOrders() *orders {
	life, end := context.WithCancel(context.Background())
	return &orders{life: life, end: end}
}

// take queues one; false when too many wait. The time it has counts from now, however long others take before it.
func (o *orders) take(one order, do func(context.Context, order)) bool {
	one.until = time.Now().Add(decideWithin)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || len(o.waiting) >= mostOrders {
		return false
	}
	o.waiting = append(o.waiting, one)
	if !o.running {
		o.running = true
		o.done.Go(func() { o.run(do) })
	}
	return true
}

func (o *orders) run(do func(context.Context, order)) {
	for {
		next, ok := o.next()
		if !ok {
			return
		}
		ctx, done := context.WithDeadline(o.life, next.until)
		do(ctx, next)
		done()
	}
}

func (o *orders) next() (next order, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.waiting) == 0 {
		o.running, o.waiting = false, nil
		return order{}, false
	}
	next = o.waiting[0]
	o.waiting = o.waiting[1:]
	return next, true
}

// close forgets what has not begun and returns when what has is over: a page that comes back says again what it still wants.
func (o *orders) close() {
	o.mu.Lock()
	o.closed, o.waiting = true, nil
	o.mu.Unlock()
	late := time.AfterFunc(orderEnds, o.end)
	o.done.Wait()
	late.Stop()
	o.end()
}

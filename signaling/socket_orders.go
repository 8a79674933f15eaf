package signaling

import (
	"sync"

	"antenne/rooms"
)

// mostOrders is how many commands of one connection may wait for the log. More is a client that does not wait for answers.
const mostOrders = 64

// orders are the commands of one connection, done one after the other beside its reader: while one waits for a disk, the reader goes
// on to hear, and a cut overtakes them all. There is a goroutine only while there is something to do.
type orders struct {
	mu      sync.Mutex
	waiting []order // owned under mu
	running bool    // owned under mu
	done    sync.WaitGroup
}

type order struct {
	id   string
	what rooms.Command
}

// take queues one; false when too many wait.
func (o *orders) take(one order, do func(order)) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.waiting) >= mostOrders {
		return false
	}
	o.waiting = append(o.waiting, one)
	if !o.running {
		o.running = true
		o.done.Go(func() { o.run(do) })
	}
	return true
}

func (o *orders) run(do func(order)) {
	for {
		o.mu.Lock()
		if len(o.waiting) == 0 {
			o.running, o.waiting = false, nil
			o.mu.Unlock()
			return
		}
		next := o.waiting[0]
		o.waiting = o.waiting[1:]
		o.mu.Unlock()
		do(next)
	}
}

package sfu

import (
	"sync"
	"time"

	"github.com/pion/rtp"

	"antenne/sfu/egress"
)

// crowd is the viewers of one lane. The lane's mu guards it, but for who is at
// the door.
type crowd struct {
	engine  *Engine // static
	sender  *egress.Sender
	viewers []*watcher
	turn    int                                        // who is served first: nobody is always the last
	header  rtp.Header                                 // scratch
	menus   []menu                                     // scratch
	sent    [slotCount]struct{ packets, bytes uint64 } // since the last tell

	doorMu sync.Mutex
	door   []*watcher // guarded by doorMu: those who wait to come in
}

func newCrowd(e *Engine) *crowd {
	return &crowd{engine: e, sender: egress.NewSender(e.network.conns...)}
}

// enter lets a viewer in, with the next packet or the next round. It never
// blocks for long.
func (c *crowd) enter(v *watcher) {
	c.doorMu.Lock()
	defer c.doorMu.Unlock()
	c.door = append(c.door, v)
}

func (c *crowd) letIn(r *routes, now time.Time) {
	c.doorMu.Lock()
	fresh := c.door
	c.door = nil
	c.doorMu.Unlock()
	for _, v := range fresh {
		c.viewers = append(c.viewers, v)
		v.choose(c, r, now)
	}
}

// resolve lets every viewer go by the table at once.
func (c *crowd) resolve(r *routes) {
	for _, v := range c.viewers {
		if !v.gone.Load() {
			c.turnTo(v, r)
		}
	}
}

func (c *crowd) turnTo(v *watcher, r *routes) {
	defer v.survive()
	v.resolve(r)
}

func (c *crowd) feed(r *routes, bursts []burst) {
	c.letIn(r, time.Now())
	n := len(c.viewers)
	if n == 0 {
		return
	}
	c.turn = (c.turn + 1) % n
	for _, half := range [][]*watcher{c.viewers[c.turn:], c.viewers[:c.turn]} {
		for _, v := range half {
			if !v.gone.Load() {
				c.serve(v, r, bursts)
			}
		}
	}
	c.sender.Flush()
	c.tell()
	c.time(bursts)
}

func (c *crowd) round(r *routes, now time.Time) {
	c.letIn(r, now)
	c.letOut()
	for _, v := range c.viewers {
		c.look(v, r, now)
	}
	c.sender.Flush()
	c.tell()
}

func (c *crowd) look(v *watcher, r *routes, now time.Time) {
	defer v.survive()
	v.round(c, r, now)
}

// serve delivers to one viewer. What breaks there ends that viewer and nobody
// else.
func (c *crowd) serve(v *watcher, r *routes, bursts []burst) {
	defer v.survive()
	v.deliver(c, r, bursts)
}

// letOut takes out those who have gone.
func (c *crowd) letOut() {
	kept := c.viewers[:0]
	for _, v := range c.viewers {
		if !v.gone.Load() {
			kept = append(kept, v)
		}
	}
	clear(c.viewers[len(kept):])
	c.viewers = kept
}

// tell adds what was sent to the figures that all lanes share: once a flush,
// for they are far away.
func (c *crowd) tell() {
	for slot := range c.sent {
		if one := &c.sent[slot]; one.packets > 0 {
			c.engine.count.sent(Slot(slot), one.packets, one.bytes)
			*one = struct{ packets, bytes uint64 }{}
		}
	}
}

// time tells how long what was handed out had been in the house.
func (c *crowd) time(bursts []burst) {
	now := time.Now()
	for i := range bursts {
		if b := &bursts[i]; b.sent > 0 {
			c.engine.count.forwarded(now.Sub(b.packets[0].Arrival), b.sent)
		}
	}
}

func (c *crowd) end(error) {
	clear(c.viewers)
	c.viewers = nil
}

package sfu

import (
	"sync"
	"sync/atomic"
	"time"

	"antenne/sfu/packet"
)

const (
	laneTickets = 1024                   // packets a lane may be behind
	laneMail    = 1024                   // messages of viewers a lane may be behind
	laneRound   = 100 * time.Millisecond // reports, and keyframes nobody sent
)

// ticket stands for packets of an encoding's ring, from and to included.
type ticket struct {
	encoding *encoding
	from, to uint64
}

// member is fed by a lane. Only the lane's goroutine calls it, with lane.mu
// held for viewers.
type member interface {
	deliver(r *routes, tickets []ticket)
	round(r *routes, now time.Time)
	end(err error)
}

// lane feeds some viewers, or one sink, from its own goroutine.
type lane struct {
	// Static after construction.
	broadcast  *Broadcast
	forViewers bool // settle waits for it: gates hold at once
	wake       chan struct{}
	mail       chan func() // messages for members, run by the lane
	quit       chan struct{}
	done       chan struct{}
	once       sync.Once
	load       atomic.Int32 // members

	queueMu  sync.Mutex
	queue    []ticket           // guarded by queueMu
	skipping map[*encoding]bool // guarded by queueMu: until its next frame
	waiting  uint64             // guarded by queueMu: packets in the queue

	mu      sync.Mutex // held by the goroutine while it feeds
	members []member   // guarded by mu

	taken []ticket // owned by the goroutine
}

func newLane(b *Broadcast, forViewers bool) *lane {
	return &lane{
		broadcast: b, forViewers: forViewers,
		wake: make(chan struct{}, 1), mail: make(chan func(), laneMail),
		quit: make(chan struct{}), done: make(chan struct{}),
		skipping: map[*encoding]bool{},
	}
}

// push hands the lane a ticket for one packet. It never blocks: a lane that is
// full loses the rest of the frame, and goes on with the next.
func (l *lane) push(e *encoding, p *packet.Packet) {
	l.queueMu.Lock()
	if !l.hasRoomLocked(e, p) {
		l.queueMu.Unlock()
		l.broadcast.engine.count.drop(dropLaneFull, 1)
		return
	}
	l.waiting++
	if n := len(l.queue); n > 0 && l.queue[n-1].encoding == e && l.queue[n-1].to+1 == p.Index {
		l.queue[n-1].to = p.Index
	} else {
		l.queue = append(l.queue, ticket{encoding: e, from: p.Index, to: p.Index})
	}
	l.queueMu.Unlock()
	l.nudge()
}

func (l *lane) hasRoomLocked(e *encoding, p *packet.Packet) bool {
	full := l.waiting >= laneTickets
	if full || l.skipping[e] && !p.Start {
		l.skipping[e] = true
		return false
	}
	delete(l.skipping, e)
	return true
}

func (l *lane) nudge() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// post leaves a message that the lane will run. It never blocks and reports
// false when the mailbox is full.
func (l *lane) post(message func()) bool {
	select {
	case l.mail <- message:
		return true
	default:
		l.broadcast.engine.count.drop(dropFeedback, 1)
		return false
	}
}

// settle returns when the lane works with the routing table that was in force
// at the call, or a newer one. A sink is not waited for: it may be slow.
func (l *lane) settle() {
	if !l.forViewers {
		return
	}
	l.mu.Lock()
	//lint:ignore SA2001 passing through is the point
	l.mu.Unlock()
	l.nudge()
}

// run is the lane's goroutine.
func (l *lane) run() {
	defer close(l.done)
	rounds := time.NewTicker(laneRound)
	defer rounds.Stop()
	for {
		select {
		case <-l.quit:
			l.finish()
			return
		case <-l.wake:
			l.feed()
		case message := <-l.mail:
			l.mu.Lock()
			message()
			l.mu.Unlock()
		case now := <-rounds.C:
			l.goRound(now)
		}
	}
}

// feed gives each member everything that has come: viewers outside, packets
// inside.
func (l *lane) feed() {
	l.queueMu.Lock()
	l.taken, l.queue = l.queue, l.taken[:0]
	l.waiting = 0
	l.queueMu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.broadcast.routes.Load() // under mu: settle relies on it
	for _, m := range l.members {
		m.deliver(r, l.taken)
	}
	clear(l.taken) // let old rings go
}

func (l *lane) goRound(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.broadcast.routes.Load()
	for _, m := range l.members {
		m.round(r, now)
	}
}

// enter adds a member; it is fed from the next packet on.
func (l *lane) enter(m member) {
	l.mu.Lock()
	l.members = append(l.members, m)
	l.mu.Unlock()
	l.nudge()
}

// leave takes a member out. On return nothing more will be given to it.
func (l *lane) leave(m member) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, x := range l.members {
		if x == m {
			l.members[i] = l.members[len(l.members)-1]
			l.members[len(l.members)-1] = nil
			l.members = l.members[:len(l.members)-1]
			return
		}
	}
}

// stop ends the lane and waits for its goroutine.
func (l *lane) stop() {
	l.once.Do(func() { close(l.quit) })
	<-l.done
}

func (l *lane) neverRan() {
	l.once.Do(func() { close(l.quit) })
	l.finish()
	close(l.done)
}

func (l *lane) finish() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range l.members {
		m.end(nil)
	}
	l.members = nil
}

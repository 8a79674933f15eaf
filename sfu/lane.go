package sfu

import (
	"sync"
	"sync/atomic"
	"time"

	"antenne/sfu/packet"
)

const (
	lanePictures = 2048                   // packets a lane may be behind before pictures are left out
	laneSounds   = 2560                   // and before sound is
	laneQueue    = 4096                   // tickets, whatever they stand for
	laneMail     = 2048                   // messages of viewers a lane may be behind
	laneRound    = 100 * time.Millisecond // reports, layers, keyframes nobody sent

	// laneGather is how long a lane waits for the rest of a frame: what leaves
	// together costs less than half of what leaves one by one.
	laneGather = time.Millisecond

	// pictureLate is how old a picture may be when its lane comes to it. What is
	// older is left out whole: a class that is late together never catches up.
	pictureLate = 100 * time.Millisecond
)

// ticket stands for packets of an encoding's ring, from and to included.
type ticket struct {
	encoding *encoding
	from, to uint64
	arrival  time.Time // of the first
	left     bool      // there was no room: they are left out
}

// burst is the packets of one encoding that a lane hands out in one go.
type burst struct {
	encoding *encoding
	packets  []handout
	sent     uint64 // packets that went to viewers
}

// handout is one packet of a burst, with what is decided once for all viewers.
type handout struct {
	*packet.Packet
	pad  uint8 // bytes of RTP padding, which make its size that of its neighbours
	late bool  // left out
}

// feeder is what a lane feeds: some viewers, or one sink. Only the lane's
// goroutine calls it, with lane.mu held.
type feeder interface {
	feed(r *routes, bursts []burst)
	round(r *routes, now time.Time)
	end(err error)
}

// lane feeds some viewers, or one sink, from its own goroutine.
type lane struct {
	// Static after construction.
	broadcast *Broadcast
	feeder    feeder
	crowd     *crowd // the feeder of viewers, nil for a sink's: settle waits for it, gates hold at once
	wake      chan struct{}
	mail      chan func() // messages for viewers, run by the lane
	quit      chan struct{}
	done      chan struct{}
	once      sync.Once
	load      atomic.Int32  // viewers
	left      atomic.Uint64 // packets left out
	oldest    atomic.Int64  // nanoseconds since startOfTime of the oldest ticket, 0 for none

	queueMu sync.Mutex
	queue   []ticket // guarded by queueMu
	waiting uint64   // guarded by queueMu: packets in the queue that are not left out
	whole   bool     // guarded by queueMu: the queue is worth handing out

	mu sync.Mutex // held by whoever touches the feeder

	// Owned by the goroutine.
	taken  []ticket
	bursts []burst
	behind map[*encoding]time.Time // pictures left out until their next keyframe, and when that was last asked for
	gather *time.Timer
}

func newLane(b *Broadcast, f feeder) *lane {
	l := &lane{
		broadcast: b, feeder: f,
		wake: make(chan struct{}, 1), mail: make(chan func(), laneMail),
		quit: make(chan struct{}), done: make(chan struct{}),
		behind: map[*encoding]time.Time{}, gather: time.NewTimer(time.Hour),
	}
	l.crowd, _ = f.(*crowd)
	return l
}

// push hands the lane a ticket for one packet. It never blocks: what a lane
// that is full has no room for is left out, whole frames of it, sound last.
func (l *lane) push(e *encoding, p *packet.Packet) {
	l.queueMu.Lock()
	room := uint64(lanePictures)
	if e.slot.IsAudio() {
		room = laneSounds
	}
	left := l.waiting >= room || len(l.queue) >= laneQueue
	first := len(l.queue) == 0
	if !left {
		l.waiting++
	}
	if first {
		l.oldest.Store(int64(p.Arrival.Sub(startOfTime)))
	}
	l.addLocked(ticket{encoding: e, from: p.Index, to: p.Index, arrival: p.Arrival, left: left})
	whole := p.Marker && !e.slot.IsAudio()
	l.whole = l.whole || whole
	l.queueMu.Unlock()
	if left {
		l.leave(dropLaneFull)
	}
	if first || whole {
		l.nudge()
	}
}

func (l *lane) addLocked(t ticket) {
	if n := len(l.queue); n > 0 {
		last := &l.queue[n-1]
		if last.encoding == t.encoding && last.left == t.left && last.to+1 == t.from {
			last.to = t.to
			return
		}
	}
	if len(l.queue) < laneQueue {
		l.queue = append(l.queue, t)
	}
}

// leave counts a packet that is left out.
func (l *lane) leave(why dropReason) {
	l.broadcast.engine.count.drop(why, 1)
	if l.crowd != nil {
		l.left.Add(1)
		l.broadcast.engine.count.left.Add(1)
	}
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
	if l.crowd == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.crowd.resolve(l.broadcast.routes.Load())
}

// pass waits until the lane is not feeding anybody.
func (l *lane) pass() {
	l.mu.Lock()
	//lint:ignore SA2001 passing through is the point
	l.mu.Unlock()
}

// run is the lane's goroutine.
func (l *lane) run() {
	defer close(l.done)
	defer l.gather.Stop()
	rounds := time.NewTicker(laneRound)
	defer rounds.Stop()
	for {
		select {
		case <-l.quit:
			l.finish()
			return
		case <-l.wake:
			if l.complete() {
				l.feed()
			} else {
				l.gather.Reset(laneGather)
			}
		case <-l.gather.C:
			l.feed()
		case message := <-l.mail:
			l.mu.Lock()
			message()
			l.mu.Unlock()
		case now := <-rounds.C:
			l.remind(now)
			l.mu.Lock()
			l.feeder.round(l.broadcast.routes.Load(), now)
			l.mu.Unlock()
		}
	}
}

// complete tells whether the queue ends a frame; or holds nothing, which wants
// no patience either.
func (l *lane) complete() bool {
	l.queueMu.Lock()
	defer l.queueMu.Unlock()
	return l.whole || len(l.queue) == 0
}

// feed gives everybody everything that has come.
func (l *lane) feed() {
	l.gather.Stop()
	l.queueMu.Lock()
	l.taken, l.queue = l.queue, l.taken[:0]
	l.waiting, l.whole = 0, false
	l.queueMu.Unlock()
	l.sort(time.Now())
	l.mu.Lock()
	l.feeder.feed(l.broadcast.routes.Load(), l.bursts) // under mu: settle relies on it
	l.mu.Unlock()
	l.tidy()
}

// sort makes bursts of the tickets, one for each encoding.
func (l *lane) sort(now time.Time) {
	l.bursts = l.bursts[:0]
	for _, t := range l.taken {
		b := l.burstOf(t.encoding)
		for index := t.from; index <= t.to; index++ {
			p := t.encoding.ring.Get(index)
			if p == nil {
				l.broadcast.engine.count.drop(dropOverwritten, 1)
				continue
			}
			late := t.left || now.Sub(p.Arrival) > pictureLate
			if l.crowd == nil && t.left {
				continue
			}
			b.packets = append(b.packets, handout{Packet: p, late: l.crowd != nil && l.leavesOut(t.encoding, p, late, t.left)})
		}
	}
	for i := range l.bursts {
		if !l.bursts[i].encoding.slot.IsAudio() {
			pad(l.bursts[i].packets)
		}
	}
}

func (l *lane) burstOf(e *encoding) *burst {
	for i := range l.bursts {
		if l.bursts[i].encoding == e {
			return &l.bursts[i]
		}
	}
	if len(l.bursts) < cap(l.bursts) {
		l.bursts = l.bursts[:len(l.bursts)+1]
	} else {
		l.bursts = append(l.bursts, burst{})
	}
	b := &l.bursts[len(l.bursts)-1]
	b.encoding, b.packets = e, b.packets[:0]
	return b
}

// leavesOut decides about a picture that is late, and about what cannot be
// decoded without it. Of sound only that is left out for which there was no
// room at all.
func (l *lane) leavesOut(e *encoding, p *packet.Packet, late, counted bool) bool {
	if e.slot.IsAudio() {
		return counted
	}
	_, behind := l.behind[e]
	switch {
	case late && (!behind || p.Keyframe):
		l.behind[e] = time.Now()
		e.keyframes.Ask()
	case !late && p.Keyframe:
		delete(l.behind, e)
		return false
	case !late && !behind:
		return false
	}
	if !counted {
		l.leave(dropLaneLate)
	}
	return true
}

// remind asks again for keyframes that did not come, or came late themselves.
func (l *lane) remind(now time.Time) {
	for e, asked := range l.behind {
		switch {
		case e.source.hasEnded():
			delete(l.behind, e)
		case now.Sub(asked) > askAgain:
			l.behind[e] = now
			e.keyframes.Ask()
		}
	}
}

// tidy lets go of rings and packets.
func (l *lane) tidy() {
	clear(l.taken)
	for i := range l.bursts {
		clear(l.bursts[i].packets)
		l.bursts[i].encoding, l.bursts[i].sent = nil, 0
	}
	l.queueMu.Lock()
	if len(l.queue) == 0 {
		l.oldest.Store(0)
	} else {
		l.oldest.Store(int64(l.queue[0].arrival.Sub(startOfTime)))
	}
	l.queueMu.Unlock()
}

// pressure is how far the lane is behind.
func (l *lane) pressure(now time.Time) lanePressure {
	p := lanePressure{Dropped: l.left.Load()}
	if oldest := l.oldest.Load(); oldest != 0 {
		p.Oldest = now.Sub(startOfTime) - time.Duration(oldest)
	}
	l.queueMu.Lock()
	p.Waiting = int(l.waiting)
	l.queueMu.Unlock()
	return p
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
	l.feeder.end(nil)
}

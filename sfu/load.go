package sfu

import (
	"sync/atomic"
	"time"

	"antenne/sfu/egress"
)

// lanePressure says how far the lanes of a broadcast are behind.
type lanePressure struct {
	Oldest  time.Duration // how long the oldest ticket waits
	Waiting int           // packets that wait
	Dropped uint64        // packets dropped since the start because a lane was behind
}

const (
	loadEvery = time.Second

	laneLate    = 100 * time.Millisecond // a ticket that waits so long: the lane is behind
	laneTooLate = 150 * time.Millisecond // and so long: far behind
	budgetUsed  = 0.95                   // of the budget: something is shed
	budgetOver  = 1.3                    // far over it
	budgetAgain = 0.9                    // what is shed comes back only if this is not passed then
	socketLoss  = 1e-3                   // share of datagrams that the socket may refuse

	shedSettles  = 3 * time.Second  // before the effect of a step can be seen
	shedHurried  = 2 * time.Second  // the same when far behind or far over
	calmFirst    = 10 * time.Second // of calm before something comes back
	calmLongest  = 160 * time.Second
	calmProves   = time.Minute // of calm after that: it was right
	staysShut    = 5 * time.Second
	costUnknown  = 2e5 // bits a second of a newcomer before any is measured
	guestReserve = 5   // one place in so many is kept for the rooms of the centres
)

// shedding is the order in which pictures are made smaller, families first.
// Sound is on no step of it.
var shedding = [...]struct{ home, other rungCeiling }{
	{ceilingNone, ceilingNone},
	{ceilingMid, ceilingNone},
	{ceilingLow, ceilingNone},
	{ceilingStill, ceilingNone},
	{ceilingStill, ceilingMid},
	{ceilingStill, ceilingLow},
}

const (
	homesLow   = 2 // the step on which families keep their smallest moving picture
	homesStill = 3 // the last step that touches families alone
	lastStep   = len(shedding) - 1
)

// weigh tells the load how the node fares, once a second. The housekeeper calls
// it at each of its rounds.
func (e *Engine) weigh(now time.Time) {
	f, waiting := &e.load.now, 0
	for _, b := range e.all() {
		p := b.pressure()
		f.oldest = max(f.oldest, p.Oldest)
		waiting += p.Waiting
	}
	e.load.waiting.Store(int64(waiting))
	if now.Sub(f.now) < loadEvery {
		return
	}
	f.now = now
	e.tally(f)
	e.load.oldest.Store(int64(f.oldest))
	e.load.feed(*f)
	f.oldest = 0
}

// tally fills in what is counted since the start.
func (e *Engine) tally(f *loadFigures) {
	f.bytes, f.packets, f.socketDrops, f.homes, f.others = 0, 0, 0, 0, 0
	for _, c := range e.network.conns {
		s := c.Stats()
		f.packets += s.PacketsOut
		f.bytes += s.BytesOut + s.PacketsOut*headersOf(c)
		f.socketDrops += s.Drops[egress.SocketFull.String()]
	}
	streams := e.network.streams.Stats() // what these drop is their own lines' fault
	f.packets += streams.PacketsOut
	f.bytes += streams.BytesOut + streams.PacketsOut*streamHeaders
	f.laneDrops = e.count.left.Load()
	for _, b := range e.all() {
		homes, others := b.families()
		f.homes += homes
		f.others += others
	}
}

// streamHeaders is what a length, TCP and IPv6 add to a datagram on a stream, if
// it is alone in its segment.
const streamHeaders = 2 + 32 + 40

// headersOf is what IP and UDP add to each datagram of the socket.
func headersOf(c *egress.Conn) uint64 {
	if c.Bound().Addr().Is4() {
		return 20 + 8
	}
	return 40 + 8
}

// Ceilings lists what LoadStats may say of Home and Other, the highest first.
func Ceilings() []string { return ceilingNames[:] }

// stats tells how full the node is.
func (l *load) stats(limits Limits) LoadStats {
	return LoadStats{
		Step: int(l.step.Load()), Home: l.ceiling(true).String(), Other: l.ceiling(false).String(), Behind: l.behind.Load(),
		Rate: float64(l.rate.Load()), Budget: l.budget, ViewersAtMost: limits.Viewers,
		LaneOldest: time.Duration(l.oldest.Load()), LaneWaiting: int(l.waiting.Load()),
	}
}

func (s *EgressStats) add(c egress.Stats) {
	s.Datagrams += c.PacketsOut
	s.Bytes += c.BytesOut
	s.Collected += c.Collected
	s.Messages += c.Messages
	s.Calls += c.Calls
	s.Segments = s.Segments && c.Way == egress.WaySegments
}

// families counts the viewers of a broadcast: families, and all others.
func (b *Broadcast) families() (homes, others int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.subs {
		if s.spec.Home {
			homes++
		} else {
			others++
		}
	}
	return homes, others
}

// load decides how much of the pictures the node can carry. Any goroutine reads
// it without a lock; the housekeeper feeds it, and owns what is not atomic.
type load struct {
	budget float64 // static: bits a second; 0: none
	sheds  int     // static: seconds in a row that the lanes are behind until something is shed; one more, and nobody is let in

	step     atomic.Uint32 // of shedding
	rate     atomic.Uint64 // bits a second, as last measured
	cost     atomic.Uint64 // bits a second of one viewer
	behind   atomic.Bool   // the lanes were late in the last seconds
	oldest   atomic.Int64  // nanoseconds that a ticket waited at most in the last second
	waiting  atomic.Int64  // packets that wait in the lanes
	newcomer atomic.Int64  // who was let in since the last feeding

	now      loadFigures // being gathered
	last     loadFigures
	smooth   float64               // bits a second
	fresh    int                   // measures in smooth since the last step
	changed  time.Time             // when the last step was taken
	rose     time.Time             // when something last came back; zero: nothing did, or it proved right
	lateFor  int                   // seconds in a row that the lanes were late
	late     time.Time             // when they last were for long enough to refuse
	calm     time.Time             // since when there is no trouble
	patience time.Duration         // of calm before something comes back
	before   float64               // rate when the last step was taken
	lift     [lastStep + 1]float64 // how much more leaving that step is expected to cost, as a factor; 0: unknown
}

// loadFigures are what the load is fed with. Bytes and counts are totals since
// the start.
type loadFigures struct {
	now            time.Time
	bytes, packets uint64        // sent, IP headers included
	oldest         time.Duration // the longest that a ticket waited since the last feeding
	laneDrops      uint64
	socketDrops    uint64
	homes, others  int // viewers
}

// ceiling is the most of a picture that a viewer may have now.
func (l *load) ceiling(home bool) rungCeiling {
	s := shedding[l.step.Load()]
	if home {
		return s.home
	}
	return s.other
}

// admits tells whether one more viewer may come. A newcomer never takes the
// moving picture away from who is in: who could only come by that waits. The
// rooms of the centres, where one viewer is many people, come in longer.
func (l *load) admits(home bool) bool {
	step, last := int(l.step.Load()), lastStep
	if home {
		last = homesLow
	}
	if l.behind.Load() && (home || step == lastStep) || step > last {
		return false
	}
	if l.budget > 0 && step == last {
		one := float64(max(l.cost.Load(), costUnknown))
		coming := float64(l.newcomer.Load()+1) * one
		if float64(l.rate.Load())+coming > budgetUsed*l.budget {
			return false
		}
	}
	l.newcomer.Add(1)
	return true
}

// feed takes the figures of the last second and decides. Only the housekeeper
// calls it.
func (l *load) feed(f loadFigures) {
	was := l.last
	l.last = f
	passed := f.now.Sub(was.now).Seconds()
	if was.now.IsZero() || passed <= 0 {
		l.calm, l.patience = f.now, calmFirst
		return
	}
	rate := 8 * float64(f.bytes-was.bytes) / passed
	l.measure(f, rate)
	farOver := l.budget > 0 && rate > budgetOver*l.budget
	over := farOver || l.budget > 0 && l.fresh > 1 && l.smooth > budgetUsed*l.budget
	choked := float64(f.socketDrops-was.socketDrops) > socketLoss*float64(f.packets-was.packets)
	if l.isBehind(f, was) || over || choked {
		l.shed(f, farOver || f.oldest > laneTooLate)
		return
	}
	l.recover(f)
}

// isBehind tells whether the lanes are late, not just for an instant: a single
// hiccup of the machine makes nobody's picture smaller.
func (l *load) isBehind(f, was loadFigures) bool {
	if f.oldest <= laneLate && f.laneDrops == was.laneDrops {
		l.lateFor = 0
	} else if l.lateFor++; l.lateFor > l.sheds {
		l.late = f.now
	}
	l.behind.Store(!l.late.IsZero() && f.now.Sub(l.late) < staysShut)
	return l.lateFor >= l.sheds
}

func (l *load) measure(f loadFigures, rate float64) {
	if l.fresh++; l.fresh <= 2 { // the second of a change itself tells nothing
		l.smooth = rate
	} else {
		l.smooth = (l.smooth + rate) / 2
	}
	if step := l.step.Load(); l.fresh == 3 && l.before > 0 && l.smooth > 0 {
		l.lift[step] = min(max(l.before/l.smooth, 1), 4)
	}
	l.rate.Store(uint64(rate))
	if all := f.homes + f.others; all > 0 {
		l.cost.Store(uint64(rate) / uint64(all))
	}
	l.newcomer.Store(0)
}

// shed takes the next step, once the last one could be seen to work.
func (l *load) shed(f loadFigures, hurry bool) {
	l.calm = f.now
	wait := shedSettles
	if hurry {
		wait = shedHurried
	}
	if !l.changed.IsZero() && f.now.Sub(l.changed) < wait {
		return
	}
	if !l.rose.IsZero() { // what came back was too much
		l.patience = min(2*l.patience, calmLongest)
		l.rose = time.Time{}
	}
	l.move(f, l.below(f))
}

// below is the next step that touches anybody.
func (l *load) below(f loadFigures) int {
	step := int(l.step.Load())
	switch {
	case step >= homesStill && f.others == 0:
		return step
	case step < homesStill && f.homes == 0 && f.others > 0:
		return homesStill + 1
	}
	return min(step+1, lastStep)
}

// above is the step to go back to.
func (l *load) above(f loadFigures) int {
	step := int(l.step.Load())
	if step <= homesStill+1 && f.homes == 0 {
		return 0
	}
	return max(step-1, 0)
}

// recover lets a picture grow again after a calm, where what it is expected to
// cost leaves room.
func (l *load) recover(f loadFigures) {
	step := l.step.Load()
	if !l.rose.IsZero() && f.now.Sub(l.rose) >= calmProves {
		l.rose, l.patience = time.Time{}, calmFirst
	}
	if step == 0 || f.now.Sub(l.calm) < l.patience {
		return
	}
	lift := l.lift[step]
	if lift == 0 {
		lift = 2
	}
	if l.budget > 0 && l.smooth*lift > budgetAgain*l.budget {
		l.lift[step] = 1 + (lift-1)*0.999 // a memory fades: about ten minutes to half
		return
	}
	l.rose, l.calm = f.now, f.now
	l.move(f, l.above(f))
}

// move goes to a step, and waits to see what it does.
func (l *load) move(f loadFigures, step int) {
	if step == int(l.step.Load()) {
		return
	}
	l.before = 0
	if step > int(l.step.Load()) {
		l.before, l.lift[step] = l.smooth, 0
	}
	l.step.Store(uint32(step))
	l.changed, l.fresh = f.now, 0
}

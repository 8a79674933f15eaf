package live

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"antenne/rooms"
	"antenne/rooms/journal"

	"go.uber.org/zap"
)

const (
	streamPrefix = "room/"
	lookEvery    = 30 * time.Second // at least: so that a clock that jumped is noticed
	dueAgain     = time.Second      // before trying a due command again that did not go through
)

// Keeper keeps one room open. All its methods may be called from any goroutine.
type Keeper struct {
	// Static after construction.
	id     rooms.RoomID
	stream journal.Stream
	hall   *Hall
	log    *zap.Logger
	ctx    context.Context
	cancel context.CancelFunc
	ended  chan struct{} // closed when run has returned

	// The owner's mailboxes. Bounded; who sends also waits for ctx.
	asks     chan func()            // to be done by the owner; must not block
	lanes    [laneCount]chan *order // not received while a flight is up; the first that waits goes first
	arrivals chan arrival           // from the follower
	toAppend chan appendRequest     // to the appender; 1
	appended chan appendAnswer      // from the appender; 1

	running sync.WaitGroup // the four goroutines
	asking  atomic.Int32   // questions that wait, of all who ask
	summary atomic.Pointer[Summary]
	applied atomic.Uint64 // seq, for whoever does not ask the owner
	teller  *teller

	// Owned by run.
	room    *rooms.Room
	seq     journal.Seq // last entry applied
	flight  *flight     // nil when nothing is being written
	deaf    bool        // the follower has lost the journal
	broken  bool        // an entry could not be understood: deaf for good
	waiters []waiter
	trouble *trouble
	wake    alarm
	due     dueLook
	texts   map[string]time.Time // what has a text in the journal, by its private id, and when the last was written
	watching
	presence
	aside aside
}

// dueLook remembers what is known about the next system command. Owned by run.
type dueLook struct {
	stale bool      // look now
	at    time.Time // look then
}

// newKeeper is given since when somebody may have been there whom this server has not met yet: the start of the server, for a room
// that was before it; the zero time for a new room.
func newKeeper(h *Hall, id rooms.RoomID, since time.Time) *Keeper {
	ctx, cancel := context.WithCancel(context.Background())
	k := &Keeper{
		id: id, stream: streamOf(id), hall: h, log: h.log.With(zap.String("room", string(id))), ctx: ctx, cancel: cancel,
		ended: make(chan struct{}), asks: make(chan func()), arrivals: make(chan arrival, 64),
		toAppend: make(chan appendRequest, 1), appended: make(chan appendAnswer, 1), teller: newTeller(),
		room: rooms.New(id), texts: map[string]time.Time{},
	}
	for lane := range k.lanes {
		k.lanes[lane] = make(chan *order)
	}
	k.trouble = &trouble{clock: h.clock, log: k.log}
	k.watching.init()
	k.presence.init()
	k.present.Since = since
	k.summary.Store(&Summary{ID: id})
	return k
}

func streamOf(id rooms.RoomID) journal.Stream { return journal.Stream(streamPrefix + string(id)) }

func (k *Keeper) start() {
	k.running.Add(4)
	go k.run()
	go k.runAppender()
	go k.runFollower()
	go k.teller.run(k.ctx, &k.running)
}

// close ends the goroutines and every Watch.
func (k *Keeper) close() {
	k.cancel()
	k.running.Wait()
}

// ID is the room's id.
func (k *Keeper) ID() rooms.RoomID { return k.id }

// Summary is the room as lists show it.
func (k *Keeper) Summary() Summary { return *k.summary.Load() }

// Seq is that of the last entry applied; what the Keeper says afterwards may be newer, never older.
func (k *Keeper) Seq() journal.Seq { return journal.Seq(k.applied.Load()) }

// run owns the room.
func (k *Keeper) run() {
	defer k.running.Done()
	defer close(k.ended)
	defer k.finish()
	for {
		if k.beginFirst() {
			k.attend()
			continue
		}
		lanes := k.lanes
		if k.flight != nil {
			lanes = [laneCount]chan *order{}
		}
		select {
		case <-k.ctx.Done():
			return
		case f := <-k.asks:
			f()
		case a := <-k.arrivals:
			k.arrive(a)
		case a := <-k.appended:
			k.landed(a)
		case o := <-lanes[laneWork]:
			k.begin(o)
		case o := <-lanes[laneRoom]:
			k.begin(o)
		case o := <-lanes[laneAsk]:
			k.begin(o)
		case <-k.wake.c:
			k.wake.rang()
		}
		k.attend()
	}
}

// beginFirst begins what waits and goes before questions, when nothing is being written. Questions take their turn among everything
// else that the owner hears of, so that a flood of them keeps nothing from being heard.
func (k *Keeper) beginFirst() bool {
	if k.flight != nil {
		return false
	}
	for _, lane := range k.lanes[:laneAsk] {
		select {
		case o := <-lane:
			k.begin(o)
			return true
		default:
		}
	}
	return false
}

// ask has the owner do f and waits until it is done. False when the Keeper is closing.
func (k *Keeper) ask(f func()) bool {
	done := make(chan struct{})
	select {
	case k.asks <- func() { f(); close(done) }:
	case <-k.ctx.Done():
		return false
	}
	select {
	case <-done:
		return true
	case <-k.ended:
		return false
	}
}

// attend does what the time asks for, and sets the alarm for the next thing.
func (k *Keeper) attend() {
	now := k.hall.clock.Now()
	k.attendDue(now)
	k.attendSpread(now)
	k.attendPresence(now)
	k.attendSlow(now)
	next := k.due.at
	for _, t := range []time.Time{k.nextSpread(), k.nextFlush(), k.nextSweep()} {
		if !t.IsZero() && t.Before(next) {
			next = t
		}
	}
	k.wake.set(k.hall.clock, now, next)
}

// attendDue begins the system command that is due, when nothing else is being written.
func (k *Keeper) attendDue(now time.Time) {
	if !k.due.stale && now.Before(k.due.at) || k.flight != nil {
		return
	}
	command, again := k.room.Due(rooms.Moment{Now: now, Present: k.present})
	k.due.stale = false
	k.due.at = now.Add(lookEvery)
	if !again.IsZero() && again.Before(k.due.at) {
		k.due.at = again
	}
	if command == nil {
		return
	}
	k.due.at = now.Add(dueAgain) // applying its entry makes the look stale anyway
	k.begin(&order{ctx: k.ctx, who: rooms.Actor{Role: rooms.System, Room: k.id}, what: command, done: make(chan outcome, 1)})
}

// arrival is an entry from the follower, the loss of the journal, or (neither) a new beginning after a loss.
type arrival struct {
	entry journal.Entry
	lost  error
}

func (k *Keeper) arrive(a arrival) {
	defer k.tellWaiters()
	switch {
	case k.broken:
	case a.lost == nil && a.entry.Seq == 0:
		k.hear("")
	case a.lost != nil:
		k.hear(cmp.Or(logCode(a.lost), CodeFailed))
		k.trouble.report("the journal cannot be read", a.lost)
		k.giveUp()
	case a.entry.Seq == k.seq+1:
		k.apply(a.entry)
		k.settle()
	case a.entry.Seq > k.seq+1:
		panic("live: the journal skipped an entry of " + string(k.stream))
	}
}

// hear notes whether the journal can be read: code says why not.
func (k *Keeper) hear(code string) {
	if deaf := code != ""; deaf != k.deaf {
		k.deaf = deaf
		k.hall.logs.heard(k.id, code)
	}
}

// apply makes one entry part of the room and tells everybody concerned.
func (k *Keeper) apply(e journal.Entry) {
	events, err := rooms.DecodeEvents(e.Meta, fromJournal(e.Private))
	if err != nil {
		k.hear(CodeFailed)
		k.broken = true
		k.trouble.report("an entry of the journal cannot be understood", err)
		k.giveUp()
		return
	}
	for _, ev := range events {
		k.room.Apply(ev)
	}
	k.hear("")
	k.seq, k.due.stale = e.Seq, true
	for _, p := range e.Private {
		k.texts[p.ID] = e.At
	}
	k.publish()
	for _, ev := range events {
		k.noteLinks(ev)
		k.noteAsker(ev)
		k.noteFloor(ev)
	}
	k.unspread = true
	k.renamed = k.renamed || slices.ContainsFunc(events, renames)
	k.teller.tell(k.stateNow())
}

// noteLinks keeps the hall's directory in step with the room.
func (k *Keeper) noteLinks(ev rooms.Event) {
	switch ev := ev.(type) {
	case rooms.LinkIssued:
		k.noteLink(ev.Link)
	case rooms.LinkRevoked:
		k.noteLink(ev.Link)
		delete(k.present.PostLeft, ev.Link)
	case rooms.LinkNoteErased:
		k.noteLink(ev.Link)
	case rooms.StateChanged:
		k.hall.links.put(k.id, k.room.Links()...)
	case rooms.PostsOpened:
		k.hall.links.openPosts(k.id, ev.Site, ev.Code)
	}
}

func (k *Keeper) noteLink(id rooms.LinkID) {
	if l, ok := k.room.Link(id); ok {
		k.hall.links.put(k.id, l)
	}
}

// renames tells whether an event can change what watchers are told of themselves.
func renames(ev rooms.Event) bool {
	switch ev.(type) {
	case rooms.SiteAdded, rooms.PostLost, rooms.PostAttended:
		return true
	}
	return false
}

func (k *Keeper) publish() {
	k.applied.Store(uint64(k.seq))
	now := &Summary{
		ID: k.id, Title: k.room.Title(), Needs: k.room.Needs(), Mediator: k.room.Mediator(), At: k.room.StartsAt(), State: k.room.State(),
		Audience: k.room.Audience(), EndedAt: k.room.EndedAt(), Sites: k.room.Sites(),
	}
	if !now.same(k.summary.Load()) {
		k.summary.Store(now)
		k.hall.roster.changed()
	}
}

// runFollower hands every entry to the owner, and follows again from where it was when the journal fails.
func (k *Keeper) runFollower() {
	defer k.running.Done()
	var seen journal.Seq
	for k.ctx.Err() == nil {
		for e, err := range k.hall.journal.Follow(k.ctx, k.stream, seen) {
			if err == nil {
				seen = e.Seq
			}
			k.send(arrival{entry: e, lost: err})
		}
		k.pause(followAgain)
		k.send(arrival{})
	}
}

func (k *Keeper) send(a arrival) {
	select {
	case k.arrivals <- a:
	case <-k.ctx.Done():
	}
}

func (k *Keeper) pause(d time.Duration) {
	c, stop := k.hall.clock.After(d)
	defer stop()
	select {
	case <-c:
	case <-k.ctx.Done():
	}
}

const followAgain = time.Second

// finish answers whoever waits and ends every Watch.
func (k *Keeper) finish() {
	k.wake.stop()
	if k.flight != nil {
		k.flight.answer(0, refusal(CodeFailed))
	}
	k.closeWatches()
}

// View is what who may see now; nil when the Keeper is closing. It belongs to the caller.
func (k *Keeper) View(who rooms.Actor) (v rooms.View) {
	k.ask(func() { v = k.room.View(who) })
	return maps.Clone(v)
}

// Links lists the room's links, without their secrets.
func (k *Keeper) Links() (l []rooms.Link) {
	k.ask(func() { l = k.room.Links() })
	return l
}

// waiter waits until the entry numbered to is applied, or the journal is lost. Owned by run.
type waiter struct {
	to   journal.Seq
	done chan error // 1
}

func (k *Keeper) tellWaiters() {
	k.waiters = slices.DeleteFunc(k.waiters, func(w waiter) bool {
		switch {
		case k.seq >= w.to:
			w.done <- nil
		case k.deaf:
			w.done <- refusal(CodeFailed)
		default:
			return false
		}
		return true
	})
}

// caughtUp waits until the entry numbered to is applied.
func (k *Keeper) caughtUp(ctx context.Context, to journal.Seq) error {
	w := waiter{to, make(chan error, 1)}
	k.ask(func() {
		k.waiters = append(k.waiters, w)
		k.tellWaiters()
	})
	select {
	case err := <-w.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-k.ctx.Done():
		return ErrClosed
	}
}

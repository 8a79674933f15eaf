package live

import (
	"sync"
	"sync/atomic"
	"time"

	"antenne/rooms"
	"antenne/rooms/journal"
)

const (
	maxQueued = 64              // messages a Watch holds
	maxUnread = 2 * time.Second // that one of them may wait
	sweepStep = 250 * time.Millisecond
)

// Since says what a watcher has seen already. The zero value: nothing.
type Since struct {
	Epoch string
	Seq   journal.Seq
}

// Welcome is the beginning of a Watch. Presence entities of an earlier Watch are void: the first Change with Presence brings those
// of now.
type Welcome struct {
	Epoch     string // of this opening of the hall: sequences of another epoch mean nothing
	Seq       journal.Seq
	View      rooms.View // nil when Unchanged; the reader's own, but not its entities
	Unchanged bool       // nothing this watcher may see has changed since
}

// Change is what happened. The same Change goes to many watchers: nobody may write in it.
type Change struct {
	Seq      journal.Seq // of the last entry that it tells of; 0 for presence
	Set      rooms.View
	Gone     []string
	Presence bool // who is there, rather than what is decided; never in the log

	once  sync.Once
	bytes []byte
}

// Bytes returns what encode made of c the first time: so that a change is put in wire form once for all who watch alike.
// Every caller must bring the same encode.
func (c *Change) Bytes(encode func(*Change) []byte) []byte {
	c.once.Do(func() { c.bytes = encode(c) })
	return c.bytes
}

// Watch is one reader of a room, told what its Actor may see. Its owner reads Messages until they end, and calls Close.
type Watch struct {
	k       *Keeper // static
	actor   rooms.Actor
	welcome Welcome
	c       chan *Change // written and closed by the owner of the Keeper only
	err     atomic.Pointer[error]

	// Owned by the Keeper's run.
	open     bool
	scope    *scope
	presents *presenceScope
	you      rooms.YouEntity
	sent     uint64               // messages put into c so far
	at       [maxQueued]time.Time // when message n was put, at n % maxQueued
}

// Watch begins to tell who. It never fails: on a Keeper that is closing the messages have ended already.
func (k *Keeper) Watch(who rooms.Actor, since Since) *Watch {
	w := &Watch{k: k, actor: who, c: make(chan *Change, maxQueued)}
	if !k.ask(func() { k.join(w, since) }) {
		// Nobody else has seen w, unless the owner ended in the middle of joining; it has then closed it.
		w.abandon()
	}
	return w
}

// Welcome is what to send first.
func (w *Watch) Welcome() Welcome { return w.welcome }

// Messages ends when the Watch is closed or cut off; Err says which.
func (w *Watch) Messages() <-chan *Change { return w.c }

// Err is nil while the Watch is open and after Close; ErrSlow or ErrClosed when it was cut off.
func (w *Watch) Err() error {
	if e := w.err.Load(); e != nil {
		return *e
	}
	return nil
}

// Close ends the Watch. Messages that were not read are lost.
func (w *Watch) Close() {
	w.k.ask(func() { w.k.leave(w, nil) })
}

func (w *Watch) abandon() {
	<-w.k.ended
	if w.err.Load() == nil {
		err := ErrClosed
		w.err.Store(&err)
		close(w.c)
	}
}

// scopeKey tells the views apart. An asker who never asked sees what any other such asker sees: it has no key of its own.
type scopeKey struct {
	role  rooms.Role
	site  rooms.SiteID
	asker rooms.AskerID
	link  rooms.LinkID // of a guest, who sees its own grant
}

// scope is what several watchers see alike: their common view is made and compared once. Owned by run.
type scope struct {
	key     scopeKey
	glance  *rooms.Glance
	changed journal.Seq
	watches map[*Watch]struct{}
}

// watching is the Keeper's part about watches. Owned by run.
type watching struct {
	watches map[*Watch]struct{}
	scopes  map[scopeKey]*scope
	asked   map[rooms.AskerID]bool // who has asked something
	sweepAt time.Time              // zero: nothing is unread

	unspread bool      // entries were applied that watchers are not told of yet
	renamed  bool      // among them one that can change what watchers are told of themselves
	spreadAt time.Time // not before
}

func (s *watching) init() {
	s.watches, s.scopes, s.asked = map[*Watch]struct{}{}, map[scopeKey]*scope{}, map[rooms.AskerID]bool{}
}

func (k *Keeper) keyOf(who rooms.Actor) scopeKey {
	key := scopeKey{role: who.Role, site: who.Site}
	if asker := AskerOf(who); k.asked[asker] {
		key.asker = asker
	}
	if who.Role == rooms.Guest {
		key.link = who.Link
	}
	return key
}

// AskerOf is whom the room takes the actor's questions to be from: its browser, or its link when it has no browser.
func AskerOf(who rooms.Actor) rooms.AskerID {
	if who.Asker != "" || who.Link == "" {
		return who.Asker
	}
	return rooms.AskerID("link:" + who.Link)
}

func (k *Keeper) join(w *Watch, since Since) {
	k.spread()
	s := k.scopeFor(w.actor)
	w.scope, w.open = s, true
	s.watches[w], k.watches[w] = struct{}{}, struct{}{}
	k.hall.counts.watches.Add(1)
	w.you = k.room.You(w.actor)
	w.welcome = Welcome{Epoch: k.hall.epoch, Seq: k.seq}
	if since.Epoch == k.hall.epoch && since.Seq <= k.seq && s.changed <= since.Seq {
		w.welcome.Unchanged = true
	} else {
		w.welcome.View = s.glance.View()
		w.welcome.View["you"] = w.you
	}
	k.joinPresence(w)
	k.joinAside(w)
}

func (k *Keeper) scopeFor(who rooms.Actor) *scope {
	key := k.keyOf(who)
	if s := k.scopes[key]; s != nil {
		return s
	}
	s := &scope{key: key, glance: k.room.Look(k.actorOf(key)), changed: k.seq, watches: map[*Watch]struct{}{}}
	k.scopes[key] = s
	return s
}

func (k *Keeper) actorOf(key scopeKey) rooms.Actor {
	return rooms.Actor{Role: key.role, Room: k.id, Site: key.site, Asker: key.asker, Link: key.link}
}

// noteAsker gives an asker who asks for the first time a scope of its own, that has seen what the common one has.
func (k *Keeper) noteAsker(ev rooms.Event) {
	if q, ok := ev.(rooms.QuestionAsked); ok {
		k.noteAskerOf(q.Asker)
	}
}

func (k *Keeper) noteAskerOf(asker rooms.AskerID) {
	if asker == "" || k.asked[asker] {
		return
	}
	k.asked[asker] = true
	for w := range k.watches {
		if AskerOf(w.actor) == asker {
			k.move(w)
		}
	}
}

func (k *Keeper) move(w *Watch) {
	from := w.scope
	key := k.keyOf(w.actor)
	to := k.scopes[key]
	if to == nil {
		to = &scope{key: key, glance: from.glance.Clone(k.actorOf(key)), changed: from.changed, watches: map[*Watch]struct{}{}}
		k.scopes[key] = to
	}
	k.drop(w)
	w.scope = to
	to.watches[w] = struct{}{}
}

func (k *Keeper) drop(w *Watch) {
	delete(w.scope.watches, w)
	if len(w.scope.watches) == 0 {
		delete(k.scopes, w.scope.key)
	}
}

// attendSpread tells the watchers, once all that has arrived is applied. It takes half of the owner's time at most, so that under a
// storm of questions one round tells of many entries, and deciding goes on.
func (k *Keeper) attendSpread(now time.Time) {
	wait := k.spreadAt.Sub(now)
	if !k.unspread || len(k.arrivals) > 0 || wait > 0 && wait < time.Second { // a longer wait: the clock went back
		return
	}
	k.spread()
	end := k.hall.clock.Now()
	k.spreadAt = end.Add(min(end.Sub(now), maxSpreadWait))
}

const maxSpreadWait = 100 * time.Millisecond

func (k *Keeper) nextSpread() time.Time {
	if !k.unspread {
		return time.Time{}
	}
	return k.spreadAt
}

// spread tells every watcher what the entries applied since the last time changed for it.
func (k *Keeper) spread() {
	if !k.unspread {
		return
	}
	news := k.room.News()
	for _, s := range k.scopes {
		k.spreadTo(s, news)
	}
	if k.renamed {
		k.spreadYou()
	}
	k.unspread, k.renamed = false, false
}

func (k *Keeper) spreadTo(s *scope, news rooms.News) {
	set, gone := k.room.LookAgain(s.glance, news)
	if len(set) == 0 && len(gone) == 0 {
		return
	}
	s.changed = k.seq
	c := &Change{Seq: k.seq, Set: set, Gone: gone}
	for w := range s.watches {
		k.deliver(w, c)
	}
}

// spreadYou tells watchers whose own entity changed: a site was renamed, a post is lost.
func (k *Keeper) spreadYou() {
	for w := range k.watches {
		you := k.room.You(w.actor)
		if you != w.you {
			w.you = you
			w.scope.changed = k.seq
			k.deliver(w, &Change{Seq: k.seq, Set: rooms.View{"you": you}})
		}
	}
}

// deliver never waits: a full Watch is cut off.
func (k *Keeper) deliver(w *Watch, c *Change) {
	if !w.open {
		return
	}
	select {
	case w.c <- c:
	default:
		k.cutOff(w)
		return
	}
	now := k.hall.clock.Now()
	w.at[w.sent%maxQueued] = now
	w.sent++
	if k.sweepAt.IsZero() {
		k.sweepAt = now.Add(maxUnread)
	}
}

func (k *Keeper) cutOff(w *Watch) {
	k.hall.counts.cutOff.Add(1)
	k.leave(w, ErrSlow)
}

func (k *Keeper) leave(w *Watch, err error) {
	if !w.open {
		return
	}
	w.open = false
	if err != nil {
		w.err.Store(&err)
	}
	k.drop(w)
	k.leavePresence(w)
	delete(k.watches, w)
	k.hall.counts.watches.Add(-1)
	close(w.c)
}

func (k *Keeper) closeWatches() {
	for w := range k.watches {
		k.leave(w, ErrClosed)
	}
}

func (k *Keeper) nextSweep() time.Time { return k.sweepAt }

// attendSlow cuts off who has left a message unread too long.
func (k *Keeper) attendSlow(now time.Time) {
	if k.sweepAt.IsZero() || now.Before(k.sweepAt) {
		return
	}
	k.sweepAt = time.Time{}
	for w := range k.watches {
		unread := uint64(len(w.c))
		switch {
		case unread == 0:
		case now.Sub(w.at[(w.sent-unread)%maxQueued]) >= maxUnread:
			k.cutOff(w)
		default:
			k.sweepAt = now.Add(sweepStep)
		}
	}
}

package sfu

import (
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"antenne/sfu/packet"
)

// viewersPerLane is how many viewers share a lane before the next one is
// opened, while there are cores for it.
const viewersPerLane = 32

// Broadcast is one class on the air: its sources, what feeds each slot, who
// may get it, and everybody who gets it.
type Broadcast struct {
	engine *Engine // static
	name   string  // static

	routes atomic.Pointer[routes]  // never nil; replaced under mu
	lanes  atomic.Pointer[[]*lane] // never nil; viewers' and sinks' lanes; replaced under mu
	louder louder                  // which voice the programme cut takes

	mu       sync.Mutex
	closed   bool                        // guarded by mu
	sources  map[SessionID]*Source       // guarded by mu
	subs     map[SessionID]*Subscription // guarded by mu
	selected [slotCount]*Source          // guarded by mu
	audience [slotCount]Audience         // guarded by mu
	since    [slotCount]time.Time        // guarded by mu: when the source or the audience last changed
}

func newBroadcast(e *Engine, name string) *Broadcast {
	b := &Broadcast{
		engine: e, name: name,
		sources: map[SessionID]*Source{}, subs: map[SessionID]*Subscription{},
	}
	b.routes.Store(&routes{})
	b.lanes.Store(&[]*lane{})
	return b
}

// Name is what Open was given.
func (b *Broadcast) Name() string { return b.name }

// Routing is what feeds a slot, and who gets it.
type Routing struct {
	Slot     Slot
	Source   *Source // see Select
	Audience Audience
}

// Route is Select and SetAudience of several slots in one step: however many
// change, the lanes are waited for once, and nobody is sent the new source
// under the old rule, nor the old source under the new.
func (b *Broadcast) Route(all ...Routing) {
	now := time.Now()
	b.mu.Lock()
	for _, r := range all {
		b.selectLocked(r.Slot, r.Source, now)
		b.openLocked(r.Slot, r.Audience, now)
	}
	b.rerouteLocked(now)
	routes := b.routes.Load()
	b.mu.Unlock()
	for _, r := range all {
		routes.askKeyframe(r.Slot)
	}
}

// Select lets source feed slot: its sound for a slot of sound, its picture for
// the others; nil silences the slot. On return no packet of the source before
// will reach a viewer, and a keyframe is on order. A source of another
// broadcast, or one that has ended, silences the slot.
func (b *Broadcast) Select(slot Slot, source *Source) {
	now := time.Now()
	b.mu.Lock()
	b.selectLocked(slot, source, now)
	b.rerouteLocked(now)
	routes := b.routes.Load()
	b.mu.Unlock()
	routes.askKeyframe(slot)
}

func (b *Broadcast) selectLocked(slot Slot, source *Source, now time.Time) {
	if slot >= slotCount {
		return
	}
	if source != nil && b.sources[source.id] != source {
		source = nil
	}
	if b.selected[slot] != source {
		b.selected[slot], b.since[slot] = source, now
	}
}

func (b *Broadcast) openLocked(slot Slot, a Audience, now time.Time) {
	if slot < slotCount && !b.audience[slot].equal(a) {
		b.audience[slot], b.since[slot] = a, now
	}
}

// Selected is the source that feeds slot, or nil.
func (b *Broadcast) Selected(slot Slot) *Source {
	b.mu.Lock()
	defer b.mu.Unlock()
	if slot >= slotCount {
		return nil
	}
	return b.selected[slot]
}

// SetAudience says who gets slot. On return no viewer who may not get it is
// sent another packet of it.
func (b *Broadcast) SetAudience(slot Slot, a Audience) {
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.openLocked(slot, a, now)
	b.rerouteLocked(now)
}

// Audience is who gets slot now.
func (b *Broadcast) Audience(slot Slot) Audience {
	b.mu.Lock()
	defer b.mu.Unlock()
	if slot >= slotCount {
		return Nobody()
	}
	return b.audience[slot]
}

// Sources are the connected publishers, in no order.
func (b *Broadcast) Sources() []*Source {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Collect(maps.Values(b.sources))
}

// Subscriptions are the viewers, in no order.
func (b *Broadcast) Subscriptions() []*Subscription {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Collect(maps.Values(b.subs))
}

// Close ends everybody in the broadcast, with that reason, and the broadcast.
// Opening its name again makes another.
func (b *Broadcast) Close(reason string) {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	for _, s := range b.Sources() {
		s.Close(reason)
	}
	for _, s := range b.Subscriptions() {
		s.Close(reason)
	}
	for _, l := range *b.lanes.Load() {
		l.stop()
	}
	b.mu.Lock()
	b.lanes.Store(&[]*lane{})
	b.mu.Unlock()
	b.engine.forget(b)
}

func (b *Broadcast) addSource(s *Source) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || s.hasEnded() {
		return false
	}
	b.sources[s.id] = s
	return true
}

// removeSource also silences the slots it fed.
func (b *Broadcast) removeSource(s *Source) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.sources, s.id)
	for slot := range b.selected {
		if b.selected[slot] == s {
			b.selected[slot] = nil
		}
	}
	for _, e := range s.encodings {
		e.keyframes.Close()
	}
	b.rerouteLocked(time.Now())
}

func (b *Broadcast) addEncoding(e *encoding) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || e.source.hasEnded() {
		return false
	}
	e.lastPacket.Store(int64(time.Since(startOfTime)))
	e.source.encodings = append(e.source.encodings, e)
	e.source.synced.Store(false)
	b.rerouteLocked(time.Now())
	return true
}

// reviewLayers takes another layer where the one in use fell silent, or a
// better one came back.
func (b *Broadcast) reviewLayers(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.sources {
		for _, e := range s.encodings {
			e.gauge.measure(now, e.slot == Slides)
		}
	}
	if fresh := b.tableLocked(now); fresh.feedsDiffer(b.routes.Load()) {
		b.rerouteLocked(now)
	}
}

// fanOut tells the lanes of a stored packet. Called by the encoding's reader.
func (b *Broadcast) fanOut(e *encoding, p *packet.Packet) {
	if e.slot.IsAudio() {
		b.weighVoices(e, p)
	}
	if !e.wanted.Load() {
		b.engine.count.drop(dropClosed, 1)
		return
	}
	for _, l := range *b.lanes.Load() {
		l.push(e, p)
	}
}

// weighVoices keeps the choice of the programme cut between two voices.
func (b *Broadcast) weighVoices(e *encoding, p *packet.Packet) {
	r := b.routes.Load()
	if r.feeds[GuestVoice].best == nil || r.feeds[Voice].best == nil {
		return
	}
	slot := Voice
	if r.feeds[GuestVoice].best == e {
		slot = GuestVoice
	} else if r.feeds[Voice].best != e {
		return
	}
	if b.louder.weigh(slot, p) {
		b.mu.Lock()
		b.rerouteLocked(p.Arrival)
		b.mu.Unlock()
	}
}

// Attach feeds sink with what everybody gets, from now on. detach ends it and
// waits until the sink's last call is over; it must not be called from within
// the sink.
func (b *Broadcast) Attach(sink Sink) (detach func()) {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		sink.End(refuse(CodeEngineClosed))
		return func() {}
	}
	l := newLane(b, &sinkMember{sink: sink})
	b.addLaneLocked(l)
	best := b.routes.Load().pictures()
	b.mu.Unlock()
	for _, e := range best {
		e.keyframes.Ask()
	}
	return func() {
		b.dropLane(l)
		l.stop()
	}
}

func (b *Broadcast) addLaneLocked(l *lane) {
	lanes := append(slices.Clone(*b.lanes.Load()), l)
	b.lanes.Store(&lanes)
	if !b.engine.spawn(l.run) {
		l.neverRan()
	}
}

func (b *Broadcast) dropLane(l *lane) {
	b.mu.Lock()
	defer b.mu.Unlock()
	lanes := slices.DeleteFunc(slices.Clone(*b.lanes.Load()), func(x *lane) bool { return x == l })
	b.lanes.Store(&lanes)
}

// laneLocked is the lane for one more viewer: the least loaded, or a new one
// while there are cores for it.
func (b *Broadcast) laneLocked() *lane {
	var best *lane
	viewers := 0
	for _, l := range *b.lanes.Load() {
		if l.crowd == nil {
			continue
		}
		viewers++
		if best == nil || l.load.Load() < best.load.Load() {
			best = l
		}
	}
	if best != nil && (best.load.Load() < viewersPerLane || viewers >= runtime.GOMAXPROCS(0)) {
		return best
	}
	l := newLane(b, newCrowd(b.engine))
	b.addLaneLocked(l)
	return l
}

// pressure is how far the lanes of viewers are behind, the worst of them.
func (b *Broadcast) pressure() (worst lanePressure) {
	now := time.Now()
	for _, l := range *b.lanes.Load() {
		if l.crowd == nil {
			continue
		}
		p := l.pressure(now)
		worst.Oldest = max(worst.Oldest, p.Oldest)
		worst.Waiting = max(worst.Waiting, p.Waiting)
		worst.Dropped += p.Dropped
	}
	return worst
}

package signaling

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"go.uber.org/zap"

	"antenne/rooms"
	"antenne/rooms/live"
	"antenne/sfu"
	"antenne/signaling/access"
)

// conductor is the one place where a room's state becomes open or closed media: it alone calls
// SetAudience and Select on the room's broadcast.
//
// The gates: nothing reaches a viewer unless the room is on air, nor of a guest unless the floor says so (floor_gates.go). The
// sources: the mediator's main publication feeds voice and camera, the second camera feeds camera when the mediator chose it or
// the first does not (and the studio sees it before: cue.go), slides feed slides, and a guest its own two. What the log says of them is kept in step with what
// plays (clerk.go).
type conductor struct {
	// Static after construction.
	server *Server
	room   rooms.RoomID
	keeper *live.Keeper
	cast   *sfu.Broadcast
	log    *zap.Logger
	wake   chan struct{} // one place: the room may have changed
	errand chan struct{} // one place: the log and the sources may differ
	over   chan struct{} // closed when the room is over for good

	mu       sync.Mutex                   // held while one publication is decided, logged and selected
	sources  map[access.Door]*publication // owned under mu: the one live publication of each door
	selected map[sfu.Slot]*sfu.Source     // owned under mu
	cuts     map[origin]*cut              // owned under mu: who was cut lately for what it sent; one a link and door at most
	finished bool                         // owned under mu: over is closed

	live, unlogged atomic.Int64 // publications, and those the log does not know of; written under mu

	gates     gates                  // a lock of its own: a cut waits for no log; see floor_gates.go
	guestDoor sync.Mutex             // held while one guest's publication is decided, logged and seated; before mu and gates.mu
	owesMu    sync.Mutex             // taken with nothing else held
	owes      map[rooms.GrantID]owed // owned under owesMu: ends of floors that the log shall have
}

// publication is one accepted WHIP session.
type publication struct {
	// Static once admitted.
	door   access.Door
	who    rooms.Actor // without a device where an encoder names none
	source *sfu.Source

	// Owned under conductor.mu; the second camera has neither.
	device rooms.DeviceID // under which the log has it, or shall have it
	logged bool           // the log says that it is up
	cut    bool           // its end was noted in cuts
}

// main tells whether p holds the air, as everything but the second camera does.
func (p *publication) main() bool { return p.door != access.WhipCamera2 }

// feeds lists the slots a door's publication can feed.
func feeds(door access.Door) []sfu.Slot {
	switch door {
	case access.Whip:
		return []sfu.Slot{sfu.Voice, sfu.Camera}
	case access.WhipSlides:
		return []sfu.Slot{sfu.Slides}
	case access.WhipCamera2:
		return []sfu.Slot{sfu.Camera}
	}
	return nil
}

// programme are the slots that publications of the mediator feed.
var programme = []sfu.Slot{sfu.Voice, sfu.Camera, sfu.Slides}

func sourceSpec(door access.Door, who rooms.Actor) sfu.SourceSpec {
	spec := sfu.SourceSpec{Audio: sfu.Voice, Video: sfu.Camera}
	switch door {
	case access.WhipSlides:
		spec.Video, spec.Silent = sfu.Slides, true
	case access.WhipCamera2:
		spec.Silent = true
	case access.WhipGuest:
		spec.Audio, spec.Video, spec.Most = sfu.GuestVoice, sfu.GuestCamera, guestMost
	}
	return spec
}

func newConductor(s *Server, id rooms.RoomID, k *live.Keeper) *conductor {
	return &conductor{
		server: s, room: id, keeper: k, cast: s.engine.Open(string(id)),
		log: s.log.With(zap.String("room", string(id))), wake: make(chan struct{}, 1), errand: make(chan struct{}, 1), over: make(chan struct{}),
		sources: map[access.Door]*publication{}, selected: map[sfu.Slot]*sfu.Source{},
		cuts: map[origin]*cut{}, owes: map[rooms.GrantID]owed{},
		gates: gates{shut: map[rooms.GrantID]struct{}{}, guests: map[rooms.GrantID]*guestSession{}},
	}
}

// run opens and closes the gates as the room's state changes.
func (c *conductor) run() {
	c.keeper.OnState(func(live.State) { c.look() })
	c.conduct()
	for {
		select {
		case <-c.server.life.Done():
			c.closeGates()
			return
		case <-c.over:
			return // the broadcast is closed: there is no gate left
		case <-c.wake:
			c.conduct()
		}
	}
}

// look never waits: it is called by the Keeper.
func (c *conductor) look() {
	ring(c.wake)
	ring(c.errand)
}

func ring(bell chan struct{}) {
	select {
	case bell <- struct{}{}:
	default:
	}
}

// finish ends whatever is left of a room that is over for good.
func (c *conductor) finish() {
	c.mu.Lock()
	already := c.finished
	c.finished = true
	c.mu.Unlock()
	if already {
		return
	}
	close(c.over)
	c.closeGates()
	c.cast.Close(codeRoomEnded)
	c.log.Info("the room is over")
}

// publish takes one publication through: media first answered, then the room's decision logged, then selected.
// A refusal on the way leaves nothing: neither media nor a line in the log.
func (c *conductor) publish(ctx context.Context, door access.Door, who rooms.Actor, offer sfu.Offer, spec sfu.SourceSpec) (sfu.Answer, *publication, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.finished {
		return "", nil, refuse(codeRoomEnded)
	}
	if err := c.heedCutLocked(door, who); err != nil {
		return "", nil, err
	}
	answer, source, err := c.cast.Publish(ctx, offer, spec)
	if err != nil {
		return "", nil, err
	}
	p := &publication{door: door, who: who, source: source}
	if err := c.admitLocked(ctx, p); err != nil {
		source.Close(sfu.ReasonDeleted)
		ring(c.errand) // what nobody could say in time may have been logged all the same
		return "", nil, err
	}
	if !c.server.start(func() { c.follow(p) }) {
		source.Close(sfu.ReasonShutdown)
		return "", nil, errClosing
	}
	c.evictLocked(p)
	c.sources[door] = p
	c.selectLocked()
	return answer, p, nil
}

// admitLocked asks the room. When the log is down the class still plays: who may have the air by what the room last said
// is selected, and the clerk logs it later. No gate opens by that; gates follow the logged state alone.
func (c *conductor) admitLocked(ctx context.Context, p *publication) error {
	if !p.main() {
		return c.admitSecondCamera(p)
	}
	c.nameLocked(p)
	p.device = c.deviceLocked(p)
	err := c.sayUpLocked(context.WithoutCancel(ctx), unnamed(p.who), p) // a client that leaves must not leave it half decided
	switch {
	case err == nil:
		c.gatherLocked(p, true)
	case logFails(err) && c.airFreeLocked(p):
		c.gatherLocked(p, false)
		c.log.Warn("a source plays that could not be logged", zap.String("door", string(p.door)))
		ring(c.errand)
	default:
		return err
	}
	return nil
}

// admitSecondCamera: it brings no right of its own, and comes only beside whoever holds the air.
func (c *conductor) admitSecondCamera(p *publication) error {
	air := airOf(c.keeper)
	switch {
	case c.holdsLocked(p.owner(), air):
		return nil
	case air.Held || len(c.sources) > 0:
		return refuse(codeAirHeld)
	}
	return refuse(codeAirFirst)
}

// holdsLocked tells whether a link has the air, in the log or by what plays without it.
func (c *conductor) holdsLocked(link rooms.LinkID, air rooms.AirEntity) bool {
	for _, q := range c.sources {
		if q.main() {
			return q.who.Link == link
		}
	}
	return air.Held && air.Link == link
}

// airFreeLocked is what the room would most likely say of p if its log could be written.
func (c *conductor) airFreeLocked(p *publication) bool {
	for _, q := range c.sources {
		if q.who.Link != p.who.Link {
			return false
		}
	}
	air := airOf(c.keeper)
	lapsed := len(air.Up) == 0 && air.LostAt != nil && c.server.clock().Sub(*air.LostAt) >= rooms.AirGrace
	return c.keeper.Summary().State != rooms.Ended && (!air.Held || air.Link == p.who.Link || lapsed)
}

// nameLocked: an encoder that names no device belongs to the page that does, unless it takes that page's own place: then it
// is a device of its own. Otherwise the page would go on believing that it holds the air, and the two would
// take it from each other for ever.
func (c *conductor) nameLocked(p *publication) {
	if p.who.Device != "" {
		return
	}
	own := access.DeviceOf("the encoder of " + string(p.who.Link))
	air := airOf(c.keeper)
	q, ok := c.sources[p.door]
	switch {
	case ok && q.who.Link == p.who.Link && q.who.Device != "":
		p.who.Device = own
	case air.Held && air.Link == p.who.Link && air.Device == own:
		p.who.Device = own
	}
}

// unnamed is the same person without a device, so that the device in the command counts: an encoder that names no
// device belongs to the page that does.
func unnamed(who rooms.Actor) rooms.Actor {
	who.Device, who.Asker = "", ""
	return who
}

// besideLocked lists what of the same mediator goes on once p is in, but for the second camera.
func (c *conductor) besideLocked(p *publication) (all []*publication) {
	for _, q := range c.sources {
		if q != p && q.main() && !p.evicts(q) {
			all = append(all, q)
		}
	}
	return all
}

// deviceLocked is the device that the air is held by once p is in.
func (c *conductor) deviceLocked(p *publication) rooms.DeviceID {
	if p.who.Device != "" {
		return p.who.Device
	}
	for _, q := range c.besideLocked(p) {
		if q.who.Device != "" {
			return q.who.Device
		}
	}
	return ""
}

// upLocked lists what the mediator feeds once p is in.
func (c *conductor) upLocked(p *publication) []string {
	up := slotNames(p.door)
	for _, q := range c.besideLocked(p) {
		up = append(up, slotNames(q.door)...)
	}
	slices.Sort(up)
	return slices.Compact(up)
}

// gatherLocked notes under which device p, and what goes on beside it, is in the log or shall be.
func (c *conductor) gatherLocked(p *publication, logged bool) {
	for _, q := range append(c.besideLocked(p), p) {
		q.device, q.logged = p.device, logged
	}
	c.countLocked()
}

func slotNames(door access.Door) (names []string) {
	for _, slot := range feeds(door) {
		names = append(names, slot.String())
	}
	return names
}

// evicts tells whether p takes the place of q: the same door always, somebody else always, and the same person's
// other device. The second camera is another device by nature: it neither evicts so nor is evicted so.
func (p *publication) evicts(q *publication) bool {
	switch {
	case p.door == q.door || p.owner() != q.owner():
		return true
	case p.door == access.WhipCamera2 || q.door == access.WhipCamera2:
		return false
	}
	return p.otherDevice(q)
}

func (p *publication) otherDevice(q *publication) bool {
	return p.who.Device != "" && q.who.Device != "" && p.who.Device != q.who.Device
}

func (c *conductor) evictLocked(p *publication) {
	for door, q := range c.sources {
		if !p.evicts(q) {
			continue
		}
		delete(c.sources, door)
		reason := sfu.ReasonReplaced
		if p.owner() != q.owner() || p.who.Device != q.who.Device {
			reason = sfu.ReasonTakenOver
		}
		q.source.Close(reason)
	}
}

func (c *conductor) selectLocked() {
	camera := c.keeper.State().Camera
	for _, slot := range programme {
		var best *sfu.Source
		for _, door := range slices.Backward(doorsFor(slot, camera)) {
			if p, ok := c.sources[door]; ok {
				best = p.source
			}
		}
		if c.selected[slot] != best {
			c.cast.Select(slot, best)
			c.selected[slot] = best
		}
	}
	c.cueLocked()
	c.countLocked()
}

// follow waits for the end of a publication and has it logged.
func (c *conductor) follow(p *publication) {
	<-p.source.Done()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.noteCutLocked(p)
	if c.sources[p.door] == p {
		delete(c.sources, p.door)
		c.selectLocked()
		c.log.Info("source down", zap.String("door", string(p.door)), zap.String("reason", p.source.Reason()))
	}
	if !c.settleLocked() {
		ring(c.errand)
	}
}

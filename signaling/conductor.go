package signaling

import (
	"context"
	"errors"
	"slices"
	"sync"

	"go.uber.org/zap"

	"antenne/rooms"
	"antenne/rooms/live"
	"antenne/sfu"
	"antenne/signaling/access"
)

// conductor is the one place where a room's state becomes open or closed media: it alone calls
// SetAudience and Select on the room's broadcast.
//
// The gates: nothing reaches a viewer unless the room is on air. The sources: the mediator's main publication
// feeds voice and camera, the second camera feeds camera when the first does not, slides feed slides.
type conductor struct {
	// Static after construction.
	server *Server
	room   rooms.RoomID
	keeper *live.Keeper
	cast   *sfu.Broadcast
	log    *zap.Logger
	wake   chan struct{} // one place: the room may have changed

	mu       sync.Mutex                   // held while one publication is decided, logged and selected
	sources  map[access.Door]*publication // owned under mu: the one live publication of each door
	selected map[sfu.Slot]*sfu.Source     // owned under mu

	opened bool // the gates; owned by run
}

// publication is one accepted WHIP session.
type publication struct {
	door   access.Door
	who    rooms.Actor
	source *sfu.Source
}

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

// choice is which doors feed a slot, the preferred first.
var choice = map[sfu.Slot][]access.Door{
	sfu.Voice:  {access.Whip},
	sfu.Camera: {access.Whip, access.WhipCamera2},
	sfu.Slides: {access.WhipSlides},
}

func sourceSpec(door access.Door, who rooms.Actor) sfu.SourceSpec {
	spec := sfu.SourceSpec{Audio: sfu.Voice, Video: sfu.Camera}
	switch door {
	case access.WhipSlides:
		spec.Video, spec.Silent = sfu.Slides, true
	case access.WhipCamera2:
		spec.Silent = true
	}
	return spec
}

func newConductor(s *Server, id rooms.RoomID, k *live.Keeper) *conductor {
	return &conductor{
		server: s, room: id, keeper: k, cast: s.engine.Open(string(id)),
		log: s.log.With(zap.String("room", string(id))), wake: make(chan struct{}, 1),
		sources: map[access.Door]*publication{}, selected: map[sfu.Slot]*sfu.Source{},
	}
}

// run opens and closes the gates as the room's state changes.
func (c *conductor) run() {
	c.keeper.OnState(func(live.State) { c.look() })
	c.setGates(c.keeper.Summary().State)
	for {
		select {
		case <-c.server.life.Done():
			c.setGates(rooms.Ended)
			return
		case <-c.wake:
			c.setGates(c.keeper.Summary().State)
		}
	}
}

// look never waits: it is called by the Keeper.
func (c *conductor) look() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *conductor) setGates(state rooms.State) {
	open := state == rooms.OnAir
	if open == c.opened {
		return
	}
	audience := sfu.Nobody()
	if open {
		audience = sfu.Everyone()
	}
	for _, slot := range sfu.Slots() {
		c.cast.SetAudience(slot, audience)
	}
	c.opened = open
	c.log.Info("gates", zap.Bool("open", open))
}

// publish takes one publication through: media first answered, then the room's decision logged, then selected.
// A refusal on the way leaves nothing: neither media nor a line in the log.
func (c *conductor) publish(ctx context.Context, door access.Door, who rooms.Actor, offer sfu.Offer, spec sfu.SourceSpec) (sfu.Answer, *publication, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	answer, source, err := c.cast.Publish(ctx, offer, spec)
	if err != nil {
		return "", nil, err
	}
	p := &publication{door: door, who: who, source: source}
	if err := c.admitLocked(ctx, p); err != nil {
		source.Close(sfu.ReasonDeleted)
		c.withdrawLocked(p, err)
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

// admitLocked asks the room. The second camera brings no right of its own: it only may not come from
// somebody else than who holds the air.
func (c *conductor) admitLocked(ctx context.Context, p *publication) error {
	if p.door == access.WhipCamera2 {
		return c.admitSecondCamera(p)
	}
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), decideWithin) // a client that leaves must not leave it half decided
	defer done()
	link, device := p.who.Link, c.deviceLocked(p)
	_, err := c.keeper.Do(ctx, unnamed(p.who), rooms.SourceUp{Slots: c.upLocked(p), Link: link, Device: device})
	return err
}

// withdrawLocked takes back what may have been logged although nobody could say so in time.
func (c *conductor) withdrawLocked(p *publication, err error) {
	if !errors.Is(err, context.DeadlineExceeded) || p.door == access.WhipCamera2 {
		return
	}
	device, slots := c.deviceLocked(p), slotNames(p.door)
	c.server.start(func() { c.logDown(p.who, slots, device) })
}

func (c *conductor) admitSecondCamera(p *publication) error {
	air := airOf(c.keeper, c.room)
	switch {
	case c.keeper.Summary().State == rooms.Ended:
		return refuse(codeRoomEnded)
	case air.Held && air.Link != p.who.Link && len(air.Up) > 0:
		return refuse(codeAirHeld)
	}
	return nil
}

// unnamed is the same person without a device, so that the device in the command counts: an encoder that names no
// device belongs to the page that does.
func unnamed(who rooms.Actor) rooms.Actor {
	who.Device, who.Asker = "", ""
	return who
}

// deviceLocked is the device that the air is held by once p is in.
func (c *conductor) deviceLocked(p *publication) rooms.DeviceID {
	if p.who.Device != "" {
		return p.who.Device
	}
	for _, q := range c.sources {
		if q.door != access.WhipCamera2 && !p.evicts(q) && q.who.Device != "" {
			return q.who.Device
		}
	}
	return ""
}

// upLocked lists what the mediator feeds once p is in.
func (c *conductor) upLocked(p *publication) []string {
	up := slotNames(p.door)
	for _, q := range c.sources {
		if q.door != access.WhipCamera2 && !p.evicts(q) {
			up = append(up, slotNames(q.door)...)
		}
	}
	slices.Sort(up)
	return slices.Compact(up)
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
	case p.door == q.door || p.who.Link != q.who.Link:
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
		if p.who.Link != q.who.Link || p.who.Device != q.who.Device {
			reason = sfu.ReasonTakenOver
		}
		q.source.Close(reason)
	}
}

func (c *conductor) selectLocked() {
	for slot, doors := range choice {
		var best *sfu.Source
		for _, door := range slices.Backward(doors) {
			if p, ok := c.sources[door]; ok {
				best = p.source
			}
		}
		if c.selected[slot] != best {
			c.cast.Select(slot, best)
			c.selected[slot] = best
		}
	}
}

// follow waits for the end of a publication and logs it, unless another has taken its place meanwhile.
func (c *conductor) follow(p *publication) {
	<-p.source.Done()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sources[p.door] != p {
		return
	}
	device := c.deviceLocked(p)
	delete(c.sources, p.door)
	c.selectLocked()
	c.log.Info("source down", zap.String("door", string(p.door)), zap.String("reason", p.source.Reason()))
	if p.door != access.WhipCamera2 {
		c.logDown(p.who, slotNames(p.door), device)
	}
}

// logDown does not give up with the request or the server's life: a source that is down must not stay up in the log.
func (c *conductor) logDown(who rooms.Actor, slots []string, device rooms.DeviceID) {
	ctx, done := context.WithTimeout(context.Background(), decideWithin)
	defer done()
	down := rooms.SourceDown{Slots: slots, Link: who.Link, Device: device}
	if _, err := c.keeper.Do(ctx, unnamed(who), down); err != nil {
		c.log.Error("the end of a source could not be logged", zap.Error(err))
	}
}

package signaling

import (
	"context"
	"time"

	"go.uber.org/zap"

	"antenne/rooms"
	"antenne/rooms/journal"
	"antenne/sfu"
	"antenne/signaling/access"
)

// A guest's media. It comes by a link that is a grant, from one device, and reaches nobody unless the log says so.

const (
	codeGrantOver = "grant-over"
	codeGrantUsed = "grant-used"

	codeGuestElsewhere = "guest-elsewhere" // another page of the same guest has taken the place of this one
)

// guestMost bounds what a guest brings: some twice what its page sends (core/encodings.js), a voice and a picture of 640 x 360.
// A centre's line holds no more beside its screens, and nobody who was let in by an invitation may fill the house's.
var guestMost = sfu.Rates{Voice: 128e3, Layer: 1e6, Source: 1.5e6}

// guestSession is the live publication of a grant.
type guestSession struct {
	// Static after construction.
	grant  rooms.GrantID
	source *sfu.Source
	since  time.Time

	cut bool // its end was noted in cuts; owned under conductor.mu
}

// publishGuest takes a guest's media through: checked, answered, logged, and only then within reach of the gates. A log that does
// not take it refuses it: the right to be seen is what is in the log.
func (c *conductor) publishGuest(ctx context.Context, who rooms.Actor, offer sfu.Offer, spec sfu.SourceSpec) (sfu.Answer, *sfu.Source, error) {
	c.guestDoor.Lock()
	defer c.guestDoor.Unlock()
	grant := rooms.GrantID(who.Link)
	if err := c.mayBringMedia(grant, who.Device); err != nil {
		return "", nil, err
	}
	if err := c.heedGuestCut(who); err != nil {
		return "", nil, err
	}
	answer, source, err := c.cast.Publish(ctx, offer, spec)
	if err != nil {
		return "", nil, err
	}
	up := rooms.GuestUp{Grant: grant, Device: who.Device}
	if err := c.say(context.WithoutCancel(ctx), system(c.room), up); err != nil {
		source.Close(sfu.ReasonDeleted)
		ring(c.errand) // what nobody could say in time may have been logged all the same
		return "", nil, err
	}
	p := &guestSession{grant: grant, source: source, since: time.Now()}
	if !c.seatGuest(p, c.keeper.State().Seq) {
		source.Close(sfu.ReasonCut)
		return "", nil, refuse(codeGrantOver)
	}
	if !c.server.start(func() { c.followGuest(p) }) {
		source.Close(sfu.ReasonShutdown)
		return "", nil, errClosing
	}
	c.conduct()
	c.log.Info("a guest is there")
	return answer, source, nil
}

// mayBringMedia is what costs nothing to find out. The room says the rest.
func (c *conductor) mayBringMedia(grant rooms.GrantID, device rooms.DeviceID) error {
	f := c.keeper.State().Floor
	switch {
	case f.Grant != grant || c.isShut(grant):
		return refuse(codeGrantOver)
	case device == "":
		return refuse(codeRequest)
	case f.Device != "" && f.Device != device:
		return refuse(codeGrantUsed)
	}
	return nil
}

// seatGuest puts a publication within reach of the gates, in place of the one before of the same device. The log has it as of logged:
// by no older state does it end.
func (c *conductor) seatGuest(p *guestSession, logged journal.Seq) bool {
	g := &c.gates
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, cut := g.shut[p.grant]; cut || g.ended {
		return false
	}
	g.seq = max(g.seq, logged)
	old := g.guests[p.grant]
	g.guests[p.grant] = p
	if old != nil {
		old.source.Close(sfu.ReasonReplaced)
	}
	return true
}

// endOtherGuestsLocked ends the media of every grant that is not the room's any more; gates.mu is held.
func (c *conductor) endOtherGuestsLocked(grant rooms.GrantID) {
	for other, p := range c.gates.guests {
		if other != grant {
			delete(c.gates.guests, other)
			p.source.Close(sfu.ReasonCut)
		}
	}
}

// followGuest waits for the end of a guest's media and has it logged.
func (c *conductor) followGuest(p *guestSession) {
	<-p.source.Done()
	c.gates.mu.Lock()
	if c.gates.guests[p.grant] == p {
		delete(c.gates.guests, p.grant)
	}
	c.gates.mu.Unlock()
	c.conduct()
	c.log.Info("a guest's media ended", zap.String("reason", p.source.Reason()))
	ring(c.errand)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.noteGuestCutLocked(p)
}

// lookAfterGuest ends the floor of a guest whose time is over, or that nothing was heard of for too long: no packet, or no page of
// the class to tell it anything by. The room does the same by its own clock; this one needs no log.
func (c *conductor) lookAfterGuest(now time.Time, pages map[rooms.LinkID]bool) {
	f := c.keeper.State().Floor
	if f.Stage != rooms.FloorBackstage && f.Stage != rooms.FloorOnAir {
		return
	}
	c.gates.mu.Lock()
	_, cut := c.gates.shut[f.Grant]
	away := c.awayLocked(f.Grant, now, pages[rooms.LinkID(f.Grant)])
	c.gates.mu.Unlock()
	why := rooms.WhyAbsent
	if !c.server.clock().Before(f.Until) {
		away, why = true, rooms.WhyTimeout
	}
	if !cut && away {
		c.endFloor(f.Grant, why)
	}
}

func (c *conductor) awayLocked(grant rooms.GrantID, now time.Time, page bool) bool {
	seen := &c.gates.seen
	if seen.grant != grant {
		*seen = guestWatch{grant: grant, media: now, page: now}
	}
	if page {
		seen.page = now
	}
	if p := c.gates.guests[grant]; p != nil {
		seen.media = later(seen.media, p.lastPacket())
	}
	patience := c.server.limits.GuestAway
	return now.Sub(seen.media) >= patience || now.Sub(seen.page) >= patience
}

// guestsThere counts the guests whose media is there.
func (c *conductor) guestsThere() int {
	c.gates.mu.Lock()
	defer c.gates.mu.Unlock()
	return len(c.gates.guests)
}

// lastPacket is when media last came; the beginning of the publication before any did.
func (p *guestSession) lastPacket() time.Time {
	last := p.since
	for _, e := range p.source.Stats().Encodings {
		last = later(last, e.LastPacket)
	}
	return last
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// lookAfterGuests is the watchman's round through the rooms.
func (s *Server) lookAfterGuests() {
	now := time.Now()
	pages := map[rooms.LinkID]bool{}
	s.mu.Lock()
	for k := range s.sockets {
		if k.who.Role == rooms.Guest {
			pages[k.who.Link] = true
		}
	}
	all := make([]*conductor, 0, len(s.conductors))
	for _, c := range s.conductors {
		all = append(all, c)
	}
	s.mu.Unlock()
	for _, c := range all {
		c.lookAfterGuest(now, pages)
	}
}

// owner is the link by which a publication is somebody's: a phone is its mediator's.
func (p *publication) owner() rooms.LinkID { return ownerOf(p.who) }

func ownerOf(who rooms.Actor) rooms.LinkID {
	if who.Role == rooms.Phone {
		return who.Of
	}
	return who.Link
}

// doorsFor is which doors feed a slot, the preferred first, as the mediator chose between the two cameras.
func doorsFor(slot sfu.Slot, camera rooms.Camera) []access.Door {
	switch {
	case slot == sfu.Voice:
		return []access.Door{access.Whip}
	case slot == sfu.Slides:
		return []access.Door{access.WhipSlides}
	case camera == rooms.CameraHands:
		return []access.Door{access.WhipCamera2, access.Whip}
	}
	return []access.Door{access.Whip, access.WhipCamera2}
}

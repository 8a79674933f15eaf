package signaling

import (
	"sync"
	"time"

	"go.uber.org/zap"

	"antenne/rooms"
	"antenne/rooms/journal"
	"antenne/rooms/live"
	"antenne/sfu"
)

// The gates of a room: who is sent what. They follow the state that the log gave the room, and close without it: what was shut for
// a grant is shut for ever, whatever the log says of that grant afterwards.

// gates belongs to a conductor. Its lock is held for no longer than the media engine takes to let go of a routing: a cut
// waits for nobody who waits for a disk.
type gates struct {
	mu     sync.Mutex
	set    opening                         // owned under mu: what the programme's gates were set by
	guest  [2]guestLine                    // owned under mu: of the slots in guestSlots
	cue    *sfu.Source                     // owned under mu: what the studio looks at while no guest shows a picture (cue.go)
	shut   map[rooms.GrantID]struct{}      // owned under mu: grants that were cut here; a room gives a thousand at most
	guests map[rooms.GrantID]*guestSession // owned under mu: whose media is there; one a grant
	seen   guestWatch                      // owned under mu
	seq    journal.Seq                     // owned under mu: what the gates were last set by, or must not be older than
	ended  bool                            // owned under mu: the room is over, or the server leaves; nothing opens any more
}

var guestSlots = [2]sfu.Slot{sfu.GuestVoice, sfu.GuestCamera}

// guestLine is what feeds a slot of the guest, and who may have it.
type guestLine struct {
	source   *sfu.Source // nil while nobody
	audience guestAudience
}

// opening is what the gates are made of. The zero value is all of them closed.
type opening struct {
	open   bool          // the programme is on air
	grant  rooms.GrantID // whose media feeds the guest's slots; "" for nobody
	camera bool          // its picture too
	to     guestAudience
}

// guestAudience is who may have the guest's slots.
type guestAudience struct {
	studio, all bool         // backstage; on air
	site        rooms.SiteID // whose loudspeakers are beside the guest's microphone
	asker       rooms.AskerID
	grant       rooms.GrantID
}

// The parties of audiences: see sfu.SinkSpec.
const (
	partyStudio = "studio"
	partySite   = "site/"
	partyGuest  = "guest/"
	partyHome   = "home/"
)

// partyOf is whom a viewer watches for.
func partyOf(who rooms.Actor) string {
	switch {
	case who.Role == rooms.Mediator || who.Role == rooms.Phone:
		return partyStudio
	case who.Role == rooms.Guest:
		return partyGuest + string(who.Link)
	case who.Role == rooms.Viewer && live.AskerOf(who) != "":
		return partyHome + string(live.AskerOf(who))
	case who.Site != "" && who.Role != rooms.Viewer:
		return partySite + string(who.Site)
	}
	return ""
}

// openingOf is the one place where a room's state becomes gates.
func openingOf(s live.State, shut map[rooms.GrantID]struct{}) opening {
	set := opening{open: s.Room == rooms.OnAir}
	f := s.Floor
	if _, cut := shut[f.Grant]; cut || s.Room == rooms.Ended {
		return set
	}
	switch f.Stage {
	case rooms.FloorBackstage:
		set.to = guestAudience{studio: true}
	case rooms.FloorOnAir:
		set.to = guestAudience{studio: true, all: set.open}
	default:
		return set
	}
	set.grant, set.camera = f.Grant, f.Camera
	if set.to.all {
		set.to.site, set.to.asker, set.to.grant = f.Site, f.Asker, f.Grant
	}
	return set
}

func (a guestAudience) audience() sfu.Audience {
	switch {
	case a.all && a.site != "":
		return sfu.ExceptParties(partySite+string(a.site), partyGuest+string(a.grant))
	case a.all && a.asker != "":
		return sfu.ExceptParties(partyHome+string(a.asker), partyGuest+string(a.grant))
	case a.studio && !a.all:
		return sfu.OnlyParties(partyStudio)
	}
	return sfu.Nobody() // on air for everyone beside a microphone of nobody's: that is nothing the log can say
}

// conduct sets the gates to what the room says now.
func (c *conductor) conduct() { c.heed(c.keeper.State()) }

// heed sets the gates by a state of the room, unless a newer one was heeded meanwhile: several goroutines conduct, and who was
// overtaken must not have the last word. The zero state is a room that nobody keeps any more: the gates close, for good.
func (c *conductor) heed(state live.State) {
	c.gates.mu.Lock()
	defer c.gates.mu.Unlock()
	gone := state.Seq == 0 && c.gates.seq > 0
	if c.gates.ended || state.Seq < c.gates.seq && !gone {
		return
	}
	c.gates.seq, c.gates.ended = max(c.gates.seq, state.Seq), gone
	c.endOtherGuestsLocked(state.Floor.Grant)
	c.applyLocked(openingOf(state, c.gates.shut))
}

// closeGates closes all of them, for good.
func (c *conductor) closeGates() {
	c.gates.mu.Lock()
	defer c.gates.mu.Unlock()
	c.gates.ended = true
	c.endOtherGuestsLocked("")
	c.applyLocked(opening{})
}

// applyLocked moves the gates that are not as they should be; gates.mu is held. On return no packet that may not pass does.
func (c *conductor) applyLocked(set opening) {
	c.applyGuestLocked(set)
	if set.open != c.gates.set.open {
		audience := sfu.Nobody()
		if set.open {
			audience = sfu.ExceptParties(partyStudio)
		}
		for _, slot := range []sfu.Slot{sfu.Voice, sfu.Camera, sfu.Slides} {
			c.cast.SetAudience(slot, audience)
		}
		c.log.Info("gates", zap.Bool("open", set.open))
	}
	c.gates.set = set
}

func (c *conductor) applyGuestLocked(set opening) {
	var lines [2]guestLine
	if p := c.gates.guests[set.grant]; p != nil {
		lines[0] = guestLine{p.source, set.to}
		if set.camera {
			lines[1] = lines[0]
		}
	}
	if cue := c.gates.cue; lines[1].source == nil && cue != nil && !c.gates.ended {
		lines[1] = guestLine{cue, guestAudience{studio: true}}
	}
	if lines == c.gates.guest {
		return
	}
	c.gates.guest = lines
	routings := make([]sfu.Routing, len(lines))
	for i, line := range lines {
		routings[i] = sfu.Routing{Slot: guestSlots[i], Source: line.source, Audience: line.audience.audience()}
	}
	c.cast.Route(routings...)
}

// shut closes the guest's gates at once, and for ever for that grant, and ends its media. It asks neither the room nor its log.
func (c *conductor) shut(grant rooms.GrantID) {
	g := &c.gates
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut[grant] = struct{}{}
	set := g.set
	if set.grant == grant {
		set = opening{open: set.open}
	}
	c.applyLocked(set)
	if p := g.guests[grant]; p != nil {
		delete(g.guests, grant)
		p.source.Close(sfu.ReasonCut)
	}
}

// isShut tells whether a grant was cut here.
func (c *conductor) isShut(grant rooms.GrantID) bool {
	c.gates.mu.Lock()
	defer c.gates.mu.Unlock()
	_, cut := c.gates.shut[grant]
	return cut
}

// guestWatch is when the guest of a grant was last known to be there.
type guestWatch struct {
	grant       rooms.GrantID
	media, page time.Time
}

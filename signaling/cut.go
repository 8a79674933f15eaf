package signaling

import (
	"time"

	"antenne/rooms"
	"antenne/sfu"
	"antenne/signaling/access"
)

// A source that the media engine cut for what it sent learns why when it comes back: a publishing page tries again within a
// second or two, and reads the door's refusal. An encoder that has no page finds its session ended, and the same words
// in the answer to its next try.

const (
	codeSourceFast  = "source-too-fast"
	codeSourceLarge = "source-too-large"
	codeSourceMany  = "source-too-many"

	cutRests = 10 * time.Second // before the same source may come back
	cutSaid  = time.Minute      // the word is kept so long for whoever has not heard it
)

// cutCodes says why a source was cut, in words that tell what to do about it.
var cutCodes = map[string]string{
	sfu.ReasonTooFast: codeSourceFast, sfu.ReasonTooLarge: codeSourceLarge, sfu.ReasonTooMany: codeSourceMany,
}

// origin is where a publication comes from: the same encoder, or page, at the same door.
type origin struct {
	door access.Door
	link rooms.LinkID
}

// cut is a source that was ended for what it sent.
type cut struct {
	code string
	at   time.Time
	said bool // its publisher was told
}

// noteCutLocked remembers a publication that ended so. Its end may be seen by the follower or by whoever comes next.
func (c *conductor) noteCutLocked(p *publication) {
	c.noteLocked(origin{p.door, p.who.Link}, p.source.Reason(), &p.cut)
}

func (c *conductor) noteGuestCutLocked(p *guestSession) {
	c.noteLocked(origin{access.WhipGuest, rooms.LinkID(p.grant)}, p.source.Reason(), &p.cut)
}

func (c *conductor) noteLocked(from origin, reason string, noted *bool) {
	code, ok := cutCodes[reason]
	if !ok || *noted {
		return
	}
	*noted = true
	c.cuts[from] = &cut{code: code, at: c.server.clock()}
}

// heedCutLocked refuses a publication that follows upon a cut: for a while, and once in any case.
func (c *conductor) heedCutLocked(door access.Door, who rooms.Actor) error {
	if q, ok := c.sources[door]; ok {
		c.noteCutLocked(q)
	}
	return c.heedLocked(origin{door, who.Link})
}

// heedGuestCut is the same for a guest. The follower may not have seen the end yet.
func (c *conductor) heedGuestCut(who rooms.Actor) error {
	c.gates.mu.Lock()
	p := c.gates.guests[rooms.GrantID(who.Link)]
	c.gates.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	if p != nil {
		c.noteGuestCutLocked(p)
	}
	return c.heedLocked(origin{access.WhipGuest, who.Link})
}

func (c *conductor) heedLocked(who origin) error {
	now := c.server.clock()
	for from, past := range c.cuts {
		if age := now.Sub(past.at); age > cutSaid || past.said && age > cutRests {
			delete(c.cuts, from)
		}
	}
	past, ok := c.cuts[who]
	if !ok {
		return nil
	}
	past.said = true
	return refuse(past.code)
}

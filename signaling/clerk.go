package signaling

import (
	"context"
	"slices"
	"time"

	"go.uber.org/zap"

	"antenne/rooms"
	"antenne/sfu"
)

const (
	sayWithin = 2 * time.Second // one line about a source, the disk included: publications wait for it
	sayAgain  = time.Second     // before the log is tried again
)

// clerk keeps the log and the sources in step: it writes what could not be written when it happened, and ends what the room
// has given to somebody else. It compares states, so that a step that was missed is made up for by the next.
func (c *conductor) clerk() {
	var again <-chan time.Time
	for {
		select {
		case <-c.server.life.Done():
			return // each publication logs its own end
		case <-c.over:
			return
		case <-c.errand:
		case <-again:
		}
		again = nil
		if !c.tidy() {
			again = time.After(sayAgain)
		}
	}
}

// tidy is one round of the clerk; false when the log must be tried again.
func (c *conductor) tidy() bool {
	floor := c.settleFloor()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.yieldLocked()
	return c.settleLocked() && floor
}

// yieldLocked ends the publications of a device, or of somebody, that the air has left: « Reprendre l'antenne ici ».
func (c *conductor) yieldLocked() {
	air := airOf(c.keeper)
	for door, q := range c.sources {
		if !air.Held || !q.main() || !q.logged || air.Link == q.who.Link && air.Device == q.device {
			continue
		}
		delete(c.sources, door)
		q.source.Close(sfu.ReasonTakenOver)
	}
	for door, q := range c.sources {
		if !q.main() && air.Held && !c.holdsLocked(q.owner(), air) {
			delete(c.sources, door)
			q.source.Close(sfu.ReasonTakenOver)
		}
	}
	c.selectLocked()
}

// settleLocked has the log say what is; false when it did not take it. That a source is up is still its link's to say; that
// nothing feeds a slot is the house's, since the link may have expired or been revoked meanwhile.
func (c *conductor) settleLocked() bool {
	for _, p := range c.owedLocked(airOf(c.keeper)) {
		err := c.sayUpLocked(context.Background(), unnamed(p.who), p)
		switch {
		case err == nil:
			c.gatherLocked(p, true)
		case logFails(err):
			return false
		default:
			c.giveUpLocked(p, err)
		}
	}
	air := airOf(c.keeper)
	stale := c.staleLocked(air)
	if len(stale) == 0 {
		return true
	}
	err := c.say(context.Background(), system(c.room), rooms.SourceDown{Slots: stale, Link: air.Link, Device: air.Device})
	if err != nil {
		c.log.Error("the end of a source could not be logged", zap.Error(err))
	}
	return err == nil || !logFails(err)
}

// giveUpLocked ends a publication that the room, asked again, refuses.
func (c *conductor) giveUpLocked(p *publication, why error) {
	code, reason := refusalOf(why).code, sfu.ReasonTakenOver
	if code == codeLinkRevoked {
		reason = sfu.ReasonRevoked
	}
	c.log.Warn("the room refuses a source that plays", zap.String("code", code))
	delete(c.sources, p.door)
	p.source.Close(reason)
	c.selectLocked()
}

// owedLocked lists the live publications that the log does not have as up. An ended room is told nothing.
func (c *conductor) owedLocked(air rooms.AirEntity) (owed []*publication) {
	if c.keeper.Summary().State == rooms.Ended {
		return nil
	}
	for _, p := range c.sources {
		if p.main() && (!p.logged || !fedBy(p, air)) {
			owed = append(owed, p)
		}
	}
	return owed
}

// fedBy tells whether the air, as logged, has all that p feeds.
func fedBy(p *publication, air rooms.AirEntity) bool {
	missing := func(slot string) bool { return !slices.Contains(air.Up, slot) }
	return air.Link == p.who.Link && air.Device == p.device && !slices.ContainsFunc(slotNames(p.door), missing)
}

// countLocked is for whoever asks without waiting for the log.
func (c *conductor) countLocked() {
	var unlogged int64
	for _, p := range c.sources {
		if p.main() && !p.logged {
			unlogged++
		}
	}
	c.live.Store(int64(len(c.sources)))
	c.unlogged.Store(unlogged)
}

// staleLocked lists the slots that the log says are up and that nothing feeds.
func (c *conductor) staleLocked(air rooms.AirEntity) []string {
	return slices.DeleteFunc(slices.Clone(air.Up), func(slot string) bool {
		for _, q := range c.sources {
			if q.main() && q.who.Link == air.Link && q.device == air.Device && slices.Contains(slotNames(q.door), slot) {
				return true
			}
		}
		return false
	})
}

func (c *conductor) sayUpLocked(ctx context.Context, who rooms.Actor, p *publication) error {
	return c.say(ctx, who, rooms.SourceUp{Slots: c.upLocked(p), Link: p.who.Link, Device: p.device})
}

func (c *conductor) say(ctx context.Context, who rooms.Actor, what rooms.Command) error {
	ctx, done := context.WithTimeout(ctx, sayWithin)
	defer done()
	_, err := c.keeper.Do(ctx, who, what)
	return err
}

// logFails tells a log that does not take anything from a room that refuses.
func logFails(err error) bool {
	code := refusalOf(err).code
	return code == codeJournal || code == codeJournalFull
}

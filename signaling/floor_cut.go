package signaling

import (
	"context"
	"time"

	"go.uber.org/zap"

	"antenne/rooms"
	"antenne/rooms/journal"
	"antenne/rooms/live"
)

// The one exception to « decide → log → apply »: who may cut is decided by the room, the gates close, everybody is told, and
// then it is logged. A disk that does not answer delays the log and nothing else.

// cutLoggedWithin is how long whoever cut waits for the log before hearing that it is done all the same.
const cutLoggedWithin = 300 * time.Millisecond

// owed is the end of a floor that happened at the gates and that the log does not have yet.
type owed struct {
	who  rooms.Actor
	what rooms.Command
	why  rooms.FloorWhy // for the house to say, where who may say nothing any more
}

// cut ends a guest's floor for who. The answer is the state that the log has; the gates are closed in any case.
func (s *Server) cut(keeper *live.Keeper, who rooms.Actor, command rooms.Cut) (journal.Seq, error) {
	if err := keeper.Weigh(who, command); err != nil {
		return 0, err
	}
	c, err := s.conductor(who.Room)
	if err != nil { // an ended room has nobody on air
		ctx, done := context.WithTimeout(context.Background(), decideWithin)
		defer done()
		return keeper.Do(ctx, who, command)
	}
	return c.cutFloor(who, command)
}

func (c *conductor) cutFloor(who rooms.Actor, command rooms.Cut) (journal.Seq, error) {
	c.shut(command.Grant)
	c.keeper.Shut(command.Grant, rooms.WhyCut, rooms.SideOf(who.Role))
	c.server.counters.cut(rooms.SideOf(who.Role))
	ctx, done := context.WithTimeout(context.Background(), cutLoggedWithin)
	defer done()
	seq, err := c.keeper.Do(ctx, who, command)
	if err == nil {
		return seq, nil
	}
	c.log.Warn("a cut could not be logged yet", zap.String("code", refusalOf(err).code))
	c.owe(command.Grant, owed{who: who, what: command, why: rooms.WhyCut})
	return c.keeper.State().Seq, nil
}

// endFloor ends a floor for the house: at the gates, then for everybody, then in the log.
func (c *conductor) endFloor(grant rooms.GrantID, why rooms.FloorWhy) {
	c.server.counters.lapse(why)
	c.shut(grant)
	c.keeper.Shut(grant, why, rooms.SideHouse)
	c.owe(grant, owed{who: system(c.room), what: rooms.EndFloor{Grant: grant, Why: why}, why: why})
}

func (c *conductor) owe(grant rooms.GrantID, o owed) {
	c.owesMu.Lock()
	if _, already := c.owes[grant]; !already {
		c.owes[grant] = o
	}
	c.owesMu.Unlock()
	ring(c.errand)
}

// settleFloor has the log say how floors ended and whether the guest is there; false when it did not take it.
func (c *conductor) settleFloor() bool {
	c.owesMu.Lock()
	owes := make(map[rooms.GrantID]owed, len(c.owes))
	for grant, o := range c.owes {
		owes[grant] = o
	}
	c.owesMu.Unlock()
	for grant, o := range owes {
		if !c.sayEnded(grant, o) {
			return false
		}
		c.owesMu.Lock()
		delete(c.owes, grant)
		c.owesMu.Unlock()
	}
	return c.settleGuest()
}

// sayEnded: the link of whoever cut may have expired or been revoked meanwhile. The floor has ended all the same.
func (c *conductor) sayEnded(grant rooms.GrantID, o owed) bool {
	err := c.say(context.Background(), o.who, o.what)
	if err != nil && !logFails(err) && o.who.Role != rooms.System {
		err = c.say(context.Background(), system(c.room), rooms.EndFloor{Grant: grant, Why: o.why})
	}
	switch {
	case err == nil:
		return true
	case logFails(err):
		return false
	}
	c.log.Warn("the room refuses the end of a floor", zap.String("code", refusalOf(err).code))
	return true
}

// settleGuest says that the guest's media has ended, where the log still has it. Publications wait meanwhile, so that none that
// was logged a moment ago is taken for one that ended; it waits for none of them, since the mediator's own would wait with it.
func (c *conductor) settleGuest() bool {
	if !c.guestDoor.TryLock() {
		return false
	}
	defer c.guestDoor.Unlock()
	f := c.keeper.State().Floor
	c.gates.mu.Lock()
	_, there := c.gates.guests[f.Grant]
	c.gates.mu.Unlock()
	if !f.Up || there {
		return true
	}
	err := c.say(context.Background(), system(c.room), rooms.GuestDown{Grant: f.Grant})
	return err == nil || !logFails(err)
}

package live

import (
	"encoding/hex"
	"testing"
	"time"

	"antenne/rooms"
	"antenne/rooms/journal"
)

const (
	someGrant  = "00000000-0000-4000-9000-000000000001"
	otherGrant = "00000000-0000-4000-9000-000000000002"
)

// TestAGuestIsToldOfItsOwnGrantAndEverybodyOfACut: what is weighed changes nothing, what is shut is told at once to all, also to who
// comes later, and is void once the log has it.
func TestAGuestIsToldOfItsOwnGrantAndEverybodyOfACut(t *testing.T) {
	h := newHouse(t, journal.NewMemory(), hour)
	k := h.k
	hash := TokenHash("guest")
	h.do(t, mediator(), rooms.GoOnAir{})
	h.do(t, mediator(), rooms.Invite{Grant: someGrant, Site: "lille"})
	h.do(t, animator("lille"), rooms.AcceptInvite{Grant: someGrant, Hash: hex.EncodeToString(hash[:])})
	guest, err := h.Resolve(hash, hour)
	if err != nil || guest.Role != rooms.Guest || guest.Site != "lille" || guest.Link != someGrant || guest.Of != animator("lille").Link {
		t.Fatalf("%+v, %v", guest, err)
	}
	guest.Device = "d"
	seat := k.Enter(guest, "s-guest")
	defer seat.Leave()
	h.do(t, rooms.Actor{Role: rooms.System, Room: room}, rooms.GuestUp{Grant: someGrant, Device: "d"})

	own, stranger := k.Watch(guest, Since{}), k.Watch(rooms.Actor{Role: rooms.Guest, Room: room, Site: "lille", Link: otherGrant}, Since{})
	defer own.Close()
	defer stranger.Close()
	if own.Welcome().View["floor"] == nil || stranger.Welcome().View["floor"] != nil {
		t.Error("a guest sees a grant that is not its own, or not its own")
	}
	if err := k.Weigh(mediator(), rooms.Cut{Grant: someGrant}); err != nil || k.State().Floor.Grant != someGrant {
		t.Errorf("weighing a cut did it: %v", err)
	}
	wantRefusal(t, k.Weigh(screen("lille"), rooms.Cut{Grant: someGrant}), "role-may-not")

	wall := viewer(1)
	before := k.Watch(wall, Since{})
	defer before.Close()
	k.Shut(otherGrant, rooms.WhyCut, rooms.SideModerator) // not the room's: nothing to tell
	if !seat.Talk(true, 50) {
		t.Error("the guest is not believed")
	}
	k.Shut(someGrant, rooms.WhyCut, rooms.SideModerator)
	if seat.Talk(true, 50) {
		t.Error("who was cut is believed")
	}
	after := k.Watch(wall, Since{})
	defer after.Close()
	for name, w := range map[string]*Watch{"before": before, "after": after} {
		heard := hearAside(t, w, func(set rooms.View, _ []string) bool { return set["shut"] == ShutEntity{Grant: someGrant} })
		if heard["talk"] != nil {
			t.Errorf("%s: a home is told of the guest's voice", name)
		}
	}
	whole := ShutEntity{Grant: someGrant, Why: rooms.WhyCut, By: rooms.SideModerator}
	hearAside(t, own, func(set rooms.View, _ []string) bool { return set["shut"] == whole })
	for _, who := range []rooms.Actor{mediator(), animator("lille"), screen("lille")} {
		w := k.Watch(who, Since{})
		hearAside(t, w, func(set rooms.View, _ []string) bool { return set["shut"] == whole })
		w.Close()
	}
	h.do(t, mediator(), rooms.Cut{Grant: someGrant})
	hearAside(t, before, func(_ rooms.View, gone []string) bool { return len(gone) > 0 && gone[0] == "shut" })
	last := k.Watch(wall, Since{})
	defer last.Close()
	if c := next(t, last); c.Set["helpers"] == nil || c.Set["shut"] != nil {
		t.Errorf("told at the beginning: %v", c.Set)
	}
	_, err = h.Resolve(hash, hour)
	wantRefusal(t, err, CodeLinkRevoked)
}

// hearAside takes messages until one is as f wants, and gives what was set by then.
func hearAside(t *testing.T, w *Watch, f func(set rooms.View, gone []string) bool) rooms.View {
	t.Helper()
	all, late := rooms.View{}, time.After(patience)
	for {
		select {
		case c, ok := <-w.Messages():
			if !ok {
				t.Fatal(w.Err())
			}
			for key, e := range c.Set {
				all[key] = e
			}
			if f(c.Set, c.Gone) {
				return all
			}
		case <-late:
			t.Fatalf("never told; heard %v", all)
		}
	}
}

// TestOnlyTheGuestThereIsIsRemembered: when a page left is kept for the grant that stands, and for no other.
func TestOnlyTheGuestThereIsIsRemembered(t *testing.T) {
	h := newHouse(t, journal.NewMemory(), hour)
	h.do(t, mediator(), rooms.GoOnAir{})
	h.do(t, mediator(), rooms.Invite{Grant: someGrant, Site: "lille"})
	for _, grant := range []rooms.LinkID{someGrant, otherGrant} {
		h.k.Enter(rooms.Actor{Role: rooms.Guest, Room: room, Site: "lille", Link: grant}, rooms.SessionID(grant)).Leave()
	}
	var left []rooms.LinkID
	h.k.ask(func() {
		for link := range h.k.present.GuestLeft {
			left = append(left, link)
		}
	})
	if len(left) != 1 || left[0] != someGrant {
		t.Errorf("remembered: %v", left)
	}
}

// TestTheNewestPageOfTheGuestHasItsPlace: on the device that brings the media, or on any before one does. Who lost the place is told,
// is believed no more, and takes nothing along when it goes.
func TestTheNewestPageOfTheGuestHasItsPlace(t *testing.T) {
	h := newHouse(t, journal.NewMemory(), hour)
	k, hash := h.k, TokenHash("guest")
	h.do(t, mediator(), rooms.GoOnAir{})
	h.do(t, mediator(), rooms.Invite{Grant: someGrant, Site: "lille"})
	h.do(t, animator("lille"), rooms.AcceptInvite{Grant: someGrant, Hash: hex.EncodeToString(hash[:])})
	enter := func(device rooms.DeviceID, session rooms.SessionID) *Seat {
		return k.Enter(rooms.Actor{Role: rooms.Guest, Room: room, Site: "lille", Link: someGrant, Device: device}, session)
	}
	first := enter("a", "1")
	other := enter("b", "2")
	wantPlace(t, first, false)
	wantPlace(t, other, true)
	second := enter("a", "3")
	wantPlace(t, other, false)
	h.do(t, rooms.Actor{Role: rooms.System, Room: room}, rooms.GuestUp{Grant: someGrant, Device: "a"})
	thief := enter("b", "4")
	if thief.Talk(true, 1) {
		t.Error("a page on another device is believed")
	}
	wantPlace(t, second, true)

	wall := k.Watch(screen("lille"), Since{})
	defer wall.Close()
	talking := func(on bool) func(rooms.View, []string) bool {
		return func(set rooms.View, _ []string) bool { e, ok := set["talk"].(TalkEntity); return ok && e.On == on }
	}
	second.Talk(true, 1)
	hearAside(t, wall, talking(true))
	third := enter("a", "5") // the button is held on the page before
	hearAside(t, wall, talking(false))
	wantPlace(t, second, false)
	wantPlace(t, third, true)
	third.Talk(true, 1)
	hearAside(t, wall, talking(true))
	for _, gone := range []*Seat{first, second, other, thief} {
		gone.Leave()
	}
	if !third.Talk(true, 2) || k.Summary().State != rooms.OnAir {
		t.Error("who lost the place took it along")
	}
	third.Leave()
	hearAside(t, wall, talking(false))
	if third.Talk(true, 1) {
		t.Error("a page that went away is believed")
	}
	if back := enter("a", "6"); !back.Talk(true, 1) {
		t.Error("a page that comes back is not believed")
	}
}

// wantPlace: a page that has its place is believed and was told nothing; one that lost it is told, and is not.
func wantPlace(t *testing.T, s *Seat, has bool) {
	t.Helper()
	moved := false
	select {
	case <-s.Moved():
		moved = true
	default:
	}
	if moved == has || s.Talk(false, 0) != has {
		t.Errorf("session %s: told %v, has its place: %v", s.session, moved, !has)
	}
}

// TestEndsAreCountedOnce: of every floor that ends here, by why; a hall that reads them again in its journal counts none.
func TestEndsAreCountedOnce(t *testing.T) {
	log := journal.NewMemory()
	h := newHouse(t, log, hour)
	h.do(t, mediator(), rooms.GoOnAir{})
	h.do(t, mediator(), rooms.Invite{Grant: someGrant, Site: "lille"})
	h.do(t, mediator(), rooms.CancelInvite{Grant: someGrant})
	h.do(t, mediator(), rooms.Invite{Grant: otherGrant, Site: "lille"})
	h.do(t, mediator(), rooms.Cut{Grant: otherGrant})
	if n := h.Stats().Floors; len(n) != 2 || n[rooms.WhyWithdrawn] != 1 || n[rooms.WhyCut] != 1 {
		t.Errorf("counted: %v", n)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := OpenHall(t.Context(), log, Config{Clock: newClock(hour.Add(time.Minute))})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if n := again.Stats().Floors; len(n) != 0 {
		t.Errorf("counted again: %v", n)
	}
}

package rooms_test

import "antenne/rooms"

// guestSeen is what a witness of the random séances remembers of the guest there is: rules of its own, written apart from the
// room's.
type guestSeen struct {
	rooms.Invited
	opener      rooms.LinkID
	here, shown bool // its media; its picture, by its own gesture since its media last came
	onAir       bool
}

// witnessGuest checks each fact about the guest against those before it.
func (s *story) witnessGuest(e rooms.Event) {
	g := &s.guest
	switch e := e.(type) {
	case rooms.Invited:
		if g.Grant != "" {
			s.t.Fatalf("%s is invited beside %s", e.Grant, g.Grant)
		}
		*g = guestSeen{Invited: e}
	case rooms.GuestCame:
		g.here = true
	case rooms.GuestLeft:
		g.here, g.shown = false, false
	case rooms.GuestCamera:
		if e.By.Role != rooms.Guest {
			s.t.Fatalf("%s turned the guest's camera", e.By.Role)
		}
		g.shown = e.On
	case rooms.FloorOpened:
		if !g.here || e.By.Role != rooms.Mediator && e.By.Role != rooms.Moderator {
			s.t.Fatalf("%s put a guest on air who is there: %v", e.By.Role, g.here)
		}
		g.onAir, g.opener = true, e.By.Link
	case rooms.FloorRested:
		g.onAir = false
	case rooms.FloorEnded:
		*g = guestSeen{}
	}
}

// checkGuest: strangers read of a guest who is on air, and of no other; nobody reads of a picture that the guest did not show; and
// nobody of a guest whose way in was revoked.
func (s *story) checkGuest(who rooms.Actor, v rooms.View) {
	e, told := v["floor"].(rooms.FloorEntity)
	if !told {
		return
	}
	g := s.guest
	if e.Camera && !g.shown {
		s.t.Fatalf("%s reads of a picture that the guest of %s did not show", who.Role, g.Grant)
	}
	if (e.Stage == rooms.FloorOnAir) != g.onAir {
		s.t.Fatalf("%s reads that the guest is %s", who.Role, e.Stage)
	}
	if e.Grant != "" && (e.Grant != g.Grant || !g.concerns(who)) {
		s.t.Fatalf("%s (%s, %s) reads the grant %s", who.Role, who.Site, who.Asker, e.Grant)
	}
	if e.Grant == "" && (e.Stage != rooms.FloorOnAir || s.room.State() != rooms.OnAir) {
		s.t.Fatalf("%s, who has no part in it, reads of a guest %s while the room is %s", who.Role, e.Stage, s.room.State())
	}
	for _, link := range []rooms.LinkID{g.By.Link, g.opener} {
		if l, known := s.room.Link(link); known && l.Revoked && (link == g.By.Link || g.onAir) {
			s.t.Fatalf("the guest that %s brought outlived its link", link)
		}
	}
}

// concerns tells who has a part in the guest's turn: those who conduct and oversee, the guest, and the place or the home it is from.
func (g guestSeen) concerns(who rooms.Actor) bool {
	switch who.Role {
	case rooms.Guest:
		return who.Link == rooms.LinkID(g.Grant)
	case rooms.Animator, rooms.Screen, rooms.Post:
		return g.From == "site" && who.Site == g.Site
	case rooms.Viewer:
		return g.From == "home" && who.Asker != "" && who.Asker == g.Asker
	}
	return overseer(who.Role)
}

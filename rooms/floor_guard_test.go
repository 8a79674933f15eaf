package rooms_test

import (
	"strings"
	"testing"
	"time"

	"antenne/rooms"
)

// guestScene is a room on air by the mediator "m", with a guest of fives backstage by the grant it returns.
func guestScene(t testing.TB) (*rooms.Room, rooms.Actor, rooms.GrantID) {
	t.Helper()
	r, grant := sceneFor(t), grantOf("i1")
	studio := rooms.Actor{Role: rooms.Mediator, Room: "r", Link: "m", Device: "d"}
	mustAct(t, r, house, rooms.OpenDoors{})
	mustAct(t, r, studio, rooms.SourceUp{Slots: []string{"voice", "camera"}})
	mustAct(t, r, studio, rooms.GoOnAir{})
	seatGuest(t, r, studio, grant)
	return r, studio, grant
}

// seatGuest invites fives, which comes: backstage.
func seatGuest(t testing.TB, r *rooms.Room, by rooms.Actor, grant rooms.GrantID) {
	t.Helper()
	desk := rooms.Actor{Role: rooms.Animator, Room: "r", Site: "fives", Link: "desk"}
	mustAct(t, r, by, rooms.Invite{Grant: grant, Site: "fives"})
	mustAct(t, r, desk, rooms.AcceptInvite{Grant: grant, Hash: strings.Repeat("c", 64)})
	mustAct(t, r, house, rooms.GuestUp{Grant: grant, Device: "g"})
}

func mustAct(t testing.TB, r *rooms.Room, who rooms.Actor, c rooms.Command) {
	t.Helper()
	if err := act(r, who, c); err != nil {
		t.Fatalf("%s: %v", c.Verb(), err)
	}
}

func mustActAt(t testing.TB, r *rooms.Room, who rooms.Actor, c rooms.Command, at rooms.Moment) {
	t.Helper()
	events, err := r.Decide(who, c, at)
	if err != nil {
		t.Fatalf("%s: %v", c.Verb(), err)
	}
	for _, e := range events {
		r.Apply(e)
	}
}

// TestATapThatComesLateUndoesNothing: the page resends « À l'antenne » after somebody took the guest off again.
func TestATapThatComesLateUndoesNothing(t *testing.T) {
	r, studio, grant := guestScene(t)
	seen := func() string { return r.View(studio)["floor"].(rooms.FloorEntity).Since.Format(time.RFC3339Nano) }
	tap := rooms.PutOnAir{Grant: grant, Since: seen()}
	mustAct(t, r, studio, tap)
	mustAct(t, r, studio, tap) // resent while it is so: no error
	if err := actAt(r, rooms.Actor{Role: rooms.Moderator, Room: "r"}, rooms.PutBackstage{Grant: grant}, noon.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "resent after another hand", act(r, studio, tap), "floor-moved")
	wantCode(t, "not a time", act(r, studio, rooms.PutOnAir{Grant: grant, Since: "tantôt"}), "floor-moved")
	if stage := r.Floor().Stage; stage != rooms.FloorBackstage {
		t.Errorf("the guest is %s", stage)
	}
	mustAct(t, r, studio, rooms.PutOnAir{Grant: grant, Since: seen()})
	if stage := r.Floor().Stage; stage != rooms.FloorOnAir {
		t.Errorf("the guest is %s", stage)
	}
}

// TestAPictureDoesNotComeBackByItself: a line that was lost takes the picture along; the voice may resume.
func TestAPictureDoesNotComeBackByItself(t *testing.T) {
	r, studio, grant := guestScene(t)
	guest := rooms.Actor{Role: rooms.Guest, Room: "r", Site: "fives", Link: rooms.LinkID(grant)}
	show := rooms.TurnGuestCamera{Grant: grant, Camera: "on", Agreed: "yes"}
	mustAct(t, r, guest, show)
	mustAct(t, r, studio, rooms.PutOnAir{Grant: grant})
	mustAct(t, r, house, rooms.GuestDown{Grant: grant})
	mustAct(t, r, house, rooms.GuestUp{Grant: grant, Device: "g"})
	if f := r.Floor(); f.Camera || f.Stage != rooms.FloorOnAir || !f.Up {
		t.Errorf("after the line came back: %+v", f)
	}
	mustAct(t, r, guest, show)
	if !r.Floor().Camera {
		t.Error("the gesture, made again, shows nothing")
	}
}

// TestAGuestFromHomeIsOfNoPlace: the site that a home says it follows tells its own guests what it tells nobody else.
func TestAGuestFromHomeIsOfNoPlace(t *testing.T) {
	r, grant := sceneFor(t), grantOf("i1")
	home := rooms.Actor{Role: rooms.Viewer, Room: "r", Site: "fives", Asker: "b"}
	studio := rooms.Actor{Role: rooms.Mediator, Room: "r", Link: "m"}
	desk := rooms.Actor{Role: rooms.Animator, Room: "r", Site: "fives", Link: "desk"}
	mustAct(t, r, house, rooms.OpenDoors{})
	mustAct(t, r, desk, rooms.SetPace{Pace: rooms.Stuck})
	mustAct(t, r, home, rooms.RequestFloor{Request: requestOf("d1"), Adult: "yes"})
	mustAct(t, r, studio, rooms.Invite{Grant: grant, Request: requestOf("d1")})
	mustAct(t, r, home, rooms.AcceptInvite{Grant: grant, Hash: strings.Repeat("c", 64)})
	guest, err := r.Admit(strings.Repeat("c", 64), noon)
	if err != nil || guest.Role != rooms.Guest || guest.Site != "" {
		t.Fatalf("%+v, %v", guest, err)
	}
	view := r.View(guest)
	if e, ok := view["floor"].(rooms.FloorEntity); !ok || e.Grant != grant {
		t.Errorf("its own floor: %+v", view["floor"])
	}
	for _, key := range []string{"site/fives", "site/anzin"} {
		if e, there := view[key]; there {
			t.Errorf("%s: %+v", key, e)
		}
	}
}

// TestTheFloorIsWhoHoldsTheAirsToOpen: a second mediator's link opens nothing while the first has the air, and may cut at any time.
func TestTheFloorIsWhoHoldsTheAirsToOpen(t *testing.T) {
	r, studio, grant := guestScene(t)
	second := rooms.Actor{Role: rooms.Mediator, Room: "r", Link: "m2", Device: "d2"}
	wantCode(t, "put on air by a mediator without the air", act(r, second, rooms.PutOnAir{Grant: grant}), "air-held")
	mustAct(t, r, second, rooms.Cut{Grant: grant})
	wantCode(t, "invite by a mediator without the air", act(r, second, rooms.Invite{Grant: grantOf("i2"), Site: "fives"}), "air-held")
	if err := act(r, rooms.Actor{Role: rooms.Moderator, Room: "r"}, rooms.Invite{Grant: grantOf("i2"), Site: "fives"}); err != nil {
		t.Errorf("the régie invites: %v", err)
	}
	mustAct(t, r, studio, rooms.CancelInvite{Grant: grantOf("i2")})
	mustAct(t, r, studio, rooms.SourceDown{Slots: []string{"voice", "camera"}})
	late := noon.Add(rooms.AirGrace)
	if err := actAt(r, second, rooms.Invite{Grant: grantOf("i3"), Site: "fives"}, late); err != nil {
		t.Errorf("once the air is free: %v", err)
	}
}

// TestAGuestWaitsBackstageForTheNextMediator, however the air passes; on another device of the same it stays.
func TestAGuestWaitsBackstageForTheNextMediator(t *testing.T) {
	second := rooms.Actor{Role: rooms.Mediator, Room: "r", Link: "m2", Device: "d2"}
	for name, pass := range map[string]struct {
		who   rooms.Actor
		what  rooms.Command
		stage rooms.FloorStage
	}{
		"taken over":           {second, rooms.TakeAir{}, rooms.FloorBackstage},
		"fed by another":       {second, rooms.SourceUp{Slots: []string{"voice"}}, rooms.FloorBackstage},
		"another device":       {rooms.Actor{Role: rooms.Mediator, Room: "r", Link: "m", Device: "d2"}, rooms.TakeAir{}, rooms.FloorOnAir},
		"fed again by the one": {rooms.Actor{Role: rooms.Mediator, Room: "r", Link: "m", Device: "d"}, rooms.SourceUp{Slots: []string{"voice"}}, rooms.FloorOnAir},
	} {
		t.Run(name, func(t *testing.T) {
			r, studio, grant := guestScene(t)
			mustAct(t, r, studio, rooms.PutOnAir{Grant: grant})
			mustAct(t, r, studio, rooms.SourceDown{Slots: []string{"voice", "camera"}})
			if err := actAt(r, pass.who, pass.what, noon.Add(rooms.AirGrace)); err != nil {
				t.Fatal(err)
			}
			if stage := r.Floor().Stage; stage != pass.stage {
				t.Errorf("the guest is %s", stage)
			}
		})
	}
}

// TestWithARevokedLinkGoesWhomItBrought: whoever stole a link may have brought an accomplice, who must not outlive it on the walls.
func TestWithARevokedLinkGoesWhomItBrought(t *testing.T) {
	control := rooms.Actor{Role: rooms.Moderator, Room: "r", Link: "mod"}
	for name, story := range map[string]struct {
		invites, opens rooms.Actor
		revoked        rooms.LinkID
		stage          rooms.FloorStage // "" once it is over
	}{
		"who invited, and holds the air":      {studioOf("m"), control, "m", ""},
		"who invited, the régie":              {control, studioOf("m"), "mod", ""},
		"who put on air":                      {studioOf("m"), control, "mod", ""},
		"the host":                            {studioOf("m"), studioOf("m"), "desk", ""},
		"who holds the air, and did not help": {control, control, "m", rooms.FloorBackstage},
		"nobody of them":                      {control, control, "m2", rooms.FloorOnAir},
	} {
		t.Run(name, func(t *testing.T) {
			r, grant := onAirWithLinks(t), grantOf("i1")
			seatGuest(t, r, story.invites, grant)
			mustAct(t, r, story.opens, rooms.PutOnAir{Grant: grant})
			mustAct(t, r, house, rooms.RevokeLink{Link: story.revoked})
			if stage := r.Floor().Stage; stage != story.stage {
				t.Fatalf("the guest is %q", stage)
			}
			if story.revoked == "m" {
				mustAct(t, r, studioOf("m2"), rooms.SourceUp{Slots: []string{"voice"}})
			}
			if stage := r.Floor().Stage; stage != story.stage {
				t.Errorf("fed by another mediator: the guest is %q", stage)
			}
		})
	}
}

func studioOf(link rooms.LinkID) rooms.Actor {
	return rooms.Actor{Role: rooms.Mediator, Room: "r", Link: link, Device: rooms.DeviceID("d-" + link)}
}

// onAirWithLinks is a room on air by the mediator "m", in which the links of m, m2, mod and desk stand.
func onAirWithLinks(t testing.TB) *rooms.Room {
	t.Helper()
	r := sceneFor(t)
	for i, l := range []rooms.IssueLink{
		{Link: "m", Role: rooms.Mediator}, {Link: "m2", Role: rooms.Mediator}, {Link: "mod", Role: rooms.Moderator},
		{Link: "desk", Role: rooms.Animator, Site: "fives"},
	} {
		l.Hash, l.Expires = strings.Repeat(string(rune('0'+i)), 64), noon.Add(time.Hour)
		mustAct(t, r, house, l)
	}
	mustAct(t, r, house, rooms.OpenDoors{})
	mustAct(t, r, studioOf("m"), rooms.SourceUp{Slots: []string{"voice", "camera"}})
	mustAct(t, r, studioOf("m"), rooms.GoOnAir{})
	return r
}

// TestAGuestIsNotLeftAloneOnAir: with the mediator's line down and nobody at the régie, nobody could take the guest off the walls.
func TestAGuestIsNotLeftAloneOnAir(t *testing.T) {
	minute := rooms.AirGrace
	for _, c := range []struct {
		what    string
		lost    bool // the mediator's media, at noon
		present rooms.Presence
		after   time.Duration
		rests   bool
	}{
		{"the mediator is seen", false, rooms.Presence{StudioLeft: noon}, 20 * minute, false},
		{"lost, and nobody there", true, rooms.Presence{StudioLeft: noon.Add(-minute)}, minute, true},
		{"lost for less than the air is kept", true, rooms.Presence{StudioLeft: noon.Add(-minute)}, minute - 1, false},
		{"the page left later than the line", true, rooms.Presence{StudioLeft: noon.Add(minute)}, 2*minute - 1, false},
		{"and is waited for in its turn", true, rooms.Presence{StudioLeft: noon.Add(minute)}, 2 * minute, true},
		{"the page is there without a picture", true, rooms.Presence{Mediators: 1}, 20 * minute, false},
		{"the phone is there", true, rooms.Presence{Phones: 1}, 20 * minute, false},
		{"the régie is there", true, rooms.Presence{StudioLeft: noon, Moderators: 1}, 20 * minute, false},
		{"the régie loads its page again", true, rooms.Presence{StudioLeft: noon, ControlLeft: noon.Add(5 * minute)}, 5*minute + 2*time.Second, false},
		{"the régie left for good", true, rooms.Presence{StudioLeft: noon, ControlLeft: noon.Add(5 * minute)}, 6 * minute, true},
	} {
		r, studio, grant := guestScene(t)
		mustAct(t, r, studio, rooms.PutOnAir{Grant: grant})
		if c.lost {
			mustAct(t, r, studio, rooms.SourceDown{Slots: []string{"voice", "camera"}})
		}
		c.present.Guests = map[rooms.LinkID]int{rooms.LinkID(grant): 1}
		at := rooms.Moment{Now: noon.Add(c.after), Present: c.present}
		attended := at
		attended.Present.Moderators = 1
		mustActAt(t, r, house, rooms.Tick{}, attended) // what is due besides
		due, _ := r.Due(at)
		if (due != nil) != c.rests {
			t.Errorf("%s: due %v", c.what, due)
		}
		mustActAt(t, r, house, rooms.Tick{}, at)
		if rested := r.Floor().Stage == rooms.FloorBackstage; rested != c.rests {
			t.Errorf("%s: the guest is %s", c.what, r.Floor().Stage)
		}
		if due, next := r.Due(at); due != nil || !next.IsZero() && !next.After(at.Now) {
			t.Errorf("%s: still due %v, next %v", c.what, due, next)
		}
	}
}

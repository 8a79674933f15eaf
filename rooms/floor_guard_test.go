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

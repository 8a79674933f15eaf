package rooms_test

import (
	"fmt"
	"testing"
	"time"

	"antenne/rooms"
)

func wishNumber(n int) rooms.RequestID {
	return rooms.RequestID(question(fmt.Sprintf("q%d", 70000+n)))
}

// wish asks for the floor for who at a moment after noon.
func wish(r *rooms.Room, who rooms.Actor, n int, after time.Duration) error {
	events, err := r.Decide(who, rooms.RequestFloor{Request: wishNumber(n), Adult: "yes"}, rooms.Moment{Now: noon.Add(after)})
	for _, e := range events {
		r.Apply(e)
	}
	return err
}

func someHome(n int) rooms.Actor {
	return rooms.Actor{Role: rooms.Viewer, Room: "r", Site: "fives", Asker: rooms.AskerID(fmt.Sprint("home", n))}
}

// TestHomesLeaveTheFloorToTheSites: whoever opens the public address as often as they like fills neither the line nor its memory.
func TestHomesLeaveTheFloorToTheSites(t *testing.T) {
	desk := rooms.Actor{Role: rooms.Animator, Room: "r", Site: "fives", Link: "desk"}
	t.Run("open", func(t *testing.T) {
		r := sceneFor(t)
		for n := range rooms.MaxHomeRequests {
			if err := wish(r, someHome(n), n, 0); err != nil {
				t.Fatalf("home %d: %v", n, err)
			}
		}
		wantCode(t, "one more home", wish(r, someHome(999), 999, 0), "request-limit")
		if err := wish(r, desk, 1000, 0); err != nil {
			t.Errorf("a site behind the homes: %v", err)
		}
	})
	t.Run("ever", func(t *testing.T) {
		r := sceneFor(t)
		var err error
		for n := 0; n < 3000 && err == nil; n++ {
			if err = wish(r, someHome(n), n, 0); err == nil {
				err = act(r, someHome(n), rooms.CancelRequest{Request: wishNumber(n)})
			}
		}
		wantCode(t, "homes that ask and take back", err, "request-limit")
		if err := wish(r, desk, 5000, 0); err != nil {
			t.Errorf("a site after them: %v", err)
		}
	})
}

// TestASuspendedPlaceSendsNoWordsByTheFloor: neither its desk nor its homes, and the others do.
func TestASuspendedPlaceSendsNoWordsByTheFloor(t *testing.T) {
	r := sceneFor(t)
	desk := rooms.Actor{Role: rooms.Animator, Room: "r", Site: "fives", Link: "desk"}
	studio := rooms.Actor{Role: rooms.Mediator, Room: "r", Link: "m"}
	if err := act(r, studio, rooms.SuspendSite{Site: "fives"}); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "its desk", wish(r, desk, 1, 0), "site-suspended")
	wantCode(t, "its home", wish(r, someHome(1), 2, 0), "site-suspended")
	other := desk
	other.Site = "anzin"
	if err := wish(r, other, 3, 0); err != nil {
		t.Errorf("another place: %v", err)
	}
	if err := act(r, studio, rooms.AllowSite{Site: "fives"}); err != nil {
		t.Fatal(err)
	}
	if err := wish(r, desk, 1, 0); err != nil {
		t.Errorf("allowed again: %v", err)
	}
}

// TestWhoWasDismissedWaits before asking again; who took a request back does not, nor does anybody else.
func TestWhoWasDismissedWaits(t *testing.T) {
	r := sceneFor(t)
	studio := rooms.Actor{Role: rooms.Mediator, Room: "r", Link: "m"}
	must := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	must("asked", wish(r, someHome(1), 1, 0))
	must("taken back", act(r, someHome(1), rooms.CancelRequest{Request: wishNumber(1)}))
	must("asked again", wish(r, someHome(1), 2, 0))
	must("dismissed", act(r, studio, rooms.DismissRequest{Request: wishNumber(2)}))
	wantCode(t, "at once", wish(r, someHome(1), 3, rooms.DismissalRests-1), "request-dismissed")
	must("another home", wish(r, someHome(2), 4, 0))
	must("a minute later", wish(r, someHome(1), 3, rooms.DismissalRests))
}

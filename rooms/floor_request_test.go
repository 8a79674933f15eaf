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

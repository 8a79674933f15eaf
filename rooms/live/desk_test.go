package live

import (
	"testing"
	"time"

	"antenne/rooms"
	"antenne/rooms/journal"
)

func post(site rooms.SiteID) rooms.Actor {
	return rooms.Actor{Role: rooms.Post, Room: room, Site: site, Link: rooms.LinkID("p-" + site)}
}

func (h house) stateOf(q rooms.QuestionID) rooms.QuestionState {
	e, _ := h.k.View(animator("lille"))["question/"+string(q)].(rooms.QuestionEntity)
	return e.State
}

func (h house) wantStill(t *testing.T, q rooms.QuestionID, want rooms.QuestionState) {
	t.Helper()
	if got := h.stateOf(q); got != want {
		t.Fatalf("the question is %s, want %s", got, want)
	}
}

func TestQuestionsWaitForADeskThatLeft(t *testing.T) {
	h := newHouse(t, journal.NewMemory(), hour)
	desk := h.k.Enter(animator("lille"), "desk")
	h.do(t, post("lille"), rooms.Ask{Question: question(1), Text: "?"})
	h.clock.move(time.Hour)
	desk.Leave()
	h.do(t, post("lille"), rooms.Ask{Question: question(2), Text: "?"})
	h.wantStill(t, question(1), rooms.Asked)
	h.wantStill(t, question(2), rooms.Asked)
	h.clock.move(rooms.DeskWait / 2)
	back := h.k.Enter(animator("lille"), "desk again")
	h.clock.move(rooms.DeskWait)
	h.wantStill(t, question(1), rooms.Asked)
	back.Leave()
	h.clock.move(rooms.DeskWait - time.Second)
	h.wantStill(t, question(1), rooms.Asked)
	h.clock.move(time.Second)
	eventually(t, "both go up", func() bool { return h.stateOf(question(1)) == rooms.Relayed && h.stateOf(question(2)) == rooms.Relayed })
	h.do(t, post("lille"), rooms.Ask{Question: question(3), Text: "?"})
	h.wantStill(t, question(3), rooms.Relayed)
}

func TestQuestionsWaitForDesksAfterARestart(t *testing.T) {
	j := journal.NewMemory()
	h := newHouse(t, j, hour)
	h.do(t, post("lille"), rooms.Ask{Question: question(9), Text: "?"})
	h.wantStill(t, question(9), rooms.Relayed) // a new room has lost nobody
	h.k.Enter(animator("lille"), "desk")
	h.do(t, post("lille"), rooms.Ask{Question: question(1), Text: "?"})
	must(t, h.Close())
	h.clock.move(time.Hour)
	again, err := OpenHall(t.Context(), j, Config{Clock: h.clock})
	must(t, err)
	t.Cleanup(func() { again.Close() })
	h.Hall = again
	h.k, _ = again.Room(room)
	h.do(t, post("lille"), rooms.Ask{Question: question(2), Text: "?"})
	h.clock.move(rooms.DeskWait - time.Second)
	h.wantStill(t, question(1), rooms.Asked)
	h.wantStill(t, question(2), rooms.Asked)
	h.clock.move(time.Second)
	eventually(t, "both go up", func() bool { return h.stateOf(question(1)) == rooms.Relayed && h.stateOf(question(2)) == rooms.Relayed })
}

// TestTheStudioFallsSilentWhenItsPagesAreGone: the button was held when the page went away, and nobody is left to let go of it.
func TestTheStudioFallsSilentWhenItsPagesAreGone(t *testing.T) {
	h := newHouse(t, journal.NewMemory(), hour)
	speaking := func() bool {
		e, _ := h.k.View(screen("lille"))["exercise"].(rooms.ExerciseEntity)
		return e.Speaking
	}
	page := h.k.Enter(mediator(), "studio")
	h.do(t, mediator(), rooms.StartExercise{Instruction: "Coupez", Minutes: "5"})
	h.do(t, mediator(), rooms.Speak{})
	h.clock.move(time.Minute)
	page.Leave()
	h.do(t, animator("lille"), rooms.CheckSound{})
	h.clock.move(rooms.SpeakAway - 1)
	h.do(t, animator("lille"), rooms.CountPeople{People: "3"})
	if !speaking() {
		t.Error("silent while a page may come back")
	}
	h.clock.move(1)
	eventually(t, "the studio falls silent", func() bool { return !speaking() })
}

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

// TestWhoSpeaksForASiteIsStillThere: an animator whose phone is the microphone stands beside the residents. They are told so, their
// questions wait for her as for a desk, and a guest who is nobody's animator is none.
func TestWhoSpeaksForASiteIsStillThere(t *testing.T) {
	h := newHouse(t, journal.NewMemory(), hour)
	known := func(role rooms.Role) (v rooms.View) {
		h.k.ask(func() { v = h.k.known(presenceKey{role, "lille"}) })
		return v
	}
	attended := func() bool { return known(rooms.Post)["helpers"].(HelpersEntity).Desk }
	guest := rooms.Actor{Role: rooms.Guest, Room: room, Site: "lille", Link: someGrant}
	h.k.Enter(rooms.Actor{Role: rooms.Guest, Room: room, Link: otherGrant}, "a home")
	if attended() {
		t.Error("a home that speaks is taken for the centre's animator")
	}
	desk := h.k.Enter(animator("lille"), "desk")
	h.do(t, post("lille"), rooms.Ask{Question: question(1), Text: "?"})
	page := h.k.Enter(guest, "guest")
	desk.Leave()
	h.clock.move(time.Hour)
	h.do(t, post("lille"), rooms.Ask{Question: question(2), Text: "?"})
	h.wantStill(t, question(1), rooms.Asked)
	h.wantStill(t, question(2), rooms.Asked)
	if !attended() {
		t.Error("residents are told that nobody is there")
	}
	if there := known(rooms.Mediator)["there/lille"]; there != nil {
		t.Errorf("the studio is told of a desk that is not there: %+v", there)
	}
	page.Leave()
	h.clock.move(rooms.DeskWait - time.Second) // she is on her way back to her desk
	h.wantStill(t, question(1), rooms.Asked)
	h.clock.move(time.Second)
	eventually(t, "both go up", func() bool { return h.stateOf(question(1)) == rooms.Relayed && h.stateOf(question(2)) == rooms.Relayed })
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

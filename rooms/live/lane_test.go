package live

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"antenne/rooms"
	"antenne/rooms/journal"
)

// slowDisk is a journal whose appends wait until each is let through.
type slowDisk struct {
	journal.Journal
	mu      sync.Mutex
	slow    bool
	through chan struct{}
	began   chan struct{}
}

func (d *slowDisk) Append(ctx context.Context, s journal.Stream, after journal.Seq, e journal.Entry) (journal.Seq, error) {
	d.mu.Lock()
	slow := d.slow
	d.mu.Unlock()
	if slow {
		d.began <- struct{}{}
		<-d.through
	}
	return d.Journal.Append(ctx, s, after, e)
}

// TestTheRegieDoesNotWaitBehindQuestions: with a slow disk and many questions waiting for it, what the régie does is written next,
// then what a room says of itself, then the questions.
func TestTheRegieDoesNotWaitBehindQuestions(t *testing.T) {
	synctest.Test(t, questionsWaitForTheRegie)
}

func questionsWaitForTheRegie(t *testing.T) {
	disk := &slowDisk{Journal: journal.NewMemory(), through: make(chan struct{}), began: make(chan struct{})}
	h := newHouse(t, disk, hour)
	h.do(t, animator("lille"), rooms.Ask{Question: question(0), Text: "Et la farine ?"})
	disk.mu.Lock()
	disk.slow = true
	disk.mu.Unlock()

	done := make(chan string, 16)
	var waiting sync.WaitGroup
	send := func(name string, who rooms.Actor, c rooms.Command) {
		waiting.Go(func() {
			if _, err := h.k.Do(t.Context(), who, c); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			done <- name
		})
	}
	for n := 1; n <= 5; n++ {
		send("question", viewer(n), rooms.Ask{Question: question(n), Text: "Combien de temps ?"})
	}
	<-disk.began // one question is being written, the others wait
	send("wish", viewer(9), rooms.RequestFloor{Request: "5b0b7c0e-92a7-4a51-8c55-0f3a3d9b7a10", Adult: "yes"})
	synctest.Wait() // it is in its line
	send("room", animator("douai"), rooms.SetPace{Pace: rooms.Stuck})
	send("régie", moderator(), rooms.Approve{Question: question(0)})
	synctest.Wait() // everybody waits

	var order []string
	for range 8 {
		disk.through <- struct{}{}
		order = append(order, <-done)
		if len(order) < 8 {
			<-disk.began
		}
	}
	waiting.Wait()
	if slices.Index(order, "wish") < slices.Index(order, "room") {
		t.Errorf("a home's wish went before a room: %v", order)
	}
	if want := []string{"question", "régie", "room"}; order[0] != want[0] || order[1] != want[1] || order[2] != want[2] {
		t.Errorf("written in this order: %v", order)
	}
}

// TestQuestionsThatCannotBeWrittenAreToldSo: the line of questions is bounded, and the régie's is not the one that is full.
func TestQuestionsThatCannotBeWrittenAreToldSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := &slowDisk{Journal: journal.NewMemory(), through: make(chan struct{}), began: make(chan struct{}, mostAsking+1)}
		h := newHouse(t, disk, hour)
		disk.mu.Lock()
		disk.slow = true
		disk.mu.Unlock()
		var waiting sync.WaitGroup
		for n := range mostAsking {
			waiting.Go(func() {
				_, _ = h.k.Do(t.Context(), viewer(n), rooms.Ask{Question: question(n), Text: "Combien de temps ?"})
			})
		}
		synctest.Wait()
		_, err := h.k.Do(t.Context(), viewer(mostAsking), rooms.Ask{Question: question(mostAsking), Text: "Et moi ?"})
		wantRefusal(t, err, "question-rate")
		close(disk.through)
		waiting.Wait()
		h.do(t, animator("lille"), rooms.Ask{Question: question(mostAsking + 1), Text: "Et maintenant ?"})
	})
}

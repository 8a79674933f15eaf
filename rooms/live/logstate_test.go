package live

import (
	"errors"
	"testing"

	"antenne/rooms"
	"antenne/rooms/journal"
)

func TestLogTroubleIsSaidAndPassesByItself(t *testing.T) {
	for code, failure := range map[string]error{
		CodeFull: journal.ErrFull, CodeClosed: journal.ErrClosed, CodeFailed: errors.New("the disk answered something else"),
	} {
		t.Run(code, func(t *testing.T) {
			j := newMoody(journal.NewMemory())
			h := newHouse(t, j, hour)
			wantTrouble(t, h, "")
			j.fail(failure)
			if _, err := h.k.Do(t.Context(), mediator(), rooms.GoOnAir{}); err == nil {
				t.Fatal("done without a journal")
			}
			for range 3 { // however often it is asked, a journal that refuses is in trouble
				wantTrouble(t, h, code)
				h.clock.move(probeEvery)
			}
			j.heal()
			eventually(t, "trouble over, though nobody wrote", func() bool { h.clock.move(probeEvery); return h.LogTrouble() == "" })
		})
	}
}

func TestAnEntryThatGoesThroughEndsTheTrouble(t *testing.T) {
	j := newMoody(journal.NewMemory())
	h := newHouse(t, j, hour)
	j.fail(journal.ErrFull)
	h.k.Do(t.Context(), mediator(), rooms.GoOnAir{})
	wantTrouble(t, h, CodeFull)
	j.heal()
	h.do(t, mediator(), rooms.GoOnAir{})
	wantTrouble(t, h, "")
}

func TestAnotherWriterIsNoLogTrouble(t *testing.T) {
	j := newMoody(journal.NewMemory())
	h := newHouse(t, j, hour)
	j.race.Store(true)
	h.do(t, mediator(), rooms.GoOnAir{})
	wantTrouble(t, h, "")
	if _, err := h.CreateAs(t.Context(), room, rooms.CreateRoom{Title: "Autre", At: hour, Audience: rooms.AudiencePublic}, nil); err == nil {
		t.Fatal("the same room twice")
	}
	wantTrouble(t, h, "")
}

func TestARoomThatCannotReadIsLogTrouble(t *testing.T) {
	j := newMoody(journal.NewMemory())
	h := newHouse(t, j, hour)
	j.cutFollows()
	eventually(t, "said", func() bool { return h.LogTrouble() == CodeFailed })
	eventually(t, "over", func() bool { h.clock.move(followAgain); return h.LogTrouble() == "" })
}

func TestAClosedHallTakesNothing(t *testing.T) {
	h := newHouse(t, journal.NewMemory(), hour)
	h.Close()
	wantTrouble(t, h, CodeClosed)
}

func wantTrouble(t *testing.T, h house, code string) {
	t.Helper()
	if got := h.LogTrouble(); got != code {
		t.Fatalf("the trouble is %q, want %q", got, code)
	}
}

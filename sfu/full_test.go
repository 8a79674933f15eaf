package sfu_test

import (
	"context"
	"testing"

	"antenne/sfu"
	"antenne/sfu/packet"
)

// A node whose budget is passed makes the families' pictures smaller, down to a
// still, and refuses the next family; the sound of everybody goes on, and the
// screen of a room still comes in.
func TestANodeOverItsBudgetKeepsTheSound(t *testing.T) {
	t.Parallel() // it mostly waits
	e, err := sfu.New(sfu.Config{Media: ":0", Limits: sfu.Limits{Egress: 300e3, Late: patient.Late}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	b := e.Open("room")
	onAir(b)
	publish(t, b, packet.VP8, mediator)
	family := sfu.SinkSpec{Five: true, OnlyAEAD: true, Home: true}
	first, _ := view(t, b, family)
	second, _ := view(t, b, family)
	grows(t, first, sfu.Camera, 1)
	eventually(t, "families have a still", func() bool {
		s := e.Stats()
		return s.Load.Home == "still" && s.Views[sfu.Camera][sfu.ViewStill] == 2
	})
	grows(t, first, sfu.Voice, 50)
	grows(t, second, sfu.Voice, 50)
	if _, _, err := b.Subscribe(context.Background(), viewerOffer(t, 2, 3), family); sfu.CodeOf(err) != sfu.CodeEngineFull {
		t.Errorf("one more family: %v, want %s", err, sfu.CodeEngineFull)
	}
	screen, _ := view(t, b, five())
	grows(t, screen, sfu.Voice, 10)
	s := e.Stats()
	if s.JoinsFull != 1 || s.Homes != 2 || s.Viewers != 3 || s.Views[sfu.Voice][sfu.ViewSound] != 3 {
		t.Errorf("%d refused, %d families of %d viewers, sound: %v", s.JoinsFull, s.Homes, s.Viewers, s.Views[sfu.Voice])
	}
}

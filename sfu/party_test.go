package sfu_test

import (
	"testing"

	"antenne/sfu"
	"antenne/sfu/packet"
)

func as(party string) sfu.SinkSpec {
	spec := five()
	spec.Party = party
	return spec
}

// arrives waits until so many packets more of the source have come in: what was to leave has left.
func arrives(t *testing.T, s *sfu.Source, n uint64) {
	t.Helper()
	from := s.Stats().Packets
	eventually(t, "the source goes on", func() bool { return s.Stats().Packets >= from+n })
}

func TestBackstageIsSeenByTheStudioAlone(t *testing.T) {
	t.Parallel() // it mostly waits
	b := newEngine(t).Open("room")
	b.SetAudience(sfu.GuestVoice, sfu.OnlyParties("studio"))
	b.SetAudience(sfu.GuestCamera, sfu.OnlyParties("studio"))
	_, source := publish(t, b, packet.VP8, guest)
	studio, _ := view(t, b, as("studio"))
	_, screen := view(t, b, as("site/lens"))
	grows(t, studio, sfu.GuestVoice, 20)
	grows(t, studio, sfu.GuestCamera, 5)
	late, _ := view(t, b, as("studio")) // the mediator reloads the page
	grows(t, late, sfu.GuestVoice, 20)
	grows(t, late, sfu.GuestCamera, 5)
	_, newcomer := view(t, b, as("")) // and a family comes while the guest waits
	arrives(t, source, 100)
	for who, sub := range map[string]*sfu.Subscription{"a screen": screen, "a family that came later": newcomer} {
		if n := sub.Stats().Packets; n != 0 {
			t.Errorf("%s was sent %d packets of somebody backstage", who, n)
		}
	}
}

func TestMixMinusHoldsForWhoeverJoinsLater(t *testing.T) {
	t.Parallel() // it mostly waits
	b := newEngine(t).Open("room")
	b.SetAudience(sfu.GuestVoice, sfu.ExceptParties("site/lens", "guest/g1"))
	_, source := publish(t, b, packet.VP8, guest)
	_, first := view(t, b, as("site/lens"))
	elsewhere, _ := view(t, b, as("site/douai"))
	grows(t, elsewhere, sfu.GuestVoice, 20)
	_, second := view(t, b, as("site/lens")) // the screen comes back from a cut
	_, guestsOwn := view(t, b, as("guest/g1"))
	programme, _ := view(t, b, sfu.SinkSpec{Party: ""})
	eventually(t, "a player elsewhere hears", func() bool { return programme.Lines()[0].Frames > 20 })
	_, player := view(t, b, sfu.SinkSpec{Party: "site/lens"}) // the programme cut is under the same rule
	arrives(t, source, 100)
	for who, sub := range map[string]*sfu.Subscription{
		"the site's screen": first, "the same, come back": second, "the guest": guestsOwn, "a player of the site": player,
	} {
		if n := sub.Stats().Packets; n != 0 {
			t.Errorf("%s was sent %d packets of its own guest", who, n)
		}
	}
}

func TestClosingForAPartyHoldsAtOnce(t *testing.T) {
	t.Parallel() // it mostly waits
	b := newEngine(t).Open("room")
	b.SetAudience(sfu.GuestVoice, sfu.ExceptParties("site/lens"))
	_, source := publish(t, b, packet.VP8, guest)
	v, sub := view(t, b, as("site/douai"))
	studio, _ := view(t, b, as("studio"))
	grows(t, v, sfu.GuestVoice, 20)
	b.SetAudience(sfu.GuestVoice, sfu.OnlyParties("studio"))
	sent := sub.Stats().Packets
	grows(t, studio, sfu.GuestVoice, 50)
	if n := sub.Stats().Packets; n != sent {
		t.Errorf("%d packets left after the guest went back", n-sent)
	}
	b.Select(sfu.GuestVoice, nil)
	arrives(t, source, 50)
	b.SetAudience(sfu.GuestVoice, sfu.Everyone())
	arrives(t, source, 50)
	if n := sub.Stats().Packets; n != sent {
		t.Errorf("%d packets of a source that is not selected", n-sent)
	}
}

func TestWhatAClosedGateTurnsAwayIsCounted(t *testing.T) {
	e := newEngine(t)
	b := e.Open("room")
	b.SetAudience(sfu.GuestVoice, sfu.Everyone())
	_, source := publishUnselected(t, b, packet.VP8, guest)
	b.Select(sfu.GuestVoice, source)
	v, sub := view(t, b, as(""))
	grows(t, v, sfu.GuestVoice, 20)
	closed := e.Stats().Drops["gate-closed"]
	eventually(t, "the picture that nobody may see is counted", func() bool { return e.Stats().Drops["gate-closed"] > closed+20 })
	if n := v.Lines()[sfu.GuestCamera].Packets; n != 0 {
		t.Errorf("%d packets of the picture", n)
	}
	if s := sub.Stats(); s.Packets == 0 {
		t.Error("the sound goes by another line than the one it came on")
	}
}

// TestRouteIsOneStep: another guest comes on under another rule, and nobody gets either of them under the wrong one.
func TestRouteIsOneStep(t *testing.T) {
	b := newEngine(t).Open("room")
	_, first := publishUnselected(t, b, packet.VP8, guest)
	_, second := publishUnselected(t, b, packet.VP8, guest)
	lens, lensSub := view(t, b, as("site/lens"))
	studio, _ := view(t, b, as("studio"))
	b.Route(
		sfu.Routing{Slot: sfu.GuestVoice, Source: first, Audience: sfu.OnlyParties("site/lens")},
		sfu.Routing{Slot: sfu.GuestCamera, Source: first, Audience: sfu.OnlyParties("site/lens")},
		sfu.Routing{Slot: sfu.Slot(200), Source: first, Audience: sfu.Everyone()})
	grows(t, lens, sfu.GuestVoice, 10)
	grows(t, lens, sfu.GuestCamera, 3)
	b.Route(
		sfu.Routing{Slot: sfu.GuestVoice, Source: second, Audience: sfu.OnlyParties("studio")},
		sfu.Routing{Slot: sfu.GuestCamera})
	sent := lensSub.Stats().Packets
	grows(t, studio, sfu.GuestVoice, 20)
	if n := lensSub.Stats().Packets; n != sent {
		t.Errorf("%d packets of the next guest under the rule of the one before", n-sent)
	}
	if n := studio.Lines()[sfu.GuestCamera].Packets; n != 0 || b.Selected(sfu.GuestCamera) != nil {
		t.Errorf("%d packets of a picture that is routed to nobody", n)
	}
}

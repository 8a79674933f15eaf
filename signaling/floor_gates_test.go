package signaling

import (
	"testing"

	"antenne/rooms"
	"antenne/rooms/live"
)

// TestAnOldStateOpensNothing: whoever read the room's state and was overtaken sets no gate by it, and ends nobody's media.
func TestAnOldStateOpensNothing(t *testing.T) {
	c := newClass(t, setting{})
	conductor := c.server.conductors["cuisine"]
	empty := conductor.keeper.State()
	c.guest(c.mediator, 1)
	c.mediator.must(doing("put-on-air", "grant", grantID(1)))
	hears(c.world, c.elsewhere)
	onAir := conductor.keeper.State()

	conductor.heed(empty)
	if set := conductor.setNow(); !set.to.all {
		t.Errorf("an older state took the guest off the air: %+v", set)
	}
	hears(c.world, c.elsewhere)

	c.mediator.must(doing("put-backstage", "grant", grantID(1)))
	until(t, "backstage", func() bool { return !conductor.setNow().to.all })
	conductor.heed(onAir)
	if set := conductor.setNow(); set.to.all {
		t.Errorf("an older state put the guest back on air: %+v", set)
	}
	c.still("backstage", ofGuest, c.elsewhere, c.home, c.beside)
	hears(c.world, c.studio)

	c.mediator.must(doing("pause"))
	until(t, "paused", func() bool { return !conductor.setNow().open })
	conductor.heed(onAir)
	if set := conductor.setNow(); set.open || set.to.all {
		t.Errorf("an older state ended the pause: %+v", set)
	}
}

// TestARoomThatNobodyKeepsIsClosed: the zero state closes all, and nothing that was read before it opens anything again.
func TestARoomThatNobodyKeepsIsClosed(t *testing.T) {
	c := newClass(t, setting{})
	conductor := c.server.conductors["cuisine"]
	until(t, "on air", func() bool { return conductor.setNow().open })
	before := conductor.keeper.State()
	conductor.heed(live.State{})
	conductor.heed(before)
	if set := conductor.setNow(); set != (opening{}) {
		t.Errorf("the gates of a room that nobody keeps: %+v", set)
	}
}

// TestAHomeWithoutABrowsersSecretIsAPartyToo: the room takes it for its link, and so do the gates, or it would hear itself.
func TestAHomeWithoutABrowsersSecretIsAPartyToo(t *testing.T) {
	for who, party := range map[rooms.Actor]string{
		{Role: rooms.Viewer, Link: "l"}:             "home/link:l",
		{Role: rooms.Viewer, Link: "l", Asker: "a"}: "home/a",
		{Role: rooms.Viewer}:                        "",
	} {
		if got := partyOf(who); got != party {
			t.Errorf("%+v is %q, want %q", who, got, party)
		}
	}
}

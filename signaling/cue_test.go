package signaling

import (
	"context"
	"testing"

	"antenne/sfu"
	"antenne/sfu/packet"
	"antenne/sfu/peer"
	"antenne/signaling/access"
)

// guestPictureFrom tells what feeds the line of a guest's picture: "hands", "guest", or "" for nothing.
func (c *class) guestPictureFrom() string {
	conductor := c.server.conductors["cuisine"]
	conductor.mu.Lock()
	second := conductor.sources[access.WhipCamera2]
	conductor.mu.Unlock()
	switch source := c.engine.Open("cuisine").Selected(sfu.GuestCamera); {
	case source == nil:
		return ""
	case second != nil && source == second.source:
		return "hands"
	}
	return "guest"
}

func (c *class) guestPictureBecomes(from string) {
	c.t.Helper()
	until(c.t, "the line of a guest's picture has "+from, func() bool { return c.guestPictureFrom() == from })
}

// TestTheStudioAloneSeesTheHandsBeforeTheRooms on the line that no guest uses, and nobody else ever has a packet of it there: with
// and without a guest, on air or not, cut or not.
func TestTheStudioAloneSeesTheHandsBeforeTheRooms(t *testing.T) {
	c := newClass(t, setting{})
	c.hands()
	phone := c.publishFor("/whip/cuisine/camera2?device="+deviceOf("phone"), "phone", packet.VP8)
	sees(c.world, c.studio)
	late := c.watch("screen-lens")
	all := c.others()
	all["a screen that came later"] = late
	c.passes(60)
	c.never("nobody is invited", all)

	c.mediator.must(doing("select-camera", "camera", "hands"))
	flows(t, c.elsewhere)
	sees(c.world, c.studio) // … and goes on seeing what the rooms see now
	c.never("the hands are on air", all)

	_, page := c.guest(c.mediator, 1)
	hears(c.world, c.studio)
	c.guestPictureBecomes("hands")
	c.never("backstage", all)
	c.mediator.must(doing("put-on-air", "grant", grantID(1)))
	hears(c.world, c.elsewhere)
	c.guestPictureBecomes("hands")
	sees(c.world, c.studio)
	if n := guestPicture(c.elsewhere) + guestPicture(c.home) + guestPicture(late); n != 0 {
		t.Errorf("%d packets of the hands reached others beside a guest who shows nothing", n)
	}

	page.must(doing("guest-camera", "grant", grantID(1), "camera", "on", "agreed", "yes"))
	c.guestPictureBecomes("guest")
	sees(c.world, c.elsewhere)
	page.must(doing("guest-camera", "grant", grantID(1), "camera", "off"))
	c.guestPictureBecomes("hands")
	c.still("the guest shows nothing any more", guestPicture, c.elsewhere, c.home, c.beside, late)
	sees(c.world, c.studio)

	page.must(doing("guest-camera", "grant", grantID(1), "camera", "on", "agreed", "yes"))
	c.guestPictureBecomes("guest")
	c.mediator.must(doing("cut", "grant", grantID(1)))
	c.guestPictureBecomes("hands")
	c.still("cut", ofGuest, c.elsewhere, c.home, c.beside, late)
	c.still("cut", guestSound, c.studio)
	sees(c.world, c.studio)

	_ = phone.Close(context.Background())
	c.guestPictureBecomes("")
	c.still("the phone has closed its camera", ofGuest, c.studio)
	c.never("at the end", map[string]*peer.Viewer{"the screen beside the guest": c.beside})
}

// TestNobodySeesTheHandsOnceTheRoomIsOver: what comes after the gates were closed for good opens nothing.
func TestNobodySeesTheHandsOnceTheRoomIsOver(t *testing.T) {
	c := newClass(t, setting{})
	c.hands()
	c.publishFor("/whip/cuisine/camera2?device="+deviceOf("phone"), "phone", packet.VP8)
	sees(c.world, c.studio)
	conductor := c.server.conductors["cuisine"]
	conductor.closeGates()
	conductor.mu.Lock()
	delete(conductor.sources, access.WhipCamera2)
	conductor.selectLocked()
	conductor.mu.Unlock()
	if from := c.guestPictureFrom(); from != "" {
		t.Errorf("the line has %s", from)
	}
	c.still("closed", ofGuest, c.studio)
}

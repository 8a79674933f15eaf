package signaling

import (
	"context"
	"testing"
	"time"

	"antenne/rooms"
	"antenne/sfu"
	"antenne/sfu/packet"
	"antenne/sfu/peer"
	"antenne/signaling/access"
)

// class is a room on air with a mediator who publishes and the viewers that these tests need.
type class struct {
	*world
	mediator  *person
	studio    *peer.Viewer
	beside    *peer.Viewer // a screen of the guest's own place
	elsewhere *peer.Viewer // a screen of another
	home      *peer.Viewer
}

func newClass(t testing.TB, s setting) *class {
	t.Helper()
	w := newWorld(t, s)
	w.issue("desk-lens", w.room, rooms.Animator, "lens", time.Hour)
	w.issue("screen-lens", w.room, rooms.Screen, "lens", time.Hour)
	c := &class{world: w, mediator: w.join("mediator", nil)}
	w.publishFor("/whip/cuisine?device="+deviceOf("mediator"), "mediator", packet.VP8)
	c.mediator.must(doing("go-on-air"))
	c.studio, c.beside, c.elsewhere, c.home = w.watch("mediator"), w.watch("screen"), w.watch("screen-lens"), w.watch("nobody")
	return c
}

func (c *class) others() map[string]*peer.Viewer {
	return map[string]*peer.Viewer{"a screen of the guest's place": c.beside, "a screen elsewhere": c.elsewhere, "a home": c.home}
}

// TestTheLifeOfAGuest: each stage reaches whom it may, at the media engine, and whoever joins later is under the same rule.
func TestTheLifeOfAGuest(t *testing.T) {
	c := newClass(t, setting{})
	desk := c.join("animator", nil)
	_, page := c.guest(c.mediator, 1)
	hears(c.world, c.studio)
	late := c.watch("screen-lens")
	c.arrives(60)
	all := c.others()
	all["a screen that came later"] = late
	c.never("backstage", all)
	if n := guestPicture(c.studio); n != 0 {
		t.Errorf("the studio was sent %d packets of a picture nobody agreed to", n)
	}

	page.must(doing("guest-camera", "grant", grantID(1), "camera", "on", "agreed", "yes"))
	sees(c.world, c.studio)
	c.never("backstage with its picture", all)

	c.mediator.must(doing("put-on-air", "grant", grantID(1)))
	for _, v := range []*peer.Viewer{c.elsewhere, c.home, late, c.studio} {
		hears(c.world, v)
		sees(c.world, v)
	}
	again, own := c.watch("screen"), c.watch("guest1") // the screen beside comes back from a cut; the guest hears the programme
	until(t, "the guest hears the mediator", func() bool { return own.Lines()[0].Packets > 20 })
	c.arrives(60)
	c.never("on air", map[string]*peer.Viewer{"the screen beside": c.beside, "the same, come back": again, "the guest": own})
	flows(t, c.beside) // the programme goes on beside the guest

	page.must(doing("guest-camera", "grant", grantID(1), "camera", "off"))
	c.still("its picture hidden", guestPicture, c.elsewhere, c.home, c.studio)
	hears(c.world, c.elsewhere)

	c.mediator.must(doing("put-backstage", "grant", grantID(1)))
	until(t, "gates", func() bool { return !c.server.conductors["cuisine"].setNow().to.all })
	c.still("backstage again", ofGuest, c.elsewhere, c.home)
	hears(c.world, c.studio)

	c.mediator.must(doing("put-on-air", "grant", grantID(1)))
	hears(c.world, c.elsewhere)
	c.mediator.must(doing("pause"))
	until(t, "gates", func() bool { return !c.server.conductors["cuisine"].setNow().to.all })
	c.still("paused", ofGuest, c.elsewhere, c.home)
	hears(c.world, c.studio)
	c.mediator.must(doing("resume"))
	hears(c.world, c.elsewhere)

	desk.must(doing("cut", "grant", grantID(1)))
	c.still("cut", ofGuest, c.elsewhere, c.home, c.studio, late)
	c.mediator.hear(func() bool { return c.mediator.floorEnded().Why == rooms.WhyCut && c.mediator.store["floor"] == "" })
	desk.hear(func() bool { return desk.floorEnded().Why == rooms.WhyCut })
	page.hear(func() bool { return page.bye != nil || page.floorEnded().Why == rooms.WhyCut })
}

// setNow is what the gates are set by.
func (c *conductor) setNow() opening {
	c.gates.mu.Lock()
	defer c.gates.mu.Unlock()
	return c.gates.set
}

// still: nothing more of what f counts comes while the mediator goes on sending.
func (c *class) still(why string, f func(*peer.Viewer) uint64, viewers ...*peer.Viewer) {
	c.t.Helper()
	c.passes(30) // what was on its way arrives
	before := make([]uint64, len(viewers))
	for i, v := range viewers {
		before[i] = f(v)
	}
	c.passes(100)
	for i, v := range viewers {
		if n := f(v); n != before[i] {
			c.t.Errorf("%s: viewer %d was sent %d packets", why, i, n-before[i])
		}
	}
}

func TestAGuestFromHome(t *testing.T) {
	c := newClass(t, setting{})
	emma, farid := c.join("nobody", nil), c.watch("farid")
	emma.must(doing("request-floor", "request", requestID(1), "reason", "J'ai une astuce", "adult", "yes"))
	c.mediator.hear(func() bool { return c.mediator.store["request/"+requestID(1)] != "" })
	c.mediator.must(doing("invite", "grant", grantID(1), "request", requestID(1)))
	emma.hear(func() bool { return emma.floor().Stage == rooms.FloorInvited })
	c.refusedFloor("animator", grantID(1), 403, "floor-not-yours")
	c.refusedFloor("farid", grantID(1), 403, "floor-not-yours")
	c.accept("nobody", grantID(1), "guest")
	c.join("guest", nil)
	c.publishFor("/whip/cuisine/guest?device="+deviceOf("guest"), "guest", packet.VP8)
	hears(c.world, c.studio)
	c.never("backstage", c.others())
	c.mediator.must(doing("put-on-air", "grant", grantID(1)))
	for _, v := range []*peer.Viewer{c.beside, c.elsewhere, farid} {
		hears(c.world, v)
	}
	c.never("on air", map[string]*peer.Viewer{"the home that speaks": c.home})
	emma.must(doing("cut", "grant", grantID(1)))
	c.still("cut", ofGuest, c.beside, c.elsewhere, farid, c.studio)
}

// TestTheMediatorsTwoCameras: the phone is a second camera of its mediator's, and one tap shows it.
func TestTheMediatorsTwoCameras(t *testing.T) {
	c := newClass(t, setting{})
	cast := c.engine.Open("cuisine")
	main := c.server.conductors["cuisine"]
	first := cast.Selected(programme[1])
	c.hands()
	c.publishFor("/whip/cuisine/camera2?device="+deviceOf("phone"), "phone", packet.VP8)
	if cast.Selected(programme[1]) != first {
		t.Error("the phone took the place of the first camera by itself")
	}
	for _, camera := range []string{"hands", "main", "hands"} {
		c.mediator.must(doing("select-camera", "camera", camera))
		until(t, camera, func() bool { return (cast.Selected(programme[1]) == first) == (camera == "main") })
		flows(t, c.elsewhere)
	}
	if main.live.Load() != 2 || cast.Selected(programme[0]) != first {
		t.Error("the voice is the phone's")
	}
}

// hands pairs a phone with the mediator.
func (c *class) hands() {
	c.t.Helper()
	resp, body := c.call(call{method: "POST", path: "/pair/phone", who: "mediator", kind: typeJSON, body: "{}"})
	if resp.StatusCode != 201 {
		c.t.Fatalf("%d %s", resp.StatusCode, body)
	}
	code := between(body, `"code":"`, `"`)
	resp, body = c.call(call{method: "POST", path: "/pair/claim", kind: typeJSON, body: `{"code":"` + code + `"}`})
	if resp.StatusCode != 201 {
		c.t.Fatalf("%d %s", resp.StatusCode, body)
	}
	c.tokens["phone"] = between(body, `"token":"`, `"`)
}

// TestAGuestWhoLeavesAndComesBack keeps its place for GuestAway, on the same device.
func TestAGuestWhoLeavesAndComesBack(t *testing.T) {
	c := newClass(t, setting{})
	p, _ := c.guest(c.mediator, 1)
	c.mediator.must(doing("put-on-air", "grant", grantID(1)))
	hears(c.world, c.elsewhere)
	_ = p.Close(context.Background())
	c.mediator.hear(func() bool { return !c.mediator.floor().Connected })
	c.publishFor("/whip/cuisine/guest?device="+deviceOf("guest1"), "guest1", packet.VP8)
	hears(c.world, c.elsewhere)
	c.publishFor("/whip/cuisine/guest?device="+deviceOf("guest1"), "guest1", packet.VP8) // before the server knows of the end
	hears(c.world, c.elsewhere)
	c.mediator.hear(func() bool { return c.mediator.floor().Connected && c.mediator.floor().Stage == rooms.FloorOnAir })
	until(t, "one guest", func() bool { return c.engine.Stats().Sources == 2 })
	c.never("on air", map[string]*peer.Viewer{"the screen beside": c.beside})
}

// TestAGuestIsHeldToItsOwnRate: what a guest sends beyond it is dropped and counted, and nobody else's is.
func TestAGuestIsHeldToItsOwnRate(t *testing.T) {
	if spec := sourceSpec(access.WhipGuest, rooms.Actor{}); spec.Most != guestMost || guestMost.Source >= 2e6 || sourceSpec(access.Whip, rooms.Actor{}).Most != (sfu.Rates{}) {
		t.Fatalf("a guest may bring %+v", spec.Most)
	}
	usual := guestMost
	guestMost = sfu.Rates{Voice: 1e3, Layer: 2e4, Source: 2e4}
	defer func() { guestMost = usual }()
	c := newClass(t, setting{})
	c.passes(100)
	if n := c.engine.Stats().Drops["publisher-layer-rate"]; n != 0 {
		t.Fatalf("%d packets of the mediator dropped", n)
	}
	p, _ := c.guest(c.mediator, 1)
	until(t, "what is too much is dropped", func() bool { return c.engine.Stats().Drops["publisher-layer-rate"] > 20 })
	flows(t, c.elsewhere)
	_ = p.Close(context.Background())
}

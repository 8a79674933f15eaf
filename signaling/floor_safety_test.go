package signaling

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"antenne/rooms"
	"antenne/sfu"
	"antenne/sfu/packet"
	"antenne/sfu/peer"
)

// What must never happen, whoever tries it with real media: the invariants I1 to I5 and I8 of the threat model (for I6 see
// question_safety_test.go). Each test ends by counting packets at screens that play the class.

// TestI1NobodyIsSeenWhomNobodyPutOnAir: a guest publishes as early as it can, with a picture nobody agreed to, and goes on.
func TestI1NobodyIsSeenWhomNobodyPutOnAir(t *testing.T) {
	c := newClass(t, setting{})
	c.mediator.must(doing("invite", "grant", grantID(1), "site", "wattrelos"))
	c.accept("animator", grantID(1), "guest")
	c.publishFor("/whip/cuisine/guest?device="+deviceOf("guest"), "guest", packet.VP8) // no page, no consent, at once
	c.arrives(150)
	c.never("published before anything", c.others())
	if n := guestPicture(c.studio); n != 0 {
		t.Errorf("%d packets of a picture without consent, in the studio", n)
	}
	page := c.join("guest", nil)
	for _, tried := range []map[string]string{
		doing("put-on-air", "grant", grantID(1)), doing("go-on-air"), doing("take-air"), doing("invite", "grant", grantID(2), "site", "wattrelos"),
		doing("guest-camera", "grant", grantID(1), "camera", "on"), doing("guest-camera", "grant", grantID(1), "camera", "on", "agreed", "no"),
		doing("guest-camera", "grant", grantID(2), "camera", "on", "agreed", "yes"), doing("select-camera", "camera", "hands"),
	} {
		if _, err := page.do(tried); err == nil {
			t.Errorf("a guest may %v", tried)
		}
	}
	for who, p := range map[string]*person{"animator": c.join("animator", nil), "screen": c.join("screen", nil), "post": c.join("post", nil),
		"coordinator": c.join("coordinator", nil), "a home": c.join("nobody", nil)} {
		for _, name := range []string{"put-on-air", "put-backstage"} {
			if _, err := p.do(doing(name, "grant", grantID(1))); code(err) != "role-may-not" {
				t.Errorf("%s by %s: %v", name, who, err)
			}
		}
		if _, err := p.do(doing("guest-camera", "grant", grantID(1), "camera", "on", "agreed", "yes")); code(err) != "role-may-not" {
			t.Errorf("guest-camera by %s: %v", who, err)
		}
	}
	c.arrives(150)
	c.never("after all that", c.others())
	c.mediator.must(doing("put-on-air", "grant", grantID(1)))
	hears(c.world, c.elsewhere)
	c.arrives(100)
	for name, v := range c.others() {
		if n := guestPicture(v); n != 0 {
			t.Errorf("%s was sent %d packets of a picture without consent", name, n)
		}
	}
	if n := c.engine.Stats().Drops["gate-closed"]; n == 0 {
		t.Error("what was turned away is not counted")
	}
}

// TestI2AViewerIsNeverHeard: each receive-only role sends on every line, whether it offers to (such a line is answered inactive, and
// an offer of nothing else is refused) or says that it will only receive.
func TestI2AViewerIsNeverHeard(t *testing.T) {
	c := newClass(t, setting{})
	p, page := c.guest(c.mediator, 1)
	page.must(doing("guest-camera", "grant", grantID(1), "camera", "on", "agreed", "yes"))
	c.mediator.must(doing("put-on-air", "grant", grantID(1)))
	sees(c.world, c.elsewhere)
	_ = p.Close(context.Background()) // the slots are open, and nobody feeds them
	until(t, "the slots are free", func() bool { return c.engine.Open("cuisine").Selected(sfu.GuestVoice) == nil })
	sources := c.engine.Stats().Sources
	var intruders []*peer.Viewer
	want := peer.Want{Five: true, Intrudes: true}
	for _, who := range []string{"screen", "screen-lens", "post", "animator", "viewer", "nobody", "guest1", "coordinator", "moderator"} {
		door := c.exchange("/whep/cuisine?slots=5&device="+deviceOf(who), who)
		if _, err := peer.View(t.Context(), door, want); code(err) != sfu.CodeOfferDirection {
			t.Errorf("%s offers to send on every line: %v", who, err)
		}
		for _, lie := range []peer.Exchange{pretending(door, 1), pretending(door, 5)} {
			v, err := peer.View(t.Context(), lie, want)
			if err != nil {
				t.Fatalf("%s: %v", who, err)
			}
			t.Cleanup(func() { _ = v.Close(context.Background()) })
			intruders = append(intruders, v)
		}
	}
	dropped := c.engine.Stats().Drops["viewer-rtp"]
	until(t, "what they send is dropped and counted", func() bool { return c.engine.Stats().Drops["viewer-rtp"] > dropped+500 })
	if n := c.engine.Stats().Sources; n != sources {
		t.Errorf("%d sources, %d before", n, sources)
	}
	c.still("viewers send", ofGuest, append(intruders, c.elsewhere, c.home, c.studio)...)
	flows(t, c.elsewhere) // and what they watch is the mediator's, whole
}

// pretending says of the first n lines that they will only receive.
func pretending(door peer.Exchange, n int) peer.Exchange {
	return func(ctx context.Context, o sfu.Offer) (sfu.Answer, func(context.Context) error, error) {
		return door(ctx, sfu.Offer(strings.Replace(string(o), "a=sendrecv", "a=recvonly", n)))
	}
}

// TestI3AGrantIsForOneDevice: whoever stole the guest's link finds the place taken, and disturbs nobody.
func TestI3AGrantIsForOneDevice(t *testing.T) {
	c := newClass(t, setting{})
	first, _ := c.guest(c.mediator, 1)
	c.refused("/whip/cuisine/guest?device=secret-of-a-thief", "guest1", 409, "grant-used")
	c.refused("/whip/cuisine/guest", "guest1", 400, "request-malformed")
	c.mediator.must(doing("put-on-air", "grant", grantID(1)))
	hears(c.world, c.elsewhere)
	_ = first.Leave()
	until(t, "the guest is lost", func() bool { return c.engine.Open("cuisine").Selected(sfu.GuestVoice) == nil })
	before := ofGuest(c.elsewhere)
	_, err := peer.Publish(t.Context(), c.exchange("/whip/cuisine/guest?device=secret-of-a-thief", "guest1"), peer.Media{Video: packet.VP8, WithAudio: true})
	if code(err) != "grant-used" {
		t.Errorf("while the guest is away: %v", err)
	}
	c.still("a thief", ofGuest, c.elsewhere, c.home)
	if n := ofGuest(c.elsewhere) - before; n != 0 {
		t.Errorf("%d packets more", n)
	}
}

// TestI3AnOldGrantOpensNothing: after each end the same token, media and page are worth nothing, and media that goes on reaches nobody.
func TestI3AnOldGrantOpensNothing(t *testing.T) {
	for name, end := range map[string]func(c *class, page *person, p *peer.Publisher){
		"cut by the mediator": func(c *class, _ *person, _ *peer.Publisher) { c.mediator.must(doing("cut", "grant", grantID(1))) },
		"given back by the guest": func(_ *class, page *person, _ *peer.Publisher) {
			if _, err := page.do(doing("cut", "grant", grantID(1))); err != nil && page.bye == nil {
				page.t.Error(err)
			}
		},
		"cut by the animator":              func(c *class, _ *person, _ *peer.Publisher) { c.command("animator", doing("cut", "grant", grantID(1))) },
		"the séance ended":                 func(c *class, _ *person, _ *peer.Publisher) { c.mediator.must(doing("end")) },
		"the link it hangs on was revoked": func(c *class, _ *person, _ *peer.Publisher) { c.revoke("animator") },
		"the link that put it on air was revoked": func(c *class, _ *person, _ *peer.Publisher) {
			c.command("moderator", doing("put-backstage", "grant", grantID(1)))
			c.command("moderator", doing("put-on-air", "grant", grantID(1)))
			c.revoke("moderator")
		},
		"its own link was revoked": func(c *class, _ *person, _ *peer.Publisher) {
			if err := c.hall.RevokeLink(c.t.Context(), rooms.LinkID(grantID(1))); err != nil {
				c.t.Error(err)
			}
		},
		"its media fell silent": func(_ *class, _ *person, p *peer.Publisher) { _ = p.Leave() },
		"its page went away":    func(_ *class, page *person, _ *peer.Publisher) { page.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			limits := Limits{}
			if name == "its media fell silent" || name == "its page went away" {
				limits.GuestAway = 2 * time.Second
			}
			c := newClass(t, setting{limits: limits})
			p, page := c.guest(c.mediator, 1)
			c.mediator.must(doing("put-on-air", "grant", grantID(1)))
			hears(c.world, c.elsewhere)
			end(c, page, p)
			until(t, "the slots are free", func() bool { return c.engine.Open("cuisine").Selected(sfu.GuestVoice) == nil })
			host := "animator"
			if c.resolves(host) != nil {
				c.issue("animator-2", c.room, rooms.Animator, "wattrelos", time.Hour)
				host = "animator-2"
			}
			if name == "the séance ended" {
				c.mediator.must(doing("resume")) // an end that is undone gives nobody the floor back
			}
			until(t, "the link is dead", func() bool { return c.resolves("guest1") != nil })
			c.still("over", ofGuest, c.elsewhere, c.home, c.studio)
			c.refused("/whip/cuisine/guest?device="+deviceOf("guest1"), "guest1", 401, "link-revoked")
			c.refusedFloor(host, grantID(1), http.StatusGone, "grant-over")
			if bye := c.join("guest1", nil).bye; bye == nil || bye.Code != "link-revoked" {
				t.Errorf("the guest's page comes back: %+v", bye)
			}
			if _, err := c.mediator.do(doing("put-on-air", "grant", grantID(1))); code(err) != "grant-over" {
				t.Errorf("put on air again: %v", err)
			}
			if _, err := c.mediator.do(doing("invite", "grant", grantID(1), "site", "lens")); code(err) != "grant-over" {
				t.Errorf("invited again by the same name: %v", err)
			}
		})
	}
}

// resolves looks a token up as the doors do.
func (w *world) resolves(name string) error {
	_, err := w.hall.Resolve(ticketOf(w.tokens[name]), w.clock.Now())
	return err
}

// TestI3ARestartGivesNobodyTheFloorBack.
func TestI3ARestartGivesNobodyTheFloorBack(t *testing.T) {
	c := newClass(t, setting{})
	p, _ := c.guest(c.mediator, 1)
	c.mediator.must(doing("put-on-air", "grant", grantID(1)))
	hears(c.world, c.elsewhere)
	c.http.CloseClientConnections()
	c.shut()
	_ = p.Leave()
	c.open(Limits{})
	mediator := c.join("mediator", nil)
	if e := mediator.floorEnded(); e.Why != rooms.WhyRestart || mediator.store["floor"] != "" {
		t.Errorf("after a restart: %v, floor %s", e, mediator.store["floor"])
	}
	c.refused("/whip/cuisine/guest?device="+deviceOf("guest1"), "guest1", 401, "link-revoked")
	again := c.watch("screen-lens")
	c.publishFor("/whip/cuisine?device="+deviceOf("mediator"), "mediator", packet.VP8)
	flows(t, again)
	c.never("after a restart", map[string]*peer.Viewer{"a screen": again})
}

// TestI3OfTwoInvitationsOneIsGiven: 32 hands invite at once, 32 accept at once, from the right place and from others.
func TestI3OfTwoInvitationsOneIsGiven(t *testing.T) {
	c := newClass(t, setting{})
	keeper, _ := c.hall.Room("cuisine")
	invited := c.race(32, func(i int) error {
		role, site := rooms.Mediator, rooms.SiteID("wattrelos")
		if i%2 == 1 {
			role, site = rooms.Moderator, "lens"
		}
		_, err := keeper.Do(t.Context(), rooms.Actor{Role: role, Room: "cuisine", Link: c.ids[string(role)]},
			rooms.Invite{Grant: rooms.GrantID(grantID(i + 1)), Site: site})
		if err != nil && code(err) != "floor-busy" {
			t.Errorf("invitation %d: %v", i, err)
		}
		return err
	})
	f := keeper.State().Floor
	if invited != 1 || f.Stage != rooms.FloorInvited {
		t.Fatalf("%d invitations, floor %+v", invited, f)
	}
	host, other := "animator", "desk-lens"
	if f.Site == "lens" {
		host, other = other, host
	}
	var mu sync.Mutex
	var tokens []string
	c.race(32, func(i int) error {
		who := host
		if i%4 == 3 {
			who = other
		}
		secret := secretFor(fmt.Sprint("racer ", i))
		r := call{method: "POST", path: "/floor/cuisine", who: who, kind: typeJSON, body: taking(string(f.Grant), secret)}
		resp, body := c.call(r)
		mu.Lock()
		defer mu.Unlock()
		switch {
		case resp.StatusCode == 201 && who == host:
			tokens = append(tokens, secret)
		case who == other && between(body, `"code":"`, `"`) != "floor-not-yours":
			t.Errorf("from another place: %d %s", resp.StatusCode, body)
		case who == host && between(body, `"code":"`, `"`) != "grant-used":
			t.Errorf("a second time: %d %s", resp.StatusCode, body)
		}
		return nil
	})
	if len(tokens) != 1 {
		t.Fatalf("%d links for one invitation", len(tokens))
	}
	c.tokens["guest"] = tokens[0]
	published := c.race(32, func(i int) error {
		device := fmt.Sprintf("/whip/cuisine/guest?device=secret-of-device-%d", i)
		p, err := peer.Publish(t.Context(), c.exchange(device, "guest"), peer.Media{WithAudio: true, Video: packet.VP8})
		if err == nil {
			t.Cleanup(func() { _ = p.Leave() })
		} else if c := code(err); c != "grant-used" && c != "engine-busy" && c != "sources-full" {
			t.Errorf("device %d: %v", i, err)
		}
		return err
	})
	if published != 1 {
		t.Errorf("%d devices publish by one grant", published)
	}
	c.arrives(60)
	c.never("backstage", c.others())
}

// race has n do f at once, and counts those that succeed.
func (c *class) race(n int, f func(i int) error) (done int) {
	var all sync.WaitGroup
	var mu sync.Mutex
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			if f(i) == nil {
				mu.Lock()
				done++
				mu.Unlock()
			}
		})
	}
	close(start)
	all.Wait()
	return done
}

// TestI3NobodySpeaksForAnotherPlace: what a connection may do is its own place's, whatever it says.
func TestI3NobodySpeaksForAnotherPlace(t *testing.T) {
	c := newClass(t, setting{})
	lens, home := c.join("desk-lens", nil), c.join("nobody", nil)
	c.mediator.must(doing("invite", "grant", grantID(1), "site", "wattrelos"))
	for who, p := range map[string]*person{"another desk": lens, "a home": home} {
		for _, name := range []string{"refuse-invite", "cut"} {
			if _, err := p.do(doing(name, "grant", grantID(1))); code(err) != "floor-not-yours" {
				t.Errorf("%s by %s: %v", name, who, err)
			}
		}
		if _, err := p.do(doing("refuse-invite", "grant", grantID(1), "site", "wattrelos")); code(err) != "wire-unknown-field" {
			t.Errorf("by %s, in the name of the place: %v", who, err)
		}
		if p.store["floor"] != "" {
			t.Errorf("%s is told of somebody else's invitation: %s", who, p.store["floor"])
		}
	}
	c.refusedFloor("desk-lens", grantID(1), 403, "floor-not-yours")
	resp, body := c.call(call{method: "POST", path: "/floor/cuisine?site=wattrelos&device=secret-of-desk-lens", who: "desk-lens", kind: typeJSON,
		body: `{"grant":"` + grantID(1) + `","secret":"` + secretFor("guest1") + `","site":"wattrelos"}`})
	checkProblem(t, resp, body, 400, "request-malformed")
	c.refusedFloor("screen", grantID(1), 403, "role-may-not")
	c.refusedFloor("post", grantID(1), 403, "role-may-not")
	c.refusedFloor("mediator", grantID(1), 403, "role-may-not")
	c.refusedFloor("foreign", grantID(1), 403, "link-foreign-room")
	c.refusedFloor("unknown", grantID(1), 401, "link-unknown")
	c.refusedFloor("animator", grantID(7), 404, "grant-unknown")
	c.accept("animator", grantID(1), "guest1")
	c.refusedFloor("guest1", grantID(1), 403, "role-may-not")
	c.refusedFloor("animator", grantID(1), 409, "grant-used")
}

// TestI3AGuestGoesThroughNoOtherDoor: the whole of what a guest's link is good for.
func TestI3AGuestGoesThroughNoOtherDoor(t *testing.T) {
	c := newClass(t, setting{})
	c.guest(c.mediator, 1)
	for _, door := range []string{"/whip/cuisine", "/whip/cuisine/slides", "/whip/cuisine/camera2"} {
		c.refused(door+"?device="+deviceOf("guest1"), "guest1", 403, "door-forbidden")
	}
	c.refused("/whip/magie/guest?device="+deviceOf("guest1"), "guest1", 403, "link-foreign-room")
	for _, who := range []string{"mediator", "moderator", "animator", "screen", "post", "viewer", "coordinator"} {
		c.refused("/whip/cuisine/guest?device="+deviceOf(who), who, 403, "door-forbidden")
	}
	c.refused("/whip/cuisine/guest", "nobody", 401, "link-missing")
	page := c.join("guest1", nil)
	allowed := map[rooms.CommandName]bool{"cut": true, "guest-camera": true}
	for name := range rooms.Permissions() {
		if allowed[name] != rooms.May(rooms.Guest, name).Ever() {
			t.Errorf("a guest and %s", name)
		}
	}
	for _, tried := range []string{"approve", "announce", "end", "request-floor", "invite"} {
		if _, err := page.do(map[string]string{"name": tried}); err == nil {
			t.Errorf("a guest may %s", tried)
		}
	}
	c.arrives(60)
	c.never("backstage", c.others())
}

// TestI8ARevokedLinkEndsWhatHangsOnIt within two seconds, at both doors.
func TestI8ARevokedLinkEndsWhatHangsOnIt(t *testing.T) {
	c := newClass(t, setting{})
	_, page := c.guest(c.mediator, 1)
	desk := c.join("animator", nil)
	c.mediator.must(doing("put-on-air", "grant", grantID(1)))
	own := c.watch("guest1")
	hears(c.world, c.elsewhere)
	c.hands()
	c.publishFor("/whip/cuisine/camera2?device="+deviceOf("phone"), "phone", packet.VP8)
	phone := c.join("phone", nil)

	c.revoke("animator")
	c.still("revoked", ofGuest, c.elsewhere, c.home)
	c.still("revoked", guestSound, c.studio) // its line of a guest's picture has the hands again: cue.go
	for who, p := range map[string]*person{"the desk": desk, "the guest": page} {
		p.hear(func() bool { return p.bye != nil })
		if p.bye.Code != "link-revoked" || p.bye.Retry {
			t.Errorf("%s: %+v", who, p.bye)
		}
	}
	until(t, "the guest's media", func() bool { return c.engine.Stats().Sources == 2 })
	c.stillAll(own)
	c.mediator.hear(func() bool { return c.mediator.floorEnded().Why == rooms.WhyRevoked })

	c.revoke("mediator")
	phone.hear(func() bool { return phone.bye != nil })
	until(t, "the phone's camera", func() bool { return c.engine.Stats().Sources == 0 })
	c.refused("/whip/cuisine/camera2?device="+deviceOf("phone"), "phone", 401, "link-revoked")
}

// stillAll: a viewer is sent nothing at all any more.
func (c *class) stillAll(v *peer.Viewer) {
	c.t.Helper()
	until(c.t, "its session ends", func() bool {
		n := packets(v)
		c.passes(30)
		return packets(v) == n
	})
}

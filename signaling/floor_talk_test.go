package signaling

import (
	"encoding/json"
	"testing"
	"time"

	"antenne/rooms"
	"antenne/rooms/live"
	"antenne/signaling/wire"
)

func (p *person) talk() (e live.TalkEntity) {
	_ = json.Unmarshal([]byte(p.store["talk"]), &e)
	return e
}

func (p *person) say(m wire.ClientMessage) {
	p.t.Helper()
	if err := p.Send(m); err != nil {
		p.t.Fatal(err)
	}
}

// refusals counts what the server refused with that code.
func (w *world) refusals(code string) uint64 { return w.server.Stats().Refusals[code] }

// TestPushToTalk: who is told that the guest speaks, and when the guest's place has fallen silent.
func TestPushToTalk(t *testing.T) {
	c := newClass(t, setting{})
	_, guest := c.guest(c.mediator, 1)
	screen, post, desk := c.join("screen", nil), c.join("post", nil), c.join("animator", nil)
	wall, home := c.join("screen-lens", nil), c.join("nobody", nil)
	screen.say(&wire.Health{Picture: "moving", Sound: "on", Opened: true, Connected: true})
	desk.hear(func() bool { return between(desk.store["there/wattrelos"], `"sound":"`, `"`) == "on" })

	guest.say(&wire.Talk{On: true, Level: 40})
	for _, p := range []*person{guest, screen, post, desk, c.mediator, c.join("moderator", nil)} {
		p.hear(func() bool { return p.talk() == live.TalkEntity{Grant: c.floorOf(), On: true, Level: 40} })
	}
	screen.say(&wire.Quiet{On: true})
	guest.hear(func() bool { return guest.talk().Quiet })
	second := c.join("screen", nil) // another screen of the place is switched on, and is heard
	second.say(&wire.Health{Picture: "moving", Sound: "on", Opened: true, Connected: true})
	guest.hear(func() bool { return !guest.talk().Quiet })
	second.say(&wire.Quiet{On: true})
	guest.hear(func() bool { return guest.talk().Quiet })
	second.Close()

	guest.say(&wire.Talk{})
	screen.hear(func() bool { return !screen.talk().On })
	guest.say(&wire.Talk{On: true, Level: 10})
	guest.hear(func() bool { return guest.talk().On && guest.talk().Level == 10 })
	if guest.talk().Quiet {
		t.Error("what the screen said of the time before is taken for now")
	}
	screen.say(&wire.Health{Picture: "moving", Sound: "locked", Opened: true, Connected: true}) // plays nothing at all
	guest.hear(func() bool { return guest.talk().Quiet })

	guest.Close() // the page goes away with the button held
	screen.hear(func() bool { return !screen.talk().On })
	for name, p := range map[string]*person{"a screen elsewhere": wall, "a home": home} {
		p.settled()
		if p.store["talk"] != "" {
			t.Errorf("%s is told who speaks: %s", name, p.store["talk"])
		}
	}
}

// floorOf is the grant there is.
func (w *world) floorOf() rooms.GrantID {
	k, _ := w.hall.Room(w.room)
	return k.State().Floor.Grant
}

// TestOnlyTheGuestTalks: what anybody else says of a microphone, or of silence beside it, is refused, and moves nothing.
func TestOnlyTheGuestTalks(t *testing.T) {
	c := newClass(t, setting{})
	_, guest := c.guest(c.mediator, 1)
	guest.say(&wire.Talk{On: true, Level: 1})
	c.mediator.hear(func() bool { return c.mediator.talk().On })
	screen := c.join("screen", nil)
	screen.say(&wire.Health{Picture: "moving", Sound: "on", Opened: true, Connected: true})
	c.mediator.hear(func() bool { return !c.mediator.talk().Quiet })
	for _, who := range []string{"mediator", "moderator", "animator", "screen", "screen-lens", "post", "nobody", "coordinator"} {
		before := c.refusals(codeNotBeside)
		c.join(who, nil).say(&wire.Talk{On: false})
		until(t, who+" is refused", func() bool { return c.refusals(codeNotBeside) > before })
	}
	for _, who := range []string{"mediator", "moderator", "animator", "screen-lens", "nobody", "coordinator"} {
		before := c.refusals(codeNotBeside)
		c.join(who, nil).say(&wire.Quiet{On: true})
		until(t, who+" is refused", func() bool { return c.refusals(codeNotBeside) > before })
	}
	alone := c.refusals(codeNotBeside)
	guest.say(&wire.Quiet{On: true})
	until(t, "the guest is refused", func() bool { return c.refusals(codeNotBeside) > alone })
	if e := c.mediator.talk(); !e.On || e.Quiet {
		t.Errorf("moved: %+v", e)
	}
	c.mediator.must(doing("cut", "grant", grantID(1)))
	c.mediator.hear(func() bool { return c.mediator.store["talk"] == "" })
	before := c.refusals(codeNotBeside)
	if guest.bye == nil {
		_ = guest.Send(&wire.Talk{On: true})
		until(t, "after the cut", func() bool { return c.refusals(codeNotBeside) > before || c.server.Stats().Byes["link-revoked"] > 0 })
	}
}

// TestLevelsAreSpacedAndTurnsAreNot: a button that turns is told at once; how loud it is, four times a second at most.
func TestLevelsAreSpacedAndTurnsAreNot(t *testing.T) {
	c := newClass(t, setting{limits: Limits{MessageRate: 1000, MessageBurst: 1000}})
	_, guest := c.guest(c.mediator, 1)
	const turns, levels = 20, 200
	for range turns {
		guest.say(&wire.Talk{On: true, Level: 5})
		guest.say(&wire.Talk{On: false})
	}
	guest.say(&wire.Talk{On: true, Level: 5})
	began, told := time.Now(), 0
	for i := range levels {
		guest.say(&wire.Talk{On: true, Level: 10 + i%50})
	}
	guest.say(&wire.Talk{On: false})
	seen := 0
	for on := true; seen < 2*turns+2; {
		m, ok := <-c.mediator.Events()
		if !ok {
			t.Fatal("the connection ended")
		}
		c.mediator.take(m)
		p, is := m.(*wire.Presence)
		if !is || p.Set["talk"] == nil {
			continue
		}
		switch e := c.mediator.talk(); {
		case e.On && e.Level >= 10:
			told++
		case e.On != on:
			t.Fatalf("after %d turns: %+v", seen, e)
		default:
			seen, on = seen+1, !on
		}
	}
	if most := 1 + int(time.Since(began)/(250*time.Millisecond)); told > most {
		t.Errorf("%d levels told in %v", told, time.Since(began))
	}
}

// settled waits until everything that was told before now has been heard.
func (p *person) settled() {
	p.t.Helper()
	_, _ = p.do(doing("withdraw", "question", requestID(9))) // of no effect, and answered
}

// TestOnePageOfAGuestAtATime: the newest page on the guest's device takes the place; the one before is told and says nothing more of a
// microphone; a page on another device says nothing from the beginning. Whoever may cut, may cut from any of them.
func TestOnePageOfAGuestAtATime(t *testing.T) {
	c := newClass(t, setting{})
	_, first := c.guest(c.mediator, 1)
	first.say(&wire.Talk{On: true, Level: 1})
	c.mediator.hear(func() bool { return c.mediator.talk().On })

	thief := c.joinAs(wire.Hello{Token: c.tokens["guest1"], Device: "secret-of-another-device", Lang: "fr"})
	before := c.refusals(codeNotBeside)
	thief.say(&wire.Talk{On: false})
	until(t, "another device is refused", func() bool { return c.refusals(codeNotBeside) > before })
	c.mediator.settled()
	if !c.mediator.talk().On {
		t.Fatal("another device moved the guest's button")
	}

	second := c.join("guest1", nil)
	first.hear(func() bool { return first.bye != nil })
	if first.bye.Code != codeGuestElsewhere || first.bye.Retry {
		t.Fatalf("the page before hears %+v", first.bye)
	}
	checkSentence(t, first.bye.Code, first.bye.Text)
	c.mediator.hear(func() bool { return !c.mediator.talk().On }) // what it held is let go of
	before = c.refusals(codeNotBeside)
	if first.Send(&wire.Talk{On: true}) == nil { // until the server has closed it
		until(t, "refused, or closed", func() bool { return c.refusals(codeNotBeside) > before || first.Send(&wire.Talk{On: true}) != nil })
	}
	second.say(&wire.Talk{On: true, Level: 2})
	c.mediator.hear(func() bool { return c.mediator.talk().On && c.mediator.talk().Level == 2 })
	if second.bye != nil || thief.bye != nil || c.server.Stats().Byes[codeGuestElsewhere] != 1 {
		t.Errorf("told %+v, %+v, %v", second.bye, thief.bye, c.server.Stats().Byes)
	}
	hears(c.world, c.studio)
	thief.must(doing("cut", "grant", grantID(1)))
	c.still("cut", ofGuest, c.studio)
}

package signaling

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"antenne/rooms"
	"antenne/rooms/journal"
	"antenne/sfu"
	"antenne/sfu/packet"
	"antenne/sfu/peer"
)

const cutViewers = 50

// audience is many viewers of a class that is on air with a guest in sound and picture.
func newAudience(t testing.TB, s setting) (*class, []*peer.Viewer) {
	c := newClass(t, s)
	viewers := make([]*peer.Viewer, cutViewers)
	var all sync.WaitGroup
	for i := range viewers {
		all.Go(func() {
			v, err := peer.View(t.Context(), c.exchange("/whep/cuisine?slots=5", "screen-lens"), peer.Want{Five: true})
			if err != nil {
				t.Error(err)
				return
			}
			t.Cleanup(func() { _ = v.Leave() })
			viewers[i] = v
		})
	}
	all.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return c, viewers
}

// appear puts a guest on air, in sound and picture, until everybody is sent both.
func (c *class) appear(n int, viewers []*peer.Viewer) (*peer.Publisher, *person) {
	c.t.Helper()
	p, page := c.guest(c.mediator, n)
	page.must(doing("guest-camera", "grant", grantID(n), "camera", "on", "agreed", "yes"))
	before := make([][]peer.Line, len(viewers))
	for i, v := range viewers {
		before[i] = v.Lines()
	}
	c.mediator.must(doing("put-on-air", "grant", grantID(n)))
	for i, v := range viewers {
		until(c.t, "everybody sees and hears the guest", func() bool {
			now := v.Lines()
			return now[sfu.GuestCamera].Frames > before[i][sfu.GuestCamera].Frames && now[sfu.GuestVoice].Packets > before[i][sfu.GuestVoice].Packets
		})
	}
	return p, page
}

// TestI4ACutNeedsNoDisk: with a disk that does not answer, each key gives silence and black at every screen, for good; everybody is
// told, and the log has it once the disk is back.
func TestI4ACutNeedsNoDisk(t *testing.T) {
	disk := &stalling{Journal: journal.NewMemory()}
	c, viewers := newAudience(t, setting{journal: disk})
	for n, who := range []string{"mediator", "moderator", "animator", "guest", "phone"} {
		n++
		c.mediator = c.join("mediator", nil) // nobody reads a connection while packets are counted: each round has its own
		_, page := c.appear(n, viewers)
		hand, wall := page, c.join("screen-lens", nil)
		if who == "phone" {
			c.hands()
		}
		if who != "guest" {
			hand = c.join(who, nil)
		}

		disk.stall()
		stuck := make(chan error, 1)
		go func() { // a command of the same connection waits for the disk: the cut overtakes it
			_, err := hand.Do(t.Context(), doing("put-backstage", "grant", grantID(n)))
			stuck <- err
		}()
		if _, err := hand.do(doing("cut", "grant", grantID(n))); err != nil {
			t.Errorf("%s: %v", who, err)
		}
		wall.hear(func() bool { return wall.store["shut"] == `{"grant":"`+grantID(n)+`"}` })
		if e := wall.floor(); e.Stage != rooms.FloorOnAir {
			t.Errorf("the log said it without its disk: %+v", e)
		}
		c.still(who+" cut, the disk stalled", ofGuest, append(viewers, c.studio, c.beside, c.home)...)
		guest := fmt.Sprintf("guest%d", n)
		_, err := peer.Publish(t.Context(), c.exchange("/whip/cuisine/guest?device="+deviceOf(guest), guest), peer.Media{Video: packet.VP8, WithAudio: true})
		if code(err) != "grant-over" {
			t.Errorf("%s cut: the guest comes back: %v", who, err)
		}
		late := c.join("screen-lens", nil) // who joins now is told too
		late.hear(func() bool { return late.store["shut"] != "" })

		disk.goOn()
		<-stuck
		late.hear(func() bool { return late.store["shut"] == "" && late.store["floor"] == "" })
		if e := c.join("mediator", nil).floorEnded(); e.Why != rooms.WhyCut || string(e.Grant) != grantID(n) {
			t.Errorf("%s cut: the log says %+v", who, e)
		}
		c.still(who+" cut, tried again, and logged", ofGuest, append(viewers, c.studio)...)
		flows(t, viewers[0])
	}
	if n := c.server.Stats().Cuts; !maps.Equal(n, map[string]uint64{"mediator": 2, "moderator": 1, "site": 1, "guest": 1}) { // the phone is the mediator's
		t.Errorf("cuts counted: %v", n)
	}
	if n := c.hall.Stats().Floors; n[rooms.WhyCut] != 5 {
		t.Errorf("ends counted: %v", n)
	}
}

// TestACutThatCannotBeLoggedIsFinal: what was on its way to the log when the cut came opens nothing when it lands.
func TestACutThatCannotBeLoggedIsFinal(t *testing.T) {
	disk := &stalling{Journal: journal.NewMemory()}
	c := newClass(t, setting{journal: disk})
	c.guest(c.mediator, 1)
	hears(c.world, c.studio)
	disk.stall()
	opening := make(chan error, 1)
	moderator := c.join("moderator", nil)
	go func() {
		_, err := moderator.Do(context.Background(), doing("put-on-air", "grant", grantID(1)))
		opening <- err
	}()
	until(t, "it is on its way", func() bool { return moderator.inFlight(c) })
	if _, err := c.mediator.do(doing("cut", "grant", grantID(1))); err != nil {
		t.Fatal(err)
	}
	disk.goOn()
	<-opening
	c.mediator.hear(func() bool { return c.mediator.floorEnded().Why == rooms.WhyCut })
	c.stillSilent()
	c.never("put on air after the cut", c.others())
}

// inFlight tells whether a command of the connection waits for the log.
func (p *person) inFlight(c *class) bool {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	for k := range c.server.sockets {
		if k.who.Role == rooms.Moderator {
			k.orders.mu.Lock()
			defer k.orders.mu.Unlock()
			return k.orders.running && len(k.orders.waiting) == 0
		}
	}
	return false
}

func (c *class) stillSilent() { c.still("cut", ofGuest, c.studio, c.elsewhere, c.home, c.beside) }

// TestALapseNeedsNoDisk: a guest nothing is heard of is silenced with the log stalled, too.
func TestALapseNeedsNoDisk(t *testing.T) {
	disk := &stalling{Journal: journal.NewMemory()}
	c := newClass(t, setting{journal: disk, limits: Limits{GuestAway: time.Second}})
	_, page := c.guest(c.mediator, 1)
	c.mediator.must(doing("put-on-air", "grant", grantID(1)))
	hears(c.world, c.elsewhere)
	disk.stall()
	page.Close()
	c.mediator.hear(func() bool { return c.mediator.store["shut"] != "" })
	c.stillSilent()
	disk.goOn()
	c.mediator.hear(func() bool { return c.mediator.floorEnded().Why == rooms.WhyAbsent })
	if n := c.server.Stats().Lapses; !maps.Equal(n, map[string]uint64{"absent": 1}) {
		t.Errorf("lapses counted: %v", n)
	}
}

// BenchmarkCut measures from the moment a hand's command is sent, over a WebSocket of its own, to the last packet of the guest, in sound
// or picture, that reaches any of 50 viewers. The journal is stalled.
//
//	go test -run '^$' -bench Cut -benchtime 20x ./signaling
func BenchmarkCut(b *testing.B) {
	disk := &stalling{Journal: journal.NewMemory()}
	c, viewers := newAudience(b, setting{journal: disk})
	var delays []time.Duration
	for n := 1; b.Loop(); n++ {
		c.appear(n, viewers)
		disk.stall()
		began := time.Now()
		if _, err := c.mediator.do(doing("cut", "grant", grantID(n))); err != nil {
			b.Fatal(err)
		}
		answered := time.Since(began)
		c.passes(100)
		for _, v := range viewers {
			last := later(v.Lines()[sfu.GuestVoice].LastPacket, v.Lines()[sfu.GuestCamera].LastPacket)
			delays = append(delays, max(0, last.Sub(began)))
		}
		disk.goOn()
		c.mediator.hear(func() bool { return string(c.mediator.floorEnded().Grant) == grantID(n) })
		b.Logf("cut %d: answered after %v", n, answered.Round(time.Millisecond))
	}
	slices.Sort(delays)
	at := func(share float64) float64 {
		return float64(delays[int(share*float64(len(delays)-1))].Microseconds()) / 1000
	}
	b.ReportMetric(at(0.5), "p50-ms")
	b.ReportMetric(at(0.99), "p99-ms")
	b.ReportMetric(at(1), "max-ms")
	b.ReportMetric(0, "ns/op")
}

// TestAGuestsTimeNeedsNoDisk: half an hour is half an hour, with the log stalled, too.
func TestAGuestsTimeNeedsNoDisk(t *testing.T) {
	disk := &stalling{Journal: journal.NewMemory()}
	c := newClass(t, setting{journal: disk})
	c.guest(c.mediator, 1)
	c.mediator.must(doing("put-on-air", "grant", grantID(1)))
	hears(c.world, c.elsewhere)
	disk.stall()
	c.clock.pass(rooms.FloorMost)
	c.mediator.hear(func() bool { return c.mediator.store["shut"] != "" })
	c.stillSilent()
	disk.goOn()
	c.mediator.hear(func() bool { return c.mediator.floorEnded().Why == rooms.WhyTimeout })
}

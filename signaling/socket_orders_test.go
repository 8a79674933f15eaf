package signaling

import (
	"context"
	"testing"
	"time"

	"antenne/rooms"
	"antenne/rooms/journal"
)

// TestAnOrdersTimeCountsFromWhenItWasTaken, not from when those before it were done.
func TestAnOrdersTimeCountsFromWhenItWasTaken(t *testing.T) {
	o, begun, free, deadlines := newOrders(), make(chan struct{}), make(chan struct{}), make(chan time.Time, 2)
	do := func(ctx context.Context, _ order) {
		at, _ := ctx.Deadline()
		deadlines <- at
		begun <- struct{}{}
		<-free
	}
	o.take(order{id: "1"}, do)
	o.take(order{id: "2"}, do)
	taken := time.Now()
	<-begun
	time.Sleep(5 * time.Millisecond)
	free <- struct{}{}
	<-begun
	free <- struct{}{}
	<-deadlines
	if second := <-deadlines; second.After(taken.Add(decideWithin)) {
		t.Errorf("an order may take until %v after it was taken", second.Sub(taken))
	}
	o.close()
}

// TestWhatWaitsIsForgottenWithItsConnection: what has begun is told to end, and what has not never begins.
func TestWhatWaitsIsForgottenWithItsConnection(t *testing.T) {
	o, begun := newOrders(), make(chan string, 2)
	do := func(ctx context.Context, one order) {
		begun <- one.id
		<-ctx.Done()
	}
	o.take(order{id: "1"}, do)
	<-begun
	o.take(order{id: "2"}, do)
	o.close()
	if len(begun) != 0 {
		t.Errorf("order %s began without its connection", <-begun)
	}
	if o.take(order{id: "3"}, do) {
		t.Error("an order was taken after the end")
	}
}

// TestNobodyGoesOnAirByAPageThatIsGone: the disk stalls, a page asks and goes; when the disk is back the guest is still backstage.
func TestNobodyGoesOnAirByAPageThatIsGone(t *testing.T) {
	disk := &stalling{Journal: journal.NewMemory()}
	c := newClass(t, setting{journal: disk})
	c.guest(c.mediator, 1)
	moderator := c.join("moderator", nil)
	disk.stall()
	for _, asked := range []map[string]string{doing("show-strip", "title", "Bonjour"), doing("put-on-air", "grant", grantID(1))} {
		go func() { _, _ = moderator.Do(context.Background(), asked) }()
		until(t, "it is asked", func() bool { return c.asked(rooms.Moderator) == asked["name"] })
	}
	moderator.Close()
	until(t, "the page is gone", func() bool { return c.asked(rooms.Moderator) == "" })
	disk.goOn()
	c.mediator.must(doing("announce", "text", "Bonjour")) // the log has gone on
	if stage := c.mediator.floor().Stage; stage != rooms.FloorBackstage {
		t.Errorf("the guest is %s", stage)
	}
	c.never("backstage", c.others())
}

// asked names the last command that a role's connection asked for and that is not done: "" without a connection.
func (c *class) asked(role rooms.Role) string {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	for k := range c.server.sockets {
		if k.who.Role != role {
			continue
		}
		k.orders.mu.Lock()
		defer k.orders.mu.Unlock()
		if n := len(k.orders.waiting); n > 0 {
			return string(k.orders.waiting[n-1].what.Verb())
		}
		if k.orders.running {
			return "show-strip"
		}
		return "nothing"
	}
	return ""
}

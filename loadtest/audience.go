package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"antenne/loadtest/scenario"
	"antenne/sfu"
	"antenne/sfu/peer"
	"antenne/signaling/dial"
	"antenne/signaling/wire"
)

const (
	leaveWithin = 5 * time.Second
	lookEvery   = 100 * time.Millisecond // for a first picture
	quietOne    = 4                      // of so many that leave, one does not say so
)

// audience is everybody who watches in one run.
type audience struct {
	server  *server
	crowd   *peer.Crowd
	within  time.Duration // for a first picture
	running sync.WaitGroup

	mu      sync.Mutex
	counts  map[string]*tally // guarded by mu, by group
	pending int               // guarded by mu: came, and have neither a picture nor failed
}

// tally is what happened at the door, since the beginning.
type tally struct {
	failed, silent, refused uint64
	codes                   map[string]uint64
}

func (t *tally) minus(before tally) tally {
	d := tally{failed: t.failed - before.failed, silent: t.silent - before.silent, refused: t.refused - before.refused, codes: map[string]uint64{}}
	for code, n := range t.codes {
		d.codes[code] = n - before.codes[code]
	}
	return d
}

func (t *tally) add(other tally) {
	t.failed, t.silent, t.refused = t.failed+other.failed, t.silent+other.silent, t.refused+other.refused
	if t.codes == nil {
		t.codes = map[string]uint64{}
	}
	for code, n := range other.codes {
		t.codes[code] += n
	}
}

// come lets a group arrive, evenly over its time. It returns when the last has set out; ctx ends everybody's visit.
func (a *audience) come(ctx context.Context, g scenario.Group) {
	began := time.Now()
	for i := range g.Count {
		if !sleep(ctx, time.Until(began.Add(g.Over.D()*time.Duration(i)/time.Duration(g.Count)))) {
			return
		}
		a.expect(1)
		a.running.Go(func() { a.visit(ctx, g, uint64(i)) })
	}
}

// visit is one place in the audience: where people come and go, many viewers one after the other.
func (a *audience) visit(ctx context.Context, g scenario.Group, number uint64) {
	random := rand.New(rand.NewPCG(number, 7))
	for turn := 0; ; turn++ {
		v := &visitor{audience: a, group: g, seed: number}
		stay := time.Duration(0)
		if g.Stay > 0 {
			stay = time.Duration(float64(g.Stay) * (0.5 + random.Float64()))
		}
		v.watch(ctx, stay, turn%quietOne == quietOne-1)
		if stay == 0 || ctx.Err() != nil {
			return
		}
		a.expect(1)
	}
}

// visitor is one viewer, from its offer to its leaving.
type visitor struct {
	audience *audience
	group    scenario.Group
	seed     uint64
	session  string // the last part of its Location
}

func (v *visitor) watch(ctx context.Context, stay time.Duration, quiet bool) {
	began := time.Now()
	joining, done := context.WithTimeout(ctx, v.audience.within)
	m, err := v.audience.crowd.Join(joining, v.exchange, v.spec())
	done()
	if err != nil {
		v.audience.arrived(ctx, v.group.Name, err)
		sleep(ctx, stay) // the place stays empty: who is refused does not knock again at once
		return
	}
	settled := v.sees(ctx, m, began.Add(v.audience.within))
	v.audience.arrived(ctx, v.group.Name, settled)
	page := v.tellWish(ctx)
	v.remain(ctx, m, stay)
	if page != nil {
		_ = page.Close()
	}
	if quiet {
		m.Vanish()
		return
	}
	leaving, done := context.WithTimeout(context.WithoutCancel(ctx), leaveWithin)
	defer done()
	_ = m.Leave(leaving)
}

func (v *visitor) spec() peer.Visitor {
	return peer.Visitor{Group: v.group.Name, Five: v.group.Lines == 5, Network: v.network(), NoRepair: !v.group.Repairs()}
}

func (v *visitor) network() peer.Network {
	return peer.Network{Rate: int(v.group.Rate), Delay: v.group.Delay.D(), Loss: float64(v.group.Loss), Seed: v.seed + 1}
}

func (v *visitor) exchange(ctx context.Context, offer sfu.Offer) (sfu.Answer, func(context.Context) error, error) {
	address := v.audience.server.whep
	if v.group.Lines == 5 {
		address += "?slots=5"
	}
	answer, session, err := dial.Whep(ctx, address, v.audience.server.watch, offer)
	if err != nil {
		return "", nil, err
	}
	v.session = session.ID()
	return answer, session.Delete, nil
}

var errNoPicture = errors.New("no picture in time")

// sees waits for the first complete keyframe of who can expect one.
func (v *visitor) sees(ctx context.Context, m *peer.Member, until time.Time) error {
	if v.group.Bad() || v.group.Wish == wire.PictureNone {
		return nil
	}
	for m.Times().Keyframe == 0 {
		switch {
		case time.Now().After(until):
			return errNoPicture
		case m.Ended():
			return errEnded
		case !sleep(ctx, lookEvery):
			return nil // sent home before it could be known
		}
	}
	return nil
}

var errEnded = errors.New("told to go")

// remain watches, until it is time to go or the server ends it.
func (v *visitor) remain(ctx context.Context, m *peer.Member, stay time.Duration) {
	if v.group.Stops > 0 {
		if !sleep(ctx, v.group.Stops.D()) {
			return
		}
		deaf := v.network()
		deaf.Stopped = true
		m.SetNetwork(deaf)
	}
	if stay > 0 {
		sleep(ctx, stay)
		return
	}
	<-ctx.Done()
}

// tellWish says over the class connection how much picture is wanted; nil where nothing is to be said.
func (v *visitor) tellWish(ctx context.Context) *dial.Conn {
	if v.group.Wish == wire.PictureAuto || len(v.audience.server.links) == 0 {
		return nil
	}
	door := v.audience.server.links[0]
	page, err := dial.Class(ctx, door.base, wire.Hello{Room: door.room, Device: uuid.NewString()})
	if err != nil {
		return nil
	}
	_ = page.Send(&wire.Media{Session: v.session, Picture: v.group.Wish})
	v.audience.running.Go(func() { drain(page) })
	return page
}

func (a *audience) expect(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.pending += n
}

// arrived counts a visitor that has its picture, or the reason why not. Nobody fails who was sent home.
func (a *audience) arrived(ctx context.Context, group string, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.pending--
	if err == nil || ctx.Err() != nil {
		return
	}
	t := a.counts[group]
	t.failed++
	var refused *dial.Refused
	if !errors.As(err, &refused) {
		t.silent++
		t.codes[reasonOf(err)]++
		return
	}
	t.refused++
	t.codes[refused.Code]++
	if refused.Text == "" {
		t.silent++
	}
}

// reasonOf names a failure that is no refusal.
func reasonOf(err error) string {
	switch {
	case errors.Is(err, errNoPicture):
		return "no-picture"
	case errors.Is(err, errEnded):
		return "ended"
	case errors.Is(err, context.DeadlineExceeded):
		return "no-connection"
	}
	return "other"
}

// waiting is how many have come and do not know yet how it went.
func (a *audience) waiting() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.pending
}

// tallies are what happened at the door so far.
func (a *audience) tallies() map[string]tally {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := map[string]tally{}
	for group, t := range a.counts {
		all[group] = t.minus(tally{})
	}
	return all
}

// welcome makes room for a group's figures.
func (a *audience) welcome(groups []scenario.Group) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, g := range groups {
		if a.counts[g.Name] == nil {
			a.counts[g.Name] = &tally{codes: map[string]uint64{}}
		}
	}
}

// groups are the names of everybody who was welcomed.
func (a *audience) groups() (names []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for name := range a.counts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// sleep rests; false when ctx ended it.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	wake := time.NewTimer(d)
	defer wake.Stop()
	select {
	case <-wake.C:
		return true
	case <-ctx.Done():
		return false
	}
}

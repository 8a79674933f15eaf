package live

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"antenne/rooms"
	"antenne/rooms/journal"

	"go.uber.org/zap"
)

// houseStream is the log of what belongs to no séance.
const houseStream journal.Stream = "house"

// porter keeps the house: which devices are paired with which place. What it decides is applied only when it comes back from the
// journal, as in a Keeper; since devices come and go a few times a day, it needs no owner and no queue.
type porter struct {
	hall *Hall // static

	mu     sync.Mutex // guards what follows; nothing slow is done with it held
	house  *rooms.House
	seq    journal.Seq   // last entry applied
	broken bool          // an entry could not be understood: for good
	news   chan struct{} // closed, and another put in its place, when one of the above changes
}

func newPorter(h *Hall) *porter {
	return &porter{hall: h, house: rooms.NewHouse(), news: make(chan struct{})}
}

// run applies the entries of the house as they become durable.
func (p *porter) run() {
	var seen journal.Seq
	for p.hall.ctx.Err() == nil {
		for e, err := range p.hall.journal.Follow(p.hall.ctx, houseStream, seen) {
			if err != nil {
				p.hall.log.Error("the journal of the house cannot be read", zap.Error(err))
				break
			}
			seen = e.Seq
			p.apply(e)
		}
		p.hall.pause(followAgain)
	}
}

func (p *porter) apply(e journal.Entry) {
	events, err := rooms.DecodeHouse(e.Meta)
	if err != nil {
		p.hall.log.Error("an entry of the house cannot be understood", zap.Error(err))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.broken = p.broken || err != nil
	for _, ev := range events {
		p.house.Apply(ev)
		p.noteLocked(ev)
	}
	p.seq = e.Seq
	close(p.news)
	p.news = make(chan struct{})
}

// noteLocked keeps the hall's directory in step with the house.
func (p *porter) noteLocked(ev rooms.Event) {
	var id rooms.LinkID
	switch ev := ev.(type) {
	case rooms.DevicePaired:
		id = ev.Device
	case rooms.DeviceForgotten:
		id = ev.Device
	}
	if d, known := p.house.Device(id); known {
		p.hall.links.put(anyRoom, d.Link())
	}
}

// do decides c for who and returns once it is on the disk and applied.
func (p *porter) do(ctx context.Context, who rooms.Actor, c rooms.HouseCommand) error {
	for {
		now := p.hall.clock.Now()
		p.mu.Lock()
		events, err := p.house.Decide(who, c, now)
		after, broken := p.seq, p.broken
		p.mu.Unlock()
		switch {
		case broken:
			return refusal(CodeFailed)
		case err != nil || len(events) == 0:
			return err
		}
		seq, err := p.write(ctx, after, events, journal.Entry{At: now})
		switch {
		case errors.Is(err, journal.ErrBehind):
			err = p.caughtUp(ctx, after+1) // somebody was quicker: decide again with what they did
		case err == nil:
			return p.caughtUp(ctx, seq)
		case ctx.Err() == nil:
			p.hall.log.Error("the journal refused an entry of the house", zap.Error(err))
			err = journalRefusal(err)
		}
		if err != nil {
			return err
		}
	}
}

func (p *porter) write(ctx context.Context, after journal.Seq, events []rooms.Event, e journal.Entry) (seq journal.Seq, err error) {
	if e.Meta, err = rooms.EncodeHouse(events); err != nil {
		return 0, err
	}
	return p.hall.append(ctx, houseStream, after, e)
}

// caughtUp waits until the entry numbered to is applied.
func (p *porter) caughtUp(ctx context.Context, to journal.Seq) error {
	for {
		p.mu.Lock()
		seq, broken, news := p.seq, p.broken, p.news
		p.mu.Unlock()
		switch {
		case broken:
			return refusal(CodeFailed)
		case seq >= to:
			return nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return ctx.Err()
		case <-p.hall.ctx.Done():
			return ErrClosed
		}
	}
}

// reopen waits until the house is as the journal says.
func (p *porter) reopen(ctx context.Context) error {
	head, err := p.hall.journal.Head(ctx, houseStream)
	if err == nil {
		err = p.caughtUp(ctx, head)
	}
	if err != nil {
		return fmt.Errorf("reopen the house: %w", err)
	}
	return nil
}

// PairDevice lets a device in for a place, in every séance that the place follows: token is its secret, told this once and kept
// nowhere. role is rooms.Screen. Its error is a *rooms.Refusal or ctx's.
func (h *Hall) PairDevice(ctx context.Context, by rooms.Actor, role rooms.Role, site rooms.SiteID) (token string, id rooms.LinkID, err error) {
	if !h.follows(site) {
		return "", "", refusal(CodeSiteUnknown, "site", string(site))
	}
	token, id = newToken(), rooms.LinkID(h.newID())
	hash := TokenHash(token)
	err = h.porter.do(ctx, by, rooms.PairDevice{Device: id, Hash: hex.EncodeToString(hash[:]), Role: role, Site: site})
	if err == nil && h.links.revoked(by.Link) { // since the caller looked: it is of no use to who paired it, see RevokeLink
		if err = h.ForgetDevice(ctx, rooms.Actor{Role: rooms.System}, id); err == nil {
			err = refusal(CodeLinkRevoked)
		}
	}
	if err != nil {
		return "", "", err
	}
	return token, id, nil
}

// forgetPairedBy ends the devices that a link has let in, and tells how many.
func (h *Hall) forgetPairedBy(ctx context.Context, by rooms.LinkID) (forgotten int, err error) {
	for _, d := range h.Devices("") {
		if by == "" || d.PairedBy != by {
			continue
		}
		if err := h.porter.do(ctx, rooms.Actor{Role: rooms.System}, rooms.ForgetDevice{Device: d.ID, Why: rooms.WithLink}); err != nil {
			return forgotten, err
		}
		forgotten++
	}
	return forgotten, nil
}

// forgetOrphans finishes what a revocation did not come to: a device lives no longer than the link that let it in is trusted.
func (h *Hall) forgetOrphans(ctx context.Context) error {
	for _, d := range h.Devices("") {
		if !h.links.revoked(d.PairedBy) {
			continue
		}
		if _, err := h.forgetPairedBy(ctx, d.PairedBy); err != nil {
			return err
		}
	}
	return nil
}

// lookAtDevices writes down which devices have been used of late, and forgets those that nobody has used for a year.
func (h *Hall) lookAtDevices(ctx context.Context, now time.Time) error {
	for _, d := range h.Devices("") {
		used := h.links.used(d.ID)
		var what rooms.HouseCommand
		switch {
		case used.Sub(d.UsedAt) >= rooms.UseNoted:
			what = rooms.UseDevice{Device: d.ID}
		case now.Sub(later(used, d.UsedAt)) >= rooms.DeviceKept:
			what = rooms.ForgetDevice{Device: d.ID, Why: rooms.LongUnused}
		default:
			continue
		}
		if err := h.porter.do(ctx, rooms.Actor{Role: rooms.System}, what); err != nil {
			return err
		}
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// ForgetDevice ends a device for good: refused from the moment this returns.
func (h *Hall) ForgetDevice(ctx context.Context, by rooms.Actor, id rooms.LinkID) error {
	return h.porter.do(ctx, by, rooms.ForgetDevice{Device: id})
}

// Devices lists the devices of a place, or of all places for "", in the order they were paired; without those forgotten.
func (h *Hall) Devices(site rooms.SiteID) []rooms.Device {
	h.porter.mu.Lock()
	defer h.porter.mu.Unlock()
	return slices.DeleteFunc(h.porter.house.Devices(site), func(d rooms.Device) bool { return d.Forgotten })
}

// follows tells whether a place follows some room.
func (h *Hall) follows(site rooms.SiteID) bool {
	return slices.ContainsFunc(h.Rooms(), func(s Summary) bool { return s.Follows(site) })
}

package live

import (
	"context"
	"errors"

	"antenne/rooms"
	"antenne/rooms/journal"

	"go.uber.org/zap"
)

// order is one Do. Answered at most once, on done; who gave up does not read it.
type order struct {
	ctx  context.Context
	who  rooms.Actor
	what rooms.Command
	done chan outcome
}

type outcome struct {
	seq journal.Seq
	err error
}

// Lanes in which orders wait while an entry is being written, the first to go first: an hour's questions that come in one minute
// wait for one another, and neither the régie nor a room that is stuck waits for them.
const (
	laneWork = iota // the house, the studio, the régie, a guest
	laneRoom        // what a room says of itself
	laneAsk         // questions, and what homes ask of the floor
	laneCount
)

// mostAsking is how many questions may wait to be written. One more is told at once, in words, to come again: better than a page
// that waits without an answer.
const mostAsking = 64

func laneOf(who rooms.Actor, c rooms.Command) int {
	switch who.Role {
	case rooms.System, rooms.Mediator, rooms.Moderator, rooms.Phone, rooms.Guest:
		return laneWork
	}
	switch c.(type) {
	case rooms.Ask:
		return laneAsk
	case rooms.RequestFloor, rooms.CancelRequest:
		if who.Role == rooms.Viewer { // the address is public: no room waits behind it
			return laneAsk
		}
	}
	return laneRoom
}

// flight is the one order that is being written. Owned by run.
type flight struct {
	*order
	after  journal.Seq // what the decision had seen
	seq    journal.Seq // its entry, once the journal said so; 0 before
	behind bool        // the journal has newer entries: decide again when they come
}

// Do decides c for who, and returns the number of its entry once that is on the disk and applied; for a command that changes nothing
// (it is so already), the number of the last entry. Its error is a *rooms.Refusal, or ctx's: then the command may or may not have
// been done, and sending it again is harmless.
func (k *Keeper) Do(ctx context.Context, who rooms.Actor, c rooms.Command) (journal.Seq, error) {
	lane := laneOf(who, c)
	if lane == laneAsk {
		defer k.asking.Add(-1)
		if k.asking.Add(1) > mostAsking {
			return 0, refusal("question-rate")
		}
	}
	o := &order{ctx: ctx, who: who, what: c, done: make(chan outcome, 1)}
	select {
	case k.lanes[lane] <- o:
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-k.ctx.Done():
		return 0, refusal(CodeFailed)
	}
	select {
	case out := <-o.done:
		return out.seq, out.err
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-k.ended:
		select {
		case out := <-o.done:
			return out.seq, out.err
		default:
			return 0, refusal(CodeFailed)
		}
	}
}

func (o *order) answer(seq journal.Seq, err error) { o.done <- outcome{seq, err} }

// begin decides an order and hands its entry to the appender.
func (k *Keeper) begin(o *order) {
	k.flight = nil
	switch {
	case o.ctx.Err() != nil:
		o.answer(0, o.ctx.Err())
		return
	case k.deaf:
		o.answer(0, refusal(CodeFailed))
		return
	}
	now := k.hall.clock.Now()
	events, err := k.room.Decide(o.who, o.what, rooms.Moment{Now: now, Present: k.present})
	if err != nil || len(events) == 0 {
		o.answer(k.seq, err)
		return
	}
	meta, private, err := rooms.EncodeEvents(events)
	if err != nil {
		k.log.Error("an event cannot be written", zap.String("command", string(o.what.Verb())), zap.Error(err))
		o.answer(0, refusal(CodeFailed))
		return
	}
	k.flight = &flight{order: o, after: k.seq}
	k.toAppend <- appendRequest{after: k.seq, entry: journal.Entry{At: now, Meta: meta, Private: toJournal(private)}}
}

// landed takes the journal's answer about the flight.
func (k *Keeper) landed(a appendAnswer) {
	f := k.flight
	switch {
	case errors.Is(a.err, journal.ErrBehind):
		f.behind = true
	case a.err != nil:
		k.trouble.report("the journal refused an entry", a.err)
		k.flight = nil
		f.answer(0, journalRefusal(a.err))
		return
	default:
		f.seq = a.seq
	}
	k.settle()
}

// settle ends the flight when its entry has been applied, and decides again when a newer entry has.
func (k *Keeper) settle() {
	f := k.flight
	switch {
	case f == nil:
	case f.behind && k.seq > f.after:
		k.begin(f.order)
	case f.seq > 0 && k.seq >= f.seq:
		k.flight = nil
		f.answer(f.seq, nil)
	}
}

// giveUp answers the flight when its entry will not come back.
func (k *Keeper) giveUp() {
	if f := k.flight; f != nil && (f.seq > 0 || f.behind) {
		k.flight = nil
		f.answer(0, refusal(CodeFailed))
	}
}

type appendRequest struct {
	after journal.Seq
	entry journal.Entry
}

type appendAnswer struct {
	seq journal.Seq
	err error
}

// runAppender waits for the disk so that the owner does not. One request at a time.
func (k *Keeper) runAppender() {
	defer k.running.Done()
	for {
		select {
		case <-k.ctx.Done():
			return
		case r := <-k.toAppend:
			seq, err := k.hall.append(k.ctx, k.stream, r.after, r.entry)
			k.appended <- appendAnswer{seq, err} // has room: the owner waits for it before asking again
		}
	}
}

func toJournal(private []rooms.Private) []journal.Private {
	out := make([]journal.Private, len(private))
	for i, p := range private {
		out[i] = journal.Private{ID: p.ID, Body: []byte(p.Text)}
	}
	return out
}

func fromJournal(private []journal.Private) []rooms.Private {
	out := make([]rooms.Private, len(private))
	for i, p := range private {
		out[i] = rooms.Private{ID: p.ID, Text: string(p.Body)}
	}
	return out
}

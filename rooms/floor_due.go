package rooms

import (
	"slices"
	"time"
)

// lapse is when, and why, a grant ends by itself.
type lapse struct {
	at  time.Time
	why FloorWhy
}

// lapses are the ways in which the grant ends unless something happens before.
func (g *grant) lapses(present Presence) []lapse {
	switch g.stage {
	case FloorInvited:
		return []lapse{{g.since.Add(AnswerWithin), WhyUnanswered}}
	case FloorAccepted:
		return []lapse{{g.since.Add(ComeWithin), WhyAbsent}}
	}
	all := []lapse{{g.acceptedAt.Add(FloorMost), WhyTimeout}}
	if !g.up {
		all = append(all, lapse{g.downAt.Add(GuestAway), WhyAbsent})
	}
	if present.Guests[g.link()] == 0 {
		all = append(all, lapse{g.withoutPage(present).Add(GuestAway), WhyAbsent})
	}
	return all
}

// withoutPage is since when the guest has had no page of the class: somebody who cannot be told anything, nor end it, is not
// left on air. A guest who came, or a house that started again, is given its time.
func (g *grant) withoutPage(present Presence) time.Time {
	since := g.since
	if left := present.GuestLeft[g.link()]; left.After(since) {
		since = left
	}
	if present.Since.After(since) {
		since = present.Since
	}
	return since
}

// leftAlone is when a guest on air goes backstage because nobody who conducts is there any more: neither a picture or a voice of the
// mediator, nor a page of theirs, nor the régie, for as long as the air is kept for a mediator who is gone. Somebody must be
// able to say « merci » and to cut.
func (r *Room) leftAlone(present Presence) (at time.Time, alone bool) {
	g := r.floor.grant
	if g == nil || g.stage != FloorOnAir || len(r.air.up) > 0 {
		return time.Time{}, false
	}
	left, none := present.withoutConductor()
	if !none {
		return time.Time{}, false
	}
	return slices.MaxFunc([]time.Time{left, r.air.lostAt, g.since}, time.Time.Compare).Add(AirGrace), true
}

func (r *Room) floorDeadlines(present Presence) []time.Time {
	var all []time.Time
	if g := r.floor.grant; g != nil {
		for _, l := range g.lapses(present) {
			all = append(all, l.at)
		}
	}
	if at, alone := r.leftAlone(present); alone {
		all = append(all, at)
	}
	if r.floor.last != nil {
		all = append(all, r.floor.endAt.Add(FloorSaid))
	}
	return all
}

func (r *Room) tickFloor(d decision) []Event {
	var events []Event
	if f := &r.floor; f.last != nil && !f.endAt.Add(FloorSaid).After(d.at.Now) {
		events = append(events, FloorCleared{Stamp: d.stamp, Grant: f.last.id})
	}
	g := r.floor.grant
	if g == nil {
		return events
	}
	var first lapse
	for _, l := range g.lapses(d.at.Present) {
		if !l.at.After(d.at.Now) && (first.why == "" || l.at.Before(first.at)) {
			first = l
		}
	}
	if first.why != "" {
		return append(events, g.end(d.stamp, first.why))
	}
	if at, alone := r.leftAlone(d.at.Present); alone && !at.After(d.at.Now) {
		events = append(events, FloorRested{Stamp: d.stamp, Grant: g.id})
	}
	return events
}

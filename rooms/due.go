package rooms

import "time"

// Due tells what the house must do now: a Tick, or nil; and when to look again if nothing happens before: zero
// for never. Look again after every event and every change of presence, too.
func (r *Room) Due(at Moment) (Command, time.Time) {
	var due Command
	var again time.Time
	for _, deadline := range r.deadlines(at.Present) {
		switch {
		case !deadline.After(at.Now):
			due = Tick{}
		case again.IsZero() || deadline.Before(again):
			again = deadline
		}
	}
	return due, again
}

// deadlines are the moments at which the house acts by itself, past ones too while they have not been acted on.
func (r *Room) deadlines(present Presence) []time.Time {
	var all []time.Time
	for _, p := range parts {
		if p.deadlines != nil {
			all = append(all, p.deadlines(r, present)...)
		}
	}
	return all
}

func (r *Room) decideTick(_ Tick, d decision) ([]Event, error) {
	var events []Event
	for _, p := range parts {
		if p.tick != nil {
			events = append(events, p.tick(r, d)...)
		}
	}
	return events, nil
}

func (r *Room) doorsAt() time.Time { return r.startsAt.Add(-DoorsBefore) }

func (r *Room) doorsDeadline(Presence) []time.Time {
	if r.state != Scheduled {
		return nil
	}
	return []time.Time{r.doorsAt()}
}

func (r *Room) tickDoors(d decision) []Event {
	if r.state != Scheduled || r.doorsAt().After(d.at.Now) {
		return nil
	}
	return []Event{StateChanged{Stamp: d.stamp, To: DoorsOpen}}
}

func (r *Room) waitingDeadlines(present Presence) []time.Time {
	var all []time.Time
	for _, id := range r.tally.waiting {
		if at, _, ok := r.goesUp(r.questions[id], present); ok {
			all = append(all, at)
		}
	}
	return all
}

func (r *Room) tickWaiting(d decision) []Event {
	var events []Event
	for _, id := range r.tally.waiting {
		if at, why, ok := r.goesUp(r.questions[id], d.at.Present); ok && !at.After(d.at.Now) {
			events = append(events, QuestionRelayed{Stamp: d.stamp, Question: id, Why: why})
		}
	}
	return events
}

// goesUp tells when a question leaves its site by itself. A home's cannot see whether anybody reads it: it waits
// no longer than HomeWait. One typed in the room waits for its animator, and for HomeWait at least, unless the animator has gone.
func (r *Room) goesUp(q *question, present Presence) (time.Time, Why, bool) {
	if q.state != Asked {
		return time.Time{}, "", false
	}
	at, desk := q.stateAt.Add(HomeWait), present.desk(q.site)
	switch {
	case q.from == FromHome && desk:
		return at, Waited, true
	case q.from == FromHome:
		return at, NoDesk, true
	case desk:
		return time.Time{}, "", false
	}
	if up := present.givenUp(q.site); up.After(at) {
		at = up
	}
	return at, NoDesk, true
}

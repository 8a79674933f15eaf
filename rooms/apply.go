package rooms

// Apply makes a fact part of the room. Facts have happened: it never refuses and never fails, even on
// events that no Decide of today would make.
func (r *Room) Apply(e Event) {
	for _, p := range parts {
		if p.apply != nil && p.apply(r, e) {
			return
		}
	}
}

func (r *Room) applyCreated(e RoomCreated) {
	r.created = true
	r.title, r.needs, r.mediator = e.Title, e.Needs, e.Mediator
	r.startsAt, r.audience, r.onAirOnPublish = e.StartsAt, e.Audience, e.OnAirOnPublish
	r.state, r.stateAt = Scheduled, e.At
}

func (r *Room) applyState(e StateChanged) {
	if e.To == Ended && r.state != Ended {
		r.before = r.state
	}
	if e.To != Scheduled && e.To != Ended && !r.opened {
		r.opened = true
		r.letIn(e.At)
	}
	if e.To == OnAir && r.startedAt.IsZero() {
		r.startedAt = e.At
	}
	r.slate = e.Slate
	if r.state != e.To {
		r.state, r.stateAt = e.To, e.At
	}
}

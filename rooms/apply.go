package rooms

// Apply makes a fact part of the room. Facts have happened: it never refuses and never fails, even on
// events that no Decide of today would make.
func (r *Room) Apply(e Event) {
	switch e := e.(type) {
	case RoomCreated:
		r.applyCreated(e)
	case SiteAdded:
		r.applySite(e)
	case LinkIssued:
		r.applyLink(e)
	case LinkRevoked:
		r.applyRevoked(e)
	case LinkNoteErased:
		r.applyNoteErased(e)
	case StateChanged:
		r.applyState(e)
	case SourceStarted:
		r.air.started(e)
	case SourceStopped:
		r.air.stopped(e)
	case AirTaken:
		r.air.taken(e)
	default:
		r.applyToQuestion(e)
		r.shortenQueue()
	}
}

func (r *Room) applyCreated(e RoomCreated) {
	r.created = true
	r.title, r.needs, r.mediator = e.Title, e.Needs, e.Mediator
	r.startsAt, r.audience, r.onAirOnPublish = e.StartsAt, e.Audience, e.OnAirOnPublish
	r.state, r.stateAt = Scheduled, e.At
}

func (r *Room) applySite(e SiteAdded) {
	s := SiteEntity{ID: e.Site, Name: e.Name, Town: e.Town}
	if i, ok := r.siteAt[e.Site]; ok {
		r.sites[i] = s
		return
	}
	r.siteAt[e.Site] = len(r.sites)
	r.sites = append(r.sites, s)
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
	r.state, r.stateAt = e.To, e.At
}

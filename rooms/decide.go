package rooms

import "unicode/utf8"

// decision is what every rule is given beside its command.
type decision struct {
	who   Actor
	right Right
	at    Moment
	stamp Stamp
}

// Decide turns a command into the events that would follow, or a *Refusal. It changes nothing: the caller logs the
// events, then applies them. No event and no error means that what was asked is already so.
func (r *Room) Decide(who Actor, c Command, at Moment) ([]Event, error) {
	if c == nil {
		return nil, refuse("wire-unknown-command")
	}
	d := decision{who: who, right: May(who.Role, c.Verb()), at: at}
	d.stamp = Stamp{At: instant(at.Now), By: By{Role: who.Role, Site: r.siteOf(who), Link: who.Link}}
	if err := r.admits(c, d); err != nil {
		return nil, err
	}
	return r.dispatch(c, d)
}

// admits checks what holds for all commands: the right place, the right role, a link that still stands.
func (r *Room) admits(c Command, d decision) error {
	if d.who.Role != System && d.who.Room != r.id {
		return refuse("link-foreign-room")
	}
	if !d.right.Ever() {
		return refuse("role-may-not", "role", string(d.who.Role), "command", string(c.Verb()))
	}
	if _, creates := c.(CreateRoom); !r.created && !creates {
		return refuse("room-unknown")
	}
	if l, known := r.Link(d.who.Link); known && d.who.Role != System {
		return l.Stands(d.at.Now) // the house is never kept from its own work, whoever it speaks of
	}
	return nil
}

func (r *Room) dispatch(c Command, d decision) ([]Event, error) {
	switch c := c.(type) {
	case CreateRoom:
		return r.decideCreate(c, d)
	case AddSite:
		return r.decideAddSite(c, d)
	case IssueLink:
		return r.decideIssue(c, d)
	case RevokeLink:
		return r.decideRevoke(c, d)
	case EraseNote:
		return r.decideEraseNote(c, d)
	case Tick:
		return r.decideTick(d)
	case SourceUp:
		return r.decideSourceUp(c, d)
	case SourceDown:
		return r.decideSourceDown(c, d)
	case TakeAir:
		return r.decideTakeAir(c, d)
	case OpenDoors, GoOnAir, Pause, Resume, End:
		return r.decideLife(c, d)
	default:
		return r.dispatchQuestion(c, d)
	}
}

func (r *Room) dispatchQuestion(c Command, d decision) ([]Event, error) {
	switch c := c.(type) {
	case Ask:
		return r.decideAsk(c, d)
	case Relay:
		return r.on(c.Question, d, r.decideRelay)
	case Rephrase:
		return r.on(c.Question, d, func(q *question, d decision) ([]Event, error) { return r.decideRephrase(q, c, d) })
	case Withdraw:
		return r.on(c.Question, d, r.decideWithdraw)
	case Approve:
		return r.on(c.Question, d, r.decideApprove)
	case Take:
		return r.on(c.Question, d, r.decideTake)
	case Answer:
		return r.on(c.Question, d, func(q *question, d decision) ([]Event, error) { return r.decideAnswer(q, c, d) })
	case Later:
		return r.on(c.Question, d, r.decideLater)
	case Decline:
		return r.on(c.Question, d, func(q *question, d decision) ([]Event, error) { return r.decideDecline(q, c, d) })
	case Merge:
		return r.on(c.Question, d, func(q *question, d decision) ([]Event, error) { return r.decideMerge(q, c, d) })
	case Reopen:
		return r.on(c.Question, d, r.decideReopen)
	case EraseQuestion:
		return r.on(c.Question, d, r.decideErase)
	}
	return nil, refuse("wire-unknown-command", "name", clip(string(c.Verb())))
}

func (r *Room) decideCreate(c CreateRoom, d decision) ([]Event, error) {
	if err := checkCreate(c); err != nil {
		return nil, err
	}
	e := RoomCreated{Stamp: d.stamp, Room: r.id, Title: c.Title, StartsAt: instant(c.At), Audience: c.Audience,
		Needs: c.Needs, Mediator: c.Mediator, OnAirOnPublish: c.OnAirOnPublish}
	if !r.created {
		return []Event{e}, nil
	}
	same := e.Title == r.title && e.StartsAt.Equal(r.startsAt) && e.Audience == r.audience &&
		e.Needs == r.needs && e.Mediator == r.mediator && e.OnAirOnPublish == r.onAirOnPublish
	if same {
		return nil, nil
	}
	return nil, refuse("room-exists")
}

func checkCreate(c CreateRoom) error {
	if err := checkText(c.Title, 1, maxTitle, "room-title"); err != nil {
		return err
	}
	if err := checkLines(c.Needs, maxNeeds, "room-needs"); err != nil {
		return err
	}
	if err := checkText(c.Mediator, 0, maxName, "room-mediator"); err != nil {
		return err
	}
	if c.At.IsZero() || !loggable(c.At) {
		return refuse("room-time")
	}
	if c.Audience != AudiencePublic && c.Audience != AudiencePrivate {
		return refuse("room-audience")
	}
	return nil
}

func (r *Room) decideAddSite(c AddSite, d decision) ([]Event, error) {
	if !isSlug(string(c.Site)) {
		return nil, refuse("site-id", "site", clip(string(c.Site)))
	}
	if err := checkText(c.Name, 1, maxName, "site-name"); err != nil {
		return nil, err
	}
	if err := checkText(c.Town, 0, maxName, "site-town"); err != nil {
		return nil, err
	}
	if s, ok := r.site(c.Site); ok && s.Name == c.Name && s.Town == c.Town {
		return nil, nil
	}
	return []Event{SiteAdded{Stamp: d.stamp, Site: c.Site, Name: c.Name, Town: c.Town}}, nil
}

// decideLife moves the room along its life. A mediator who does not hold the air moves nothing.
func (r *Room) decideLife(c Command, d decision) ([]Event, error) {
	_, doors := c.(OpenDoors)
	if d.who.Role == Mediator && !doors && r.air.keptFrom(d.who.Link, d.at.Now) {
		return nil, refuse("air-held")
	}
	to, err := r.next(c, d)
	if err != nil || to == r.state {
		return nil, err
	}
	var events []Event
	if to == Ended && r.onAir != "" {
		events = append(events, QuestionAnswered{Stamp: d.stamp, Question: r.onAir})
	}
	return append(events, StateChanged{Stamp: d.stamp, To: to}), nil
}

// next is the room's life: the state that a command leads to; its own state when it is already so.
func (r *Room) next(c Command, d decision) (State, error) {
	switch c.(type) {
	case End:
		return Ended, nil
	case Resume:
		return r.nextResume(d)
	}
	if r.state == Ended {
		return "", refuse("room-ended")
	}
	switch c.(type) {
	case OpenDoors:
		if r.state == Scheduled {
			return DoorsOpen, nil
		}
		return r.state, nil
	case GoOnAir:
		return OnAir, nil
	default: // Pause
		if r.state == OnAir || r.state == Paused {
			return Paused, nil
		}
		return "", refuse("room-not-on-air")
	}
}

// nextResume ends a pause, or undoes an end. A room that had begun comes back on air, so that resuming twice is the
// same as resuming once; one that had not goes back to waiting.
func (r *Room) nextResume(d decision) (State, error) {
	switch r.state {
	case Paused:
		return OnAir, nil
	case Ended:
		return r.nextAfterEnd(d)
	}
	return r.state, nil
}

func (r *Room) nextAfterEnd(d decision) (State, error) {
	switch {
	case d.at.Now.Sub(r.stateAt) >= ReopenFor:
		return "", refuse("room-ended")
	case r.before == Paused:
		return OnAir, nil
	}
	return r.before, nil
}

// checkLines is checkText for a text of several lines.
func checkLines(s string, max int, code string) error {
	if utf8.RuneCountInString(s) > max {
		return checkText(s, 0, max, code)
	}
	return checkText(joinLines(s), 0, max, code)
}

package rooms

import "slices"

// lifePart is the room itself: how it is made, and its life from the programme to its end.
var lifePart = part{
	rights: map[CommandName]rights{
		//              sys  med  mod  ani  scr  pos  vie  coo  gue  pho  cap
		"create-room": {yes, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___},
		"tick":        {yes, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___},
		"open-doors":  {yes, yes, yes, ___, ___, ___, ___, ___, ___, ___, ___},
		"go-on-air":   {___, yes, ___, ___, ___, ___, ___, ___, ___, ___, ___},
		"pause":       {___, yes, ___, ___, ___, ___, ___, ___, ___, ___, ___},
		"resume":      {___, yes, ___, ___, ___, ___, ___, ___, ___, ___, ___},
		"end":         {yes, yes, ___, ___, ___, ___, ___, ___, ___, ___, ___},
	},
	pages: map[CommandName]pageForm{
		"open-doors": {nil, nil, func(fields) Command { return OpenDoors{} }},
		"go-on-air":  {nil, nil, func(fields) Command { return GoOnAir{} }},
		"pause":      {nil, []string{"slate"}, func(f fields) Command { return Pause{Slate: Slate(f["slate"])} }},
		"resume":     {nil, nil, func(fields) Command { return Resume{} }},
		"end":        {nil, nil, func(fields) Command { return End{} }},
	},
	rules: map[CommandName]rule{
		"create-room": deciding((*Room).decideCreate),
		"tick":        deciding((*Room).decideTick),
		"open-doors":  (*Room).decideLife,
		"go-on-air":   (*Room).decideLife,
		"pause":       (*Room).decideLife,
		"resume":      (*Room).decideLife,
		"end":         (*Room).decideLife,
	},
	kinds:     []kind{kindOf[RoomCreated](), kindOf[StateChanged]()},
	apply:     (*Room).applyLife,
	deadlines: (*Room).doorsDeadline,
	tick:      (*Room).tickDoors,
}

func (r *Room) applyLife(e Event) bool {
	switch e := e.(type) {
	case RoomCreated:
		r.applyCreated(e)
	case StateChanged:
		r.applyState(e)
	default:
		return false
	}
	return true
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

// decideLife moves the room along its life. A mediator who does not hold the air moves nothing.
func (r *Room) decideLife(c Command, d decision) ([]Event, error) {
	_, doors := c.(OpenDoors)
	if d.who.Role == Mediator && !doors && r.air.keptFrom(d.who.Link, d.at.Now) {
		return nil, refuse("air-held")
	}
	pause, pauses := c.(Pause)
	if pauses && !slices.Contains([]Slate{"", SlatePause, SlateIncident}, pause.Slate) {
		return nil, refuse("slate-unknown", "slate", clip(string(pause.Slate)))
	}
	to, err := r.next(c, d)
	if err != nil || to == r.state && (!pauses || pause.Slate.orPause() == r.slate.orPause()) {
		return nil, err
	}
	var events []Event
	if to == Ended && r.onAir != "" {
		events = append(events, QuestionAnswered{Stamp: d.stamp, Question: r.onAir})
	}
	return append(events, StateChanged{Stamp: d.stamp, To: to, Slate: pause.Slate}), nil
}

func (s Slate) orPause() Slate {
	if s == "" {
		return SlatePause
	}
	return s
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

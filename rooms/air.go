package rooms

import (
	"slices"
	"time"
)

// airPart is which mediator has the air, and what is fed.
var airPart = part{
	rights: map[CommandName]rights{
		//              sys  med  mod  ani  scr  pos  vie  coo  gue  pho  cap
		"source-up":   {yes, yes, ___, ___, ___, ___, ___, ___, ___, ___, ___},
		"source-down": {yes, yes, ___, ___, ___, ___, ___, ___, ___, ___, ___},
		"take-air":    {___, yes, ___, ___, ___, ___, ___, ___, ___, ___, ___},
	},
	pages: map[CommandName]pageForm{
		"take-air": {nil, nil, func(fields) Command { return TakeAir{} }},
	},
	rules: map[CommandName]rule{
		"source-up":   deciding((*Room).decideSourceUp),
		"source-down": deciding((*Room).decideSourceDown),
		"take-air":    deciding((*Room).decideTakeAir),
	},
	kinds: []kind{kindOf[SourceStarted](), kindOf[SourceStopped](), kindOf[AirTaken]()},
	apply: (*Room).applyToAir,
}

func (r *Room) applyToAir(e Event) bool {
	switch e := e.(type) {
	case SourceStarted:
		r.air.started(e)
	case SourceStopped:
		r.air.stopped(e)
	case AirTaken:
		r.air.taken(e)
	default:
		return false
	}
	return true
}

// slots are the media lines a mediator may feed, in their order.
var slots = []string{"voice", "camera", "slides"}

// air says which mediator has the air, from which device, and what is fed.
type air struct {
	held   bool
	link   LinkID
	device DeviceID
	up     []string  // in the order of slots
	lostAt time.Time // since when up is empty
}

func (a *air) started(e SourceStarted) {
	if !a.held || a.link != e.Link || a.device != e.Device {
		*a = air{held: true, link: e.Link, device: e.Device}
	}
	a.up = merge(a.up, e.Slots)
	a.lostAt = time.Time{}
}

func (a *air) stopped(e SourceStopped) {
	a.up = slices.DeleteFunc(slices.Clone(a.up), func(s string) bool { return slices.Contains(e.Slots, s) })
	if len(a.up) == 0 && a.lostAt.IsZero() {
		a.up, a.lostAt = nil, e.At
	}
}

func (a *air) taken(e AirTaken) {
	*a = air{held: true, link: e.Link, device: e.Device, lostAt: e.At}
}

// keptFrom tells whether another mediator must still leave the air to its holder.
func (a *air) keptFrom(link LinkID, now time.Time) bool {
	if !a.held || a.link == link {
		return false
	}
	return len(a.up) > 0 || now.Sub(a.lostAt) < AirGrace
}

// feeds tells whether every slot of s is already fed.
func (a *air) feeds(s []string) bool {
	for _, slot := range s {
		if !slices.Contains(a.up, slot) {
			return false
		}
	}
	return true
}

// merge unites two lists of slots, in the order of slots; unknown names are left out.
func merge(a, b []string) []string {
	var all []string
	for _, s := range slots {
		if slices.Contains(a, s) || slices.Contains(b, s) {
			all = append(all, s)
		}
	}
	return all
}

// hands are the link and device that a source belongs to: what the connection proved wins over what the command says.
func hands(who Actor, link LinkID, device DeviceID) (LinkID, DeviceID) {
	if who.Link != "" {
		link = who.Link
	}
	if who.Device != "" {
		device = who.Device
	}
	return link, device
}

func (r *Room) decideSourceUp(c SourceUp, d decision) ([]Event, error) {
	up := merge(nil, c.Slots)
	if len(up) == 0 || len(up) != len(c.Slots) {
		return nil, refuse("slot-unknown")
	}
	link, device := hands(d.who, c.Link, c.Device)
	if err := r.checkAir(link, d); err != nil {
		return nil, err
	}
	var events []Event
	if !r.air.held || r.air.link != link || r.air.device != device || !r.air.feeds(up) {
		events = append(events, SourceStarted{Stamp: d.stamp, Link: link, Device: device, Slots: up})
	}
	if r.goesOnAirWith(up) {
		events = append(events, StateChanged{Stamp: d.stamp, To: OnAir})
	}
	return events, nil
}

// goesOnAirWith: the mediator of a room made « dès la publication » goes on air by appearing or speaking;
// never out of a pause that a hand decided.
func (r *Room) goesOnAirWith(up []string) bool {
	seen := slices.Contains(up, "voice") || slices.Contains(up, "camera")
	return r.onAirOnPublish && seen && (r.state == Scheduled || r.state == DoorsOpen)
}

func (r *Room) decideSourceDown(c SourceDown, d decision) ([]Event, error) {
	link, device := hands(d.who, c.Link, c.Device)
	if !r.air.held || r.air.link != link || r.air.device != device {
		return nil, nil // an old device ends after the air has moved on
	}
	var down []string
	for _, s := range merge(nil, c.Slots) {
		if slices.Contains(r.air.up, s) {
			down = append(down, s)
		}
	}
	if len(down) == 0 {
		return nil, nil
	}
	return []Event{SourceStopped{Stamp: d.stamp, Slots: down}}, nil
}

func (r *Room) decideTakeAir(c TakeAir, d decision) ([]Event, error) {
	link, device := hands(d.who, "", c.Device)
	if err := r.checkAir(link, d); err != nil {
		return nil, err
	}
	if r.air.held && r.air.link == link && r.air.device == device {
		return nil, nil
	}
	return []Event{AirTaken{Stamp: d.stamp, Link: link, Device: device}}, nil
}

func (r *Room) checkAir(link LinkID, d decision) error {
	if r.state == Ended {
		return refuse("room-ended")
	}
	if r.air.keptFrom(link, d.at.Now) {
		return refuse("air-held")
	}
	return nil
}

package rooms

// FloorStage is where a grant is in its life.
type FloorStage string

const (
	FloorInvited   FloorStage = "invited"
	FloorAccepted  FloorStage = "accepted"
	FloorBackstage FloorStage = "backstage" // seen and heard by the studio alone
	FloorOnAir     FloorStage = "on-air"
)

// FloorWhy is why a grant ended.
type FloorWhy string

const (
	WhyCut        FloorWhy = "cut"
	WhyWithdrawn  FloorWhy = "withdrawn"
	WhyRefused    FloorWhy = "refused"
	WhyUnanswered FloorWhy = "unanswered"
	WhyAbsent     FloorWhy = "absent"
	WhyEnded      FloorWhy = "ended" // the séance did
	WhyRevoked    FloorWhy = "revoked"
	WhyRestart    FloorWhy = "restart"
	WhyTimeout    FloorWhy = "timeout"
)

// FloorWhys lists them all.
func FloorWhys() []FloorWhy {
	return []FloorWhy{WhyCut, WhyWithdrawn, WhyRefused, WhyUnanswered, WhyAbsent, WhyEnded, WhyRevoked, WhyRestart, WhyTimeout}
}

// RequestWhy is why a request waits no more.
type RequestWhy string

const (
	RequestInvited   RequestWhy = "invited"
	RequestCancelled RequestWhy = "cancelled"
	RequestDismissed RequestWhy = "dismissed"
)

// What happens about the floor.
type (
	FloorRequested struct {
		Stamp
		Request RequestID `json:"request"`
		Site    SiteID    `json:"site,omitempty"`
		Asker   AskerID   `json:"asker,omitempty"` // of a home
		From    string    `json:"from"`            // "site" or "home"
		Reason  string    `json:"-"`               // personal; "" when none was given, or once erased
	}
	FloorRequestEnded struct {
		Stamp
		Request RequestID  `json:"request"`
		Why     RequestWhy `json:"why"`
	}
	FloorRequestErased struct {
		Stamp
		Request RequestID `json:"request"`
	}
	// Invited: the floor is offered to an animator of the site, or to the home that asked for it.
	Invited struct {
		Stamp
		Grant   GrantID   `json:"grant"`
		Site    SiteID    `json:"site,omitempty"`
		Asker   AskerID   `json:"asker,omitempty"`
		From    string    `json:"from"` // "site" or "home"
		Request RequestID `json:"request,omitempty"`
	}
	// InviteAccepted comes with the LinkIssued of the guest.
	InviteAccepted struct {
		Stamp
		Grant  GrantID  `json:"grant"`
		Device DeviceID `json:"device,omitempty"`
	}
	// GuestCame: media of the guest is there, from the only device that may bring it. The first time this is backstage.
	GuestCame struct {
		Stamp
		Grant  GrantID  `json:"grant"`
		Device DeviceID `json:"device,omitempty"`
	}
	// GuestLeft: its media has gone. Its voice may come back by itself within GuestAway; its picture needs the gesture again, since
	// nobody knows who is in front of a camera that was away.
	GuestLeft struct {
		Stamp
		Grant GrantID `json:"grant"`
	}
	GuestCamera struct {
		Stamp
		Grant GrantID `json:"grant"`
		On    bool    `json:"on"`
	}
	// FloorOpened: the guest is on air. FloorRested: backstage again.
	FloorOpened struct {
		Stamp
		Grant GrantID `json:"grant"`
	}
	FloorRested struct {
		Stamp
		Grant GrantID `json:"grant"`
	}
	// FloorEnded: this grant is over for ever, and its link with it.
	FloorEnded struct {
		Stamp
		Grant GrantID  `json:"grant"`
		Why   FloorWhy `json:"why"`
	}
	// FloorCleared: it is no longer told why the grant ended.
	FloorCleared struct {
		Stamp
		Grant GrantID `json:"grant"`
	}
)

func (FloorRequested) Kind() string     { return "floor-requested" }
func (FloorRequestEnded) Kind() string  { return "floor-request-ended" }
func (FloorRequestErased) Kind() string { return "floor-request-erased" }
func (Invited) Kind() string            { return "invited" }
func (InviteAccepted) Kind() string     { return "invite-accepted" }
func (GuestCame) Kind() string          { return "guest-came" }
func (GuestLeft) Kind() string          { return "guest-left" }
func (GuestCamera) Kind() string        { return "guest-camera" }
func (FloorOpened) Kind() string        { return "floor-opened" }
func (FloorRested) Kind() string        { return "floor-rested" }
func (FloorEnded) Kind() string         { return "floor-ended" }
func (FloorCleared) Kind() string       { return "floor-cleared" }

const requestPrefix = "floor/" // of Private.ID: the reason of a request

func (e FloorRequested) hide(s *secrets, place int) {
	if e.Reason != "" {
		s.put(requestPrefix+string(e.Request), place, "reason", e.Reason)
	}
}

func (e FloorRequested) reveal(s secrets, place int) Event {
	e.Reason, _ = s.get(requestPrefix+string(e.Request), place, "reason")
	return e
}

// applyToFloor makes a fact of the floor part of the room. What speaks of another grant than the one there is was overtaken.
func (r *Room) applyToFloor(e Event) bool {
	f := &r.floor
	switch e := e.(type) {
	case FloorRequested:
		f.requested(e)
	case FloorRequestEnded:
		f.answered(e)
	case FloorRequestErased:
		f.erased(e.Request)
	case Invited:
		f.invited(e)
	case InviteAccepted:
		f.with(e.Grant, func(g *grant) { g.accepted(e) })
	case GuestCame:
		f.with(e.Grant, func(g *grant) { g.came(e) })
	case GuestLeft:
		f.with(e.Grant, func(g *grant) { g.up, g.camera, g.downAt = false, false, e.At })
	case GuestCamera:
		f.with(e.Grant, func(g *grant) { g.camera = e.On })
	case FloorOpened:
		f.with(e.Grant, func(g *grant) { g.stage, g.since, g.opener = FloorOnAir, e.At, e.By.Link })
	case FloorRested:
		f.with(e.Grant, func(g *grant) { g.stage, g.since = FloorBackstage, e.At })
	case FloorEnded:
		f.with(e.Grant, func(*grant) { r.applyFloorEnded(e) })
	case FloorCleared:
		if f.last != nil && f.last.id == e.Grant {
			f.last = nil
		}
	default:
		return false
	}
	return true
}

func (f *floor) with(id GrantID, do func(*grant)) {
	if f.grant != nil && f.grant.id == id {
		do(f.grant)
	}
}

func (f *floor) invited(e Invited) {
	if f.given == nil {
		f.given = map[GrantID]int{}
	}
	f.given[e.Grant]++
	f.grant = &grant{id: e.Grant, stage: FloorInvited, since: e.At, site: e.Site, asker: e.Asker, from: e.From, by: e.By}
	f.last = nil
}

func (g *grant) accepted(e InviteAccepted) {
	g.stage, g.since, g.acceptedAt, g.device = FloorAccepted, e.At, e.At, e.Device
}

func (g *grant) came(e GuestCame) {
	g.device, g.up = e.Device, true
	if g.stage == FloorAccepted {
		g.stage, g.since = FloorBackstage, e.At
	}
}

// applyFloorEnded also ends the guest's link: nobody comes in by it again.
func (r *Room) applyFloorEnded(e FloorEnded) {
	f := &r.floor
	f.last, f.why, f.endBy, f.endAt, f.grant = f.grant, e.Why, SideOf(e.By.Role), e.At, nil
	if i, ok := r.linkAt[f.last.link()]; ok {
		r.links[i].Revoked = true
	}
}

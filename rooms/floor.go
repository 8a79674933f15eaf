package rooms

import (
	"slices"
	"time"
)

const (
	// AnswerWithin is how long an invitation waits for its answer.
	AnswerWithin = 2 * time.Minute
	// ComeWithin is how long whoever accepted may take to be there with a microphone.
	ComeWithin = 60 * time.Second
	// GuestAway is how long a guest may be without media, or without a page, and still come back.
	GuestAway = 10 * time.Second
	// FloorMost bounds how long one guest keeps the floor, counted from the acceptance.
	FloorMost = 30 * time.Minute
	// FloorSaid is how long it is told why the floor came to its end.
	FloorSaid = 60 * time.Second
	// MaxRequests bounds the open requests for the floor, and MaxRequestsEach those of one site, or one home, in the life of a room.
	MaxRequests, MaxRequestsEach = 40, 30
	// MaxFloorReason is in code points.
	MaxFloorReason = 200
	// maxRequestsEver bounds what a room keeps of requests, and maxGrants of grants.
	maxRequestsEver, maxGrants = 2000, 1000
)

// floorPart is who else than the mediator may be seen and heard: one guest at a time, by a grant of a named person, for as
// long as it lasts. The right is in the grant, never in a link; what was granted once is never granted again.
//
//	invited ─► accepted ─► backstage ⇄ on-air
//	   └───────────┴───────────┴─────────┴──► ended, and why
var floorPart = part{
	rights: map[CommandName]rights{
		//                 sys  med  mod  ani  scr  pos  vie  coo  gue  pho  cap
		"request-floor":   {___, ___, ___, yes, ___, ___, yes, ___, ___, ___, ___},
		"cancel-request":  {___, ___, ___, its, ___, ___, own, ___, ___, ___, ___},
		"dismiss-request": {___, yes, yes, ___, ___, ___, ___, ___, ___, ___, ___},
		"invite":          {___, yes, yes, ___, ___, ___, ___, ___, ___, ___, ___},
		"cancel-invite":   {___, yes, yes, ___, ___, ___, ___, ___, ___, ___, ___},
		"refuse-invite":   {___, ___, ___, its, ___, ___, own, ___, ___, ___, ___},
		"accept-invite":   {___, ___, ___, its, ___, ___, own, ___, ___, ___, ___},
		"guest-camera":    {___, ___, ___, ___, ___, ___, ___, ___, own, ___, ___},
		"put-on-air":      {___, yes, yes, ___, ___, ___, ___, ___, ___, ___, ___},
		"put-backstage":   {___, yes, yes, ___, ___, ___, ___, ___, ___, ___, ___},
		"cut":             {___, yes, yes, its, ___, ___, own, ___, own, yes, ___},
		"guest-up":        {yes, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___},
		"guest-down":      {yes, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___},
		"end-floor":       {yes, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___},
		"erase-request":   {yes, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___},
	},
	pages: floorForms,
	rules: map[CommandName]rule{
		"request-floor":   deciding((*Room).decideRequestFloor),
		"cancel-request":  deciding((*Room).decideCancelRequest),
		"dismiss-request": deciding((*Room).decideDismissRequest),
		"erase-request":   deciding((*Room).decideEraseRequest),
		"invite":          deciding((*Room).decideInvite),
		"cancel-invite":   deciding((*Room).decideCancelInvite),
		"refuse-invite":   deciding((*Room).decideRefuseInvite),
		"accept-invite":   deciding((*Room).decideAcceptInvite),
		"guest-camera":    deciding((*Room).decideTurnGuestCamera),
		"put-on-air":      deciding((*Room).decidePutOnAir),
		"put-backstage":   deciding((*Room).decidePutBackstage),
		"cut":             deciding((*Room).decideCut),
		"guest-up":        deciding((*Room).decideGuestUp),
		"guest-down":      deciding((*Room).decideGuestDown),
		"end-floor":       deciding((*Room).decideEndFloor),
	},
	kinds: []kind{
		kindOf[FloorRequested](), kindOf[FloorRequestEnded](), kindOf[FloorRequestErased](),
		kindOf[Invited](), kindOf[InviteAccepted](), kindOf[GuestCame](), kindOf[GuestLeft](), kindOf[GuestCamera](),
		kindOf[FloorOpened](), kindOf[FloorRested](), kindOf[FloorEnded](), kindOf[FloorCleared](),
	},
	apply:     (*Room).applyToFloor,
	follow:    (*Room).floorFollows,
	deadlines: (*Room).floorDeadlines,
	tick:      (*Room).tickFloor,
	view:      (*Room).viewFloor,
	private: &keeping{
		prefix:    requestPrefix,
		erasure:   func(name string) Command { return EraseRequest{Request: RequestID(name)} },
		forgotten: func(r *Room, name string) bool { return r.floor.forgotten(RequestID(name)) },
	},
}

// floor is the part of a Room about its guests. The zero value is a floor that nobody asked for.
type floor struct {
	grant *grant          // nil while nobody is invited
	last  *grant          // the one before, while it is told why it ended
	why   FloorWhy        // why last ended
	endBy Side            // by whom
	endAt time.Time       // and when
	given map[GrantID]int // every grant there ever was; the value means nothing

	requests map[RequestID]*request
	open     []RequestID // those that still wait, as they came
}

// grant is one guest's right to the floor, as its events have made it.
type grant struct {
	id    GrantID
	stage FloorStage
	since time.Time // of stage

	site   SiteID  // whose guest it is, or through which the home came; "" for none
	asker  AskerID // of a home; "" for a site
	from   string  // fromSite or fromHome
	by     By      // who invited
	opener LinkID  // who put it on air last

	acceptedAt time.Time
	device     DeviceID // the only one that may bring its media; "" while none has
	up         bool     // its media is there
	downAt     time.Time
	camera     bool // it may be seen
}

const (
	fromSite = "site"
	fromHome = "home"
)

// link is the guest's own link, which is made when the invitation is accepted and dies with the grant.
func (g *grant) link() LinkID { return LinkID(g.id) }

// place is whose guest it is. A home says itself which site it follows, and is let into nothing of that site by it.
func (g *grant) place() SiteID {
	if g.from == fromSite {
		return g.site
	}
	return ""
}

// invites tells whether who is the one that the grant is for: an animator of the site, or the home itself.
func (g *grant) invites(who Actor) bool {
	switch who.Role {
	case Animator:
		return g.from == fromSite && who.Site != "" && who.Site == g.site
	case Viewer:
		return g.from == fromHome && g.asker != "" && who.asker() == g.asker
	}
	return false
}

// holds tells whether who is the guest that the grant let in.
func (g *grant) holds(who Actor) bool { return who.Role == Guest && who.Link == g.link() }

// toEnd is current for who would end it: that it has ended already is no error, and no grant.
func (r *Room) toEnd(id GrantID) (*grant, error) {
	if r.floor.over(id) {
		return nil, nil
	}
	return r.current(id)
}

// current finds the grant of that name. Refusals: grant-over, grant-unknown.
func (r *Room) current(id GrantID) (g *grant, err error) {
	if g := r.floor.grant; g != nil && g.id == id {
		return g, nil
	}
	if _, ever := r.floor.given[id]; ever {
		return nil, refuse("grant-over")
	}
	return nil, refuse("grant-unknown")
}

// decideInvite offers the floor to a site, or to whoever asked for it.
func (r *Room) decideInvite(c Invite, d decision) ([]Event, error) {
	if r.state == Ended {
		return nil, refuse("room-ended")
	}
	if !isUUID(string(c.Grant)) {
		return nil, refuse("grant-id")
	}
	if r.conductedByOther(d) {
		return nil, refuse("air-held")
	}
	e, err := r.invitation(c, d)
	if err != nil {
		return nil, err
	}
	if g := r.floor.grant; g != nil {
		if g.id == c.Grant && g.site == e.Site && g.asker == e.Asker {
			return nil, nil
		}
		return nil, refuse("floor-busy")
	}
	if _, ever := r.floor.given[c.Grant]; ever {
		return nil, refuse("grant-over")
	}
	if len(r.floor.given) >= maxGrants {
		return nil, refuse("floor-limit")
	}
	return r.floor.withAnswered(e), nil
}

// invitation says whom an invitation is for.
func (r *Room) invitation(c Invite, d decision) (Invited, error) {
	e := Invited{Stamp: d.stamp, Grant: c.Grant, Site: c.Site, From: fromSite, Request: c.Request}
	if (c.Request == "") == (c.Site == "") {
		return e, refuse("invite-whom")
	}
	if c.Site != "" {
		if _, known := r.site(c.Site); !known {
			return e, refuse("site-unknown", "site", clip(string(c.Site)))
		}
		return e, nil
	}
	q := r.floor.requests[c.Request]
	if q == nil {
		return e, refuse("request-unknown")
	}
	if !q.open && (r.floor.grant == nil || r.floor.grant.id != c.Grant) {
		return e, refuse("request-over")
	}
	e.Site, e.Asker, e.From = q.site, q.asker, q.from
	return e, nil
}

// withAnswered is the invitation, after the end of the request that it answers.
func (f *floor) withAnswered(e Invited) []Event {
	for _, id := range f.open {
		q := f.requests[id]
		if id == e.Request || q.from == e.From && q.site == e.Site && q.asker == e.Asker {
			return []Event{FloorRequestEnded{Stamp: e.Stamp, Request: id, Why: RequestInvited}, e}
		}
	}
	return []Event{e}
}

func (r *Room) decideCancelInvite(c CancelInvite, d decision) ([]Event, error) {
	g, err := r.toEnd(c.Grant)
	switch {
	case g == nil:
		return nil, err
	case g.stage == FloorBackstage || g.stage == FloorOnAir:
		return nil, refuse("floor-taken")
	}
	return []Event{g.end(d.stamp, WhyWithdrawn)}, nil
}

func (r *Room) decideRefuseInvite(c RefuseInvite, d decision) ([]Event, error) {
	g, err := r.toEnd(c.Grant)
	switch {
	case g == nil:
		return nil, err
	case !g.invites(d.who):
		return nil, refuse("floor-not-yours")
	case g.stage != FloorInvited && g.stage != FloorAccepted:
		return nil, refuse("floor-taken")
	}
	return []Event{g.end(d.stamp, WhyRefused)}, nil
}

// decideAcceptInvite exchanges the invitation for the guest's link: once.
func (r *Room) decideAcceptInvite(c AcceptInvite, d decision) ([]Event, error) {
	g, err := r.current(c.Grant)
	switch {
	case err != nil:
		return nil, err
	case !g.invites(d.who):
		return nil, refuse("floor-not-yours")
	case !isHash(c.Hash):
		return nil, refuse("link-malformed")
	case g.stage != FloorInvited:
		if l, _ := r.Link(g.link()); l.Hash == c.Hash {
			return nil, nil
		}
		return nil, refuse("grant-used")
	}
	_, sameID := r.linkAt[g.link()]
	_, sameHash := r.linkOf[c.Hash]
	if sameID || sameHash {
		return nil, refuse("link-exists")
	}
	link := LinkIssued{Stamp: d.stamp, Link: g.link(), Hash: c.Hash, Role: Guest, Site: g.place(), Of: d.who.Link,
		Expires: d.stamp.At.Add(FloorMost)}
	return []Event{link, InviteAccepted{Stamp: d.stamp, Grant: g.id, Device: c.Device}}, nil
}

// decideGuestUp: the guest's media is there. The first device that brings it is the only one that ever may.
func (r *Room) decideGuestUp(c GuestUp, d decision) ([]Event, error) {
	g, err := r.current(c.Grant)
	switch {
	case err != nil:
		return nil, err
	case g.stage == FloorInvited:
		return nil, refuse("floor-not-accepted")
	case g.device != "" && g.device != c.Device:
		return nil, refuse("grant-used")
	case g.up && g.device == c.Device:
		return nil, nil
	}
	return []Event{GuestCame{Stamp: d.stamp, Grant: g.id, Device: c.Device}}, nil
}

// decideGuestDown: an end of a guest that has gone on changes nothing.
func (r *Room) decideGuestDown(c GuestDown, d decision) ([]Event, error) {
	g := r.floor.grant
	if g == nil || g.id != c.Grant || !g.up {
		return nil, nil
	}
	return []Event{GuestLeft{Stamp: d.stamp, Grant: g.id}}, nil
}

// decideTurnGuestCamera: the picture is a gesture of its own, by whoever saw the frame and asked everyone in it.
func (r *Room) decideTurnGuestCamera(c TurnGuestCamera, d decision) ([]Event, error) {
	g, err := r.current(c.Grant)
	switch {
	case err != nil:
		return nil, err
	case !g.holds(d.who):
		return nil, refuse("floor-not-yours")
	case c.Camera != "on" && c.Camera != "off":
		return nil, refuse("camera-choice")
	case c.Camera == "on" && c.Agreed != "yes":
		return nil, refuse("camera-consent")
	case g.camera == (c.Camera == "on"):
		return nil, nil
	}
	return []Event{GuestCamera{Stamp: d.stamp, Grant: g.id, On: c.Camera == "on"}}, nil
}

// decidePutOnAir: only who is there, and was heard by the studio, goes on air.
func (r *Room) decidePutOnAir(c PutOnAir, d decision) ([]Event, error) {
	g, err := r.current(c.Grant)
	switch {
	case err != nil:
		return nil, err
	case g.stage == FloorOnAir:
		return nil, nil
	case g.stage != FloorBackstage || !g.up:
		return nil, refuse("guest-not-ready")
	case !g.seenAs(c.Since):
		return nil, refuse("floor-moved")
	case r.conductedByOther(d):
		return nil, refuse("air-held")
	}
	return []Event{FloorOpened{Stamp: d.stamp, Grant: g.id}}, nil
}

// conductedByOther tells whether another mediator has the air: who comes to it besides is theirs to say, or the régie's. A cut is
// anybody's.
func (r *Room) conductedByOther(d decision) bool {
	return d.who.Role == Mediator && r.air.keptFrom(d.who.Link, d.at.Now)
}

// seenAs tells whether the stage is still the one that began at since, as an entity says it; "" is whichever it is.
func (g *grant) seenAs(since string) bool {
	at, err := time.Parse(time.RFC3339Nano, since)
	return since == "" || err == nil && at.Equal(g.since)
}

func (r *Room) decidePutBackstage(c PutBackstage, d decision) ([]Event, error) {
	g, err := r.current(c.Grant)
	switch {
	case err != nil:
		return nil, err
	case g.stage == FloorBackstage:
		return nil, nil
	case g.stage != FloorOnAir:
		return nil, refuse("guest-not-ready")
	}
	return []Event{FloorRested{Stamp: d.stamp, Grant: g.id}}, nil
}

// decideCut ends the floor, at any stage. Cutting what has ended is no error: two people may reach for the key at once.
func (r *Room) decideCut(c Cut, d decision) ([]Event, error) {
	g, err := r.toEnd(c.Grant)
	switch {
	case g == nil:
		return nil, err
	case d.right != yes && !g.invites(d.who) && !g.holds(d.who):
		return nil, refuse("floor-not-yours")
	}
	return []Event{g.end(d.stamp, WhyCut)}, nil
}

func (r *Room) decideEndFloor(c EndFloor, d decision) ([]Event, error) {
	if !slices.Contains(FloorWhys(), c.Why) {
		return nil, refuse("floor-why")
	}
	g, err := r.toEnd(c.Grant)
	if g == nil {
		return nil, err
	}
	return []Event{g.end(d.stamp, c.Why)}, nil
}

func (g *grant) end(s Stamp, why FloorWhy) FloorEnded {
	return FloorEnded{Stamp: s, Grant: g.id, Why: why}
}

// over tells of a grant that there was one and that it has ended.
func (f *floor) over(id GrantID) bool {
	_, ever := f.given[id]
	return ever && (f.grant == nil || f.grant.id != id)
}

// floorFollows: the floor does not outlive the séance, nor a link that brought the guest to it; and a guest whom one mediator put on air
// waits backstage for the next.
func (r *Room) floorFollows(e Event, d decision) []Event {
	g := r.floor.grant
	if g == nil {
		return nil
	}
	switch e := e.(type) {
	case StateChanged:
		if e.To == Ended {
			return []Event{g.end(d.stamp, WhyEnded)}
		}
	case LinkRevoked:
		return r.floorWithout(e.Link, d)
	case AirTaken:
		return r.restFor(e.Link, d)
	case SourceStarted:
		return r.restFor(e.Link, d)
	}
	return nil
}

// floorWithout: with a revoked link goes the guest it let in, invited or put on air, since whoever stole the link may have brought an
// accomplice; the guest of a mediator who had the air waits for whoever has it next.
func (r *Room) floorWithout(link LinkID, d decision) []Event {
	g := r.floor.grant
	live := g.stage == FloorOnAir
	switch {
	case link == g.link(), link == g.by.Link, live && link == g.opener:
		return []Event{g.end(d.stamp, WhyRevoked)}
	case live && r.air.held && link == r.air.link:
		return []Event{FloorRested{Stamp: d.stamp, Grant: g.id}}
	}
	return nil
}

// restFor puts the guest backstage when the air passes from one mediator to another.
func (r *Room) restFor(link LinkID, d decision) []Event {
	g := r.floor.grant
	if g.stage != FloorOnAir || !r.air.held || r.air.link == link {
		return nil
	}
	return []Event{FloorRested{Stamp: d.stamp, Grant: g.id}}
}

package rooms

import "time"

// FloorEntity is who has the floor besides the mediator ("floor"). Whoever does not have to act on it is told of a guest on
// air alone, and without what is marked.
type FloorEntity struct {
	Grant     GrantID    `json:"grant,omitempty"` // *
	Stage     FloorStage `json:"stage"`
	Site      SiteID     `json:"site,omitempty"`
	SiteName  string     `json:"siteName,omitempty"`
	Town      string     `json:"town,omitempty"`
	From      string     `json:"from"` // "site" or "home"
	Camera    bool       `json:"camera"`
	Connected bool       `json:"connected,omitempty"` // *
	Since     time.Time  `json:"since"`               // of the stage
	Until     *time.Time `json:"until,omitempty"`     // * when it ends by itself, if nothing happens before
	By        Role       `json:"by,omitempty"`        // * who invited
}

// FloorEndedEntity says for a while why the floor is over, and by whom ("floor-ended").
type FloorEndedEntity struct {
	Grant GrantID   `json:"grant"`
	Why   FloorWhy  `json:"why"`
	By    Side      `json:"by"`
	At    time.Time `json:"at"`
}

// Side is who ended a floor, as it is told: on which side of it, never which person.
type Side string

const (
	SideMediator  Side = "mediator" // the phone in their hand too
	SideModerator Side = "moderator"
	SideSite      Side = "site"  // an animator of the guest's place
	SideGuest     Side = "guest" // from the guest's page, or from the home it is at
	SideHouse     Side = "house" // nobody: a time that was over, a link that was revoked
)

// Sides lists them all.
func Sides() []Side { return []Side{SideMediator, SideModerator, SideSite, SideGuest, SideHouse} }

// SideOf says on which side a role stands.
func SideOf(role Role) Side {
	switch role {
	case Mediator, Phone:
		return SideMediator
	case Moderator:
		return SideModerator
	case Animator:
		return SideSite
	case Guest, Viewer:
		return SideGuest
	}
	return SideHouse
}

// RequestEntity is somebody who asks for the floor ("request/{id}").
type RequestEntity struct {
	ID       RequestID `json:"id"`
	Site     SiteID    `json:"site,omitempty"`
	SiteName string    `json:"siteName,omitempty"`
	Town     string    `json:"town,omitempty"`
	From     string    `json:"from"` // "site" or "home"
	Reason   string    `json:"reason,omitempty"`
	At       time.Time `json:"at"`
	Mine     bool      `json:"mine,omitempty"`
}

// viewFloor adds what who may see of the floor.
func (r *Room) viewFloor(who Actor, v View) {
	if r.state == Ended {
		r.viewFloorEnded(who, v)
		return
	}
	if g := r.floor.grant; g != nil {
		switch {
		case conducts(who) || r.isInvited(who, g):
			v["floor"] = r.floorEntity(g)
		case g.stage == FloorOnAir && r.state == OnAir:
			v["floor"] = r.floorOnAir(g)
		}
	}
	r.viewFloorEnded(who, v)
	for _, id := range r.floor.open {
		if q := r.floor.requests[id]; r.seesRequest(who, q) {
			v["request/"+string(id)] = r.requestEntity(who, q)
		}
	}
}

// conducts tells who must know of a guest before anybody else does.
func conducts(who Actor) bool { return oversees(who.Role) || who.Role == Phone }

// isInvited tells who stands on the guest's side: the guest, whoever was invited, and from the acceptance on the screens and posts
// around it, which prepare to be silent.
func (r *Room) isInvited(who Actor, g *grant) bool {
	switch who.Role {
	case Screen, Post:
		return g.from == fromSite && who.Site == g.site && g.stage != FloorInvited
	case Guest:
		return g.holds(who)
	}
	return g.invites(who)
}

func (r *Room) floorOnAir(g *grant) FloorEntity {
	s, _ := r.site(g.site)
	return FloorEntity{Stage: g.stage, Site: s.ID, SiteName: s.Name, Town: s.Town, From: g.from, Camera: g.camera, Since: g.since}
}

func (r *Room) floorEntity(g *grant) FloorEntity {
	e := r.floorOnAir(g)
	e.Grant, e.Connected, e.By = g.id, g.up, g.by.Role
	var until time.Time
	for _, l := range g.lapses(Presence{Guests: map[LinkID]int{g.link(): 1}}) {
		if until.IsZero() || l.at.Before(until) {
			until = l.at
		}
	}
	e.Until = moment(until)
	return e
}

func (r *Room) viewFloorEnded(who Actor, v View) {
	if g := r.floor.last; g != nil && (conducts(who) || r.isInvited(who, g)) {
		v["floor-ended"] = FloorEndedEntity{Grant: g.id, Why: r.floor.why, By: r.floor.endBy, At: r.floor.endAt}
	}
}

// seesRequest: those who may invite, the desk of the place it comes from, and whoever asked.
func (r *Room) seesRequest(who Actor, q *request) bool {
	switch who.Role {
	case Mediator, Moderator, Phone:
		return true
	case Animator:
		return q.site != "" && q.site == who.Site
	}
	return q.isOf(who)
}

func (r *Room) requestEntity(who Actor, q *request) RequestEntity {
	s, _ := r.site(q.site)
	return RequestEntity{ID: q.id, Site: s.ID, SiteName: s.Name, Town: s.Town, From: q.from, Reason: q.reason, At: q.at, Mine: q.isOf(who)}
}

// Air says who holds the air and what is fed, for the gates.
func (r *Room) Air() AirEntity { return r.airEntity(Actor{Role: Coordinator}) }

// Floor is what whoever enforces the floor must know; the zero value is nobody.
type Floor struct {
	Grant  GrantID
	Stage  FloorStage
	Site   SiteID  // whose guest it is; "" for a home
	Asker  AskerID // of a home
	Device DeviceID
	Camera bool      // it may be seen
	Up     bool      // its media is there, as the log has it
	Until  time.Time // when it ends whatever happens; zero before it was accepted
}

// Floor says who has the floor, for the gates.
func (r *Room) Floor() Floor {
	g := r.floor.grant
	if g == nil {
		return Floor{}
	}
	f := Floor{Grant: g.id, Stage: g.stage, Site: g.place(), Asker: g.asker, Device: g.device, Camera: g.camera, Up: g.up}
	if !g.acceptedAt.IsZero() {
		f.Until = g.acceptedAt.Add(FloorMost)
	}
	return f
}

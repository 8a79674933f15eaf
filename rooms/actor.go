package rooms

import "time"

// Identifiers. Each kind has its own type so that a link can never be passed for a question.
type (
	RoomID     string // the séance
	SiteID     string // a place; a slug, which is also its short code
	QuestionID string // made by the asker's page: a UUID in lower case
	LinkID     string // names a link without being its secret
	DeviceID   string // one browser or one encoder; derived from its secret by the caller, never the secret itself
	AskerID    string // who asked: derived from the browser's own secret, so that nobody can claim another's question
	SessionID  string // one connection; lives as long as it does
)

// Role says what a link lets its holder do. See Permissions.
type Role string

const (
	// System is the house itself. It never comes from a link.
	System      Role = "system"
	Mediator    Role = "mediator"
	Moderator   Role = "moderator"
	Animator    Role = "animator"
	Screen      Role = "screen"
	Post        Role = "post"
	Viewer      Role = "viewer"
	Coordinator Role = "coordinator"
	// Guest is whoever was given the floor: a link that lives as long as the grant.
	Guest Role = "guest"
	// Phone is the mediator's own phone: a remote control, and the camera of the hands.
	Phone     Role = "phone"
	Captioner Role = "captioner"
)

const roleCount = 11

// Roles lists every role, in the order of the columns of Permissions.
func Roles() []Role {
	return []Role{System, Mediator, Moderator, Animator, Screen, Post, Viewer, Coordinator, Guest, Phone, Captioner}
}

// Actor is who acts or looks, as the connection proved it: never as a message claims it.
type Actor struct {
	Role   Role
	Room   RoomID
	Site   SiteID // "" for none
	Link   LinkID // "" where a public room needs none
	Of     LinkID // whose phone or guest it is: the link its own hangs on
	Asker  AskerID
	Device DeviceID
	Name   string
}

// Moment is the time and the people of a decision. It is handed in: nothing here reads a clock.
type Moment struct {
	Now     time.Time
	Present Presence
}

// Presence counts the open connections of a room.
type Presence struct {
	Moderators, Mediators, Homes, Phones, Coordinators int
	Sites                                              map[SiteID]SitePresence // nil means nobody

	// Since when connections are counted, and when the last desk of a site that has none has left it. The zero time is long ago.
	Since    time.Time
	DeskLeft map[SiteID]time.Time

	StudioLeft  time.Time // when the last page of a mediator, or of their phone, left; told while there is none
	ControlLeft time.Time // the same of the moderators

	Posts    map[LinkID]int       // pages of posts, by link
	PostLeft map[LinkID]time.Time // when the last page of a post that has none left it, as long as its link stands

	Guests    map[LinkID]int       // pages of guests, by grant
	GuestLeft map[LinkID]time.Time // when the last page of a guest that has none left it
}

// SitePresence counts the open connections of one site.
type SitePresence struct {
	Desks, Screens, Posts, Homes int
	Guests                       int // pages of its animators who are invited to speak, often with the phone that was their desk
	Ready                        int // screens that somebody opened for picture and sound
}

// withoutStudio is since when nobody is there who could end what a mediator began.
func (p Presence) withoutStudio() (since time.Time, none bool) {
	if p.Mediators+p.Phones > 0 {
		return time.Time{}, false
	}
	if p.StudioLeft.After(p.Since) {
		return p.StudioLeft, true
	}
	return p.Since, true
}

// withoutConductor is since when nobody is there who could put a guest off the air: no mediator, phone or moderator.
func (p Presence) withoutConductor() (since time.Time, none bool) {
	since, none = p.withoutStudio()
	if p.ControlLeft.After(since) {
		since = p.ControlLeft
	}
	return since, none && p.Moderators == 0
}

// Attended tells whether an animator is there: who speaks for the site stands beside its residents, and comes back to its desk.
func (p SitePresence) Attended() bool { return p.Desks+p.Guests > 0 }

// desk tells whether an animator of that site is there to look after its questions.
func (p Presence) desk(site SiteID) bool { return p.Sites[site].Attended() }

// givenUp tells when a site without a desk is taken to have none: a phone that reconnects, or a server that starts again, is
// waited for as a question waits.
func (p Presence) givenUp(site SiteID) time.Time {
	if left, ok := p.DeskLeft[site]; ok {
		return left.Add(DeskWait)
	}
	return p.Since.Add(DeskWait)
}

package main

import (
	"time"

	"antenne/rooms"
)

// What travels over DATA/admin.sock: JSON over HTTP, both ends being the same
// program. Refusals come back as a failure with its code; the asker's side
// finds the sentence, in its own language.

type roomRequest struct {
	Title          string    `json:"title"`
	At             time.Time `json:"at"`
	Public         bool      `json:"public"`
	Needs          string    `json:"needs"`
	Mediator       string    `json:"mediator"`
	OnAirOnPublish bool      `json:"onAirOnPublish"`
	Sites          []place   `json:"sites"`
}

type roomReply struct {
	Room rooms.RoomID `json:"room"`
}

type roomLine struct {
	Room     rooms.RoomID `json:"room"`
	Title    string       `json:"title"`
	At       time.Time    `json:"at"`
	State    string       `json:"state"`
	Public   bool         `json:"public"`
	Sites    []place      `json:"sites"`
	Mediator string       `json:"mediator"`
	Needs    string       `json:"needs"`
}

type linkRequest struct {
	Room rooms.RoomID  `json:"room"`
	Role rooms.Role    `json:"role"`
	Site rooms.SiteID  `json:"site"`
	For  time.Duration `json:"for"` // from the séance's hour or now, whichever is later; 0 for linkLasts
	Note string        `json:"note"`
}

// linkReply is the only place where a link's secret ever appears: inside URL.
type linkReply struct {
	Link    rooms.LinkID `json:"link,omitempty"` // none where anyone may watch
	Role    rooms.Role   `json:"role"`
	Site    rooms.SiteID `json:"site,omitempty"`
	URL     string       `json:"url"`
	Expires time.Time    `json:"expires"`
	At      time.Time    `json:"at"` // the séance's hour
}

// line is how a link is printed: ROLE<TAB>SITE-or-dash<TAB>URL.
func (l linkReply) line() string {
	site := string(l.Site)
	if site == "" {
		site = "-"
	}
	return string(l.Role) + "\t" + site + "\t" + l.URL
}

type linkLine struct {
	Link    rooms.LinkID `json:"link"`
	Role    rooms.Role   `json:"role"`
	Site    rooms.SiteID `json:"site,omitempty"`
	Note    string       `json:"note,omitempty"`
	Issued  time.Time    `json:"issued"`
	Expires time.Time    `json:"expires"`
	State   string       `json:"state"` // valid, expired, revoked
}

// deviceLine is a screen that keeps its place from one séance to the next.
type deviceLine struct {
	Device rooms.LinkID `json:"device"`
	Role   rooms.Role   `json:"role"`
	Site   rooms.SiteID `json:"site"`
	Paired time.Time    `json:"paired"`
}

type eraseRequest struct {
	Question rooms.QuestionID `json:"question"`
}

type historyLine struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// serverStatus is what the doctor asks first.
type serverStatus struct {
	Version   string    `json:"version"`
	Started   time.Time `json:"started"`
	Now       time.Time `json:"now"`
	HTTP      string    `json:"http"` // the address it really listens on
	Public    string    `json:"public"`
	PublicIPs []string  `json:"publicIPs"`
	TLS       bool      `json:"tls"`
	Media     int       `json:"media"` // UDP port
	Admin     string    `json:"admin"`
	Demo      bool      `json:"demo"`
	OpenFiles uint64    `json:"openFiles"` // how many the server may have
	Rooms     int       `json:"rooms"`
	NotReady  string    `json:"notReady,omitempty"` // why, when it is not
}

// revocation is what ended with a link.
type revocation struct {
	Screens int `json:"screens"` // that were paired by it
}

package rooms

import "time"

// Event is a fact of a room's life. Only this package makes events.
type Event interface {
	// Kind names the event in the log.
	Kind() string
	// When is the moment of the decision, and Who took it.
	When() time.Time
	Who() By
}

// By says who took a decision, without a name or an address.
type By struct {
	Role Role   `json:"role"`
	Site SiteID `json:"site,omitempty"`
	Link LinkID `json:"link,omitempty"`
}

// Stamp is what every event begins with.
type Stamp struct {
	At time.Time `json:"at"`
	By By        `json:"by"`
}

// When implements Event.
func (s Stamp) When() time.Time { return s.At }

// Who implements Event.
func (s Stamp) Who() By { return s.By }

// State is where a room is in its life.
type State string

const (
	Scheduled State = "scheduled"
	DoorsOpen State = "doors-open"
	OnAir     State = "on-air"
	Paused    State = "paused"
	Ended     State = "ended"
)

// Slate is what the screens show during a pause.
type Slate string

const (
	SlatePause    Slate = "pause"
	SlateIncident Slate = "incident"
)

// QuestionState is where a question is in its life.
type QuestionState string

const (
	Asked          QuestionState = "asked"
	Relayed        QuestionState = "relayed"
	Approved       QuestionState = "approved"
	QuestionOnAir  QuestionState = "on-air"
	Answered       QuestionState = "answered"
	AnsweredLater  QuestionState = "later"
	Declined       QuestionState = "declined"
	MergedQuestion QuestionState = "merged"
	Withdrawn      QuestionState = "withdrawn"
)

// From says where a question was typed.
type From string

const (
	FromDesk From = "desk"
	FromPost From = "post"
	FromHome From = "home"
)

// Why says what sent a question up without its animator.
type Why string

const (
	NoDesk Why = "no-desk"
	NoSite Why = "no-site"
	Waited Why = "waited"
)

// What happens to the room.
type (
	RoomCreated struct {
		Stamp
		Room           RoomID    `json:"room"`
		Title          string    `json:"title"`
		StartsAt       time.Time `json:"startsAt"`
		Audience       Audience  `json:"audience"`
		Needs          string    `json:"needs,omitempty"`
		Mediator       string    `json:"mediator,omitempty"`
		OnAirOnPublish bool      `json:"onAirOnPublish,omitempty"`
	}
	SiteAdded struct {
		Stamp
		Site SiteID `json:"site"`
		Name string `json:"name"`
		Town string `json:"town,omitempty"`
	}
	LinkIssued struct {
		Stamp
		Link    LinkID    `json:"link"`
		Hash    string    `json:"hash"`
		Role    Role      `json:"role"`
		Site    SiteID    `json:"site,omitempty"`
		Of      LinkID    `json:"of,omitempty"`
		Expires time.Time `json:"expires"`
		Note    string    `json:"-"` // personal, as the texts of questions are; "" once erased
	}
	LinkRevoked struct {
		Stamp
		Link LinkID `json:"link"`
	}
	LinkNoteErased struct {
		Stamp
		Link LinkID `json:"link"`
	}
	// StateChanged moves the room along its life, or changes what its pause shows.
	StateChanged struct {
		Stamp
		To    State `json:"to"`
		Slate Slate `json:"slate,omitempty"` // of a pause; "" is SlatePause
	}
	// SourceStarted: these slots of the mediator are fed by this device, which now holds the air.
	SourceStarted struct {
		Stamp
		Link   LinkID   `json:"link"`
		Device DeviceID `json:"device,omitempty"`
		Slots  []string `json:"slots"`
	}
	// SourceStopped: these slots of the device that holds the air are fed no more.
	SourceStopped struct {
		Stamp
		Slots []string `json:"slots"`
	}
	// AirTaken: the air moves to this device, before its media arrives.
	AirTaken struct {
		Stamp
		Link   LinkID   `json:"link"`
		Device DeviceID `json:"device,omitempty"`
	}
)

// What happens to a question. Fields tagged "-" are personal: they travel apart from the rest, see EncodeEvents.
type (
	QuestionAsked struct {
		Stamp
		Question QuestionID `json:"question"`
		Asker    AskerID    `json:"asker,omitempty"`
		Site     SiteID     `json:"site,omitempty"`
		From     From       `json:"from"`
		Wordless bool       `json:"wordless,omitempty"` // somebody wants to ask, and has not said what
		Text     string     `json:"-"`
		Label    string     `json:"-"`
		Erased   bool       `json:"-"` // the personal texts are gone from the journal
	}
	QuestionRelayed struct {
		Stamp
		Question QuestionID `json:"question"`
		Why      Why        `json:"why,omitempty"` // "" when an animator relayed it
	}
	QuestionRephrased struct {
		Stamp
		Question QuestionID `json:"question"`
		Text     string     `json:"-"`
		Erased   bool       `json:"-"`
	}
	// QuestionWithdrawn: when others had been merged into it, Heir takes its place and they follow Heir.
	QuestionWithdrawn struct {
		Stamp
		Question QuestionID `json:"question"`
		Heir     QuestionID `json:"heir,omitempty"`
	}
	QuestionApproved struct {
		Stamp
		Question QuestionID `json:"question"`
	}
	QuestionTaken struct {
		Stamp
		Question QuestionID `json:"question"`
	}
	QuestionAnswered struct {
		Stamp
		Question QuestionID `json:"question"`
		Written  bool       `json:"written,omitempty"`
		ToAll    bool       `json:"toAll,omitempty"` // every site reads it
		Text     string     `json:"-"`               // only when Written
		Erased   bool       `json:"-"`
	}
	QuestionPostponed struct {
		Stamp
		Question QuestionID `json:"question"`
	}
	QuestionDeclined struct {
		Stamp
		Question QuestionID `json:"question"`
		Reason   Reason     `json:"reason"`
	}
	QuestionMerged struct {
		Stamp
		Question QuestionID `json:"question"`
		Into     QuestionID `json:"into"`
	}
	QuestionReopened struct {
		Stamp
		Question QuestionID    `json:"question"`
		To       QuestionState `json:"to"` // approved, or asked when it never left its site
	}
	QuestionErased struct {
		Stamp
		Question QuestionID `json:"question"`
	}
)

func (RoomCreated) Kind() string       { return "room-created" }
func (SiteAdded) Kind() string         { return "site-added" }
func (LinkIssued) Kind() string        { return "link-issued" }
func (LinkRevoked) Kind() string       { return "link-revoked" }
func (LinkNoteErased) Kind() string    { return "link-note-erased" }
func (StateChanged) Kind() string      { return "state-changed" }
func (SourceStarted) Kind() string     { return "source-started" }
func (SourceStopped) Kind() string     { return "source-stopped" }
func (AirTaken) Kind() string          { return "air-taken" }
func (QuestionAsked) Kind() string     { return "question-asked" }
func (QuestionRelayed) Kind() string   { return "question-relayed" }
func (QuestionRephrased) Kind() string { return "question-rephrased" }
func (QuestionWithdrawn) Kind() string { return "question-withdrawn" }
func (QuestionApproved) Kind() string  { return "question-approved" }
func (QuestionTaken) Kind() string     { return "question-taken" }
func (QuestionAnswered) Kind() string  { return "question-answered" }
func (QuestionPostponed) Kind() string { return "question-postponed" }
func (QuestionDeclined) Kind() string  { return "question-declined" }
func (QuestionMerged) Kind() string    { return "question-merged" }
func (QuestionReopened) Kind() string  { return "question-reopened" }
func (QuestionErased) Kind() string    { return "question-erased" }

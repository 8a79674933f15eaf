package rooms

import "time"

// CommandName is the name of a command on the wire, in the table of permissions and in refusals.
type CommandName string

// Command is what somebody asks of a room. Only this package makes commands.
type Command interface {
	Verb() CommandName
}

// Audience says who may watch without a link.
type Audience string

const (
	AudiencePublic  Audience = "public"
	AudiencePrivate Audience = "private"
)

// The house's own commands: never taken from the wire.
type (
	// CreateRoom gives the room its life. Title 1..120 code points, Needs up to 500, Mediator up to 80.
	CreateRoom struct {
		Title          string
		At             time.Time
		Audience       Audience
		Needs          string // « il vous faut »
		Mediator       string
		OnAirOnPublish bool // the mediator's first packet puts the room on air
	}
	// AddSite adds a place, or corrects the name and town of one that is there.
	AddSite struct {
		Site       SiteID // a-z, 0-9 and hyphens, 1..40
		Name, Town string // 1..80, 0..80 code points
	}
	// IssueLink records a link. The token itself is never seen here.
	IssueLink struct {
		Link    LinkID
		Hash    string // SHA-256 of the token, 64 lower-case hexadecimal digits
		Role    Role
		Site    SiteID // needed for animator, screen and post; free for viewer and guest; none for the others
		Of      LinkID // the link it hangs on: a phone's mediator, needed; a guest's animator
		Expires time.Time
		Note    string // who it was given to; up to 80 code points
	}
	// RevokeLink ends a link for good.
	RevokeLink struct{ Link LinkID }
	// EraseNote forgets whom a link was given to. The caller then erases it from the journal.
	EraseNote struct{ Link LinkID }
	// EraseQuestion forgets the texts of a question. The caller then erases them from the journal.
	EraseQuestion struct{ Question QuestionID }
	// Tick does what Due found to be due.
	Tick struct{}
	// SourceUp tells that media of the mediator has begun to arrive. A link or device of the Actor wins over these.
	SourceUp struct {
		Slots  []string // "voice", "camera", "slides"
		Link   LinkID
		Device DeviceID
	}
	// SourceDown tells that media of the mediator has ended. News of a device that no longer holds the air changes nothing.
	SourceDown struct {
		Slots  []string
		Link   LinkID
		Device DeviceID
	}
)

// The commands that pages send.
type (
	OpenDoors struct{}
	GoOnAir   struct{}
	// Pause: Slate says what the screens show meanwhile; said again with another slate it changes that alone.
	Pause struct{ Slate Slate }
	// Resume leaves the pause, or undoes an end less than ReopenFor old.
	Resume struct{}
	End    struct{}
	// TakeAir moves the air to this device. The Actor's own device wins over the field.
	TakeAir struct{ Device DeviceID }

	// Ask brings a question. Text up to 500 code points, in NFC by the caller's care, "" for somebody who wants to ask and does not
	// write; Label (« poste 3 ») up to 40.
	Ask struct {
		Question QuestionID
		Text     string
		Label    string
	}
	Relay    struct{ Question QuestionID }
	Rephrase struct {
		Question QuestionID
		Text     string
	}
	Withdraw struct{ Question QuestionID }
	Approve  struct{ Question QuestionID }
	Take     struct{ Question QuestionID }
	// Answer closes a question; Text is a written answer, "" when the answer was spoken. ToAll makes it everybody's.
	Answer struct {
		Question QuestionID
		Text     string
		To       AnswerTo
	}
	Later   struct{ Question QuestionID }
	Decline struct {
		Question QuestionID
		Reason   Reason
	}
	Merge struct{ Question, Into QuestionID }
	// Reopen brings back a question closed by a mistaken tap, or takes it out of the one it was merged into.
	Reopen struct{ Question QuestionID }
)

func (CreateRoom) Verb() CommandName    { return "create-room" }
func (AddSite) Verb() CommandName       { return "add-site" }
func (IssueLink) Verb() CommandName     { return "issue-link" }
func (RevokeLink) Verb() CommandName    { return "revoke-link" }
func (EraseNote) Verb() CommandName     { return "erase-note" }
func (EraseQuestion) Verb() CommandName { return "erase-question" }
func (Tick) Verb() CommandName          { return "tick" }
func (SourceUp) Verb() CommandName      { return "source-up" }
func (SourceDown) Verb() CommandName    { return "source-down" }
func (OpenDoors) Verb() CommandName     { return "open-doors" }
func (GoOnAir) Verb() CommandName       { return "go-on-air" }
func (Pause) Verb() CommandName         { return "pause" }
func (Resume) Verb() CommandName        { return "resume" }
func (End) Verb() CommandName           { return "end" }
func (TakeAir) Verb() CommandName       { return "take-air" }
func (Ask) Verb() CommandName           { return "ask" }
func (Relay) Verb() CommandName         { return "relay" }
func (Rephrase) Verb() CommandName      { return "rephrase" }
func (Withdraw) Verb() CommandName      { return "withdraw" }
func (Approve) Verb() CommandName       { return "approve" }
func (Take) Verb() CommandName          { return "take" }
func (Answer) Verb() CommandName        { return "answer" }
func (Later) Verb() CommandName         { return "later" }
func (Decline) Verb() CommandName       { return "decline" }
func (Merge) Verb() CommandName         { return "merge" }
func (Reopen) Verb() CommandName        { return "reopen" }

// AnswerTo says who reads a written answer.
type AnswerTo string

const (
	ToAsker AnswerTo = ""    // those who asked, and their desks
	ToAll   AnswerTo = "all" // every site
)

// Reason is why a question was declined: one of a closed, kind list, whose sentences are in rooms/words.
type Reason string

// Reasons lists the reasons for declining, in the order pages should offer them.
func Reasons() []Reason {
	return []Reason{"already-answered", "no-time", "off-topic", "personal", "unclear", "unsuitable"}
}

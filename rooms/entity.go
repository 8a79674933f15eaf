package rooms

import "time"

// RoomEntity is the séance itself, for everyone.
type RoomEntity struct {
	ID             RoomID     `json:"id"`
	Title          string     `json:"title"`
	At             time.Time  `json:"at"`
	State          State      `json:"state"`
	Audience       Audience   `json:"audience"`
	Needs          string     `json:"needs"`
	Mediator       string     `json:"mediator"`
	OnAirOnPublish bool       `json:"onAirOnPublish"`
	StartedAt      *time.Time `json:"startedAt,omitempty"` // first time on air
	PausedAt       *time.Time `json:"pausedAt,omitempty"`  // while paused
	EndedAt        *time.Time `json:"endedAt,omitempty"`   // while ended
	StateAt        time.Time  `json:"stateAt"`
	Credit         string     `json:"credit,omitempty"` // who makes this locally
	Slate          Slate      `json:"slate,omitempty"`  // while paused
	Camera         Camera     `json:"camera"`           // which of the mediator's is shown
}

// ByEntity is who did something, for those who work together: a role, and the note of its link.
type ByEntity struct {
	Role Role   `json:"role"`
	Name string `json:"name,omitempty"`
}

// YouEntity tells an actor who it is here.
type YouEntity struct {
	Role     Role      `json:"role"`
	Site     SiteID    `json:"site,omitempty"`
	SiteName string    `json:"siteName,omitempty"`
	Town     string    `json:"town,omitempty"`
	Name     string    `json:"name,omitempty"`
	Link     LinkID    `json:"link,omitempty"`    // of those whom others' entities may speak of; the mediator compares with AirEntity
	Device   DeviceID  `json:"device,omitempty"`  // mediator only: to compare with AirEntity
	Lost     bool      `json:"lost,omitempty"`    // post only
	HelpedAt time.Time `json:"helpedAt,omitzero"` // post only: when its animator went to it, once it was lost
}

// AirEntity says whether a mediator holds the air and which slots are fed.
type AirEntity struct {
	Held bool     `json:"held"`
	Up   []string `json:"up"`
	// For who oversees the places only: mediator, their phone, moderator and coordinator.
	Device DeviceID   `json:"device,omitempty"`
	Link   LinkID     `json:"link,omitempty"`
	LostAt *time.Time `json:"lostAt,omitempty"` // since when nothing is fed
}

// SiteEntity is a place that follows. Beyond Suspended it is for those who oversee, and for its own animators and guest.
type SiteEntity struct {
	ID        SiteID `json:"id"`
	Name      string `json:"name"`
	Town      string `json:"town"`
	Suspended bool   `json:"suspended,omitempty"` // its questions are refused

	People     *int       `json:"people,omitempty"` // as its animator counted
	PeopleAt   *time.Time `json:"peopleAt,omitempty"`
	Pace       Pace       `json:"pace,omitempty"`       // "" while it was never said
	PaceAt     *time.Time `json:"paceAt,omitempty"`     // since when it is so
	PaceSaidAt *time.Time `json:"paceSaidAt,omitempty"` // when it was last said
	SeenAt     *time.Time `json:"seenAt,omitempty"`     // a person has seen this pace
	SeenBy     Role       `json:"seenBy,omitempty"`     // mediator or moderator
	Trouble    Trouble    `json:"trouble,omitempty"`    // "" for none
	TroubleAt  *time.Time `json:"troubleAt,omitempty"`
	Came       bool       `json:"came,omitempty"`   // somebody of it has been connected
	Screen     bool       `json:"screen,omitempty"` // a screen of it was opened for picture and sound
	Sound      bool       `json:"sound,omitempty"`  // its animator heard the test
	Report     Report     `json:"report,omitempty"` // on the exercise that runs, or was the last
	ReportAt   *time.Time `json:"reportAt,omitempty"`
}

// CardEntity is the question on air, as the walls show it.
type CardEntity struct {
	Question QuestionID `json:"question"`
	Text     string     `json:"text"`
	Site     SiteID     `json:"site,omitempty"`
	SiteName string     `json:"siteName,omitempty"`
	Town     string     `json:"town,omitempty"`
	From     string     `json:"from"` // "site" or "home"
	Since    time.Time  `json:"since"`
	Wordless bool       `json:"wordless,omitempty"`
}

// QuestionEntity is a question as one role may see it.
type QuestionEntity struct {
	ID       QuestionID             `json:"id"`
	State    QuestionState          `json:"state"` // for asker and desk, a merged question has the state of the one it joined
	Text     string                 `json:"text"`
	Site     SiteID                 `json:"site,omitempty"`
	SiteName string                 `json:"siteName,omitempty"`
	Town     string                 `json:"town,omitempty"`
	From     From                   `json:"from"`
	Label    string                 `json:"label,omitempty"` // asker and desk only
	Mine     bool                   `json:"mine,omitempty"`
	AskedAt  time.Time              `json:"askedAt"`
	StateAt  time.Time              `json:"stateAt"`
	Why      Why                    `json:"why,omitempty"`
	Ahead    *int                   `json:"ahead,omitempty"`  // questions before it; never grows; only while approved
	Reason   Reason                 `json:"reason,omitempty"` // never at a post
	Into     QuestionID             `json:"into,omitempty"`
	Merged   []MergedQuestionEntity `json:"merged,omitempty"` // mediator, their phone and moderator only
	Answer   string                 `json:"answer,omitempty"`
	Original string                 `json:"original,omitempty"` // desk only
	Erased   bool                   `json:"erased,omitempty"`
	Wordless bool                   `json:"wordless,omitempty"` // somebody wants to ask, and has not said what
	By       *ByEntity              `json:"by,omitempty"`       // whose the last act was; for those who triage
}

// MergedQuestionEntity is one of the questions that joined another.
type MergedQuestionEntity struct {
	ID       QuestionID `json:"id"`
	Site     SiteID     `json:"site,omitempty"`
	SiteName string     `json:"siteName,omitempty"`
}

// ReplyEntity is a written answer for every site ("reply/{question}").
type ReplyEntity struct {
	Question QuestionID `json:"question"`
	Text     string     `json:"text"`
	Wordless bool       `json:"wordless,omitempty"`
	Answer   string     `json:"answer"`
	SiteName string     `json:"siteName,omitempty"`
	At       time.Time  `json:"at"`
}

// ExerciseEntity is a timed work, while it runs and some minutes after ("exercise").
type ExerciseEntity struct {
	Number      int        `json:"number"` // in this séance, from 1
	Instruction string     `json:"instruction"`
	StartedAt   time.Time  `json:"startedAt"`
	Until       time.Time  `json:"until"`
	EndedAt     *time.Time `json:"endedAt,omitempty"`
	Speaking    bool       `json:"speaking,omitempty"` // the mediator speaks over it

	// For those who oversee: how many sites said what, of those that came.
	Done *int `json:"done,omitempty"`
	More *int `json:"more,omitempty"`
	Of   *int `json:"of,omitempty"`
}

// RundownEntity is what the séance goes through ("rundown").
type RundownEntity struct {
	Steps   []Step       `json:"steps"`
	Current int          `json:"current"`         // 1 for the first step; 0 for none
	Since   *time.Time   `json:"since,omitempty"` // of Current
	Sheet   *SheetEntity `json:"sheet,omitempty"`
}

// Step is one step of a rundown.
type Step struct {
	Minutes int    `json:"minutes"`
	Title   string `json:"title"`
	Detail  string `json:"detail,omitempty"`
}

// SheetEntity is the sheet to print.
type SheetEntity struct {
	ID    SheetID `json:"id"`
	Title string  `json:"title"`
	Type  string  `json:"type"` // application/pdf, image/png or image/jpeg
	Size  int64   `json:"size"` // bytes
	URL   string  `json:"url"`  // a path on this server
}

// StripEntity names somebody or something at the foot of the picture ("strip").
type StripEntity struct {
	Title string `json:"title"`
	Text  string `json:"text,omitempty"`
}

// CaptionEntity is what is being said, in writing ("caption").
type CaptionEntity struct {
	Text   string    `json:"text"`
	Lang   string    `json:"lang,omitempty"`
	Number int       `json:"number"` // grows with every caption
	At     time.Time `json:"at"`
}

// AnnouncementEntity is the last word from the studio or the régie to all desks ("announcement").
type AnnouncementEntity struct {
	Number int       `json:"number"`
	Text   string    `json:"text"`
	At     time.Time `json:"at"`
	By     ByEntity  `json:"by"`
}

// PostEntity is one post of a site, for its animators ("post/{link}").
type PostEntity struct {
	Link   LinkID     `json:"link"`
	Label  string     `json:"label,omitempty"`
	LostAt *time.Time `json:"lostAt,omitempty"` // « je suis perdu·e »
}

// PostsEntity is the code by which the posts of a site join, for its animators ("posts").
type PostsEntity struct {
	Code    string    `json:"code"`
	Since   time.Time `json:"since"`
	Another bool      `json:"another,omitempty"` // it took the place of another, and then
	Stayed  int       `json:"stayed,omitempty"`  // so many posts stayed
	Closed  int       `json:"closed,omitempty"`  // and so many, that were away, were closed
}

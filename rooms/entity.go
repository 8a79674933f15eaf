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
}

// YouEntity tells an actor who it is here.
type YouEntity struct {
	Role     Role     `json:"role"`
	Site     SiteID   `json:"site,omitempty"`
	SiteName string   `json:"siteName,omitempty"`
	Town     string   `json:"town,omitempty"`
	Name     string   `json:"name,omitempty"`
	Link     LinkID   `json:"link,omitempty"`   // mediator only: to compare with AirEntity
	Device   DeviceID `json:"device,omitempty"` // mediator only: to compare with AirEntity
}

// AirEntity says whether a mediator holds the air and which slots are fed.
type AirEntity struct {
	Held bool     `json:"held"`
	Up   []string `json:"up"`
	// For mediator, moderator and coordinator only.
	Device DeviceID   `json:"device,omitempty"`
	Link   LinkID     `json:"link,omitempty"`
	LostAt *time.Time `json:"lostAt,omitempty"` // since when nothing is fed
}

// SiteEntity is a place that follows.
type SiteEntity struct {
	ID   SiteID `json:"id"`
	Name string `json:"name"`
	Town string `json:"town"`
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
	Ahead    *int                   `json:"ahead,omitempty"` // questions before it; never grows; only while approved
	Reason   Reason                 `json:"reason,omitempty"`
	Into     QuestionID             `json:"into,omitempty"`
	Merged   []MergedQuestionEntity `json:"merged,omitempty"` // mediator and moderator only
	Answer   string                 `json:"answer,omitempty"`
	Original string                 `json:"original,omitempty"` // desk only
	Erased   bool                   `json:"erased,omitempty"`
}

// MergedQuestionEntity is one of the questions that joined another.
type MergedQuestionEntity struct {
	ID       QuestionID `json:"id"`
	Site     SiteID     `json:"site,omitempty"`
	SiteName string     `json:"siteName,omitempty"`
}

package rooms

import (
	"slices"
	"time"
)

const (
	// DoorsBefore is how long before its hour a room opens its doors by itself.
	DoorsBefore = 15 * time.Minute
	// ReopenFor is how long an end can be undone.
	ReopenFor = 15 * time.Minute
	// HomeWait is how long a home's question waits for its animator before it goes up by itself.
	HomeWait = 3 * time.Minute
	// DeskWait is how long a site's questions wait for a desk that has left to come back.
	DeskWait = 3 * time.Minute
	// AirGrace is how long the air stays with a mediator whose media has gone.
	AirGrace = 60 * time.Second
	// MaxOpenPerAsker bounds the open questions of one viewer or post; a desk speaks for a whole room and is not bound.
	MaxOpenPerAsker = 10
	// MaxOpenPerSite bounds the open questions typed in one place; those its homes send are counted apart,
	// so that a public address can never silence a room. Homes without a place count as one place.
	MaxOpenPerSite = 60
	// MaxPerAsker bounds what one viewer or post asks in the life of a room, whatever becomes of it.
	MaxPerAsker = 30
	// RateWindow is the time in which MaxRatePerAsker bounds what one viewer or post asks, and MaxRatePerPlace what the desk and the
	// posts of a site do, or its homes. Homes without a site share one place, which is wider: MaxRateNoPlace.
	RateWindow      = time.Minute
	MaxRatePerAsker = 3
	MaxRatePerPlace = 10
	MaxRateNoPlace  = 30
	// MaxQuestions bounds what a room keeps in all, and MaxFromHomes what of it may come from homes.
	MaxQuestions = 5000
	MaxFromHomes = 4000
)

// Room is one séance: what its events have made of it. It is a plain value without a lock; one goroutine owns it
// (in the server, the Keeper's). Only Apply changes it.
type Room struct {
	id      RoomID
	created bool

	title, needs, mediator, credit string
	startsAt                       time.Time
	audience                       Audience
	onAirOnPublish                 bool

	state     State
	before    State     // the state an end came from
	slate     Slate     // of the pause
	stateAt   time.Time // since when it is in its state
	opened    bool      // the doors have been open
	startedAt time.Time // first time on air

	sites  []site // in the order they were added
	siteAt map[SiteID]int
	links  []Link // in the order they were issued
	linkAt map[LinkID]int
	linkOf map[string]int // by the hash of their tokens

	air      air
	floor    floor
	exercise exercise
	rundown  rundown
	set      set
	said     said
	posts    posts

	questions map[QuestionID]*question
	order     []QuestionID             // as asked
	byAsker   map[AskerID][]QuestionID // as asked
	replied   []QuestionID             // answered in writing for all
	tally     tally
	onAir     QuestionID // "" for none
	news      News
	ranks     int // last rank given in the queue of approved questions
}

// New returns a room in which nothing has happened yet.
func New(id RoomID) *Room {
	return &Room{
		id:        id,
		siteAt:    map[SiteID]int{},
		linkAt:    map[LinkID]int{},
		linkOf:    map[string]int{},
		questions: map[QuestionID]*question{},
		byAsker:   map[AskerID][]QuestionID{},
		tally:     newTally(),
		news:      newNews(),
	}
}

// ID is the room's id, from New.
func (r *Room) ID() RoomID { return r.id }

// Exists tells whether the room was created.
func (r *Room) Exists() bool { return r.created }

// State is where the room is in its life; "" before it was created.
func (r *Room) State() State { return r.state }

// Title is the room's title.
func (r *Room) Title() string { return r.title }

// Needs is what those who come shall bring.
func (r *Room) Needs() string { return r.needs }

// Mediator is whose name is announced.
func (r *Room) Mediator() string { return r.mediator }

// StartsAt is the hour of the programme.
func (r *Room) StartsAt() time.Time { return r.startsAt }

// Audience says who may watch without a link.
func (r *Room) Audience() Audience { return r.audience }

// EndedAt is when the room ended; zero while it has not.
func (r *Room) EndedAt() time.Time {
	if r.state != Ended {
		return time.Time{}
	}
	return r.stateAt
}

// Sites lists the places that follow, in the order they were added: who and where they are, and nothing of what they said.
func (r *Room) Sites() []SiteEntity {
	all := make([]SiteEntity, len(r.sites))
	for i := range r.sites {
		all[i] = r.sites[i].name()
	}
	return all
}

// Questions lists every question ever asked, withdrawn ones too, in the order they were asked.
func (r *Room) Questions() []QuestionID { return slices.Clone(r.order) }

// site names a place.
func (r *Room) site(id SiteID) (SiteEntity, bool) {
	i, ok := r.siteAt[id]
	if !ok {
		return SiteEntity{}, false
	}
	return r.sites[i].name(), true
}

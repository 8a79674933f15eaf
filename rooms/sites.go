package rooms

import (
	"strconv"
	"time"
)

// Pace is how a site follows: « la météo de la salle ».
type Pace string

const (
	Following Pace = "following"
	Slower    Pace = "slower"
	Stuck     Pace = "stuck"
)

// Trouble is what does not work in a site. It is apart from its pace: one never erases the other.
type Trouble string

const (
	NoTrouble Trouble = "none"
	NoSound   Trouble = "no-sound"
	NoPicture Trouble = "no-picture"
)

// Fact is something that was true of a site once, and is remembered.
type Fact string

const (
	FactCame   Fact = "came"   // somebody of it was connected
	FactScreen Fact = "screen" // a screen of it was opened for picture and sound
	FactSound  Fact = "sound"  // its animator heard the test
)

const (
	// MaxPeople is the most that one site counts.
	MaxPeople = 999
	// PaceRenewal is how old a pace must be for saying it again to be news.
	PaceRenewal = 60 * time.Second
)

// The commands of a site about itself, and of those who look after it.
type (
	SetPace    struct{ Pace Pace }
	SetTrouble struct{ Trouble Trouble }
	// CountPeople tells how many people are in the room, 0..MaxPeople.
	CountPeople struct{ People string }
	CheckSound  struct{}
	// SeePace says that a person has seen the pace of one site, or of all that said one pace. One of the two. Until is the latest
	// paceAt that the page showed: who said it since has been seen by nobody. "" is any.
	SeePace struct {
		Site  SiteID
		Pace  Pace
		Until string
	}
	// SuspendSite refuses the questions of a site, its posts and its homes, until AllowSite.
	SuspendSite struct{ Site SiteID }
	AllowSite   struct{ Site SiteID }
)

func (SetPace) Verb() CommandName     { return "set-pace" }
func (SetTrouble) Verb() CommandName  { return "set-trouble" }
func (CountPeople) Verb() CommandName { return "count-people" }
func (CheckSound) Verb() CommandName  { return "check-sound" }
func (SeePace) Verb() CommandName     { return "see-pace" }
func (SuspendSite) Verb() CommandName { return "suspend-site" }
func (AllowSite) Verb() CommandName   { return "allow-site" }

// What a site says of itself.
type (
	PaceSet struct {
		Stamp
		Site SiteID `json:"site"`
		Pace Pace   `json:"pace"`
	}
	TroubleSet struct {
		Stamp
		Site    SiteID  `json:"site"`
		Trouble Trouble `json:"trouble"`
	}
	PeopleCounted struct {
		Stamp
		Site   SiteID `json:"site"`
		People int    `json:"people"`
	}
	SiteNoted struct {
		Stamp
		Site SiteID `json:"site"`
		Fact Fact   `json:"fact"`
	}
	// PaceSeen: a person has seen the pace that these sites say.
	PaceSeen struct {
		Stamp
		Sites []SiteID `json:"sites"`
	}
	SiteSuspended struct {
		Stamp
		Site SiteID `json:"site"`
	}
	SiteAllowed struct {
		Stamp
		Site SiteID `json:"site"`
	}
)

func (PaceSet) Kind() string       { return "pace-set" }
func (TroubleSet) Kind() string    { return "trouble-set" }
func (PeopleCounted) Kind() string { return "people-counted" }
func (SiteNoted) Kind() string     { return "site-noted" }
func (PaceSeen) Kind() string      { return "pace-seen" }
func (SiteSuspended) Kind() string { return "site-suspended" }
func (SiteAllowed) Kind() string   { return "site-allowed" }

// sitePart is the places that follow, and what each says of itself.
var sitePart = part{
	rights: map[CommandName]rights{
		//               sys  med  mod  ani  scr  pos  vie  coo  gue  pho  cap
		"add-site":     {yes, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___},
		"set-pace":     {___, ___, ___, yes, ___, ___, ___, ___, ___, ___, ___},
		"set-trouble":  {___, ___, ___, yes, ___, ___, ___, ___, ___, ___, ___},
		"count-people": {___, ___, ___, yes, ___, ___, ___, ___, ___, ___, ___},
		"check-sound":  {___, ___, ___, yes, ___, ___, ___, ___, ___, ___, ___},
		"see-pace":     {___, yes, yes, ___, ___, ___, ___, ___, ___, yes, ___},
		"suspend-site": {___, yes, yes, ___, ___, ___, ___, ___, ___, ___, ___},
		"allow-site":   {___, yes, yes, ___, ___, ___, ___, ___, ___, ___, ___},
	},
	pages: map[CommandName]pageForm{
		"set-pace":     {[]string{"pace"}, nil, func(f fields) Command { return SetPace{Pace(f["pace"])} }},
		"set-trouble":  {[]string{"trouble"}, nil, func(f fields) Command { return SetTrouble{Trouble(f["trouble"])} }},
		"count-people": {[]string{"people"}, nil, func(f fields) Command { return CountPeople{f["people"]} }},
		"check-sound":  {nil, nil, func(fields) Command { return CheckSound{} }},
		"see-pace": {nil, []string{"site", "pace", "until"}, func(f fields) Command {
			return SeePace{Site: SiteID(f["site"]), Pace: Pace(f["pace"]), Until: f["until"]}
		}},
		"suspend-site": {[]string{"site"}, nil, func(f fields) Command { return SuspendSite{SiteID(f["site"])} }},
		"allow-site":   {[]string{"site"}, nil, func(f fields) Command { return AllowSite{SiteID(f["site"])} }},
	},
	rules: map[CommandName]rule{
		"add-site":     deciding((*Room).decideAddSite),
		"set-pace":     ofSite((*Room).decidePace),
		"set-trouble":  ofSite((*Room).decideTrouble),
		"count-people": ofSite((*Room).decidePeople),
		"check-sound":  ofSite((*Room).decideSound),
		"see-pace":     deciding((*Room).decideSeePace),
		"suspend-site": deciding((*Room).decideSuspend),
		"allow-site":   deciding((*Room).decideAllow),
	},
	kinds: []kind{
		kindOf[SiteAdded](), kindOf[PaceSet](), kindOf[TroubleSet](), kindOf[PeopleCounted](), kindOf[SiteNoted](),
		kindOf[PaceSeen](), kindOf[SiteSuspended](), kindOf[SiteAllowed](),
	},
	apply:     (*Room).applyToSite,
	deadlines: (*Room).siteDeadlines,
	tick:      (*Room).tickSites,
}

// site is a place as its events have made it.
type site struct {
	id         SiteID
	title      string // its name
	town       string
	suspended  bool
	people     int
	peopleAt   time.Time // zero while nobody counted
	pace       Pace
	paceAt     time.Time // since when pace is so
	paceSaidAt time.Time
	seenAt     time.Time // zero while nobody has seen this pace
	seenBy     Role
	trouble    Trouble // "" for none
	troubleAt  time.Time
	came       bool
	screen     bool
	sound      bool
	report     Report
	reportAt   time.Time
}

// name is a place without what it said.
func (s *site) name() SiteEntity { return SiteEntity{ID: s.id, Name: s.title, Town: s.town} }

// place finds a site; nil for none.
func (r *Room) place(id SiteID) *site {
	if i, ok := r.siteAt[id]; ok {
		return &r.sites[i]
	}
	return nil
}

// ofSite makes a rule of a method that is given the place its command comes from.
func ofSite[C Command](decide func(*Room, *site, C, decision) ([]Event, error)) rule {
	return deciding(func(r *Room, c C, d decision) ([]Event, error) {
		s := r.place(d.who.Site)
		if s == nil {
			return nil, refuse("site-unknown", "site", clip(string(d.who.Site)))
		}
		return decide(r, s, c, d)
	})
}

func (r *Room) decideAddSite(c AddSite, d decision) ([]Event, error) {
	if !isSlug(string(c.Site)) {
		return nil, refuse("site-id", "site", clip(string(c.Site)))
	}
	if err := checkText(c.Name, 1, maxName, "site-name"); err != nil {
		return nil, err
	}
	if err := checkText(c.Town, 0, maxName, "site-town"); err != nil {
		return nil, err
	}
	if s, ok := r.site(c.Site); ok && s.Name == c.Name && s.Town == c.Town {
		return nil, nil
	}
	return []Event{SiteAdded{Stamp: d.stamp, Site: c.Site, Name: c.Name, Town: c.Town}}, nil
}

// decidePace: the same pace again says that it still holds, once a minute at most.
func (r *Room) decidePace(s *site, c SetPace, d decision) ([]Event, error) {
	switch c.Pace {
	case Following, Slower, Stuck:
	default:
		return nil, refuse("pace-unknown", "pace", clip(string(c.Pace)))
	}
	if r.state == Ended {
		return nil, refuse("room-ended")
	}
	if s.pace == c.Pace && d.at.Now.Sub(s.paceSaidAt) < PaceRenewal {
		return nil, nil
	}
	return []Event{PaceSet{Stamp: d.stamp, Site: s.id, Pace: c.Pace}}, nil
}

func (r *Room) decideTrouble(s *site, c SetTrouble, d decision) ([]Event, error) {
	switch c.Trouble {
	case NoTrouble, NoSound, NoPicture:
	default:
		return nil, refuse("trouble-unknown", "trouble", clip(string(c.Trouble)))
	}
	if r.state == Ended {
		return nil, refuse("room-ended")
	}
	if s.trouble.orNone() == c.Trouble {
		return nil, nil
	}
	return []Event{TroubleSet{Stamp: d.stamp, Site: s.id, Trouble: c.Trouble}}, nil
}

func (t Trouble) orNone() Trouble {
	if t == "" {
		return NoTrouble
	}
	return t
}

// decidePeople is open after the end too: a count that was forgotten still makes the report right.
func (r *Room) decidePeople(s *site, c CountPeople, d decision) ([]Event, error) {
	n, ok := whole(c.People, 0, MaxPeople)
	if !ok {
		return nil, refuse("people-count", "max", strconv.Itoa(MaxPeople))
	}
	if s.people == n && !s.peopleAt.IsZero() {
		return nil, nil
	}
	return []Event{PeopleCounted{Stamp: d.stamp, Site: s.id, People: n}}, nil
}

func (r *Room) decideSound(s *site, _ CheckSound, d decision) ([]Event, error) {
	if s.sound {
		return nil, nil
	}
	return []Event{SiteNoted{Stamp: d.stamp, Site: s.id, Fact: FactSound}}, nil
}

// decideSeePace: only what nobody has seen yet is news, and only a pace that was said can be seen.
func (r *Room) decideSeePace(c SeePace, d decision) ([]Event, error) {
	if (c.Site == "") == (c.Pace == "") {
		return nil, refuse("wire-missing-field", "field", "site")
	}
	if c.Site != "" && r.place(c.Site) == nil {
		return nil, refuse("site-unknown", "site", clip(string(c.Site)))
	}
	var seen []SiteID
	for i := range r.sites {
		s := &r.sites[i]
		meant := c.Site == s.id || c.Pace != "" && c.Pace == s.pace
		if meant && s.pace != "" && s.seenAt.IsZero() && shownBy(s.paceAt, c.Until) {
			seen = append(seen, s.id)
		}
	}
	if len(seen) == 0 {
		return nil, nil
	}
	return []Event{PaceSeen{Stamp: d.stamp, Sites: seen}}, nil
}

// shownBy tells whether what began at a moment was on a page whose latest is until; "" is any.
func shownBy(at time.Time, until string) bool {
	latest, err := time.Parse(time.RFC3339Nano, until)
	return until == "" || err == nil && !at.After(latest)
}

func (r *Room) decideSuspend(c SuspendSite, d decision) ([]Event, error) {
	s := r.place(c.Site)
	switch {
	case s == nil:
		return nil, refuse("site-unknown", "site", clip(string(c.Site)))
	case s.suspended:
		return nil, nil
	}
	return []Event{SiteSuspended{Stamp: d.stamp, Site: s.id}}, nil
}

func (r *Room) decideAllow(c AllowSite, d decision) ([]Event, error) {
	s := r.place(c.Site)
	switch {
	case s == nil:
		return nil, refuse("site-unknown", "site", clip(string(c.Site)))
	case !s.suspended:
		return nil, nil
	}
	return []Event{SiteAllowed{Stamp: d.stamp, Site: s.id}}, nil
}

// news are the facts about s that the connections of now tell for the first time.
func (s *site) news(present Presence) []Fact {
	there := present.Sites[s.id]
	var facts []Fact
	if !s.came && there.Desks+there.Screens+there.Posts > 0 {
		facts = append(facts, FactCame)
	}
	if !s.screen && there.Ready > 0 {
		facts = append(facts, FactScreen)
	}
	return facts
}

// siteDeadlines: a fact about a site is noted as soon as it shows.
func (r *Room) siteDeadlines(present Presence) []time.Time {
	if r.state == Ended {
		return nil
	}
	for id := range present.Sites {
		if s := r.place(id); s != nil && len(s.news(present)) > 0 {
			return []time.Time{{}}
		}
	}
	return nil
}

func (r *Room) tickSites(d decision) []Event {
	if r.state == Ended {
		return nil
	}
	var events []Event
	for i := range r.sites {
		for _, fact := range r.sites[i].news(d.at.Present) {
			events = append(events, SiteNoted{Stamp: d.stamp, Site: r.sites[i].id, Fact: fact})
		}
	}
	return events
}

func (r *Room) applyToSite(e Event) bool {
	switch e := e.(type) {
	case SiteAdded:
		r.applySite(e)
	case PaceSet:
		r.atPlace(e.Site, func(s *site) { s.applyPace(e) })
	case TroubleSet:
		r.atPlace(e.Site, func(s *site) { s.applyTrouble(e) })
	case PeopleCounted:
		r.atPlace(e.Site, func(s *site) { s.people, s.peopleAt = e.People, e.At })
	case SiteNoted:
		r.atPlace(e.Site, func(s *site) { s.applyFact(e.Fact) })
	case PaceSeen:
		for _, id := range e.Sites {
			r.atPlace(id, func(s *site) { s.seenAt, s.seenBy = e.At, seer(e.By.Role) })
		}
	case SiteSuspended:
		r.atPlace(e.Site, func(s *site) { s.suspended = true })
	case SiteAllowed:
		r.atPlace(e.Site, func(s *site) { s.suspended = false })
	default:
		return false
	}
	return true
}

func (r *Room) atPlace(id SiteID, do func(*site)) {
	if s := r.place(id); s != nil {
		r.news.sites[id] = true
		do(s)
	}
}

func (r *Room) applySite(e SiteAdded) {
	r.news.all = true // questions and replies name their site
	if s := r.place(e.Site); s != nil {
		s.title, s.town = e.Name, e.Town
		return
	}
	r.siteAt[e.Site] = len(r.sites)
	r.sites = append(r.sites, site{id: e.Site, title: e.Name, town: e.Town})
}

// applyPace: what was seen was the pace of before, unless the site only says that it still holds.
func (s *site) applyPace(e PaceSet) {
	if s.pace != e.Pace {
		s.pace, s.paceAt = e.Pace, e.At
		s.seenAt, s.seenBy = time.Time{}, ""
	}
	s.paceSaidAt = e.At
}

func (s *site) applyTrouble(e TroubleSet) {
	s.trouble, s.troubleAt = e.Trouble, e.At
	if e.Trouble == NoTrouble {
		s.trouble, s.troubleAt = "", time.Time{}
	}
}

func (s *site) applyFact(f Fact) {
	switch f {
	case FactCame:
		s.came = true
	case FactScreen:
		s.screen = true
	case FactSound:
		s.sound = true
	}
}

// seer is who a site is told has seen its pace: a phone is its mediator's hand.
func seer(role Role) Role {
	if role == Phone {
		return Mediator
	}
	return role
}

// siteEntity is a place as who may see it: what a site says of itself is for those who oversee and for its own animators and guest.
func (r *Room) siteEntity(who Actor, s *site) SiteEntity {
	e := s.name()
	e.Suspended = s.suspended
	if !oversees(who.Role) && !(who.Site == s.id && (who.Role == Animator || who.Role == Guest)) {
		return e
	}
	if !s.peopleAt.IsZero() {
		people := s.people
		e.People, e.PeopleAt = &people, moment(s.peopleAt)
	}
	e.Pace, e.PaceAt, e.PaceSaidAt = s.pace, moment(s.paceAt), moment(s.paceSaidAt)
	e.SeenAt, e.SeenBy = moment(s.seenAt), s.seenBy
	e.Trouble, e.TroubleAt = s.trouble, moment(s.troubleAt)
	e.Came, e.Screen, e.Sound = s.came, s.screen, s.sound
	e.Report, e.ReportAt = s.report, moment(s.reportAt)
	return e
}

// whole reads a number as pages write one: digits alone.
func whole(s string, least, most int) (int, bool) {
	n, err := strconv.Atoi(s)
	if err != nil || len(s) > 4 || s[0] == '+' || s[0] == '-' || n < least || n > most {
		return 0, false
	}
	return n, true
}

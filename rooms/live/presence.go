package live

import (
	"maps"
	"math"
	"slices"
	"time"

	"antenne/rooms"
)

// flushEvery spaces the changes of presence: four a second at most for each kind of watcher, however many report.
const flushEvery = 250 * time.Millisecond

// Health is what a page says of its own picture and sound, about once a second.
type Health struct {
	Picture       string          // "moving", "still" (a slow line: updated now and then), "frozen" or "none"
	Frames        float64         // decoded per second
	Sound         string          // "on", "locked" (the browser wants a gesture) or "off"
	Opened        bool            // somebody opened the page for picture and sound, now or before it was loaded again
	Connected     bool            // its media session stands, fed or not
	Full          bool            // it does not, for want of room in the server
	Media         rooms.SessionID // the page's own WHEP session
	Width, Height int             // device pixels of the picture
	Path          string          // "udp" or "tcp"; "" when the page does not know
	Delay         int             // of what is seen and heard behind the studio, in ms; 0 when the page does not know
}

// PresenceEntity counts who is connected ("presence").
type PresenceEntity struct {
	Mediators    int `json:"mediators"`
	Moderators   int `json:"moderators"`
	Homes        int `json:"homes"`
	Phones       int `json:"phones"`
	Coordinators int `json:"coordinators"`
}

// ThereEntity is who is connected from one site, and the worst of what its screens show ("there/{site}"). It is gone while nobody is.
type ThereEntity struct {
	Desks   int    `json:"desks"`
	Screens int    `json:"screens"`
	Posts   int    `json:"posts"`
	Homes   int    `json:"homes"`
	Opened  bool   `json:"opened"`  // every screen was opened for picture and sound
	Picture string `json:"picture"` // as ScreenEntity; "none" without a screen
	Sound   string `json:"sound"`   // "off" without a screen
	Path    string `json:"path,omitempty"`
	Delay   int    `json:"delay,omitempty"` // ms, rounded to hundreds
}

// ScreenEntity is one projection screen as its site's desk sees it ("screen/{session}").
type ScreenEntity struct {
	Session   rooms.SessionID `json:"session"`
	Picture   string          `json:"picture"`
	Frames    float64         `json:"frames"` // rounded to one
	Sound     string          `json:"sound"`
	Opened    bool            `json:"opened"`
	Connected bool            `json:"connected"`
	Full      bool            `json:"full,omitempty"`
	Since     time.Time       `json:"since"`           // of all of these but frames, path and delay
	Path      string          `json:"path,omitempty"`  // "udp" or "tcp"
	Delay     int             `json:"delay,omitempty"` // ms, rounded to hundreds
}

// HelpersEntity tells residents whether an animator of their site is there, at its desk or invited to speak ("helpers").
type HelpersEntity struct {
	Desk bool `json:"desk"`
}

// Seat is one connection's place in the room.
type Seat struct {
	k       *Keeper // static
	actor   rooms.Actor
	session rooms.SessionID
	moved   chan struct{} // closed by the Keeper's run

	// Owned by the Keeper's run.
	taken  bool
	health Health
	since  time.Time
	delay  int // as it is told
}

// Enter counts who as present until Leave. The session must be the connection's own.
func (k *Keeper) Enter(who rooms.Actor, session rooms.SessionID) *Seat {
	s := &Seat{k: k, actor: who, session: session, moved: make(chan struct{})}
	k.ask(func() { k.sit(s) })
	return s
}

// Moved is closed when another page of the same guest has taken the place of this one.
func (s *Seat) Moved() <-chan struct{} { return s.moved }

// Health replaces what was known of the page.
func (s *Seat) Health(h Health) {
	s.k.ask(func() { s.k.feel(s, h) })
}

// Leave counts the connection out. Leaving twice is no error.
func (s *Seat) Leave() {
	s.k.ask(func() { s.k.stand(s) })
}

// presence is the Keeper's part about who is there. Owned by run.
type presence struct {
	present  rooms.Presence
	screens  map[rooms.SiteID]map[*Seat]struct{}
	audience map[presenceKey]*presenceScope
	dirty    bool
	flushed  time.Time
}

type presenceKey struct {
	role rooms.Role
	site rooms.SiteID
}

// presenceScope is what several watchers know alike of who is there. Owned by run.
type presenceScope struct {
	key     presenceKey
	view    rooms.View
	watches map[*Watch]struct{}
}

func (p *presence) init() {
	p.present.Sites, p.present.DeskLeft = map[rooms.SiteID]rooms.SitePresence{}, map[rooms.SiteID]time.Time{}
	p.present.Posts, p.present.PostLeft = map[rooms.LinkID]int{}, map[rooms.LinkID]time.Time{}
	p.present.Guests, p.present.GuestLeft = map[rooms.LinkID]int{}, map[rooms.LinkID]time.Time{}
	p.screens = map[rooms.SiteID]map[*Seat]struct{}{}
	p.audience = map[presenceKey]*presenceScope{}
}

func (k *Keeper) sit(s *Seat) {
	s.taken, s.since = true, k.hall.clock.Now()
	s.health, s.delay = Health{Picture: "none", Sound: "off"}, 0
	k.count(s.actor, 1)
	if s.actor.Role == rooms.Guest {
		k.seatGuest(s)
	}
	if s.actor.Role == rooms.Screen {
		if k.screens[s.actor.Site] == nil {
			k.screens[s.actor.Site] = map[*Seat]struct{}{}
		}
		k.screens[s.actor.Site][s] = struct{}{}
	}
}

func (k *Keeper) stand(s *Seat) {
	if !s.taken {
		return
	}
	k.ready(s, false)
	s.taken = false
	k.count(s.actor, -1)
	defer k.leaveAside(s)
	if in := k.screens[s.actor.Site]; in != nil {
		delete(in, s)
		if len(in) == 0 {
			delete(k.screens, s.actor.Site)
		}
	}
}

func (k *Keeper) feel(s *Seat, h Health) {
	if !s.taken {
		return
	}
	if h.facts() != s.health.facts() {
		s.since = k.hall.clock.Now()
	}
	k.ready(s, h.Opened)
	s.delay = toldDelay(s.delay, h.Delay)
	s.health = h
	if s.actor.Role == rooms.Screen {
		k.dirty = true
		k.reviewQuiet()
	}
}

// delayStep is how far a delay must have moved to be told again: it is never still, and nobody acts on less.
const delayStep = 200

// toldDelay is what is told of a delay, in ms, when told was told before.
func toldDelay(told, now int) int {
	if moved := now - told; now == 0 || told == 0 || moved >= delayStep || moved <= -delayStep {
		return (now + 50) / 100 * 100
	}
	return told
}

// ready counts a screen that was opened for picture and sound, or is no more.
func (k *Keeper) ready(s *Seat, opened bool) {
	if s.actor.Role != rooms.Screen || s.actor.Site == "" || opened == s.health.Opened {
		return
	}
	site := k.present.Sites[s.actor.Site]
	if opened {
		site.Ready++
	} else {
		site.Ready--
	}
	s.health.Opened = opened
	k.present.Sites[s.actor.Site], k.due.stale = site, true
}

// count moves the counters by n, 1 or -1. A change of who is there may make something due.
func (k *Keeper) count(who rooms.Actor, n int) {
	k.dirty, k.due.stale = true, true
	site := k.present.Sites[who.Site]
	switch who.Role {
	case rooms.Mediator:
		k.present.Mediators += n
		k.countStudio()
	case rooms.Moderator:
		if k.present.Moderators += n; k.present.Moderators == 0 {
			k.present.ControlLeft = k.hall.clock.Now()
		}
	case rooms.Animator:
		site.Desks += n
	case rooms.Screen:
		site.Screens += n
	case rooms.Post:
		site.Posts += n
		k.countPost(who.Link, n)
	case rooms.Viewer:
		k.present.Homes += n
		site.Homes += n
	case rooms.Phone:
		k.present.Phones += n
		k.countStudio()
	case rooms.Coordinator:
		k.present.Coordinators += n
	case rooms.Guest:
		site.Guests += n
		k.countGuest(who.Link, n)
	}
	if who.Site == "" {
		return
	}
	if who.Role == rooms.Animator || who.Role == rooms.Guest {
		k.countDesk(who.Site, site)
	}
	if k.present.Sites[who.Site] = site; site == (rooms.SitePresence{}) {
		delete(k.present.Sites, who.Site)
	}
}

// countStudio remembers since when no page of a mediator, nor of their phone, has been there.
func (k *Keeper) countStudio() {
	k.present.StudioLeft = time.Time{}
	if k.present.Mediators+k.present.Phones == 0 {
		k.present.StudioLeft = k.hall.clock.Now()
	}
}

// countDesk remembers since when a site has had nobody at its desk, nor speaking for it.
func (k *Keeper) countDesk(site rooms.SiteID, there rooms.SitePresence) {
	if there.Attended() {
		delete(k.present.DeskLeft, site)
		return
	}
	k.present.DeskLeft[site] = k.hall.clock.Now()
}

// countPost remembers since when a post has had no page.
func (k *Keeper) countPost(link rooms.LinkID, n int) {
	if k.present.Posts[link] += n; k.present.Posts[link] > 0 {
		return
	}
	delete(k.present.Posts, link)
	if l, known := k.room.Link(link); known && !l.Revoked { // of a post that was closed nobody asks
		k.present.PostLeft[link] = k.hall.clock.Now()
	}
}

// countGuest remembers since when a guest has had no page.
func (k *Keeper) countGuest(link rooms.LinkID, n int) {
	if k.present.Guests[link] += n; k.present.Guests[link] > 0 {
		return
	}
	delete(k.present.Guests, link)
	if link == rooms.LinkID(k.room.Floor().Grant) { // of a grant that is over nobody asks
		k.present.GuestLeft[link] = k.hall.clock.Now()
	}
}

// known is what a role of a site may know of who is there.
func (k *Keeper) known(key presenceKey) rooms.View {
	v := rooms.View{}
	switch key.role {
	case rooms.Mediator, rooms.Moderator, rooms.Coordinator, rooms.Phone:
		v["presence"] = k.presenceEntity()
		for id := range k.present.Sites {
			k.tellThere(v, id)
		}
	case rooms.Animator:
		v["presence"] = k.presenceEntity()
		k.tellThere(v, key.site)
		for s := range k.screens[key.site] {
			v["screen/"+string(s.session)] = s.entity()
		}
	case rooms.Viewer, rooms.Post:
		v["helpers"] = HelpersEntity{Desk: k.present.Sites[key.site].Attended()}
	}
	return v
}

// tellThere puts in who of a site is connected, if anybody. The guest's page is the floor's to tell.
func (k *Keeper) tellThere(v rooms.View, id rooms.SiteID) {
	there := k.present.Sites[id]
	there.Guests = 0
	if there != (rooms.SitePresence{}) {
		v["there/"+string(id)] = k.thereEntity(id)
	}
}

func (k *Keeper) presenceEntity() PresenceEntity {
	p := &k.present
	return PresenceEntity{Mediators: p.Mediators, Moderators: p.Moderators, Homes: p.Homes, Phones: p.Phones, Coordinators: p.Coordinators}
}

// Worst first: what somebody must go and see to before all else.
var (
	pictures = []string{"none", "frozen", "still", "moving"}
	sounds   = []string{"locked", "off", "on"}
	paths    = []string{"tcp", "udp", ""}
)

func (k *Keeper) thereEntity(id rooms.SiteID) ThereEntity {
	n, screens := k.present.Sites[id], k.screens[id]
	e := ThereEntity{Desks: n.Desks, Screens: n.Screens, Posts: n.Posts, Homes: n.Homes, Opened: n.Screens > 0 && n.Ready == n.Screens,
		Picture: "none", Sound: "off"}
	first := true
	for s := range screens {
		if first {
			e.Picture, e.Sound, first = s.health.Picture, s.health.Sound, false
		}
		e.Picture, e.Sound = worse(pictures, e.Picture, s.health.Picture), worse(sounds, e.Sound, s.health.Sound)
		e.Path, e.Delay = worse(paths, e.Path, s.health.Path), max(e.Delay, s.delay)
	}
	return e
}

func worse(order []string, a, b string) string {
	if slices.Index(order, b) < slices.Index(order, a) {
		return b
	}
	return a
}

func (s *Seat) entity() ScreenEntity {
	h := s.health
	return ScreenEntity{Session: s.session, Picture: h.Picture, Frames: math.Round(h.Frames), Sound: h.Sound, Opened: h.Opened, Connected: h.Connected, Full: h.Full, Since: s.since, Path: h.Path, Delay: s.delay}
}

// facts are what a desk may have to act upon; the rest moves all the time.
func (h Health) facts() Health {
	return Health{Picture: h.Picture, Sound: h.Sound, Opened: h.Opened, Connected: h.Connected, Full: h.Full}
}

func (k *Keeper) joinPresence(w *Watch) {
	key := presenceKey{w.actor.Role, w.actor.Site}
	s := k.audience[key]
	if s == nil {
		s = &presenceScope{key: key, view: k.known(key), watches: map[*Watch]struct{}{}}
		k.audience[key] = s
	}
	s.watches[w] = struct{}{}
	w.presents = s
	if len(s.view) > 0 {
		k.deliver(w, &Change{Set: maps.Clone(s.view), Presence: true})
	}
}

func (k *Keeper) leavePresence(w *Watch) {
	delete(w.presents.watches, w)
	if len(w.presents.watches) == 0 {
		delete(k.audience, w.presents.key)
	}
}

// nextFlush is when the changes of presence may go out; zero when there are none.
func (k *Keeper) nextFlush() time.Time {
	if !k.dirty {
		return time.Time{}
	}
	return k.flushed.Add(flushEvery)
}

func (k *Keeper) attendPresence(now time.Time) {
	if !k.dirty || now.Before(k.nextFlush()) && !now.Before(k.flushed) {
		return // a clock that went back does not hold the changes
	}
	k.dirty, k.flushed = false, now
	for _, s := range k.audience {
		k.flush(s)
	}
}

func (k *Keeper) flush(s *presenceScope) {
	after := k.known(s.key)
	set, gone := rooms.Diff(s.view, after)
	s.view = after
	if len(set) == 0 && len(gone) == 0 {
		return
	}
	c := &Change{Set: set, Gone: gone, Presence: true}
	for w := range s.watches {
		k.deliver(w, c)
	}
}

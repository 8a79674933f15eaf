package live

import (
	"maps"
	"math"
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
}

// PresenceEntity counts who is connected ("presence").
type PresenceEntity struct {
	Mediators  int                           `json:"mediators"`
	Moderators int                           `json:"moderators"`
	Homes      int                           `json:"homes"`
	Sites      map[rooms.SiteID]SiteEntityIn `json:"sites"`
}

// SiteEntityIn counts who is connected from one site.
type SiteEntityIn struct {
	Desks   int `json:"desks"`
	Screens int `json:"screens"`
	Posts   int `json:"posts"`
	Homes   int `json:"homes"`
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
	Since     time.Time       `json:"since"` // of all of these but frames
}

// HelpersEntity tells residents whether an animator of their site is there ("helpers").
type HelpersEntity struct {
	Desk bool `json:"desk"`
}

// Seat is one connection's place in the room.
type Seat struct {
	k       *Keeper // static
	actor   rooms.Actor
	session rooms.SessionID

	// Owned by the Keeper's run.
	taken  bool
	health Health
	since  time.Time
}

// Enter counts who as present until Leave. The session must be the connection's own.
func (k *Keeper) Enter(who rooms.Actor, session rooms.SessionID) *Seat {
	s := &Seat{k: k, actor: who, session: session}
	k.ask(func() { k.sit(s) })
	return s
}

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
	p.present.Guests, p.present.GuestLeft = map[rooms.LinkID]int{}, map[rooms.LinkID]time.Time{}
	p.screens = map[rooms.SiteID]map[*Seat]struct{}{}
	p.audience = map[presenceKey]*presenceScope{}
}

func (k *Keeper) sit(s *Seat) {
	s.taken, s.since = true, k.hall.clock.Now()
	s.health = Health{Picture: "none", Sound: "off"}
	k.count(s.actor, 1)
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
	s.health = h
	if s.actor.Role == rooms.Screen {
		k.dirty = true
	}
}

// count moves the counters by n, 1 or -1. A change of who is there may make something due.
func (k *Keeper) count(who rooms.Actor, n int) {
	k.dirty, k.due.stale = true, true
	site := k.present.Sites[who.Site]
	switch who.Role {
	case rooms.Mediator:
		k.present.Mediators += n
	case rooms.Moderator:
		k.present.Moderators += n
	case rooms.Animator:
		site.Desks += n
	case rooms.Screen:
		site.Screens += n
	case rooms.Post:
		site.Posts += n
	case rooms.Viewer:
		k.present.Homes += n
		site.Homes += n
	case rooms.Guest:
		k.countGuest(who.Link, n)
	}
	if who.Site == "" {
		return
	}
	if who.Role == rooms.Animator {
		k.countDesk(who.Site, site.Desks)
	}
	if k.present.Sites[who.Site] = site; site == (rooms.SitePresence{}) {
		delete(k.present.Sites, who.Site)
	}
}

// countDesk remembers since when a site has had no desk.
func (k *Keeper) countDesk(site rooms.SiteID, desks int) {
	if desks == 0 {
		k.present.DeskLeft[site] = k.hall.clock.Now()
		return
	}
	delete(k.present.DeskLeft, site)
}

// countGuest remembers since when a guest has had no page.
func (k *Keeper) countGuest(link rooms.LinkID, n int) {
	if k.present.Guests[link] += n; k.present.Guests[link] > 0 {
		return
	}
	delete(k.present.Guests, link)
	k.present.GuestLeft[link] = k.hall.clock.Now()
}

// known is what a role of a site may know of who is there.
func (k *Keeper) known(key presenceKey) rooms.View {
	p := PresenceEntity{Mediators: k.present.Mediators, Moderators: k.present.Moderators, Homes: k.present.Homes, Sites: map[rooms.SiteID]SiteEntityIn{}}
	switch key.role {
	case rooms.Mediator, rooms.Moderator, rooms.Coordinator:
		for id, s := range k.present.Sites {
			p.Sites[id] = inSite(s)
		}
		return rooms.View{"presence": p}
	case rooms.Animator:
		p.Sites[key.site] = inSite(k.present.Sites[key.site])
		v := rooms.View{"presence": p}
		for s := range k.screens[key.site] {
			v["screen/"+string(s.session)] = s.entity()
		}
		return v
	case rooms.Viewer, rooms.Post:
		return rooms.View{"helpers": HelpersEntity{Desk: k.present.Sites[key.site].Desks > 0}}
	}
	return rooms.View{}
}

func inSite(s rooms.SitePresence) SiteEntityIn {
	return SiteEntityIn{Desks: s.Desks, Screens: s.Screens, Posts: s.Posts, Homes: s.Homes}
}

func (s *Seat) entity() ScreenEntity {
	h := s.health
	return ScreenEntity{Session: s.session, Picture: h.Picture, Frames: math.Round(h.Frames), Sound: h.Sound, Opened: h.Opened, Connected: h.Connected, Full: h.Full, Since: s.since}
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

package live

import (
	"maps"
	"sync"
	"time"

	"antenne/rooms"
)

// What is told of the guest at once, beside the log and without the pause that changes of presence are spaced by: that somebody
// speaks into the guest's microphone, and that a grant was cut at the gates.

// TalkEntity says whether the guest speaks ("talk"), to the guest's own place, the guest, and those who conduct.
type TalkEntity struct {
	Grant rooms.GrantID `json:"grant"`
	On    bool          `json:"on"`
	Level int           `json:"level"` // 0..100
	Quiet bool          `json:"quiet"` // no screen of the guest's place is to be heard
}

// ShutEntity says that a grant was cut at the gates, whatever "floor" still says ("shut"): the disk may be late. For everyone; whom the
// guest's voice concerns is told as much of it as the log will say.
type ShutEntity struct {
	Grant rooms.GrantID  `json:"grant"`
	Why   rooms.FloorWhy `json:"why,omitempty"` // *
	By    rooms.Side     `json:"by,omitempty"`  // *
}

// levelEvery spaces the levels of a voice. That it begins or ends is told at once.
const levelEvery = 250 * time.Millisecond

// floorCounts counts the floors that ended since the hall was opened, whoever ended them.
type floorCounts struct {
	since time.Time // static once the hall reads its journal: what ended before then was counted by the server of then
	mu    sync.Mutex
	ends  map[rooms.FloorWhy]int64 // owned under mu
}

func (c *floorCounts) note(ev rooms.FloorEnded) {
	if ev.At.Before(c.since) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ends == nil {
		c.ends = map[rooms.FloorWhy]int64{}
	}
	c.ends[ev.Why]++
}

func (c *floorCounts) read() map[rooms.FloorWhy]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.ends)
}

// aside is the Keeper's part about the guest. Owned by run.
type aside struct {
	shut    ShutEntity // cut at the gates, and not in the log yet; Grant is "" for none
	talk    TalkEntity // Grant is "" while nothing was said
	page    *Seat      // the guest's, the only one that may say that somebody speaks; nil while none is there
	levelAt time.Time  // when a level was last told
	quiet   map[*Seat]bool
}

// Weigh decides c for who as Do would, and does nothing: nil when Do would be done, also when it is so already. It does not wait for
// the journal.
func (k *Keeper) Weigh(who rooms.Actor, c rooms.Command) (err error) {
	if !k.ask(func() {
		_, err = k.room.Decide(who, c, rooms.Moment{Now: k.hall.clock.Now(), Present: k.present})
	}) {
		return refusal(CodeFailed)
	}
	return err
}

// Shut tells everybody that a grant was cut at the gates, and those it concerns why, and by whom. It does not wait for the journal. Of a
// grant that is not the room's, or is so no more, nothing is told: the log has said so.
func (k *Keeper) Shut(grant rooms.GrantID, why rooms.FloorWhy, by rooms.Side) {
	k.ask(func() {
		if k.room.Floor().Grant != grant || k.aside.shut.Grant == grant {
			return
		}
		k.aside.shut = ShutEntity{Grant: grant, Why: why, By: by}
		k.hush()
		for w := range k.watches {
			k.deliver(w, &Change{Set: rooms.View{"shut": k.shutFor(w.actor)}, Presence: true})
		}
	})
}

// shutFor is what who is told of a cut at the gates.
func (k *Keeper) shutFor(who rooms.Actor) ShutEntity {
	if hearsOf(who, k.room.Floor()) {
		return k.aside.shut
	}
	return ShutEntity{Grant: k.aside.shut.Grant}
}

// Talk says whether the guest speaks, and how loudly. Of any but the newest page of the guest there is, nothing is believed: false.
func (s *Seat) Talk(on bool, level int) (heard bool) {
	s.k.ask(func() { heard = s.taken && s.k.talks(s, on, level) })
	return heard
}

// Quiet says whether the page's loudspeakers are at nothing because the guest beside it speaks. Only a screen or a post of the guest's
// own place is believed.
func (s *Seat) Quiet(on bool) (heard bool) {
	s.k.ask(func() { heard = s.taken && s.k.quiets(s, on) })
	return heard
}

// seatGuest gives the guest's place to the newest page of the grant. A page on another device than the one that brings the guest's
// media takes nobody's place.
func (k *Keeper) seatGuest(s *Seat) {
	if !k.ofGuest(s) {
		return
	}
	old := k.aside.page
	k.aside.page = s
	if old != nil {
		close(old.moved)
		k.hush()
	}
}

// ofGuest tells whether a page is of the guest that the floor is given to, on the device that it is bound to.
func (k *Keeper) ofGuest(s *Seat) bool {
	f := k.room.Floor()
	return s.actor.Role == rooms.Guest && f.Grant != "" && rooms.LinkID(f.Grant) == s.actor.Link && (f.Device == "" || f.Device == s.actor.Device)
}

func (k *Keeper) talks(s *Seat, on bool, level int) bool {
	f := k.room.Floor()
	if s != k.aside.page || !k.ofGuest(s) || k.aside.shut.Grant == f.Grant {
		return false
	}
	a, now := &k.aside, k.hall.clock.Now()
	if turned := on != a.talk.On || a.talk.Grant != f.Grant; turned {
		a.quiet = map[*Seat]bool{} // said of another time
	} else if now.Sub(a.levelAt) < levelEvery && !now.Before(a.levelAt) {
		return true
	}
	a.levelAt = now
	k.tellTalk(TalkEntity{Grant: f.Grant, On: on, Level: level, Quiet: on && k.silent(f.Site)})
	return true
}

func (k *Keeper) quiets(s *Seat, on bool) bool {
	f, a := k.room.Floor(), &k.aside
	if f.Site == "" || s.actor.Site != f.Site || s.actor.Role != rooms.Screen && s.actor.Role != rooms.Post {
		return false
	}
	if a.quiet == nil {
		a.quiet = map[*Seat]bool{}
	}
	a.quiet[s] = on
	k.reviewQuiet()
	return true
}

// reviewQuiet tells when the guest's place fell silent, or is to be heard again.
func (k *Keeper) reviewQuiet() {
	talk := k.aside.talk
	talk.Quiet = talk.On && k.silent(k.room.Floor().Site)
	if talk.Grant != "" && talk != k.aside.talk {
		k.tellTalk(talk)
	}
}

// silent tells whether no screen of a place is to be heard: each one has said so, or plays no sound; and no post said otherwise.
func (k *Keeper) silent(site rooms.SiteID) bool {
	for s := range k.screens[site] {
		if s.health.Sound == "on" && !k.aside.quiet[s] {
			return false
		}
	}
	for s, quiet := range k.aside.quiet {
		if !quiet && s.actor.Role == rooms.Post {
			return false
		}
	}
	return true
}

func (k *Keeper) tellTalk(talk TalkEntity) {
	k.aside.talk = talk
	k.tellAside(&Change{Set: rooms.View{"talk": talk}, Presence: true})
}

// tellAside tells those whom the guest's voice concerns.
func (k *Keeper) tellAside(c *Change) {
	f := k.room.Floor()
	for w := range k.watches {
		if hearsOf(w.actor, f) {
			k.deliver(w, c)
		}
	}
}

// hearsOf tells whom the guest's voice concerns: those who conduct, the guest, and its own place, where a loudspeaker must be silent.
func hearsOf(who rooms.Actor, f rooms.Floor) bool {
	switch who.Role {
	case rooms.Mediator, rooms.Moderator, rooms.Phone:
		return true
	case rooms.Guest:
		return who.Link == rooms.LinkID(f.Grant)
	case rooms.Viewer:
		return f.Asker != "" && AskerOf(who) == f.Asker
	}
	return f.Site != "" && who.Site == f.Site
}

// hush ends what is said of a voice: whoever held the button has gone, or lost the floor.
func (k *Keeper) hush() {
	if talk := k.aside.talk; talk.On {
		k.tellTalk(TalkEntity{Grant: talk.Grant})
	}
}

// noteFloor keeps what is told aside in step with the log.
func (k *Keeper) noteFloor(ev rooms.Event) {
	switch ev := ev.(type) {
	case rooms.FloorEnded:
		k.hall.floors.note(ev)
		k.noteLink(rooms.LinkID(ev.Grant))
		k.clearAside(ev.Grant)
		delete(k.present.GuestLeft, rooms.LinkID(ev.Grant))
	case rooms.FloorRequested:
		k.noteAskerOf(ev.Asker)
	case rooms.Invited:
		k.noteAskerOf(ev.Asker)
	}
}

func (k *Keeper) clearAside(grant rooms.GrantID) {
	var gone []string
	if k.aside.shut.Grant == grant {
		gone = append(gone, "shut")
	}
	if k.aside.talk.Grant == grant {
		gone = append(gone, "talk")
	}
	if len(gone) > 0 {
		k.unspread = true
		k.spread() // the end of the floor first: nobody must take the guest for still there
		for w := range k.watches {
			k.deliver(w, &Change{Gone: gone, Presence: true})
		}
	}
	k.aside = aside{}
}

// joinAside tells a watcher what those before it were told.
func (k *Keeper) joinAside(w *Watch) {
	set := rooms.View{}
	if k.aside.shut.Grant != "" {
		set["shut"] = k.shutFor(w.actor)
	}
	if k.aside.talk.Grant != "" && hearsOf(w.actor, k.room.Floor()) {
		set["talk"] = k.aside.talk
	}
	if len(set) > 0 {
		k.deliver(w, &Change{Set: maps.Clone(set), Presence: true})
	}
}

// leaveAside: a guest whose page went away speaks no more, and a screen that went away is not to be heard.
func (k *Keeper) leaveAside(s *Seat) {
	delete(k.aside.quiet, s)
	if s == k.aside.page {
		k.aside.page = nil
		k.hush()
	}
	k.reviewQuiet()
}

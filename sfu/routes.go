package sfu

import "time"

// feed is what a slot gets and who may have it.
type feed struct {
	source   *Source
	best     *encoding             // nil while nothing has come
	layers   [layerCount]*encoding // those that live; a sound has its only one at High
	quiet    bool                  // nothing came lately: the programme cut passes it over
	audience Audience
	since    time.Time // of this source and audience: nothing older is shown to anybody
}

// routes is the routing table of a broadcast: immutable, replaced as a whole.
type routes struct {
	feeds  [slotCount]feed
	louder Slot // of the two voices, for the programme cut
}

// feedsDiffer compares the encodings in use and whether they move.
func (r *routes) feedsDiffer(other *routes) bool {
	for i := range r.feeds {
		if r.feeds[i].layers != other.feeds[i].layers || r.feeds[i].quiet != other.feeds[i].quiet {
			return true
		}
	}
	return false
}

// pictures are the encodings of pictures in use.
func (r *routes) pictures() []*encoding {
	var all []*encoding
	for slot, f := range r.feeds {
		if f.best != nil && !Slot(slot).IsAudio() {
			all = append(all, f.best)
		}
	}
	return all
}

// askKeyframe orders one for a slot of pictures.
func (r *routes) askKeyframe(slot Slot) {
	if slot < slotCount && !slot.IsAudio() && r.feeds[slot].best != nil {
		r.feeds[slot].best.keyframes.Ask()
	}
}

// forSlot is what that viewer gets on a line of its own for slot.
func (r *routes) forSlot(slot Slot, who identity) *feed {
	f := &r.feeds[slot]
	if f.best == nil || !f.audience.Allows(who.id, who.party) {
		return nil
	}
	return f
}

// picture is the programme cut: slides when shared, the guest when on air,
// else the camera. One that has fallen silent (its peer died without a word)
// is taken only when there is nothing else.
func (r *routes) picture(who identity) *feed {
	var silent *feed
	for _, slot := range []Slot{Slides, GuestCamera, Camera} {
		f := r.forSlot(slot, who)
		if f != nil && !f.quiet {
			return f
		}
		if silent == nil {
			silent = f
		}
	}
	return silent
}

// sound is the programme cut: the mediator, and while a guest is on air the
// louder of the two.
func (r *routes) sound(who identity) *feed {
	voice, guest := r.forSlot(Voice, who), r.forSlot(GuestVoice, who)
	switch {
	case guest == nil:
		return voice
	case voice == nil || r.louder == GuestVoice:
		return guest
	default:
		return voice
	}
}

// tableLocked makes the table of now. b.mu is held.
func (b *Broadcast) tableLocked(now time.Time) *routes {
	r := &routes{louder: b.louder.choice()}
	for i := range r.feeds {
		r.feeds[i].audience, r.feeds[i].since = b.audience[i], b.since[i]
		if s := b.selected[i]; s != nil {
			f := &r.feeds[i]
			f.source, f.layers = s, s.layersLocked(Slot(i).IsAudio())
			f.best = f.at(rung{})
			f.quiet = f.best != nil && f.best.quiet(now, silentShare)
		}
	}
	return r
}

// rerouteLocked puts the table of now in force and waits until no lane of
// viewers works with the one before. b.mu is held; lanes never take it.
func (b *Broadcast) rerouteLocked(now time.Time) {
	r := b.tableLocked(now)
	for _, s := range b.sources {
		for _, e := range s.encodings {
			e.wanted.Store(r.uses(e))
		}
	}
	b.routes.Store(r)
	for _, l := range *b.lanes.Load() {
		l.settle()
	}
}

// uses tells whether anybody may get what e brings.
func (r *routes) uses(e *encoding) bool {
	for i := range r.feeds {
		f := &r.feeds[i]
		if f.source == e.source && Slot(i).IsAudio() == e.slot.IsAudio() && f.audience.rule != ruleNobody {
			return true
		}
	}
	return false
}

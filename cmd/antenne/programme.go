package main

import (
	"sync"
	"time"

	"antenne/rooms"
	"antenne/rooms/journal"
	"antenne/rooms/live"
	"antenne/web"
)

// programmeKept is how long the list of the public rooms is given again
// before it is made anew.
const programmeKept = time.Second

// programme is what the pages show of the rooms to somebody without a link.
// Strangers ask for pages as often as they like: a room's owner is asked again
// only when the room has changed since.
type programme struct {
	hall *live.Hall // static

	mu     sync.Mutex // guards what follows; never held while a room is asked
	seen   map[rooms.RoomID]seenRoom
	listed []web.Summary
	until  time.Time // listed is good until then
}

// seenRoom is a room as it was after its entry numbered seq.
type seenRoom struct {
	seq  journal.Seq
	view rooms.View // shared: read only
}

func newProgramme(hall *live.Hall) *programme {
	return &programme{hall: hall, seen: map[rooms.RoomID]seenRoom{}}
}

// rooms lists the public rooms; shared, to be read only.
func (p *programme) rooms() []web.Summary {
	now := time.Now()
	p.mu.Lock()
	listed, fresh := p.listed, now.Before(p.until)
	p.mu.Unlock()
	if fresh {
		return listed
	}
	listed = p.list()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listed, p.until = listed, now.Add(programmeKept)
	return listed
}

func (p *programme) list() (out []web.Summary) {
	for _, summary := range p.hall.Rooms() {
		if summary.Audience != rooms.AudiencePublic {
			continue
		}
		view, known := p.room(summary.ID)
		room, is := view["room"].(rooms.RoomEntity)
		if known && is {
			out = append(out, web.Summary{Room: room, Sites: sitesOf(view)})
		}
	}
	return out
}

// room is a room as somebody without a link sees it, with the places that
// follow it, which the programme announces. Shared, to be read only.
func (p *programme) room(id rooms.RoomID) (rooms.View, bool) {
	keeper, known := p.hall.Room(id)
	if !known {
		return nil, false
	}
	seq := keeper.Seq() // before the view: a view may be newer than it says, never older
	p.mu.Lock()
	held, is := p.seen[id]
	p.mu.Unlock()
	if is && held.seq == seq {
		return held.view, true
	}
	view := anonymousView(keeper, id)
	if view == nil {
		return nil, false // it is closing
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen[id] = seenRoom{seq, view}
	return view, true
}

func anonymousView(keeper *live.Keeper, id rooms.RoomID) rooms.View {
	view := keeper.View(rooms.Actor{Role: rooms.Viewer, Room: id})
	if view == nil {
		return nil
	}
	for _, site := range keeper.Summary().Sites {
		view["site/"+string(site.ID)] = site
	}
	return view
}

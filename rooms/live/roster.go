package live

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"antenne/rooms"
)

// roster is what lists show of all rooms: made when somebody asks after a room has changed, and the same for all who ask until then.
// Rooms that are over stay in it, and every screen that waits for its hour looks at it.
type roster struct {
	changes atomic.Uint64 // of the Summary of any room, so far

	making sync.Mutex                  // guards what follows; while it is held nobody but who asks for a list waits
	made   uint64                      // the changes that list knows of
	list   []Summary                   // never written in
	places map[rooms.SiteID][]*Summary // the same by who follows; nil until somebody asks

	mu   sync.Mutex    // guards what follows
	news chan struct{} // closed, and another put in its place, when a room changes
}

func newRoster() *roster { return &roster{news: make(chan struct{})} }

// changed is told by the owner of a room, after its Summary is another.
func (r *roster) changed() {
	r.changes.Add(1)
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.news)
	r.news = make(chan struct{})
}

// Rooms lists every room, by hour. The list is everybody's: nobody may write in it.
func (h *Hall) Rooms() []Summary {
	r := h.roster
	r.making.Lock()
	defer r.making.Unlock()
	return h.listLocked()
}

// RoomsOf lists the rooms that a place follows, by hour. Nobody may write in them.
func (h *Hall) RoomsOf(site rooms.SiteID) []*Summary {
	r := h.roster
	r.making.Lock()
	defer r.making.Unlock()
	list := h.listLocked()
	if r.places == nil {
		r.places = map[rooms.SiteID][]*Summary{}
		for i := range list {
			for _, place := range list[i].Sites {
				r.places[place.ID] = append(r.places[place.ID], &list[i])
			}
		}
	}
	return r.places[site]
}

// listLocked is the list of now; roster.making is held.
func (h *Hall) listLocked() []Summary {
	r := h.roster
	if changes := r.changes.Load(); r.made != changes {
		r.list, r.places, r.made = h.summaries(), nil, changes
	}
	return r.list
}

// News is closed once Rooms would list something else. Who waits takes it before Rooms.
func (h *Hall) News() <-chan struct{} {
	h.roster.mu.Lock()
	defer h.roster.mu.Unlock()
	return h.roster.news
}

func (h *Hall) summaries() []Summary {
	h.mu.RLock()
	list := make([]Summary, 0, len(h.keepers))
	for _, k := range h.keepers {
		list = append(list, k.Summary())
	}
	h.mu.RUnlock()
	slices.SortFunc(list, func(a, b Summary) int {
		if by := a.At.Compare(b.At); by != 0 {
			return by
		}
		return strings.Compare(string(a.ID), string(b.ID))
	})
	return list
}

// Follows tells whether a place follows the room.
func (s *Summary) Follows(site rooms.SiteID) bool {
	return slices.ContainsFunc(s.Sites, func(e rooms.SiteEntity) bool { return e.ID == site })
}

// same tells whether lists show nothing else. Places are compared as they are listed: without anything that their people said.
func (s *Summary) same(other *Summary) bool {
	return s.Title == other.Title && s.Needs == other.Needs && s.Mediator == other.Mediator && s.At.Equal(other.At) && s.State == other.State &&
		s.Audience == other.Audience && s.EndedAt.Equal(other.EndedAt) && slices.Equal(s.Sites, other.Sites)
}

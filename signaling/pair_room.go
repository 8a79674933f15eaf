package signaling

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"antenne/rooms"
	"antenne/rooms/live"
)

// endStays is how long a screen stays with a séance that is over: its last words are read, then the poster comes back.
const endStays = 2 * time.Minute

// roomToShow chooses, among the rooms that a place follows, what its screen shows now; open tells whether that can be entered. A
// séance under way comes first, on air before all; among those alike the one whose hour is nearest, so that a morning that nobody
// ended gives way to the afternoon; then one that has just ended; else the next one, for the poster.
func roomToShow(all []live.Summary, site rooms.SiteID, now time.Time) (chosen live.Summary, open, found bool) {
	best := 0
	for _, room := range all {
		rank := showRank(room, now)
		if rank == 0 || !room.Follows(site) {
			continue
		}
		if rank > best || rank == best && nearer(room, chosen, now) {
			chosen, best = room, rank
		}
	}
	return chosen, best > rankNext, best > 0
}

const rankNext = 1

// showRank: the higher the sooner it is shown; 0 for never.
func showRank(room live.Summary, now time.Time) int {
	switch room.State {
	case rooms.OnAir:
		return 4
	case rooms.Paused, rooms.DoorsOpen:
		return 3
	case rooms.Ended:
		if now.Sub(room.EndedAt) < endStays {
			return 2
		}
	case rooms.Scheduled:
		return rankNext
	}
	return 0
}

func nearer(a, b live.Summary, now time.Time) bool {
	return a.At.Sub(now).Abs() < b.At.Sub(now).Abs()
}

// deviceView is what a paired device is told of its place.
type deviceView struct {
	Site     rooms.SiteID `json:"site"`
	SiteName string       `json:"siteName"`
	Town     string       `json:"town"`
	Room     *deviceRoom  `json:"room,omitempty"`
	Open     bool         `json:"open"`  // the room can be entered now
	Known    string       `json:"known"` // to be given back with the next question, which then waits for something else
}

type deviceRoom struct {
	ID       rooms.RoomID `json:"id"`
	Title    string       `json:"title"`
	At       time.Time    `json:"at"`
	State    rooms.State  `json:"state"`
	Needs    string       `json:"needs"`
	Mediator string       `json:"mediator"`
}

// roomOfDevice tells a paired device which séance its place shows now. One that gives back what it knows waits a while for
// something else; it learns within a second that it was forgotten.
func (s *Server) roomOfDevice(r *http.Request) (int, any, error) {
	claim, err := claimOf(r)
	if err != nil {
		return 0, nil, err
	}
	device, err := s.device(claim.Token)
	if err != nil {
		return 0, nil, err
	}
	s.pairing.note(device.Link, s.clock())
	view := s.showing(device.Site)
	if view.Known != r.URL.Query().Get("known") {
		return http.StatusOK, view, nil
	}
	seat, err := s.pairing.patient.take(remote(r), false)
	if err != nil {
		return http.StatusOK, view, nil
	}
	defer seat.leave()
	for end := time.Now().Add(s.limits.PairWait); time.Now().Before(end) && r.Context().Err() == nil && s.life.Err() == nil; {
		s.wait(r.Context(), s.limits.WatchInterval)
		if _, err := s.device(claim.Token); err != nil {
			return 0, nil, err
		}
		if s.choose(device.Site).key() != view.Known {
			break
		}
	}
	return http.StatusOK, s.showing(device.Site), nil
}

// device is whom a paired device's token stands for. Refusals: those of a link, and pair-role for a link of one room.
func (s *Server) device(token string) (rooms.Actor, error) {
	who, err := s.hall.Resolve(ticketOf(token), s.clock())
	switch {
	case err != nil:
		return rooms.Actor{}, err
	case who.Room != "" || who.Site == "":
		return rooms.Actor{}, refuse(codePairRole)
	}
	return who, nil
}

// showing is what the screens of a place show now.
func (s *Server) showing(site rooms.SiteID) deviceView {
	now := s.choose(site)
	view := deviceView{Site: site, SiteName: now.place.Name, Town: now.place.Town, Open: now.open, Known: now.key()}
	keeper, known := s.hall.Room(now.room.ID)
	if !known {
		return view
	}
	if e, is := keeper.View(overseer(now.room.ID))["room"].(rooms.RoomEntity); is {
		view.Room = &deviceRoom{ID: e.ID, Title: e.Title, At: e.At, State: now.room.State, Needs: e.Needs, Mediator: e.Mediator}
	}
	return view
}

// shown is a place and the room that its screens show; room is nothing when there is none. It asks no room's owner: many
// screens look at it twice a second.
type shown struct {
	place rooms.SiteEntity
	room  live.Summary
	open  bool
}

func (s *Server) choose(site rooms.SiteID) shown {
	room, open, _ := roomToShow(s.hall.Rooms(), site, s.clock())
	c := shown{place: s.siteEntity(site), room: room, open: open}
	if i := slices.IndexFunc(room.Sites, func(e rooms.SiteEntity) bool { return e.ID == site }); i >= 0 {
		c.place = room.Sites[i]
	}
	return c
}

// key is another when what a screen shows is another. It says nothing by itself: addresses are written into logs of others.
func (c shown) key() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{
		c.place.Name, c.place.Town, string(c.room.ID), string(c.room.State), c.room.Title, c.room.At.Format(time.RFC3339), strconv.FormatBool(c.open),
	}, "\x00")))
	return hex.EncodeToString(sum[:8])
}

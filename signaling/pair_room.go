package signaling

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"antenne/rooms"
	"antenne/rooms/live"
)

// endStays is how long a screen stays with a séance that is over: its last words are read, then the poster comes back.
const endStays = 2 * time.Minute

// roomToShow chooses, among the rooms that a place follows, what its screen shows now; nil for nothing. A séance under way comes
// first, on air before all; among those alike the one whose hour is nearest, so that a morning that nobody ended gives way to the
// afternoon; then one that has just ended; else the next one, for the poster.
func roomToShow(all []*live.Summary, now time.Time) (chosen *live.Summary) {
	best := 0
	for _, room := range all {
		rank := showRank(room, now)
		if rank > best || rank > 0 && rank == best && nearer(room, chosen, now) {
			chosen, best = room, rank
		}
	}
	return chosen
}

// turnsAt is when a screen that shows chosen may show something else although no room has changed: the last words of a séance have been
// read, or the hour of another one is the nearer. Zero: never.
func turnsAt(all []*live.Summary, chosen *live.Summary, now time.Time) (first time.Time) {
	for _, room := range all {
		if showRank(room, now) == 0 {
			continue
		}
		middle := chosen.At.Add(room.At.Sub(chosen.At)/2 + 1) // until then chosen is no farther
		for _, turn := range [...]time.Time{room.EndedAt.Add(endStays), middle} {
			if turn.After(now) && (first.IsZero() || turn.Before(first)) {
				first = turn
			}
		}
	}
	return first
}

const (
	rankNext = 1

	showAgain = 500 * time.Millisecond // between two looks, however many rooms are made meanwhile
)

// showRank: the higher the sooner it is shown; 0 for never.
func showRank(room *live.Summary, now time.Time) int {
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

func nearer(a, b *live.Summary, now time.Time) bool {
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
		return 0, nil, err
	}
	defer seat.leave()
	if err := s.awaitAnother(r.Context(), claim.Token, device.Site, view.Known); err != nil {
		return 0, nil, err
	}
	return http.StatusOK, s.showing(device.Site), nil
}

// awaitAnother waits a while for the screens of a place to show something else than is known.
func (s *Server) awaitAnother(ctx context.Context, token string, site rooms.SiteID, known string) error {
	ctx, done := context.WithTimeout(ctx, s.limits.PairWait)
	defer done()
	defer context.AfterFunc(s.life, done)()
	for ctx.Err() == nil {
		news := s.hall.News()
		now := s.choose(site)
		if now.key() != known {
			return nil
		}
		if err := s.awaitTurn(ctx, token, news, now.turns); err != nil {
			return err
		}
	}
	return nil
}

// awaitTurn waits until there is news of a room, or its time has come; it fails when the device is forgotten meanwhile. Hundreds of
// screens wait here before each séance: twice a second each looks whether it is still one of the house's, and at nothing else.
func (s *Server) awaitTurn(ctx context.Context, token string, news <-chan struct{}, turns time.Time) error {
	began := time.Now()
	tick := time.NewTicker(s.limits.WatchInterval)
	defer tick.Stop()
	for changed := false; !changed; {
		select {
		case <-ctx.Done():
			return nil
		case <-news:
			changed = true
			s.wait(ctx, showAgain-time.Since(began))
		case <-tick.C:
			changed = !turns.IsZero() && !s.clock().Before(turns)
		}
		if _, err := s.device(token); err != nil {
			return err
		}
	}
	return nil
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
	if room := now.room; room.ID != "" {
		view.Room = &deviceRoom{ID: room.ID, Title: room.Title, At: room.At, State: room.State, Needs: room.Needs, Mediator: room.Mediator}
	}
	return view
}

// shown is a place and the room that its screens show; room is nothing when there is none. It asks no room's owner: all the screens of
// the house look at it whenever a room changes.
type shown struct {
	place rooms.SiteEntity
	room  live.Summary
	open  bool
	turns time.Time // see turnsAt
}

func (s *Server) choose(site rooms.SiteID) shown {
	all, now := s.hall.RoomsOf(site), s.clock()
	room := roomToShow(all, now)
	if room == nil {
		return shown{place: placeIn(all, site)}
	}
	return shown{place: placeIn([]*live.Summary{room}, site), room: *room, open: showRank(room, now) > rankNext, turns: turnsAt(all, room, now)}
}

// placeIn is a place as the first of the rooms that it follows knows it.
func placeIn(all []*live.Summary, id rooms.SiteID) rooms.SiteEntity {
	for _, room := range all {
		for _, site := range room.Sites {
			if site.ID == id {
				return site
			}
		}
	}
	return rooms.SiteEntity{ID: id}
}

// key is another when what a screen shows is another. It says nothing by itself: addresses are written into logs of others.
func (c shown) key() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{
		c.place.Name, c.place.Town, string(c.room.ID), string(c.room.State), c.room.Title, c.room.At.Format(time.RFC3339), strconv.FormatBool(c.open),
	}, "\x00")))
	return hex.EncodeToString(sum[:8])
}

package main

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sys/unix"

	"antenne/rooms"
	"antenne/rooms/journal"
	"antenne/rooms/live"
	"antenne/sfu"
	"antenne/signaling"
)

// house is a running server: its pieces, and what the commands do with them.
// Static once the server has started, but for leaving.
type house struct {
	settings  settings
	log       *zap.Logger
	started   time.Time
	listening string // address of the web listener
	public    string // where links lead, without a final slash
	journal   journal.Journal
	hall      *live.Hall
	engine    *sfu.Engine
	doors     *signaling.Server
	leaving   atomic.Bool // the server is being put away
}

// overseer looks at a room for the house: its places and its state, and no question.
func overseer(id rooms.RoomID) rooms.Actor { return rooms.Actor{Role: rooms.Coordinator, Room: id} }

func (h *house) addRoom(ctx context.Context, r roomRequest) (rooms.RoomID, error) {
	room := rooms.CreateRoom{
		Title: r.Title, At: r.At, Audience: rooms.AudiencePrivate, Needs: r.Needs, Mediator: r.Mediator, OnAirOnPublish: r.OnAirOnPublish,
	}
	if r.Public {
		room.Audience = rooms.AudiencePublic
	}
	sites := make([]rooms.AddSite, len(r.Sites))
	for i, p := range r.Sites {
		sites[i] = rooms.AddSite{Site: rooms.SiteID(p.ID), Name: p.Name, Town: p.Town}
	}
	return h.hall.Create(ctx, room, sites)
}

func (h *house) roomLines() []roomLine {
	lines := []roomLine{}
	for _, summary := range h.hall.Rooms() {
		keeper, known := h.hall.Room(summary.ID)
		if !known {
			continue
		}
		room, _ := keeper.View(overseer(summary.ID))["room"].(rooms.RoomEntity)
		line := roomLine{
			Room: summary.ID, Title: summary.Title, At: summary.At, State: string(summary.State),
			Public: summary.Audience == rooms.AudiencePublic, Mediator: room.Mediator, Needs: room.Needs, Sites: []place{},
		}
		for _, site := range summary.Sites {
			line.Sites = append(line.Sites, place{string(site.ID), site.Name, site.Town})
		}
		lines = append(lines, line)
	}
	return lines
}

func (h *house) issueLink(ctx context.Context, r linkRequest) (linkReply, error) {
	if r.For < 0 || r.For > longestLink {
		return linkReply{}, fail("link-expiry")
	}
	keeper, known := h.hall.Room(r.Room)
	if !known {
		return linkReply{}, fail("room-unknown", "room", string(r.Room))
	}
	at := keeper.Summary().At
	expires := linkExpiry(r.For, at, time.Now())
	link := linkReply{Role: r.Role, Site: r.Site, URL: linkURL(h.public, r.Room, r.Role, r.Site), Expires: expires, At: at}
	if r.Role == rooms.Viewer && h.isOpenTo(r.Room, r.Site) {
		return link, nil // the address is enough
	}
	token, id, err := h.hall.IssueLink(ctx, r.Room, r.Role, r.Site, expires, r.Note)
	if err != nil {
		return linkReply{}, err
	}
	link.Link, link.URL = id, link.URL+"#"+token
	return link, nil
}

// linkLasts is how long after the séance's hour a link is good when nobody says.
const linkLasts = 12 * time.Hour

// linkExpiry counts from the séance's hour, or from now when that has passed: a
// link printed the week before is good on the day.
func linkExpiry(lasts time.Duration, at, now time.Time) time.Time {
	if lasts == 0 {
		lasts = linkLasts
	}
	from := now
	if at.After(now) {
		from = at
	}
	expires := from.Add(lasts)
	if limit := now.Add(longestLink); expires.After(limit) {
		return limit
	}
	return expires
}

// isOpenTo tells whether anyone may watch, coming through that place if any.
func (h *house) isOpenTo(id rooms.RoomID, site rooms.SiteID) bool {
	keeper, known := h.hall.Room(id)
	if !known {
		return false
	}
	summary := keeper.Summary()
	return summary.Audience == rooms.AudiencePublic &&
		(site == "" || slices.ContainsFunc(summary.Sites, func(s rooms.SiteEntity) bool { return s.ID == site }))
}

// linkURL is the page of a role. The secret goes after it, as a fragment,
// which browsers keep to themselves.
func linkURL(public string, room rooms.RoomID, role rooms.Role, site rooms.SiteID) string {
	id := url.PathEscape(string(room))
	switch role {
	case rooms.Mediator:
		return public + "/studio/" + id
	case rooms.Moderator:
		return public + "/control/" + id
	case rooms.Coordinator:
		return public + "/wall/" + id
	case rooms.Animator:
		return public + "/desk/" + id
	case rooms.Post:
		return public + "/post/" + id
	case rooms.Screen:
		return public + "/screen?room=" + url.QueryEscape(string(room))
	}
	live := public + "/live/" + id
	if site != "" {
		live += "?c=" + url.QueryEscape(string(site))
	}
	return live
}

func (h *house) linkLines(room rooms.RoomID, now time.Time) ([]linkLine, error) {
	keeper, known := h.hall.Room(room)
	if !known {
		return nil, fail("room-unknown", "room", string(room))
	}
	lines := []linkLine{}
	for _, link := range keeper.Links() {
		line := linkLine{Link: link.ID, Role: link.Role, Site: link.Site, Note: link.Note, Issued: link.IssuedAt, Expires: link.Expires, State: "valid"}
		switch {
		case link.Revoked:
			line.State = "revoked"
		case link.Stands(now) != nil:
			line.State = "expired"
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// sitesOf lists the places of a view, by name.
func sitesOf(view rooms.View) []rooms.SiteEntity {
	var sites []rooms.SiteEntity
	for _, entity := range view {
		if site, is := entity.(rooms.SiteEntity); is {
			sites = append(sites, site)
		}
	}
	slices.SortFunc(sites, func(a, b rooms.SiteEntity) int { return strings.Compare(a.Name+string(a.ID), b.Name+string(b.ID)) })
	return sites
}

// foreignFailure reads the code of the other packages' errors; nil when there is none.
func foreignFailure(err error) *failure {
	var refusal *rooms.Refusal
	if errors.As(err, &refusal) {
		return &failure{Code: refusal.Code, Params: refusal.Params, cause: err}
	}
	var logged *journal.Error
	if errors.As(err, &logged) {
		return &failure{Code: logged.Code, Params: logged.Params, cause: err}
	}
	var media *sfu.Error
	if errors.As(err, &media) {
		return &failure{Code: media.Code, Params: media.Params, cause: err}
	}
	var damage *journal.DamagedError
	if errors.As(err, &damage) {
		return fail(journal.CodeDamaged, "path", "journal.db", "stream", string(damage.Stream), "seq", strconv.FormatUint(uint64(damage.Seq), 10)).because(err)
	}
	return nil
}

func openFilesLimit() uint64 {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		return 0
	}
	return limit.Cur
}

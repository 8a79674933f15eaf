package web

import (
	"net/http"
	"net/url"
	"sort"
	"strings"
	"time"

	"antenne/rooms"
)

// view is what a template gets. It lives as long as one request.
type view struct {
	Lang    string
	Page    string
	Problem string
	Room    *roomView
	Rooms   []*roomView
	Site    *rooms.SiteEntity
	Zone    string

	kind  *page
	site  *site
	words catalogue
	query url.Values
	now   time.Time
}

// roomView is a room in words.
type roomView struct {
	ID       rooms.RoomID
	Title    string // "" for a private room
	State    rooms.State
	Word     string // « En direct »
	Sentence string // « La séance commence mardi 3 mars à 10 h. »
	When     string
	Clock    string
	At       string // RFC 3339
	Needs    string
	Mediator string
	Private  bool
	Today    bool
	Sites    []rooms.SiteEntity

	at    time.Time
	ended time.Time
}

func (s *site) view(r *http.Request, name string) *view {
	lang := language(r)
	return &view{
		Lang: lang, Page: name, Zone: s.config.Zone.String(),
		kind: s.pages[name], site: s, words: s.words[lang],
		query: r.URL.Query(), now: s.config.Now().In(s.config.Zone),
	}
}

// host is the address that people type.
func (s *site) host(r *http.Request) string {
	if s.config.PublicURL != "" {
		return strings.TrimSuffix(s.config.PublicURL, "/")
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// say puts a room into words. A private room tells its state only.
func (v *view) say(e rooms.RoomEntity) *roomView {
	at := e.At.In(v.site.config.Zone)
	r := &roomView{
		ID: e.ID, Title: e.Title, State: e.State, Needs: e.Needs, Mediator: e.Mediator,
		When: when(v.Lang, at), Clock: clock(v.Lang, at), At: e.At.UTC().Format(time.RFC3339),
		Word: v.T("state." + string(e.State)), Today: sameDay(at, v.now), at: at,
	}
	if e.EndedAt != nil {
		r.ended = *e.EndedAt
	}
	r.Sentence = v.T("state.say."+v.sayKey(e), "when", r.When, "clock", r.Clock)
	if e.Audience != rooms.AudiencePublic {
		r.Private, r.Title, r.Needs, r.Mediator, r.When, r.Clock, r.At = true, "", "", "", "", "", ""
		r.Sentence = v.T("state.private." + string(e.State))
	}
	return r
}

// lateAfter is when a séance that has not begun is said to be late, from its hour.
const lateAfter = time.Minute

// sayKey is the last part of state.say.…: the state, "late", or "incident" for a pause that nobody wanted.
func (v *view) sayKey(e rooms.RoomEntity) string {
	waits := e.State == rooms.Scheduled || e.State == rooms.DoorsOpen
	if waits && v.now.Sub(e.At) >= lateAfter {
		return "late"
	}
	if e.State == rooms.Paused && e.Slate == rooms.SlateIncident {
		return "incident"
	}
	return string(e.State)
}

// over tells whether an ended room can no longer be taken up again.
func (r *roomView) over(now time.Time) bool {
	return r.State == rooms.Ended && !r.ended.IsZero() && now.Sub(r.ended) > rooms.ReopenFor
}

// remembered is how long the programme shows a séance that is over, or whose hour passed without it.
const remembered = 7 * 24 * time.Hour

// past tells whether a room has nothing to do on the programme any more.
func past(e rooms.RoomEntity, now time.Time) bool {
	switch {
	case e.State == rooms.OnAir || e.State == rooms.Paused:
		return false
	case e.EndedAt != nil:
		return now.Sub(*e.EndedAt) > remembered
	}
	return now.Sub(e.At) > remembered
}

// programme puts rooms into words: what is on first, then by time; what is over comes last, the latest first, for a week.
func (v *view) programme(list []Summary) []*roomView {
	said := make([]*roomView, 0, len(list))
	for _, summary := range list {
		if past(summary.Room, v.now) {
			continue
		}
		r := v.say(summary.Room)
		r.Sites = byTown(summary.Sites)
		if !r.Private {
			said = append(said, r)
		}
	}
	sort.SliceStable(said, func(i, j int) bool {
		a, b := said[i], said[j]
		if a.rank() != b.rank() {
			return a.rank() < b.rank()
		}
		if a.rank() == 2 {
			return a.at.After(b.at)
		}
		return a.at.Before(b.at)
	})
	return said
}

func (r *roomView) rank() int {
	switch r.State {
	case rooms.OnAir, rooms.Paused:
		return 0
	case rooms.Ended:
		return 2
	default:
		return 1
	}
}

func byTown(list []rooms.SiteEntity) []rooms.SiteEntity {
	sorted := append([]rooms.SiteEntity(nil), list...)
	sort.SliceStable(sorted, func(i, j int) bool {
		if sorted[i].Town != sorted[j].Town {
			return sorted[i].Town < sorted[j].Town
		}
		return sorted[i].Name < sorted[j].Name
	})
	return sorted
}

func findSite(list []Summary, id rooms.SiteID) *rooms.SiteEntity {
	for _, summary := range list {
		for _, place := range summary.Sites {
			if place.ID == id {
				return &place
			}
		}
	}
	return nil
}

func followedBy(list []Summary, id rooms.SiteID) []Summary {
	var found []Summary
	for _, summary := range list {
		for _, place := range summary.Sites {
			if place.ID == id {
				found = append(found, summary)
			}
		}
	}
	return found
}

// ---- what templates call ----

// T is the sentence of a key: {{.T "common.footer.data"}}, {{.T "state.say.scheduled" "when" .Room.When}}.
func (v *view) T(key string, pairs ...any) string { return v.words.say(key, pairs...) }

// Asset is the address of a file of static/.
func (v *view) Asset(name string) string { return v.site.assets.url(name) }

// Build names the pages' files, so that a page can tell that it is from before an upgrade. "" for who works on the
// pages: each save is another build.
func (v *view) Build() string {
	if v.site.config.Dir != "" {
		return ""
	}
	return Build()
}

// Paces and Troubles are what an animator says of the room with one tap, in the order of the buttons.
func (v *view) Paces() []string { return []string{"following", "slower", "stuck"} }

func (v *view) Troubles() []string { return []string{"no-sound", "no-picture"} }

// Styles, Module and Preload are what the page loads.
func (v *view) Styles() []string { return v.kind.styles }

func (v *view) Module() string { return v.kind.module }

func (v *view) Preload() []string { return v.kind.preload }

// Night tells whether the page is a dark stage.
func (v *view) Night() bool { return v.kind.night }

// Words are the sentences that the page's script may say.
func (v *view) Words() catalogue { return v.words.forPage(v.Page, v.kind.borrowed...) }

// Heading is what the tab is called.
func (v *view) Heading() string {
	if v.Problem != "" {
		return v.T("problem." + v.Problem + ".title")
	}
	if v.Room != nil && v.Room.Title != "" {
		return v.Room.Title + " · " + v.T(v.Page+".name")
	}
	if v.Site != nil {
		return v.Site.Name
	}
	return v.T(v.Page + ".name")
}

// Other is the language the reader may switch to.
func (v *view) Other() string {
	if v.Lang == "fr" {
		return "en"
	}
	return "fr"
}

// Switch is the same page in the other language.
func (v *view) Switch() string {
	query := url.Values{}
	for name, values := range v.query {
		query[name] = values
	}
	query.Set("lang", v.Other())
	return "?" + query.Encode()
}

// With is the view with one room in the place of all, for parts that show one.
func (v *view) With(room *roomView) *view {
	one := *v
	one.Room = room
	return &one
}

package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"

	"antenne/rooms"
)

// page is one kind of page. Static after construction.
type page struct {
	name     string
	style    string   // its style sheet, when it is not its own
	borrowed []string // prefixes of other pages' sentences that its script says
	opens    string   // its Permissions-Policy, when it may open devices of the person
	night    bool     // dark stage
	frames   bool     // it may show another of our pages in a frame
	framed   bool     // it may stand in a frame of another of our pages
	indexed  bool     // search engines may list it

	template *template.Template
	styles   []string
	module   string   // "" when the page has no script
	preload  []string // what the module imports
}

// kinds lists every page. See the package's documentation for the files of each.
func kinds() []*page {
	return []*page{
		{name: "home", style: "programme", indexed: true},
		{name: "place", style: "programme", indexed: true},
		{name: "live", indexed: true, borrowed: []string{"slate.", "shown."}},
		{name: "screen", night: true, framed: true, borrowed: []string{"slate.", "shown."}},
		{name: "pair", night: true, frames: true},
		{name: "hand"},
		{name: "join"},
		{name: "post", borrowed: []string{"slate.", "shown.", "live.ask.", "live.helpers."}},
		{name: "data", indexed: true},
		{name: "problem"},
		{name: "studio", night: true, opens: permissionsStudio, borrowed: []string{"slate.", "wall."}},
		{name: "phone", night: true, opens: permissionsPhone, borrowed: []string{"wall."}},
		{name: "guest", opens: permissionsGuest},
		{name: "control", borrowed: []string{"wall."}},
		{name: "sites", style: "wall", borrowed: []string{"wall."}},
		{name: "desk", borrowed: []string{"pair."}},
	}
}

func loadPages(files fs.FS, a *assets) (map[string]*page, error) {
	all := map[string]*page{}
	for _, p := range kinds() {
		t, err := template.New(p.name).Funcs(template.FuncMap{"picto": picto}).ParseFS(files, "templates/layout.html", "templates/parts.html", "templates/"+p.name+".html")
		if err != nil {
			return nil, fmt.Errorf("web: %w", err)
		}
		if t.Lookup("main") == nil {
			return nil, fmt.Errorf("web: templates/%s.html does not define \"main\"", p.name)
		}
		p.template = t
		p.findAssets(a)
		all[p.name] = p
	}
	return all, nil
}

func (p *page) findAssets(a *assets) {
	for _, style := range []string{"css/base.css", "css/" + p.name + ".css", "css/" + p.style + ".css"} {
		if a.has(style) {
			p.styles = append(p.styles, style)
		}
	}
	if module := "js/ui/" + p.name + ".js"; a.has(module) {
		p.module = module
		p.preload = a.closure(module)[1:]
	}
}

func (s *site) routes() {
	for pattern, handler := range map[string]http.HandlerFunc{
		"/{$}":                     s.home,
		"/c/{site}":                s.place,
		"/c/{site}/qr.svg":         s.placeCode,
		"/live/{room}":             s.live,
		"/live/{room}/qr.svg":      s.liveCode,
		"/screen":                  s.screen,
		"/ouvrir":                  s.plain("hand"),
		"/post":                    s.plain("join"),
		"/studio/{room}":           s.worker("studio"),
		"/studio/{room}/phone":     s.worker("phone"),
		"/guest/{room}":            s.worker("guest"),
		"/control/{room}":          s.worker("control"),
		"/wall/{room}":             s.worker("sites"),
		"/desk/{room}":             s.worker("desk"),
		"/post/{room}":             s.worker("post"),
		"/donnees":                 s.data,
		"/robots.txt":              s.robots,
		"/favicon.ico":             s.favicon,
		"/static/{hash}/{file...}": s.serveAsset,
		"/":                        s.lost,
	} {
		s.mux.HandleFunc(pattern, handler)
	}
}

func (s *site) home(w http.ResponseWriter, r *http.Request) {
	v := s.view(r, "home")
	v.Rooms = v.programme(s.config.Rooms())
	s.render(w, r, http.StatusOK, v)
}

func (s *site) place(w http.ResponseWriter, r *http.Request) {
	v := s.view(r, "place")
	summaries := s.config.Rooms()
	v.Site = findSite(summaries, rooms.SiteID(r.PathValue("site")))
	if v.Site == nil {
		s.problem(w, r, http.StatusNotFound, "site-unknown")
		return
	}
	v.Rooms = v.programme(followedBy(summaries, v.Site.ID))
	s.render(w, r, http.StatusOK, v)
}

func (s *site) live(w http.ResponseWriter, r *http.Request) {
	v := s.view(r, "live")
	if !s.findRoom(w, r, v, r.PathValue("room")) {
		return
	}
	if v.Room.over(s.config.Now()) {
		s.problem(w, r, http.StatusGone, "room-ended")
		return
	}
	if id := r.URL.Query().Get("c"); id != "" {
		v.Site = findSite(s.config.Rooms(), rooms.SiteID(id))
	}
	s.render(w, r, http.StatusOK, v)
}

// screen without a room shows a code, or the poster of its place, and goes to a room by itself.
func (s *site) screen(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("room")
	if id == "" {
		s.render(w, r, http.StatusOK, s.view(r, "pair"))
		return
	}
	v := s.view(r, "screen")
	if s.findRoom(w, r, v, id) {
		s.render(w, r, http.StatusOK, v)
	}
}

// plain serves a page that is the same for everybody.
func (s *site) plain(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { s.render(w, r, http.StatusOK, s.view(r, name)) }
}

// worker serves the pages of the people who make the séance; their script asks for the link.
func (s *site) worker(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := s.view(r, name)
		if s.findRoom(w, r, v, r.PathValue("room")) {
			s.render(w, r, http.StatusOK, v)
		}
	}
}

func (s *site) data(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusOK, s.view(r, "data"))
}

func (s *site) lost(w http.ResponseWriter, r *http.Request) {
	s.problem(w, r, http.StatusNotFound, "not-found")
}

// findRoom fills the view with the room, or answers that there is none.
func (s *site) findRoom(w http.ResponseWriter, r *http.Request, v *view, id string) bool {
	seen, ok := s.config.Room(rooms.RoomID(id))
	if !ok {
		s.problem(w, r, http.StatusNotFound, "room-unknown")
		return false
	}
	entity, ok := seen["room"].(rooms.RoomEntity)
	if !ok {
		s.problem(w, r, http.StatusNotFound, "room-unknown")
		return false
	}
	v.Room = v.say(entity)
	return true
}

// problem answers with a sentence, for people; kind picks problem.{kind}.title and .text.
func (s *site) problem(w http.ResponseWriter, r *http.Request, status int, kind string) {
	v := s.view(r, "problem")
	v.Problem = kind
	v.Rooms = coming(v.programme(s.config.Rooms()))
	s.render(w, r, status, v)
}

// coming are the first three that are not over.
func coming(programme []*roomView) []*roomView {
	var found []*roomView
	for _, r := range programme {
		if r.State != rooms.Ended && len(found) < 3 {
			found = append(found, r)
		}
	}
	return found
}

// render sends a page; its ETag is that of its very bytes, since its state is written in it.
func (s *site) render(w http.ResponseWriter, r *http.Request, status int, v *view) {
	var body bytes.Buffer
	if err := v.kind.template.ExecuteTemplate(&body, "layout", v); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	if v.kind.frames {
		openPolicy(h, "frame-src 'none'", "frame-src 'self'")
	}
	if v.kind.framed {
		openPolicy(h, "frame-ancestors 'none'", "frame-ancestors 'self'")
	}
	if v.kind.opens != "" {
		h.Set("Permissions-Policy", v.kind.opens)
	}
	if !v.kind.indexed {
		h.Set("X-Robots-Tag", "noindex")
	}
	sum := sha256.Sum256(body.Bytes())
	h.Set("ETag", `"`+hex.EncodeToString(sum[:8])+`"`)
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Language", v.Lang)
	h.Add("Vary", "Accept-Language")
	h.Set("Content-Type", "text/html; charset=utf-8")
	writeBody(w, r, status, body.Bytes(), zipQuickly(body.Bytes()))
}

const robots = "User-agent: *\nDisallow: /studio/\nDisallow: /control/\nDisallow: /desk/\nDisallow: /post/\nDisallow: /guest/\nDisallow: /wall/\nDisallow: /screen\nDisallow: /ouvrir\nDisallow: /post\nDisallow: /pair/\nDisallow: /sheet/\nDisallow: /ws\nDisallow: /whip/\nDisallow: /whep/\n"

func (s *site) robots(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "max-age=86400")
	writeBody(w, r, http.StatusOK, []byte(robots), nil)
}

func (s *site) favicon(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Cache-Control", "max-age=86400")
	writeBody(w, r, http.StatusOK, s.assets.files["img/favicon.svg"].body, nil)
}

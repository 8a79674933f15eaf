package web

import (
	"embed"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"time"

	"antenne/rooms"
	_ "time/tzdata" // dates are said in the territory's time, on any machine
)

//go:embed templates static locale
var embedded embed.FS

// DefaultZone is the time zone in which dates are said.
const DefaultZone = "Europe/Paris"

// Summary is a public room as the programme shows it.
type Summary struct {
	Room  rooms.RoomEntity
	Sites []rooms.SiteEntity // the places that follow it
}

// Config is all that New needs. Room and Rooms are called at each request: they must cost little. What they give is read only.
type Config struct {
	// Room gives what an anonymous viewer sees of a room; false when there is none.
	// For a private room the pages use its state only, never its title.
	Room func(rooms.RoomID) (rooms.View, bool)
	// Rooms lists the public rooms of the programme, in any order.
	Rooms func() []Summary
	// PublicURL is the address people type, without a final slash, "" to take that of each request.
	PublicURL string
	// Zone is the time zone of the territory; nil for DefaultZone.
	Zone *time.Location
	// Now is the clock; nil for time.Now.
	Now func() time.Time
	// Dir, when not "", is the folder of this package on disk: pages are read from it again
	// at each request. For people who work on the pages.
	Dir string
	// Dev is Dir = "web", for short.
	Dev bool
}

// New reads and checks all pages, so that a broken one is found at start.
func New(c Config) (http.Handler, error) {
	if c.Room == nil || c.Rooms == nil {
		return nil, errors.New("web: Config.Room and Config.Rooms are needed")
	}
	if err := c.fill(); err != nil {
		return nil, err
	}
	if c.Dir == "" {
		return newSite(c, embedded)
	}
	if _, err := newSite(c, os.DirFS(c.Dir)); err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serveFresh(c, w, r) }), nil
}

// serveFresh reads every file again: what is saved is what is seen.
func serveFresh(c Config, w http.ResponseWriter, r *http.Request) {
	s, err := newSite(c, os.DirFS(c.Dir))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s.ServeHTTP(w, r)
}

func (c *Config) fill() error {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Dev && c.Dir == "" {
		c.Dir = "web"
	}
	if c.Zone != nil {
		return nil
	}
	zone, err := time.LoadLocation(DefaultZone)
	c.Zone = zone
	return err
}

// site is the whole of the pages, ready to serve. Static after construction.
type site struct {
	config Config
	assets *assets
	pictos map[string]bool      // the pictograms that templates may draw
	words  map[string]catalogue // by language
	pages  map[string]*page
	mux    *http.ServeMux
}

func newSite(c Config, files fs.FS) (*site, error) {
	s := &site{config: c, mux: http.NewServeMux()}
	var err error
	if files == fs.FS(embedded) {
		s.assets, err = builtIn()
	} else {
		s.assets, err = loadAssets(files)
	}
	if err != nil {
		return nil, err
	}
	s.pictos = s.assets.pictos()
	if s.words, err = loadCatalogues(files); err != nil {
		return nil, err
	}
	if s.pages, err = loadPages(files, s.assets); err != nil {
		return nil, err
	}
	s.routes()
	return s, nil
}

// ServeHTTP answers with the pages and their files.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	setHeaders(w.Header(), policy(r, s.config.PublicURL))
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		s.problem(w, r, http.StatusMethodNotAllowed, "method")
		return
	}
	s.mux.ServeHTTP(w, r)
}

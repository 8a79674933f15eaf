package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"antenne/loadtest/scenario"
)

// classHouse is the server of a class, and the links of everybody in it.
type classHouse struct {
	base, room string
	links      []link
	metrics    string
	pid        int
	close      func()
}

// openClass starts a server with a séance of so many sites, or takes the one whose links are given.
func openClass(ctx context.Context, p *classPlan) (*classHouse, error) {
	if p.file == "" {
		return startClass(ctx, p)
	}
	links, err := readLinks(p.file)
	if err != nil {
		return nil, err
	}
	h := &classHouse{base: links[0].base, room: links[0].room, links: links, pid: p.pid, close: func() {}}
	p.sites = min(p.sites, len(ofRole(links, "animator")))
	if p.sites == 0 {
		return nil, errors.New("no animator's link in the file")
	}
	return h, nil
}

func startClass(ctx context.Context, p *classPlan) (h *classHouse, err error) {
	folder, err := os.MkdirTemp("", "loadtest-class-")
	if err != nil {
		return nil, err
	}
	forget := func() { _ = os.RemoveAll(folder) }
	defer func() {
		if err != nil {
			forget()
		}
	}()
	if p.binary == "" {
		p.binary = filepath.Join(folder, "antenne")
		if err := build(ctx, p.binary); err != nil {
			return nil, err
		}
	}
	door, err := freeAddress()
	if err != nil {
		return nil, err
	}
	measures, err := freeAddress()
	if err != nil {
		return nil, err
	}
	data := filepath.Join(folder, "data")
	c, _, err := startChild(scenario.Server{}, p.binary, "serve", "--http", door, "--media", "127.0.0.1:0", "--data", data, "--admin", measures, "--log", "json")
	if err != nil {
		return nil, err
	}
	h = &classHouse{base: "http://" + door, metrics: "http://" + measures + "/metrics", pid: c.cmd.Process.Pid, close: func() { c.stop(); forget() }}
	if err := h.fill(ctx, p, newSocket(filepath.Join(data, "admin.sock"))); err != nil {
		h.close()
		return nil, fmt.Errorf("our server: %w: %s", err, c.said)
	}
	return h, nil
}

// fill makes the séance, its sites and everybody's links.
func (h *classHouse) fill(ctx context.Context, p *classPlan, admin *socket) error {
	defer admin.client.CloseIdleConnections()
	if err := admin.ready(ctx); err != nil {
		return err
	}
	var made struct {
		Room string `json:"room"`
	}
	err := admin.post(ctx, "/rooms", map[string]any{"title": "Cuisine : les crêpes", "at": time.Now(), "public": true, "needs": "", "mediator": "Claire",
		"onAirOnPublish": false, "sites": classPlaces(p.sites)}, &made)
	if err != nil {
		return err
	}
	h.room = made.Room
	for _, role := range []string{"mediator", "moderator", "moderator", "coordinator"} {
		if err := h.issue(ctx, admin, role, ""); err != nil {
			return err
		}
	}
	for _, place := range classPlaces(p.sites) {
		roles := append(append([]string{"animator"}, slices.Repeat([]string{"screen"}, p.screens)...), slices.Repeat([]string{"post"}, p.posts)...)
		for _, role := range roles {
			if err := h.issue(ctx, admin, role, place.ID); err != nil {
				return err
			}
		}
	}
	return h.keep(p.keep)
}

func (h *classHouse) issue(ctx context.Context, admin *socket, role, site string) error {
	var reply struct {
		URL string `json:"url"`
	}
	if err := admin.post(ctx, "/links", map[string]any{"room": h.room, "role": role, "site": site, "for": 2 * time.Hour, "note": ""}, &reply); err != nil {
		return fmt.Errorf("a link for %s: %w", role, err)
	}
	l, ok, err := parseLink(role + "\t" + strings.TrimSpace(site+"-") + "\t" + reply.URL)
	if err != nil || !ok {
		return fmt.Errorf("a link for %s: %w", role, errors.Join(err, errors.New("it has no address")))
	}
	l.site, l.base, l.room = site, h.base, h.room
	h.links = append(h.links, l)
	return nil
}

// keep writes the links as the command line prints them, for whoever wants to look at the class with a browser.
func (h *classHouse) keep(name string) error {
	if name == "" {
		return nil
	}
	pages := map[string]string{"mediator": "/studio/", "moderator": "/control/", "coordinator": "/wall/", "animator": "/desk/", "screen": "/screen?room=", "post": "/post/"}
	var lines bytes.Buffer
	for _, l := range h.links {
		site := l.site
		if site == "" {
			site = "-"
		}
		fmt.Fprintf(&lines, "%s\t%s\t%s%s%s#%s\n", l.role, site, h.base, pages[l.role], h.room, l.token)
	}
	return os.WriteFile(name, lines.Bytes(), 0o600)
}

// classPlace is a site as the admin socket takes it.
type classPlace struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Town string `json:"town"`
}

func classPlaces(n int) []classPlace {
	towns := []string{"Lille", "Roubaix", "Tourcoing", "Wattrelos", "Lens", "Béthune", "Arras", "Douai", "Valenciennes", "Dunkerque", "Calais", "Maubeuge", "Boulogne-sur-Mer"}
	names := []string{"Centre social de l’Avenir", "Maison de quartier des Trois-Ponts", "Centre Arc-en-Ciel", "Espace Jean-Moulin", "La Fabrique", "Centre social du Faubourg", "Maison Rosa-Parks"}
	places := make([]classPlace, n)
	for i := range places {
		places[i] = classPlace{ID: fmt.Sprintf("salle-%03d", i+1), Name: fmt.Sprintf("%s %d", names[i%len(names)], i/len(names)+1), Town: towns[i%len(towns)]}
	}
	return places
}

// bySite are the links of the first n places that have a desk.
func (h *classHouse) bySite(n int) (all []siteLinks) {
	for _, desk := range ofRole(h.links, "animator") {
		if len(all) == n {
			break
		}
		here := func(role string) []link {
			return slices.DeleteFunc(ofRole(h.links, role), func(l link) bool { return l.site != desk.site })
		}
		all = append(all, siteLinks{site: desk.site, desk: desk, screens: here("screen"), posts: here("post")})
	}
	return all
}

// socket is the administration of our own server.
type socket struct{ client *http.Client }

func newSocket(path string) *socket {
	return &socket{&http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}}}}
}

// ready waits until the server answers.
func (s *socket) ready(ctx context.Context) error {
	hurry, done := context.WithTimeout(ctx, startWithin)
	defer done()
	for {
		request, err := http.NewRequestWithContext(hurry, http.MethodGet, "http://server/status", nil)
		if err != nil {
			return err
		}
		if answer, err := s.client.Do(request); err == nil {
			answer.Body.Close()
			return nil
		}
		if !sleep(hurry, 50*time.Millisecond) {
			return fmt.Errorf("it does not get ready: %w", hurry.Err())
		}
	}
}

func (s *socket) post(ctx context.Context, path string, what, reply any) error {
	body, err := json.Marshal(what)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://server"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	answer, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("refused: %s", bytes.TrimSpace(raw))
	}
	return json.Unmarshal(raw, reply)
}

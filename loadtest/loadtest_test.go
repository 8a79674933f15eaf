package main

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"antenne/rooms"
	"antenne/rooms/journal"
	"antenne/rooms/live"
	"antenne/sfu"
	"antenne/signaling"
)

// demo is a real server on loopback, and a file of links to it.
func demo(t *testing.T) (base, links, mediator string) {
	t.Helper()
	j, err := journal.OpenSQLite(t.TempDir())
	must(t, err)
	hall, err := live.OpenHall(t.Context(), j, live.Config{})
	must(t, err)
	engine, err := sfu.New(sfu.Config{Media: "127.0.0.1:0", Limits: sfu.Limits{Late: time.Hour}}) // late is the machine, which is busy with tests
	must(t, err)
	server, err := signaling.New(signaling.Config{Hall: hall, Engine: engine})
	must(t, err)
	web := httptest.NewServer(server.Handler())
	t.Cleanup(func() { server.Close(); web.Close(); engine.Close(); hall.Close(); j.Close() })

	room, err := hall.Create(t.Context(), rooms.CreateRoom{Title: "Cuisine", At: time.Now().Add(time.Hour), Audience: rooms.AudiencePublic, OnAirOnPublish: true},
		[]rooms.AddSite{{Site: "lens", Name: "Maison des Rives", Town: "Lens"}})
	must(t, err)
	var lines strings.Builder
	for role, site := range map[rooms.Role]rooms.SiteID{rooms.Mediator: "", rooms.Moderator: "", rooms.Animator: "lens"} {
		token, _, err := hall.IssueLink(t.Context(), room, role, site, time.Now().Add(time.Hour), "")
		must(t, err)
		if role == rooms.Mediator {
			mediator = token
		}
		fmt.Fprintf(&lines, "%s\t%s\t%s/desk/%s#%s\n", role, orDash(site), web.URL, room, token)
	}
	links = filepath.Join(t.TempDir(), "links")
	must(t, os.WriteFile(links, []byte("a line of a log\n"+lines.String()), 0o600))
	return web.URL + "/whip/" + string(room), links, mediator
}

func orDash(s rooms.SiteID) string {
	if s == "" {
		return "-"
	}
	return string(s)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestQuestions(t *testing.T) {
	for _, long := range []string{"4s", "8s", "16s"} { // what fills a pipe is questions, and a busy machine asks few
		_, links, _ := demo(t)
		var out strings.Builder
		err := run(t.Context(), []string{"questions", "--links", links, "--desks", "3", "--homes", "3", "--listeners", "2", "--slow", "1", "--rate", "30", "--for", long}, &out)
		t.Log("\n" + out.String())
		must(t, err)
		delivered := len(regexp.MustCompile(`delivery  n=\d\d+ `).FindAllString(out.String(), -1)) == 2
		if delivered && regexp.MustCompile(`(?s)stop reading.*cut off with « slow » 1`).MatchString(out.String()) {
			return
		}
	}
	t.Error("a run delivered nothing, or who stopped reading was not cut off")
}

func TestLinesThatAreLinks(t *testing.T) {
	for line, want := range map[string]link{
		"mediator\t-\thttps://a.example/studio/cuisine#SECRET":       {"mediator", "", "https://a.example", "cuisine", "SECRET"},
		"screen\tlens\thttp://a.example:8080/screen?room=magie#S2":   {"screen", "lens", "http://a.example:8080", "magie", "S2"},
		"viewer\tlens\thttps://a.example/live/cuisine?c=lens":        {"viewer", "lens", "https://a.example", "cuisine", ""},
		"listening on http://a.example/":                             {},
		"2026-11-21T10:00:00Z\tinfo\tserver\tlistening on something": {},
	} {
		got, ok, err := parseLink(line)
		if err != nil || got != want || ok != (want != link{}) {
			t.Errorf("%s: %+v %v %v", line, got, ok, err)
		}
	}
	if _, _, err := parseLink("screen\tlens\tSECRET"); err == nil || strings.Contains(err.Error(), "SECRET") {
		t.Errorf("got %v", err)
	}
}

func TestPercentiles(t *testing.T) {
	var all []time.Duration
	for i := range 200 {
		all = append(all, time.Duration(i+1))
	}
	for p, want := range map[int]time.Duration{50: 100, 95: 190, 99: 198, 100: 200} {
		if got := rank(all, p); got != want {
			t.Errorf("p%d = %d, want %d", p, got, want)
		}
	}
	if rank(all[:1], 50) != 1 || rank(all[:1], 99) != 1 {
		t.Error("one alone")
	}
}

func TestHomesAskNoFasterThanStrangersMay(t *testing.T) {
	for _, p := range []questionsPlan{{desks: 12, homes: 20, rate: 20}, {desks: 3, homes: 3, rate: 30}, {homes: 200, rate: 50}, {desks: 2, homes: 4, rate: 0.1}} {
		desk, home := p.pace()
		if home < homeEvery || float64(p.homes)/home.Minutes() > addressHas*1.001 {
			t.Errorf("%+v: a home asks every %v", p, home)
		}
		made := float64(p.desks)/desk.Seconds() + float64(p.homes)/home.Seconds()
		if p.desks > 0 && (made < p.rate*0.99 || made > p.rate*1.01) {
			t.Errorf("%+v: %.2f questions a second", p, made)
		}
	}
}

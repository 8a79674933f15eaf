package main

import (
	"bufio"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.uber.org/zap"

	"antenne/rooms"
)

// series is one line of /metrics.
type series struct {
	name   string
	labels map[string]string
}

var (
	seriesLine = regexp.MustCompile(`^([a-z_]+[a-z0-9_]*)(?:\{(.*)\})? (\S+)$`)
	oneLabel   = regexp.MustCompile(`([a-z_]+)="([^"]*)"`)
)

// measured reads /metrics of a real server that nobody uses.
func measured(t *testing.T) []series {
	t.Helper()
	v, err := openServer(t.Context(), settings{http: "127.0.0.1:0", media: "127.0.0.1:0", admin: "127.0.0.1:0", data: t.TempDir()}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer v.close()
	v.doors.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/whep/nowhere", nil)) // one refusal
	page := httptest.NewRecorder()
	v.measures.Handler.ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if page.Code != http.StatusOK {
		t.Fatalf("%d %s", page.Code, page.Body)
	}
	var all []series
	lines := bufio.NewScanner(page.Body)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		found := seriesLine.FindStringSubmatch(lines.Text())
		if found == nil {
			t.Fatalf("not a measure: %s", lines.Text())
		}
		one := series{name: found[1], labels: map[string]string{}}
		for _, label := range oneLabel.FindAllStringSubmatch(found[2], -1) {
			one.labels[label[1]] = label[2]
		}
		all = append(all, one)
	}
	return all
}

// knownLabels are those of ours: each has few values, and none is about a
// person, a link or an address.
var knownLabels = []string{
	"by", "code", "direction", "door", "go", "le", "most", "outcome", "reason", "slot", "state", "transport", "version", "view", "who", "why",
}

func TestMeasuresNameNobody(t *testing.T) {
	bySlot, floors := map[string]bool{}, map[string]int{}
	for _, one := range measured(t) {
		if strings.HasPrefix(one.name, "antenne_floor_") {
			floors[one.name]++
		}
		if !strings.HasPrefix(one.name, "antenne_") {
			continue
		}
		for label := range one.labels {
			if !slices.Contains(knownLabels, label) {
				t.Errorf("%s has a label %s: is it about a person?", one.name, label)
			}
		}
		if one.name == "antenne_media_slot_viewers" {
			bySlot[one.labels["slot"]+"/"+one.labels["view"]] = true
		}
	}
	for _, want := range []string{"voice/sound", "camera/high", "camera/still", "slides/low", "guest-camera/mid", "guest-voice/none"} {
		if !bySlot[want] {
			t.Errorf("nothing says how many are sent %s", want)
		}
	}
	if want := map[string]int{"antenne_floor_guests": 1, "antenne_floor_ends_total": len(rooms.FloorWhys()), "antenne_floor_cuts_total": len(rooms.Sides()), "antenne_floor_lapses_total": 3}; !maps.Equal(floors, want) {
		t.Errorf("of the floor: %v, want %v", floors, want)
	}
	if bySlot["voice/high"] || bySlot["camera/sound"] {
		t.Error("a sound with layers, or a picture without")
	}
}

// dashboard is the part of a Grafana dashboard that asks for measures.
type dashboard struct {
	Title  string
	Panels []struct {
		ID      int
		Type    string
		Title   string
		GridPos struct{ X, Y, W, H int }
		Targets []struct{ Expr string }
	}
}

var (
	measureName = regexp.MustCompile(`\b(?:antenne|process|go)_[a-z0-9_]+`)
	matcher     = regexp.MustCompile(`\b([a-z]+_[a-z0-9_]+)\{([a-z]+)="([^"]*)"\}`)
)

// A host imports the file and sees figures: each panel asks for measures that
// a real server gives, with labels and values that it gives.
func TestTheDashboardAsksForWhatIsMeasured(t *testing.T) {
	raw, err := os.ReadFile("../../docs/grafana/antenne.json")
	if err != nil {
		t.Fatal(err)
	}
	var d dashboard
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	all := measured(t)
	names := map[string]bool{}
	for _, one := range all {
		names[one.name] = true
	}
	asked, ids := map[string]bool{}, map[int]bool{}
	for _, p := range d.Panels {
		if ids[p.ID] || p.Title == "" || p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("panel %d %q: an id of its own, a title and a place are wanted", p.ID, p.Title)
		}
		ids[p.ID] = true
		if (p.Type == "row") != (len(p.Targets) == 0) {
			t.Errorf("%s asks nothing", p.Title)
		}
		for _, q := range p.Targets {
			found := measureName.FindAllString(q.Expr, -1)
			if len(found) == 0 || strings.Count(q.Expr, "(") != strings.Count(q.Expr, ")") {
				t.Errorf("%s: not a query: %s", p.Title, q.Expr)
			}
			for _, name := range found {
				asked[name] = true
				if !names[name] {
					t.Errorf("%s asks for %s, which nobody measures", p.Title, name)
				}
			}
			for _, m := range matcher.FindAllStringSubmatch(q.Expr, -1) {
				if !slices.ContainsFunc(all, func(s series) bool { return s.name == m[1] && s.labels[m[2]] == m[3] }) {
					t.Errorf("%s asks for %s, which nobody measures", p.Title, m[0])
				}
			}
		}
	}
	for _, must := range []string{
		"antenne_media_viewers_connected", "antenne_media_slot_viewers", "antenne_media_first_picture_seconds_bucket", "antenne_media_drops_total",
		"antenne_media_page_freezes_total", "antenne_media_joins_refused_total", "antenne_media_load_step", "antenne_media_lane_oldest_seconds",
		"antenne_media_egress_rate_bits", "antenne_media_keyframe_requests_total", "antenne_media_handshakes_total",
	} {
		if !asked[must] {
			t.Errorf("the dashboard never shows %s", must)
		}
	}
}

package scenario

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const good = `
title = "Forty, of whom one is far away"
[server]
kind  = "self"
cores = [0]
procs = 1
[crowd]
cores = [1, 2, 3]
[teacher]
pacing = "chrome"
[time]
measure = "5s"
[[viewers]]
name  = "good"
count = 39
over  = "2s"
[[viewers]]
name  = "far"
count = 1
wave  = 2
lines = 5
rate  = "300 kbit/s"
loss  = "10 %"
[[limit]]
figure    = "delay.p99"
group     = "good"
max-ratio = 1.2
to        = "wave 1"
[[limit]]
figure = "join.p95"
max    = 300
`

func read(text string) (*Scenario, error) { return Read("some/try.toml", strings.NewReader(text)) }

func TestAScenarioIsRead(t *testing.T) {
	s, err := read(good)
	if err != nil {
		t.Fatal(err)
	}
	far := s.Viewers[1]
	if s.Name != "try" || s.Waves() != 2 || len(s.Of(2)) != 1 || far.Rate != 300e3 || far.Loss != 0.1 || !far.Bad() || !far.Repairs() || far.Wish != "auto" {
		t.Errorf("%+v", s)
	}
	if s.Viewers[0].Bad() || s.Viewers[0].Lines != 2 || s.Time.Measure.D() != 5*time.Second || s.Time.Settle.D() != 3*time.Second {
		t.Errorf("%+v", s)
	}
	if wave, ok := s.Limits[0].ToWave(); !ok || wave != 1 {
		t.Errorf("to %q is wave %d, %v", s.Limits[0].To, wave, ok)
	}
}

func TestEveryMistakeIsToldWithItsPlace(t *testing.T) {
	_, err := read(`
[server]
kind = "other"
cores = [0, 0]
[[viewers]]
name = "a b"
colour = "red"
[[viewers]]
name = "late"
count = 3
of-core = 1.5
wave = 4
[[limit]]
figure = "join.p95"
max = 1
min = 2
group = "nobody"
`)
	if err == nil {
		t.Fatal("taken")
	}
	for _, told := range []string{
		"try.toml: viewers.colour: nothing is called that", "title: say", `server.kind: "other" is none of`, "server.cores: core 0 twice",
		"viewers 1 (a b): a name is", "viewers 1 (a b): give count", "viewers 2 (late): give count, or of-core", "wave 4 comes after no wave 3",
		"limit 1 (join.p95): give exactly one", `no group is called "nobody"`,
	} {
		if !strings.Contains(err.Error(), told) {
			t.Errorf("not told: %s\nin: %v", told, err)
		}
	}
}

func TestOneMistakeAtATime(t *testing.T) {
	for change, told := range map[string]string{
		`rate  = "300 kbit/s" => rate = "300 kb"`:            "is no rate",
		`loss  = "10 %" => loss = "101 %"`:                   "is no share",
		`loss  = "10 %" => loss = "100 %"`:                   "no viewer",
		`over  = "2s" => over = "-2s"`:                       "is no duration",
		`lines = 5 => lines = 3`:                             "lines: 2 or 5",
		`count = 39 => count = 39000`:                        "at most 20000",
		`count = 39 => count = -1`:                           "give count",
		`to        = "wave 1" => to = "wave 9"`:              "stock, floor or",
		`to        = "wave 1" => `:                           "belong together",
		`max    = 300 => max = "soon"`:                       "try.toml",
		`max    = 300 => max = nan`:                          "a number",
		`pacing = "chrome" => pacing = "slow"`:               "teacher.pacing",
		`kind  = "self" => kind = "url"`:                     "needs either links or whep",
		`procs = 1 => whep = "http://a/"`:                    "belong to kind url",
		`title = "Forty, of whom one is far away" => title`:  "try.toml:2", // the line where it becomes nonsense
		`[[limit]] => [questions]` + "\nrate = 2\n[[limit]]": "somebody must ask",
	} {
		old, replacement, _ := strings.Cut(change, " => ")
		text := strings.Replace(good, old, replacement, 1)
		if text == good {
			t.Fatalf("%q changes nothing", change)
		}
		if _, err := read(text); err == nil || !strings.Contains(err.Error(), told) {
			t.Errorf("%q: got %v, want %q told", change, err, told)
		}
	}
	if _, err := read(strings.Repeat("#", largestFile+1)); err == nil {
		t.Error("a file without end was taken")
	}
}

func TestQuantitiesComeBackAsTheyWere(t *testing.T) {
	for text, want := range map[string]Rate{"300 kbit/s": 300e3, "1.5 Mbit/s": 1.5e6, "2 Gbit/s": 2e9, "64 bit/s": 64} {
		var r Rate
		if err := r.UnmarshalText([]byte(text)); err != nil || r != want || r.String() != text {
			t.Errorf("%s: %v %v %v", text, float64(r), r, err)
		}
	}
	for _, text := range []string{"NaN kbit/s", "-1 bit/s", "Inf Mbit/s", "1", "1e300 Gbit/s", "kbit/s"} {
		var r Rate
		if err := r.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%s was taken for %v", text, r)
		}
	}
	for _, text := range []string{"NaN %", "-1 %", "10", "%"} {
		var s Share
		if err := s.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%s was taken for %v", text, s)
		}
	}
}

func TestWhatTheProjectShipsIsGood(t *testing.T) {
	files, err := filepath.Glob("../scenarios/*.toml")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Read(name, f)
		f.Close()
		if err != nil {
			t.Error(err)
			continue
		}
		if s.About == "" || len(s.Limits) == 0 {
			t.Errorf("%s says not what it is about, or has no limit", name)
		}
	}
}

// FuzzRead: whatever is written, reading ends, and what was taken keeps to the rules and can be put into a report.
func FuzzRead(f *testing.F) {
	f.Add(good)
	f.Add("title='x'\n[[viewers]]\ncount=1\n")
	f.Add("viewers = 3")
	f.Add("[[limit]]\nmax = nan\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := read(text)
		if err != nil {
			if s != nil && s.Title != "" && len(err.Error()) == 0 {
				t.Error("a mistake without words")
			}
			return
		}
		total := 0
		for _, g := range s.Viewers {
			total += g.Count
			if g.Wave < 1 || g.Wave > mostWaves || g.Loss < 0 || g.Loss >= 1 || g.Count < 0 {
				t.Errorf("%+v", g)
			}
		}
		if total > mostViewers {
			t.Errorf("%d viewers", total)
		}
		if _, err := json.Marshal(s); err != nil {
			t.Error(err)
		}
	})
}

package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"antenne/loadtest/scenario"
)

func ptr(v float64) *float64 { return &v }

// tried is a trial of three rounds, whose second was made in a bad minute: everything cost twice.
func tried(limits ...scenario.Limit) *Report {
	r := &Report{
		Started: time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC),
		Scenario: &scenario.Scenario{Name: "try", Title: "A <trial> & more", About: "About it.", Limits: limits,
			Viewers: []scenario.Group{{Name: "good", Count: 3, Wave: 1}, {Name: "bad", Count: 1, Wave: 2}}},
	}
	for round, minute := range []float64{1, 2, 1.1} {
		r.Runs = append(r.Runs, aRun(Server, round+1, 4*minute), aRun(Stock, round+1, 12*minute), aRun(FloorOfAll, round+1, 3*minute))
	}
	r.Runs[0].Cautions = []string{"a caution"}
	r.Finish()
	return r
}

func aRun(subject string, round int, cost float64) Run {
	f := Figures{"viewers": 4, "cpu.packet": cost, "delay.p99": 10, "drain.largest": 6, "loss.after": 0, "refused.server-full": 2}
	spread := Spread{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}
	last := Wave{Number: 2, All: f, Spread: map[string]Spread{"delay": spread, "join": spread, "delay of good": spread},
		Groups: map[string]Figures{"good": {"viewers": 3, "delay.p99": 11}, "bad": {"viewers": 1, "delay.p99": 40}}}
	first := Wave{Number: 1, All: Figures{"viewers": 3, "cpu.packet": cost, "delay.p99": 5}, Groups: map[string]Figures{"good": {"delay.p99": 10}}}
	r := Run{Subject: subject, Round: round, Waves: []Wave{first, last}}
	if strings.HasPrefix(subject, FloorWay) {
		last.Number = 1
		r.Waves = []Wave{last}
	}
	for i := range 20 {
		r.Timeline = append(r.Timeline, Second{At: float64(i), Viewers: i, CPU: float64(i), RSS: 20, Delay: -1})
	}
	return r
}

func TestRatiosAreTakenWithinARound(t *testing.T) {
	r := tried()
	if ratio, ok := r.Ratio("cpu.packet", Stock); !ok || math.Abs(ratio-1.0/3) > 1e-9 {
		t.Errorf("%v %v", ratio, ok)
	}
	for _, s := range r.Subjects {
		if s.Name == Server && (s.Rounds != 3 || math.Abs(s.last()["cpu.packet"]-4.4) > 1e-9) {
			t.Errorf("%+v", s)
		}
	}
	if _, ok := r.Ratio("join.p95", Stock); ok {
		t.Error("a ratio of what nobody measured")
	}
}

func TestLimits(t *testing.T) {
	for name, c := range map[string]struct {
		limit        scenario.Limit
		judged, kept bool
	}{
		"below":                  {scenario.Limit{Figure: "cpu.packet", Max: ptr(4.4)}, true, true},
		"above":                  {scenario.Limit{Figure: "cpu.packet", Max: ptr(4.3)}, true, false},
		"at least":               {scenario.Limit{Figure: "viewers", Min: ptr(4)}, true, true},
		"too few":                {scenario.Limit{Figure: "viewers", Min: ptr(5)}, true, false},
		"of a group":             {scenario.Limit{Figure: "delay.p99", Group: "bad", Max: ptr(39)}, true, false},
		"of a wave":              {scenario.Limit{Figure: "delay.p99", Wave: 1, Max: ptr(5)}, true, true},
		"none of it":             {scenario.Limit{Figure: "loss.after", Max: ptr(0)}, true, true},
		"unknown":                {scenario.Limit{Figure: "join.p95", Max: ptr(1)}, false, false},
		"to stock":               {scenario.Limit{Figure: "cpu.packet", Ratio: ptr(0.35), To: "stock"}, true, true},
		"to stock, not":          {scenario.Limit{Figure: "cpu.packet", Ratio: ptr(0.3), To: "stock"}, true, false},
		"to the floor":           {scenario.Limit{Figure: "cpu.packet", Ratio: ptr(1.6), To: "floor"}, true, true},
		"to another figure":      {scenario.Limit{Figure: "delay.p99", Ratio: ptr(2), To: "floor", Other: "drain.largest"}, true, true},
		"to a wave":              {scenario.Limit{Figure: "delay.p99", Group: "good", Ratio: ptr(1.1), To: "wave 1"}, true, true},
		"to a wave, not":         {scenario.Limit{Figure: "delay.p99", Group: "good", Ratio: ptr(1.05), To: "wave 1"}, true, false},
		"to a wave, with slack":  {scenario.Limit{Figure: "delay.p99", Group: "good", Ratio: ptr(1), To: "wave 1", Slack: 1}, true, true},
		"to nothing, with slack": {scenario.Limit{Figure: "viewers", Ratio: ptr(1), To: "stock", Other: "loss.after", Slack: 4}, true, true},
		"to nothing":             {scenario.Limit{Figure: "viewers", Ratio: ptr(1), To: "stock", Other: "loss.after"}, false, false},
	} {
		r := tried(c.limit)
		v := r.Verdicts[0]
		if v.Judged != c.judged || v.Kept != c.kept || v.Words == "" {
			t.Errorf("%s: %+v", name, v)
		}
		if r.Kept(false) != (c.kept || !c.judged) || r.Kept(true) != c.kept {
			t.Errorf("%s: kept %v, strictly %v", name, r.Kept(false), r.Kept(true))
		}
	}
}

func TestAReportComesBackAsItWas(t *testing.T) {
	r := tried(scenario.Limit{Figure: "cpu.packet", Max: ptr(1)})
	var file bytes.Buffer
	if err := Write(&file, r); err != nil {
		t.Fatal(err)
	}
	first := file.String()
	back, err := Read(&file)
	if err != nil {
		t.Fatal(err)
	}
	back.Finish()
	var again bytes.Buffer
	if err := Write(&again, back); err != nil || again.String() != first {
		t.Errorf("%v: not the same", err)
	}
	for _, bad := range []string{"", "{}", `{"schema":99}`, `{"schema":1}`, "[]", first[:len(first)/2]} {
		if _, err := Read(strings.NewReader(bad)); err == nil {
			t.Errorf("%.20q was read", bad)
		}
	}
}

func TestTheTableHasEverything(t *testing.T) {
	var out strings.Builder
	r := tried(scenario.Limit{Figure: "cpu.packet", Max: ptr(1)}, scenario.Limit{Figure: "join.p95", Max: ptr(1)})
	Table(&out, r)
	for _, wanted := range []string{"server (median of 3)", "floor/segments", "4.40 µs", "cpu.packet, server ÷ this", "0.33 ×", "wave by wave",
		"by group", "BROKEN", "not judged", "caution: ", "refused.server-full"} {
		if !strings.Contains(out.String(), wanted) {
			t.Errorf("no %q in\n%s", wanted, out.String())
		}
	}
	out.Reset()
	Markdown(&out, r)
	if !strings.Contains(out.String(), "| cpu.packet | 4.40 µs |") || !strings.Contains(out.String(), "|---|---|---|---|\n") {
		t.Error(out.String())
	}
	out.Reset()
	Compare(&out, r, r)
	if !strings.Contains(out.String(), "B ÷ A") || strings.Contains(out.String(), "caution") {
		t.Error(out.String())
	}
}

// TestThePageStandsAlone: it is well formed, asks nobody for anything, runs nothing, and every drawing has its words and its table.
func TestThePageStandsAlone(t *testing.T) {
	var out bytes.Buffer
	if err := Page(&out, tried(scenario.Limit{Figure: "cpu.packet", Max: ptr(1), Why: "because"})); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for _, never := range []string{"<script", "http://", "https://", "src=", "<trial>", "ZgotmplZ"} {
		if strings.Contains(text, never) {
			t.Errorf("the page holds %q", never)
		}
	}
	figures, titles, tables := strings.Count(text, "<figure"), strings.Count(text, "<title id="), strings.Count(text, "<table>")
	if figures < 5 || titles != figures || tables != figures+1 {
		t.Errorf("%d figures, %d titles, %d tables", figures, titles, tables)
	}
	for part := range strings.SplitSeq(text, "<svg") {
		svg, _, found := strings.Cut(part, "</svg>")
		if !found {
			continue
		}
		for d := xml.NewDecoder(strings.NewReader("<svg" + svg + "</svg>")); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("a drawing: %v in %s", err, svg)
			}
		}
		if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
			t.Errorf("a drawing of no number: %s", svg)
		}
	}
	if name := os.Getenv("LOADTEST_PAGE"); name != "" {
		if err := os.WriteFile(name, out.Bytes(), 0o600); err != nil {
			t.Error(err)
		}
	}
}

func TestAxesHoldWhatIsPlotted(t *testing.T) {
	for _, values := range [][]float64{nil, {0}, {0, 0}, {1e-9}, {3, 17}, {1e12}, {0.4, 900}} {
		for _, log := range []bool{false, true} {
			a := spread("x", values, log)
			a.low, a.high = 0, 100
			if ticks := a.ticks(); len(ticks) < 1 || len(ticks) > 20 {
				t.Errorf("%v, log %v: %d ticks", values, log, len(ticks))
			}
			for _, v := range values {
				if at := a.at(v); !(at >= 0 && at <= 100) {
					t.Errorf("%v of %v is at %v", v, values, at)
				}
			}
		}
	}
}

func TestNumbers(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 123.4: "123", 12.34: "12.3", 1.234: "1.23", 0.0123: "0.01", 0.000123: "0.00012", -5: "-5", 200: "200", 1e20: "100000000000000000000"} {
		if got := Number(v); got != want {
			t.Errorf("%v is written %q", v, got)
		}
	}
	if got := Value("cpu.packet", 4.4); got != "4.40 µs" {
		t.Error(got)
	}
	if f := Describe("refused.server-full"); f.Means == "" || !Known("refused.server-full") || Known("refused.") || Known("nothing") {
		t.Errorf("%+v", f)
	}
	if median([]float64{4, 1, 3, 2}) != 2.5 || median([]float64{9}) != 9 {
		t.Error("no median")
	}
}

// FuzzRead: whatever a file holds, reading it ends, and what was read can be shown.
func FuzzRead(f *testing.F) {
	var file bytes.Buffer
	if err := Write(&file, tried(scenario.Limit{Figure: "cpu.packet", Max: ptr(1)})); err != nil {
		f.Fatal(err)
	}
	f.Add(file.Bytes())
	f.Add([]byte(`{"schema":1,"scenario":{},"runs":[{"waves":[{}]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := Read(bytes.NewReader(raw))
		if err != nil {
			return
		}
		Table(io.Discard, r)
		r.Finish()
		Table(io.Discard, r)
		Compare(io.Discard, r, r)
		if err := Page(io.Discard, r); err != nil {
			t.Error(err)
		}
	})
}

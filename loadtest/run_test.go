package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"antenne/loadtest/report"
)

// TestMain: a trial starts this program again, as the plain server or as the floor; under test, this program is the test.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "stock" || os.Args[1] == floorCommand) {
		main()
		os.Exit(0)
	}
	_ = os.Setenv("ANTENNE_LATE", "3600") // of servers that tests start: late is the machine, which is busy with tests
	os.Exit(m.Run())
}

// play runs a scenario of ours and reads its report back. Nothing is asserted of times: the machine may be busy.
func play(t *testing.T, text string, options ...string) (*report.Report, error) {
	t.Helper()
	folder := t.TempDir()
	file, kept := filepath.Join(folder, "try.toml"), filepath.Join(folder, "try.json")
	must(t, os.WriteFile(file, []byte(text), 0o600))
	var out strings.Builder
	args := append([]string{file, "--json", kept, "--html", filepath.Join(folder, "try.html")}, options...)
	err := runScenario(t.Context(), args, &out, io.Discard)
	t.Log("\n" + out.String())
	if err != nil && !errors.Is(err, errBroken) {
		t.Fatal(err)
	}
	page, readErr := os.ReadFile(filepath.Join(folder, "try.html"))
	must(t, readErr)
	if !strings.Contains(string(page), "<svg") {
		t.Error("a page without a drawing")
	}
	r, readErr := openReport(kept)
	must(t, readErr)
	return r, err
}

// last is the figures that stand for a subject.
func last(t *testing.T, r *report.Report, subject string) report.Figures {
	t.Helper()
	for _, run := range r.Runs {
		if run.Subject == subject {
			return run.Waves[len(run.Waves)-1].All
		}
	}
	t.Fatalf("nothing of %s", subject)
	return nil
}

// holds checks figures that do not depend on how fast the machine is.
func holds(t *testing.T, f report.Figures, exact map[string]float64, more ...string) {
	t.Helper()
	for name, want := range exact {
		if got, ok := f[name]; !ok || got != want {
			t.Errorf("%s is %v (%v), want %v", name, got, ok, want)
		}
	}
	for _, name := range more {
		if f[name] <= 0 {
			t.Errorf("%s is %v", name, f[name])
		}
	}
}

const twenty = `
title = "Twenty"
[server]
kind = "stock"
[time]
settle  = "200ms"
measure = "2s"
after   = "200ms"
join    = "1m"
[[viewers]]
count = 20
over  = "1s"
[[limit]]
figure = "viewers"
min = 20
[[limit]]
figure = "cpu.packet"
max-ratio = 10000
to = "floor"
[[limit]]
figure = "questions.p99"
max = 1
`

func TestThePlainServerAndTheFloor(t *testing.T) {
	r, err := play(t, twenty, "--floor")
	must(t, err)
	f := last(t, r, report.Server)
	holds(t, f, map[string]float64{"viewers": 20, "joined": 20, "failed": 0}, "packets", "rate", "cpu.packet", "cpu.gbit", "cpu.viewers", "join.p50",
		"delay.p50", "memory.rss", "memory.viewer", "goroutines", "wakeups.packet", "crowd.core")
	for _, way := range floorWays {
		holds(t, last(t, r, report.FloorWay+way), map[string]float64{"viewers": 20}, "packets", "cpu.core", "delay.p50", "drain.largest", "drain.packets")
	}
	if ratio, ok := r.Ratio("cpu.packet", report.FloorOfAll); !ok || ratio <= 0 {
		t.Errorf("no ratio to the floor: %v", ratio)
	}
	if len(r.Verdicts) != 3 || !r.Verdicts[0].Kept || !r.Verdicts[1].Judged || r.Verdicts[2].Judged {
		t.Errorf("%+v", r.Verdicts)
	}
	if len(r.Runs[0].Timeline) < 2 {
		t.Errorf("%d seconds", len(r.Runs[0].Timeline))
	}
}

const waves = `
title = "Two waves, of whom some are far away and some restless"
[server]
kind = "stock"
[time]
settle  = "200ms"
measure = "4s"
join    = "1m"
[[viewers]]
name  = "plain"
count = 8
over  = "500ms"
[[viewers]]
name  = "restless"
wave  = 2
count = 2
stay  = "500ms"
[[viewers]]
name  = "lossy"
wave  = 2
count = 2
loss  = "10 %"
[[viewers]]
name  = "deaf"
wave  = 2
count = 1
stops = "300ms"
`

func TestWavesAndBadLines(t *testing.T) {
	r, err := play(t, waves)
	must(t, err)
	run := r.Runs[0]
	if len(run.Waves) != 2 {
		t.Fatalf("%d waves", len(run.Waves))
	}
	holds(t, run.Waves[0].All, map[string]float64{"viewers": 8, "joined": 8, "failed": 0}, "packets", "join.p50", "delay.p50", "delivered")
	second := run.Waves[1]
	holds(t, second.All, map[string]float64{"failed": 0}, "packets")
	holds(t, second.Groups["plain"], map[string]float64{"viewers": 8, "joined": 0})
	holds(t, second.Groups["lossy"], map[string]float64{"viewers": 2}, "loss.before")
	if n := second.Groups["restless"]["joined"]; n < 3 {
		t.Errorf("%v joins of two who come and go", n)
	}
	if deaf, plain := second.Groups["deaf"]["packets"], second.Groups["plain"]["packets"]; deaf >= plain/8 {
		t.Errorf("who stopped reading reads %v packets a second, the others %v", deaf, plain/8)
	}
	if _, known := second.All["delivered"]; known {
		t.Error("how complete it is cannot be known of an audience that comes and goes")
	}
}

const ours = `
title = "Ours, and questions"
[server]
kind = "url"
links = "LINKS"
[time]
settle  = "200ms"
measure = "2s"
join    = "1m"
[teacher]
recording = "vp8-simulcast"
[[viewers]]
name  = "plain"
count = 12
over  = "500ms"
[[viewers]]
name  = "pages"
count = 7
lines = 5
over  = "500ms"
[[viewers]]
name  = "sober"
count = 1
lines = 5
wish  = "none"
[questions]
desks = 2
homes = 1
rate  = 5
[[limit]]
figure = "viewers"
group = "plain"
max = 11
`

func TestOurServerByItsLinks(t *testing.T) {
	t.Parallel() // it mostly waits
	_, links, _ := demo(t)
	r, err := play(t, strings.ReplaceAll(ours, "LINKS", links))
	if !errors.Is(err, errBroken) || exitCode(err) != 1 {
		t.Errorf("a limit that cannot be kept was: %v", err)
	}
	w := r.Runs[0].Waves[0]
	holds(t, w.All, map[string]float64{"viewers": 20, "joined": 20, "failed": 0, "questions.lost": 0, "questions.doubled": 0}, "packets", "join.p50",
		"delay.p50", "questions.asked")
	holds(t, w.Groups["sober"], map[string]float64{"viewers": 1, "failed": 0}, "packets")
	if _, known := w.All["cpu.packet"]; known {
		t.Error("the cost of a process that nobody named")
	}
}

const own = `
title = "Our own"
[server]
kind = "self"
[time]
settle  = "200ms"
measure = "2s"
after   = "200ms"
join    = "1m"
[[viewers]]
count = 5
[[viewers]]
name    = "more"
wave    = 2
of-core = 0.00001
`

func TestOurServerAsAChildWithAProfile(t *testing.T) {
	t.Parallel() // it mostly waits
	profile := filepath.Join(t.TempDir(), "cpu.pprof")
	r, err := play(t, own, "--profile", profile)
	must(t, err)
	f := last(t, r, report.Server)
	holds(t, f, map[string]float64{"viewers": 5, "failed": 0}, "packets", "cpu.packet", "memory.rss", "goroutines")
	if _, known := f["drops"]; !known {
		t.Error("what it dropped is not known")
	}
	if raw, err := os.ReadFile(profile); err != nil || len(raw) < 100 || raw[0] != 0x1f || raw[1] != 0x8b {
		t.Errorf("no profile: %d bytes, %v", len(raw), err)
	}
}

func TestMistakesAreTold(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.toml")
	must(t, os.WriteFile(bad, []byte("title = 3"), 0o600))
	for _, args := range [][]string{
		{}, {"dance"}, {"run"}, {"run", "nowhere.toml"}, {"run", bad}, {"run", "short", "--rounds", "0"}, {"run", "short", "--against", "snow"},
		{"run", "questions", "--against", "stock"}, {"run", "short", "--whip", "http://a/"}, {"run", "short", "--viewers", "-1"},
		{"run", "short", "--recording", "a song"},
		{"run", "short", "--colour", "red"}, {"report"}, {"report", bad}, {"compare", bad}, {"compare", bad, bad}, {"floor"}, {"floor", "--list", bad},
		{"floor", "--list", bad, "--cores", "x"},
	} {
		err := run(t.Context(), args, io.Discard)
		if err == nil || exitCode(err) != 2 {
			t.Errorf("%q: %v", args, err)
		}
	}
	for _, args := range [][]string{{"help"}, {"run", "--help"}, {"floor", "--help"}} {
		var out strings.Builder
		if err := run(t.Context(), args, &out); err != nil && !errors.Is(err, flag.ErrHelp) || out.Len() == 0 {
			t.Errorf("%q: %v", args, err)
		}
	}
	if exitCode(errBroken) != 1 || exitCode(context.Canceled) != 1 {
		t.Error("exit codes")
	}
}

// A server may take one codec alone, or no simulcast.
func TestTheCommandLineChoosesTheRecording(t *testing.T) {
	p, err := planRun([]string{"any-server", "--recording", "h264-simulcast", "--single"}, io.Discard)
	must(t, err)
	if l := p.scenario.Teacher; l.Recording != "h264-simulcast" || !l.Single || l.Pacing != "chrome" {
		t.Errorf("%+v", l)
	}
	p, err = planRun([]string{"any-server"}, io.Discard)
	must(t, err)
	if l := p.scenario.Teacher; l.Recording != "vp8-single" || l.Single {
		t.Errorf("nobody asked for another recording: %+v", l)
	}
}

func TestWhatAServerSaysOfItself(t *testing.T) {
	m := readMeasures(strings.NewReader(`# HELP go_goroutines x
go_goroutines 42
antenne_media_drops_total{reason="socket-full"} 3
antenne_media_drops_total{reason="lane full"} 4 1700000000
broken
broken{
go_threads nan?
`))
	if m[goroutinesName] != 42 || len(m) != 3 {
		t.Errorf("%v", m)
	}
	if drops := m.drops(); drops["socket-full"] != 3 || drops["lane full"] != 4 || len(drops) != 2 {
		t.Errorf("%v", drops)
	}
}

func FuzzMeasures(f *testing.F) {
	f.Add("go_goroutines 42\nantenne_media_drops_total{reason=\"a\"} 3\n")
	f.Fuzz(func(_ *testing.T, text string) { readMeasures(strings.NewReader(text)).drops() })
}

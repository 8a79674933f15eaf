package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"sync"
	"time"

	"antenne/loadtest/machine"
	"antenne/loadtest/report"
	"antenne/loadtest/scenario"
	"antenne/sfu/peer"
	"antenne/signaling/dial"
)

const (
	publishWithin = 20 * time.Second
	beginRest     = 1500 * time.Millisecond // the server alone with its teacher, before anybody comes
	mostOfCore    = 5000                    // viewers that of-core may ask for
)

// trial is one run of one subject.
type trial struct {
	scenario *scenario.Scenario
	server   *server
	progress io.Writer
	profile  string // file for a CPU profile of the last wave; "" none

	teacher  *peer.Teacher // nil where somebody teaches already
	audience *audience
	began    time.Time
	empty    look // the server before anybody came

	mu      sync.Mutex
	seconds []report.Second // guarded by mu
	wave    int             // guarded by mu
	measure bool            // guarded by mu
}

// outcome is a run, and what the floor needs to replay it.
type outcome struct {
	run     report.Run
	sent    []peer.Sent // of the last measured time
	viewers int
}

// play does the whole of a scenario against a server that is open.
func (t *trial) play(ctx context.Context) (*outcome, error) {
	if err := t.teach(ctx); err != nil {
		return nil, fmt.Errorf("the teacher: %w", err)
	}
	defer t.dismiss()
	crowd, err := peer.NewCrowd(peer.CrowdConfig{Teacher: t.teacher})
	if err != nil {
		return nil, err
	}
	defer crowd.Close()
	t.audience = &audience{server: t.server, crowd: crowd, within: t.scenario.Time.Join.D(), counts: map[string]*tally{}}
	t.began = time.Now()
	if !sleep(ctx, beginRest) {
		return nil, ctx.Err()
	}
	t.empty = t.look(ctx)
	watching, stopWatching := context.WithCancel(ctx)
	var clock sync.WaitGroup
	clock.Go(func() { t.tick(watching) })
	defer clock.Wait()
	defer stopWatching()

	visiting, sendHome := context.WithCancel(ctx)
	defer t.audience.running.Wait()
	defer sendHome()
	out := &outcome{run: report.Run{Subject: report.Server, Cautions: t.server.cautions}}
	waves := max(t.scenario.Waves(), 1)
	for number := 1; number <= waves; number++ {
		if err := t.playWave(ctx, visiting, number, number == waves, out); err != nil {
			return nil, err
		}
	}
	sendHome()
	t.audience.running.Wait()
	t.afterwards(ctx, out)
	stopWatching()
	clock.Wait()
	out.run.Timeline = t.seconds
	return out, ctx.Err()
}

func (t *trial) teach(ctx context.Context) (err error) {
	if t.server.whip == "" {
		return nil
	}
	l := t.scenario.Teacher
	pacing, err := peer.ParsePacing(l.Pacing)
	if err != nil {
		return err
	}
	hurry, done := context.WithTimeout(ctx, publishWithin)
	defer done()
	t.teacher, err = peer.Teach(hurry, dial.Exchange(t.server.whip, t.server.teach),
		peer.Lesson{Recording: l.Recording, Pacing: pacing, Single: l.Single, Silent: l.Silent})
	return err
}

func (t *trial) dismiss() {
	if t.teacher == nil {
		return
	}
	leaving, done := context.WithTimeout(context.Background(), leaveWithin)
	defer done()
	_ = t.teacher.Close(leaving)
}

// look is everything that grows, at one moment.
type look struct {
	at      time.Time
	process machine.Process // of the server; zero when unknown
	known   bool
	own     machine.Process
	time    machine.Time
	said    measures
	groups  map[string]peer.Figures
	door    map[string]tally
	asked   uint64 // keyframes, of the teacher
}

func (t *trial) look(ctx context.Context) look {
	l := look{at: time.Now(), said: askMeasures(ctx, t.server.metrics), groups: map[string]peer.Figures{}, door: t.audience.tallies()}
	for _, name := range t.audience.groups() {
		l.groups[name] = t.audience.crowd.Figures(name)
	}
	if t.teacher != nil {
		l.asked = t.teacher.KeyframeRequests()
	}
	l.own, _ = machine.Look(os.Getpid())
	l.time, _ = machine.Now()
	if t.server.pid > 0 {
		var err error
		l.process, err = machine.Look(t.server.pid)
		l.known = err == nil
	}
	return l
}

// sum is every group's figures together.
func (l look) sum() (all peer.Figures) {
	for _, f := range l.groups {
		addFigures(&all, f)
	}
	return all
}

// playWave lets a wave come, waits until it is well, and measures.
func (t *trial) playWave(ctx, visiting context.Context, number int, last bool, out *outcome) error {
	groups := t.scenario.Of(number)
	for i := range groups {
		if groups[i].OfCore > 0 {
			groups[i].Count = t.count(groups[i].OfCore, out)
		}
	}
	t.audience.welcome(groups)
	t.enter(number, false)
	before := t.look(ctx)
	var coming sync.WaitGroup
	for _, g := range groups {
		coming.Go(func() { t.audience.come(visiting, g) })
	}
	coming.Wait()
	for t.audience.waiting() > 0 && !t.changing(number) {
		if !sleep(ctx, lookEvery) {
			return ctx.Err()
		}
	}
	came := t.look(ctx)
	if !sleep(ctx, t.scenario.Time.Settle.D()) {
		return ctx.Err()
	}
	t.enter(number, true)
	start := t.look(ctx)
	asked, err := t.measured(ctx, last)
	if err != nil {
		return err
	}
	end := t.look(ctx)
	t.enter(number, false)
	w := t.figures(number, before, came, start, end)
	if asked != nil {
		asked.into(w.All)
	}
	out.run.Waves = append(out.run.Waves, w)
	out.run.Cautions = append(out.run.Cautions, t.doubts(w)...)
	out.viewers = int(end.sum().Viewers)
	if t.teacher != nil {
		out.sent = t.teacher.Log(start.at, end.at)
	}
	return ctx.Err()
}

// mostStolen is the share of the machine's time, in percent, that its host may give to others before figures are worth little.
const mostStolen = 1

// doubts tell what makes the figures of a wave weak.
func (t *trial) doubts(w report.Wave) (cautions []string) {
	if w.All["crowd.unread"] > 0 && !t.deaf() {
		cautions = append(cautions, fmt.Sprintf("wave %d: the crowd was too slow for %.0f datagrams; its loss is not the server's", w.Number, w.All["crowd.unread"]))
	}
	if w.All["steal"] > mostStolen {
		cautions = append(cautions, fmt.Sprintf("wave %d: the host gave %s %% of the machine's time to others", w.Number, report.Number(w.All["steal"])))
	}
	return cautions
}

// deaf tells whether somebody stops reading, on purpose.
func (t *trial) deaf() bool {
	return slices.ContainsFunc(t.scenario.Viewers, func(g scenario.Group) bool { return g.Stops > 0 })
}

// changing tells whether the audience of a wave is one that never stands still.
func (t *trial) changing(wave int) bool {
	for _, g := range t.scenario.Viewers {
		if g.Stay > 0 && g.Wave <= wave {
			return true
		}
	}
	return false
}

// count is how many more must come, so that all together need so many cores at the price of the wave before.
func (t *trial) count(ofCore float64, out *outcome) int {
	if len(out.run.Waves) == 0 {
		return 0
	}
	w := out.run.Waves[len(out.run.Waves)-1].All
	if w["cpu.viewers"] <= 0 {
		out.run.Cautions = append(out.run.Cautions, "what a viewer costs is not known, so of-core brought nobody")
		return 0
	}
	all := math.Ceil(w["cpu.viewers"] * ofCore)
	if all > mostOfCore {
		out.run.Cautions = append(out.run.Cautions, fmt.Sprintf("%.0f viewers would be needed for %v cores; %d came", all, ofCore, mostOfCore))
		all = mostOfCore
	}
	return max(0, int(all)-int(w["viewers"]))
}

// measured lets the time pass that is measured; in the last wave people ask, and the profile is taken.
func (t *trial) measured(ctx context.Context, last bool) (*register, error) {
	lasts := t.scenario.Time.Measure.D()
	var busy sync.WaitGroup
	var asked *register
	var failed error
	if last && t.profile != "" {
		busy.Go(func() {
			if err := t.server.profile(ctx, lasts, t.profile); err != nil {
				fmt.Fprintln(t.progress, "no profile:", err)
			}
		})
	}
	if q := t.scenario.Questions; last && q != nil {
		busy.Go(func() { asked, failed = t.ask(ctx, q, lasts) })
	}
	sleep(ctx, lasts)
	busy.Wait()
	return asked, errors.Join(failed, ctx.Err())
}

func (t *trial) ask(ctx context.Context, q *scenario.Questions, lasts time.Duration) (*register, error) {
	if q.For > 0 {
		lasts = q.For.D()
	}
	p := questionsPlan{links: t.server.links, desks: q.Desks, homes: q.Homes, listeners: q.Listeners, slow: q.Slow, rate: q.Rate, lasts: lasts}
	if err := p.check(); err != nil {
		return nil, err
	}
	r, err := playQuestions(ctx, p, p.slow)
	if err != nil {
		return nil, fmt.Errorf("questions: %w", err)
	}
	return r, nil
}

// afterwards looks whether the server became what it was.
func (t *trial) afterwards(ctx context.Context, out *outcome) {
	if t.scenario.Time.After <= 0 || len(out.run.Waves) == 0 || !sleep(ctx, t.scenario.Time.After.D()) {
		return
	}
	gone := t.look(ctx)
	all := out.run.Waves[len(out.run.Waves)-1].All
	if gone.known && t.empty.known && t.empty.process.RSS > 0 {
		all["memory.left"] = 100 * float64(gone.process.RSS-t.empty.process.RSS) / float64(t.empty.process.RSS)
	}
	before, known := t.empty.said[goroutinesName]
	after, still := gone.said[goroutinesName]
	if known && still {
		all["goroutines.left"] = after - before
	}
}

func (t *trial) enter(wave int, measure bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wave, t.measure = wave, measure
}

// tick notes every second of the run, and says it.
func (t *trial) tick(ctx context.Context) {
	every := time.NewTicker(time.Second)
	defer every.Stop()
	before := t.look(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		now := t.look(ctx)
		s := t.second(before, now)
		t.mu.Lock()
		t.seconds = append(t.seconds, s)
		t.mu.Unlock()
		fmt.Fprintln(t.progress, progressLine(s, t.audience.waiting()))
		before = now
	}
}

func (t *trial) second(before, now look) report.Second {
	passed := now.at.Sub(before.at).Seconds()
	f := now.sum().Sub(before.sum())
	t.mu.Lock()
	s := report.Second{Wave: t.wave, Measured: t.measure}
	t.mu.Unlock()
	s.At, s.Viewers, s.Packets = now.at.Sub(t.began).Seconds(), int(f.Viewers), float64(f.Packets)/passed
	s.CPU, s.RSS, s.Goroutines, s.Delay = -1, -1, -1, -1
	if now.known && before.known {
		s.CPU = 100 * (now.process.CPU - before.process.CPU).Seconds() / passed
		s.RSS = megabytes(now.process.RSS)
	}
	if n, ok := now.said[goroutinesName]; ok {
		s.Goroutines = n
	}
	if f.Delay.Count() > 0 {
		s.Delay = ms(f.Delay.Quantile(0.99))
	}
	return s
}

func progressLine(s report.Second, waiting int) string {
	line := fmt.Sprintf("%5.0f s  wave %d  %5d viewers", s.At, s.Wave, s.Viewers)
	if waiting > 0 {
		line += fmt.Sprintf(" (%d coming)", waiting)
	}
	line += fmt.Sprintf("  %7.0f packets/s", s.Packets)
	if s.Delay >= 0 {
		line += fmt.Sprintf("  99 %% within %s ms", report.Number(s.Delay))
	}
	if s.CPU >= 0 {
		line += fmt.Sprintf("  %3.0f %% of a core  %4.0f MB", s.CPU, s.RSS)
	}
	if s.Measured {
		line += "  measuring"
	}
	return line
}

func ms(d time.Duration) float64    { return float64(d) / float64(time.Millisecond) }
func megabytes(bytes int64) float64 { return float64(bytes) / 1e6 }
func share(part, whole uint64) float64 { // in percent
	if whole == 0 {
		return 0
	}
	return 100 * float64(part) / float64(whole)
}

package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"antenne/loadtest/floor"
	"antenne/loadtest/machine"
	"antenne/loadtest/report"
	"antenne/loadtest/scenario"
	"antenne/sfu/peer"
)

//go:embed scenarios/*.toml
var shipped embed.FS

// plan is what `run` was asked to do.
type plan struct {
	scenario *scenario.Scenario
	against  string // "" or stock
	floor    bool
	rounds   int
	antenne  string // our server's binary, "" to build it

	json, html, profile, list string // files; "" none
	strict, quiet             bool
}

// mistake is a command line or a file that was not understood.
type mistake struct{ error }

func (m mistake) Unwrap() error { return m.error }

// errBroken is said when a limit was not kept.
var errBroken = errors.New("a limit was not kept")

const runUsage = "loadtest run SCENARIO [options]; SCENARIO is a file, or one of: "

func planRun(args []string, out io.Writer) (*plan, error) {
	p := &plan{}
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() {
		fmt.Fprintln(out, runUsage+strings.Join(shippedNames(), ", "))
		flags.PrintDefaults()
	}
	flags.StringVar(&p.against, "against", "", "play the same against that, in turn: stock")
	flags.BoolVar(&p.floor, "floor", false, "replay the teacher's packets as bare seal and send after each run, so that figures are ratios")
	flags.IntVar(&p.rounds, "rounds", 1, "how often; figures are medians")
	flags.StringVar(&p.antenne, "antenne", "", "our server's program, when it is built already")
	flags.StringVar(&p.json, "json", "", "file for the figures, to compare")
	flags.StringVar(&p.html, "html", "", "file for a page with plots")
	flags.StringVar(&p.profile, "profile", "", "file for a CPU profile of our own server during the last wave")
	flags.StringVar(&p.list, "list", "", "file for the times and sizes of the teacher's packets, for « loadtest floor »")
	flags.BoolVar(&p.strict, "strict", false, "a limit that could not be judged is not kept")
	flags.BoolVar(&p.quiet, "quiet", false, "no line a second")
	change := changesOf(flags)
	name, rest := argument(args)
	if err := flags.Parse(rest); err != nil {
		return nil, mistake{err}
	}
	if name == "" {
		name = flags.Arg(0)
	}
	s, err := openScenario(name)
	if err != nil {
		return nil, mistake{err}
	}
	if p.scenario, err = change.apply(s); err != nil {
		return nil, mistake{err}
	}
	return p, p.check()
}

// argument takes the scenario's name where it comes before the options, as people write it.
func argument(args []string) (first string, rest []string) {
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		return args[0], args[1:]
	}
	return "", args
}

func (p *plan) check() error {
	switch {
	case p.against != "" && p.against != scenario.Stock:
		return mistake{fmt.Errorf("--against %q: only stock", p.against)}
	case p.against != "" && p.scenario.Questions != nil:
		return mistake{errors.New("the plain server takes no questions")}
	case p.rounds < 1 || p.rounds > 1000:
		return mistake{fmt.Errorf("%d rounds", p.rounds)}
	case p.floor && len(p.scenario.Viewers) == 0:
		return mistake{errors.New("a floor needs viewers")}
	}
	return nil
}

func shippedNames() (names []string) {
	entries, _ := shipped.ReadDir("scenarios")
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".toml"))
	}
	return names
}

// openScenario reads a file, or one of those that come with the program.
func openScenario(name string) (*scenario.Scenario, error) {
	if name == "" {
		return nil, errors.New("which scenario? a file, or one of: " + strings.Join(shippedNames(), ", "))
	}
	if slices.Contains(shippedNames(), name) {
		text, err := shipped.ReadFile("scenarios/" + name + ".toml")
		if err != nil {
			return nil, err
		}
		return scenario.Read(name+".toml", bytes.NewReader(text))
	}
	file, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("no file %s, and no scenario of ours is called so: %s", name, strings.Join(shippedNames(), ", "))
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return scenario.Read(name, file)
}

// changes are what the command line says otherwise than the file.
type changes struct {
	whip, whep, token, links, metrics *string
	pid, viewers                      *int
	measure                           *time.Duration
	unpinned, single                  *bool
	recording                         *string
}

func changesOf(flags *flag.FlagSet) changes {
	return changes{
		whip:     flags.String("whip", "", "instead of the scenario's server: where the teacher goes"),
		whep:     flags.String("whep", "", "instead of the scenario's server: where the viewers go"),
		token:    flags.String("token-file", "", "with --whip: a file with the teacher's token"),
		links:    flags.String("links", "", "instead of the scenario's server: a file of links, as « antenne serve --demo » prints them"),
		metrics:  flags.String("metrics", "", "with --whep or --links: the server's Prometheus address"),
		pid:      flags.Int("pid", 0, "with --whep or --links: the server's process, when it is on this machine"),
		viewers:  flags.Int("viewers", 0, "as many in the first group"),
		measure:  flags.Duration("measure", 0, "how long each wave is measured"),
		unpinned: flags.Bool("unpinned", false, "no core of its own for anybody"),

		recording: flags.String("recording", "", "what the teacher plays: "+strings.Join(peer.Recordings(), ", ")),
		single:    flags.Bool("single", false, "only the highest layer of a recording of several"),
	}
}

// apply changes the scenario. What comes out is read again by the same rules, since a file could say it as well.
func (c changes) apply(s *scenario.Scenario) (*scenario.Scenario, error) {
	if *c.whep != "" || *c.links != "" {
		s.Server = scenario.Server{Kind: scenario.URL, Whip: *c.whip, Whep: *c.whep, Token: *c.token, Links: *c.links, Metrics: *c.metrics, Pid: *c.pid}
	} else if *c.whip != "" || *c.token != "" || *c.metrics != "" || *c.pid != 0 {
		return nil, errors.New("--whip, --token-file, --metrics and --pid go with --whep or --links")
	}
	if *c.viewers != 0 && len(s.Viewers) > 0 {
		s.Viewers[0].Count = *c.viewers
	}
	if *c.measure != 0 {
		s.Time.Measure = scenario.Duration(*c.measure)
	}
	if *c.recording != "" {
		s.Teacher.Recording = *c.recording
	}
	s.Teacher.Single = s.Teacher.Single || *c.single
	if *c.unpinned {
		s.Server.Cores, s.Server.Procs, s.Crowd.Cores = nil, 0, nil
	}
	return s, s.Check()
}

// runScenario plays a scenario as often as it was asked, and reports.
func runScenario(ctx context.Context, args []string, out, progress io.Writer) error {
	p, err := planRun(args, out)
	if err != nil {
		return err
	}
	if p.quiet {
		progress = io.Discard
	}
	r, err := p.play(ctx, progress)
	if err != nil {
		return err
	}
	r.Finish()
	report.Table(out, r)
	if err := p.save(r); err != nil {
		return err
	}
	if !r.Kept(p.strict) {
		return errBroken
	}
	return nil
}

func (p *plan) save(r *report.Report) error {
	return errors.Join(
		saveTo(p.json, func(to io.Writer) error { return report.Write(to, r) }),
		saveTo(p.html, func(to io.Writer) error { return report.Page(to, r) }))
}

// saveTo writes a file; without a name, nothing.
func saveTo(name string, write func(io.Writer) error) error {
	if name == "" {
		return nil
	}
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}

// play makes every run, in turn: server, plain server, floor; and again.
func (p *plan) play(ctx context.Context, progress io.Writer) (*report.Report, error) {
	r := &report.Report{Started: time.Now(), Scenario: p.scenario, Machine: machine.Describe(), Cautions: p.machineCautions()}
	if cores := p.scenario.Crowd.Cores; len(cores) > 0 {
		undo, err := machine.Pin(cores)
		if err != nil {
			r.Cautions = append(r.Cautions, "the crowd runs anywhere: "+err.Error())
		} else {
			defer undo()
		}
	}
	if err := p.prepare(ctx); err != nil {
		return nil, err
	}
	defer p.forget()
	for round := 1; round <= p.rounds; round++ {
		if err := p.round(ctx, r, round, progress); err != nil {
			return nil, fmt.Errorf("round %d: %w", round, err)
		}
	}
	return r, nil
}

// built holds our server's program between the rounds.
func (p *plan) prepare(ctx context.Context) error {
	if p.scenario.Server.Kind != scenario.Self || p.antenne != "" {
		return nil
	}
	folder, err := os.MkdirTemp("", "loadtest-")
	if err != nil {
		return err
	}
	p.antenne = filepath.Join(folder, builtName)
	if err := build(ctx, p.antenne); err != nil {
		p.forget()
		return err
	}
	return nil
}

const builtName = "antenne-built"

func (p *plan) forget() {
	if filepath.Base(p.antenne) == builtName {
		_ = os.RemoveAll(filepath.Dir(p.antenne))
	}
}

func (p *plan) round(ctx context.Context, r *report.Report, round int, progress io.Writer) error {
	subjects := []string{report.Server}
	if p.against != "" {
		subjects = append(subjects, report.Stock)
	}
	var lesson *outcome
	for _, subject := range subjects {
		fmt.Fprintf(progress, "round %d of %d: %s\n", round, p.rounds, subject)
		o, err := p.one(ctx, subject, progress)
		if err != nil {
			return fmt.Errorf("%s: %w", subject, err)
		}
		o.run.Subject, o.run.Round = subject, round
		r.Runs = append(r.Runs, o.run)
		if subject == report.Server {
			lesson = o
		}
	}
	task := floorTask(lesson)
	if p.list != "" && round == 1 {
		if err := saveTo(p.list, func(to io.Writer) error { return writeList(to, task.Packets) }); err != nil {
			return err
		}
	}
	if !p.floor {
		return nil
	}
	for _, way := range floorWays {
		fmt.Fprintf(progress, "round %d of %d: floor, %s\n", round, p.rounds, way)
		run, err := playFloor(ctx, p.scenario.Server, way, task)
		if err != nil {
			return err
		}
		run.Round = round
		r.Runs = append(r.Runs, *run)
	}
	return nil
}

// one is one run of one subject, from the start of its server to its end.
func (p *plan) one(ctx context.Context, subject string, progress io.Writer) (*outcome, error) {
	t := &trial{scenario: p.scenario, progress: progress}
	spec := p.scenario.Server
	if subject == report.Stock {
		spec = scenario.Server{Kind: scenario.Stock, Cores: spec.Cores, Procs: spec.Procs}
	} else {
		t.profile = p.profile
	}
	var err error
	if t.server, err = openServer(ctx, spec, p.antenne); err != nil {
		return nil, err
	}
	defer t.server.close()
	return t.play(ctx)
}

// machineCautions tell what makes figures of this machine weak.
func (p *plan) machineCautions() (cautions []string) {
	server, crowd := p.scenario.Server.Cores, p.scenario.Crowd.Cores
	if len(server) == 0 || len(crowd) == 0 {
		cautions = append(cautions, "server and crowd share cores: what a packet costs, and how late it is, holds the crowd's own hunger too")
	}
	for _, core := range server {
		if slices.Contains(crowd, core) {
			cautions = append(cautions, fmt.Sprintf("core %d belongs to the server and to the crowd", core))
		}
	}
	m := machine.Describe()
	if m.Load > float64(m.Cores)/2 {
		cautions = append(cautions, fmt.Sprintf("the machine was busy before we came: load %.1f on %d cores", m.Load, m.Cores))
	}
	if allowed := machine.Allowed(); runtime.GOOS == "linux" {
		for _, core := range slices.Concat(server, crowd) {
			if !slices.Contains(allowed, core) {
				cautions = append(cautions, fmt.Sprintf("there is no core %d here for us", core))
			}
		}
	}
	return cautions
}

var floorWays = []string{"segments", "batch", "single"}

// floorTask is what one viewer of the run was sent, for all of its viewers: the sound, and the highest picture.
func floorTask(o *outcome) floor.Task {
	task := floor.Task{}
	for _, s := range o.sent {
		if s.Layer <= 1 {
			task.Packets = append(task.Packets, floor.Packet{At: s.At.Sub(o.sent[0].At), Size: s.Size})
		}
	}
	slices.SortStableFunc(task.Packets, func(a, b floor.Packet) int { return int(a.At - b.At) })
	task.Viewers = o.viewers
	return task
}

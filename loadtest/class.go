package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"antenne/loadtest/machine"
)

// classPlan is a class of many sites: who is there, what they do, for how long.
type classPlan struct {
	binary string // of our own server; "" builds it
	file   string // of links; "" for a server of our own
	pid    int    // of a server that is given; 0 unknown
	keep   string // file to write the links to, for people who want to look

	sites, screens, posts, homes int

	perMinute float64       // questions of each site
	pace      time.Duration // a site says another pace as often, on average
	acting    time.Duration // between two acts of each of those who act
	calm      time.Duration // how long the class lasts
	abuse     bool
	rude      int           // sites that ask far too often
	rudeRate  float64       // questions a second of each
	rudeFor   time.Duration // how long
	most      time.Duration // p95 of acts that breaks the trial
	mostMB    int           // of the server's memory, at its heaviest, that breaks the trial
	seed      uint64
}

// What keeps a mistyped number from being a flood.
const (
	mostClassSites = 500
	mostClassPosts = 8
	mostClassHomes = 1000
	mostClassTime  = 30 * time.Minute
	mostRude       = 2 * time.Minute
	mostRudeRate   = 20
)

func planClass(args []string, out io.Writer) (*classPlan, error) {
	p := &classPlan{}
	flags := flag.NewFlagSet("class", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&p.binary, "antenne", "", "our own server's binary (else it is built)")
	flags.StringVar(&p.file, "links", "", "links of a class that runs already: mediator, moderator, animators (else a server of our own)")
	flags.IntVar(&p.pid, "pid", 0, "with --links: the server's process, to weigh it")
	flags.StringVar(&p.keep, "keep-links", "", "write the links of our own server there while it runs")
	flags.IntVar(&p.sites, "sites", 220, "sites, each with a desk")
	flags.IntVar(&p.screens, "screens", 1, "screens of each site")
	flags.IntVar(&p.posts, "posts", 1, "posts of each site")
	flags.IntVar(&p.homes, "homes", 40, "connections from home")
	flags.Float64Var(&p.perMinute, "questions", 1, "questions a minute of each site")
	flags.DurationVar(&p.pace, "pace", 2*time.Minute, "a site says another pace as often, on average")
	flags.DurationVar(&p.acting, "acting", 500*time.Millisecond, "between two acts of the régie, and of the studio")
	flags.DurationVar(&p.calm, "for", time.Minute, "how long the class lasts")
	flags.BoolVar(&p.abuse, "abuse", false, "then some sites ask far too often")
	flags.IntVar(&p.rude, "rude", 200, "with --abuse: how many")
	flags.Float64Var(&p.rudeRate, "rude-rate", 5, "with --abuse: questions a second of each")
	flags.DurationVar(&p.rudeFor, "rude-for", time.Minute, "with --abuse: how long")
	flags.DurationVar(&p.most, "most", 200*time.Millisecond, "p95 of the acts of régie and studio that breaks the trial")
	flags.IntVar(&p.mostMB, "most-mb", 256, "MB of the server's memory, at its heaviest, that break the trial")
	flags.Uint64Var(&p.seed, "seed", 1, "of what sites do when")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, mistake{fmt.Errorf("%q is not understood", flags.Arg(0))}
	}
	return p, p.check()
}

func (p *classPlan) check() error {
	switch {
	case p.sites < 1 || p.sites > mostClassSites:
		return mistake{fmt.Errorf("--sites: 1 to %d", mostClassSites)}
	case p.screens < 0 || p.screens > mostClassPosts || p.posts < 0 || p.posts > mostClassPosts:
		return mistake{fmt.Errorf("--screens, --posts: 0 to %d", mostClassPosts)}
	case p.homes < 0 || p.homes > mostClassHomes:
		return mistake{fmt.Errorf("--homes: 0 to %d", mostClassHomes)}
	case p.calm <= 0 || p.calm > mostClassTime || p.pace <= 0 || p.acting <= 0 || p.perMinute < 0:
		return mistake{fmt.Errorf("--for: up to %v; --pace and --acting more than nothing", mostClassTime)}
	case p.mostMB < 1:
		return mistake{errors.New("--most-mb: at least 1")}
	case p.rude < 0 || p.rudeFor <= 0 || p.rudeFor > mostRude || p.rudeRate <= 0 || p.rudeRate > mostRudeRate:
		return mistake{fmt.Errorf("--rude-for: up to %v, --rude-rate: up to %d", mostRude, mostRudeRate)}
	}
	return nil
}

// class brings a class of many sites to a server and measures what those who work with it feel: how long an act of the régie or
// of the studio takes, while everybody is well behaved and while many are not.
func class(ctx context.Context, args []string, out io.Writer) error {
	p, err := planClass(args, out)
	if err != nil {
		return err
	}
	house, err := openClass(ctx, p)
	if err != nil {
		return err
	}
	defer house.close()
	c := &crowdOfSites{plan: p, house: house, weights: []weight{house.weigh("before")}}
	defer c.leave()
	if err := c.come(ctx); err != nil {
		return err
	}
	c.weigh(allThere)
	fmt.Fprintf(out, "ready: %d sites, %d connections, server %d at %s\n", len(c.sites), len(c.company.conns), house.pid, house.base)
	verdict := c.play(ctx, out, "class", p.calm, 0)
	if p.abuse && ctx.Err() == nil {
		verdict = errors.Join(verdict, c.play(ctx, out, "abuse", p.rudeFor, min(p.rude, len(c.sites))))
	}
	c.leave()
	sleep(ctx, settleAfter)
	c.weigh(afterwards)
	c.printWeights(out)
	return errors.Join(verdict, judgeWeights(c.weights, c.plan.mostMB), ctx.Err())
}

// Two moments at which the server is weighed.
const (
	allThere   = "all there"
	afterwards = "after"
)

// settleAfter is what the server gets to give back what a crowd that left has taken.
const settleAfter = 10 * time.Second

// crowdOfSites is everybody of one class.
type crowdOfSites struct {
	plan  *classPlan
	house *classHouse

	company company
	sites   []*classSite
	acting  []*producer
	leaving sync.Once

	weights []weight
}

// phase is what is measured of one part of the class.
type phase struct {
	asks     times
	refused  counts // questions, by code
	silent   atomic.Int64
	failures counts // acts that the server refused, by code
	paces    times
}

// counts counts by name, from any goroutine.
type counts struct {
	mu sync.Mutex
	by map[string]int // owned under mu
}

func (c *counts) add(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by == nil {
		c.by = map[string]int{}
	}
	c.by[name]++
}

func (c *counts) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.by) == 0 {
		return "none"
	}
	return strings.TrimPrefix(fmt.Sprint(c.by), "map")
}

// come seats everybody: those who work first, then the sites, some at a time.
func (c *crowdOfSites) come(ctx context.Context) error {
	for _, role := range []string{"mediator", "moderator"} {
		p, err := c.seatProducer(ctx, role)
		if err != nil {
			return fmt.Errorf("%s: %w", role, err)
		}
		c.acting = append(c.acting, p)
	}
	if err := c.openTheClass(ctx); err != nil {
		return err
	}
	for i, links := range c.house.bySite(c.plan.sites) {
		s, err := c.seatSite(ctx, i, links)
		if err != nil {
			return fmt.Errorf("site %s: %w", links.site, err)
		}
		c.sites = append(c.sites, s)
	}
	for range c.plan.homes {
		conn, err := c.company.enter(ctx, link{base: c.house.base, room: c.house.room})
		if err != nil {
			return fmt.Errorf("home: %w", err)
		}
		c.company.running.Go(func() { drain(conn) })
	}
	return nil
}

// openTheClass goes on air, where that has not been done.
func (c *crowdOfSites) openTheClass(ctx context.Context) error {
	for _, name := range []string{"open-doors", "go-on-air"} {
		patient, done := context.WithTimeout(ctx, within)
		_, err := c.acting[0].conn.Do(patient, map[string]string{"name": name})
		done()
		if err != nil && ctx.Err() != nil {
			return err
		}
	}
	return nil
}

// play lets everybody do as they do for a while. The first rude sites ask as often as their hands can.
func (c *crowdOfSites) play(ctx context.Context, out io.Writer, title string, lasts time.Duration, rude int) error {
	m := &phase{}
	playing, done := context.WithTimeout(ctx, lasts)
	defer done()
	var people sync.WaitGroup
	for i, s := range c.sites {
		people.Go(func() { s.live(playing, m, i < rude) })
	}
	for _, p := range c.acting {
		p.begin()
		people.Go(func() { p.act(playing, m) })
	}
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		c.watch(playing, title)
	}()
	people.Wait()
	<-watched
	return c.report(out, title, m)
}

// watch keeps the heaviest look at the server.
func (c *crowdOfSites) watch(ctx context.Context, title string) {
	most := weight{when: title + ", the most"}
	for sleep(ctx, time.Second) {
		w := c.house.weigh(most.when)
		if w.resident > most.resident {
			most = w
		}
	}
	c.weights = append(c.weights, most)
}

func (c *crowdOfSites) weigh(when string) { c.weights = append(c.weights, c.house.weigh(when)) }

func (c *crowdOfSites) report(out io.Writer, title string, m *phase) error {
	fmt.Fprintf(out, "%s\n  questions logged   %v\n  questions refused  %v, without a sentence %d\n  paces said         %v\n", title, &m.asks, &m.refused, m.silent.Load(), &m.paces)
	var broken []error
	for _, p := range c.acting {
		fmt.Fprintf(out, "  %-9s answered %v\n  %-9s shown    %v\n", p.role, p.answered, p.role, p.shown)
		for name, t := range map[string]*times{"answered": p.answered, "shown": p.shown} {
			if p95, some := t.rank(95); !some {
				broken = append(broken, fmt.Errorf("%s: no act of the %s was %s", title, p.role, name))
			} else if p95 >= c.plan.most {
				broken = append(broken, fmt.Errorf("%s: acts of the %s were %s within %v at p95, not %v", title, p.role, name, round(p95), c.plan.most))
			}
		}
	}
	if n := m.silent.Load(); n > 0 {
		broken = append(broken, fmt.Errorf("%s: %d questions were refused without a sentence", title, n))
	}
	fmt.Fprintf(out, "  acts refused       %v\n", &m.failures)
	return errors.Join(broken...)
}

// leave sends everybody home; a second time does nothing.
func (c *crowdOfSites) leave() { c.leaving.Do(c.company.leave) }

// weight is what the server weighs at a moment.
type weight struct {
	when       string
	resident   int64 // bytes; 0 unknown
	goroutines float64
}

func (h *classHouse) weigh(when string) weight {
	w := weight{when: when}
	if h.pid > 0 {
		if p, err := machine.Look(h.pid); err == nil {
			w.resident = p.RSS
		}
	}
	ctx, done := context.WithTimeout(context.Background(), measuresWithin)
	defer done()
	w.goroutines = askMeasures(ctx, h.metrics)["go_goroutines"]
	return w
}

// judgeWeights: the server stays below what it may weigh, and once the crowd has left it weighs at most half as much again as when all
// had just come, whatever they did in between. What is unknown is not judged.
func judgeWeights(weights []weight, mostMB int) error {
	var broken []error
	var there, after int64
	for _, w := range weights {
		if w.resident > int64(mostMB)<<20 {
			broken = append(broken, fmt.Errorf("server, %s: %.1f MB, not %d", w.when, inMB(w.resident), mostMB))
		}
		switch w.when {
		case allThere:
			there = w.resident
		case afterwards:
			after = w.resident
		}
	}
	if there > 0 && after > there+there/2 {
		broken = append(broken, fmt.Errorf("server: %.1f MB after the crowd has left, more than half as much again as the %.1f MB when it was there", inMB(after), inMB(there)))
	}
	return errors.Join(broken...)
}

func inMB(bytes int64) float64 { return float64(bytes) / (1 << 20) }

func (c *crowdOfSites) printWeights(out io.Writer) {
	fmt.Fprintln(out, "server")
	for _, w := range c.weights {
		fmt.Fprintf(out, "  %-20s %6.1f MB, %.0f goroutines\n", w.when, inMB(w.resident), w.goroutines)
	}
	if own, err := machine.Look(os.Getpid()); err == nil {
		fmt.Fprintf(out, "  %-20s %6.1f MB\n", "the crowd itself", inMB(own.RSS))
	}
}

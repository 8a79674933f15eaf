package scenario

import (
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// What a file may ask at most: a slip of the hand must not fill a machine.
const (
	largestFile = 64 << 10 // bytes
	mostViewers = 20_000
	mostCores   = 1024
	mostWaves   = 50
	mostWord    = 2000 // characters of a text
)

// Read reads a file; name is the file's.
func Read(name string, from io.Reader) (*Scenario, error) {
	text, err := io.ReadAll(io.LimitReader(from, largestFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > largestFile {
		return nil, fmt.Errorf("%s: longer than %d bytes", name, largestFile)
	}
	s := &Scenario{}
	meta, err := toml.Decode(string(text), s)
	if err != nil {
		return nil, placed(name, err)
	}
	s.Name = strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	s.withDefaults()
	mistakes := append(unknown(meta), s.check()...)
	for i := range mistakes {
		mistakes[i] = fmt.Errorf("%s: %w", name, mistakes[i])
	}
	return s, errors.Join(mistakes...)
}

// placed says where in the file the reader stumbled.
func placed(name string, err error) error {
	var at toml.ParseError
	if errors.As(err, &at) {
		return fmt.Errorf("%s:%d: %s", name, at.Position.Line, at.Message)
	}
	return fmt.Errorf("%s: %w", name, err)
}

func unknown(meta toml.MetaData) (mistakes []error) {
	for _, key := range meta.Undecoded() {
		mistakes = append(mistakes, fmt.Errorf("%s: nothing is called that", key))
	}
	return mistakes
}

// Check tells every mistake of a scenario that was changed after it was read.
func (s *Scenario) Check() error { return errors.Join(s.check()...) }

// checks gathers every mistake of a scenario.
type checks struct{ mistakes []error }

func (c *checks) that(holds bool, where, what string, args ...any) {
	if !holds {
		c.mistakes = append(c.mistakes, fmt.Errorf("%s: %s", where, fmt.Sprintf(what, args...)))
	}
}

func (s *Scenario) check() []error {
	c := &checks{}
	c.that(s.Title != "", "title", "say in a line what is tried")
	c.that(len(s.Title) <= mostWord && len(s.About) <= mostWord, "title, about", "shorter, please")
	c.that(len(s.Viewers) > 0 || s.Questions != nil, "viewers", "nobody comes: give a [[viewers]] or [questions]")
	s.checkServer(c)
	checkCores(c, "crowd.cores", s.Crowd.Cores)
	c.that(groupName.MatchString(s.Teacher.Recording), "teacher.recording", "%q is no recording", s.Teacher.Recording)
	c.that(slices.Contains([]string{"recorded", "browser", "chrome", "frame"}, s.Teacher.Pacing), "teacher.pacing",
		"%q is none of recorded, browser, chrome and frame", s.Teacher.Pacing)
	c.that(s.Time.Measure > 0, "time.measure", "must last")
	s.checkGroups(c)
	s.checkQuestions(c)
	for i, l := range s.Limits {
		s.checkLimit(c, fmt.Sprintf("limit %d (%s)", i+1, l.Figure), l)
	}
	return c.mistakes
}

func (s *Scenario) checkServer(c *checks) {
	v := s.Server
	c.that(slices.Contains([]string{Self, Stock, URL}, v.Kind), "server.kind", "%q is none of self, stock and url", v.Kind)
	checkCores(c, "server.cores", v.Cores)
	c.that(v.Procs >= 0 && v.Procs <= mostCores, "server.procs", "0 to %d", mostCores)
	c.that(v.Pid >= 0, "server.pid", "is no process")
	if v.Kind == URL {
		c.that((v.Links != "") != (v.Whep != ""), "server", "of kind url needs either links or whep")
		c.that(v.Links == "" || v.Whip == "" && v.Token == "", "server", "links say whip and the token as well")
		return
	}
	c.that(v.Whip == "" && v.Whep == "" && v.Links == "" && v.Token == "" && v.Pid == 0 && v.Metrics == "", "server",
		"whip, whep, links, token-file, pid and metrics belong to kind url")
}

func checkCores(c *checks, where string, cores []int) {
	for i, core := range cores {
		c.that(core >= 0 && core < mostCores, where, "there is no core %d", core)
		c.that(!slices.Contains(cores[:i], core), where, "core %d twice", core)
	}
}

// groupName keeps names fit for a figure's.
var groupName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

func (s *Scenario) checkGroups(c *checks) {
	total := 0
	for i, g := range s.Viewers {
		where := fmt.Sprintf("viewers %d (%s)", i+1, g.Name)
		g.check(c, where)
		c.that(!slices.ContainsFunc(s.Viewers[:i], func(o Group) bool { return o.Name == g.Name }), where, "two groups of one name")
		c.that(g.Wave == 1 || g.Wave <= mostWaves && len(s.Of(g.Wave-1)) > 0, where, "wave %d comes after no wave %d", g.Wave, g.Wave-1)
		c.that(g.OfCore == 0 || g.Wave > 1, where, "of-core is told by the wave before: the first has none")
		c.that(g.OfCore == 0 || s.Server.Kind != URL || s.Server.Pid > 0, where, "of-core needs the server's pid")
		if total += min(max(g.Count, 0), mostViewers+1); total > mostViewers {
			c.that(false, "viewers", "at most %d", mostViewers)
			return
		}
	}
}

func (g Group) check(c *checks, where string) {
	c.that(groupName.MatchString(g.Name), where, "a name is small letters, digits and dashes")
	c.that((g.Count > 0) != (g.OfCore > 0) && g.Count >= 0, where, "give count, or of-core")
	c.that(g.OfCore >= 0 && g.OfCore <= 64, where, "of-core: 1.5 is one core and a half")
	c.that(g.Wave >= 1, where, "waves count from 1")
	c.that(g.Lines == 2 || g.Lines == 5, where, "lines: 2 or 5")
	c.that(slices.Contains([]string{"auto", "low", "none"}, g.Wish), where, "wish %q: auto, low or none", g.Wish)
	c.that(g.Loss < 1, where, "who loses everything is no viewer")
	c.that(g.Stay == 0 || g.Stops == 0, where, "who stops reading does not leave: stay or stops, not both")
}

func (s *Scenario) checkQuestions(c *checks) {
	q := s.Questions
	if q == nil {
		return
	}
	c.that(s.Server.Kind == Self || s.Server.Links != "", "questions", "only our own server takes them: kind self, or links")
	c.that(q.Desks >= 0 && q.Homes >= 0 && q.Desks+q.Homes > 0, "questions", "somebody must ask")
	c.that(q.Desks+q.Homes <= mostViewers && q.Listeners <= mostViewers && q.Slow <= mostViewers, "questions", "at most %d of each", mostViewers)
	c.that(q.Listeners > 0 && q.Slow >= 0, "questions", "somebody must listen")
	c.that(q.Rate > 0 && q.Rate <= 1e5, "questions.rate", "questions a second, more than none")
}

func (s *Scenario) checkLimit(c *checks, where string, l Limit) {
	given := 0
	for _, bound := range []*float64{l.Max, l.Min, l.Ratio} {
		if bound != nil {
			given++
			c.that(!math.IsNaN(*bound) && !math.IsInf(*bound, 0), where, "a number, please")
		}
	}
	c.that(l.Figure != "", where, "of which figure?")
	c.that(l.Slack >= 0 && !math.IsInf(l.Slack, 0), where, "slack is an allowance, not below 0")
	c.that(given == 1, where, "give exactly one of max, min and max-ratio")
	c.that((l.Ratio != nil) == (l.To != ""), where, "max-ratio and to belong together")
	c.that(l.Ratio != nil || l.Other == "" && l.Slack == 0, where, "to-figure and slack belong to max-ratio")
	c.that(l.Group == "" || slices.ContainsFunc(s.Viewers, func(g Group) bool { return g.Name == l.Group }), where, "no group is called %q", l.Group)
	c.that(l.Wave >= 0 && l.Wave <= max(s.Waves(), 1), where, "there is no wave %d", l.Wave)
	wave, ofWave := l.ToWave()
	c.that(l.To == "" || l.To == "stock" || l.To == "floor" || ofWave && wave <= s.Waves(), where, "to %q: stock, floor or « wave 1 »", l.To)
}

// ToWave tells whether a ratio is taken to an earlier wave of the same run.
func (l Limit) ToWave() (wave int, ok bool) {
	number, found := strings.CutPrefix(l.To, "wave ")
	wave, err := strconv.Atoi(number)
	return wave, found && err == nil && wave >= 1
}

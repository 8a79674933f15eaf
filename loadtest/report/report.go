// Package report holds what a trial found: figures for programs (JSON, its schema numbered), a table for people, a page with
// plots, and whether the scenario's limits were kept.
//
//	r.Finish()                   // medians over the rounds, verdicts
//	report.Table(os.Stdout, r)
//	report.Page(file, r)
//
// The package is values and functions; it starts no goroutine.
package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"antenne/loadtest/machine"
	"antenne/loadtest/scenario"
)

// Schema is the number of the JSON's shape. It grows when a name changes its meaning or goes away, not when one is added.
const Schema = 1

// Report is a trial: one scenario, every run of it, and what they say together.
type Report struct {
	Schema   int                `json:"schema"`
	Started  time.Time          `json:"started"`
	Scenario *scenario.Scenario `json:"scenario"`
	Machine  machine.Machine    `json:"machine"`
	Runs     []Run              `json:"runs"`     // in the order they were made
	Subjects []Subject          `json:"subjects"` // medians, made by Finish
	Verdicts []Verdict          `json:"verdicts"` // made by Finish
	Cautions []string           `json:"cautions"` // what a reader must know before believing a figure
}

// The subjects of a trial: what was measured.
const (
	Server     = "server"
	Stock      = "stock"
	FloorWay   = "floor/" // and its way: floor/segments is the one that limits mean by « floor »
	FloorOfAll = FloorWay + "segments"
)

// Run is one subject, once.
type Run struct {
	Subject  string   `json:"subject"`
	Round    int      `json:"round"` // from 1; runs of one round were made one after the other, and may be held against each other
	Waves    []Wave   `json:"waves"`
	Timeline []Second `json:"timeline,omitempty"`
	Cautions []string `json:"cautions,omitempty"`
}

// Wave is what was measured once the viewers of a wave had come.
type Wave struct {
	Number int                `json:"number"`
	All    Figures            `json:"all"`              // every group together, and the server
	Groups map[string]Figures `json:"groups,omitempty"` // each group alone
	Spread map[string]Spread  `json:"spread,omitempty"` // of "join" and "delay"; of a group as "delay of good"
}

// Figures are numbers by name; Catalogue tells each one's unit.
type Figures map[string]float64

// Spread is a distribution: milliseconds at each of Shares.
type Spread []float64

// Shares are where a Spread is cut, 0..1.
var Shares = []float64{0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1}

// Second is one line of progress.
type Second struct {
	At         float64 `json:"at"` // seconds from the beginning of the run
	Wave       int     `json:"wave"`
	Viewers    int     `json:"viewers"`
	Packets    float64 `json:"packets"` // a second, delivered
	CPU        float64 `json:"cpu"`     // % of a core; -1 unknown
	RSS        float64 `json:"rss"`     // MB; -1 unknown
	Goroutines float64 `json:"goroutines"`
	Delay      float64 `json:"delay"` // p99 of the second, ms; -1 when nothing came
	Measured   bool    `json:"measured"`
}

// Subject is the medians of one subject over the rounds.
type Subject struct {
	Name   string `json:"name"`
	Rounds int    `json:"rounds"`
	Waves  []Wave `json:"waves"` // without spreads
}

// Finish makes medians and verdicts of the runs.
func (r *Report) Finish() {
	r.Schema = Schema
	r.Subjects, r.Verdicts = nil, nil
	var names []string
	for _, run := range r.Runs {
		if !slices.Contains(names, run.Subject) {
			names = append(names, run.Subject)
		}
		for _, caution := range run.Cautions {
			if caution = run.Subject + ": " + caution; !slices.Contains(r.Cautions, caution) {
				r.Cautions = append(r.Cautions, caution)
			}
		}
	}
	for _, name := range names {
		r.Subjects = append(r.Subjects, medians(name, r.of(name)))
	}
	for _, l := range r.Scenario.Limits {
		r.Verdicts = append(r.Verdicts, r.judge(l))
	}
}

func (r *Report) of(subject string) (runs []Run) {
	for _, run := range r.Runs {
		if run.Subject == subject {
			runs = append(runs, run)
		}
	}
	return runs
}

func medians(name string, runs []Run) Subject {
	s := Subject{Name: name, Rounds: len(runs)}
	for number := 1; ; number++ {
		var all []Figures
		groups := map[string][]Figures{}
		for _, run := range runs {
			if w := run.wave(number); w != nil {
				all = append(all, w.All)
				for group, figures := range w.Groups {
					groups[group] = append(groups[group], figures)
				}
			}
		}
		if len(all) == 0 {
			return s
		}
		w := Wave{Number: number, All: medianOf(all), Groups: map[string]Figures{}}
		for group, figures := range groups {
			w.Groups[group] = medianOf(figures)
		}
		s.Waves = append(s.Waves, w)
	}
}

// wave finds a wave by its number; 0 is the last.
func (r Run) wave(number int) *Wave {
	if number == 0 && len(r.Waves) > 0 {
		return &r.Waves[len(r.Waves)-1]
	}
	for i := range r.Waves {
		if r.Waves[i].Number == number {
			return &r.Waves[i]
		}
	}
	return nil
}

// last is the wave that stands for the subject.
func (s Subject) last() Figures {
	if len(s.Waves) == 0 {
		return nil
	}
	return s.Waves[len(s.Waves)-1].All
}

func medianOf(all []Figures) Figures {
	values := map[string][]float64{}
	for _, figures := range all {
		for name, v := range figures {
			values[name] = append(values[name], v)
		}
	}
	m := Figures{}
	for name, v := range values {
		m[name] = median(v)
	}
	return m
}

// median of an even number of values is the mean of the two in the middle.
func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	n := len(v)
	return (v[(n-1)/2] + v[n/2]) / 2
}

// Write writes the JSON.
func Write(to io.Writer, r *Report) error {
	e := json.NewEncoder(to)
	e.SetIndent("", " ")
	return e.Encode(r)
}

// largest is a bound on what Read takes: a soak of a day fits.
const largest = 256 << 20

// Read reads what Write wrote.
func Read(from io.Reader) (*Report, error) {
	raw, err := io.ReadAll(io.LimitReader(from, largest))
	if err != nil {
		return nil, err
	}
	r := &Report{}
	if err := json.Unmarshal(raw, r); err != nil {
		return nil, fmt.Errorf("no report of loadtest: %w", err)
	}
	if r.Schema != Schema {
		return nil, fmt.Errorf("a report of schema %d; this program reads %d", r.Schema, Schema)
	}
	if r.Scenario == nil || len(r.Runs) == 0 {
		return nil, errors.New("a report without its scenario or its runs")
	}
	return r, nil
}

// Kept tells whether every limit that could be judged was kept; with strict, whether every limit was.
func (r *Report) Kept(strict bool) bool {
	return !slices.ContainsFunc(r.Verdicts, func(v Verdict) bool { return v.Broken() || strict && !v.Judged })
}

func names(f Figures) []string { return slices.SortedFunc(maps.Keys(f), byCatalogue) }

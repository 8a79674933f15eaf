package report

import (
	"fmt"

	"antenne/loadtest/scenario"
)

// Verdict is what became of a limit.
type Verdict struct {
	Limit   scenario.Limit `json:"limit"`
	Judged  bool           `json:"judged"` // false: what it needs was not measured
	Kept    bool           `json:"kept"`
	Value   float64        `json:"value"`   // the figure, or the ratio
	Allowed float64        `json:"allowed"` // what it is held against
	Words   string         `json:"words"`
}

// Broken tells whether the limit was judged, and not kept.
func (v Verdict) Broken() bool { return v.Judged && !v.Kept }

func (r *Report) judge(l scenario.Limit) Verdict {
	if l.Ratio != nil {
		return r.judgeRatio(l)
	}
	v := Verdict{Limit: l}
	var values []float64
	for _, run := range r.of(Server) {
		if value, ok := run.figure(l.Wave, l.Group, l.Figure); ok {
			values = append(values, value)
		}
	}
	if len(values) == 0 {
		v.Words = nameOf(l) + " was not measured"
		return v
	}
	v.Judged, v.Value = true, median(values)
	if l.Max != nil {
		v.Allowed, v.Kept = *l.Max, v.Value <= *l.Max
		v.Words = fmt.Sprintf("%s is %s, at most %s", nameOf(l), Value(l.Figure, v.Value), Value(l.Figure, v.Allowed))
		return v
	}
	v.Allowed, v.Kept = *l.Min, v.Value >= *l.Min
	v.Words = fmt.Sprintf("%s is %s, at least %s", nameOf(l), Value(l.Figure, v.Value), Value(l.Figure, v.Allowed))
	return v
}

// judgeRatio takes the ratio within each round, then the median: absolute figures do not travel from minute to minute.
func (r *Report) judgeRatio(l scenario.Limit) Verdict {
	v := Verdict{Limit: l, Allowed: *l.Ratio}
	other := l.Other
	if other == "" {
		other = l.Figure
	}
	var ratios, excesses []float64
	for _, run := range r.of(Server) {
		value, ok := run.figure(l.Wave, l.Group, l.Figure)
		reference, known := r.reference(l, run, other)
		if !ok || !known || reference <= 0 && l.Slack == 0 {
			continue
		}
		if reference > 0 {
			ratios = append(ratios, value/reference)
		}
		excesses = append(excesses, value-(reference**l.Ratio+l.Slack))
	}
	if len(excesses) == 0 {
		v.Words = fmt.Sprintf("%s was not held against %s %s: not measured", nameOf(l), l.To, other)
		return v
	}
	v.Judged, v.Kept = true, median(excesses) <= 0
	if len(ratios) > 0 {
		v.Value = median(ratios)
	}
	v.Words = fmt.Sprintf("%s is %s × %s of %s, at most %s ×", nameOf(l), Number(v.Value), other, l.To, Number(v.Allowed))
	if l.Slack > 0 {
		v.Words += " and " + Value(l.Figure, l.Slack)
	}
	return v
}

// reference is the figure that a ratio is taken to, of the same round.
func (r *Report) reference(l scenario.Limit, run Run, figure string) (float64, bool) {
	if wave, ok := l.ToWave(); ok {
		return run.figure(wave, l.Group, figure)
	}
	subject := Stock
	if l.To == "floor" {
		subject = FloorOfAll
	}
	for _, other := range r.of(subject) {
		if other.Round == run.Round {
			return other.figure(0, "", figure)
		}
	}
	return 0, false
}

func (r Run) figure(wave int, group, name string) (float64, bool) {
	w := r.wave(wave)
	if w == nil {
		return 0, false
	}
	figures := w.All
	if group != "" {
		figures = w.Groups[group]
	}
	value, ok := figures[name]
	return value, ok
}

// nameOf names what is limited.
func nameOf(l scenario.Limit) string {
	name := l.Figure
	if l.Group != "" {
		name += " of " + l.Group
	}
	if l.Wave != 0 {
		name += fmt.Sprintf(" in wave %d", l.Wave)
	}
	return name
}

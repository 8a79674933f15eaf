package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// rows of text, in columns that are as wide as they must be; the first is to the left, the others to the right.
type rows [][]string

func (r rows) write(to io.Writer) {
	var widths []int
	for _, row := range r {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range r {
		var line strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			switch i {
			case 0:
				line.WriteString("  " + cell + pad)
			default:
				line.WriteString("  " + pad + cell)
			}
		}
		fmt.Fprintln(to, strings.TrimRight(line.String(), " "))
	}
}

// markdown writes the same for a document.
func (r rows) markdown(to io.Writer) {
	for i, row := range r {
		fmt.Fprintf(to, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			fmt.Fprintf(to, "|%s\n", strings.Repeat("---|", len(row)))
		}
	}
}

// Markdown writes the figures as a table of a document, with the waves where there are several.
func Markdown(to io.Writer, r *Report) {
	r.subjectRows().markdown(to)
	for _, s := range r.Subjects {
		if len(s.Waves) > 1 {
			fmt.Fprintln(to)
			s.waveTable().markdown(to)
		}
	}
}

// Table writes the report for people.
func Table(to io.Writer, r *Report) {
	s := r.Scenario
	fmt.Fprintf(to, "%s (%s)\n", s.Title, s.Name)
	fmt.Fprintf(to, "  %s · %s, %s pacing · %s\n\n", r.where(), s.Teacher.Recording, s.Teacher.Pacing, r.Started.Format("2006-01-02 15:04"))
	r.subjectRows().write(to)
	for _, subject := range r.Subjects {
		subject.waveRows(to)
	}
	r.groupRows(to)
	r.verdicts(to)
	for _, caution := range r.Cautions {
		fmt.Fprintf(to, "  caution: %s\n", caution)
	}
}

func (r *Report) where() string {
	m := r.Machine
	where := fmt.Sprintf("%d cores", m.Cores)
	if m.Processor != "" {
		where += " of " + m.Processor
	}
	if m.Virtual {
		where += " (virtual)"
	}
	return where
}

// titles are the heads of the columns: subjects, and how many rounds each.
func (r *Report) titles() []string {
	titles := []string{""}
	for _, s := range r.Subjects {
		title := s.Name
		if s.Rounds > 1 {
			title += fmt.Sprintf(" (median of %d)", s.Rounds)
		}
		titles = append(titles, title)
	}
	return titles
}

// all are the figures that any subject has in its last wave, in the order of the catalogue.
func (r *Report) all() []string {
	union := Figures{}
	for _, s := range r.Subjects {
		for name := range s.last() {
			union[name] = 0
		}
	}
	return names(union)
}

func (r *Report) subjectRows() rows {
	table := rows{r.titles()}
	for _, name := range r.all() {
		row := []string{name}
		for _, s := range r.Subjects {
			row = append(row, cell(s.last(), name))
		}
		table = append(table, row)
	}
	for _, name := range []string{"cpu.packet", "delay.p99"} {
		table = append(table, r.ratioRows(name)...)
	}
	return table
}

func cell(f Figures, name string) string {
	if v, ok := f[name]; ok {
		return Value(name, v)
	}
	return "–"
}

// ratioRows hold the server against each other subject, round by round.
func (r *Report) ratioRows(name string) (table rows) {
	row := []string{name + ", server ÷ this"}
	found := false
	for _, s := range r.Subjects {
		ratio, ok := r.Ratio(name, s.Name)
		if !ok || s.Name == Server {
			row = append(row, "")
			continue
		}
		found = true
		row = append(row, Number(ratio)+" ×")
	}
	if found {
		table = append(table, row)
	}
	return table
}

// Ratio is the median over the rounds of the server's figure to another subject's.
func (r *Report) Ratio(name, subject string) (float64, bool) {
	var ratios []float64
	for _, run := range r.of(Server) {
		for _, other := range r.of(subject) {
			mine, ok := run.figure(0, "", name)
			its, known := other.figure(0, "", name)
			if ok && known && other.Round == run.Round && its > 0 {
				ratios = append(ratios, mine/its)
			}
		}
	}
	if len(ratios) == 0 {
		return 0, false
	}
	return median(ratios), true
}

// waveFigures are shown of each wave; the others only of the last.
var waveFigures = []string{"viewers", "join.p95", "delay.p50", "delay.p99", "loss.after", "cpu.core", "cpu.packet", "memory.rss"}

func (s Subject) waveRows(to io.Writer) {
	if len(s.Waves) < 2 {
		return
	}
	fmt.Fprintf(to, "\n  %s, wave by wave\n", s.Name)
	s.waveTable().write(to)
}

func (s Subject) waveTable() rows {
	table := rows{append([]string{"wave"}, waveFigures...)}
	for _, w := range s.Waves {
		row := []string{fmt.Sprint(w.Number)}
		for _, name := range waveFigures {
			row = append(row, cell(w.All, name))
		}
		table = append(table, row)
	}
	return table
}

// groupFigures are shown of each group of viewers.
var groupFigures = []string{"viewers", "failed", "join.p95", "delay.p50", "delay.p99", "loss.before", "loss.after", "freezes", "freezes.time", "switches", "sound.silent"}

func (r *Report) groupRows(to io.Writer) {
	for _, s := range r.Subjects {
		if len(s.Waves) == 0 || len(s.Waves[len(s.Waves)-1].Groups) < 2 {
			continue
		}
		fmt.Fprintf(to, "\n  %s, by group\n", s.Name)
		table := rows{append([]string{"group"}, groupFigures...)}
		groups := s.Waves[len(s.Waves)-1].Groups
		for _, g := range r.Scenario.Viewers {
			figures, ok := groups[g.Name]
			if !ok {
				continue
			}
			row := []string{g.Name}
			for _, name := range groupFigures {
				row = append(row, cell(figures, name))
			}
			table = append(table, row)
		}
		table.write(to)
	}
}

func (r *Report) verdicts(to io.Writer) {
	if len(r.Verdicts) == 0 {
		return
	}
	fmt.Fprintln(to, "\n  limits")
	for _, v := range r.Verdicts {
		fmt.Fprintf(to, "    %-10s %s\n", v.mark(), v.Words)
	}
	fmt.Fprintln(to)
}

func (v Verdict) mark() string {
	switch {
	case !v.Judged:
		return "not judged"
	case v.Kept:
		return "kept"
	}
	return "BROKEN"
}

// Compare writes two trials side by side, and what the second is to the first.
func Compare(to io.Writer, a, b *Report) {
	fmt.Fprintf(to, "A  %s, %s, %s\nB  %s, %s, %s\n", a.Scenario.Title, a.Started.Format("2006-01-02 15:04"), a.where(),
		b.Scenario.Title, b.Started.Format("2006-01-02 15:04"), b.where())
	if a.Scenario.Name != b.Scenario.Name || a.where() != b.where() {
		fmt.Fprintln(to, "caution: another scenario or another machine; only ratios to the floor or to stock may be held against each other")
	}
	for _, s := range a.Subjects {
		i := slices.IndexFunc(b.Subjects, func(o Subject) bool { return o.Name == s.Name })
		if i < 0 {
			continue
		}
		before, after := s.last(), b.Subjects[i].last()
		fmt.Fprintf(to, "\n  %s\n", s.Name)
		table := rows{{"", "A", "B", "B ÷ A"}}
		for _, name := range names(before) {
			if _, ok := after[name]; !ok {
				continue
			}
			ratio := "–"
			if before[name] > 0 {
				ratio = Number(after[name] / before[name])
			}
			table = append(table, []string{name, cell(before, name), cell(after, name), ratio})
		}
		table.write(to)
	}
}

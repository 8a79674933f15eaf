package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// Page writes the report as one HTML file that needs nothing else: no script, no request.
func Page(to io.Writer, r *Report) error {
	return page.Execute(to, pageData{
		Title: r.Scenario.Title, About: strings.TrimSpace(r.Scenario.About), Name: r.Scenario.Name,
		Where: r.where(), Kernel: r.Machine.Kernel, Go: r.Machine.Go, When: r.Started.Format("2006-01-02 15:04 MST"),
		Lesson:   r.Scenario.Teacher.Recording + ", " + r.Scenario.Teacher.Pacing + " pacing",
		Verdicts: r.verdictRows(), Cautions: r.Cautions, Plots: r.plots(), Figures: r.figureTable(),
	})
}

type pageData struct {
	Title, About, Name, Where, Kernel, Go, When, Lesson string
	Verdicts                                            []verdictRow
	Cautions                                            []string
	Plots                                               []plot
	Figures                                             pageTable
}

type verdictRow struct{ Mark, Class, Words, Why string }

// plot is a drawing, what its lines are called, and the same as a table.
type plot struct {
	ID, Title, About string
	SVG              template.HTML
	Legend           []legend
	Table            pageTable
}

type legend struct {
	Class, Name string
}

type pageTable struct {
	Caption string
	Head    []string
	Rows    [][]string
}

func (r *Report) verdictRows() (rows []verdictRow) {
	classes := map[string]string{"kept": "kept", "BROKEN": "broken", "not judged": "open"}
	for _, v := range r.Verdicts {
		rows = append(rows, verdictRow{v.mark(), classes[v.mark()], v.Words, v.Limit.Why})
	}
	return rows
}

func (r *Report) figureTable() pageTable {
	t := pageTable{Caption: "Every figure of the last wave", Head: append(r.titles(), "what it is")}
	t.Head[0] = "figure"
	for _, name := range r.all() {
		row := []string{name}
		for _, s := range r.Subjects {
			row = append(row, cell(s.last(), name))
		}
		t.Rows = append(t.Rows, append(row, Describe(name).Means))
	}
	return t
}

func (r *Report) plots() (plots []plot) {
	for _, draw := range []func() (plot, bool){
		r.costPlot, r.delayPlot, r.joinPlot, r.wavePlot,
		func() (plot, bool) {
			return r.timePlot("viewers", "Viewers", "viewers", func(s Second) float64 { return float64(s.Viewers) })
		},
		func() (plot, bool) {
			return r.timePlot("cpu", "Work of the server", "% of a core", func(s Second) float64 { return s.CPU })
		},
		func() (plot, bool) {
			return r.timePlot("rss", "Memory of the server", "MB", func(s Second) float64 { return s.RSS })
		},
		func() (plot, bool) {
			return r.timePlot("late", "Delay, second by second", "ms, 99 %", func(s Second) float64 { return s.Delay })
		},
	} {
		if p, ok := draw(); ok {
			plots = append(plots, p)
		}
	}
	return plots
}

// costPlot holds what a packet costs against the machine's own price.
func (r *Report) costPlot() (plot, bool) {
	b := bars{id: "cost", title: "What one delivered packet costs", y: "µs of CPU"}
	t := pageTable{Caption: "CPU for each delivered packet", Head: []string{"", "µs", "server ÷ this"}}
	for _, s := range r.Subjects {
		if v, ok := s.last()["cpu.packet"]; ok {
			b.names, b.values = append(b.names, s.Name), append(b.values, v)
			ratio, known := r.Ratio("cpu.packet", s.Name)
			row := []string{s.Name, Number(v), "–"}
			if known && s.Name != Server {
				row[2] = Number(ratio) + " ×"
			}
			t.Rows = append(t.Rows, row)
		}
	}
	b.about = "Bars: " + strings.Join(b.names, ", ") + ". The table beside holds the values."
	return plot{ID: b.id, Title: b.title, SVG: b.svg(), Table: t,
		About: "Less is better. The floor is the machine itself: the same packets sealed and sent, and nothing else; segments is its cheapest way (GSO)."}, len(b.values) > 0
}

// spreadPlot plots distributions of the last wave of each subject's first run, and of each group of the server's.
func (r *Report) spreadPlot(kind string, c chart) (plot, bool) {
	t := pageTable{Caption: c.title + ", milliseconds", Head: []string{"at most, for …"}}
	for _, share := range Shares[4:] {
		t.Head = append(t.Head, fmt.Sprintf("%g %%", share*100))
	}
	for _, s := range r.Subjects {
		runs := r.of(s.Name)
		w := runs[0].wave(0)
		if w == nil {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(w.Spread)) {
			group, isGroup := strings.CutPrefix(key, kind+" of ")
			if key != kind && !(isGroup && len(w.Groups) > 1) || len(w.Spread[key]) != len(Shares) {
				continue
			}
			name := s.Name
			if isGroup {
				name += ", " + group
			}
			l := line{name: name}
			row := []string{name}
			for i, ms := range w.Spread[key] {
				l.points = append(l.points, point{ms, Shares[i] * 100})
				if i >= 4 {
					row = append(row, Number(ms))
				}
			}
			c.lines = append(c.lines, l)
			t.Rows = append(t.Rows, row)
		}
	}
	return c.plot(t), len(c.lines) > 0
}

func (c chart) plot(t pageTable) plot {
	p := plot{ID: c.id, Title: c.title, About: c.about, SVG: c.svg(), Table: t}
	for i, l := range c.lines[:min(len(c.lines), mostSeries)] {
		p.Legend = append(p.Legend, legend{fmt.Sprintf("l%d", i), l.name})
	}
	return p
}

func (r *Report) delayPlot() (plot, bool) {
	return r.spreadPlot("delay", chart{id: "delay", title: "How late packets come", x: "milliseconds", y: "% of packets", logX: true,
		about: "The further left and the steeper, the better. From the teacher's send to the kernel's arrival at the viewer; the scale is logarithmic. The first round is shown."})
}

func (r *Report) joinPlot() (plot, bool) {
	return r.spreadPlot("join", chart{id: "join", title: "How soon there is a picture", x: "milliseconds", y: "% of viewers", logX: true,
		about: "The further left and the steeper, the better. From the post of the offer to the first complete keyframe. The first round is shown."})
}

// wavePlot shows how the price of a packet changes with the audience.
func (r *Report) wavePlot() (plot, bool) {
	c := chart{id: "waves", title: "Price and delay as the audience grows", x: "viewers", y: "µs a packet, ms",
		about: "One point for each wave: CPU of the server for each packet, and the delay that 99 % of the packets keep to."}
	t := pageTable{Caption: c.title, Head: append([]string{"wave"}, waveFigures...)}
	for _, s := range r.Subjects {
		cost, late := line{name: s.Name + ", µs a packet"}, line{name: s.Name + ", delay of 99 % in ms"}
		for _, w := range s.Waves {
			if v, ok := w.All["cpu.packet"]; ok {
				cost.points = append(cost.points, point{w.All["viewers"], v})
			}
			late.points = append(late.points, point{w.All["viewers"], w.All["delay.p99"]})
			row := []string{fmt.Sprintf("%s, %d", s.Name, w.Number)}
			for _, name := range waveFigures {
				row = append(row, cell(w.All, name))
			}
			t.Rows = append(t.Rows, row)
		}
		if len(s.Waves) > 1 {
			c.lines = append(c.lines, cost, late)
		}
	}
	return c.plot(t), len(c.lines) > 0
}

// timePlot plots one figure of the server's first run over its time.
func (r *Report) timePlot(id, title, unit string, of func(Second) float64) (plot, bool) {
	runs := r.of(Server)
	if len(runs) == 0 || len(runs[0].Timeline) < 2 {
		return plot{}, false
	}
	timeline := runs[0].Timeline
	l := line{name: title}
	for _, s := range timeline {
		if v := of(s); v >= 0 {
			l.points = append(l.points, point{s.At, v})
		}
	}
	c := chart{id: id, title: title, x: "seconds", y: unit, lines: []line{l}, about: "Second by second, the server's first round."}
	t := pageTable{Caption: title, Head: []string{"from second", unit}}
	for _, at := range tenths(len(l.points)) {
		t.Rows = append(t.Rows, []string{Number(l.points[at].x), Number(l.points[at].y)})
	}
	p := c.plot(t)
	p.Legend = nil
	return p, len(l.points) > 1
}

// tenths are at most eleven places in n, the first and the last among them.
func tenths(n int) (places []int) {
	for i := range 11 {
		at := (n - 1) * i / 10
		if n > 0 && (len(places) == 0 || places[len(places)-1] != at) {
			places = append(places, at)
		}
	}
	return places
}

package report

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"
)

// Plots are drawn as SVG, in a box of these units; the page scales it.
const (
	plotWide, plotHigh      = 380.0, 230.0
	plotLeft, plotRight     = 46.0, 10.0
	plotTop, plotBottom     = 12.0, 38.0
	mostPlotted             = 600 // points of a line
	leastOnLog              = 0.01
	mostOnAxis              = 1e15
	ticksWanted, mostSeries = 5, 6
)

// point of a line.
type point struct{ x, y float64 }

// line is one thing plotted; lines differ by colour and by dashes, since some people see one of them only.
type line struct {
	name   string
	points []point
}

// axis maps values to units of the drawing.
type axis struct {
	title    string
	from, to float64
	log      bool
	low      float64 // where from lies in the drawing
	high     float64 // where to lies
}

func (a axis) at(v float64) float64 {
	from, to := a.from, a.to
	if a.log {
		v, from, to = math.Log10(max(v, leastOnLog)), math.Log10(from), math.Log10(to)
	}
	if to <= from {
		return a.low
	}
	return a.low + (min(max(v, from), to)-from)/(to-from)*(a.high-a.low)
}

// ticks are round values on the axis.
func (a axis) ticks() (ticks []float64) {
	if a.log {
		for v := a.from; v <= a.to*1.0001; v *= 10 {
			ticks = append(ticks, v)
		}
		return ticks
	}
	step := niceStep((a.to - a.from) / ticksWanted)
	for v := math.Ceil(a.from/step) * step; v <= a.to+step/1000; v += step {
		ticks = append(ticks, v)
	}
	return ticks
}

func niceStep(rough float64) float64 {
	if !(rough > 0) || math.IsInf(rough, 0) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(rough)))
	for _, nice := range []float64{1, 2, 5} {
		if nice*power >= rough {
			return nice * power
		}
	}
	return 10 * power
}

// spread makes an axis that holds the values: from 0, or whole powers of ten.
func spread(title string, values []float64, log bool) axis {
	a := axis{title: title, to: 1, log: log}
	if len(values) > 0 {
		a.to = min(slices.Max(values), mostOnAxis)
	}
	if log {
		least := math.Inf(1)
		for _, v := range values {
			if v > 0 {
				least = min(least, v)
			}
		}
		least = min(max(least, leastOnLog), max(a.to, leastOnLog))
		a.from = math.Pow(10, math.Floor(math.Log10(least)))
		a.to = math.Pow(10, math.Ceil(math.Log10(max(a.to, least*1.01))))
		return a
	}
	if a.to <= 0 {
		a.to = 1
	}
	step := niceStep(a.to / ticksWanted)
	a.to = math.Ceil(a.to/step) * step
	return a
}

// chart is one plot with lines.
type chart struct {
	id, title, about string
	x, y             string
	logX, logY       bool
	lines            []line
}

func (c chart) svg() template.HTML {
	var xs, ys []float64
	for _, l := range c.lines {
		for _, p := range l.points {
			xs, ys = append(xs, p.x), append(ys, p.y)
		}
	}
	x, y := spread(c.x, xs, c.logX), spread(c.y, ys, c.logY)
	if !c.logX && len(xs) > 0 {
		x.to = max(min(slices.Max(xs), mostOnAxis), x.from+1e-9) // a time ends where it ends
	}
	x.low, x.high = plotLeft, plotWide-plotRight
	y.low, y.high = plotHigh-plotBottom, plotTop
	d := newDrawing(c.id, c.title, c.about)
	d.axes(x, y)
	for i, l := range c.lines[:min(len(c.lines), mostSeries)] {
		d.line(i, thin(l.points), x, y)
	}
	return d.end()
}

// thin keeps a drawing small: of many points, some.
func thin(points []point) []point {
	if len(points) <= mostPlotted {
		return points
	}
	every := (len(points) + mostPlotted - 1) / mostPlotted
	var kept []point
	for i := 0; i < len(points); i += every {
		kept = append(kept, points[i])
	}
	return append(kept, points[len(points)-1])
}

// bars is one plot with a bar for each name.
type bars struct {
	id, title, about, y string
	names               []string
	values              []float64
}

func (b bars) svg() template.HTML {
	y := spread(b.y, b.values, false)
	y.low, y.high = plotHigh-plotBottom, plotTop
	d := newDrawing(b.id, b.title, b.about)
	d.side(y)
	each := (plotWide - plotLeft - plotRight) / float64(max(len(b.values), 1))
	for i, v := range b.values {
		left, top := plotLeft+each*(float64(i)+0.2), y.at(v)
		d.add(`<rect class="s%d" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, i%mostSeries, left, top, each*0.6, max(y.low-top, 0.5))
		d.add(`<text class="value" text-anchor="middle" x="%.1f" y="%.1f">%s</text>`, left+each*0.3, top-3, Number(v))
		for n, word := range strings.Split(b.names[i], "/") {
			d.add(`<text text-anchor="middle" x="%.1f" y="%.1f">%s</text>`, left+each*0.3, y.low+13+11*float64(n), template.HTMLEscapeString(word))
		}
	}
	return d.end()
}

// drawing writes SVG. Everything that is not a number is escaped.
type drawing struct{ text strings.Builder }

func newDrawing(id, title, about string) *drawing {
	d := &drawing{}
	d.add(`<svg viewBox="0 0 %g %g" role="img" aria-labelledby="%s-t %s-d"><title id="%s-t">%s</title><desc id="%s-d">%s</desc>`,
		plotWide, plotHigh, id, id, id, template.HTMLEscapeString(title), id, template.HTMLEscapeString(about))
	return d
}

func (d *drawing) add(format string, args ...any) { fmt.Fprintf(&d.text, format, args...) }

func (d *drawing) end() template.HTML {
	d.add("</svg>")
	return template.HTML(d.text.String())
}

// side draws the grid, and the values on the left.
func (d *drawing) side(y axis) {
	for _, v := range y.ticks() {
		at := y.at(v)
		d.add(`<line class="grid" x1="%g" y1="%.1f" x2="%g" y2="%.1f"/>`, plotLeft, at, plotWide-plotRight, at)
		d.add(`<text text-anchor="end" x="%g" y="%.1f">%s</text>`, plotLeft-4, at+3.5, Number(v))
	}
	d.add(`<text class="title" text-anchor="middle" transform="rotate(-90)" x="%.1f" y="11">%s</text>`, -(y.low+y.high)/2, template.HTMLEscapeString(y.title))
}

func (d *drawing) axes(x, y axis) {
	d.side(y)
	for _, v := range x.ticks() {
		d.add(`<text text-anchor="middle" x="%.1f" y="%.1f">%s</text>`, x.at(v), y.low+13, Number(v))
	}
	d.add(`<text class="title" text-anchor="middle" x="%.1f" y="%.1f">%s</text>`, (x.low+x.high)/2, plotHigh-6, template.HTMLEscapeString(x.title))
}

func (d *drawing) line(n int, points []point, x, y axis) {
	if len(points) == 0 {
		return
	}
	d.add(`<polyline class="l%d" points="`, n)
	for _, p := range points {
		d.add("%.1f,%.1f ", x.at(p.x), y.at(p.y))
	}
	d.add(`"/>`)
	if len(points) == 1 {
		d.add(`<circle class="s%d" cx="%.1f" cy="%.1f" r="3"/>`, n, x.at(points[0].x), y.at(points[0].y))
	}
}

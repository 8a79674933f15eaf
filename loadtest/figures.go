package main

import (
	"maps"
	"slices"
	"time"

	"antenne/loadtest/report"
	"antenne/sfu/peer"
)

// addFigures adds what another group met.
func addFigures(to *peer.Figures, f peer.Figures) {
	to.Viewers += f.Viewers
	for _, pair := range [][2]*uint64{
		{&to.Joins, &f.Joins}, {&to.Ends, &f.Ends}, {&to.Packets, &f.Packets}, {&to.Bytes, &f.Bytes}, {&to.WireBytes, &f.WireBytes},
		{&to.Sounds, &f.Sounds}, {&to.Duplicates, &f.Duplicates}, {&to.Missing, &f.Missing}, {&to.Asked, &f.Asked}, {&to.Repaired, &f.Repaired},
		{&to.RTX, &f.RTX}, {&to.PLIs, &f.PLIs}, {&to.Lost, &f.Lost}, {&to.Unread, &f.Unread}, {&to.Forged, &f.Forged}, {&to.Strange, &f.Strange},
		{&to.Frames, &f.Frames}, {&to.FramesLost, &f.FramesLost}, {&to.Keyframes, &f.Keyframes}, {&to.Freezes, &f.Freezes},
		{&to.Switches, &f.Switches}, {&to.Silences, &f.Silences},
	} {
		*pair[0] += *pair[1]
	}
	to.Frozen += f.Frozen
	to.Silent += f.Silent
	for _, pair := range [][2]*peer.Histogram{
		{&to.Answered, &f.Answered}, {&to.Connected, &f.Connected}, {&to.FirstSound, &f.FirstSound},
		{&to.FirstKeyframe, &f.FirstKeyframe}, {&to.Delay, &f.Delay}, {&to.DelayFrame, &f.DelayFrame},
	} {
		pair[0].Merge(pair[1])
	}
}

// figures says what a wave met: what happened while it came, and in the time that was measured.
func (t *trial) figures(number int, before, came, start, end look) report.Wave {
	w := report.Wave{Number: number, All: report.Figures{}, Groups: map[string]report.Figures{}, Spread: map[string]report.Spread{}}
	var joins, window peer.Figures
	var door tally
	for _, name := range slices.Sorted(maps.Keys(end.groups)) {
		ofJoins, ofWindow := end.groups[name].Sub(before.groups[name]), end.groups[name].Sub(start.groups[name])
		happened := end.door[name]
		ofDoor := happened.minus(before.door[name])
		f := report.Figures{}
		viewerFigures(f, ofJoins, ofWindow, ofDoor, end.at.Sub(start.at))
		w.Groups[name] = f
		spreads(w.Spread, " of "+name, ofJoins, ofWindow)
		addFigures(&joins, ofJoins)
		addFigures(&window, ofWindow)
		door.add(ofDoor)
	}
	viewerFigures(w.All, joins, window, door, end.at.Sub(start.at))
	spreads(w.Spread, "", joins, window)
	if t.teacher != nil {
		w.All["keyframes.asked"] = float64(end.asked - before.asked)
	}
	if sent := t.sentToOne(start.at, end.at); sent > 0 && window.Viewers > 0 && !t.changing(number) {
		w.All["delivered"] = 100 * float64(window.Packets) / (float64(sent) * float64(window.Viewers))
	}
	t.serverFigures(w.All, came.sum().Sub(before.sum()), window, before, came, start, end)
	w.All["crowd.unread"] = float64(window.Unread)
	w.All["steal"] = 100 * end.time.StolenShare(start.time)
	w.All["crowd.core"] = 100 * (end.own.CPU - start.own.CPU).Seconds() / end.at.Sub(start.at).Seconds()
	t.mu.Lock()
	defer t.mu.Unlock()
	growth(w.All, t.seconds, number)
	return w
}

// sentToOne is how many packets the teacher sent of the sound and of the highest picture: what a viewer gets at best.
func (t *trial) sentToOne(from, to time.Time) (n int) {
	if t.teacher == nil {
		return 0
	}
	for _, s := range t.teacher.Log(from, to) {
		if s.Layer <= 1 {
			n++
		}
	}
	return n
}

// viewerFigures are what viewers met; joins since the wave began to come, the rest in the measured time.
func viewerFigures(f report.Figures, joins, window peer.Figures, door tally, lasted time.Duration) {
	f["viewers"] = float64(window.Viewers)
	f["joined"] = float64(joins.Joins)
	f["ended"] = float64(joins.Ends)
	f["failed"], f["failed.silent"], f["refused"] = float64(door.failed), float64(door.silent), float64(door.refused)
	for code, n := range door.codes {
		if n > 0 {
			f["refused."+code] = float64(n)
		}
	}
	quantiles(f, "join", &joins.FirstKeyframe, true)
	if joins.Answered.Count() > 0 {
		f["answer.p50"], f["answer.p95"] = ms(joins.Answered.Quantile(0.5)), ms(joins.Answered.Quantile(0.95))
		f["connected.p95"] = ms(joins.Connected.Quantile(0.95))
	}
	quantiles(f, "delay", &window.Delay, true)
	expected := window.Packets + window.Missing
	f["loss.before"], f["loss.after"] = share(window.Missing+window.Repaired, expected), share(window.Missing, expected)
	f["frames.lost"] = share(window.FramesLost, window.Frames+window.FramesLost)
	f["freezes"], f["switches"] = float64(window.Freezes), float64(window.Switches)
	if present := float64(window.Viewers) * lasted.Seconds(); present > 0 {
		f["freezes.time"] = 100 * window.Frozen.Seconds() / present
		f["sound.silent"] = 100 * window.Silent.Seconds() / present
	}
	f["packets"] = float64(window.Packets) / lasted.Seconds()
	f["rate"] = float64(window.Bytes) * 8 / 1e6 / lasted.Seconds()
}

func quantiles(f report.Figures, name string, h *peer.Histogram, most bool) {
	if h.Count() == 0 {
		return
	}
	f[name+".p50"], f[name+".p95"], f[name+".p99"] = ms(h.Quantile(0.5)), ms(h.Quantile(0.95)), ms(h.Quantile(0.99))
	if most {
		f[name+".max"] = ms(h.Quantile(1))
	}
}

// spreads are the distributions behind the quantiles, for plots.
func spreads(to map[string]report.Spread, of string, joins, window peer.Figures) {
	for name, h := range map[string]*peer.Histogram{"join": &joins.FirstKeyframe, "delay": &window.Delay} {
		if h.Count() == 0 {
			continue
		}
		spread := make(report.Spread, len(report.Shares))
		for i, q := range report.Shares {
			spread[i] = ms(h.Quantile(q))
		}
		to[name+of] = spread
	}
}

// serverFigures are what the server spent, where it can be known.
func (t *trial) serverFigures(f report.Figures, coming, window peer.Figures, before, came, start, end look) {
	if g, ok := end.said[goroutinesName]; ok {
		f["goroutines"] = g
		if was, known := t.empty.said[goroutinesName]; known && window.Viewers > 0 {
			f["goroutines.viewer"] = (g - was) / float64(window.Viewers)
		}
	}
	lasted := end.at.Sub(start.at)
	dropFigures(f, start.said, end.said, lasted)
	if !start.known || !end.known {
		return
	}
	spent := end.process.CPU - start.process.CPU
	costFigures(f, spent, window.Packets, window.Bytes, int(window.Viewers), lasted)
	switched := end.process.Voluntary + end.process.Involuntary - start.process.Voluntary - start.process.Involuntary
	if window.Packets > 0 && end.process.Threads >= start.process.Threads { // a thread that ended took its count along
		f["wakeups.packet"] = float64(switched) / float64(window.Packets)
	}
	if before.known && came.known && coming.Joins > 0 {
		f["cpu.join"] = ms(came.process.CPU-before.process.CPU) / float64(coming.Joins)
	}
	f["memory.rss"], f["memory.peak"] = megabytes(end.process.RSS), megabytes(end.process.Peak)
	if t.empty.known && window.Viewers > 0 {
		f["memory.viewer"] = float64(end.process.RSS-t.empty.process.RSS) / 1e3 / float64(window.Viewers)
	}
}

// costFigures hold CPU time against what was delivered for it.
func costFigures(f report.Figures, spent time.Duration, packets, bytes uint64, viewers int, lasted time.Duration) {
	core := spent.Seconds() / lasted.Seconds()
	f["cpu.core"] = 100 * core
	if packets > 0 && spent > 0 {
		f["cpu.packet"] = float64(spent) / float64(time.Microsecond) / float64(packets)
		f["cpu.gbit"] = spent.Seconds() / (float64(bytes) * 8 / 1e9)
		f["cpu.viewers"] = float64(viewers) / core
	}
}

// dropFigures are what the server says it dropped, by its own reasons.
func dropFigures(f report.Figures, start, end measures, lasted time.Duration) {
	before, after := start.drops(), end.drops()
	if len(after) == 0 {
		return
	}
	total := 0.0
	for reason, n := range after {
		if n -= before[reason]; n > 0 {
			f["drops."+reason] = n / lasted.Seconds()
			total += n
		}
	}
	f["drops"] = total / lasted.Seconds()
}

// growth holds the last third of the measured time against the first.
func growth(f report.Figures, seconds []report.Second, wave int) {
	var memory, goroutines []float64
	for _, s := range seconds {
		if s.Measured && s.Wave == wave && s.RSS >= 0 {
			memory = append(memory, s.RSS)
		}
		if s.Measured && s.Wave == wave && s.Goroutines >= 0 {
			goroutines = append(goroutines, s.Goroutines)
		}
	}
	for name, values := range map[string][]float64{"memory.growth": memory, "goroutines.growth": goroutines} {
		if third := len(values) / 3; third > 0 {
			f[name] = mean(values[len(values)-third:]) - mean(values[:third])
		}
	}
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// into adds what became of the questions.
func (r *register) into(f report.Figures) {
	lost, doubled := r.count()
	r.mu.Lock()
	defer r.mu.Unlock()
	refused := 0
	for _, n := range r.refusals {
		refused += n
	}
	f["questions.asked"] = float64(len(r.fates) + refused)
	f["questions.refused"] = float64(refused)
	f["questions.lost"], f["questions.doubled"] = float64(lost), float64(doubled)
	for name, p := range map[string]int{"questions.p50": 50, "questions.p95": 95, "questions.p99": 99} {
		if d, ok := r.delivered.rank(p); ok {
			f[name] = ms(d)
		}
	}
}

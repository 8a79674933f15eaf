package sfu

import (
	"math"
	"time"
)

const (
	// lowBudget is what all pictures together may cost a viewer that asked for
	// the cheapest: 52 MB an hour, under 80 with a voice of 32 kbit/s and all
	// overhead.
	lowBudget = 115e3

	// oversize is how much larger than its place a picture may be before a
	// smaller one does as well.
	oversize = 1.3

	// keepRoom lets a rung stay while its bits swing above what it was taken
	// for, so that a livelier scene does not make pictures come and go.
	keepRoom = 1.2

	// A keyframe or a page turned swings further, for a moment.
	swingTime = 3 * time.Second

	// Where a viewer asked for little on a line that holds more, it is the hour
	// that counts: nothing is taken away before it is known what something new
	// costs once it has come.
	littleTime  = 12 * time.Second
	littleSwing = 3 // so many times what was asked for the line has to hold

	// cheaper is the share of the next better choice below which another one is
	// worth having: less saves nothing that a line would feel.
	cheaper = 0.9

	stillShare = 0.04 // of its layer's base: a keyframe in ten seconds or so
	stillLeast = 3e3
)

// What a stream costs until it has been measured, in bits/s.
var (
	layerGuess = [layerCount]float64{1.4e6, 450e3, 110e3}
	voiceGuess = 50e3
)

// choice is one rung a line may have, and what it costs.
type choice struct {
	rung
	bits float64
}

// choices are those of one picture, best first; the last costs nothing.
type choices struct {
	slot Slot
	was  rung // before
	list [layerCount*temporalCount + 2]choice
	n    int
	at   int // the one taken
	kept int // the one to go back to
}

// ladder chooses for one viewer what it gets on each line. Sound is never
// touched. Pictures share what the line is believed to hold (see capacity):
// slides first, then the faces alike. Owned by the lane.
//
// Before the first reports nothing is known, and a viewer begins with what its
// place can show: a wall of a centre would be blurred for the whole room while
// a line that holds it is tried out, and one that does not is found out with
// the first two reports. A family begins at mid at most: a phone shows hardly
// more, its line is the likelier to choke, and high comes by itself after some
// calm seconds.
type ladder struct {
	line   capacity
	rungs  []rung          // of the last choice, in the order of its menus
	last   [slotCount]rung // the same by slot
	had    [slotCount]bool // last is meaningful
	sent   float64         // bits/s of the last choice
	swings time.Time       // since when a rung has swung out of its room; zero when none does
	proven bool            // a family's line has been calm for a while
}

// choose gives a rung for each menu, in the same order. The slice is the
// ladder's own and holds until the next call. It is cheap enough for each round
// of a lane, and allocates once in a ladder's life.
func (l *ladder) choose(in ladderInput) []rung {
	l.line.note(&in, l.sent)
	l.proven = l.proven || l.line.calm(in.now, firstWait)
	var table [slotCount]choices
	pictures, sound := l.fillTable(&in, &table)
	l.share(&in, pictures, sound)
	return l.settle(&in, pictures, sound)
}

// fillTable lists the choices of each picture, and what the sounds cost.
func (l *ladder) fillTable(in *ladderInput, table *[slotCount]choices) (pictures []choices, sound float64) {
	n := 0
	for i := range in.menus {
		m := &in.menus[i]
		if m.slot.IsAudio() {
			sound += voiceBits(m)
			continue
		}
		c := &table[n]
		n++
		*c = choices{slot: m.slot}
		if l.had[m.slot] {
			c.was = l.last[m.slot]
		} else {
			c.was = rung{mode: modeOff}
		}
		c.gather(in, m, l.topLayer(in))
	}
	return table[:n], sound
}

func voiceBits(m *menu) float64 {
	if !m.alive() {
		return 0
	}
	if bits := m.layers[High].bits[temporalCount-1]; bits > 0 {
		return bits
	}
	return voiceGuess
}

// topLayer is the best layer that wish and ceiling allow.
func (l *ladder) topLayer(in *ladderInput) Layer {
	switch {
	case in.wish.Picture == PictureLow || in.ceiling >= ceilingLow:
		return Low
	case in.ceiling == ceilingMid || in.home && !l.proven:
		return Mid
	default:
		return High
	}
}

// gather lists what the source of m can give within the limits.
func (c *choices) gather(in *ladderInput, m *menu, top Layer) {
	if !m.alive() {
		c.await(in, top)
		return
	}
	best, least := m.bounds(in.wish, top)
	if in.wish.Picture != PictureNone && in.ceiling < ceilingStill {
		for layer := best; layer <= least; layer++ {
			if m.layers[layer].alive {
				c.gatherLayer(m, layer, layer == least, m.topTemporal(in, layer, top))
			}
		}
	}
	if in.wish.Picture != PictureNone {
		base := m.layers[least].cost(least, 0)
		c.add(choice{rung{layer: least, mode: modeStill}, max(stillLeast, stillShare*base)})
	}
	c.add(choice{rung: rung{layer: least, mode: modeOff}})
}

// await is for a line that is not fed: it costs nothing, and what comes may
// begin at once, before it is measured.
func (c *choices) await(in *ladderInput, top Layer) {
	r := rung{layer: top, temporal: temporalCount - 1}
	switch {
	case in.wish.Picture == PictureNone:
		r.mode = modeOff
	case in.ceiling == ceilingStill:
		r.mode = modeStill
	}
	c.add(choice{rung: r})
}

func (m *menu) alive() bool {
	for i := range m.layers {
		if m.layers[i].alive {
			return true
		}
	}
	return false
}

func (c *choices) add(x choice) {
	c.list[c.n] = x
	c.n++
}

// bounds are the best and the smallest layer to choose from: not above top, not
// much larger than the place where it is shown, where there is a smaller one.
func (m *menu) bounds(w Wish, top Layer) (best, least Layer) {
	least = High
	for l := High; l < layerCount; l++ {
		if m.layers[l].alive {
			least = l
		}
	}
	for best = High; best < least; best++ {
		o := &m.layers[best]
		if o.alive && best >= top && !o.exceeds(w) {
			break
		}
	}
	return best, least
}

// exceeds tells whether the picture is much larger than the place it is fitted
// into.
func (o *offered) exceeds(w Wish) bool {
	wide := w.Width > 0 && float64(o.width) > oversize*float64(w.Width)
	high := w.Height > 0 && float64(o.height) > oversize*float64(w.Height)
	return wide || high
}

// topTemporal is the most frames that may be taken of the layer: where a source
// has no layer as small as the ceiling asks for, fewer frames of what it has
// shed load as well.
func (m *menu) topTemporal(in *ladderInput, layer, top Layer) uint8 {
	if in.ceiling == ceilingNone || layer >= top {
		return temporalCount - 1
	}
	if in.ceiling == ceilingMid {
		return 1
	}
	return 0
}

// gatherLayer lists the temporal steps of a layer: for the smallest all of
// them, else those that still move well. Each has to cost less than what is
// better.
func (c *choices) gatherLayer(m *menu, layer Layer, smallest bool, top uint8) {
	steps := 0
	for t := int(top); t >= 0; t-- {
		bits := m.layers[layer].cost(layer, t)
		if c.n > 0 && bits >= cheaper*c.list[c.n-1].bits {
			continue
		}
		if steps++; steps > 2 && !smallest {
			return
		}
		c.add(choice{rung{layer: layer, temporal: uint8(t)}, bits})
	}
}

func (o *offered) cost(layer Layer, temporal int) float64 {
	if bits := o.bits[temporal]; bits > 0 {
		return bits
	}
	return layerGuess[layer]
}

// fit takes the best choice that room holds.
func (c *choices) fit(room, keep float64) {
	for i := range c.list[:c.n] {
		x := &c.list[i]
		need := x.bits
		if x.rung == c.was {
			need /= keep
		}
		if need <= room {
			c.at = i
			return
		}
	}
	c.at = c.n - 1
}

// shown is the rung that is taken; where a line holds nothing, a still, which
// comes as slowly as it has to. That nothing at all is shown, only the page may
// wish.
func (c *choices) shown() rung {
	if c.at == c.n-1 && c.n > 1 {
		return c.list[c.n-2].rung
	}
	return c.list[c.at].rung
}

func (c *choices) bits() float64 { return c.list[c.at].bits }

// divide shares room between the pictures: slides first, then the faces alike,
// each of which may take what another leaves.
func divide(pictures []choices, room, keep float64) {
	faces := 0
	for i := range pictures {
		if c := &pictures[i]; c.slot == Slides {
			c.fit(room, keep)
			room = max(0, room-c.bits())
		} else {
			c.at = c.n - 1
			faces++
		}
	}
	room = fitFaces(pictures, room, max(0, room)/float64(max(faces, 1)), keep)
	fitFaces(pictures, room, 0, keep)
}

// fitFaces gives each face what it has, and each more or all of the room, and
// tells what is left.
func fitFaces(pictures []choices, room, each, keep float64) float64 {
	for i := range pictures {
		c := &pictures[i]
		if c.slot == Slides {
			continue
		}
		had := c.bits()
		if each > 0 {
			c.fit(had+each, keep)
		} else {
			c.fit(had+room, keep)
		}
		room = max(0, room+had-c.bits())
	}
	return room
}

func total(pictures []choices) float64 {
	sum := 0.0
	for i := range pictures {
		sum += pictures[i].bits()
	}
	return sum
}

// share divides what the line holds, and takes a step up where that is due.
func (l *ladder) share(in *ladderInput, pictures []choices, sound float64) {
	most, keep := math.Inf(1), keepRoom
	if in.wish.Picture == PictureLow {
		most, keep = lowBudget, 1.3
	}
	tight := l.line.tight
	if l.line.tight = false; tight {
		keep = 1
	}
	divide(pictures, most, keep)
	want := total(pictures)
	l.divideCalmly(in, pictures, most, l.line.hold-sound, keep)
	have := total(pictures)
	switch {
	case have >= want:
		l.line.unbound(in.now)
	case l.line.calm(in.now, firstWait):
		l.climb(in, pictures, most, sound, want)
	}
}

// divideCalmly lets what goes out swing out of its room for a moment, unless
// the line itself is in trouble; for longer out of what the page wants at most,
// and then nothing has to wait for it.
func (l *ladder) divideCalmly(in *ladderInput, pictures []choices, most, line, keep float64) {
	divide(pictures, min(most, line), keep)
	if keep == 1 || !falls(pictures) {
		l.swings = time.Time{}
		return
	}
	if l.swings.IsZero() {
		l.swings = in.now
	}
	swing := in.now.Sub(l.swings)
	little := in.wish.Picture == PictureLow && line >= littleSwing*most
	switch {
	case little && swing < littleTime:
		stay(pictures, true)
	case !little && swing < swingTime:
		stay(pictures, false)
	default:
		l.swings = time.Time{}
	}
}

// falls tells whether a picture goes down from a rung that it may have.
func falls(pictures []choices) bool {
	for i := range pictures {
		if c := &pictures[i]; c.before() < c.at {
			return true
		}
	}
	return false
}

// stay leaves each picture where it was, if it may; rise lets those go up that
// would.
func stay(pictures []choices, rise bool) {
	for i := range pictures {
		if c := &pictures[i]; c.before() < c.n && !(rise && c.at < c.before()) {
			c.at = c.before()
		}
	}
}

// before is the place of the rung before in the list, n when it is not there.
func (c *choices) before() int {
	for i := range c.list[:c.n] {
		if c.list[i].rung == c.was {
			return i
		}
	}
	return c.n
}

const (
	climbGrain = 1.1 // fineness of the search for the next step
	climbLeast = 1.15
)

// climb looks for the smallest step up, and takes it when the line has been
// calm for long enough.
func (l *ladder) climb(in *ladderInput, pictures []choices, most, sound, want float64) {
	have := total(pictures)
	for i := range pictures {
		pictures[i].kept = pictures[i].at
	}
	hold := sound + max(have, stillLeast)
	for total(pictures) < min(want, climbLeast*have+stillLeast) && hold < 2*(sound+want) {
		hold *= climbGrain
		divide(pictures, min(most, hold-sound), 1)
	}
	if next := total(pictures) + sound; next > have+sound && l.line.mayCarry(in.now, next) {
		l.line.try(in.now, have+sound, max(hold, l.line.hold))
		return
	}
	for i := range pictures {
		pictures[i].at = pictures[i].kept
	}
}

// settle writes the choice down and gives it in the order of the menus.
func (l *ladder) settle(in *ladderInput, pictures []choices, sound float64) []rung {
	if l.rungs == nil {
		l.rungs = make([]rung, 0, slotCount)
	}
	l.rungs, l.had = l.rungs[:0], [slotCount]bool{}
	l.sent = sound + total(pictures)
	for i := range in.menus {
		if in.menus[i].slot.IsAudio() {
			l.rungs = append(l.rungs, rung{temporal: temporalCount - 1})
			continue
		}
		c := &pictures[0]
		pictures = pictures[1:]
		r := c.shown()
		l.last[c.slot], l.had[c.slot] = r, true
		l.rungs = append(l.rungs, r)
	}
	return l.rungs
}

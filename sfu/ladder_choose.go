package sfu

// ladder chooses for one viewer what it gets on each line. Owned by the lane.
type ladder struct {
	rungs []rung // of the last choice
}

// choose gives a rung for each menu, in the same order. The slice is the
// ladder's own and holds until the next call.
func (l *ladder) choose(in ladderInput) []rung {
	l.rungs = l.rungs[:0]
	for i := range in.menus {
		l.rungs = append(l.rungs, topRung(&in, &in.menus[i]))
	}
	return l.rungs
}

// topRung is the most that wish, place and ceiling allow for m.
func topRung(in *ladderInput, m *menu) rung {
	r := rung{temporal: temporalCount - 1}
	if m.slot.IsAudio() {
		return r
	}
	if in.wish.Picture == PictureNone {
		r.mode = modeOff
		return r
	}
	best := High
	if in.ceiling >= ceilingMid {
		best = Mid
	}
	if in.ceiling >= ceilingLow || in.wish.Picture == PictureLow {
		best = Low
	}
	r.layer = nearestAlive(m, best)
	if in.ceiling == ceilingStill {
		r.mode = modeStill
	}
	return r
}

// nearestAlive is the best layer not above the wanted one that lives, else the
// smallest that does.
func nearestAlive(m *menu, best Layer) Layer {
	for l := best; l < layerCount; l++ {
		if m.layers[l].alive {
			return l
		}
	}
	for l := int(best) - 1; l >= 0; l-- {
		if m.layers[l].alive {
			return Layer(l)
		}
	}
	return best
}

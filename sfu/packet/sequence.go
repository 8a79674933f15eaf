package packet

// Unwrapper extends 16-bit sequence numbers over their roll-overs. The zero
// value is ready; the first number starts one full turn up, so that packets
// that come late at the very start do not fall below zero.
type Unwrapper struct {
	highest uint64
	started bool
}

// Extend gives the extended number of seq: the one nearest to the highest seen.
func (u *Unwrapper) Extend(seq uint16) uint64 {
	if !u.started {
		u.started = true
		u.highest = 1<<16 + uint64(seq)
		return u.highest
	}
	ext := nearest(u.highest, seq)
	if ext > u.highest {
		u.highest = ext
	}
	return ext
}

// nearest is the extended number ending in seq that is closest to around.
func nearest(around uint64, seq uint16) uint64 {
	return uint64(int64(around) + int64(int16(seq-uint16(around))))
}

// gapMemory is how many dropped sequence numbers a Gaps remembers: a packet
// later than that many padding packets is given up.
const gapMemory = 64

// Gaps closes the holes that dropped padding-only packets leave in a sequence.
// It remembers the last of them so that packets that come late still land where
// they belong. The zero value is ready.
type Gaps struct {
	dropped [gapMemory]uint64 // ascending order of arrival, ring
	count   uint64            // dropped in all
	highest uint64            // highest extended number that was passed on
}

// Drop takes note that the packet ext carries nothing. A packet that comes
// after its successors went out leaves its hole: it cannot be closed any more.
func (g *Gaps) Drop(ext uint64) bool {
	if ext <= g.highest {
		return false
	}
	g.dropped[g.count%gapMemory] = ext
	g.count++
	return true
}

// Close gives the number of ext in the sequence without holes.
func (g *Gaps) Close(ext uint64) uint64 {
	if ext > g.highest {
		g.highest = ext
	}
	n := min(g.count, gapMemory)
	before := g.count - n
	for i := range n {
		if g.dropped[(before+i)%gapMemory] < ext {
			continue
		}
		return ext - (before + i) - g.laterBelow(ext, before+i, n-i)
	}
	return ext - g.count
}

// laterBelow counts the dropped numbers under ext among n entries from at on:
// they may have come out of order.
func (g *Gaps) laterBelow(ext, at, n uint64) uint64 {
	var below uint64
	for i := range n {
		if g.dropped[(at+i)%gapMemory] < ext {
			below++
		}
	}
	return below
}

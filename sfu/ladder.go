package sfu

import "time"

// mode says how much of a layer a viewer gets.
type mode uint8

const (
	modeFull  mode = iota // every frame up to the temporal layer
	modeStill             // keyframes only: a picture now and then
	modeOff               // nothing
)

var modeNames = [...]string{"full", "still", "off"}

// String is the name of the mode in figures and logs.
func (m mode) String() string { return modeNames[m] }

// rungCeiling is the most that a viewer may have, whatever its line holds: how
// a full machine sheds load. Sound is never shed.
type rungCeiling uint8

const (
	ceilingNone  rungCeiling = iota // no limit
	ceilingMid                      // no picture above mid
	ceilingLow                      // no picture above low
	ceilingStill                    // keyframes only
)

var ceilingNames = [...]string{"none", "mid", "low", "still"}

// String is the name of the ceiling in figures and logs.
func (c rungCeiling) String() string { return ceilingNames[c] }

// temporalCount is how many temporal layers VP8 can tell apart: the TID has two
// bits (RFC 7741 §4.2).
const temporalCount = 4

// rung is what a viewer gets on one line. The zero value is the whole of the
// best layer's base frames; see topRung for everything.
type rung struct {
	layer    Layer
	temporal uint8 // highest temporal layer
	mode     mode
}

// offered is one layer of a menu.
type offered struct {
	alive         bool
	bits          [temporalCount]float64 // bits/s on the wire with all overhead, up to and with that temporal layer
	width, height int                    // of its keyframes; 0 when unknown
}

// menu is what a source offers for a line now. The menu of a sound has its only
// encoding at High.
type menu struct {
	slot   Slot
	layers [layerCount]offered
}

// ladderInput is what the choice depends on.
type ladderInput struct {
	now     time.Time
	wish    Wish
	home    bool // a family: begins lower
	ceiling rungCeiling
	menus   []menu // each line that is fed, sounds included

	// From the viewer's last receiver reports, the worst of its lines.
	loss        float64       // share lost, 0..1
	rtt         time.Duration // 0 when unknown
	jitter      time.Duration
	reported    time.Time // when they came; zero before the first
	nackedShare float64   // share of the packets sent since that the viewer asked for again, 0..1
}

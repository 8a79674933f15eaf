package sfu

import "time"

// Limits bound what an engine takes from publishers and gives to viewers. A
// zero takes the default.
type Limits struct {
	// Of one publisher, in bits a second of RTP. A class is taught at 1.5
	// Mbit/s a picture and some 2.2 with all its layers: these leave room for
	// an encoder set by hand, for keyframes and for a browser's probes.
	Layer  float64 // one encoding of a picture; 4e6
	Source float64 // all encodings together; 8e6

	Egress  float64 // bits a second that the whole node may send, IP headers included; 0: no bound
	Viewers int     // at once; 0: as many as the machine carries

	// How long the machine may be late without a break before pictures become
	// smaller, and a second later newcomers have to wait; 2 s.
	Late time.Duration
}

// Rates bound what one publisher brings, in bits a second of RTP. A zero is the
// engine's own bound, and none goes above that.
type Rates struct {
	Voice  float64 // its sound
	Layer  float64 // one encoding of its picture
	Source float64 // all of it together
}

const (
	defaultLayer  = 4e6
	defaultSource = 8e6
	defaultLate   = 2 * time.Second
)

func (l Limits) withDefaults() Limits {
	if l.Layer <= 0 {
		l.Layer = defaultLayer
	}
	if l.Source <= 0 {
		l.Source = defaultSource
	}
	if l.Late <= 0 {
		l.Late = defaultLate
	}
	return l
}

// of are the bounds of a publisher that was given bounds of its own.
func (l Limits) of(r Rates) Rates {
	return Rates{Voice: lower(r.Voice, voiceRate), Layer: lower(r.Layer, l.Layer), Source: lower(r.Source, l.Source)}
}

func lower(own, most float64) float64 {
	if own <= 0 {
		return most
	}
	return min(own, most)
}

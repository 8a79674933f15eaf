package sfu

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
}

const (
	defaultLayer  = 4e6
	defaultSource = 8e6
)

func (l Limits) withDefaults() Limits {
	if l.Layer <= 0 {
		l.Layer = defaultLayer
	}
	if l.Source <= 0 {
		l.Source = defaultSource
	}
	return l
}

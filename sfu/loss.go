package sfu

const (
	lossMemory = 200  // packets over which loss is judged: of ten packets one is ten per cent
	lossLeast  = 50   // packets before anything is said
	lossJump   = 5000 // packets between two reports: no report skips that many
)

// lossShare is what a viewer loses on all its lines together, weighed by
// packets: a picture of a dozen packets a second would else cry wolf at every
// single one.
type lossShare struct{ expected, lost float64 }

// note takes a report that covers so many packets; known tells that there was
// one before it on the same line.
func (s *lossShare) note(packets uint32, fraction uint8, known bool) {
	if !known || packets == 0 || packets > lossJump {
		return
	}
	s.expected += float64(packets)
	s.lost += float64(packets) * float64(fraction) / 256
	if s.expected > lossMemory {
		s.lost *= lossMemory / s.expected
		s.expected = lossMemory
	}
}

func (s *lossShare) share() float64 {
	if s.expected < lossLeast {
		return 0
	}
	return s.lost / s.expected
}

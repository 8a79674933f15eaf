package egress

import "sync/atomic"

// refusalsToLose is how many refusals in a row take a way from a Conn where one
// refusal may have another reason: a destination behind a narrow path (a tunnel
// whose MTU is smaller than our datagrams) refuses segmentation, and others must
// not pay for it.
const refusalsToLose = 16

// ability is the best way that a Conn still has. It only ever sinks, so that
// what the kernel refuses is not tried for ever.
type ability struct {
	lost     atomic.Uint32 // steps below bestWay
	segments streak        // destinations that refused segmentation
	batches  streak        // calls of sendmmsg that were not permitted, though their datagrams were
}

// way is the best way that the Conn still has.
func (c *Conn) way() Way { return bestWay - Way(c.able.lost.Load()) }

// sink gives up everything above a way.
func (a *ability) sink(to Way) {
	steps := uint32(bestWay - to)
	for lost := a.lost.Load(); lost < steps && !a.lost.CompareAndSwap(lost, steps); {
		lost = a.lost.Load()
	}
}

// streak is refusals in a row.
type streak struct{ n atomic.Uint32 }

// refused tells whether these are refusals enough.
func (s *streak) refused() bool { return s.n.Add(1) >= refusalsToLose }

func (s *streak) taken() {
	if s.n.Load() != 0 { // a look is cheaper than a store that all senders share
		s.n.Store(0)
	}
}

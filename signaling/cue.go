package signaling

import (
	"antenne/sfu"
	"antenne/signaling/access"
)

// cueLocked lets the studio see the second camera before the rooms do, so that who stands at a stove knows what will be shown. It
// needs no line of its own: it comes on that of a guest's picture while no guest has it, for the studio alone. c.mu is held.
func (c *conductor) cueLocked() {
	var second *sfu.Source
	if p, ok := c.sources[access.WhipCamera2]; ok {
		second = p.source
	}
	c.gates.mu.Lock()
	defer c.gates.mu.Unlock()
	if c.gates.cue == second {
		return
	}
	c.gates.cue = second
	if !c.gates.ended {
		c.applyLocked(c.gates.set)
	}
}

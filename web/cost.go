package web

// What an hour of a séance costs at home, in MB, all around included (SRTP, UDP, IP): shown before anything is spent. Measured
// by web/test/scenarios/13-layers.mjs over the fake camera and voice, and rounded up to words that stay true.
const (
	costLow   = 80  // the cheapest moving picture and the sound; a limit, not a mean
	costBest  = 700 // what a good line and a large page get
	costSound = 20  // a voice that hardly pauses
)

// Cost is what an hour costs with a choice of the family's page, in MB. The best picture is as large as the page shows it: its
// cost is the most that it can be.
func (v *view) Cost(choice string) int {
	switch choice {
	case "sound":
		return costSound
	case "best":
		return costBest
	default:
		return costLow
	}
}

// Choices are what a family may receive, the cheapest picture first: that is how its page begins.
func (v *view) Choices() []string { return []string{"low", "best", "sound"} }

package sfu

import "time"

// NewImpatient makes an engine that gives up peers after silence.
func NewImpatient(silence time.Duration) (*Engine, error) {
	t := productionTiming()
	t.disconnected, t.failed, t.join = silence/2, silence/2, silence
	return newEngine(Config{Media: ":0"}, t)
}

// NewStrict makes an engine that cuts a publisher after so long an excess.
func NewStrict(excess time.Duration) (*Engine, error) {
	t := productionTiming()
	t.excess = excess
	return newEngine(Config{Media: ":0"}, t)
}

// DTLSStates, InjectPadding and the like would be back doors: tests use what a
// client can do.

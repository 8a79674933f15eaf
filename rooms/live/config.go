package live

import (
	"crypto/rand"
	"time"

	"go.uber.org/zap"
)

// Clock is the time as the rooms see it.
type Clock interface {
	Now() time.Time
	// After sends once on c, d later at the earliest, unless stop is called first.
	After(d time.Duration) (c <-chan time.Time, stop func())
}

// Config is what a Hall needs besides its journal. The zero value is right for production.
type Config struct {
	Clock Clock         // the system's when nil
	IDs   func() string // names for rooms and links, never twice the same; random when nil
	Log   *zap.Logger   // silent when nil
}

func (c Config) withDefaults() Config {
	if c.Clock == nil {
		c.Clock = systemClock{}
	}
	if c.IDs == nil {
		c.IDs = randomID
	}
	if c.Log == nil {
		c.Log = zap.NewNop()
	}
	return c
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) After(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}

// alphabet has no look-alikes; its length divides 256 with little rest, and ids are names, not secrets.
const alphabet = "23456789abcdefghjkmnpqrstuvwxyz"

func randomID() string {
	b := make([]byte, 10)
	rand.Read(b)
	for i := range b {
		b[i] = alphabet[int(b[i])%len(alphabet)]
	}
	return string(b)
}

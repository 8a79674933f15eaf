package live

import (
	"time"

	"go.uber.org/zap"
)

// alarm is one timer that is set again only when it must ring at another time. Owned by run.
type alarm struct {
	at     time.Time
	c      <-chan time.Time
	cancel func()
}

func (a *alarm) set(clock Clock, now, at time.Time) {
	if a.c != nil && a.at.Equal(at) {
		return
	}
	a.stop()
	a.at = at
	a.c, a.cancel = clock.After(max(at.Sub(now), 0))
}

func (a *alarm) rang() { a.c = nil }

func (a *alarm) stop() {
	if a.cancel != nil {
		a.cancel()
	}
	a.c, a.cancel = nil, nil
}

// trouble reports what repeats at most once a second, with how often it came. Owned by run.
type trouble struct {
	clock Clock
	log   *zap.Logger
	last  time.Time
	count int
}

func (t *trouble) report(what string, err error) {
	t.count++
	now := t.clock.Now()
	if !t.last.IsZero() && now.Sub(t.last) < time.Second {
		return
	}
	t.log.Error(what, zap.Error(err), zap.Int("times", t.count))
	t.last, t.count = now, 0
}

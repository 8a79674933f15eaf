package sfu

import (
	"math"
	"time"
)

// How a line is judged. Loss is the share of packets that a report says were
// lost, or half of those that were asked for again (which hides where repairs
// have the same numbers, and counts one packet often); delay is how far the round trip is above
// its own minimum.
const (
	lossHeavy  = 0.10 // down at once
	lossSteady = 0.08 // down when it stays: repairs make good for less
	lossUneasy = 0.02 // no step up
	lossOfLine = 0.25 // the most that a line may lose whatever it carries

	delayUneasy = 150 * time.Millisecond // no step up
	delayFull   = 200 * time.Millisecond // a queue: any loss is ours
	delayRising = 100 * time.Millisecond // grows and is above this: a queue builds up
	risingLeast = 30 * time.Millisecond
	jitterMost  = 100 * time.Millisecond

	firstWait   = 5 * time.Second  // of calm before a step up
	longestWait = 4 * time.Minute  // the same after failed steps, at home
	roomWait    = 2 * time.Minute  // and where one screen is many people
	trialTime   = 12 * time.Second // trouble within this: the step up failed
	settleTime  = 1500 * time.Millisecond
	reportsLate = 7 * time.Second  // longer between two reports: the line was cut, not slow
	rttWindow   = 30 * time.Second // the minimum is over one to two of these
)

// capacity is what a viewer's line is believed to hold: no limit until there is
// trouble; then what got through, at once; up again in single steps after a
// time without trouble that doubles each time a step fails. Loss that stays the
// same when less is sent is the line's own and blamed on nobody.
type capacity struct {
	hold  float64 // bits/s; +Inf when no limit is known, 0 before the first call
	tight bool    // it has just come down: no rung above it may stay

	longest  time.Duration
	failed   float64 // what was sent when there was trouble last; +Inf never
	wait     time.Duration
	trying   bool      // a step up has not proved itself
	good     float64   // what was held before that
	changed  time.Time // last step
	uneasyAt time.Time // last sign of trouble

	reported time.Time // last report heeded
	reports  int       // since the last step
	loss     float64   // mean of them, the newest counts half
	noise    float64   // loss of the line itself
	before   trial

	low, lowBefore time.Duration // minimum of the round trip in this window and the one before
	lowSince       time.Time
	rtt            time.Duration // last one that differed, and when
	rttAt          time.Time
	rising         int // reports in a row
}

// trial remembers how it was before a step down for loss.
type trial struct {
	hold, failed, sent, loss float64
}

// note heeds the reports, where there are new ones. sent is what goes out to
// the viewer, in bits/s.
func (c *capacity) note(in *ladderInput, sent float64) {
	if c.hold == 0 {
		c.hold, c.failed, c.wait = math.Inf(1), math.Inf(1), firstWait
		c.changed, c.uneasyAt = in.now, in.now
	}
	if !in.reported.After(c.reported) {
		return
	}
	gap := in.reported.Sub(c.reported)
	cut := !c.reported.IsZero() && gap > reportsLate
	c.reported, c.longest = in.reported, roomWait
	if in.home {
		c.longest = longestWait
	}
	growth := c.noteRTT(in)
	if cut || in.reported.Before(c.changed.Add(settleTime+min(2*in.rtt, 2*settleTime))) && c.tightened() {
		return
	}
	c.noteLoss(max(in.loss, min(in.nackedShare/2, 1)))
	c.judge(in, sent, growth)
}

// tightened tells whether the last step went down: until it has had its effect,
// reports speak of the time before.
func (c *capacity) tightened() bool { return !c.trying && !math.IsInf(c.hold, 1) }

func (c *capacity) noteLoss(loss float64) {
	c.reports++
	if c.reports == 1 {
		c.loss = loss
	} else {
		c.loss += (loss - c.loss) / 2
	}
	if c.loss < c.noise {
		c.noise += (c.loss - c.noise) / 16
	}
}

// noteRTT keeps the minimum and gives by how many seconds a second the round
// trip grows, 0 when it does not.
func (c *capacity) noteRTT(in *ladderInput) float64 {
	if in.rtt <= 0 {
		return 0
	}
	if c.lowSince.IsZero() || in.reported.Sub(c.lowSince) > rttWindow {
		c.lowBefore, c.low, c.lowSince = c.low, in.rtt, in.reported
	}
	c.low = min(c.low, in.rtt)
	change, passed := in.rtt-c.rtt, in.reported.Sub(c.rttAt)
	known := !c.rttAt.IsZero()
	if known && change.Abs() < risingLeast/2 && passed < 2*time.Second {
		return 0 // the same sender report, answered again
	}
	c.rtt, c.rttAt = in.rtt, in.reported
	if !known || change < risingLeast || c.delay(in.rtt) < delayRising {
		c.rising = 0
		return 0
	}
	c.rising++
	return change.Seconds() / max(passed.Seconds(), 0.1)
}

// delay is how long packets wait in the line's queue, as far as the round trip
// tells.
func (c *capacity) delay(rtt time.Duration) time.Duration {
	if rtt <= 0 {
		return 0
	}
	low := c.low
	if c.lowBefore > 0 {
		low = min(low, c.lowBefore)
	}
	return rtt - low
}

// own is the loss that is not the line's.
func (c *capacity) own() float64 { return max(0, c.loss-1.5*c.noise) }

func (c *capacity) judge(in *ladderInput, sent, growth float64) {
	delay := c.delay(in.rtt)
	if c.blameless(delay, sent) {
		return
	}
	own := c.own()
	switch {
	case c.tooMuch(own, delay, in.home), c.rising >= 2 && growth > 0:
		c.down(in.now, sent, sent*(1-c.loss)/(1+growth))
	case own > lossUneasy || delay > delayUneasy || in.jitter > jitterMost:
		c.uneasyAt = in.now
	case c.trying && in.now.Sub(c.changed) > max(trialTime, c.wait/4):
		c.succeed(sent)
	}
}

// tooMuch tells whether the line loses because of what is sent: much, or with a
// queue that is full, or for long.
func (c *capacity) tooMuch(own float64, delay time.Duration, home bool) bool {
	switch {
	case own > 2*lossHeavy && (home || c.reports > 1), own > lossHeavy && c.reports > 1:
		return true
	default:
		return own > lossUneasy && delay > delayFull || own > lossSteady && c.reports >= 4
	}
}

// goodShare of what was held before a step up has to have got through when the
// step fails: then only the step was wrong, else the line has become worse.
const goodShare = 0.7

// betterLine is how far above what failed a line has to prove itself before it
// counts as another one.
const betterLine = 1.2

// down holds no more than what got through, and clearly less than what was
// sent. A step up that failed is taken back.
func (c *capacity) down(now time.Time, sent, through float64) {
	hold := min(c.hold, 0.9*through, 0.8*sent)
	if c.trying || sent >= cheaper*c.failed {
		c.wait = min(2*c.wait, c.longest)
	}
	if c.trying && through >= goodShare*c.good {
		hold = climbGrain * c.good
	}
	if c.before.sent == 0 {
		c.before = trial{hold: c.hold, failed: c.failed, sent: sent, loss: c.loss}
	}
	c.hold = hold
	c.failed, c.trying, c.tight = min(c.failed, sent), false, true
	c.changed, c.uneasyAt = now, now
	c.reports, c.rising = 0, 0
}

// blameless undoes a step down that changed nothing about the loss: the line
// loses what it loses.
func (c *capacity) blameless(delay time.Duration, sent float64) bool {
	b := c.before
	if b.sent == 0 || c.reports < 2 {
		return false
	}
	same := c.loss > 0.6*b.loss && c.loss < 1.6*b.loss && c.loss > lossUneasy
	if !same || delay > delayRising || c.loss > lossOfLine || sent > cheaper*b.sent {
		if c.reports >= 4 {
			c.before = trial{}
		}
		return false
	}
	c.noise = max(c.noise, c.loss)
	c.hold, c.failed, c.before = b.hold, b.failed, trial{}
	c.reports = 0
	return true
}

// succeed takes note that the line holds what a step up made of it: the wait
// shrinks as it grew where it carries what failed, and is forgotten far above.
func (c *capacity) succeed(sent float64) {
	c.trying = false
	switch {
	case sent > betterLine*c.failed:
		c.failed, c.wait = math.Inf(1), firstWait
	case sent >= c.failed:
		c.wait = max(c.wait/2, firstWait)
	}
}

// calm tells whether there was no trouble for that long, and somebody to tell.
func (c *capacity) calm(now time.Time, long time.Duration) bool {
	return now.Sub(c.uneasyAt) >= long && now.Sub(c.changed) >= long && c.reports > 0 && now.Sub(c.reported) < 2*reportsLate
}

// mayCarry tells whether a step up to that many bits/s may be tried now: soon
// below what failed, later there.
func (c *capacity) mayCarry(now time.Time, bits float64) bool {
	wait := firstWait
	if bits >= cheaper*c.failed {
		wait = c.wait
	}
	return c.calm(now, wait)
}

// try holds more than the good that is sent now, until that fails.
func (c *capacity) try(now time.Time, good, hold float64) {
	c.good = good
	c.hold, c.trying, c.changed, c.reports = hold, true, now, 0
}

// unbound forgets the limit once all that is wanted goes out and has proved
// itself.
func (c *capacity) unbound(now time.Time) {
	if !c.trying && c.calm(now, trialTime) {
		c.hold = math.Inf(1)
	}
}

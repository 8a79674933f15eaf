package sfu

import (
	"sync"
	"time"
)

// startOfTime is what all clocks of the process count from; monotonic.
var startOfTime = time.Now()

// since1900 is the distance between the epochs of NTP and of Unix.
const since1900 = 2208988800

// ntpNanos is an NTP timestamp in nanoseconds of its own era (RFC 3550 §4).
func ntpNanos(ntp uint64) int64 {
	seconds := int64(ntp>>32) - since1900
	fraction := int64((ntp & 0xffffffff) * 1e9 >> 32)
	return seconds*1e9 + fraction
}

// ntpTime is t as an NTP timestamp.
func ntpTime(t time.Time) uint64 {
	nanos := t.UnixNano()
	seconds := uint64(nanos/1e9 + since1900)
	return seconds<<32 | uint64(nanos%1e9)<<32/1e9
}

// senderClock brings the clocks of one publisher, one for each encoding,
// together on our time: its sender reports say which media times belong
// together, the fastest of them says how its clock stands to ours.
type senderClock struct {
	mu     sync.Mutex
	offset int64 // nanoseconds from the publisher's NTP time to ours, shortest way seen
	known  bool  // offset holds something
}

// driftPerReport lets the offset follow a publisher whose clock is slow.
const driftPerReport = int64(200 * time.Microsecond)

// note takes a report's NTP time that came at arrival.
func (c *senderClock) note(ntp int64, arrival time.Time) {
	offset := int64(arrival.Sub(startOfTime)) - ntp
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.known || offset < c.offset {
		c.offset, c.known = offset, true
		return
	}
	c.offset = min(c.offset+driftPerReport, offset)
}

// ours is a publisher's NTP time on our clock, in nanoseconds since startOfTime.
func (c *senderClock) ours(ntp int64) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return ntp + c.offset
}

// mediaClock says which media time of one encoding belongs to which moment.
type mediaClock struct {
	mu       sync.Mutex
	reported bool   // by a sender report
	ntp      int64  // of the last report
	at       uint32 // media time of that report
	arrived  bool
	arrival  time.Time // of the first packet of the newest frame
	newest   uint32    // media time of that frame
}

func (c *mediaClock) noteReport(ntp int64, at uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reported, c.ntp, c.at = true, ntp, at
}

func (c *mediaClock) noteArrival(at uint32, arrival time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.arrived || int32(at-c.newest) > 0 {
		c.arrived, c.newest, c.arrival = true, at, arrival
	}
}

func (c *mediaClock) hasReport() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reported
}

// mediaTime is the media time of that moment. byReport says whether to trust
// the publisher's reports: only when all of its encodings have one, else sound
// and picture would be measured with two different sticks.
func (c *mediaClock) mediaTime(now time.Time, rate uint32, sender *senderClock, byReport bool) (uint32, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case byReport && c.reported:
		passed := int64(now.Sub(startOfTime)) - sender.ours(c.ntp)
		return c.at + ticks(passed, rate), true
	case c.arrived:
		return c.newest + ticks(int64(now.Sub(c.arrival)), rate), true
	default:
		return 0, false
	}
}

func ticks(nanos int64, rate uint32) uint32 {
	return uint32(int64(float64(nanos) / 1e9 * float64(rate)))
}

package sfu

import (
	"sync"
	"time"

	"antenne/sfu/packet"
)

const (
	holdVoice    = 600 * time.Millisecond // least time between two changes of voice
	voiceMargin  = 6.0                    // dB by which the other must be louder
	voiceMemory  = 0.15                   // share of the newest packet in the mean
	voiceSilence = 400 * time.Millisecond // without a packet (DTX) a voice is silent
)

// louder chooses between the two voices for those who hear only one.
type louder struct {
	mu      sync.Mutex
	loud    [2]float64   // mean level above the floor, dB
	heard   [2]time.Time // last packet
	levels  [2]bool      // the source says levels
	current Slot
	since   time.Time
}

func voiceIndex(s Slot) int {
	if s == GuestVoice {
		return 1
	}
	return 0
}

func (l *louder) choice() Slot {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.current
}

// weigh takes a packet of a voice and tells whether the choice changed. Where a
// source says no levels the guest has it.
func (l *louder) weigh(slot Slot, p *packet.Packet) (changed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := voiceIndex(slot)
	l.heard[i], l.levels[i] = p.Arrival, p.HasLevel
	if p.HasLevel {
		l.loud[i] += voiceMemory * (float64(127-p.Level) - l.loud[i])
	}
	want := l.wantLocked(p.Arrival)
	if want == l.current || p.Arrival.Sub(l.since) < holdVoice {
		return false
	}
	l.current, l.since = want, p.Arrival
	return true
}

func (l *louder) wantLocked(now time.Time) Slot {
	if !l.levels[0] || !l.levels[1] {
		return GuestVoice
	}
	voice, guest := l.nowLocked(0, now), l.nowLocked(1, now)
	switch {
	case guest > voice+voiceMargin:
		return GuestVoice
	case voice > guest+voiceMargin:
		return Voice
	default:
		return l.current
	}
}

func (l *louder) nowLocked(i int, now time.Time) float64 {
	if now.Sub(l.heard[i]) > voiceSilence {
		return 0
	}
	return l.loud[i]
}

package sfu

import (
	"testing"
	"time"
)

func TestMemoryIsGivenBackAfterARush(t *testing.T) {
	var r rush
	now := startOfTime
	rounds := 0
	live := func(turnover uint64, passed time.Duration) {
		now = now.Add(passed)
		if r.over(turnover, now) {
			rounds++
		}
	}
	for range 100 {
		live(rushOf-1, time.Second)
	}
	if rounds != 0 {
		t.Errorf("%d rounds for a handful of joins, want none", rounds)
	}
	for i := range uint64(50) { // five seconds of joins
		live(100+10*i, 100*time.Millisecond)
	}
	if rounds != 0 {
		t.Errorf("%d rounds while people still come, want none", rounds)
	}
	for range 100 {
		live(590, 100*time.Millisecond)
	}
	if rounds != 1 {
		t.Errorf("%d rounds after a rush, want one", rounds)
	}
	rounds = 0
	for i := range uint64(600) { // ten minutes of coming and going
		live(600+5*i, time.Second)
	}
	if rounds < 20 || rounds > 40 {
		t.Errorf("%d rounds in ten minutes of coming and going, want one in twenty seconds", rounds)
	}
}

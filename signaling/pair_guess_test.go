package signaling

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"antenne/rooms"
)

func household4(i int) hand {
	at, _ := household(netip.AddrFrom4([4]byte{198, 51, byte(i >> 8), byte(i)}))
	return hand{at: at}
}

func TestGuessesAreBoundedForEachHandAndForAll(t *testing.T) {
	now := time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC)
	g := newGuesses(10, 100)
	looked, rate, locked := 0, 0, 0
	for i := range 3000 { // a minute of a hundred hands, each of which tries thirty codes
		err := g.take(household4(i%100), false, now.Add(time.Duration(i)*20*time.Millisecond))
		switch {
		case err == nil:
			looked++
		case refusalOf(err).code == codePairRate:
			rate++
		case refusalOf(err).code == codePairLocked:
			locked++
		}
	}
	if looked < 195 || looked > 200 { // a hundred that were saved, and a hundred that the minute earned
		t.Errorf("%d codes were looked at; %d hands were slowed down, %d times all were", looked, rate, locked)
	}
	end := now.Add(time.Minute)
	if err := g.take(household4(7777), false, end.Add(-time.Nanosecond)); refusalOf(err).code != codePairLocked {
		t.Errorf("a stranger, while all are held: %v", err)
	}
	trusted := household4(8888)
	for i := range 10 {
		if err := g.take(trusted, true, end); err != nil {
			t.Errorf("try %d of a trusted hand, while all are held: %v", i, err)
		}
	}
	if err := g.take(trusted, true, end); refusalOf(err).code != codePairRate {
		t.Errorf("a trusted hand that guesses: %v", err)
	}
	g.right(trusted, true)
	if err := g.take(trusted, true, end); err != nil {
		t.Errorf("what a right code paid was not given back: %v", err)
	}
}

func TestTheMemoryOfGuessesIsBounded(t *testing.T) {
	g := newGuesses(10, 1e9)
	now := time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC)
	for i := range mostAddresses + 100 {
		if err := g.take(hand{link: rooms.LinkID(fmt.Sprint(i))}, false, now); err != nil {
			t.Fatal(err)
		}
	}
	if len(g.hands) > mostAddresses {
		t.Errorf("%d hands are remembered", len(g.hands))
	}
	for range 2000 { // nobody in particular counts with all, and is not remembered
		if err := g.take(hand{}, false, now); err != nil {
			t.Fatal(err)
		}
	}
}

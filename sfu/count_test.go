package sfu

import (
	"fmt"
	"testing"
	"time"
)

// Every reason has a name of its own: the name is the label that people read.
func TestEveryDropHasItsName(t *testing.T) {
	seen := map[string]bool{}
	for r, name := range dropNames {
		if name == "" || seen[name] {
			t.Errorf("reason %d is called %q", r, name)
		}
		seen[name] = true
	}
}

func TestHistogram(t *testing.T) {
	for _, c := range []struct {
		took  []time.Duration
		count map[int]uint64 // by bucket
	}{
		{nil, nil},
		{[]time.Duration{0, time.Millisecond, 20 * time.Millisecond}, map[int]uint64{0: 3}},
		{[]time.Duration{20*time.Millisecond + 1, 50 * time.Millisecond, 51 * time.Millisecond}, map[int]uint64{1: 2, 2: 1}},
		{[]time.Duration{30 * time.Second, 31 * time.Second, time.Hour}, map[int]uint64{14: 1, 15: 2}},
	} {
		var n counters
		var sum time.Duration
		for _, d := range c.took {
			n.joined(d)
			sum += d
		}
		got := n.stats().FirstPicture
		for i, count := range got.Counts {
			if count != c.count[i] {
				t.Errorf("%v: bucket %d holds %d, want %d", c.took, i, count, c.count[i])
			}
		}
		if got.Sum != sum || len(got.Counts) != len(got.Bounds)+1 {
			t.Errorf("%v: sum %v, %d buckets for %d bounds", c.took, got.Sum, len(got.Counts), len(got.Bounds))
		}
	}
	for _, bounds := range [][]time.Duration{joinBounds, delayBounds} {
		if len(bounds) > mostBounds {
			t.Errorf("%d bounds, room for %d", len(bounds), mostBounds)
		}
		for i := 1; i < len(bounds); i++ {
			if bounds[i] <= bounds[i-1] {
				t.Errorf("bounds do not rise: %v", bounds)
			}
		}
	}
	var n counters
	n.forwarded(3*time.Millisecond, 7)
	if got := n.stats().Forwarding; got.Counts[4] != 7 || got.Sum != 21*time.Millisecond {
		t.Errorf("seven packets of 3 ms: %+v", got)
	}
}

func TestViewsArePackedAndUnpacked(t *testing.T) {
	var v views
	want := [slotCount]View{}
	for i := range 200 {
		slot, view := Slot(i*7%slotCount), View(i*5%viewCount)
		v.set(slot, view)
		want[slot] = view
		if got := v.all(); got != want {
			t.Fatalf("after setting %s of %s: %v, want %v", view, slot, got, want)
		}
	}
}

func TestTrafficIsCountedBySlotAndInAll(t *testing.T) {
	var n counters
	n.received(Camera, 1000)
	n.received(Voice, 80)
	n.sent(Camera, 3, 3000)
	n.sent(Slides, 1, 500)
	s := n.stats()
	want := [slotCount]SlotStats{Camera: {1, 1000, 3, 3000}, Voice: {1, 80, 0, 0}, Slides: {0, 0, 1, 500}}
	if s.Slots != want || s.PacketsIn != 2 || s.BytesIn != 1080 || s.PacketsOut != 4 || s.BytesOut != 3500 {
		t.Errorf("%+v", s)
	}
}

func TestFigureNamesAreTold(t *testing.T) {
	if got := fmt.Sprint(Transports(), AllViews()); got != "[udp4 udp6 tcp] [none high mid low still sound]" {
		t.Error(got)
	}
}

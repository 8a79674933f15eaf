package sfu

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// simulated is a node with a crowd: what it sends depends on the ceilings, with
// the delay that a switch of layer has.
type simulated struct {
	homes, others int
	bits          [2][ceilingStill + 1]float64 // of one viewer at each ceiling, families first
	capacity      float64                      // bits a second that the lanes can do; 0: any

	bytes, drops uint64
	seen         [2]rungCeiling // the ceilings of a second ago
}

const soundBits = 48e3

func (s *simulated) wants() float64 { return s.under(s.seen[0], s.seen[1]) }

func (s *simulated) under(home, other rungCeiling) float64 {
	return float64(s.homes)*(s.bits[0][home]+soundBits) + float64(s.others)*(s.bits[1][other]+soundBits)
}

// second passes: the viewers follow the ceilings of a second ago.
func (s *simulated) second(l *load, now time.Time, random *rand.Rand) float64 {
	rate := s.wants() * (0.97 + 0.06*random.Float64())
	f := loadFigures{now: now, homes: s.homes, others: s.others}
	if s.capacity > 0 && rate > s.capacity {
		rate, f.oldest = s.capacity, 180*time.Millisecond
		s.drops += 10
	}
	s.bytes += uint64(rate / 8)
	f.bytes, f.packets, f.laneDrops = s.bytes, s.bytes/1100, s.drops
	s.seen = [2]rungCeiling{l.ceiling(true), l.ceiling(false)}
	l.feed(f)
	return rate
}

// least is what the crowd costs with all shed that may be shed.
func (s *simulated) least() float64 { return s.under(ceilingStill, ceilingLow) }

func simulate(random *rand.Rand) *simulated {
	s := &simulated{homes: random.IntN(400), others: 1 + random.IntN(200)}
	high := 3e5 + random.Float64()*3e6
	for side := range s.bits {
		s.bits[side] = [...]float64{high, min(high, 4.5e5), min(high, 1.2e5), min(high, 2e4)}
		if random.IntN(4) == 0 { // a publisher of one layer
			s.bits[side] = [...]float64{high, high, high, 2e4}
		}
		if random.IntN(4) == 0 { // « image économe », or sound alone
			s.bits[side] = [...]float64{0, 0, 0, 0}
		}
	}
	return s
}

// Whatever the crowd, the load brings it under its budget where the order of
// shedding can, stays there but for a rare try, and does not shed what it need
// not.
func TestLoadConvergesUnderItsBudget(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 7))
		s := simulate(random)
		l := &load{sheds: 2, budget: s.least()*1.15 + random.Float64()*2*s.wants() + 1e6}
		now, over := startOfTime, 0
		for second := range 600 {
			now = now.Add(time.Second)
			rate := s.second(l, now, random)
			if second > 30 && rate > l.budget {
				over++
			}
		}
		if over > 20 {
			t.Errorf("seed %d: over the budget in %d of 570 seconds (%.0f of %.0f kbit/s, step %d, %d families, %d others)",
				seed, over, s.wants()/1e3, l.budget/1e3, l.step.Load(), s.homes, s.others)
		}
		if s.wants() > l.budget {
			t.Errorf("seed %d: ends over its budget", seed)
		}
		if step := l.step.Load(); step > 0 {
			if back := shedding[step-1]; s.under(back.home, back.other) < 0.8*l.budget {
				t.Errorf("seed %d: step %d, though the step before costs %.0f of %.0f kbit/s", seed, step, s.under(back.home, back.other)/1e3, l.budget/1e3)
			}
		}
	}
}

// A machine that cannot send fast enough is relieved, budget or not.
func TestLoadRelievesAMachineThatIsLate(t *testing.T) {
	for seed := range uint64(100) {
		random := rand.New(rand.NewPCG(seed, 11))
		s := simulate(random)
		s.capacity = s.least()*1.2 + random.Float64()*s.wants()
		l := &load{sheds: 2}
		now, late := startOfTime, 0
		for second := range 600 {
			now = now.Add(time.Second)
			if rate := s.second(l, now, random); second > 30 && rate >= s.capacity {
				late++
			}
		}
		if late > 60 { // without a budget it can only try what the machine takes
			t.Errorf("seed %d: late in %d of 570 seconds, step %d", seed, late, l.step.Load())
		}
	}
}

// The order is the promise: families before the rooms of the centres, never
// the sound, and nobody's picture grows by shedding.
func TestSheddingOrder(t *testing.T) {
	want := []string{"none/none", "mid/none", "low/none", "still/none", "still/mid", "still/low"}
	for i, s := range shedding {
		if got := fmt.Sprintf("%s/%s", s.home, s.other); got != want[i] {
			t.Errorf("step %d: %s, want %s", i, got, want[i])
		}
	}
	l := &load{sheds: 2}
	for i := range shedding {
		l.step.Store(uint32(i))
		if l.ceiling(true) < l.ceiling(false) {
			t.Errorf("step %d: a family is better off than a room", i)
		}
	}
}

// table drives a load through seconds and tells the steps it took.
type second struct {
	rate    float64
	oldest  time.Duration
	drops   uint64
	socket  uint64
	packets uint64
}

func drive(l *load, f loadFigures, seconds int, each second) (loadFigures, []uint32) {
	var steps []uint32
	for range seconds {
		f.now = f.now.Add(time.Second)
		f.bytes += uint64(each.rate / 8)
		f.packets += max(each.packets, 1000)
		f.oldest = each.oldest
		f.laneDrops += each.drops
		f.socketDrops += each.socket
		l.feed(f)
		if n := len(steps); n == 0 || steps[n-1] != l.step.Load() {
			steps = append(steps, l.step.Load())
		}
	}
	return f, steps
}

func TestLoadSteps(t *testing.T) {
	for name, c := range map[string]struct {
		budget        float64
		homes, others int
		seconds       int
		each          second
		want          string
	}{
		"under the budget":                 {10e6, 10, 10, 60, second{rate: 9e6}, "[0]"},
		"no budget, any rate":              {0, 10, 10, 60, second{rate: 900e6}, "[0]"},
		"nobody there":                     {10e6, 0, 0, 5, second{rate: 0}, "[0]"},
		"a little over, all the way":       {10e6, 10, 10, 60, second{rate: 9.8e6}, "[0 1 2 3 4 5]"},
		"families only":                    {10e6, 10, 0, 60, second{rate: 20e6}, "[1 2 3]"},
		"rooms only":                       {10e6, 0, 10, 60, second{rate: 20e6}, "[4 5]"},
		"late lanes":                       {0, 10, 10, 9, second{oldest: 120 * time.Millisecond}, "[0 1 2 3]"},
		"very late lanes":                  {0, 10, 10, 9, second{oldest: 500 * time.Millisecond}, "[0 1 2 3 4]"},
		"frames dropped by lanes":          {0, 10, 10, 9, second{drops: 1}, "[0 1 2 3]"},
		"the socket refuses one in a 1000": {0, 10, 10, 9, second{socket: 1}, "[0]"},
		"the socket refuses more":          {0, 10, 10, 9, second{socket: 5}, "[1 2 3]"},
	} {
		l := &load{sheds: 2, budget: c.budget}
		start := loadFigures{now: startOfTime, homes: c.homes, others: c.others}
		l.feed(start)
		if _, steps := drive(l, start, c.seconds, c.each); fmt.Sprint(steps) != c.want {
			t.Errorf("%s: steps %v, want %s", name, steps, c.want)
		}
	}
}

// One late second makes nobody's picture smaller.
func TestLoadForgivesAHiccup(t *testing.T) {
	l := &load{sheds: 2}
	f := loadFigures{now: startOfTime, homes: 5, others: 5}
	l.feed(f)
	for range 30 {
		f, _ = drive(l, f, 1, second{oldest: time.Second, drops: 40})
		f, _ = drive(l, f, 2, second{})
	}
	if l.step.Load() != 0 || !l.admits(true) {
		t.Errorf("step %d after hiccups", l.step.Load())
	}
}

// What came back too early waits twice as long the next time; what proved right
// is forgotten.
func TestLoadLearnsPatience(t *testing.T) {
	l := &load{sheds: 2}
	f := loadFigures{now: startOfTime, homes: 5, others: 5}
	l.feed(f)
	late, calm := second{oldest: 120 * time.Millisecond}, second{}
	f, _ = drive(l, f, 2, late)
	if l.step.Load() != 1 {
		t.Fatalf("step %d after two late seconds", l.step.Load())
	}
	waits := func() (seconds int) {
		for l.step.Load() != 0 {
			f, _ = drive(l, f, 1, calm)
			if seconds++; seconds > 1000 {
				t.Fatal("nothing ever comes back")
			}
		}
		return seconds
	}
	want := int(calmFirst / time.Second)
	for range 4 {
		if got := waits(); got != want {
			t.Errorf("came back after %d s of calm, want %d", got, want)
		}
		want = min(2*want, int(calmLongest/time.Second))
		for l.step.Load() != 1 {
			f, _ = drive(l, f, 1, late)
		}
	}
	waits()
	f, _ = drive(l, f, int(calmProves/time.Second)+1, calm)
	for l.step.Load() != 1 {
		f, _ = drive(l, f, 1, late)
	}
	if got := waits(); got != int(calmFirst/time.Second) {
		t.Errorf("after a long calm it waits %d s, want the first patience again", got)
	}
}

func TestLoadAdmits(t *testing.T) {
	for name, c := range map[string]struct {
		budget      float64
		step        int
		rate        float64
		behind      bool
		home, other bool
	}{
		"calm":                             {0, 0, 5e6, false, true, true},
		"within the budget":                {10e6, 0, 5e6, false, true, true},
		"families at mid":                  {10e6, 1, 9.9e6, false, true, true},
		"families at low, room left":       {10e6, 2, 5e6, false, true, true},
		"families at low, no room":         {10e6, 2, 9.4e6, false, false, true},
		"families with a still":            {10e6, 3, 5e6, false, false, true},
		"all shed, room left":              {10e6, 5, 5e6, false, false, true},
		"all shed, no room":                {10e6, 5, 9.4e6, false, false, false},
		"late, with something to shed":     {0, 0, 5e6, true, false, true},
		"late, and nothing to shed":        {0, 5, 5e6, true, false, false},
		"families at low, late, no budget": {0, 2, 5e6, true, false, true},
	} {
		l := &load{sheds: 2, budget: c.budget}
		l.step.Store(uint32(c.step))
		l.rate.Store(uint64(c.rate))
		l.behind.Store(c.behind)
		if got := l.admits(true); got != c.home {
			t.Errorf("%s: a family admitted: %v", name, got)
		}
		if got := l.admits(false); got != c.other {
			t.Errorf("%s: a room admitted: %v", name, got)
		}
	}
}

// Of a storm within one second no more are let in than the budget has room for.
func TestLoadCountsNewcomersOfTheSecond(t *testing.T) {
	l := &load{sheds: 2, budget: 10e6}
	l.step.Store(homesLow)
	l.rate.Store(5e6)
	in := 0
	for range 1000 {
		if l.admits(true) {
			in++
		}
	}
	if want := 22; in != want { // (9.5 - 5) Mbit/s for newcomers of 200 kbit/s
		t.Errorf("%d let in, want %d", in, want)
	}
}

func BenchmarkLoadCeiling(b *testing.B) {
	l := &load{sheds: 2}
	b.ReportAllocs()
	for b.Loop() {
		if l.ceiling(true) != ceilingNone {
			b.Fatal("shed")
		}
	}
}

// Where a machine may be late for longer, nothing is shed and nobody refused
// before that.
func TestLateIsASetting(t *testing.T) {
	l := &load{sheds: int((Limits{Late: 6 * time.Second}).withDefaults().Late / loadEvery)}
	f := loadFigures{now: startOfTime, homes: 5, others: 5}
	l.feed(f)
	late := second{oldest: time.Second, drops: 40}
	if f, _ = drive(l, f, 5, late); l.step.Load() != 0 || !l.admits(true) {
		t.Errorf("step %d after five seconds of six", l.step.Load())
	}
	if f, _ = drive(l, f, 1, late); l.step.Load() != 1 || !l.admits(true) {
		t.Errorf("step %d after six seconds, families come in: %t", l.step.Load(), l.admits(true))
	}
	if drive(l, f, 1, late); l.admits(true) {
		t.Error("a family came in after that")
	}
	if got := (Limits{}).withDefaults().Late; got != 2*time.Second {
		t.Errorf("%s unless it is set, want 2 s", got)
	}
}

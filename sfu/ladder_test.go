package sfu

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// Menus as our studio makes them, on the wire with all overhead.
func voiceMenu(s Slot) menu {
	m := menu{slot: s}
	m.layers[High] = offered{alive: true, bits: [temporalCount]float64{55e3, 55e3, 55e3, 55e3}}
	return m
}

func layered(bits float64, width, height int) offered {
	return offered{alive: true, bits: [temporalCount]float64{0.42 * bits, 0.62 * bits, bits, bits}, width: width, height: height}
}

func cameraMenu(s Slot) menu {
	return menu{slot: s, layers: [layerCount]offered{layered(1.45e6, 1280, 720), layered(450e3, 640, 360), layered(110e3, 320, 180)}}
}

func slidesMenu() menu {
	return menu{slot: Slides, layers: [layerCount]offered{High: layered(900e3, 1920, 1080)}}
}

// lonelyMenu is what Firefox or OBS sends: one layer without temporal layers.
func lonelyMenu(s Slot) menu {
	m := menu{slot: s}
	m.layers[High] = offered{alive: true, bits: [temporalCount]float64{2e6, 2e6, 2e6, 2e6}, width: 1280, height: 720}
	return m
}

func (r rung) text() string {
	if r.mode != modeFull {
		return r.layer.String() + "-" + r.mode.String()
	}
	return fmt.Sprintf("%s%d", r.layer, r.temporal)
}

func texts(rungs []rung) string {
	var all []string
	for _, r := range rungs {
		all = append(all, r.text())
	}
	return strings.Join(all, " ")
}

var midday = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestFirstChoice(t *testing.T) {
	voice, camera, slides, lonely := voiceMenu(Voice), cameraMenu(Camera), slidesMenu(), lonelyMenu(Camera)
	deadHigh := camera
	deadHigh.layers[High].alive = false
	wall, phone := Wish{Width: 1920, Height: 1080}, Wish{Width: 720, Height: 405}
	for name, c := range map[string]struct {
		in    ladderInput
		menus []menu
		want  string
	}{
		"a wall":                           {ladderInput{wish: wall}, []menu{voice, camera, slides}, "high3 high3 high3"},
		"nothing known of the page":        {ladderInput{}, []menu{voice, camera}, "high3 high3"},
		"a post":                           {ladderInput{wish: phone}, []menu{camera}, "mid3"},
		"exactly 1.3 times its place":      {ladderInput{wish: Wish{Width: 985, Height: 554}}, []menu{camera}, "high3"},
		"a little less":                    {ladderInput{wish: Wish{Width: 984, Height: 553}}, []menu{camera}, "mid3"},
		"flat and wide":                    {ladderInput{wish: Wish{Width: 3000, Height: 300}}, []menu{camera}, "mid3"},
		"a thumbnail":                      {ladderInput{wish: Wish{Width: 100, Height: 60}}, []menu{camera}, "low3"},
		"a thumbnail of one layer":         {ladderInput{wish: Wish{Width: 100, Height: 60}}, []menu{lonely}, "high3"},
		"a family":                         {ladderInput{home: true}, []menu{voice, camera, slides}, "high3 mid3 high3"},
		"a family, one layer":              {ladderInput{home: true}, []menu{lonely}, "high3"},
		"a family on a small page":         {ladderInput{home: true, wish: Wish{Width: 320, Height: 180}}, []menu{camera}, "low3"},
		"the best layer is silent":         {ladderInput{wish: wall}, []menu{deadHigh}, "mid3"},
		"low":                              {ladderInput{wish: Wish{Picture: PictureLow}}, []menu{voice, camera}, "high3 low3"},
		"low with slides":                  {ladderInput{wish: Wish{Picture: PictureLow}}, []menu{camera, slides}, "low1 high-still"},
		"low of one layer":                 {ladderInput{wish: Wish{Picture: PictureLow}}, []menu{voice, lonely}, "high3 high-still"},
		"low of two faces":                 {ladderInput{wish: Wish{Picture: PictureLow}}, []menu{camera, cameraMenu(GuestCamera)}, "low1 low0"},
		"sound alone":                      {ladderInput{wish: Wish{Picture: PictureNone}}, []menu{voice, camera, slides, voiceMenu(GuestVoice)}, "high3 low-off high-off high3"},
		"ceiling mid":                      {ladderInput{ceiling: ceilingMid}, []menu{voice, camera}, "high3 mid3"},
		"ceiling low":                      {ladderInput{ceiling: ceilingLow, wish: wall}, []menu{voice, camera, slides}, "high3 low3 high0"},
		"ceiling mid, one layer":           {ladderInput{ceiling: ceilingMid}, []menu{slides}, "high1"},
		"ceiling still":                    {ladderInput{ceiling: ceilingStill}, []menu{voice, camera, slides}, "high3 low-still high-still"},
		"ceiling still, sound alone":       {ladderInput{ceiling: ceilingStill, wish: Wish{Picture: PictureNone}}, []menu{voice, camera}, "high3 low-off"},
		"nothing comes":                    {ladderInput{}, []menu{{slot: Camera}}, "high3"},
		"a family waits":                   {ladderInput{home: true}, []menu{{slot: Voice}, {slot: Camera}}, "high3 mid3"},
		"waits for stills":                 {ladderInput{ceiling: ceilingStill}, []menu{{slot: Camera}}, "low-still"},
		"nothing is fed":                   {ladderInput{}, nil, ""},
		"low, above a ceiling of stills":   {ladderInput{ceiling: ceilingStill, wish: Wish{Picture: PictureLow}}, []menu{camera}, "low-still"},
		"a page between mid and high, low": {ladderInput{wish: Wish{Picture: PictureLow, Width: 1920, Height: 1080}}, []menu{camera}, "low3"},
	} {
		var l ladder
		c.in.now, c.in.menus = midday, c.menus
		if got := texts(l.choose(c.in)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestPriorities(t *testing.T) {
	menus := []menu{voiceMenu(Voice), cameraMenu(Camera), slidesMenu(), voiceMenu(GuestVoice), cameraMenu(GuestCamera)}
	for _, c := range []struct {
		hold float64
		want string
	}{
		{5e6, "high3 high3 high3 high3 high3"},
		{3.5e6, "high3 high3 high3 high3 high1"},
		{2.0e6, "high3 mid3 high3 high3 mid3"},
		{1.5e6, "high3 mid1 high3 high3 low3"},
		{1.1e6, "high3 low1 high3 high3 low-still"},
		{900e3, "high3 low3 high1 high3 low3"},
		{500e3, "high3 low-still high0 high3 low-still"},
		{200e3, "high3 low1 high-still high3 low-still"},
		{130e3, "high3 low-still high-still high3 low-still"},
		{60e3, "high3 low-still high-still high3 low-still"},
	} {
		var l ladder
		in := ladderInput{now: midday, menus: menus}
		l.choose(in)
		l.line.hold, l.line.tight = c.hold, true
		got := texts(l.choose(in))
		if got != c.want {
			t.Errorf("%.0f: %s, want %s", c.hold, got, c.want)
		}
		if l.sent > max(c.hold, 110e3) {
			t.Errorf("%.0f: sends %.0f", c.hold, l.sent)
		}
	}
}

// strip is a viewer's line, packet by packet: a rate, a queue that is cut off at
// its end, losses of its own.
type strip struct {
	random *rand.Rand
	bits   float64       // bits/s it carries
	queue  time.Duration // at most, but room for five packets
	way    time.Duration // round trip when idle
	loss   float64       // share that it loses whatever it carries
	busy   time.Duration // until then it carries what it has taken
}

// carry takes a packet, or loses it.
func (s *strip) carry(now time.Duration, bytes int) bool {
	if s.random.Float64() < s.loss {
		return false
	}
	s.busy = max(s.busy, now)
	packets := time.Duration(5 * 1200 * 8 / s.bits * 1e9)
	if s.busy-now > max(s.queue, packets) {
		return false
	}
	s.busy += time.Duration(float64(bytes*8) / s.bits * 1e9)
	return true
}

// viewing is a viewer at the end of a strip, looked after by a ladder.
type viewing struct {
	strip  strip
	ladder ladder
	in     ladderInput
	credit [slotCount]float64 // bytes that wait to be a packet
	again  int                // packets to be sent once more
	budget float64            // bytes that may be: a fifth of the others
	rungs  []rung
	before string
	trace  []string

	sent, lost int // since the last report
	steps      []time.Duration
	sentBits   []float64 // each second
	lostShare  []float64 // each second
}

// tick is the grain of the simulation.
const tick = 5 * time.Millisecond

// second runs one second of the line.
func (v *viewing) second(at time.Duration) {
	for now := at; now < at+time.Second; now += tick {
		v.in.now = midday.Add(now)
		if now%(100*time.Millisecond) == 0 {
			v.choose(now)
		}
		v.send(now)
	}
	v.report(at + time.Second)
}

func (v *viewing) choose(now time.Duration) {
	v.rungs = append(v.rungs[:0], v.ladder.choose(v.in)...)
	if text := texts(v.rungs); text != v.before {
		v.steps = append(v.steps, now)
		v.trace = append(v.trace, fmt.Sprint(now.Round(time.Second), " ", text))
		v.before = text
	}
}

// send puts what the rungs give on the line, and what was asked for again.
func (v *viewing) send(now time.Duration) {
	for ; v.again > 0 && v.budget >= 1200; v.again-- {
		v.budget -= 1200
		v.strip.carry(now, 1200)
	}
	for i, r := range v.rungs {
		m := &v.in.menus[i]
		bits := m.layers[r.layer].bits[r.temporal]
		switch r.mode {
		case modeStill:
			bits = min(stillShare*m.layers[r.layer].bits[0], max((v.ladder.line.hold-voiceGuess)/2, stillLeastly)) // as still.go drips
		case modeOff:
			bits = 0
		}
		lively := 0.7 + 0.6*v.strip.random.Float64()
		v.credit[i] += bits / 8 * tick.Seconds() * lively
		for size := packetSize(m); v.credit[i] >= float64(size); v.credit[i] -= float64(size) {
			v.sent++
			v.budget = min(v.budget+0.2*float64(size), 5*1200)
			if !v.strip.carry(now, size) {
				v.lost++
				v.again++
			}
		}
	}
}

func packetSize(m *menu) int {
	if m.slot.IsAudio() {
		return 138
	}
	return 1200
}

func (v *viewing) report(now time.Duration) {
	v.in.loss = float64(v.lost) / float64(max(v.sent, 1))
	v.in.nackedShare = v.in.loss
	v.in.rtt = v.strip.way + max(0, v.strip.busy-now)
	v.in.jitter = time.Duration(v.strip.random.IntN(20)) * time.Millisecond
	v.in.reported = midday.Add(now)
	v.lostShare = append(v.lostShare, v.in.loss)
	v.sentBits = append(v.sentBits, v.ladder.sent)
	v.sent, v.lost = 0, 0
	v.again = min(v.again, 200)
}

func (v *viewing) run(from, to time.Duration) {
	for at := from; at < to; at += time.Second {
		v.second(at)
	}
}

// stepsIn counts the changes of rungs in a span of time.
func (v *viewing) stepsIn(from, to time.Duration) int {
	n := 0
	for _, at := range v.steps {
		if at >= from && at < to {
			n++
		}
	}
	return n
}

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(max(len(x), 1))
}

func newViewing(seed uint64, bits float64, queue time.Duration, loss float64, menus ...menu) *viewing {
	return &viewing{
		strip: strip{random: rand.New(rand.NewPCG(seed, 5)), bits: bits, queue: queue, way: 40 * time.Millisecond, loss: loss},
		in:    ladderInput{menus: menus, wish: Wish{Width: 1920, Height: 1080}},
	}
}

// TestLadderSettles holds viewers to lines of constant capacity, with short and
// long queues: each finds what its line holds, stays there, and tries more
// seldom enough.
func TestLadderSettles(t *testing.T) {
	sets := map[string][]menu{
		"camera":            {voiceMenu(Voice), cameraMenu(Camera)},
		"camera and slides": {voiceMenu(Voice), cameraMenu(Camera), slidesMenu()},
		"one layer":         {voiceMenu(Voice), lonelyMenu(Camera)},
	}
	for name, menus := range sets {
		for _, bits := range []float64{90e3, 150e3, 420e3, 800e3, 1.6e6, 3e6} {
			for _, queue := range []time.Duration{20 * time.Millisecond, 1500 * time.Millisecond} {
				t.Run(fmt.Sprintf("%s %.0f %s", name, bits/1e3, queue), func(t *testing.T) {
					settles(t, newViewing(uint64(bits), bits, queue, 0, menus...))
				})
			}
		}
	}
}

func settles(t *testing.T, v *viewing) {
	v.run(0, 10*time.Minute)
	t.Logf("settled at %s: %d steps, %d of them in the last 5 minutes, %.0f bits/s, %.2f %% lost", v.before,
		len(v.steps), v.stepsIn(5*time.Minute, 10*time.Minute), mean(v.sentBits[300:]), 100*mean(v.lostShare[300:]))
	defer func() {
		if t.Failed() {
			t.Log(strings.Join(v.trace, "\n"))
		}
	}()
	for minute := time.Minute; minute < 10*time.Minute; minute += time.Minute {
		if n := v.stepsIn(minute, minute+time.Minute); n > 5 {
			t.Errorf("%d steps in minute %s", n, minute)
		}
	}
	if n := v.stepsIn(5*time.Minute, 10*time.Minute); n > 10 {
		t.Errorf("%d steps in the last five minutes", n)
	}
	if lost := mean(v.lostShare[300:]); lost > 0.03 {
		t.Errorf("%.1f %% are lost", 100*lost)
	}
	best := bestUnder(v, 0.75*v.strip.bits)
	if got := mean(v.sentBits[300:]); got < 0.9*best {
		t.Errorf("sends %.0f bits/s where %.0f would fit", got, best)
	}
}

// bestUnder is what a new ladder gives on a line known to hold that much.
func bestUnder(v *viewing, hold float64) float64 {
	var l ladder
	in := v.in
	in.reported = time.Time{}
	l.choose(in)
	l.line.hold, l.line.tight = hold, true
	l.choose(in)
	return l.sent
}

// TestLadderKeepsWhatLossDoesNotTake: less would not lose less on these lines.
func TestLadderKeepsWhatLossDoesNotTake(t *testing.T) {
	for _, loss := range []float64{0.01, 0.03, 0.05, 0.1, 0.12} {
		for seed := range uint64(3) {
			v := newViewing(seed, 20e6, 200*time.Millisecond, loss, voiceMenu(Voice), cameraMenu(Camera))
			v.run(0, 5*time.Minute)
			if got := mean(v.sentBits[60:]); got < 0.9*(1.45e6+55e3) {
				t.Errorf("loss %.2f seed %d: sends %.0f at %s, steps %v", loss, seed, got, v.before, v.steps)
			}
			if n := v.stepsIn(time.Minute, 5*time.Minute); n > 4 {
				t.Errorf("loss %.2f seed %d: %d steps", loss, seed, n)
			}
		}
	}
}

// TestLadderGivesWayAtOnce narrows a line under a running picture.
func TestLadderGivesWayAtOnce(t *testing.T) {
	for _, bits := range []float64{150e3, 300e3, 700e3} {
		for _, queue := range []time.Duration{50 * time.Millisecond, 300 * time.Millisecond, 2 * time.Second} {
			v := newViewing(3, 10e6, queue, 0, voiceMenu(Voice), cameraMenu(Camera))
			v.run(0, 30*time.Second)
			if v.before != "high3 high3" {
				t.Fatalf("begins with %s", v.before)
			}
			v.strip.bits = bits
			v.run(30*time.Second, 60*time.Second)
			within := slices.IndexFunc(v.sentBits[30:], func(b float64) bool { return b <= bits })
			if within < 0 || within > 6 {
				t.Errorf("%.0f, queue %s: %d s until it fits; %v", bits, queue, within, v.sentBits[30:45])
			}
		}
	}
}

// TestLadderComesBack widens the line again, and cuts one for some seconds.
func TestLadderComesBack(t *testing.T) {
	v := newViewing(4, 300e3, 200*time.Millisecond, 0, voiceMenu(Voice), cameraMenu(Camera))
	v.run(0, 3*time.Minute)
	v.strip.bits = 10e6
	v.run(3*time.Minute, 8*time.Minute)
	if v.before != "high3 high3" {
		t.Errorf("five minutes later: %s, wait %s", v.before, v.ladder.line.wait)
	}

	v = newViewing(5, 10e6, 200*time.Millisecond, 0, voiceMenu(Voice), cameraMenu(Camera))
	v.run(0, time.Minute)
	v.strip.loss = 1
	v.run(time.Minute, time.Minute+3*time.Second)
	v.strip.loss = 0
	v.run(time.Minute+3*time.Second, 2*time.Minute)
	if v.before != "high3 high3" {
		t.Errorf("a minute after a cut of three seconds: %s", v.before)
	}
}

// TestLadderStepsUpSlowly tells a viewer whose line choked once when more comes.
func TestLadderStepsUpSlowly(t *testing.T) {
	in := ladderInput{now: midday, menus: []menu{voiceMenu(Voice), cameraMenu(Camera)}}
	var l ladder
	at := func(second int, loss float64, delay, jitter time.Duration) string {
		in.now = midday.Add(time.Duration(second) * time.Second)
		in.reported, in.loss, in.rtt, in.jitter = in.now, loss, 40*time.Millisecond+delay, jitter
		return texts(l.choose(in))
	}
	steps := []struct {
		second        int
		loss          float64
		delay, jitter time.Duration
		want          string
	}{
		{0, 0, 0, 0, "high3 high3"},
		{1, 0.6, 0, 0, "high3 mid3"}, // 0.9 x 40 % of 1.5 Mbit/s
		{2, 0.6, 0, 0, "high3 mid3"}, // of the time before
		{4, 0, 0, 0, "high3 mid3"},
		{5, 0, 300 * time.Millisecond, 0, "high3 mid3"}, // not yet calm
		{6, 0, 0, 0, "high3 mid3"},
		{9, 0, 0, 0, "high3 mid3"},
		{10, 0, 0, 150 * time.Millisecond, "high3 mid3"}, // jitter is no calm either
		{14, 0, 0, 0, "high3 mid3"},
		{15, 0, 0, 0, "high3 high1"},
		{16, 0, 0, 0, "high3 high1"},
		{17, 0.3, 0, 0, "high3 mid3"}, // failed: back to what was good
		{19, 0, 0, 0, "high3 mid3"},
		{22, 0, 0, 0, "high3 mid3"}, // five seconds are not enough any more
		{26, 0, 0, 0, "high3 mid3"},
		{27, 0, 0, 0, "high3 high1"},
		{33, 0, 0, 0, "high3 high1"},
	}
	for _, c := range steps {
		if got := at(c.second, c.loss, c.delay, c.jitter); got != c.want {
			t.Errorf("second %d: %s, want %s", c.second, got, c.want)
		}
	}
}

// TestLadderFollowsTheWishAtOnce: what a page or a full machine asks for does
// not wait for reports.
func TestLadderFollowsTheWishAtOnce(t *testing.T) {
	in := ladderInput{now: midday, menus: []menu{voiceMenu(Voice), cameraMenu(Camera)}}
	var l ladder
	for i, c := range []struct {
		wish    Wish
		ceiling rungCeiling
		want    string
	}{
		{Wish{}, ceilingNone, "high3 high3"},
		{Wish{Picture: PictureLow}, ceilingNone, "high3 low3"},
		{Wish{Picture: PictureNone}, ceilingNone, "high3 low-off"},
		{Wish{Width: 640, Height: 360}, ceilingNone, "high3 mid3"},
		{Wish{}, ceilingLow, "high3 low3"},
		{Wish{}, ceilingNone, "high3 high3"},
	} {
		in.now = in.now.Add(100 * time.Millisecond)
		in.wish, in.ceiling = c.wish, c.ceiling
		if got := texts(l.choose(in)); got != c.want {
			t.Errorf("step %d: %s, want %s", i, got, c.want)
		}
	}
}

// TestFamilyGetsHighAfterCalm: never before a report has come.
func TestFamilyGetsHighAfterCalm(t *testing.T) {
	v := newViewing(1, 10e6, time.Second, 0, voiceMenu(Voice), cameraMenu(Camera))
	v.in.home = true
	v.run(0, 4*time.Second)
	if v.before != "high3 mid3" {
		t.Errorf("after four seconds: %s", v.before)
	}
	v.run(4*time.Second, 8*time.Second)
	if v.before != "high3 high3" {
		t.Errorf("after eight: %s", v.before)
	}
	var silent ladder
	in := v.in
	in.reported = time.Time{}
	for second := range 60 {
		in.now = midday.Add(time.Duration(second) * time.Second)
		if got := texts(silent.choose(in)); got != "high3 mid3" {
			t.Fatalf("second %d, no report yet: %s", second, got)
		}
	}
}

// TestLadderHoldsThroughLivelyScenes lets the bits of all layers swing by a
// fifth: what was chosen stays.
func TestLadderHoldsThroughLivelyScenes(t *testing.T) {
	var l ladder
	camera := cameraMenu(Camera)
	in := ladderInput{now: midday, menus: []menu{voiceMenu(Voice), camera}}
	l.choose(in)
	l.line.hold, l.line.tight = 560e3, true
	random := rand.New(rand.NewPCG(1, 1))
	for range 1000 {
		swing := 0.85 + 0.3*random.Float64()
		in.menus[1] = camera
		for layer := range in.menus[1].layers {
			for t := range temporalCount {
				in.menus[1].layers[layer].bits[t] *= swing
			}
		}
		if got := texts(l.choose(in)); got != "high3 mid3" {
			t.Fatalf("at %.2f: %s", swing, got)
		}
	}
}

// TestLadderSitsOutAKeyframe: bits that double for two seconds change nothing,
// for longer they do.
func TestLadderSitsOutAKeyframe(t *testing.T) {
	var l ladder
	camera, twice := cameraMenu(Camera), cameraMenu(Camera)
	for layer := range twice.layers {
		for i := range temporalCount {
			twice.layers[layer].bits[i] *= 2
		}
	}
	in := ladderInput{now: midday, menus: []menu{voiceMenu(Voice), camera}}
	l.choose(in)
	l.line.hold, l.line.tight = 560e3, true
	l.line.failed, l.line.wait = 560e3, longestWait
	in.now = in.now.Add(longestWait / 2)
	l.choose(in)
	for i, c := range []struct {
		m    menu
		want string
	}{
		{twice, "mid3"}, {twice, "mid3"}, {camera, "mid3"}, {twice, "mid3"}, {twice, "mid3"}, {twice, "mid3"}, {twice, "low3"},
	} {
		in.now = in.now.Add(time.Second)
		in.menus[1], in.reported, in.rtt = c.m, in.now, 40*time.Millisecond // calm, and eager to climb
		if got := texts(l.choose(in)[1:]); got != c.want {
			t.Errorf("second %d: %s, want %s", i+1, got, c.want)
		}
	}
}

// TestEmptyLinesCostNothing: a guest who is not there takes no room.
func TestEmptyLinesCostNothing(t *testing.T) {
	var l ladder
	in := ladderInput{now: midday, menus: []menu{voiceMenu(Voice), cameraMenu(Camera), {slot: Slides}, {slot: GuestVoice}, {slot: GuestCamera}}}
	l.choose(in)
	l.line.hold, l.line.tight = 180e3, true
	if got := texts(l.choose(in)); got != "high3 low3 high3 high3 high3" || l.sent != 165e3 {
		t.Errorf("%s for %.0f", got, l.sent)
	}
}

func TestLadderAllocatesOnce(t *testing.T) {
	v := newViewing(2, 1e6, time.Second, 0, voiceMenu(Voice), cameraMenu(Camera), slidesMenu(), voiceMenu(GuestVoice), cameraMenu(GuestCamera))
	v.run(0, 5*time.Second)
	now := 5 * time.Second
	if n := testing.AllocsPerRun(500, func() {
		now += 100 * time.Millisecond
		v.in.now, v.in.reported = midday.Add(now), midday.Add(now)
		v.in.loss = v.strip.random.Float64() * v.strip.random.Float64()
		v.ladder.choose(v.in)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkLadder(b *testing.B) {
	menus := []menu{voiceMenu(Voice), cameraMenu(Camera), slidesMenu(), voiceMenu(GuestVoice), cameraMenu(GuestCamera)}
	for name, hold := range map[string]float64{"all": 0, "tight": 600e3} {
		b.Run(name, func(b *testing.B) {
			var l ladder
			in := ladderInput{now: midday, menus: menus, wish: Wish{Width: 1920, Height: 1080}}
			l.choose(in)
			if hold > 0 {
				l.line.hold = hold
			}
			b.ReportAllocs()
			for b.Loop() {
				l.choose(in)
			}
		})
	}
}

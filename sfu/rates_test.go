package sfu

import (
	"net/netip"
	"testing"
	"time"

	"antenne/sfu/packet"
)

// lecture is a stage on which time is told: a face in three temporal layers,
// 15 frames a second, and slides of 5, which are turned now and then.
type lecture struct {
	*stage
	slides *encoding
	tap    *tapped
	viewer *watcher
	frames int // of the face so far
	pages  int // frames of the slides so far
	wanted int // keyframes of the slides asked for
	drawn  int // of those, keyframes made
	drew   int // the same of the face
}

const slidesSSRC = 4

// beats are the temporal layers of VP8 as Chromium makes three of them.
var beats = [...]struct {
	tid  uint8
	sync bool
}{{0, false}, {2, true}, {1, true}, {2, false}}

func newLecture(t *testing.T, w Wish) *lecture {
	s := newStage(t)
	l := &lecture{stage: s, tap: &tapped{dest: s.conn.Dest(netip.MustParseAddrPort("127.0.0.1:9"))}}
	l.slides = &encoding{
		source: &Source{session: &session{engine: s.engine, life: newLife()}, broadcast: s.lane.broadcast},
		slot:   Slides, stream: 20, ring: packet.NewRing(videoRing),
	}
	l.slides.keyframes.send = func() { l.wanted++ }
	l.viewer = s.joinAs(l.tap, w)
	l.viewer.lines = append(l.viewer.lines, viewerLine{
		pick: func(r *routes, who identity) *feed { return r.forSlot(Slides, who) }, slot: Slides,
		types: payloadTypes{packet.VP8: 96}, ssrc: slidesSSRC, out: newOutLine(),
	})
	return l
}

// share puts the slides on air.
func (l *lecture) share() {
	r := *l.lane.broadcast.routes.Load()
	r.feeds[Slides] = feed{source: l.slides.source, best: l.slides, layers: [layerCount]*encoding{High: l.slides}, audience: Everyone()}
	l.lane.broadcast.routes.Store(&r)
}

// show stores a frame of so many bytes.
func (l *lecture) show(e *encoding, index *uint64, n, bytes int, key bool) {
	beat := beats[n%len(beats)]
	for begin := true; bytes > 0; begin = false {
		*index++
		size := min(bytes, 1100)
		bytes -= size
		p := e.ring.Put(packet.Packet{
			Index: *index, Timestamp: uint32(l.now.Sub(startOfTime) * 90 / time.Millisecond), Arrival: l.now, Codec: packet.VP8,
			Payload: make([]byte, max(size, 8)), Start: begin, Keyframe: key && begin, Marker: bytes <= 0,
			VP8: packet.VP8Header{TID: beat.tid, LayerSync: beat.sync, HasTID: true},
		})
		e.gauge.note(p)
		e.key.note(p)
		l.lane.push(e, p)
	}
}

// step is the fifteenth of a second in which the face has its next frame; page
// is how many bytes a frame of the slides has, 0 for no slides.
func (l *lecture) step(page int) {
	l.now = l.now.Add(time.Second / 15)
	face := l.layers[Low]
	key := l.drew < l.asked[Low] && l.frames%len(beats) == 0
	if key {
		l.drew = l.asked[Low]
	}
	l.show(face, &l.index[Low], l.frames, [...]int{1260, 570, 600, 570}[l.frames%len(beats)], key)
	l.frames++
	if l.frames%3 == 0 {
		face.gauge.measure(l.now, false)
		if page > 0 {
			l.turn(page)
			l.slides.gauge.measure(l.now, true)
		}
	}
	l.lane.feed()
	l.lane.feeder.round(l.lane.broadcast.routes.Load(), l.now)
}

func (l *lecture) turn(bytes int) {
	key := l.pages == 0 || l.drawn < l.wanted && l.pages%len(beats) == 0
	if key {
		l.drawn = l.wanted
		bytes = max(bytes, 15000)
	}
	l.show(l.slides, &l.sounds, l.pages, bytes, key)
	l.pages++
}

// play goes on for so many frames of the face, and tells the longest run of
// them of which nothing was sent; page is what a frame of the slides has.
func (l *lecture) play(frames int, page func() int) (longest int) {
	still := 0
	for range frames {
		l.tap.seen = l.tap.seen[:0]
		l.step(page())
		if still++; len(l.tap.of(pictureSSRC)) > 0 {
			still = 0
		}
		longest = max(longest, still)
	}
	return longest
}

// sharing is what slides cost as a studio in Chromium began to share them, in
// kbit/s of each fifth of a second: a page comes, others ask for keyframes of
// it, and then it stands still.
var sharing = [...]int{
	0, 180, 0, 25, 28, 187, 0, 19, 39, 0, 167, 0, 39, 0, 452, 0, 8, 7, 23, 12, 0, 38, 31, 0, 365, 490, 414, 22, 7, 23, 76, 0, 599, 0, 215,
	169, 20, 20, 24, 59, 9, 9, 16, 16, 16, 17, 17, 0, 25, 8, 16, 15, 16, 0, 34, 15, 0, 17, 16, 15, 16, 16, 17, 16, 8, 8, 16, 15, 16,
}

// turning is a page turned while it stands.
var turning = [...]int{620, 168, 162, 43, 169, 0, 58, 101, 0, 106, 41, 38}

// page is how many bytes the slides have in that fifth of a second after they
// were shared; a page is turned each 20 s, and all is so many times as heavy.
func page(n, times int) int {
	kbits := sharing[min(n, len(sharing)-1)]
	if turned := n % 100; n >= 100 && turned < len(turning) {
		kbits = turning[turned]
	}
	return max(1, times*kbits*1000/8/5)
}

// A family that asked for little keeps a face that moves while slides are shared
// and turned, and soon has slides that move: what a page costs while it comes is
// not what it costs.
func TestAFaceMovesOnBesideSlidesThatRest(t *testing.T) {
	for _, times := range []int{1, 3} {
		l := newLecture(t, Wish{Picture: PictureLow})
		l.play(150, func() int { return 0 })
		l.share()
		moving := 0
		longest := l.play(900, func() int {
			if moving == 0 && l.pages > 5 && l.viewer.lines[2].filter.rung.mode == modeFull {
				moving = l.pages
			}
			return page(l.pages, times)
		})
		t.Logf("%d times: the face stood still for %d frames at most, the slides moved after %d; %d keyframes of the face and %d of the slides",
			times, longest, moving, l.drew, l.drawn)
		if longest > 8 {
			t.Errorf("%d times: the face stood still for %d frames", times, longest)
		}
		if moving == 0 || moving > 50 {
			t.Errorf("%d times: the slides moved after %d frames", times, moving)
		}
	}
}

// What goes on costing too much is held to what was asked for in the end.
func TestLittleIsLittleInTheEnd(t *testing.T) {
	for _, kbits := range []int{60, 100, 150, 400, 1500} {
		l := newLecture(t, Wish{Picture: PictureLow})
		l.play(150, func() int { return 0 })
		l.share()
		l.play(600, func() int { return kbits * 1000 / 8 / 5 })
		if sent := l.viewer.ladder.sent - voiceGuess; sent > keepRoom*lowBudget {
			t.Errorf("slides of %d kbit/s: %.0f bits/s in all, want %.0f", kbits, sent, lowBudget)
		}
	}
}

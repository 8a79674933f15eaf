package peer

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"antenne/sfu/packet"
	"antenne/sfu/peer/internal/recording"
)

// How the recordings were made is told in testdata/README.md.
//
//go:embed testdata/*.rec.gz
var recorded embed.FS

const recordedEnd = ".rec.gz"

func recordings() []string {
	files, err := fs.Glob(recorded, "testdata/*"+recordedEnd)
	if err != nil {
		return nil // the pattern is a constant
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(strings.TrimPrefix(f, "testdata/"), recordedEnd)
	}
	return files
}

// loop is one track of a recording: whole frames, for pictures from a keyframe
// on, to be played over and over. Immutable.
type loop struct {
	codec  packet.Codec
	frames []loopFrame
	ticks  uint32        // RTP time from the first frame to the first of the next turn
	length time.Duration // the same by the clock
	bits   float64       // a second, RTP payload
}

// loopFrame is one frame.
type loopFrame struct {
	time     uint32        // RTP, since the first frame
	due      time.Duration // the same by the clock
	recorded time.Duration // when its first packet left, since that of the first frame
	key      bool
	packets  []loopPacket
}

type loopPacket struct {
	after   time.Duration // the first of the frame
	marker  bool
	payload []byte
	vp8     packet.VP8Header
}

// lecture is a recording ready to play: sound first, then layers from the highest down.
type lecture struct {
	codec packet.Codec
	loops []*loop
}

func loadLecture(name string) (*lecture, error) {
	b, err := recorded.ReadFile("testdata/" + name + recordedEnd)
	if err != nil {
		return nil, fmt.Errorf("peer: no recording is called %q: one of %s", name, strings.Join(recordings(), ", "))
	}
	r, err := recording.Read(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("peer: %s: %w", name, err)
	}
	l := &lecture{codec: packet.VP8}
	if r.Codec == packet.H264.String() {
		l.codec = packet.H264
	}
	for track := range r.Tracks {
		codec := l.codec
		if track == 0 {
			codec = packet.Opus
		}
		one, err := newLoop(r, uint8(track), codec)
		if err != nil {
			return nil, fmt.Errorf("peer: %s: track %d: %w", name, track, err)
		}
		l.loops = append(l.loops, one)
	}
	if len(l.loops) < 2 {
		return nil, fmt.Errorf("peer: %s: no picture", name)
	}
	return l, nil
}

func newLoop(r *recording.Recording, track uint8, codec packet.Codec) (*loop, error) {
	l := &loop{codec: codec}
	var began time.Duration
	var first, newest uint32
	size := 0
	for _, p := range r.Packets {
		if p.Track != track {
			continue
		}
		if len(l.frames) == 0 {
			began, first = p.At, p.Timestamp
		}
		if len(l.frames) == 0 || p.Timestamp != newest {
			since := p.Timestamp - first
			l.frames = append(l.frames, loopFrame{
				time: since, due: time.Duration(float64(since) / float64(codec.ClockRate()) * float64(time.Second)), recorded: p.At - began,
			})
			newest = p.Timestamp
		}
		if err := l.frames[len(l.frames)-1].add(codec, p, began); err != nil {
			return nil, err
		}
		size += len(p.Payload)
	}
	return l, l.finish(size)
}

func (f *loopFrame) add(codec packet.Codec, p recording.Packet, began time.Duration) error {
	one := loopPacket{after: p.At - began - f.recorded, marker: p.Marker, payload: p.Payload}
	switch codec {
	case packet.VP8:
		h, ok := packet.ParseVP8(p.Payload)
		if !ok {
			return errors.New("a payload that is not VP8")
		}
		one.vp8 = h
		f.key = f.key || h.Keyframe
	case packet.H264:
		f.key = f.key || packet.H264Keyframe(p.Payload)
	}
	f.packets = append(f.packets, one)
	return nil
}

// finish checks that the loop can be closed and finds its length: one mean
// frame behind the last.
func (l *loop) finish(size int) error {
	switch {
	case len(l.frames) < 2:
		return errors.New("less than two frames")
	case l.codec.Video() && !l.frames[0].key:
		return errors.New("does not begin with a keyframe")
	}
	last := l.frames[len(l.frames)-1]
	if l.codec.Video() && !last.packets[len(last.packets)-1].marker {
		return errors.New("ends within a frame")
	}
	l.ticks = last.time + last.time/uint32(len(l.frames)-1)
	l.length = time.Duration(float64(l.ticks) / float64(l.codec.ClockRate()) * float64(time.Second))
	l.bits = 8 * float64(size) / l.length.Seconds()
	for i := range l.frames { // a turn ends before the next begins, however late the last frame was then
		l.frames[i].recorded = min(l.frames[i].recorded, l.length)
	}
	return nil
}

// turn is the playing of a loop: it gives frame after frame, their numbers
// running on over the end of the loop and over jumps back to its keyframe.
type turn struct {
	loop  *loop
	place int       // of the next frame
	base  time.Time // when the first frame of this turn was, or would have been, due
	shift uint32    // added to RTP times

	sequence uint16 // of the next packet
	number   uint32 // of the next frame, from 1
	vp8      packet.VP8Shift
	last     packet.VP8Header // of the newest frame, as it went out
	begun    bool
	sinceKey int // frames
}

// playedFrame is one that is to be sent now.
type playedFrame struct {
	frame    *loopFrame
	due      time.Time
	time     uint32
	number   uint32
	vp8      packet.VP8Shift
	sequence uint16 // of its first packet
}

// due is when the next frame goes out.
func (t *turn) due(recordedTimes bool) time.Time {
	f := &t.loop.frames[t.place]
	if recordedTimes {
		return t.base.Add(f.recorded)
	}
	return t.base.Add(f.due)
}

// restart goes back to the keyframe: it is sent instead of the next frame.
func (t *turn) restart(recordedTimes bool) {
	next := &t.loop.frames[t.place]
	t.base = t.due(recordedTimes)
	t.shift += next.time
	t.place = 0
}

// next gives the next frame; extra more packets than recorded will be sent.
func (t *turn) next(recordedTimes bool, extra uint16) playedFrame {
	f := &t.loop.frames[t.place]
	t.number++
	p := playedFrame{frame: f, due: t.due(recordedTimes), time: t.shift + f.time, number: t.number, sequence: t.sequence}
	t.sequence += uint16(len(f.packets)) + extra
	if t.loop.codec == packet.VP8 {
		p.vp8 = t.shiftVP8(f)
	}
	t.sinceKey++
	if f.key {
		t.sinceKey = 0
	}
	if t.place++; t.place == len(t.loop.frames) {
		t.place = 0
		t.base = t.base.Add(t.loop.length)
		t.shift += t.loop.ticks
	}
	return p
}

// shiftVP8 lets the counters of the descriptor run on at the keyframe.
func (t *turn) shiftVP8(f *loopFrame) packet.VP8Shift {
	h := f.packets[0].vp8
	if t.begun && t.place == 0 {
		t.vp8 = packet.VP8Shift{
			Picture: (t.last.PictureID + 1 - h.PictureID) & 0x7fff,
			TL0:     t.last.TL0PICIDX + 1 - h.TL0PICIDX,
			KeyIdx:  (t.last.KeyIdx + 1 - h.KeyIdx) & 0x1f,
		}
	}
	t.begun = true
	t.last = packet.VP8Header{
		PictureID: (h.PictureID + t.vp8.Picture) & 0x7fff, TL0PICIDX: h.TL0PICIDX + t.vp8.TL0, KeyIdx: (h.KeyIdx + t.vp8.KeyIdx) & 0x1f,
	}
	return t.vp8
}

// payload is packet i of p with its own counters; a copy with room behind.
func (p *playedFrame) payload(i int) []byte {
	one := &p.frame.packets[i]
	b := append(make([]byte, 0, len(one.payload)+stampSize), one.payload...)
	if !p.vp8.Zero() {
		p.vp8.Apply(b, &one.vp8)
	}
	return b
}

// firstSlice is the packet in front of which a SEI may stand: behind parameter
// sets (H.264 §7.4.1.2.3).
func (f *loopFrame) firstSlice() int {
	i := slices.IndexFunc(f.packets, func(p loopPacket) bool { return len(p.payload) > 0 && !parameterSets(p.payload) })
	return max(i, 0)
}

func parameterSets(p []byte) bool {
	const sps, pps, aggregate = 7, 8, 24
	switch p[0] & 0x1f {
	case sps, pps:
		return true
	case aggregate:
		p = p[1:]
		for len(p) > 2 {
			size := int(p[0])<<8 | int(p[1])
			if size == 0 || size+2 > len(p) {
				return false
			}
			if t := p[2] & 0x1f; t != sps && t != pps {
				return false
			}
			p = p[2+size:]
		}
		return true
	}
	return false
}

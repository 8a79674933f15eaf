package peer

import (
	"context"
	"time"
)

// Pacing says when the packets of a frame leave a teacher.
type Pacing uint8

// Pacings. The zero value is the recorded one.
const (
	PacingRecorded Pacing = iota // when they left the browser that was recorded
	PacingBrowser                // every 5 ms what 2.5 × the rate of the recording allows (libwebrtc's old pacer)
	PacingChrome                 // 2.5 × the rate with 40 ms of burst (libwebrtc's present one): a frame leaves at once, a keyframe is spread
	PacingFrame                  // each frame at once
)

// String is the word for it: recorded, browser, chrome, frame.
func (p Pacing) String() string { return p.word() }

// ParsePacing reads what String writes.
func ParsePacing(s string) (Pacing, error) { return parsePacing(s) }

// Lesson says what a teacher plays.
type Lesson struct {
	Recording string // one of Recordings
	Pacing    Pacing
	Single    bool // only the highest layer of a recording of several, without simulcast
	Silent    bool // no sound
	Unstamped bool // packets go out as they were recorded
}

// Recordings are the names of what was recorded of a real Chromium:
// "vp8-simulcast", "h264-simulcast" (three layers each), "vp8-single" (one,
// 720p30, 1.5 Mbit/s). Each has sound (Opus).
func Recordings() []string { return recordings() }

// Teacher publishes a recording over and over, as a browser would: the same
// pictures in packets of the same sizes, keyframes on request for each layer
// (the layer goes back to the beginning of its loop, which is a keyframe),
// lost packets again (on the same SSRC: Pion v3 has no RTX for senders).
//
// Stamps are added to the recorded packets: 16 bytes behind each
// VP8 frame, 20 in each sound, and one packet more in each H.264 frame.
//
// Goroutines: one that plays, and one for each layer and the sound that reads
// RTCP. Close ends and awaits them.
type Teacher struct {
	teacher
}

// Teach connects and plays until Close.
func Teach(ctx context.Context, exchange Exchange, l Lesson) (*Teacher, error) {
	return teach(ctx, exchange, l)
}

// Sent is one packet of a teacher.
type Sent struct {
	At    time.Time // CLOCK_REALTIME, before the packet was handed to the connection
	Size  int       // bytes of RTP without header extensions, before SRTP: as one viewer gets it
	Layer int       // 0 sound, 1 the highest picture of the lesson, 2 and 3 the ones below
	Frame uint32    // counts the frames of that layer
	First bool      // of its frame
	Key   bool      // of a keyframe
}

// Log is what was sent in [from, to), oldest first, as far as it is kept (the
// last 500,000 packets, some 15 minutes of simulcast). `loadtest floor` replays it.
func (t *Teacher) Log(from, to time.Time) []Sent { return t.window(from, to) }

// Layers is how many layers of pictures are sent: 1 or 3.
func (t *Teacher) Layers() int { return t.layers() }

// KeyframeRequests is how many keyframes the server asked for, all layers.
func (t *Teacher) KeyframeRequests() uint64 { return t.asked() }

// Close says goodbye (DELETE where there is one), ends and waits.
func (t *Teacher) Close(ctx context.Context) error { return t.close(ctx) }

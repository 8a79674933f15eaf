// Package packet is the pure arithmetic of RTP that forwarding needs: what a
// packet is, one shared ring for each encoding, keyframe sniffing for VP8 and
// H.264, and the rewriting that keeps one continuous stream for a viewer over
// changes of source, codec and layer. No clock, no socket, no goroutine.
package packet

import "time"

// Codec of a packet's payload.
type Codec uint8

// The codecs Antenne forwards.
const (
	Opus Codec = iota + 1
	VP8
	H264
)

// String is the name of the codec as SDP spells it.
func (c Codec) String() string {
	switch c {
	case Opus:
		return "opus"
	case VP8:
		return "VP8"
	case H264:
		return "H264"
	default:
		return "unknown"
	}
}

// Video tells whether the codec carries pictures.
func (c Codec) Video() bool { return c == VP8 || c == H264 }

// ClockRate is the RTP clock in hertz (RFC 7587 §4.1, RFC 7741 §4.1, RFC 6184 §8.2.1).
func (c Codec) ClockRate() uint32 {
	if c == Opus {
		return 48000
	}
	return 90000
}

// Packet is one RTP packet of an encoding, decrypted, without padding and
// without header extensions. It is immutable once it is in a Ring: everybody
// shares Payload and nobody writes to it.
type Packet struct {
	Index     uint64    // extended sequence number: 16-bit roll-overs counted, padding-only packets closed up
	Timestamp uint32    // in units of Codec.ClockRate
	Arrival   time.Time // monotonic clock of this node
	Payload   []byte
	VP8       VP8Header // meaningful when Codec is VP8
	Codec     Codec
	Marker    bool // end of a frame (video), start of a talk spurt (audio)
	Start     bool // first packet of a frame
	Keyframe  bool // a decoder may begin with this packet
	Level     uint8
	HasLevel  bool // Level holds ssrc-audio-level in -dBov, 0..127 (RFC 6464)
}

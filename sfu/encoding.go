package sfu

import (
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v3"

	"antenne/sfu/packet"
)

const (
	videoRing = 1024 // packets: about 4 s of a 2.5 Mbit/s picture
	audioRing = 256  // packets: about 5 s

	// silentBeside is how long a layer may be silent while another one of its
	// source goes on, before the other takes its place.
	silentBeside = 600 * time.Millisecond

	// silentShare is how long a shared picture may be silent before the
	// programme cut passes it over: longer than a still page of slides is
	// repeated, shorter than the wait for a lost peer.
	silentShare = 6 * time.Second

	// maxReadErrors in a row end a reader whose track gives nothing else.
	maxReadErrors = 100
)

// streamIDs names encodings for the lines that follow them.
var streamIDs atomic.Uint64

// encoding is one incoming RTP stream. Its reader goroutine owns sniffer and
// level; everything else is static or safe for all.
type encoding struct {
	source    *Source
	slot      Slot
	layer     Layer
	stream    uint64
	ring      *packet.Ring
	clock     mediaClock
	keyframes keyframer
	codecs    map[uint8]packet.Codec // by payload type
	ssrc      uint32

	sniffer packet.Sniffer // owned by the reader
	gauge   gauge
	key     keyMark
	cap     encodingCap // owned by the reader

	wanted         atomic.Bool // a lane may need its packets: set by routing
	codec          atomic.Uint32
	packets, bytes atomic.Uint64
	keys, requests atomic.Uint64
	padding        atomic.Uint64
	lastPacket     atomic.Int64 // nanoseconds since startOfTime
}

func newEncoding(s *Source, slot Slot, layer Layer, track *webrtc.TrackRemote, params webrtc.RTPParameters) *encoding {
	size := videoRing
	if slot.IsAudio() {
		size = audioRing
	}
	e := &encoding{
		source: s, slot: slot, layer: layer, stream: streamIDs.Add(1),
		ring: packet.NewRing(size), codecs: codecTable(params), ssrc: uint32(track.SSRC()),
		sniffer: packet.Sniffer{LevelID: levelID(params)},
	}
	e.keyframes = keyframer{window: s.engine.timing.keyframe, send: e.sendPLI, asks: &s.engine.count.keyframeAsks}
	e.cap.limit(s.engine.limits.of(s.spec.Most), slot.IsAudio())
	return e
}

func codecTable(params webrtc.RTPParameters) map[uint8]packet.Codec {
	table := map[uint8]packet.Codec{}
	for _, c := range params.Codecs {
		switch {
		case strings.EqualFold(c.MimeType, webrtc.MimeTypeOpus):
			table[uint8(c.PayloadType)] = packet.Opus
		case strings.EqualFold(c.MimeType, webrtc.MimeTypeVP8):
			table[uint8(c.PayloadType)] = packet.VP8
		case strings.EqualFold(c.MimeType, webrtc.MimeTypeH264):
			table[uint8(c.PayloadType)] = packet.H264
		}
	}
	return table
}

func levelID(params webrtc.RTPParameters) uint8 {
	for _, x := range params.HeaderExtensions {
		if x.URI == levelURI && x.ID > 0 && x.ID < 256 {
			return uint8(x.ID)
		}
	}
	return 0
}

func (e *encoding) sendPLI() {
	e.requests.Add(1)
	e.source.engine.count.keyframeRequests.Add(1)
	_ = e.source.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: e.ssrc}})
}

// quiet tells whether nothing came for that long.
func (e *encoding) quiet(now time.Time, patience time.Duration) bool {
	return now.Sub(startOfTime)-time.Duration(e.lastPacket.Load()) > patience
}

// read is the reader goroutine of the encoding's media.
func (e *encoding) read(track *webrtc.TrackRemote) {
	defer e.source.survive("media")
	buf := make([]byte, 2048)
	for bad := 0; bad < maxReadErrors; {
		n, _, err := track.Read(buf)
		switch {
		case err == nil:
			bad = 0
			e.take(buf[:n], time.Now())
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe) || e.source.hasEnded():
			return
		default: // one packet that Pion could not place
			bad++
			e.source.engine.count.drop(dropCodec, 1)
		}
	}
}

// take stores one packet and tells the lanes.
func (e *encoding) take(b []byte, arrival time.Time) {
	count := &e.source.engine.count
	raw, err := packet.Parse(b)
	if err != nil {
		count.drop(dropMalformed, 1)
		return
	}
	codec, ok := e.codecs[raw.PayloadType]
	if !ok {
		count.drop(dropCodec, 1)
		return
	}
	if !e.fits(len(b), &raw, codec, arrival) {
		return
	}
	p, ok := e.sniffer.Sniff(&raw, codec, arrival)
	if !ok {
		e.countUseless(&raw)
		return
	}
	stored := e.ring.Put(p)
	if stored == nil {
		count.drop(dropDuplicate, 1)
		return
	}
	e.note(stored)
}

func (e *encoding) countUseless(raw *packet.Raw) {
	if len(raw.Payload) > 0 {
		e.source.engine.count.drop(dropMalformed, 1)
		return
	}
	e.padding.Add(1)
	e.source.engine.count.padding.Add(1)
}

func (e *encoding) note(p *packet.Packet) {
	count := &e.source.engine.count
	count.received(e.slot, len(p.Payload))
	e.packets.Add(1)
	e.bytes.Add(uint64(len(p.Payload)))
	e.lastPacket.Store(int64(p.Arrival.Sub(startOfTime)))
	e.codec.Store(uint32(p.Codec))
	if p.Start {
		e.clock.noteArrival(p.Timestamp, p.Arrival)
	}
	e.gauge.note(p)
	e.key.note(p)
	if p.Keyframe {
		e.keys.Add(1)
		e.keyframes.Came()
	}
	e.source.broadcast.fanOut(e, p)
}

// mediaTime is the encoding's media time at that moment, on a base that sound
// and picture of its source share.
func (e *encoding) mediaTime(now time.Time, rate uint32) (uint32, bool) {
	return e.clock.mediaTime(now, rate, &e.source.clock, e.source.synced.Load())
}

// leadOver is how many ticks the clock of e is ahead of another encoding's of
// the same source, by the source's reports.
func (e *encoding) leadOver(other *encoding, p *packet.Packet) (uint32, bool) {
	if !e.clock.hasReport() || !other.clock.hasReport() {
		return 0, false
	}
	rate := p.Codec.ClockRate()
	mine, ok := e.clock.mediaTime(p.Arrival, rate, &e.source.clock, true)
	theirs, known := other.clock.mediaTime(p.Arrival, rate, &e.source.clock, true)
	return mine - theirs, ok && known
}

func (e *encoding) stats() EncodingStats {
	s := EncodingStats{
		Slot: e.slot, Layer: e.layer, Codec: packet.Codec(e.codec.Load()),
		Packets: e.packets.Load(), Bytes: e.bytes.Load(),
		Keyframes: e.keys.Load(), KeyframeRequests: e.requests.Load(), PaddingDropped: e.padding.Load(),
	}
	if s.Packets > 0 {
		s.LastPacket = startOfTime.Add(time.Duration(e.lastPacket.Load()))
	}
	return s
}

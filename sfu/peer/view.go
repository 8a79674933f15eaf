package peer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v3"

	"antenne/sfu/packet"
)

// Want says what to view.
type Want struct {
	Five bool // the five lines of our own pages; else one sound and one picture
	TCP  bool // by TCP alone (ICE-TCP, connecting): no UDP gets through; else by UDP alone

	Intrudes bool // offers to send on every line, and sends whatever is answered
}

// Line is what came on one line of a viewer.
type Line struct {
	Audio        bool
	Codec        packet.Codec // of the newest packet; 0 before the first
	Codecs       []packet.Codec
	PayloadTypes []uint8
	Packets      uint64
	Bytes        uint64        // payload
	Frames       uint64        // complete ones
	Keyframes    uint64        // complete ones
	Gaps         uint64        // sequence numbers that are missing
	FirstFrame   time.Duration // from View to the first complete frame, 0 for none
	Backwards    uint64        // new frames whose time stamp is not after the one before
	LastPacket   time.Time     // zero before the first
}

// Viewer receives and counts.
type Viewer struct {
	*connection
	began time.Time

	mu    sync.Mutex
	lines []lineState // guarded by mu
}

type lineState struct {
	Line
	ssrc    uint32
	sniffer packet.Sniffer
	last    uint64 // newest index
	time    uint32 // of the newest frame
	whole   bool   // no packet of the current frame is missing
	key     bool   // the current frame is a keyframe
	begun   bool
}

// View connects and counts until Close.
func View(ctx context.Context, exchange Exchange, w Want) (*Viewer, error) {
	var networks []webrtc.NetworkType
	if w.TCP {
		networks = byTCP
	}
	c, err := newConnectionBy(networks)
	if err != nil {
		return nil, err
	}
	kinds := []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo}
	if w.Five {
		kinds = append(kinds, webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo)
	}
	v := &Viewer{connection: c, began: time.Now(), lines: make([]lineState, len(kinds))}
	sends := make([]func(), len(kinds))
	for i, kind := range kinds {
		v.lines[i].Audio = kind == webrtc.RTPCodecTypeAudio
		if sends[i], err = v.offer(kind, w); err != nil {
			return nil, errors.Join(err, c.pc.Close())
		}
	}
	c.pc.OnTrack(v.take)
	if err := c.join(ctx, exchange); err != nil {
		return nil, errors.Join(fmt.Errorf("peer: view: %w", err), v.Close(ctx))
	}
	for _, send := range sends {
		send()
	}
	return v, nil
}

func (v *Viewer) take(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	line := slices.IndexFunc(v.pc.GetTransceivers(), func(t *webrtc.RTPTransceiver) bool { return t.Receiver() == receiver })
	if line < 0 || line >= len(v.lines) {
		return
	}
	codecs := codecTable(receiver.GetParameters())
	v.mu.Lock()
	v.lines[line].ssrc = uint32(track.SSRC())
	v.mu.Unlock()
	v.running.Go(func() {
		buf := make([]byte, 2048)
		for {
			n, _, err := track.Read(buf)
			if err != nil {
				return
			}
			v.count(line, buf[:n], codecs)
		}
	})
}

func codecTable(params webrtc.RTPParameters) map[uint8]packet.Codec {
	table := map[uint8]packet.Codec{}
	for _, c := range params.Codecs {
		for _, known := range []packet.Codec{packet.Opus, packet.VP8, packet.H264} {
			if strings.HasSuffix(strings.ToLower(c.MimeType), strings.ToLower(known.String())) {
				table[uint8(c.PayloadType)] = known
			}
		}
	}
	return table
}

func (v *Viewer) count(line int, b []byte, codecs map[uint8]packet.Codec) {
	raw, err := packet.Parse(b)
	if err != nil {
		return
	}
	now := time.Now()
	v.mu.Lock()
	defer v.mu.Unlock()
	l := &v.lines[line]
	p, ok := l.sniffer.Sniff(&raw, codecs[raw.PayloadType], now)
	if !ok {
		return
	}
	l.LastPacket = now
	l.note(&p, raw.PayloadType)
	if l.Frames > 0 && l.FirstFrame == 0 {
		l.FirstFrame = now.Sub(v.began)
	}
}

func (l *lineState) note(p *packet.Packet, payloadType uint8) {
	l.Packets++
	l.Bytes += uint64(len(p.Payload))
	l.Codec = p.Codec
	if !slices.Contains(l.Codecs, p.Codec) {
		l.Codecs = append(l.Codecs, p.Codec)
	}
	if !slices.Contains(l.PayloadTypes, payloadType) {
		l.PayloadTypes = append(l.PayloadTypes, payloadType)
	}
	switch {
	case !l.begun:
		l.begun = true
	case p.Index <= l.last:
		l.Gaps -= min(l.Gaps, 1) // sent again, or late
		return
	case p.Index > l.last+1:
		l.Gaps += p.Index - l.last - 1
		l.whole = false
	}
	l.last = p.Index
	l.noteFrame(p)
}

func (l *lineState) noteFrame(p *packet.Packet) {
	if p.Start {
		if l.Frames > 0 && int32(p.Timestamp-l.time) <= 0 {
			l.Backwards++
		}
		l.whole, l.key, l.time = true, false, p.Timestamp
	}
	l.key = l.key || p.Keyframe
	if (p.Marker || l.Audio) && l.whole {
		l.Frames++
		l.whole = false
		if l.key {
			l.Keyframes++
		}
	}
}

// Lines are the figures of now, in the order of the offer.
func (v *Viewer) Lines() []Line {
	v.mu.Lock()
	defer v.mu.Unlock()
	lines := make([]Line, len(v.lines))
	for i := range v.lines {
		lines[i] = v.lines[i].Line
		lines[i].Codecs = slices.Clone(lines[i].Codecs)
		lines[i].PayloadTypes = slices.Clone(lines[i].PayloadTypes)
	}
	return lines
}

// AskKeyframe sends a PLI for that line.
func (v *Viewer) AskKeyframe(line int) error {
	v.mu.Lock()
	ssrc := v.lines[line].ssrc
	v.mu.Unlock()
	return v.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: ssrc}})
}

// Close says goodbye (DELETE where there is one), closes and waits.
func (v *Viewer) Close(ctx context.Context) error { return v.close(ctx) }

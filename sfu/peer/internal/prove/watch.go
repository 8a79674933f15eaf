package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/pion/logging"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v3"

	"antenne/sfu"
	"antenne/sfu/packet"
	"antenne/sfu/peer"
)

// watch takes the first pictures of the highest layer of a teacher.
func watch(ctx context.Context, name string, stamped bool) ([][]byte, packet.Codec, error) {
	pc, err := newReceiver()
	if err != nil {
		return nil, 0, err
	}
	defer pc.Close()
	type one struct {
		frames [][]byte
		codec  packet.Codec
		err    error
	}
	done := make(chan one, 1)
	pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		if track.Kind() == webrtc.RTPCodecTypeVideo && (track.RID() == "" || track.RID() == "h") {
			frames, codec, err := assemble(track)
			done <- one{frames, codec, err}
		}
	})
	teacher, err := peer.Teach(ctx, peer.Direct(func(o sfu.Offer) (sfu.Answer, error) { return answer(pc, o) }), peer.Lesson{Recording: name, Unstamped: !stamped})
	if err != nil {
		return nil, 0, err
	}
	defer teacher.Close(context.WithoutCancel(ctx))
	select {
	case got := <-done:
		return got.frames, got.codec, got.err
	case <-ctx.Done():
		return nil, 0, ctx.Err()
	}
}

func newReceiver() (*webrtc.PeerConnection, error) {
	m := &webrtc.MediaEngine{}
	if err := m.RegisterDefaultCodecs(); err != nil {
		return nil, err
	}
	for _, uri := range []string{sdp.SDESMidURI, sdp.SDESRTPStreamIDURI, sdp.SDESRepairRTPStreamIDURI} {
		if err := m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uri}, webrtc.RTPCodecTypeVideo, webrtc.RTPTransceiverDirectionRecvonly); err != nil {
			return nil, err
		}
	}
	s := webrtc.SettingEngine{LoggerFactory: &logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled}}
	s.SetIncludeLoopbackCandidate(true)
	return webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithSettingEngine(s)).NewPeerConnection(webrtc.Configuration{})
}

func answer(pc *webrtc.PeerConnection, o sfu.Offer) (sfu.Answer, error) {
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: string(o)}); err != nil {
		return "", err
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	a, err := pc.CreateAnswer(nil)
	if err != nil {
		return "", err
	}
	if err := pc.SetLocalDescription(a); err != nil {
		return "", err
	}
	<-gathered
	return sfu.Answer(pc.LocalDescription().SDP), nil
}

// assemble makes frames of packets, in order: VP8 with
// the descriptor cut off, H.264 with start codes. It begins with the keyframe of
// a turn that is whole: of the first, packets get lost while the layers are told apart.
func assemble(track *webrtc.TrackRemote) ([][]byte, packet.Codec, error) {
	codec := packet.VP8
	if strings.EqualFold(track.Codec().MimeType, webrtc.MimeTypeH264) {
		codec = packet.H264
	}
	var frames [][]byte
	var frame []byte
	var next uint16
	key, seen := false, false
	for len(frames) < pictures {
		p, _, err := track.ReadRTP()
		if err != nil {
			return nil, 0, err
		}
		if len(p.Payload) == 0 {
			continue
		}
		if key && p.SequenceNumber != next {
			frames, frame, key = nil, nil, false // lost on a busy machine: the next turn is the same
		}
		next = p.SequenceNumber + 1
		switch codec {
		case packet.VP8:
			h, ok := packet.ParseVP8(p.Payload)
			if !ok {
				return nil, 0, fmt.Errorf("a payload that is not VP8")
			}
			key = key || seen && h.Keyframe
			frame = append(frame, p.Payload[h.Size:]...)
		default:
			key = key || seen && packet.H264Keyframe(p.Payload)
			frame = appendNALs(frame, p.Payload)
		}
		if p.Marker {
			if key {
				frames = append(frames, frame)
			}
			frame, seen = nil, true
		}
	}
	return frames, codec, nil
}

// appendNALs undoes RFC 6184: single NALs, STAP-A and FU-A.
func appendNALs(frame, p []byte) []byte {
	const aggregate, fragment = 24, 28
	start := []byte{0, 0, 0, 1}
	switch p[0] & 0x1f {
	case aggregate:
		for p = p[1:]; len(p) > 2; {
			size := min(int(p[0])<<8|int(p[1]), len(p)-2)
			frame = append(append(frame, start...), p[2:2+size]...)
			p = p[2+size:]
		}
	case fragment:
		if p[1]&0x80 != 0 {
			frame = append(append(frame, start...), p[0]&0xe0|p[1]&0x1f)
		}
		frame = append(frame, p[2:]...)
	default:
		frame = append(append(frame, start...), p...)
	}
	return frame
}

package peer

import (
	"time"

	"github.com/pion/webrtc/v3"
	"github.com/pion/webrtc/v3/pkg/media"

	"antenne/sfu/packet"
)

// A viewer that will not only watch: it offers to send on every line and sends on all of them, whatever is answered. For tests of
// servers, which must take none of it.

// offer adds the line of a viewer, and gives what an intruder does on it once it is connected.
func (v *Viewer) offer(kind webrtc.RTPCodecType, w Want) (send func(), err error) {
	if !w.Intrudes {
		_, err := v.pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
		return func() {}, err
	}
	codec := packet.VP8
	if kind == webrtc.RTPCodecTypeAudio {
		codec = packet.Opus
	}
	clip, err := load(codec)
	if err != nil {
		return nil, err
	}
	track, err := webrtc.NewTrackLocalStaticSample(capabilities[codec], "intruder", "intruder")
	if err != nil {
		return nil, err
	}
	_, err = v.pc.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendrecv})
	return func() { v.running.Go(func() { v.intrude(track, clip) }) }, err
}

func (v *Viewer) intrude(track *webrtc.TrackLocalStaticSample, c *clip) {
	tick := time.NewTicker(c.each)
	defer tick.Stop()
	for at := 0; ; at = (at + 1) % len(c.frames) {
		if track.WriteSample(media.Sample{Data: c.frames[at], Duration: c.each}) != nil {
			return
		}
		select {
		case <-tick.C:
		case <-v.failed:
			return
		}
	}
}

package sfu_test

import (
	"context"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v3"

	"antenne/sfu"
	"antenne/sfu/packet"
)

// flood publishes a picture of so many bits a second until stop is closed. It
// is a browser's connection with no encoder and no restraint behind it.
func flood(t *testing.T, b *sfu.Broadcast, bits float64, stop <-chan struct{}) *sfu.Source {
	t.Helper()
	pc, err := webrtc.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.Close() })
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}, "flood", "flood")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pc.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}); err != nil {
		t.Fatal(err)
	}
	connected := make(chan struct{})
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateConnected {
			close(connected)
		}
	})
	source := offerTo(t, b, pc)
	<-connected
	go func() {
		payload := make([]byte, 1200)
		payload[0] = 0x10 // the first packet of a VP8 frame
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for n := uint16(0); ; {
			for range int(bits / 100 / 8 / 1200) {
				n++
				_ = track.WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: n, Timestamp: uint32(n) * 300}, Payload: payload})
			}
			select {
			case <-tick.C:
			case <-stop:
				return
			}
		}
	}()
	return source
}

func offerTo(t *testing.T, b *sfu.Broadcast, pc *webrtc.PeerConnection) *sfu.Source {
	t.Helper()
	gathered := webrtc.GatheringCompletePromise(pc)
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := pc.SetLocalDescription(offer); err != nil {
		t.Fatal(err)
	}
	<-gathered
	answer, source, err := b.Publish(context.Background(), sfu.Offer(pc.LocalDescription().SDP), slides)
	if err != nil {
		t.Fatal(err)
	}
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: string(answer)}); err != nil {
		t.Fatal(err)
	}
	return source
}

// A publisher that sends 20 Mbit/s is held to its bound while it lasts, then
// cut with the reason; the class beside it goes on.
func TestAFloodIsHeldThenCut(t *testing.T) {
	e, err := sfu.NewStrict(2 * time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	b := e.Open("room")
	onAir(b)
	publish(t, b, packet.VP8, mediator)
	v, _ := view(t, b, five())
	grows(t, v, sfu.Camera, 5)
	stop := make(chan struct{})
	t.Cleanup(func() { close(stop) })
	begun := time.Now()
	source := flood(t, b, 20e6, stop)
	b.Select(sfu.Slides, source)
	before := frames(v, sfu.Camera)
	<-source.Done()
	lasted := time.Since(begun)
	if source.Reason() != sfu.ReasonTooFast {
		t.Errorf("ended as %q, want %s", source.Reason(), sfu.ReasonTooFast)
	}
	if got, most := float64(source.Stats().Bytes)*8, 4e6*(lasted.Seconds()+2); got > most {
		t.Errorf("%.1f Mbit of the flood came in, want at most %.1f", got/1e6, most/1e6)
	}
	if frames(v, sfu.Camera) == before {
		t.Error("the class stood still meanwhile")
	}
	if s := e.Stats(); s.Drops["publisher-layer-rate"]+s.Drops["publisher-until-keyframe"] == 0 {
		t.Errorf("the drops have no name: %v", s.Drops)
	}
	grows(t, v, sfu.Camera, 5)
	grows(t, v, sfu.Voice, 5)
}

package sfu_test

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/pion/webrtc/v3"

	"antenne/sfu"
	"antenne/sfu/packet"
)

func publisherOffer(t *testing.T, audio, video bool) string {
	t.Helper()
	pc := rawClient(t)
	if audio {
		track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}, "a", "raw")
		if err != nil {
			t.Fatal(err)
		}
		way := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}
		if _, err := pc.AddTransceiverFromTrack(track, way); err != nil {
			t.Fatal(err)
		}
	}
	if video {
		rawTrack(t, pc)
	}
	return string(offerOf(t, pc))
}

func TestOffersThatAreRefused(t *testing.T) {
	e := newEngine(t)
	b := e.Open("room")
	good := publisherOffer(t, true, true)
	viewer := string(viewerOffer(t, 2, 3))
	data := func() string {
		pc := rawClient(t)
		if _, err := pc.CreateDataChannel("x", nil); err != nil {
			t.Fatal(err)
		}
		rawTrack(t, pc)
		return string(offerOf(t, pc))
	}()
	publish := func(o string) error {
		_, _, err := b.Publish(context.Background(), sfu.Offer(o), mediator)
		return err
	}
	subscribe := func(o string) error {
		_, _, err := b.Subscribe(context.Background(), sfu.Offer(o), sfu.SinkSpec{Five: true})
		return err
	}
	without := func(o, key string) string {
		var kept []string
		for _, l := range strings.Split(o, "\r\n") {
			if !strings.HasPrefix(l, key) {
				kept = append(kept, l)
			}
		}
		return strings.Join(kept, "\r\n")
	}
	video := good[strings.Index(good, "m=video"):]
	for name, c := range map[string]struct {
		offer string
		to    func(string) error
		want  string
	}{
		"empty":                {"", publish, sfu.CodeOfferEmpty},
		"blank":                {" \r\n", subscribe, sfu.CodeOfferEmpty},
		"a megabyte":           {good + strings.Repeat("a=x\r\n", 200000), publish, sfu.CodeOfferTooLarge},
		"not SDP":              {"hello", publish, sfu.CodeOfferMalformed},
		"JSON":                 {`{"type":"offer"}`, subscribe, sfu.CodeOfferMalformed},
		"truncated":            {good[:120], publish, sfu.CodeOfferMalformed},
		"no ICE":               {without(good, "a=ice-ufrag"), publish, sfu.CodeOfferMalformed},
		"no fingerprint":       {without(good, "a=fingerprint"), publish, sfu.CodeOfferMalformed},
		"no mid":               {without(good, "a=mid"), publish, sfu.CodeOfferMalformed},
		"setup passive":        {strings.ReplaceAll(good, "a=setup:actpass", "a=setup:passive"), publish, sfu.CodeOfferMalformed},
		"data channel":         {data, publish, sfu.CodeOfferDataChannel},
		"data channel, viewer": {data, subscribe, sfu.CodeOfferDataChannel},
		"no video":             {publisherOffer(t, true, false), publish, sfu.CodeOfferNoVideo},
		"no audio":             {publisherOffer(t, false, true), publish, sfu.CodeOfferNoAudio},
		"a viewer publishes":   {viewer, publish, sfu.CodeOfferDirection},
		"a publisher views":    {good, subscribe, sfu.CodeOfferDirection},
		"two videos":           {good + strings.Replace(video, "a=mid:1", "a=mid:7", 1), publish, sfu.CodeOfferTooManyLines},
		"nine lines": {good + func() string {
			var more strings.Builder
			for i := range 8 {
				more.WriteString(strings.Replace(video, "a=mid:1", fmt.Sprint("a=mid:", 10+i), 1))
			}
			return more.String()
		}(), publish, sfu.CodeOfferTooManyLines},
		"no codec of ours": {strings.NewReplacer("VP8/", "XYZ/", "H264/", "XYZ/").Replace(good), publish, sfu.CodeOfferCodec},
		"H.264 high alone": {strings.NewReplacer("VP8/", "XYZ/", "=42e01f", "=640032", "=42001f", "=64001f").Replace(good), publish, sfu.CodeOfferCodec},
		"no codec, viewer": {strings.NewReplacer("VP8/", "XYZ/", "H264/", "XYZ/").Replace(viewer), subscribe, sfu.CodeOfferCodec},
	} {
		if got := sfu.CodeOf(c.to(c.offer)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	eventually(t, "nothing is left of them", func() bool { return len(b.Sources())+len(b.Subscriptions()) == 0 })
	if err := publish(good); err != nil {
		t.Errorf("a good offer after all of these: %v", err)
	}
}

func TestTwoHundredCandidatesAreIgnored(t *testing.T) {
	b := newEngine(t).Open("room")
	o := publisherOffer(t, true, true)
	var many strings.Builder
	for i := range 200 {
		fmt.Fprintf(&many, "a=candidate:%d 1 udp 2130706431 198.51.100.%d 9 typ host\r\n", i, i%250+1)
	}
	many.WriteString("a=candidate:x 1 udp 1 abc.local 9 typ host\r\na=candidate:bad\r\n")
	a, _, err := b.Publish(context.Background(), sfu.Offer(o+many.String()), mediator)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(a), "198.51.100.") || !strings.Contains(string(a), "a=recvonly") {
		t.Error("the answer holds the client's candidates, or does not receive")
	}
}

func TestAnswerIsWhole(t *testing.T) {
	b := newEngine(t).Open("room")
	a, _, err := b.Subscribe(context.Background(), viewerOffer(t, 2, 3), sfu.SinkSpec{Five: true, Remote: loopback})
	if err != nil {
		t.Fatal(err)
	}
	text := string(a)
	for what, n := range map[string]int{
		"a=sendonly": 5, "a=inactive": 0, "a=ice-lite": 1, "a=setup:passive": 5,
		" udp 2130706431 127.0.0.1 ": 1, " 127.0.0.1 ": 2, " typ host tcptype passive": strings.Count(text, " tcp "), "a=end-of-candidates": 1, "VP8/90000": 3, "opus/48000": 2,
		"a=msid:mediator ": 3, "a=msid:guest ": 2,
	} {
		if got := strings.Count(text, what); got != n {
			t.Errorf("%q stands %d times in the answer, want %d", what, got, n)
		}
	}
	if strings.Count(text, "H264/90000") < 3 {
		t.Error("a video line without H.264")
	}
	far, _, err := b.Subscribe(context.Background(), viewerOffer(t, 1, 1), sfu.SinkSpec{Remote: netip.MustParseAddr("198.51.100.9")})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(far), " ::1 ") || strings.Contains(string(far), "fe80:") {
		t.Error("loopback or link-local candidates for a client from afar")
	}
}

func TestFurtherLinesOfAPlainPlayerAreInactive(t *testing.T) {
	b := newEngine(t).Open("room")
	a, _, err := b.Subscribe(context.Background(), viewerOffer(t, 2, 2), sfu.SinkSpec{Remote: loopback})
	if err != nil {
		t.Fatal(err)
	}
	if on, off := strings.Count(string(a), "a=sendonly"), strings.Count(string(a), "a=inactive"); on != 2 || off != 2 {
		t.Errorf("%d lines sendonly, %d inactive; want the first sound and picture alone", on, off)
	}
}

// TestBundleOnlyLines: GStreamer offers its second line with port 0.
func TestBundleOnlyLines(t *testing.T) {
	b := newEngine(t).Open("room")
	o := strings.Replace(publisherOffer(t, true, true), "m=video 9 UDP/TLS/RTP/SAVPF", "m=video 0 UDP/TLS/RTP/SAVPF", 1)
	o = strings.Replace(o, "a=mid:1\r\n", "a=mid:1\r\na=bundle-only\r\n", 1)
	a, _, err := b.Publish(context.Background(), sfu.Offer(o), mediator)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(a), "m=video 0") || strings.Count(string(a), "a=recvonly") != 2 {
		t.Error("the bundled line was not taken")
	}
}

func TestOnlyAEAD(t *testing.T) {
	b := newEngine(t).Open("room")
	onAir(b)
	publish(t, b, packet.H264, mediator)
	for _, only := range []bool{true, false} {
		v, _ := view(t, b, sfu.SinkSpec{OnlyAEAD: only})
		eventually(t, "a picture", func() bool { return v.Lines()[1].Keyframes > 0 })
	}
}

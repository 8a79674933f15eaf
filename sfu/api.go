package sfu

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"io"
	"time"

	"github.com/pion/dtls/v2"
	"github.com/pion/ice/v2"
	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/nack"
	"github.com/pion/interceptor/pkg/report"
	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/logging"
	"github.com/pion/sdp/v3"
	"github.com/pion/transport/v2/stdnet"
	"github.com/pion/webrtc/v3"
)

const (
	levelURI = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"

	nackEvery = 40 * time.Millisecond // missing packets are asked again of a publisher
	twccEvery = 100 * time.Millisecond
	keepalive = 2 * time.Second
)

// apis are the ways in. Static after newAPIs; shared by all sessions, as are
// the process's certificate and its view of the network.
type apis struct {
	settings     webrtc.SettingEngine
	certificates []webrtc.Certificate
}

func newAPIs(mux ice.UDPMux, t timing) (*apis, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	certificate, err := webrtc.GenerateCertificate(key)
	if err != nil {
		return nil, err
	}
	settings, err := newSettings(mux, t)
	if err != nil {
		return nil, err
	}
	return &apis{settings: *settings, certificates: []webrtc.Certificate{*certificate}}, nil
}

// newSettings: an ICE-lite agent on our mux that never asks anybody anything,
// and a DTLS server.
func newSettings(mux ice.UDPMux, t timing) (*webrtc.SettingEngine, error) {
	net, err := stdnet.NewNet()
	if err != nil {
		return nil, err
	}
	s := &webrtc.SettingEngine{LoggerFactory: silentLogs()}
	s.SetNet(net)
	s.SetLite(true)
	s.SetICEUDPMux(mux)
	s.SetIncludeLoopbackCandidate(true) // the mux's own address stands for all
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6})
	s.SetICETimeouts(t.disconnected, t.failed, keepalive)
	s.SetSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_256_GCM, dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80)
	if err := s.SetAnsweringDTLSRole(webrtc.DTLSRoleServer); err != nil {
		return nil, err
	}
	return s, nil
}

// silentLogs: Pion's own logs hold addresses.
func silentLogs() logging.LoggerFactory {
	return &logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled}
}

// publisher is the way in for one publisher. reports is called with a reader of
// RTCP for each stream that comes in, when it begins.
func (a *apis) publisher(reports func(interceptor.RTCPReader)) (*webrtc.API, error) {
	feedback := []webrtc.RTCPFeedback{
		{Type: "transport-cc"}, {Type: "ccm", Parameter: "fir"}, {Type: "nack"}, {Type: "nack", Parameter: "pli"},
	}
	m, err := newMedia(feedback, true)
	if err != nil {
		return nil, err
	}
	if err := registerExtensions(m); err != nil {
		return nil, err
	}
	r, err := publisherInterceptors()
	if err != nil {
		return nil, err
	}
	r.Add(&tap{take: reports}) // the last one sees what all others have seen
	return webrtc.NewAPI(webrtc.WithSettingEngine(a.settings), webrtc.WithMediaEngine(m), webrtc.WithInterceptorRegistry(r)), nil
}

func registerExtensions(m *webrtc.MediaEngine) error {
	video := []string{sdp.TransportCCURI, sdp.SDESMidURI, sdp.SDESRTPStreamIDURI, sdp.SDESRepairRTPStreamIDURI}
	audio := []string{sdp.TransportCCURI, sdp.SDESMidURI, levelURI}
	for kind, uris := range map[webrtc.RTPCodecType][]string{webrtc.RTPCodecTypeVideo: video, webrtc.RTPCodecTypeAudio: audio} {
		for _, uri := range uris {
			ext := webrtc.RTPHeaderExtensionCapability{URI: uri}
			if err := m.RegisterHeaderExtension(ext, kind, webrtc.RTPTransceiverDirectionRecvonly); err != nil {
				return err
			}
		}
	}
	return nil
}

// tap hands out the readers of RTCP. Those of the receiver look through its
// layers unlocked while another layer is being attached.
type tap struct {
	interceptor.NoOp
	take func(interceptor.RTCPReader)
}

// NewInterceptor is the tap itself: it belongs to one connection.
func (t *tap) NewInterceptor(string) (interceptor.Interceptor, error) { return t, nil }

// BindRTCPReader is called for each stream that comes in.
func (t *tap) BindRTCPReader(r interceptor.RTCPReader) interceptor.RTCPReader {
	t.take(r)
	return r
}

// publisherInterceptors: ask lost packets again, say what arrived so that the
// browser dares to raise its rate, report.
func publisherInterceptors() (*interceptor.Registry, error) {
	asks, err := nack.NewGeneratorInterceptor(nack.GeneratorInterval(nackEvery))
	if err != nil {
		return nil, err
	}
	feedback, err := twcc.NewSenderInterceptor(twcc.SendInterval(twccEvery))
	if err != nil {
		return nil, err
	}
	reports, err := report.NewReceiverInterceptor()
	if err != nil {
		return nil, err
	}
	r := &interceptor.Registry{}
	r.Add(asks)
	r.Add(feedback)
	r.Add(reports)
	return r, nil
}

// h264Formats are the spellings of a baseline that every browser decodes, best
// first: constrained baseline, the same by two flags, baseline.
var h264Formats = []string{
	"level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
	"level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42c01f",
	"level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f",
}

func newMedia(feedback []webrtc.RTCPFeedback, repair bool) (*webrtc.MediaEngine, error) {
	m := &webrtc.MediaEngine{}
	opus := webrtc.RTPCodecParameters{PayloadType: 111, RTPCodecCapability: webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1;usedtx=1",
	}}
	if repair {
		opus.RTCPFeedback = []webrtc.RTCPFeedback{{Type: "transport-cc"}}
	}
	if err := m.RegisterCodec(opus, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, err
	}
	formats := []webrtc.RTPCodecCapability{{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000, RTCPFeedback: feedback}}
	for _, fmtp := range h264Formats {
		formats = append(formats, webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeH264, ClockRate: 90000, SDPFmtpLine: fmtp, RTCPFeedback: feedback,
		})
	}
	for i, f := range formats {
		if err := registerVideo(m, f, webrtc.PayloadType(96+2*i), repair); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func registerVideo(m *webrtc.MediaEngine, c webrtc.RTPCodecCapability, pt webrtc.PayloadType, repair bool) error {
	if err := m.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: c, PayloadType: pt}, webrtc.RTPCodecTypeVideo); err != nil {
		return err
	}
	if !repair {
		return nil
	}
	return m.RegisterCodec(webrtc.RTPCodecParameters{PayloadType: pt + 1, RTPCodecCapability: webrtc.RTPCodecCapability{
		MimeType: "video/rtx", ClockRate: 90000, SDPFmtpLine: fmt.Sprintf("apt=%d", pt),
	}}, webrtc.RTPCodecTypeVideo)
}

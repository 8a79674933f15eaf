package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"

	"github.com/pion/ice/v2"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/rtcp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v3"

	"antenne/sfu/packet"
	"antenne/sfu/peer/internal/recording"
)

// leastRate is the pictures a second below which a take says more about the
// machine it was made on than about the browser.
const leastRate = 29

var errBusy = errors.New("the machine was too busy")

// clock is the socket: it notes when each RTP datagram was read, by SSRC and
// sequence number (neither is encrypted).
type clock struct {
	net.PacketConn
	mu   sync.Mutex
	read map[uint64]time.Time // guarded by mu
}

func (c *clock) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.PacketConn.ReadFrom(b)
	if now := time.Now(); err == nil && n >= 12 && b[0]>>6 == 2 && (b[1] < 192 || b[1] >= 224) {
		c.mu.Lock()
		c.read[key(uint32(b[8])<<24|uint32(b[9])<<16|uint32(b[10])<<8|uint32(b[11]), uint16(b[2])<<8|uint16(b[3]))] = now
		c.mu.Unlock()
	}
	return n, from, err
}

func key(ssrc uint32, seq uint16) uint64 { return uint64(ssrc)<<16 | uint64(seq) }

func (c *clock) of(ssrc uint32, seq uint16) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := key(ssrc, seq)
	at := c.read[k]
	delete(c.read, k)
	return at
}

// studio is a WHIP endpoint for one browser.
type studio struct {
	clock *clock
	http  *httptest.Server
	api   *webrtc.API
	first chan struct{} // closed when the browser publishes

	mu    sync.Mutex
	pc    *webrtc.PeerConnection // guarded by mu
	agent string                 // guarded by mu
	takes []*take                // guarded by mu
	last  time.Time              // recording ends; zero while warming up; guarded by mu
	begun time.Time              // guarded by mu
}

// take is one track; all guarded by the studio's mu.
type take struct {
	rid     string
	codec   packet.Codec
	ssrc    uint32
	sniffer packet.Sniffer
	began   bool // the keyframe of the beginning was seen
	packets []recorded
}

type recorded struct {
	index     uint64
	timestamp uint32
	marker    bool
	at        time.Time
	payload   []byte
}

func newStudio() (*studio, error) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	s := &studio{clock: &clock{PacketConn: conn, read: map[uint64]time.Time{}}, first: make(chan struct{})}
	if s.api, err = newAPI(s.clock); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<!doctype html><title>record</title>")
	})
	mux.HandleFunc("POST /whip", s.publish)
	s.http = httptest.NewServer(mux)
	return s, nil
}

func newAPI(conn net.PacketConn) (*webrtc.API, error) {
	m, r := &webrtc.MediaEngine{}, &interceptor.Registry{}
	if err := m.RegisterDefaultCodecs(); err != nil {
		return nil, err
	}
	for _, uri := range []string{sdp.SDESMidURI, sdp.SDESRTPStreamIDURI, sdp.SDESRepairRTPStreamIDURI} {
		if err := m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uri}, webrtc.RTPCodecTypeVideo, webrtc.RTPTransceiverDirectionRecvonly); err != nil {
			return nil, err
		}
	}
	if err := webrtc.RegisterDefaultInterceptors(m, r); err != nil {
		return nil, err
	}
	quiet := &logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled}
	s := webrtc.SettingEngine{LoggerFactory: quiet}
	s.SetLite(true)
	s.SetICEUDPMux(ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: conn, Logger: quiet.NewLogger("ice")}))
	s.SetIncludeLoopbackCandidate(true)
	return webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithInterceptorRegistry(r), webrtc.WithSettingEngine(s)), nil
}

func (s *studio) url() string { return s.http.URL }

func (s *studio) close() {
	s.http.Close()
	s.mu.Lock()
	pc := s.pc
	s.mu.Unlock()
	if pc != nil {
		_ = pc.Close()
	}
	_ = s.clock.Close()
}

func (s *studio) publish(w http.ResponseWriter, r *http.Request) {
	offer, err := io.ReadAll(io.LimitReader(r.Body, 1<<17))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer, err := s.answer(string(offer), r.UserAgent())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, answer)
}

func (s *studio) answer(offer, agent string) (string, error) {
	pc, err := s.api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	if s.pc == nil {
		close(s.first)
	}
	s.pc, s.agent = pc, agent
	s.mu.Unlock()
	pc.OnTrack(s.take)
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return "", err
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	answer, err := pc.CreateAnswer(nil)
	if err != nil {
		return "", err
	}
	if err := pc.SetLocalDescription(answer); err != nil {
		return "", err
	}
	<-gathered
	return pc.LocalDescription().SDP, nil
}

func (s *studio) take(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
	t := &take{rid: track.RID(), ssrc: uint32(track.SSRC()), codec: packet.Opus}
	switch track.Codec().MimeType {
	case webrtc.MimeTypeVP8:
		t.codec = packet.VP8
	case webrtc.MimeTypeH264:
		t.codec = packet.H264
	default:
		t.rid = "sound"
	}
	s.mu.Lock()
	s.takes = append(s.takes, t)
	s.mu.Unlock()
	buf := make([]byte, 2048)
	for {
		n, _, err := track.Read(buf)
		if err != nil {
			return
		}
		if raw, err := packet.Parse(buf[:n]); err == nil {
			s.keep(t, &raw)
		}
	}
}

func (s *studio) keep(t *take, raw *packet.Raw) {
	at := s.clock.of(raw.SSRC, raw.Sequence)
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := t.sniffer.Sniff(raw, t.codec, at)
	if !ok || s.begun.IsZero() || at.Before(s.begun) || at.After(s.last) {
		return
	}
	if t.began = t.began || p.Keyframe || t.codec == packet.Opus; !t.began {
		return
	}
	t.packets = append(t.packets, recorded{p.Index, p.Timestamp, p.Marker, at, slices.Clone(p.Payload)})
}

// record waits until the browser sends at its full rate, asks a keyframe of
// each layer and keeps what comes.
func (s *studio) record(ctx context.Context, warm, lasts time.Duration) (*recording.Recording, error) {
	select {
	case <-s.first:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := pause(ctx, warm); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.begun = time.Now()
	s.last = s.begun.Add(lasts + time.Second)
	var ask []rtcp.Packet
	for _, t := range s.takes {
		if t.codec.Video() {
			ask = append(ask, &rtcp.PictureLossIndication{MediaSSRC: t.ssrc})
		}
	}
	pc := s.pc
	s.mu.Unlock()
	if len(ask) == 0 {
		return nil, errors.New("the browser sends no picture")
	}
	if err := pc.WriteRTCP(ask); err != nil {
		return nil, err
	}
	if err := pause(ctx, lasts+1500*time.Millisecond); err != nil {
		return nil, err
	}
	return s.cut(lasts)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// cut takes the same seconds of each track, whole frames, and orders them.
func (s *studio) cut(lasts time.Duration) (*recording.Recording, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.SortFunc(s.takes, func(a, b *take) int { return cmp.Or(cmp.Compare(a.codec, b.codec), bytesOf(b)-bytesOf(a)) })
	r := &recording.Recording{Header: recording.Header{Browser: s.agent}}
	var from time.Time
	for _, t := range s.takes {
		if len(t.packets) == 0 {
			return nil, fmt.Errorf("%w: layer %q sent no keyframe", errBusy, t.rid)
		}
		if t.codec.Video() && (from.IsZero() || t.packets[0].at.Before(from)) {
			from = t.packets[0].at
		}
	}
	for number, t := range s.takes {
		r.Tracks = append(r.Tracks, t.rid)
		if err := t.append(r, uint8(number), from, from.Add(lasts)); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(r.Packets, func(a, b recording.Packet) int { return cmp.Compare(a.At, b.At) })
	return r, nil
}

func bytesOf(t *take) int {
	n := 0
	for _, p := range t.packets {
		n += len(p.payload)
	}
	return n
}

// append adds the frames of t that began in [from, to) and refuses a gap.
func (t *take) append(r *recording.Recording, number uint8, from, to time.Time) error {
	slices.SortFunc(t.packets, func(a, b recorded) int { return cmp.Compare(a.index, b.index) })
	begins := map[uint32]time.Time{}
	for _, p := range t.packets {
		if first, ok := begins[p.timestamp]; !ok || p.at.Before(first) {
			begins[p.timestamp] = p.at
		}
	}
	last, frames := uint64(0), 0
	for _, p := range t.packets {
		if begin := begins[p.timestamp]; begin.Before(from) || !begin.Before(to) {
			continue
		}
		if last != 0 && p.index != last+1 {
			return fmt.Errorf("%w: layer %q: %d packets are missing", errBusy, t.rid, p.index-last-1)
		}
		last = p.index
		if p.marker {
			frames++
		}
		r.Packets = append(r.Packets, recording.Packet{Track: number, Marker: p.marker, Timestamp: p.timestamp, At: p.at.Sub(from), Payload: p.payload})
	}
	if least := int(to.Sub(from).Seconds() * leastRate); t.codec.Video() && frames < least {
		return fmt.Errorf("%w: layer %q has %d pictures of %d", errBusy, t.rid, frames, least)
	}
	return nil
}

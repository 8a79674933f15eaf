// Package peer is a WebRTC client with our types: it publishes real, decodable
// media and counts what a viewer gets. The load generator and tests use it.
//
//	p, err := peer.Publish(ctx, peer.HTTP("http://host/whip/room", token), peer.Media{Video: packet.VP8, WithAudio: true})
//	v, err := peer.View(ctx, peer.HTTP("http://host/whep/room?slots=5", ""), peer.Want{Five: true})
//
// Goroutines: a Publisher has one for each track that plays its clip and one
// that reads its RTCP; a Viewer has one for each line that got media. Close
// ends and awaits them.
package peer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/pion/ice/v2"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v3"
	"github.com/pion/webrtc/v3/pkg/media"

	"antenne/sfu"
	"antenne/sfu/packet"
)

// Exchange sends an offer to a server and brings its answer back. end, when
// not nil, tells the server goodbye (DELETE).
type Exchange func(context.Context, sfu.Offer) (answer sfu.Answer, end func(context.Context) error, err error)

// Direct is an Exchange without HTTP, for a server in the same process.
func Direct(f func(sfu.Offer) (sfu.Answer, error)) Exchange {
	return func(_ context.Context, o sfu.Offer) (sfu.Answer, func(context.Context) error, error) {
		a, err := f(o)
		return a, nil, err
	}
}

// Refused is a server's answer that is not 201.
type Refused struct {
	Status int
	Body   string // at most 4 kB
}

func (e *Refused) Error() string { return fmt.Sprintf("peer: the server answered %d", e.Status) }

const maxAnswer = 256 << 10

// HTTP is a WHIP or WHEP endpoint; token may be empty.
func HTTP(endpoint, token string) Exchange {
	return func(ctx context.Context, o sfu.Offer) (sfu.Answer, func(context.Context) error, error) {
		response, err := request(ctx, http.MethodPost, endpoint, token, string(o))
		if err != nil {
			return "", nil, fmt.Errorf("peer: %w", err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
		if err != nil {
			return "", nil, fmt.Errorf("peer: answer: %w", err)
		}
		if response.StatusCode != http.StatusCreated {
			return "", nil, &Refused{Status: response.StatusCode, Body: string(body[:min(len(body), 4096)])}
		}
		end, err := goodbye(response, token)
		return sfu.Answer(body), end, err
	}
}

func goodbye(response *http.Response, token string) (func(context.Context) error, error) {
	location, err := url.Parse(response.Header.Get("Location"))
	if err != nil || location.String() == "" {
		return nil, errors.New("peer: an answer without the address of its session")
	}
	session := response.Request.URL.ResolveReference(location).String()
	return func(ctx context.Context) error {
		response, err := request(ctx, http.MethodDelete, session, token, "")
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode/100 != 2 {
			return &Refused{Status: response.StatusCode}
		}
		return nil
	}, nil
}

func request(ctx context.Context, method, address, token, body string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/sdp")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return http.DefaultClient.Do(r)
}

// Media says what to publish.
type Media struct {
	Video     packet.Codec // packet.VP8 or packet.H264; 0 for sound alone
	WithAudio bool
}

// connection is the part that publishers and viewers share.
type connection struct {
	pc        *webrtc.PeerConnection
	end       func(context.Context) error
	connected chan struct{} // closed once
	failed    chan struct{} // closed once
	once      [2]sync.Once
	running   sync.WaitGroup
}

// newConnection knows these header extensions of pictures.
func newConnection(extensions ...string) (*connection, error) {
	return newConnectionBy(nil, extensions...)
}

// byTCP are the networks of a client that UDP does not reach.
var byTCP = []webrtc.NetworkType{webrtc.NetworkTypeTCP4, webrtc.NetworkTypeTCP6}

// newConnectionBy goes by these networks alone; nil is UDP.
func newConnectionBy(networks []webrtc.NetworkType, extensions ...string) (*connection, error) {
	m := &webrtc.MediaEngine{}
	if err := m.RegisterDefaultCodecs(); err != nil {
		return nil, err
	}
	for _, uri := range extensions {
		if err := m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uri}, webrtc.RTPCodecTypeVideo); err != nil {
			return nil, err
		}
	}
	r := &interceptor.Registry{}
	if err := webrtc.RegisterDefaultInterceptors(m, r); err != nil {
		return nil, err
	}
	s := webrtc.SettingEngine{LoggerFactory: &logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled}}
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.SetIncludeLoopbackCandidate(true)
	if networks != nil {
		s.SetNetworkTypes(networks)
	}
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithInterceptorRegistry(r), webrtc.WithSettingEngine(s)).
		NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, err
	}
	c := &connection{pc: pc, connected: make(chan struct{}), failed: make(chan struct{})}
	pc.OnConnectionStateChange(c.note)
	return c, nil
}

func (c *connection) note(state webrtc.PeerConnectionState) {
	switch state {
	case webrtc.PeerConnectionStateConnected:
		c.once[0].Do(func() { close(c.connected) })
	case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
		c.once[1].Do(func() { close(c.failed) })
	}
}

// join makes the offer, exchanges it and waits until media can flow.
func (c *connection) join(ctx context.Context, exchange Exchange) error {
	gathered := webrtc.GatheringCompletePromise(c.pc)
	offer, err := c.pc.CreateOffer(nil)
	if err != nil {
		return err
	}
	if err := c.pc.SetLocalDescription(offer); err != nil {
		return err
	}
	select {
	case <-gathered:
	case <-ctx.Done():
		return ctx.Err()
	}
	answer, end, err := exchange(ctx, sfu.Offer(c.pc.LocalDescription().SDP))
	c.end = end
	if err != nil {
		return err
	}
	if err := c.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: string(answer)}); err != nil {
		return fmt.Errorf("peer: answer: %w", err)
	}
	select {
	case <-c.connected:
		return nil
	case <-c.failed:
		return errors.New("peer: the connection failed")
	case <-ctx.Done():
		return fmt.Errorf("peer: connecting: %w", ctx.Err())
	}
}

// Leave closes without a word over HTTP, as a tab that is closed; the server
// learns it from DTLS.
func (c *connection) Leave() error {
	err := c.pc.Close()
	c.running.Wait()
	return err
}

// close says goodbye and frees everything.
func (c *connection) close(ctx context.Context) error {
	var err error
	if c.end != nil && ctx != nil { // a nil context leaves without a word
		err = c.end(ctx)
	}
	return errors.Join(err, c.Leave())
}

// Publisher plays a clip to a server, over and over.
type Publisher struct {
	*connection
	stop    chan struct{}
	once    sync.Once
	mu      sync.Mutex
	restart bool // guarded by mu: a keyframe was asked
	asked   int  // guarded by mu
}

// Publish connects and plays until Close.
func Publish(ctx context.Context, exchange Exchange, m Media) (*Publisher, error) {
	c, err := newConnection()
	if err != nil {
		return nil, err
	}
	p := &Publisher{connection: c, stop: make(chan struct{})}
	var codecs []packet.Codec
	if m.WithAudio {
		codecs = append(codecs, packet.Opus)
	}
	if m.Video != 0 {
		codecs = append(codecs, m.Video)
	}
	starts := make([]func(), 0, len(codecs))
	for _, codec := range codecs {
		start, err := p.add(codec)
		if err != nil {
			return nil, errors.Join(err, c.pc.Close())
		}
		starts = append(starts, start)
	}
	if err := c.join(ctx, exchange); err != nil {
		return nil, errors.Join(err, p.Close(ctx))
	}
	for _, start := range starts {
		start()
	}
	return p, nil
}

var capabilities = map[packet.Codec]webrtc.RTPCodecCapability{
	packet.Opus: {MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1"},
	packet.VP8:  {MimeType: webrtc.MimeTypeVP8, ClockRate: 90000},
	packet.H264: {MimeType: webrtc.MimeTypeH264, ClockRate: 90000, SDPFmtpLine: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"},
}

func (p *Publisher) add(codec packet.Codec) (start func(), err error) {
	clip, err := load(codec)
	if err != nil {
		return nil, err
	}
	track, err := webrtc.NewTrackLocalStaticSample(capabilities[codec], strings.ToLower(codec.String()), "peer")
	if err != nil {
		return nil, err
	}
	line, err := p.pc.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		return nil, err
	}
	return func() {
		p.running.Go(func() { p.play(track, clip, codec.Video()) })
		p.running.Go(func() { p.listen(line.Sender()) })
	}, nil
}

func (p *Publisher) play(track *webrtc.TrackLocalStaticSample, c *clip, restarts bool) {
	tick := time.NewTicker(c.each)
	defer tick.Stop()
	for at := 0; ; at++ {
		if at == len(c.frames) || restarts && p.takeRestart() {
			at = 0
		}
		if err := track.WriteSample(media.Sample{Data: c.frames[at], Duration: c.each}); err != nil && !errors.Is(err, io.ErrClosedPipe) {
			return
		}
		select {
		case <-tick.C:
		case <-p.stop:
			return
		}
	}
}

func (p *Publisher) takeRestart() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.restart
	p.restart = false
	return was
}

// listen answers a request for a keyframe: the clip starts again.
func (p *Publisher) listen(sender *webrtc.RTPSender) {
	for {
		packets, _, err := sender.ReadRTCP()
		if err != nil {
			return
		}
		for _, one := range packets {
			switch one.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				p.mu.Lock()
				p.restart = true
				p.asked++
				p.mu.Unlock()
			}
		}
	}
}

// KeyframeRequests is how many keyframes the server asked for.
func (p *Publisher) KeyframeRequests() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

// Leave closes without a word over HTTP, as a tab that is closed.
func (p *Publisher) Leave() error {
	p.once.Do(func() { close(p.stop) })
	return p.connection.Leave()
}

// Close says goodbye (DELETE where there is one), closes and waits.
func (p *Publisher) Close(ctx context.Context) error {
	p.once.Do(func() { close(p.stop) })
	return p.close(ctx)
}

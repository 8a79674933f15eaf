package sfu_test

import (
	"context"
	"net"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v3"

	"antenne/sfu"
	"antenne/sfu/packet"
	"antenne/sfu/peer"
)

// wire is the network between one client and the engine: it can be cut, and
// lose what drop says.
type wire struct {
	in   *net.UDPConn // the client's side
	out  *net.UDPConn // the engine's side
	cut  atomic.Bool
	drop atomic.Pointer[func(toClient bool, b []byte) bool]

	mu     sync.Mutex
	client net.Addr
	done   sync.WaitGroup
}

func newWire(t *testing.T, port int) *wire {
	t.Helper()
	in, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	out, err := net.DialUDP("udp4", nil, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{in: in, out: out}
	w.done.Go(w.fromClient)
	w.done.Go(w.toClient)
	t.Cleanup(func() { _, _ = in.Close(), out.Close(); w.done.Wait() })
	return w
}

func (w *wire) loses(toClient bool, b []byte) bool {
	if w.cut.Load() {
		return true
	}
	drop := w.drop.Load()
	return drop != nil && (*drop)(toClient, b)
}

func (w *wire) fromClient() {
	buf := make([]byte, 2048)
	for {
		n, from, err := w.in.ReadFrom(buf)
		if err != nil {
			return
		}
		w.mu.Lock()
		w.client = from
		w.mu.Unlock()
		if !w.loses(false, buf[:n]) {
			_, _ = w.out.Write(buf[:n])
		}
	}
}

func (w *wire) toClient() {
	buf := make([]byte, 2048)
	for {
		n, err := w.out.Read(buf)
		if err != nil {
			return
		}
		w.mu.Lock()
		client := w.client
		w.mu.Unlock()
		if client != nil && !w.loses(true, buf[:n]) {
			_, _ = w.in.WriteTo(buf[:n], client)
		}
	}
}

var candidate = regexp.MustCompile(`(?m)^a=candidate:.*\r\n`)

// through lets a client reach the engine by the wire alone.
func (w *wire) through(a sfu.Answer) sfu.Answer {
	port := itoa(w.in.LocalAddr().(*net.UDPAddr).Port)
	bare := candidate.ReplaceAllString(string(a), "")
	return sfu.Answer(strings.Replace(bare, "a=end-of-candidates",
		"a=candidate:1 1 udp 2130706431 127.0.0.1 "+port+" typ host\r\na=end-of-candidates", 1))
}

func TestAKilledPeerIsFreed(t *testing.T) {
	t.Parallel() // it mostly waits
	e, err := sfu.NewImpatient(2 * time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { noDataEver(t, e); _ = e.Close() })
	b := e.Open("room")
	onAir(b)
	w := newWire(t, e.Port())
	var source *sfu.Source
	p, err := peer.Publish(patience(t), peer.Direct(func(o sfu.Offer) (sfu.Answer, error) {
		a, s, err := b.Publish(context.Background(), o, mediator)
		source = s
		return w.through(a), err
	}), peer.Media{Video: packet.VP8, WithAudio: true})
	if err != nil {
		t.Fatal(err)
	}
	b.Select(sfu.Camera, source)
	w2 := newWire(t, e.Port())
	var sub *sfu.Subscription
	v, err := peer.View(patience(t), peer.Direct(func(o sfu.Offer) (sfu.Answer, error) {
		a, s, err := b.Subscribe(context.Background(), o, sfu.SinkSpec{Five: true, Remote: loopback})
		sub = s
		return w2.through(a), err
	}), peer.Want{Five: true})
	if err != nil {
		t.Fatal(err)
	}
	grows(t, v, sfu.Camera, 2)
	w.cut.Store(true)
	w2.cut.Store(true)
	for name, end := range map[string]struct {
		done   <-chan struct{}
		reason func() string
	}{"publisher": {source.Done(), source.Reason}, "viewer": {sub.Done(), sub.Reason}} {
		select {
		case <-end.done:
			if end.reason() != sfu.ReasonLost {
				t.Errorf("the %s ended as %q, want lost", name, end.reason())
			}
		case <-patience(t).Done():
			t.Fatalf("the %s was never freed", name)
		}
	}
	if b.Selected(sfu.Camera) != nil {
		t.Error("a lost source is still selected")
	}
	_, _ = p.Close(context.Background()), v.Close(context.Background())
}

func TestAClientThatNeverComesIsFreed(t *testing.T) {
	t.Parallel() // it mostly waits
	e, err := sfu.NewImpatient(time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	_, sub, err := e.Open("room").Subscribe(context.Background(), viewerOffer(t, 1, 1), sfu.SinkSpec{})
	if err != nil {
		t.Fatal(err)
	}
	<-sub.Done()
	if sub.Reason() != sfu.ReasonLost {
		t.Errorf("ended as %q, want lost", sub.Reason())
	}
}

func TestALostPacketIsSentAgain(t *testing.T) {
	e := newEngine(t)
	b := e.Open("room")
	onAir(b)
	publish(t, b, packet.VP8, mediator)
	w := newWire(t, e.Port())
	seen := map[uint16]bool{}
	var mu sync.Mutex
	drop := func(toClient bool, d []byte) bool { // each tenth packet, the first time
		if !toClient || len(d) < 12 || d[0]>>6 != 2 || d[1] >= 192 && d[1] < 224 {
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		seq := uint16(d[2])<<8 | uint16(d[3])
		first := !seen[seq]
		seen[seq] = true
		return first && seq%10 == 0 && d[1]&0x7f == 96
	}
	w.drop.Store(&drop)
	var sub *sfu.Subscription
	v, err := peer.View(patience(t), peer.Direct(func(o sfu.Offer) (sfu.Answer, error) {
		a, s, err := b.Subscribe(context.Background(), o, sfu.SinkSpec{Five: true, Remote: loopback})
		sub = s
		return w.through(a), err
	}), peer.Want{Five: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close(context.Background()) })
	eventually(t, "lost packets are sent again", func() bool { return sub.Stats().Resent >= 5 })
	if n := e.Stats().Resent; n < 5 {
		t.Errorf("the engine counts %d, the viewer more", n)
	}
}

// rawClient is a plain Pion client for what peer is too polite to do.
func rawClient(t *testing.T) *webrtc.PeerConnection {
	t.Helper()
	s := webrtc.SettingEngine{}
	s.SetIncludeLoopbackCandidate(true)
	m := &webrtc.MediaEngine{}
	if err := m.RegisterDefaultCodecs(); err != nil {
		t.Fatal(err)
	}
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(s), webrtc.WithMediaEngine(m)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.Close() })
	return pc
}

func offerOf(t *testing.T, pc *webrtc.PeerConnection) sfu.Offer {
	t.Helper()
	gathered := webrtc.GatheringCompletePromise(pc)
	o, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := pc.SetLocalDescription(o); err != nil {
		t.Fatal(err)
	}
	<-gathered
	return sfu.Offer(pc.LocalDescription().SDP)
}

func accept(t *testing.T, pc *webrtc.PeerConnection, a sfu.Answer) {
	t.Helper()
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: string(a)}); err != nil {
		t.Fatal(err)
	}
}

func viewerOffer(t *testing.T, audios, videos int) sfu.Offer {
	t.Helper()
	pc := rawClient(t)
	way := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}
	for range audios {
		if _, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, way); err != nil {
			t.Fatal(err)
		}
	}
	for range videos {
		if _, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, way); err != nil {
			t.Fatal(err)
		}
	}
	return offerOf(t, pc)
}

// rawTrack is a picture track that sends exactly what it is told.
func rawTrack(t *testing.T, pc *webrtc.PeerConnection) *webrtc.TrackLocalStaticRTP {
	t.Helper()
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}, "raw", "raw")
	if err != nil {
		t.Fatal(err)
	}
	_, err = pc.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		t.Fatal(err)
	}
	return track
}

// collector is a Sink that keeps everything.
type collector struct {
	mu   sync.Mutex
	kept []packet.Packet
}

func (c *collector) WritePackets(_ sfu.Slot, _ sfu.Layer, p []packet.Packet) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept = append(c.kept, p...)
}
func (c *collector) End(error) {}

func (c *collector) all() []packet.Packet {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]packet.Packet(nil), c.kept...)
}

func TestPaddingIsTakenAway(t *testing.T) {
	e := newEngine(t)
	b := e.Open("room")
	onAir(b)
	pc := rawClient(t)
	track := rawTrack(t, pc)
	a, source, err := b.Publish(context.Background(), offerOf(t, pc), slides)
	if err != nil {
		t.Fatal(err)
	}
	accept(t, pc, a)
	b.Select(sfu.Slides, source)
	c := &collector{}
	defer b.Attach(c)()
	ten := []byte{0x10, 0, 1, 2, 3, 4, 5, 6, 7, 8}
	pad := []byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 10}
	seq := uint16(65000) // over the roll-over too
	send := func(padding bool, payload []byte) {
		seq++
		p := &rtp.Packet{Header: rtp.Header{Version: 2, Marker: true, Padding: padding, SequenceNumber: seq, Timestamp: uint32(seq) * 3000}, Payload: payload}
		if err := track.WriteRTP(p); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond) // a burst would lose packets before they are asked again
	}
	eventually(t, "the first packet arrives", func() bool { send(false, ten); return len(c.all()) > 0 })
	for range 300 {
		send(true, append(append([]byte(nil), ten...), pad...))
		send(true, pad) // nothing but padding
		send(false, ten)
	}
	eventually(t, "padding-only packets are dropped", func() bool { return e.Stats().PaddingDropped == 300 })
	last := c.all()
	eventually(t, "everything is here", func() bool {
		last = c.all()
		return len(last) >= 600
	})
	for i, p := range last {
		if len(p.Payload) != 10 {
			t.Fatalf("a payload of %d bytes, want 10", len(p.Payload))
		}
		if i > 0 && p.Index != last[i-1].Index+1 {
			t.Fatalf("packet %d follows %d: the gap of the padding was left", p.Index, last[i-1].Index)
		}
	}
}

func TestAWrongFingerprintGetsNothing(t *testing.T) {
	e := newEngine(t)
	b := e.Open("room")
	onAir(b)
	publish(t, b, packet.VP8, mediator)
	pc := rawClient(t)
	got := atomic.Bool{}
	pc.OnTrack(func(*webrtc.TrackRemote, *webrtc.RTPReceiver) { got.Store(true) })
	way := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}
	if _, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, way); err != nil {
		t.Fatal(err)
	}
	print := regexp.MustCompile(`a=fingerprint:sha-256 \S+`)
	other := print.FindString(string(viewerOffer(t, 1, 1)))
	forged := print.ReplaceAllString(string(offerOf(t, pc)), other)
	a, sub, err := b.Subscribe(context.Background(), sfu.Offer(forged), sfu.SinkSpec{Remote: loopback})
	if err != nil {
		t.Fatal(err)
	}
	accept(t, pc, a)
	<-sub.Done()
	if sub.Reason() != sfu.ReasonFailed {
		t.Errorf("ended as %q, want failed", sub.Reason())
	}
	if n := sub.Stats().Packets; n != 0 || got.Load() {
		t.Errorf("%d packets for a stranger", n)
	}
}

func TestAViewerCannotSend(t *testing.T) {
	e := newEngine(t)
	b := e.Open("room")
	onAir(b)
	publish(t, b, packet.VP8, mediator)
	pc := rawClient(t)
	way := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}
	if _, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, way); err != nil {
		t.Fatal(err)
	}
	rawTrack(t, pc)
	o := offerOf(t, pc)
	a, sub, err := b.Subscribe(context.Background(), o, sfu.SinkSpec{Remote: loopback})
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(a), "m=video")
	if len(lines) != 3 || !strings.Contains(lines[1], "a=sendonly") || !strings.Contains(lines[2], "a=inactive") {
		t.Fatalf("want the line to receive on answered sendonly, the other inactive")
	}
	accept(t, pc, a)
	eventually(t, "the viewer receives", func() bool { return sub.Stats().Packets > 10 })
	if n := len(b.Sources()); n != 1 {
		t.Errorf("%d sources, want the mediator alone", n)
	}
}

package sfu

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v3"

	"antenne/sfu/packet"
)

// The sync groups of a viewer: sound and picture of one person together.
const (
	mediatorGroup  = "mediator"
	guestGroup     = "guest"
	programmeGroup = "programme"
)

// Subscription is a connected viewer.
type Subscription struct {
	*session // static

	broadcast *Broadcast  // static
	viewer    *viewer     // owned by the lane once it has entered
	tracks    []*outTrack // static after negotiation
	wish      atomic.Pointer[Wish]
	home      bool // static: a family

	mu   sync.Mutex
	lane *lane // guarded by mu: where the viewer stands, nil before and after
	left bool  // guarded by mu: it must not enter any more
}

// Subscribe answers a viewer's offer. The subscription is silent until the
// slots it wants are fed and open to it, and ends by itself when its peer
// does. The answer holds every candidate and is final: nothing is trickled or
// renegotiated.
func (b *Broadcast) Subscribe(ctx context.Context, o Offer, spec SinkSpec) (Answer, *Subscription, error) {
	parsed, err := readOffer(o)
	if err != nil {
		return "", nil, err
	}
	tracks := programmeTracks()
	if spec.Five {
		tracks = fiveTracks()
	}
	if err := parsed.forViewer(countKinds(tracks)); err != nil {
		return "", nil, err
	}
	done, err := b.engine.admitViewer(ctx, spec.Home)
	if err != nil {
		return "", nil, err
	}
	defer done()
	s, err := b.newSubscription(spec, tracks)
	if err != nil {
		return "", nil, err
	}
	answer, err := s.answer(ctx, parsed, spec)
	if err != nil {
		s.abandon()
		return "", nil, err
	}
	b.engine.count.joins.Add(1)
	return answer, s, nil
}

func (b *Broadcast) newSubscription(spec SinkSpec, tracks []*outTrack) (*Subscription, error) {
	api := b.engine.apis.viewer
	if spec.OnlyAEAD {
		api = b.engine.apis.viewerAEAD
	}
	session, err := newSession(b.engine, api)
	if err != nil {
		return nil, err
	}
	s := &Subscription{session: session, broadcast: b, tracks: tracks, home: spec.Home}
	s.viewer = newViewer(session.id, b.engine, s)
	s.SetWish(spec.Wish)
	s.onEnd = s.leave
	s.pc.OnTrack(s.refuseTrack)
	s.watch(s.enter)
	return s, nil
}

func (s *Subscription) answer(ctx context.Context, o *offer, spec SinkSpec) (Answer, error) {
	s.dropTracksBeyond(o)
	for _, t := range s.tracks {
		line, err := s.pc.AddTransceiverFromTrack(t, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
		if err != nil {
			return "", fmt.Errorf("sfu: viewer: %w", err)
		}
		t.sender = line.Sender()
	}
	answer, err := s.negotiate(ctx, o, "recvonly", spec.Remote)
	if err != nil {
		return "", err
	}
	s.bind()
	if !s.broadcast.addSubscription(s) {
		return "", refuse(CodeEngineClosed)
	}
	return answer, nil
}

// dropTracksBeyond leaves out the slots for which the offer has no line.
func (s *Subscription) dropTracksBeyond(o *offer) {
	var audios, videos int
	for i := range o.lines {
		if o.lines[i].wanted && o.lines[i].audio {
			audios++
		} else if o.lines[i].wanted {
			videos++
		}
	}
	kept := s.tracks[:0]
	for _, t := range s.tracks {
		left := &videos
		if t.audio {
			left = &audios
		}
		if *left > 0 {
			*left--
			kept = append(kept, t)
		}
	}
	s.tracks = kept
}

func (b *Broadcast) addSubscription(s *Subscription) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || s.hasEnded() {
		return false
	}
	b.subs[s.id] = s
	return true
}

// bind makes the viewer's lines of what Pion negotiated.
func (s *Subscription) bind() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tracks {
		s.viewer.lines = append(s.viewer.lines, viewerLine{
			pick: t.pick, ssrc: t.ssrc, types: t.types, audio: t.audio, out: newOutLine(),
		})
	}
}

// enter brings the viewer into a lane: its connection stands.
func (s *Subscription) enter() {
	l := s.takeLane()
	if l == nil {
		return
	}
	l.enter(s.viewer)
	for i, t := range s.tracks {
		s.engine.spawn(func() { s.readFeedback(l, i, t.sender) })
	}
	if s.hasLeft() { // it ended while it entered
		l.leave(s.viewer)
	}
}

func (s *Subscription) takeLane() *lane {
	b := s.broadcast
	b.mu.Lock()
	defer b.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left || b.closed {
		return nil
	}
	s.lane = b.laneLocked()
	s.lane.load.Add(1)
	return s.lane
}

func (s *Subscription) hasLeft() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.left
}

func (s *Subscription) leave() {
	s.mu.Lock()
	l := s.lane
	s.lane, s.left = nil, true
	s.mu.Unlock()
	if l != nil {
		l.leave(s.viewer)
		l.load.Add(-1)
	}
	s.broadcast.mu.Lock()
	delete(s.broadcast.subs, s.id)
	s.broadcast.mu.Unlock()
}

// readFeedback is the goroutine that reads a line's RTCP into the mailbox of
// the lane.
func (s *Subscription) readFeedback(l *lane, line int, sender *webrtc.RTPSender) {
	defer s.survive("feedback")
	pace := pace{left: feedbackBurst}
	for {
		packets, _, err := sender.ReadRTCP()
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe) || s.hasEnded() {
			return
		}
		if err != nil {
			continue // one compound that does not parse
		}
		now := time.Now()
		if !pace.allow(now) {
			s.engine.count.drop(dropFeedback, 1)
			continue
		}
		l.post(func() {
			s.viewer.resolve(s.broadcast.routes.Load()) // a closed gate answers no NACK
			s.viewer.heed(line, packets, now)
		})
	}
}

const (
	feedbackBurst = 200 // RTCP messages of one line at once
	feedbackRate  = 100 // a second on top of that
)

// pace lets so many messages through, and no flood. One goroutine owns it.
type pace struct {
	left float64
	last time.Time
}

func (p *pace) allow(now time.Time) bool {
	if !p.last.IsZero() {
		p.left = min(feedbackBurst, p.left+now.Sub(p.last).Seconds()*feedbackRate)
	}
	p.last = now
	if p.left < 1 {
		return false
	}
	p.left--
	return true
}

// refuseTrack: a viewer may only receive. What it sends all the same is
// counted, once for each stream it tries, and its reading stopped.
func (s *Subscription) refuseTrack(_ *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	s.engine.count.drop(dropUpstream, 1)
	_ = receiver.Stop()
}

// send is the viewer's link: Pion seals and sends.
func (s *Subscription) send(line int, h *rtp.Header, payload []byte) error {
	_, err := s.tracks[line].stream.WriteRTP(h, payload)
	return err
}

// report is the viewer's link.
func (s *Subscription) report(packets []rtcp.Packet) error { return s.pc.WriteRTCP(packets) }

// ID names the subscription for an unguessable URL.
func (s *Subscription) ID() SessionID { return s.id }

// Done is closed when the subscription has ended.
func (s *Subscription) Done() <-chan struct{} { return s.done }

// Reason is why it ended, "" while it lives.
func (s *Subscription) Reason() string { return s.why() }

// Close ends the subscription; not one more packet of media is sent to it.
func (s *Subscription) Close(reason string) { s.end(reason) }

// SetWish says what the viewer's page wants from now on.
func (s *Subscription) SetWish(w Wish) { s.wish.Store(&w) }

// Stats gives the figures of now.
func (s *Subscription) Stats() SubscriptionStats {
	v := s.viewer
	return SubscriptionStats{
		Connected: s.connected.Load() && !s.hasEnded(),
		Packets:   v.sent.Load(), Bytes: v.sentBytes.Load(),
		Nacked: v.nacked.Load(), Resent: v.resent.Load(),
		RTT: time.Duration(v.rtt.Load()), FractionLost: float64(v.lost.Load()) / 256,
		Home: s.home, Views: v.views.all(),
	}
}

// outTrack is a line of a viewer as Pion wants it: it takes what was
// negotiated and writes nothing by itself.
type outTrack struct {
	// Static after construction.
	id, group string
	audio     bool
	pick      func(*routes, SessionID) *encoding

	// Set while the answer is made, static after.
	sender *webrtc.RTPSender
	stream webrtc.TrackLocalWriter
	ssrc   uint32
	types  map[packet.Codec]uint8
}

func fiveTracks() []*outTrack {
	tracks := make([]*outTrack, 0, slotCount)
	for _, slot := range Slots() {
		group := mediatorGroup
		if slot == GuestVoice || slot == GuestCamera {
			group = guestGroup
		}
		tracks = append(tracks, &outTrack{
			id: slot.String(), group: group, audio: slot.IsAudio(),
			pick: func(r *routes, id SessionID) *encoding { return r.forSlot(slot, id) },
		})
	}
	return tracks
}

func programmeTracks() []*outTrack {
	return []*outTrack{
		{id: "sound", group: programmeGroup, audio: true, pick: (*routes).sound},
		{id: "picture", group: programmeGroup, pick: (*routes).picture},
	}
}

func countKinds(tracks []*outTrack) (audios, videos int) {
	for _, t := range tracks {
		if t.audio {
			audios++
		} else {
			videos++
		}
	}
	return audios, videos
}

// Bind takes the payload types of the viewer: every codec it may be sent on
// this one line.
func (t *outTrack) Bind(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	t.ssrc, t.stream = uint32(c.SSRC()), c.WriteStream()
	t.types = map[packet.Codec]uint8{}
	var first webrtc.RTPCodecParameters
	quality := map[packet.Codec]int{}
	for _, p := range c.CodecParameters() {
		codec, rank := rankCodec(p.RTPCodecCapability)
		if rank == 0 {
			continue
		}
		if first.MimeType == "" {
			first = p
		}
		if rank > quality[codec] {
			quality[codec] = rank
			t.types[codec] = uint8(p.PayloadType)
		}
	}
	if first.MimeType == "" {
		return first, webrtc.ErrUnsupportedCodec
	}
	return first, nil
}

// rankCodec says which codec a format is, and how well it names what our
// publishers send; 0 is none of ours.
func rankCodec(c webrtc.RTPCodecCapability) (packet.Codec, int) {
	switch {
	case strings.EqualFold(c.MimeType, webrtc.MimeTypeOpus):
		return packet.Opus, 1
	case strings.EqualFold(c.MimeType, webrtc.MimeTypeVP8):
		return packet.VP8, 1
	case strings.EqualFold(c.MimeType, webrtc.MimeTypeH264):
		for i, profile := range []string{"=42e0", "=42c0", "=4200"} {
			if strings.Contains(strings.ToLower(c.SDPFmtpLine), profile) {
				return packet.H264, 4 - i
			}
		}
		return packet.H264, 1
	default:
		return 0, 0
	}
}

// Unbind is here for Pion; the session's end does it all.
func (t *outTrack) Unbind(webrtc.TrackLocalContext) error { return nil }

// ID names the track in the answer.
func (t *outTrack) ID() string { return t.id }

// RID is empty: viewers get one encoding on a line.
func (t *outTrack) RID() string { return "" }

// StreamID is the sync group.
func (t *outTrack) StreamID() string { return t.group }

// Kind is the kind of the line.
func (t *outTrack) Kind() webrtc.RTPCodecType {
	if t.audio {
		return webrtc.RTPCodecTypeAudio
	}
	return webrtc.RTPCodecTypeVideo
}

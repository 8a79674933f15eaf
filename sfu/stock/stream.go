package stock

import (
	"errors"
	"io"
	"regexp"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v3"
)

// askEvery bounds keyframe requests: one at once, then one at the end of each
// interval in which somebody asked.
const askEvery = 500 * time.Millisecond

// room has the newest publisher's stream.
type room struct {
	mu     sync.Mutex
	stream *stream // guarded by mu
}

func (r *room) replace(s *stream) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stream = s
}

func (r *room) current() *stream {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stream
}

// stream is what one publisher sends, one track of each kind.
type stream struct {
	pc  *webrtc.PeerConnection
	rid string // of simulcast: the layer that is forwarded; empty without

	mu      sync.Mutex
	tracks  map[webrtc.RTPCodecType]*webrtc.TrackLocalStaticRTP // guarded by mu
	picture webrtc.SSRC                                         // of the publisher; guarded by mu
	asked   time.Time                                           // newest keyframe request; guarded by mu
	waiting bool                                                // one more will be sent; guarded by mu
}

func newStream(pc *webrtc.PeerConnection, rid string) *stream {
	return &stream{pc: pc, rid: rid, tracks: map[webrtc.RTPCodecType]*webrtc.TrackLocalStaticRTP{}}
}

var simulcast = regexp.MustCompile(`(?m)^a=simulcast:send ~?([^;,\s]+)`)

func highestRID(offer string) string {
	if found := simulcast.FindStringSubmatch(offer); found != nil {
		return found[1]
	}
	return ""
}

// forward reads one track to its end; layers that nobody gets are read too, so
// that their reports go on.
func (s *stream) forward(remote *webrtc.TrackRemote) {
	local, err := s.open(remote)
	if err != nil {
		return
	}
	for {
		p, _, err := remote.ReadRTP()
		if err != nil {
			return
		}
		if local == nil || len(p.Payload) == 0 {
			continue
		}
		p.Extension, p.Extensions, p.Padding = false, nil, false // their numbers are the publisher's own
		if err := local.WriteRTP(p); errors.Is(err, io.ErrClosedPipe) {
			return
		}
	}
}

func (s *stream) open(remote *webrtc.TrackRemote) (*webrtc.TrackLocalStaticRTP, error) {
	if remote.RID() != "" && remote.RID() != s.rid {
		return nil, nil
	}
	local, err := webrtc.NewTrackLocalStaticRTP(remote.Codec().RTPCodecCapability, remote.Kind().String(), "stock")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tracks[remote.Kind()] != nil {
		return nil, nil // a second picture
	}
	s.tracks[remote.Kind()] = local
	if remote.Kind() == webrtc.RTPCodecTypeVideo {
		s.picture = remote.SSRC()
	}
	return local, nil
}

// show gives a viewer what there is now.
func (s *stream) show(pc *webrtc.PeerConnection, started func(func())) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.tracks) == 0 {
		return errNobody
	}
	for kind, track := range s.tracks {
		sender, err := pc.AddTrack(track)
		if err != nil {
			return err
		}
		started(func() { s.listen(sender, kind) })
	}
	return nil
}

// listen hands requests for keyframes on; the interceptors answer the rest.
func (s *stream) listen(sender *webrtc.RTPSender, kind webrtc.RTPCodecType) {
	for {
		packets, _, err := sender.ReadRTCP()
		if err != nil {
			return
		}
		for _, p := range packets {
			switch p.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				if kind == webrtc.RTPCodecTypeVideo {
					s.askKeyframe()
				}
			}
		}
	}
}

func (s *stream) askKeyframe() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting || s.picture == 0 {
		return
	}
	if wait := askEvery - time.Since(s.asked); wait > 0 {
		s.waiting = true
		time.AfterFunc(wait, s.askNow)
		return
	}
	s.sendRequestLocked()
}

func (s *stream) askNow() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = false
	s.sendRequestLocked()
}

func (s *stream) sendRequestLocked() {
	s.asked = time.Now()
	_ = s.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: uint32(s.picture)}})
}

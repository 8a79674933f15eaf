package sfu

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/pion/webrtc/v3"
)

// Source is a connected publisher: what can feed slots of its broadcast.
type Source struct {
	*session // static

	broadcast *Broadcast   // static
	spec      SourceSpec   // static
	rids      []string     // static: simulcast names in the order of the offer
	clock     senderClock  // how the publisher's clock stands to ours
	synced    atomic.Bool  // each encoding has a sender report
	reports   atomic.Int32 // streams of RTCP that are read
	cap       sourceCap

	encodings []*encoding // guarded by broadcast.mu
}

// Publish answers a publisher's offer. The source feeds nothing until it is
// selected, and ends by itself when its peer does. The answer holds every
// candidate: nothing is trickled.
func (b *Broadcast) Publish(ctx context.Context, o Offer, spec SourceSpec) (Answer, *Source, error) {
	parsed, err := readOffer(o)
	if err != nil {
		return "", nil, err
	}
	if err := parsed.forPublisher(spec); err != nil {
		return "", nil, err
	}
	if err := b.hasRoomForSource(); err != nil {
		return "", nil, err
	}
	done, err := b.engine.admit(ctx, b.engine.doors.publishers)
	if err != nil {
		return "", nil, err
	}
	defer done()
	s, err := b.newSource(spec, parsed.rids())
	if err != nil {
		return "", nil, err
	}
	if err := s.expect(parsed); err != nil {
		s.abandon()
		return "", nil, err
	}
	answer, err := s.negotiate(ctx, parsed, "sendonly", spec.Remote)
	if err != nil {
		s.abandon()
		return "", nil, err
	}
	if !b.addSource(s) {
		s.abandon()
		return "", nil, refuse(CodeEngineClosed)
	}
	return answer, s, nil
}

func (b *Broadcast) newSource(spec SourceSpec, rids []string) (*Source, error) {
	s := &Source{broadcast: b, spec: spec, rids: rids}
	api, err := b.engine.apis.publisher(s.listen)
	if err != nil {
		return nil, fmt.Errorf("sfu: publisher: %w", err)
	}
	if s.session, err = newSession(b.engine, api); err != nil {
		return nil, err
	}
	s.cap.limit(b.engine.limits.of(spec.Most))
	s.onEnd = func() { b.removeSource(s) }
	s.pc.OnTrack(s.accept)
	s.watch(func() {})
	return s, nil
}

// expect makes the receiving lines before the offer does: those that Pion makes
// by itself lose the repair stream, without which Chromium cannot probe for
// more bandwidth.
func (s *Source) expect(o *offer) error {
	for i := range o.lines {
		if !o.lines[i].wanted {
			continue
		}
		kind := webrtc.NewRTPCodecType(o.lines[i].kind())
		way := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}
		if _, err := s.pc.AddTransceiverFromKind(kind, way); err != nil {
			return fmt.Errorf("sfu: publisher: %w", err)
		}
	}
	return nil
}

// accept starts the readers of an encoding whose first packet came.
func (s *Source) accept(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	slot := s.spec.Video
	if track.Kind() == webrtc.RTPCodecTypeAudio {
		slot = s.spec.Audio
	}
	if !s.mayAdd() {
		return
	}
	e := newEncoding(s, slot, layerOf(track.RID(), s.rids), track, receiver.GetParameters())
	if !s.broadcast.addEncoding(e) {
		return
	}
	s.engine.spawn(func() { e.read(track) })
}

// reviewSync looks whether sound and picture can be measured by reports.
func (s *Source) reviewSync() {
	if s.synced.Load() {
		return
	}
	s.broadcast.mu.Lock()
	defer s.broadcast.mu.Unlock()
	s.synced.Store(len(s.encodings) > 0 && !slices.ContainsFunc(s.encodings, func(e *encoding) bool {
		return !e.clock.hasReport()
	}))
}

// layerOf reads a simulcast name: q/h/f and l/m/h are read as words (h is the
// half of a q or an f, and the best of an l or an m); any others go by their
// order, which browsers give from the smallest up.
func layerOf(rid string, all []string) Layer {
	if rid == "" {
		return High
	}
	names := map[string]Layer{"f": High, "h": Mid, "q": Low}
	if slices.Contains(all, "l") || slices.Contains(all, "m") {
		names = map[string]Layer{"h": High, "m": Mid, "l": Low}
	}
	if layer, ok := names[rid]; ok {
		return layer
	}
	at := slices.Index(all, rid)
	return Layer(max(0, min(len(all)-1-at, layerCount-1)))
}

// layersLocked are the encodings of that kind to send now, by layer: those that
// have not fallen silent beside the others. broadcast.mu is held.
func (s *Source) layersLocked(audio bool) (layers [layerCount]*encoding) {
	var newest int64
	for _, e := range s.encodings {
		if e.slot.IsAudio() == audio {
			newest = max(newest, e.lastPacket.Load())
		}
	}
	for _, e := range s.encodings {
		alive := newest-e.lastPacket.Load() < int64(silentBeside)
		if e.slot.IsAudio() == audio && alive {
			layers[e.layer] = e
		}
	}
	return layers
}

// ID names the source for an unguessable URL.
func (s *Source) ID() SessionID { return s.id }

// Slots are those the source is meant for, sound first.
func (s *Source) Slots() []Slot {
	if s.spec.Silent {
		return []Slot{s.spec.Video}
	}
	return []Slot{s.spec.Audio, s.spec.Video}
}

// Done is closed when the source has ended.
func (s *Source) Done() <-chan struct{} { return s.done }

// Reason is why it ended, "" while it lives.
func (s *Source) Reason() string { return s.why() }

// Close ends the source; every slot it fed is silent on return.
func (s *Source) Close(reason string) { s.end(reason) }

// Stats gives the figures of now.
func (s *Source) Stats() SourceStats {
	stats := SourceStats{Connected: s.connected.Load() && !s.hasEnded()}
	s.broadcast.mu.Lock()
	encodings := slices.Clone(s.encodings)
	s.broadcast.mu.Unlock()
	for _, e := range encodings {
		one := e.stats()
		stats.Packets += one.Packets
		stats.Bytes += one.Bytes
		stats.KeyframeRequests += one.KeyframeRequests
		stats.Encodings = append(stats.Encodings, one)
	}
	return stats
}

package sfu

import (
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"antenne/sfu/packet"
	"antenne/sfu/viewer"
)

// The sync groups of a viewer: sound and picture of one person together.
const (
	mediatorGroup  = "mediator"
	guestGroup     = "guest"
	programmeGroup = "programme"
)

// Subscription is a connected viewer.
type Subscription struct {
	life

	// Static after Subscribe.
	id        SessionID
	engine    *Engine
	broadcast *Broadcast
	session   *viewer.Session
	plans     []viewer.Plan
	slots     []lineSpec // as planned: one for each line that sends
	spec      SinkSpec

	fingerprints []viewer.Fingerprint // of the client's certificate
	negotiated   []viewer.Negotiated

	watcher   *watcher // guarded by its lane's mu once it has entered
	connected atomic.Bool
	pace      pace // of feedback; the session calls one at a time

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
	specs := linesOf(spec)
	if err := parsed.forViewer(countKinds(specs)); err != nil {
		return "", nil, err
	}
	done, err := b.engine.admitViewer(ctx, spec.Home)
	if err != nil {
		return "", nil, err
	}
	defer done()
	s := &Subscription{life: newLife(), id: newSessionID(), engine: b.engine, broadcast: b, pace: pace{left: feedbackBurst}}
	s.plans, s.slots = plan(parsed, specs)
	answer, err := s.open(parsed, spec)
	if err != nil {
		s.end(ReasonFailed)
		return "", nil, err
	}
	b.engine.count.joins.Add(1)
	return answer, s, nil
}

// open makes the session and its answer.
func (s *Subscription) open(o *offer, spec SinkSpec) (Answer, error) {
	remote, fingerprints, err := viewer.ReadTransport(o.desc)
	if err != nil {
		return "", refuseFor(CodeOfferMalformed, err)
	}
	s.spec = spec
	s.watcher = newWatcher(s.id, s.engine, spec)
	s.session, err = s.engine.viewers.Open(viewer.Params{
		Remote: remote, Fingerprints: fingerprints, OnlyAEAD: spec.OnlyAEAD, Owner: (*owner)(s),
	})
	if err != nil {
		return "", refuseFor(CodeEngineBusy, err)
	}
	s.watcher.transport, s.watcher.cut = s.session, func() { s.end(ReasonFailed) }
	s.fingerprints = fingerprints
	answer, negotiated, err := s.answer(o, s.session.Local())
	if err != nil {
		return "", err
	}
	s.negotiated = negotiated
	s.watcher.lines = bind(s.plans, s.slots, negotiated)
	if !s.broadcast.addSubscription(s) {
		return "", refuse(CodeEngineClosed)
	}
	return answer, nil
}

func (s *Subscription) answer(o *offer, local viewer.Credentials) (Answer, []viewer.Negotiated, error) {
	text, negotiated, err := viewer.Answer(o.desc, s.plans, viewer.Transport{
		Local: local, Fingerprint: s.engine.viewers.Fingerprint(),
		Candidates: s.engine.network.viewerLines(s.spec.Remote),
	})
	switch {
	case errors.Is(err, viewer.ErrCodec):
		return "", nil, refuse(CodeOfferCodec, "kind", "video")
	case err != nil:
		return "", nil, refuseFor(CodeOfferMalformed, err)
	}
	return Answer(text), negotiated, nil
}

// Restart answers a new offer of the same viewer, which wants another way
// through the network (ICE restart): its streams, keys and counters stay. An
// offer whose lines are not those of the first one is malformed.
func (s *Subscription) Restart(o Offer) (Answer, error) {
	parsed, err := readOffer(o)
	if err != nil {
		return "", err
	}
	if s.hasEnded() {
		return "", refuse(CodeEngineClosed)
	}
	if !s.sameLines(parsed) {
		return "", malformed("other lines than before")
	}
	remote, fingerprints, err := viewer.ReadTransport(parsed.desc)
	if err != nil {
		return "", refuseFor(CodeOfferMalformed, err)
	}
	_, negotiated, err := s.answer(parsed, s.session.Local())
	switch {
	case err != nil:
		return "", err
	case !slices.Equal(fingerprints, s.fingerprints) || !reflect.DeepEqual(negotiated, s.negotiated):
		return "", malformed("not the client, or not the formats, of the first offer")
	}
	answer, _, err := s.answer(parsed, s.session.Restart(remote))
	return answer, err
}

func (s *Subscription) sameLines(o *offer) bool {
	if err := o.forViewer(countKinds(linesOf(s.spec))); err != nil || len(o.lines) != len(s.plans) {
		return false
	}
	for i := range o.lines {
		if o.lines[i].wanted != s.plans[i].Send {
			return false
		}
	}
	return true
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

// owner is what the session tells its subscription.
type owner Subscription

// Connected brings the viewer into a lane.
func (o *owner) Connected() {
	s := (*Subscription)(o)
	s.connected.Store(true)
	s.enter()
}

// Feedback hands RTCP to the viewer's lane.
func (o *owner) Feedback(report []byte) {
	s := (*Subscription)(o)
	now := time.Now()
	if !s.pace.allow(now) {
		s.engine.count.drop(dropFeedback, 1)
		return
	}
	s.mu.Lock()
	l := s.lane
	s.mu.Unlock()
	if l == nil {
		return
	}
	kept := slices.Clone(report)
	l.post(func() { l.heed(s, kept, now) })
}

// heed runs in the lane. A panic ends this viewer and nobody else.
func (l *lane) heed(s *Subscription, report []byte, now time.Time) {
	defer s.watcher.survive()
	if s.watcher.gone.Load() {
		return
	}
	s.watcher.resolve(l.broadcast.routes.Load()) // a closed gate answers no NACK
	s.watcher.heed(l.crowd, report, now)
}

var endReasons = map[viewer.End]string{
	viewer.EndLost: ReasonLost, viewer.EndClosed: ReasonClosed, viewer.EndFailed: ReasonFailed, viewer.EndShutdown: ReasonShutdown,
}

// Ended takes the viewer out.
func (o *owner) Ended(why viewer.End) { (*Subscription)(o).end(endReasons[why]) }

func (s *Subscription) enter() {
	if l := s.takeLane(); l != nil {
		l.crowd.enter(s.watcher)
		l.nudge()
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

// end ends the subscription once: not one more packet of media is sent on
// return.
func (s *Subscription) end(reason string) {
	if !s.finish(reason) {
		return
	}
	s.leave()
	if s.session != nil {
		s.session.Close(reason != ReasonLost)
	}
	s.engine.count.leavings.Add(1)
	close(s.done)
}

func (s *Subscription) leave() {
	s.mu.Lock()
	l := s.lane
	s.lane, s.left = nil, true
	s.mu.Unlock()
	if s.watcher != nil {
		s.watcher.gone.Store(true)
	}
	if l != nil {
		l.load.Add(-1)
		l.pass()
		s.watcher.forget()
	}
	s.broadcast.mu.Lock()
	delete(s.broadcast.subs, s.id)
	s.broadcast.mu.Unlock()
}

const (
	feedbackBurst = 200 // RTCP messages of one viewer at once
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

// ID names the subscription for an unguessable URL.
func (s *Subscription) ID() SessionID { return s.id }

// Done is closed when the subscription has ended.
func (s *Subscription) Done() <-chan struct{} { return s.done }

// Reason is why it ended, "" while it lives.
func (s *Subscription) Reason() string { return s.why() }

// Close ends the subscription; not one more packet of media is sent to it.
func (s *Subscription) Close(reason string) { s.end(reason) }

// SetWish says what the viewer's page wants from now on.
func (s *Subscription) SetWish(w Wish) { s.watcher.wish.Store(&w) }

// Stats gives the figures of now.
func (s *Subscription) Stats() SubscriptionStats {
	v := s.watcher
	stats := SubscriptionStats{
		Connected: s.connected.Load() && !s.hasEnded(),
		Packets:   v.sent.Load(), Bytes: v.sentBytes.Load(),
		Nacked: v.nacked.Load(), Resent: v.resent.Load(),
		RTT: time.Duration(v.rtt.Load()), FractionLost: float64(v.lost.Load()) / 256,
		Home: s.spec.Home, Transport: s.transport(), Views: v.views.all(),
	}
	return stats
}

// transport is how the viewer is reached.
func (s *Subscription) transport() Transport {
	switch to := s.session.Dest(); {
	case to == nil:
		return UDP4
	case to.IsStream():
		return TCP
	case to.Addr().Addr().Is4():
		return UDP4
	default:
		return UDP6
	}
}

// lineSpec is a line of a viewer before it is negotiated.
type lineSpec struct {
	slot         Slot // that it stands for, by which the ladder ranks it
	group, track string
	pick         func(*routes, identity) *feed
}

// linesOf are the lines that such a viewer may have.
func linesOf(spec SinkSpec) []lineSpec {
	if spec.Five {
		return fiveLines()
	}
	return programmeLines()
}

func fiveLines() []lineSpec {
	specs := make([]lineSpec, 0, slotCount)
	for _, slot := range Slots() {
		group := mediatorGroup
		if slot == GuestVoice || slot == GuestCamera {
			group = guestGroup
		}
		specs = append(specs, lineSpec{
			slot: slot, group: group, track: slot.String(),
			pick: func(r *routes, who identity) *feed { return r.forSlot(slot, who) },
		})
	}
	return specs
}

func programmeLines() []lineSpec {
	return []lineSpec{
		{slot: Voice, group: programmeGroup, track: "sound", pick: (*routes).sound},
		{slot: Camera, group: programmeGroup, track: "picture", pick: (*routes).picture},
	}
}

func countKinds(specs []lineSpec) (audios, videos int) {
	for _, s := range specs {
		if s.slot.IsAudio() {
			audios++
		} else {
			videos++
		}
	}
	return audios, videos
}

// plan gives the wanted lines of an offer their specs, by kind and order. specs
// come back in the order of the lines that send.
func plan(o *offer, specs []lineSpec) (plans []viewer.Plan, placed []lineSpec) {
	plans = make([]viewer.Plan, len(o.lines))
	left := slices.Clone(specs)
	used := map[uint32]bool{}
	for i := range o.lines {
		l := &o.lines[i]
		plans[i].Rejected = l.rejected
		at := slices.IndexFunc(left, func(s lineSpec) bool { return s.slot.IsAudio() == l.audio })
		if !l.wanted || at < 0 {
			continue
		}
		spec := left[at]
		left = slices.Delete(left, at, at+1)
		plans[i].Send, plans[i].Group, plans[i].Track = true, spec.group, spec.track
		plans[i].SSRC = newSSRC(used)
		if !l.audio {
			plans[i].RTX = newSSRC(used)
		}
		placed = append(placed, spec)
	}
	return plans, placed
}

func newSSRC(used map[uint32]bool) uint32 {
	for {
		if n := rand.Uint32(); n != 0 && !used[n] {
			used[n] = true
			return n
		}
	}
}

// bind makes the lines of what was negotiated, pictures first.
func bind(plans []viewer.Plan, specs []lineSpec, negotiated []viewer.Negotiated) []viewerLine {
	lines := make([]viewerLine, 0, len(specs))
	at := 0
	for i := range plans {
		if !plans[i].Send {
			continue
		}
		spec := specs[at]
		at++
		l := viewerLine{
			pick: spec.pick, slot: spec.slot, group: spec.group, audio: spec.slot.IsAudio(),
			ssrc: plans[i].SSRC, types: typesOf(negotiated[i].Types), apt: typesOf(negotiated[i].Repair), out: newOutLine(),
		}
		if len(negotiated[i].Repair) > 0 {
			l.repair = plans[i].RTX
		}
		lines = append(lines, l)
	}
	slices.SortStableFunc(lines, func(a, b viewerLine) int { return rank(a.audio) - rank(b.audio) })
	return lines
}

func rank(audio bool) int {
	if audio {
		return 1
	}
	return 0
}

func typesOf(table map[packet.Codec]uint8) (types payloadTypes) {
	for codec, pt := range table {
		if int(codec) < len(types) {
			types[codec] = pt
		}
	}
	return types
}

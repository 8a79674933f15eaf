package peer

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"github.com/pion/rtcp"

	"antenne/sfu/packet"
)

// member is what Member is made of.
type member struct {
	poller    *poller                     // static
	groupName string                      // static
	noRepair  bool                        // static
	ssrc      uint32                      // of its own reports; static
	end       func(context.Context) error // DELETE, or nil; the caller of Join owns it
	checked   chan struct{}               // closed by the poller when a pair is nominated

	// Owned by the poller, under its mu, once it was added.
	socket     socket
	place      int // among the poller's members; -1: not there yet
	gone       bool
	agent      agent
	pipe       *pipe // while the handshake runs
	keys       keys
	connected  bool
	early      [][]byte // media that came before the keys
	earlyAt    []int64
	lines      []answeredLine
	streams    []*reception
	group      *tally
	counts     Counts
	network    Network
	mile       *mile
	unread     uint32
	alert      bool // the server said goodbye
	posted     int64
	steps      JoinTimes
	nextReport int64
}

// enter goes through the steps of a join.
func (m *member) enter(ctx context.Context, exchange Exchange, five bool) error {
	m.agent.local = credentials{token(6), token(18)}
	m.agent.tie = mathrand.Uint64()
	m.posted = realtime()
	began := time.Now()
	answer, end, err := exchange(ctx, describe(five, m.agent.local, m.poller.crowd.identity.fingerprint, m.agent.tie))
	m.end = end
	if err != nil {
		return err
	}
	a, err := readAnswer(answer)
	if err != nil {
		return err
	}
	m.steps.Answered = time.Since(began)
	m.agent.remote = a.remote
	m.agent.candidates = slices.DeleteFunc(a.candidates, func(to netip.AddrPort) bool { return !m.socket.reaches(to) })
	if len(m.agent.candidates) == 0 {
		return errors.New("no candidate that this machine can reach")
	}
	m.lines = a.lines
	m.pipe = newPipe(m.sendHandshake)
	if err := m.poller.add(m); err != nil {
		return err
	}
	return m.connect(ctx, a.fingerprint, began)
}

func token(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return base64.RawStdEncoding.EncodeToString(b)
}

// connect waits for a checked pair and shakes hands over it.
func (m *member) connect(ctx context.Context, fingerprint []byte, began time.Time) error {
	select {
	case <-m.checked:
	case <-ctx.Done():
		return fmt.Errorf("no candidate answered: %w", ctx.Err())
	case <-m.poller.crowd.stop:
		return errors.New("the crowd is closed")
	}
	select {
	case m.poller.crowd.handshakes <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("waiting for a handshake: %w", ctx.Err())
	}
	defer func() { <-m.poller.crowd.handshakes }()
	k, err := m.poller.crowd.shake(ctx, m.pipe, fingerprint)
	if err != nil {
		return fmt.Errorf("handshake: %w", err)
	}
	m.poller.mu.Lock()
	defer m.poller.mu.Unlock()
	if m.gone {
		return errors.New("the crowd is closed")
	}
	m.steps.Connected = time.Since(began)
	m.open(k)
	return nil
}

// open begins to receive. Locked.
func (m *member) open(k keys) {
	m.keys, m.connected, m.pipe = k, true, nil
	m.counts.Joins, m.counts.Viewers = 1, 1
	m.group.figures.Answered.Add(m.steps.Answered)
	m.group.figures.Connected.Add(m.steps.Connected)
	now := realtime()
	m.nextReport = now + mathrand.Int64N(int64(reportEvery)) // not all at the same moment
	for i, b := range m.early {
		m.arrive(b, m.earlyAt[i])
	}
	m.early, m.earlyAt = nil, nil
	m.settle(now)
	m.poller.set.deafen(m.place, m.socket, m.network.Stopped)
}

// sendHandshake is called by the DTLS library's goroutines.
func (m *member) sendHandshake(b []byte) {
	m.poller.mu.Lock()
	defer m.poller.mu.Unlock()
	if !m.gone {
		m.socket.send(b, m.agent.chosen)
	}
}

// arrive takes one datagram in, by its first byte (RFC 7983). Locked. b is
// borrowed and may be written to.
func (m *member) arrive(b []byte, at int64) {
	m.counts.WireBytes += uint64(len(b) + ipAndUDP)
	switch {
	case len(b) < 12:
	case b[0] < 4:
		if m.agent.take(b, m.poller.now, &m.socket) {
			close(m.checked)
		}
	case b[0] >= 20 && b[0] < 64:
		m.takeRecord(b)
	case b[0] >= 128 && b[0] < 192 && !m.connected:
		if len(m.early) < earlyPackets {
			m.early, m.earlyAt = append(m.early, slices.Clone(b)), append(m.earlyAt, at)
		}
	case b[0] >= 128 && b[0] < 192 && b[1] >= 192 && b[1] < 224:
		m.takeReport(b, at)
	case b[0] >= 128 && b[0] < 192:
		m.takeMedia(b, at)
	}
}

const dtlsAlert = 21

func (m *member) takeRecord(b []byte) {
	switch {
	case m.pipe != nil:
		m.pipe.push(b)
	case b[0] == dtlsAlert && !m.alert:
		m.alert = true
		m.counts.Ends++
		m.counts.Viewers = 0
	}
}

func (m *member) takeReport(b []byte, at int64) {
	plain, err := m.keys.in.DecryptRTCP(nil, b, nil)
	if err != nil {
		m.counts.Forged++
		return
	}
	packets, err := rtcp.Unmarshal(plain)
	if err != nil {
		return
	}
	for _, p := range packets {
		if report, ok := p.(*rtcp.SenderReport); ok {
			if r := m.stream(report.SSRC); r != nil {
				r.senderTime, r.senderAt = uint32(report.NTPTime>>16), at
			}
		}
	}
}

func (m *member) stream(ssrc uint32) *reception {
	for _, r := range m.streams {
		if r.ssrc == ssrc {
			return r
		}
	}
	return nil
}

func (m *member) takeMedia(b []byte, at int64) {
	h := &m.poller.header
	plain, err := m.keys.in.DecryptRTP(b[:0], b, h)
	if err != nil {
		m.counts.Forged++
		return
	}
	payload, ok := cutHeader(plain)
	if !ok {
		m.counts.Strange++
		return
	}
	a := arrival{sequence: h.SequenceNumber, timestamp: h.Timestamp, marker: h.Marker, at: at, payload: payload, size: len(plain)}
	codec, repair := codecOf(h.PayloadType)
	a.codec = codec
	r := m.receptionOf(h.SSRC, codec, repair)
	if r == nil {
		m.counts.Strange++
		return
	}
	if repair && !m.unwrapRTX(r, &a) {
		return
	}
	m.takePacket(r, &a)
}

// cutHeader finds the payload without padding; nil when there is none.
func cutHeader(plain []byte) ([]byte, bool) {
	raw, err := packet.Parse(plain)
	return raw.Payload, err == nil
}

// unwrapRTX reads the original sequence number (RFC 4588 §4). It reports false
// for a packet of padding alone.
func (m *member) unwrapRTX(r *reception, a *arrival) bool {
	if len(a.payload) < 2 || r.slots == nil {
		return false
	}
	m.counts.RTX++
	a.sequence = uint16(a.payload[0])<<8 | uint16(a.payload[1])
	a.payload, a.again = a.payload[2:], true
	return true
}

func (m *member) takePacket(r *reception, a *arrival) {
	if !r.take(a, &m.counts) {
		return
	}
	index := nearestIndex(r.highest, a.sequence)
	s := r.held(index)
	if !a.codec.Video() {
		m.noteSound(r, a)
	}
	if found, ok := stampOf(a.codec, a.payload, a.marker); ok {
		s.frame = uint32(found.layer)<<30 | found.frame
		m.noteStamp(a, found)
	}
}

// noteStamp counts the delay of a stamped packet; those that came again say
// more about the loss than about the server.
func (m *member) noteStamp(a *arrival, s stamp) {
	delay := time.Duration(a.at - s.sent)
	if a.again || delay < 0 || delay > time.Minute {
		return
	}
	m.group.figures.DelayFrame.Add(delay)
	if !a.codec.Video() || m.poller.crowd.teacher == nil {
		m.group.figures.Delay.Add(delay)
	}
}

func (m *member) noteSound(r *reception, a *arrival) {
	m.counts.Sounds++
	if m.steps.Sound == 0 {
		m.steps.Sound = max(time.Duration(a.at-m.posted), 1)
		m.group.figures.FirstSound.Add(m.steps.Sound)
	}
	if gap := time.Duration(a.at - r.lastSound); r.lastSound != 0 && gap > silenceFrom {
		m.counts.Silences++
		m.counts.Silent += gap
	}
	r.lastSound = max(r.lastSound, a.at)
}

// receptionOf finds the stream of an authentic packet, or begins one: by what
// the answer said, else the first line of that kind that has none.
func (m *member) receptionOf(ssrc uint32, codec packet.Codec, repair bool) *reception {
	for _, r := range m.streams {
		if r.ssrc == ssrc || repair && r.repair == ssrc {
			return r
		}
	}
	if codec == 0 {
		return nil
	}
	if repair {
		return m.adoptRepair(ssrc)
	}
	for i := range m.lines {
		if l := &m.lines[i]; l.sends && l.ssrc == ssrc {
			return m.begin(l)
		}
	}
	for i := range m.lines {
		if l := &m.lines[i]; l.sends && l.ssrc == 0 && l.audio != codec.Video() {
			l.ssrc = ssrc
			return m.begin(l)
		}
	}
	return nil
}

// adoptRepair takes a repair stream nobody announced for the only picture that
// has none.
func (m *member) adoptRepair(ssrc uint32) *reception {
	var only *reception
	for _, r := range m.streams {
		if r.codec.Video() && r.repair == 0 {
			if only != nil {
				return nil
			}
			only = r
		}
	}
	if only != nil {
		only.repair = ssrc
	}
	return only
}

func (m *member) begin(l *answeredLine) *reception {
	r := &reception{ssrc: l.ssrc, repair: l.repair, asks: !l.audio && !m.noRepair}
	m.streams = append(m.streams, r)
	return r
}

// settle shows the pictures that a batch of datagrams completed and asks at
// once for what is missing in it. Locked.
func (m *member) settle(now int64) {
	for _, r := range m.streams {
		if r.slots == nil {
			continue
		}
		if r.codec.Video() {
			r.advance(now, &m.counts, func(f *frame) { m.shown(r, f) })
		}
		if r.fresh {
			m.ask(r, now)
		}
	}
}

// shown counts the delay of each packet of a picture, where the teacher is in
// this process and the server kept its packets as they were.
func (m *member) shown(r *reception, f *frame) {
	if m.steps.Keyframe == 0 && f.key {
		m.steps.Keyframe = max(time.Duration(f.at-m.posted), 1)
		m.group.figures.FirstKeyframe.Add(m.steps.Keyframe)
	}
	t := m.poller.crowd.teacher
	if t == nil {
		return
	}
	var name uint32
	for at := f.first; at <= f.last && name == 0; at++ {
		name = r.held(at).frame
	}
	sent := t.sentOf(name)
	if len(sent) != int(f.last-f.first)+1 {
		return
	}
	for i, then := range sent {
		s := r.held(f.first + uint64(i))
		if delay := time.Duration(s.at - then); s.flags&flagAgain == 0 && delay >= 0 && delay < time.Minute {
			m.group.figures.Delay.Add(delay)
		}
	}
}

// tick does what time brings: checks, reports, requests. Locked.
func (m *member) tick(now int64) {
	m.agent.tick(now, &m.socket)
	if !m.connected || m.alert {
		return
	}
	if m.agent.lost(now) {
		m.alert = true
		m.counts.Ends++
		m.counts.Viewers = 0
		return
	}
	for _, r := range m.streams {
		if r.slots == nil {
			continue
		}
		if len(r.gaps) > 0 {
			m.ask(r, now)
		}
		if r.codec.Video() {
			if r.pictures.blocked != 0 {
				r.advance(now, &m.counts, func(f *frame) { m.shown(r, f) })
			}
			m.wantKeyframe(r, now)
		}
	}
	if now >= m.nextReport {
		m.nextReport = now + int64(reportEvery)
		m.report(now)
	}
}

// sumUp brings figures up to date that are counted elsewhere.
func (m *member) sumUp() {
	if m.mile != nil {
		m.counts.Lost += m.mile.lost
		m.mile.lost = 0
	}
}

func (m *member) own() Figures {
	m.poller.mu.Lock()
	defer m.poller.mu.Unlock()
	m.sumUp()
	return Figures{Counts: m.counts}
}

func (m *member) times() JoinTimes {
	m.poller.mu.Lock()
	defer m.poller.mu.Unlock()
	return m.steps
}

func (m *member) setNetwork(n Network) {
	m.poller.mu.Lock()
	defer m.poller.mu.Unlock()
	if m.gone {
		return
	}
	m.sumUp()
	if m.mile != nil { // what is on its way comes now
		m.mile.leave(1<<62, m.arrive)
		m.settle(m.poller.now)
	}
	m.network, m.mile = n, newMile(n)
	m.poller.set.deafen(m.place, m.socket, n.Stopped)
}

func (m *member) ended() bool {
	m.poller.mu.Lock()
	defer m.poller.mu.Unlock()
	return m.alert
}

func (m *member) leave(ctx context.Context) error {
	m.vanish()
	return m.goodbye(ctx)
}

func (m *member) goodbye(ctx context.Context) error {
	if m.end == nil {
		return nil
	}
	end := m.end
	m.end = nil
	return end(ctx)
}

func (m *member) vanish() { m.poller.remove(m) }

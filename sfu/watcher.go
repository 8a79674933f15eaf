package sfu

import (
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"go.uber.org/zap"

	"antenne/sfu/egress"
	"antenne/sfu/packet"
)

// transport is the little that a lane needs of a viewer's session.
type transport interface {
	// Dest is where datagrams go now, nil before there is a way.
	Dest() *egress.Dest
	// Overhead is by how many bytes Seal makes a packet longer, at most.
	Overhead() int
	// Seal encrypts an RTP packet in place; h is its header.
	Seal(packet []byte, h *rtp.Header) ([]byte, error)
	// SealReport encrypts an RTCP compound into dst.
	SealReport(dst, report []byte) ([]byte, error)
}

const (
	chooseEvery  = 500 * time.Millisecond // between two choices of layers
	wishPause    = 2 * time.Second        // between two changes of a wish
	askAgain     = time.Second            // a viewer without a keyframe asks again
	reportEvery  = 2 * time.Second        // sender reports, once the first ones are out
	firstReports = 4                      // sender reports at each second before that
	lastCodec    = packet.H264
)

// payloadTypes are a viewer's own numbers, by codec; 0 for what it cannot take.
type payloadTypes [lastCodec + 1]uint8

// viewerLine is one line of a viewer that carries media. Guarded, but for what
// is static, by its lane's mu.
type viewerLine struct {
	pick   func(*routes, identity) *feed // what the line should follow; static
	slot   Slot                          // that it stands for; static
	group  string                        // of streams played in sync; static
	ssrc   uint32                        // static
	repair uint32                        // static: SSRC of repair packets, 0 for none
	types  payloadTypes                  // static
	apt    payloadTypes                  // static: of repair packets
	audio  bool                          // static

	feed     *feed     // what pick says with the table of now
	current  *encoding // what it follows
	next     *encoding // another layer of the same source, from its keyframe on
	fed      bool      // current has begun for this line
	replayed uint64    // packets of current up to this one have been given
	filter   filter
	still    still
	asked    time.Time // last keyframe request while it waits
	wish     patience  // keyframes this viewer asks for

	out     packet.Line
	codec   packet.Codec
	packets uint32 // for sender reports
	bytes   uint32

	highest  uint32 // extended sequence number of the last report
	lost     uint8  // 1/256, of the last report
	jitter   time.Duration
	reported time.Time
}

// watcher is one subscription as its lane sees it. All but what is static or
// atomic is guarded by the lane's mu.
type watcher struct {
	identity               // static
	engine    *Engine      // static
	home      bool         // static
	transport transport    // static
	cut       func()       // static: ends the subscription
	lines     []viewerLine // pictures first
	routes    *routes      // the table the lines were resolved with

	gone  atomic.Bool          // takes no packet more
	wish  atomic.Pointer[Wish] // what the page wants; never nil
	views views                // what it is sent, for figures

	ladder   ladder
	loss     lossShare
	chosen   time.Time
	heeded   time.Time // newest report the ladder has seen
	wished   *Wish     // that is granted now, nil before the first
	wishedAt time.Time // since when
	repairs  repairs
	nextSend time.Time // of sender reports
	answered time.Time // static
	credit   float64   // bytes of stills that may go out
	paidAt   time.Time // when credit was last earned
	pictured bool      // a first picture was sent
	reported int

	sent, sentBytes, nacked, resent, switches atomic.Uint64
	rtt                                       atomic.Int64
	lost                                      atomic.Uint32 // 1/256
}

func newWatcher(id SessionID, e *Engine, spec SinkSpec) *watcher {
	v := &watcher{identity: identity{id, spec.Party}, engine: e, home: spec.Home, answered: time.Now()}
	v.wish.Store(&spec.Wish)
	return v
}

// resolve lets each line follow what the table and the ladder say. A line that
// must leave a source leaves it now; a change of layer waits for the keyframe.
func (v *watcher) resolve(r *routes) {
	if v.routes == r {
		return
	}
	v.routes = r
	for i := range v.lines {
		l := &v.lines[i]
		l.feed = l.pick(r, v.identity)
		v.aim(l, l.feed.at(l.filter.rung))
	}
}

// aim lets a line follow e from the first moment it can.
func (v *watcher) aim(l *viewerLine, e *encoding) {
	switch {
	case e == l.current:
		l.next = nil
	case e != nil && l.current != nil && e.source == l.current.source && l.fed:
		l.next = e
		e.keyframes.Ask()
	default:
		v.follow(l, e)
	}
}

func (v *watcher) follow(l *viewerLine, e *encoding) {
	if l.fed {
		v.forget()
	}
	l.current, l.next, l.fed, l.still = e, nil, false, still{}
	if now := time.Now(); e != nil && !l.audio && e.replayFrom(l.feed.since, now) == nil {
		v.askKeyframe(l, now)
	}
}

// forget takes back what waits in a queue of ours, before a stream that is
// slow: a gate that was closed is closed there too.
func (v *watcher) forget() {
	if to := v.transport.Dest(); to != nil {
		to.Forget()
	}
}

func (v *watcher) askKeyframe(l *viewerLine, now time.Time) {
	l.asked = now
	l.current.keyframes.Ask()
}

// deliver gives the viewer what has come: pictures first, so that a packet of
// sound, which is shorter, ends their run.
func (v *watcher) deliver(c *crowd, r *routes, bursts []burst) {
	v.resolve(r)
	to := v.transport.Dest()
	if to == nil {
		return
	}
	for i := range v.lines {
		l := &v.lines[i]
		if l.current == nil {
			continue
		}
		if !l.fed && !l.audio {
			v.replay(c, to, l, time.Now())
		}
		for b := range bursts {
			if e := bursts[b].encoding; e == l.current || e == l.next {
				v.forward(c, to, l, &bursts[b])
			}
		}
	}
}

func (v *watcher) forward(c *crowd, to *egress.Dest, l *viewerLine, b *burst) {
	for i := range b.packets {
		p := &b.packets[i]
		if !v.begins(l, b.encoding, p.Packet) || p.Index <= l.replayed {
			continue
		}
		switch {
		case p.late:
			l.out.Skip(p.Packet)
		case l.audio:
			b.sent += v.transmit(c, to, l, p.Packet, 0)
		case !l.filter.passes(p.Packet):
			l.still.saw(p.Packet)
			l.out.Skip(p.Packet)
		case l.filter.rung.mode == modeStill:
			l.keepStill(p.Packet)
		default:
			b.sent += v.transmit(c, to, l, p.Packet, p.pad)
		}
	}
	v.fill(c, to, l)
}

// fill sends padding for numbers whose packets came too late and are left out:
// a viewer would ask for them for ever.
func (v *watcher) fill(c *crowd, to *egress.Dest, l *viewerLine) {
	for out, ok := l.out.Fill(); ok; out, ok = l.out.Fill() {
		pt := l.types[l.codec]
		if l.codec == 0 || pt == 0 {
			return
		}
		c.header = rtp.Header{
			Version: 2, Padding: true, PayloadType: pt,
			SequenceNumber: out.Sequence, Timestamp: out.Timestamp, SSRC: l.ssrc,
		}
		v.write(c, to, l, &packet.Packet{}, packet.VP8Shift{}, -1, 1)
	}
}

// begins tells whether p is for the line, after letting the line begin with it
// where it may: any packet of a sound, the keyframe of a picture.
func (v *watcher) begins(l *viewerLine, e *encoding, p *packet.Packet) bool {
	entry := l.audio || p.Keyframe
	switch {
	case e == l.next && entry:
		v.change(l, e, p)
		return true
	case e != l.current:
		return false
	case l.fed:
		return true
	case !entry:
		return false
	}
	v.begin(l, e, p)
	return true
}

func (v *watcher) begin(l *viewerLine, e *encoding, p *packet.Packet) {
	l.out.Begin(e.stream, p)
	l.filter.restart()
	l.fed, l.replayed = true, 0
	v.nextSend = time.Time{} // the browser needs the new clock soon
	v.noteFirst(l)
}

// noteFirst measures how long a viewer waited for its first picture.
func (v *watcher) noteFirst(l *viewerLine) {
	if !l.audio && !v.pictured {
		v.pictured = true
		waited := time.Since(v.answered)
		if l.feed != nil {
			waited = min(waited, time.Since(l.feed.since))
		}
		v.engine.count.joined(waited)
	}
}

// change goes on with another layer of the same source. Where reports tell how
// their clocks stand, lips and voice stay together to the tick.
func (v *watcher) change(l *viewerLine, e *encoding, p *packet.Packet) {
	if lead, ok := e.leadOver(l.current, p); ok {
		l.out.BeginAligned(e.stream, p, lead)
	} else {
		l.out.Begin(e.stream, p)
	}
	l.filter.restart()
	l.current, l.next, l.replayed, l.still = e, nil, 0, still{}
	v.nextSend = time.Time{}
	v.switches.Add(1)
	v.engine.count.switches.Add(1)
}

func (v *watcher) transmit(c *crowd, to *egress.Dest, l *viewerLine, p *packet.Packet, pad uint8) (sent uint64) {
	if l.types[p.Codec] == 0 { // it must not use up numbers: the viewer would take them for lost
		v.engine.count.drop(dropUnsupported, 1)
		return 0
	}
	out, ok := l.out.Map(p)
	if !ok {
		v.engine.count.drop(dropStale, 1)
		return 0
	}
	return v.emit(c, to, l, p, out, pad)
}

// emit sends a packet under its numbers.
func (v *watcher) emit(c *crowd, to *egress.Dest, l *viewerLine, p *packet.Packet, out packet.Out, pad uint8) uint64 {
	l.codec = p.Codec
	if l.apt[p.Codec] == 0 {
		pad = 0 // what may be sent again under its own number must be the same each time
	}
	c.header = rtp.Header{
		Version: 2, Padding: pad > 0, Marker: p.Marker, PayloadType: l.types[p.Codec],
		SequenceNumber: out.Sequence, Timestamp: out.Timestamp, SSRC: l.ssrc,
	}
	if !v.write(c, to, l, p, out.Shift, -1, pad) {
		return 0
	}
	l.packets++
	l.bytes += uint32(len(p.Payload))
	return 1
}

const (
	rtpHeader = 12 // bytes, RFC 3550 §5.1, without sources or extensions
	osnBytes  = 2  // original sequence number, RFC 4588 §4
)

// write builds a packet with c.header in the sender's buffer, and seals it.
// osn is the original sequence number of a repair packet, or -1.
func (v *watcher) write(c *crowd, to *egress.Dest, l *viewerLine, p *packet.Packet, shift packet.VP8Shift, osn int, pad uint8) bool {
	room := c.sender.Room(to, rtpHeader+osnBytes+len(p.Payload)+int(pad)+v.transport.Overhead())
	b := room[:rtpHeader]
	if _, err := c.header.MarshalTo(b); err != nil {
		c.sender.Commit(0)
		v.engine.count.drop(dropSend, 1)
		return false
	}
	if osn >= 0 {
		b = append(b, byte(osn>>8), byte(osn))
	}
	at := len(b)
	b = append(b, p.Payload...)
	if p.Codec == packet.VP8 && !shift.Zero() {
		shift.Apply(b[at:], &p.VP8)
	}
	if pad > 0 {
		b = b[:len(b)+int(pad)]
		clear(b[len(b)-int(pad):])
		b[len(b)-1] = pad
	}
	sealed, err := v.transport.Seal(b, &c.header)
	if err != nil {
		c.sender.Commit(0)
		v.engine.count.drop(dropSend, 1)
		return false
	}
	if l.audio {
		c.sender.Hasten(len(sealed))
	} else {
		c.sender.Commit(len(sealed))
	}
	v.sent.Add(1)
	v.sentBytes.Add(uint64(len(p.Payload)))
	count := &c.sent[l.current.slot]
	count.packets++
	count.bytes += uint64(len(p.Payload))
	return true
}

// round looks after what no packet brings: layers, a keyframe that never came,
// reports.
func (v *watcher) round(c *crowd, r *routes, now time.Time) {
	v.resolve(r)
	if now.Sub(v.chosen) >= chooseEvery || v.wishes(now) {
		v.choose(c, r, now)
	}
	for i := range v.lines {
		l := &v.lines[i]
		switch {
		case l.current == nil || l.audio:
		case !l.fed && now.Sub(l.asked) > askAgain:
			v.askKeyframe(l, now)
		case l.fed && l.filter.wantsKeyframe(now) && l.wish.allow(now):
			v.askKeyframe(l, now)
		}
	}
	v.earn(now)
	v.drip(c)
	if !now.Before(v.nextSend) {
		v.sendReports(c, now)
	}
}

// choose lets the ladder say how much of each picture the viewer gets.
func (v *watcher) choose(c *crowd, r *routes, now time.Time) {
	v.resolve(r)
	v.chosen = now
	if v.wishes(now) {
		if v.wished != nil {
			v.wishedAt = now
		}
		v.wished = v.wish.Load()
	}
	c.menus = c.menus[:0]
	for i := range v.lines {
		c.menus = append(c.menus, v.lines[i].feed.menu(v.lines[i].slot))
	}
	v.repairs.measure(v.sent.Load() - v.resent.Load())
	before := v.ladder.line.hold
	rungs := v.ladder.choose(v.situation(c.menus, now))
	if v.ladder.line.hold < before {
		v.loss = lossShare{} // what was lost is answered for
	}
	for i := range v.lines {
		if l := &v.lines[i]; !l.audio {
			v.climb(l, rungs[i], now)
		}
	}
	v.show(rungs)
}

// wishes tells whether the page has changed its mind, and may: each change may
// cost everybody a keyframe.
func (v *watcher) wishes(now time.Time) bool {
	return v.wish.Load() != v.wished && (v.wished == nil || now.Sub(v.wishedAt) >= wishPause)
}

// survive cuts a viewer whose lane broke on it.
func (v *watcher) survive() {
	if r := recover(); r != nil {
		v.gone.Store(true)
		v.engine.log.Error("a viewer broke its lane and is cut", zap.Any("cause", r), zap.Stack("stack"))
		v.engine.spawn(v.cut)
	}
}

// climb takes another rung. From a still to the moving picture only a keyframe
// leads.
func (v *watcher) climb(l *viewerLine, r rung, now time.Time) {
	if l.filter.rung.mode == modeStill && r.mode == modeFull {
		l.fed, l.still = false, still{}
		l.asked = time.Time{}
	}
	l.filter.aim(r)
	v.aim(l, l.feed.at(r))
}

// situation is what the ladder may know.
func (v *watcher) situation(menus []menu, now time.Time) ladderInput {
	in := ladderInput{
		now: now, wish: *v.wished, home: v.home, ceiling: v.engine.load.ceiling(v.home), menus: menus,
		rtt: time.Duration(v.rtt.Load()), nackedShare: v.repairs.lately,
	}
	for i := range v.lines {
		l := &v.lines[i]
		if !l.reported.After(v.heeded) {
			continue // a line that carries nothing repeats its last report for ever
		}
		in.jitter = max(in.jitter, l.jitter)
		if l.reported.After(in.reported) {
			in.reported = l.reported
		}
	}
	if in.reported.IsZero() {
		in.reported = v.heeded
	}
	v.heeded = in.reported
	in.loss = v.loss.share()
	return in
}

// show tells the figures what the viewer is sent.
func (v *watcher) show(rungs []rung) {
	for i := range v.lines {
		l := &v.lines[i]
		v.views.set(l.slot, viewOf(l, rungs[i]))
	}
}

func viewOf(l *viewerLine, r rung) View {
	switch {
	case l.current == nil:
		return ViewNone
	case l.audio:
		return ViewSound
	case r.mode == modeStill:
		return ViewStill
	default:
		return ViewHigh + View(l.current.layer)
	}
}

// sendReports says of each line which media time is now, all on one clock, so
// that a browser plays lips and voice together.
func (v *watcher) sendReports(c *crowd, now time.Time) {
	to := v.transport.Dest()
	if to == nil {
		return
	}
	var compound rtcp.CompoundPacket
	var names rtcp.SourceDescription
	for i := range v.lines {
		l := &v.lines[i]
		if !l.fed || l.current == nil || l.packets == 0 {
			continue
		}
		at, ok := l.current.mediaTime(now, l.codec.ClockRate())
		if !ok {
			continue
		}
		compound = append(compound, &rtcp.SenderReport{
			SSRC: l.ssrc, NTPTime: ntpTime(now), RTPTime: at + l.out.TimeShift(),
			PacketCount: l.packets, OctetCount: l.bytes,
		})
		names.Chunks = append(names.Chunks, rtcp.SourceDescriptionChunk{
			Source: l.ssrc, Items: []rtcp.SourceDescriptionItem{{Type: rtcp.SDESCNAME, Text: l.group}},
		})
	}
	if len(compound) == 0 {
		return
	}
	v.reported++
	v.nextSend = now.Add(reportEvery)
	if v.reported < firstReports {
		v.nextSend = now.Add(time.Second)
	}
	v.report(c, to, append(compound, &names))
}

// srtcpOverhead is what SRTCP adds at most: index and tag (RFC 3711 §3.4, RFC 7714 §9).
const srtcpOverhead = 4 + 16

func (v *watcher) report(c *crowd, to *egress.Dest, compound rtcp.CompoundPacket) {
	plain, err := compound.Marshal()
	if err != nil {
		return
	}
	sealed, err := v.transport.SealReport(c.sender.Room(to, len(plain)+srtcpOverhead), plain)
	if err != nil {
		c.sender.Commit(0)
		return
	}
	c.sender.Commit(len(sealed))
}

func newOutLine() packet.Line {
	// Far from the roll-over: a receiver that misses the first packets must
	// not take them for the end of a turn.
	return packet.NewLine(uint16(rand.Uint32N(1<<15)), rand.Uint32())
}

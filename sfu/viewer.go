package sfu

import (
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"antenne/sfu/packet"
)

// link is the little that a viewer needs of its connection: the seam behind
// which a session of our own will replace the PeerConnection.
type link interface {
	// send seals and sends one RTP packet of a line. It borrows both, and must
	// not block.
	send(line int, h *rtp.Header, payload []byte) error
	// report seals and sends RTCP. It must not block.
	report([]rtcp.Packet) error
}

const (
	askAgain     = time.Second     // a viewer without a keyframe asks again
	resendBurst  = 200             // packets a viewer may have sent again at once
	resendRate   = 150             // packets a second on top of that
	resendPause  = 25              // milliseconds before the same packet is sent again
	reportEvery  = 2 * time.Second // sender reports, once the first ones are out
	firstReports = 4               // sender reports at each second before that
)

// viewerLine is one m-line of a viewer. Owned by the lane.
type viewerLine struct {
	pick     func(*routes, SessionID) *encoding // what the line should follow; static
	ssrc     uint32                             // static
	types    map[packet.Codec]uint8             // static: the viewer's own payload types
	audio    bool                               // static
	current  *encoding                          // what it follows
	next     *encoding                          // another layer of the same source, from its keyframe on
	fed      bool                               // current has begun for this line
	asked    time.Time                          // last keyframe request while it waits
	out      packet.Line
	codec    packet.Codec
	packets  uint32 // for sender reports
	bytes    uint32
	resentAt map[uint16]int64 // sequence → milliseconds: last time sent again
}

// viewer is one subscription as its lane sees it. The lane's goroutine owns
// everything but the counters.
type viewer struct {
	id     SessionID // static
	engine *Engine   // static
	link   link      // static
	lines  []viewerLine
	routes *routes // the table the lines were resolved with

	header  rtp.Header // scratch
	payload []byte     // scratch
	reports []rtcp.Packet

	budget     float64 // packets that may be sent again
	budgetAt   time.Time
	nextReport time.Time
	reported   int

	sent, sentBytes, nacked, resent atomic.Uint64
	rtt                             atomic.Int64
	lost                            atomic.Uint32 // 1/256
	views                           views
}

func newViewer(id SessionID, e *Engine, link link) *viewer {
	return &viewer{id: id, engine: e, link: link, payload: make([]byte, 0, 1500), budget: resendBurst}
}

// resolve lets each line follow what the table says. A line that must leave a
// source leaves it now; a change of layer waits for the keyframe.
func (v *viewer) resolve(r *routes) {
	if v.routes == r {
		return
	}
	v.routes = r
	for i := range v.lines {
		l := &v.lines[i]
		want := l.pick(r, v.id)
		switch {
		case want == l.current:
			l.next = nil
		case want != nil && l.current != nil && want.source == l.current.source && l.fed:
			l.next = want
			want.keyframes.Ask()
		default:
			v.follow(l, want)
		}
	}
}

func (v *viewer) follow(l *viewerLine, e *encoding) {
	l.current, l.next, l.fed = e, nil, false
	if e != nil && !l.audio {
		v.askKeyframe(l, time.Now())
	}
}

func (v *viewer) askKeyframe(l *viewerLine, now time.Time) {
	l.asked = now
	l.current.keyframes.Ask()
}

func (v *viewer) deliver(r *routes, tickets []ticket) {
	v.resolve(r)
	for i := range v.lines {
		l := &v.lines[i]
		if l.current == nil {
			continue
		}
		for _, t := range tickets {
			if t.encoding == l.current || t.encoding == l.next {
				v.forward(i, l, t)
			}
		}
	}
}

func (v *viewer) forward(line int, l *viewerLine, t ticket) {
	for index := t.from; index <= t.to; index++ {
		p := t.encoding.ring.Get(index)
		if p == nil {
			v.engine.count.drop(dropOverwritten, 1)
			continue
		}
		if l.begins(t.encoding, p) && l.fed {
			v.transmit(line, l, p)
		}
	}
}

// begins tells whether p is for the line, after letting the line begin with it
// where it may: any packet of a sound, the keyframe of a picture.
func (l *viewerLine) begins(e *encoding, p *packet.Packet) bool {
	entry := l.audio || p.Keyframe
	switch {
	case e == l.next && entry:
		l.current, l.next = e, nil
	case e != l.current:
		return false
	case l.fed:
		return true
	case !entry:
		return false
	}
	l.out.Begin(e.stream, p)
	l.fed = true
	return true
}

func (v *viewer) transmit(line int, l *viewerLine, p *packet.Packet) {
	out, ok := l.out.Map(p)
	if !ok {
		v.engine.count.drop(dropStale, 1)
		return
	}
	if v.write(line, l, p, out) {
		l.packets++
		l.bytes += uint32(len(p.Payload))
	}
}

func (v *viewer) write(line int, l *viewerLine, p *packet.Packet, out packet.Out) bool {
	pt, ok := l.types[p.Codec]
	if !ok {
		v.engine.count.drop(dropUnsupported, 1)
		return false
	}
	l.codec = p.Codec
	v.header = rtp.Header{
		Version: 2, Marker: p.Marker, PayloadType: pt,
		SequenceNumber: out.Sequence, Timestamp: out.Timestamp, SSRC: l.ssrc,
	}
	payload := p.Payload
	if p.Codec == packet.VP8 && !out.Shift.Zero() {
		v.payload = append(v.payload[:0], payload...)
		out.Shift.Apply(v.payload, &p.VP8)
		payload = v.payload
	}
	if err := v.link.send(line, &v.header, payload); err != nil {
		v.engine.count.drop(dropSend, 1)
		return false
	}
	v.sent.Add(1)
	v.sentBytes.Add(uint64(len(payload)))
	v.engine.count.sent(l.current.slot, 1, uint64(len(payload)))
	return true
}

// round looks after what no packet brings: a keyframe that never came, reports.
func (v *viewer) round(r *routes, now time.Time) {
	v.resolve(r)
	for i := range v.lines {
		l := &v.lines[i]
		if l.current != nil && !l.fed && !l.audio && now.Sub(l.asked) > askAgain {
			v.askKeyframe(l, now)
		}
		if len(l.resentAt) > 0 {
			forgetResent(l.resentAt, now)
		}
	}
	if !now.Before(v.nextReport) {
		v.sendReports(now)
	}
}

// sendReports says of each line which media time is now, all on one clock, so
// that a browser plays lips and voice together.
func (v *viewer) sendReports(now time.Time) {
	v.reports = v.reports[:0]
	for i := range v.lines {
		l := &v.lines[i]
		if !l.fed || l.current == nil || l.packets == 0 {
			continue
		}
		at, ok := l.current.mediaTime(now, l.codec.ClockRate())
		if !ok {
			continue
		}
		v.reports = append(v.reports, &rtcp.SenderReport{
			SSRC: l.ssrc, NTPTime: ntpTime(now), RTPTime: at + l.out.TimeShift(),
			PacketCount: l.packets, OctetCount: l.bytes,
		})
	}
	if len(v.reports) == 0 {
		return
	}
	v.reported++
	v.nextReport = now.Add(reportEvery)
	if v.reported < firstReports {
		v.nextReport = now.Add(time.Second)
	}
	_ = v.link.report(v.reports)
}

func (v *viewer) end(error) {}

// heed takes RTCP of the viewer about one line. Run by the lane.
func (v *viewer) heed(line int, packets []rtcp.Packet, now time.Time) {
	l := &v.lines[line]
	for _, p := range packets {
		switch p := p.(type) {
		case *rtcp.TransportLayerNack:
			if p.MediaSSRC == l.ssrc {
				v.resend(line, l, p, now)
			}
		case *rtcp.PictureLossIndication:
			v.needsKeyframe(l, p.MediaSSRC)
		case *rtcp.FullIntraRequest:
			for _, e := range p.FIR {
				v.needsKeyframe(l, e.SSRC)
			}
		case *rtcp.ReceiverReport:
			v.noteReports(l, p.Reports, now)
		}
	}
}

func (v *viewer) needsKeyframe(l *viewerLine, ssrc uint32) {
	v.engine.count.plis.Add(1)
	if ssrc == l.ssrc && l.current != nil && !l.audio {
		l.current.keyframes.Ask()
	}
}

func (v *viewer) noteReports(l *viewerLine, reports []rtcp.ReceptionReport, now time.Time) {
	for _, r := range reports {
		if r.SSRC != l.ssrc {
			continue
		}
		v.lost.Store(uint32(r.FractionLost))
		if r.LastSenderReport == 0 {
			continue
		}
		passed := uint32(ntpTime(now)>>16) - r.LastSenderReport - r.Delay
		if passed < 1<<20 { // 16 s: anything more is a clock that jumped
			v.rtt.Store(int64(passed) * int64(time.Second) >> 16)
		}
	}
}

// resend answers a NACK from the shared ring, within the viewer's budget.
func (v *viewer) resend(line int, l *viewerLine, n *rtcp.TransportLayerNack, now time.Time) {
	v.budget = min(resendBurst, v.budget+now.Sub(v.budgetAt).Seconds()*resendRate)
	v.budgetAt = now
	v.engine.count.nacks.Add(1)
	for _, pair := range n.Nacks {
		pair.Range(func(seq uint16) bool {
			v.nacked.Add(1)
			v.engine.count.nacked.Add(1)
			if !v.resendOne(line, l, seq, now) {
				v.engine.count.drop(dropRetransmission, 1)
			}
			return true
		})
	}
}

func (v *viewer) resendOne(line int, l *viewerLine, seq uint16, now time.Time) bool {
	index, ok := l.out.Find(seq)
	if !ok || l.current == nil || !l.fed || v.budget < 1 || l.resentAt[seq]+resendPause > now.UnixMilli() {
		return false
	}
	p := l.current.ring.Get(index)
	if p == nil {
		return false
	}
	out, ok := l.out.Again(p)
	if !ok || !v.write(line, l, p, out) {
		return false
	}
	if l.resentAt == nil {
		l.resentAt = map[uint16]int64{}
	}
	l.resentAt[seq] = now.UnixMilli()
	v.budget--
	v.resent.Add(1)
	v.engine.count.resent.Add(1)
	return true
}

func forgetResent(m map[uint16]int64, now time.Time) {
	for seq, at := range m {
		if now.UnixMilli()-at > 1000 {
			delete(m, seq)
		}
	}
}

func newOutLine() packet.Line {
	// Far from the roll-over: a receiver that misses the first packets must
	// not take them for the end of a turn.
	return packet.NewLine(uint16(rand.Uint32N(1<<15)), rand.Uint32())
}

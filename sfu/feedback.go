package sfu

import (
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"antenne/sfu/egress"
)

const (
	maxNacked     = 256                    // packets asked again by one message
	repairShare   = 0.2                    // of the packets sent: what may be sent again
	repairRate    = 20                     // packets a second that may be sent again in any case
	repairBurst   = 120                    // packets that may be sent again at once
	repairTimes   = 4                      // how often one packet is sent again
	repairPause   = 10 * time.Millisecond  // before the same packet is sent again, at least
	repairMemory  = 64                     // packets sent again that are remembered; a power of two
	keyframePause = 500 * time.Millisecond // between two keyframes for one viewer, at least
	keyframeMost  = 8 * time.Second        // and when it goes on asking
)

// repairs is what a viewer had sent again: the bounds that keep a bad line from
// costing more than it helps. Owned by the lane.
type repairs struct {
	budget float64 // packets
	at     time.Time
	sent   uint64                // packets sent, at the last refill
	recent *[repairMemory]repair // nil until something was asked again

	missed  uint64  // packets that were sent and did not come, each once
	counted uint64  // packets sent, at the last measure
	before  uint64  // missed, at the last measure
	lately  float64 // share missed between the last two
}

// repair is one packet that was sent again.
type repair struct {
	ssrc  uint32
	seq   uint16
	times uint8
	last  int64 // nanoseconds since startOfTime
}

// refill earns budget by what was sent since.
func (r *repairs) refill(sent uint64, now time.Time) {
	if r.at.IsZero() {
		r.budget = repairBurst
	} else {
		r.budget += now.Sub(r.at).Seconds()*repairRate + float64(sent-r.sent)*repairShare
	}
	r.budget = min(r.budget, repairBurst)
	r.at, r.sent = now, sent
}

// take spends budget for one packet, unless it was sent again a moment ago, or
// often enough. gone tells that asking once more will not help.
func (r *repairs) take(ssrc uint32, seq uint16, pause time.Duration, now time.Time) (ok, gone bool) {
	if r.recent == nil {
		r.recent = new([repairMemory]repair)
	}
	slot := &r.recent[seq%repairMemory]
	at := int64(now.Sub(startOfTime))
	if slot.ssrc != ssrc || slot.seq != seq || at-slot.last > int64(time.Second) {
		*slot = repair{ssrc: ssrc, seq: seq, last: at - int64(time.Second)}
		r.missed++
	}
	switch {
	case slot.times >= repairTimes:
		return false, true
	case at-slot.last < int64(pause) || r.budget < 1:
		return false, false
	}
	r.budget--
	slot.times++
	slot.last = at
	return true, false
}

// measure takes the share of what was missed, between two choices. sent is
// without repairs.
func (r *repairs) measure(sent uint64) {
	fresh := sent - r.counted
	if fresh < lossLeast {
		return
	}
	r.lately = float64(r.missed-r.before) / float64(fresh)
	r.counted, r.before = sent, r.missed
}

// patience bounds what one viewer asks of the publisher: a bad line must not
// cost everybody else their picture. The zero value is ready.
type patience struct {
	last time.Time
	wait time.Duration
}

func (p *patience) allow(now time.Time) bool {
	if passed := now.Sub(p.last); passed > 2*keyframeMost {
		p.wait = keyframePause
	} else if passed < p.wait {
		return false
	}
	p.last, p.wait = now, min(2*p.wait, keyframeMost)
	return true
}

// heed takes an RTCP compound of the viewer. Run by the lane.
func (v *watcher) heed(c *crowd, report []byte, now time.Time) {
	packets, err := rtcp.Unmarshal(report)
	if err != nil {
		v.engine.count.drop(dropMalformed, 1)
		return
	}
	left := maxNacked
	for _, p := range packets {
		switch p := p.(type) {
		case *rtcp.TransportLayerNack:
			left = v.resend(c, p, left, now)
		case *rtcp.PictureLossIndication:
			v.needsKeyframe(p.MediaSSRC, now)
		case *rtcp.FullIntraRequest:
			for _, e := range p.FIR[:min(len(p.FIR), len(v.lines))] {
				v.needsKeyframe(e.SSRC, now)
			}
		case *rtcp.ReceiverReport:
			v.noteReports(p.Reports, now)
		case *rtcp.SenderReport:
			v.noteReports(p.Reports, now)
		}
	}
}

// lineOf is the line of that SSRC, or nil.
func (v *watcher) lineOf(ssrc uint32) *viewerLine {
	for i := range v.lines {
		if v.lines[i].ssrc == ssrc {
			return &v.lines[i]
		}
	}
	return nil
}

func (v *watcher) needsKeyframe(ssrc uint32, now time.Time) {
	l := v.lineOf(ssrc)
	if l == nil || l.audio || l.current == nil {
		return
	}
	v.engine.count.plis.Add(1)
	v.wantKeyframe(l, now)
}

// wantKeyframe asks for a keyframe, as often as one viewer may.
func (v *watcher) wantKeyframe(l *viewerLine, now time.Time) {
	if l.fed && l.filter.rung.mode == modeFull && l.wish.allow(now) {
		l.current.keyframes.Ask()
	}
}

func (v *watcher) noteReports(reports []rtcp.ReceptionReport, now time.Time) {
	for _, r := range reports {
		l := v.lineOf(r.SSRC)
		if l == nil {
			continue
		}
		v.loss.note(r.LastSequenceNumber-l.highest, r.FractionLost, l.highest != 0)
		l.highest, l.lost, l.reported = r.LastSequenceNumber, r.FractionLost, now
		if l.codec != 0 {
			l.jitter = time.Duration(float64(r.Jitter) / float64(l.codec.ClockRate()) * float64(time.Second))
		}
		v.noteRoundTrip(&r, now)
	}
	worst := uint8(0)
	for i := range v.lines {
		worst = max(worst, v.lines[i].lost)
	}
	v.lost.Store(uint32(worst))
}

func (v *watcher) noteRoundTrip(r *rtcp.ReceptionReport, now time.Time) {
	if r.LastSenderReport == 0 {
		return
	}
	passed := uint32(ntpTime(now)>>16) - r.LastSenderReport - r.Delay
	if passed < 1<<20 { // 16 s: anything more is a clock that jumped
		v.rtt.Store(int64(passed) * int64(time.Second) >> 16)
	}
}

// resend answers a NACK from the shared ring, within the viewer's bounds. left
// is how many packets the rest of the message may ask for, and comes back less
// those that it did.
func (v *watcher) resend(c *crowd, n *rtcp.TransportLayerNack, left int, now time.Time) int {
	l := v.lineOf(n.MediaSSRC)
	to := v.transport.Dest()
	if l == nil || to == nil || left <= 0 {
		return left
	}
	v.engine.count.nacks.Add(1)
	v.repairs.refill(v.sent.Load()-v.resent.Load(), now)
	for _, pair := range n.Nacks {
		pair.Range(func(seq uint16) bool {
			left--
			v.nacked.Add(1)
			v.engine.count.nacked.Add(1)
			if !v.resendOne(c, to, l, seq, now) {
				v.engine.count.drop(dropRetransmission, 1)
			}
			return left > 0
		})
		if left <= 0 {
			break
		}
	}
	c.sender.Flush()
	return left
}

func (v *watcher) resendOne(c *crowd, to *egress.Dest, l *viewerLine, seq uint16, now time.Time) bool {
	index, ok := l.out.Find(seq)
	if !ok || l.current == nil || !l.fed {
		return false
	}
	p := l.current.ring.Get(index)
	if p == nil {
		v.wantKeyframe(l, now)
		return false
	}
	out, ok := l.out.Again(p)
	if !ok || l.types[p.Codec] == 0 {
		return false
	}
	pause := max(repairPause, time.Duration(v.rtt.Load())*3/4)
	ok, gone := v.repairs.take(l.ssrc, seq, pause, now)
	if gone {
		v.wantKeyframe(l, now)
	}
	if !ok {
		return false
	}
	c.header = rtp.Header{
		Version: 2, Marker: p.Marker, PayloadType: l.types[p.Codec],
		SequenceNumber: out.Sequence, Timestamp: out.Timestamp, SSRC: l.ssrc,
	}
	osn := -1
	if apt := l.apt[p.Codec]; apt != 0 && l.repair != 0 {
		osn = int(out.Sequence)
		c.header.SSRC, c.header.PayloadType, c.header.SequenceNumber = l.repair, apt, l.out.NextRepair()
	}
	if !v.write(c, to, l, p, out.Shift, osn, 0) {
		return false
	}
	v.resent.Add(1)
	v.engine.count.resent.Add(1)
	return true
}

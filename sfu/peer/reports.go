package peer

import (
	"time"

	"github.com/pion/rtcp"
)

// report says once a second how every stream arrives (RFC 3550 §6.4.2).
func (m *member) report(now int64) {
	var blocks []rtcp.ReceptionReport
	for _, r := range m.streams {
		if r.slots != nil {
			blocks = append(blocks, r.report(now))
		}
	}
	m.feedback(&rtcp.ReceiverReport{SSRC: m.ssrc, Reports: blocks})
}

func (r *reception) report(now int64) rtcp.ReceptionReport {
	expected, got := r.highest-r.reported, r.received-r.reportedGot
	r.reported, r.reportedGot = r.highest, r.received
	block := rtcp.ReceptionReport{
		SSRC: r.ssrc, LastSequenceNumber: uint32(r.highest - 1<<17), Jitter: uint32(r.jitter),
		TotalLost: uint32(min(max(int64(r.highest-r.base+1)-int64(r.received), 0), 1<<24-1)),
	}
	if expected > got {
		block.FractionLost = uint8(min(256*(expected-got)/expected, 255))
	}
	if r.senderAt != 0 {
		block.LastSenderReport = r.senderTime
		block.Delay = uint32(time.Duration(now-r.senderAt).Seconds() * 65536)
	}
	return block
}

// ask sends a NACK for what is due.
func (m *member) ask(r *reception, now int64) {
	p := m.poller
	p.asks = r.wanted(now, m.agent.roundTrip, p.asks[:0], &m.counts)
	if len(p.asks) == 0 {
		return
	}
	m.feedback(&rtcp.TransportLayerNack{SenderSSRC: m.ssrc, MediaSSRC: r.ssrc, Nacks: rtcp.NackPairsFromSequenceNumbers(p.asks)})
}

// wantKeyframe asks for one where no picture can be shown without: none came
// at the beginning, or the chain is broken.
func (m *member) wantKeyframe(r *reception, now int64) {
	a := &r.pictures
	if a.next != 0 {
		r.needsKey = false
		return
	}
	if a.keyframe == 0 && now-r.began > int64(firstWait) {
		r.needsKey = true
	}
	if !r.needsKey || now-r.asksKey < int64(pliEvery) {
		return
	}
	r.asksKey = now
	m.counts.PLIs++
	m.feedback(&rtcp.PictureLossIndication{SenderSSRC: m.ssrc, MediaSSRC: r.ssrc})
}

// feedback sends one packet (RFC 5506: of reduced size).
func (m *member) feedback(p rtcp.Packet) {
	plain, err := p.Marshal()
	if err != nil {
		return
	}
	if sealed, err := m.keys.out.EncryptRTCP(nil, plain, nil); err == nil {
		m.socket.send(sealed, m.agent.chosen)
	}
}

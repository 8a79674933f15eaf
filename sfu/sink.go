package sfu

import (
	"time"

	"antenne/sfu/packet"
)

// sinkMember is an attached Sink in its own lane. The lane's goroutine owns it.
type sinkMember struct {
	sink  Sink
	batch []packet.Packet
}

func (m *sinkMember) deliver(r *routes, tickets []ticket) {
	for _, t := range tickets {
		for slot := range r.feeds {
			f := &r.feeds[slot]
			if f.source != t.encoding.source || !f.audience.open() || Slot(slot).IsAudio() != t.encoding.slot.IsAudio() {
				continue
			}
			m.gather(t)
			if len(m.batch) > 0 {
				m.sink.WritePackets(Slot(slot), t.encoding.layer, m.batch)
			}
		}
	}
	clear(m.batch[:cap(m.batch)])
}

func (m *sinkMember) gather(t ticket) {
	m.batch = m.batch[:0]
	for i := t.from; i <= t.to; i++ {
		if p := t.encoding.ring.Get(i); p != nil {
			m.batch = append(m.batch, *p)
		}
	}
}

func (m *sinkMember) round(*routes, time.Time) {}

func (m *sinkMember) end(err error) { m.sink.End(err) }

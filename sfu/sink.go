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

func (m *sinkMember) feed(r *routes, bursts []burst) {
	for i := range bursts {
		b := &bursts[i]
		m.gather(b)
		for slot := range r.feeds {
			f := &r.feeds[slot]
			if f.source != b.encoding.source || !f.audience.open() || Slot(slot).IsAudio() != b.encoding.slot.IsAudio() {
				continue
			}
			if len(m.batch) > 0 {
				m.sink.WritePackets(Slot(slot), b.encoding.layer, m.batch)
			}
		}
	}
	clear(m.batch[:cap(m.batch)])
}

func (m *sinkMember) gather(b *burst) {
	m.batch = m.batch[:0]
	for _, p := range b.packets {
		m.batch = append(m.batch, *p.Packet)
	}
}

func (m *sinkMember) round(*routes, time.Time) {}

func (m *sinkMember) end(err error) { m.sink.End(err) }

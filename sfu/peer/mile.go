package peer

import (
	"math/rand/v2"
	"time"
)

const (
	ipAndUDP     = 28 // bytes in front of a datagram (IPv4)
	defaultQueue = 200 * time.Millisecond
)

// mile plays a Network on the datagrams of one viewer: a share is lost, the
// rest goes through a link of a certain rate with a queue in front, and then
// takes a while. Times are ns of the kernel's clock. Pure but for its dice;
// the poller owns it.
type mile struct {
	network Network
	dice    *rand.Rand
	free    int64 // when the link has sent all that waits
	waiting []delayed
	lost    uint64
}

type delayed struct {
	at   int64 // when it comes out
	data []byte
}

// newMile is nil for a perfect network.
func newMile(n Network) *mile {
	if n.Rate == 0 && n.Loss == 0 && n.Delay == 0 {
		return nil
	}
	if n.Queue == 0 {
		n.Queue = defaultQueue
	}
	return &mile{network: n, dice: rand.New(rand.NewPCG(n.Seed, 0x6d696c65))}
}

// enter is a datagram that arrived at the near end. It is copied.
func (m *mile) enter(b []byte, at int64) {
	if m.dice.Float64() < m.network.Loss {
		m.lost++
		return
	}
	out := at
	if m.network.Rate > 0 {
		begins := max(m.free, at)
		if begins-at > int64(m.network.Queue) {
			m.lost++
			return
		}
		m.free = begins + int64(float64(8*(len(b)+ipAndUDP))/float64(m.network.Rate)*float64(time.Second))
		out = m.free
	}
	m.waiting = append(m.waiting, delayed{out + int64(m.network.Delay), append([]byte(nil), b...)})
}

// leave hands out what has come through at now, in order. The delay is the
// same for all, so the queue is ordered by itself.
func (m *mile) leave(now int64, take func(b []byte, at int64)) {
	n := 0
	for n < len(m.waiting) && m.waiting[n].at <= now {
		take(m.waiting[n].data, m.waiting[n].at)
		m.waiting[n].data = nil
		n++
	}
	if m.waiting = m.waiting[n:]; len(m.waiting) == 0 {
		m.waiting = nil
	}
}

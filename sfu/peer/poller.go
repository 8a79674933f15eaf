package peer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/rtp"
)

const (
	sweepEvery   = 500 * time.Microsecond
	tickEvery    = 5 * time.Millisecond
	maxRounds    = 8 // batches of one viewer in a sweep
	someAtATime  = 16
	reportEvery  = time.Second
	silenceFrom  = 200 * time.Millisecond
	earlyPackets = 512 // media that overtakes the end of the handshake
)

// crowd is what Crowd is made of. Static after newCrowd but for what is
// synchronised by itself.
type crowd struct {
	identity   *identity
	profiles   []dtls.SRTPProtectionProfile
	handshakes chan struct{} // a token for each that runs
	teacher    *Teacher
	pollers    []*poller
	turn       atomic.Uint64
	stop       chan struct{}
	once       sync.Once
	running    sync.WaitGroup
}

func newCrowd(config CrowdConfig) (*Crowd, error) {
	probe, err := openSocket()
	if err != nil {
		return nil, fmt.Errorf("peer: crowd: %w", err)
	}
	if err := probe.close(); err != nil {
		return nil, fmt.Errorf("peer: crowd: %w", err)
	}
	id, err := newIdentity()
	if err != nil {
		return nil, err
	}
	if config.Pollers <= 0 {
		config.Pollers = runtime.GOMAXPROCS(0)
	}
	if config.Handshakes <= 0 {
		config.Handshakes = someAtATime
	}
	if len(config.Profiles) == 0 {
		config.Profiles = []Profile{AEAD128, AEAD256, CM80}
	}
	c := &Crowd{crowd{identity: id, handshakes: make(chan struct{}, config.Handshakes), teacher: config.Teacher, stop: make(chan struct{})}}
	for _, p := range config.Profiles {
		known, ok := profiles[p]
		if !ok {
			return nil, fmt.Errorf("peer: crowd: no SRTP profile %d", p)
		}
		c.profiles = append(c.profiles, known)
	}
	for range config.Pollers {
		p := &poller{crowd: &c.crowd, batch: newBatch(), groups: map[string]*tally{}}
		c.pollers = append(c.pollers, p)
		c.running.Go(p.run)
	}
	return c, nil
}

func (c *crowd) close() error {
	c.once.Do(func() { close(c.stop) })
	c.running.Wait()
	for _, p := range c.pollers {
		p.empty()
	}
	return nil
}

// figures gathers copies under the locks and sums outside.
func (c *crowd) figures(group string) Figures {
	var sum Figures
	for _, p := range c.pollers {
		p.gather(group, &sum)
	}
	return sum
}

func (c *crowd) groups() []string {
	var names []string
	for _, p := range c.pollers {
		p.mu.Lock()
		for name := range p.groups {
			names = append(names, name)
		}
		p.mu.Unlock()
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// tally is what a poller keeps of a group.
type tally struct {
	gone    Counts // of those who left
	figures Figures
}

// poller reads for its share of the viewers. Everything is guarded by mu, the
// members' reception state included; a sweep holds it.
type poller struct {
	crowd *crowd

	mu      sync.Mutex
	members []*member
	set     pollSet // beside members
	batch   *batch
	groups  map[string]*tally
	now     int64      // of this sweep, CLOCK_REALTIME
	ticked  int64      // newest housekeeping
	header  rtp.Header // reused
	asks    []uint16   // reused
	closed  bool
}

func (p *poller) run() {
	for {
		select {
		case <-p.crowd.stop:
			return
		default:
		}
		began := time.Now()
		p.sweep()
		if rest := sweepEvery - time.Since(began); rest > 0 {
			time.Sleep(rest)
		} else {
			runtime.Gosched()
		}
	}
}

// sweep reads everything there is and does what is due.
func (p *poller) sweep() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = realtime()
	if p.set.poll() {
		for i, m := range p.members {
			if p.set.readable(i) {
				p.read(m)
			}
		}
	}
	for _, m := range p.members {
		if m.mile != nil {
			m.mile.leave(p.now, m.arrive)
			m.settle(p.now)
		}
	}
	if p.now-p.ticked >= int64(tickEvery) {
		p.ticked = p.now
		for _, m := range p.members {
			m.tick(p.now)
		}
	}
}

func (p *poller) read(m *member) {
	for range maxRounds {
		n := p.batch.read(m.socket)
		for i := range n {
			data, at, dropped := p.batch.datagram(i)
			if at == 0 {
				at = p.now
			}
			if dropped != m.unread {
				m.counts.Unread += uint64(dropped - m.unread)
				m.unread = dropped
			}
			if m.mile != nil {
				m.mile.enter(data, at)
			} else {
				m.arrive(data, at)
			}
		}
		if n < batchSize {
			break
		}
	}
	if m.mile == nil {
		m.settle(p.now)
	}
}

func (p *poller) add(m *member) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return errors.New("peer: the crowd is closed")
	}
	m.place = len(p.members)
	p.members = append(p.members, m)
	p.set.add(m.socket)
	if m.group = p.groups[m.groupName]; m.group == nil {
		m.group = &tally{}
		p.groups[m.groupName] = m.group
	}
	return nil
}

// remove takes m out, keeps its figures and closes its socket. Again is fine.
func (p *poller) remove(m *member) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.removeLocked(m)
}

func (p *poller) removeLocked(m *member) {
	if m.gone {
		return
	}
	m.gone = true
	if m.place >= 0 {
		last := len(p.members) - 1
		p.members[m.place] = p.members[last]
		p.members[m.place].place = m.place
		p.members[last] = nil
		p.members = p.members[:last]
		p.set.remove(m.place)
		m.sumUp()
		m.counts.Viewers = 0
		m.group.gone.add(&m.counts)
	}
	_ = m.socket.close()
}

func (p *poller) empty() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for len(p.members) > 0 {
		p.removeLocked(p.members[len(p.members)-1])
	}
}

func (p *poller) gather(group string, sum *Figures) {
	p.mu.Lock()
	t := p.groups[group]
	if t == nil {
		p.mu.Unlock()
		return
	}
	held := t.figures
	held.Counts = t.gone
	counts := make([]Counts, 0, len(p.members))
	for _, m := range p.members {
		if m.group == t {
			m.sumUp()
			counts = append(counts, m.counts)
		}
	}
	p.mu.Unlock()
	for i := range counts {
		held.add(&counts[i])
	}
	sum.add(&held.Counts)
	into, from := sum.histograms(), held.histograms()
	for i := range into {
		into[i].merge(from[i])
	}
}

// join is the way of one viewer in; the goroutine is the caller's.
func (c *crowd) join(ctx context.Context, exchange Exchange, v Visitor) (*Member, error) {
	p := c.pollers[c.turn.Add(1)%uint64(len(c.pollers))]
	s, err := openSocket()
	if err != nil {
		return nil, fmt.Errorf("peer: crowd: %w", err)
	}
	m := &Member{member{
		poller: p, socket: s, place: -1, groupName: v.Group, network: v.Network, mile: newMile(v.Network), noRepair: v.NoRepair,
		checked: make(chan struct{}), ssrc: rand.Uint32(),
	}}
	if err := m.enter(ctx, exchange, v.Five); err != nil {
		m.vanish()
		return nil, errors.Join(fmt.Errorf("peer: crowd: %w", err), m.goodbye(ctx))
	}
	return m, nil
}

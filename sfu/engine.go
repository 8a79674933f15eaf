package sfu

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"go.uber.org/zap"

	"antenne/sfu/egress"
	"antenne/sfu/viewer"
)

// Config of an Engine.
type Config struct {
	Media     string       // address of all media, ":7882", in UDP and, for viewers, in TCP; ":0" picks a port
	PublicIPs []netip.Addr // when set they replace the addresses of the interfaces in answers
	Limits    Limits       // of publishers, and of the node as a whole
	Log       *zap.Logger  // nil is silence
}

// timing holds the patience of an engine; tests shorten it. A peer that falls
// silent is freed after disconnected + failed.
type timing struct {
	disconnected time.Duration // without a packet: the peer is doubted
	failed       time.Duration // and after that: given up
	join         time.Duration // from the answer to the first media path
	keyframe     time.Duration // least time between two keyframe requests to one encoding
	house        time.Duration // between two rounds of the housekeeper
	admission    time.Duration // longest wait of a join in the queue
	excess       time.Duration // of drops for what a publisher sends too much, before it is cut
}

func productionTiming() timing {
	return timing{
		disconnected: 10 * time.Second, failed: 20 * time.Second, join: 30 * time.Second,
		keyframe: 500 * time.Millisecond, house: 200 * time.Millisecond, admission: 3 * time.Second,
		excess: 10 * time.Second,
	}
}

// Engine carries the broadcasts of one process over one port: UDP, and TCP for
// viewers who have no other way.
type Engine struct {
	// Static after construction.
	log     *zap.Logger
	timing  timing
	limits  Limits
	network *network
	apis    *apis
	viewers *viewer.Server
	doors   doors
	asks    chan chan struct{} // to the housekeeper: are you there?
	stop    chan struct{}      // closed when the engine ends
	count   counters
	load    load
	rush    rush // owned by the housekeeper

	mu         sync.Mutex
	closed     bool                  // guarded by mu
	broadcasts map[string]*Broadcast // guarded by mu
	running    sync.WaitGroup        // Add only under mu, while not closed
}

// New opens the media port and starts the engine.
func New(c Config) (*Engine, error) { return newEngine(c, productionTiming()) }

func newEngine(c Config, t timing) (*Engine, error) {
	if c.Log == nil {
		c.Log = zap.NewNop()
	}
	viewers, err := viewer.NewServer(viewer.Config{Log: c.Log, Silence: t.disconnected + t.failed, Join: t.join})
	if err != nil {
		return nil, fmt.Errorf("sfu: %w", err)
	}
	network, err := listen(c.Media, c.PublicIPs, viewers.Take, c.Log)
	if err != nil {
		viewers.Close()
		return nil, fmt.Errorf("sfu: media port: %w", err)
	}
	apis, err := newAPIs(network.mux, t)
	if err != nil {
		viewers.Close()
		network.close()
		return nil, fmt.Errorf("sfu: %w", err)
	}
	e := &Engine{
		log: c.Log, timing: t, limits: c.Limits.withDefaults(), network: network, apis: apis, viewers: viewers,
		doors: newDoors(), asks: make(chan chan struct{}), stop: make(chan struct{}),
		broadcasts: map[string]*Broadcast{},
	}
	e.load.budget, e.load.sheds = e.limits.Egress, int(e.limits.Late/loadEvery)
	e.spawn(e.keepHouse)
	return e, nil
}

// Close ends every broadcast with ReasonShutdown, closes the port and waits
// for every goroutine of the engine.
func (e *Engine) Close() error {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		e.running.Wait()
		return nil
	}
	e.closed = true
	close(e.stop)
	all := make([]*Broadcast, 0, len(e.broadcasts))
	for _, b := range e.broadcasts {
		all = append(all, b)
	}
	e.mu.Unlock()
	for _, b := range all {
		b.Close(ReasonShutdown)
	}
	e.viewers.Close()
	e.running.Wait() // peers say goodbye over the port first
	return e.network.close()
}

// spawn runs f in a goroutine that Close waits for. It reports false, and runs
// nothing, once the engine is closed.
func (e *Engine) spawn(f func()) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return false
	}
	e.running.Add(1)
	go func() {
		defer e.running.Done()
		f()
	}()
	return true
}

// Port is the port of all media.
func (e *Engine) Port() int { return e.network.port }

// Open gives the broadcast of that name, made when there is none. On a closed
// engine it gives a broadcast that refuses everything.
func (e *Engine) Open(name string) *Broadcast {
	e.mu.Lock()
	defer e.mu.Unlock()
	if b, ok := e.broadcasts[name]; ok {
		return b
	}
	b := newBroadcast(e, name)
	if e.closed {
		b.closed = true
		return b
	}
	e.broadcasts[name] = b
	return b
}

func (e *Engine) forget(b *Broadcast) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.broadcasts[b.name] == b {
		delete(e.broadcasts, b.name)
	}
}

func (e *Engine) all() []*Broadcast {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := make([]*Broadcast, 0, len(e.broadcasts))
	for _, b := range e.broadcasts {
		all = append(all, b)
	}
	return all
}

// Ready proves that media can come in: a datagram sent to each socket of the
// media port is seen by the reader behind it.
func (e *Engine) Ready(ctx context.Context) error {
	select {
	case <-e.stop:
		return refuse(CodeEngineClosed)
	default:
	}
	for _, c := range e.network.conns {
		if err := c.Probe(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Alive proves that the engine goes on working, whatever its network does: its
// housekeeper, which goes through every broadcast, answers.
func (e *Engine) Alive(ctx context.Context) error {
	answer := make(chan struct{})
	select {
	case e.asks <- answer:
		<-answer
		return nil
	case <-e.stop:
		return refuse(CodeEngineClosed)
	case <-ctx.Done():
		return fmt.Errorf("sfu: the housekeeper does not answer: %w", ctx.Err())
	}
}

// keepHouse looks now and then at what no packet announces: a layer that fell
// silent, a node that has more to carry than it can.
func (e *Engine) keepHouse() {
	round := time.NewTicker(e.timing.house)
	defer round.Stop()
	for {
		select {
		case <-e.stop:
			return
		case answer := <-e.asks:
			close(answer)
		case now := <-round.C:
			for _, b := range e.all() {
				b.reviewLayers(now)
			}
			e.weigh(now)
			e.tidyMemory(now)
		}
	}
}

// Stats gives the figures of now.
func (e *Engine) Stats() Stats {
	s := e.count.stats()
	s.Load = e.load.stats(e.limits)
	s.Egress.Segments = true
	for _, c := range e.network.conns {
		addSocket(&s, c.Stats())
	}
	s.byTCP(e.network.streams)
	s.sessions(e.viewers.Stats())
	for _, b := range e.all() {
		s.Broadcasts++
		s.Sources += len(b.Sources())
		s.census(b.Subscriptions())
	}
	return s
}

func addSocket(s *Stats, c egress.Stats) {
	s.Egress.add(c)
	s.addPort(c)
}

// byTCP adds what goes over connections, beside the figures of datagrams.
func (s *Stats) byTCP(all *egress.Streams) {
	c := all.Stats()
	s.Streams = StreamStats{Open: all.Open(), Datagrams: c.PacketsOut, Bytes: c.BytesOut, Writes: c.Calls}
	s.addPort(c)
}

// addPort adds what is counted alike on sockets and on connections.
func (s *Stats) addPort(c egress.Stats) {
	s.ApplicationIn += c.ApplicationIn
	s.ApplicationOut += c.ApplicationOut
	for reason, n := range c.Drops {
		s.Drops[reason] += n
	}
}

func newSessionID() SessionID {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand never fails since Go 1.24
	return SessionID(hex.EncodeToString(b[:]))
}

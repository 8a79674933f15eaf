package egress

import (
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// StreamConfig bounds Streams. A zero field has the value said beside it.
type StreamConfig struct {
	Most       int           // connections at a time: 1,024
	Strangers  int           // those among them who have not proved who they are: 128. The oldest makes room for one more: who is honest proves it in a round trip
	PerAddress int           // strangers among them from one IPv4 address, or one IPv6 network of 64 bits: 64. Those who proved who they are do not count: a whole town may stand behind one address
	Prove      time.Duration // until the other end must have proved who it is (Dest.Admit): 10 s
	Idle       time.Duration // without a word of one who did: 45 s, longer than consent lasts (RFC 7675)
	Stall      time.Duration // for the network to take a chunk: 10 s
	Bytes      int           // of pictures that wait in one stream: 128 KiB, a keyframe and then some; a quarter of that for all else
	Datagrams  int           // the same, in datagrams: 512
	Late       time.Duration // that a picture may wait: 300 ms
	LateFirst  time.Duration // that anything else may wait: 1 s, which a player of sound still catches up with
}

func (c StreamConfig) withDefaults() StreamConfig {
	orElse(&c.Most, 1024)
	orElse(&c.Strangers, 128)
	orElse(&c.PerAddress, 64)
	orElse(&c.Prove, 10*time.Second)
	orElse(&c.Idle, 45*time.Second)
	orElse(&c.Stall, 10*time.Second)
	orElse(&c.Bytes, 128<<10)
	orElse(&c.Datagrams, 512)
	orElse(&c.Late, 300*time.Millisecond)
	orElse(&c.LateFirst, time.Second)
	return c
}

func orElse[T int | time.Duration](field *T, value T) {
	if *field <= 0 {
		*field = value
	}
}

// Streams is the TCP side of the media: for those whose network lets no
// datagram through. What arrives on a Stream goes the way of what arrives on a
// Conn, and is answered at Stream.Dest.
type Streams struct {
	config StreamConfig                                                   // static
	take   func(origin Origin, datagram []byte, from netip.AddrPort) bool // static
	began  time.Time                                                      // static
	count  counters

	mu        sync.Mutex
	open      map[*Stream]struct{} // guarded by mu
	strangers []*Stream            // guarded by mu: those of open that proved nothing, the oldest first
	from      map[netip.Addr]int   // guarded by mu: strangers of one network
	closed    bool                 // guarded by mu
	served    sync.WaitGroup       // Serves; Add is guarded by mu
}

// NewStreams makes an empty set. take gets every datagram that may pass, from
// one goroutine for each stream, and says whether it knows the sender; it must
// not keep the datagram.
func NewStreams(config StreamConfig, take func(origin Origin, datagram []byte, from netip.AddrPort) bool) *Streams {
	return &Streams{
		config: config.withDefaults(), take: take, began: time.Now(),
		open: map[*Stream]struct{}{}, from: map[netip.Addr]int{},
	}
}

func newStream(all *Streams, conn net.Conn) *Stream {
	c := &all.config
	return &Stream{
		streams: all, conn: conn, wake: make(chan struct{}, 1),
		first: frames{mostBytes: c.Bytes / 4, mostCount: c.Datagrams / 4, late: c.LateFirst},
		rest:  frames{mostBytes: c.Bytes, mostCount: c.Datagrams, late: c.Late},
	}
}

// since is a monotonic time, from which waiting is counted.
func (all *Streams) since() time.Duration { return time.Since(all.began) }

// Serve reads a connection until it ends; the caller's goroutine is its reader.
// It closes the connection.
func (all *Streams) Serve(conn net.Conn) {
	s, out := all.enter(conn)
	if out != nil {
		all.count.drop(StreamCrowded)
		out.end()
	}
	if s == nil {
		_ = conn.Close()
		all.count.drop(StreamLimit)
		return
	}
	defer all.leave(s)
	limitUnsent(conn)
	written := make(chan struct{})
	go func() {
		defer close(written)
		s.write()
	}()
	if why, counted := s.read(); counted {
		all.count.drop(why)
	}
	s.end()
	<-written
}

// enter counts a connection in, unless there are too many. It may name another
// that has to go for it.
func (all *Streams) enter(conn net.Conn) (s, out *Stream) {
	from, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return nil, nil
	}
	from = unmapped(from)
	network := NetworkOf(from.Addr())
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.closed || all.from[network] >= all.config.PerAddress {
		return nil, nil
	}
	if len(all.strangers) >= all.config.Strangers || len(all.open) >= all.config.Most {
		if out = all.crowdOutLocked(); out == nil {
			return nil, nil
		}
	}
	s = newStream(all, conn)
	s.dest = &Dest{stream: s, addr: from}
	all.open[s] = struct{}{}
	all.strangers = append(all.strangers, s)
	all.from[network]++
	all.served.Add(1)
	return s, out
}

// crowdOutLocked lets go of the oldest stranger, if there is one. It is to be
// ended by who has no lock: that may take a while.
func (all *Streams) crowdOutLocked() *Stream {
	if len(all.strangers) == 0 {
		return nil
	}
	out := all.strangers[0]
	all.knowLocked(out)
	delete(all.open, out)
	return out
}

func (all *Streams) leave(s *Stream) {
	all.mu.Lock()
	defer all.mu.Unlock()
	delete(all.open, s)
	all.knowLocked(s)
	all.served.Done()
}

// know tells that a connection is no stranger's any more.
func (all *Streams) know(s *Stream) {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.knowLocked(s)
}

func (all *Streams) knowLocked(s *Stream) {
	i := slices.Index(all.strangers, s)
	if i < 0 {
		return
	}
	all.strangers = slices.Delete(all.strangers, i, i+1)
	network := NetworkOf(s.dest.addr.Addr())
	if all.from[network]--; all.from[network] == 0 {
		delete(all.from, network)
	}
}

// NetworkOf is what one household has: an IPv4 address, or 64 bits of IPv6.
func NetworkOf(ip netip.Addr) netip.Addr {
	if ip.Is4() {
		return ip
	}
	p, _ := ip.WithZone("").Prefix(64)
	return p.Addr()
}

// farewell is how long Close lets streams send what waits in them: goodbyes.
const farewell = 300 * time.Millisecond

// Close ends all streams and waits for them. Later ones are refused.
func (all *Streams) Close() {
	all.mu.Lock()
	all.closed = true
	open := make([]*Stream, 0, len(all.open))
	for s := range all.open {
		open = append(open, s)
	}
	all.mu.Unlock()
	for _, s := range open {
		s.finish()
	}
	late := time.AfterFunc(farewell, func() {
		for _, s := range open {
			s.end()
		}
	})
	all.served.Wait()
	late.Stop()
}

// Open is how many streams there are.
func (all *Streams) Open() int {
	all.mu.Lock()
	defer all.mu.Unlock()
	return len(all.open)
}

// Stats gives the figures of all streams since the beginning. Messages and
// Calls are writes to connections; Way says nothing.
func (all *Streams) Stats() Stats { return all.count.stats() }

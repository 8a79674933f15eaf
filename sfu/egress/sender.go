package egress

const (
	arenaBytes    = 512 << 10 // of one outlet: what is collected before it must leave
	callMessages  = 64        // messages in a system call at most: it holds the processor
	runSegments   = 64        // datagrams in a message at most (UDP_MAX_SEGMENTS)
	runBytes      = 65000     // bytes in a message at most
	datagramBytes = 65507     // bytes of an IPv4 UDP payload at most
)

// Way is how a Sender gives datagrams to the kernel.
type Way uint8

// The ways, each a fallback of the next.
const (
	WaySingle   Way = iota // a system call for each datagram
	WayBatch               // many datagrams a system call (sendmmsg)
	WaySegments            // and all of a run to one destination in one message (UDP GSO)
)

var wayNames = [...]string{"single", "batch", "segments"}

// String is the name of the way in figures.
func (w Way) String() string { return wayNames[w] }

// Sender collects datagrams and sends them in few system calls. One goroutine
// owns it. It serves several Conns and Streams, and allocates nothing once it
// has met them.
type Sender struct {
	way     Way
	outlets []*outlet // one for each Conn
	recent  *outlet   // of the last Room

	to      *Dest  // of the open Room, nil when none is
	room    []byte // what Room gave
	scratch []byte // room of Streams, which copy
}

// NewSender makes a Sender that uses the best way the kernel has.
func NewSender(conns ...*Conn) *Sender { return NewSenderWay(WaySegments, conns...) }

// NewSenderWay makes a Sender that uses no better way than that, to compare.
func NewSenderWay(way Way, conns ...*Conn) *Sender {
	s := &Sender{way: way}
	for _, c := range conns {
		s.outletOf(c)
	}
	return s
}

// outletOf finds the outlet of a Conn; a new Conn gets one.
func (s *Sender) outletOf(c *Conn) *outlet {
	if s.recent != nil && s.recent.conn == c {
		return s.recent
	}
	for _, o := range s.outlets {
		if o.conn == c {
			s.recent = o
			return o
		}
	}
	s.recent = newOutlet(c, s.way)
	s.outlets = append(s.outlets, s.recent)
	return s.recent
}

// Segment is the size in bytes of the datagrams of the run that is open for
// that destination: the next one joins it when it is no larger. It is 0 when no
// run is open, or none that may grow.
func (s *Sender) Segment(to *Dest) int {
	if to.stream != nil {
		return 0
	}
	return s.outletOf(to.conn).segment(to)
}

// Room gives an empty buffer of at least size bytes for the next datagram. It
// is valid until Commit, which must follow.
func (s *Sender) Room(to *Dest, size int) []byte {
	s.to = to
	if to.stream != nil || size > arenaBytes {
		s.room = s.spare(size)
	} else {
		s.room = s.outletOf(to.conn).room(size)
	}
	return s.room
}

func (s *Sender) spare(size int) []byte {
	if cap(s.scratch) < size {
		s.scratch = make([]byte, 0, max(size, 2048))
	}
	return s.scratch[:0:size]
}

// Commit makes a datagram of the first n bytes of the last Room; 0 drops it.
func (s *Sender) Commit(n int) { s.commit(n, false) }

// Hasten is Commit for what must not stand behind pictures: sound. To a Stream
// it goes before them; a Conn has nothing that waits.
func (s *Sender) Hasten(n int) { s.commit(n, true) }

func (s *Sender) commit(n int, first bool) {
	to := s.to
	if s.to = nil; to == nil || n <= 0 {
		return
	}
	switch {
	case to.stream != nil:
		_ = to.stream.push(s.room[:n], first) // a closed stream is its reader's to tell
	case n > datagramBytes || n > cap(s.room) || cap(s.room) > arenaBytes:
		to.conn.count.drop(WriteError)
	default:
		s.recent.commit(to, n)
	}
}

// Flush sends all that was committed. What the kernel does not take within a
// short time is dropped, and counted on the Conn.
func (s *Sender) Flush() {
	for _, o := range s.outlets {
		o.flush()
		o.wire.rest()
	}
}

// run is datagrams to one destination that leave as one message: all of one
// size, but the last, which may be shorter.
type run struct {
	to      *Dest
	start   int // in the arena
	size    int // bytes of all
	segment int // bytes of each but the last
	count   int // datagrams
}

// outlet is what a Sender has collected for one Conn. Owned by the Sender's
// goroutine.
type outlet struct {
	conn  *Conn
	way   Way
	arena []byte // its first used bytes are the datagrams, in order
	used  int
	runs  [callMessages]run
	count int // runs
	wire  wire
}

func newOutlet(c *Conn, way Way) *outlet {
	o := &outlet{conn: c, way: way, arena: make([]byte, arenaBytes)}
	o.wire.prepare(o)
	return o
}

// open is the last run when it may grow by a datagram to that destination.
func (o *outlet) open(to *Dest) *run {
	if o.count == 0 {
		return nil
	}
	r := &o.runs[o.count-1]
	if r.to != to || r.count == runSegments || r.size != r.segment*r.count || !o.segments(to) {
		return nil
	}
	return r
}

// segments tells whether messages of several datagrams may go there.
func (o *outlet) segments(to *Dest) bool {
	return o.way == WaySegments && o.conn.way() == WaySegments && !to.plain.Load()
}

func (o *outlet) segment(to *Dest) int {
	if r := o.open(to); r != nil && r.size+r.segment <= runBytes {
		return r.segment
	}
	return 0
}

// room sends what is there when the arena is full.
func (o *outlet) room(size int) []byte {
	if o.used+size > len(o.arena) {
		o.flush()
	}
	return o.arena[o.used : o.used : o.used+size]
}

// commit appends the next n bytes of the arena to the open run, or begins one.
func (o *outlet) commit(to *Dest, n int) {
	r := o.open(to)
	if r == nil || n > r.segment || r.size+n > runBytes {
		r = o.begin(to, n)
	}
	r.size += n
	r.count++
	o.used += n
}

// begin begins a run. When there are enough for a system call they leave first:
// only now is it known that the datagram did not join the last one.
func (o *outlet) begin(to *Dest, n int) *run {
	if o.count == callMessages {
		datagram := o.arena[o.used : o.used+n]
		o.flush()
		copy(o.arena, datagram)
	}
	r := &o.runs[o.count]
	*r = run{to: to, start: o.used, segment: n}
	o.count++
	return r
}

func (o *outlet) flush() {
	if o.count > 0 {
		o.wire.send(o)
	}
	o.count, o.used = 0, 0
}

package egress

import "sync/atomic"

// Reason is why a datagram was dropped, or a stream ended before its time.
type Reason uint8

// The reasons.
const (
	Unknown         Reason = iota // first byte of no known protocol
	STUNMalformed                 // lengths or attributes that do not hold
	STUNClass                     // a method or class that an ICE-lite server has no use for
	ReadError                     // the kernel gave an error instead of a datagram
	WriteError                    // the kernel refused to send
	SocketFull                    // the kernel had no room for what is to be sent, and none came in time
	StreamFull                    // a TCP viewer's queue was full
	StreamLate                    // it waited in a TCP viewer's queue until nobody wanted it any more
	StreamForgotten               // it waited for a TCP viewer who may not get it any more
	StreamLimit                   // a connection over what one network, or all, may have
	StreamCrowded                 // a connection that had proved nothing when too many such came
	StreamStranger                // on a connection, but for nobody here
	StreamFrame                   // a connection that announced more than a datagram of ours can have
	StreamSilent                  // a connection that said nothing good in its time
	StreamStalled                 // a connection that took nothing more

	reasonCount = int(StreamStalled) + 1
)

var reasonNames = [reasonCount]string{
	"unknown-protocol", "stun-malformed", "stun-class", "read-error", "write-error", "socket-full",
	"stream-full", "stream-late", "stream-forgotten", "stream-limit", "stream-crowded", "stream-stranger", "stream-frame", "stream-silent", "stream-stalled",
}

// String is the name of the reason in figures.
func (r Reason) String() string { return reasonNames[r] }

// counters are written by the reader and by every writer.
type counters struct {
	packetsIn, bytesIn   atomic.Uint64
	packetsOut, bytesOut atomic.Uint64
	collected            atomic.Uint64 // datagrams sent by Senders
	collectedBytes       atomic.Uint64
	messages, calls      atomic.Uint64 // of Senders
	applicationIn        atomic.Uint64
	applicationOut       atomic.Uint64
	drops                [reasonCount]atomic.Uint64
}

func (c *counters) in(n int)  { c.packetsIn.Add(1); c.bytesIn.Add(uint64(n)) }
func (c *counters) out(n int) { c.packetsOut.Add(1); c.bytesOut.Add(uint64(n)) }

// tally is what left at once: datagrams, their bytes, the messages they left in
// and the system calls it took.
type tally struct{ datagrams, bytes, messages, calls int }

// sent counts what was collected and left.
func (c *counters) sent(t tally) {
	c.packetsOut.Add(uint64(t.datagrams))
	c.bytesOut.Add(uint64(t.bytes))
	c.collected.Add(uint64(t.datagrams))
	c.collectedBytes.Add(uint64(t.bytes))
	c.messages.Add(uint64(t.messages))
	c.calls.Add(uint64(t.calls))
}

// recordsOut counts application records of a datagram that is being sent.
func (c *counters) recordsOut(b []byte) {
	if len(b) > 0 && b[0] >= 20 && b[0] < 64 {
		c.applicationOut.Add(uint64(applicationRecords(b)))
	}
}

func (c *counters) dropMany(r Reason, n int) { c.drops[r].Add(uint64(n)) }

func (c *counters) drop(r Reason) { c.drops[r].Add(1) }

// Stats are the figures of a Conn, or of Streams, since it was opened: datagrams of all kinds,
// bytes of UDP payload.
type Stats struct {
	PacketsIn, BytesIn   uint64
	PacketsOut, BytesOut uint64
	Collected            uint64 // of PacketsOut, those that Senders collected
	CollectedBytes       uint64
	Messages             uint64 // in which they left
	Calls                uint64 // system calls that Senders made
	Way                  Way    // the best way that the kernel still has
	ApplicationIn        uint64 // DTLS application records received
	ApplicationOut       uint64 // DTLS application records sent
	Drops                map[string]uint64
}

// Stats gives the figures of now.
func (c *Conn) Stats() Stats {
	s := c.count.stats()
	s.Way = c.way()
	return s
}

func (c *counters) stats() Stats {
	s := Stats{
		PacketsIn: c.packetsIn.Load(), BytesIn: c.bytesIn.Load(),
		PacketsOut: c.packetsOut.Load(), BytesOut: c.bytesOut.Load(),
		Collected: c.collected.Load(), CollectedBytes: c.collectedBytes.Load(),
		Messages: c.messages.Load(), Calls: c.calls.Load(),
		ApplicationIn:  c.applicationIn.Load(),
		ApplicationOut: c.applicationOut.Load(),
		Drops:          make(map[string]uint64, reasonCount),
	}
	for i := range c.drops {
		s.Drops[Reason(i).String()] = c.drops[i].Load()
	}
	return s
}

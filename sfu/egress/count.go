package egress

import "sync/atomic"

// Reason is why a datagram was dropped.
type Reason uint8

// The reasons.
const (
	Unknown       Reason = iota // first byte of no known protocol
	STUNMalformed               // lengths or attributes that do not hold
	STUNClass                   // a method or class that an ICE-lite server has no use for
	ReadError                   // the kernel gave an error instead of a datagram
	WriteError                  // the kernel refused to send
	SocketFull                  // the kernel had no room for what is to be sent, and none came in time

	reasonCount = int(SocketFull) + 1
)

var reasonNames = [reasonCount]string{
	"unknown-protocol", "stun-malformed", "stun-class", "read-error", "write-error", "socket-full",
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

// sent counts what a Sender sent.
func (c *counters) sent(datagrams, bytes, messages int) {
	c.packetsOut.Add(uint64(datagrams))
	c.bytesOut.Add(uint64(bytes))
	c.collected.Add(uint64(datagrams))
	c.collectedBytes.Add(uint64(bytes))
	c.messages.Add(uint64(messages))
}

func (c *counters) dropMany(r Reason, n int) { c.drops[r].Add(uint64(n)) }

func (c *counters) drop(r Reason) { c.drops[r].Add(1) }

// Stats are the figures of a Conn since it was opened: datagrams of all kinds,
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
	s := Stats{
		PacketsIn: c.count.packetsIn.Load(), BytesIn: c.count.bytesIn.Load(),
		PacketsOut: c.count.packetsOut.Load(), BytesOut: c.count.bytesOut.Load(),
		Collected: c.count.collected.Load(), CollectedBytes: c.count.collectedBytes.Load(),
		Messages: c.count.messages.Load(), Calls: c.count.calls.Load(), Way: c.way(),
		ApplicationIn:  c.count.applicationIn.Load(),
		ApplicationOut: c.count.applicationOut.Load(),
		Drops:          make(map[string]uint64, reasonCount),
	}
	for i := range c.count.drops {
		s.Drops[Reason(i).String()] = c.count.drops[i].Load()
	}
	return s
}

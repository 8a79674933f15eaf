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

	reasonCount = int(WriteError) + 1
)

var reasonNames = [reasonCount]string{
	"unknown-protocol", "stun-malformed", "stun-class", "read-error", "write-error",
}

// String is the name of the reason in figures.
func (r Reason) String() string { return reasonNames[r] }

// counters are written by the reader and by every writer.
type counters struct {
	packetsIn, bytesIn   atomic.Uint64
	packetsOut, bytesOut atomic.Uint64
	applicationIn        atomic.Uint64
	applicationOut       atomic.Uint64
	drops                [reasonCount]atomic.Uint64
}

func (c *counters) in(n int)  { c.packetsIn.Add(1); c.bytesIn.Add(uint64(n)) }
func (c *counters) out(n int) { c.packetsOut.Add(1); c.bytesOut.Add(uint64(n)) }

func (c *counters) drop(r Reason) { c.drops[r].Add(1) }

// Stats are the figures of a Conn since it was opened: datagrams of all kinds,
// bytes of UDP payload.
type Stats struct {
	PacketsIn, BytesIn   uint64
	PacketsOut, BytesOut uint64
	ApplicationIn        uint64 // DTLS application records received
	ApplicationOut       uint64 // DTLS application records sent
	Drops                map[string]uint64
}

// Stats gives the figures of now.
func (c *Conn) Stats() Stats {
	s := Stats{
		PacketsIn: c.count.packetsIn.Load(), BytesIn: c.count.bytesIn.Load(),
		PacketsOut: c.count.packetsOut.Load(), BytesOut: c.count.bytesOut.Load(),
		ApplicationIn:  c.count.applicationIn.Load(),
		ApplicationOut: c.count.applicationOut.Load(),
		Drops:          make(map[string]uint64, reasonCount),
	}
	for i := range c.count.drops {
		s.Drops[Reason(i).String()] = c.count.drops[i].Load()
	}
	return s
}

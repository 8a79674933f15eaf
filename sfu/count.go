package sfu

import "sync/atomic"

// dropReason names why a packet or a message was dropped above the socket.
type dropReason uint8

const (
	dropMalformed      dropReason = iota // RTP or payload that does not parse
	dropCodec                            // payload type of no known codec
	dropDuplicate                        // sent again by the publisher though it had come, or far too late
	dropLaneFull                         // a lane fell behind: rest of the frame
	dropOverwritten                      // a lane fell so far behind that the ring was round
	dropUnsupported                      // the viewer cannot decode the source's codec
	dropStale                            // older than the viewer's beginning
	dropSend                             // the transport refused it
	dropFeedback                         // a lane's mailbox was full
	dropRetransmission                   // NACK over the budget or of a packet that left the ring
	dropUpstream                         // RTP from a viewer, who may only receive
	dropLaneLate                         // a lane was so late that nobody wants the frame any more
	dropTooLarge                         // a publisher's datagram that fits no Ethernet
	dropLayerRate                        // a publisher's layer over its bitrate
	dropSourceRate                       // a publisher over its bitrate
	dropPacketRate                       // a publisher over its packets a second
	dropRestOfFrame                      // what came after one of those in the same frame
	dropTooMany                          // one more encoding than a publisher may have
	dropReasons
)

var dropNames = [dropReasons]string{
	"malformed", "codec", "duplicate", "lane-full", "overwritten", "unsupported-codec", "stale",
	"send", "feedback-full", "retransmission", "viewer-rtp", "lane-late",
	"publisher-size", "publisher-layer-rate", "publisher-rate", "publisher-packets", "publisher-frame-rest", "publisher-encodings",
}

// counters of an engine; written from everywhere.
type counters struct {
	joins                atomic.Uint64
	joinsFull, joinsBusy atomic.Uint64 // refused: the node is full; too many at once
	packetsIn, bytesIn   atomic.Uint64
	packetsOut, bytesOut atomic.Uint64
	resent               atomic.Uint64
	keyframeRequests     atomic.Uint64
	padding              atomic.Uint64
	drops                [dropReasons]atomic.Uint64
}

func (c *counters) drop(r dropReason, n uint64) { c.drops[r].Add(n) }

func (c *counters) stats() Stats {
	s := Stats{
		Joins:     c.joins.Load(),
		PacketsIn: c.packetsIn.Load(), BytesIn: c.bytesIn.Load(),
		PacketsOut: c.packetsOut.Load(), BytesOut: c.bytesOut.Load(),
		Resent: c.resent.Load(), KeyframeRequests: c.keyframeRequests.Load(),
		PaddingDropped: c.padding.Load(), Drops: make(map[string]uint64, dropReasons),
	}
	for i := range c.drops {
		s.Drops[dropNames[i]] = c.drops[i].Load()
	}
	return s
}

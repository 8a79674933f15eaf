package sfu

import (
	"strings"
	"sync/atomic"
	"time"

	"antenne/sfu/viewer"
)

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
	dropLaneLate                         // a lane was so late that nobody wants the frame any more
	dropTooLarge                         // a publisher's datagram that fits no Ethernet
	dropLayerRate                        // a publisher's layer over its bitrate
	dropSourceRate                       // a publisher over its bitrate
	dropPacketRate                       // a publisher over its packets a second
	dropUntilKeyframe                    // what came after one of those, up to the next keyframe
	dropTooMany                          // one more encoding than a publisher may have
	dropClosed                           // a publisher's, for a slot that is closed to everybody or fed by another
	dropReasons
)

var dropNames = [dropReasons]string{
	"malformed", "codec", "duplicate", "lane-full", "overwritten", "unsupported-codec", "stale",
	"send", "feedback-full", "retransmission", "lane-late",
	"publisher-size", "publisher-layer-rate", "publisher-rate", "publisher-packets", "publisher-until-keyframe", "publisher-encodings",
	"gate-closed",
}

// counters of an engine; written from everywhere.
type counters struct {
	left                 atomic.Uint64 // packets that lanes of viewers left out
	joins, leavings      atomic.Uint64
	joinsFull, joinsBusy atomic.Uint64 // refused: the node is full; too many at once
	firstPicture         histogram     // from the answer to the first keyframe packet sent; see joined
	forwarding           histogram     // from the arrival of a packet to its sending; see forwarded

	slots                [slotCount]slotCounters
	packetsIn, bytesIn   atomic.Uint64
	packetsOut, bytesOut atomic.Uint64

	nacks, nacked, resent atomic.Uint64 // messages of viewers; packets they asked again; packets sent again
	plis                  atomic.Uint64 // keyframes that viewers asked for, PLI and FIR
	switches              atomic.Uint64 // of layer, of all viewers
	keyframeAsks          atomic.Uint64 // wanted by anybody here
	keyframeRequests      atomic.Uint64 // of those, sent to publishers: the others were asked for already
	padding               atomic.Uint64
	drops                 [dropReasons]atomic.Uint64
}

// slotCounters count RTP of one slot, bytes of payload.
type slotCounters struct{ packetsIn, bytesIn, packetsOut, bytesOut atomic.Uint64 }

func (c *counters) drop(r dropReason, n uint64) { c.drops[r].Add(n) }

// received counts a packet of a publisher.
func (c *counters) received(slot Slot, bytes int) {
	c.packetsIn.Add(1)
	c.bytesIn.Add(uint64(bytes))
	c.slots[slot].packetsIn.Add(1)
	c.slots[slot].bytesIn.Add(uint64(bytes))
}

// sent counts packets to viewers. Whoever sends many adds them up first.
func (c *counters) sent(slot Slot, packets, bytes uint64) {
	c.packetsOut.Add(packets)
	c.bytesOut.Add(bytes)
	c.slots[slot].packetsOut.Add(packets)
	c.slots[slot].bytesOut.Add(bytes)
}

// joined tells how long a viewer waited for its first picture.
func (c *counters) joined(after time.Duration) { c.firstPicture.observe(joinBounds, after, 1) }

// forwarded tells how long n packets were on their way through the node.
func (c *counters) forwarded(after time.Duration, n uint64) {
	c.forwarding.observe(delayBounds, after, n)
}

func (c *counters) stats() Stats {
	s := Stats{
		Joins: c.joins.Load(), JoinsFull: c.joinsFull.Load(), JoinsBusy: c.joinsBusy.Load(),
		FirstPicture: c.firstPicture.stats(joinBounds), Forwarding: c.forwarding.stats(delayBounds),
		PacketsIn: c.packetsIn.Load(), BytesIn: c.bytesIn.Load(),
		PacketsOut: c.packetsOut.Load(), BytesOut: c.bytesOut.Load(),
		Nacks: c.nacks.Load(), Nacked: c.nacked.Load(), Resent: c.resent.Load(), PLIs: c.plis.Load(), Switches: c.switches.Load(),
		KeyframeAsks: c.keyframeAsks.Load(), KeyframeRequests: c.keyframeRequests.Load(),
		PaddingDropped: c.padding.Load(), Drops: make(map[string]uint64, dropReasons),
	}
	for i := range c.slots {
		one := &c.slots[i]
		s.Slots[i] = SlotStats{
			PacketsIn: one.packetsIn.Load(), BytesIn: one.bytesIn.Load(),
			PacketsOut: one.packetsOut.Load(), BytesOut: one.bytesOut.Load(),
		}
	}
	for i := range c.drops {
		s.Drops[dropNames[i]] = c.drops[i].Load()
	}
	return s
}

// views is what one viewer is sent of each slot. Its lane sets it; anybody
// reads it.
type views struct{ packed atomic.Uint64 }

const viewBits = 8

func (v *views) set(slot Slot, view View) {
	shift := viewBits * uint(slot)
	v.packed.Store(v.packed.Load()&^(0xff<<shift) | uint64(view)<<shift)
}

func (v *views) all() (all [slotCount]View) {
	packed := v.packed.Load()
	for slot := range all {
		all[slot] = View(packed >> (viewBits * slot))
	}
	return all
}

// sessions adds the figures of viewers' sessions. A drop there is told apart
// from one of the same name at the socket.
func (s *Stats) sessions(v viewer.Stats) {
	s.Handshakes = HandshakeStats{
		Running: v.HandshakesRunning, Waiting: v.HandshakesWaiting, Done: v.HandshakesDone, Failed: v.HandshakesFailed,
	}
	for reason, n := range v.Drops {
		s.Drops["viewer-"+strings.TrimPrefix(reason, "viewer-")] += n
	}
}

// census adds the viewers of a broadcast.
func (s *Stats) census(viewers []*Subscription) {
	s.Viewers += len(viewers)
	for _, one := range viewers {
		v := one.Stats()
		if v.Home {
			s.Homes++
		}
		if v.Connected {
			s.Transports[v.Transport]++
		}
		for slot, view := range v.Views {
			s.Views[slot][view]++
		}
	}
}

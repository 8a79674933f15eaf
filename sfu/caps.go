package sfu

import (
	"strconv"
	"sync/atomic"
	"time"

	"antenne/sfu/packet"
)

// What a publisher may bring besides its bitrates (Limits).
const (
	mostSources   = 16 // of one broadcast at once: five doors, and those that are just being replaced
	mostEncodings = 4  // of one source: a sound and the three layers of a picture

	largestPacket = 1460 // bytes of RTP: what an Ethernet carries in UDP over IPv4, sealed
	voiceRate     = 6e5  // bits a second of a sound: Opus ends at 510 kbit/s (RFC 6716 §2.1.1)
	packetRate    = 1500 // packets a second of a source: twice what its bitrate fills

	rateDepth   = 2 * time.Second // of the rate at once: a keyframe of slides is a second of it
	packetDepth = time.Second
	excessGap   = 2 * time.Second // without a drop: the excess is over
)

// flow is a token bucket in one word (the generic cell rate algorithm, ITU-T
// I.371): what was taken lies ahead of the clock, by at most the depth. Any
// goroutine may take; it neither locks nor looks at a clock.
type flow struct {
	each  float64 // static: nanoseconds that one unit costs; 0 is no bound
	depth int64   // static: nanoseconds
	until atomic.Int64
}

// limit sets a bound of so many units a second. Before the first take only.
func (f *flow) limit(rate float64, depth time.Duration) {
	f.each, f.depth = float64(time.Second)/rate, int64(depth)
}

// take spends n units at now (nanoseconds since startOfTime) if they are there.
func (f *flow) take(n float64, now int64) bool {
	cost := int64(n * f.each)
	for {
		until := f.until.Load()
		next := max(until, now) + cost
		if next-now > f.depth {
			return false
		}
		if f.until.CompareAndSwap(until, next) {
			return true
		}
	}
}

// give returns what was taken for a packet that another bound refused.
func (f *flow) give(n float64) { f.until.Add(-int64(n * f.each)) }

// excess tells a publisher that sends too much now and then from one that goes
// on doing so.
type excess struct{ since, last atomic.Int64 }

// lasts takes note of a drop at now, and tells whether there have been drops for
// so long.
func (x *excess) lasts(now int64, long time.Duration) bool {
	last := x.last.Swap(now)
	if last == 0 || now-last > int64(excessGap) {
		x.since.Store(now)
		return false
	}
	return now-x.since.Load() >= int64(long)
}

// sourceCap bounds all encodings of one source together.
type sourceCap struct {
	bits, packets   flow
	tooFast, tooBig excess
	encodings       atomic.Int32
}

func (c *sourceCap) limit(r Rates) {
	c.bits.limit(r.Source, rateDepth)
	c.packets.limit(packetRate, packetDepth)
}

// encodingCap bounds one encoding. Its reader owns it.
type encodingCap struct {
	bits     flow
	skipping bool   // until a keyframe: something was dropped, and nothing can be decoded without it
	frame    uint32 // timestamp of the last packet that came in
}

func (c *encodingCap) limit(r Rates, audio bool) {
	if audio {
		c.bits.limit(r.Voice, rateDepth)
		return
	}
	c.bits.limit(r.Layer, rateDepth)
}

// fits says whether a packet of that size may come in at now, or why not. What
// is too much is dropped up to the next entry, a keyframe or any sound: what
// leans on something dropped is no use. It is paid for all the same.
func (c *encodingCap) fits(s *sourceCap, size int, entry bool, now int64) (dropReason, bool) {
	reason, ok := c.take(s, size, now)
	switch {
	case !ok:
		c.skipping = true
		return reason, false
	case c.skipping && !entry:
		return dropUntilKeyframe, false
	}
	c.skipping = false
	return 0, true
}

func (c *encodingCap) take(s *sourceCap, size int, now int64) (dropReason, bool) {
	if size > largestPacket {
		return dropTooLarge, false
	}
	bits := 8 * float64(size)
	if !c.bits.take(bits, now) {
		return dropLayerRate, false
	}
	if !s.bits.take(bits, now) {
		c.bits.give(bits)
		return dropSourceRate, false
	}
	if !s.packets.take(1, now) {
		c.bits.give(bits)
		s.bits.give(bits)
		return dropPacketRate, false
	}
	return 0, true
}

// fits says whether a packet may come in; it counts the one that may not, and
// cuts the source when that lasts.
func (e *encoding) fits(size int, raw *packet.Raw, codec packet.Codec, arrival time.Time) bool {
	torn := !e.cap.skipping && raw.Timestamp == e.cap.frame
	reason, ok := e.cap.fits(&e.source.cap, size, isEntry(codec, raw.Payload), int64(arrival.Sub(startOfTime)))
	if ok {
		e.cap.frame = raw.Timestamp
		return true
	}
	e.source.engine.count.drop(reason, 1)
	if !torn { // a hole tells a decoder that a frame is torn; any other would only be asked for
		raw.Payload = nil
		e.sniffer.Sniff(raw, codec, arrival)
	}
	switch reason {
	case dropUntilKeyframe:
		e.keyframes.Ask()
	case dropTooLarge:
		e.source.exceeds(&e.source.cap.tooBig, arrival, ReasonTooLarge)
	default:
		e.source.exceeds(&e.source.cap.tooFast, arrival, ReasonTooFast)
	}
	return false
}

// isEntry tells whether a decoder can begin with the payload.
func isEntry(codec packet.Codec, payload []byte) bool {
	switch codec {
	case packet.VP8:
		h, ok := packet.ParseVP8(payload)
		return ok && h.Keyframe
	case packet.H264:
		return packet.H264Keyframe(payload)
	}
	return true
}

func (s *Source) exceeds(x *excess, at time.Time, reason string) {
	if x.lasts(int64(at.Sub(startOfTime)), s.engine.timing.excess) {
		s.end(reason)
	}
}

// mayAdd says whether the source may have one more encoding. One that tries
// more is broken, and is cut.
func (s *Source) mayAdd() bool {
	if s.cap.encodings.Add(1) <= mostEncodings {
		return true
	}
	s.engine.count.drop(dropTooMany, 1)
	s.end(ReasonTooMany)
	return false
}

// hasRoomForSource is asked before an offer costs anything. As many as
// negotiate at a time may pass it at once.
func (b *Broadcast) hasRoomForSource() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.sources) >= mostSources {
		return refuse(CodeSourcesFull, "limit", strconv.Itoa(mostSources))
	}
	return nil
}

package peer

import (
	"slices"
	"time"

	"antenne/sfu/packet"
)

// How a viewer asks for lost packets, as browsers do.
const (
	askAgain  = 100 * time.Millisecond // or the round trip, when that is longer
	maxAsks   = 10
	maxGaps   = 250 // missing at a time; beyond, a keyframe is the better request
	fewGaps   = 32
	giveUp    = 1200 * time.Millisecond
	farJump   = 3000 // sequence numbers: another stream
	pliEvery  = time.Second
	firstWait = 200 * time.Millisecond // for a first keyframe that comes by itself
)

// Packets that are remembered, a power of two.
const (
	videoWindow = 512
	soundWindow = 64
)

const (
	flagHeld   = 1 << iota // the slot is in use
	flagMarker             // last of its frame
	flagStart              // first of its frame (VP8)
	flagKey                // of a keyframe, its first packet
	flagTL0                // tl0 and tid hold
	flagSync               // layer sync (RFC 7741 §4.2, Y)
	flagAgain              // came on request
)

// slot is one packet. frame is the stamp's, with the layer, 0 for none.
type slot struct {
	index     uint32 // low bits of the extended sequence number
	timestamp uint32
	at        int64
	frame     uint32
	picture   uint16 // VP8 picture id
	tl0       uint8
	flags     uint8
}

// temporal is the id of a VP8 temporal layer.
type temporal uint8

// gap is a sequence number that has not come.
type gap struct {
	index uint64
	since int64
	asked int64 // newest request; 0 before the first
	tries uint8
}

// reception is one incoming stream of a viewer. Its poller owns it.
type reception struct {
	ssrc, repair uint32
	codec        packet.Codec // of the newest packet
	asks         bool         // sends NACKs

	slots   []slot     // by index modulo len; nil before the first packet
	tids    []temporal // beside them
	gaps    []gap      // by index
	base    uint64
	highest uint64 // extended; 0 before the first packet
	fresh   bool   // a gap waits for its first request

	received    uint64 // in time, on this SSRC: for reports
	jitter      float64
	transit     int64
	hasTransit  bool
	reported    uint64 // highest of the last report
	reportedGot uint64 // received of the last report
	senderTime  uint32 // middle bits of the NTP time of the last sender report
	senderAt    int64

	width, height int
	pictures      assembly
	lastSound     int64
	began         int64 // first packet
	asksKey       int64 // newest PLI
	needsKey      bool
}

// arrival is one decrypted packet.
type arrival struct {
	codec     packet.Codec
	sequence  uint16
	timestamp uint32
	marker    bool
	again     bool // on a repair stream
	at        int64
	payload   []byte
	size      int // header and payload
}

// take counts p in. It reports false for a duplicate or one too late to matter.
func (r *reception) take(a *arrival, c *Counts) bool {
	if r.slots == nil {
		r.begin(a)
	}
	r.codec = a.codec
	index := nearestIndex(r.highest, a.sequence)
	if index > r.highest+farJump || index+farJump < r.highest {
		r.restart(a)
		index = r.highest
	}
	s := &r.slots[index&uint64(len(r.slots)-1)]
	if s.flags&flagHeld != 0 && s.index == uint32(index) || index+uint64(len(r.slots)) <= r.highest {
		c.Duplicates++
		return false
	}
	if !a.again {
		r.received++
		r.noteTransit(a)
	}
	r.place(index, a, c)
	*s = slot{index: uint32(index), timestamp: a.timestamp, at: a.at, flags: flagHeld}
	r.describe(s, index, a, c)
	if index < r.base { // the very first ones came in another order
		r.base = index
		r.pictures.seek = min(r.pictures.seek, index)
	}
	c.Packets++
	c.Bytes += uint64(a.size)
	return true
}

func nearestIndex(highest uint64, sequence uint16) uint64 {
	return uint64(int64(highest) + int64(int16(sequence-uint16(highest))))
}

func (r *reception) begin(a *arrival) {
	n := soundWindow
	if a.codec.Video() {
		n = videoWindow
	}
	r.slots, r.tids = make([]slot, n), make([]temporal, n)
	r.began = a.at
	r.restart(a)
}

// restart follows a sender that began again somewhere else.
func (r *reception) restart(a *arrival) {
	clear(r.slots)
	r.gaps = r.gaps[:0]
	r.highest = 1<<17 + uint64(a.sequence)
	r.base, r.reported = r.highest, r.highest-1
	r.received, r.reportedGot = 0, 0
	r.pictures.desert()
	r.hasTransit = false
}

// place opens gaps in front of a new packet, or closes that of a late one.
func (r *reception) place(index uint64, a *arrival, c *Counts) {
	if index > r.highest {
		for missing := r.highest + 1; missing < index; missing++ {
			r.gaps = append(r.gaps, gap{index: missing, since: a.at})
			r.fresh = true
		}
		r.highest = index
		return
	}
	if i, found := r.findGap(index); found {
		if r.gaps[i].tries > 0 || a.again {
			c.Repaired++
		}
		r.gaps = slices.Delete(r.gaps, i, i+1)
	}
}

func (r *reception) findGap(index uint64) (int, bool) {
	return slices.BinarySearchFunc(r.gaps, index, func(g gap, x uint64) int {
		switch {
		case g.index < x:
			return -1
		case g.index > x:
			return 1
		}
		return 0
	})
}

// noteTransit is the interarrival jitter of RFC 3550 §6.4.1.
func (r *reception) noteTransit(a *arrival) {
	rate := int64(a.codec.ClockRate())
	transit := int64(float64(a.at%(1<<40))*float64(rate)/1e9) - int64(a.timestamp)
	if r.hasTransit {
		d := transit - r.transit
		if d < 0 {
			d = -d
		}
		if d < 10*rate { // a clock that jumped is not jitter
			r.jitter += (float64(d) - r.jitter) / 16
		}
	}
	r.transit, r.hasTransit = transit, true
}

// describe notes what frames need to know of a packet.
func (r *reception) describe(s *slot, index uint64, a *arrival, c *Counts) {
	if a.marker {
		s.flags |= flagMarker
	}
	if a.again {
		s.flags |= flagAgain
	}
	key := false
	switch a.codec {
	case packet.VP8:
		key = r.describeVP8(s, index, a)
	case packet.H264:
		if key = packet.H264Keyframe(a.payload); key {
			s.flags |= flagKey
		}
	}
	if key {
		r.noteSize(a, c)
	}
}

func (r *reception) describeVP8(s *slot, index uint64, a *arrival) (key bool) {
	h, ok := packet.ParseVP8(a.payload)
	if !ok {
		return false
	}
	s.picture, s.tl0 = h.PictureID, h.TL0PICIDX
	if h.StartFrame {
		s.flags |= flagStart
	}
	if h.Keyframe {
		s.flags |= flagKey
	}
	if h.TL0At != 0 && h.HasTID {
		s.flags |= flagTL0
		r.tids[index&uint64(len(r.tids)-1)] = temporal(h.TID)
	}
	if h.LayerSync {
		s.flags |= flagSync
	}
	return h.Keyframe
}

// noteSize counts a change of the size of pictures.
func (r *reception) noteSize(a *arrival, c *Counts) {
	p := packet.Packet{Codec: a.codec, Payload: a.payload, Keyframe: true}
	if a.codec == packet.VP8 {
		p.VP8, _ = packet.ParseVP8(a.payload)
	}
	width, height, ok := packet.PictureSize(&p)
	if !ok || width == r.width && height == r.height {
		return
	}
	if r.width != 0 {
		c.Switches++
	}
	r.width, r.height = width, height
}

// wanted are the sequence numbers to ask for now. It gives up what was asked
// often enough, or has been missing for too long.
func (r *reception) wanted(now int64, roundTrip time.Duration, into []uint16, c *Counts) []uint16 {
	r.fresh = false
	if len(r.gaps) == 0 {
		return into
	}
	if len(r.gaps) > maxGaps {
		c.Missing += uint64(len(r.gaps))
		r.gaps = nil
		r.needsKey = r.codec.Video()
		return into
	}
	every := int64(max(askAgain, roundTrip))
	kept := r.gaps[:0]
	for _, g := range r.gaps {
		if now-g.since > int64(giveUp) || r.asks && g.tries >= maxAsks && now-g.asked > every {
			c.Missing++
			continue
		}
		if r.asks && (g.tries == 0 || g.tries < maxAsks && now-g.asked >= every) {
			g.tries, g.asked = g.tries+1, now
			into = append(into, uint16(g.index))
			c.Asked++
		}
		kept = append(kept, g)
	}
	if r.gaps = kept; len(kept) == 0 && cap(kept) > fewGaps {
		r.gaps = nil // memory of a bad moment
	}
	return into
}

// missing tells whether that index may still come.
func (r *reception) missing(index uint64) bool {
	_, found := r.findGap(index)
	return found
}

// held gives the slot of index, or nil.
func (r *reception) held(index uint64) *slot {
	s := &r.slots[index&uint64(len(r.slots)-1)]
	if s.flags&flagHeld == 0 || s.index != uint32(index) {
		return nil
	}
	return s
}

func (r *reception) tid(index uint64) temporal { return r.tids[index&uint64(len(r.tids)-1)] }

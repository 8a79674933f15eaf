package packet

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// slowLine is a line that remembers everything and counts from the start each
// time: slow, and easy to believe.
type slowLine struct {
	first  uint64 // number of the first packet
	base   uint64
	packet []slowPacket // by index, from base on
	fills  []uint64     // numbers that went out, or shall go out, as padding
	due    []uint64
}

type slowPacket struct {
	numbered bool // has a number of its own
	left     bool // begins a frame that is left out, so that pictures close up
	known    *Packet
	skipped  bool
}

func (s *slowLine) newest() *slowPacket {
	if len(s.packet) == 0 {
		return nil
	}
	return &s.packet[len(s.packet)-1]
}

// owners tells whose the missing packets before p can be: of a frame that goes
// out, or of one that nobody saw.
func (s *slowLine) missingMayGoOut(p *Packet, skipped bool) bool {
	n := s.newest()
	if n == nil {
		return true
	}
	if n.known.Timestamp == p.Timestamp {
		return !n.skipped || !skipped
	}
	ids := n.known.Codec == VP8 && n.known.VP8.PictureAt != 0 && p.VP8.PictureAt != 0
	if !ids || (p.VP8.PictureID-n.known.VP8.PictureID)&p.VP8.pictureMask() != 1 {
		return true // a frame between them
	}
	if !n.skipped && !skipped {
		return true
	}
	return !n.known.Marker && !n.skipped && !p.Start || !n.known.Marker && !n.skipped && p.Start || !p.Start && !skipped
}

// add takes a packet that is newer than all before.
func (s *slowLine) add(p *Packet, skipped bool) {
	n := s.newest()
	missing := int(p.Index-s.base) - len(s.packet)
	open := missing > 0 && s.missingMayGoOut(p, skipped)
	newFrame := n == nil || n.known.Timestamp != p.Timestamp
	for range missing {
		s.packet = append(s.packet, slowPacket{numbered: open})
	}
	s.packet = append(s.packet, slowPacket{numbered: !skipped, left: skipped && newFrame, known: p, skipped: skipped})
}

func (s *slowLine) has(index uint64) bool {
	return index >= s.base && index-s.base < uint64(len(s.packet))
}

// number gives the number of a packet and how many pictures closed up before.
func (s *slowLine) number(index uint64) (seq uint64, pictures uint16, ok bool) {
	seq = s.first
	for i := range s.packet {
		p := &s.packet[i]
		if uint64(i) == index-s.base {
			return seq, pictures, p.numbered
		}
		if p.numbered {
			seq++
		}
		if p.left {
			pictures++
		}
	}
	return seq, pictures, true
}

// remembered tells whether a line may still know the index: it belongs to the
// last stretches without a gap.
func (s *slowLine) remembered(index uint64) bool {
	stretch, mine, open := 0, 0, false
	for i := range s.packet {
		if s.packet[i].numbered && !open {
			stretch++
		}
		open = s.packet[i].numbered
		if uint64(i) == index-s.base {
			mine = stretch
		}
	}
	if open {
		stretch--
	}
	return mine > stretch-runMemory
}

func (s *slowLine) find(seq uint64) (uint64, bool) {
	at := s.first
	for i := range s.packet {
		if !s.packet[i].numbered {
			continue
		}
		if at == seq {
			return s.base + uint64(i), true
		}
		at++
	}
	return 0, false
}

func (s *slowLine) end() uint64 {
	seq, _, _ := s.number(s.base + uint64(len(s.packet)))
	return seq
}

func (s *slowLine) fill(seq uint64) {
	if slices.Contains(s.fills, seq) {
		if !slices.Contains(s.due, seq) {
			s.due = append(s.due, seq)
		}
		return
	}
	if s.fills = append(s.fills, seq); len(s.fills) > fillMemory {
		old := s.fills[0]
		s.fills = s.fills[1:]
		s.due = slices.DeleteFunc(s.due, func(n uint64) bool { return n == old })
	}
	s.due = append(s.due, seq)
}

// duel plays the same packets into a line and into a slow one.
type duel struct {
	t    *testing.T
	line Line
	slow slowLine

	// The sender.
	index, frame uint64
	part, size   int
	codec        Codec
	short, named bool
	mask         uint64 // frames whose number has a bit of it are left out
	stream       uint64
	held         []*Packet
	shift        uint16             // of the picture ids at the beginning
	sent         map[uint64]*Packet // what went out of this encoding
}

// next makes the sender's next packet.
func (d *duel) next() *Packet {
	if d.part == d.size {
		d.frame++
		d.part, d.size = 0, 1+int(d.frame*d.frame>>1)%3
	}
	p := &Packet{
		Index: d.index, Timestamp: uint32(d.frame * 3000), Codec: d.codec, Arrival: time.Unix(0, int64(d.frame)*33e6),
		Start: d.part == 0, Marker: d.part == d.size-1,
	}
	if d.codec == VP8 {
		p.VP8 = VP8Header{Long: !d.short, PictureID: uint16(d.frame)}
		p.VP8.PictureID &= p.VP8.pictureMask()
		if d.named {
			p.VP8.PictureAt = 2
		}
	}
	d.index++
	d.part++
	return p
}

func (d *duel) begin(p *Packet) {
	seq := uint64(1<<16 + 65500)
	if d.slow.packet != nil {
		seq = d.slow.end()
	}
	d.slow = slowLine{first: seq, base: p.Index}
	d.stream++
	d.line.Begin(d.stream, p)
	d.shift = d.line.run.shift.Picture
	d.sent = map[uint64]*Packet{}
}

func (d *duel) deliver(p *Packet) {
	if uint64(p.Timestamp/3000)&d.mask != 0 {
		d.skip(p)
		return
	}
	out, ok := d.line.Map(p)
	if p.Index >= d.slow.base && !d.slow.has(p.Index) {
		n := d.slow.newest()
		d.slow.add(p, n != nil && n.skipped && n.known.Timestamp == p.Timestamp)
	}
	if !d.slow.has(p.Index) || !d.slow.remembered(p.Index) {
		if ok {
			d.t.Fatalf("index %d goes out as %d, and should be forgotten", p.Index, out.Sequence)
		}
		return
	}
	seq, pictures, want := d.slow.number(p.Index)
	if ok != want || ok && out.Sequence != uint16(seq) {
		d.t.Fatalf("index %d goes out as %d %v, want %d %v", p.Index, out.Sequence, ok, uint16(seq), want)
	}
	if ok {
		if got := (d.shift - out.Shift.Picture) & 0x7fff; d.codec == VP8 && got != pictures {
			d.t.Fatalf("%d pictures closed up before index %d, want %d", got, p.Index, pictures)
		}
		d.sent[p.Index] = p
	}
}

func (d *duel) skip(p *Packet) {
	d.line.Skip(p)
	switch {
	case p.Index < d.slow.base:
	case !d.slow.has(p.Index):
		d.slow.add(p, true)
	default:
		if seq, _, ok := d.slow.number(p.Index); ok && d.slow.remembered(p.Index) && d.sent[p.Index] == nil {
			d.slow.fill(seq)
		}
	}
}

func (d *duel) checkFills() {
	var got, want []uint16
	for o, ok := d.line.Fill(); ok; o, ok = d.line.Fill() {
		got = append(got, o.Sequence)
	}
	for _, seq := range d.slow.due {
		want = append(want, uint16(seq))
	}
	d.slow.due = nil
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		d.t.Fatalf("padding %v, want %v", got, want)
	}
}

func (d *duel) nack(back uint64) {
	seq := d.slow.end() - back
	index, ok := d.line.Find(uint16(seq))
	want, known := d.slow.find(seq)
	switch {
	case slices.Contains(d.slow.fills, seq):
		d.slow.fill(seq)
		known = false
	case known && !d.slow.remembered(want):
		known = false
	}
	if ok != known || ok && index != want {
		d.t.Fatalf("a NACK of %d finds %d %v, want %d %v", seq, index, ok, want, known)
	}
}

// act does what one byte says.
func (d *duel) act(b byte) {
	switch {
	case b < 150:
		d.deliver(d.next())
	case b < 170:
		d.next() // lost
	case b < 195:
		d.held = append(d.held, d.next())
	case b < 215:
		if len(d.held) > 0 {
			i := int(b) % len(d.held)
			p := d.held[i]
			d.held = slices.Delete(d.held, i, i+1)
			d.deliver(p)
		}
	case b < 235:
		d.nack(uint64(b-215) * uint64(b-214))
	case b < 240:
		d.mask = uint64(b-235) + 1
	case b < 242:
		d.mask = 0
	case b < 246:
		d.checkFills()
	case b < 249:
		d.named = b == 246
	default:
		d.change(b)
	}
}

// change lets another encoding feed the line.
func (d *duel) change(b byte) {
	d.index += uint64(b) * 300
	d.frame += 5
	d.part, d.size = 0, 1
	d.held = nil
	d.codec, d.short, d.named = VP8, b&1 == 0, b != 254
	if b == 255 {
		d.codec = H264
	}
	p := d.next()
	p.Keyframe = true
	d.begin(p)
	mask := d.mask
	d.mask = 0
	d.deliver(p)
	d.mask = mask
}

// TestLineAgainstSlow plays long random scripts: more gaps than a line remembers.
func TestLineAgainstSlow(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 11))
		d := &duel{t: t, line: NewLine(65500, 1<<32-5000), index: 65400, frame: 120}
		d.change(249)
		d.mask = 1 + seed%3
		for range 1500 {
			b := byte(random.IntN(256))
			if (b >= 235 && b < 242 || b >= 249) && random.IntN(12) != 0 {
				b = 0 // long stretches of one encoding
			}
			d.act(b)
		}
	}
}

func FuzzLine(f *testing.F) {
	f.Add([]byte{249, 1, 2, 236, 3, 4, 5, 160, 6, 180, 7, 8, 9, 200, 10, 220, 230, 243, 255, 1, 160, 1, 236, 1, 180, 1, 1, 200, 243})
	long := []byte{249}
	for i := range 300 {
		long = append(long, byte(i*37), 1, 2, byte(i*91+7))
	}
	f.Add(long)
	f.Fuzz(func(t *testing.T, script []byte) {
		d := &duel{t: t, line: NewLine(65500, 1<<32-5000), index: 65400, frame: 120}
		d.change(249)
		for _, b := range script[:min(len(script), 200)] {
			d.act(b)
		}
		d.checkFills()
	})
}

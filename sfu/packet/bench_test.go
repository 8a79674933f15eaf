package packet

import (
	"testing"
	"time"
)

// layeredPacket is a frame of one packet in the pattern 0 2 1 2.
func layeredPacket(i int, at time.Time) *Packet {
	tid := [4]uint8{0, 2, 1, 2}[i%4]
	return &Packet{
		Index: uint64(70000 + i), Timestamp: uint32(i) * 3000, Arrival: at, Codec: VP8, Start: true, Marker: true, Keyframe: i == 0,
		VP8: VP8Header{
			Size: 6, PictureAt: 2, Long: true, PictureID: uint16(i) & 0x7fff, TL0At: 4, LayerAt: 5,
			TL0PICIDX: uint8(i / 4), TID: tid, HasTID: true, LayerSync: i%4 == 1 || i%4 == 2, HasKeyIdx: true,
		},
		Payload: append([]byte{0x90, 0xf0, 0x80, 0, 0, 0}, make([]byte, 1100)...),
	}
}

// thinned is a line that has left out the last temporal layer for long.
func thinned() (*Line, []*Packet) {
	at := time.Now()
	l := NewLine(1, 1)
	var f Filter
	f.Aim(1)
	var sent []*Packet
	for i := range 1000 {
		p := layeredPacket(i, at)
		if i == 0 {
			l.Begin(1, p)
		}
		if f.Takes(p) {
			l.Map(p)
			sent = append(sent, p)
		} else {
			l.Skip(p)
		}
	}
	return &l, sent
}

func TestLineAllocatesOnce(t *testing.T) {
	l, _ := thinned()
	var f Filter
	f.Aim(1)
	i, at := 1000, time.Now()
	p := layeredPacket(i, at)
	if n := testing.AllocsPerRun(1000, func() {
		p.Index, p.Timestamp = uint64(70000+i), uint32(i)*3000
		p.VP8.PictureID, p.VP8.TID = uint16(i)&0x7fff, [4]uint8{0, 2, 1, 2}[i%4]
		i++
		if f.Takes(p) {
			out, _ := l.Map(p)
			l.Find(out.Sequence)
		} else {
			l.Skip(p)
		}
		l.Fill()
	}); n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
}

func BenchmarkMap(b *testing.B) {
	p := layeredPacket(0, time.Now())
	l := NewLine(1, 1)
	l.Begin(1, p)
	b.ReportAllocs()
	for b.Loop() {
		p.Index++
		l.Map(p)
	}
}

// BenchmarkThin is a packet of a stream of which half is left out.
func BenchmarkThin(b *testing.B) {
	p := layeredPacket(0, time.Now())
	l := NewLine(1, 1)
	l.Begin(1, p)
	var f Filter
	f.Aim(1)
	f.Takes(p)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		p.Index++
		p.Timestamp += 3000
		p.VP8.TID = [4]uint8{0, 2, 1, 2}[i%4]
		if f.Takes(p) {
			l.Map(p)
		} else {
			l.Skip(p)
		}
	}
}

func BenchmarkFind(b *testing.B) {
	l, sent := thinned()
	seq := uint16(l.nextSeq)
	for name, back := range map[string]uint16{"newest": 1, "old": 50} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if index, ok := l.Find(seq - back); !ok || index != sent[len(sent)-int(back)].Index {
					b.Fatal(index, ok)
				}
			}
		})
	}
}

func BenchmarkAgain(b *testing.B) {
	l, sent := thinned()
	p := sent[len(sent)-50]
	b.ReportAllocs()
	for b.Loop() {
		l.Again(p)
	}
}

func BenchmarkSniff(b *testing.B) {
	for name, codec := range map[string]Codec{"VP8": VP8, "H264": H264, "Opus": Opus} {
		b.Run(name, func(b *testing.B) {
			raw := Raw{Payload: layeredPacket(0, time.Now()).Payload}
			var s Sniffer
			now := time.Now()
			b.ReportAllocs()
			for b.Loop() {
				raw.Sequence++
				raw.Timestamp += 1000
				s.Sniff(&raw, codec, now)
			}
		})
	}
}

func BenchmarkPictureSize(b *testing.B) {
	p := &Packet{Codec: H264, Keyframe: true, Payload: head(100, colours(1, 8), 0).size(80, 45, true, 0, 0, 0, 4).nal()}
	b.ReportAllocs()
	for b.Loop() {
		PictureSize(p)
	}
}

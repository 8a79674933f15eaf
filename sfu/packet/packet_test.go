package packet

import (
	"bytes"
	"encoding/hex"
	"math/rand/v2"
	"testing"
	"time"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestParse(t *testing.T) {
	for name, c := range map[string]struct {
		in      string
		err     error
		payload string
		padding uint8
	}{
		"plain":               {in: "80e0000100000002000000030102", payload: "0102"},
		"padding of two":      {in: "a060000100000002000000030102" + "0002", payload: "0102", padding: 2},
		"padding only":        {in: "a060000100000002000000030004" + "0004", payload: "", padding: 4},
		"csrc and extension":  {in: "9160000100000002000000030000000fbede0001" + "10ff0000" + "07", payload: "07"},
		"short":               {in: "8060000100000002000000", err: ErrShort},
		"version 1":           {in: "4060000100000002000000030102", err: ErrVersion},
		"padding of zero":     {in: "a060000100000002000000030100", err: ErrPadding},
		"padding too long":    {in: "a060000100000002000000030103", err: ErrPadding},
		"padding of nothing":  {in: "a06000010000000200000003", err: ErrPadding},
		"csrc missing":        {in: "8260000100000002000000030102", err: ErrShort},
		"extension too long":  {in: "906000010000000200000003bede00ff00", err: ErrExtension},
		"extension cut short": {in: "906000010000000200000003bede", err: ErrExtension},
	} {
		raw, err := Parse(unhex(t, c.in))
		if err != c.err {
			t.Errorf("%s: %v, want %v", name, err, c.err)
			continue
		}
		if err == nil && (hex.EncodeToString(raw.Payload) != c.payload || raw.Padding != c.padding) {
			t.Errorf("%s: payload %x padding %d, want %s and %d", name, raw.Payload, raw.Padding, c.payload, c.padding)
		}
	}
}

func TestExtension(t *testing.T) {
	one, err := Parse(unhex(t, "906000010000000200000003"+"bede0002"+"10aa0021"+"bbcc0000"+"07"))
	if err != nil {
		t.Fatal(err)
	}
	two, err := Parse(unhex(t, "906000010000000200000003"+"10000002"+"0101aa00"+"0202bbcc"+"07"))
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string]Raw{"one-byte": one, "two-byte": two} {
		if got := raw.Extension(1); !bytes.Equal(got, []byte{0xaa}) {
			t.Errorf("%s: element 1 is %x", name, got)
		}
		if got := raw.Extension(2); !bytes.Equal(got, []byte{0xbb, 0xcc}) {
			t.Errorf("%s: element 2 is %x", name, got)
		}
		if got := raw.Extension(3); got != nil {
			t.Errorf("%s: element 3 is %x, want none", name, got)
		}
	}
}

func TestParseVP8(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		ok   bool
		want VP8Header
	}{
		"bare keyframe":    {in: "1000", ok: true, want: VP8Header{Size: 1, StartFrame: true, Keyframe: true}},
		"bare delta":       {in: "1001", ok: true, want: VP8Header{Size: 1, StartFrame: true}},
		"continuation":     {in: "0000", ok: true, want: VP8Header{Size: 1}},
		"second partition": {in: "1100", ok: true, want: VP8Header{Size: 1}},
		"long id": {in: "9080812300", ok: true, want: VP8Header{Size: 4, PictureAt: 2, Long: true, PictureID: 0x123,
			StartFrame: true, Keyframe: true}},
		"everything": {in: "90f0812307a501", ok: true, want: VP8Header{Size: 6, PictureAt: 2, Long: true, PictureID: 0x123,
			TL0At: 4, TL0PICIDX: 7, LayerAt: 5, TID: 2, LayerSync: true, HasTID: true, KeyIdx: 5, HasKeyIdx: true, StartFrame: true}},
		"empty":          {in: ""},
		"descriptor end": {in: "9080"},
		"half an id":     {in: "908081"},
		"no frame":       {in: "90808123"},
		"no tl0":         {in: "90c005"},
	} {
		h, ok := ParseVP8(unhex(t, c.in))
		if ok != c.ok || h != c.want {
			t.Errorf("%s: %+v %v, want %+v %v", name, h, ok, c.want, c.ok)
		}
	}
}

func TestH264Keyframe(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want bool
	}{
		"idr": {"6588", true}, "sps": {"6742", true}, "delta": {"419a", false}, "pps": {"68ce", false}, "empty": {"", false},
		"stap with sps": {"780002" + "6742" + "0002" + "68ce", true},
		"stap, sps 2nd": {"780002" + "0910" + "0002" + "6742", true},
		"stap of delta": {"780002" + "419a", false},
		"stap too long": {"7800ff" + "6742", false},
		"stap cut":      {"7800", false},
		"fu-a first":    {"7c8588", true},
		"fu-a middle":   {"7c0588", false},
		"fu-a delta":    {"7c8188", false},
		"fu-a cut":      {"7c", false},
	} {
		if got := H264Keyframe(unhex(t, c.in)); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestUnwrapperOverTheTurn(t *testing.T) {
	var u Unwrapper
	var last uint64
	for i := range 200000 {
		ext := u.Extend(uint16(i + 65000))
		if i > 0 && ext != last+1 {
			t.Fatalf("step %d: %d after %d", i, ext, last)
		}
		last = ext
	}
	if got := u.Extend(uint16(last - 100)); got != last-100 {
		t.Errorf("a late packet is %d, want %d", got, last-100)
	}
}

// TestGapsClose drops one packet in three, with neighbours swapped at random,
// and wants the rest to lie side by side.
func TestGapsClose(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var g Gaps
	seen := map[uint64]uint64{}
	dropped := uint64(0)
	for ext := uint64(1000); ext < 20000; ext += 2 {
		pair := []uint64{ext, ext + 1}
		if random.IntN(4) == 0 && ext%3 != 0 && (ext+1)%3 != 0 {
			pair[0], pair[1] = pair[1], pair[0]
		}
		for _, x := range pair {
			if x%3 == 0 {
				if g.Drop(x) {
					dropped++
				}
				continue
			}
			got := g.Close(x)
			if before, twice := seen[got]; twice {
				t.Fatalf("%d and %d both became %d", before, x, got)
			}
			seen[got] = x
		}
	}
	if want := uint64(19000) - dropped; uint64(len(seen)) != want {
		t.Fatalf("%d numbers, want %d", len(seen), want)
	}
	for n := uint64(1000); n < 1000+uint64(len(seen)); n++ {
		if _, ok := seen[n]; !ok {
			t.Fatalf("hole at %d", n)
		}
	}
}

func TestGapsLatePacketLandsWhereItBelongs(t *testing.T) {
	var g Gaps
	g.Close(10)
	g.Drop(12)
	if got := g.Close(13); got != 12 {
		t.Errorf("13 became %d, want 12", got)
	}
	if got := g.Close(11); got != 11 {
		t.Errorf("the late 11 became %d, want 11", got)
	}
	if g.Drop(11) {
		t.Error("a hole was closed after its successors went out")
	}
}

func TestRing(t *testing.T) {
	r := NewRing(100)
	if r.Size() != 128 {
		t.Fatalf("size %d", r.Size())
	}
	buf := make([]byte, 1200)
	for i := range uint64(1000) {
		buf[0] = byte(i)
		r.Put(Packet{Index: i, Payload: buf[:1+i%1200]})
	}
	for i := range uint64(1000) {
		p := r.Get(i)
		if (p != nil) != (i >= 1000-128) {
			t.Fatalf("packet %d: there %v", i, p != nil)
		}
		if p != nil && (p.Payload[0] != byte(i) || len(p.Payload) != int(1+i%1200)) {
			t.Fatalf("packet %d changed", i)
		}
	}
	if r.Put(Packet{Index: 999}) != nil || r.Put(Packet{Index: 5}) != nil {
		t.Error("a packet that was there, or long gone, was stored again")
	}
	big := r.Put(Packet{Index: 5000, Payload: make([]byte, 60000)})
	if len(big.Payload) != 60000 {
		t.Error("a very large payload was cut")
	}
}

func TestRingReadersAndWriter(t *testing.T) {
	r := NewRing(64)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range uint64(20000) {
			r.Put(Packet{Index: i, Payload: []byte{byte(i), byte(i >> 8)}})
		}
	}()
	for i := uint64(0); ; i++ {
		if p := r.Get(i % 20000); p != nil && (p.Payload[0] != byte(p.Index) || p.Payload[1] != byte(p.Index>>8)) {
			t.Fatalf("torn packet %d", p.Index)
		}
		select {
		case <-done:
			return
		default:
		}
	}
}

// feed plays n frames of a source into a line and gives what goes out.
type feed struct {
	stream  uint64
	codec   Codec
	index   uint64
	time    uint32
	picture uint16
	tl0     uint8
}

func (f *feed) next(at time.Time) *Packet {
	p := &Packet{Index: f.index, Timestamp: f.time, Arrival: at, Codec: f.codec, Start: true, Marker: true, Keyframe: true}
	if f.codec == VP8 {
		p.VP8 = VP8Header{Size: 6, PictureAt: 2, Long: true, PictureID: f.picture & 0x7fff, TL0At: 4, TL0PICIDX: f.tl0, StartFrame: true}
		p.Payload = []byte{0x90, 0xe0, 0x80 | byte(f.picture>>8)&0x7f, byte(f.picture), f.tl0, 0, 1}
	}
	f.index++
	f.time += f.codec.ClockRate() / 50
	f.picture = (f.picture + 1) & 0x7fff
	f.tl0++
	return p
}

func TestLineIsContinuousOverEverything(t *testing.T) {
	feeds := []*feed{
		{stream: 1, codec: VP8, index: 70000, time: 0xffffff00, picture: 0x7ff0, tl0: 250},
		{stream: 2, codec: H264, index: 131000, time: 5},
		{stream: 3, codec: VP8, index: 65530, time: 1 << 31, picture: 3, tl0: 1},
	}
	l := NewLine(65500, 0xfffffff0)
	now := time.Now()
	var lastSeq, lastPicture uint16
	var lastTime uint32
	began, pictured := false, false
	for step := range 60 {
		f := feeds[step%len(feeds)]
		for i := range 40 {
			now = now.Add(20 * time.Millisecond)
			p := f.next(now)
			if i == 0 {
				l.Begin(f.stream, p)
			}
			out, ok := l.Map(p)
			if !ok {
				t.Fatal("a packet was refused")
			}
			if began {
				if out.Sequence != lastSeq+1 {
					t.Fatalf("step %d.%d: sequence %d after %d", step, i, out.Sequence, lastSeq)
				}
				if d := out.Timestamp - lastTime; d < 1700 || d > 1900 {
					t.Fatalf("step %d.%d: %d ticks for 20 ms", step, i, d)
				}
			}
			began, lastSeq, lastTime = true, out.Sequence, out.Timestamp
			if index, ok := l.Find(out.Sequence); !ok || index != p.Index {
				t.Fatalf("NACK of %d finds %d %v, want %d", out.Sequence, index, ok, p.Index)
			}
			if f.codec == VP8 {
				b := bytes.Clone(p.Payload)
				out.Shift.Apply(b, &p.VP8)
				h, _ := ParseVP8(b)
				if pictured && h.PictureID != (lastPicture+1)&0x7fff {
					t.Fatalf("step %d.%d: picture %d after %d", step, i, h.PictureID, lastPicture)
				}
				pictured, lastPicture = true, h.PictureID
			}
		}
	}
}

func TestLineAfterAPauseKeepsTheClock(t *testing.T) {
	f := &feed{stream: 1, codec: VP8, index: 1 << 17, time: 1000}
	l := NewLine(1, 1)
	now := time.Now()
	first := f.next(now)
	l.Begin(1, first)
	before, _ := l.Map(first)
	for range 500 {
		f.next(now) // nobody listens
	}
	p := f.next(now.Add(10 * time.Second))
	l.Begin(1, p)
	after, _ := l.Map(p)
	if after.Sequence != before.Sequence+1 || after.Timestamp-before.Timestamp != p.Timestamp-first.Timestamp {
		t.Errorf("after a pause: %+v then %+v", before, after)
	}
	if _, ok := l.Map(first); ok {
		t.Error("a packet from before the pause went out under a number that is taken")
	}
	if _, ok := l.Find(before.Sequence); ok {
		t.Error("a NACK from before the pause finds a packet")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte{0x90, 0x60, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0xbe, 0xde, 0, 1, 0x10, 0xff, 0, 0, 7})
	f.Fuzz(func(t *testing.T, b []byte) {
		raw, err := Parse(b)
		if err != nil {
			return
		}
		if len(raw.Payload)+int(raw.Padding)+headerSize > len(b) {
			t.Fatal("more came out than went in")
		}
		for id := range 256 {
			raw.Extension(uint8(id))
		}
	})
}

func FuzzVP8(f *testing.F) {
	f.Add([]byte{0x90, 0xf0, 0x81, 0x23, 0x07, 0xa5, 0x01}, uint16(7), uint8(9))
	f.Fuzz(func(t *testing.T, b []byte, picture uint16, tl0 uint8) {
		h, ok := ParseVP8(b)
		if !ok {
			return
		}
		shifted := bytes.Clone(b)
		VP8Shift{Picture: picture, TL0: tl0, KeyIdx: tl0 & 0x1f}.Apply(shifted, &h)
		again, ok := ParseVP8(shifted)
		if !ok || again.Size != h.Size || again.Keyframe != h.Keyframe || again.TID != h.TID {
			t.Fatalf("the shift changed more than counters: %+v, %+v", h, again)
		}
		if !bytes.Equal(shifted[h.Size:], b[h.Size:]) {
			t.Fatal("the shift touched the frame")
		}
	})
}

// FuzzH264 puts a unit into an aggregate behind another one, and into
// fragments: the answer stays the same.
func FuzzH264(f *testing.F) {
	f.Add([]byte{0x78, 0, 2, 0x67, 0x42, 0, 2, 0x68, 0xce})
	f.Add([]byte{0x65, 0x88, 0x84})
	f.Fuzz(func(t *testing.T, b []byte) {
		key := H264Keyframe(b)
		if len(b) == 0 || len(b) > 0xffff || b[0]&0x1f == 0 || b[0]&0x1f >= nalSTAPA {
			return
		}
		aggregate := append([]byte{nalSTAPA, 0, 2, 0x09, 0x10, byte(len(b) >> 8), byte(len(b))}, b...)
		if H264Keyframe(aggregate) != key {
			t.Fatalf("%x: keyframe %v, in an aggregate it is not", b, key)
		}
		first := append([]byte{nalFUA | b[0]&0x60, 0x80 | b[0]&0x1f}, b[1:]...)
		if H264Keyframe(first) != key {
			t.Fatalf("%x: keyframe %v, in fragments it is not", b, key)
		}
		if first[1] &= 0x7f; H264Keyframe(first) {
			t.Fatalf("%x: its second fragment begins a keyframe", b)
		}
	})
}

func FuzzSniffer(f *testing.F) {
	f.Add([]byte{0x80, 0x60, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0x10, 0}, uint8(2))
	f.Fuzz(func(t *testing.T, b []byte, codec uint8) {
		var s Sniffer
		l := NewLine(1, 1)
		r := NewRing(8)
		var filter Filter
		for len(b) > 0 {
			n := min(len(b), 40)
			raw, err := Parse(b[:n])
			b = b[n:]
			if err != nil {
				continue
			}
			p, ok := s.Sniff(&raw, Codec(codec%4), time.Unix(1, 0))
			if !ok {
				continue
			}
			kept := r.Put(p)
			if kept == nil {
				continue
			}
			if kept.Keyframe {
				l.Begin(1, kept)
				filter.Reset()
			}
			filter.Aim(uint8(kept.Timestamp) & 3)
			forwardOnce(t, &l, &filter, kept)
		}
	})
}

// forwardOnce lets a packet out or not, as a lane does.
func forwardOnce(t *testing.T, l *Line, filter *Filter, p *Packet) {
	if !filter.Takes(p) {
		l.Skip(p)
		l.Fill()
		return
	}
	out, ok := l.Map(p)
	if !ok {
		return
	}
	if index, found := l.Find(out.Sequence); found && index != p.Index {
		t.Fatalf("a NACK of %d finds %d, want %d", out.Sequence, index, p.Index)
	}
	payload := bytes.Clone(p.Payload)
	out.Shift.Apply(payload, &p.VP8)
}

func BenchmarkForward(b *testing.B) {
	f := &feed{stream: 1, codec: VP8, index: 70000}
	p := f.next(time.Now())
	p.Payload = append(p.Payload, make([]byte, 1100)...)
	l := NewLine(1, 1)
	l.Begin(1, p)
	scratch := make([]byte, 0, 1500)
	b.ReportAllocs()
	for b.Loop() {
		p.Index++
		out, _ := l.Map(p)
		scratch = append(scratch[:0], p.Payload...)
		out.Shift.Apply(scratch, &p.VP8)
	}
}

func BenchmarkReceive(b *testing.B) {
	buf := append([]byte{0x80, 0x60, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0x90, 0x80, 0x81, 0x23, 0}, make([]byte, 1100)...)
	var s Sniffer
	r := NewRing(1024)
	now := time.Now()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		buf[2], buf[3] = byte(i>>8), byte(i)
		raw, _ := Parse(buf)
		p, _ := s.Sniff(&raw, VP8, now)
		r.Put(p)
	}
}

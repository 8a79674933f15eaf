package packet

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unsafe"
)

// script plays packets into a line from a text: one word a packet, as
//
//	index:frame[.][^][+|-]
//
// The frame is also its picture id and its time; . stands for the first packet
// of the frame, ^ for its last, + lets it go out and - leaves it out. The answer
// names what goes out as number=picture, or ! where nothing may; fill=number
// for padding.
func script(t *testing.T, short bool, words string) string {
	t.Helper()
	l := NewLine(99, 0) // the first number is 65536+99
	var out []string
	for i, word := range strings.Fields(words) {
		var index, frame int
		if _, err := fmt.Sscanf(word, "%d:%d", &index, &frame); err != nil {
			t.Fatal(err)
		}
		p := &Packet{
			Index: uint64(1000 + index), Timestamp: uint32(frame) * 3000, Codec: VP8, Arrival: time.Unix(1, 0),
			Start: strings.Contains(word, "."), Marker: strings.Contains(word, "^"),
			VP8: VP8Header{PictureAt: 2, Long: !short, PictureID: uint16(frame)},
		}
		if i == 0 {
			l.Begin(1, p)
		}
		if strings.HasSuffix(word, "-") {
			l.Skip(p)
		} else if o, ok := l.Map(p); ok {
			out = append(out, fmt.Sprintf("%d=%d", o.Sequence, o.Shift.picture(&p.VP8)))
		} else {
			out = append(out, "!")
		}
		for o, ok := l.Fill(); ok; o, ok = l.Fill() {
			out = append(out, fmt.Sprintf("fill=%d", o.Sequence))
		}
	}
	return strings.Join(out, " ")
}

func TestSkip(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"nothing":                     {"0:1.^+ 1:2.^+", "99=1 100=2"},
		"one frame":                   {"0:1.^+ 1:2.^- 2:3.^+", "99=1 100=2"},
		"three packets of one":        {"0:1.^+ 1:2.- 2:2- 3:2^- 4:3.^+", "99=1 100=2"},
		"the first of all":            {"0:1.^- 1:2.^+", "99=1"},
		"hole inside what is left":    {"0:1.^+ 1:2.- 3:2^- 4:3.^+ 2:2-", "99=1 100=2"},
		"hole at the end of it":       {"0:1.^+ 1:2.- 3:3.^+ 2:2^-", "99=1 100=2"},
		"hole at its beginning":       {"0:1.^+ 2:2^- 3:3.^+ 1:2.-", "99=1 100=2"},
		"hole between two left":       {"0:1.^+ 1:2.- 3:3^- 4:4.^+ 2:2^-", "99=1 100=2"},
		"hole after an open frame":    {"0:1.+ 2:2.^- 3:3.^+ 1:1^+", "99=1 101=2 100=1"},
		"hole that may be either's":   {"0:1.+ 2:2^- 3:3.^+ 1:2.-", "99=1 101=2 fill=100"},
		"hole before the rest":        {"0:1.^- 2:2^+ 1:2.+", "100=1 99=1"},
		"hole before the rest, ended": {"0:1.- 2:2^+ 1:1^-", "100=1 fill=99"},
		"a whole frame missing":       {"0:1.^+ 2:3.^- 3:4.^+ 1:2.^+", "99=1 101=3 100=2"},
		"a whole one, then left out":  {"0:1.^+ 2:3.^- 3:4.^+ 1:2.^-", "99=1 101=3 fill=100"},
		"missing between two left":    {"0:1.^- 2:3.^- 3:4.^+ 1:2.^-", "100=2 fill=99"},
		"late beyond a gap":           {"0:1.^+ 2:3.^+ 3:4.^- 4:5.^+ 1:2.^+", "99=1 101=3 102=4 100=2"},
		"late of what is left out":    {"0:1.^+ 1:2.^- 2:3.^+ 1:2.^+", "99=1 100=2 !"},
		"the rest of what is left":    {"0:1.^+ 1:2.- 2:2^+ 3:3.^+", "99=1 ! 100=2"},
		"before the beginning":        {"5:1.^+ 2:0.^- 3:0.^+ 6:2.^+", "99=1 ! 100=2"},
	} {
		for _, short := range []bool{false, true} {
			if got := script(t, short, c.in); got != c.want {
				t.Errorf("%s (short ids %v):\n got %s\nwant %s", name, short, got, c.want)
			}
		}
	}
}

func TestFillIsBounded(t *testing.T) {
	l := NewLine(0, 0)
	at := func(i int) *Packet {
		return &Packet{Index: uint64(i), Timestamp: uint32(i) * 3000, Codec: H264, Start: true, Marker: true}
	}
	l.Begin(1, at(0))
	l.Map(at(0))
	l.Map(at(200)) // numbers 1 to 199 wait
	for i := 1; i < 200; i++ {
		l.Skip(at(i))
	}
	var got []uint16
	for o, ok := l.Fill(); ok; o, ok = l.Fill() {
		got = append(got, o.Sequence)
	}
	if len(got) != fillMemory || got[0] != 184 || got[15] != 199 {
		t.Errorf("%d: %v, want the last %d", len(got), got, fillMemory)
	}
}

func TestLineIsSmall(t *testing.T) {
	if n := unsafe.Sizeof(Line{}); n > 192 {
		t.Errorf("a line takes %d bytes", n)
	}
	if n := unsafe.Sizeof(history{}); n > 2048 {
		t.Errorf("a line that leaves out takes %d bytes more", n)
	}
	l := NewLine(1, 1)
	p := &Packet{Index: 1, Codec: VP8}
	l.Begin(1, p)
	for range 1000 {
		l.Map(p)
		p.Index += 2
	}
	if l.past != nil {
		t.Error("a line that leaves nothing out remembers")
	}
}

// TestFindForgets leaves out every other frame, much longer than is remembered.
func TestFindForgets(t *testing.T) {
	l := NewLine(1, 1)
	at := func(i int) *Packet {
		return &Packet{Index: uint64(i), Timestamp: uint32(i) * 3000, Codec: VP8, Start: true, Marker: true}
	}
	l.Begin(1, at(0))
	const frames = 400
	for i := range frames {
		l.Map(at(2 * i))
		l.Skip(at(2*i + 1))
	}
	for i := range frames {
		index, ok := l.Find(uint16(1 + i))
		remembered := i >= frames-runMemory
		if ok != remembered || ok && index != uint64(2*i) {
			t.Errorf("number %d finds %d %v", 1+i, index, ok)
		}
		if _, ok := l.Again(at(2 * i)); ok != remembered {
			t.Errorf("frame %d again: %v", i, ok)
		}
		if _, ok := l.Again(at(2*i + 1)); ok {
			t.Errorf("frame %d, left out, goes out again", 2*i+1)
		}
	}
}

func TestRepairsCountOnTheirOwn(t *testing.T) {
	l := NewLine(3, 0)
	first := l.NextRepair()
	for i := range 1 << 16 {
		if got := l.NextRepair(); got != first+uint16(i)+1 {
			t.Fatalf("repair %d has number %d", i, got)
		}
	}
	l.Begin(1, &Packet{Codec: Opus})
	if out, _ := l.Map(&Packet{Codec: Opus}); out.Sequence != 3 {
		t.Error("repairs used up a number of the line")
	}
}

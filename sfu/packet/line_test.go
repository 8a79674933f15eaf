package packet

import (
	"testing"
	"time"
)

// shown is a frame of one packet, captured at that time by a clock that began
// at that timestamp.
func shown(index uint64, clock uint32, captured, delay time.Duration) *Packet {
	return &Packet{
		Index: index, Timestamp: clock + uint32(captured.Seconds()*90000), Arrival: time.Unix(1000, 0).Add(captured + delay),
		Codec: VP8, Start: true, Marker: true, Keyframe: true,
	}
}

const frameTime = 20 * time.Millisecond

// TestAlignedSwitchKeepsLipSync changes between two layers of which one comes
// 150 ms later than the other. What the viewer gets must say when a frame was
// captured, whatever way it took.
func TestAlignedSwitchKeepsLipSync(t *testing.T) {
	clockA, clockB := uint32(1<<32-1000), uint32(777777)
	l := NewLine(1, 1<<32-500)
	first, _ := begun(&l, 1, shown(0, clockA, 0, 0))
	zero := first.Timestamp
	a, b := uint64(1), uint64(50)
	last := zero
	for round := range 20 {
		for i := 1; i <= 40; i++ {
			captured := time.Duration(round*40+i) * frameTime
			var p *Packet
			lead := clockB - clockA // b's clock ahead of a's
			if round%2 == 0 {
				p, b = shown(b, clockB, captured, 150*time.Millisecond), b+1
			} else {
				// The fast way is three frames ahead, and these came long ago.
				p, a, lead = shown(a, clockA, captured-3*frameTime, 0), a+1, -lead
			}
			if i == 1 {
				l.BeginAligned(uint64(round%2), p, lead)
			}
			out, ok := l.Map(p)
			if !ok || !ahead(out.Timestamp, last) {
				t.Fatalf("round %d frame %d: %d after %d", round, i, out.Timestamp, last)
			}
			last = out.Timestamp
			clock := clockA
			if round%2 == 0 {
				clock = clockB
			}
			shift := out.Timestamp - zero - (p.Timestamp - clock)
			late := i <= 6 && round%2 == 1 // catches up with what was sent already
			if shift != 0 && !late || int32(shift) > 4*1800 {
				t.Fatalf("round %d frame %d is %d ticks from when it was captured", round, i, int32(shift))
			}
			if again, _ := l.Again(p); again != out {
				t.Fatalf("round %d frame %d goes out as %+v, then as %+v", round, i, out, again)
			}
		}
	}
}

// begun lets the line begin with p and sends it.
func begun(l *Line, stream uint64, p *Packet) (Out, bool) {
	l.Begin(stream, p)
	return l.Map(p)
}

func TestAlignedSwitchDisbelievesNonsense(t *testing.T) {
	for _, lead := range []uint32{90000*2 + 5, 1 << 31, 1<<32 - 90000*2 + 5, 1<<31 - 1} {
		l := NewLine(1, 1000)
		before, _ := begun(&l, 1, shown(0, 5, 0, 0))
		p := shown(70, 5, 40*time.Millisecond, 0)
		l.BeginAligned(2, p, lead)
		out, _ := l.Map(p)
		if got := out.Timestamp - before.Timestamp; got != 3600 {
			t.Errorf("lead %d: %d ticks for 40 ms", int32(lead), got)
		}
	}
}

func TestAlignedWithoutABefore(t *testing.T) {
	l := NewLine(7, 1000)
	p := shown(0, 5, 0, 0)
	l.BeginAligned(2, p, 99)
	if out, ok := l.Map(p); !ok || out.Timestamp != 1000 || out.Sequence != 7 {
		t.Errorf("begins with %+v %v", out, ok)
	}
}

// TestClockOfASourceThatWentBack: an encoding that comes back with a clock
// behind what was sent goes on by arrival.
func TestClockOfASourceThatWentBack(t *testing.T) {
	l := NewLine(7, 1000)
	first, _ := begun(&l, 1, shown(0, 90000, 0, 0))
	back := shown(1, 0, 100*time.Millisecond, 0)
	l.Begin(1, back)
	if out, _ := l.Map(back); out.Timestamp != first.Timestamp+9000 {
		t.Errorf("%d ticks for 100 ms", int32(out.Timestamp-first.Timestamp))
	}
}

// TestDelimiterIsNotTheEndOfAKeyframe: between stills, an access unit delimiter
// in a packet of its own goes before the parameter sets.
func TestDelimiterIsNotTheEndOfAKeyframe(t *testing.T) {
	at := func(i, frame int, keyframe bool) *Packet {
		return &Packet{Index: uint64(i), Timestamp: uint32(frame), Codec: H264, Keyframe: keyframe}
	}
	l := NewLine(10, 0)
	first, _ := begun(&l, 1, at(0, 1, true))
	l.Skip(at(1, 2, false))
	l.Skip(at(2, 3, false))
	out, ok := l.Map(at(3, 3, true))
	rest, okRest := l.Map(at(4, 3, false))
	if !ok || !okRest || out.Sequence != first.Sequence+1 || rest.Sequence != first.Sequence+2 {
		t.Errorf("%+v %v, %+v %v", out, ok, rest, okRest)
	}
}

func TestKeyIndexClosesUp(t *testing.T) {
	at := func(i int) *Packet {
		return &Packet{
			Index: uint64(i), Timestamp: uint32(i) * 3000, Codec: VP8, Start: true, Marker: true, Keyframe: true,
			VP8: VP8Header{PictureAt: 2, PictureID: uint16(i) & 0x7f, TL0At: 3, TL0PICIDX: uint8(250 + i), LayerAt: 4, HasKeyIdx: true, KeyIdx: uint8(29+i) & 0x1f},
		}
	}
	l := NewLine(10, 0)
	l.Begin(1, at(0))
	for i := range 300 {
		p := at(i)
		if i%3 != 0 {
			l.Skip(p)
			continue
		}
		out, ok := l.Map(p)
		sent := i / 3
		got := VP8Shift{out.Shift.picture(&p.VP8), out.Shift.TL0 + p.VP8.TL0PICIDX, (out.Shift.KeyIdx + p.VP8.KeyIdx) & 0x1f}
		want := VP8Shift{uint16(sent) & 0x7f, uint8(250 + sent), uint8(29+sent) & 0x1f}
		if !ok || got != want {
			t.Fatalf("still %d goes out with %+v %v, want %+v", sent, got, ok, want)
		}
	}
}

// TestTooLateForANumber: half a turn of the numbers later, a viewer would take
// the packet for a new one.
func TestTooLateForANumber(t *testing.T) {
	at := func(i uint64) *Packet { return &Packet{Index: i, Timestamp: uint32(i), Codec: H264, Keyframe: i == 0} }
	l := NewLine(10, 0)
	begun(&l, 1, at(0))
	l.Map(at(40000))
	if out, ok := l.Map(at(5000)); ok {
		t.Errorf("goes out as %d", out.Sequence)
	}
	l.Skip(at(5001))
	if out, ok := l.Fill(); ok {
		t.Errorf("filled as %d", out.Sequence)
	}
	if out, ok := l.Map(at(10000)); !ok || out.Sequence != 10010 {
		t.Errorf("in time, and goes out as %d %v", out.Sequence, ok)
	}
}

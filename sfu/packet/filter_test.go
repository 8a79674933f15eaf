package packet

import (
	"strings"
	"testing"
)

// filtered plays words into a filter: a digit is a frame of that temporal layer,
// s behind it says in step (Y), K is a keyframe, k one whose first packet comes
// behind a packet without a mark; >n aims, ! wants stills, = wants them no more.
// The answer names what goes out, _ what does not.
func filtered(f *Filter, words string) string {
	var out strings.Builder
	time, index := uint32(1<<32-9000), uint64(0)
	for _, w := range strings.Fields(words) {
		switch w[0] {
		case '>':
			f.Aim(w[1] - '0')
		case '!', '=':
			f.Still(w[0] == '!')
		default:
			time, index = time+3000, index+2
			p := &Packet{Codec: VP8, Timestamp: time, Index: index, Keyframe: w == "K"}
			if w[0] != 'K' && w[0] != 'k' {
				p.VP8 = VP8Header{HasTID: true, TID: w[0] - '0', LayerSync: strings.HasSuffix(w, "s")}
			}
			took := f.Takes(p)
			p.Index, p.Keyframe = index+1, w == "k"
			again := f.Takes(p)
			switch {
			case w != "k" && took != again:
				out.WriteString("?")
			case again:
				out.WriteByte(w[0])
			default:
				out.WriteByte('_')
			}
		}
	}
	return out.String()
}

func TestFilter(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"all":                        {">3 K 2 1 2 0 2", "K2120 2"},
		"base":                       {"K 2 1 2 0 2 1 2 0", "K___0___0"},
		"two layers":                 {">1 K 2 1 2 0 2 1", "K_1_0_1"},
		"down at once":               {">2 K 2 1 >0 2 1 0", "K21__0"},
		"down by one":                {">2 K 2 >1 1 2 0 1", "K21_01"},
		"up waits to be in step":     {"K 0 >2 1 2 0 1s 2 0 1 2s 1 2", "K0__01_01212"},
		"up with a keyframe":         {"K 0 >2 1 2 K 2 1", "K0__K21"},
		"up one at a time":           {"K >2 2s 1s 2 0 2s", "K_1_02"},
		"aimed beyond the last":      {">9 K 2 1 3", "K213"},
		"not up beyond the aim":      {"K >1 1s 2s 1", "K1_1"},
		"still":                      {">2 K 2 ! 1 0 K 2 0 K", "K2__K__K"},
		"no more stills":             {">2 K ! 0 1 = 0 2 K 2 1", "K____K21"},
		"still, told and taken back": {">2 K 2 ! = 1 2", "K212"},
		"still in step":              {">1 K ! 0 1s = 1s 0", "K____"},
		"behind a delimiter":         {">2 K ! 0 k 0 k", "K_k_k"},
	} {
		var f Filter
		if got := filtered(&f, c.in); got != strings.ReplaceAll(c.want, " ", "") {
			t.Errorf("%s: %q gives %q, want %q", name, c.in, got, c.want)
		}
	}
}

func TestFilterWaits(t *testing.T) {
	var f Filter
	filtered(&f, "K 0")
	if f.Waits() {
		t.Error("waits and has what it wants")
	}
	f.Aim(1)
	if !f.Waits() {
		t.Error("does not wait for a higher layer")
	}
	f.Aim(0)
	f.Still(true)
	f.Reset()
	filtered(&f, "K 0")
	if f.Waits() {
		t.Error("stills wait for more")
	}
	f.Still(false)
	if !f.Waits() {
		t.Error("does not wait for the keyframe that ends the stills")
	}
}

// TestFilterDecidesLatePacketsAsThen sends packets of frames that came before
// a step.
func TestFilterDecidesLatePacketsAsThen(t *testing.T) {
	p := func(time uint32, tid uint8, sync, key bool) *Packet {
		return &Packet{Codec: VP8, Timestamp: time, Keyframe: key, VP8: VP8Header{HasTID: true, TID: tid, LayerSync: sync}}
	}
	var f Filter
	f.Takes(p(0, 0, false, true))
	f.Takes(p(10, 1, false, false))
	f.Aim(1)
	f.Takes(p(30, 1, true, false))
	f.Takes(p(40, 0, false, false))
	for _, c := range []struct {
		time uint32
		tid  uint8
		want bool
	}{{10, 1, false}, {20, 0, true}, {30, 1, true}, {35, 1, true}, {35, 2, false}} {
		if got := f.Takes(p(c.time, c.tid, false, false)); got != c.want {
			t.Errorf("late packet of layer %d at %d: %v", c.tid, c.time, got)
		}
	}
	f.Still(true)
	f.Takes(p(50, 0, false, false))
	if f.Takes(p(40, 0, false, false)) {
		t.Error("a late packet goes out between stills")
	}
	f.Reset() // another encoding, with a clock far behind
	if !f.Takes(p(1<<31+60, 0, false, true)) || f.Takes(p(1<<31+50, 0, false, false)) {
		t.Error("the clock of the encoding before decides")
	}
}

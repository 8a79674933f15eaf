package packet

import (
	"fmt"
	"testing"
	"time"
)

// scribe writes bits, the other side of bits.
type scribe struct {
	b    []byte
	have int
}

func (s *scribe) u(n int, v uint64) *scribe {
	for i := n - 1; i >= 0; i-- {
		if s.have == 0 {
			s.b, s.have = append(s.b, 0), 8
		}
		s.have--
		s.b[len(s.b)-1] |= byte(v>>i&1) << s.have
	}
	return s
}

func (s *scribe) ue(v uint64) *scribe {
	n := 0
	for (v+1)>>(n+1) > 0 {
		n++
	}
	return s.u(n, 0).u(n+1, v+1)
}

func (s *scribe) se(v int64) *scribe {
	if v > 0 {
		return s.ue(uint64(2*v - 1))
	}
	return s.ue(uint64(-2 * v))
}

// nal gives the bytes of the parameter set with emulation prevention.
func (s *scribe) nal() []byte {
	s.u(1, 1) // stop bit
	out, zeros := []byte{0x67}, 0
	for _, b := range s.b {
		if zeros == 2 && b <= 3 {
			out, zeros = append(out, 3), 0
		}
		out = append(out, b)
		if zeros++; b != 0 {
			zeros = 0
		}
	}
	return out
}

// head writes a parameter set up to the sizes; order is pic_order_cnt_type.
func head(profile uint64, colours func(*scribe), order int) *scribe {
	s := (&scribe{}).u(8, profile).u(8, 0).u(8, 31).ue(0)
	if colours != nil {
		colours(s)
	}
	s.ue(4)
	switch order {
	case 0:
		s.ue(0).ue(2)
	case 1:
		s.ue(1).u(1, 0).se(-70000).se(3).ue(3).se(0).se(-1).se(1)
	default:
		s.ue(2)
	}
	return s.ue(1).u(1, 0)
}

// size writes the sizes in macroblocks and the cropping.
func (s *scribe) size(across, down uint64, frames bool, crop ...uint64) *scribe {
	s.ue(across - 1).ue(down - 1)
	if frames {
		s.u(1, 1)
	} else {
		s.u(2, 0)
	}
	s.u(1, 1)
	if len(crop) == 0 {
		return s.u(1, 0)
	}
	s.u(1, 1)
	for _, c := range crop {
		s.ue(c)
	}
	return s
}

func colours(format uint64, lists int) func(*scribe) {
	return func(s *scribe) {
		s.ue(format)
		if format == 3 {
			s.u(1, 0)
		}
		s.ue(0).ue(0).u(1, 0)
		if lists == 0 {
			s.u(1, 0)
			return
		}
		s.u(1, 1)
		for i := range lists {
			s.scalingList(i)
		}
	}
}

func (s *scribe) scalingList(i int) {
	switch {
	case i%3 == 0:
		s.u(1, 0)
	case i%3 == 1:
		s.u(1, 1).se(-8) // falls back at once
	default:
		n := 16
		if i >= 6 {
			n = 64
		}
		s.u(1, 1)
		for range n {
			s.se(1)
		}
	}
}

func TestPictureSizeH264(t *testing.T) {
	for name, c := range map[string]struct {
		sps  []byte
		want string
	}{
		"baseline 640x480":        {head(66, nil, 0).size(40, 30, true).nal(), "640x480"},
		"baseline 1920x1080":      {head(66, nil, 2).size(120, 68, true, 0, 0, 0, 4).nal(), "1920x1080"},
		"many zeros":              {head(66, nil, 0).size(40, 1<<9, true).nal(), "640x8192"},
		"order of type one":       {head(77, nil, 1).size(20, 12, true, 0, 0, 0, 6).nal(), "320x180"},
		"fields":                  {head(77, nil, 0).size(120, 34, false, 0, 0, 0, 2).nal(), "1920x1080"},
		"high":                    {head(100, colours(1, 0), 0).size(80, 45, true).nal(), "1280x720"},
		"high, scaling lists":     {head(100, colours(1, 8), 0).size(80, 45, true, 1, 2, 3, 4).nal(), "1274x706"},
		"high 4:2:2, cropped":     {head(122, colours(2, 8), 0).size(80, 45, true, 1, 2, 3, 4).nal(), "1274x713"},
		"high 4:4:4, cropped":     {head(244, colours(3, 12), 0).size(80, 45, true, 1, 2, 3, 4).nal(), "1277x713"},
		"grey, cropped":           {head(100, colours(0, 8), 0).size(80, 45, true, 1, 2, 3, 4).nal(), "1277x713"},
		"no such colours":         {head(100, colours(4, 0), 0).size(80, 45, true).nal(), "none"},
		"cropped to nothing":      {head(66, nil, 0).size(2, 2, true, 8, 8, 0, 0).nal(), "none"},
		"larger than any level":   {head(66, nil, 0).size(1025, 2, true).nal(), "none"},
		"sides of 32 bits":        {head(66, nil, 0).size(1<<31-1, 1<<31-1, true, 1<<31-1, 1<<31-1, 0, 0).nal(), "none"},
		"as a camera sends it":    {unhex(t, "6764001facd9405005bb01100000030010000003"+"03c0f1831960"), "1280x720"},
		"without an end":          {head(66, nil, 0).nal(), "none"},
		"a number without an end": {[]byte{0x67, 66, 0, 31, 0, 0, 0, 0, 0, 0, 0, 0}, "none"},
		"nothing":                 {[]byte{0x67}, "none"},
	} {
		aggregate := append([]byte{0x78, 0, 2, 0x09, 0x10, byte(len(c.sps) >> 8), byte(len(c.sps))}, c.sps...)
		for way, payload := range map[string][]byte{"alone": c.sps, "in an aggregate": append(aggregate, 0, 1, 0x68)} {
			p := &Packet{Codec: H264, Keyframe: true, Payload: payload}
			if got := sizeOf(p); got != c.want {
				t.Errorf("%s, %s: %s, want %s", name, way, got, c.want)
			}
		}
	}
}

var start = time.Unix(1, 0)

func sizeOf(p *Packet) string {
	w, h, ok := PictureSize(p)
	if !ok {
		return "none"
	}
	return fmt.Sprintf("%dx%d", w, h)
}

func TestPictureSizeVP8(t *testing.T) {
	for name, c := range map[string]struct{ payload, want string }{
		"plain descriptor": {"10" + "500000" + "9d012a" + "8002" + "6801", "640x360"},
		"long descriptor":  {"90f0812307a5" + "500000" + "9d012a" + "8002" + "6801", "640x360"},
		"with scales":      {"10" + "500000" + "9d012a" + "8042" + "6881", "640x360"},
		"largest":          {"10" + "500000" + "9d012a" + "ff3f" + "ff3f", "16383x16383"},
		"no width":         {"10" + "500000" + "9d012a" + "0000" + "6801", "none"},
		"no height":        {"10" + "500000" + "9d012a" + "8002" + "00c0", "none"},
		"no start code":    {"10" + "500000" + "9d012b" + "8002" + "6801", "none"},
		"cut":              {"10" + "500000" + "9d012a" + "8002" + "68", "none"},
		"delta":            {"10" + "510000" + "9d012a" + "8002" + "6801", "none"},
		"not the first":    {"00" + "500000" + "9d012a" + "8002" + "6801", "none"},
	} {
		raw := Raw{Payload: unhex(t, c.payload)}
		var s Sniffer
		p, _ := s.Sniff(&raw, VP8, start)
		if got := sizeOf(&p); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestPictureSizeOfOthers(t *testing.T) {
	for name, p := range map[string]*Packet{
		"sound":                 {Codec: Opus, Keyframe: true, Payload: unhex(t, "1050000000")},
		"an IDR slice":          {Codec: H264, Keyframe: true, Payload: unhex(t, "6588")},
		"a fragment":            {Codec: H264, Keyframe: true, Payload: unhex(t, "7c8542001f")},
		"nothing":               {Codec: H264, Keyframe: true},
		"no payload":            {Codec: VP8, Keyframe: true, VP8: VP8Header{Size: 4}},
		"an aggregate, cut":     {Codec: H264, Keyframe: true, Payload: unhex(t, "7800ff67")},
		"an aggregate of empty": {Codec: H264, Keyframe: true, Payload: unhex(t, "78000067")},
	} {
		if got := sizeOf(p); got != "none" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func FuzzPictureSize(f *testing.F) {
	f.Add(head(66, nil, 1).size(120, 68, true, 0, 0, 0, 4).nal(), true)
	f.Add(head(244, colours(3, 12), 0).size(80, 34, false, 1, 2, 3, 4).nal(), true)
	f.Add(append([]byte{0x78, 0, 2, 0x09, 0x10, 0, 20}, head(100, colours(1, 8), 0).size(80, 45, true).nal()...), true)
	f.Add([]byte{0x10, 0x50, 0, 0, 0x9d, 1, 0x2a, 0x80, 2, 0x68, 1}, false)
	f.Fuzz(func(t *testing.T, b []byte, h264 bool) {
		codec := VP8
		if h264 {
			codec = H264
		}
		var s Sniffer
		p, ok := s.Sniff(&Raw{Payload: b}, codec, start)
		w, h, sized := PictureSize(&p)
		if sized && (!ok || !p.Keyframe || w < 1 || h < 1 || w > maxSide || h > maxSide) {
			t.Fatalf("%dx%d of %x", w, h, b)
		}
	})
}

// FuzzSPS lets the sizes be anything and wants them back.
func FuzzSPS(f *testing.F) {
	f.Add(uint16(80), uint16(45), uint8(0), uint8(0), true, uint8(0))
	f.Add(uint16(120), uint16(34), uint8(0), uint8(2), false, uint8(1))
	f.Fuzz(func(t *testing.T, across, down uint16, right, bottom uint8, frames bool, order uint8) {
		w, h := uint64(across)+1, uint64(down)+1
		sps := head(66, nil, int(order%3)).size(w, h, frames, 0, uint64(right), 0, uint64(bottom)).nal()
		wide, high, unit := int(w)*16-2*int(right), int(h)*16, 2*int(bottom)
		if !frames {
			high, unit = 2*high, 2*unit
		}
		high -= unit
		want := "none"
		if wide > 0 && high > 0 && wide <= maxSide && high <= maxSide {
			want = fmt.Sprintf("%dx%d", wide, high)
		}
		if got := sizeOf(&Packet{Codec: H264, Keyframe: true, Payload: sps}); got != want {
			t.Fatalf("%s, want %s, of %x", got, want, sps)
		}
	})
}

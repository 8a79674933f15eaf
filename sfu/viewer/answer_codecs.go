package viewer

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"

	"antenne/sfu/packet"
)

// format is one payload type that a line of the offer lists.
type format struct {
	number   string // as the offer spells it
	kind     uint8
	encoding string   // "VP8/90000", as the offer spells it; "" without rtpmap
	params   []string // of fmtp, "key=value"
	feedback []string // of rtcp-fb, with those for all formats
}

// choice is a format that goes into the answer.
type choice struct {
	format format
	codec  packet.Codec // 0: repair, or a line that carries nothing
	repair packet.Codec // which codec it repairs
}

// feedbacks are those we heed. Congestion control is by reports alone, so that
// no packet needs an extension of its own.
var feedbacks = []string{"nack", "nack pli", "ccm fir"}

// readFormats are the usable payload types of a line, in its order.
func readFormats(m *sdp.MediaDescription) []format {
	var all []format
	for _, number := range m.MediaName.Formats {
		kind, err := strconv.ParseUint(number, 10, 7)
		if err != nil || reserved(uint8(kind)) || indexOf(all, number) >= 0 {
			continue
		}
		all = append(all, format{number: number, kind: uint8(kind)})
	}
	for _, a := range m.Attributes {
		number, value, _ := strings.Cut(a.Value, " ")
		value = strings.TrimSpace(value)
		if !printable(value) {
			continue
		}
		if a.Key == "rtcp-fb" && number == "*" {
			for i := range all {
				all[i].feedback = append(all[i].feedback, value)
			}
			continue
		}
		if i := indexOf(all, number); i >= 0 {
			all[i].note(a.Key, value)
		}
	}
	return all
}

// reserved payload types look like RTCP on a shared port (RFC 5761 §4).
func reserved(kind uint8) bool { return kind >= 64 && kind <= 95 }

func indexOf(all []format, number string) int {
	return slices.IndexFunc(all, func(f format) bool { return f.number == number })
}

func (f *format) note(key, value string) {
	switch {
	case key == "rtpmap" && f.encoding == "":
		f.encoding = value
	case key == "rtcp-fb":
		f.feedback = append(f.feedback, value)
	case key == "fmtp":
		for _, p := range strings.Split(value, ";") {
			f.params = append(f.params, strings.TrimSpace(p))
		}
	}
}

// param is a parameter's value, in lower case.
func (f *format) param(key string) (string, bool) {
	for _, p := range f.params {
		name, value, _ := strings.Cut(p, "=")
		if strings.EqualFold(name, key) {
			return strings.ToLower(strings.TrimSpace(value)), true
		}
	}
	return "", false
}

// codec is which of ours the format is, and how well it names what publishers
// send: they are held to H.264 constrained baseline, with 42e0 (RFC 6184 §8.1).
// Rank 0 is none.
func (f *format) codec(audio bool) (packet.Codec, int) {
	switch encoding := strings.ToLower(f.encoding); {
	case audio && encoding == "opus/48000/2":
		return packet.Opus, 1
	case !audio && encoding == "vp8/90000":
		return packet.VP8, 1
	case !audio && encoding == "h264/90000":
		return packet.H264, f.rankH264()
	}
	return 0, 0
}

func (f *format) rankH264() int {
	profile, _ := f.param("profile-level-id")
	if mode, _ := f.param("packetization-mode"); mode != "1" || len(profile) != 6 || !hexadecimal(profile) {
		return 0
	}
	switch profile[:4] {
	case "42e0":
		return 3
	case "42c0":
		return 2
	case "4200":
		return 1
	}
	return 0
}

// choose takes the best format of each codec, and the RTX of each, in the
// order of the offer. RTX without NACK would never be used.
func choose(l *bundleLine, repair bool) []choice {
	best := map[packet.Codec]format{}
	ranks := map[packet.Codec]int{}
	for _, f := range l.formats {
		if codec, rank := f.codec(l.audio()); rank > ranks[codec] {
			best[codec], ranks[codec] = f, rank
		}
	}
	var chosen []choice
	repaired := map[packet.Codec]bool{}
	for _, f := range l.formats {
		if codec, rank := f.codec(l.audio()); rank > 0 && best[codec].number == f.number {
			chosen = append(chosen, choice{format: f, codec: codec})
		}
		if codec := f.repairs(best); codec != 0 && repair && !repaired[codec] {
			repaired[codec] = true
			chosen = append(chosen, choice{format: f, repair: codec})
		}
	}
	return chosen
}

// repairs tells of which of the chosen formats this one is the RTX.
func (f *format) repairs(best map[packet.Codec]format) packet.Codec {
	apt, ok := f.param("apt")
	name, clock, _ := strings.Cut(strings.ToLower(f.encoding), "/")
	if !ok || name != "rtx" {
		return 0
	}
	for codec, main := range best {
		if main.number == apt && slices.Contains(main.feedback, "nack") && clock == strconv.Itoa(int(codec.ClockRate())) {
			return codec
		}
	}
	return 0
}

func numbers(chosen []choice) string {
	var b strings.Builder
	for i := range chosen {
		b.WriteString(" " + chosen[i].format.number)
	}
	return b.String()
}

func writeFormats(w *writer, chosen []choice) {
	for i := range chosen {
		c := &chosen[i]
		f := &c.format
		if f.encoding != "" {
			w.line("a=rtpmap:", f.number, " ", f.encoding)
		}
		for _, feedback := range c.feedback() {
			w.line("a=rtcp-fb:", f.number, " ", feedback)
		}
		if params := c.params(); len(params) > 0 {
			w.line("a=fmtp:", f.number, " ", strings.Join(params, ";"))
		}
	}
}

// feedback is what of ours the offer has too, in our order.
func (c *choice) feedback() []string {
	var both []string
	for _, f := range feedbacks {
		if c.codec != 0 && slices.Contains(c.format.feedback, f) {
			both = append(both, f)
		}
	}
	return both
}

// kept are the parameters that mean something from who sends: what kind of
// stream this is. Those of VP8 are limits of a receiver, which we are not.
var kept = map[packet.Codec][]string{
	packet.Opus: {"minptime", "useinbandfec", "stereo", "usedtx"},
	packet.H264: {"level-asymmetry-allowed", "packetization-mode", "profile-level-id"},
}

func (c *choice) params() []string {
	if c.repair != 0 {
		apt, _ := c.format.param("apt")
		return []string{"apt=" + apt}
	}
	var list []string
	for _, key := range kept[c.codec] {
		if value, ok := c.format.param(key); ok && token(value) {
			list = append(list, key+"="+value)
		}
	}
	return list
}

func negotiate(chosen []choice) Negotiated {
	n := Negotiated{Types: map[packet.Codec]uint8{}, Repair: map[packet.Codec]uint8{}}
	for i := range chosen {
		c := &chosen[i]
		if c.repair != 0 {
			n.Repair[c.repair] = c.format.kind
			continue
		}
		n.Types[c.codec] = c.format.kind
		feedback := c.feedback()
		n.Nack = n.Nack || slices.Contains(feedback, "nack")
		n.PLI = n.PLI || slices.Contains(feedback, "nack pli")
		n.FIR = n.FIR || slices.Contains(feedback, "ccm fir")
	}
	return n
}

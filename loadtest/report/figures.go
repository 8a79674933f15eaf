package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Figure says what a number means.
type Figure struct {
	Name, Unit, Means string
}

// Catalogue is every figure, in the order of the table. A name that ends in « . » stands for a family: refused.server-full.
var Catalogue = []Figure{
	{"viewers", "", "viewers connected at the end of the measured time"},
	{"joined", "", "joins that ended with a connection"},
	{"failed", "", "joins without a connection, or without a complete keyframe in the time allowed"},
	{"failed.silent", "", "of those, the ones the server did not refuse in words"},
	{"refused", "", "joins the server refused"},
	{"refused.", "", "joins the server refused with this code"},
	{"ended", "", "viewers told to go by the server, or left by it"},
	{"join.p50", "ms", "from the post of the offer to the first complete keyframe, half of the viewers"},
	{"join.p95", "ms", "the same, 95 % of the viewers"},
	{"join.p99", "ms", "the same, 99 % of the viewers"},
	{"join.max", "ms", "the same, all of them"},
	{"answer.p50", "ms", "from the post of the offer to the answer, half"},
	{"answer.p95", "ms", "the same, 95 %"},
	{"connected.p95", "ms", "from the post of the offer to the end of the handshake, 95 %"},
	{"delay.p50", "ms", "from the teacher's send to the kernel's arrival at the viewer, half of the packets"},
	{"delay.p95", "ms", "the same, 95 % of the packets"},
	{"delay.p99", "ms", "the same, 99 % of the packets"},
	{"delay.max", "ms", "the same, all packets"},
	{"loss.before", "%", "packets that did not come at first"},
	{"loss.after", "%", "packets that never came, not even when asked again; what the server left out on purpose is in delivered"},
	{"delivered", "%", "of what the teacher sent of its sound and its highest picture; less where the server shed pictures, or chose smaller ones"},
	{"frames.lost", "%", "pictures that a decoder could not have shown"},
	{"freezes", "", "times a picture stood still (as browsers count)"},
	{"freezes.time", "%", "of the viewers' time with a picture that stands still"},
	{"switches", "", "changes of picture size: of layer, or of source"},
	{"sound.silent", "%", "of the viewers' time without a packet of sound for more than 200 ms"},
	{"keyframes.asked", "", "keyframes the server asked of the teacher, since the wave began to come"},
	{"packets", "/s", "media packets delivered"},
	{"rate", "Mbit/s", "media delivered (RTP, decrypted)"},
	{"cpu.core", "%", "CPU of the server; 100 is one core"},
	{"cpu.packet", "µs", "CPU of the server for each packet delivered"},
	{"cpu.gbit", "s", "CPU of the server for each gigabit delivered"},
	{"cpu.viewers", "", "viewers that one core would carry at this price"},
	{"cpu.join", "ms", "CPU of the server while the wave came, for each join (the media of that time is in it)"},
	{"wakeups.packet", "", "context switches of the server for each packet delivered"},
	{"memory.rss", "MB", "memory of the server at the end of the measured time"},
	{"memory.peak", "MB", "the most it ever had"},
	{"memory.viewer", "kB", "memory more than before anybody came, for each viewer"},
	{"memory.growth", "MB", "from the first third of the measured time to the last"},
	{"memory.left", "%", "memory more than before anybody came, once all had left"},
	{"goroutines", "", "goroutines of the server"},
	{"goroutines.viewer", "", "goroutines more than before anybody came, for each viewer"},
	{"goroutines.growth", "", "from the first third of the measured time to the last"},
	{"goroutines.left", "", "goroutines more than before anybody came, once all had left"},
	{"drops", "/s", "packets the server says it dropped"},
	{"drops.", "/s", "packets the server says it dropped for this reason"},
	{"drain.largest", "ms", "time to seal and send the largest batch of the run to everybody"},
	{"drain.packets", "", "packets of the teacher in that batch"},
	{"questions.p50", "ms", "from asking to being seen by every listener, half of the questions"},
	{"questions.p95", "ms", "the same, 95 %"},
	{"questions.p99", "ms", "the same, 99 %"},
	{"questions.asked", "", "questions asked"},
	{"questions.refused", "", "questions the server refused"},
	{"questions.lost", "", "questions that were acknowledged and not seen"},
	{"questions.doubled", "", "questions seen twice"},
	{"crowd.core", "%", "CPU of the crowd itself, its teacher included"},
	{"crowd.unread", "", "datagrams that came and found the crowd's sockets full: the crowd was too slow"},
	{"steal", "%", "of the machine's time that its host gave to others"},
}

func place(name string) int {
	exact := slices.IndexFunc(Catalogue, func(f Figure) bool { return f.Name == name })
	if exact >= 0 {
		return exact
	}
	family := slices.IndexFunc(Catalogue, func(f Figure) bool { return strings.HasSuffix(f.Name, ".") && strings.HasPrefix(name, f.Name) })
	if family >= 0 {
		return family
	}
	return len(Catalogue)
}

// Known tells whether a name is a figure's.
func Known(name string) bool { return place(name) < len(Catalogue) && !strings.HasSuffix(name, ".") }

// Describe finds what a name means.
func Describe(name string) Figure {
	at := place(name)
	if at == len(Catalogue) {
		return Figure{Name: name}
	}
	f := Catalogue[at]
	f.Name = name
	return f
}

func byCatalogue(a, b string) int {
	return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a, b))
}

// Number writes a value with three digits that matter, and none that do not.
func Number(v float64) string {
	switch abs := math.Abs(v); {
	case v == math.Trunc(v) && abs < 1e15, abs >= 100:
		return fmt.Sprintf("%.0f", v)
	case abs >= 10:
		return fmt.Sprintf("%.1f", v)
	case abs >= 0.01:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.2g", v)
}

// Value writes a value of a figure with its unit.
func Value(name string, v float64) string {
	unit := Describe(name).Unit
	if unit == "" || unit == "/s" {
		return Number(v) + unit
	}
	return Number(v) + " " + unit
}

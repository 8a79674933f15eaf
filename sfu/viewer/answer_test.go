package viewer

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pion/sdp/v3"

	"antenne/sfu/packet"
)

var update = flag.Bool("update", false, "write testdata/answers anew")

const ourPrint = "sha-256 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F"

var ours = Transport{
	Local:       Credentials{Ufrag: "ours", Password: "0123456789abcdefghijkl"},
	Fingerprint: ourPrint,
	Candidates: []string{
		"a=candidate:1 1 udp 2130706431 192.0.2.7 7882 typ host",
		"candidate:2 1 udp 2130706175 2001:db8::7 7882 typ host",
		"a=end-of-candidates",
	},
}

func readFile(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func parseSDP(t testing.TB, text string) *sdp.SessionDescription {
	t.Helper()
	d := &sdp.SessionDescription{}
	if err := d.UnmarshalString(text); err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	return d
}

// plansFor sends on every line, as the five slots of our pages or as a
// programme.
func plansFor(d *sdp.SessionDescription) []Plan {
	tracks := []string{"voice", "camera", "slides", "guest-voice", "guest-camera"}
	plans := make([]Plan, len(d.MediaDescriptions))
	for i := range plans {
		group := "mediator"
		if i > 2 {
			group = "guest"
		}
		plans[i] = Plan{Send: true, Group: group, Track: tracks[i%len(tracks)], SSRC: uint32(1000 + i)}
		if d.MediaDescriptions[i].MediaName.Media == "video" {
			plans[i].RTX = uint32(2000 + i)
		}
	}
	return plans
}

var version = regexp.MustCompile(`(?m)^o=- (\d+) \d+ `)

func TestAnswers(t *testing.T) {
	files, err := filepath.Glob("testdata/offers/*.sdp")
	if err != nil || len(files) < 8 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			offer := parseSDP(t, readFile(t, "offers/"+name))
			plans := plansFor(offer)
			answer, negotiated, err := Answer(offer, plans, ours)
			if err != nil {
				t.Fatal(err)
			}
			checkAnswer(t, offer, plans, answer, negotiated)
			text := strings.ReplaceAll(version.ReplaceAllString(answer, "o=- $1 VERSION "), "\r\n", "\n")
			golden := filepath.Join("testdata", "answers", name)
			if *update {
				if err := os.WriteFile(golden, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want := readFile(t, "answers/"+name); text != want {
				t.Errorf("answered:\n%s\nwant:\n%s", text, want)
			}
		})
	}
}

// types says a Negotiated in one line: "opus=111", "VP8=96/97 H264=108/109".
func types(n Negotiated) string {
	var all []string
	for _, codec := range []packet.Codec{packet.Opus, packet.VP8, packet.H264} {
		kind, ok := n.Types[codec]
		if !ok {
			continue
		}
		text := fmt.Sprintf("%s=%d", codec, kind)
		if repair, ok := n.Repair[codec]; ok {
			text += fmt.Sprintf("/%d", repair)
		}
		all = append(all, text)
	}
	for name, on := range map[string]bool{"nack": n.Nack, "pli": n.PLI, "fir": n.FIR} {
		if on {
			all = append(all, name)
		}
	}
	slices.Sort(all[len(n.Types):])
	return strings.Join(all, " ")
}

// The payload types are the viewer's, the repair points at the right one.
func TestPayloadTypesOfEachPlayer(t *testing.T) {
	for name, want := range map[string][2]string{
		"chromium-five":      {"opus=111", "VP8=96/97 H264=108/109 fir nack pli"},
		"chromium-one":       {"opus=111", "VP8=96/97 H264=108/109 fir nack pli"},
		"firefox-five":       {"opus=109", "VP8=120/124 fir nack pli"},
		"firefox-one":        {"opus=109", "VP8=120/124 fir nack pli"},
		"firefox-h264-one":   {"opus=109", "VP8=120/124 H264=126/127 fir nack pli"},
		"safari-five":        {"opus=111", "VP8=106/107 H264=98/99 fir nack pli"},
		"gstreamer-one":      {"opus=96", "VP8=97/99 H264=98 fir nack pli"},
		"libdatachannel-one": {"opus=111", "H264=96 nack pli"},
		"pion-five":          {"opus=111", "VP8=96/97 H264=106/107 fir nack pli"},
	} {
		offer := parseSDP(t, readFile(t, "offers/"+name+".sdp"))
		_, negotiated, err := Answer(offer, plansFor(offer), ours)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for i, m := range offer.MediaDescriptions {
			which := 0
			if m.MediaName.Media == "video" {
				which = 1
			}
			if got := types(negotiated[i]); got != want[which] {
				t.Errorf("%s, line %d: %s, want %s", name, i, got, want[which])
			}
		}
	}
}

// checkAnswer holds an answer to what any player may count on. It is what the
// fuzzer checks too.
func checkAnswer(t testing.TB, offer *sdp.SessionDescription, plans []Plan, text string, negotiated []Negotiated) {
	t.Helper()
	answer := parseSDP(t, text)
	if len(answer.MediaDescriptions) != len(plans) || len(negotiated) != len(plans) {
		t.Fatalf("%d lines answered for %d", len(answer.MediaDescriptions), len(plans))
	}
	if _, lite := answer.Attribute("ice-lite"); !lite {
		t.Error("not ice-lite")
	}
	var accepted []string
	withCandidates := 0
	for i, m := range answer.MediaDescriptions {
		checkLine(t, offer.MediaDescriptions[i], m)
		mid, _ := m.Attribute("mid")
		if m.MediaName.Port.Value == 0 {
			if len(m.Attributes) != 2 || !has(m, "inactive", "") || len(negotiated[i].Types) > 0 {
				t.Errorf("rejected line %d says more: %v", i, m.Attributes)
			}
			continue
		}
		accepted = append(accepted, mid)
		withCandidates += len(valuesOf(m.Attributes, "end-of-candidates"))
		checkPath(t, m)
		checkStreams(t, m, &plans[i], &negotiated[i])
	}
	if withCandidates != 1 {
		t.Errorf("candidates in %d lines", withCandidates)
	}
	group, grouped := answer.Attribute("group")
	if listed := strings.Fields(strings.TrimPrefix(group, "BUNDLE")); grouped && !sameSet(listed, accepted) {
		t.Errorf("group %q, accepted %q", group, accepted)
	}
}

// checkLine: kind, name, protocol and formats are from the offer's line, in
// its order, and nothing is said of other formats.
func checkLine(t testing.TB, offered, m *sdp.MediaDescription) {
	t.Helper()
	if m.MediaName.Media != offered.MediaName.Media || !slices.Equal(m.MediaName.Protos, offered.MediaName.Protos) {
		t.Errorf("answered %s for %s", &m.MediaName, &offered.MediaName)
	}
	theirs, _ := offered.Attribute("mid")
	if mid, _ := m.Attribute("mid"); mid != theirs {
		t.Errorf("mid %q for %q", mid, theirs)
	}
	last := -1
	for _, f := range m.MediaName.Formats {
		at := slices.Index(offered.MediaName.Formats, f)
		if at <= last {
			t.Errorf("format %s is not in the offer, or not in its order", f)
		}
		last = at
	}
	for _, a := range m.Attributes {
		format, _, _ := strings.Cut(a.Value, " ")
		switch a.Key {
		case "rtpmap", "rtcp-fb", "fmtp":
			if !slices.Contains(m.MediaName.Formats, format) {
				t.Errorf("%s of a format that is not listed: %s", a.Key, a.Value)
			}
		case "extmap", "extmap-allow-mixed":
			t.Errorf("a header extension is accepted: %s", a.Value)
		}
	}
}

func checkPath(t testing.TB, m *sdp.MediaDescription) {
	t.Helper()
	for _, a := range [][2]string{
		{"ice-ufrag", ours.Local.Ufrag}, {"ice-pwd", ours.Local.Password}, {"fingerprint", ourPrint},
		{"setup", "passive"}, {"rtcp-mux", ""},
	} {
		if !has(m, a[0], a[1]) {
			t.Errorf("no %s %s", a[0], a[1])
		}
	}
}

// checkStreams: a sending line announces its stream, and its repair where, and
// only where, a repair format was negotiated.
func checkStreams(t testing.TB, m *sdp.MediaDescription, p *Plan, n *Negotiated) {
	t.Helper()
	ssrcs := map[string]bool{}
	for _, v := range valuesOf(m.Attributes, "ssrc") {
		ssrc, _, _ := strings.Cut(v, " ")
		ssrcs[ssrc] = true
	}
	fid := valuesOf(m.Attributes, "ssrc-group")
	if !p.Send {
		if !has(m, "inactive", "") || len(ssrcs)+len(fid) > 0 || len(n.Types) > 0 {
			t.Errorf("a line that carries nothing announces streams")
		}
		return
	}
	want := map[string]bool{decimal(p.SSRC): true}
	var group []string
	if len(n.Repair) > 0 {
		want[decimal(p.RTX)] = true
		group = []string{"FID " + decimal(p.SSRC) + " " + decimal(p.RTX)}
	}
	if !has(m, "sendonly", "") || !maps.Equal(ssrcs, want) || !slices.Equal(fid, group) || !has(m, "msid", p.Group+" "+p.Track) {
		t.Errorf("streams %v %v, want %v %v", ssrcs, fid, want, group)
	}
	listed := map[string]string{}
	for _, v := range valuesOf(m.Attributes, "rtpmap") {
		format, encoding, _ := strings.Cut(v, " ")
		listed[format] = strings.ToLower(encoding)
	}
	if len(n.Types) == 0 || len(listed) != len(n.Types)+len(n.Repair) || len(listed) != len(m.MediaName.Formats) {
		t.Errorf("%d formats for %s", len(listed), types(*n))
	}
	for codec, kind := range n.Types {
		if name, _, _ := strings.Cut(listed[strconv.Itoa(int(kind))], "/"); name != strings.ToLower(codec.String()) {
			t.Errorf("%s is said to be %d, which is %q", codec, kind, name)
		}
	}
	for codec, kind := range n.Repair {
		if !has(m, "fmtp", fmt.Sprintf("%d apt=%d", kind, n.Types[codec])) {
			t.Errorf("the repair of %s does not point at it", codec)
		}
	}
}

func has(m *sdp.MediaDescription, key, value string) bool {
	return slices.Contains(valuesOf(m.Attributes, key), value)
}

func sameSet(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

// edit is an offer changed by pairs of old and new text; each must be there.
func edit(t *testing.T, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("no %q in the offer", pairs[i])
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	return text
}

func TestLinesThatCarryNothing(t *testing.T) {
	offer := parseSDP(t, readFile(t, "offers/chromium-five.sdp"))
	plans := plansFor(offer)
	plans[1].Send = false
	offer.MediaDescriptions[3].MediaName.Port.Value = 0
	offer.MediaDescriptions[3].Attributes = slices.DeleteFunc(offer.MediaDescriptions[3].Attributes,
		func(a sdp.Attribute) bool { return a.Key == "bundle-only" })
	plans[3] = Plan{Rejected: true}
	plans[4] = Plan{} // neither: inactive
	answer, negotiated, err := Answer(offer, plans, ours)
	if err != nil {
		t.Fatal(err)
	}
	checkAnswer(t, offer, plans, answer, negotiated)
	d := parseSDP(t, answer)
	if group, _ := d.Attribute("group"); group != "BUNDLE 0 1 2 4" {
		t.Errorf("group %q", group)
	}
	for i, port := range []int{9, 9, 9, 0, 9} {
		if got := d.MediaDescriptions[i].MediaName.Port.Value; got != port {
			t.Errorf("line %d has port %d, want %d", i, got, port)
		}
	}
}

// A line that carries nothing may hold none of our codecs; it may even be the
// one that holds the transport.
func TestInactiveLineWithForeignCodecs(t *testing.T) {
	offer := parseSDP(t, edit(t, readFile(t, "offers/libdatachannel-one.sdp"), "opus/48000/2", "speex/8000"))
	plans := plansFor(offer)
	if _, _, err := Answer(offer, plans, ours); !errors.Is(err, ErrCodec) {
		t.Errorf("sound without a codec: %v", err)
	}
	plans[0] = Plan{}
	answer, negotiated, err := Answer(offer, plans, ours)
	if err != nil {
		t.Fatal(err)
	}
	checkAnswer(t, offer, plans, answer, negotiated)
	sound := parseSDP(t, answer).MediaDescriptions[0]
	if !has(sound, "rtpmap", "111 speex/8000") || len(valuesOf(sound.Attributes, "candidate")) != 2 {
		t.Errorf("sound is answered:\n%s", answer)
	}
}

func TestWhichFormatIsChosen(t *testing.T) {
	one := readFile(t, "offers/chromium-one.sdp")
	for name, c := range map[string]struct{ offer, want string }{
		"constrained baseline by flags": {edit(t, one, "mode=1;profile-level-id=42e01f", "mode=1;profile-level-id=64001f", "profile-level-id=4d001f", "profile-level-id=42C01F"), "VP8=96/97 H264=116/117 fir nack pli"},
		"plain baseline":                {edit(t, one, "mode=1;profile-level-id=42e01f", "mode=1;profile-level-id=64001f"), "VP8=96/97 H264=102/103 fir nack pli"},
		"single NAL units alone":        {edit(t, one, "packetization-mode=1", "packetization-mode=0"), "VP8=96/97 fir nack pli"},
		"no level":                      {edit(t, one, "profile-level-id=", "x="), "VP8=96/97 fir nack pli"},
		"no repair":                     {edit(t, one, "rtx/90000", "ulpfec/90000"), "VP8=96 H264=108 fir nack pli"},
		"a repair of another clock":     {edit(t, one, "a=rtpmap:97 rtx/90000", "a=rtpmap:97 rtx/8000"), "VP8=96 H264=108/109 fir nack pli"},
		"repair without NACK":           {edit(t, one, "a=rtcp-fb:96 nack\r\n", "", "a=rtcp-fb:108 nack\r\n", ""), "VP8=96 H264=108 fir pli"},
		"feedback for all formats":      {edit(t, regexp.MustCompile(`(?m)^a=rtcp-fb:.*\r\n`).ReplaceAllString(one, ""), "a=rtpmap:96 VP8", "a=rtcp-fb:* nack\r\na=rtpmap:96 VP8"), "VP8=96/97 H264=108/109 nack"},
		"a type that looks like RTCP":   {edit(t, one, " 96 97 ", " 72 73 ", ":96 ", ":72 ", ":97 ", ":73 ", "apt=96", "apt=72"), "H264=108/109 fir nack pli"},
		"a type that is not listed":     {edit(t, one, "SAVPF 96 97 ", "SAVPF "), "H264=108/109 fir nack pli"},
		"no number":                     {edit(t, one, " 96 97 ", " VP8 97 ", ":96 ", ":VP8 "), "H264=108/109 fir nack pli"},
	} {
		offer := parseSDP(t, c.offer)
		plans := plansFor(offer)
		answer, negotiated, err := Answer(offer, plans, ours)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		checkAnswer(t, offer, plans, answer, negotiated)
		if got := types(negotiated[1]); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestNoRepairUnlessPlanned(t *testing.T) {
	offer := parseSDP(t, readFile(t, "offers/chromium-one.sdp"))
	plans := plansFor(offer)
	plans[1].RTX = 0
	answer, negotiated, err := Answer(offer, plans, ours)
	if err != nil {
		t.Fatal(err)
	}
	checkAnswer(t, offer, plans, answer, negotiated)
	if got := types(negotiated[1]); got != "VP8=96 H264=108 fir nack pli" {
		t.Error(got)
	}
}

// The tagged line of the answer is the first of the offer's group, wherever it
// stands (RFC 9143 §7.3).
func TestOrderOfTheGroup(t *testing.T) {
	offer := parseSDP(t, edit(t, readFile(t, "offers/chromium-one.sdp"), "BUNDLE 0 1", "BUNDLE 1 0"))
	answer, _, err := Answer(offer, plansFor(offer), ours)
	if err != nil {
		t.Fatal(err)
	}
	d := parseSDP(t, answer)
	if group, _ := d.Attribute("group"); group != "BUNDLE 1 0" {
		t.Errorf("group %q", group)
	}
	if n := len(valuesOf(d.MediaDescriptions[1].Attributes, "candidate")); n != 2 {
		t.Errorf("%d candidates in the tagged line", n)
	}
}

// A strict offer has the path's attributes in its first line alone (RFC 9143 §7.1.3).
func TestAttributesOfTheTaggedLineCountForAll(t *testing.T) {
	text := readFile(t, "offers/gstreamer-one.sdp")
	at := strings.Index(text, "m=video")
	bare := regexp.MustCompile(`(?m)^a=(setup|ice-.*|rtcp-mux|rtcp-mux-only|rtcp-rsize|fingerprint)(:.*)?\r\n`)
	offer := parseSDP(t, text[:at]+bare.ReplaceAllString(text[at:], ""))
	plans := plansFor(offer)
	answer, negotiated, err := Answer(offer, plans, ours)
	if err != nil {
		t.Fatal(err)
	}
	checkAnswer(t, offer, plans, answer, negotiated)
	if m := parseSDP(t, answer).MediaDescriptions[1]; !has(m, "rtcp-rsize", "") || m.MediaName.Port.Value != 9 {
		t.Errorf("picture:\n%s", answer)
	}
}

func TestOneLineNeedsNoGroup(t *testing.T) {
	text := readFile(t, "offers/libdatachannel-one.sdp")
	text = edit(t, text[:strings.Index(text, "m=video")], "a=group:BUNDLE audio video\r\n", "")
	offer := parseSDP(t, text)
	plans := plansFor(offer)
	answer, negotiated, err := Answer(offer, plans, ours)
	if err != nil {
		t.Fatal(err)
	}
	checkAnswer(t, offer, plans, answer, negotiated)
	if strings.Contains(answer, "BUNDLE") {
		t.Error("a group that was not offered")
	}
}

func TestOffersThatOnePathCannotCarry(t *testing.T) {
	one := readFile(t, "offers/chromium-one.sdp")
	for name, c := range map[string]struct {
		offer string
		plan  func([]Plan)
	}{
		"no BUNDLE":                {edit(t, one, "a=group:BUNDLE 0 1\r\n", ""), nil},
		"picture outside BUNDLE":   {edit(t, one, "BUNDLE 0 1", "BUNDLE 0"), nil},
		"two groups":               {edit(t, one, "a=group:BUNDLE 0 1\r\n", "a=group:BUNDLE 0\r\na=group:BUNDLE 1\r\n"), nil},
		"a line in BUNDLE twice":   {edit(t, one, "BUNDLE 0 1", "BUNDLE 0 1 0"), nil},
		"BUNDLE of a strange line": {edit(t, one, "BUNDLE 0 1", "BUNDLE 0 1 2"), nil},
		"no rtcp-mux":              {edit(t, one, "a=rtcp-mux\r\n", ""), nil},
		"no mid":                   {edit(t, one, "a=mid:1\r\n", ""), nil},
		"mid twice":                {edit(t, one, "a=mid:1\r\n", "a=mid:0\r\n"), nil},
		"mid of two words":         {edit(t, one, "a=mid:1\r\n", "a=mid:1 2\r\n"), nil},
		"no formats":               {edit(t, one, "SAVPF 111 63 9 0 8 13 110 126", "SAVPF"), nil},
		"a strange format":         {edit(t, one, "SAVPF 111 63", "SAVPF 111 6\x9e3"), nil},
		"all lines rejected":       {edit(t, one, "m=audio 9", "m=audio 0", "m=video 9", "m=video 0"), nil},
		"sends on a rejected line": {edit(t, one, "m=video 9", "m=video 0"), nil},
		"transport rejected":       {one, func(p []Plan) { p[0] = Plan{Rejected: true} }},
		"a name of two lines":      {one, func(p []Plan) { p[0].Group = "a\r\nb" }},
	} {
		offer := parseSDP(t, c.offer)
		plans := plansFor(offer)
		if c.plan != nil {
			c.plan(plans)
		}
		if answer, _, err := Answer(offer, plans, ours); err == nil {
			t.Errorf("%s is answered:\n%s", name, answer)
		}
	}
	offer := parseSDP(t, one)
	if _, _, err := Answer(offer, plansFor(offer)[:1], ours); err == nil {
		t.Error("a line without a plan is answered")
	}
}

// Two answers of one session are versions of one description (RFC 8866 §5.2).
func TestSessionNumberStays(t *testing.T) {
	offer := parseSDP(t, readFile(t, "offers/chromium-one.sdp"))
	plans := plansFor(offer)
	number := func() string {
		answer, _, err := Answer(offer, plans, ours)
		if err != nil {
			t.Fatal(err)
		}
		return version.FindStringSubmatch(answer)[1]
	}
	first := number()
	if again := number(); again != first {
		t.Errorf("session %s, then %s", first, again)
	}
	plans[0].SSRC++
	if other := number(); other == first {
		t.Error("another session has the same number")
	}
}

func TestReadTransport(t *testing.T) {
	for _, name := range []string{"chromium-five", "firefox-five", "safari-five", "gstreamer-one", "libdatachannel-one", "pion-five"} {
		text := readFile(t, "offers/"+name+".sdp")
		c, fingerprints, err := ReadTransport(parseSDP(t, text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, want := range []string{"a=ice-ufrag:" + c.Ufrag + "\r\n", "a=ice-pwd:" + c.Password + "\r\n", "a=fingerprint:sha-256 " + fingerprints[0].Value + "\r\n"} {
			if !strings.Contains(text, want) || len(fingerprints) != 1 {
				t.Errorf("%s: read %q", name, want)
			}
		}
	}
}

func TestTransportOfTheTaggedLine(t *testing.T) {
	text := readFile(t, "offers/chromium-one.sdp")
	at := strings.Index(text, "m=video")
	own := regexp.MustCompile(`(?m)^a=(ice-ufrag|ice-pwd):.*\r\n`).ReplaceAllString(text[at:], "a=$1:video+/video+/video+/video+/\r\n")
	offer := parseSDP(t, edit(t, text[:at], "BUNDLE 0 1", "BUNDLE 1 0")+own)
	c, _, err := ReadTransport(offer)
	if err != nil || c.Ufrag != "video+/video+/video+/video+/" {
		t.Errorf("%v, %v", c, err)
	}
}

func TestFingerprints(t *testing.T) {
	text := readFile(t, "offers/libdatachannel-one.sdp")
	at := strings.Index(text, "a=fingerprint:")
	end := at + strings.Index(text[at:], "\r\n") + 2
	with := func(lines ...string) *sdp.SessionDescription {
		var b strings.Builder
		for _, l := range lines {
			b.WriteString("a=fingerprint:" + l + "\r\n")
		}
		return parseSDP(t, text[:at]+b.String()+text[end:])
	}
	colons := func(digits string, n int) string { return strings.TrimSuffix(strings.Repeat(digits+":", n), ":") }
	for name, c := range map[string]struct {
		lines []string
		want  []Fingerprint
	}{
		"sha-256, small letters":  {[]string{"SHA-256 " + colons("ab", 32)}, []Fingerprint{{"sha-256", colons("AB", 32)}}},
		"three":                   {[]string{"sha-384 " + colons("01", 48), "sha-1 " + colons("02", 20), "sha-512 " + colons("03", 64)}, []Fingerprint{{"sha-384", colons("01", 48)}, {"sha-512", colons("03", 64)}}},
		"sha-1 alone":             {[]string{"sha-1 " + colons("02", 20)}, nil},
		"none":                    {nil, nil},
		"too short":               {[]string{"sha-256 " + colons("AB", 31)}, nil},
		"no hexadecimal":          {[]string{"sha-256 " + colons("AG", 32)}, nil},
		"colons elsewhere":        {[]string{"sha-256 " + strings.Replace(colons("AB", 32), "B:A", ":BA", 1)}, nil},
		"a bad one beside a good": {[]string{"sha-256 " + colons("AB", 32), "sha-512 AB"}, nil},
		"very many":               {slices.Repeat([]string{"sha-256 " + colons("AB", 32)}, maxFingerprints+1), nil},
	} {
		_, got, err := ReadTransport(with(c.lines...))
		if !slices.Equal(got, c.want) || (err == nil) != (c.want != nil) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestTransportsThatAreRefused(t *testing.T) {
	one := readFile(t, "offers/libdatachannel-one.sdp")
	long := strings.Repeat("a", 257)
	for name, text := range map[string]string{
		"no ufrag":           edit(t, one, "a=ice-ufrag:Ld9c\r\n", ""),
		"short ufrag":        edit(t, one, "ice-ufrag:Ld9c", "ice-ufrag:Ld9"),
		"long ufrag":         edit(t, one, "ice-ufrag:Ld9c", "ice-ufrag:"+long),
		"strange ufrag":      edit(t, one, "ice-ufrag:Ld9c", "ice-ufrag:Ld9:"),
		"short password":     edit(t, one, "kLmNoPqRsTuVwXyZ01234567", "kLmNoPqRsTuVwXyZ01234"),
		"long password":      edit(t, one, "kLmNoPqRsTuVwXyZ01234567", long),
		"strange password":   edit(t, one, "kLmNoPqRsTuVwXyZ01234567", "kLmNoPqRsTuVwXyZ0123456é"),
		"a DTLS server":      edit(t, one, "setup:actpass", "setup:passive"),
		"on hold":            edit(t, one, "setup:actpass", "setup:holdconn"),
		"no BUNDLE":          edit(t, one, "a=group:BUNDLE audio video\r\n", ""),
		"nothing but a line": "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n",
	} {
		if c, _, err := ReadTransport(parseSDP(t, text)); err == nil {
			t.Errorf("%s: read %q", name, c.Ufrag)
		}
	}
	for name, text := range map[string]string{
		"active": edit(t, one, "setup:actpass", "setup:active"),
		"unsaid": edit(t, one, "a=setup:actpass\r\n", ""),
	} {
		if _, _, err := ReadTransport(parseSDP(t, text)); err != nil {
			t.Errorf("setup %s: %v", name, err)
		}
	}
}

// fuzzOffer is a known offer with some lines cut out at a place and others put
// there, so that most inputs are still SDP; or the text itself.
func fuzzOffer(offers []string, which uint8, at uint16, cut uint8, text string) (*sdp.SessionDescription, bool) {
	if int(which) < len(offers) {
		lines := strings.SplitAfter(offers[which], "\n")
		at := int(at) % len(lines)
		end := min(at+int(cut)%4, len(lines))
		text = strings.Join(lines[:at], "") + text + "\r\n" + strings.Join(lines[end:], "")
	}
	d := &sdp.SessionDescription{}
	return d, d.UnmarshalString(text) == nil
}

func fuzzOffers(f *testing.F) []string {
	files, err := filepath.Glob("testdata/offers/*.sdp")
	if err != nil || len(files) == 0 {
		f.Fatalf("no offers: %v", err)
	}
	var offers []string
	for _, file := range files {
		offers = append(offers, readFile(f, "offers/"+filepath.Base(file)))
	}
	return offers
}

// seeds are lines to put into an offer.
var seeds = []string{
	"", "a=mid:0", "a=group:BUNDLE 1 0 2", "a=group:BUNDLE audio0", "m=video 0 UDP/TLS/RTP/SAVPF 96 97 72", "m=audio 9 UDP/TLS/RTP/SAVPF 0",
	"a=rtpmap:96 H264/90000", "a=fmtp:96 apt=96;packetization-mode=1;profile-level-id=42e01f", "a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96",
	"a=rtcp-fb:* nack", "a=bundle-only", "a=ice-ufrag:abcd", "a=ice-pwd:abcdefghijklmnopqrstuv", "a=setup:active", "a=fingerprint:sha-256 00",
}

// FuzzAnswer: whatever is offered and planned, an answer that is given parses
// again and lists nothing that the offer did not have.
func FuzzAnswer(f *testing.F) {
	offers := fuzzOffers(f)
	for i, seed := range seeds {
		f.Add(uint8(i%len(offers)), uint16(i*7), uint8(i), seed, uint16(i*37))
	}
	f.Add(uint8(255), uint16(0), uint8(0), offers[0], uint16(0))
	f.Fuzz(func(t *testing.T, which uint8, at uint16, cut uint8, text string, pattern uint16) {
		offer, ok := fuzzOffer(offers, which, at, cut, text)
		if !ok || len(offer.MediaDescriptions) > 8 {
			return
		}
		plans := plansFor(offer)
		for i := range plans {
			plans[i].Send = pattern>>(2*i)&1 == 0
			plans[i].Rejected = pattern>>(2*i)&3 == 3
			if pattern&(1<<15) != 0 {
				plans[i].RTX = 0
			}
		}
		answer, negotiated, err := Answer(offer, plans, ours)
		if err == nil {
			checkAnswer(t, offer, plans, answer, negotiated)
		}
	})
}

// FuzzReadTransport: what is read can be used.
func FuzzReadTransport(f *testing.F) {
	offers := fuzzOffers(f)
	for i, seed := range seeds {
		f.Add(uint8(i%len(offers)), uint16(i*7), uint8(i), seed)
	}
	f.Fuzz(func(t *testing.T, which uint8, at uint16, cut uint8, text string) {
		offer, ok := fuzzOffer(offers, which, at, cut, text)
		if !ok {
			return
		}
		c, fingerprints, err := ReadTransport(offer)
		if err != nil {
			return
		}
		if len(c.Ufrag) < 4 || len(c.Password) < 22 || len(fingerprints) == 0 || len(fingerprints) > maxFingerprints {
			t.Errorf("read %q, %q, %v", c.Ufrag, c.Password, fingerprints)
		}
		for _, p := range fingerprints {
			if len(p.Value) != hashSizes[p.Algorithm]*3-1 {
				t.Errorf("read %v", p)
			}
		}
	})
}

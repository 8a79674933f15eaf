package sfu

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"
)

const (
	maxOfferBytes = 64 << 10
	maxLines      = 8
	maxExtensions = 50 // header extensions of one line
	maxLayers     = layerCount
)

// offerLine is what we know and decide of one m-line.
type offerLine struct {
	media    *sdp.MediaDescription
	audio    bool
	rejected bool // port 0 in the offer
	sends    bool
	receives bool
	codecs   bool // at least one that we carry
	wanted   bool // decided: it will carry media
}

// offer is a client's offer, checked, on its way to Pion.
type offer struct {
	desc  *sdp.SessionDescription
	lines []offerLine
}

// readOffer checks what every offer must hold before Pion sees a byte of it.
func readOffer(o Offer) (parsed *offer, err error) {
	defer func() {
		if r := recover(); r != nil {
			parsed, err = nil, refuseFor(CodeOfferMalformed, fmt.Errorf("parser: %v", r))
		}
	}()
	switch {
	case strings.TrimSpace(string(o)) == "":
		return nil, refuse(CodeOfferEmpty)
	case len(o) > maxOfferBytes:
		return nil, refuse(CodeOfferTooLarge, "limit", strconv.Itoa(maxOfferBytes))
	}
	desc := &sdp.SessionDescription{}
	if err := desc.UnmarshalString(string(o)); err != nil {
		return nil, refuseFor(CodeOfferMalformed, fmt.Errorf("not SDP"))
	}
	return checkLines(desc)
}

func checkLines(desc *sdp.SessionDescription) (*offer, error) {
	parsed := &offer{desc: desc}
	for _, m := range desc.MediaDescriptions {
		if m.MediaName.Media == "application" {
			return nil, refuse(CodeOfferDataChannel)
		}
	}
	if len(desc.MediaDescriptions) > maxLines {
		return nil, refuse(CodeOfferTooManyLines, "limit", strconv.Itoa(maxLines))
	}
	mids := map[string]bool{}
	for _, m := range desc.MediaDescriptions {
		line, err := readLine(desc, m)
		if err != nil {
			return nil, err
		}
		mid, _ := m.Attribute("mid")
		if mid == "" || mids[mid] {
			return nil, malformed("mid missing or twice")
		}
		mids[mid] = true
		parsed.lines = append(parsed.lines, line)
	}
	if len(parsed.lines) == 0 {
		return nil, malformed("no media line")
	}
	return parsed, parsed.checkTransport()
}

func malformed(what string) *Error { return refuseFor(CodeOfferMalformed, fmt.Errorf("%s", what)) }

func readLine(desc *sdp.SessionDescription, m *sdp.MediaDescription) (offerLine, error) {
	line := offerLine{media: m, audio: m.MediaName.Media == "audio"}
	if !line.audio && m.MediaName.Media != "video" {
		return line, malformed("a line that is neither sound nor picture")
	}
	if !strings.Contains(strings.Join(m.MediaName.Protos, "/"), "RTP/SAVP") {
		return line, malformed("a line without SRTP")
	}
	if count(m.Attributes, "extmap") > maxExtensions {
		return line, malformed("too many header extensions")
	}
	if count(m.Attributes, "rid") > maxLayers {
		return line, malformed("too many layers")
	}
	_, bundled := m.Attribute("bundle-only")
	line.rejected = m.MediaName.Port.Value == 0 && !bundled
	line.sends, line.receives = direction(desc, m)
	line.codecs = hasCodec(m, line.audio)
	return line, nil
}

func count(attributes []sdp.Attribute, key string) int {
	n := 0
	for _, a := range attributes {
		if a.Key == key {
			n++
		}
	}
	return n
}

// direction of a line, sendrecv when nothing says otherwise (RFC 8866 §6.7).
func direction(desc *sdp.SessionDescription, m *sdp.MediaDescription) (sends, receives bool) {
	for _, attributes := range [][]sdp.Attribute{m.Attributes, desc.Attributes} {
		for _, a := range attributes {
			switch a.Key {
			case "sendrecv":
				return true, true
			case "sendonly":
				return true, false
			case "recvonly":
				return false, true
			case "inactive":
				return false, false
			}
		}
	}
	return true, true
}

// hasCodec tells whether one of the line's formats is one that we carry.
func hasCodec(m *sdp.MediaDescription, audio bool) bool {
	for _, a := range m.Attributes {
		if a.Key != "rtpmap" {
			continue
		}
		format, codec, _ := strings.Cut(a.Value, " ")
		name, _, _ := strings.Cut(strings.ToLower(codec), "/")
		switch {
		case audio && name == "opus", !audio && name == "vp8":
			return true
		case !audio && name == "h264" && isBaseline(parameters(m, format)):
			return true
		}
	}
	return false
}

// parameters are the fmtp parameters of one format.
func parameters(m *sdp.MediaDescription, format string) map[string]string {
	all := map[string]string{}
	for _, a := range m.Attributes {
		of, list, _ := strings.Cut(a.Value, " ")
		if a.Key != "fmtp" || of != format {
			continue
		}
		for _, p := range strings.Split(list, ";") {
			key, value, _ := strings.Cut(strings.TrimSpace(p), "=")
			all[strings.ToLower(key)] = strings.ToLower(value)
		}
	}
	return all
}

// isBaseline: fragments allowed, and one of the profiles of h264Formats.
func isBaseline(fmtp map[string]string) bool {
	profile := fmtp["profile-level-id"]
	return fmtp["packetization-mode"] == "1" && len(profile) == 6 &&
		(strings.HasPrefix(profile, "42e0") || strings.HasPrefix(profile, "42c0") || strings.HasPrefix(profile, "4200"))
}

// checkTransport: ICE credentials, a fingerprint, and a client that can be the
// DTLS client.
func (o *offer) checkTransport() error {
	for _, key := range []string{"ice-ufrag", "ice-pwd", "fingerprint"} {
		if !o.has(key) {
			return malformed("no " + key)
		}
	}
	for _, l := range o.lines {
		if setup, _ := l.media.Attribute("setup"); setup == "passive" {
			return malformed("setup passive")
		}
	}
	return nil
}

func (o *offer) has(key string) bool {
	if v, ok := o.desc.Attribute(key); ok && v != "" {
		return true
	}
	for _, l := range o.lines {
		if v, ok := l.media.Attribute(key); ok && v != "" {
			return true
		}
	}
	return false
}

// forPublisher decides which lines a source may feed: one sound, unless it is
// silent, and one picture.
func (o *offer) forPublisher(spec SourceSpec) error {
	var audio, video, away int
	for i := range o.lines {
		l := &o.lines[i]
		switch {
		case l.rejected || l.audio && spec.Silent:
			continue
		case !l.sends:
			away++
			continue
		case !l.codecs:
			return refuse(CodeOfferCodec, "kind", l.kind())
		}
		l.wanted = true
		if l.audio {
			audio++
		} else {
			video++
		}
	}
	switch {
	case away > 0 && audio+video == 0:
		return refuse(CodeOfferDirection)
	case audio > 1 || video > 1:
		return refuse(CodeOfferTooManyLines, "limit", "2")
	case video == 0:
		return refuse(CodeOfferNoVideo)
	case audio == 0 && !spec.Silent:
		return refuse(CodeOfferNoAudio)
	}
	return nil
}

// forViewer decides which lines a viewer gets: at most slots of each kind, in
// their order. A line on which it wants to send carries nothing at all.
func (o *offer) forViewer(audios, videos int) error {
	any := false
	for i := range o.lines {
		l := &o.lines[i]
		left := &videos
		if l.audio {
			left = &audios
		}
		if l.rejected || l.sends || !l.receives || *left == 0 {
			continue
		}
		if !l.codecs {
			return refuse(CodeOfferCodec, "kind", l.kind())
		}
		l.wanted, any = true, true
		*left--
	}
	if !any {
		return refuse(CodeOfferDirection)
	}
	return nil
}

func (l *offerLine) kind() string {
	if l.audio {
		return "audio"
	}
	return "video"
}

// text is the offer as Pion gets it: our decisions as directions, no candidate
// to look up or to send to, no line that waits for BUNDLE.
func (o *offer) text(wanted string) (string, error) {
	o.desc.Attributes = clean(o.desc.Attributes)
	for i := range o.lines {
		l := &o.lines[i]
		l.media.Attributes = clean(l.media.Attributes)
		way := "inactive"
		if l.wanted {
			way = wanted
		}
		l.media.WithPropertyAttribute(way)
		if l.media.MediaName.Port.Value == 0 {
			l.media.MediaName.Port.Value = 9
		}
	}
	b, err := o.desc.Marshal()
	if err != nil {
		return "", malformed("not SDP")
	}
	return string(b), nil
}

func clean(attributes []sdp.Attribute) []sdp.Attribute {
	kept := attributes[:0]
	for _, a := range attributes {
		switch a.Key {
		case "candidate", "end-of-candidates", "remote-candidates", "bundle-only",
			"sendrecv", "sendonly", "recvonly", "inactive":
		default:
			kept = append(kept, a)
		}
	}
	return kept
}

// rejected says which lines have to be answered with port 0.
func (o *offer) rejected() []bool {
	r := make([]bool, len(o.lines))
	for i := range o.lines {
		r[i] = o.lines[i].rejected
	}
	return r
}

// rids are the names of the simulcast encodings, in the order of the offer.
func (o *offer) rids() []string {
	var rids []string
	for i := range o.lines {
		for _, a := range o.lines[i].media.Attributes {
			if a.Key == "rid" {
				id, _, _ := strings.Cut(a.Value, " ")
				rids = append(rids, id)
			}
		}
	}
	return rids
}

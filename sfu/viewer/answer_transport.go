package viewer

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pion/sdp/v3"
)

// bundle is an offer as one path sees it: which lines it carries, and which of
// them holds the path's attributes (the tagged one, RFC 9143 §7.2).
type bundle struct {
	offer   *sdp.SessionDescription
	lines   []bundleLine
	order   []int // lines carried, in the order of the group
	tagged  int   // the first of them
	grouped bool  // the offer has the group
}

type bundleLine struct {
	media   *sdp.MediaDescription
	mid     string
	formats []format
	bundled bool
}

func (l *bundleLine) audio() bool   { return l.media.MediaName.Media == "audio" }
func (l *bundleLine) proto() string { return strings.Join(l.media.MediaName.Protos, "/") }

// usable: not rejected by the offer itself. Port 0 with bundle-only waits for
// BUNDLE (RFC 9143 §6).
func (l *bundleLine) usable() bool {
	_, waits := l.media.Attribute("bundle-only")
	return (l.media.MediaName.Port.Value != 0 || waits) && len(l.formats) > 0
}

// readBundle finds the path. There is one for each viewer: lines outside the
// BUNDLE group are answered with port 0, and an offer without a group may have
// one line.
func readBundle(offer *sdp.SessionDescription) (*bundle, error) {
	b := &bundle{offer: offer}
	seen := map[string]bool{}
	for _, m := range offer.MediaDescriptions {
		mid, _ := m.Attribute("mid")
		if !token(mid) || seen[mid] {
			return nil, errors.New("viewer: mid missing, twice or no token")
		}
		if all := m.MediaName.Formats; len(all) == 0 || slices.ContainsFunc(all, func(f string) bool { return !token(f) }) {
			return nil, errors.New("viewer: formats of a line")
		}
		seen[mid] = true
		b.lines = append(b.lines, bundleLine{media: m, mid: mid, formats: readFormats(m)})
	}
	if err := b.gather(); err != nil {
		return nil, err
	}
	if len(b.order) == 0 {
		return nil, errors.New("viewer: no usable line")
	}
	b.tagged = b.order[0]
	for _, i := range b.order {
		b.lines[i].bundled = true
	}
	return b, nil
}

func (b *bundle) gather() error {
	groups, err := b.groups()
	if err != nil {
		return err
	}
	if b.grouped = len(groups) > 0; !b.grouped {
		return b.gatherAlone()
	}
	for _, group := range groups {
		for _, i := range group {
			if b.lines[i].usable() {
				b.order = append(b.order, i)
			}
		}
		if len(b.order) > 0 {
			return nil
		}
	}
	return nil
}

// groups are the BUNDLE groups of the offer, as indexes of lines. A mid stands
// in one of them at most, and names a line (RFC 9143 §7.2, RFC 5888 §9.2).
func (b *bundle) groups() ([][]int, error) {
	var groups [][]int
	var taken []int
	for _, a := range b.offer.Attributes {
		fields := strings.Fields(a.Value)
		if a.Key != "group" || len(fields) == 0 || fields[0] != "BUNDLE" {
			continue
		}
		var group []int
		for _, mid := range fields[1:] {
			i := slices.IndexFunc(b.lines, func(l bundleLine) bool { return l.mid == mid })
			if i < 0 || slices.Contains(taken, i) {
				return nil, errors.New("viewer: BUNDLE names a line twice, or one that is not there")
			}
			taken = append(taken, i)
			group = append(group, i)
		}
		groups = append(groups, group)
	}
	return groups, nil
}

func (b *bundle) gatherAlone() error {
	for i := range b.lines {
		if b.lines[i].usable() && b.lines[i].media.MediaName.Port.Value != 0 {
			b.order = append(b.order, i)
		}
	}
	if len(b.order) > 1 {
		return errors.New("viewer: several lines without BUNDLE")
	}
	return nil
}

// allows tells whether one path can carry what is planned.
func (b *bundle) allows(plans []Plan) error {
	if plans[b.tagged].Rejected {
		return errors.New("viewer: the line that holds the transport cannot be rejected")
	}
	for i := range plans {
		p := &plans[i]
		switch {
		case !p.Send || p.Rejected:
		case !b.lines[i].bundled:
			return errors.New("viewer: a line to send on is rejected or outside BUNDLE")
		case !b.has(i, "rtcp-mux") && !b.has(i, "rtcp-mux-only"):
			return errors.New("viewer: no rtcp-mux")
		case !token(p.Group) || !token(p.Track):
			return errors.New("viewer: names of the stream")
		}
	}
	return nil
}

// has looks at the line, then where the path's attributes stand: a bundle-only
// line may leave them out (RFC 9143 §7.1.3).
func (b *bundle) has(i int, key string) bool {
	if _, ok := b.lines[i].media.Attribute(key); ok {
		return true
	}
	_, ok := b.lines[b.tagged].media.Attribute(key)
	return ok
}

// pathAttribute is an attribute of the path: of the tagged line, else of the
// session.
func (b *bundle) pathAttribute(key string) string {
	if v, ok := b.lines[b.tagged].media.Attribute(key); ok {
		return v
	}
	v, _ := b.offer.Attribute(key)
	return v
}

// ReadTransport reads the viewer's end of the path: its ICE credentials, and
// the fingerprints of which its certificate must match one. It must be able to
// be the DTLS client. Other lines of the bundle may name paths of their own
// (max-compat); those are given up with the answer.
func ReadTransport(offer *sdp.SessionDescription) (Credentials, []Fingerprint, error) {
	b, err := readBundle(offer)
	if err != nil {
		return Credentials{}, nil, err
	}
	c := Credentials{Ufrag: b.pathAttribute("ice-ufrag"), Password: b.pathAttribute("ice-pwd")}
	if !iceText(c.Ufrag, 4) || !iceText(c.Password, 22) {
		return Credentials{}, nil, errors.New("viewer: ICE credentials")
	}
	switch setup := b.pathAttribute("setup"); setup {
	case "actpass", "active", "": // "": active (RFC 4145 §4)
	default:
		return Credentials{}, nil, errors.New("viewer: not a DTLS client")
	}
	fingerprints, err := b.fingerprints()
	if err != nil {
		return Credentials{}, nil, err
	}
	return c, fingerprints, nil
}

const maxFingerprints = 16

// hashSizes are the fingerprints that count, in bytes (RFC 8122 §5). Others
// may stand beside them.
var hashSizes = map[string]int{"sha-256": 32, "sha-384": 48, "sha-512": 64}

// fingerprints are the path's: those of the tagged line replace the session's
// (RFC 8122 §5).
func (b *bundle) fingerprints() ([]Fingerprint, error) {
	lines := valuesOf(b.lines[b.tagged].media.Attributes, "fingerprint")
	if len(lines) == 0 {
		lines = valuesOf(b.offer.Attributes, "fingerprint")
	}
	var good []Fingerprint
	for _, line := range lines {
		algorithm, value, _ := strings.Cut(line, " ")
		algorithm, value = strings.ToLower(algorithm), strings.ToUpper(strings.TrimSpace(value))
		size, known := hashSizes[algorithm]
		if !known {
			continue
		}
		if !isFingerprint(value, size) {
			return nil, fmt.Errorf("viewer: fingerprint %s", algorithm)
		}
		good = append(good, Fingerprint{Algorithm: algorithm, Value: value})
	}
	if len(good) == 0 || len(good) > maxFingerprints {
		return nil, errors.New("viewer: no fingerprint that counts, or too many")
	}
	return good, nil
}

func valuesOf(attributes []sdp.Attribute, key string) []string {
	var all []string
	for _, a := range attributes {
		if a.Key == key {
			all = append(all, a.Value)
		}
	}
	return all
}

// isFingerprint: so many bytes as AB:CD:…
func isFingerprint(value string, size int) bool {
	if len(value) != size*3-1 {
		return false
	}
	for i := 2; i < len(value); i += 3 {
		if value[i] != ':' {
			return false
		}
	}
	_, err := hex.DecodeString(strings.ReplaceAll(value, ":", ""))
	return err == nil && strings.Count(value, ":") == size-1
}

// iceText: ice-char, from least to 256 of them (RFC 8839 §5.4).
func iceText(s string, least int) bool {
	return len(s) >= least && len(s) <= 256 && only(s, func(c byte) bool {
		return alphanumeric(c) || c == '+' || c == '/'
	})
}

// token: RFC 8866 §9, token-char.
func token(s string) bool {
	return s != "" && only(s, func(c byte) bool {
		return alphanumeric(c) || strings.IndexByte("!#$%&'*+-.^_`{|}~", c) >= 0
	})
}

func hexadecimal(s string) bool {
	return only(s, func(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' })
}

// printable text cannot begin another line.
func printable(s string) bool { return only(s, func(c byte) bool { return c >= ' ' && c != 0x7f }) }

func only(s string, allowed func(byte) bool) bool {
	for i := range len(s) {
		if !allowed(s[i]) {
			return false
		}
	}
	return true
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

package viewer

import (
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"github.com/pion/sdp/v3"

	"antenne/sfu/packet"
)

// ErrCodec: a line that is to send offers no codec of ours.
var ErrCodec = errors.New("viewer: no codec in common")

// Plan says what one m-line of the offer gets.
type Plan struct {
	Send         bool   // else inactive
	Rejected     bool   // port 0; always so where the offer itself has port 0 without bundle-only
	Group, Track string // msid (RFC 8830); lines of one group are played in sync
	SSRC, RTX    uint32 // RTX 0: none
}

// Transport is our end of the one path that carries all lines.
type Transport struct {
	Local       Credentials
	Fingerprint string   // "sha-256 AB:CD:…"
	Candidates  []string // "candidate:…", with or without the "a="; all there will ever be
}

// Negotiated is what a sending line may carry, in the viewer's own payload
// types. It is zero for every other line.
type Negotiated struct {
	Types          map[packet.Codec]uint8
	Repair         map[packet.Codec]uint8 // RTX (RFC 4588); holds only what Types holds
	Nack, PLI, FIR bool                   // feedback that the viewer was told it may send
}

// Answer is the SDP answer to a viewer's offer: one plan for each m-line, in
// their order, and as many Negotiated back.
//
// All lines share one path (BUNDLE, RFC 9143; rtcp-mux, RFC 5761). The
// transport is that of the first member of the offer's BUNDLE group which is
// not rejected, as in ReadTransport; transport attributes are repeated in each
// accepted line, since players look for them there, the candidates in that
// first line alone. No header extension is accepted, since none is sent: lines
// are told apart by the SSRCs announced here.
func Answer(offer *sdp.SessionDescription, plans []Plan, t Transport) (string, []Negotiated, error) {
	if len(plans) != len(offer.MediaDescriptions) {
		return "", nil, fmt.Errorf("viewer: %d plans for %d lines", len(plans), len(offer.MediaDescriptions))
	}
	b, err := readBundle(offer)
	if err != nil {
		return "", nil, err
	}
	if err := b.allows(plans); err != nil {
		return "", nil, err
	}
	w := &writer{}
	b.writeSession(w, plans)
	negotiated := make([]Negotiated, len(plans))
	for i := range plans {
		if !b.lines[i].bundled || plans[i].Rejected {
			b.lines[i].reject(w)
			continue
		}
		if negotiated[i], err = b.accept(w, i, &plans[i], &t); err != nil {
			return "", nil, err
		}
	}
	return w.String(), negotiated, nil
}

// writer writes lines of SDP.
type writer struct{ strings.Builder }

func (w *writer) line(parts ...string) {
	for _, p := range parts {
		w.WriteString(p)
	}
	w.WriteString("\r\n")
}

func (b *bundle) writeSession(w *writer, plans []Plan) {
	w.line("v=0")
	w.line("o=- ", sessionNumber(plans), " ", strconv.FormatInt(time.Now().UnixMilli(), 10), " IN IP4 0.0.0.0")
	w.line("s=-")
	w.line("t=0 0")
	if b.grouped {
		w.WriteString("a=group:BUNDLE")
		for _, i := range b.order {
			if !plans[i].Rejected {
				w.WriteString(" " + b.lines[i].mid)
			}
		}
		w.line()
	}
	w.line("a=ice-lite")
}

// sessionNumber stays the same over the answers of one session, whose streams
// stay (RFC 8866 §5.2); the version beside it is the time, which grows.
func sessionNumber(plans []Plan) string {
	h := fnv.New64a()
	for i := range plans {
		_, _ = fmt.Fprint(h, plans[i].SSRC, " ")
	}
	return strconv.FormatUint(h.Sum64()>>1, 10)
}

// reject answers a line that will never be (RFC 3264 §6).
func (l *bundleLine) reject(w *writer) {
	w.line("m=", l.media.MediaName.Media, " 0 ", l.proto(), " ", l.media.MediaName.Formats[0])
	w.line("c=IN IP4 0.0.0.0")
	w.line("a=mid:", l.mid)
	w.line("a=inactive")
}

func (b *bundle) accept(w *writer, i int, p *Plan, t *Transport) (Negotiated, error) {
	l := &b.lines[i]
	chosen := choose(l, p.RTX != 0)
	if p.Send && len(chosen) == 0 {
		return Negotiated{}, fmt.Errorf("%w: %s", ErrCodec, l.media.MediaName.Media)
	}
	if len(chosen) == 0 { // it carries nothing: any format of the offer will do
		chosen = []choice{{format: l.formats[0]}}
	}
	w.line("m=", l.media.MediaName.Media, " 9 ", l.proto(), numbers(chosen))
	w.line("c=IN IP4 0.0.0.0")
	w.line("a=mid:", l.mid)
	b.writeTransport(w, i, t)
	if !p.Send {
		w.line("a=inactive")
		writeFormats(w, chosen)
		return Negotiated{}, nil
	}
	w.line("a=sendonly")
	w.line("a=msid:", p.Group, " ", p.Track)
	writeFormats(w, chosen)
	n := negotiate(chosen)
	writeStreams(w, p, len(n.Repair) > 0)
	return n, nil
}

// writeTransport: the same for each line of the bundle, but for the
// candidates. Port 9 on 0.0.0.0 beside real candidates is no mismatch (RFC
// 8839 §4.2.5).
func (b *bundle) writeTransport(w *writer, i int, t *Transport) {
	w.line("a=ice-ufrag:", t.Local.Ufrag)
	w.line("a=ice-pwd:", t.Local.Password)
	w.line("a=fingerprint:", t.Fingerprint)
	w.line("a=setup:passive")
	w.line("a=rtcp-mux")
	if b.has(i, "rtcp-rsize") {
		w.line("a=rtcp-rsize")
	}
	if i != b.tagged {
		return
	}
	for _, c := range t.Candidates {
		if c = strings.TrimPrefix(c, "a="); c != "end-of-candidates" {
			w.line("a=", c)
		}
	}
	w.line("a=end-of-candidates")
}

// writeStreams announces what the viewer will see on the line (RFC 5576). The
// canonical name is the group's: its sound and picture come from one clock.
func writeStreams(w *writer, p *Plan, repaired bool) {
	streams := []uint32{p.SSRC}
	if repaired {
		streams = append(streams, p.RTX)
		w.line("a=ssrc-group:FID ", decimal(p.SSRC), " ", decimal(p.RTX))
	}
	for _, ssrc := range streams {
		w.line("a=ssrc:", decimal(ssrc), " cname:", p.Group)
		w.line("a=ssrc:", decimal(ssrc), " msid:", p.Group, " ", p.Track)
	}
}

func decimal(n uint32) string { return strconv.FormatUint(uint64(n), 10) }

package peer

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"antenne/sfu"
	"antenne/sfu/packet"
)

// Payload types a crowd offers. A server sends with the numbers of the offer
// (RFC 8829 §5.10).
const (
	opusType    = 111
	vp8Type     = 96
	vp8Repair   = 97
	h264Type    = 102
	h264Repair  = 103
	linesOfFive = 5
)

// kinds are the lines of an offer, in order.
func kinds(five bool) []string {
	if five {
		return []string{"audio", "video", "video", "audio", "video"}
	}
	return []string{"audio", "video"}
}

// credentials of ICE (RFC 8445 §5.3).
type credentials struct{ ufrag, password string }

// describe writes an offer to receive.
func describe(five bool, local credentials, fingerprint string, id uint64) sfu.Offer {
	var b strings.Builder
	fmt.Fprintf(&b, "v=0\r\no=- %d 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE", id>>1)
	for i := range kinds(five) {
		fmt.Fprintf(&b, " %d", i)
	}
	b.WriteString("\r\na=msid-semantic: WMS\r\n")
	for i, kind := range kinds(five) {
		if kind == "audio" {
			describeSound(&b)
		} else {
			describePicture(&b)
		}
		fmt.Fprintf(&b, "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=fingerprint:sha-256 %s\r\na=setup:active\r\na=mid:%d\r\na=recvonly\r\na=rtcp-mux\r\na=rtcp-rsize\r\n",
			local.ufrag, local.password, fingerprint, i)
	}
	return sfu.Offer(b.String())
}

func describeSound(b *strings.Builder) {
	fmt.Fprintf(b, "m=audio 9 UDP/TLS/RTP/SAVPF %d\r\nc=IN IP4 0.0.0.0\r\n", opusType)
	fmt.Fprintf(b, "a=rtpmap:%d opus/48000/2\r\na=fmtp:%d minptime=10;useinbandfec=1\r\n", opusType, opusType)
}

func describePicture(b *strings.Builder) {
	fmt.Fprintf(b, "m=video 9 UDP/TLS/RTP/SAVPF %d %d %d %d\r\nc=IN IP4 0.0.0.0\r\n", vp8Type, vp8Repair, h264Type, h264Repair)
	for _, c := range []struct {
		name         string
		kind, repair int
	}{{"VP8", vp8Type, vp8Repair}, {"H264", h264Type, h264Repair}} {
		fmt.Fprintf(b, "a=rtpmap:%d %s/90000\r\n", c.kind, c.name)
		for _, feedback := range []string{"ccm fir", "nack", "nack pli"} {
			fmt.Fprintf(b, "a=rtcp-fb:%d %s\r\n", c.kind, feedback)
		}
		fmt.Fprintf(b, "a=rtpmap:%d rtx/90000\r\na=fmtp:%d apt=%d\r\n", c.repair, c.repair, c.kind)
	}
	fmt.Fprintf(b, "a=fmtp:%d level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n", h264Type)
}

// answered is what a viewer needs of an answer.
type answered struct {
	remote      credentials
	fingerprint []byte // SHA-256 of the server's certificate
	candidates  []netip.AddrPort
	lines       []answeredLine
}

// answeredLine: SSRCs are 0 where the server does not say.
type answeredLine struct {
	audio, sends bool
	ssrc, repair uint32
}

const maxCandidates = 16

// readAnswer takes the first transport of the answer: everything is bundled.
func readAnswer(answer sfu.Answer) (*answered, error) {
	a := &answered{}
	sends := true // session level default
	for line := range strings.Lines(string(answer)) {
		line = strings.TrimRight(line, "\r\n")
		if kind, ok := strings.CutPrefix(line, "m="); ok {
			port := strings.Fields(kind)
			a.lines = append(a.lines, answeredLine{audio: strings.HasPrefix(kind, "audio"), sends: sends && len(port) > 1 && port[1] != "0"})
			continue
		}
		attribute, ok := strings.CutPrefix(line, "a=")
		if !ok {
			continue
		}
		if err := a.read(attribute); err != nil {
			return nil, err
		}
	}
	switch {
	case a.remote.ufrag == "" || a.remote.password == "":
		return nil, errors.New("peer: an answer without ICE credentials")
	case len(a.fingerprint) == 0:
		return nil, errors.New("peer: an answer without a SHA-256 fingerprint")
	case len(a.candidates) == 0:
		return nil, errors.New("peer: an answer without a UDP candidate")
	}
	return a, nil
}

func (a *answered) read(attribute string) error {
	name, value, _ := strings.Cut(attribute, ":")
	var line *answeredLine
	if len(a.lines) > 0 {
		line = &a.lines[len(a.lines)-1]
	}
	switch name {
	case "ice-ufrag":
		a.remote.ufrag = value
	case "ice-pwd":
		a.remote.password = value
	case "fingerprint":
		return a.readFingerprint(value)
	case "candidate":
		a.readCandidate(value)
	case "recvonly", "inactive":
		if line != nil {
			line.sends = false
		}
	case "ssrc-group":
		if ids := strings.Fields(value); line != nil && len(ids) == 3 && ids[0] == "FID" {
			line.ssrc, line.repair = readSSRC(ids[1]), readSSRC(ids[2])
		}
	case "ssrc":
		if line != nil && line.ssrc == 0 {
			id, _, _ := strings.Cut(value, " ")
			line.ssrc = readSSRC(id)
		}
	}
	return nil
}

func readSSRC(s string) uint32 {
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}

func (a *answered) readFingerprint(value string) error {
	algorithm, digits, _ := strings.Cut(value, " ")
	if !strings.EqualFold(algorithm, "sha-256") || len(a.fingerprint) > 0 {
		return nil
	}
	sum, err := hex.DecodeString(strings.ReplaceAll(digits, ":", ""))
	if err != nil {
		return fmt.Errorf("peer: fingerprint: %w", err)
	}
	a.fingerprint = sum
	return nil
}

// readCandidate keeps UDP candidates of component 1 (RFC 8839 §5.1) with an
// address; names (mDNS) are not for us.
func (a *answered) readCandidate(value string) {
	f := strings.Fields(value)
	if len(f) < 8 || f[1] != "1" || !strings.EqualFold(f[2], "udp") || len(a.candidates) == maxCandidates {
		return
	}
	address, err := netip.ParseAddr(f[4])
	port, err2 := strconv.ParseUint(f[5], 10, 16)
	if err != nil || err2 != nil || port == 0 {
		return
	}
	to := netip.AddrPortFrom(address, uint16(port))
	for _, known := range a.candidates {
		if known == to {
			return
		}
	}
	a.candidates = append(a.candidates, to)
}

// codecOf is what an offered payload type carries; repair streams carry that
// of the type they repair.
func codecOf(payloadType uint8) (c packet.Codec, repair bool) {
	switch payloadType {
	case opusType:
		return packet.Opus, false
	case vp8Type:
		return packet.VP8, false
	case vp8Repair:
		return packet.VP8, true
	case h264Type:
		return packet.H264, false
	case h264Repair:
		return packet.H264, true
	}
	return 0, false
}

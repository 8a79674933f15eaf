package packet

// NAL unit types of H.264 and of its RTP payload (RFC 6184 §5.2).
const (
	nalIDR   = 5
	nalSPS   = 7
	nalSTAPA = 24
	nalFUA   = 28
)

// H264Keyframe tells whether a decoder may begin at this payload: it holds a
// sequence parameter set, or the beginning of an IDR picture; alone, in an
// aggregate (STAP-A) or as the first fragment (FU-A).
func H264Keyframe(p []byte) bool {
	if len(p) == 0 {
		return false
	}
	switch t := p[0] & 0x1f; t {
	case nalIDR, nalSPS:
		return true
	case nalSTAPA:
		return aggregateHasKeyframe(p[1:])
	case nalFUA:
		return len(p) > 1 && p[1]&0x80 != 0 && opensKeyframe(p[1]&0x1f)
	default:
		return false
	}
}

func opensKeyframe(nal byte) bool { return nal == nalIDR || nal == nalSPS }

func aggregateHasKeyframe(p []byte) bool {
	for len(p) > 2 {
		size := int(p[0])<<8 | int(p[1])
		p = p[2:]
		if size == 0 || size > len(p) {
			return false
		}
		if opensKeyframe(p[0] & 0x1f) {
			return true
		}
		p = p[size:]
	}
	return false
}

package packet

// VP8Header is what forwarding needs of a VP8 payload descriptor (RFC 7741
// §4.2). The zero value describes no descriptor at all.
type VP8Header struct {
	PictureID  uint16 // 7 or 15 bits
	Size       uint8  // bytes of the descriptor
	PictureAt  uint8  // offset of the picture id, 0 when absent
	TL0At      uint8  // offset of TL0PICIDX, 0 when absent
	TL0PICIDX  uint8
	LayerAt    uint8 // offset of the byte that holds TID, Y and KEYIDX, 0 when absent
	KeyIdx     uint8 // 5 bits
	TID        uint8 // 2 bits
	LayerSync  bool  // Y: depends on the base layer only
	HasTID     bool  // T: TID and LayerSync are meaningful
	HasKeyIdx  bool  // K: KeyIdx is meaningful
	Long       bool  // the picture id has 15 bits
	StartFrame bool  // first packet of the first partition
	Keyframe   bool  // StartFrame, and the frame is a keyframe
}

// ParseVP8 reads the descriptor in front of a VP8 payload and the first byte
// of the frame behind it. It reports false when the payload is too short for
// what its flags promise.
func ParseVP8(p []byte) (VP8Header, bool) {
	var h VP8Header
	if len(p) == 0 {
		return h, false
	}
	at := 1
	if p[0]&0x80 != 0 { // X
		if len(p) < 2 {
			return h, false
		}
		at = 2
		if !h.parseExtension(p, p[1], &at) {
			return VP8Header{}, false
		}
	}
	if len(p) <= at {
		return VP8Header{}, false
	}
	h.Size = uint8(at)
	h.StartFrame = p[0]&0x10 != 0 && p[0]&0x07 == 0
	h.Keyframe = h.StartFrame && p[at]&0x01 == 0 // RFC 6386 §9.1: P is 0
	return h, true
}

func (h *VP8Header) parseExtension(p []byte, flags byte, at *int) bool {
	if flags&0x80 != 0 && !h.parsePictureID(p, at) { // I
		return false
	}
	if flags&0x40 != 0 { // L
		if len(p) <= *at {
			return false
		}
		h.TL0At, h.TL0PICIDX = uint8(*at), p[*at]
		*at++
	}
	if flags&0x30 != 0 { // T or K
		if len(p) <= *at {
			return false
		}
		h.LayerAt = uint8(*at)
		h.parseLayer(flags, p[*at])
		*at++
	}
	return true
}

func (h *VP8Header) parsePictureID(p []byte, at *int) bool {
	if len(p) <= *at {
		return false
	}
	h.PictureAt = uint8(*at)
	if p[*at]&0x80 == 0 {
		h.PictureID = uint16(p[*at])
		*at++
		return true
	}
	if len(p) <= *at+1 {
		return false
	}
	h.Long = true
	h.PictureID = uint16(p[*at]&0x7f)<<8 | uint16(p[*at+1])
	*at += 2
	return true
}

// parseLayer reads the byte that T and K share: what neither promised is to be
// ignored (RFC 7741 §4.2).
func (h *VP8Header) parseLayer(flags, b byte) {
	if flags&0x20 != 0 {
		h.TID, h.LayerSync, h.HasTID = b>>6, b&0x20 != 0, true
	}
	if flags&0x10 != 0 {
		h.KeyIdx, h.HasKeyIdx = b&0x1f, true
	}
}

// distance is how many pictures h comes after the one of that id.
func (h *VP8Header) distance(id uint16) uint16 { return (h.PictureID - id) & h.pictureMask() }

// newer tells whether picture id a comes after b, in the width of h.
func (h *VP8Header) newer(a, b uint16) bool {
	mask := h.pictureMask()
	d := (a - b) & mask
	return d != 0 && d <= mask/2
}

func (h *VP8Header) pictureMask() uint16 {
	if h.Long {
		return 0x7fff
	}
	return 0x7f
}

// VP8Shift is what has to be added to the counters of a descriptor so that a
// viewer sees them run on over a change of source.
type VP8Shift struct {
	Picture uint16 // modulo 2^15, or 2^7 for short ids
	TL0     uint8
	KeyIdx  uint8 // modulo 32
}

// Zero tells whether the shift changes nothing.
func (s VP8Shift) Zero() bool { return s == VP8Shift{} }

// picture is the shifted picture id of h. A sender that goes from 15 bits to 7
// has its ids cut short, one that goes from 7 to 15 has them run on
// (RFC 7741 §4.2).
func (s VP8Shift) picture(h *VP8Header) uint16 {
	return (h.PictureID + s.Picture) & h.pictureMask()
}

// Apply writes the shifted counters of h into p, a private copy of the payload
// that h was parsed from.
func (s VP8Shift) Apply(p []byte, h *VP8Header) {
	if h.PictureAt != 0 {
		id := s.picture(h)
		if h.Long {
			p[h.PictureAt] = 0x80 | byte(id>>8)
			p[h.PictureAt+1] = byte(id)
		} else {
			p[h.PictureAt] = byte(id)
		}
	}
	if h.TL0At != 0 {
		p[h.TL0At] = h.TL0PICIDX + s.TL0
	}
	if h.HasKeyIdx {
		p[h.LayerAt] = p[h.LayerAt]&0xe0 | (h.KeyIdx+s.KeyIdx)&0x1f
	}
}

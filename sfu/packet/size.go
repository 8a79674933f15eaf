package packet

// PictureSize reads how many pixels the pictures have that begin with p, the
// packet of a keyframe that Sniff marked: from the frame header of VP8
// (RFC 6386 §9.1), from the sequence parameter set of H.264 (ITU-T H.264
// §7.3.2.1). It reports false for any other packet.
func PictureSize(p *Packet) (width, height int, ok bool) {
	if !p.Keyframe {
		return 0, 0, false
	}
	switch p.Codec {
	case VP8:
		return vp8Size(p.Payload[min(int(p.VP8.Size), len(p.Payload)):])
	case H264:
		return h264Size(p.Payload)
	default:
		return 0, 0, false
	}
}

// vp8Size reads a frame: a tag of three bytes, the start code, then 14 bits for
// each side under two bits of scale that no browser looks at.
func vp8Size(b []byte) (width, height int, ok bool) {
	if len(b) < 10 || b[0]&1 != 0 || b[3] != 0x9d || b[4] != 0x01 || b[5] != 0x2a {
		return 0, 0, false
	}
	width = int(b[7]&0x3f)<<8 | int(b[6])
	height = int(b[9]&0x3f)<<8 | int(b[8])
	return width, height, width > 0 && height > 0
}

// h264Size looks for a parameter set: alone or in an aggregate. A parameter
// set is never large enough for a browser to fragment it.
func h264Size(b []byte) (width, height int, ok bool) {
	if len(b) == 0 {
		return 0, 0, false
	}
	switch b[0] & 0x1f {
	case nalSPS:
		return spsSize(b[1:])
	case nalSTAPA:
		return aggregateSize(b[1:])
	default:
		return 0, 0, false
	}
}

func aggregateSize(b []byte) (width, height int, ok bool) {
	for len(b) > 2 {
		size := int(b[0])<<8 | int(b[1])
		b = b[2:]
		if size == 0 || size > len(b) {
			return 0, 0, false
		}
		if b[0]&0x1f == nalSPS {
			return spsSize(b[1:size])
		}
		b = b[size:]
	}
	return 0, 0, false
}

// maxSide is the longest side that is believed: beyond any level of H.264.
const maxSide = 16384

// chroma is what the format of the colours does to sizes: 4:2:0 unless the
// profile says otherwise.
type chroma struct {
	format   uint32
	separate bool // three planes coded like three grey pictures
}

// spsSize reads a sequence parameter set up to its cropping.
func spsSize(b []byte) (width, height int, ok bool) {
	r := &bits{b: b}
	profile := r.u(8)
	r.u(16) // constraint flags and level
	r.ue()  // seq_parameter_set_id
	colours := chroma{format: 1}
	if hasChromaFormat(profile) {
		colours = r.chroma()
	}
	r.ue() // log2_max_frame_num_minus4
	r.pictureOrder()
	r.ue() // max_num_ref_frames
	r.u(1) // gaps_in_frame_num_value_allowed_flag
	across, down := uint64(r.ue())+1, uint64(r.ue())+1
	frames := uint64(r.u(1)) // frame_mbs_only_flag: else rows are rows of fields
	if frames == 0 {
		r.u(1) // mb_adaptive_frame_field_flag
	}
	r.u(1) // direct_8x8_inference_flag
	w, h := across*16, down*16*(2-frames)
	if r.u(1) == 1 {
		w, h = r.crop(w, h, colours, 2-frames)
	}
	if r.bad || w == 0 || h == 0 || w > maxSide || h > maxSide {
		return 0, 0, false
	}
	return int(w), int(h), true
}

// hasChromaFormat lists the profiles whose sets say how colours are coded.
func hasChromaFormat(profile uint32) bool {
	switch profile {
	case 44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244:
		return true
	default:
		return false
	}
}

func (r *bits) chroma() chroma {
	c := chroma{format: r.ue()}
	if c.format > 3 {
		r.bad = true
		return c
	}
	if c.format == 3 {
		c.separate = r.u(1) == 1
	}
	r.ue() // bit_depth_luma_minus8
	r.ue() // bit_depth_chroma_minus8
	r.u(1) // qpprime_y_zero_transform_bypass_flag
	if r.u(1) == 1 {
		r.scalingMatrix(c.format)
	}
	return c
}

func (r *bits) scalingMatrix(format uint32) {
	lists := 8
	if format == 3 {
		lists = 12
	}
	for i := range lists {
		if r.u(1) == 0 {
			continue
		}
		if i < 6 {
			r.scalingList(16)
		} else {
			r.scalingList(64)
		}
	}
}

func (r *bits) scalingList(size int) {
	last, next := int32(8), int32(8)
	for range size {
		if next != 0 {
			next = (last + r.se() + 256) & 0xff
		}
		if next != 0 {
			last = next
		}
		if r.bad {
			return
		}
	}
}

func (r *bits) pictureOrder() {
	switch r.ue() { // pic_order_cnt_type
	case 0:
		r.ue() // log2_max_pic_order_cnt_lsb_minus4
	case 1:
		r.u(1) // delta_pic_order_always_zero_flag
		r.se() // offset_for_non_ref_pic
		r.se() // offset_for_top_to_bottom_field
		for n := r.ue(); n > 0 && !r.bad; n-- {
			r.se() // offset_for_ref_frame
		}
	}
}

// crop takes the cropping window off (§7.4.2.1.1). fields is 2 where rows are
// rows of fields.
func (r *bits) crop(w, h uint64, c chroma, fields uint64) (width, height uint64) {
	unitX, unitY := uint64(1), fields
	if !c.separate && (c.format == 1 || c.format == 2) {
		unitX = 2
	}
	if !c.separate && c.format == 1 {
		unitY *= 2
	}
	left, right := uint64(r.ue()), uint64(r.ue())
	top, bottom := uint64(r.ue()), uint64(r.ue())
	return less(w, (left+right)*unitX), less(h, (top+bottom)*unitY)
}

func less(a, b uint64) uint64 {
	if b >= a {
		return 0
	}
	return a - b
}

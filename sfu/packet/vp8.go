package packet

// VP8Header is what forwarding needs of a VP8 payload descriptor (RFC 7741 §4.2).
type VP8Header struct {
	Size       uint8  // bytes of the descriptor
	PictureAt  uint8  // offset of the picture id, 0 when absent
	Long       bool   // the picture id has 15 bits
	PictureID  uint16 // 7 or 15 bits
	TL0At      uint8  // offset of TL0PICIDX, 0 when absent
	TL0PICIDX  uint8
	KeyIdxAt   uint8 // offset of the TID/Y/KEYIDX byte, 0 when absent
	TID        uint8
	LayerSync  bool
	StartFrame bool // first packet of the first partition
	Keyframe   bool // and that frame is a keyframe
}

package peer

import (
	"bytes"
	"encoding/binary"

	"antenne/sfu/packet"
)

// A stamp tells a crowd which frame it has got and when the teacher sent the
// packet that carries it, through any server that keeps payloads:
//
//	magic (4 bytes), layer (2 bits) and number of the frame (30 bits), CLOCK_REALTIME of the send (8 bytes, ns)
//
// It stands where no decoder is disturbed:
//
//   - VP8: behind the end of the last partition, in the last packet of a frame. The partition is as long as what is left
//     (RFC 6386 §9.5), and a decoder reads only as many of its bits as the picture needs.
//   - Opus: in the padding of a packet of code 3 (RFC 6716 §3.2.5). Its first byte makes it one extension without meaning
//     that takes all of the padding, for decoders that know extensions.
//   - H.264: in a SEI NAL of user data (H.264 §D.1.6) in a packet of its own before the first slice, seven bits in a byte so
//     that no start code arises.
//
// Sender and receiver must share the clock: one machine.
const stampSize = 16

var stampMagic = []byte{0xfa, 0x54, 0x1c, 0xe7}

type stamp struct {
	layer int    // 0 sound, 1 to 3
	frame uint32 // 30 bits
	sent  int64  // ns
}

func (s stamp) append(b []byte) []byte {
	b = append(b, stampMagic...)
	b = binary.BigEndian.AppendUint32(b, uint32(s.layer)<<30|s.frame&frameMask)
	return binary.BigEndian.AppendUint64(b, uint64(s.sent))
}

const frameMask = 1<<30 - 1

func readStamp(b []byte) (stamp, bool) {
	if len(b) != stampSize || !bytes.Equal(b[:4], stampMagic) {
		return stamp{}, false
	}
	id := binary.BigEndian.Uint32(b[4:])
	return stamp{layer: int(id >> 30), frame: id & frameMask, sent: int64(binary.BigEndian.Uint64(b[8:]))}, true
}

// stampOf finds the stamp of a payload.
func stampOf(codec packet.Codec, payload []byte, marker bool) (stamp, bool) {
	switch {
	case codec == packet.H264:
		return readSEI(payload)
	case len(payload) < stampSize || codec == packet.VP8 && !marker:
		return stamp{}, false
	default:
		return readStamp(payload[len(payload)-stampSize:])
	}
}

// padOpus turns a packet of one frame (code 0) into one of code 3 with room
// bytes of padding behind, of which the caller fills the last ones. Others, and
// the one or two bytes of DTX, come back as they are.
func padOpus(p []byte, room int) ([]byte, bool) {
	if len(p) < 3 || p[0]&0x03 != 0 || room > 254 {
		return p, false
	}
	out := make([]byte, 0, len(p)+2+room)
	out = append(out, p[0]|0x03, 1|0x40, byte(room)) // one frame, constant rate, padded
	out = append(out, p[1:]...)
	return out[:len(out)+room], true
}

// seiUUID names our user data (H.264 §D.2.6); no byte of it is zero.
var seiUUID = []byte{0x6c, 0x9d, 0x21, 0x5e, 0xb4, 0x17, 0x4f, 0xa2, 0x93, 0x58, 0xd6, 0x3b, 0xe1, 0x72, 0x8c, 0x45}

const (
	nalSEI       = 0x06
	userDataSEI  = 5  // user_data_unregistered
	sevenBitSize = 19 // stampSize in bytes of seven bits
	seiEnd       = 0x80
)

// sei is a NAL with the stamp.
func (s stamp) sei() []byte {
	var plain [stampSize]byte
	s.append(plain[:0])
	b := append(make([]byte, 0, 3+len(seiUUID)+sevenBitSize+1), nalSEI, userDataSEI, byte(len(seiUUID)+sevenBitSize))
	b = append(b, seiUUID...)
	for bit := 0; bit < 8*stampSize; bit += 7 {
		var seven byte
		for i := bit; i < bit+7; i++ {
			seven <<= 1
			if i < 8*stampSize {
				seven |= plain[i/8] >> (7 - i%8) & 1
			}
		}
		b = append(b, seven|0x80)
	}
	return append(b, seiEnd)
}

func readSEI(p []byte) (stamp, bool) {
	if len(p) != 3+len(seiUUID)+sevenBitSize+1 || p[0]&0x1f != nalSEI || !bytes.Equal(p[3:3+len(seiUUID)], seiUUID) {
		return stamp{}, false
	}
	var plain [stampSize]byte
	for bit := range 8 * stampSize {
		seven := p[3+len(seiUUID)+bit/7]
		plain[bit/8] |= seven >> (6 - bit%7) & 1 << (7 - bit%8)
	}
	return readStamp(plain[:])
}

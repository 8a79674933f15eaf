package packet

import "errors"

// Errors of Parse. A packet that gives one is dropped and counted.
var (
	ErrShort     = errors.New("packet: shorter than its header says")
	ErrVersion   = errors.New("packet: not RTP version 2")
	ErrPadding   = errors.New("packet: padding longer than the packet")
	ErrExtension = errors.New("packet: header extension out of bounds")
)

// Raw is an RTP packet as it came from the wire, decrypted (RFC 3550 §5.1).
// Payload is a part of the buffer given to Parse, without the padding.
type Raw struct {
	Payload     []byte
	extension   []byte
	profile     uint16
	Timestamp   uint32
	SSRC        uint32
	Sequence    uint16
	PayloadType uint8
	Padding     uint8 // bytes of padding that were cut off
	Marker      bool
}

const (
	headerSize     = 12
	oneByteProfile = 0xBEDE // RFC 8285 §4.2
	twoByteProfile = 0x1000 // RFC 8285 §4.3
)

// Parse reads one RTP packet. It copies nothing and keeps nothing.
func Parse(b []byte) (Raw, error) {
	if len(b) < headerSize {
		return Raw{}, ErrShort
	}
	if b[0]>>6 != 2 {
		return Raw{}, ErrVersion
	}
	r := Raw{
		Marker:      b[1]&0x80 != 0,
		PayloadType: b[1] & 0x7f,
		Sequence:    uint16(b[2])<<8 | uint16(b[3]),
		Timestamp:   be32(b[4:]),
		SSRC:        be32(b[8:]),
	}
	rest, err := r.skipHeader(b)
	if err != nil {
		return Raw{}, err
	}
	r.Payload = rest
	if b[0]&0x20 != 0 {
		err = r.cutPadding()
	}
	return r, err
}

func (r *Raw) skipHeader(b []byte) ([]byte, error) {
	at := headerSize + 4*int(b[0]&0x0f)
	if len(b) < at {
		return nil, ErrShort
	}
	if b[0]&0x10 == 0 {
		return b[at:], nil
	}
	if len(b) < at+4 {
		return nil, ErrExtension
	}
	r.profile = uint16(b[at])<<8 | uint16(b[at+1])
	size := 4 * (int(b[at+2])<<8 | int(b[at+3]))
	at += 4
	if len(b) < at+size {
		return nil, ErrExtension
	}
	r.extension = b[at : at+size]
	return b[at+size:], nil
}

func (r *Raw) cutPadding() error {
	if len(r.Payload) == 0 {
		return ErrPadding
	}
	n := int(r.Payload[len(r.Payload)-1])
	if n == 0 || n > len(r.Payload) {
		return ErrPadding
	}
	r.Padding = uint8(n)
	r.Payload = r.Payload[:len(r.Payload)-n]
	return nil
}

// Extension finds the header extension element of that id, or nil.
func (r *Raw) Extension(id uint8) []byte {
	switch {
	case id == 0:
		return nil
	case r.profile == oneByteProfile:
		return oneByteElement(r.extension, id)
	case r.profile&0xfff0 == twoByteProfile:
		return twoByteElement(r.extension, id)
	default:
		return nil
	}
}

func oneByteElement(b []byte, id uint8) []byte {
	for len(b) > 0 {
		if b[0] == 0 { // padding between elements
			b = b[1:]
			continue
		}
		found, size := b[0]>>4, int(b[0]&0x0f)+1
		if found == 15 || len(b) < 1+size {
			return nil
		}
		if found == id {
			return b[1 : 1+size]
		}
		b = b[1+size:]
	}
	return nil
}

func twoByteElement(b []byte, id uint8) []byte {
	for len(b) > 0 {
		if b[0] == 0 {
			b = b[1:]
			continue
		}
		if len(b) < 2 || len(b) < 2+int(b[1]) {
			return nil
		}
		size := int(b[1])
		if b[0] == id {
			return b[2 : 2+size]
		}
		b = b[2+size:]
	}
	return nil
}

func be32(b []byte) uint32 {
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

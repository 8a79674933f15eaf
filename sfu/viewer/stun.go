package viewer

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/binary"
	"hash/crc32"
	"net/netip"
)

const (
	stunHeader = 20 // bytes (RFC 8489 §5)
	stunCookie = 0x2112A442

	stunRequest = 0x0001 // Binding
	stunSuccess = 0x0101
	stunError   = 0x0111

	attrUsername     = 0x0006
	attrIntegrity    = 0x0008
	attrErrorCode    = 0x0009
	attrUnknown      = 0x000a // UNKNOWN-ATTRIBUTES
	attrMapped       = 0x0020 // XOR-MAPPED-ADDRESS
	attrPriority     = 0x0024
	attrUseCandidate = 0x0025
	attrFingerprint  = 0x8028
	attrControlled   = 0x8029
	attrControlling  = 0x802a

	attrOptional = 0x8000 // at and above: a receiver may ignore what it does not know

	integritySize   = 24 // the attribute whole
	fingerprintSize = 8
	fingerprintXOR  = 0x5354554e
	largestAnswer   = 96 // bytes of any message we make
	mostUnknown     = 8  // attributes that an error names
)

// message is a STUN message as far as an ICE-lite responder reads it. Its
// slices are of the datagram.
type message struct {
	raw          []byte
	kind         uint16
	transaction  [12]byte
	username     []byte
	integrity    int // offset of MESSAGE-INTEGRITY, 0 for none
	useCandidate bool
	controlled   bool
	unknown      [mostUnknown]uint16 // attributes that must be understood and are not
	unknowns     int                 // of them: those there is room for
}

// parseMessage reads a datagram (RFC 8489 §5, §14). It fails on any length
// that does not hold and on a FINGERPRINT that is wrong or not the last.
func parseMessage(b []byte) (m message, ok bool) {
	if len(b) < stunHeader || binary.BigEndian.Uint32(b[4:]) != stunCookie || b[0]&0xc0 != 0 {
		return m, false
	}
	if size := int(binary.BigEndian.Uint16(b[2:])); size%4 != 0 || stunHeader+size != len(b) {
		return m, false
	}
	m.raw, m.kind = b, binary.BigEndian.Uint16(b)
	copy(m.transaction[:], b[8:])
	for at := stunHeader; at < len(b); {
		if len(b)-at < 4 {
			return m, false
		}
		kind, size := binary.BigEndian.Uint16(b[at:]), int(binary.BigEndian.Uint16(b[at+2:]))
		next := at + 4 + (size+3)&^3
		if next > len(b) || !m.read(kind, at, b[at+4:at+4+size]) {
			return m, false
		}
		at = next
	}
	return m, true
}

// read takes one attribute. What follows MESSAGE-INTEGRITY is not authentic
// and is left out (RFC 8489 §14.5), but for FINGERPRINT.
func (m *message) read(kind uint16, at int, value []byte) bool {
	if kind == attrFingerprint {
		return m.fingerprintHolds(at, value)
	}
	if m.integrity != 0 {
		return true
	}
	switch kind {
	case attrUsername:
		if m.username == nil {
			m.username = value
		}
	case attrIntegrity:
		m.integrity = at
		return len(value) == sha1.Size
	case attrUseCandidate:
		m.useCandidate = true
	case attrControlled:
		m.controlled = true
		return len(value) == 8
	case attrPriority:
		return len(value) == 4
	default:
		m.wonder(kind)
	}
	return true
}

// wonder notes an attribute that we do not know.
func (m *message) wonder(kind uint16) {
	if kind < attrOptional && m.unknowns < mostUnknown {
		m.unknown[m.unknowns] = kind
		m.unknowns++
	}
}

func (m *message) fingerprintHolds(at int, value []byte) bool {
	return len(value) == 4 && at+fingerprintSize == len(m.raw) &&
		binary.BigEndian.Uint32(value) == crc32.ChecksumIEEE(m.raw[:at])^fingerprintXOR
}

// authentic tells whether MESSAGE-INTEGRITY was made with that password (short
// term credentials, RFC 8489 §9.1). It covers the message up to itself, with
// a length in the header that ends with it.
func (m *message) authentic(password string) bool {
	if m.integrity == 0 {
		return false
	}
	var sum [sha1.Size]byte
	want := integrityOf(sum[:0], password, m.raw[:m.integrity])
	return hmac.Equal(want, m.raw[m.integrity+4:m.integrity+integritySize])
}

func integrityOf(to []byte, password string, b []byte) []byte {
	var head [stunHeader]byte
	copy(head[:], b)
	binary.BigEndian.PutUint16(head[2:], uint16(len(b)-stunHeader+integritySize))
	mac := hmac.New(sha1.New, []byte(password))
	mac.Write(head[:])
	mac.Write(b[stunHeader:])
	return mac.Sum(to)
}

// answerTo builds the success response to m: where it came from, signed.
func answerTo(to []byte, m *message, from netip.AddrPort, password string) []byte {
	to = begin(to, stunSuccess, m.transaction)
	ip := from.Addr().AsSlice()
	family := byte(1)
	if len(ip) == 16 {
		family = 2
	}
	to = binary.BigEndian.AppendUint16(to, attrMapped)
	to = binary.BigEndian.AppendUint16(to, uint16(4+len(ip)))
	to = append(to, 0, family)
	to = binary.BigEndian.AppendUint16(to, from.Port()^(stunCookie>>16))
	for i, b := range ip {
		to = append(to, b^to[4+i]) // the cookie, then the transaction
	}
	return sign(to, password)
}

// conflictTo builds the error response 487, Role Conflict.
func conflictTo(to []byte, m *message, password string) []byte {
	return sign(refuse(to, m, 87), password)
}

// unknownTo builds the error response 420, Unknown Attribute, which names them
// (RFC 8489 §6.3.1, §14.9).
func unknownTo(to []byte, m *message, password string) []byte {
	to = refuse(to, m, 20)
	to = binary.BigEndian.AppendUint16(to, attrUnknown)
	to = binary.BigEndian.AppendUint16(to, uint16(2*m.unknowns))
	for _, kind := range m.unknown[:m.unknowns] {
		to = binary.BigEndian.AppendUint16(to, kind)
	}
	to = append(to, make([]byte, -2*m.unknowns&3)...)
	return sign(to, password)
}

// refuse begins an error response of the class 4, without a phrase.
func refuse(to []byte, m *message, number byte) []byte {
	to = begin(to, stunError, m.transaction)
	to = binary.BigEndian.AppendUint16(to, attrErrorCode)
	to = binary.BigEndian.AppendUint16(to, 4)
	return append(to, 0, 0, 4, number)
}

// begin writes a header into an empty buffer; sign puts the length right.
func begin(to []byte, kind uint16, transaction [12]byte) []byte {
	to = binary.BigEndian.AppendUint16(to[:0], kind)
	to = append(to, 0, 0)
	to = binary.BigEndian.AppendUint32(to, stunCookie)
	return append(to, transaction[:]...)
}

// sign ends a message with MESSAGE-INTEGRITY and FINGERPRINT.
func sign(to []byte, password string) []byte {
	var sum [sha1.Size]byte
	mac := integrityOf(sum[:0], password, to)
	to = binary.BigEndian.AppendUint16(to, attrIntegrity)
	to = binary.BigEndian.AppendUint16(to, sha1.Size)
	to = append(to, mac...)
	binary.BigEndian.PutUint16(to[2:], uint16(len(to)-stunHeader+fingerprintSize))
	sum32 := crc32.ChecksumIEEE(to) ^ fingerprintXOR
	to = binary.BigEndian.AppendUint16(to, attrFingerprint)
	to = binary.BigEndian.AppendUint16(to, 4)
	return binary.BigEndian.AppendUint32(to, sum32)
}

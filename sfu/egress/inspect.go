package egress

import "encoding/binary"

const (
	recordHeader      = 13 // DTLS 1.2 record header (RFC 6347 §4.1)
	recordApplication = 23

	stunHeader     = 20
	stunCookie     = 0x2112A442
	stunRequest    = 0x0001 // Binding request
	stunIndication = 0x0011 // Binding indication
	stunSuccess    = 0x0101 // Binding success response
)

// inspect says whether an incoming datagram may pass, by its first byte
// (RFC 7983 §7), and why not.
func inspect(b []byte, count *counters) (Reason, bool) {
	if len(b) == 0 {
		return Unknown, false
	}
	switch first := b[0]; {
	case first < 4:
		return inspectSTUN(b)
	case first >= 20 && first < 64:
		count.applicationIn.Add(uint64(applicationRecords(b)))
		return 0, true
	case first >= 128 && first < 192:
		return 0, true
	default:
		return Unknown, false
	}
}

// applicationRecords counts the DTLS application data records of a datagram.
func applicationRecords(b []byte) int {
	count := 0
	for len(b) >= recordHeader {
		if b[0] == recordApplication {
			count++
		}
		size := recordHeader + int(binary.BigEndian.Uint16(b[11:]))
		if size > len(b) {
			break
		}
		b = b[size:]
	}
	return count
}

// inspectSTUN lets Binding messages pass whose every length holds (RFC 8489
// §5): requests, indications, and the success responses that Pion's lite agent
// waits for, since it answers a nomination with a check of its own.
func inspectSTUN(b []byte) (Reason, bool) {
	if len(b) < stunHeader || binary.BigEndian.Uint32(b[4:]) != stunCookie {
		return STUNMalformed, false
	}
	if size := int(binary.BigEndian.Uint16(b[2:])); size%4 != 0 || stunHeader+size != len(b) {
		return STUNMalformed, false
	}
	switch binary.BigEndian.Uint16(b) {
	case stunRequest, stunIndication, stunSuccess:
	default:
		return STUNClass, false
	}
	if !attributesHold(b[stunHeader:]) {
		return STUNMalformed, false
	}
	return 0, true
}

// attributesHold walks the attributes (RFC 8489 §14): each fits, and those of a
// fixed size have it.
func attributesHold(b []byte) bool {
	for len(b) > 0 {
		if len(b) < 4 {
			return false
		}
		kind, size := binary.BigEndian.Uint16(b), int(binary.BigEndian.Uint16(b[2:]))
		padded := (size + 3) &^ 3
		b = b[4:]
		if padded > len(b) || !sizeFits(kind, b[:size]) {
			return false
		}
		b = b[padded:]
	}
	return true
}

func sizeFits(kind uint16, value []byte) bool {
	switch kind {
	case 0x0001, 0x0012, 0x0016, 0x0020, 0x8023, 0x802b, 0x802c: // addresses, plain and XORed
		return addressFits(value)
	case 0x0006: // USERNAME (RFC 8489 §14.3)
		return len(value) > 0 && len(value) <= 513
	case 0x0008: // MESSAGE-INTEGRITY
		return len(value) == 20
	case 0x0024, 0x8028: // PRIORITY, FINGERPRINT
		return len(value) == 4
	case 0x0025: // USE-CANDIDATE
		return len(value) == 0
	case 0x8029, 0x802a: // ICE-CONTROLLED, ICE-CONTROLLING
		return len(value) == 8
	case 0x0009: // ERROR-CODE
		return len(value) >= 4
	default:
		return true
	}
}

func addressFits(value []byte) bool {
	if len(value) < 2 {
		return false
	}
	return value[1] == 1 && len(value) == 8 || value[1] == 2 && len(value) == 20
}

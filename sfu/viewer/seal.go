package viewer

import (
	"encoding/binary"
	"errors"
	"hash/maphash"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
)

// What Seal refuses.
var (
	ErrNotConnected = errors.New("viewer: not connected")
	ErrMalformed    = errors.New("viewer: not an RTP packet with the fixed header alone")
	ErrNoRoom       = errors.New("viewer: no room behind the packet for the seal")
	ErrUsed         = errors.New("viewer: that sequence number was sealed already")
	ErrOld          = errors.New("viewer: that sequence number is too old to seal")
)

const (
	maxOverhead = 16 // bytes: the tag of AES-GCM (RFC 7714 §13.2)
	sealWindow  = 512
	rtpHeader   = 12   // bytes of the fixed part
	extended    = 0x1f // bits of the first byte: an extension, sources (RFC 3550 §5.1)
)

// sealer is the way out of a session. Owned by the goroutine that seals.
type sealer struct {
	context  *srtp.Context
	gcm      *gcm // seals RTP; nil where the profile is another
	overhead int  // static
	header   rtp.Header
	report   rtcp.Header
	streams  []stream // few: looking through them beats a map
}

// stream remembers which packets of one SSRC were sealed. It counts as the
// receiver does (RFC 3711 §3.3.1), in the order of sealing.
type stream struct {
	ssrc   uint32
	begun  bool
	top    uint64 // highest index sealed: roll-overs and sequence
	used   [sealWindow / 64]uint64
	prints []uint64 // since a packet was first asked for again: what each was, 0 for unknown
}

var printSeed = maphash.MakeSeed()

func newSealer(key, salt []byte, profile srtp.ProtectionProfile) (*sealer, error) {
	context, err := srtp.CreateContext(key, salt, profile)
	if err != nil {
		return nil, err
	}
	o := &sealer{context: context, overhead: maxOverhead}
	if profile == srtp.ProtectionProfileAes128CmHmacSha1_80 {
		o.overhead = 10 // the tag of HMAC-SHA1-80 (RFC 3711 §4.2)
		return o, nil
	}
	o.gcm, err = newGCM(key, salt)
	return o, err
}

func (o *sealer) seal(packet []byte, h *rtp.Header) ([]byte, error) {
	if len(packet) < rtpHeader {
		return nil, ErrMalformed
	}
	if cap(packet)-len(packet) < o.overhead {
		return nil, ErrNoRoom
	}
	if h == nil {
		h = &o.header
	}
	sequence, ssrc := binary.BigEndian.Uint16(packet[2:]), binary.BigEndian.Uint32(packet[8:])
	if packet[0]&extended != 0 {
		return nil, ErrMalformed // one way of counting roll-overs for all packets, or a nonce might come twice
	}
	index, err := o.stream(ssrc).claim(sequence, packet)
	switch {
	case err != nil:
		return nil, err
	case o.gcm != nil:
		return o.gcm.seal(packet, ssrc, index), nil
	}
	return o.context.EncryptRTP(packet, packet, h)
}

func (o *sealer) sealReport(dst, report []byte) ([]byte, error) {
	return o.context.EncryptRTCP(dst[:0], report, &o.report)
}

func (o *sealer) stream(ssrc uint32) *stream {
	for i := range o.streams {
		if o.streams[i].ssrc == ssrc {
			return &o.streams[i]
		}
	}
	o.streams = append(o.streams, stream{ssrc: ssrc})
	return &o.streams[len(o.streams)-1]
}

// claim takes the index of a packet, for ever. A packet that is byte for byte
// what was sealed under its index may be sealed once more, for a client that
// knows no RTX: the result is what the network has seen already. To know it
// costs time and memory, so a stream begins to remember when it is first asked
// for a packet again, and refuses that one.
func (s *stream) claim(sequence uint16, packet []byte) (index uint64, err error) {
	if index, err = s.index(sequence); err != nil {
		return 0, err
	}
	word, bit, at := &s.used[index%sealWindow/64], uint64(1)<<(index%64), index%sealWindow
	taken := *word&bit != 0
	*word |= bit
	switch {
	case s.prints != nil:
		is := maphash.Bytes(printSeed, packet) | 1
		if taken && s.prints[at] != is {
			return 0, ErrUsed
		}
		s.prints[at] = is
	case taken:
		s.prints = make([]uint64, sealWindow)
		return 0, ErrUsed
	}
	return index, nil
}

// index extends a sequence number, moving the window when it is a new one.
func (s *stream) index(sequence uint16) (uint64, error) {
	if !s.begun {
		s.begun, s.top = true, uint64(sequence)
		return s.top, nil
	}
	ahead := int(int16(sequence - uint16(s.top)))
	if ahead <= 0 {
		if -ahead >= sealWindow || uint64(-ahead) > s.top {
			return 0, ErrOld
		}
		return s.top - uint64(-ahead), nil
	}
	for i := range uint64(min(ahead, sealWindow)) {
		index := s.top + uint64(ahead) - i
		s.used[index%sealWindow/64] &^= 1 << (index % 64)
	}
	s.top += uint64(ahead)
	return s.top, nil
}

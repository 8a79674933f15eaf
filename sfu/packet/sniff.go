package packet

import "time"

// Sniffer turns the packets of one encoding into Packets: roll-overs counted,
// padding taken away, frames and keyframes recognised. One goroutine owns it.
type Sniffer struct {
	LevelID uint8 // header extension id of ssrc-audio-level, 0 for none

	unwrap   Unwrapper
	gaps     Gaps
	lastTime uint32 // timestamp of the newest packet
	keyTime  uint32 // timestamp of the newest keyframe
	hasTime  bool
	hasKey   bool
}

// Sniff describes raw, which carries codec and came at arrival. It reports
// false for a packet that carries nothing (padding only) or that no decoder of
// the codec could read. Payload still belongs to raw.
func (s *Sniffer) Sniff(raw *Raw, codec Codec, arrival time.Time) (Packet, bool) {
	ext := s.unwrap.Extend(raw.Sequence)
	if len(raw.Payload) == 0 {
		s.gaps.Drop(ext)
		return Packet{}, false
	}
	p := Packet{
		Timestamp: raw.Timestamp, Arrival: arrival, Payload: raw.Payload,
		Codec: codec, Marker: raw.Marker,
	}
	if !s.describe(&p, raw) {
		return Packet{}, false
	}
	p.Index = s.gaps.Close(ext)
	return p, true
}

func (s *Sniffer) describe(p *Packet, raw *Raw) bool {
	switch p.Codec {
	case VP8:
		h, ok := ParseVP8(p.Payload)
		if !ok {
			return false
		}
		p.VP8, p.Start, p.Keyframe = h, h.StartFrame, h.Keyframe
	case H264:
		p.Start = s.newFrame(p.Timestamp)
		p.Keyframe = H264Keyframe(p.Payload) && s.newKeyframe(p.Timestamp)
	default:
		p.Start = true
		s.level(p, raw)
	}
	return true
}

func (s *Sniffer) level(p *Packet, raw *Raw) {
	if e := raw.Extension(s.LevelID); len(e) > 0 {
		p.Level, p.HasLevel = e[0]&0x7f, true
	}
}

func (s *Sniffer) newFrame(t uint32) bool {
	fresh := !s.hasTime || int32(t-s.lastTime) > 0
	if fresh {
		s.lastTime, s.hasTime = t, true
	}
	return fresh
}

// newKeyframe keeps one entry point per access unit: its first packet with a
// parameter set or an IDR slice, not each of them.
func (s *Sniffer) newKeyframe(t uint32) bool {
	if s.hasKey && s.keyTime == t {
		return false
	}
	s.keyTime, s.hasKey = t, true
	return true
}

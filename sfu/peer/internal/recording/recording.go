// Package recording is the file of what a browser sent: its RTP packets with
// their times, so that a teacher can send them again. Pure; no clock.
//
// The file is gzip of one line of JSON (the Header) and then, for each packet
// in the order it was sent: track and marker (1 byte, marker is bit 7),
// microseconds since the packet before (uvarint), RTP timestamp (4 bytes), size
// (2 bytes), payload.
package recording

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// Header says what was recorded.
type Header struct {
	Codec   string   // of the pictures: VP8 or H264; sound is Opus
	Tracks  []string // RIDs by track number; "sound" for sound, "" without simulcast
	Browser string   // who sent it
}

// Packet is one RTP packet without its header extensions.
type Packet struct {
	Track     uint8
	Marker    bool
	Timestamp uint32
	At        time.Duration // since the first packet of the recording
	Payload   []byte
}

// Recording is a whole file.
type Recording struct {
	Header
	Packets []Packet // ordered by At
}

const (
	maxTracks  = 8
	maxPackets = 1 << 20
)

// Write stores r.
func Write(w io.Writer, r *Recording) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	head, err := json.Marshal(r.Header)
	if err != nil {
		return err
	}
	b := append(head, '\n')
	var last time.Duration
	for _, p := range r.Packets {
		b = appendPacket(b, &p, p.At-last)
		last += (p.At - last).Truncate(time.Microsecond)
	}
	if _, err := z.Write(b); err != nil {
		return err
	}
	return z.Close()
}

func appendPacket(b []byte, p *Packet, gap time.Duration) []byte {
	first := p.Track
	if p.Marker {
		first |= 0x80
	}
	b = append(b, first)
	b = binary.AppendUvarint(b, uint64(max(gap, 0).Microseconds()))
	b = binary.BigEndian.AppendUint32(b, p.Timestamp)
	b = binary.BigEndian.AppendUint16(b, uint16(len(p.Payload)))
	return append(b, p.Payload...)
}

// Read loads what Write stored.
func Read(r io.Reader) (*Recording, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	in := bufio.NewReader(z)
	head, err := in.ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("recording: header: %w", err)
	}
	out := &Recording{}
	if err := json.Unmarshal(head, &out.Header); err != nil {
		return nil, fmt.Errorf("recording: header: %w", err)
	}
	if len(out.Tracks) > maxTracks {
		return nil, errors.New("recording: too many tracks")
	}
	for at := time.Duration(0); ; {
		p, gap, err := readPacket(in)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("recording: packet %d: %w", len(out.Packets), err)
		}
		if int(p.Track) >= len(out.Tracks) || len(out.Packets) == maxPackets {
			return nil, errors.New("recording: a packet of no track, or too many")
		}
		at += gap
		p.At = at
		out.Packets = append(out.Packets, p)
	}
}

// readPacket gives io.EOF only between packets.
func readPacket(in *bufio.Reader) (Packet, time.Duration, error) {
	first, err := in.ReadByte()
	if err != nil {
		return Packet{}, 0, err
	}
	gap, err := binary.ReadUvarint(in)
	if err != nil {
		return Packet{}, 0, io.ErrUnexpectedEOF
	}
	var fixed [6]byte
	if _, err := io.ReadFull(in, fixed[:]); err != nil {
		return Packet{}, 0, io.ErrUnexpectedEOF
	}
	p := Packet{Track: first & 0x7f, Marker: first&0x80 != 0, Timestamp: binary.BigEndian.Uint32(fixed[:])}
	p.Payload = make([]byte, binary.BigEndian.Uint16(fixed[4:]))
	if _, err := io.ReadFull(in, p.Payload); err != nil {
		return Packet{}, 0, io.ErrUnexpectedEOF
	}
	return p, time.Duration(gap) * time.Microsecond, nil
}

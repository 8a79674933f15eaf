package sfu

import (
	"net/netip"
	"time"

	"antenne/sfu/packet"
)

// SourceSpec says what a publisher brings.
type SourceSpec struct {
	Audio  Slot       // slot the sound is meant for; ignored when Silent
	Video  Slot       // slot the picture is meant for
	Remote netip.Addr // where the request came from: loopback gets loopback candidates
	Silent bool       // brings no sound (slides, second camera): audio lines are answered inactive
}

// SinkSpec says who joins.
type SinkSpec struct {
	Five     bool       // the five slots of our own pages, mapped by order of the lines; else the programme cut
	Remote   netip.Addr // where the request came from: loopback gets loopback candidates
	OnlyAEAD bool       // refuse AES-CM for SRTP: our own pages
	Home     bool       // a family: the first whose picture is made smaller when the machine is full
	Wish     Wish       // what the page wants to begin with
}

// Picture says how much of the pictures a viewer wants. Sound always comes.
type Picture uint8

// What a viewer may want.
const (
	PictureAuto Picture = iota // what its line and its place for a picture can take
	PictureLow                 // the cheapest moving picture
	PictureNone                // sound alone
)

// Wish is what a viewer's page wants; it may change at any time.
type Wish struct {
	Picture       Picture
	Width, Height int // device pixels of the largest place for a picture; 0 when unknown
}

// Sink is fed by a Broadcast with what everybody gets: a recorder, a probe, a
// child node. Packets are borrowed and shared: read, never write, copy what is
// kept. Both methods are called by one goroutine which belongs to the sink.
type Sink interface {
	WritePackets(Slot, Layer, []packet.Packet)
	End(error)
}

// SourceStats are the figures of one source since it connected.
type SourceStats struct {
	Connected        bool
	Packets, Bytes   uint64
	KeyframeRequests uint64
	Encodings        []EncodingStats
}

// EncodingStats are the figures of one incoming encoding.
type EncodingStats struct {
	Slot             Slot
	Layer            Layer
	Codec            packet.Codec
	Packets, Bytes   uint64
	Keyframes        uint64
	KeyframeRequests uint64
	PaddingDropped   uint64
	LastPacket       time.Time // zero when none came
}

// SubscriptionStats are the figures of one viewer since it joined.
type SubscriptionStats struct {
	Connected      bool
	Packets, Bytes uint64 // RTP sent, payload bytes
	Nacked, Resent uint64 // packets asked again, packets sent again
	RTT            time.Duration
	FractionLost   float64 // worst line of the last reports, 0..1
}

// Stats are the figures of an engine since it started.
type Stats struct {
	Broadcasts, Sources, Viewers int
	Joins                        uint64
	PacketsIn, BytesIn           uint64
	PacketsOut, BytesOut         uint64
	Resent                       uint64
	KeyframeRequests             uint64
	PaddingDropped               uint64
	ApplicationIn                uint64            // DTLS application records received: must stay 0
	ApplicationOut               uint64            // DTLS application records sent: must stay 0
	Drops                        map[string]uint64 // by named reason
}

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
	Most   Rates      // of its own, under those of the engine
}

// SinkSpec says who joins.
type SinkSpec struct {
	Five     bool       // the five slots of our own pages, mapped by order of the lines; else the programme cut
	Remote   netip.Addr // where the request came from: loopback gets loopback candidates
	OnlyAEAD bool       // refuse AES-CM for SRTP: our own pages
	Home     bool       // a family: the first whose picture is made smaller when the machine is full
	Party    string     // whom it watches for, to the audiences of slots (OnlyParties, ExceptParties); "" for nobody in particular
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
	Home           bool
	Transport      Transport // counts once it is connected
	Views          [slotCount]View
}

// Transport is how a viewer is reached.
type Transport uint8

// The transports.
const (
	UDP4 Transport = iota
	UDP6
	TCP

	transportCount = 3
)

var transportNames = [transportCount]string{"udp4", "udp6", "tcp"}

// Transports lists them all.
func Transports() []Transport { return []Transport{UDP4, UDP6, TCP} }

// String is the name of the transport in figures.
func (t Transport) String() string { return transportNames[t] }

// View is what a viewer is sent of a slot.
type View uint8

// The views.
const (
	ViewNone View = iota // nothing
	ViewHigh             // pictures of that layer
	ViewMid
	ViewLow
	ViewStill // a picture now and then
	ViewSound

	viewCount = 6
)

var viewNames = [viewCount]string{"none", "high", "mid", "low", "still", "sound"}

// AllViews lists them all.
func AllViews() []View { return []View{ViewNone, ViewHigh, ViewMid, ViewLow, ViewStill, ViewSound} }

// String is the name of the view in figures.
func (v View) String() string { return viewNames[v] }

// Stats are the figures of an engine since it started.
type Stats struct {
	Broadcasts, Sources, Viewers int
	Homes                        int                       // of Viewers, families
	Transports                   [transportCount]int       // of Viewers, those connected
	Views                        [slotCount][viewCount]int // how many viewers see what of each slot
	Joins, JoinsFull, JoinsBusy  uint64                    // answered; refused for want of room; refused in a rush
	FirstPicture                 Histogram                 // from the answer to the first packet of a keyframe sent
	Forwarding                   Histogram                 // from the arrival of packets to their sending
	PacketsIn, BytesIn           uint64                    // RTP, bytes of payload
	PacketsOut, BytesOut         uint64
	Slots                        [slotCount]SlotStats
	Nacks, Nacked, Resent        uint64 // messages of viewers; packets they asked again; packets sent again
	PLIs                         uint64 // keyframes that viewers asked for
	Switches                     uint64 // of layer, of all viewers
	KeyframeAsks                 uint64 // keyframes wanted by anybody here
	KeyframeRequests             uint64 // of those, asked of publishers: the others were asked for already
	PaddingDropped               uint64
	Handshakes                   HandshakeStats
	Load                         LoadStats
	Egress                       EgressStats
	Streams                      StreamStats
	ApplicationIn                uint64            // DTLS application records received: must stay 0
	ApplicationOut               uint64            // DTLS application records sent: must stay 0
	Drops                        map[string]uint64 // by named reason
}

// SlotStats are the figures of one slot: RTP, bytes of payload.
type SlotStats struct {
	PacketsIn, BytesIn   uint64
	PacketsOut, BytesOut uint64
}

// HandshakeStats are those of viewers' sessions.
type HandshakeStats struct {
	Running, Waiting int    // now
	Done, Failed     uint64 // since the start
}

// LoadStats say how full the node is.
type LoadStats struct {
	Step          int     // of shedding; 0: nothing is shed
	Home, Other   string  // the most that families, and all others, may see now
	Behind        bool    // the lanes have been late lately
	Rate, Budget  float64 // bits a second sent, IP headers included; the most, 0 for no bound
	LaneOldest    time.Duration
	LaneWaiting   int // packets
	ViewersAtMost int // 0 for no bound
}

// StreamStats are those of TCP connections. What they carry is counted nowhere
// else; Drops holds theirs by reason ("stream-late").
type StreamStats struct {
	Open             int    // now
	Datagrams, Bytes uint64 // that left, all kinds
	Writes           uint64 // in which they left
}

// EgressStats say how media leaves the node by UDP.
type EgressStats struct {
	Datagrams, Bytes uint64 // of UDP payload, all kinds
	Collected        uint64 // of Datagrams, those sent in messages of several
	Messages, Calls  uint64 // in which those left: messages, system calls
	Segments         bool   // the kernel cuts one message into datagrams (GSO) on every socket
}

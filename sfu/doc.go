// Package sfu forwards one class to many viewers: sources → Broadcast → sinks.
//
// It is the only package (with its sub-packages) that knows Pion; nothing it
// exports mentions a Pion type. Media joins one way, offer → answer, and never
// renegotiates: the five slots are there from the first answer and stay silent
// until they are fed.
//
//	engine, _ := sfu.New(sfu.Config{Media: ":7882"})
//	room := engine.Open("cuisine")
//	answer, source, _ := room.Publish(ctx, offer, sfu.SourceSpec{Audio: sfu.Voice, Video: sfu.Camera})
//	room.Select(sfu.Voice, source)              // what feeds the slot
//	room.SetAudience(sfu.Voice, sfu.Everyone()) // who gets it; nobody until then
//
// # The way of a packet
//
// UDP → Pion → one reader per incoming encoding stores the packet once in the
// encoding's ring (packet.Ring) and hands a ticket (ring, range) to each lane.
// A lane gathers a frame, at most for a millisecond, and goes through its
// viewers: for each it leaves out what the viewer's rung does not hold
// (filter), maps the numbers (packet.Line), writes header and payload straight
// into the buffer of its egress.Sender and has the viewer's session
// (viewer.Session) seal them there. One flush sends all: for each viewer one
// run of equal datagrams, for many viewers one system call.
//
// RTCP of a viewer goes to its lane's mailbox: only the lane touches viewer
// state. A NACK is answered from the shared ring as a repair packet (RTX), in
// bounds (repairs); a viewer who joins begins with the last keyframe, if that
// was a moment ago (replay).
//
// # Layers
//
// A lane lets each viewer's ladder choose, twice a second, from what the
// source's layers cost now (gauge), what the page wants (Wish), what the viewer
// reports, and what the machine can carry (load). A layer is entered at its own
// keyframe, asked for at most every half second whoever asks (keyframer).
//
// # Goroutines
//
//   - engine: one housekeeper (layers that fell silent, rates, load).
//   - source: one reader of media and one of RTCP for each incoming encoding,
//     one watcher of its DTLS end.
//   - lane: one for each group of viewers of a broadcast, at most one a core,
//     and one for each attached Sink, so that a slow sink delays itself only.
//   - viewers: none of their own; package viewer says what a handshake takes.
//   - TCP: one accept loop for each address family, two for each connection of
//     a viewer whose network blocks UDP (egress.Stream).
//
// Engine.Close ends all of them and waits.
//
// # Locks
//
// Broadcast.mu guards who is there and what is selected; every change makes a
// new immutable routing table which lanes and readers load atomically. A change
// returns only when each lane has let go of the table before it: a gate that
// was closed stays closed for the very next packet. Lanes never take it.
package sfu

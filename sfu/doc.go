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
// A lane rewrites the header for each of its viewers and hands it to the
// viewer's transport, which seals and sends. RTCP of a viewer goes to its
// lane's mailbox: only the lane touches viewer state.
//
// # Goroutines
//
//   - engine: one housekeeper (layers that fell silent).
//   - source: one reader of media and one of RTCP for each incoming encoding,
//     one watcher of its DTLS end.
//   - lane: one for each group of viewers of a broadcast, and one for each
//     attached Sink, so that a slow sink delays itself only.
//   - subscription: one reader of RTCP for each of its lines, one watcher of
//     its DTLS end (until viewers stand on a session of our own).
//
// Engine.Close ends all of them and waits.
//
// # Locks
//
// Broadcast.mu guards who is there and what is selected; every change makes a
// new immutable routing table which lanes and readers load atomically. A change
// returns only when each lane has let go of the table before it: a gate that
// was closed stays closed for the very next packet.
package sfu

// Package viewer is a receive-only WebRTC session of our own: an ICE-lite
// responder (RFC 8445), a DTLS 1.2 handshake as server (RFC 5764), SRTP out and
// SRTCP in. It parses little, answers only what is authentic, and costs a
// viewer some kilobytes and no goroutine once the handshake is over.
//
//	server, err := viewer.NewServer(viewer.Config{Log: log})
//	conn.Handle(func(b []byte, from netip.AddrPort) bool { return server.Take(conn, b, from) })
//	session, err := server.Open(viewer.Params{Remote: …, Fingerprints: …, Owner: lane})
//	…                                              // the answer names session.Local() and server.Fingerprint()
//	b, err := session.Seal(packet, &header)        // from Owner.Connected on; by one goroutine
//	to := session.Dest()                           // where it goes now
//
// # Goroutines
//
// One housekeeper for the server (time-outs), and for each handshake that runs
// one worker with what dtls starts below it: at most Config.Handshakes at a
// time, of which few compute at once (see door, pipe). Everything else happens
// in the goroutine that reads the socket (Take) and in the callers'.
// Server.Close ends and awaits them all.
//
// # Locks
//
// Server.mu guards the registry, Session.mu the state of one session, and
// Session.calls makes the calls to its Owner one at a time. They are taken in
// the order calls, Session.mu, Server.mu, and no Owner is called while one of
// the last two is held. Seal, SealReport and Dest take none.
//
// # A nonce is used once
//
// The keys of a session are its own, exported from its own handshake, which
// happens once (a restart of ICE keeps them and their counters). AES-GCM and
// AES-CM break when two packets are sealed under one (SSRC, index): Seal counts
// the index itself, keeps which of the newest ones are used, and refuses any
// other use (ErrUsed) and all that is older than it remembers (ErrOld); but the
// very bytes that were sealed under an index may be sealed under it again, which
// gives the very bytes that were sent.
// SealReport counts up an index that no caller can set.
package viewer

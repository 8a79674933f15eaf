// Package signaling is the two doors of Antenne, and the place where rooms and media meet: HTTP for media (WHIP,
// WHEP), one WebSocket for the class. wire/protocol.md says what a stranger sees of them.
//
// A Server gives one http.Handler. It knows no page and no certificate.
//
// Goroutines. A Server has two. The watchman looks every half second for links that were revoked, sessions that ended, guests
// whose time is over or of whom nothing was heard, and rooms that are over, and forgets old codes. The keeper of sheets, where there
// is a folder for them, removes at the start and every hour those whose time is over. Each room with media has two: its conductor's,
// which opens and closes the media gates as the room's state changes, and its clerk's, which keeps the log and the publications in
// step. Each publication has one, which waits for its end, a guest's too. A class connection has two: a reader (the HTTP server's own)
// and a writer; and, while a command waits for the log, one that does commands in their order, so that the reader can hear a cut
// meanwhile. A viewer's media session has none here, nor has a screen that waits: its request is the HTTP server's. Close ends and
// waits for all of them.
//
// Locks. Server.mu guards the sets of conductors and connections; sessions.mu the register of media sessions; each seats.mu
// who takes a place (it may be taken with either of them held); each conductor.mu the publications of its room, held while
// they are decided and logged, so that a room's publications happen one after the other; conductor.guestDoor the same of a guest's.
// gates.mu guards the guest's gates, the studio's look at the second camera and who was cut, and is never held while anybody waits for
// a log: a cut takes that one alone. conductor.owesMu guards the ends of floors that the log shall have, sheetStore.replacing that one
// sheet at a time takes the place of another. What else has a lock (pairing, guesses, counters, a connection's orders) takes no other
// with it held. None is ever taken in a callback of a Keeper.
//
// Their order: guestDoor, conductor.mu, gates.mu; the clerk does not wait for guestDoor, which is held for as long as a guest's offer
// takes. owesMu is taken with none of them held.
package signaling

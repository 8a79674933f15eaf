// Package wire holds the messages of the class connection and how they are read from a stranger.
//
// The WebSocket carries one JSON object per text message. Decode is the only way in: it checks size,
// UTF-8, depth, repeated names and unknown names before a message becomes a value, so that what
// follows never meets a half-understood message. protocol.md beside this file is the whole contract
// for somebody who has never seen our code; each of its examples is decoded by a test.
//
// The package is pure: it starts no goroutine, keeps no state and imports no other package of ours,
// so that clients (signaling/dial, loadtest) hold exactly the types of the server.
package wire

import "time"

// What both sides must agree upon before the first message.
const (
	Version     = 1            // the "v" of hello and welcome
	Subprotocol = "antenne.v1" // Sec-WebSocket-Protocol

	MaxMessage = 64 << 10 // bytes of one message, either way in from a client
	MaxDepth   = 8        // objects and arrays inside one another
	MaxOffer   = 64 << 10 // bytes of an SDP offer or of a trickle fragment
	MaxID      = 64       // bytes of an identifier made by a client
	MaxToken   = 128      // bytes of a link's token
	MinSecret  = 22       // characters of a token that a page makes: 128 bits in base64url
	MaxSecret  = 86       // and at most: 512 bits
	MaxFreezes = 120      // freezes one health message may tell
	MaxDelay   = 60_000   // ms a page may say that it is behind
)

// The pace of the connection. A page that hears nothing for Silence considers the class lost.
const (
	HelloWithin = 5 * time.Second  // from the upgrade to hello
	BeatEvery   = 2 * time.Second  // server to client, always
	PingEvery   = 5 * time.Second  // WebSocket ping, server to client
	DeadAfter   = 12 * time.Second // nothing heard from the client, pongs included
	Silence     = 6 * time.Second  // nothing heard from the server
)

package peer

import (
	"context"
	"time"
)

// CrowdConfig says how a crowd is held. The zero value is usable.
type CrowdConfig struct {
	Pollers    int      // goroutines that read, each with its share of the viewers; 0: one for each core given to the process
	Handshakes int      // DTLS handshakes at a time; others wait; 0: 16
	Teacher    *Teacher // teacher of the same process, for the delay of every packet; nil: only stamped packets have one
	Profiles   []Profile
}

// Profile is a way to protect media (SRTP), in the order it is offered.
type Profile uint8

// Profiles. None given: AEAD128, then AEAD256, then CM80.
const (
	AEAD128 Profile = iota + 1 // AEAD_AES_128_GCM
	AEAD256                    // AEAD_AES_256_GCM
	CM80                       // AES_CM_128_HMAC_SHA1_80
)

// Visitor says who joins a crowd.
type Visitor struct {
	Group    string  // figures are summed by group; "" is one as well
	Five     bool    // the five lines of our own pages; else one sound and one picture
	Network  Network // how bad the last mile is; zero: perfect
	NoRepair bool    // never asks for lost packets
}

// Network is a bad last mile, played by the receiver: datagrams that have
// arrived are lost, or wait, before the viewer reads them. The way up (reports,
// requests, checks) is not touched. It needs no privilege.
type Network struct {
	Rate    int           // bits/s with IP and UDP headers that pass; 0: no limit
	Queue   time.Duration // what may wait for its turn at Rate before datagrams are dropped; 0: 200 ms
	Delay   time.Duration // added to each datagram
	Loss    float64       // share that is lost, 0..1
	Seed    uint64        // of the losses: the same seed loses the same datagrams of a run
	Stopped bool          // reads nothing more: its socket fills up. Checks and reports go on as before
}

// Crowd is many viewers that cost little: receive-only, against any WHEP
// server. Nothing sleeps on their sockets, so no sender pays for waking them;
// arrivals are the kernel's time stamps. Everything that arrives is decrypted.
//
// Goroutines: Pollers for the whole crowd, and the caller's inside Join (with
// those of the DTLS library during a handshake). None per viewer afterwards.
type Crowd struct {
	crowd
}

// NewCrowd starts the pollers. Close it. Only on Linux; elsewhere it fails.
func NewCrowd(c CrowdConfig) (*Crowd, error) { return newCrowd(c) }

// Join lets one viewer in and returns when it is connected (ICE and DTLS), or
// with why it is not. Any number may be called at a time; ctx bounds it.
func (c *Crowd) Join(ctx context.Context, exchange Exchange, v Visitor) (*Member, error) {
	return c.join(ctx, exchange, v)
}

// Figures are the sums of one group since the crowd began, those who left
// included. Sub gives a window.
func (c *Crowd) Figures(group string) Figures { return c.figures(group) }

// Groups are the names in use, sorted.
func (c *Crowd) Groups() []string { return c.groups() }

// Close lets everybody vanish, ends the pollers and waits for them.
func (c *Crowd) Close() error { return c.close() }

// Member is one viewer of a crowd.
type Member struct {
	member
}

// Figures are the member's own since it joined (its Delay is empty: delays are
// kept by group).
func (m *Member) Figures() Figures { return m.own() }

// Times are how long its join took.
func (m *Member) Times() JoinTimes { return m.times() }

// SetNetwork makes its last mile better or worse from now on.
func (m *Member) SetNetwork(n Network) { m.setNetwork(n) }

// Ended tells that the server said goodbye (a DTLS alert came) or refused
// every check for 30 s (consent, RFC 7675 §5.1).
func (m *Member) Ended() bool { return m.ended() }

// Leave says goodbye (DELETE where there is one) and goes.
func (m *Member) Leave(ctx context.Context) error { return m.leave(ctx) }

// Vanish goes without a word, as a phone out of reach.
func (m *Member) Vanish() { m.vanish() }

// JoinTimes are steps of a join, each from the moment the offer was posted;
// zero for what has not happened.
type JoinTimes struct {
	Answered  time.Duration // the answer is here
	Connected time.Duration // ICE and DTLS are done
	Sound     time.Duration // first packet of sound
	Keyframe  time.Duration // first complete keyframe of any line
}

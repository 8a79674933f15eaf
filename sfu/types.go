package sfu

import "fmt"

// Offer is an SDP offer as a client sent it. Never logged.
type Offer string

// Answer is the SDP answer for the wire, with every candidate in it.
type Answer string

// SessionID names a source or a subscription: 128 random bits in lower-case
// hexadecimal, fit for an unguessable session URL.
type SessionID string

// Slot is one of the five fixed media lines of a broadcast.
type Slot uint8

// The slots, in the order of the lines a five-line viewer offers.
const (
	Voice Slot = iota
	Camera
	Slides
	GuestVoice
	GuestCamera

	slotCount = 5
)

var slotNames = [slotCount]string{"voice", "camera", "slides", "guest-voice", "guest-camera"}

// Slots lists the five slots in the order of the lines.
func Slots() []Slot { return []Slot{Voice, Camera, Slides, GuestVoice, GuestCamera} }

// String is the name of the slot on the wire and in the log.
func (s Slot) String() string {
	if int(s) < len(slotNames) {
		return slotNames[s]
	}
	return fmt.Sprintf("slot-%d", uint8(s))
}

// IsAudio tells whether the slot carries sound; the others carry pictures.
func (s Slot) IsAudio() bool { return s == Voice || s == GuestVoice }

// Layer is one simulcast encoding of a video slot. A source with a single
// encoding has it at High.
type Layer uint8

// The layers, best first.
const (
	High Layer = iota
	Mid
	Low

	layerCount = 3
)

var layerNames = [layerCount]string{"high", "mid", "low"}

// String is the name of the layer in figures and logs.
func (l Layer) String() string {
	if int(l) < len(layerNames) {
		return layerNames[l]
	}
	return fmt.Sprintf("layer-%d", uint8(l))
}

// Why a source or a subscription ended: the values of Reason.
const (
	ReasonDeleted   = "deleted"    // the client said goodbye (DELETE)
	ReasonReplaced  = "replaced"   // another source took its place
	ReasonTakenOver = "taken-over" // the same person went on on another device
	ReasonLost      = "lost"       // silence: ICE, consent or start-up time-out
	ReasonClosed    = "closed"     // the peer closed its side (DTLS close)
	ReasonRevoked   = "revoked"    // its link was revoked
	ReasonCut       = "cut"        // a guest whose floor is over
	ReasonShutdown  = "shutdown"   // the engine or the broadcast ended
	ReasonFailed    = "failed"     // DTLS refused it, or a reader broke on it
	ReasonTooFast   = "too-fast"   // a publisher that went on sending more than it may
	ReasonTooLarge  = "too-large"  // a publisher that went on sending datagrams larger than the network's
	ReasonTooMany   = "too-many"   // a publisher with more encodings than it may have
)

package sfu

import "errors"

// Codes of the errors that Publish and Subscribe give: programs read the code,
// people read the sentence which rooms/words has for it.
const (
	CodeOfferEmpty        = "offer-empty"
	CodeOfferTooLarge     = "offer-too-large"      // Params: limit (bytes)
	CodeOfferMalformed    = "offer-malformed"      // not SDP, or not WebRTC
	CodeOfferNoAudio      = "offer-no-audio"       // a sound was needed
	CodeOfferNoVideo      = "offer-no-video"       // publishing without a picture
	CodeOfferDataChannel  = "offer-data-channel"   // m=application is never accepted
	CodeOfferTooManyLines = "offer-too-many-lines" // Params: limit
	CodeOfferDirection    = "offer-direction"      // the lines do not point the right way
	CodeOfferCodec        = "offer-codec"          // no codec in common; Params: kind
	CodeEngineBusy        = "engine-busy"          // too many joins at once: try again (503)
	CodeEngineFull        = "engine-full"          // the node carries what it can: try again later (503)
	CodeEngineClosed      = "engine-closed"        // the engine or the broadcast has ended
	CodeSourcesFull       = "sources-full"         // a broadcast with too many publishers; Params: limit
)

// Error is a refusal with a code for programs. Params fill the sentence.
type Error struct {
	Code   string
	Params map[string]string
	cause  error
}

func (e *Error) Error() string {
	if e.cause != nil {
		return "sfu: " + e.Code + ": " + e.cause.Error()
	}
	return "sfu: " + e.Code
}

// Unwrap gives the cause, for logs; it may quote parts of the offer's grammar
// but never addresses or keys.
func (e *Error) Unwrap() error { return e.cause }

// CodeOf is the code of an sfu error, or "" for any other error.
func CodeOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func refuse(code string, params ...string) *Error {
	e := &Error{Code: code}
	for i := 0; i+1 < len(params); i += 2 {
		if e.Params == nil {
			e.Params = map[string]string{}
		}
		e.Params[params[i]] = params[i+1]
	}
	return e
}

func refuseFor(code string, cause error) *Error { return &Error{Code: code, cause: cause} }

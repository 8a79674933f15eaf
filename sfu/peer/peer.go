// Package peer is a WebRTC client with our types: it publishes real, decodable
// media and counts what a viewer gets. The load generator and tests use it.
package peer

import (
	"context"

	"antenne/sfu"
	"antenne/sfu/packet"
)

// Exchange sends an offer to a server and brings its answer back. end, when
// not nil, tells the server goodbye (DELETE).
type Exchange func(context.Context, sfu.Offer) (answer sfu.Answer, end func(context.Context) error, err error)

// Media says what to publish.
type Media struct {
	Video     packet.Codec // packet.VP8 or packet.H264; 0 for sound alone
	WithAudio bool
}

// Direct is an Exchange without HTTP, for a server in the same process.
func Direct(f func(sfu.Offer) (sfu.Answer, error)) Exchange {
	return func(_ context.Context, o sfu.Offer) (sfu.Answer, func(context.Context) error, error) {
		a, err := f(o)
		return a, nil, err
	}
}

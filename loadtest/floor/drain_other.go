//go:build !linux || !(amd64 || arm64)

package floor

import (
	"errors"
	"net/netip"
	"time"

	"antenne/sfu/peer"
)

// Drained is sockets that swallow what comes.
type Drained struct{ Addresses []netip.AddrPort }

// Drain needs Linux: without its batches there is no floor to speak of.
func Drain(int) (*Drained, error) { return nil, errors.New("floor: only measured on Linux") }

// Close has nothing to close.
func (d *Drained) Close() {}

// Reset forgets nothing.
func (d *Drained) Reset() {}

// Figures are none.
func (d *Drained) Figures() (uint64, peer.Histogram) { return 0, peer.Histogram{} }

func rest(d time.Duration) { time.Sleep(d) }

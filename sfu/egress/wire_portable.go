//go:build !(linux && (amd64 || arm64)) || portable

package egress

import (
	"net/netip"
	"slices"
)

// bestWay is the best way of this system.
const bestWay = WaySingle

// sockaddr has nothing to prepare here.
type sockaddr struct{}

func sockaddrOf(netip.AddrPort) sockaddr { return sockaddr{} }

// wire sends datagram by datagram. The tag portable builds it on Linux too, so
// that it can be tested there.
type wire struct{}

func (*wire) prepare(*outlet) {}
func (*wire) rest()           {}

func (*wire) send(o *outlet) {
	var t tally
	for _, r := range o.runs[:o.count] {
		for b := range slices.Chunk(o.arena[r.start:r.start+r.size], r.segment) {
			t.calls++
			if _, err := o.conn.udp.WriteToUDPAddrPort(b, r.to.addr); err != nil {
				o.conn.count.drop(WriteError)
				continue
			}
			t.datagrams, t.bytes, t.messages = t.datagrams+1, t.bytes+len(b), t.messages+1
		}
	}
	o.conn.count.sent(t)
}

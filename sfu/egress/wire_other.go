package egress

import "net/netip"

type sockaddr struct{}

func sockaddrOf(netip.AddrPort) sockaddr { return sockaddr{} }

// wire sends datagram by datagram where the kernel has no better way.
type wire struct{}

func (*wire) prepare(*outlet) {}

func (*wire) send(o *outlet) {
	for _, r := range o.runs[:o.count] {
		for from := r.start; from < r.start+r.size; from += r.segment {
			_ = o.conn.send(o.arena[from:min(from+r.segment, r.start+r.size)], r.to.addr)
		}
	}
}

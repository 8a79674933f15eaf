package sfu

import (
	"fmt"
	"hash/crc32"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// maxCandidates bounds an answer on machines with very many addresses.
const maxCandidates = 32

// Type preferences of host candidates: RFC 8445 §5.1.2.2, and less for TCP, so
// that it is taken where UDP does not come through (RFC 6544 §4.2).
const (
	hostPreference   = 126
	streamPreference = 90
)

// passivePreference is the direction preference of a TCP candidate that waits
// to be connected to, on which others come first (RFC 6544 §4.2).
const passivePreference = 4

// candidates are the addresses to offer a client at remote, best first: made
// anew for each session, so that a machine may change its address.
func (n *network) candidates(remote netip.Addr) []netip.Addr {
	return n.choose(interfaceAddrs(), remote.Unmap())
}

// choose picks from the addresses of the interfaces. Public addresses replace
// them; loopback is for who came from there, or when there is nothing else.
func (n *network) choose(interfaces []netip.Addr, remote netip.Addr) []netip.Addr {
	var chosen, loopback []netip.Addr
	for _, ip := range interfaces {
		ip = ip.Unmap()
		switch {
		case !n.serves(ip) || slices.Contains(chosen, ip) || slices.Contains(loopback, ip):
		case ip.IsLoopback():
			loopback = append(loopback, ip)
		case len(n.publicIPs) == 0 && reachable(ip):
			chosen = append(chosen, ip.WithZone(""))
		}
	}
	chosen = append(slices.Clone(n.publicIPs), chosen...)
	if remote.IsLoopback() || len(chosen) == 0 {
		chosen = append(loopback, chosen...)
	}
	return chosen[:min(len(chosen), maxCandidates)]
}

// reachable leaves out what another machine cannot use.
func reachable(ip netip.Addr) bool {
	return ip.IsGlobalUnicast() || ip.Is4() && ip.IsLinkLocalUnicast()
}

func interfaceAddrs() []netip.Addr {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var all []netip.Addr
	for _, a := range addrs {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil {
			all = append(all, prefix.Addr())
		}
	}
	return all
}

// candidateLines are the SDP lines for these addresses (RFC 8839 §5.1).
func candidateLines(ips []netip.Addr, port int) []string {
	lines := make([]string, 0, len(ips)+1)
	for i, ip := range ips {
		lines = append(lines, datagramLine(i, ip, port))
	}
	return append(lines, endOfCandidates)
}

// viewerLines are those of a viewer at remote: what candidateLines gives, and
// the same addresses by TCP, where it is served.
func (n *network) viewerLines(remote netip.Addr) []string {
	ips := n.candidates(remote)
	if len(n.listeners) > 0 {
		ips = ips[:min(len(ips), maxCandidates/2)]
	}
	lines := make([]string, 0, 2*len(ips)+1)
	for i, ip := range ips {
		lines = append(lines, datagramLine(i, ip, n.port))
	}
	for i, ip := range ips {
		if n.streamsAt(ip) {
			lines = append(lines, streamLine(i, ip, n.port))
		}
	}
	return append(lines, endOfCandidates)
}

const endOfCandidates = "a=end-of-candidates"

func datagramLine(i int, ip netip.Addr, port int) string {
	priority := hostPreference<<24 | (0xffff-i)<<8 | 0xff
	return fmt.Sprintf("a=candidate:%d 1 udp %d %s %d typ host", foundation(ip.String()), priority, ip, port)
}

// streamLine is a passive TCP candidate (RFC 6544 §4.5).
func streamLine(i int, ip netip.Addr, port int) string {
	priority := streamPreference<<24 | (passivePreference<<13|0x1fff-i)<<8 | 0xff
	return fmt.Sprintf("a=candidate:%d 1 tcp %d %s %d typ host tcptype passive", foundation("tcp "+ip.String()), priority, ip, port)
}

// foundation is the same for what has the same fate (RFC 8445 §5.1.1.3).
func foundation(of string) uint32 { return crc32.ChecksumIEEE([]byte(of)) }

// dress makes the answer for the wire of Pion's: our candidates instead of its
// own, in the first line that is not rejected (BUNDLE carries all of them), and
// port 0 where the offer had rejected a line.
func dress(sdp string, candidates []string, rejected []bool) Answer {
	var out []string
	line, placed := -1, false
	place := func() {
		if line >= 0 && !placed && !isRejected(rejected, line) {
			out = append(out, candidates...)
			placed = true
		}
	}
	for _, text := range strings.Split(strings.TrimRight(sdp, "\r\n"), "\n") {
		text = strings.TrimRight(text, "\r")
		switch {
		case strings.HasPrefix(text, "a=candidate:"), text == "a=end-of-candidates":
			continue
		case strings.HasPrefix(text, "m="):
			place()
			line++
			if isRejected(rejected, line) {
				text = rejectLine(text)
			}
		}
		out = append(out, text)
	}
	place()
	return Answer(strings.Join(out, "\r\n") + "\r\n")
}

func isRejected(rejected []bool, line int) bool { return line < len(rejected) && rejected[line] }

func rejectLine(m string) string {
	fields := strings.SplitN(m, " ", 3)
	if len(fields) < 3 {
		return m
	}
	return fields[0] + " 0 " + fields[2]
}

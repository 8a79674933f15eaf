package viewer

import "sync/atomic"

// dropReason names why a datagram of a viewer was dropped.
type dropReason uint8

const (
	dropSTUNMalformed  dropReason = iota // a STUN message that does not parse
	dropSTUNUnexpected                   // a STUN response, which nobody asked for
	dropSTUNUsername                     // ours, but not of this pair (RFC 8445 §7.3)
	dropSTUNIntegrity                    // a wrong password, or none: an error 400 or 401 kept back
	dropSTUNAttribute                    // an attribute we would have to understand
	dropUnknown                          // first byte of no protocol of a session
	dropEarly                            // media or records before the handshake
	dropHandshakeFull                    // more of a handshake than its queue holds
	dropHandshakeWait                    // too many handshakes wait
	dropLate                             // handshake records after the handshake
	dropAlertForged                      // an alert that is not authentic
	dropReportForged                     // SRTCP that is not authentic, or came before
	dropReportSources                    // SRTCP of yet another source
	dropReportRate                       // more SRTCP than a viewer has to say
	dropUpstream                         // RTP from a viewer, who may only receive
	dropPanic                            // a fault of ours that the datagram brought out
	dropReasons
)

var dropNames = [dropReasons]string{
	"stun-malformed", "stun-unexpected", "stun-username", "stun-integrity", "stun-attribute",
	"unknown-protocol", "early", "handshake-full", "handshake-wait", "late", "alert-forged",
	"report-forged", "report-sources", "report-rate", "viewer-rtp", "panic",
}

var endNames = [...]string{EndLost: "lost", EndClosed: "closed", EndFailed: "failed", EndShutdown: "shutdown"}

// String is the name of the end in figures.
func (e End) String() string { return endNames[e] }

// counters of a server; written from everywhere.
type counters struct {
	connected                atomic.Int64
	handshakes, failed       atomic.Uint64
	restarts, addressChanges atomic.Uint64
	roleConflicts            atomic.Uint64
	resent                   atomic.Uint64
	ended                    [len(endNames)]atomic.Uint64
	drops                    [dropReasons]atomic.Uint64
}

func (c *counters) drop(r dropReason) { c.drops[r].Add(1) }

// Stats are the figures of a Server.
type Stats struct {
	Sessions, Connected                  int               // now
	HandshakesRunning, HandshakesWaiting int               // now
	HandshakesDone, HandshakesFailed     uint64            // since the start, like all below
	FlightsResent                        uint64            // last flights of handshakes, sent again
	Restarts, AddressChanges             uint64            // of ICE; of the way media takes
	RoleConflicts                        uint64            // clients told to take the controlling role
	Ended                                map[string]uint64 // sessions by reason, but those that Close ended
	Drops                                map[string]uint64 // datagrams by reason
}

// Stats gives the figures of now.
func (s *Server) Stats() Stats {
	c := &s.count
	st := Stats{
		Connected:      int(c.connected.Load()),
		HandshakesDone: c.handshakes.Load(), HandshakesFailed: c.failed.Load(), FlightsResent: c.resent.Load(),
		Restarts: c.restarts.Load(), AddressChanges: c.addressChanges.Load(), RoleConflicts: c.roleConflicts.Load(),
		Ended: make(map[string]uint64, len(endNames)-1), Drops: make(map[string]uint64, dropReasons),
	}
	for e := EndLost; e <= EndShutdown; e++ {
		st.Ended[e.String()] = c.ended[e].Load()
	}
	for r := range c.drops {
		st.Drops[dropNames[r]] = c.drops[r].Load()
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	st.Sessions, st.HandshakesRunning, st.HandshakesWaiting = len(s.sessions), s.door.running, len(s.door.waiting)
	return st
}

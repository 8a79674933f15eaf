package viewer

// Stats are the figures of a Server.
type Stats struct {
	Sessions, Connected                  int               // now
	HandshakesRunning, HandshakesWaiting int               // now
	HandshakesDone, HandshakesFailed     uint64            // since the start, like all below
	Restarts, AddressChanges             uint64            // of ICE; of the way media takes
	Ended                                map[string]uint64 // sessions by reason, but those that Close ended
	Drops                                map[string]uint64 // datagrams by reason
}

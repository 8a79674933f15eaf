package signaling

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"antenne/rooms"
)

// Stats are the server's figures since it began, for metrics.
type Stats struct {
	Connections, Strangers int // open class connections; those before their hello
	Nameless               int // of Connections, those without a link
	MediaSessions          int
	Viewers                int // of MediaSessions, those that watch
	NamelessViewers        int // of Viewers, those without a link
	Publications           int // live sources that the rooms know, or shall know, of
	Unlogged               int // of Publications, those that play although the log could not be told yet
	Rooms                  int // rooms with media

	Hellos, Commands, Refused uint64 // accepted hellos, commands done, commands refused
	MessagesIn, MessagesOut   uint64
	Published, Watched        uint64            // WHIP and WHEP sessions answered
	RoomsOver                 uint64            // ended rooms whose media was closed for good
	Restarted                 uint64            // viewers' sessions that went on over another network
	Guests                    int               // whose media is there
	Cuts                      map[string]uint64 // floors cut at the gates by a hand, by its side (rooms.Side)
	Lapses                    map[string]uint64 // floors that the gates ended before the room did, by why (rooms.FloorWhy)
	Paired                    uint64            // screens that were given their place, posts and phones let in by a code
	Waiting                   int               // screens that show a code, or did lately
	Freezes                   uint64            // times a face stood still and went on, as the pages tell
	Refusals                  map[string]uint64 // by code: HTTP refusals and refused messages
	Byes                      map[string]uint64 // by code: why the server ended connections
}

// counters may be used from any goroutine.
type counters struct {
	hellos, commands, refusedCommands atomic.Uint64
	messagesIn, messagesOut           atomic.Uint64
	published, watched, roomsOver     atomic.Uint64
	freezes, restarted, paired        atomic.Uint64

	mu       sync.Mutex
	refusals map[string]uint64 // owned under mu; codes are ours, so it is bounded
	byes     map[string]uint64 // owned under mu
	cuts     map[string]uint64 // owned under mu
	lapses   map[string]uint64 // owned under mu
}

func (c *counters) refused(code string) { c.add(&c.refusals, code) }
func (c *counters) bye(code string)     { c.add(&c.byes, code) }

func (c *counters) cut(by rooms.Side)      { c.add(&c.cuts, string(by)) }
func (c *counters) lapse(w rooms.FloorWhy) { c.add(&c.lapses, string(w)) }

func (c *counters) add(to *map[string]uint64, code string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if *to == nil {
		*to = map[string]uint64{}
	}
	(*to)[code]++
}

// Stats may be called at any time.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	st := Stats{Connections: len(s.sockets), Rooms: len(s.conductors)}
	conductors := slices.Collect(maps.Values(s.conductors))
	s.mu.Unlock()
	for _, c := range conductors {
		st.Publications += int(c.live.Load())
		st.Unlogged += int(c.unlogged.Load())
		st.Guests += c.guestsThere()
	}
	st.Strangers, _ = s.unmet.count()
	_, st.Nameless = s.met.count()
	st.Viewers, st.NamelessViewers = s.watching.count()
	st.MediaSessions = s.sessions.count()
	c := &s.counters
	st.Hellos, st.Commands, st.Refused = c.hellos.Load(), c.commands.Load(), c.refusedCommands.Load()
	st.MessagesIn, st.MessagesOut = c.messagesIn.Load(), c.messagesOut.Load()
	st.Published, st.Watched, st.RoomsOver = c.published.Load(), c.watched.Load(), c.roomsOver.Load()
	st.Paired, st.Waiting = c.paired.Load(), s.pairing.screens.count()
	st.Freezes, st.Restarted = c.freezes.Load(), c.restarted.Load()
	c.mu.Lock()
	defer c.mu.Unlock()
	st.Refusals, st.Byes = maps.Clone(c.refusals), maps.Clone(c.byes)
	st.Cuts, st.Lapses = maps.Clone(c.cuts), maps.Clone(c.lapses)
	return st
}

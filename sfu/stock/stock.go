// Package stock is a WHIP and WHEP server the way Pion is meant to be used: a
// PeerConnection for each session, TrackLocalStaticRTP for fan-out,
// RegisterDefaultInterceptors, ICE-lite on one UDP port. No trick is played
// and no slowness is added: it is the fair opponent that Antenne's own media
// core is measured against, and nothing else uses it.
//
//	s, err := stock.Listen("127.0.0.1:9998")
//	http.ListenAndServe("127.0.0.1:9999", s)
//
// Any number of rooms; each has one publisher (the newest) and any number of
// viewers:
//
//	POST   /whip/{room}   offer of a publisher  -> 201, answer, Location
//	POST   /whep/{room}   offer of a viewer     -> 201, answer, Location
//	DELETE /sessions/{id}                       -> 200
//
// A publisher's simulcast is answered, and its highest layer (the first RID of
// the offer) is what viewers get.
package stock

import "net/http"

// Server holds rooms. It is an http.Handler.
type Server struct {
	server
}

// Listen opens the UDP port for media: "host:port", one address that clients
// can reach ("127.0.0.1:0" for tests). Close it.
func Listen(media string) (*Server, error) { return listen(media) }

// ServeHTTP answers WHIP and WHEP.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.serve(w, r) }

// Viewers is how many are connected now, in all rooms.
func (s *Server) Viewers() int { return s.viewers() }

// Close ends all sessions and waits for their goroutines.
func (s *Server) Close() error { return s.close() }

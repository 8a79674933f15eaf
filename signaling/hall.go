package signaling

import (
	"crypto/sha256"
	"slices"

	"antenne/rooms"
	"antenne/rooms/live"
	"antenne/signaling/access"
)

// ticket is the hash of the token somebody entered with; zero for nobody in particular.
type ticket [sha256.Size]byte

func ticketOf(token string) ticket {
	if token == "" {
		return ticket{}
	}
	return sha256.Sum256([]byte(token))
}

func system(id rooms.RoomID) rooms.Actor { return rooms.Actor{Role: rooms.System, Room: id} }

// systemFor is the house doing what somebody with a link asked it for: the history says who.
func systemFor(who rooms.Actor) rooms.Actor {
	return rooms.Actor{Role: rooms.System, Room: who.Room, Link: who.Link}
}

func airOf(k *live.Keeper) rooms.AirEntity { return k.State().Air }

// facts is what the gate must know of a room.
func (s *Server) facts(id rooms.RoomID) (access.Facts, bool) {
	keeper, ok := s.hall.Room(id)
	if !ok {
		return access.Facts{}, false
	}
	room := keeper.Summary()
	follows := func(site rooms.SiteID) bool {
		return slices.ContainsFunc(room.Sites, func(e rooms.SiteEntity) bool { return e.ID == site })
	}
	return access.Facts{Public: room.Audience == rooms.AudiencePublic, Site: follows}, true
}

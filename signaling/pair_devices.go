package signaling

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"antenne/rooms"
)

// deviceLine is a screen or a post as « Ma salle » lists it.
type deviceLine struct {
	ID    rooms.LinkID `json:"id"`
	Role  rooms.Role   `json:"role"`
	Name  string       `json:"name"` // « poste 3 »; "" for a screen
	Since time.Time    `json:"since"`
	Where string       `json:"where"` // room: in this séance; poster: it waits for its hour; elsewhere: in another séance; away
}

// listDevices lists the paired screens of an animator's place, and the posts of its room.
func (s *Server) listDevices(r *http.Request) (int, any, error) {
	who, err := s.holder(r, rooms.Animator)
	if err != nil {
		return 0, nil, err
	}
	lines := []deviceLine{}
	in := s.whereLinksAre()
	for _, d := range s.hall.Devices(who.Site) {
		lines = append(lines, deviceLine{ID: d.ID, Role: d.Role, Since: d.PairedAt, Where: s.where(d.ID, who.Room, in)})
	}
	for _, post := range s.postsOf(who.Room, who.Site) {
		lines = append(lines, deviceLine{ID: post.ID, Role: post.Role, Name: post.Note, Since: post.IssuedAt, Where: s.where(post.ID, who.Room, in)})
	}
	return http.StatusOK, struct {
		Devices []deviceLine `json:"devices"`
	}{lines}, nil
}

// whereLinksAre tells in which room each link is connected now.
func (s *Server) whereLinksAre() map[rooms.LinkID]rooms.RoomID {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := make(map[rooms.LinkID]rooms.RoomID, len(s.sockets))
	for k := range s.sockets {
		if k.who.Link != "" {
			in[k.who.Link] = k.who.Room
		}
	}
	return in
}

func (s *Server) where(id rooms.LinkID, room rooms.RoomID, in map[rooms.LinkID]rooms.RoomID) string {
	at, connected := in[id]
	switch {
	case connected && at == room:
		return "room"
	case connected:
		return "elsewhere"
	case s.pairing.lately(id, s.clock()):
		return "poster"
	}
	return "away"
}

// postsOf lists the posts of a place whose links still stand, by name.
func (s *Server) postsOf(room rooms.RoomID, site rooms.SiteID) []rooms.Link {
	keeper, known := s.hall.Room(room)
	if !known {
		return nil
	}
	now := s.clock()
	posts := slices.DeleteFunc(keeper.Links(), func(l rooms.Link) bool {
		return l.Role != rooms.Post || l.Site != site || l.Stands(now) != nil
	})
	slices.SortStableFunc(posts, func(a, b rooms.Link) int {
		if d := len(a.Note) - len(b.Note); d != 0 { // poste 2 before poste 10
			return d
		}
		return strings.Compare(a.Note, b.Note)
	})
	return posts
}

// forgetDevice: the animator sends a screen or a post of their place away, for good.
func (s *Server) forgetDevice(r *http.Request) (int, any, error) {
	who, err := s.holder(r, rooms.Animator)
	if err != nil {
		return 0, nil, err
	}
	var asked struct {
		ID rooms.LinkID `json:"id"`
	}
	if err := readJSON(r, &asked); err != nil {
		return 0, nil, err
	}
	if slices.ContainsFunc(s.postsOf(who.Room, who.Site), func(l rooms.Link) bool { return l.ID == asked.ID }) {
		err = s.hall.RevokeFor(r.Context(), who, asked.ID)
	} else {
		err = s.hall.ForgetDevice(r.Context(), who, asked.ID)
	}
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, struct{}{}, nil
}

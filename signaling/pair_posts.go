package signaling

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"antenne/rooms"
	"antenne/signaling/access"
)

const (
	mostPosts     = 40             // of one place in one séance
	claimLasts    = 12 * time.Hour // how long a link that a code gave is good after the séance's hour
	postName      = "poste "       // and its number: what the animator calls it
	codePostLimit = "post-limit"
)

// openPosts tells an animator the code by which their posts join, or makes another one.
func (s *Server) openPosts(r *http.Request) (int, any, error) {
	who, err := s.holder(r, rooms.Animator)
	if err != nil {
		return 0, nil, err
	}
	var asked struct {
		Rotate bool `json:"rotate"`
	}
	if err := readJSON(r, &asked); err != nil {
		return 0, nil, err
	}
	code, err := s.postsCode(r.Context(), who, asked.Rotate)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, struct {
		Code string `json:"code"`
	}{code}, nil
}

func (s *Server) postsCode(ctx context.Context, who rooms.Actor, rotate bool) (string, error) {
	keeper, known := s.hall.Room(who.Room)
	if !known {
		return "", refuse(access.CodeRoomUnknown)
	}
	if now, is := keeper.View(who)["posts"].(rooms.PostsEntity); is && !rotate {
		return now.Code, nil
	}
	code := s.unusedCode()
	ctx, done := context.WithTimeout(ctx, decideWithin)
	defer done()
	_, err := keeper.Do(ctx, system(who.Room), rooms.OpenPosts{Site: who.Site, Code: code})
	return code, err
}

// unusedCode is one that opens nothing yet, as it is shown.
func (s *Server) unusedCode() string {
	for {
		code := newCode()
		_, posts := s.hall.PostsAt(code.String())
		if !posts && !s.pairing.phones.has(code) {
			return code.String()
		}
	}
}

// claimed is what somebody is given for a code.
type claimed struct {
	Role  rooms.Role   `json:"role"` // post or phone
	Room  rooms.RoomID `json:"room"`
	Token string       `json:"token"`
	Name  string       `json:"name"` // « poste 3 »; "" for a phone
	URL   string       `json:"url"`  // of its page, without the token
}

// claimCode lets a post or a phone in by its code.
func (s *Server) claimCode(r *http.Request) (int, any, error) {
	began := time.Now()
	var asked struct {
		Code string `json:"code"`
	}
	if err := readJSON(r, &asked); err != nil {
		return 0, nil, err
	}
	defer s.unhurried(r, began)
	at, _ := household(remote(r))
	by := hand{at: at}
	trusted := s.sharesConnection(by)
	if err := s.pairing.claiming.take(by, trusted, s.clock()); err != nil {
		return 0, nil, err
	}
	ctx, done := context.WithTimeout(context.WithoutCancel(r.Context()), decideWithin)
	defer done()
	given, found, err := s.claim(ctx, asked.Code)
	if found {
		s.pairing.claiming.right(by, trusted)
	}
	if err != nil {
		return 0, nil, err
	}
	s.counters.paired.Add(1)
	return http.StatusCreated, given, nil
}

// sharesConnection tells whether somebody with a link is connected from the same address: the posts of a centre come through the
// line of its desk and its screen.
func (s *Server) sharesConnection(by hand) bool {
	if by == (hand{}) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for k := range s.sockets {
		if k.who.Link == "" {
			continue
		}
		if at, counts := household(k.from); counts && at == by.at {
			return true
		}
	}
	return false
}

// claim finds what a code opens; found tells whether it is, or was lately, one of ours.
func (s *Server) claim(ctx context.Context, typed string) (given claimed, found bool, err error) {
	code, ok := readCode(typed)
	if !ok {
		return claimed{}, false, refuse(codeCodeUnknown)
	}
	if place, known := s.hall.PostsAt(code.String()); known {
		given, err = s.claimPost(ctx, place.Room, place.Site)
		return given, true, err
	}
	return s.claimPhone(ctx, code)
}

// claimPost gives a post its link, under the first number that is free.
func (s *Server) claimPost(ctx context.Context, room rooms.RoomID, site rooms.SiteID) (claimed, error) {
	keeper, known := s.hall.Room(room)
	if !known || keeper.Summary().State == rooms.Ended {
		return claimed{}, refuse(codeCodeExpired)
	}
	s.pairing.naming.Lock()
	defer s.pairing.naming.Unlock()
	name, ok := freeName(s.postsOf(room, site))
	if !ok {
		return claimed{}, refuse(codePostLimit)
	}
	link := rooms.IssueLink{Role: rooms.Post, Site: site, Expires: s.claimExpiry(room), Note: name}
	token, _, err := s.hall.Issue(ctx, room, link)
	if err != nil {
		return claimed{}, err
	}
	return claimed{Role: rooms.Post, Room: room, Token: token, Name: name, URL: "/post/" + string(room)}, nil
}

// freeName is the first « poste N » that nobody has; ok is false when a place has enough posts.
func freeName(posts []rooms.Link) (name string, ok bool) {
	if len(posts) >= mostPosts {
		return "", false
	}
	for n := 1; ; n++ {
		name = postName + strconv.Itoa(n)
		if !slices.ContainsFunc(posts, func(l rooms.Link) bool { return l.Note == name }) {
			return name, true
		}
	}
}

// claimExpiry counts from the séance's hour, or from now when that has passed.
func (s *Server) claimExpiry(room rooms.RoomID) time.Time {
	from := s.clock()
	if keeper, known := s.hall.Room(room); known {
		if at := keeper.Summary().At; at.After(from) {
			from = at
		}
	}
	return from.Add(claimLasts)
}

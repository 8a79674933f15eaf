package signaling

import (
	"cmp"
	"context"
	"net/http"
	"net/netip"
	"time"

	"antenne/rooms"
	"antenne/rooms/live"
	"antenne/signaling/access"
)

const (
	claimLasts    = 12 * time.Hour // how long a link that a code gave is good after the séance's hour
	codePostLimit = "post-limit"
	codeClaimRate = "claim-rate" // too many posts came in from this connection
)

// How many posts come in from one connection, loopback apart: in a burst, and one more after so long. A room of machines opens in
// one go, through the line of its desk or its screen; whoever comes alone has but some, so that a stranger who has read the code
// cannot take every place of a site.
const (
	postsBeside = rooms.MaxPosts
	postsAlone  = 16
	postAgain   = 15 * time.Second
)

// openPosts tells an animator the code by which their posts join, or has another take its place: with the one before go the posts
// that are away.
func (s *Server) openPosts(r *http.Request) (int, any, error) {
	who, err := s.holder(r, rooms.Animator)
	if err != nil {
		return 0, nil, err
	}
	var asked struct {
		Rotate bool   `json:"rotate"`
		Code   string `json:"code"` // the one that is to be replaced; "" for whichever there is
	}
	if err := readJSON(r, &asked); err != nil {
		return 0, nil, err
	}
	posts, err := s.postsCode(r.Context(), who, asked.Rotate, asked.Code)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, struct {
		Code    string `json:"code"`
		Another bool   `json:"another,omitempty"` // it took the place of another:
		Stayed  int    `json:"stayed"`            // so many posts stayed
		Closed  int    `json:"closed"`            // and so many, that were away, were closed
	}{posts.Code, posts.Another, posts.Stayed, posts.Closed}, nil
}

// postsCode is decided in the room: two desks that ask at once are told the same.
func (s *Server) postsCode(ctx context.Context, who rooms.Actor, rotate bool, before string) (rooms.PostsEntity, error) {
	keeper, known := s.hall.Room(who.Room)
	if !known {
		return rooms.PostsEntity{}, refuse(access.CodeRoomUnknown)
	}
	open := rooms.OpenPosts{Site: who.Site, Code: s.unusedCode()}
	if rotate {
		open.Instead = cmp.Or(before, postsOf(keeper, who).Code)
	}
	ctx, done := context.WithTimeout(ctx, decideWithin)
	defer done()
	if _, err := keeper.Do(ctx, systemFor(who), open); err != nil {
		return rooms.PostsEntity{}, err
	}
	return postsOf(keeper, who), nil
}

func postsOf(keeper *live.Keeper, who rooms.Actor) rooms.PostsEntity {
	e, _ := keeper.View(who)["posts"].(rooms.PostsEntity)
	return e
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
	given, found, err := s.claim(ctx, remote(r), asked.Code)
	if found {
		s.pairing.claiming.right(by, trusted)
	}
	if err != nil {
		return 0, nil, err
	}
	s.counters.paired.Add(1)
	return http.StatusCreated, given, nil
}

// sharesConnection tells whether somebody whose link was given to them is connected from the same address: the posts of a centre come
// through the line of its desk and its screen. Posts vouch for nobody, since whoever has read a code can be one.
func (s *Server) sharesConnection(by hand) bool {
	if by == (hand{}) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for k := range s.sockets {
		if k.who.Link == "" || k.who.Role == rooms.Post {
			continue
		}
		if at, counts := household(k.from); counts && at == by.at {
			return true
		}
	}
	return false
}

// claim finds what a code opens; found tells whether it is, or was lately, one of ours.
func (s *Server) claim(ctx context.Context, from netip.Addr, typed string) (given claimed, found bool, err error) {
	code, ok := readCode(typed)
	if !ok {
		return claimed{}, false, refuse(codeCodeUnknown)
	}
	if place, known := s.hall.PostsAt(code.String()); known {
		given, err = s.claimPost(ctx, from, place, code)
		return given, true, err
	}
	return s.claimPhone(ctx, code)
}

// claimPost gives a post its link.
func (s *Server) claimPost(ctx context.Context, from netip.Addr, place live.PostsPlace, code joinCode) (claimed, error) {
	keeper, known := s.hall.Room(place.Room)
	if !known || keeper.Summary().State == rooms.Ended {
		return claimed{}, refuse(codeCodeExpired)
	}
	if !s.mayClaim(from) {
		return claimed{}, refuse(codeClaimRate)
	}
	post, err := s.hall.JoinPost(ctx, place, code.String(), s.claimExpiry(place.Room))
	if err != nil {
		return claimed{}, err
	}
	return claimed{Role: rooms.Post, Room: place.Room, Token: post.Token, Name: post.Name, URL: "/post/" + string(place.Room)}, nil
}

// mayClaim bounds the posts of one connection.
func (s *Server) mayClaim(from netip.Addr) bool {
	at, _ := household(from)
	if s.sharesConnection(hand{at: at}) {
		return s.pairing.beside.take(from, s.clock())
	}
	return s.pairing.alone.take(from, s.clock())
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

package rooms

import (
	"slices"
	"time"
)

// The commands about the posts of a site.
type (
	// OpenPosts gives a site the code by which its posts join: the one there is stays, unless this one takes its place. With a new
	// code go the posts that came by a code and are not there. A code opens nothing but posts.
	OpenPosts struct {
		Site    SiteID
		Code    string
		Instead string // the code it takes the place of; "" for none
	}
	// SayLost is a post's « je suis perdu·e », "yes" or "no".
	SayLost struct{ Lost string }
	// AttendPost: the animator went there.
	AttendPost struct{ Post LinkID }
)

func (OpenPosts) Verb() CommandName  { return "open-posts" }
func (SayLost) Verb() CommandName    { return "say-lost" }
func (AttendPost) Verb() CommandName { return "attend-post" }

// What happens at the posts.
type (
	PostsOpened struct {
		Stamp
		Site SiteID `json:"site"`
		Code string `json:"code"`
		// Of a code that took the place of another: the posts that are there and stay, and those that were away and went.
		Stayed int `json:"stayed,omitempty"`
		Closed int `json:"closed,omitempty"`
	}
	PostLost struct {
		Stamp
		Link LinkID `json:"link"`
		Lost bool   `json:"lost"`
	}
	// PostAttended: the animator went there, and it is lost no more.
	PostAttended struct {
		Stamp
		Link LinkID `json:"link"`
	}
)

func (PostsOpened) Kind() string  { return "posts-opened" }
func (PostLost) Kind() string     { return "post-lost" }
func (PostAttended) Kind() string { return "post-attended" }

// postPart is the posts of the sites.
var postPart = part{
	rights: map[CommandName]rights{
		//              sys  med  mod  ani  scr  pos  vie  coo  gue  pho  cap
		"open-posts":  {yes, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___},
		"join-post":   {yes, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___},
		"say-lost":    {___, ___, ___, ___, ___, yes, ___, ___, ___, ___, ___},
		"attend-post": {___, ___, ___, its, ___, ___, ___, ___, ___, ___, ___},
	},
	pages: map[CommandName]pageForm{
		"say-lost":    {[]string{"lost"}, nil, func(f fields) Command { return SayLost{f["lost"]} }},
		"attend-post": {[]string{"post"}, nil, func(f fields) Command { return AttendPost{LinkID(f["post"])} }},
	},
	rules: map[CommandName]rule{
		"open-posts":  deciding((*Room).decideOpenPosts),
		"join-post":   deciding((*Room).decideJoinPost),
		"say-lost":    deciding((*Room).decideLost),
		"attend-post": deciding((*Room).decideAttend),
	},
	kinds: []kind{kindOf[PostsOpened](), kindOf[PostJoined](), kindOf[PostLost](), kindOf[PostAttended]()},
	apply: (*Room).applyToPosts,
	view:  (*Room).viewPosts,
}

// posts is what the posts of the sites say, and by which code they join.
type posts struct {
	codes  map[SiteID]PostsEntity
	joins  map[SiteID]int       // by the code that a site has now
	joined map[LinkID]bool      // by a code
	lost   map[LinkID]time.Time // since when
	helped map[LinkID]time.Time // when the animator went there, until it is lost again
	links  map[SiteID][]int     // where in Room.links those that are not revoked are, in the order they were issued
}

func (r *Room) decideOpenPosts(c OpenPosts, d decision) ([]Event, error) {
	now := r.posts.codes[c.Site].Code
	switch {
	case r.place(c.Site) == nil:
		return nil, refuse("site-unknown", "site", clip(string(c.Site)))
	case c.Code == "" || len(c.Code) > maxSlug || !plain(c.Code):
		return nil, refuse("posts-code")
	case r.state == Ended:
		return nil, refuse("room-ended")
	case now != "" && now != c.Instead, now == c.Code:
		return nil, nil
	}
	for _, open := range r.posts.codes {
		if open.Code == c.Code {
			return nil, refuse("posts-code") // another site's: the caller draws again
		}
	}
	opened := PostsOpened{Stamp: d.stamp, Site: c.Site, Code: c.Code}
	if now == "" {
		return []Event{opened}, nil
	}
	there, away := r.sortPosts(c.Site, d.at)
	opened.Stayed, opened.Closed = len(there), len(away)
	events := []Event{opened}
	for _, l := range away {
		events = append(events, LinkRevoked{Stamp: d.stamp, Link: l.ID})
	}
	return events, nil
}

func (r *Room) decideLost(c SayLost, d decision) ([]Event, error) {
	lost := c.Lost == "yes"
	switch {
	case !lost && c.Lost != "no":
		return nil, refuse("lost-unknown")
	case d.who.Link == "":
		return nil, refuse("post-unknown")
	case r.state == Ended:
		return nil, refuse("room-ended")
	case lost != r.posts.lost[d.who.Link].IsZero():
		return nil, nil
	}
	return []Event{PostLost{Stamp: d.stamp, Link: d.who.Link, Lost: lost}}, nil
}

func (r *Room) decideAttend(c AttendPost, d decision) ([]Event, error) {
	l, known := r.Link(c.Post)
	switch {
	case !known || l.Revoked || l.Role != Post || l.Site != d.who.Site:
		return nil, refuse("post-unknown")
	case r.posts.lost[c.Post].IsZero():
		return nil, nil
	}
	return []Event{PostAttended{Stamp: d.stamp, Link: c.Post}}, nil
}

func (r *Room) applyToPosts(e Event) bool {
	p := &r.posts
	switch e := e.(type) {
	case PostsOpened:
		if p.codes == nil {
			p.codes, p.joins = map[SiteID]PostsEntity{}, map[SiteID]int{}
		}
		p.joins[e.Site] = 0
		_, instead := p.codes[e.Site]
		p.codes[e.Site] = PostsEntity{Code: e.Code, Since: e.At, Another: instead, Stayed: e.Stayed, Closed: e.Closed}
	case PostJoined:
		if p.joined == nil {
			p.joined = map[LinkID]bool{}
		}
		p.joined[e.Link] = true
		p.joins[e.Site]++
	case PostLost:
		delete(p.helped, e.Link)
		p.setLost(e.Link, e.Lost, e.At)
	case PostAttended:
		p.setLost(e.Link, false, e.At)
		if p.helped == nil {
			p.helped = map[LinkID]time.Time{}
		}
		p.helped[e.Link] = e.At
	default:
		return false
	}
	return true
}

func (p *posts) setLost(id LinkID, lost bool, at time.Time) {
	switch {
	case !lost:
		delete(p.lost, id)
	case p.lost == nil:
		p.lost = map[LinkID]time.Time{id: at}
	default:
		p.lost[id] = at
	}
}

// issued notes the link at i in Room.links, when it is a post's.
func (p *posts) issued(e LinkIssued, i int) {
	if e.Role != Post {
		return
	}
	if p.links == nil {
		p.links = map[SiteID][]int{}
	}
	p.links[e.Site] = append(p.links[e.Site], i)
}

func (p *posts) revoked(site SiteID, i int) {
	if posts, has := p.links[site]; has {
		p.links[site] = slices.DeleteFunc(posts, func(other int) bool { return other == i })
	}
}

// viewPosts: the posts of a site, and their code, are its animators' alone.
func (r *Room) viewPosts(who Actor, v View) {
	if who.Role != Animator || who.Site == "" {
		return
	}
	if e, open := r.posts.codes[who.Site]; open {
		v["posts"] = e
	}
	for _, i := range r.posts.links[who.Site] {
		l := &r.links[i]
		v["post/"+string(l.ID)] = PostEntity{Link: l.ID, Label: l.Note, LostAt: moment(r.posts.lost[l.ID])}
	}
}

package rooms

import (
	"slices"
	"strconv"
	"time"
)

const (
	// MaxPosts bounds the posts of one site in one séance.
	MaxPosts = 40
	// MaxJoins bounds the posts that come in by one code of a site, whatever becomes of them: whoever has read a code in a photograph
	// does not go on coming in for the length of a séance. Another code begins anew.
	MaxJoins = 150
	// PostAway is how long a post that is not connected counts as there all the same: its page is being loaded, its line blinks.
	PostAway = 30 * time.Second
	// PostKeeps is how long its place is nobody else's: a machine falls asleep, and is woken up.
	PostKeeps = 5 * time.Minute

	postName = "poste " // and its number: what the animator calls it
)

// JoinPost gives a post that typed the code of a site its link, under the first number that is free. When the site has all its
// posts, the one that has been away for longest gives its place, one that was never seen before all; only those that came by a code do,
// and none before PostKeeps.
type JoinPost struct {
	Site    SiteID
	Code    string
	Link    LinkID
	Hash    string // SHA-256 of the token, 64 lower-case hexadecimal digits
	Expires time.Time
}

func (JoinPost) Verb() CommandName { return "join-post" }

// PostJoined: this link is that of a post that came by a code.
type PostJoined struct {
	Stamp
	Site SiteID `json:"site"`
	Link LinkID `json:"link"`
}

func (PostJoined) Kind() string { return "post-joined" }

func (r *Room) decideJoinPost(c JoinPost, d decision) ([]Event, error) {
	switch {
	case r.state == Ended:
		return nil, refuse("code-expired")
	case c.Code == "" || r.posts.codes[c.Site].Code != c.Code:
		return nil, refuse("code-unknown") // another took its place in the meantime
	case r.posts.joins[c.Site] >= MaxJoins:
		return nil, refuse("post-limit")
	}
	posts := r.postsOf(c.Site, d.at.Now)
	var events []Event
	if len(posts) >= MaxPosts {
		leaves, found := r.postToGo(c.Site, d.at)
		if !found {
			return nil, refuse("post-limit")
		}
		events = append(events, LinkRevoked{Stamp: d.stamp, Link: leaves.ID})
		posts = slices.DeleteFunc(posts, func(l Link) bool { return l.ID == leaves.ID })
	}
	issued, err := r.decideIssue(IssueLink{Link: c.Link, Hash: c.Hash, Role: Post, Site: c.Site, Expires: c.Expires, Note: freeName(posts)}, d)
	if err != nil || len(issued) == 0 {
		return nil, err
	}
	return append(append(events, issued...), PostJoined{Stamp: d.stamp, Site: c.Site, Link: c.Link}), nil
}

// postsOf lists the posts of a site whose links stand, in the order they were issued.
func (r *Room) postsOf(site SiteID, now time.Time) (posts []Link) {
	for _, i := range r.posts.links[site] {
		if l := r.linkNow(i); l.Stands(now) == nil {
			posts = append(posts, l)
		}
	}
	return posts
}

// postToGo is the post of a site that gives its place to another.
func (r *Room) postToGo(site SiteID, at Moment) (leaves Link, found bool) {
	_, away := r.sortPosts(site, at)
	away = slices.DeleteFunc(away, func(l Link) bool { return at.Now.Sub(lastThere(l, at)) < PostKeeps })
	if len(away) == 0 {
		return Link{}, false
	}
	left := at.Present.PostLeft
	return slices.MinFunc(away, func(a, b Link) int { return left[a.ID].Compare(left[b.ID]) }), true
}

// sortPosts tells which posts of a site are there, and which of those that came by a code are away. A post with a link of its own
// that is away is neither: no code is asked of it.
func (r *Room) sortPosts(site SiteID, at Moment) (there, away []Link) {
	for _, l := range r.postsOf(site, at.Now) {
		switch {
		case isThere(l, at):
			there = append(there, l)
		case r.posts.joined[l.ID]:
			away = append(away, l)
		}
	}
	return there, away
}

// isThere tells whether a post is connected, or may be on its way.
func isThere(l Link, at Moment) bool { return at.Now.Sub(lastThere(l, at)) < PostAway }

// lastThere is since when nothing is known of a post: it left, was let in, or this server has begun. Of one that is connected it is now.
func lastThere(l Link, at Moment) time.Time {
	if at.Present.Posts[l.ID] > 0 {
		return at.Now
	}
	return slices.MaxFunc([]time.Time{at.Present.PostLeft[l.ID], l.IssuedAt, at.Present.Since}, time.Time.Compare)
}

// freeName is the first « poste N » that nobody has.
func freeName(posts []Link) string {
	for n := 1; ; n++ {
		name := postName + strconv.Itoa(n)
		if !slices.ContainsFunc(posts, func(l Link) bool { return l.Note == name }) {
			return name
		}
	}
}

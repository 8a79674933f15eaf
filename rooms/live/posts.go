package live

import (
	"context"
	"encoding/hex"
	"time"

	"antenne/rooms"
)

// PostsPlace is where the posts that join by a code come in.
type PostsPlace struct {
	Room rooms.RoomID
	Site rooms.SiteID
}

// PostsAt finds whose posts a code opens, as it was given to rooms.OpenPosts: the newest of each site only. The room may have ended.
func (h *Hall) PostsAt(code string) (PostsPlace, bool) { return h.links.postsAt(code) }

// JoinedPost is a post that a code has let in.
type JoinedPost struct {
	Link  rooms.LinkID
	Token string // its secret, told this once and kept nowhere
	Name  string // « poste 3 »
}

// JoinPost lets a post in by the code of its site. Refusals: those of rooms.JoinPost.
func (h *Hall) JoinPost(ctx context.Context, at PostsPlace, code string, expires time.Time) (JoinedPost, error) {
	keeper, err := h.keeper(at.Room)
	if err != nil {
		return JoinedPost{}, err
	}
	post := JoinedPost{Link: rooms.LinkID(h.newID()), Token: newToken()}
	hash := TokenHash(post.Token)
	join := rooms.JoinPost{Site: at.Site, Code: code, Link: post.Link, Hash: hex.EncodeToString(hash[:]), Expires: expires}
	if err := h.house(ctx, at.Room, "", join); err != nil {
		return JoinedPost{}, err
	}
	keeper.ask(func() {
		l, _ := keeper.room.Link(post.Link)
		post.Name = l.Note
	})
	return post, nil
}

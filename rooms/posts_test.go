package rooms_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"antenne/rooms"
)

// postRoom is a room whose posts of Fives come and go; noon is long after they came.
type postRoom struct {
	t       *testing.T
	room    *rooms.Room
	present rooms.Presence
}

const firstCode = "ABCD2345"

func newPostRoom(t *testing.T) *postRoom {
	p := &postRoom{t: t, room: sceneFor(t), present: rooms.Presence{Posts: map[rooms.LinkID]int{}, PostLeft: map[rooms.LinkID]time.Time{}}}
	p.must(rooms.OpenPosts{Site: "fives", Code: firstCode}, noon.Add(-time.Hour))
	return p
}

func (p *postRoom) decide(c rooms.Command, at time.Time) ([]rooms.Event, error) {
	events, err := p.room.Decide(rooms.Actor{Role: rooms.System, Link: "desk"}, c, rooms.Moment{Now: at, Present: p.present})
	for _, e := range events {
		p.room.Apply(e)
	}
	return events, err
}

func (p *postRoom) must(c rooms.Command, at time.Time) []rooms.Event {
	p.t.Helper()
	events, err := p.decide(c, at)
	if err != nil {
		p.t.Fatalf("%+v: %v", c, err)
	}
	return events
}

func joining(n int, code string) rooms.JoinPost {
	return rooms.JoinPost{Site: "fives", Code: code, Link: rooms.LinkID(fmt.Sprintf("p%d", n)), Hash: fmt.Sprintf("%064d", n), Expires: noon.Add(9 * time.Hour)}
}

func (p *postRoom) join(n int, at time.Time) { p.t.Helper(); p.must(joining(n, firstCode), at) }

func (p *postRoom) stands(id rooms.LinkID) bool {
	l, known := p.room.Link(id)
	return known && !l.Revoked
}

func revokedIn(events []rooms.Event) (ids []rooms.LinkID) {
	for _, e := range events {
		if e, is := e.(rooms.LinkRevoked); is {
			ids = append(ids, e.Link)
		}
	}
	return ids
}

// Two desks that open the posts at once see one code; so do two that ask for another at once.
func TestThePostsOfASiteHaveOneCode(t *testing.T) {
	p := newPostRoom(t)
	if events := p.must(rooms.OpenPosts{Site: "fives", Code: "EFGH2345"}, noon); len(events) != 0 {
		t.Errorf("opened again: %v", events)
	}
	if events := p.must(rooms.OpenPosts{Site: "fives", Code: "EFGH2345", Instead: firstCode}, noon); len(events) != 1 {
		t.Errorf("another code: %v", events)
	}
	if events := p.must(rooms.OpenPosts{Site: "fives", Code: "JKMN2345", Instead: firstCode}, noon); len(events) != 0 {
		t.Errorf("another, asked for by who saw the one before: %v", events)
	}
	code := p.room.View(rooms.Actor{Role: rooms.Animator, Room: "r", Site: "fives"})["posts"].(rooms.PostsEntity)
	if code.Code != "EFGH2345" || !code.Another {
		t.Errorf("« Ma salle » shows %+v", code)
	}
	_, err := p.decide(joining(1, firstCode), noon)
	wantCode(t, "the code before", err, "code-unknown")
	_, err = p.decide(joining(1, ""), noon)
	wantCode(t, "no code", err, "code-unknown")
	elsewhere := joining(1, "EFGH2345")
	elsewhere.Site = "anzin"
	_, err = p.decide(elsewhere, noon)
	wantCode(t, "the code of another site", err, "code-unknown")
	p.must(rooms.End{}, noon)
	_, err = p.decide(joining(1, "EFGH2345"), noon)
	wantCode(t, "after the end", err, "code-expired")
}

// A new code closes the posts that came by the code before and are not there, and tells how many.
func TestANewCodeClosesThePostsThatAreAway(t *testing.T) {
	p := newPostRoom(t)
	for n := 1; n <= 4; n++ {
		p.join(n, noon.Add(-30*time.Minute))
	}
	p.must(rooms.IssueLink{Link: "own", Hash: strings.Repeat("7", 64), Role: rooms.Post, Site: "fives", Expires: noon.Add(time.Hour), Note: "poste 9"}, noon.Add(-time.Hour))
	p.join(5, noon.Add(-rooms.PostAway+time.Second)) // its page is being loaded
	p.present.Posts["p1"] = 1
	p.present.PostLeft["p2"] = noon.Add(-rooms.PostAway + time.Second) // its line blinks
	p.present.PostLeft["p3"] = noon.Add(-rooms.PostAway)
	events := p.must(rooms.OpenPosts{Site: "fives", Code: "EFGH2345", Instead: firstCode}, noon)
	if gone := revokedIn(events); !slices.Equal(gone, []rooms.LinkID{"p3", "p4"}) {
		t.Errorf("closed: %v", gone)
	}
	if opened := events[0].(rooms.PostsOpened); opened.Stayed != 3 || opened.Closed != 2 || opened.By.Link != "desk" {
		t.Errorf("told: %+v", opened)
	}
	for id, want := range map[rooms.LinkID]bool{"p1": true, "p2": true, "p3": false, "p4": false, "p5": true, "own": true} {
		if p.stands(id) != want {
			t.Errorf("%s stands: %v", id, !want)
		}
	}
	p.present.Since = noon.Add(time.Hour) // the server has begun again: who is on the way back is not known yet
	if gone := revokedIn(p.must(rooms.OpenPosts{Site: "fives", Code: "JKMN2345", Instead: "EFGH2345"}, noon.Add(time.Hour+time.Second))); len(gone) != 0 {
		t.Errorf("closed by a restart: %v", gone)
	}
}

// When a site has all its posts, one that is away gives its place: one that was never seen, then the one that left first.
func TestThePostThatIsAwayForLongestGivesItsPlace(t *testing.T) {
	p := newPostRoom(t)
	p.must(rooms.IssueLink{Link: "own", Hash: strings.Repeat("7", 64), Role: rooms.Post, Site: "fives", Expires: noon.Add(time.Hour), Note: "salle du fond"}, noon.Add(-time.Hour))
	for n := 1; n < rooms.MaxPosts; n++ {
		p.join(n, noon.Add(-30*time.Minute))
		p.present.Posts[rooms.LinkID(fmt.Sprintf("p%d", n))] = 1
	}
	_, err := p.decide(joining(100, firstCode), noon)
	wantCode(t, "one more, and all are there", err, "post-limit")
	for id, left := range map[rooms.LinkID]time.Duration{"p4": -10 * time.Minute, "p6": -20 * time.Minute, "p8": 0} {
		delete(p.present.Posts, id)
		if left != 0 {
			p.present.PostLeft[id] = noon.Add(left)
		}
	}
	for i, leaves := range []rooms.LinkID{"p8", "p6", "p4"} {
		events := p.must(joining(100+i, firstCode), noon)
		if gone := revokedIn(events); !slices.Equal(gone, []rooms.LinkID{leaves}) {
			t.Errorf("%v gave its place, wanted %s", gone, leaves)
		}
		if l, _ := p.room.Link(rooms.LinkID(fmt.Sprintf("p%d", 100+i))); l.Note != "poste "+string(leaves[1:]) {
			t.Errorf("the new one is %q", l.Note)
		}
	}
	_, err = p.decide(joining(110, firstCode), noon)
	wantCode(t, "one more, and all are there or on their way", err, "post-limit")
	if !p.stands("own") {
		t.Error("a link of its own was taken back")
	}
}

// A machine that slept for a while finds its place again, whoever types the code meanwhile.
func TestAPostThatHasJustLeftKeepsItsPlace(t *testing.T) {
	p := newPostRoom(t)
	for n := 1; n <= rooms.MaxPosts; n++ {
		p.join(n, noon.Add(-30*time.Minute))
		p.present.Posts[rooms.LinkID(fmt.Sprintf("p%d", n))] = 1
	}
	delete(p.present.Posts, "p7")
	p.present.PostLeft["p7"] = noon
	_, err := p.decide(joining(100, firstCode), noon.Add(rooms.PostKeeps-time.Second))
	wantCode(t, "one more, while a machine sleeps", err, "post-limit")
	if gone := revokedIn(p.must(joining(100, firstCode), noon.Add(rooms.PostKeeps))); !slices.Equal(gone, []rooms.LinkID{"p7"}) {
		t.Errorf("%v gave its place", gone)
	}
}

// Somebody who has read the code comes in again and again, and lets nobody be seen: in the end the code opens nothing, and another does.
func TestACodeLetsInSoManyPosts(t *testing.T) {
	p := newPostRoom(t)
	own := rooms.IssueLink{Link: "own", Hash: strings.Repeat("7", 64), Role: rooms.Post, Site: "fives", Expires: noon.Add(9 * time.Hour), Note: "salle du fond"}
	p.must(own, noon.Add(-time.Hour))
	at, in := noon, 0
	for n := range 1000 {
		at = at.Add(15 * time.Second)
		switch _, err := p.decide(joining(n, firstCode), at); {
		case err == nil:
			in++
		case in < rooms.MaxJoins:
			t.Fatalf("after %d: %v", in, err)
		default:
			wantCode(t, "by a code that has served", err, "post-limit")
		}
	}
	if in != rooms.MaxJoins {
		t.Errorf("%d came in by one code", in)
	}
	desk := p.room.View(rooms.Actor{Role: rooms.Animator, Room: "r", Site: "fives"})
	shown := 0
	for name := range desk {
		if strings.HasPrefix(name, "post/") {
			shown++
		}
	}
	if shown != rooms.MaxPosts || desk["post/own"] == nil {
		t.Errorf("« Ma salle » shows %d posts", shown)
	}
	p.must(rooms.OpenPosts{Site: "fives", Code: "EFGH2345", Instead: firstCode}, at)
	p.must(joining(2000, "EFGH2345"), at)
	if !p.stands("p2000") || !p.stands("own") {
		t.Error("by the new code nobody comes in")
	}
}

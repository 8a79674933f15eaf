package live

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"antenne/rooms"
	"antenne/rooms/journal"
	"antenne/rooms/journal/journaltest"
)

func TestQuestionClimbsAndEveryRoleSeesItsOwn(t *testing.T) {
	h := newHouse(t, journal.NewMemory(), hour)
	desk, other := h.k.Watch(animator("lille"), Since{}), h.k.Watch(animator("douai"), Since{})
	regie, home := h.k.Watch(moderator(), Since{}), h.k.Watch(viewer(1), Since{})
	for _, w := range []*Watch{desk, other, regie, home} {
		defer w.Close()
		if w.Welcome().View["room"] == nil || w.Welcome().View["you"] == nil || w.Welcome().Epoch == "" {
			t.Fatalf("a poor welcome: %+v", w.Welcome())
		}
	}
	key := "question/" + string(question(1))
	seq := h.do(t, animator("lille"), rooms.Ask{Question: question(1), Text: "Combien de sel ?"})
	for name, w := range map[string]*Watch{"desk": desk, "régie": regie} {
		if c := nextOf(t, w, false); c.Seq != seq || c.Set[key] == nil {
			t.Errorf("%s got %+v", name, c)
		}
	}
	h.do(t, moderator(), rooms.Approve{Question: question(1)})
	taken := h.do(t, mediator(), rooms.Take{Question: question(1)})
	for name, w := range map[string]*Watch{"other desk": other, "home": home} {
		c := nextOf(t, w, false)
		if c.Seq != taken || c.Set["card"] == nil || c.Set[key] != nil {
			t.Errorf("%s got %+v", name, c)
		}
	}
}

// A viewer who never asked shares its view with the others; once it asks it must have a view of its own, and nobody else's.
func TestAskerLeavesTheCommonView(t *testing.T) {
	h := newHouse(t, journal.NewMemory(), hour)
	byLink := rooms.Actor{Role: rooms.Post, Room: room, Site: "lille", Link: "poste"}
	for i, who := range []rooms.Actor{viewer(1), byLink} {
		own, neighbour := h.k.Watch(who, Since{}), h.k.Watch(viewer(2), Since{})
		key := "question/" + string(question(i))
		h.do(t, who, rooms.Ask{Question: question(i), Text: "Et sans gluten ?"})
		if c := nextOf(t, own, false); c.Set[key] == nil || len(c.Set) != 1 {
			t.Fatalf("the asker got %+v", c)
		}
		h.do(t, mediator(), []rooms.Command{rooms.GoOnAir{}, rooms.Pause{}}[i])
		if c := nextOf(t, neighbour, false); c.Set[key] != nil || c.Set["room"] == nil {
			t.Fatalf("the neighbour got %+v", c)
		}
		if v := h.k.Watch(who, Since{}).Welcome().View; v[key] == nil {
			t.Fatalf("come back, the asker sees %v", v)
		}
		own.Close()
		neighbour.Close()
	}
}

func TestSameCommandTwiceIsOneEntry(t *testing.T) {
	h := newHouse(t, journal.NewMemory(), hour)
	ask := rooms.Ask{Question: question(1), Text: "Une fois ?"}
	if a, b := h.do(t, viewer(1), ask), h.do(t, viewer(1), ask); a != b {
		t.Fatalf("entries %d and %d", a, b)
	}
}

func TestResumeBySequence(t *testing.T) {
	h := newHouse(t, journal.NewMemory(), hour)
	stays := h.k.Watch(screen("douai"), Since{})
	defer stays.Close()
	w := h.k.Watch(animator("lille"), Since{})
	at := Since{Epoch: w.Welcome().Epoch, Seq: w.Welcome().Seq}
	w.Close()
	if again := h.k.Watch(animator("lille"), at); !again.Welcome().Unchanged || again.Welcome().View != nil {
		t.Fatalf("nothing changed, and the welcome is %+v", again.Welcome())
	}
	h.do(t, animator("lille"), rooms.Ask{Question: question(1), Text: "Et moi ?"})
	for what, since := range map[string]Since{"missed one": at, "another epoch": {Epoch: "before", Seq: 2}, "from the future": {at.Epoch, 99}} {
		if w := h.k.Watch(animator("lille"), since).Welcome(); w.Unchanged || w.View["question/"+string(question(1))] == nil {
			t.Errorf("%s: %+v", what, w)
		}
	}
	if w := h.k.Watch(screen("douai"), at).Welcome(); !w.Unchanged {
		t.Errorf("nothing that a screen may see has changed: %+v", w)
	}
}

// One watcher reads nothing. Were it waited for, the commands after its 64th message would never return.
func TestSlowWatcherIsCutOffAndDelaysNobody(t *testing.T) {
	h := newHouse(t, journal.NewMemory(), hour)
	slow, quick := h.k.Watch(moderator(), Since{}), h.k.Watch(moderator(), Since{})
	const acts = 2 * maxQueued
	received := make(chan int)
	go func() {
		n := 0
		for c := range quick.Messages() {
			if !c.Presence {
				n++
			}
			if n == acts {
				break
			}
		}
		received <- n
	}()
	for i := range acts {
		h.do(t, animator("lille"), rooms.CountPeople{People: strconv.Itoa(i)})
	}
	if n := <-received; n != acts || quick.Err() != nil {
		t.Fatalf("the quick one got %d of %d: %v", n, acts, quick.Err())
	}
	kept := 0
	for range slow.Messages() {
		kept++
	}
	if !errors.Is(slow.Err(), ErrSlow) || kept != maxQueued {
		t.Fatalf("the slow one: %v after %d messages", slow.Err(), kept)
	}
	if h.Stats().CutOff != 1 {
		t.Errorf("%d cut off", h.Stats().CutOff)
	}
	last := slow.Welcome()
	if w := h.k.Watch(moderator(), Since{last.Epoch, last.Seq}).Welcome(); *w.View["site/lille"].(rooms.SiteEntity).People != acts-1 {
		t.Errorf("resuming shows %+v", w.View)
	}
}

func TestUnreadForTwoSecondsIsCutOff(t *testing.T) {
	h := newHouse(t, journal.NewMemory(), hour)
	w := h.k.Watch(screen("lille"), Since{})
	h.do(t, mediator(), rooms.GoOnAir{})
	h.k.View(mediator()) // the message stands in the queue
	h.clock.move(maxUnread - time.Millisecond)
	h.k.View(mediator()) // the owner has been round
	if err := w.Err(); err != nil {
		t.Fatalf("cut off too early: %v", err)
	}
	h.clock.move(time.Millisecond)
	eventually(t, "cut off", func() bool { return errors.Is(w.Err(), ErrSlow) })
}

func TestJournalTroubleIsSaidAndPasses(t *testing.T) {
	j := newMoody(journal.NewMemory())
	h := newHouse(t, j, hour)
	for code, err := range map[string]error{CodeFull: journal.ErrFull, CodeFailed: journal.ErrClosed} {
		j.fail(err)
		_, err := h.k.Do(t.Context(), mediator(), rooms.GoOnAir{})
		wantRefusal(t, err, code)
		_, err = h.Create(t.Context(), rooms.CreateRoom{Title: "Autre", At: hour, Audience: rooms.AudiencePublic}, nil)
		wantRefusal(t, err, code)
		if h.k.View(mediator())["room"] == nil {
			t.Error("the room cannot be read any more")
		}
		h.clock.move(3 * time.Second)
	}
	j.heal()
	h.do(t, mediator(), rooms.GoOnAir{})
}

func TestAnotherWriterCameFirst(t *testing.T) {
	j := newMoody(journal.NewMemory())
	h := newHouse(t, j, hour)
	j.race.Store(true)
	seq := h.do(t, mediator(), rooms.GoOnAir{})
	if head, _ := j.Head(t.Context(), h.k.stream); seq != head || seq != 4 {
		t.Fatalf("entry %d of %d", seq, head)
	}
	if h.k.View(moderator())["site/intrus"] == nil {
		t.Fatal("the entry of the other was not applied")
	}
}

// Random commands from many actors while the journal's follows are cut: the room that lived through it, the room rebuilt from the
// journal and what a watcher put together are the same.
func TestAnyHistoryIsRebuilt(t *testing.T) {
	dir := t.TempDir()
	store, err := journal.OpenSQLite(dir)
	must(t, err)
	j := newMoody(store)
	h := newHouse(t, j, hour)
	follower := h.k.Watch(moderator(), Since{})
	var seen rooms.View
	var reading sync.WaitGroup
	reading.Go(func() { seen = assemble(follower) })

	stop := make(chan struct{})
	var cutting sync.WaitGroup
	cutting.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				j.cutFollows()
				h.clock.move(followAgain)
				time.Sleep(5 * time.Millisecond) // a pace for the cuts, not a wait for anything
			}
		}
	})
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() { actAtRandom(t, h, rand.New(rand.NewPCG(7, uint64(n))), n) })
	}
	all.Wait()
	close(stop)
	cutting.Wait()
	j.heal()
	eventually(t, "caught up", func() bool {
		h.clock.move(followAgain)
		head, _ := j.Head(t.Context(), h.k.stream)
		return h.k.Seq() == head
	})
	views := func(h *Hall) (v []rooms.View) {
		k, _ := h.Room(room)
		for _, who := range []rooms.Actor{mediator(), moderator(), animator("lille"), viewer(0), viewer(3), screen("lille")} {
			v = append(v, k.View(who))
		}
		return v
	}
	lived := views(h.Hall)
	must(t, h.Close())
	reading.Wait()
	must(t, store.Close())
	reopened, err := journal.OpenSQLite(dir)
	must(t, err)
	defer reopened.Close()
	again, err := OpenHall(t.Context(), reopened, Config{Clock: h.clock})
	must(t, err)
	defer again.Close()
	rebuilt := views(again)
	for i := range lived {
		if !reflect.DeepEqual(lived[i], rebuilt[i]) {
			t.Errorf("view %d: lived %v\nrebuilt %v", i, lived[i], rebuilt[i])
		}
	}
	if follower.Err() == ErrClosed && !reflect.DeepEqual(seen, lived[1]) {
		t.Errorf("a watcher put together %v\nwant %v", seen, lived[1])
	}
}

// assemble does what a page does: the welcome, then each change.
func assemble(w *Watch) rooms.View {
	v := w.Welcome().View
	for c := range w.Messages() {
		if c.Presence {
			continue
		}
		for key, e := range c.Set {
			v[key] = e
		}
		for _, key := range c.Gone {
			delete(v, key)
		}
	}
	return v
}

func actAtRandom(t *testing.T, h house, rng *rand.Rand, n int) {
	actors := []rooms.Actor{mediator(), moderator(), animator("lille"), animator("douai"), viewer(n)}
	for i := range 60 {
		q := question(rng.IntN(40))
		commands := []rooms.Command{
			rooms.Ask{Question: question(n*10 + i%10), Text: fmt.Sprint("question ", i)}, rooms.Relay{Question: q}, rooms.Approve{Question: q},
			rooms.Take{Question: q}, rooms.Answer{Question: q}, rooms.Later{Question: q}, rooms.Withdraw{Question: q}, rooms.Reopen{Question: q},
			rooms.Decline{Question: q, Reason: "no-time"}, rooms.Merge{Question: q, Into: question(rng.IntN(40))},
			rooms.Rephrase{Question: q, Text: "autrement"}, rooms.GoOnAir{}, rooms.Pause{}, rooms.Resume{},
		}
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		_, err := h.k.Do(ctx, actors[rng.IntN(len(actors))], commands[rng.IntN(len(commands))])
		cancel()
		var r *rooms.Refusal
		if err != nil && !errors.As(err, &r) {
			t.Errorf("%v", err)
		}
	}
}

func TestRestartKeepsStateAndForgetsPresence(t *testing.T) {
	j := journal.NewMemory()
	h := newHouse(t, j, hour)
	h.k.Enter(moderator(), "s1")
	token, id, err := h.IssueLink(t.Context(), room, rooms.Animator, "lille", hour.Add(time.Hour), "Fatima")
	must(t, err)
	must(t, h.Close())
	again, err := OpenHall(t.Context(), j, Config{Clock: h.clock})
	must(t, err)
	defer again.Close()
	who, err := again.Resolve(TokenHash(token), hour)
	if err != nil || who.Link != id || who.Site != "lille" || who.Role != rooms.Animator || who.Room != room {
		t.Fatalf("%+v, %v", who, err)
	}
	k, _ := again.Room(room)
	w := k.Watch(moderator(), Since{})
	defer w.Close()
	if p := nextOf(t, w, true).Set["presence"].(PresenceEntity); p.Moderators != 0 {
		t.Fatalf("%+v", p)
	}
}

func TestLinksOpenExpireAndAreRevoked(t *testing.T) {
	h := newHouse(t, journal.NewMemory(), hour)
	token, id, err := h.IssueLink(t.Context(), room, rooms.Mediator, "", hour.Add(time.Hour), "")
	must(t, err)
	if len(token) != 22 {
		t.Errorf("a token of %d characters", len(token))
	}
	_, err = h.Resolve(TokenHash("guess"), hour)
	wantRefusal(t, err, CodeLinkUnknown)
	_, err = h.Resolve(TokenHash(token), hour.Add(time.Hour))
	wantRefusal(t, err, CodeLinkExpired)
	must(t, h.RevokeLink(t.Context(), id))
	must(t, h.RevokeLink(t.Context(), id)) // again is no error
	_, err = h.Resolve(TokenHash(token), hour)
	wantRefusal(t, err, CodeLinkRevoked)
	wantRefusal(t, h.RevokeLink(t.Context(), "nobody"), CodeLinkUnknown)
	_, _, err = h.IssueLink(t.Context(), "elsewhere", rooms.Mediator, "", hour.Add(time.Hour), "")
	wantRefusal(t, err, CodeRoomUnknown)
	_, _, err = h.IssueLink(t.Context(), room, rooms.Animator, "nowhere", hour.Add(time.Hour), "")
	wantRefusal(t, err, "site-unknown")
}

// A link given before the doors opened holds until the end of the séance, at the doors of the house as in the room, and after a restart.
func TestALinkIsGoodUntilTheClassIsOver(t *testing.T) {
	j := journal.NewMemory()
	h := newHouse(t, j, hour.Add(-time.Hour))
	token, id, err := h.IssueLink(t.Context(), room, rooms.Mediator, "", hour.Add(time.Hour), "")
	must(t, err)
	h.do(t, mediator(), rooms.GoOnAir{})
	h.clock.move(9 * time.Hour)
	who, err := h.Resolve(TokenHash(token), h.clock.Now())
	must(t, err)
	h.do(t, who, rooms.Pause{})
	h.do(t, who, rooms.End{})
	end := h.clock.Now()
	must(t, h.Close())
	again, err := OpenHall(t.Context(), j, Config{Clock: h.clock})
	must(t, err)
	defer again.Close()
	_, err = again.Resolve(TokenHash(token), end.Add(rooms.ReopenFor-1))
	must(t, err)
	_, err = again.Resolve(TokenHash(token), end.Add(rooms.ReopenFor))
	wantRefusal(t, err, CodeLinkExpired)
	must(t, again.RevokeLink(t.Context(), id))
	_, err = again.Resolve(TokenHash(token), end)
	wantRefusal(t, err, CodeLinkRevoked)
}

// The token is in no file of the journal; only its hash is.
func TestTokenIsNotKept(t *testing.T) {
	dir := t.TempDir()
	j, err := journal.OpenSQLite(dir)
	must(t, err)
	defer j.Close()
	h := newHouse(t, j, hour)
	token, id, err := h.IssueLink(t.Context(), room, rooms.Screen, "lille", hour.Add(time.Hour), "")
	must(t, err)
	if found := journaltest.Grep(t, dir, []byte(token)); len(found) > 0 {
		t.Fatalf("the token is in %v", found)
	}
	if found := journaltest.Grep(t, dir, []byte(id)); len(found) == 0 {
		t.Fatal("the link is in no file: the search is wrong")
	}
}

func TestPresenceIsToldByRole(t *testing.T) {
	h := newHouse(t, journal.NewMemory(), hour)
	desk, studio, home := h.k.Watch(animator("lille"), Since{}), h.k.Watch(mediator(), Since{}), h.k.Watch(viewer(1), Since{})
	if c := nextOf(t, home, true); c.Set["helpers"].(HelpersEntity).Desk || c.Seq != 0 {
		t.Errorf("%+v", c)
	}
	nextOf(t, desk, true)
	nextOf(t, studio, true)
	seat := h.k.Enter(animator("lille"), "desk-1")
	h.clock.move(flushEvery)
	if !nextOf(t, home, true).Set["helpers"].(HelpersEntity).Desk {
		t.Error("the home is not told that its desk is there")
	}
	if p := nextOf(t, studio, true).Set["there/lille"].(ThereEntity); p.Desks != 1 || p.Opened || p.Picture != "none" || p.Sound != "off" {
		t.Errorf("%+v", p)
	}
	nextOf(t, desk, true)
	wall := h.k.Enter(screen("lille"), "wall-1")
	h.clock.move(flushEvery)
	if nextOf(t, desk, true).Set["screen/wall-1"] == nil {
		t.Error("the desk does not see its screen")
	}
	wall.Health(Health{Picture: "moving", Frames: 24.6, Sound: "locked"})
	h.clock.move(flushEvery)
	before := nextOf(t, desk, true).Set["screen/wall-1"].(ScreenEntity)
	if before.Picture != "moving" || before.Frames != 25 || before.Sound != "locked" || before.Opened || before.Connected {
		t.Errorf("%+v", before)
	}
	wall.Health(Health{Picture: "moving", Frames: 24.6, Sound: "locked", Opened: true, Connected: true})
	h.clock.move(flushEvery)
	if e := nextOf(t, desk, true).Set["screen/wall-1"].(ScreenEntity); !e.Opened || !e.Connected || !e.Since.After(before.Since) {
		t.Errorf("%+v", e)
	}
	if p := nextOf(t, studio, true); p.Set["screen/wall-1"] != nil {
		t.Errorf("the studio is told of a screen's health: %+v", p)
	}
	wall.Leave()
	wall.Leave()
	seat.Leave()
	h.clock.move(flushEvery)
	eventually(t, "all left", func() bool {
		c := nextOf(t, desk, true)
		return slices.Contains(c.Gone, "screen/wall-1") || c.Set["presence"] != nil
	})
	w := h.k.Watch(mediator(), Since{})
	if p := nextOf(t, w, true); p.Set["presence"] == nil || p.Set["there/lille"] != nil {
		t.Errorf("%+v", p)
	}
}

// A site is told by its worst screen; a delay that only trembles is not told again.
func TestASiteIsTheWorstOfItsScreens(t *testing.T) {
	h := newHouse(t, journal.NewMemory(), hour)
	for _, who := range []rooms.Actor{mediator(), moderator(), {Role: rooms.Coordinator, Room: room}, {Role: rooms.Phone, Room: room, Link: "ph", Of: "m"}} {
		h.k.Enter(who, rooms.SessionID(who.Role))
	}
	good, bad := h.k.Enter(screen("lille"), "good"), h.k.Enter(screen("lille"), "bad")
	h.k.Enter(screen("douai"), "other")
	there := func(who rooms.Actor) (all rooms.View) {
		w := h.k.Watch(who, Since{})
		defer w.Close()
		return nextOf(t, w, true).Set
	}
	good.Health(Health{Picture: "moving", Sound: "on", Opened: true, Path: "udp", Delay: 420})
	bad.Health(Health{Picture: "moving", Sound: "on", Path: "udp", Delay: 1230})
	want := ThereEntity{Screens: 2, Picture: "moving", Sound: "on", Path: "udp", Delay: 1200}
	if e := there(mediator())["there/lille"]; e != want {
		t.Errorf("%+v", e)
	}
	good.Health(Health{Picture: "frozen", Sound: "on", Opened: true, Path: "udp", Delay: 420})
	bad.Health(Health{Picture: "moving", Sound: "locked", Opened: true, Path: "tcp", Delay: 1390})
	want = ThereEntity{Screens: 2, Opened: true, Picture: "frozen", Sound: "locked", Path: "tcp", Delay: 1200}
	for _, role := range []rooms.Role{rooms.Mediator, rooms.Moderator, rooms.Coordinator, rooms.Phone} {
		set := there(rooms.Actor{Role: role, Room: room})
		if e := set["there/lille"]; e != want || set["there/douai"] == nil {
			t.Errorf("%s: %+v", role, e)
		}
		if p := set["presence"]; p != (PresenceEntity{Mediators: 1, Moderators: 1, Phones: 1, Coordinators: 1}) {
			t.Errorf("%s: %+v", role, p)
		}
	}
	own := there(animator("lille"))
	if own["there/lille"] != want || own["there/douai"] != nil || own["screen/bad"].(ScreenEntity).Delay != 1200 {
		t.Errorf("the desk: %+v", own)
	}
	for _, who := range []rooms.Actor{viewer(1), post("lille"), screen("lille"), {Role: rooms.Captioner, Room: room}} {
		w := h.k.Watch(who, Since{})
		for len(w.c) > 0 {
			if c := next(t, w); c.Set["there/lille"] != nil || c.Set["presence"] != nil {
				t.Errorf("%s is told %+v", who.Role, c.Set)
			}
		}
	}
	bad.Leave()
	good.Leave()
	if e := there(mediator())["there/lille"]; e != nil {
		t.Errorf("nobody is there, yet %+v", e)
	}
}

// A screen that is opened, and a desk that comes, are remembered of their site.
func TestWhoCameIsRemembered(t *testing.T) {
	h := newHouse(t, journal.NewMemory(), hour)
	site := func() rooms.SiteEntity {
		return h.k.View(rooms.Actor{Role: rooms.Coordinator, Room: room})["site/lille"].(rooms.SiteEntity)
	}
	wall := h.k.Enter(screen("lille"), "wall")
	eventually(t, "lille came", func() bool { return site().Came })
	if site().Screen {
		t.Error("a screen that nobody opened is ready")
	}
	wall.Health(Health{Picture: "none", Sound: "off", Opened: true})
	eventually(t, "its screen is ready", func() bool { return site().Screen })
	wall.Leave()
	if !site().Screen || !site().Came {
		t.Error("it is forgotten")
	}
}

// 220 screens report every second; the hands do not move between reports, so at most two changes of presence can go out.
func TestHealthDoesNotFlood(t *testing.T) {
	h := newHouse(t, journal.NewMemory(), hour)
	w := h.k.Watch(animator("lille"), Since{})
	nextOf(t, w, true)
	seat := h.k.Enter(screen("lille"), "wall")
	for i := range 220 {
		seat.Health(Health{Picture: "moving", Frames: float64(i), Sound: "on"})
	}
	if n := len(w.c); n > 2 {
		t.Fatalf("%d messages", n)
	}
	h.clock.move(flushEvery)
	eventually(t, "the last report is told", func() bool {
		e, ok := nextOf(t, w, true).Set["screen/wall"].(ScreenEntity)
		return ok && e.Frames == 219
	})
}

func TestDoorsOpenByThemselves(t *testing.T) {
	h := newHouse(t, journal.NewMemory(), hour.Add(-time.Hour))
	told := make(chan State, 10)
	h.k.OnState(func(s State) { told <- s })
	if s := <-told; s.Room != rooms.Scheduled {
		t.Fatalf("%+v", s)
	}
	h.clock.move(time.Hour - rooms.DoorsBefore)
	if s := <-told; s.Room != rooms.DoorsOpen {
		t.Fatalf("%+v", s)
	}
}

func TestTextsAreErasedThirtyDaysAfter(t *testing.T) {
	dir := t.TempDir()
	j, err := journal.OpenSQLite(dir)
	must(t, err)
	defer j.Close()
	h := newHouse(t, j, hour)
	const text, name = "Ma petite-fille est allergique aux noix", "Ghislaine Vandenbroucke"
	_, link, err := h.IssueLink(t.Context(), room, rooms.Animator, "lille", hour.Add(90*24*time.Hour), name)
	must(t, err)
	h.do(t, animator("lille"), rooms.Ask{Question: question(1), Text: text, Label: "poste 3"})
	h.do(t, mediator(), rooms.GoOnAir{})
	h.do(t, mediator(), rooms.End{})
	h.clock.move(Retention - time.Minute)
	h.retain()
	if len(journaltest.Grep(t, dir, []byte(text))) == 0 || len(journaltest.Grep(t, dir, []byte(name))) == 0 {
		t.Fatal("erased before its time")
	}
	eventually(t, "erased from the disk", func() bool {
		h.clock.move(time.Minute) // whenever the retention set its timer
		return len(journaltest.Grep(t, dir, []byte(text))) == 0 && len(journaltest.Grep(t, dir, []byte(name))) == 0
	})
	if l := h.k.Links(); len(l) != 1 || l[0].ID != link || l[0].Note != "" {
		t.Errorf("whom a link was given to is still told: %+v", l)
	}
	eventually(t, "erased from the view", func() bool {
		q := h.k.View(animator("lille"))["question/"+string(question(1))].(rooms.QuestionEntity)
		return q.Erased && q.Text == ""
	})
	must(t, j.Verify(t.Context()))
}

// Forgotten by the room, not yet by the journal when the server stopped: the next opening finishes it.
func TestInterruptedErasureIsFinished(t *testing.T) {
	j := journal.NewMemory()
	h := newHouse(t, j, hour)
	h.do(t, animator("lille"), rooms.Ask{Question: question(1), Text: "à oublier"})
	h.do(t, rooms.Actor{Role: rooms.System, Room: room}, rooms.EraseQuestion{Question: question(1)})
	must(t, h.Close())
	again, err := OpenHall(t.Context(), j, Config{Clock: h.clock})
	must(t, err)
	defer again.Close()
	eventually(t, "erased", func() bool {
		for _, e := range journaltest.Read(t, j, streamOf(room), 0) {
			if len(e.Private) > 0 {
				return false
			}
		}
		return true
	})
}

func TestEraseOneQuestion(t *testing.T) {
	dir := t.TempDir()
	j, err := journal.OpenSQLite(dir)
	must(t, err)
	defer j.Close()
	h := newHouse(t, j, hour)
	h.do(t, animator("lille"), rooms.Ask{Question: question(1), Text: "texte-à-effacer-1"})
	h.do(t, animator("lille"), rooms.Ask{Question: question(2), Text: "texte-à-garder-2"})
	must(t, h.EraseQuestion(t.Context(), question(1)))
	must(t, h.EraseQuestion(t.Context(), question(1)))
	wantRefusal(t, h.EraseQuestion(t.Context(), question(3)), CodeNoQuestion)
	if found := journaltest.Grep(t, dir, []byte("texte-à-effacer-1")); len(found) > 0 {
		t.Fatalf("still in %v", found)
	}
	if found := journaltest.Grep(t, dir, []byte("texte-à-garder-2")); len(found) == 0 {
		t.Fatal("the neighbour is gone")
	}
}

func TestHistoryReads(t *testing.T) {
	h := newHouse(t, journal.NewMemory(), hour)
	h.do(t, animator("lille"), rooms.Ask{Question: question(1), Text: "Combien de sel ?"})
	h.do(t, moderator(), rooms.Approve{Question: question(1)})
	h.do(t, mediator(), rooms.GoOnAir{})
	h.do(t, mediator(), rooms.Take{Question: question(1)})
	h.do(t, mediator(), rooms.SourceUp{Slots: []string{"voice", "camera"}})
	h.do(t, mediator(), rooms.End{})
	must(t, h.EraseQuestion(t.Context(), question(1)))
	var text strings.Builder
	for l, err := range h.k.History(t.Context()) {
		must(t, err)
		fmt.Fprintln(&text, l.Text)
	}
	want, err := os.ReadFile("testdata/history.txt")
	must(t, err)
	if text.String() != string(want) {
		t.Errorf("got:\n%s\nwant:\n%s", text.String(), want)
	}
}

func TestCloseEndsEverything(t *testing.T) {
	h := newHouse(t, journal.NewMemory(), hour)
	w := h.k.Watch(moderator(), Since{})
	must(t, h.Close())
	for range w.Messages() {
	}
	if !errors.Is(w.Err(), ErrClosed) {
		t.Errorf("%v", w.Err())
	}
	_, err := h.k.Do(t.Context(), mediator(), rooms.GoOnAir{})
	wantRefusal(t, err, CodeFailed)
	late := h.k.Watch(moderator(), Since{})
	for range late.Messages() {
	}
	if !errors.Is(late.Err(), ErrClosed) {
		t.Errorf("%v", late.Err())
	}
	late.Close()
	h.k.Enter(moderator(), "late").Leave()
}

func TestRoomsAreListedAndNamedOnce(t *testing.T) {
	h := newHouse(t, journal.NewMemory(), hour)
	_, err := h.CreateAs(t.Context(), room, rooms.CreateRoom{Title: "Encore", At: hour, Audience: rooms.AudiencePublic}, nil)
	wantRefusal(t, err, CodeRoomExists)
	id, err := h.Create(t.Context(), rooms.CreateRoom{Title: "Avant", At: hour.Add(-time.Hour), Audience: rooms.AudiencePrivate}, nil)
	must(t, err)
	all := h.Rooms()
	if len(all) != 2 || all[0].ID != id || all[1].Title != "Cuisine de saison" || len(all[1].Sites) != 3 {
		t.Fatalf("%+v", all)
	}
	must(t, h.CloseRoom(t.Context(), id))
	if k, _ := h.Room(id); k.Summary().State != rooms.Ended {
		t.Errorf("%+v", k.Summary())
	}
}

func BenchmarkKeeperDo(b *testing.B) {
	j, err := journal.OpenSQLite(b.TempDir())
	must(b, err)
	defer j.Close()
	h := newHouse(b, j, hour)
	acts := []rooms.Command{rooms.Pause{}, rooms.Resume{}}
	h.do(b, mediator(), rooms.GoOnAir{})
	b.ResetTimer()
	for i := range b.N {
		h.do(b, mediator(), acts[i%2])
	}
}

func BenchmarkFanOut300Watchers(b *testing.B) {
	h := newHouse(b, journal.NewMemory(), hour)
	h.do(b, mediator(), rooms.GoOnAir{})
	var reading sync.WaitGroup
	for i := range 300 {
		w := h.k.Watch(viewer(i), Since{})
		reading.Go(func() {
			for range w.Messages() {
			}
		})
	}
	acts := []rooms.Command{rooms.Pause{}, rooms.Resume{}}
	b.ResetTimer()
	for i := range b.N {
		h.do(b, mediator(), acts[i%2])
	}
	b.StopTimer()
	h.Close()
	reading.Wait()
}

// A season's worst hour: every site of the region has its desk open and thousands of questions are on the table.
func BenchmarkStormOf220Sites(b *testing.B) {
	h, err := OpenHall(b.Context(), journal.NewMemory(), Config{})
	must(b, err)
	defer h.Close()
	var sites []rooms.AddSite
	for i := range 220 {
		sites = append(sites, rooms.AddSite{Site: rooms.SiteID(fmt.Sprintf("site-%d", i)), Name: fmt.Sprint("Centre ", i)})
	}
	_, err = h.CreateAs(b.Context(), room, rooms.CreateRoom{Title: "x", At: hour, Audience: rooms.AudiencePublic}, sites)
	must(b, err)
	k, _ := h.Room(room)
	var reading sync.WaitGroup
	for _, s := range sites {
		w := k.Watch(animator(s.Site), Since{})
		reading.Go(func() {
			for range w.Messages() {
			}
		})
	}
	b.ResetTimer()
	for i := range b.N {
		site := sites[i%220].Site
		if _, err := k.Do(b.Context(), animator(site), rooms.Ask{Question: question(i), Text: "?"}); err != nil {
			b.Fatal(err)
		}
		if i >= 4000 { // keep the table at its size
			k.Do(b.Context(), animator(sites[(i-4000)%220].Site), rooms.Withdraw{Question: question(i - 4000)})
		}
	}
	b.StopTimer()
	h.Close()
	reading.Wait()
}

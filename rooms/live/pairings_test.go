package live

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"antenne/rooms"
	"antenne/rooms/journal"
)

// pairingHall is a hall with one room, followed by Lens and Douai.
func pairingHall(t *testing.T, j journal.Journal) *Hall {
	t.Helper()
	h, err := OpenHall(t.Context(), j, Config{})
	must(t, err)
	t.Cleanup(func() { h.Close() })
	if len(h.Rooms()) == 0 {
		_, err = h.CreateAs(t.Context(), "cuisine", rooms.CreateRoom{Title: "Cuisine", At: time.Now().Add(time.Hour), Audience: rooms.AudiencePrivate},
			[]rooms.AddSite{{Site: "lens", Name: "Lens"}, {Site: "douai", Name: "Douai"}})
		must(t, err)
	}
	return h
}

var (
	lensAnimator  = rooms.Actor{Role: rooms.Animator, Room: "cuisine", Site: "lens", Link: "a1"}
	douaiAnimator = rooms.Actor{Role: rooms.Animator, Room: "cuisine", Site: "douai", Link: "a2"}
)

func TestADeviceIsKnownFromPairingToForgettingAndOverARestart(t *testing.T) {
	j := journal.NewMemory()
	t.Cleanup(func() { j.Close() })
	h := pairingHall(t, j)
	token, id, err := h.PairDevice(t.Context(), lensAnimator, rooms.Screen, "lens")
	must(t, err)
	want := rooms.Actor{Role: rooms.Screen, Site: "lens", Link: id}
	who, err := h.Resolve(TokenHash(token), time.Now().AddDate(5, 0, 0))
	must(t, err)
	if who != want {
		t.Errorf("resolved to %+v, wanted %+v", who, want)
	}
	must(t, h.Close())

	h = pairingHall(t, j)
	if who, err = h.Resolve(TokenHash(token), time.Now()); err != nil || who != want {
		t.Errorf("after a restart: %+v, %v", who, err)
	}
	if d := h.Devices("lens"); len(d) != 1 || d[0].ID != id {
		t.Errorf("the devices of Lens are %+v", d)
	}
	wantRefusal(t, h.ForgetDevice(t.Context(), douaiAnimator, id), "device-foreign-site")
	must(t, h.ForgetDevice(t.Context(), lensAnimator, id))
	_, err = h.Resolve(TokenHash(token), time.Now())
	wantRefusal(t, err, CodeLinkRevoked)
	if d := h.Devices(""); len(d) != 0 {
		t.Errorf("a forgotten device is listed: %+v", d)
	}
	must(t, h.Close())

	h = pairingHall(t, j)
	_, err = h.Resolve(TokenHash(token), time.Now())
	wantRefusal(t, err, CodeLinkRevoked)
}

func TestADeviceIsRevokedAsALinkIs(t *testing.T) {
	j := journal.NewMemory()
	t.Cleanup(func() { j.Close() })
	h := pairingHall(t, j)
	token, id, err := h.PairDevice(t.Context(), rooms.Actor{Role: rooms.System}, rooms.Screen, "douai")
	must(t, err)
	must(t, h.RevokeLink(t.Context(), id))
	_, err = h.Resolve(TokenHash(token), time.Now())
	wantRefusal(t, err, CodeLinkRevoked)
	wantRefusal(t, h.RevokeLink(t.Context(), "nowhere"), CodeLinkUnknown)
}

// TestADeviceGoesWithTheLinkThatLetItIn: one sheet of a link that was lost opens nothing any more, in no room.
func TestADeviceGoesWithTheLinkThatLetItIn(t *testing.T) {
	j := newMoody(journal.NewMemory())
	t.Cleanup(func() { j.Close() })
	h := pairingHall(t, j)
	by, other := lensAnimator, lensAnimator
	for _, who := range []*rooms.Actor{&by, &other} {
		_, id, err := h.IssueLink(t.Context(), "cuisine", rooms.Animator, "lens", time.Now().Add(time.Hour), "")
		must(t, err)
		who.Link = id
	}
	pair := func(by rooms.Actor) string {
		token, _, err := h.PairDevice(t.Context(), by, rooms.Screen, "lens")
		must(t, err)
		return token
	}
	first, second, kept := pair(by), pair(by), pair(other)
	screens, err := h.Revoke(t.Context(), by.Link)
	must(t, err)
	if screens != 2 {
		t.Errorf("%d screens went with the link", screens)
	}
	for _, token := range []string{first, second} {
		_, err := h.Resolve(TokenHash(token), time.Now())
		wantRefusal(t, err, CodeLinkRevoked)
	}
	_, err = h.Resolve(TokenHash(kept), time.Now())
	must(t, err)
	_, _, err = h.PairDevice(t.Context(), by, rooms.Screen, "lens") // whoever was let in a moment before
	if err == nil || len(h.Devices("lens")) != 1 {
		t.Errorf("a revoked link paired a screen: %v, %+v", err, h.Devices("lens"))
	}

	must(t, h.house(t.Context(), "cuisine", "", rooms.RevokeLink{Link: other.Link})) // and a stop of the server before the devices
	must(t, h.Close())
	h = pairingHall(t, j)
	eventually(t, "the devices of a revoked link are forgotten", func() bool { return len(h.Devices("")) == 0 })
}

func TestWhoMayNotPair(t *testing.T) {
	j := journal.NewMemory()
	t.Cleanup(func() { j.Close() })
	h := pairingHall(t, j)
	_, _, err := h.PairDevice(t.Context(), lensAnimator, rooms.Screen, "douai")
	wantRefusal(t, err, "device-foreign-site")
	_, _, err = h.PairDevice(t.Context(), rooms.Actor{Role: rooms.System}, rooms.Screen, "nowhere")
	wantRefusal(t, err, CodeSiteUnknown)
	_, _, err = h.PairDevice(t.Context(), lensAnimator, rooms.Mediator, "lens")
	wantRefusal(t, err, "link-role")
}

// Two halls on one journal, and many hands at once: each decision is made with what the others did.
func TestManyPairAtOnce(t *testing.T) {
	j := journal.NewMemory()
	t.Cleanup(func() { j.Close() })
	one, two := pairingHall(t, j), pairingHall(t, j)
	var all sync.WaitGroup
	refused := make(chan error, 60)
	for i := range 30 {
		for _, h := range []*Hall{one, two} {
			all.Go(func() {
				by := []rooms.Actor{lensAnimator, douaiAnimator}[i%2]
				if _, _, err := h.PairDevice(t.Context(), by, rooms.Screen, by.Site); err != nil {
					refused <- err
				}
			})
		}
	}
	all.Wait()
	close(refused)
	count := 0
	for err := range refused {
		wantRefusal(t, err, "device-limit")
		count++
	}
	if count != 60-2*rooms.MaxDevicesPerSite {
		t.Errorf("%d were refused", count)
	}
	eventually(t, "both halls know the same devices", func() bool {
		return len(one.Devices("")) == 2*rooms.MaxDevicesPerSite && fmt.Sprint(one.Devices("")) == fmt.Sprint(two.Devices(""))
	})
}

func TestAJournalThatRefusesADevice(t *testing.T) {
	j := newMoody(journal.NewMemory())
	t.Cleanup(func() { j.Close() })
	h := pairingHall(t, j)
	j.fail(journal.ErrFull)
	_, _, err := h.PairDevice(t.Context(), lensAnimator, rooms.Screen, "lens")
	wantRefusal(t, err, CodeFull)
	if h.LogTrouble() != CodeFull {
		t.Errorf("the trouble is %q", h.LogTrouble())
	}
	j.heal()
	_, id, err := h.PairDevice(t.Context(), lensAnimator, rooms.Screen, "lens")
	must(t, err)
	if d := h.Devices("lens"); len(d) != 1 || d[0].ID != id {
		t.Errorf("the devices are %+v", d)
	}
}

func TestAHouseThatIsNotUnderstoodIsNotGuessedAt(t *testing.T) {
	j := journal.NewMemory()
	t.Cleanup(func() { j.Close() })
	_, err := j.Append(t.Context(), houseStream, 0, journal.Entry{At: time.Now(), Meta: []byte(`[{"kind":"of-a-newer-version","event":{}}]`)})
	must(t, err)
	if h, err := OpenHall(context.Background(), j, Config{}); err == nil {
		h.Close()
		t.Error("the hall opened without its devices")
	}
}

func TestTheNewestCodeOpensThePostsAlsoAfterARestart(t *testing.T) {
	j := journal.NewMemory()
	t.Cleanup(func() { j.Close() })
	h := pairingHall(t, j)
	k, _ := h.Room("cuisine")
	open := func(site rooms.SiteID, code, instead string) {
		t.Helper()
		_, err := k.Do(t.Context(), rooms.Actor{Role: rooms.System, Room: "cuisine"}, rooms.OpenPosts{Site: site, Code: code, Instead: instead})
		must(t, err)
	}
	open("lens", "AAAA-AAAA", "")
	open("douai", "BBBB-BBBB", "")
	open("lens", "CCCC-CCCC", "AAAA-AAAA")
	look := func(h *Hall) {
		t.Helper()
		for code, want := range map[string]rooms.SiteID{"AAAA-AAAA": "", "BBBB-BBBB": "douai", "CCCC-CCCC": "lens", "": ""} {
			got, known := h.PostsAt(code)
			if known != (want != "") || got.Site != want {
				t.Errorf("%q opens %+v, %v", code, got, known)
			}
		}
	}
	look(h)
	must(t, h.Close())
	look(pairingHall(t, j))
}

// A post that is connected, or was a moment ago, stays when the code changes; the others' links are refused from then on.
func TestPostsThatAreThereStayWhenTheCodeChanges(t *testing.T) {
	h := newHouse(t, journal.NewMemory(), hour.Add(-24*time.Hour))
	h.do(t, rooms.Actor{Role: rooms.System, Room: room}, rooms.OpenPosts{Site: "lille", Code: "AAAA-AAAA"})
	join := func() (JoinedPost, rooms.Actor) {
		t.Helper()
		post, err := h.JoinPost(t.Context(), PostsPlace{room, "lille"}, "AAAA-AAAA", hour.Add(time.Hour))
		must(t, err)
		who, err := h.Resolve(TokenHash(post.Token), h.clock.Now())
		must(t, err)
		return post, who
	}
	there, whoIsThere := join()
	left, whoLeft := join()
	blinks, whoBlinks := join()
	never, _ := join()
	if there.Name != "poste 1" || never.Name != "poste 4" {
		t.Errorf("they are called %q … %q", there.Name, never.Name)
	}
	seats := map[string]*Seat{"there": h.k.Enter(whoIsThere, "1"), "there too": h.k.Enter(whoIsThere, "2"), "left": h.k.Enter(whoLeft, "3"), "blinks": h.k.Enter(whoBlinks, "4")}
	seats["left"].Leave()
	h.clock.move(time.Hour)
	seats["there too"].Leave() // its other page stays
	seats["blinks"].Leave()
	h.clock.move(rooms.PostAway - time.Second)
	h.do(t, rooms.Actor{Role: rooms.System, Room: room, Link: "desk"}, rooms.OpenPosts{Site: "lille", Code: "BBBB-BBBB", Instead: "AAAA-AAAA"})
	for name, c := range map[string]struct {
		post   JoinedPost
		stands bool
	}{"there": {there, true}, "left": {left, false}, "blinks": {blinks, true}, "never": {never, false}} {
		if _, err := h.Resolve(TokenHash(c.post.Token), h.clock.Now()); (err == nil) != c.stands {
			t.Errorf("%s: %v", name, err)
		}
	}
	var kept int
	h.k.ask(func() { kept = len(h.k.present.PostLeft) })
	if kept != 1 {
		t.Errorf("%d moments are remembered of posts that are away", kept)
	}
	_, err := h.JoinPost(t.Context(), PostsPlace{room, "lille"}, "AAAA-AAAA", hour.Add(time.Hour))
	wantRefusal(t, err, "code-unknown")
	_, err = h.JoinPost(t.Context(), PostsPlace{"nowhere", "lille"}, "AAAA-AAAA", hour.Add(time.Hour))
	wantRefusal(t, err, CodeRoomUnknown)
}

// A screen that nobody uses for twelve months is forgotten, also when the server was begun anew meanwhile; one that is used never is.
// The history of the screens says what became of each.
func TestAScreenThatNobodyUsesIsForgottenAfterAYear(t *testing.T) {
	j := journal.NewMemory()
	t.Cleanup(func() { j.Close() })
	now := hour.AddDate(0, 0, -1)
	var h house
	open := func() {
		t.Helper()
		clock := newClock(now)
		hall, err := OpenHall(t.Context(), j, Config{Clock: clock})
		must(t, err)
		t.Cleanup(func() { hall.Close() })
		h = house{Hall: hall, clock: clock}
	}
	h = newHouse(t, j, now)
	_, by, err := h.IssueLink(t.Context(), room, rooms.Animator, "lille", hour.AddDate(0, 1, 0), "Chloé")
	must(t, err)
	pair := func() (token string, id rooms.LinkID) {
		t.Helper()
		token, id, err := h.PairDevice(t.Context(), rooms.Actor{Role: rooms.Animator, Room: room, Site: "lille", Link: by}, rooms.Screen, "lille")
		must(t, err)
		return token, id
	}
	used, usedID := pair()
	idle, idleID := pair()
	_, lostID := pair()
	must(t, h.ForgetDevice(t.Context(), rooms.Actor{Role: rooms.System}, lostID))
	if told, want := h.screensTold(t), "animation (Lille, Chloé) : écran "+string(usedID)+" ouvert : Lille\n"; !strings.HasPrefix(told, want) {
		t.Errorf("at first the history says\n%s", told)
	}
	for day := 0; day < 365; day += 5 {
		h.clock.move(5 * 24 * time.Hour)
		if _, err := h.Resolve(TokenHash(used), h.clock.Now()); err != nil {
			t.Fatalf("day %d: the screen that is used: %v", day, err)
		}
		h.retain()
	}
	if d := h.Devices(""); len(d) != 2 {
		t.Fatalf("after a year: %+v", d)
	}
	now = h.clock.Now()
	must(t, h.Close())
	open() // what it has noted of uses is in the log
	h.clock.move(rooms.UseNoted)
	h.retain()
	if d := h.Devices(""); len(d) != 1 || d[0].ID != usedID {
		t.Fatalf("after a year and a week: %+v", d)
	}
	_, err = h.Resolve(TokenHash(idle), h.clock.Now())
	wantRefusal(t, err, CodeLinkRevoked)
	must(t, h.RevokeLink(t.Context(), by))

	for _, want := range []string{
		"animation (Lille) : écran " + string(idleID) + " ouvert : Lille\n", // whose link it was is forgotten with the texts
		"Antenne : écran " + string(lostID) + " oublié\n",
		"Antenne : écran " + string(idleID) + " oublié : personne ne s’en est servi depuis douze mois\n",
		"Antenne : écran " + string(usedID) + " oublié avec le lien qui l’avait ouvert\n",
	} {
		if told := h.screensTold(t); !strings.Contains(told, want) {
			t.Errorf("the history does not say %q:\n%s", want, told)
		}
	}
}

func (h house) screensTold(t *testing.T) (told string) {
	t.Helper()
	for line, err := range h.DeviceHistory(t.Context()) {
		must(t, err)
		told += line.Text + "\n"
	}
	return told
}

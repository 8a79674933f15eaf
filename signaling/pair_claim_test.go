package signaling

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"antenne/rooms"
	"antenne/sfu"
	"antenne/signaling/dial"
	"antenne/signaling/wire"
)

// postsCode is the code that « Ma salle » shows for its posts.
func (w *world) postsCode(who, body string) string {
	w.t.Helper()
	status, reply := w.ask("POST", "/pair/posts", w.tokens[who], body, "")
	w.wants("the posts' code", status, reply, http.StatusOK, "")
	return reply["code"].(string)
}

func TestPostsJoinByOneCodeUntilTheEnd(t *testing.T) {
	w := newWorld(t, setting{private: true, limits: quickCodes})
	w.revoke("post")
	code := w.postsCode("animator", `{}`)
	if again := w.postsCode("animator", `{}`); again != code {
		t.Errorf("asked twice: %s, then %s", code, again)
	}
	names := map[string]bool{}
	var all sync.WaitGroup
	var mu sync.Mutex
	for range 8 { // eight posts at once
		all.Go(func() {
			status, reply := w.ask("POST", "/pair/claim", "", typed(strings.ToLower(code)), "")
			if status != http.StatusCreated || reply["role"] != "post" || reply["room"] != string(w.room) || reply["url"] != "/post/cuisine" {
				t.Errorf("a post was told %d %v", status, reply)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			names[reply["name"].(string)] = true
			w.tokens[strings.ReplaceAll(reply["name"].(string), " ", "-")] = reply["token"].(string)
		})
	}
	all.Wait()
	for n := 1; n <= 8; n++ {
		if !names[fmt.Sprintf("poste %d", n)] {
			t.Errorf("no post %d among %v", n, names)
		}
	}
	p := w.join("poste-3", nil)
	if !strings.Contains(p.store["you"], `"role":"post"`) || !strings.Contains(p.store["you"], `"site":"wattrelos"`) || !strings.Contains(p.store["you"], "poste 3") {
		t.Errorf("in the room it is %s", p.store["you"])
	}
	lines := w.devices("animator")
	if len(lines) != 8 || lines[2]["name"] != "poste 3" || lines[2]["where"] != "room" || lines[3]["where"] != "away" {
		t.Errorf("« Ma salle » lists %v", lines)
	}
	status, reply := w.ask("POST", "/pair/forget", w.tokens["animator"], fmt.Sprintf(`{"id":%q}`, lines[2]["id"]), "")
	w.wants("forgotten", status, reply, http.StatusOK, "")
	p.ends("link-revoked")
	_, reply = w.ask("POST", "/pair/claim", "", typed(code), "")
	if reply["name"] != "poste 3" {
		t.Errorf("the number that is free again was not given: %v", reply)
	}

	stays := w.join("poste-5", nil)
	w.clock.pass(rooms.PostAway)
	status, reply = w.ask("POST", "/pair/posts", w.tokens["animator"], fmt.Sprintf(`{"rotate":true,"code":%q}`, code), "")
	w.wants("another code", status, reply, http.StatusOK, "")
	other := reply["code"].(string)
	if other == code || reply["another"] != true || reply["stayed"] != 1.0 || reply["closed"] != 7.0 {
		t.Errorf("with another code the animator was told %v", reply)
	}
	if twice := w.postsCode("animator", fmt.Sprintf(`{"rotate":true,"code":%q}`, code)); twice != other {
		t.Errorf("who asked at the same time was told %s, not %s", twice, other)
	}
	if left := w.devices("animator"); len(left) != 1 || left[0]["name"] != "poste 5" || stays.bye != nil {
		t.Errorf("« Ma salle » lists %v, and the post that was there heard %v", left, stays.bye)
	}
	k, _ := w.hall.Room(w.room)
	told := ""
	for line, err := range k.History(w.t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		told += line.Text + "\n"
	}
	for _, want := range []string{
		"animation (Centre social de l'Avenir, animator) : postes ouverts", "animation (Centre social de l'Avenir, animator) : lien ",
		"animation (Centre social de l'Avenir, animator) : nouveau code des postes : Centre social de l'Avenir (postes qui restent : 1, fermés : 7)",
	} {
		if !strings.Contains(told, want) {
			t.Errorf("the history does not say %q:\n%s", want, told)
		}
	}
	status, reply = w.ask("POST", "/pair/claim", "", typed(code), "")
	w.wants("the code before", status, reply, http.StatusNotFound, codeCodeUnknown)
	status, reply = w.ask("POST", "/pair/claim", "", typed(other), "")
	w.wants("the new code", status, reply, http.StatusCreated, "")
	w.command("mediator", map[string]string{"name": "end"})
	status, reply = w.ask("POST", "/pair/claim", "", typed(other), "")
	w.wants("after the end", status, reply, http.StatusGone, codeCodeExpired)
	status, reply = w.ask("POST", "/pair/posts", w.tokens["animator"], `{"rotate":true}`, "")
	w.wants("a code after the end", status, reply, http.StatusGone, "room-ended")
	for _, who := range []string{"mediator", "screen", "post", "viewer"} {
		if _, reply := w.ask("POST", "/pair/posts", w.tokens[who], `{}`, ""); who != "post" && reply["code"] != codePairRole || who == "post" && reply["code"] != "link-revoked" {
			t.Errorf("%s asks for the posts' code: %v", who, reply)
		}
	}
}

func TestAPlaceHasOnlySoManyPosts(t *testing.T) {
	limits := quickCodes
	w := newWorld(t, setting{limits: limits})
	code := w.postsCode("animator", `{}`)
	for range rooms.MaxPosts - 1 { // one was there
		status, reply := w.ask("POST", "/pair/claim", "", typed(code), "")
		w.wants("a post", status, reply, http.StatusCreated, "")
	}
	status, reply := w.ask("POST", "/pair/claim", "", typed(code), "")
	w.wants("one more, while the others are on their way", status, reply, http.StatusConflict, codePostLimit)
	w.clock.pass(rooms.PostKeeps)
	status, reply = w.ask("POST", "/pair/claim", "", typed(code), "")
	w.wants("one more, in the place of one that never came", status, reply, http.StatusCreated, "")
	w.issue("animator of Lens", w.room, rooms.Animator, "lens", time.Hour)
	status, reply = w.ask("POST", "/pair/claim", "", typed(w.postsCode("animator of Lens", `{}`)), "")
	w.wants("a post elsewhere", status, reply, http.StatusCreated, "")
}

// Strangers at many addresses guess; nobody who is in a room is kept out by that.
func TestGuessingIsStoppedAndNobodyIsLockedOutByIt(t *testing.T) {
	limits := quickCodes
	limits.RequestRate, limits.RequestBurst = 1e6, 1e6
	w := newWorld(t, setting{limits: limits})
	code := w.postsCode("animator", `{}`)
	const guesses = 400
	looked, stopped := 0, 0
	for i := range guesses {
		from := fmt.Sprintf("198.51.%d.%d", 1+i%3, 1+i%99)
		switch status, reply := w.ask("POST", "/pair/claim", "", typed(newCode()), from); reply["code"] {
		case codeCodeUnknown:
			looked++
		case codePairLocked, codePairRate:
			stopped++
		default:
			t.Fatalf("guess %d: %d %v", i, status, reply)
		}
	}
	if looked > 110 || looked < 100 || looked+stopped != guesses { // a hundred, and what the seconds of this test earned
		t.Errorf("%d of %d guesses were looked at", looked, guesses)
	}
	status, reply := w.ask("POST", "/pair/claim", "", typed(code), "203.0.113.50")
	w.wants("the right code of a stranger", status, reply, http.StatusTooManyRequests, codePairLocked)

	desk := w.comeFrom("animator", "203.0.113.9")
	defer desk.leave()
	status, reply = w.ask("POST", "/pair/claim", "", typed(code), "203.0.113.9")
	w.wants("the right code, through the connection of a desk", status, reply, http.StatusCreated, "")
	for i := range 10 {
		status, reply = w.ask("POST", "/pair/claim", "", typed(newCode()), "203.0.113.9")
		w.wants(fmt.Sprint("a slip of the hand there, ", i), status, reply, http.StatusNotFound, codeCodeUnknown)
	}
	status, reply = w.ask("POST", "/pair/claim", "", typed(code), "203.0.113.9")
	w.wants("after ten slips", status, reply, http.StatusTooManyRequests, codePairRate)

	screen, _ := w.screenCode()
	status, reply = w.ask("POST", "/pair/confirm", w.tokens["animator"], typed(screen), "198.51.1.1")
	w.wants("a screen's code, which has a space of its own", status, reply, http.StatusOK, "")
	w.tokens["post-with-a-link"] = w.tokens["post"]
	if p := w.join("post-with-a-link", nil); p.bye != nil {
		t.Errorf("a post with a link of its own is kept out: %v", p.bye)
	}
	w.clock.pass(time.Minute)
	status, reply = w.ask("POST", "/pair/claim", "", typed(code), "203.0.113.50")
	w.wants("a stranger, a minute later", status, reply, http.StatusCreated, "")
}

// seated is somebody who is connected from an address of our choice.
type seated struct{ leave func() }

// joinFrom is comeFrom for who has a token of their own making.
func (w *world) joinFrom(who, address string) seated {
	w.t.Helper()
	actor, err := w.hall.Resolve(ticketOf(w.tokens[who]), w.clock.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	w.ids[who] = actor.Link
	return w.comeFrom(who, address)
}

// comeFrom puts a connection of somebody into the register as if it came from there: a test has no other address.
func (w *world) comeFrom(who, address string) seated {
	w.t.Helper()
	p := w.join(who, nil)
	go func() {
		for range p.Events() { // nobody is cut off for not listening
		}
	}()
	w.server.mu.Lock()
	defer w.server.mu.Unlock()
	for k := range w.server.sockets {
		if k.who.Link == w.ids[who] {
			k.from = netip.MustParseAddr(address)
		}
	}
	return seated{func() { p.Close() }}
}

func TestAMediatorPairsOnePhone(t *testing.T) {
	w := newWorld(t, setting{private: true, limits: quickCodes})
	offer := func() (code string) {
		t.Helper()
		status, reply := w.ask("POST", "/pair/phone", w.tokens["mediator"], "", "")
		w.wants("a code for the phone", status, reply, http.StatusCreated, "")
		address, err := url.Parse(reply["url"].(string))
		if err != nil || address.Path != "/studio/cuisine/phone" || address.Fragment != reply["code"] || reply["svg"] != "drawn "+reply["url"].(string) {
			t.Errorf("the phone is sent to %v", reply)
		}
		return reply["code"].(string)
	}
	claim := func(code string) (int, map[string]any) { return w.ask("POST", "/pair/claim", "", typed(code), "") }
	first := offer()
	code := offer()
	status, reply := claim(first)
	w.wants("a code that another took the place of", status, reply, http.StatusNotFound, codeCodeUnknown)
	status, reply = claim(code)
	w.wants("the phone", status, reply, http.StatusCreated, "")
	if reply["role"] != "phone" || reply["room"] != string(w.room) || reply["url"] != "/studio/cuisine/phone" {
		t.Errorf("the phone was told %v", reply)
	}
	w.tokens["phone"] = reply["token"].(string)
	who, err := w.hall.Resolve(ticketOf(w.tokens["phone"]), w.clock.Now())
	if err != nil || who.Role != rooms.Phone || who.Of != w.ids["mediator"] {
		t.Errorf("the phone's link is %+v, %v", who, err)
	}
	status, reply = claim(code)
	w.wants("the same code again", status, reply, http.StatusConflict, codeCodeUsed)
	p := w.join("phone", nil)

	status, reply = claim(offer())
	w.wants("another phone", status, reply, http.StatusCreated, "")
	p.ends("link-revoked")
	w.tokens["second-phone"] = reply["token"].(string)
	p = w.join("second-phone", nil)
	code = offer()
	w.clock.pass(phoneCodeLasts)
	status, reply = claim(code)
	w.wants("an old code", status, reply, http.StatusGone, codeCodeExpired)
	w.revoke("mediator")
	p.ends("link-revoked")
	for _, who := range []string{"animator", "moderator", "second-phone", "screen"} {
		if status, reply := w.ask("POST", "/pair/phone", w.tokens[who], "", ""); status < 400 {
			t.Errorf("%s pairs a phone: %v", who, reply)
		}
	}
}

// A device must never come in by what it said before: the token of a claimed post is that of a link like any other.
func TestACodeGivesNothingButItsRole(t *testing.T) {
	w := newWorld(t, setting{private: true, limits: quickCodes})
	_, reply := w.ask("POST", "/pair/claim", "", typed(w.postsCode("animator", `{}`)), "")
	w.tokens["new post"] = reply["token"].(string)
	var refused *dial.Refused
	if _, _, err := dial.Whip(t.Context(), w.http.URL+"/whip/cuisine", w.tokens["new post"], sfu.Offer(file(t, "offer-page.sdp"))); !errors.As(err, &refused) || refused.Code != "door-forbidden" {
		t.Errorf("a post publishes: %v", err)
	}
	p := w.joinAs(wire.Hello{Token: w.tokens["new post"], Device: deviceOf("post"), Lang: "fr"})
	if _, err := p.do(map[string]string{"name": "end"}); !errors.As(err, &refused) || refused.Code != "role-may-not" {
		t.Errorf("a post ends the séance: %v", err)
	}
}

// One household takes but some of the places by itself, and a room of machines all of them through the line of its desk. Two desks
// that open their posts at once show one code.
func TestOneConnectionTakesButSomeOfThePlaces(t *testing.T) {
	limits := quickCodes
	limits.RequestRate, limits.RequestBurst = 1e6, 1e6
	w := newWorld(t, setting{private: true, limits: limits})
	w.issue("second animator", w.room, rooms.Animator, "wattrelos", time.Hour)
	codes := make([]string, 8)
	var all sync.WaitGroup
	for i := range codes {
		all.Go(func() {
			_, reply := w.ask("POST", "/pair/posts", w.tokens[[]string{"animator", "second animator"}[i%2]], `{}`, "")
			codes[i], _ = reply["code"].(string)
		})
	}
	all.Wait()
	for _, code := range codes {
		if code == "" || code != codes[0] {
			t.Fatalf("the desks show %v", codes)
		}
	}
	claim := func(from string) (int, map[string]any) {
		return w.ask("POST", "/pair/claim", "", typed(codes[0]), from)
	}
	for i := range postsAlone {
		status, reply := claim("198.51.100.7")
		w.wants(fmt.Sprint("a stranger's post ", i), status, reply, http.StatusCreated, "")
		if i == 0 {
			w.tokens["stranger"] = reply["token"].(string)
		}
	}
	defer w.joinFrom("stranger", "198.51.100.7").leave() // and it vouches for nobody
	status, reply := claim("198.51.100.7")
	w.wants("one more of the stranger's", status, reply, http.StatusTooManyRequests, codeClaimRate)
	status, reply = claim("198.51.100.8")
	w.wants("a neighbour's", status, reply, http.StatusCreated, "")
	w.clock.pass(postAgain)
	status, reply = claim("198.51.100.7")
	w.wants("the stranger's, later", status, reply, http.StatusCreated, "")
	w.clock.pass(rooms.PostAway) // before the desk is there: a jump of the clock makes a word that it has not read yet an old one
	defer w.comeFrom("animator", "203.0.113.9").leave()
	for i := range postsAlone + 4 {
		status, reply := claim("203.0.113.9")
		w.wants(fmt.Sprint("a post beside the desk ", i), status, reply, http.StatusCreated, "")
	}
}

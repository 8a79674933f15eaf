package signaling

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"antenne/rooms"
	"antenne/rooms/live"
	"antenne/signaling/wire"
)

// quickCodes are limits under which answers to codes do not take their time.
var quickCodes = Limits{CodeDelay: time.Millisecond, PairWait: 2 * time.Second}

// ask does one request to an address of pairing, from somewhere.
func (w *world) ask(method, path, token, body, from string) (status int, reply map[string]any) {
	w.t.Helper()
	r := httptest.NewRequestWithContext(w.t.Context(), method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if from != "" {
		r.RemoteAddr = from + ":4000"
	} else {
		r.RemoteAddr = "127.0.0.1:4000"
	}
	answer := httptest.NewRecorder()
	w.server.Handler().ServeHTTP(answer, r)
	if err := json.Unmarshal(answer.Body.Bytes(), &reply); err != nil {
		w.t.Errorf("%s %s: %d %q", method, path, answer.Code, answer.Body)
	}
	if answer.Header().Get("Cache-Control") != "no-store" || answer.Header().Get("X-Content-Type-Options") != "nosniff" {
		w.t.Errorf("%s %s may be kept, or guessed at: %v", method, path, answer.Header())
	}
	return answer.Code, reply
}

// wants checks a status and, when it is a refusal, its code and that it has a sentence.
func (w *world) wants(what string, status int, reply map[string]any, wanted int, code string) {
	w.t.Helper()
	if status != wanted || code != "" && reply["code"] != code {
		w.t.Fatalf("%s: %d %v, wanted %d %s", what, status, reply, wanted, code)
	}
	if text, _ := reply["text"].(string); code != "" && (text == "" || strings.Contains(text, code)) {
		w.t.Errorf("%s: no sentence in %v", what, reply)
	}
}

func typed(code any) string { return fmt.Sprintf(`{"code":%q}`, code) }

// screenCode has a screen show its code.
func (w *world) screenCode() (code, secret string) {
	w.t.Helper()
	status, reply := w.ask("POST", "/pair/screen", "", "", "")
	w.wants("a screen asks for its code", status, reply, http.StatusCreated, "")
	return reply["code"].(string), reply["secret"].(string)
}

// pairScreen pairs a screen with the animator's place and returns its token.
func (w *world) pairScreen() string {
	w.t.Helper()
	code, secret := w.screenCode()
	status, reply := w.ask("POST", "/pair/confirm", w.tokens["animator"], typed(code), "")
	w.wants("confirm", status, reply, http.StatusOK, "")
	status, reply = w.ask("GET", "/pair/screen", secret, "", "")
	w.wants("the screen asks", status, reply, http.StatusOK, "")
	return reply["token"].(string)
}

func TestAScreenIsOpenedByItsCodeAndComesIn(t *testing.T) {
	limits := quickCodes
	limits.WatchInterval = time.Hour // nobody sweeps what the last question asks for
	w := newWorld(t, setting{private: true, limits: limits})
	code, secret := w.screenCode()
	if len(code) != 9 || code[4] != '-' {
		t.Errorf("the code is shown as %q", code)
	}
	told := make(chan map[string]any, 1)
	go func() { // it waits for its answer while the animator types
		_, reply := w.ask("GET", "/pair/screen", secret, "", "")
		told <- reply
	}()
	status, reply := w.ask("POST", "/pair/confirm", w.tokens["animator"], typed(" "+strings.ToLower(strings.ReplaceAll(code, "-", " "))), "")
	w.wants("confirm", status, reply, http.StatusOK, "")
	if reply["siteName"] != "Centre social de l'Avenir" {
		t.Errorf("the animator is told %v", reply)
	}
	paired := <-told
	if paired["state"] != "paired" || paired["site"] != "wattrelos" || paired["siteName"] != "Centre social de l'Avenir" {
		t.Fatalf("the screen is told %v", paired)
	}
	status, reply = w.ask("POST", "/pair/confirm", w.tokens["animator"], typed(code), "")
	w.wants("confirmed twice by the same hand", status, reply, http.StatusOK, "")
	w.issue("animator of Lens", w.room, rooms.Animator, "lens", time.Hour)
	status, reply = w.ask("POST", "/pair/confirm", w.tokens["animator of Lens"], typed(code), "")
	w.wants("a screen of another room", status, reply, http.StatusConflict, codeCodeUsed)

	token := paired["token"].(string)
	p := w.joinAs(wire.Hello{Token: token, Room: string(w.room), Device: deviceOf("paired"), Lang: "fr"})
	defer p.Close()
	if !strings.Contains(p.store["you"], `"role":"screen"`) || !strings.Contains(p.store["you"], `"site":"wattrelos"`) {
		t.Errorf("in the room it is %s", p.store["you"])
	}
	w.clock.pass(screenTokenKept)
	status, reply = w.ask("GET", "/pair/screen", secret, "", "")
	w.wants("its secret, later", status, reply, http.StatusGone, codeCodeExpired)
}

func TestCodesOfScreensThatOpenNothing(t *testing.T) {
	w := newWorld(t, setting{limits: quickCodes})
	code, secret := w.screenCode()
	for _, c := range []struct {
		name, token, body string
		status            int
		code              string
	}{
		{"no link", "", typed(code), http.StatusUnauthorized, "link-missing"},
		{"an unknown link", w.tokens["unknown"], typed(code), http.StatusUnauthorized, "link-unknown"},
		{"a mediator's link", w.tokens["mediator"], typed(code), http.StatusForbidden, codePairRole},
		{"a screen's link", w.tokens["screen"], typed(code), http.StatusForbidden, codePairRole},
		{"a code that nobody shows", w.tokens["animator"], typed("ABCD-EFGH"), http.StatusNotFound, codeCodeUnknown},
		{"no code", w.tokens["animator"], typed("bonjour !"), http.StatusNotFound, codeCodeUnknown},
		{"nothing", w.tokens["animator"], `{}`, http.StatusNotFound, codeCodeUnknown},
		{"something else", w.tokens["animator"], `{"code":"ABCD-EFGH","site":"lens"}`, http.StatusBadRequest, codeRequest},
		{"not JSON", w.tokens["animator"], `code=1`, http.StatusBadRequest, codeRequest},
		{"too much", w.tokens["animator"], typed(strings.Repeat("A", pairRequest)), http.StatusBadRequest, codeRequest},
	} {
		status, reply := w.ask("POST", "/pair/confirm", c.token, c.body, "")
		w.wants(c.name, status, reply, c.status, c.code)
	}
	status, reply := w.ask("GET", "/pair/screen", w.tokens["unknown"], "", "")
	w.wants("a secret that is none", status, reply, http.StatusNotFound, codeCodeUnknown)
	w.clock.pass(screenCodeLasts)
	status, reply = w.ask("POST", "/pair/confirm", w.tokens["animator"], typed(code), "")
	w.wants("an old code", status, reply, http.StatusGone, codeCodeExpired)
	status, reply = w.ask("GET", "/pair/screen", secret, "", "")
	w.wants("the screen of an old code", status, reply, http.StatusGone, codeCodeExpired)
	w.clock.pass(screenCodeSaid)
	until(t, "the register is empty", func() bool { return w.server.pairing.screens.count() == 0 })
	status, reply = w.ask("POST", "/pair/confirm", w.tokens["animator"], typed(code), "")
	w.wants("a code of long ago", status, reply, http.StatusNotFound, codeCodeUnknown)
}

func TestAnotherSiteCannotPostACodeForSomebody(t *testing.T) {
	w := newWorld(t, setting{limits: quickCodes})
	for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", ""} {
		r := httptest.NewRequest("POST", "/pair/confirm", strings.NewReader(`{"code":"ABCD-EFGH"}`))
		r.Header.Set("Authorization", "Bearer "+w.tokens["animator"])
		r.Header.Set("Content-Type", kind)
		answer := httptest.NewRecorder()
		w.server.Handler().ServeHTTP(answer, r)
		if answer.Code != http.StatusUnsupportedMediaType {
			t.Errorf("%q: %d", kind, answer.Code)
		}
	}
	for _, method := range []string{"OPTIONS", "PUT", "DELETE", "GET"} {
		r := httptest.NewRequest(method, "/pair/confirm", nil)
		answer := httptest.NewRecorder()
		w.server.Handler().ServeHTTP(answer, r)
		if answer.Code != http.StatusMethodNotAllowed || answer.Header().Get("Access-Control-Allow-Origin") != "" || answer.Header().Get("Allow") != "POST" {
			t.Errorf("%s: %d %v", method, answer.Code, answer.Header())
		}
	}
}

func TestWhatTheScreensOfAPlaceShow(t *testing.T) {
	now := time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC)
	room := func(id string, state rooms.State, in time.Duration) *live.Summary {
		return &live.Summary{ID: rooms.RoomID(id), State: state, At: now.Add(in)}
	}
	over := func(id string, ago time.Duration) *live.Summary {
		r := room(id, rooms.Ended, -2*time.Hour)
		r.EndedAt = now.Add(-ago)
		return r
	}
	for name, c := range map[string]struct {
		all  []*live.Summary
		want string
		open bool
	}{
		"nothing":                         {nil, "", false},
		"the next one":                    {[]*live.Summary{room("later", rooms.Scheduled, 5*time.Hour), room("next", rooms.Scheduled, time.Hour)}, "next", false},
		"one that is late":                {[]*live.Summary{room("later", rooms.Scheduled, 5*time.Hour), room("late", rooms.Scheduled, -time.Hour)}, "late", false},
		"doors open before the next":      {[]*live.Summary{room("next", rooms.Scheduled, time.Minute), room("open", rooms.DoorsOpen, 10*time.Minute)}, "open", true},
		"on air before doors open":        {[]*live.Summary{room("open", rooms.DoorsOpen, 10*time.Minute), room("air", rooms.OnAir, -time.Hour)}, "air", true},
		"on air before a pause":           {[]*live.Summary{room("pause", rooms.Paused, -time.Minute), room("air", rooms.OnAir, -time.Hour)}, "air", true},
		"a morning that nobody ended":     {[]*live.Summary{room("morning", rooms.DoorsOpen, -3*time.Hour), room("noon", rooms.DoorsOpen, 10*time.Minute)}, "noon", true},
		"one that has just ended":         {[]*live.Summary{room("next", rooms.Scheduled, time.Minute), over("over", time.Minute)}, "over", true},
		"open before one that has ended":  {[]*live.Summary{over("over", time.Minute), room("open", rooms.DoorsOpen, 10*time.Minute)}, "open", true},
		"one that ended a while ago":      {[]*live.Summary{over("over", endStays)}, "", false},
		"the next after one that ended":   {[]*live.Summary{over("over", endStays), room("next", rooms.Scheduled, time.Hour)}, "next", false},
		"a room that was not created yet": {[]*live.Summary{{ID: "new", At: now}}, "", false},
	} {
		switch got := roomToShow(c.all, now); {
		case got == nil && c.want != "":
			t.Errorf("%s: nothing", name)
		case got != nil && (string(got.ID) != c.want || showRank(got, now) > rankNext != c.open):
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// Nothing that a screen shows changes by the clock before the moment for which it waits.
func TestWhenTheScreensOfAPlaceLookAgain(t *testing.T) {
	now := time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC)
	all := []*live.Summary{
		{ID: "over", State: rooms.Ended, At: now.Add(-3 * time.Hour), EndedAt: now.Add(-time.Second)},
		{ID: "late", State: rooms.Scheduled, At: now.Add(-20 * time.Minute)},
		{ID: "next", State: rooms.Scheduled, At: now.Add(time.Hour)},
		{ID: "last", State: rooms.Scheduled, At: now.Add(4 * time.Hour)},
	}
	var seen []rooms.RoomID
	var turns time.Time
	for at := now; at.Before(now.Add(5 * time.Hour)); at = at.Add(time.Second) {
		chosen := roomToShow(all, at)
		if len(seen) == 0 || seen[len(seen)-1] != chosen.ID {
			if len(seen) > 0 && (turns.IsZero() || at.Before(turns)) {
				t.Errorf("%s comes at %s, and the screen looks again at %s", chosen.ID, at, turns)
			}
			seen = append(seen, chosen.ID)
		}
		if turns.IsZero() || !at.Before(turns) || at.Equal(now) {
			turns = turnsAt(all, chosen, at)
		}
	}
	if want := []rooms.RoomID{"over", "late", "next", "last"}; !slices.Equal(seen, want) {
		t.Errorf("it shows %v", seen)
	}
	if !turns.IsZero() {
		t.Errorf("it looks again at %s, for nothing", turns)
	}
}

func TestAPairedScreenLearnsWhatToShow(t *testing.T) {
	w := newWorld(t, setting{private: true, limits: quickCodes})
	token := w.pairScreen()
	status, reply := w.ask("GET", "/pair/room", token, "", "")
	w.wants("what to show", status, reply, http.StatusOK, "")
	room, _ := reply["room"].(map[string]any)
	if reply["open"] != false || reply["siteName"] != "Centre social de l'Avenir" || reply["town"] != "Wattrelos" || room["title"] != "Cuisine de saison" || room["state"] != "scheduled" {
		t.Fatalf("before its hour it shows %v", reply)
	}
	news := make(chan map[string]any, 1)
	go func() {
		_, later := w.ask("GET", "/pair/room?known="+reply["known"].(string), token, "", "")
		news <- later
	}()
	w.command("mediator", map[string]string{"name": "open-doors"})
	reply = <-news
	if room, _ = reply["room"].(map[string]any); reply["open"] != true || room["id"] != string(w.room) || room["state"] != "doors-open" {
		t.Fatalf("when the doors open it shows %v", reply)
	}
	for who, want := range map[string]string{"animator": codePairRole, "screen": codePairRole, "unknown": "link-unknown", "nobody": "link-unknown"} {
		if _, reply := w.ask("GET", "/pair/room", w.tokens[who], "", ""); reply["code"] != want {
			t.Errorf("%s: %v", who, reply)
		}
	}
}

// waits has a screen that knows what it shows ask what else there is.
func (w *world) waits(token string) <-chan map[string]any {
	w.t.Helper()
	status, reply := w.ask("GET", "/pair/room", token, "", "")
	w.wants("what to show", status, reply, http.StatusOK, "")
	told := make(chan map[string]any, 1)
	go func() {
		_, later := w.ask("GET", "/pair/room?known="+reply["known"].(string), token, "", "")
		told <- later
	}()
	until(w.t, "it waits", func() bool { n, _ := w.server.pairing.patient.count(); return n == 1 })
	return told
}

// told is the séance that a waiting screen is told of.
func (w *world) told(news <-chan map[string]any) (room map[string]any) {
	w.t.Helper()
	select {
	case reply := <-news:
		room, _ = reply["room"].(map[string]any)
	case <-time.After(10 * time.Second):
		w.t.Fatal("the screen heard of nothing")
	}
	return room
}

// TestAWaitingScreenHearsOfANewRoom, and does not have to look for it again and again.
func TestAWaitingScreenHearsOfANewRoom(t *testing.T) {
	w := newWorld(t, setting{limits: Limits{CodeDelay: time.Millisecond, PairWait: time.Hour, WatchInterval: time.Hour}})
	news := w.waits(w.pairScreen())
	_, err := w.hall.CreateAs(t.Context(), "danse", rooms.CreateRoom{Title: "Danse", At: time.Now().Add(20 * time.Minute), Audience: rooms.AudiencePrivate,
		Needs: "des chaussures souples", Mediator: "Yann"}, []rooms.AddSite{{Site: "wattrelos", Name: "Centre social de l'Avenir", Town: "Wattrelos"}})
	if err != nil {
		t.Fatal(err)
	}
	if room := w.told(news); room["id"] != "danse" || room["needs"] != "des chaussures souples" || room["mediator"] != "Yann" || room["state"] != "scheduled" {
		t.Errorf("it is told of %v", room)
	}
}

// TestAWaitingScreenLooksAtTheClock: the last words of a séance go when they have been read, although nothing happens then.
func TestAWaitingScreenLooksAtTheClock(t *testing.T) {
	w := newWorld(t, setting{limits: Limits{CodeDelay: time.Millisecond, PairWait: time.Hour}})
	token := w.pairScreen()
	if err := w.hall.CloseRoom(t.Context(), w.room); err != nil {
		t.Fatal(err)
	}
	news := w.waits(token)
	w.clock.pass(endStays)
	if room := w.told(news); room["id"] != "magie" {
		t.Errorf("it is told of %v", room)
	}
}

func TestAForgottenScreenIsSentAwayWhereverItIs(t *testing.T) {
	limits := quickCodes
	limits.PairWait = time.Minute
	w := newWorld(t, setting{limits: limits})
	inside, outside := w.pairScreen(), w.pairScreen()
	p := w.joinAs(wire.Hello{Token: inside, Room: string(w.room), Device: deviceOf("paired"), Lang: "fr"})
	defer p.Close()
	_, reply := w.ask("GET", "/pair/room", outside, "", "")
	told := make(chan map[string]any, 1)
	go func() {
		_, later := w.ask("GET", "/pair/room?known="+reply["known"].(string), outside, "", "")
		told <- later
	}()
	lines := w.devices("animator")
	if len(lines) != 3 {
		t.Fatalf("« Ma salle » lists %v", lines)
	}
	where := map[string]int{}
	w.issue("animator of Lens", w.room, rooms.Animator, "lens", time.Hour)
	for _, line := range lines {
		where[line["where"].(string)]++
		id := fmt.Sprintf(`{"id":%q}`, line["id"])
		status, reply := w.ask("POST", "/pair/forget", w.tokens["animator of Lens"], id, "")
		w.wants("forgotten by another room", status, reply, http.StatusForbidden, "device-foreign-site")
		status, reply = w.ask("POST", "/pair/forget", w.tokens["animator"], id, "")
		w.wants("forgotten", status, reply, http.StatusOK, "")
	}
	if where["room"] != 1 || where["poster"] != 1 || where["away"] != 1 {
		t.Errorf("they were said to be %v", where)
	}
	p.ends("link-revoked")
	if got := <-told; got["code"] != "link-revoked" {
		t.Errorf("the poster was told %v", got)
	}
	if lines := w.devices("animator"); len(lines) != 0 {
		t.Errorf("« Ma salle » still lists %v", lines)
	}
	status, reply := w.ask("POST", "/pair/forget", w.tokens["animator"], `{"id":"nowhere"}`, "")
	w.wants("what is not there", status, reply, http.StatusForbidden, "device-foreign-site")
}

// devices are the lines that « Ma salle » shows.
func (w *world) devices(who string) (lines []map[string]any) {
	w.t.Helper()
	status, reply := w.ask("GET", "/pair/devices", w.tokens[who], "", "")
	w.wants("the list of devices", status, reply, http.StatusOK, "")
	for _, line := range reply["devices"].([]any) {
		lines = append(lines, line.(map[string]any))
	}
	return lines
}

// A crowd of screens that come and go never fills the register, nor takes the place of those that wait.
func TestTheRegisterOfScreensIsBounded(t *testing.T) {
	w := newWorld(t, setting{limits: Limits{CodeDelay: time.Millisecond, RequestRate: 1e6, RequestBurst: 1e6}})
	code, secret := w.screenCode()
	full := 0
	for i := range mostWaiting + 50 {
		from := fmt.Sprintf("198.51.%d.%d", i/200, 1+i%200)
		if status, _ := w.ask("POST", "/pair/screen", "", "", from); status == http.StatusServiceUnavailable {
			full++
		}
	}
	if n := w.server.pairing.screens.count(); n != mostWaiting || full != 51 {
		t.Errorf("%d in the register, %d turned away", n, full)
	}
	w.clock.pass(screenGone - time.Second)
	go w.ask("GET", "/pair/screen", secret, "", "") // this one is still there
	until(t, "the screen asks", func() bool {
		w.server.pairing.screens.mu.Lock()
		defer w.server.pairing.screens.mu.Unlock()
		return w.server.clock().Sub(w.server.pairing.screens.bySecret[ticketOf(secret)].asked) < 10*time.Second
	})
	w.clock.pass(2 * time.Second)
	for range mostWaitingEach + 1 {
		w.ask("POST", "/pair/screen", "", "", "203.0.113.7")
	}
	if n := w.server.pairing.screens.count(); n != mostWaitingEach+1 {
		t.Errorf("%d in the register", n)
	}
	status, reply := w.ask("POST", "/pair/confirm", w.tokens["animator"], typed(code), "")
	w.wants("the one that stayed", status, reply, http.StatusOK, "")
}

// Screens without a place that wait from one address, or from everywhere, are turned away in words before they keep a paired one from
// waiting; a confirmed one is told so all the same.
func TestWaitingScreensLeavePlaceForThePairedOnes(t *testing.T) {
	limits := quickCodes
	limits.RequestRate, limits.RequestBurst = 1e6, 1e6
	w := newWorld(t, setting{private: true, limits: limits})
	token := w.pairScreen()
	_, known := w.ask("GET", "/pair/room", token, "", "")
	patient := w.server.pairing.patient
	take := func(address string) {
		t.Helper()
		seat, err := patient.take(netip.MustParseAddr(address), true)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(seat.leave)
	}
	for i := range mostWaitingEach {
		take(fmt.Sprintf("2001:db8:0:7::%x", i+1))
	}
	offer := func() (code, secret string) {
		t.Helper()
		_, reply := w.ask("POST", "/pair/screen", "", "", "203.0.113.7")
		return reply["code"].(string), reply["secret"].(string)
	}
	code, secret := offer()
	turnedAway := func(what, from, code string) {
		t.Helper()
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/pair/screen", nil)
		r.Header.Set("Authorization", "Bearer "+secret)
		r.RemoteAddr = from
		answer := httptest.NewRecorder()
		w.server.Handler().ServeHTTP(answer, r)
		if !strings.Contains(answer.Body.String(), `"`+code+`"`) || answer.Header().Get("Retry-After") == "" || answer.Code < 400 {
			t.Errorf("%s: %d %v %s, wanted %s", what, answer.Code, answer.Header(), answer.Body, code)
		}
	}
	turnedAway("one more of a household", "[2001:db8:0:7:ffff::1]:4000", codeAddressFull)
	for i := mostWaitingEach; i < patient.nameless; i++ {
		take(fmt.Sprintf("2001:db8:1:%x::1", i))
	}
	turnedAway("one more of all", "203.0.113.7:4000", codeFull)
	waiting := make(chan map[string]any, 1)
	go func() {
		_, reply := w.ask("GET", "/pair/room?known="+known["known"].(string), token, "", "")
		waiting <- reply
	}()
	until(t, "the paired one waits", func() bool { n, _ := patient.count(); return n == patient.nameless+1 })
	w.command("mediator", map[string]string{"name": "open-doors"})
	if reply := <-waiting; reply["open"] != true {
		t.Errorf("the paired one was told %v", reply)
	}
	status, reply := w.ask("POST", "/pair/confirm", w.tokens["animator"], typed(code), "")
	w.wants("the code of one that was turned away", status, reply, http.StatusOK, "")
	if status, reply = w.ask("GET", "/pair/screen", secret, "", "203.0.113.7"); status != http.StatusOK || reply["state"] != "paired" {
		t.Errorf("it was told %d %v", status, reply)
	}
}

func TestOneHandCannotGuessScreens(t *testing.T) {
	w := newWorld(t, setting{limits: quickCodes})
	w.issue("animator of Lens", w.room, rooms.Animator, "lens", time.Hour)
	code, _ := w.screenCode()
	for range 10 {
		status, reply := w.ask("POST", "/pair/confirm", w.tokens["animator"], typed(newCode()), "")
		w.wants("a guess", status, reply, http.StatusNotFound, codeCodeUnknown)
	}
	status, reply := w.ask("POST", "/pair/confirm", w.tokens["animator"], typed(code), "")
	w.wants("the right one after ten wrong ones", status, reply, http.StatusTooManyRequests, codePairRate)
	status, reply = w.ask("POST", "/pair/confirm", w.tokens["animator of Lens"], typed(code), "")
	w.wants("another hand", status, reply, http.StatusOK, "")
	code, _ = w.screenCode()
	w.clock.pass(7 * time.Second) // one more look is earned
	status, reply = w.ask("POST", "/pair/confirm", w.tokens["animator"], typed(code), "")
	w.wants("a right one, a little later", status, reply, http.StatusOK, "")
	code, _ = w.screenCode()
	status, reply = w.ask("POST", "/pair/confirm", w.tokens["animator"], typed(code), "")
	w.wants("a right one costs nothing", status, reply, http.StatusOK, "")
}

// ends waits for the goodbye.
func (p *person) ends(code string) {
	p.t.Helper()
	p.hear(func() bool { return p.bye != nil })
	if p.bye.Code != code {
		p.t.Fatalf("goodbye was %s", p.bye.Code)
	}
}

func TestNothingOfPairingIsLeftOpenWhenTheServerLeaves(t *testing.T) {
	w := newWorld(t, setting{limits: Limits{CodeDelay: time.Hour, PairWait: time.Hour}})
	_, secret := w.screenCode()
	done := make(chan int, 2)
	go func() { s, _ := w.ask("GET", "/pair/screen", secret, "", ""); done <- s }()
	go func() {
		s, _ := w.ask("POST", "/pair/confirm", w.tokens["animator"], typed("ABCD-EFGH"), "")
		done <- s
	}()
	until(t, "both wait", func() bool { n, _ := w.server.pairing.patient.count(); return n == 1 })
	w.server.Close()
	for range 2 {
		<-done
	}
}

func TestCodesAreReadAsPeopleTypeThem(t *testing.T) {
	for typed, want := range map[string]joinCode{
		"ABCD-EFGH": "ABCDEFGH", "abcdefgh": "ABCDEFGH", " ab cd – ef gh ": "ABCDEFGH", "A.B.C.D.E.F.G.H": "ABCDEFGH",
		"abcd\u00a0efgh": "ABCDEFGH", "2345\u20116789": "23456789", "Zz99-yY88": "ZZ99YY88",
		"": "", "ABCD-EFG": "", "ABCD-EFGHJ": "", "ABCD-EFG0": "", "ABCD-EFGI": "", "ABCD-EFGL": "", "ABCD-EFGO": "", "ABCD-EFG1": "",
		"ABCD_EFGH": "", "ABCD-EFGÉ": "", "ＡBCD-EFGH": "", "ABCD-EFGſ": "", "ABCD\x00EFGH": "", strings.Repeat("-", 60) + "ABCDEFGH": "",
	} {
		got, ok := readCode(typed)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q was read as %q, %v", typed, got, ok)
		}
	}
}

func TestCodesAreDrawnEvenly(t *testing.T) {
	const draws = 40000
	count := map[rune]int{}
	seen := map[joinCode]bool{}
	for range draws {
		c := newCode()
		if again, ok := readCode(c.String()); !ok || again != c || seen[c] {
			t.Fatalf("%q is read as %q, or was drawn before", c, again)
		}
		seen[c] = true
		for _, r := range c {
			count[r]++
		}
	}
	mean := draws * codeSymbols / len(codeAlphabet)
	for _, r := range codeAlphabet {
		if n := count[r]; n < mean*9/10 || n > mean*11/10 { // 10 standard deviations
			t.Errorf("%c was drawn %d times, the mean is %d", r, n, mean)
		}
	}
}

func FuzzReadCode(f *testing.F) {
	for _, s := range []string{"ABCD-EFGH", "abcdefgh", "", "ABCD–EFGH", "0000-0000", "ABCDEFGHJ", "\xff\xfe", "ABCD\u2060EFGH"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		code, ok := readCode(typed)
		if !ok {
			return
		}
		if len(code) != codeSymbols || strings.Trim(string(code), codeAlphabet) != "" {
			t.Fatalf("%q was read as %q", typed, code)
		}
		if again, ok := readCode(strings.ToLower(code.String())); !ok || again != code {
			t.Fatalf("%q is shown as %q and read back as %q", typed, code, again)
		}
	})
}

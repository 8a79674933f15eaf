package signaling

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"antenne/rooms"
	"antenne/rooms/live"
	"antenne/sfu"
	"antenne/signaling/wire"
)

type call struct {
	method, path, who, kind, body string
	header                        map[string]string
}

func (w *world) call(c call) (*http.Response, string) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), c.method, w.http.URL+c.path, strings.NewReader(c.body))
	if err != nil {
		w.t.Fatal(err)
	}
	if c.kind != "" {
		r.Header.Set("Content-Type", c.kind)
	}
	if token := w.tokens[c.who]; token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for k, v := range c.header {
		r.Header.Set(k, v)
	}
	resp := status(w.t, r)
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp, string(body)
}

// open has somebody open a session and gives its address.
func (w *world) openSession(path, who, offer string) string {
	w.t.Helper()
	resp, body := w.call(call{method: "POST", path: path, who: who, kind: typeSDP, body: offer})
	if resp.StatusCode != http.StatusCreated || resp.Header.Get("Content-Type") != typeSDP || !strings.HasPrefix(body, "v=0") {
		w.t.Fatalf("%s by %s: %d %s", path, who, resp.StatusCode, body)
	}
	return resp.Header.Get("Location")
}

// TestHostileRequests: each gets a status, a code and one French sentence; the server goes on and keeps nothing.
func TestHostileRequests(t *testing.T) {
	obs, player := file(t, "offer-obs.sdp"), file(t, "offer-player.sdp")
	w := newWorld(t, setting{private: true})
	w.issue("short", w.room, rooms.Mediator, "", 10*time.Minute)
	w.clock.pass(20 * time.Minute)
	cases := []struct {
		name   string
		call   call
		status int
		code   string
	}{
		{"wrong token", call{path: "/whip/cuisine", who: "unknown", body: obs}, 401, "link-unknown"},
		{"no token", call{path: "/whip/cuisine", body: obs}, 401, "link-missing"},
		{"expired token", call{path: "/whip/cuisine", who: "short", body: obs}, 401, "link-expired"},
		{"revoked token", call{path: "/whip/cuisine", who: "revoked", body: obs}, 401, "link-revoked"},
		{"token of 4000 characters", call{path: "/whip/cuisine", header: map[string]string{"Authorization": "Bearer " + strings.Repeat("A", 4000)}, body: obs}, 401, "link-unknown"},
		{"another scheme", call{path: "/whip/cuisine", header: map[string]string{"Authorization": "Basic QTpC"}, body: obs}, 401, "link-unknown"},
		{"foreign room", call{path: "/whip/cuisine", who: "foreign", body: obs}, 403, "link-foreign-room"},
		{"foreign room to watch", call{path: "/whep/cuisine", who: "foreign", body: player}, 403, "link-foreign-room"},
		{"a screen publishes", call{path: "/whip/cuisine", who: "screen", body: obs}, 403, "door-forbidden"},
		{"a viewer publishes", call{path: "/whip/cuisine", who: "viewer", body: obs}, 403, "door-forbidden"},
		{"a viewer publishes slides", call{path: "/whip/cuisine/slides", who: "viewer", body: obs}, 403, "door-forbidden"},
		{"an animator publishes a camera", call{path: "/whip/cuisine/camera2", who: "animator", body: obs}, 403, "door-forbidden"},
		{"no such room", call{path: "/whep/nulle-part", body: player}, 404, "room-unknown"},
		{"no such door", call{path: "/whip/cuisine/balcony", who: "mediator", body: obs}, 404, "not-found"},
		{"a mediator is no guest", call{path: "/whip/cuisine/guest", who: "mediator", body: obs}, 403, "door-forbidden"},
		{"nor is an animator", call{path: "/whip/cuisine/guest", who: "animator", body: obs}, 403, "door-forbidden"},
		{"no door at all", call{path: "/whep/", body: player}, 404, "not-found"},
		{"device that is none", call{path: "/whip/cuisine?device=a/b", who: "mediator", body: obs}, 400, "request-malformed"},
		{"no content type", call{path: "/whip/cuisine", who: "mediator", kind: "-", body: obs}, 415, "content-type"},
		{"JSON", call{path: "/whip/cuisine", who: "mediator", kind: "application/json", body: obs}, 415, "content-type"},
		{"nothing", call{path: "/whip/cuisine", who: "mediator"}, 400, "offer-empty"},
		{"one megabyte", call{path: "/whip/cuisine", who: "mediator", body: obs + strings.Repeat("a=x\r\n", 200000)}, 413, "offer-too-large"},
		{"truncated", call{path: "/whip/cuisine", who: "mediator", body: obs[:120]}, 400, "offer-malformed"},
		{"not SDP", call{path: "/whip/cuisine", who: "mediator", body: "bonjour"}, 400, "offer-malformed"},
		{"no video", call{path: "/whip/cuisine", who: "mediator", body: obs[:strings.Index(obs, "m=video")]}, 422, "offer-no-video"},
		{"data channel", call{path: "/whip/cuisine", who: "mediator", body: obs + dataLine}, 422, "offer-data-channel"},
		{"watching with a data channel", call{path: "/whep/cuisine", who: "viewer", body: player + dataLine}, 422, "offer-data-channel"},
		{"publishing what only receives", call{path: "/whip/cuisine", who: "mediator", body: player}, 422, "offer-direction"},
		{"watching what only sends", call{path: "/whep/cuisine", who: "viewer", body: obs}, 422, "offer-direction"},
		{"another method", call{method: "PUT", path: "/whip/cuisine", who: "mediator", body: obs}, 405, "method-not-allowed"},
		{"another method on a session", call{method: "POST", path: "/whip/cuisine/sessions/00", who: "mediator", body: obs}, 405, "method-not-allowed"},
		{"a session nobody opened", call{method: "DELETE", path: "/whip/cuisine/sessions/00", who: "mediator"}, 404, "media-unknown"},
		{"plain HTTP on the socket", call{method: "GET", path: "/ws"}, 426, "upgrade-needed"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.call.method = orElse(c.call.method, "POST")
			c.call.kind = strings.TrimPrefix(orElse(c.call.kind, typeSDP), "-")
			resp, body := w.call(c.call)
			checkProblem(t, resp, body, c.status, c.code)
		})
	}
	if n := w.server.Stats().MediaSessions; n != 0 || len(w.air().Up) != 0 {
		t.Errorf("%d sessions and %v are left", n, w.air())
	}
	if st := w.engine.Stats(); st.Sources != 0 || st.Viewers != 0 {
		t.Errorf("the engine keeps %+v", st)
	}
	w.openSession("/whip/cuisine", "mediator", obs)
}

const dataLine = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:9\r\na=sctp-port:5000\r\n"

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func checkProblem(t testing.TB, resp *http.Response, body string, status int, code string) {
	t.Helper()
	var p wire.Problem
	if err := json.Unmarshal([]byte(body), &p); err != nil {
		t.Fatalf("%d %s: %v", resp.StatusCode, body, err)
	}
	if resp.StatusCode != status || p.Code != code {
		t.Fatalf("got %d %s, want %d %s", resp.StatusCode, p.Code, status, code)
	}
	checkSentence(t, p.Code, p.Text)
	if challenge := resp.Header.Get("WWW-Authenticate"); (status == 401) != strings.HasPrefix(challenge, "Bearer") {
		t.Errorf("WWW-Authenticate: %q", challenge)
	}
	if resp.Header.Get("Content-Language") != "fr" || (status == 405) != (resp.Header.Get("Allow") != "") {
		t.Errorf("headers %v", resp.Header)
	}
}

func TestTwoHundredCandidatesAreTakenAndLeft(t *testing.T) {
	w := newWorld(t, setting{})
	offer := file(t, "offer-obs.sdp") + strings.Repeat("a=candidate:1 1 udp 2130706431 169.254.169.254 9 typ host\r\n", 200)
	w.openSession("/whip/cuisine", "mediator", offer)
}

// TestTheDoorsKeepTheStandards goes along the lines of the WHIP and WHEP checklists that HTTP alone can show.
func TestTheDoorsKeepTheStandards(t *testing.T) {
	w := newWorld(t, setting{})
	obs, player, page := file(t, "offer-obs.sdp"), file(t, "offer-player.sdp"), file(t, "offer-page.sdp")

	for _, door := range []string{"/whip/cuisine", "/whip/cuisine/slides", "/whip/cuisine/camera2", "/whep/cuisine"} {
		resp, _ := w.call(call{method: "OPTIONS", path: door, header: map[string]string{"Origin": "https://autre.example", "Access-Control-Request-Method": "POST"}})
		if resp.StatusCode != 204 || resp.Header.Get("Accept-Post") != typeSDP {
			t.Errorf("OPTIONS %s: %d %v", door, resp.StatusCode, resp.Header)
		}
		for header, words := range map[string]string{
			"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "POST",
			"Access-Control-Allow-Headers": "Authorization Content-Type If-Match Antenne-Device", "Access-Control-Expose-Headers": "Location ETag Link",
		} {
			for _, word := range strings.Fields(words) {
				if !strings.Contains(resp.Header.Get(header), word) {
					t.Errorf("OPTIONS %s: %s lacks %s", door, header, word)
				}
			}
		}
		if resp, body := w.call(call{method: "GET", path: door}); resp.StatusCode != 204 || body != "" {
			t.Errorf("GET %s: %d", door, resp.StatusCode)
		}
		if resp, _ := w.call(call{method: "HEAD", path: door}); resp.StatusCode != 200 || resp.Header.Get("Content-Type") != typeSDP {
			t.Errorf("HEAD %s: %d %v", door, resp.StatusCode, resp.Header)
		}
	}

	resp, answer := w.call(call{method: "POST", path: "/whip/cuisine", who: "mediator", kind: "application/sdp; charset=utf-8", body: obs})
	where := resp.Header.Get("Location")
	if resp.StatusCode != 201 || !strings.HasPrefix(where, "/whip/cuisine/sessions/") || len(where) < len("/whip/cuisine/sessions/")+22 {
		t.Fatalf("POST: %d %s", resp.StatusCode, where)
	}
	if strings.Count(answer, "a=recvonly") != 2 || strings.Contains(answer, "a=sendonly") || !strings.Contains(answer, "a=candidate:") || !strings.Contains(answer, "a=setup:passive") {
		t.Errorf("the answer to a publisher is\n%s", answer)
	}
	for _, c := range []struct {
		name   string
		call   call
		status int
	}{
		{"a session says nothing", call{method: "GET", path: where}, 204},
		{"preflight", call{method: "OPTIONS", path: where}, 204},
		{"candidates", call{method: "PATCH", who: "mediator", body: fragment}, 204},
		{"candidates with an old tag", call{method: "PATCH", who: "mediator", body: fragment, header: map[string]string{"If-Match": `"x"`}}, 204},
		{"candidates of another kind", call{method: "PATCH", who: "mediator", kind: "application/json", body: "{}"}, 415},
		{"candidates that are none", call{method: "PATCH", who: "mediator", body: "bonjour"}, 400},
		{"no candidates", call{method: "PATCH", who: "mediator", body: ""}, 400},
		{"restart", call{method: "PATCH", who: "mediator", body: fragment, header: map[string]string{"If-Match": "*"}}, 422},
		{"candidates without token", call{method: "PATCH", body: fragment}, 401},
		{"goodbye without token", call{method: "DELETE"}, 401},
		{"goodbye with another's token", call{method: "DELETE", who: "mediator2"}, 403},
		{"goodbye with a screen's token", call{method: "DELETE", who: "screen"}, 403},
		{"goodbye with a foreign token", call{method: "DELETE", who: "foreign"}, 403},
		{"goodbye at another room", call{method: "DELETE", who: "foreign", path: strings.Replace(where, "cuisine", "magie", 1)}, 404},
		{"goodbye at another door", call{method: "DELETE", who: "mediator", path: strings.Replace(where, "whip", "whep", 1)}, 404},
		{"goodbye", call{method: "DELETE", who: "mediator", header: map[string]string{"If-Match": `"old"`}}, 200},
		{"goodbye again", call{method: "DELETE", who: "mediator"}, 404},
	} {
		c.call.path = orElse(c.call.path, where)
		if c.call.method == "PATCH" {
			c.call.kind = orElse(c.call.kind, typeFragment)
		}
		if resp, body := w.call(c.call); resp.StatusCode != c.status {
			t.Errorf("%s: %d %s, want %d", c.name, resp.StatusCode, body, c.status)
		}
	}

	resp, answer = w.call(call{method: "POST", path: "/whep/cuisine", kind: typeSDP, body: player})
	if resp.StatusCode != 201 || strings.Count(answer, "a=sendonly") != 2 {
		t.Fatalf("WHEP by nobody in particular: %d\n%s", resp.StatusCode, answer)
	}
	if resp, _ := w.call(call{method: "DELETE", path: resp.Header.Get("Location")}); resp.StatusCode != 200 {
		t.Errorf("DELETE by nobody in particular: %d", resp.StatusCode)
	}
	if resp, answer = w.call(call{method: "POST", path: "/whep/cuisine?slots=5", kind: typeSDP, body: page}); strings.Count(answer, "a=sendonly") != 5 {
		t.Errorf("five lines: %d\n%s", resp.StatusCode, answer)
	}
	until(t, "the engine is empty of publishers", func() bool { return w.engine.Stats().Sources == 0 })
}

const fragment = "a=ice-ufrag:EfGh\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n" +
	"a=candidate:1 1 UDP 2015363583 9f1c3f2e-5a3b-4d46-a7c4-7b1d2a3c4e5f.local 54321 typ host\r\na=candidate:2 1 TCP 1015021823 fe80::1 9 typ host tcptype active\r\n"

func TestLanguages(t *testing.T) {
	for header, want := range map[string]string{
		"": "fr", "fr": "fr", "en": "en", "en-GB,en;q=0.9": "en", "fr-FR,fr;q=0.9,en;q=0.8": "fr", "en;q=0.8, fr;q=0.9": "fr",
		"pt-BR,en;q=0.5": "en", "de": "fr", "en;q=x": "fr", "*": "fr", "fr;q=0,en;q=0.1": "en", strings.Repeat("x", 5000) + ",en": "fr",
	} {
		if got := language(header); got != want {
			t.Errorf("%.40q: %s, want %s", header, got, want)
		}
	}
	w := newWorld(t, setting{})
	resp, body := w.call(call{method: "POST", path: "/whip/cuisine", header: map[string]string{"Accept-Language": "en"}})
	if resp.Header.Get("Content-Language") != "en" || !strings.Contains(body, "link") {
		t.Errorf("%v %s", resp.Header, body)
	}
}

func TestAFullServerSaysWhenToComeBack(t *testing.T) {
	w := newWorld(t, setting{limits: Limits{Sessions: 1}})
	first := w.openSession("/whep/cuisine", "", file(t, "offer-player.sdp"))
	resp, body := w.call(call{method: "POST", path: "/whep/cuisine", kind: typeSDP, body: file(t, "offer-player.sdp")})
	checkProblem(t, resp, body, 503, "server-full")
	if resp.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	w.call(call{method: "DELETE", path: first})
	w.openSession("/whep/cuisine", "", file(t, "offer-player.sdp"))
}

func TestTheEndedRoomLetsNobodyIn(t *testing.T) {
	w := newWorld(t, setting{})
	w.command("mediator", map[string]string{"name": "go-on-air"})
	w.command("mediator", map[string]string{"name": "end"})
	resp, body := w.call(call{method: "POST", path: "/whep/cuisine", kind: typeSDP, body: file(t, "offer-player.sdp")})
	checkProblem(t, resp, body, 410, "room-ended")
	resp, body = w.call(call{method: "POST", path: "/whip/cuisine", who: "mediator", kind: typeSDP, body: file(t, "offer-obs.sdp")})
	checkProblem(t, resp, body, 410, "room-ended")
	if w.engine.Stats().Sources != 0 {
		t.Error("a refused source is left")
	}
}

func TestASecondMediator(t *testing.T) {
	w := newWorld(t, setting{onPublish: true})
	obs := file(t, "offer-obs.sdp")
	first := w.openSession("/whip/cuisine", "mediator", obs)
	for _, door := range []string{"/whip/cuisine", "/whip/cuisine/slides", "/whip/cuisine/camera2"} {
		resp, body := w.call(call{method: "POST", path: door, who: "mediator2", kind: typeSDP, body: obs})
		if door != "/whip/cuisine" && strings.Contains(body, "offer-") {
			t.Fatalf("%s: %s", door, body)
		}
		checkProblem(t, resp, body, 409, "air-held")
	}
	if air := w.air(); air.Link != w.ids["mediator"] || len(air.Up) != 2 {
		t.Errorf("the air is %+v", air)
	}
	if n := w.engine.Stats().Sources; n != 1 {
		t.Errorf("%d sources", n)
	}
	w.call(call{method: "DELETE", path: first, who: "mediator"})
	until(t, "the log knows that the source is down", func() bool { return len(w.air().Up) == 0 })
}

func TestAnotherDeviceOfTheSameMediator(t *testing.T) {
	w := newWorld(t, setting{onPublish: true})
	obs := file(t, "offer-obs.sdp")
	w.openSession("/whip/cuisine?device=secret-of-laptop", "mediator", obs)
	w.openSession("/whip/cuisine/slides?device=secret-of-laptop", "mediator", obs)
	until(t, "three slots", func() bool { return len(w.air().Up) == 3 })
	cast := w.engine.Open("cuisine")
	old := cast.Sources()
	if w.state() != rooms.OnAir || len(old) != 2 {
		t.Fatalf("%s with %d sources", w.state(), len(old))
	}

	w.openSession("/whip/cuisine?device=secret-of-tablet", "mediator", obs)
	for _, s := range old {
		<-s.Done()
		if s.Reason() != sfu.ReasonTakenOver {
			t.Errorf("%v ended by %s", s.Slots(), s.Reason())
		}
	}
	if got := strings.Join(w.air().Up, " "); got != "voice camera" {
		t.Errorf("up: %s", got)
	}
	if cast.Selected(sfu.Slides) != nil || cast.Selected(sfu.Voice) == nil || cast.Selected(sfu.Voice) == old[0] {
		t.Error("the old sources are still selected")
	}
	w.openSession("/whip/cuisine?device=secret-of-tablet", "mediator", obs) // the page was reloaded
	until(t, "one source", func() bool { return w.engine.Stats().Sources == 1 })
	if got := strings.Join(w.air().Up, " "); got != "voice camera" {
		t.Errorf("up after a reload: %s", got)
	}
}

func TestTheSecondCameraStandsIn(t *testing.T) {
	w := newWorld(t, setting{})
	obs := file(t, "offer-obs.sdp")
	resp, body := w.call(call{method: "POST", path: "/whip/cuisine/camera2", who: "mediator", kind: typeSDP, body: obs})
	checkProblem(t, resp, body, 409, "air-first")
	laptop := w.openSession("/whip/cuisine?device=secret-of-laptop", "mediator", obs)
	cast := w.engine.Open("cuisine")
	first := cast.Selected(sfu.Camera)
	phone := w.openSession("/whip/cuisine/camera2?device=secret-of-phone", "mediator", obs)
	if cast.Selected(sfu.Camera) != first || w.engine.Stats().Sources != 2 {
		t.Error("the first camera does not come first")
	}
	w.call(call{method: "DELETE", path: laptop, who: "mediator"})
	until(t, "the second camera stands in", func() bool { now := cast.Selected(sfu.Camera); return now != nil && now != first })
	laptop = w.openSession("/whip/cuisine?device=secret-of-laptop", "mediator", obs)
	w.call(call{method: "DELETE", path: laptop, who: "mediator"})
	until(t, "the second camera again", func() bool { return cast.Selected(sfu.Camera) != nil && len(w.air().Up) == 0 })
	w.call(call{method: "DELETE", path: phone, who: "mediator"})
	until(t, "nothing", func() bool { return cast.Selected(sfu.Camera) == nil })
}

// TestGates: the programme has an audience when, and only when, the room is on air, and it is not the studio. Without a guest the
// slots of one never have.
func TestGates(t *testing.T) {
	w := newWorld(t, setting{})
	w.openSession("/whip/cuisine", "mediator", file(t, "offer-obs.sdp"))
	cast := w.engine.Open("cuisine")
	open := func() bool {
		for _, slot := range programme {
			if !cast.Audience(slot).Allows("anybody", "") {
				return false
			}
		}
		for _, slot := range sfu.Slots() {
			if cast.Audience(slot).Allows("the mediator's own page", partyStudio) {
				t.Error("the studio is sent what it sends")
			}
		}
		for _, slot := range guestSlots {
			if cast.Audience(slot).Allows("anybody", "") {
				t.Error("a guest whom nobody invited has an audience")
			}
		}
		return true
	}
	if open() {
		t.Fatal("open before the hour")
	}
	p := w.join("mediator", nil)
	for _, step := range []struct {
		command string
		open    bool
	}{{"open-doors", false}, {"go-on-air", true}, {"pause", false}, {"resume", true}, {"end", false}, {"resume", true}} {
		p.must(map[string]string{"name": step.command})
		until(t, step.command, func() bool { return open() == step.open })
	}
}

func TestRevokingEndsTheMediaToo(t *testing.T) {
	w := newWorld(t, setting{})
	w.openSession("/whip/cuisine", "mediator", file(t, "offer-obs.sdp"))
	screens := w.openSession("/whep/cuisine", "screen", file(t, "offer-player.sdp"))
	others := w.openSession("/whep/cuisine", "", file(t, "offer-player.sdp"))
	w.revoke("mediator")
	w.revoke("screen")
	if got, _ := w.call(call{method: http.MethodDelete, path: others, who: "screen"}); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("a revoked link closes what it did not open: %d", got.StatusCode)
	}
	if got, _ := w.call(call{method: http.MethodPatch, path: screens, who: "screen", body: file(t, "offer-player.sdp")}); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("a revoked link moves its session elsewhere: %d", got.StatusCode)
	}
	if got, _ := w.call(call{method: http.MethodDelete, path: screens, who: "screen"}); got.StatusCode != http.StatusOK {
		t.Errorf("a revoked link may not put away what it opened: %d", got.StatusCode)
	}
	until(t, "one viewer and no source", func() bool {
		st := w.engine.Stats()
		return st.Sources == 0 && st.Viewers == 1 && w.server.Stats().MediaSessions == 1
	})
}

func TestASessionIsHeldByWhoOpenedIt(t *testing.T) {
	w := newWorld(t, setting{})
	player := file(t, "offer-player.sdp")
	id := func(where string) string { return where[strings.LastIndexByte(where, '/')+1:] }
	screens := id(w.openSession("/whep/cuisine?device="+deviceOf("screen"), "screen", player))
	homes := id(w.openSession("/whep/cuisine?device="+deviceOf("nobody"), "", player))
	holder := func(session string) *socket {
		w.server.sessions.mu.Lock()
		defer w.server.sessions.mu.Unlock()
		return w.server.sessions.byID[sfu.SessionID(session)].holder
	}
	claim := func(p *person, session string) {
		if err := p.Send(&wire.Media{Session: session, Width: 1280, Height: 720}); err != nil {
			t.Fatal(err)
		}
		_, _ = p.do(map[string]string{"name": "open-doors"}) // answered after the claim
	}
	for _, thief := range []string{"animator", "mediator", "nobody"} {
		p := w.join(thief, nil)
		claim(p, screens)
		if holder(screens) != nil {
			t.Errorf("%s holds a screen's session", thief)
		}
		p.Close()
	}
	stranger := w.joinAs(wire.Hello{Room: "cuisine", Device: "another-home-altogether"})
	claim(stranger, homes)
	if holder(homes) != nil {
		t.Error("a home holds its neighbour's session")
	}
	screen := w.join("screen", nil)
	claim(screen, screens)
	if k := holder(screens); k == nil || k.who.Link != w.ids["screen"] {
		t.Fatal("a screen does not hold its own session")
	}
	screen.Close()
	until(t, "let go", func() bool { return holder(screens) == nil })
}

// TestARestartOfTheServerForgetsNoSource: the log said up; the media is gone with the process.
func TestARestartOfTheServerForgetsNoSource(t *testing.T) {
	w := newWorld(t, setting{onPublish: true})
	w.openSession("/whip/cuisine", "mediator", file(t, "offer-obs.sdp"))
	if w.state() != rooms.OnAir {
		t.Fatal(w.state())
	}
	w.http.CloseClientConnections()
	w.shut()
	w.dieOnAir()
	w.open(Limits{})
	if air := w.air(); len(air.Up) != 0 || !air.Held || w.state() != rooms.OnAir {
		t.Fatalf("the air is %+v, the room %s", air, w.state())
	}
	w.openSession("/whip/cuisine", "mediator", file(t, "offer-obs.sdp"))
	if len(w.air().Up) != 2 {
		t.Errorf("up: %v", w.air().Up)
	}
	cast := w.engine.Open("cuisine")
	until(t, "open again", func() bool { return cast.Audience(sfu.Voice).Allows("anybody", "") })
}

// dieOnAir leaves the log as a kill -9 does: a source is up that no process feeds.
func (w *world) dieOnAir() {
	w.t.Helper()
	hall, err := live.OpenHall(w.t.Context(), w.journal, live.Config{})
	if err != nil {
		w.t.Fatal(err)
	}
	k, _ := hall.Room(w.room)
	up := rooms.SourceUp{Slots: []string{"camera", "voice"}, Link: w.ids["mediator"], Device: "d-00"}
	if _, err := k.Do(w.t.Context(), system(w.room), up); err != nil {
		w.t.Fatal(err)
	}
	if err := hall.Close(); err != nil {
		w.t.Fatal(err)
	}
}

package web

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"antenne/rooms"
)

func TestEveryAnswerIsStrict(t *testing.T) {
	get := serve(t, cuisine(rooms.OnAir))
	for _, path := range append(pagesOfCuisine, "/nowhere", "/robots.txt", "/favicon.ico", "/c/wattrelos/qr.svg", "/live/cuisine/qr.svg") {
		h := get(path).Header()
		for name, want := range map[string]string{
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
			"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": policyOf(path),
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
	for _, needed := range []string{"default-src 'none'", "frame-src 'none'", "require-trusted-types-for 'script'", "trusted-types antenne", "frame-ancestors 'none'", "base-uri 'none'"} {
		if !strings.Contains(contentSecurity, needed) {
			t.Errorf("the content policy lacks %s", needed)
		}
	}
	if strings.Contains(contentSecurity, "unsafe") {
		t.Error("the content policy allows something unsafe")
	}
}

// policyOf is the content policy that a page must have: the poster of a screen that keeps its place shows the séance in a frame of
// its own, because leaving a page ends full screen. No other page may stand in a frame, or show one; no other site's ever.
func policyOf(path string) string {
	p := strings.Replace(contentSecurity, "%s", " ws://example.com wss://example.com", 1)
	switch path {
	case "/screen":
		return strings.Replace(p, "frame-src 'none'", "frame-src 'self'", 1)
	case "/screen?room=cuisine":
		return strings.Replace(p, "frame-ancestors 'none'", "frame-ancestors 'self'", 1)
	}
	return p
}

// mayOpen are the devices that a page may ask for; the others may ask for none.
var mayOpen = map[string]string{
	"/studio/cuisine":       "camera microphone display-capture",
	"/studio/cuisine/phone": "camera", // hands: never a second microphone beside the mediator's own
	"/guest/cuisine":        "camera microphone",
}

func TestOnlySomePagesMayOpenACamera(t *testing.T) {
	get := serve(t, cuisine(rooms.OnAir))
	for _, path := range pagesOfCuisine {
		policy := get(path).Header().Get("Permissions-Policy")
		for _, device := range []string{"camera", "microphone", "display-capture"} {
			want := device + "=()"
			if strings.Contains(mayOpen[path], device) {
				want = device + "=(self)"
			}
			if !strings.Contains(policy, want) {
				t.Errorf("%s: %q lacks %s", path, policy, want)
			}
		}
		for _, needed := range []string{"autoplay=(self)", "fullscreen=(self)", "screen-wake-lock=(self)", "geolocation=()"} {
			if !strings.Contains(policy, needed) {
				t.Errorf("%s: %q lacks %s", path, policy, needed)
			}
		}
	}
}

func TestPagesAreOnlyRead(t *testing.T) {
	h, err := New(Config{Room: func(rooms.RoomID) (rooms.View, bool) { return nil, false }, Rooms: func() []Summary { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, "/", nil))
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d, Allow %q", method, w.Code, w.Header().Get("Allow"))
		}
	}
}

// TestWhatMattersIsThereBeforeAnyScript: the title, the date in full, the state, what to bring.
func TestWhatMattersIsThereBeforeAnyScript(t *testing.T) {
	get := serve(t, cuisine(rooms.Scheduled))
	for _, path := range []string{"/", "/c/avion", "/live/cuisine", "/screen?room=cuisine"} {
		body := strings.Split(get(path).Body.String(), `<script type="application/json"`)[0]
		for _, wanted := range []string{"Cuisine de saison", "mardi 3 mars à 10\u00a0h", "Bientôt", "Il vous faut", "Une courge, un couteau"} {
			if !strings.Contains(body, wanted) {
				t.Errorf("%s does not say %q", path, wanted)
			}
		}
	}
	if body := get("/live/cuisine", "Accept-Language", "en").Body.String(); !strings.Contains(body, "Tuesday 3 March at 10\u00a0am") {
		t.Error("the English page does not say the date")
	}
}

func TestAPrivateRoomKeepsItsTitle(t *testing.T) {
	e := cuisine(rooms.OnAir)
	e.Audience = rooms.AudiencePrivate
	get := serve(t, e)
	for _, path := range pagesOfCuisine {
		body := get(path).Body.String()
		for _, secret := range []string{"Cuisine de saison", "Samira", "Une courge"} {
			if strings.Contains(body, secret) {
				t.Errorf("%s tells %q to anybody", path, secret)
			}
		}
	}
	if code := get("/live/cuisine/qr.svg").Code; code != http.StatusNotFound {
		t.Errorf("the code of a private room: %d", code)
	}
}

func TestKindRefusals(t *testing.T) {
	over := cuisine(rooms.Ended)
	for _, c := range []struct {
		path string
		code int
		says string
	}{
		{"/nowhere", 404, "Cette page n’existe pas"},
		{"/live/absente", 404, "Nous ne trouvons pas cette séance"},
		{"/screen?room=absente", 404, "Nous ne trouvons pas cette séance"},
		{"/studio/absente", 404, "Nous ne trouvons pas cette séance"},
		{"/c/ailleurs", 404, "Nous ne connaissons pas ce centre"},
		{"/static/000000000000/css/absent.css", 404, "Cette page n’existe pas"},
		{"/live/cuisine", 410, "Cette séance est terminée"},
	} {
		get := serve(t, over, func(config *Config) {
			config.Now = func() time.Time { return over.EndedAt.Add(rooms.ReopenFor + time.Second) }
		})
		w := get(c.path)
		if w.Code != c.code || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: %d, want %d and %q", c.path, w.Code, c.code, c.says)
		}
	}
}

func TestUnchangedPagesAndFilesAreNotSentAgain(t *testing.T) {
	get := serve(t, cuisine(rooms.OnAir))
	first := get("/live/cuisine")
	tag := first.Header().Get("ETag")
	if w := get("/live/cuisine", "If-None-Match", tag); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Errorf("an unchanged page: %d, %d bytes", w.Code, w.Body.Len())
	}
	if w := serve(t, cuisine(rooms.Paused))("/live/cuisine", "If-None-Match", tag); w.Code != http.StatusOK {
		t.Errorf("a page whose state changed: %d", w.Code)
	}
	style := regexp.MustCompile(`/static/[0-9a-f]{12}/css/base\.css`).FindString(first.Body.String())
	w := get(style, "Accept-Encoding", "gzip")
	if !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Header().Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("%s: %q, %q", style, w.Header().Get("Cache-Control"), w.Header().Get("Content-Type"))
	}
	if got := unzip(t, w.Body.Bytes()); !bytes.Equal(got, get(style).Body.Bytes()) {
		t.Error("zipped and plain styles differ")
	}
	old := get("/static/0123456789ab/css/base.css")
	if old.Code != http.StatusFound || old.Header().Get("Location") != style {
		t.Errorf("a file of an older version: %d to %q", old.Code, old.Header().Get("Location"))
	}
}

func unzip(t *testing.T, body []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

var foreign = regexp.MustCompile(`(?i)(?:https?:)?//[a-z0-9-]+(?:\.[a-z0-9-]+)+`)

// TestNothingComesFromElsewhere reads every file that reaches a browser.
func TestNothingComesFromElsewhere(t *testing.T) {
	err := fs.WalkDir(embedded, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(embedded, name)
		for _, found := range foreign.FindAllString(string(body), -1) {
			if found != "http://www.w3.org" { // the name of SVG, never fetched
				t.Errorf("%s names %s", name, found)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

var inline = regexp.MustCompile(`(?i)<script>|<style|\sstyle="|\son[a-z]+="|javascript:`)

// TestNoInlineCode: the content policy would refuse it, in front of the people.
func TestNoInlineCode(t *testing.T) {
	get := serve(t, cuisine(rooms.OnAir))
	for _, path := range pagesOfCuisine {
		if found := inline.FindString(get(path).Body.String()); found != "" {
			t.Errorf("%s has inline code: %s", path, found)
		}
	}
}

var fetched = regexp.MustCompile(`(?:src|href)="(/static/[^"#]+)`)

// heavier are pages opened on a line that sends a picture up, the one hand of a room, which does ten things, and a home, which may
// pass on air (its scripts alone stay under the usual weight), the wall, which has its poster's files already, and the post, which keeps
// apart who sat there before: what a browser
// fetches for them in all, unzipped.
var heavier = map[string]int{"/screen?room=cuisine": 156_000, "/live/cuisine": 170_000, "/live/cuisine?c=wattrelos": 170_000, "/post/cuisine": 156_000, "/desk/cuisine": 190_000, "/control/cuisine": 170_000, "/studio/cuisine": 350_000, "/studio/cuisine/phone": 200_000}

// TestPagesAreLight counts all that a browser fetches, unzipped: a page must open on a poor line.
func TestPagesAreLight(t *testing.T) {
	const usual = 150_000
	get := serve(t, cuisine(rooms.OnAir))
	for _, path := range pagesOfCuisine {
		body := get(path).Body.String()
		total := len(body)
		seen := map[string]bool{}
		for _, m := range fetched.FindAllStringSubmatch(body, -1) {
			w := get(m[1])
			if w.Code != http.StatusOK {
				t.Errorf("%s needs %s: %d", path, m[1], w.Code)
			}
			if !seen[m[1]] {
				total += w.Body.Len()
			}
			seen[m[1]] = true
		}
		t.Logf("%-28s %6d bytes, %d files", path, total, len(seen))
		limit := usual
		if more, ok := heavier[path]; ok {
			limit = more
		}
		if total > limit {
			t.Errorf("%s weighs %d bytes, more than %d", path, total, limit)
		}
	}
}

func TestModulesFindWhatTheyImport(t *testing.T) {
	a, err := loadAssets(embedded)
	if err != nil {
		t.Fatal(err)
	}
	if list := a.closure("js/ui/live.js"); len(list) < 8 || list[0] != "js/ui/live.js" {
		t.Errorf("live.js is found to need only %v", list)
	}
}

func TestDatesAreSaidInFull(t *testing.T) {
	paris, err := time.LoadLocation(DefaultZone)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at              string
		french, english string
	}{
		{"2026-03-03T09:00:00Z", "mardi 3 mars à 10 h", "Tuesday 3 March at 10 am"},
		{"2026-07-01T12:05:00Z", "mercredi 1er juillet à 14 h 05", "Wednesday 1 July at 2:05 pm"},
		{"2026-12-31T23:30:00Z", "vendredi 1er janvier à 0 h 30", "Friday 1 January at 12:30 am"},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		plain := func(s string) string { return strings.ReplaceAll(s, nbsp, " ") }
		if got := plain(when("fr", at.In(paris))); got != c.french {
			t.Errorf("%s: %q", c.at, got)
		}
		if got := plain(when("en", at.In(paris))); got != c.english {
			t.Errorf("%s: %q", c.at, got)
		}
	}
}

// TestThePolicyNamesTheSocket: Safari 14 and 15 refuse a WebSocket that only 'self' allows.
func TestThePolicyNamesTheSocket(t *testing.T) {
	for _, c := range []struct {
		host, public string
		tls          bool
		want         string
	}{
		{"salle.lan:8080", "", false, "connect-src 'self' ws://salle.lan:8080 wss://salle.lan:8080;"},
		{"antenne.example", "", true, "connect-src 'self' wss://antenne.example;"},
		{"antenne.example", "https://antenne.example", true, "connect-src 'self' wss://antenne.example;"},
		{"inside:8080", "https://antenne.example", false, "connect-src 'self' ws://inside:8080 wss://inside:8080 wss://antenne.example;"},
		{"inside:8080", "http://10.0.0.2:8080", true, "connect-src 'self' wss://inside:8080 ws://10.0.0.2:8080;"},
		{"[::1]:8080", "", false, "connect-src 'self';"},
		{"x; script-src *", "", false, "connect-src 'self';"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		if r.Host = c.host; c.tls {
			r.TLS = &tls.ConnectionState{}
		}
		if got := policy(r, c.public); !strings.Contains(got, c.want) {
			t.Errorf("%s, public %q, TLS %v: %s", c.host, c.public, c.tls, got)
		}
	}
}

func TestWhatIsSaidAroundTheHour(t *testing.T) {
	at := cuisine(rooms.DoorsOpen).At
	for _, c := range []struct {
		state rooms.State
		after time.Duration
		want  string
	}{
		{rooms.DoorsOpen, -5 * time.Minute, "Installez-vous."},
		{rooms.DoorsOpen, 30 * time.Second, "Installez-vous."},
		{rooms.DoorsOpen, 2 * time.Minute, "On attend le studio."},
		{rooms.Scheduled, 2 * time.Minute, "On attend le studio."},
		{rooms.OnAir, 2 * time.Minute, "La séance est en direct."},
	} {
		get := serve(t, cuisine(c.state), func(config *Config) { config.Now = func() time.Time { return at.Add(c.after) } })
		for _, path := range []string{"/live/cuisine", "/screen?room=cuisine"} {
			if !strings.Contains(get(path).Body.String(), c.want) {
				t.Errorf("%s, %s after the hour: %s does not say %q", c.state, c.after, path, c.want)
			}
		}
	}
}

// TestNothingIsAnnouncedOverNothing: no heading for a list that is empty.
func TestNothingIsAnnouncedOverNothing(t *testing.T) {
	for state, want := range map[rooms.State]bool{rooms.Ended: false, rooms.Scheduled: true} {
		body := serve(t, cuisine(state))("/nowhere").Body.String()
		if strings.Contains(body, "À suivre sur Antenne") != want {
			t.Errorf("%s: announced %v", state, !want)
		}
	}
	private := cuisine(rooms.Scheduled)
	private.Audience = rooms.AudiencePrivate
	if regexp.MustCompile(`<h[1-3][^>]*></h`).MatchString(serve(t, private)("/screen?room=cuisine").Body.String()) {
		t.Error("an empty heading on the screen of a private room")
	}
}

// TestAfterTheEndThereIsNothingToPress on the page of a home.
func TestAfterTheEndThereIsNothingToPress(t *testing.T) {
	at := cuisine(rooms.Ended).EndedAt
	get := serve(t, cuisine(rooms.Ended), func(c *Config) { c.Now = func() time.Time { return at.Add(time.Minute) } })
	if body := get("/live/cuisine").Body.String(); !strings.Contains(body, `<div id="start" hidden>`) {
		t.Error("« Écouter et regarder » after the end")
	}
}

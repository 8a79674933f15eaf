package signaling

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"antenne/rooms"
	"antenne/signaling/wire"
)

// FuzzSignal: one message of any role never changes a room unless the table of permissions has it, and a refusal always has a code.
func FuzzSignal(f *testing.F) {
	for _, command := range []string{"ask", "take-air", "end", "approve", "source-up", "issue-link", "revoke-link", "create-room", "tick"} {
		f.Add(uint8(1), []byte(`{"type":"do","id":"1","command":{"name":"`+command+`"}}`))
		f.Add(uint8(4), []byte(`{"type":"do","id":"1","command":{"name":"`+command+`","question":"6f1d0c9e-52a7-4a51-8c55-0f3a3d9b7a10","text":"?"}}`))
	}
	f.Add(uint8(1), []byte(hello("x", "y")))
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, role uint8, raw []byte) {
		m, err := wire.DecodeClient(raw)
		do, ok := m.(*wire.Do)
		if err != nil || !ok {
			return
		}
		command, err := rooms.DecodeCommand(do.Command)
		if err != nil {
			mustRefuse(t, err)
			return
		}
		room := rooms.New("cuisine")
		who := rooms.Actor{Role: rooms.System, Room: "cuisine"}
		events, err := room.Decide(who, rooms.CreateRoom{Title: "Cuisine", At: now.Add(time.Hour), Audience: rooms.AudiencePublic}, rooms.Moment{Now: now})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			room.Apply(e)
		}
		links := rooms.Roles()[1:] // no link is the house's own
		who = rooms.Actor{Role: links[int(role)%len(links)], Room: "cuisine", Link: "l", Asker: "a", Device: "d"}
		events, err = room.Decide(who, command, rooms.Moment{Now: now})
		if err != nil {
			mustRefuse(t, err)
		}
		if len(events) > 0 && !rooms.May(who.Role, command.Verb()).Ever() {
			t.Errorf("%s did %s", who.Role, command.Verb())
		}
	})
}

func mustRefuse(t *testing.T, err error) {
	t.Helper()
	var refusal *rooms.Refusal
	if !errors.As(err, &refusal) || refusal.Code == "" {
		t.Errorf("an error without a code: %v", err)
	}
}

// FuzzRequest: whatever the headers and the fragment, reading them neither panics nor makes a token of nothing.
func FuzzRequest(f *testing.F) {
	f.Add("Bearer abc", "application/sdp", "fr;q=0.1, en", "https://a.example", "a=mid:0\r\n", "d=1")
	f.Add("bearer", "text/plain;;;", ";;;,,,q=", "http://[::1", "=\n\n", "device=%zz")
	f.Fuzz(func(t *testing.T, authorization, kind, languages, origin, body, query string) {
		r := httptest.NewRequest(http.MethodPost, "/whip/r", nil)
		r.URL.RawQuery = query
		r.Header = http.Header{"Authorization": {authorization}, "Content-Type": {kind}}
		claim, err := claimOf(r)
		if err == nil && (len(claim.Token) > wire.MaxToken || claim.Device != "" && !wire.IsDevice(claim.Device)) {
			t.Errorf("taken: %+v", claim)
		}
		if lang := language(languages); lang != "fr" && lang != "en" {
			t.Errorf("language %q", lang)
		}
		if u, ok := originOf(origin); ok && (u.Host == "" || u.User != nil) {
			t.Errorf("origin %q", origin)
		}
		isFragment(body)
	})
}

package rooms_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"antenne/rooms"
)

func TestQuestionTexts(t *testing.T) {
	home := rooms.Actor{Role: rooms.Viewer, Room: "r", Asker: "b"}
	for _, c := range []struct{ text, code string }{
		{strings.Repeat("é", 500), ""},
		{strings.Repeat("é", 501), "question-too-long"},
		{strings.Repeat("x", 10_000), "question-too-long"},
		{" ", "question-empty"}, {" \u00a0 ", "question-empty"},
		{"une\nligne", "question-characters"}, {"nul\x00", "question-characters"}, {"\x7f", "question-characters"}, {"\u0085x", "question-characters"},
		{"abc\u202edef", "question-characters"}, {"\u2066abc", "question-characters"}, {"\u200fabc", "question-characters"}, {"\u061cabc", "question-characters"},
		{"a\u2028b", "question-characters"}, {"\ufeffa", "question-characters"}, {"a\xff", "question-characters"}, {"a\ufffe", "question-characters"},
		{"كم من الملح؟", ""}, {"👩🏽‍🍳 combien ?", ""}, {"<script>alert(1)</script>", ""}, {"l’œuf — « cru » ?", ""},
	} {
		_, err := sceneFor(t).Decide(home, rooms.Ask{Question: question("q7"), Text: c.text}, rooms.Moment{Now: noon})
		if c.code != "" {
			wantCode(t, fmt.Sprintf("%.20q", c.text), err, c.code)
		} else if err != nil {
			t.Errorf("%.20q: %v", c.text, err)
		}
	}
	for label, code := range map[string]string{strings.Repeat("p", 41): "label-too-long", "poste\t3": "label-characters"} {
		_, err := sceneFor(t).Decide(home, rooms.Ask{Question: question("q7"), Text: "?", Label: label}, rooms.Moment{Now: noon})
		wantCode(t, label, err, code)
	}
	mediator := rooms.Actor{Role: rooms.Mediator, Room: "r", Link: "m"}
	for text, code := range map[string]string{strings.Repeat("é", 1001): "answer-too-long", "a\x1b[0m": "answer-characters"} {
		_, err := sceneFor(t).Decide(mediator, rooms.Answer{Question: question("q3"), Text: text}, rooms.Moment{Now: noon})
		wantCode(t, fmt.Sprintf("%.20q", text), err, code)
	}
}

func TestQuestionIDsAreUUIDs(t *testing.T) {
	home := rooms.Actor{Role: rooms.Viewer, Room: "r", Asker: "b"}
	for _, id := range []string{"", "1", "../../etc/passwd", strings.Repeat("a", 36), "00000000-0000-4000-8000-00000000000G",
		"00000000-0000-4000-8000-00000000000A", "00000000-0000-4000-8000-0000000000011"} {
		_, err := sceneFor(t).Decide(home, rooms.Ask{Question: rooms.QuestionID(id), Text: "?"}, rooms.Moment{Now: noon})
		wantCode(t, id, err, "question-id")
	}
}

// later is when a question is asked that comes after n others, slowly enough for every rate.
func later(n int) time.Time {
	return noon.Add(time.Duration(n) * rooms.RateWindow / rooms.MaxRatePerAsker)
}

// crowd plays n asks, each by another asker when there are many, and returns the last refusal.
func crowd(t *testing.T, r *rooms.Room, who rooms.Actor, n int, many bool) error {
	t.Helper()
	present := rooms.Presence{Sites: map[rooms.SiteID]rooms.SitePresence{"fives": {Desks: 1}}}
	for i := range n {
		if many {
			who.Asker = rooms.AskerID(fmt.Sprint(who.Role, i))
		}
		id := question(fmt.Sprintf("q%d", 1000+len(r.Questions())))
		events, err := r.Decide(who, rooms.Ask{Question: id, Text: "?"}, rooms.Moment{Now: later(len(r.Questions())), Present: present})
		if err != nil {
			return err
		}
		for _, e := range events {
			r.Apply(e)
		}
	}
	return nil
}

func TestLimits(t *testing.T) {
	r := sceneFor(t) // three open questions, typed at fives
	home := rooms.Actor{Role: rooms.Viewer, Room: "r", Site: "fives", Asker: "h"}
	desk := rooms.Actor{Role: rooms.Animator, Room: "r", Site: "fives", Link: "desk", Asker: "desk"}
	post := rooms.Actor{Role: rooms.Post, Room: "r", Site: "fives"}
	nobody := rooms.Actor{Role: rooms.Viewer, Room: "r"}
	if err := crowd(t, r, home, 10, false); err != nil {
		t.Errorf("ten by one home: %v", err)
	}
	wantCode(t, "an eleventh", crowd(t, r, home, 1, false), "question-limit")
	if err := crowd(t, r, home, 50, true); err != nil {
		t.Errorf("sixty by all homes of a site: %v", err)
	}
	wantCode(t, "a sixty-first", crowd(t, r, rooms.Actor{Role: rooms.Viewer, Room: "r", Site: "fives", Asker: "z"}, 1, false), "question-limit")
	// The homes have not silenced the room, whose desk speaks for many.
	if err := crowd(t, r, desk, 30, false); err != nil {
		t.Errorf("thirty by one desk: %v", err)
	}
	if err := crowd(t, r, post, 27, true); err != nil {
		t.Errorf("sixty in one room: %v", err)
	}
	wantCode(t, "a sixty-first in the room", crowd(t, r, desk, 1, false), "question-limit")
	if err := crowd(t, r, nobody, 60, true); err != nil {
		t.Errorf("sixty by homes without a site: %v", err)
	}
	wantCode(t, "a sixty-first without a site", crowd(t, r, rooms.Actor{Role: rooms.Viewer, Room: "r", Asker: "new"}, 1, false), "question-limit")
	// A closed question makes room for another.
	if err := act(r, rooms.Actor{Role: rooms.Moderator, Room: "r"}, rooms.Decline{Question: r.Questions()[len(r.Questions())-1], Reason: "no-time"}); err != nil {
		t.Fatal(err)
	}
	if err := crowd(t, r, nobody, 1, false); err == nil {
		t.Error("somebody without a name asks")
	}
	if err := crowd(t, r, rooms.Actor{Role: rooms.Viewer, Room: "r", Asker: "new"}, 1, false); err != nil {
		t.Errorf("there is room again: %v", err)
	}
}

// act decides and applies one command at noon.
func act(r *rooms.Room, who rooms.Actor, c rooms.Command) error { return actAt(r, who, c, noon) }

func actAt(r *rooms.Room, who rooms.Actor, c rooms.Command, at time.Time) error {
	events, err := r.Decide(who, c, rooms.Moment{Now: at})
	for _, e := range events {
		r.Apply(e)
	}
	return err
}

// askAndWithdraw has who ask n questions, none of which stays open.
func askAndWithdraw(t *testing.T, r *rooms.Room, who rooms.Actor, n int) error {
	t.Helper()
	for range n {
		id := question(fmt.Sprintf("q%d", 100000+len(r.Questions())))
		if err := actAt(r, who, rooms.Ask{Question: id, Text: "?"}, later(len(r.Questions()))); err != nil {
			return err
		}
		if err := act(r, who, rooms.Withdraw{Question: id}); who.Role != rooms.Animator && err != nil {
			t.Fatal(err)
		}
	}
	return nil
}

func TestOneAskerHasAShareOfTheRoomsLife(t *testing.T) {
	for _, who := range []rooms.Actor{
		{Role: rooms.Viewer, Room: "r", Asker: "h"}, {Role: rooms.Viewer, Room: "r", Site: "fives", Asker: "h2"}, {Role: rooms.Post, Room: "r", Site: "fives", Asker: "p"},
		{Role: rooms.Post, Room: "r", Site: "anzin", Link: "post"},
	} {
		r := sceneFor(t)
		if err := askAndWithdraw(t, r, who, rooms.MaxPerAsker); err != nil {
			t.Errorf("%s: %v", who.Role, err)
		}
		wantCode(t, string(who.Role), askAndWithdraw(t, r, who, 1), "question-limit-asker")
	}
	desk := rooms.Actor{Role: rooms.Animator, Room: "r", Site: "fives", Link: "desk", Asker: "desk"}
	if err := askAndWithdraw(t, sceneFor(t), desk, rooms.MaxPerAsker+1); err != nil {
		t.Errorf("a desk is not bound: %v", err)
	}
}

// TestARoomKeepsOnlySoMany floods a room as strangers can, with a new secret each time, and then as links can.
func TestARoomKeepsOnlySoMany(t *testing.T) {
	r := sceneFor(t)
	flood := func(role rooms.Role, site rooms.SiteID, until int) error {
		for n := len(r.Questions()); n < until; n = len(r.Questions()) {
			who := rooms.Actor{Role: role, Room: "r", Site: site, Asker: rooms.AskerID(fmt.Sprint("s", n))}
			if err := askAndWithdraw(t, r, who, 1); err != nil {
				return err
			}
		}
		return nil
	}
	post := rooms.Actor{Role: rooms.Post, Room: "r", Site: "anzin", Asker: "p"}
	wantCode(t, "strangers", flood(rooms.Viewer, "", rooms.MaxQuestions), "question-limit-room")
	wantCode(t, "strangers through a site", flood(rooms.Viewer, "anzin", rooms.MaxQuestions), "question-limit-room")
	if err := askAndWithdraw(t, r, post, 1); err != nil {
		t.Errorf("strangers have silenced a post: %v", err)
	}
	if err := flood(rooms.Post, "fives", rooms.MaxQuestions); err != nil {
		t.Fatal(err)
	}
	for _, who := range []rooms.Actor{post, {Role: rooms.Animator, Room: "r", Site: "fives", Link: "desk"}} {
		wantCode(t, string(who.Role), askAndWithdraw(t, r, who, 1), "question-limit-room")
	}
	if len(r.Questions()) != rooms.MaxQuestions {
		t.Errorf("%d questions are kept", len(r.Questions()))
	}
}

// TestNobodyHurries: three a minute for one asker, ten for the desk and the posts of a place, as many for its homes; who waits may ask.
func TestNobodyHurries(t *testing.T) {
	r, n := sceneFor(t), 0
	ask := func(who rooms.Actor, asker string, at time.Time) error {
		n++
		who.Asker = rooms.AskerID(asker)
		return actAt(r, who, rooms.Ask{Question: question(fmt.Sprintf("q%d", 500+n)), Text: "?"}, at)
	}
	desk := rooms.Actor{Role: rooms.Animator, Room: "r", Site: "anzin", Link: "desk"}
	post := rooms.Actor{Role: rooms.Post, Room: "r", Site: "anzin"}
	home := rooms.Actor{Role: rooms.Viewer, Room: "r", Site: "anzin"}
	nobody := rooms.Actor{Role: rooms.Viewer, Room: "r"}
	for range rooms.MaxRatePerAsker {
		if err := ask(post, "p", noon); err != nil {
			t.Fatal(err)
		}
	}
	wantCode(t, "a fourth by one post", ask(post, "p", noon.Add(rooms.RateWindow-1)), "question-rate")
	for range rooms.MaxRatePerPlace - rooms.MaxRatePerAsker { // a desk speaks for many
		if err := ask(desk, "d", noon); err != nil {
			t.Fatal(err)
		}
	}
	wantCode(t, "an eleventh in the room", ask(desk, "d", noon), "question-rate")
	wantCode(t, "a fresh post of the room", ask(post, "p2", noon), "question-rate")
	for i := range rooms.MaxRatePerPlace { // the homes of a site are counted apart
		if err := ask(home, fmt.Sprint("h", i), noon); err != nil {
			t.Fatal(err)
		}
	}
	wantCode(t, "an eleventh by the homes", ask(home, "h", noon), "question-rate")
	for i := range rooms.MaxRateNoPlace {
		if err := ask(nobody, fmt.Sprint("n", i), noon); err != nil {
			t.Fatal(err)
		}
	}
	wantCode(t, "one more without a place", ask(nobody, "n", noon), "question-rate")
	if err := ask(post, "p", noon.Add(rooms.RateWindow)); err != nil {
		t.Errorf("after a minute: %v", err)
	}
	if err := ask(home, "h0", noon.Add(-time.Hour)); err != nil {
		t.Errorf("a clock that went back holds somebody: %v", err)
	}
}

func TestCreateRoomRefusals(t *testing.T) {
	good := rooms.CreateRoom{Title: "Cuisine", At: noon, Audience: rooms.AudiencePrivate, Needs: "Un bol\nUne cuillère", Mediator: "Aïcha"}
	for code, spoil := range map[string]func(*rooms.CreateRoom){
		"room-title-empty":         func(c *rooms.CreateRoom) { c.Title = " " },
		"room-title-too-long":      func(c *rooms.CreateRoom) { c.Title = strings.Repeat("x", 121) },
		"room-title-characters":    func(c *rooms.CreateRoom) { c.Title = "a\nb" },
		"room-needs-too-long":      func(c *rooms.CreateRoom) { c.Needs = strings.Repeat("\n", 501) },
		"room-needs-characters":    func(c *rooms.CreateRoom) { c.Needs = "a\x00" },
		"room-mediator-too-long":   func(c *rooms.CreateRoom) { c.Mediator = strings.Repeat("x", 81) },
		"room-mediator-characters": func(c *rooms.CreateRoom) { c.Mediator = "\u202e" },
		"room-time":                func(c *rooms.CreateRoom) { c.At = time.Time{} },
		"room-audience":            func(c *rooms.CreateRoom) { c.Audience = "friends" },
	} {
		c := good
		spoil(&c)
		_, err := rooms.New("r").Decide(house, c, rooms.Moment{Now: noon})
		wantCode(t, code, err, code)
	}
	r := rooms.New("r")
	events, err := r.Decide(house, good, rooms.Moment{Now: noon})
	if err != nil || len(events) != 1 {
		t.Fatal(err)
	}
	r.Apply(events[0])
	if events, err := r.Decide(house, good, rooms.Moment{Now: noon}); err != nil || len(events) != 0 {
		t.Errorf("created twice: %v, %v", events, err)
	}
	good.Title = "Magie"
	_, err = r.Decide(house, good, rooms.Moment{Now: noon})
	wantCode(t, "another room under the same id", err, "room-exists")
}

func TestSiteAndLinkRefusals(t *testing.T) {
	hash := strings.Repeat("0a", 32)
	later := noon.Add(time.Hour)
	for _, c := range []struct {
		command rooms.Command
		code    string
	}{
		{rooms.AddSite{Site: "Fives", Name: "x"}, "site-id"},
		{rooms.AddSite{Site: "-x", Name: "x"}, "site-id"},
		{rooms.AddSite{Site: rooms.SiteID(strings.Repeat("x", 41)), Name: "x"}, "site-id"},
		{rooms.AddSite{Site: "x", Name: ""}, "site-name-empty"},
		{rooms.AddSite{Site: "x", Name: "x", Town: "\x01"}, "site-town-characters"},
		{rooms.IssueLink{Link: "", Hash: hash, Role: rooms.Mediator, Expires: later}, "link-malformed"},
		{rooms.IssueLink{Link: "l", Hash: strings.ToUpper(hash), Role: rooms.Mediator, Expires: later}, "link-malformed"},
		{rooms.IssueLink{Link: "l", Hash: "0a", Role: rooms.Mediator, Expires: later}, "link-malformed"},
		{rooms.IssueLink{Link: "l", Hash: hash, Role: rooms.Mediator, Expires: noon}, "link-expiry"},
		{rooms.IssueLink{Link: "l", Hash: hash, Role: rooms.System, Expires: later}, "link-role"},
		{rooms.IssueLink{Link: "l", Hash: hash, Role: "pope", Expires: later}, "link-role"},
		{rooms.IssueLink{Link: "l", Hash: hash, Role: rooms.Animator, Expires: later}, "link-needs-site"},
		{rooms.IssueLink{Link: "l", Hash: hash, Role: rooms.Mediator, Site: "fives", Expires: later}, "link-without-site"},
		{rooms.IssueLink{Link: "l", Hash: hash, Role: rooms.Animator, Site: "mons", Expires: later}, "site-unknown"},
		{rooms.IssueLink{Link: "l", Hash: hash, Role: rooms.Mediator, Expires: later, Note: strings.Repeat("x", 81)}, "link-note-too-long"},
		{rooms.RevokeLink{Link: "l"}, "link-unknown"},
	} {
		_, err := sceneFor(t).Decide(house, c.command, rooms.Moment{Now: noon})
		wantCode(t, fmt.Sprintf("%+v", c.command), err, c.code)
	}
}

func TestAdmitTellsWhoALinkStandsFor(t *testing.T) {
	r := sceneFor(t)
	issue := rooms.IssueLink{Link: "l", Hash: strings.Repeat("0a", 32), Role: rooms.Animator, Site: "fives", Expires: noon.Add(time.Hour), Note: "Chloé"}
	events, err := r.Decide(house, issue, rooms.Moment{Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	r.Apply(events[0])
	who, err := r.Admit(issue.Hash, noon)
	if want := (rooms.Actor{Role: rooms.Animator, Room: "r", Site: "fives", Link: "l", Name: "Chloé"}); err != nil || who != want {
		t.Errorf("%+v, %v", who, err)
	}
	other := issue
	other.Link = "l2"
	_, err = r.Decide(house, other, rooms.Moment{Now: noon})
	wantCode(t, "the same secret twice", err, "link-exists")
	if links := r.Links(); len(links) != 1 || links[0].Note != "Chloé" || links[0].Revoked {
		t.Errorf("%+v", links)
	}
}

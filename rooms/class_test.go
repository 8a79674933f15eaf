package rooms_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"antenne/rooms"
)

// TestClassRefusals tries each command of the life of the class with what it must not hold.
func TestClassRefusals(t *testing.T) {
	long := func(n int) string { return strings.Repeat("é", n) }
	studio := rooms.Actor{Role: rooms.Mediator, Room: "r", Link: "m"}
	desk := rooms.Actor{Role: rooms.Animator, Room: "r", Site: "fives", Link: "desk"}
	lost := rooms.Actor{Role: rooms.Animator, Room: "r", Site: "mons", Link: "desk"}
	post := rooms.Actor{Role: rooms.Post, Room: "r", Site: "fives", Link: "p"}
	sheet := func(change func(*rooms.SetSheet)) rooms.SetSheet {
		c := rooms.SetSheet{Sheet: "s", Title: "La recette", Type: "image/jpeg", Size: rooms.MaxSheet}
		change(&c)
		return c
	}
	for _, c := range []struct {
		who     rooms.Actor
		command rooms.Command
		code    string
	}{
		{desk, rooms.SetPace{Pace: ""}, "pace-unknown"},
		{lost, rooms.SetPace{Pace: rooms.Stuck}, "site-unknown"},
		{lost, rooms.CountPeople{People: "3"}, "site-unknown"},
		{desk, rooms.SetTrouble{}, "trouble-unknown"},
		{desk, rooms.CountPeople{People: ""}, "people-count"},
		{desk, rooms.CountPeople{People: "+3"}, "people-count"},
		{desk, rooms.CountPeople{People: "٣"}, "people-count"},
		{desk, rooms.CountPeople{People: "00012"}, "people-count"},
		{studio, rooms.SeePace{}, "wire-missing-field"},
		{studio, rooms.SeePace{Site: "fives", Pace: rooms.Stuck}, "wire-missing-field"},
		{studio, rooms.SeePace{Site: "mons"}, "site-unknown"},
		{studio, rooms.SuspendSite{Site: "mons"}, "site-unknown"},
		{studio, rooms.AllowSite{}, "site-unknown"},
		{studio, rooms.StartExercise{Instruction: long(301), Minutes: "5"}, "instruction-too-long"},
		{studio, rooms.StartExercise{Instruction: "a\x00", Minutes: "5"}, "instruction-characters"},
		{studio, rooms.StartExercise{Instruction: "a", Minutes: "5.5"}, "exercise-minutes"},
		{studio, rooms.ExtendExercise{Minutes: "5"}, "exercise-none"},
		{studio, rooms.SetRundown{Steps: strings.Repeat("1 Un\n", 31)}, "rundown-long"},
		{studio, rooms.SetRundown{Steps: "1 " + long(121)}, "rundown-line"},
		{studio, rooms.SetRundown{Steps: "1 Un | " + long(301)}, "rundown-line"},
		{studio, rooms.SetRundown{Steps: "1 Un\u202e"}, "rundown-line"},
		{studio, rooms.SetRundown{Steps: "1  | rien"}, "rundown-line"},
		{studio, rooms.StartStep{Step: "1"}, "step-unknown"},
		{house, sheet(func(c *rooms.SetSheet) { c.Type = "text/html" }), "sheet-type"},
		{house, sheet(func(c *rooms.SetSheet) { c.Size++ }), "sheet-type"},
		{house, sheet(func(c *rooms.SetSheet) { c.Size = 0 }), "sheet-type"},
		{house, sheet(func(c *rooms.SetSheet) { c.Sheet = "" }), "sheet-type"},
		{house, sheet(func(c *rooms.SetSheet) { c.Title = long(121) }), "sheet-title-too-long"},
		{house, sheet(func(c *rooms.SetSheet) { c.Title = "\x1b" }), "sheet-title-characters"},
		{studio, rooms.EditRoom{}, "wire-missing-field"},
		{studio, rooms.EditRoom{Credit: ptr(long(121))}, "room-credit-too-long"},
		{studio, rooms.EditRoom{Credit: ptr("a\nb")}, "room-credit-characters"},
		{studio, rooms.EditRoom{Needs: ptr(long(501))}, "room-needs-too-long"},
		{studio, rooms.ShowStrip{Title: long(81)}, "strip-title-too-long"},
		{studio, rooms.ShowStrip{Title: "a\tb"}, "strip-title-characters"},
		{studio, rooms.ShowStrip{Title: "a", Text: long(121)}, "strip-text-too-long"},
		{studio, rooms.ShowStrip{Title: "a", Text: "\u2028"}, "strip-text-characters"},
		{studio, rooms.SelectCamera{}, "camera-unknown"},
		{studio, rooms.Announce{Text: long(301)}, "announcement-too-long"},
		{studio, rooms.Announce{Text: "a\x07"}, "announcement-characters"},
		{studio, rooms.Caption{Text: long(201)}, "caption-too-long"},
		{studio, rooms.Caption{Text: "a\x07"}, "caption-characters"},
		{studio, rooms.Caption{Text: "a", Lang: strings.Repeat("a", 36)}, "caption-lang"},
		{studio, rooms.Pause{Slate: "soon"}, "slate-unknown"},
		{studio, rooms.Pause{Slate: rooms.SlateIncident}, "room-not-on-air"},
		{house, rooms.OpenPosts{Site: "fives"}, "posts-code"},
		{house, rooms.OpenPosts{Site: "fives", Code: "a\x00"}, "posts-code"},
		{post, rooms.SayLost{}, "lost-unknown"},
		{rooms.Actor{Role: rooms.Post, Room: "r", Site: "fives", Asker: "a"}, rooms.SayLost{Lost: "yes"}, "post-unknown"},
		{desk, rooms.AttendPost{Post: "nobody"}, "post-unknown"},
		{house, rooms.IssueLink{Link: "l", Hash: strings.Repeat("0a", 32), Role: rooms.Phone, Expires: noon.Add(time.Hour)}, "link-needs-mediator"},
		{house, rooms.IssueLink{Link: "l", Hash: strings.Repeat("0a", 32), Role: rooms.Guest, Of: "nobody", Expires: noon.Add(time.Hour)}, "link-unknown"},
		{house, rooms.IssueLink{Link: "l", Hash: strings.Repeat("0a", 32), Role: rooms.Captioner, Site: "fives", Expires: noon.Add(time.Hour)}, "link-without-site"},
	} {
		_, err := sceneFor(t).Decide(c.who, c.command, rooms.Moment{Now: noon})
		wantCode(t, fmt.Sprintf("%.60v", c.command), err, c.code)
	}
}

// TestARevokedLinkTakesAlongWhatHangsOnIt, in the same decision, and what hangs on that.
func TestARevokedLinkTakesAlongWhatHangsOnIt(t *testing.T) {
	r := sceneFor(t)
	issue := func(id, of rooms.LinkID, role rooms.Role) {
		t.Helper()
		hash := fmt.Sprintf("%064x", []byte(id))
		if err := act(r, house, rooms.IssueLink{Link: id, Of: of, Hash: hash, Role: role, Expires: noon.Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
	}
	issue("m", "", rooms.Mediator)
	issue("m2", "", rooms.Mediator)
	issue("phone", "m", rooms.Phone)
	issue("other", "m2", rooms.Phone)
	who, err := r.Admit(fmt.Sprintf("%064x", []byte("phone")), noon)
	if err != nil || who.Of != "m" {
		t.Errorf("%+v, %v", who, err)
	}
	events, err := r.Decide(house, rooms.RevokeLink{Link: "m"}, rooms.Moment{Now: noon})
	if err != nil || len(events) != 2 {
		t.Fatalf("%#v, %v", events, err)
	}
	for _, e := range events {
		r.Apply(e)
	}
	_, err = r.Admit(fmt.Sprintf("%064x", []byte("phone")), noon)
	wantCode(t, "its phone", err, "link-revoked")
	if _, err := r.Admit(fmt.Sprintf("%064x", []byte("other")), noon); err != nil {
		t.Errorf("another mediator's phone: %v", err)
	}
	err = act(r, house, rooms.IssueLink{Link: "late", Of: "m", Hash: strings.Repeat("7", 64), Role: rooms.Phone, Expires: noon.Add(time.Hour)})
	wantCode(t, "a phone of a revoked link", err, "link-revoked")
}

// A post is told that it is lost by what it is told of itself.
func TestAPostKnowsThatItIsLost(t *testing.T) {
	r := sceneFor(t)
	post := rooms.Actor{Role: rooms.Post, Room: "r", Site: "fives", Link: "p"}
	if r.You(post).Lost {
		t.Error("lost from the beginning")
	}
	if err := act(r, post, rooms.SayLost{Lost: "yes"}); err != nil || !r.You(post).Lost {
		t.Errorf("%+v, %v", r.You(post), err)
	}
	other := post
	other.Link = "p2"
	if r.You(other).Lost {
		t.Error("its neighbour is lost too")
	}
}

// An exercise whose end nobody presses ends; what is due says so, and no sooner.
func TestAnExerciseEndsByItself(t *testing.T) {
	r := sceneFor(t)
	studio := rooms.Actor{Role: rooms.Mediator, Room: "r", Link: "m"}
	if err := act(r, house, rooms.OpenDoors{}); err != nil {
		t.Fatal(err)
	}
	if err := act(r, studio, rooms.StartExercise{Instruction: "Coupez", Minutes: "5"}); err != nil {
		t.Fatal(err)
	}
	at := func(d time.Duration) rooms.Moment {
		return rooms.Moment{Now: noon.Add(d), Present: rooms.Presence{Sites: map[rooms.SiteID]rooms.SitePresence{"fives": {Desks: 1}}}}
	}
	events, err := r.Decide(house, rooms.Tick{}, at(0)) // somebody came
	if err != nil || len(events) != 1 {
		t.Fatalf("%#v, %v", events, err)
	}
	r.Apply(events[0])
	ends := func(after time.Duration) bool {
		events, err := r.Decide(house, rooms.Tick{}, at(after))
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(events, func(e rooms.Event) bool { _, is := e.(rooms.ExerciseEnded); return is })
	}
	if ends(5*time.Minute-1) || !ends(5*time.Minute) {
		t.Error("it does not end when its time is over")
	}
	if due, next := r.Due(at(0)); due != nil || next.IsZero() || next.After(noon.Add(5*time.Minute)) {
		t.Errorf("due %v, next %v", due, next)
	}
}

// TestNobodyIsHeardOverAnExerciseForEver: a finger that was on the button when its page went away holds no room's sound up.
func TestNobodyIsHeardOverAnExerciseForEver(t *testing.T) {
	studio := rooms.Actor{Role: rooms.Mediator, Room: "r", Link: "m"}
	speaking := func(t *testing.T) *rooms.Room {
		r := sceneFor(t)
		for _, c := range []rooms.Command{rooms.StartExercise{Instruction: "Coupez", Minutes: "5"}, rooms.Speak{}} {
			if err := act(r, studio, c); err != nil {
				t.Fatal(err)
			}
		}
		return r
	}
	hushes := func(t *testing.T, present rooms.Presence, after time.Duration) bool {
		r := speaking(t)
		at := rooms.Moment{Now: noon.Add(after), Present: present}
		events, err := r.Decide(house, rooms.Tick{}, at)
		if err != nil {
			t.Fatal(err)
		}
		is := slices.ContainsFunc(events, func(e rooms.Event) bool { s, is := e.(rooms.ExerciseSpoken); return is && !s.On })
		if due, next := r.Due(at); is && due == nil || !is && present.Mediators+present.Phones == 0 && next.After(noon.Add(time.Minute)) {
			t.Errorf("after %v: due %v, next %v", after, due, next)
		}
		return is
	}
	left := rooms.Presence{StudioLeft: noon.Add(10 * time.Second)}
	for _, c := range []struct {
		what    string
		present rooms.Presence
		after   time.Duration
		want    bool
	}{
		{"still there", rooms.Presence{Mediators: 1, StudioLeft: noon}, time.Minute, false},
		{"a phone is there", rooms.Presence{Phones: 1}, time.Minute, false},
		{"just left", left, 15*time.Second - 1, false},
		{"left", left, 15 * time.Second, true},
		{"said by a page that had left already", rooms.Presence{StudioLeft: noon.Add(-time.Minute)}, 4 * time.Second, false},
		{"the house started again", rooms.Presence{Since: noon.Add(20 * time.Second)}, 24 * time.Second, false},
		{"and nobody came back", rooms.Presence{Since: noon.Add(20 * time.Second)}, 25 * time.Second, true},
	} {
		if got := hushes(t, c.present, c.after); got != c.want {
			t.Errorf("%s: silence %v", c.what, got)
		}
	}
}

// TestAnExerciseSentAgainIsOne: a page that did not hear the answer sends its command again, seconds later.
func TestAnExerciseSentAgainIsOne(t *testing.T) {
	studio := rooms.Actor{Role: rooms.Mediator, Room: "r", Link: "m"}
	r := sceneFor(t)
	shown := func() rooms.ExerciseEntity { return r.View(studio)["exercise"].(rooms.ExerciseEntity) }
	after := func(seconds int, c rooms.Command) error {
		return actAt(r, studio, c, noon.Add(time.Duration(seconds)*time.Second))
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	start := rooms.StartExercise{Instruction: "Coupez", Minutes: "5", After: "0"}
	must(after(0, start))
	first := shown().Until
	more := rooms.ExtendExercise{Minutes: "2", Until: first.Format(time.RFC3339Nano)}
	must(after(1, more))
	must(after(9, more))
	if got := shown().Until.Sub(first); got != 2*time.Minute {
		t.Errorf("one press gave %v more", got)
	}
	must(after(10, rooms.ExtendExercise{Minutes: "2", Until: shown().Until.Format(time.RFC3339Nano)}))
	must(after(11, rooms.ExtendExercise{Minutes: "2", Until: shown().Until.Format(time.RFC3339Nano)}))
	if got := shown().Until.Sub(first); got != 6*time.Minute {
		t.Errorf("three presses, each of who saw the one before, gave %v more", got)
	}
	must(after(12, rooms.EndExercise{}))
	must(after(13, start))
	if e := shown(); e.Number != 1 || e.EndedAt == nil {
		t.Errorf("what was ended began again: %+v", e)
	}
	start.Instruction = "Pesez"
	wantCode(t, "another, by a page that has not seen the first", after(14, start), "exercise-moved")
	start.After = "1"
	must(after(15, start))
	if shown().Number != 2 {
		t.Errorf("%+v", shown())
	}
}

// TestWhoCameAfterTheLookWasNotSeen: a tap means what was drawn, and a room that spoke up in between is still to be looked at.
func TestWhoCameAfterTheLookWasNotSeen(t *testing.T) {
	r := sceneFor(t)
	studio := rooms.Actor{Role: rooms.Mediator, Room: "r", Link: "m"}
	says := func(id rooms.SiteID, after time.Duration) {
		t.Helper()
		desk := rooms.Actor{Role: rooms.Animator, Room: "r", Site: id, Link: "desk"}
		if err := actAt(r, desk, rooms.SetPace{Pace: rooms.Stuck}, noon.Add(after)); err != nil {
			t.Fatal(err)
		}
	}
	seen := func(id string) bool { return r.View(studio)["site/"+id].(rooms.SiteEntity).SeenAt != nil }
	says("fives", 0)
	drawn := r.View(studio)["site/fives"].(rooms.SiteEntity).PaceAt.Format(time.RFC3339Nano)
	says("anzin", time.Second)
	if err := act(r, studio, rooms.SeePace{Pace: rooms.Stuck, Until: drawn}); err != nil || !seen("fives") || seen("anzin") {
		t.Errorf("fives seen: %v, anzin seen: %v, %v", seen("fives"), seen("anzin"), err)
	}
	if err := act(r, studio, rooms.SeePace{Pace: rooms.Stuck}); err != nil || !seen("anzin") {
		t.Errorf("a page that does not say what it showed: %v", err)
	}
}

package rooms_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"antenne/rooms"
)

// onWall is sceneFor with q3 on air.
func onWall(t *testing.T) *rooms.Room {
	r := sceneFor(t)
	at := rooms.Moment{Now: noon}
	for _, c := range []rooms.Command{rooms.GoOnAir{}, rooms.Take{Question: question("q3")}} {
		events, err := r.Decide(rooms.Actor{Role: rooms.Mediator, Room: "r", Link: "m", Device: "d"}, c, at)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			r.Apply(e)
		}
	}
	return r
}

// The names of the entities and of their fields are a contract with the pages: here they are, as JSON.
func TestViewAsJSON(t *testing.T) {
	asker := rooms.Actor{Role: rooms.Post, Room: "r", Site: "fives", Link: "p", Asker: "a", Device: "secret", Name: "Poste 3"}
	raw, err := json.Marshal(onWall(t).View(asker))
	if err != nil {
		t.Fatal(err)
	}
	var got, want any
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	const text = `{
	"room": {"id":"r","title":"Cuisine","at":"2027-03-02T12:00:00Z","state":"on-air","audience":"public","needs":"","mediator":"",
		"onAirOnPublish":false,"startedAt":"2027-03-02T12:00:00Z","stateAt":"2027-03-02T12:00:00Z","camera":"main"},
	"you": {"role":"post","site":"fives","siteName":"Fives","name":"Poste 3","link":"p"},
	"air": {"held":false,"up":[]},
	"site/fives": {"id":"fives","name":"Fives","town":""},
	"card": {"question":"Q3","text":"Combien de sel ?","site":"fives","siteName":"Fives","from":"site","since":"2027-03-02T12:00:00Z"},
	"question/Q1": {"id":"Q1","state":"asked","text":"Combien de sel ?","site":"fives","siteName":"Fives","from":"post","mine":true,
		"askedAt":"2027-03-02T11:00:00Z","stateAt":"2027-03-02T11:00:00Z"},
	"question/Q2": {"id":"Q2","state":"asked","text":"Combien de sel ?","site":"fives","siteName":"Fives","from":"post","mine":true,
		"askedAt":"2027-03-02T11:00:00Z","stateAt":"2027-03-02T11:00:00Z"},
	"question/Q3": {"id":"Q3","state":"on-air","text":"Combien de sel ?","site":"fives","siteName":"Fives","from":"post","mine":true,
		"askedAt":"2027-03-02T11:00:00Z","stateAt":"2027-03-02T12:00:00Z"}}`
	full := strings.NewReplacer("Q1", string(question("q1")), "Q2", string(question("q2")), "Q3", string(question("q3"))).Replace(text)
	if err := json.Unmarshal([]byte(full), &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the view is\n%s", raw)
	}
}

func TestOnlyMediatorsLearnTheirOwnDevice(t *testing.T) {
	r := onWall(t)
	for _, role := range rooms.Roles() {
		you := r.View(rooms.Actor{Role: role, Room: "r", Link: "l", Device: "d"})["you"].(rooms.YouEntity)
		if knows := you.Device != ""; knows != (role == rooms.Mediator) {
			t.Errorf("%s: %+v", role, you)
		}
		spokenOf := slices.Contains([]rooms.Role{rooms.Mediator, rooms.Moderator, rooms.Animator, rooms.Post, rooms.Guest, rooms.Phone}, role)
		if knows := you.Link != ""; knows != spokenOf {
			t.Errorf("%s: %+v", role, you)
		}
	}
}

func TestDiff(t *testing.T) {
	a := rooms.View{"room": rooms.RoomEntity{Title: "A"}, "site/b": rooms.SiteEntity{ID: "b"}, "site/a": rooms.SiteEntity{ID: "a"}}
	b := rooms.View{"room": rooms.RoomEntity{Title: "B"}, "card": rooms.CardEntity{Text: "?"}}
	set, gone := rooms.Diff(a, b)
	if !reflect.DeepEqual(set, b) || !reflect.DeepEqual(gone, []string{"site/a", "site/b"}) {
		t.Errorf("set %v, gone %v", set, gone)
	}
	if set, gone := rooms.Diff(b, b); len(set)+len(gone) != 0 {
		t.Errorf("nothing changed, yet set %v, gone %v", set, gone)
	}
	if set, gone := rooms.Diff(nil, a); len(set) != 3 || len(gone) != 0 {
		t.Errorf("from nothing: set %v, gone %v", set, gone)
	}
	r := onWall(t)
	who := rooms.Actor{Role: rooms.Mediator, Room: "r"}
	if set, gone := rooms.Diff(r.View(who), r.View(who)); len(set)+len(gone) != 0 {
		t.Errorf("two views of the same moment differ: %v, %v", set, gone)
	}
}

// A view that was given out stays as it was, whatever happens in the room afterwards.
func TestViewsStayAsTheyWere(t *testing.T) {
	r := onWall(t)
	who := rooms.Actor{Role: rooms.Mediator, Room: "r", Link: "m", Device: "d"}
	play := func(actor rooms.Actor, c rooms.Command) {
		t.Helper()
		events, err := r.Decide(actor, c, rooms.Moment{Now: noon})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			r.Apply(e)
		}
	}
	animator := rooms.Actor{Role: rooms.Animator, Room: "r", Site: "fives", Link: "desk"}
	play(animator, rooms.Relay{Question: question("q1")})
	play(animator, rooms.Relay{Question: question("q2")})
	play(who, rooms.SourceUp{Slots: []string{"voice", "camera"}})
	play(who, rooms.Merge{Question: question("q1"), Into: question("q3")})
	v := r.View(who)
	before, _ := json.Marshal(v)
	play(who, rooms.Merge{Question: question("q2"), Into: question("q3")})
	play(who, rooms.SourceDown{Slots: []string{"voice"}})
	play(who, rooms.Reopen{Question: question("q1")})
	play(who, rooms.Pause{})
	play(house, rooms.AddSite{Site: "fives", Name: "Autre nom"})
	if after, _ := json.Marshal(v); string(after) != string(before) {
		t.Errorf("was\n%s\nbecame\n%s", before, after)
	}
}

func TestSummaryOfARoom(t *testing.T) {
	r := onWall(t)
	if r.ID() != "r" || !r.Exists() || r.Title() != "Cuisine" || r.State() != rooms.OnAir || r.Audience() != rooms.AudiencePublic ||
		!r.StartsAt().Equal(noon) || !r.EndedAt().IsZero() || len(r.Sites()) != 2 || len(r.Questions()) != 3 {
		t.Error("the summary of the room is wrong")
	}
	r.Apply(rooms.StateChanged{Stamp: rooms.Stamp{At: noon.Add(time.Hour)}, To: rooms.Ended})
	if !r.EndedAt().Equal(noon.Add(time.Hour)) {
		t.Errorf("ended at %v", r.EndedAt())
	}
	if r.Forgotten(string(question("q1"))) || !r.Forgotten("no such") {
		t.Error("Erased is wrong")
	}
	r.Apply(rooms.QuestionErased{Question: question("q1")})
	if !r.Forgotten(string(question("q1"))) {
		t.Error("q1 is not erased")
	}
}

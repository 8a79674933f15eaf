package rooms_test

import (
	"bytes"
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"antenne/rooms"
)

func roundTrip(t testing.TB, events []rooms.Event) []rooms.Event {
	t.Helper()
	meta, private, err := rooms.EncodeEvents(events)
	if err != nil {
		t.Fatal(err)
	}
	again, err := rooms.DecodeEvents(meta, private)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

var stamp = rooms.Stamp{At: noon, By: rooms.By{Role: rooms.Animator, Site: "fives", Link: "l1"}}

// everyEvent is one event of each kind.
func everyEvent() []rooms.Event {
	return []rooms.Event{
		rooms.RoomCreated{Stamp: stamp, Room: "r", Title: "Cuisine", StartsAt: noon, Audience: rooms.AudiencePublic, Needs: "sel", Mediator: "A", OnAirOnPublish: true},
		rooms.SiteAdded{Stamp: stamp, Site: "fives", Name: "Fives", Town: "Lille"},
		rooms.LinkIssued{Stamp: stamp, Link: "l1", Hash: strings.Repeat("0", 64), Role: rooms.Animator, Site: "fives", Expires: noon.Add(time.Hour), Note: "SECRET-Chloé"},
		rooms.LinkNoteErased{Stamp: stamp, Link: "l9"},
		rooms.LinkRevoked{Stamp: stamp, Link: "l1"},
		rooms.StateChanged{Stamp: stamp, To: rooms.OnAir},
		rooms.SourceStarted{Stamp: stamp, Link: "l2", Device: "d", Slots: []string{"voice", "camera"}},
		rooms.SourceStopped{Stamp: stamp, Slots: []string{"camera"}},
		rooms.AirTaken{Stamp: stamp, Link: "l2", Device: "e"},
		rooms.QuestionAsked{Stamp: stamp, Question: "q1", Asker: "a", Site: "fives", From: rooms.FromDesk, Text: "SECRET-texte", Label: "SECRET-nom"},
		rooms.QuestionRelayed{Stamp: stamp, Question: "q1", Why: rooms.NoDesk},
		rooms.QuestionRephrased{Stamp: stamp, Question: "q1", Text: "SECRET-reformulée"},
		rooms.QuestionWithdrawn{Stamp: stamp, Question: "q3", Heir: "q4"},
		rooms.QuestionApproved{Stamp: stamp, Question: "q1"},
		rooms.QuestionTaken{Stamp: stamp, Question: "q1"},
		rooms.QuestionAnswered{Stamp: stamp, Question: "q1", Written: true, Text: "SECRET-réponse"},
		rooms.QuestionAnswered{Stamp: stamp, Question: "q2"},
		rooms.QuestionPostponed{Stamp: stamp, Question: "q1"},
		rooms.QuestionDeclined{Stamp: stamp, Question: "q1", Reason: "no-time"},
		rooms.QuestionMerged{Stamp: stamp, Question: "q1", Into: "q2"},
		rooms.QuestionReopened{Stamp: stamp, Question: "q1", To: rooms.Approved},
		rooms.QuestionErased{Stamp: stamp, Question: "q9"},
		rooms.QuestionAsked{Stamp: stamp, Question: "q5", Asker: "a", From: rooms.FromHome, Wordless: true},
		rooms.QuestionAnswered{Stamp: stamp, Question: "q1", Written: true, ToAll: true, Text: "SECRET-pour-tous"},
		rooms.StateChanged{Stamp: stamp, To: rooms.Paused, Slate: rooms.SlateIncident},
		rooms.LinkIssued{Stamp: stamp, Link: "l3", Hash: strings.Repeat("1", 64), Role: rooms.Phone, Of: "l2", Expires: noon.Add(time.Hour)},
		rooms.PaceSet{Stamp: stamp, Site: "fives", Pace: rooms.Stuck},
		rooms.TroubleSet{Stamp: stamp, Site: "fives", Trouble: rooms.NoSound},
		rooms.PeopleCounted{Stamp: stamp, Site: "fives", People: 12},
		rooms.SiteNoted{Stamp: stamp, Site: "fives", Fact: rooms.FactScreen},
		rooms.PaceSeen{Stamp: stamp, Sites: []rooms.SiteID{"fives", "anzin"}},
		rooms.SiteSuspended{Stamp: stamp, Site: "fives"},
		rooms.SiteAllowed{Stamp: stamp, Site: "fives"},
		rooms.ExerciseStarted{Stamp: stamp, Number: 1, Instruction: "Coupez", Until: noon.Add(time.Minute)},
		rooms.ExerciseExtended{Stamp: stamp, Until: noon.Add(time.Hour)},
		rooms.ExerciseReported{Stamp: stamp, Site: "fives", Report: rooms.ReportMore},
		rooms.ExerciseSpoken{Stamp: stamp, On: true},
		rooms.ExerciseEnded{Stamp: stamp},
		rooms.ExercisePutAway{Stamp: stamp},
		rooms.RundownSet{Stamp: stamp, Steps: []rooms.Step{{Minutes: 10, Title: "Couper", Detail: "en dés"}}},
		rooms.StepStarted{Stamp: stamp, Step: 1},
		rooms.SheetSet{Stamp: stamp, Sheet: "s1", Title: "La recette", Type: "image/png", Size: 9},
		rooms.SheetDropped{Stamp: stamp},
		rooms.RoomEdited{Stamp: stamp, Title: "Soupe", Needs: "Une courge", Credit: "Fives"},
		rooms.StripShown{Stamp: stamp, Title: "Aïcha", Text: "cuisinière"},
		rooms.StripHidden{Stamp: stamp},
		rooms.CameraSelected{Stamp: stamp, Camera: rooms.CameraHands},
		rooms.Announced{Stamp: stamp, Number: 1, Text: "Pause"},
		rooms.Captioned{Stamp: stamp, Text: "SECRET-dit", Lang: "fr"},
		rooms.Captioned{Stamp: stamp, Clear: true},
		rooms.CaptionsErased{Stamp: stamp},
		rooms.PostsOpened{Stamp: stamp, Site: "fives", Code: "KT4M7PQX"},
		rooms.PostsOpened{Stamp: stamp, Site: "fives", Code: "KT4M7PQY", Stayed: 3, Closed: 2},
		rooms.PostJoined{Stamp: stamp, Site: "fives", Link: "l4"},
		rooms.PostLost{Stamp: stamp, Link: "l4", Lost: true},
		rooms.PostAttended{Stamp: stamp, Link: "l4"},
		rooms.FloorRequested{Stamp: stamp, Request: "f1", Site: "fives", From: "site", Reason: "SECRET-gâteau"},
		rooms.FloorRequestEnded{Stamp: stamp, Request: "f1", Why: rooms.RequestDismissed},
		rooms.FloorRequestErased{Stamp: stamp, Request: "f2"},
		rooms.Invited{Stamp: stamp, Grant: "g1", Site: "fives", From: "site", Request: "f1"},
		rooms.InviteAccepted{Stamp: stamp, Grant: "g1", Device: "d"},
		rooms.GuestCame{Stamp: stamp, Grant: "g1", Device: "d"},
		rooms.GuestCamera{Stamp: stamp, Grant: "g1", On: true},
		rooms.FloorOpened{Stamp: stamp, Grant: "g1"},
		rooms.FloorRested{Stamp: stamp, Grant: "g1"},
		rooms.GuestLeft{Stamp: stamp, Grant: "g1"},
		rooms.FloorEnded{Stamp: stamp, Grant: "g1", Why: rooms.WhyCut},
		rooms.FloorCleared{Stamp: stamp, Grant: "g1"},
	}
}

func TestEveryEventIsTried(t *testing.T) {
	tried := map[string]bool{}
	for _, e := range everyEvent() {
		tried[e.Kind()] = true
	}
	for _, kind := range rooms.Kinds() {
		if !tried[kind] {
			t.Errorf("no example of %s: add one", kind)
		}
	}
}

func TestEventsComeBackAsTheyWere(t *testing.T) {
	if again := roundTrip(t, everyEvent()); !reflect.DeepEqual(again, everyEvent()) {
		t.Errorf("came back as %#v", again)
	}
	for _, e := range everyEvent() {
		if !e.When().Equal(noon) || e.Who() != stamp.By {
			t.Errorf("%s has lost its stamp", e.Kind())
		}
	}
}

func TestPersonalTextsTravelApart(t *testing.T) {
	meta, private, err := rooms.EncodeEvents(everyEvent())
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(meta, []byte("SECRET")) {
		t.Errorf("a personal text is in what is kept: %s", meta)
	}
	secrets := map[string]int{}
	for _, p := range private {
		secrets[p.ID] = strings.Count(p.Text, "SECRET")
	}
	if want := map[string]int{"captions": 1, "floor/f1": 1, "link/l1": 1, "q1": 5}; !maps.Equal(secrets, want) {
		t.Errorf("personal texts: %v, want %v", secrets, want)
	}
}

func TestErasedTextsDecode(t *testing.T) {
	meta, _, err := rooms.EncodeEvents(everyEvent())
	if err != nil {
		t.Fatal(err)
	}
	events, err := rooms.DecodeEvents(meta, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		switch e := e.(type) {
		case rooms.Captioned:
			if e.Erased == e.Clear || e.Text != "" {
				t.Errorf("%#v", e)
			}
		case rooms.QuestionAsked:
			if e.Erased == e.Wordless || e.Text+e.Label != "" {
				t.Errorf("%#v", e)
			}
		case rooms.QuestionRephrased:
			if !e.Erased || e.Text != "" {
				t.Errorf("%#v", e)
			}
		case rooms.QuestionAnswered:
			if e.Erased != e.Written || e.Text != "" {
				t.Errorf("%#v", e)
			}
		}
	}
	// What was erased stays so when it is written again.
	if again := roundTrip(t, events); !reflect.DeepEqual(again, events) {
		t.Errorf("came back as %#v", again)
	}
}

func TestDecodeEventsRefusesWhatItDoesNotKnow(t *testing.T) {
	for _, raw := range []string{
		``, `null x`, `{}`, `[{}]`, `[{"kind":"room-flooded","event":{}}]`, `[{"kind":"tick"}]`,
		`[{"kind":"air-taken","event":{"link":"l","water":1}}]`, `[{"kind":"air-taken","event":{"link":7}}]`,
		`[{"kind":"air-taken","event":{"link":"l"}}] []`, `[{"kind":"air-taken"`,
	} {
		if events, err := rooms.DecodeEvents([]byte(raw), nil); err == nil {
			t.Errorf("%s: decoded as %#v", raw, events)
		}
	}
	meta, _, _ := rooms.EncodeEvents(everyEvent())
	if _, err := rooms.DecodeEvents(meta, []rooms.Private{{ID: "q1", Text: "{"}}); err == nil {
		t.Error("damaged personal texts were decoded")
	}
}

// FuzzDecodeEvents: bytes from a damaged disk are refused, or are events that a room can live with and write again.
func FuzzDecodeEvents(f *testing.F) {
	for _, e := range everyEvent() {
		meta, private, err := rooms.EncodeEvents([]rooms.Event{e})
		if err != nil {
			f.Fatal(err)
		}
		text := ""
		if len(private) > 0 {
			text = private[0].Text
		}
		f.Add(meta, "q1", text)
	}
	meta, _, _ := rooms.EncodeEvents(everyEvent())
	f.Add(meta, "q1", `{"8/text":"x"}`)
	f.Fuzz(func(t *testing.T, meta []byte, id, text string) {
		events, err := rooms.DecodeEvents(meta, []rooms.Private{{ID: id, Text: text}})
		if err != nil {
			return
		}
		r := sceneFor(t)
		for range 2 {
			for _, e := range events {
				r.Apply(e)
			}
		}
		for _, role := range rooms.Roles() {
			r.View(rooms.Actor{Role: role, Room: "r", Site: "fives", Asker: "a"})
		}
		r.Due(rooms.Moment{Now: noon})
		meta, private, err := rooms.EncodeEvents(events)
		if err != nil {
			return // times that cannot be written, from a hand that wrote them
		}
		if again, err := rooms.DecodeEvents(meta, private); err != nil || len(again) != len(events) {
			t.Fatalf("cannot read what was written: %v", err)
		}
	})
}

// The first logs kept the note with what is never erased.
func TestALinkOfTheFirstLogsStillReads(t *testing.T) {
	old := `[{"kind":"link-issued","event":{"at":"2026-11-21T18:00:00Z","by":{"role":"system"},"link":"l1","hash":"00","role":"post","site":"fives","expires":"2026-11-22T18:00:00Z","note":"Chloé"}}]`
	events, err := rooms.DecodeEvents([]byte(old), nil)
	if err != nil {
		t.Fatal(err)
	}
	if e, ok := events[0].(rooms.LinkIssued); !ok || e.Note != "Chloé" || e.Link != "l1" || e.Role != rooms.Post || e.Who().Role != rooms.System {
		t.Errorf("%+v", events[0])
	}
	if _, err := rooms.DecodeEvents([]byte(strings.Replace(old, `"note"`, `"nota"`, 1)), nil); err == nil {
		t.Error("an unknown field is let through")
	}
}

func TestWhomALinkWasGivenToIsForgotten(t *testing.T) {
	r := sceneFor(t)
	issue := rooms.IssueLink{Link: "l", Hash: strings.Repeat("0a", 32), Role: rooms.Animator, Site: "fives", Expires: noon.Add(time.Hour), Note: "Chloé"}
	if err := act(r, house, issue); err != nil {
		t.Fatal(err)
	}
	_, private, err := rooms.EncodeEvents([]rooms.Event{rooms.LinkIssued{Link: "l", Note: "Chloé"}})
	if err != nil || len(private) != 1 || r.Forgotten(private[0].ID) {
		t.Fatalf("%v, %v", private, err)
	}
	for range 2 { // again is no error
		if err := act(r, house, rooms.Erasure(private[0].ID)); err != nil {
			t.Fatal(err)
		}
	}
	if who, err := r.Admit(issue.Hash, noon); err != nil || who.Name != "" || !r.Forgotten(private[0].ID) {
		t.Errorf("%+v, %v", who, err)
	}
	wantCode(t, "a link that never was", act(r, house, rooms.EraseNote{Link: "nobody"}), "link-unknown")
}

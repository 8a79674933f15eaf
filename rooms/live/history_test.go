package live

import (
	"strings"
	"testing"

	"antenne/rooms"
)

// TestEveryKindIsToldInWords: whatever can be in a log is told in French, and never as the log names it.
func TestEveryKindIsToldInWords(t *testing.T) {
	teller := newStoryteller()
	teller.names["lille"] = "Lille"
	for _, kind := range rooms.Kinds() {
		events, err := rooms.DecodeEvents([]byte(`[{"kind":"`+kind+`","event":{}}]`), nil)
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		if line := teller.what(events[0]); line == "" && kind != (rooms.StateChanged{}).Kind() || line == kind {
			t.Errorf("%s is told as %q", kind, line)
		}
	}
}

func TestTheClassIsToldInWords(t *testing.T) {
	teller := newStoryteller()
	teller.names["lille"], teller.names["douai"] = "Lille", "Douai"
	desk := rooms.Stamp{By: rooms.By{Role: rooms.Animator, Site: "lille"}}
	studio := rooms.Stamp{By: rooms.By{Role: rooms.Mediator}}
	for want, ev := range map[string]rooms.Event{
		"animation (Lille) : on est bloqués":                                       rooms.PaceSet{Stamp: desk, Site: "lille", Pace: rooms.Stuck},
		"animation (Lille) : pas de son":                                           rooms.TroubleSet{Stamp: desk, Site: "lille", Trouble: rooms.NoSound},
		"animation (Lille) : 12 personnes dans la salle":                           rooms.PeopleCounted{Stamp: desk, Site: "lille", People: 12},
		"médiation : météo vue : Lille, Douai":                                     rooms.PaceSeen{Stamp: studio, Sites: []rooms.SiteID{"lille", "douai"}},
		"médiation : exercice 2 : « Coupez », jusqu’à 18:00":                       rooms.ExerciseStarted{Stamp: studio, Number: 2, Instruction: "Coupez", Until: hour},
		"médiation : bandeau montré : « Aïcha cuisinière »":                        rooms.StripShown{Stamp: studio, Title: "Aïcha", Text: "cuisinière"},
		"médiation : pause, carton « incident »":                                   rooms.StateChanged{Stamp: studio, To: rooms.Paused, Slate: rooms.SlateIncident},
		"médiation : question q1 répondue par écrit à toutes les salles : « Oui »": rooms.QuestionAnswered{Stamp: studio, Question: "q1", Written: true, ToAll: true, Text: "Oui"},
		"médiation : sous-titre (texte effacé)":                                    rooms.Captioned{Stamp: studio, Erased: true},
		"médiation : invitation à l’antenne : à la maison (Lille)":                 rooms.Invited{Stamp: studio, Site: "lille", From: "home"},
		"médiation : fin de l’antenne de l’invité·e (coupé)":                       rooms.FloorEnded{Stamp: studio, Why: rooms.WhyCut},
		"animation (Lille) : demande de passer à l’antenne : « Notre gâteau »":     rooms.FloorRequested{Stamp: desk, Reason: "Notre gâteau"},
		"animation (Lille) : question q2 posée sans texte":                         rooms.QuestionAsked{Stamp: desk, Question: "q2", Wordless: true},
	} {
		if got := teller.tell(ev); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	for i, want := range []string{"postes ouverts : Lille", "nouveau code des postes : Lille (postes qui restent : 3, fermés : 2)"} {
		opened := rooms.PostsOpened{Stamp: desk, Site: "lille", Code: "ABCD2345", Stayed: 3 * i, Closed: 2 * i}
		if line := teller.tell(opened); !strings.HasSuffix(line, want) || strings.Contains(line, "ABCD") {
			t.Errorf("the code: %s", line)
		}
	}
}

// TestTheHistorySaysWhichOfTwo people at the régie did it, by whom their links were given to, and no more once that was erased.
func TestTheHistorySaysWhichOfTwo(t *testing.T) {
	teller := newStoryteller()
	teller.names["lille"] = "Lille"
	for _, given := range []rooms.LinkIssued{
		{Link: "m1", Role: rooms.Moderator, Note: "Sonia"}, {Link: "m2", Role: rooms.Moderator}, {Link: "a1", Role: rooms.Animator, Site: "lille", Note: "Chloé"},
	} {
		teller.tell(given)
	}
	for _, c := range []struct {
		by   rooms.By
		want string
	}{
		{rooms.By{Role: rooms.Moderator, Link: "m1"}, "la régie (Sonia)"},
		{rooms.By{Role: rooms.Moderator, Link: "m2"}, "la régie"}, // its note was erased, or never given
		{rooms.By{Role: rooms.Animator, Site: "lille", Link: "a1"}, "animation (Lille, Chloé)"},
		{rooms.By{Role: rooms.System}, "Antenne"},
		{rooms.By{Role: rooms.System, Link: "a1"}, "animation (Lille, Chloé)"}, // what the house does for who asks it
		{rooms.By{Role: rooms.System, Link: "m2"}, "la régie"},
		{rooms.By{Role: rooms.System, Link: "nobody's"}, "Antenne"},
	} {
		if got := teller.who(c.by); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

// TestAPostIsToldByItsName: nobody knows a machine of a room by 36 signs.
func TestAPostIsToldByItsName(t *testing.T) {
	const named, nameless = rooms.LinkID("11111111-2222-4333-8444-555555555555"), rooms.LinkID("66666666-7777-4888-8999-aaaaaaaaaaaa")
	teller := newStoryteller()
	teller.names["lille"] = "Lille"
	teller.tell(rooms.LinkIssued{Link: named, Role: rooms.Post, Site: "lille", Note: "poste 3"})
	teller.tell(rooms.LinkIssued{Link: nameless, Role: rooms.Post, Site: "lille"})
	for want, ev := range map[string]rooms.Event{
		"poste 3 entré par le code : Lille":        rooms.PostJoined{Link: named, Site: "lille"},
		"poste 66666666 entré par le code : Lille": rooms.PostJoined{Link: nameless, Site: "lille"},
		"poste 3 : « je suis perdu·e »":            rooms.PostLost{Link: named, Lost: true},
		"poste 66666666 : ça va mieux":             rooms.PostLost{Link: nameless},
		"quelqu’un est allé voir : poste 3":        rooms.PostAttended{Link: named},
		"quelqu’un est allé voir : poste 66666666": rooms.PostAttended{Link: nameless},
	} {
		if got := teller.what(ev); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

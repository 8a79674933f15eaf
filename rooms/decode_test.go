package rooms_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"antenne/rooms"
)

const id1, id2 = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"

func TestDecodeCommand(t *testing.T) {
	q, into := rooms.QuestionID(id1), rooms.QuestionID(id2)
	for raw, want := range map[string]rooms.Command{
		`{"name":"open-doors"}`:     rooms.OpenDoors{},
		`{"name":"go-on-air"}`:      rooms.GoOnAir{},
		`{"name":"pause"}`:          rooms.Pause{},
		`{"name":"resume"}`:         rooms.Resume{},
		`{"name":"end"}`:            rooms.End{},
		` { "name" : "take-air" } `: rooms.TakeAir{},
		`{"name":"ask","question":"` + id1 + `","text":"Combien ?"}`:                    rooms.Ask{Question: q, Text: "Combien ?"},
		`{"text":"Combien ?","label":"poste 3","question":"` + id1 + `","name":"ask"}`:  rooms.Ask{Question: q, Text: "Combien ?", Label: "poste 3"},
		`{"name":"relay","question":"` + id1 + `"}`:                                     rooms.Relay{Question: q},
		`{"name":"rephrase","question":"` + id1 + `","text":"x"}`:                       rooms.Rephrase{Question: q, Text: "x"},
		`{"name":"withdraw","question":"` + id1 + `"}`:                                  rooms.Withdraw{Question: q},
		`{"name":"approve","question":"` + id1 + `"}`:                                   rooms.Approve{Question: q},
		`{"name":"take","question":"` + id1 + `"}`:                                      rooms.Take{Question: q},
		`{"name":"answer","question":"` + id1 + `"}`:                                    rooms.Answer{Question: q},
		`{"name":"answer","question":"` + id1 + `","text":"Deux \"grammes\" d’\u00e9"}`: rooms.Answer{Question: q, Text: `Deux "grammes" d’é`},
		`{"name":"later","question":"` + id1 + `"}`:                                     rooms.Later{Question: q},
		`{"name":"decline","question":"` + id1 + `","reason":"no-time"}`:                rooms.Decline{Question: q, Reason: "no-time"},
		`{"name":"merge","question":"` + id1 + `","into":"` + id2 + `"}`:                rooms.Merge{Question: q, Into: into},
		`{"name":"reopen","question":"` + id1 + `"}`:                                    rooms.Reopen{Question: q},
		`{"name":"ask","question":"` + id1 + `"}`:                                       rooms.Ask{Question: q},
		`{"name":"ask","question":"` + id1 + `","text":""}`:                             rooms.Ask{Question: q},
		`{"name":"answer","question":"` + id1 + `","text":"Oui","to":"all"}`:            rooms.Answer{Question: q, Text: "Oui", To: rooms.ToAll},
		`{"name":"pause","slate":"incident"}`:                                           rooms.Pause{Slate: rooms.SlateIncident},
		`{"name":"suspend-site","site":"fives"}`:                                        rooms.SuspendSite{Site: "fives"},
		`{"name":"allow-site","site":"fives"}`:                                          rooms.AllowSite{Site: "fives"},
		`{"name":"set-pace","pace":"slower"}`:                                           rooms.SetPace{Pace: rooms.Slower},
		`{"name":"set-trouble","trouble":"no-sound"}`:                                   rooms.SetTrouble{Trouble: rooms.NoSound},
		`{"name":"count-people","people":"12"}`:                                         rooms.CountPeople{People: "12"},
		`{"name":"check-sound"}`:                                                        rooms.CheckSound{},
		`{"name":"see-pace","site":"fives"}`:                                            rooms.SeePace{Site: "fives"},
		`{"name":"see-pace","pace":"stuck"}`:                                            rooms.SeePace{Pace: rooms.Stuck},
		`{"name":"start-exercise","instruction":"Coupez","minutes":"5"}`:                rooms.StartExercise{Instruction: "Coupez", Minutes: "5"},
		`{"name":"start-exercise","instruction":"Coupez","minutes":"5","after":"0"}`:    rooms.StartExercise{Instruction: "Coupez", Minutes: "5", After: "0"},
		`{"name":"extend-exercise","minutes":"2","until":"2026-12-01T10:00:00Z"}`:       rooms.ExtendExercise{Minutes: "2", Until: "2026-12-01T10:00:00Z"},
		`{"name":"extend-exercise","minutes":"2"}`:                                      rooms.ExtendExercise{Minutes: "2"},
		`{"name":"end-exercise"}`:                                                       rooms.EndExercise{},
		`{"name":"report-exercise","report":"done"}`:                                    rooms.ReportExercise{Report: rooms.ReportDone},
		`{"name":"speak"}`: rooms.Speak{},
		`{"name":"hush"}`:  rooms.Hush{},
		`{"name":"set-rundown","steps":"10 Couper\n5 Goûter"}`:      rooms.SetRundown{Steps: "10 Couper\n5 Goûter"},
		`{"name":"start-step","step":"1"}`:                          rooms.StartStep{Step: "1"},
		`{"name":"edit-room","credit":"","title":"Soupe"}`:          rooms.EditRoom{Title: ptr("Soupe"), Credit: ptr("")},
		`{"name":"show-strip","title":"Aïcha","text":"cuisinière"}`: rooms.ShowStrip{Title: "Aïcha", Text: "cuisinière"},
		`{"name":"hide-strip"}`:                                     rooms.HideStrip{},
		`{"name":"select-camera","camera":"hands"}`:                 rooms.SelectCamera{Camera: rooms.CameraHands},
		`{"name":"announce","text":"Pause"}`:                        rooms.Announce{Text: "Pause"},
		`{"name":"caption","text":"Bonjour","lang":"fr"}`:           rooms.Caption{Text: "Bonjour", Lang: "fr"},
		`{"name":"say-lost","lost":"yes"}`:                          rooms.SayLost{Lost: "yes"},
		`{"name":"attend-post","post":"l4"}`:                        rooms.AttendPost{Post: "l4"},
	} {
		got, err := rooms.DecodeCommand([]byte(raw))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v, %v", raw, got, err)
		}
	}
}

func TestDecodeCommandIsStrict(t *testing.T) {
	for raw, code := range map[string]string{
		``:                                 "wire-malformed",
		`null`:                             "wire-malformed",
		`[]`:                               "wire-malformed",
		`"end"`:                            "wire-malformed",
		`{`:                                "wire-malformed",
		`{"name":"end"`:                    "wire-malformed",
		`{"name":"end",}`:                  "wire-malformed",
		`{"name":"end"} {}`:                "wire-malformed",
		`{"name":"end"}x`:                  "wire-malformed",
		`{"name":"end","name":"end"}`:      "wire-malformed",
		`{"name":1}`:                       "wire-malformed",
		`{"name":null}`:                    "wire-malformed",
		`{"name":["end"]}`:                 "wire-malformed",
		`{"name":{"name":"end"}}`:          "wire-malformed",
		"{\"name\":\"end\xff\"}":           "wire-malformed",
		"{\"name\":\"e\nnd\"}":             "wire-malformed",
		`{}`:                               "wire-missing-field",
		`{"Name":"end"}`:                   "wire-missing-field",
		`{"name":"ask","text":"?"}`:        "wire-missing-field",
		`{"name":"END"}`:                   "wire-unknown-command",
		`{"name":""}`:                      "wire-unknown-command",
		`{"name":"vote"}`:                  "wire-unknown-command",
		`{"name":"end","now":"yes"}`:       "wire-unknown-field",
		`{"name":"end","":""}`:             "wire-unknown-field",
		`{"name":"take-air","device":"d"}`: "wire-unknown-field",
		`{"name":"relay","question":"` + id1 + `","Question":"` + id2 + `"}`: "wire-unknown-field",
		`{"name":"create-room"}`:              "role-may-not",
		`{"name":"issue-link"}`:               "role-may-not",
		`{"name":"erase-question"}`:           "role-may-not",
		`{"name":"erase-note"}`:               "role-may-not",
		`{"name":"tick"}`:                     "role-may-not",
		`{"name":"open-posts"}`:               "role-may-not",
		`{"name":"set-sheet"}`:                "role-may-not",
		`{"name":"drop-sheet"}`:               "role-may-not",
		`{"name":"erase-captions"}`:           "role-may-not",
		`{"name":"accept-invite"}`:            "role-may-not",
		`{"name":"guest-up"}`:                 "role-may-not",
		`{"name":"end-floor"}`:                "role-may-not",
		`{"name":"count-people","people":12}`: "wire-malformed",
		`{"name":"set-pace"}`:                 "wire-missing-field",
		`{"name":"source-up"}`:                "role-may-not",
	} {
		c, err := rooms.DecodeCommand([]byte(raw))
		if c != nil {
			t.Errorf("%s: decoded as %#v", raw, c)
		}
		wantCode(t, raw, err, code)
	}
}

// Every command of the table is either a page's or the house's: none is forgotten by the wire.
func TestEveryCommandHasItsDoor(t *testing.T) {
	fromPage := 0
	for name := range rooms.Permissions() {
		_, err := rooms.DecodeCommand([]byte(`{"name":"` + string(name) + `"}`))
		var refusal *rooms.Refusal
		if err == nil || errors.As(err, &refusal) && refusal.Code == "wire-missing-field" {
			fromPage++
		} else if refusal.Code != "role-may-not" {
			t.Errorf("%s: %v", name, err)
		}
	}
	const said = 50 // in protocol.md
	if fromPage != said {
		t.Errorf("%d commands come from pages, not %d", fromPage, said)
	}
}

func FuzzDecodeCommand(f *testing.F) {
	for _, seed := range []string{
		`{"name":"ask","question":"` + id1 + `","text":"Combien ?","label":"poste 3"}`, `{"name":"end"}`,
		`{"name":"decline","question":"` + id1 + `","reason":"no-time"}`, `{"name":{"a":[1,2,{}]}}`, `{"name":"\ud800"}`,
		`{"name":"set-rundown","steps":"10 Couper | en dés\n20 Cuire"}`, `{"name":"see-pace","pace":"stuck"}`, `{"name":"count-people","people":"0012"}`,
		`{"name":"start-exercise","instruction":"Coupez","minutes":"60"}`, `{"name":"edit-room","needs":"Un bol\nDu sel"}`, `{"name":"caption","text":"","lang":"fr-FR"}`,
		`{"name":"invite","grant":"` + id1 + `","site":"fives"}`, `{"name":"request-floor","request":"` + id2 + `","reason":"?","adult":"yes"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := rooms.DecodeCommand(raw)
		if err != nil {
			var refusal *rooms.Refusal
			if c != nil || !errors.As(err, &refusal) || len(refusal.Params["field"])+len(refusal.Params["name"]) > 400 {
				t.Fatalf("%#v, %v", c, err)
			}
			return
		}
		// What was accepted is JSON of strings for the usual decoder too, with the same name.
		var usual map[string]string
		if err := json.Unmarshal(raw, &usual); err != nil || usual["name"] != string(c.Verb()) {
			t.Fatalf("%q: accepted as %s, yet %v", raw, c.Verb(), err)
		}
		for _, role := range rooms.Roles() {
			tryAs(t, role, c)
		}
	})
}

// tryAs: whatever is decoded never gets further than its sender's rights, and never hides anything from the log.
func tryAs(t *testing.T, role rooms.Role, c rooms.Command) {
	r := sceneFor(t)
	who := rooms.Actor{Role: role, Room: "r", Site: "fives", Link: "l", Asker: "a", Device: "d"}
	events, err := r.Decide(who, c, rooms.Moment{Now: noon})
	if err == nil && !rooms.May(role, c.Verb()).Ever() {
		t.Fatalf("%s by %s was accepted", c.Verb(), role)
	}
	for _, e := range events {
		if strings.TrimSpace(e.Kind()) == "" || e.Who().Role != role {
			t.Fatalf("%#v", e)
		}
	}
	again := roundTrip(t, events)
	if !reflect.DeepEqual(again, events) && len(events) > 0 {
		t.Fatalf("%#v came back as %#v", events, again)
	}
}

package rooms_test

import (
	"strings"
	"testing"
	"time"

	"antenne/rooms"
)

var noon = day.Add(12 * time.Hour)

// sceneFor is a room with two sites, in which asker a of fives asked q1 and q2, and q3 is at the régie.
func sceneFor(t testing.TB) *rooms.Room {
	t.Helper()
	r := rooms.New("r")
	present := rooms.Presence{Moderators: 1, Sites: map[rooms.SiteID]rooms.SitePresence{"fives": {Desks: 1}}}
	must := func(who rooms.Actor, c rooms.Command) {
		t.Helper()
		events, err := r.Decide(who, c, rooms.Moment{Now: noon.Add(-time.Hour), Present: present})
		if err != nil {
			t.Fatalf("%s: %v", c.Verb(), err)
		}
		for _, e := range events {
			r.Apply(e)
		}
	}
	must(house, rooms.CreateRoom{Title: "Cuisine", At: noon, Audience: rooms.AudiencePublic})
	must(house, rooms.AddSite{Site: "fives", Name: "Fives"})
	must(house, rooms.AddSite{Site: "anzin", Name: "Anzin"})
	post := rooms.Actor{Role: rooms.Post, Room: "r", Site: "fives", Asker: "a"}
	for _, q := range []string{"q1", "q2", "q3"} {
		must(post, rooms.Ask{Question: question(q), Text: "Combien de sel ?"})
	}
	must(rooms.Actor{Role: rooms.Animator, Room: "r", Site: "fives", Link: "desk"}, rooms.Relay{Question: question("q3")})
	return r
}

func ptr[T any](v T) *T { return &v }

// sampleOf is one command of each name.
func sampleOf(t testing.TB, name rooms.CommandName) rooms.Command {
	q := question("q1")
	for _, c := range []rooms.Command{
		rooms.CreateRoom{Title: "Cuisine", At: noon, Audience: rooms.AudiencePublic},
		rooms.AddSite{Site: "mons", Name: "Mons"},
		rooms.IssueLink{Link: "l9", Hash: strings.Repeat("ab", 32), Role: rooms.Mediator, Expires: noon.Add(time.Hour)},
		rooms.RevokeLink{Link: "l9"}, rooms.EraseQuestion{Question: q}, rooms.EraseNote{Link: "l9"}, rooms.Tick{},
		rooms.SourceUp{Slots: []string{"voice"}}, rooms.SourceDown{Slots: []string{"voice"}}, rooms.TakeAir{},
		rooms.OpenDoors{}, rooms.GoOnAir{}, rooms.Pause{}, rooms.Resume{}, rooms.End{},
		rooms.Ask{Question: question("q8"), Text: "?"}, rooms.Relay{Question: q}, rooms.Rephrase{Question: q, Text: "!"},
		rooms.Withdraw{Question: q}, rooms.Approve{Question: q}, rooms.Take{Question: q}, rooms.Answer{Question: q},
		rooms.Later{Question: q}, rooms.Decline{Question: q, Reason: "no-time"}, rooms.Merge{Question: q, Into: question("q3")},
		rooms.Reopen{Question: q},
		rooms.SetPace{Pace: rooms.Slower}, rooms.SetTrouble{Trouble: rooms.NoSound}, rooms.CountPeople{People: "12"}, rooms.CheckSound{},
		rooms.SeePace{Pace: rooms.Stuck}, rooms.SuspendSite{Site: "fives"}, rooms.AllowSite{Site: "fives"},
		rooms.StartExercise{Instruction: "Coupez la courge", Minutes: "5"}, rooms.ExtendExercise{Minutes: "2"}, rooms.EndExercise{},
		rooms.ReportExercise{Report: rooms.ReportDone}, rooms.Speak{}, rooms.Hush{},
		rooms.SetRundown{Steps: "10 Couper | en dés"}, rooms.StartStep{Step: "0"}, rooms.SetSheet{Sheet: "s1", Type: "application/pdf", Size: 9}, rooms.DropSheet{},
		rooms.EditRoom{Credit: ptr("Fives")}, rooms.ShowStrip{Title: "Aïcha"}, rooms.HideStrip{}, rooms.SelectCamera{Camera: rooms.CameraHands},
		rooms.Announce{Text: "Pause café"}, rooms.Caption{Text: "Bonjour", Lang: "fr"}, rooms.EraseCaptions{},
		rooms.OpenPosts{Site: "fives", Code: "ABCD2345"}, rooms.JoinPost{Site: "fives", Code: "ABCD2345", Link: "p9", Hash: strings.Repeat("9a", 32), Expires: noon.Add(time.Hour)},
		rooms.SayLost{Lost: "yes"}, rooms.AttendPost{Post: "post-fives"},
		rooms.RequestFloor{Request: rooms.RequestID(q), Reason: "Notre gâteau"}, rooms.CancelRequest{Request: rooms.RequestID(q)},
		rooms.DismissRequest{Request: rooms.RequestID(q)}, rooms.Invite{Grant: rooms.GrantID(q), Site: "fives"}, rooms.CancelInvite{Grant: rooms.GrantID(q)},
		rooms.RefuseInvite{Grant: rooms.GrantID(q)}, rooms.AcceptInvite{Grant: rooms.GrantID(q), Hash: strings.Repeat("cd", 32)},
		rooms.TurnGuestCamera{Grant: rooms.GrantID(q), Camera: "on", Agreed: "yes"}, rooms.PutOnAir{Grant: rooms.GrantID(q)}, rooms.PutBackstage{Grant: rooms.GrantID(q)},
		rooms.Cut{Grant: rooms.GrantID(q)}, rooms.GuestUp{Grant: rooms.GrantID(q)}, rooms.GuestDown{Grant: rooms.GrantID(q)},
		rooms.EndFloor{Grant: rooms.GrantID(q), Why: rooms.WhyAbsent}, rooms.EraseRequest{Request: rooms.RequestID(q)},
	} {
		if c.Verb() == name {
			return c
		}
	}
	t.Fatalf("no sample of %s: add one", name)
	return nil
}

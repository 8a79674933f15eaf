package rooms_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"antenne/rooms"
)

// This file brings the life of the class and the floor into the random séances of sequence_test.go.

const guests = 2 // of the grants of a séance whose guest looks at the room

func grantNumber(n int) rooms.GrantID { return rooms.GrantID(question(fmt.Sprintf("q%d", 90000+n))) }

func numbers(c chooser) string {
	return pick(c, []string{"0", "1", "1", "2", "12", "60", "60", "1000", "deux"})
}

var (
	paces    = []rooms.Pace{rooms.Following, rooms.Slower, rooms.Stuck, "asleep"}
	troubles = []rooms.Trouble{rooms.NoTrouble, rooms.NoSound, rooms.NoPicture, "hunger"}
	reports  = []rooms.Report{rooms.ReportDone, rooms.ReportMore, rooms.ReportNone, "maybe"}
	places   = []rooms.SiteID{"fives", "anzin", "nowhere", ""}
	rundowns = []string{"", "10 Couper", "10 Couper | en dés\n20 Cuire", "dix Couper"}
)

// classCommand is any command about the life of the class.
func (s *story) classCommand(c chooser) rooms.Command {
	switch c.IntN(32) {
	case 0, 1:
		return rooms.SetPace{Pace: pick(c, paces)}
	case 2:
		return rooms.SetTrouble{Trouble: pick(c, troubles)}
	case 3:
		return rooms.CountPeople{People: numbers(c)}
	case 4:
		return rooms.CheckSound{}
	case 5, 6:
		if c.IntN(2) == 0 {
			return rooms.SeePace{Site: pick(c, places)}
		}
		return rooms.SeePace{Pace: pick(c, paces)}
	case 7:
		if c.IntN(4) == 0 {
			return rooms.SuspendSite{Site: pick(c, places)}
		}
		return rooms.AllowSite{Site: pick(c, places)}
	case 8:
		return rooms.AllowSite{Site: pick(c, places)}
	case 9:
		return rooms.ExtendExercise{Minutes: "1"}
	case 10:
		return rooms.StartExercise{Instruction: "Coupez", Minutes: numbers(c)}
	case 11:
		return rooms.ExtendExercise{Minutes: numbers(c)}
	case 12:
		return rooms.EndExercise{}
	case 13, 14:
		return rooms.ReportExercise{Report: pick(c, reports)}
	case 15, 16, 17:
		return []rooms.Command{rooms.Speak{}, rooms.Hush{}}[c.IntN(2)]
	}
	return s.studioCommand(c)
}

// studioCommand is any command about what surrounds the picture, and about the posts.
func (s *story) studioCommand(c chooser) rooms.Command {
	text := fmt.Sprintf("dit-%d", c.IntN(3))
	switch c.IntN(20) {
	case 0:
		return rooms.SetRundown{Steps: pick(c, rundowns)}
	case 1, 18, 19:
		if c.IntN(2) == 0 {
			return rooms.SetRundown{Steps: "10 Couper | en dés\n20 Cuire"}
		}
		return rooms.StartStep{Step: numbers(c)}
	case 2:
		return rooms.SetSheet{Sheet: rooms.SheetID(text), Title: text, Type: "image/png", Size: 3}
	case 3:
		return rooms.DropSheet{}
	case 4:
		return rooms.EditRoom{Credit: &text}
	case 5:
		return rooms.ShowStrip{Title: text}
	case 6:
		return rooms.HideStrip{}
	case 7:
		return rooms.SelectCamera{Camera: []rooms.Camera{rooms.CameraMain, rooms.CameraHands, "ceiling"}[c.IntN(3)]}
	case 8:
		return rooms.Pause{Slate: []rooms.Slate{"", rooms.SlatePause, rooms.SlateIncident, "soon"}[c.IntN(4)]}
	case 9:
		return rooms.Announce{Text: text}
	case 10:
		return rooms.Caption{Text: []string{"", text}[c.IntN(2)], Lang: "fr"}
	case 11:
		return rooms.EraseCaptions{}
	case 12:
		if c.IntN(3) == 0 {
			return rooms.JoinPost{Site: "fives", Code: s.postsCode("fives"), Link: "post-5", Hash: strings.Repeat("8", 64), Expires: s.now.Add(time.Hour)}
		}
		site := pick(c, places)
		return rooms.OpenPosts{Site: site, Code: text, Instead: pick(c, []string{"", s.postsCode(site)})}
	case 13, 16:
		return rooms.SayLost{Lost: []string{"yes", "yes", "no", "perhaps"}[c.IntN(4)]}
	case 14, 17:
		return rooms.AttendPost{Post: pick(c, []rooms.LinkID{"post-3", "post-3", "wall"})}
	}
	return []rooms.Command{
		rooms.IssueLink{Link: "post-3", Hash: strings.Repeat("9", 64), Role: rooms.Post, Site: "fives", Expires: s.now.Add(time.Hour), Note: "poste 3"},
		rooms.IssueLink{Link: "post-3", Hash: strings.Repeat("9", 64), Role: rooms.Post, Site: "fives", Expires: s.now.Add(time.Hour), Note: "poste 3"},
		rooms.EraseNote{Link: "post-3"},
	}[c.IntN(3)]
}

func (s *story) postsCode(site rooms.SiteID) string {
	e, _ := s.room.View(rooms.Actor{Role: rooms.Animator, Room: "r", Site: site})["posts"].(rooms.PostsEntity)
	return e.Code
}

// floorCommand is any command about the floor. A grant is mostly the last that was given.
func (s *story) floorCommand(c chooser, text string) rooms.Command {
	grant, request := grantNumber(max(1, s.grants-c.IntN(8)/7)), rooms.RequestID(question(fmt.Sprintf("q%d", 80000+c.IntN(6))))
	switch c.IntN(19) {
	case 0, 1:
		return rooms.RequestFloor{Request: request, Reason: []string{"", text}[c.IntN(2)], Adult: []string{"", "yes"}[c.IntN(2)]}
	case 2:
		return rooms.CancelRequest{Request: request}
	case 3:
		return rooms.DismissRequest{Request: request}
	case 4, 5:
		grant = grantNumber(s.grants + 1)
		if c.IntN(2) == 0 {
			return rooms.Invite{Grant: grant, Site: pick(c, places)}
		}
		return rooms.Invite{Grant: grant, Request: request}
	case 6:
		return rooms.RefuseInvite{Grant: grant}
	case 7, 8:
		return rooms.AcceptInvite{Grant: grant, Hash: fmt.Sprintf("%064x", 100+s.grants)}
	case 9, 10:
		return rooms.GuestUp{Grant: grant}
	case 11, 18:
		return rooms.GuestDown{Grant: grant}
	case 12, 16:
		return rooms.PutOnAir{Grant: grant, Since: pick(c, []string{"", "", "2026-11-21T10:00:00Z", "tantôt"})}
	case 13, 17:
		return rooms.PutBackstage{Grant: grant}
	case 15:
		return rooms.EraseRequest{Request: request}
	case 14:
		return rooms.TurnGuestCamera{Grant: grant, Camera: []string{"on", "off"}[c.IntN(2)], Agreed: []string{"", "yes"}[c.IntN(2)]}
	}
	return []rooms.Command{rooms.Cut{Grant: grant}, rooms.CancelInvite{Grant: grant}, rooms.EraseRequest{Request: request},
		rooms.EraseRequest{Request: request}}[c.IntN(4)]
}

// onward is what leads a grant further.
func (s *story) onward(c chooser) rooms.Command {
	f := s.room.Floor()
	if c.IntN(12) == 0 { // whoever brought the guest may be taken off
		return rooms.RevokeLink{Link: pick(c, []rooms.LinkID{"m2", "mod"})}
	}
	switch f.Stage {
	case rooms.FloorInvited:
		return rooms.AcceptInvite{Grant: f.Grant, Hash: fmt.Sprintf("%064x", 100+s.grants)}
	case rooms.FloorAccepted:
		return rooms.GuestUp{Grant: f.Grant, Device: f.Device}
	case rooms.FloorBackstage:
		return []rooms.Command{rooms.PutOnAir{Grant: f.Grant}, rooms.TurnGuestCamera{Grant: f.Grant, Camera: "on", Agreed: "yes"}}[c.IntN(2)]
	}
	return []rooms.Command{rooms.PutBackstage{Grant: f.Grant}, rooms.GuestDown{Grant: f.Grant}, rooms.Cut{Grant: f.Grant}}[c.IntN(3)]
}

// isInvited tells whether who is told of an invitation that is theirs to answer.
func (s *story) isInvited(who rooms.Actor) bool {
	e, ok := s.room.View(who)["floor"].(rooms.FloorEntity)
	return ok && e.Grant != ""
}

// The witness's own rules, written apart from the room's.

func overseer(role rooms.Role) bool {
	return slices.Contains([]rooms.Role{rooms.Mediator, rooms.Moderator, rooms.Coordinator, rooms.Phone}, role)
}

func (s *story) readsReplies(who rooms.Actor) bool {
	return slices.Contains([]rooms.Role{rooms.Animator, rooms.Post, rooms.Viewer, rooms.Mediator, rooms.Moderator, rooms.Phone}, who.Role)
}

// checkReason: why somebody asks for the floor is for those who may invite, the desk of the place, and whoever asks.
func (s *story) checkReason(who rooms.Actor, e rooms.FloorRequested) {
	invites := who.Role == rooms.Mediator || who.Role == rooms.Moderator || who.Role == rooms.Phone
	desk := who.Role == rooms.Animator && who.Site == e.Site
	if !invites && !desk && (e.Asker == "" || e.Asker != who.Asker) {
		s.t.Fatalf("%s (%s) reads why %s asks for the floor", who.Role, who.Asker, e.Asker)
	}
}

// checkClass: what a site says of itself stays between it and those who oversee; a decline, a hand, a code and a post stay where they belong.
func (s *story) checkClass(who rooms.Actor, v rooms.View) {
	for key, entity := range v {
		switch e := entity.(type) {
		case rooms.SiteEntity:
			s.checkSite(who, e)
		case rooms.ExerciseEntity:
			if (e.Of != nil) != overseer(who.Role) {
				s.t.Fatalf("%s reads how many have finished: %v", who.Role, e.Of != nil)
			}
		case rooms.PostsEntity, rooms.PostEntity:
			if who.Role != rooms.Animator {
				s.t.Fatalf("%s reads %s", who.Role, key)
			}
		case rooms.AnnouncementEntity:
			if !overseer(who.Role) && who.Role != rooms.Animator {
				s.t.Fatalf("%s reads an announcement", who.Role)
			}
		case rooms.ReplyEntity:
			if !s.replied[e.Question] || !s.readsReplies(who) {
				s.t.Fatalf("%s reads the answer to %s", who.Role, e.Question)
			}
		case rooms.QuestionEntity:
			sorts := who.Role == rooms.Mediator || who.Role == rooms.Moderator || who.Role == rooms.Phone
			if (e.By != nil) != sorts {
				s.t.Fatalf("%s reads whose hand it was on %s: %v", who.Role, key, e.By != nil)
			}
			if who.Role == rooms.Post && e.Reason != "" {
				s.t.Fatalf("a post reads why %s was declined: %s", key, e.Reason)
			}
		}
	}
}

func (s *story) checkSite(who rooms.Actor, e rooms.SiteEntity) {
	own := who.Site == e.ID
	if !overseer(who.Role) && !own {
		s.t.Fatalf("%s of %q sees %s", who.Role, who.Site, e.ID)
	}
	told := rooms.SiteEntity{ID: e.ID, Name: e.Name, Town: e.Town, Suspended: e.Suspended}
	speaks := own && (who.Role == rooms.Animator || who.Role == rooms.Guest)
	if !overseer(who.Role) && !speaks && e != told {
		s.t.Fatalf("%s of %q reads what its site says: %+v", who.Role, who.Site, e)
	}
	if e.SeenAt != nil && e.Pace == "" {
		s.t.Fatalf("a pace that was never said was seen: %+v", e)
	}
}

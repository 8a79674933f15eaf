package rooms_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"antenne/rooms"
)

// chooser chooses the steps of a random séance: a seeded generator, or the bytes of a fuzzer.
type chooser interface{ IntN(n int) int }

type byteChooser struct{ left []byte }

func (b *byteChooser) IntN(n int) int {
	if len(b.left) == 0 || n <= 1 {
		return 0
	}
	c := int(b.left[0])
	b.left = b.left[1:]
	return c % n
}

func pick[T any](c chooser, from []T) T { return from[c.IntN(len(from))] }

// cast is everybody who acts in a random séance.
func cast() []rooms.Actor {
	all := []rooms.Actor{{Role: rooms.System}}
	add := func(role rooms.Role, site rooms.SiteID, link, asker string) {
		all = append(all, rooms.Actor{Role: role, Room: "r", Site: site, Link: rooms.LinkID(link), Asker: rooms.AskerID(asker),
			Device: rooms.DeviceID("device-" + asker)})
	}
	add(rooms.Mediator, "", "m1", "m1-laptop")
	add(rooms.Mediator, "", "m1", "m1-tablet")
	add(rooms.Mediator, "", "m2", "m2")
	add(rooms.Moderator, "", "mod", "mod")
	add(rooms.Animator, "fives", "desk-fives", "desk-fives")
	add(rooms.Animator, "anzin", "desk-anzin", "desk-anzin")
	add(rooms.Screen, "fives", "wall", "wall")
	add(rooms.Post, "fives", "post-3", "post-3")
	add(rooms.Post, "anzin", "post-4", "post-4")
	add(rooms.Viewer, "fives", "", "home-1")
	add(rooms.Viewer, "anzin", "", "home-2")
	add(rooms.Viewer, "", "", "home-3")
	add(rooms.Viewer, "nowhere", "", "home-4")
	add(rooms.Viewer, "", "", "")
	add(rooms.Coordinator, "", "coord", "coord")
	add(rooms.Phone, "", "phone", "phone")
	add(rooms.Captioner, "", "cap", "cap")
	for n := range guests {
		add(rooms.Guest, "fives", string(grantNumber(n+1)), "guest")
	}
	return all
}

// story is a random séance and what an independent witness remembers of it. One goroutine owns it.
type story struct {
	t    testing.TB
	room *rooms.Room
	twin *rooms.Room // fed with what came back from the log alone
	now  time.Time
	cast []rooms.Actor

	asked   map[rooms.QuestionID]rooms.QuestionAsked
	raised  map[rooms.QuestionID]bool
	gone    map[rooms.QuestionID]bool
	wrote   map[string]rooms.QuestionID     // word: the question it says
	answers map[string]bool                 // words of written answers
	least   map[string]int                  // actor/question: the fewest questions ever shown before it
	reasons map[string]rooms.FloorRequested // word: the request it was said for
	replied map[rooms.QuestionID]bool       // answered in writing, for all
	kinds   map[string]int                  // how often each kind of event happened
	grants  int                             // given so far
	guest   guestSeen                       // the one there is, as the events told
	glances []*rooms.Glance                 // of the cast, looked at again and again
	secrets int
	applied int
	looked  int // applied when the views were last looked at
}

func newStory(t testing.TB) *story {
	return &story{t: t, room: rooms.New("r"), twin: rooms.New("r"), now: noon.Add(-30 * time.Minute), cast: cast(),
		asked: map[rooms.QuestionID]rooms.QuestionAsked{}, raised: map[rooms.QuestionID]bool{},
		gone: map[rooms.QuestionID]bool{}, least: map[string]int{},
		wrote: map[string]rooms.QuestionID{}, answers: map[string]bool{},
		reasons: map[string]rooms.FloorRequested{}, replied: map[rooms.QuestionID]bool{}, kinds: map[string]int{}}
}

func (s *story) begin() {
	at := rooms.Moment{Now: s.now}
	s.decide(house, rooms.CreateRoom{Title: "Cuisine", At: noon, Audience: rooms.AudiencePublic, OnAirOnPublish: true}, at)
	s.decide(house, rooms.AddSite{Site: "fives", Name: "Fives", Town: "Lille"}, at)
	s.decide(house, rooms.AddSite{Site: "anzin", Name: "Dolto", Town: "Anzin"}, at)
	for i, l := range []rooms.IssueLink{{Link: "m2", Role: rooms.Mediator}, {Link: "mod", Role: rooms.Moderator}} {
		l.Hash, l.Expires = fmt.Sprintf("%064x", 900+i), noon.Add(time.Hour)
		s.decide(house, l, at)
	}
	s.decide(house, rooms.OpenPosts{Site: "fives", Code: "ABCD2345"}, at)
}

func (s *story) step(c chooser) {
	given, pace := s.room.Floor().Grant != "", 40
	switch { // the longest pause, in seconds: guests are not waited for, and after the end time runs
	case given:
		pace = 8
	case s.room.State() == rooms.Ended:
		pace = 200
	}
	s.now = s.now.Add(time.Duration(c.IntN(pace)) * time.Second)
	at := rooms.Moment{Now: s.now, Present: rooms.Presence{
		Moderators: c.IntN(2), Mediators: 1,
		Sites:    map[rooms.SiteID]rooms.SitePresence{"fives": {Desks: c.IntN(2), Guests: c.IntN(12) / 11}, "anzin": {Desks: c.IntN(3), Screens: c.IntN(2), Ready: c.IntN(2)}},
		Since:    s.now.Add(-time.Duration(c.IntN(6)) * time.Minute),
		DeskLeft: map[rooms.SiteID]time.Time{"fives": s.now.Add(-time.Duration(c.IntN(6)) * time.Minute)},
		Guests:   map[rooms.LinkID]int{rooms.LinkID(grantNumber(s.grants)): min(1, c.IntN(12))},
	}}
	command := s.command(c)
	if given && c.IntN(2) == 0 { // a grant does not wait long
		command = s.onward(c)
	}
	who := pick(c, s.cast)
	if may := s.whoMay(command); len(may) > 0 && c.IntN(8) > 0 { // mostly somebody who may; sometimes anybody
		who = pick(c, may)
	}
	if who.Role == rooms.Guest {
		who.Link = rooms.LinkID(grantNumber(s.grants)) // whoever has the floor now
	}
	s.decide(who, command, at)
	s.checkDue(at)
	if s.applied > s.looked {
		s.looked = s.applied
		s.checkViews()
	}
}

func (s *story) whoMay(c rooms.Command) []rooms.Actor {
	var all []rooms.Actor
	for _, who := range s.cast {
		if rooms.May(who.Role, c.Verb()).Ever() && (c.Verb() != "accept-invite" || s.isInvited(who)) {
			all = append(all, who)
		}
	}
	return all
}

var (
	slotLists = [][]string{{"voice", "camera"}, {"slides"}, {"voice"}, {"camera", "slides"}, {"smoke"}, nil}
	reasons   = append(rooms.Reasons(), "because")
)

// command is any command; ends are rare and questions are few, so that lives cross.
func (s *story) command(c chooser) rooms.Command {
	q := func() rooms.QuestionID { return question(fmt.Sprintf("q%d", 1+max(0, len(s.asked)-12)+c.IntN(20))) }
	s.secrets++
	text := fmt.Sprintf("mot-%d.", s.secrets)
	switch c.IntN(44) {
	case 32, 33, 34, 35, 36, 37, 38, 39:
		return s.classCommand(c)
	case 40, 41, 42, 43:
		return s.floorCommand(c, text)
	case 0, 1, 2, 3, 4, 5:
		return rooms.Ask{Question: q(), Text: []string{text, text, text, ""}[c.IntN(4)], Label: "nom-" + text}
	case 6, 7:
		return rooms.Relay{Question: q()}
	case 8:
		return rooms.Rephrase{Question: q(), Text: text}
	case 9:
		return rooms.Withdraw{Question: q()}
	case 10, 11, 12:
		return rooms.Approve{Question: q()}
	case 13, 14:
		return rooms.Take{Question: q()}
	case 15:
		return rooms.Answer{Question: q(), Text: []string{"", text}[c.IntN(2)], To: []rooms.AnswerTo{rooms.ToAsker, rooms.ToAll}[c.IntN(2)]}
	case 16:
		return rooms.Later{Question: q()}
	case 17:
		return rooms.Decline{Question: q(), Reason: pick(c, reasons)}
	case 18, 19, 20:
		return rooms.Merge{Question: q(), Into: q()}
	case 21, 22:
		return rooms.Reopen{Question: q()}
	}
	return s.rarer(c, q())
}

func (s *story) rarer(c chooser, q rooms.QuestionID) rooms.Command {
	device := rooms.DeviceID(fmt.Sprintf("obs-%d", c.IntN(2)))
	link := rooms.LinkID(fmt.Sprintf("m%d", 1+c.IntN(2)))
	switch c.IntN(24) {
	case 0, 1, 2, 3:
		return rooms.SourceUp{Slots: pick(c, slotLists), Link: link, Device: device}
	case 4, 5, 6:
		return rooms.SourceDown{Slots: pick(c, slotLists), Link: link, Device: device}
	case 7, 8:
		return rooms.TakeAir{}
	case 9:
		return rooms.OpenDoors{}
	case 10, 11:
		return rooms.GoOnAir{}
	case 12:
		return rooms.Pause{}
	case 13, 14, 15, 21, 22:
		return rooms.Resume{}
	case 16:
		if c.IntN(12) == 0 {
			return rooms.End{}
		}
		return rooms.GoOnAir{}
	case 17:
		return rooms.EraseQuestion{Question: q}
	case 18:
		return rooms.AddSite{Site: "anzin", Name: fmt.Sprintf("Dolto %d", c.IntN(3)), Town: "Anzin"}
	case 19:
		return rooms.IssueLink{Link: rooms.LinkID(fmt.Sprintf("m%d", 3+c.IntN(2))), Hash: fmt.Sprintf("%064x", c.IntN(2)), Role: rooms.Mediator, Expires: s.now.Add(time.Hour)}
	case 20:
		if c.IntN(8) == 0 {
			return rooms.RevokeLink{Link: pick(c, []rooms.LinkID{"m2", "m3"})}
		}
	}
	return rooms.Tick{}
}

// decide plays one command on both rooms and asks the same thing twice.
func (s *story) decide(who rooms.Actor, c rooms.Command, at rooms.Moment) {
	s.t.Helper()
	events, err := s.room.Decide(who, c, at)
	if err != nil {
		var refusal *rooms.Refusal
		if !errors.As(err, &refusal) || len(events) > 0 {
			s.t.Fatalf("%s by %s: %v with %d events", c.Verb(), who.Role, err, len(events))
		}
	}
	if !rooms.May(who.Role, c.Verb()).Ever() && err == nil {
		s.t.Fatalf("%s may not %s, and did", who.Role, c.Verb())
	}
	again := roundTrip(s.t, events)
	for i, e := range events {
		s.witness(who, e)
		s.room.Apply(e)
		s.twin.Apply(again[i])
		s.applied++
		s.kinds[e.Kind()]++
	}
	// Had Decide changed anything, or the log lost anything, the two would differ.
	if !reflect.DeepEqual(s.room, s.twin) {
		s.t.Fatalf("after %s by %s the room replayed from its log is another room", c.Verb(), who.Role)
	}
	if err := rooms.CheckTally(s.room); err != nil {
		s.t.Fatalf("after %s by %s: %v", c.Verb(), who.Role, err)
	}
	if err == nil {
		twice, err := s.room.Decide(who, c, at)
		if _, ends := c.(rooms.Cut); ends && who.Role == rooms.Guest && refusedAs(err, "link-revoked") {
			return // the guest's link went with the floor
		}
		if len(twice) > 0 || err != nil {
			s.t.Fatalf("%#v by %s sent twice: %#v, %v", c, who.Role, twice, err)
		}
	}
}

func refusedAs(err error, code string) bool {
	var refusal *rooms.Refusal
	return errors.As(err, &refusal) && refusal.Code == code
}

func (s *story) witness(who rooms.Actor, e rooms.Event) {
	s.witnessGuest(e)
	switch e := e.(type) {
	case rooms.QuestionAsked:
		s.asked[e.Question] = e
		s.wrote[wordOf(strings.TrimPrefix(e.Label, "nom-"))] = e.Question // the word of its text too, where it has one
	case rooms.QuestionRephrased:
		s.wrote[wordOf(e.Text)] = e.Question
	case rooms.QuestionAnswered:
		s.witnessAnswer(e)
	case rooms.QuestionRelayed:
		s.raised[e.Question] = true
	case rooms.QuestionWithdrawn:
		s.gone[e.Question], s.replied[e.Question] = true, false
	case rooms.QuestionReopened:
		s.replied[e.Question] = false
	case rooms.Invited:
		s.grants++
	case rooms.FloorRequested:
		s.reasons[wordOf(e.Reason)] = e
	case rooms.SourceStarted:
		s.checkAirOf(e.Link, e.At)
	case rooms.AirTaken:
		s.checkAirOf(e.Link, e.At)
	}
}

// witnessAnswer: a written answer is read by those who asked what it answers, now and once merged.
func (s *story) witnessAnswer(e rooms.QuestionAnswered) {
	s.replied[e.Question] = e.ToAll
	if e.Written {
		s.answers[wordOf(e.Text)] = true
	}
}

func wordOf(text string) string {
	return strings.TrimSuffix(strings.TrimPrefix(text, "mot-"), ".")
}

// checkAirOf: nobody takes the air from a mediator who is heard or seen, or was a moment ago.
func (s *story) checkAirOf(link rooms.LinkID, at time.Time) {
	air := s.room.View(rooms.Actor{Role: rooms.Coordinator, Room: "r"})["air"].(rooms.AirEntity)
	if !air.Held || air.Link == link {
		return
	}
	if len(air.Up) > 0 || at.Sub(*air.LostAt) < rooms.AirGrace {
		s.t.Fatalf("%s took the air from %s", link, air.Link)
	}
}

// checkDue: what is due once done is no longer due, and the next look is later.
func (s *story) checkDue(at rooms.Moment) {
	due, _ := s.room.Due(at)
	if due == nil {
		return
	}
	s.decide(house, due, at)
	if still, next := s.room.Due(at); still != nil || !next.IsZero() && !next.After(at.Now) {
		s.t.Fatalf("%v is still due, next %v at %v", still, next, at.Now)
	}
}

// maySee is the witness's own rule, written apart from the room's.
func (s *story) maySee(who rooms.Actor, q rooms.QuestionAsked) bool {
	if s.gone[q.Question] {
		return false
	}
	switch who.Role {
	case rooms.Viewer, rooms.Post:
		return who.Asker != "" && q.Asker == who.Asker
	case rooms.Animator:
		return q.Site == who.Site
	case rooms.Mediator, rooms.Moderator, rooms.Phone:
		return s.raised[q.Question]
	}
	return false
}

// checkGlances: who looks again sees what who looks for the first time does, and is told all of the difference.
func (s *story) checkGlances() {
	news := s.room.News()
	s.twin.News() // so that the two stay equal
	for i, who := range s.cast {
		if i == len(s.glances) {
			s.glances = append(s.glances, s.room.Look(who))
		}
		before := s.glances[i].View()
		set, gone := s.room.LookAgain(s.glances[i], news)
		full := s.room.View(who)
		delete(full, "you")
		wantSet, wantGone := rooms.Diff(before, full)
		if seen := s.glances[i].View(); !reflect.DeepEqual(seen, full) || !reflect.DeepEqual(set, wantSet) || !slices.Equal(gone, wantGone) {
			s.t.Fatalf("%s (%s) looks again: set %v, want %v; gone %v, want %v", who.Role, who.Asker, set, wantSet, gone, wantGone)
		}
	}
}

func (s *story) checkViews() {
	s.checkGlances()
	studio := s.room.View(s.cast[1])
	for i, who := range s.cast {
		v := s.room.View(who)
		for id, q := range s.asked {
			if _, sees := v["question/"+string(id)]; sees != s.maySee(who, q) {
				s.t.Fatalf("%s (%s) sees question of %s at %q: %v", who.Role, who.Asker, q.Asker, q.Site, sees)
			}
		}
		s.checkSecrets(who, v)
		s.checkPromises(i, v)
		s.checkFollowers(who, v, studio)
		s.checkClass(who, v)
		s.checkGuest(who, v)
	}
	s.checkOneOnAir(studio)
}

// checkSecrets looks for words where they must not be: in the JSON itself, as a browser would get it.
func (s *story) checkSecrets(who rooms.Actor, v rooms.View) {
	raw, err := json.Marshal(v)
	if err != nil {
		s.t.Fatal(err)
	}
	page := string(raw)
	card, _ := v["card"].(rooms.CardEntity)
	for at, next := 0, strings.Index(page, "mot-"); next >= 0; next = strings.Index(page[at:], "mot-") {
		at += next + len("mot-")
		word, _, _ := strings.Cut(page[at:], ".")
		if s.answers[word] {
			continue // follows merges: checkFollowers knows whose it is
		}
		if request, ok := s.reasons[word]; ok {
			s.checkReason(who, request)
			continue
		}
		q := s.asked[s.wrote[word]]
		sees, label := s.maySee(who, q), strings.HasSuffix(page[:at], "nom-mot-")
		own := who.Role == rooms.Animator || q.Asker == who.Asker
		sees = sees || card.Question == q.Question || s.replied[q.Question] && s.readsReplies(who)
		if label && !(s.maySee(who, q) && own) || !sees || q.Question == "" {
			s.t.Fatalf("%s reads %q of %s", who.Role, word, q.Question)
		}
	}
	if who.Role != rooms.Animator && strings.Contains(page, `"original"`) {
		s.t.Fatalf("%s reads what was first written", who.Role)
	}
}

// checkPromises: the number of questions before one's own, once shown, never grows.
func (s *story) checkPromises(actor int, v rooms.View) {
	for key, entity := range v {
		q, ok := entity.(rooms.QuestionEntity)
		if !ok || q.Ahead == nil {
			continue
		}
		promise := fmt.Sprint(actor, key)
		if least, shown := s.least[promise]; shown && *q.Ahead > least {
			s.t.Fatalf("%s: %d questions before it, after %d", key, *q.Ahead, least)
		}
		s.least[promise] = *q.Ahead
	}
}

// checkFollowers: a merged question has the fate of the one it joined, for those who asked it.
func (s *story) checkFollowers(who rooms.Actor, v, studio rooms.View) {
	if who.Role == rooms.Mediator || who.Role == rooms.Moderator || who.Role == rooms.Phone {
		return
	}
	for key, entity := range v {
		q, ok := entity.(rooms.QuestionEntity)
		if !ok || q.Into == "" {
			continue
		}
		target, ok := studio["question/"+string(q.Into)].(rooms.QuestionEntity)
		reason := target.Reason
		if who.Role == rooms.Post {
			reason = ""
		}
		if !ok || target.State != q.State || target.Answer != q.Answer || reason != q.Reason {
			s.t.Fatalf("%s is %s, the one it joined is %s", key, q.State, target.State)
		}
		if target.Into != "" || !slices.ContainsFunc(target.Merged, func(m rooms.MergedQuestionEntity) bool { return m.ID == q.ID }) {
			s.t.Fatalf("%s is not among those that joined %s", key, q.Into)
		}
	}
}

func (s *story) checkOneOnAir(studio rooms.View) {
	var onAir []rooms.QuestionID
	for _, entity := range studio {
		if q, ok := entity.(rooms.QuestionEntity); ok && q.State == rooms.QuestionOnAir {
			onAir = append(onAir, q.ID)
		}
	}
	card, shown := studio["card"].(rooms.CardEntity)
	ok := len(onAir) == 0 && !shown || len(onAir) == 1 && shown && card.Question == onAir[0]
	if !ok {
		s.t.Fatalf("on air: %v, the card shows %q", onAir, card.Question)
	}
}

// TestAnySequenceKeepsTheInvariants plays random séances by everybody at once.
func TestAnySequenceKeepsTheInvariants(t *testing.T) {
	const steps = 1100
	var mu sync.Mutex
	kinds := map[string]int{} // guarded by mu
	t.Cleanup(func() {
		for _, kind := range rooms.Kinds() {
			if kinds[kind] == 0 {
				t.Errorf("%s never happened: no séance tried it", kind)
			}
		}
	})
	for seed := range uint64(7) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			c := rand.New(rand.NewPCG(seed, 2027))
			s, events, questions := newStory(t), 0, 0
			s.begin()
			note := func() {
				mu.Lock()
				defer mu.Unlock()
				events, questions = events+s.applied, questions+len(s.asked)
				for kind, n := range s.kinds {
					kinds[kind] += n
				}
			}
			for range steps {
				if s.over() {
					note()
					s = newStory(t)
					s.begin()
				}
				s.step(c)
			}
			note()
			if events < steps/10 || questions < 20 {
				t.Errorf("only %d events and %d questions: this séance tried nothing", events, questions)
			}
			t.Logf("%d events, %d questions", events, questions)
		})
	}
}

// over: this séance has ended for good, and had time to be asked everything that must then be refused.
func (s *story) over() bool {
	return s.room.State() == rooms.Ended && s.now.Sub(s.room.EndedAt()) > 2*rooms.ReopenFor
}

// FuzzSequence lets the fuzzer choose the steps.
func FuzzSequence(f *testing.F) {
	for seed := range uint64(4) {
		c, raw := rand.New(rand.NewPCG(seed, 1)), make([]byte, 600)
		for i := range raw {
			raw[i] = byte(c.IntN(256))
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 2000 {
			return
		}
		s, c := newStory(t), &byteChooser{raw}
		s.begin()
		for len(c.left) > 0 {
			s.step(c)
		}
	})
}

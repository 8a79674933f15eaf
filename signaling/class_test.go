package signaling

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"antenne/rooms"
	"antenne/rooms/journal"
	"antenne/signaling/dial"
	"antenne/signaling/wire"
)

func (p *person) question(id string) (q struct {
	State, Text, Answer, Label, SiteName string
	Mine                                 bool
}) {
	_ = json.Unmarshal([]byte(p.store["question/"+id]), &q)
	return q
}

func (p *person) sees(id, state string) {
	p.t.Helper()
	p.hear(func() bool { return p.question(id).State == state })
}

func (p *person) must(command map[string]string) uint64 {
	p.t.Helper()
	seq, err := p.do(command)
	if err != nil {
		p.t.Fatalf("%v: %v", command, err)
	}
	return seq
}

func TestAQuestionClimbsAndComesBackAnswered(t *testing.T) {
	w := newWorld(t, setting{})
	mediator, moderator := w.join("mediator", nil), w.join("moderator", nil)
	desk, screen, home := w.join("animator", nil), w.join("screen", nil), w.join("nobody", nil)
	mediator.must(map[string]string{"name": "go-on-air"})

	id := uuid.NewString()
	ask := map[string]string{"name": "ask", "question": id, "text": "On peut remplacer le beurre ?", "label": "poste 3"}
	first := desk.must(ask)
	desk.sees(id, "relayed")
	moderator.sees(id, "relayed")
	if q := moderator.question(id); q.Label != "" || q.SiteName == "" {
		t.Errorf("the régie sees %+v", q)
	}
	moderator.must(map[string]string{"name": "approve", "question": id})
	desk.sees(id, "approved")
	mediator.sees(id, "approved")
	mediator.must(map[string]string{"name": "take", "question": id})
	for _, p := range []*person{desk, screen, home} {
		p.hear(func() bool { return strings.Contains(p.store["card"], "Centre social de l'Avenir") })
	}
	mediator.must(map[string]string{"name": "answer", "question": id})
	desk.sees(id, "answered")
	for _, p := range []*person{screen, home} {
		p.hear(func() bool { return p.store["card"] == "" })
		if p.store["question/"+id] != "" {
			t.Error("a question is seen by who may not")
		}
	}
	if again := desk.must(ask); again < first {
		t.Errorf("asked again: %d after %d", again, first)
	}
}

func TestRefusalsOfCommands(t *testing.T) {
	w := newWorld(t, setting{})
	id := uuid.NewString()
	ask := func(text string) map[string]string {
		return map[string]string{"name": "ask", "question": id, "text": text}
	}
	for _, c := range []struct {
		name, who string
		command   map[string]string
		code      string
	}{
		{"ten thousand characters", "animator", ask(strings.Repeat("é", 10000)), "question-too-long"},
		{"a bell", "animator", ask("a\x07b"), "question-characters"},
		{"written backwards", "animator", ask("a\u202eb"), "question-characters"},
		{"a screen asks", "screen", ask("Bonjour ?"), "role-may-not"},
		{"a viewer ends the class", "viewer", map[string]string{"name": "end"}, "role-may-not"},
		{"an animator goes on air", "animator", map[string]string{"name": "go-on-air"}, "role-may-not"},
		{"a moderator takes the air", "moderator", map[string]string{"name": "take-air"}, "role-may-not"},
		{"a mediator makes a link", "mediator", map[string]string{"name": "issue-link"}, "role-may-not"},
		{"a mediator claims a source", "mediator", map[string]string{"name": "source-up"}, "role-may-not"},
		{"no such command", "mediator", map[string]string{"name": "dance"}, "wire-unknown-command"},
		{"a role in the message", "animator", map[string]string{"name": "ask", "question": id, "text": "x", "role": "mediator"}, "wire-unknown-field"},
		{"a question nobody asked", "moderator", map[string]string{"name": "approve", "question": uuid.NewString()}, "question-unknown"},
		{"a reason of one's own", "moderator", map[string]string{"name": "decline", "question": id, "reason": "bête"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := w.join(c.who, nil)
			defer p.Close()
			_, err := p.do(c.command)
			var refused *dial.Refused
			if !errors.As(err, &refused) || c.code != "" && refused.Code != c.code {
				t.Fatalf("got %v, want %s", err, c.code)
			}
			checkSentence(t, refused.Code, refused.Text)
		})
	}
	p := w.join("animator", nil)
	p.must(ask("<b>Du sel</b> & de l'eau ?"))
	p.sees(id, "relayed")
	if q := p.question(id); q.Text != "<b>Du sel</b> & de l'eau ?" {
		t.Errorf("HTML is text; got %q", q.Text)
	}
}

// checkSentence: a person can read it: it begins with a capital, ends with a point, and is not the fallback.
func checkSentence(t testing.TB, code, text string) {
	t.Helper()
	if len(text) < 10 || strings.ContainsAny(text, "{}") || strings.HasPrefix(text, "Ce n’est pas possible pour le moment") {
		t.Errorf("%s says %q", code, text)
	}
	if end := text[len(text)-1]; end != '.' && end != '?' && end != '!' {
		t.Errorf("%s does not end: %q", code, text)
	}
}

func TestStrangersAtTheClass(t *testing.T) {
	w := newWorld(t, setting{private: true})
	w.issue("short", w.room, rooms.Animator, "lens", 10*time.Minute)
	w.clock.pass(20 * time.Minute)
	for _, c := range []struct {
		name, raw, code string
		retry           bool
	}{
		{"unknown token", hello("AAAAAAAAAAAAAAAAAAAAAA", ""), "link-unknown", false},
		{"expired token", hello(w.tokens["short"], ""), "link-expired", false},
		{"revoked token", hello(w.tokens["revoked"], ""), "link-revoked", false},
		{"foreign room", hello(w.tokens["foreign"], "cuisine"), "link-foreign-room", false},
		{"no token at a private room", hello("", "cuisine"), "link-missing", false},
		{"no such room", hello("", "nulle-part"), "room-unknown", false},
		{"a later version", `{"type":"hello","v":2,"novelty":true}`, "wire-version", false},
		{"cut short", `{"type":"hello","v":`, "wire-malformed", false},
		{"deep", strings.Repeat(`{"a":`, 200) + strings.Repeat("}", 200), "wire-too-deep", false},
		{"of the wrong type", `{"type":"hello","v":1,"device":12345678}`, "wire-field", false},
		{"with a field of its own", `{"type":"hello","v":1,"device":"12345678","role":"mediator"}`, "wire-unknown-field", false},
		{"a command first", `{"type":"do","id":"1","command":{"name":"end"}}`, "hello-missing", false},
		{"a megabyte", `{"type":"hello","v":1,"device":"` + strings.Repeat("x", 900<<10) + `"}`, "wire-too-large", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			bye := lastWords(t, w, c.raw)
			if bye.Code != c.code || bye.Retry != c.retry {
				t.Fatalf("got %+v, want %s", bye, c.code)
			}
			checkSentence(t, bye.Code, bye.Text)
		})
	}
	w.join("animator", nil) // the server goes on
}

func hello(token, room string) string {
	raw, _ := wire.Encode(&wire.Hello{V: 1, Token: token, Room: room, Device: "a-device-of-a-stranger"})
	return string(raw)
}

func TestMistakesAreForgivenTwice(t *testing.T) {
	w := newWorld(t, setting{})
	p := w.join("animator", nil)
	for range 3 {
		if err := p.SendRaw([]byte(`{"type":"do"`)); err != nil {
			t.Fatal(err)
		}
	}
	p.hear(func() bool { return p.bye != nil })
	if p.bye.Code != "too-many-mistakes" || !p.bye.Retry {
		t.Fatalf("got %+v", p.bye)
	}
	checkSentence(t, p.bye.Code, p.bye.Text)
}

func TestAFloodEnds(t *testing.T) {
	w := newWorld(t, setting{})
	p, calm := w.join("animator", nil), w.join("moderator", nil)
	for range 60 {
		if p.SendRaw([]byte(`{"type":"health","picture":"none","sound":"off"}`)) != nil {
			break
		}
	}
	p.hear(func() bool { return p.bye != nil })
	if p.bye.Code != "wire-rate" {
		t.Fatalf("got %+v", p.bye)
	}
	calm.must(map[string]string{"name": "open-doors"})
}

func TestComingBackCostsNothing(t *testing.T) {
	w := newWorld(t, setting{})
	p := w.join("animator", nil)
	p.hear(func() bool { return strings.Contains(p.store["site/wattrelos"]+p.store["site/lens"], `"came":true`) }) // the house noted it; nothing more comes by itself
	since := &wire.Since{Epoch: p.epoch, Seq: p.seq}
	p.Close()

	again := w.join("animator", since)
	if again.whole {
		t.Error("nothing changed, and yet the whole view came")
	}
	again.Close()

	w.command("mediator", map[string]string{"name": "go-on-air"})
	late := w.join("animator", since)
	if !strings.Contains(late.store["room"], `"on-air"`) {
		t.Errorf("what was missed is missing: %v", late.store)
	}
	other := w.join("animator", &wire.Since{Epoch: "another", Seq: since.Seq})
	if !other.whole {
		t.Error("a state of another life of the server passes for this one's")
	}
}

func TestARevokedLinkLeaves(t *testing.T) {
	w := newWorld(t, setting{})
	p, other := w.join("animator", nil), w.join("moderator", nil)
	w.revoke("animator")
	p.hear(func() bool { return p.bye != nil })
	if p.bye.Code != "link-revoked" || p.bye.Retry {
		t.Fatalf("got %+v", p.bye)
	}
	other.must(map[string]string{"name": "open-doors"})
}

func TestARestartLosesNothing(t *testing.T) {
	dir := t.TempDir()
	j, err := journal.OpenSQLite(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, setting{journal: j})
	w.command("mediator", map[string]string{"name": "go-on-air"})
	desk := w.join("animator", nil)
	id := uuid.NewString()
	desk.must(map[string]string{"name": "ask", "question": id, "text": "Combien de temps au four ?"})

	done := make(chan struct{})
	go func() { defer close(done); w.shut() }()
	desk.hear(func() bool { return desk.bye != nil })
	<-done
	if desk.bye.Code != "shutdown" || !desk.bye.Retry {
		t.Fatalf("got %+v", desk.bye)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if w.journal, err = journal.OpenSQLite(dir); err != nil {
		t.Fatal(err)
	}
	w.open(Limits{})
	back := w.join("animator", &wire.Since{Epoch: desk.epoch, Seq: desk.seq})
	if q := back.question(id); q.State != "relayed" || q.Text == "" {
		t.Errorf("the question is %+v", q)
	}
	if !strings.Contains(back.store["room"], `"on-air"`) {
		t.Errorf("the room is %s", back.store["room"])
	}
	back.must(map[string]string{"name": "ask", "question": id, "text": "Combien de temps au four ?"})
	if n := strings.Count(strings.Join(keys(back.store), " "), "question/"); n != 1 {
		t.Errorf("%d questions", n)
	}
}

func keys(m map[string]string) (all []string) {
	for k := range m {
		all = append(all, k)
	}
	return all
}

func TestNoFieldOfAnEntityIsAbsentFromTheProtocol(t *testing.T) {
	w := newWorld(t, setting{})
	doc := file(t, "../wire/protocol.md")
	section := doc[strings.Index(doc, "## 4."):]
	mediator, desk, home := w.join("mediator", nil), w.join("animator", nil), w.join("nobody", nil)
	id := uuid.NewString()
	desk.must(map[string]string{"name": "ask", "question": id, "text": "Et sans four ?", "label": "poste 1"})
	mediator.must(map[string]string{"name": "take", "question": id})
	home.hear(func() bool { return home.store["card"] != "" })
	desk.sees(id, "on-air")
	for _, p := range []*person{mediator, desk, home} {
		for key, entity := range p.store {
			var fields map[string]any
			if err := json.Unmarshal([]byte(entity), &fields); err != nil {
				t.Fatal(err)
			}
			for field := range fields {
				if !strings.Contains(section, field) {
					t.Errorf("%s.%s is not in protocol.md", key, field)
				}
			}
		}
	}
}

func TestADeskSeesItsOwnScreen(t *testing.T) {
	w := newWorld(t, setting{})
	desk, screen, post := w.join("animator", nil), w.join("screen", nil), w.join("post", nil)
	say := func(picture string) {
		if err := screen.Send(&wire.Health{Picture: picture, Frames: 24.6, Sound: "locked", Opened: true, Connected: picture == "frozen"}); err != nil {
			t.Fatal(err)
		}
	}
	reports := func() string {
		for key, entity := range desk.store {
			if strings.HasPrefix(key, "screen/") {
				return entity
			}
		}
		return ""
	}
	say("moving")
	desk.hear(func() bool { return strings.Contains(reports(), `"moving"`) })
	if !strings.Contains(reports(), `"opened":true,"connected":false`) {
		t.Errorf("the desk sees %s", reports())
	}
	say("still")
	desk.hear(func() bool { return strings.Contains(reports(), `"still"`) && !strings.Contains(reports(), `"full"`) })
	if err := screen.Send(&wire.Health{Picture: "none", Sound: "off", Opened: true, Full: true}); err != nil {
		t.Fatal(err)
	}
	desk.hear(func() bool { return strings.Contains(reports(), `"full":true`) })
	say("frozen")
	desk.hear(func() bool {
		return strings.Contains(reports(), `"frozen"`) && strings.Contains(reports(), `"opened":true,"connected":true`)
	})
	post.hear(func() bool { return strings.Contains(post.store["helpers"], "true") })
	screen.Close()
	desk.hear(func() bool { return reports() == "" })
	for key := range post.store {
		if strings.HasPrefix(key, "screen/") || key == "presence" {
			t.Errorf("a post sees %s", key)
		}
	}
}

func TestSentencesInTheLanguageOfHello(t *testing.T) {
	w := newWorld(t, setting{})
	english := w.joinAs(wire.Hello{Token: w.tokens["screen"], Device: deviceOf("screen"), Lang: "en-GB"})
	_, err := english.do(map[string]string{"name": "end"})
	var refused *dial.Refused
	if !errors.As(err, &refused) || !strings.Contains(refused.Text, "link") {
		t.Errorf("got %v", err)
	}
}

// TestIdentityIsTheConnections: what is said of oneself in a message counts for nothing.
func TestIdentityIsTheConnections(t *testing.T) {
	w := newWorld(t, setting{})
	one := w.joinAs(wire.Hello{Room: "cuisine", Device: "a-home-with-a-question"})
	two := w.joinAs(wire.Hello{Room: "cuisine", Device: "another-home-altogether"})
	id := uuid.NewString()
	one.must(map[string]string{"name": "ask", "question": id, "text": "Peut-on congeler la soupe ?"})
	one.sees(id, "relayed")
	for _, command := range []map[string]string{
		{"name": "withdraw", "question": id},
		{"name": "ask", "question": id, "text": "Autre chose"},
	} {
		if _, err := two.do(command); err == nil {
			t.Errorf("%v was done to a neighbour's question", command)
		}
	}
	if two.store["question/"+id] != "" {
		t.Error("a home sees its neighbour's question")
	}
	one.Close()
	again := w.joinAs(wire.Hello{Room: "cuisine", Device: "a-home-with-a-question"})
	if !again.question(id).Mine {
		t.Error("the question is not its asker's any more")
	}
	again.must(map[string]string{"name": "withdraw", "question": id})
}

package signaling

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"antenne/rooms"
	"antenne/signaling/wire"
)

// What must never happen to a question, whoever tries it: the invariant I6 of the threat model, in the bytes that browsers get.

// TestI6AQuestionWaitsForAHand: before somebody of the studio takes it, a question is in no frame that a screen, a home or a post is
// sent, nor in one of another place's desk, whatever any of them asks for; nor is one that was declined or taken back.
func TestI6AQuestionWaitsForAHand(t *testing.T) {
	c := newQuestioned(t)
	taken := c.ask("Topinambour")
	c.tryAll(taken)
	c.unheard(taken, "asked")
	c.desk.must(doing("relay", "question", taken.id))
	c.tryAll(taken)
	c.unheard(taken, "before the régie")
	c.moderator.must(doing("approve", "question", taken.id))
	c.tryAll(taken)
	c.unheard(taken, "approved")

	declined := c.ask("Salsifis")
	c.desk.must(doing("relay", "question", declined.id))
	c.moderator.must(doing("approve", "question", declined.id))
	c.moderator.must(doing("decline", "question", declined.id, "reason", "off-topic"))
	c.tryAll(declined)
	c.unheard(declined, "declined")
	if _, err := c.mediator.do(doing("take", "question", declined.id)); code(err) != "question-state" {
		t.Errorf("a declined question is taken: %v", err)
	}

	back := c.ask("Panais")
	c.desk.must(doing("relay", "question", back.id))
	c.moderator.must(doing("approve", "question", back.id))
	c.home.must(doing("withdraw", "question", back.id))
	c.tryAll(back)
	for _, p := range []*person{c.moderator, c.mediator} {
		for _, command := range c.hostile(back) {
			if _, err := p.do(command); code(err) != "question-withdrawn" && code(err) != "role-may-not" {
				t.Errorf("what was taken back comes back by %v: %v", command, err)
			}
		}
	}
	c.unheard(back, "taken back")

	c.mediator.must(doing("take", "question", taken.id))
	for _, e := range c.ears {
		until(t, e.name+" hears what the studio took", func() bool { return strings.Contains(e.heard(), taken.word) })
	}
	c.mediator.must(doing("answer", "question", taken.id))
	c.listen("later ") // whoever comes after is not told of it any more
	for _, q := range []asking{taken, declined, back} {
		c.unheardBy(c.ears[len(c.ears)/2:], q, "after all that")
	}
	c.unheard(declined, "at the end")
	c.unheard(back, "at the end")
}

// asking is a question with a word that nothing else has.
type asking struct{ id, word string }

// strangers are those to whom a question of a home of Wattrelos is nothing before it is taken.
var strangers = []string{"nobody", "post", "post-lens", "screen", "screen-lens", "desk-lens"}

// questioned is a room on air with those who sort what a home of Wattrelos asks, and with those who must not read it.
type questioned struct {
	*world
	mediator, moderator, desk, home *person
	ears                            []*ear
	marks                           int
	other                           string // a question to merge into
}

func newQuestioned(t *testing.T) *questioned {
	w := newWorld(t, setting{})
	for name, role := range map[string]rooms.Role{"desk-lens": rooms.Animator, "screen-lens": rooms.Screen, "post-lens": rooms.Post} {
		w.issue(name, w.room, role, "lens", time.Hour)
	}
	c := &questioned{world: w, mediator: w.join("mediator", nil), moderator: w.join("moderator", nil), desk: w.join("animator", nil),
		home: w.joinAs(wire.Hello{Room: "cuisine", Site: "wattrelos", Device: "secret-of-asker", Lang: "fr"})}
	c.mediator.must(doing("go-on-air"))
	c.other = uuid.NewString()
	c.desk.must(doing("ask", "question", c.other, "text", "Une autre ?"))
	c.listen("")
	return c
}

// listen opens one connection more for each who must not read.
func (c *questioned) listen(when string) {
	c.t.Helper()
	for _, name := range strangers {
		c.ears = append(c.ears, c.ear(when, name))
	}
}

func (c *questioned) ask(word string) asking {
	c.t.Helper()
	q := asking{uuid.NewString(), word}
	c.home.must(doing("ask", "question", q.id, "text", "Et le "+word+" ?"))
	c.desk.sees(q.id, "asked")
	return q
}

// hostile is all that would bring a question further.
func (c *questioned) hostile(q asking) []map[string]string {
	return []map[string]string{
		doing("approve", "question", q.id), doing("take", "question", q.id), doing("merge", "question", q.id, "into", c.other),
		doing("merge", "question", c.other, "into", q.id), doing("answer", "question", q.id, "text", "Oui.", "to", "all"),
		doing("answer", "question", q.id), doing("reopen", "question", q.id), doing("relay", "question", q.id),
		doing("rephrase", "question", q.id, "text", "Et le "+q.word+" alors ?"), doing("later", "question", q.id),
	}
}

func (c *questioned) tryAll(q asking) {
	c.t.Helper()
	for _, name := range strangers {
		p := c.join(name, nil) // each try begins with a whole allowance of messages
		for _, command := range c.hostile(q) {
			if _, err := p.do(command); code(err) != "role-may-not" && code(err) != "question-unknown" {
				c.t.Errorf("%v by %s: %v", command, name, err)
			}
		}
		_ = p.Close()
	}
}

// unheard: everybody is sent something that comes after, and no frame up to it holds the word.
func (c *questioned) unheard(q asking, when string) {
	c.t.Helper()
	c.unheardBy(c.ears, q, when)
}

func (c *questioned) unheardBy(ears []*ear, q asking, when string) {
	c.t.Helper()
	c.marks++
	mark := fmt.Sprintf("repère %d.", c.marks)
	c.mediator.must(doing("show-strip", "title", mark))
	for _, e := range ears {
		until(c.t, e.name+" is told "+mark, func() bool { return strings.Contains(e.heard(), mark) })
		if strings.Contains(e.heard(), q.word) {
			c.t.Errorf("%s: %s reads it", when, e.name)
		}
	}
}

// ear keeps the bytes of a class connection.
type ear struct {
	name string

	mu  sync.Mutex
	all strings.Builder // owned under mu
}

func (e *ear) heard() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.all.String()
}

func (w *world) ear(when, who string) *ear {
	w.t.Helper()
	ws, _, err := w.knock(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	hello := wire.Hello{V: wire.Version, Token: w.tokens[who], Device: "secret-of-the-ear-" + strings.TrimSpace(when) + who, Lang: "fr"}
	if hello.Token == "" {
		hello.Room, hello.Site = string(w.room), "lens"
	}
	raw, err := json.Marshal(struct {
		Type string `json:"type"`
		wire.Hello
	}{"hello", hello})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := ws.WriteMessage(websocket.TextMessage, raw); err != nil {
		w.t.Fatal(err)
	}
	e := &ear{name: when + who}
	over := make(chan struct{})
	w.t.Cleanup(func() { ws.Close(); <-over })
	go func() {
		defer close(over)
		for {
			_, frame, err := ws.ReadMessage()
			if err != nil {
				return
			}
			e.mu.Lock()
			e.all.Write(frame)
			e.mu.Unlock()
		}
	}()
	until(w.t, e.name+" is let in", func() bool { return strings.Contains(e.heard(), `"welcome"`) })
	return e
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"antenne/signaling/dial"
	"antenne/signaling/wire"
)

// producer is somebody who works with what comes up: the régie or the studio. It acts as a person does, on what its own page
// shows, and notes how long it waits: for the answer, and for what it did to show.
type producer struct {
	role            string
	conn            *dial.Conn
	every           time.Duration
	answered, shown *times // of the phase that runs; changed between phases only

	mu        sync.Mutex
	questions map[string]classQuestionSeen // by id; owned under mu
	sites     map[string]string            // pace not seen yet, by site; owned under mu
	awaited   map[string]await             // by entity; owned under mu
}

// await is somebody who waits for the page to show what they did.
type await struct {
	shows func(entity json.RawMessage) bool
	told  chan bool // takes one: whether it was shown, or went away first
}

// act is one thing to do: what is asked, and the entity that shows it once it is done.
type act struct {
	command map[string]string // nil for nothing to do
	entity  string
	shows   func(entity json.RawMessage) bool
}

type classQuestionSeen struct {
	State string `json:"state"`
}

type classSiteSeen struct {
	ID     string  `json:"id"`
	Pace   string  `json:"pace"`
	SeenAt *string `json:"seenAt"`
}

func (c *crowdOfSites) seatProducer(ctx context.Context, role string) (*producer, error) {
	links := ofRole(c.house.links, role)
	if len(links) == 0 {
		return nil, errors.New("no link")
	}
	p := &producer{role: role, every: c.plan.acting, questions: map[string]classQuestionSeen{}, sites: map[string]string{}, awaited: map[string]await{}}
	conn, err := c.company.enter(ctx, links[0])
	if err != nil {
		return nil, err
	}
	p.conn = conn
	c.company.running.Go(p.read)
	return p, nil
}

func (p *producer) begin() { p.answered, p.shown = &times{}, &times{} }

// read keeps what the page would show.
func (p *producer) read() {
	for m := range p.conn.Events() {
		switch m := m.(type) {
		case *wire.Welcome:
			p.take(m.View, nil)
		case *wire.Change:
			p.take(m.Set, m.Gone)
		}
	}
}

func (p *producer) take(set map[string]json.RawMessage, gone []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, raw := range set {
		p.takeLocked(key, raw)
		if w, waits := p.awaited[key]; waits && w.shows(raw) {
			p.tellLocked(key, true)
		}
	}
	for _, key := range gone {
		if id, ok := strings.CutPrefix(key, "question/"); ok {
			delete(p.questions, id)
		}
		p.tellLocked(key, false)
	}
}

func (p *producer) takeLocked(key string, raw json.RawMessage) {
	if id, ok := strings.CutPrefix(key, "question/"); ok {
		var q classQuestionSeen
		if json.Unmarshal(raw, &q) == nil {
			p.questions[id] = q
		}
	} else if strings.HasPrefix(key, "site/") {
		var s classSiteSeen
		if json.Unmarshal(raw, &s) != nil {
			return
		}
		delete(p.sites, s.ID)
		if s.Pace != "" && s.Pace != "following" && s.SeenAt == nil {
			p.sites[s.ID] = s.Pace
		}
	}
}

func (p *producer) tellLocked(key string, shown bool) {
	if w, waits := p.awaited[key]; waits {
		w.told <- shown
		delete(p.awaited, key)
	}
}

// act does one thing after the other until the phase is over.
func (p *producer) act(ctx context.Context, m *phase) {
	dice := rand.New(rand.NewPCG(uint64(len(p.role)), 7))
	for sleep(ctx, p.every) {
		if a := p.choose(dice); a.command != nil {
			p.do(ctx, m, a)
		}
	}
}

// do asks for one act and waits until the page shows what was asked. Another change of the same entity shows nothing.
func (p *producer) do(ctx context.Context, m *phase, a act) {
	told := make(chan bool, 1)
	p.mu.Lock()
	p.awaited[a.entity] = await{shows: a.shows, told: told}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.awaited, a.entity)
	}()
	patient, done := context.WithTimeout(context.WithoutCancel(ctx), within)
	defer done()
	began := time.Now()
	if _, err := p.conn.Do(patient, a.command); err != nil {
		m.failures.add(a.command["name"] + ": " + reasonOf(err))
		return
	}
	p.answered.add(time.Since(began))
	select {
	case shown := <-told:
		if shown {
			p.shown.add(time.Since(began))
		} else {
			m.failures.add(a.command["name"] + ": went away")
		}
	case <-patient.Done():
		m.failures.add(a.command["name"] + ": never shown")
	}
}

// choose is the next act of this person.
func (p *producer) choose(dice *rand.Rand) act {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.role == "mediator" {
		return p.teachLocked(dice)
	}
	return p.sortLocked(dice)
}

// teachLocked: the question on air is answered, the next one is taken, or a room is told that it was seen.
func (p *producer) teachLocked(dice *rand.Rand) act {
	if site, pace := pick(p.sites, dice, func(string) bool { return true }); pace != "" && dice.IntN(2) == 0 {
		return act{map[string]string{"name": "see-pace", "site": site}, "site/" + site, isSeen}
	}
	if id, q := pick(p.questions, dice, inState("on-air")); q.State != "" {
		return toQuestion("answer", id, "answered")
	}
	if id, q := pick(p.questions, dice, inState("approved")); q.State != "" {
		return toQuestion("take", id, "on-air", "answered")
	}
	return act{}
}

// sortLocked: what is to be sorted is sorted, in every way.
func (p *producer) sortLocked(dice *rand.Rand) act {
	id, q := pick(p.questions, dice, inState("relayed"))
	if q.State == "" {
		return act{}
	}
	approve := toQuestion("approve", id, "approved", "on-air", "answered")
	switch n := dice.IntN(20); {
	case n < 8:
		return approve
	case n < 11:
		return toQuestion("later", id, "later")
	case n < 14:
		return toQuestion("decline", id, "declined").with("reason", "no-time")
	case n < 17:
		return toQuestion("answer", id, "answered").with("text", "La recette est sur la fiche, page "+fmt.Sprint(1+dice.IntN(9))+".")
	}
	into, other := pick(p.questions, dice, inState("approved"))
	if other.State == "" || into == id {
		return approve
	}
	return toQuestion("merge", id, "merged").with("into", into)
}

// toQuestion is an act on a question, shown by the state it leads to, or by one that only comes after that.
func toQuestion(name, id string, states ...string) act {
	return act{map[string]string{"name": name, "question": id}, "question/" + id, func(raw json.RawMessage) bool {
		var q classQuestionSeen
		return json.Unmarshal(raw, &q) == nil && slices.Contains(states, q.State)
	}}
}

func (a act) with(field, value string) act {
	a.command[field] = value
	return a
}

// isSeen tells whether a place reads that its pace was seen.
func isSeen(raw json.RawMessage) bool {
	var s classSiteSeen
	return json.Unmarshal(raw, &s) == nil && s.SeenAt != nil
}

func inState(state string) func(classQuestionSeen) bool {
	return func(q classQuestionSeen) bool { return q.State == state }
}

// pick takes one that fits, by chance; the zero values when none does.
func pick[V any](all map[string]V, dice *rand.Rand, fits func(V) bool) (id string, one V) {
	found := 0
	for key, value := range maps.All(all) {
		if !fits(value) {
			continue
		}
		if found++; dice.IntN(found) == 0 {
			id, one = key, value
		}
	}
	return id, one
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
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
	awaited   map[string]chan struct{}     // by entity: closed when its next change comes; owned under mu
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
	p := &producer{role: role, every: c.plan.acting, questions: map[string]classQuestionSeen{}, sites: map[string]string{}, awaited: map[string]chan struct{}{}}
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
		p.toldLocked(key)
	}
	for _, key := range gone {
		if id, ok := strings.CutPrefix(key, "question/"); ok {
			delete(p.questions, id)
		}
		p.toldLocked(key)
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

func (p *producer) toldLocked(key string) {
	if told := p.awaited[key]; told != nil {
		close(told)
		delete(p.awaited, key)
	}
}

// act does one thing after the other until the phase is over.
func (p *producer) act(ctx context.Context, m *phase) {
	dice := rand.New(rand.NewPCG(uint64(len(p.role)), 7))
	for sleep(ctx, p.every) {
		if command, entity := p.choose(dice); command != nil {
			p.do(ctx, m, command, entity)
		}
	}
}

// do asks for one act and waits until the page shows it.
func (p *producer) do(ctx context.Context, m *phase, command map[string]string, entity string) {
	told := make(chan struct{})
	p.mu.Lock()
	p.awaited[entity] = told
	p.mu.Unlock()
	patient, done := context.WithTimeout(context.WithoutCancel(ctx), within)
	defer done()
	began := time.Now()
	if _, err := p.conn.Do(patient, command); err != nil {
		m.failures.add(command["name"] + ": " + reasonOf(err))
		return
	}
	p.answered.add(time.Since(began))
	select {
	case <-told:
		p.shown.add(time.Since(began))
	case <-patient.Done():
		m.failures.add(command["name"] + ": never shown")
	}
}

// choose is the next act of this person, and the entity that will show it; nil for nothing to do.
func (p *producer) choose(dice *rand.Rand) (command map[string]string, entity string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.role == "mediator" {
		return p.teachLocked(dice)
	}
	return p.sortLocked(dice)
}

// teachLocked: the question on air is answered, the next one is taken, or a room is told that it was seen.
func (p *producer) teachLocked(dice *rand.Rand) (map[string]string, string) {
	if site, pace := pick(p.sites, dice, func(string) bool { return true }); pace != "" && dice.IntN(2) == 0 {
		return map[string]string{"name": "see-pace", "site": site}, "site/" + site
	}
	if id, q := pick(p.questions, dice, inState("on-air")); q.State != "" {
		return map[string]string{"name": "answer", "question": id}, "question/" + id
	}
	if id, q := pick(p.questions, dice, inState("approved")); q.State != "" {
		return map[string]string{"name": "take", "question": id}, "question/" + id
	}
	return nil, ""
}

// sortLocked: what is to be sorted is sorted, in every way.
func (p *producer) sortLocked(dice *rand.Rand) (map[string]string, string) {
	id, q := pick(p.questions, dice, inState("relayed"))
	if q.State == "" {
		return nil, ""
	}
	entity := "question/" + id
	switch n := dice.IntN(20); {
	case n < 8:
		return map[string]string{"name": "approve", "question": id}, entity
	case n < 11:
		return map[string]string{"name": "later", "question": id}, entity
	case n < 14:
		return map[string]string{"name": "decline", "question": id, "reason": "no-time"}, entity
	case n < 17:
		return map[string]string{"name": "answer", "question": id, "text": "La recette est sur la fiche, page " + fmt.Sprint(1+dice.IntN(9)) + "."}, entity
	}
	into, other := pick(p.questions, dice, inState("approved"))
	if other.State == "" || into == id {
		return map[string]string{"name": "approve", "question": id}, entity
	}
	return map[string]string{"name": "merge", "question": id, "into": into}, entity
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

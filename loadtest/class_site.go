package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"antenne/signaling/dial"
	"antenne/signaling/wire"
)

// classSite is one place of the class: a desk that speaks, screens that report, posts that ask.
type classSite struct {
	site  string
	plan  *classPlan
	desk  *dial.Conn
	walls []*dial.Conn
	posts []*dial.Conn
	dice  *rand.Rand // owned by the goroutine of live

	backup bool // its network blocks UDP. Static after construction
}

// siteLinks are the links of one place.
type siteLinks struct {
	site           string
	desk           link
	screens, posts []link
}

func (c *crowdOfSites) seatSite(ctx context.Context, number int, links siteLinks) (*classSite, error) {
	s := &classSite{site: links.site, plan: c.plan, dice: rand.New(rand.NewPCG(c.plan.seed, uint64(number))), backup: number%10 == 7}
	seat := func(l link) (*dial.Conn, error) {
		conn, err := c.company.enter(ctx, l)
		if err == nil {
			c.company.running.Go(func() { drain(conn) })
		}
		return conn, err
	}
	var err error
	if s.desk, err = seat(links.desk); err != nil {
		return nil, err
	}
	for _, l := range links.screens {
		conn, err := seat(l)
		if err != nil {
			return nil, err
		}
		s.walls = append(s.walls, conn)
	}
	for _, l := range links.posts {
		conn, err := seat(l)
		if err != nil {
			return nil, err
		}
		s.posts = append(s.posts, conn)
	}
	s.settle(ctx)
	return s, nil
}

// settle says what a room says when it has arrived: how many people, that the sound was heard, that one follows.
func (s *classSite) settle(ctx context.Context) {
	for _, command := range []map[string]string{
		{"name": "count-people", "people": strconv.Itoa(3 + s.dice.IntN(20))},
		{"name": "check-sound"},
		{"name": "set-pace", "pace": "following"},
	} {
		patient, done := context.WithTimeout(ctx, within)
		_, _ = s.desk.Do(patient, command)
		done()
	}
	s.report()
}

// report is a screen's own word; one in twenty is not well, and some rooms come by TCP.
func (s *classSite) report() {
	h := &wire.Health{Picture: "moving", Frames: 25, Sound: "on", Opened: true, Connected: true}
	if s.dice.IntN(20) == 0 {
		h.Picture = "frozen"
	}
	h.Path, h.Delay = "udp", 300+100*s.dice.IntN(4)
	if s.backup {
		h.Path, h.Delay = "tcp", 700+100*s.dice.IntN(8)
	}
	for _, wall := range s.walls {
		_ = wall.Send(h)
	}
}

const (
	healthEvery = 5 * time.Second // as the pages do
	gap         = 100 * time.Millisecond
)

// live is a room for a while. A rude one asks as fast as its plan says.
func (s *classSite) live(ctx context.Context, m *phase, rude bool) {
	var hands sync.WaitGroup
	defer hands.Wait()
	every := s.between(s.plan.perMinute / 60)
	if rude {
		every = time.Duration(float64(time.Second) / s.plan.rudeRate)
	}
	dice := rand.New(rand.NewPCG(s.plan.seed, s.dice.Uint64()))
	if every > 0 {
		hands.Go(func() { s.ask(ctx, m, dice, every, rude) })
	}
	health := time.NewTicker(healthEvery)
	defer health.Stop()
	speak := time.NewTimer(s.next(s.plan.pace))
	defer speak.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-health.C:
			s.report()
		case <-speak.C:
			s.sayPace(ctx, m)
			speak.Reset(s.next(s.plan.pace))
		}
	}
}

// between is the time between two of something that comes at a rate a second; 0 for never.
func (s *classSite) between(rate float64) time.Duration {
	if rate <= 0 {
		return 0
	}
	return time.Duration(float64(time.Second) / rate)
}

// next is when something that comes as often on average comes again: people do not keep time.
func (s *classSite) next(mean time.Duration) time.Duration {
	return max(gap, time.Duration(s.dice.ExpFloat64()*float64(mean)))
}

func (s *classSite) sayPace(ctx context.Context, m *phase) {
	pace := []string{"following", "following", "following", "following", "following", "slower", "slower", "stuck"}[s.dice.IntN(8)]
	command := map[string]string{"name": "set-pace", "pace": pace}
	if s.dice.IntN(10) == 0 {
		command = map[string]string{"name": "set-trouble", "trouble": []string{"none", "none", "no-sound", "no-picture"}[s.dice.IntN(4)]}
	}
	began := time.Now()
	patient, done := context.WithTimeout(ctx, within)
	defer done()
	if _, err := s.desk.Do(patient, command); err == nil {
		m.paces.add(time.Since(began))
	}
}

// ask brings questions at a steady rate, each hand in its turn; a rude room does not wait for the answer to the one before.
func (s *classSite) ask(ctx context.Context, m *phase, dice *rand.Rand, every time.Duration, rude bool) {
	hands := append([]*dial.Conn{s.desk}, s.posts...)
	var waiting sync.WaitGroup
	defer waiting.Wait()
	first := time.Duration(dice.Float64() * float64(every))
	for n, wait := 0, first; sleep(ctx, wait); n, wait = n+1, every {
		hand := hands[n%len(hands)]
		text := classQuestion(dice, n)
		if !rude {
			askOnce(ctx, m, hand, text)
			continue
		}
		waiting.Go(func() { askOnce(ctx, m, hand, text) })
	}
}

// askOnce asks and notes what came of it. A refusal must say why in words.
func askOnce(ctx context.Context, m *phase, hand *dial.Conn, text string) {
	began := time.Now()
	patient, done := context.WithTimeout(context.WithoutCancel(ctx), within)
	defer done()
	_, err := hand.Do(patient, map[string]string{"name": "ask", "question": uuid.NewString(), "text": text})
	var refused *dial.Refused
	switch {
	case err == nil:
		m.asks.add(time.Since(began))
	case errors.As(err, &refused):
		m.refused.add(refused.Code)
		if refused.Text == "" {
			m.silent.Add(1)
		}
	default:
		m.refused.add("no-answer")
	}
}

// classQuestion is what rooms ask: often nearly the same as others do.
func classQuestion(dice *rand.Rand, n int) string {
	of := []string{"le beurre", "la farine", "le four", "la pâte", "le lait d’avoine", "la poêle"}[dice.IntN(6)]
	ask := []string{"Par quoi peut-on remplacer", "Combien coûte", "Faut-il laisser reposer", "Où trouver"}[dice.IntN(4)]
	return fmt.Sprintf("%s %s (%d) ?", ask, of, n+1)
}

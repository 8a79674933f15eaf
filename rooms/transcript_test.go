package rooms_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"antenne/rooms"
)

// TestTranscripts plays the séances of testdata/transcripts. README.txt there tells how they are written; nobody needs
// to read Go to read or to add one.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil || len(files) < 2 {
		t.Fatalf("no transcripts: %v %v", files, err)
	}
	for _, file := range files {
		if filepath.Base(file) == "README.txt" {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) { playFile(t, file) })
	}
}

// play is a transcript being played. One goroutine owns it.
type play struct {
	t         *testing.T
	line      int
	room      *rooms.Room
	log       []logged
	people    map[string]rooms.Actor
	here      []string                   // who is connected
	since     time.Time                  // of the server
	left      map[rooms.SiteID]time.Time // sites whose desk has left
	guestLeft map[rooms.LinkID]time.Time // guests whose page has closed
	now       time.Time
	pending   *outcome
}

type logged struct {
	meta    []byte
	private []rooms.Private
}

// outcome is what came of the last act, until the lines under it are read.
type outcome struct {
	line   int
	said   string
	events int
	err    error
	told   bool // a line said that it was refused, or brought nothing new
}

var (
	day    = time.Date(2027, 3, 2, 0, 0, 0, 0, time.UTC)
	quoted = `"([^"]*)"`
	clock  = regexp.MustCompile(`^(\d\d):(\d\d)(?::(\d\d))? (.*)$`)
)

func playFile(t *testing.T, file string) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p := &play{t: t, room: rooms.New("cuisine"), people: map[string]rooms.Actor{}, now: day, left: map[rooms.SiteID]time.Time{},
		guestLeft: map[rooms.LinkID]time.Time{}}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		p.line++
		p.read(strings.TrimSpace(lines.Text()))
	}
	p.settle()
	p.checkReplay()
}

func (p *play) fatalf(format string, args ...any) {
	p.t.Helper()
	p.t.Fatalf("line %d: %s", p.line, fmt.Sprintf(format, args...))
}

func (p *play) errorf(format string, args ...any) {
	p.t.Helper()
	p.t.Errorf("line %d: %s", p.line, fmt.Sprintf(format, args...))
}

func (p *play) read(line string) {
	switch {
	case line == "" || strings.HasPrefix(line, "#"):
	case strings.HasPrefix(line, "→ "):
		p.expect(strings.TrimPrefix(line, "→ "))
	case clock.MatchString(line):
		p.settle()
		m := clock.FindStringSubmatch(line)
		p.tellTime(m[1], m[2], m[3])
		p.act(m[4])
	default:
		p.settle()
		p.declare(line)
	}
}

func (p *play) tellTime(h, m, s string) {
	if s == "" {
		s = "00"
	}
	at, err := time.Parse("15:04:05", h+":"+m+":"+s)
	if err != nil {
		p.fatalf("no such time: %v", err)
	}
	now := day.Add(time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute + time.Duration(at.Second())*time.Second)
	if now.Before(p.now) {
		p.fatalf("time runs backwards")
	}
	p.now = now
}

// settle closes the last act: a refusal that no line expected is a mistake, and so is an act without effect.
func (p *play) settle() {
	p.t.Helper()
	o := p.pending
	p.pending = nil
	switch {
	case o == nil || o.told:
	case o.err != nil:
		p.t.Errorf("line %d: %s: %v", o.line, o.said, o.err)
	case o.events == 0:
		p.t.Errorf("line %d: %s: brought nothing new", o.line, o.said)
	}
}

// rule is one kind of sentence.
type rule struct {
	shape *regexp.Regexp
	do    func(p *play, m []string)
}

func sentence(shape string, do func(p *play, m []string)) rule {
	return rule{regexp.MustCompile("^" + shape + "$"), do}
}

func (p *play) say(line string, rules []rule) {
	p.t.Helper()
	for _, r := range rules {
		if m := r.shape.FindStringSubmatch(line); m != nil {
			r.do(p, m)
			return
		}
	}
	p.fatalf("not understood: %s", line)
}

func (p *play) do(who rooms.Actor, c rooms.Command, said string) {
	events, err := p.room.Decide(who, c, p.moment())
	p.pending = &outcome{line: p.line, said: said, events: len(events), err: err}
	if len(events) == 0 {
		return
	}
	meta, private, err := rooms.EncodeEvents(events)
	if err != nil {
		p.fatalf("%v", err)
	}
	p.log = append(p.log, logged{meta, private})
	for _, e := range events {
		p.room.Apply(e)
	}
}

// checkReplay: the log alone gives back the same room.
func (p *play) checkReplay() {
	again := rooms.New("cuisine")
	for _, entry := range p.log {
		events, err := rooms.DecodeEvents(entry.meta, entry.private)
		if err != nil {
			p.t.Fatal(err)
		}
		for _, e := range events {
			again.Apply(e)
		}
	}
	if !reflect.DeepEqual(p.room, again) {
		p.t.Error("the room replayed from its log is another room")
	}
}

func (p *play) moment() rooms.Moment {
	present := rooms.Presence{Sites: map[rooms.SiteID]rooms.SitePresence{}, Since: p.since, DeskLeft: p.left,
		Guests: map[rooms.LinkID]int{}, GuestLeft: p.guestLeft}
	for _, name := range p.here {
		who := p.person(name)
		site := present.Sites[who.Site]
		switch who.Role {
		case rooms.Mediator:
			present.Mediators++
		case rooms.Moderator:
			present.Moderators++
		case rooms.Animator:
			site.Desks++
		case rooms.Screen:
			site.Screens++
		case rooms.Post:
			site.Posts++
		case rooms.Viewer:
			present.Homes++
			site.Homes++
		case rooms.Guest:
			site.Guests++
			present.Guests[who.Link]++
		}
		if who.Site != "" {
			present.Sites[who.Site] = site
		}
	}
	return rooms.Moment{Now: p.now, Present: present}
}

// meet replaces those who are connected.
func (p *play) meet(here []string) {
	for _, name := range p.here {
		if who := p.person(name); who.Role == rooms.Animator {
			p.left[who.Site] = p.now
		}
	}
	p.here = here
	for site := range p.left {
		if p.moment().Present.Sites[site].Desks > 0 {
			delete(p.left, site)
		}
	}
}

// restart starts the server again: it knows nobody any more.
func (p *play) restart() {
	p.here, p.left, p.since = nil, map[rooms.SiteID]time.Time{}, p.now
	p.guestLeft = map[rooms.LinkID]time.Time{}
}

func (p *play) person(name string) rooms.Actor {
	who, ok := p.people[name]
	if !ok {
		p.fatalf("who is %s?", name)
	}
	return who
}

// question gives a short name of the transcript (q1) the form that pages give it.
func question(short string) rooms.QuestionID {
	return rooms.QuestionID(fmt.Sprintf("00000000-0000-4000-8000-%012s", strings.TrimPrefix(short, "q")))
}

func short(id rooms.QuestionID) string {
	return "q" + strings.TrimLeft(strings.TrimPrefix(string(id), "00000000-0000-4000-8000-"), "0")
}

func split(list string) []string {
	var all []string
	for _, name := range strings.Split(list, ",") {
		if name = strings.TrimSpace(name); name != "" && name != "personne" {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

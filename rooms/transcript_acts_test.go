package rooms_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"antenne/rooms"
)

var house = rooms.Actor{Role: rooms.System}

var roleNames = map[string]rooms.Role{
	"médiatrice": rooms.Mediator, "à la régie": rooms.Moderator, "à la coordination": rooms.Coordinator,
	"animatrice": rooms.Animator, "un écran": rooms.Screen, "un poste": rooms.Post, "à la maison": rooms.Viewer,
}

// declarations introduce the séance, its places and its people.
var declarations = []rule{
	sentence(`séance `+quoted+` à (\d\d):(\d\d)(, dès la publication)?`, func(p *play, m []string) {
		p.tellTime("00", "00", "")
		at := day.Add(time.Duration(atoi(m[2]))*time.Hour + time.Duration(atoi(m[3]))*time.Minute)
		p.do(house, rooms.CreateRoom{Title: m[1], At: at, Audience: rooms.AudiencePublic, Needs: "Une casserole",
			Mediator: "Aïcha", OnAirOnPublish: m[4] != ""}, m[0])
	}),
	sentence(`salle ([a-z-]+) : (.+), (.+)`, func(p *play, m []string) {
		p.do(house, rooms.AddSite{Site: rooms.SiteID(m[1]), Name: m[2], Town: m[3]}, m[0])
	}),
	sentence(`(\S+) est (médiatrice|à la régie|à la coordination)( sur un autre appareil que (\S+))?`, func(p *play, m []string) {
		who := p.newcomer(m[1], m[2], "")
		if m[4] != "" {
			who.Link = p.person(m[4]).Link
			p.people[m[1]] = who
		}
	}),
	sentence(`(\S+) est (animatrice|un écran|un poste|à la maison)(?: (?:de|par) ([a-z-]+))?`, func(p *play, m []string) {
		p.newcomer(m[1], m[2], m[3])
	}),
}

func (p *play) newcomer(name, role, site string) rooms.Actor {
	who := rooms.Actor{Role: roleNames[role], Room: "cuisine", Site: rooms.SiteID(site), Link: rooms.LinkID("lien-" + name),
		Asker: rooms.AskerID("de-" + name), Device: rooms.DeviceID("appareil-" + name), Name: name}
	if who.Role == rooms.Viewer {
		who.Link = ""
	}
	p.people[name] = who
	return who
}

func (p *play) declare(line string) { p.say(line, declarations) }

func atoi(s string) (n int) {
	for _, c := range s {
		n = n*10 + int(c-'0')
	}
	return n
}

// by makes the rule of a sentence that begins with somebody's name.
func by(shape string, command func(m []string) rooms.Command) rule {
	return sentence(`(\S+) `+shape, func(p *play, m []string) {
		p.do(p.person(m[1]), command(m[1:]), m[0])
	})
}

var acts = []rule{
	sentence(`sont là : (.+)`, func(p *play, m []string) { p.meet(split(m[1])) }),
	sentence(`le serveur redémarre`, func(p *play, _ []string) { p.restart() }),
	sentence(`la maison regarde l'heure`, (*play).lookAtClock),
	sentence(`la maison termine la séance`, func(p *play, m []string) { p.do(house, rooms.End{}, m[0]) }),
	sentence(`la maison efface (q\d+)`, func(p *play, m []string) {
		p.do(house, rooms.EraseQuestion{Question: question(m[1])}, m[0])
	}),
	sentence(`la maison donne à (\S+) un lien jusqu'à (\d\d):(\d\d)`, func(p *play, m []string) {
		who := p.person(m[1])
		until := day.Add(time.Duration(atoi(m[2]))*time.Hour + time.Duration(atoi(m[3]))*time.Minute)
		p.do(house, rooms.IssueLink{Link: who.Link, Hash: hashOf(m[1]), Role: who.Role, Site: who.Site, Of: who.Of, Expires: until, Note: m[1]}, m[0])
	}),
	sentence(`la maison retire le lien de (\S+)`, func(p *play, m []string) {
		p.do(house, rooms.RevokeLink{Link: p.person(m[1]).Link}, m[0])
	}),
	sentence(`(\S+) se présente avec son lien`, func(p *play, m []string) {
		_, err := p.room.Admit(hashOf(m[1]), p.now)
		p.pending = &outcome{line: p.line, said: m[0], err: err, events: 1}
	}),
	sentence(`la maison constate que (\S+) ne publie plus (.+)`, func(p *play, m []string) {
		who := p.person(m[1])
		who.Role = rooms.System // even where it speaks in the name of the link that published
		p.do(who, rooms.SourceDown{Slots: slotsOf(m[2])}, m[0])
	}),
	by(`ouvre les portes`, func([]string) rooms.Command { return rooms.OpenDoors{} }),
	by(`passe à l'antenne`, func([]string) rooms.Command { return rooms.GoOnAir{} }),
	by(`fait une pause`, func([]string) rooms.Command { return rooms.Pause{} }),
	by(`reprend la séance`, func([]string) rooms.Command { return rooms.Resume{} }),
	by(`termine la séance`, func([]string) rooms.Command { return rooms.End{} }),
	by(`reprend l'antenne ici`, func([]string) rooms.Command { return rooms.TakeAir{} }),
	by(`publie (.+)`, func(m []string) rooms.Command { return rooms.SourceUp{Slots: slotsOf(m[1])} }),
	by(`ne publie plus (.+)`, func(m []string) rooms.Command { return rooms.SourceDown{Slots: slotsOf(m[1])} }),
	by(`demande (q\d+) `+quoted+`(?: pour `+quoted+`)?`, func(m []string) rooms.Command {
		return rooms.Ask{Question: question(m[1]), Text: m[2], Label: m[3]}
	}),
	by(`relaie (q\d+)`, func(m []string) rooms.Command { return rooms.Relay{Question: question(m[1])} }),
	by(`reformule (q\d+) `+quoted, func(m []string) rooms.Command {
		return rooms.Rephrase{Question: question(m[1]), Text: m[2]}
	}),
	by(`retire (q\d+)`, func(m []string) rooms.Command { return rooms.Withdraw{Question: question(m[1])} }),
	by(`retient (q\d+)`, func(m []string) rooms.Command { return rooms.Approve{Question: question(m[1])} }),
	by(`prend (q\d+)`, func(m []string) rooms.Command { return rooms.Take{Question: question(m[1])} }),
	by(`répond à (q\d+)(?: `+quoted+`)?`, func(m []string) rooms.Command {
		return rooms.Answer{Question: question(m[1]), Text: m[2]}
	}),
	by(`garde (q\d+) pour après`, func(m []string) rooms.Command { return rooms.Later{Question: question(m[1])} }),
	by(`écarte (q\d+), motif ([a-z-]+)`, func(m []string) rooms.Command {
		return rooms.Decline{Question: question(m[1]), Reason: rooms.Reason(m[2])}
	}),
	by(`regroupe (q\d+) avec (q\d+)`, func(m []string) rooms.Command {
		return rooms.Merge{Question: question(m[1]), Into: question(m[2])}
	}),
	by(`rouvre (q\d+)`, func(m []string) rooms.Command { return rooms.Reopen{Question: question(m[1])} }),
}

func (p *play) act(line string) { p.say(line, acts) }

// lookAtClock does what the server's clock does: what is due, and nothing where nothing is.
func (p *play) lookAtClock(m []string) {
	due, again := p.room.Due(p.moment())
	if due == nil {
		p.pending = &outcome{line: p.line, said: m[0]}
		return
	}
	p.do(house, due, m[0])
	still, next := p.room.Due(p.moment())
	forgotten := !again.IsZero() && (next.IsZero() || next.After(again)) // it may bring a nearer one of its own
	if still != nil || forgotten || !next.IsZero() && !next.After(p.now) {
		p.errorf("after what was due, %v is still due, next %v, %v before", still, next, again)
	}
}

var slotNames = map[string]string{"voix": "voice", "caméra": "camera", "diapositives": "slides"}

func slotsOf(list string) []string {
	var all []string
	for _, name := range regexp.MustCompile(`, | et `).Split(list, -1) {
		slot, ok := slotNames[name]
		if !ok {
			slot = name
		}
		all = append(all, slot)
	}
	return all
}

func hashOf(name string) string {
	return fmt.Sprintf("%064x", []byte(name))
}

var stateNames = map[rooms.QuestionState]string{
	rooms.Asked: "dans la salle", rooms.Relayed: "à trier", rooms.Approved: "retenue", rooms.QuestionOnAir: "à l'antenne",
	rooms.Answered: "répondue", rooms.AnsweredLater: "après la séance", rooms.Declined: "écartée", rooms.MergedQuestion: "regroupée",
}

var roomStates = map[rooms.State]string{
	rooms.Scheduled: "annoncée", rooms.DoorsOpen: "portes ouvertes", rooms.OnAir: "à l'antenne", rooms.Paused: "en pause", rooms.Ended: "terminée",
}

// expectations are the lines under an act.
var expectations = []rule{
	sentence(`refusé : ([a-z-]+)`, func(p *play, m []string) {
		refusal, ok := p.pending.err.(*rooms.Refusal)
		p.pending.told = true
		if !ok || refusal.Code != m[1] {
			p.errorf("not refused so, but: %v (%d events)", p.pending.err, p.pending.events)
		}
	}),
	sentence(`rien de neuf`, func(p *play, m []string) {
		p.pending.told = true
		if p.pending.err != nil || p.pending.events != 0 {
			p.errorf("brought %d events, %v", p.pending.events, p.pending.err)
		}
	}),
	sentence(`la séance est (.+)`, func(p *play, m []string) { p.same(roomStates[p.room.State()], m[1]) }),
	sentence(`(q\d+) est lue par (.+)`, func(p *play, m []string) { p.same(p.readers(m[1]), strings.Join(split(m[2]), ", ")) }),
	sentence(`(\S+) lit (q\d+) : (.+)`, func(p *play, m []string) { p.same(p.reads(m[1], m[2]), m[3]) }),
	sentence(`le mur est vide`, func(p *play, _ []string) { p.same(p.wall(), "") }),
	sentence(`le mur montre (.+)`, func(p *play, m []string) { p.same(p.wall(), m[1]) }),
	sentence(`l'antenne est libre`, func(p *play, _ []string) { p.same(p.air(), "") }),
	sentence(`l'antenne est à (.+)`, func(p *play, m []string) { p.same(p.air(), m[1]) }),
	sentence(`(\S+) voit les salles (.+)`, func(p *play, m []string) { p.same(p.sites(m[1]), strings.Join(split(m[2]), ", ")) }),
}

func (p *play) expect(line string) {
	if p.pending == nil {
		p.fatalf("nothing happened before this line")
	}
	p.say(line, expectations)
}

func (p *play) same(got, want string) {
	p.t.Helper()
	if got != want {
		p.errorf("got  %s\n\twant %s", got, want)
	}
}

func (p *play) readers(q string) string {
	var all []string
	for name, who := range p.people {
		if _, ok := p.room.View(who)["question/"+string(question(q))]; ok {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// reads is a question in words, with all that this reader gets of it.
func (p *play) reads(name, q string) string {
	e, ok := p.room.View(p.person(name))["question/"+string(question(q))].(rooms.QuestionEntity)
	if !ok {
		return "rien"
	}
	out := stateNames[e.State]
	add := func(when bool, format string, args ...any) {
		if when {
			out += fmt.Sprintf(format, args...)
		}
	}
	add(e.Erased, ", effacée")
	add(!e.Erased, ` "%s"`, e.Text)
	add(e.SiteName != "", ", de %s", e.SiteName)
	add(e.Label != "", `, pour "%s"`, e.Label)
	add(e.Mine, ", la sienne")
	add(e.Why != "", ", montée seule (%s)", e.Why)
	add(e.Ahead != nil, ", %d devant", deref(e.Ahead))
	add(e.Reason != "", ", motif %s", e.Reason)
	add(e.Answer != "", `, réponse "%s"`, e.Answer)
	add(e.Original != "", `, d'abord "%s"`, e.Original)
	add(e.Into != "", ", avec %s", short(e.Into))
	for _, m := range e.Merged {
		add(true, ", réunit %s de %s", short(m.ID), m.SiteName)
	}
	return out
}

func deref(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}

// wall is the card, which must be the same for everybody.
func (p *play) wall() string {
	card := p.room.View(rooms.Actor{Role: rooms.Viewer, Room: "cuisine"})["card"]
	for name, who := range p.people {
		if got := p.room.View(who)["card"]; got != card {
			p.errorf("%s sees another card: %v", name, got)
		}
	}
	c, ok := card.(rooms.CardEntity)
	if !ok {
		return ""
	}
	out := fmt.Sprintf(`%s "%s"`, short(c.Question), c.Text)
	if c.From == "home" {
		out += ", à la maison"
	}
	if c.SiteName != "" {
		out += ", " + c.SiteName + " (" + c.Town + ")"
	}
	return out
}

func (p *play) air() string {
	e := p.room.View(rooms.Actor{Role: rooms.Coordinator, Room: "cuisine"})["air"].(rooms.AirEntity)
	if !e.Held {
		return ""
	}
	out := strings.TrimPrefix(string(e.Device), "appareil-")
	for _, slot := range e.Up {
		for name, s := range slotNames {
			if s == slot {
				out += ", " + name
			}
		}
	}
	if e.LostAt != nil {
		out += ", sans image ni son depuis " + e.LostAt.Format("15:04:05")
	}
	return out
}

func (p *play) sites(name string) string {
	var all []string
	for key, e := range p.room.View(p.person(name)) {
		if strings.HasPrefix(key, "site/") {
			all = append(all, string(e.(rooms.SiteEntity).ID))
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

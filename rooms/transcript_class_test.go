package rooms_test

import (
	"fmt"
	"slices"
	"strings"

	"antenne/rooms"
)

// This file is the part of the little language about the life of the class: sites, exercise, rundown, set, posts.

var (
	paceNames    = map[string]rooms.Pace{"on suit": rooms.Following, "plus lentement": rooms.Slower, "on est bloqués": rooms.Stuck}
	troubleNames = map[string]rooms.Trouble{"aucun problème": rooms.NoTrouble, "pas de son": rooms.NoSound, "pas d'image": rooms.NoPicture}
	reportNames  = map[string]rooms.Report{"fini": rooms.ReportDone, "encore": rooms.ReportMore, "rien": rooms.ReportNone}
	cameraNames  = map[string]rooms.Camera{"principale": rooms.CameraMain, "mains": rooms.CameraHands}
)

// valueOf is what a name of the transcript stands for; a name that stands for nothing is tried as it is.
func valueOf[V ~string](names map[string]V, name string) V {
	if v, ok := names[name]; ok {
		return v
	}
	return V(name)
}

func nameOf[V comparable](names map[string]V, value V) string {
	for name, v := range names {
		if v == value {
			return name
		}
	}
	return fmt.Sprint(value)
}

// lines turns the « / » of a transcript into line breaks.
func lines(s string) string { return strings.ReplaceAll(s, " / ", "\n") }

func init() {
	roleNames["téléphone"], roleNames["sous-titrage"] = rooms.Phone, rooms.Captioner
	declarations = append(declarations, classPeople...)
	acts = append(acts, slices.Concat(siteActs, exerciseActs, studioActs, postActs)...)
	expectations = append(expectations, classExpectations...)
}

var classPeople = []rule{
	sentence(`(\S+) est le téléphone de (\S+)`, func(p *play, m []string) {
		who := p.newcomer(m[1], "téléphone", "")
		who.Of = p.person(m[2]).Link
		p.people[m[1]] = who
	}),
	sentence(`(\S+) sous-titre la séance`, func(p *play, m []string) { p.newcomer(m[1], "sous-titrage", "") }),
}

var siteActs = []rule{
	by(`dit : (.+)`, func(m []string) rooms.Command { return rooms.SetPace{Pace: valueOf(paceNames, m[1])} }),
	by(`signale : (.+)`, func(m []string) rooms.Command { return rooms.SetTrouble{Trouble: valueOf(troubleNames, m[1])} }),
	by(`compte (\S+) personnes`, func(m []string) rooms.Command { return rooms.CountPeople{People: m[1]} }),
	by(`a entendu le son`, func([]string) rooms.Command { return rooms.CheckSound{} }),
	by(`a vu la salle ([a-z-]+)`, func(m []string) rooms.Command { return rooms.SeePace{Site: rooms.SiteID(m[1])} }),
	by(`a vu ceux qui disent (.+)`, func(m []string) rooms.Command { return rooms.SeePace{Pace: valueOf(paceNames, m[1])} }),
	by(`suspend les questions de ([a-z-]+)`, func(m []string) rooms.Command { return rooms.SuspendSite{Site: rooms.SiteID(m[1])} }),
	by(`rouvre les questions de ([a-z-]+)`, func(m []string) rooms.Command { return rooms.AllowSite{Site: rooms.SiteID(m[1])} }),
	by(`veut demander (q\d+)(?: pour `+quoted+`)?`, func(m []string) rooms.Command {
		return rooms.Ask{Question: question(m[1]), Label: m[2]}
	}),
	by(`répond à tous à (q\d+)(?: `+quoted+`)?`, func(m []string) rooms.Command {
		return rooms.Answer{Question: question(m[1]), Text: m[2], To: rooms.ToAll}
	}),
	by(`répond on-ne-sait-à-qui à (q\d+)`, func(m []string) rooms.Command {
		return rooms.Answer{Question: question(m[1]), Text: "?", To: "them"}
	}),
}

var exerciseActs = []rule{
	by(`lance l'exercice `+quoted+` pour (\S+) minutes`, func(m []string) rooms.Command {
		return rooms.StartExercise{Instruction: m[1], Minutes: m[2]}
	}),
	by(`donne (\S+) minutes de plus`, func(m []string) rooms.Command { return rooms.ExtendExercise{Minutes: m[1]} }),
	by(`termine l'exercice`, func([]string) rooms.Command { return rooms.EndExercise{} }),
	by(`rapporte : (.+)`, func(m []string) rooms.Command { return rooms.ReportExercise{Report: valueOf(reportNames, m[1])} }),
	by(`parle`, func([]string) rooms.Command { return rooms.Speak{} }),
	by(`se tait`, func([]string) rooms.Command { return rooms.Hush{} }),
}

var studioActs = []rule{
	by(`écrit le déroulé :(.*)`, func(m []string) rooms.Command { return rooms.SetRundown{Steps: lines(m[1])} }),
	by(`passe à l'étape (\S+)`, func(m []string) rooms.Command { return rooms.StartStep{Step: m[1]} }),
	sentence(`la maison range la fiche (\S+) `+quoted, func(p *play, m []string) {
		p.do(house, rooms.SetSheet{Sheet: rooms.SheetID(m[1]), Title: m[2], Type: "application/pdf", Size: 2000}, m[0])
	}),
	sentence(`la maison retire la fiche`, func(p *play, m []string) { p.do(house, rooms.DropSheet{}, m[0]) }),
	by(`change le titre en `+quoted, func(m []string) rooms.Command { return rooms.EditRoom{Title: &m[1]} }),
	by(`change le matériel en `+quoted, func(m []string) rooms.Command { return rooms.EditRoom{Needs: &m[1]} }),
	by(`change le crédit en `+quoted, func(m []string) rooms.Command { return rooms.EditRoom{Credit: &m[1]} }),
	by(`fait une pause, carton (\S+)`, func(m []string) rooms.Command { return rooms.Pause{Slate: rooms.Slate(m[1])} }),
	by(`montre le bandeau `+quoted+`(?:, `+quoted+`)?`, func(m []string) rooms.Command { return rooms.ShowStrip{Title: m[1], Text: m[2]} }),
	by(`cache le bandeau`, func([]string) rooms.Command { return rooms.HideStrip{} }),
	by(`choisit la caméra (\S+)`, func(m []string) rooms.Command { return rooms.SelectCamera{Camera: valueOf(cameraNames, m[1])} }),
	by(`annonce `+quoted, func(m []string) rooms.Command { return rooms.Announce{Text: m[1]} }),
	by(`sous-titre `+quoted+`(?: en (\S+))?`, func(m []string) rooms.Command { return rooms.Caption{Text: m[1], Lang: m[2]} }),
	sentence(`la maison efface les sous-titres`, func(p *play, m []string) { p.do(house, rooms.EraseCaptions{}, m[0]) }),
}

var postActs = []rule{
	sentence(`la maison ouvre les postes de ([a-z-]+) avec (\S+)(?: à la place de (\S+))?`, func(p *play, m []string) {
		p.do(house, rooms.OpenPosts{Site: rooms.SiteID(m[1]), Code: m[2], Instead: m[3]}, m[0])
	}),
	by(`se dit perdue`, func([]string) rooms.Command { return rooms.SayLost{Lost: "yes"} }),
	by(`n'est plus perdue`, func([]string) rooms.Command { return rooms.SayLost{Lost: "no"} }),
	sentence(`(\S+) va au poste de (\S+)`, func(p *play, m []string) {
		p.do(p.person(m[1]), rooms.AttendPost{Post: p.person(m[2]).Link}, m[0])
	}),
}

// reading is the rule of « somebody reads something: words ».
func reading(what string, reads func(p *play, name string) string) rule {
	return sentence(`(\S+) lit `+what+` : (.+)`, func(p *play, m []string) { p.same(reads(p, m[1]), m[2]) })
}

var classExpectations = []rule{
	sentence(`(\S+) lit la salle ([a-z-]+) : (.+)`, func(p *play, m []string) { p.same(p.readsSite(m[1], m[2]), m[3]) }),
	reading(`l'exercice`, (*play).readsExercise),
	reading(`le déroulé`, (*play).readsRundown),
	reading(`la fiche`, (*play).readsSheet),
	reading(`la séance`, (*play).readsRoom),
	reading(`le bandeau`, (*play).readsStrip),
	reading(`le sous-titre`, (*play).readsCaption),
	reading(`l'annonce`, (*play).readsAnnouncement),
	reading(`les postes`, (*play).readsPosts),
	sentence(`l'annonce est lue par (.+)`, func(p *play, m []string) { p.same(p.readersOf("announcement"), strings.Join(split(m[1]), ", ")) }),
	sentence(`la réponse à (q\d+) est lue par (.+)`, func(p *play, m []string) {
		p.same(p.readersOf("reply/"+string(question(m[1]))), strings.Join(split(m[2]), ", "))
	}),
	sentence(`(\S+) lit la réponse à (q\d+) : (.+)`, func(p *play, m []string) { p.same(p.readsReply(m[1], m[2]), m[3]) }),
	sentence(`(\S+) sait que le dernier geste sur (q\d+) est de (.+)`, func(p *play, m []string) { p.same(p.lastHand(m[1], m[2]), m[3]) }),
	sentence(`le mur dit seulement que quelqu'un veut demander (q\d+), (.+)`, func(p *play, m []string) {
		p.same(p.wall(), m[1]+` "", `+m[2])
		if c, _ := p.room.View(rooms.Actor{Role: rooms.Screen, Room: "cuisine"})["card"].(rooms.CardEntity); !c.Wordless {
			p.errorf("the card does not say that nothing was written")
		}
	}),
}

// entity is one entity as somebody sees it; ok is false when it is not there.
func entity[E any](p *play, name, key string) (e E, ok bool) {
	e, ok = p.room.View(p.person(name))[key].(E)
	return e, ok
}

// told is a list of what is so.
type told []string

func (l *told) add(when bool, format string, args ...any) {
	if when {
		*l = append(*l, fmt.Sprintf(format, args...))
	}
}

func (l told) String() string {
	if len(l) == 0 {
		return "rien"
	}
	return strings.Join(l, ", ")
}

var seers = map[rooms.Role]string{rooms.Mediator: "la médiation", rooms.Moderator: "la régie"}

func (p *play) readsSite(name, id string) string {
	e, ok := entity[rooms.SiteEntity](p, name, "site/"+id)
	if !ok {
		return "pas du tout"
	}
	var l told
	l.add(e.Came, "venue")
	l.add(e.Screen, "écran prêt")
	l.add(e.Sound, "son vérifié")
	if e.People != nil {
		l.add(true, "%d personnes", *e.People)
	}
	if e.Pace != "" {
		l.add(true, "%s depuis %s (dit à %s)", nameOf(paceNames, e.Pace), e.PaceAt.Format("15:04"), e.PaceSaidAt.Format("15:04"))
	}
	if e.SeenAt != nil {
		l.add(true, "vu à %s par %s", e.SeenAt.Format("15:04"), seers[e.SeenBy])
	}
	if e.Trouble != "" {
		l.add(true, "%s depuis %s", nameOf(troubleNames, e.Trouble), e.TroubleAt.Format("15:04"))
	}
	l.add(e.Report != "", "exercice : %s", nameOf(reportNames, e.Report))
	l.add(e.Suspended, "questions suspendues")
	return l.String()
}

func (p *play) readsExercise(name string) string {
	e, ok := entity[rooms.ExerciseEntity](p, name, "exercise")
	if !ok {
		return "rien"
	}
	l := told{fmt.Sprintf("n° %d", e.Number), `"` + e.Instruction + `"`, "jusqu'à " + e.Until.Format("15:04:05")}
	if e.EndedAt != nil {
		l.add(true, "terminé à %s", e.EndedAt.Format("15:04:05"))
	}
	l.add(e.Speaking, "on parle")
	if e.Of != nil {
		l.add(true, "%d fini, %d encore, sur %d", *e.Done, *e.More, *e.Of)
	}
	return l.String()
}

func (p *play) readsRundown(name string) string {
	e, _ := entity[rooms.RundownEntity](p, name, "rundown")
	var l told
	for i, s := range e.Steps {
		step := fmt.Sprintf("%d min %s", s.Minutes, s.Title)
		if s.Detail != "" {
			step += " | " + s.Detail
		}
		if i+1 == e.Current {
			step += fmt.Sprintf(" (en cours depuis %s)", e.Since.Format("15:04"))
		}
		l.add(true, "%s", step)
	}
	return l.String()
}

func (p *play) readsSheet(name string) string {
	e, _ := entity[rooms.RundownEntity](p, name, "rundown")
	if e.Sheet == nil {
		return "rien"
	}
	return fmt.Sprintf(`"%s" à %s`, e.Sheet.Title, e.Sheet.URL)
}

func (p *play) readsRoom(name string) string {
	e, _ := entity[rooms.RoomEntity](p, name, "room")
	l := told{`"` + e.Title + `"`, `il faut "` + e.Needs + `"`}
	l.add(e.Credit != "", `crédit "%s"`, e.Credit)
	l.add(e.Slate != "", "carton %s depuis %s", e.Slate, e.StateAt.Format("15:04"))
	l.add(e.Camera == rooms.CameraHands, "caméra mains")
	return l.String()
}

func (p *play) readsStrip(name string) string {
	e, _ := entity[rooms.StripEntity](p, name, "strip")
	var l told
	l.add(e.Title != "", `"%s"`, e.Title)
	l.add(e.Text != "", `"%s"`, e.Text)
	return l.String()
}

func (p *play) readsCaption(name string) string {
	e, _ := entity[rooms.CaptionEntity](p, name, "caption")
	var l told
	l.add(e.Text != "", `"%s"`, e.Text)
	l.add(e.Lang != "", "en %s", e.Lang)
	return l.String()
}

func (p *play) readsAnnouncement(name string) string {
	e, ok := entity[rooms.AnnouncementEntity](p, name, "announcement")
	if !ok {
		return "rien"
	}
	return fmt.Sprintf(`n° %d "%s", de %s`, e.Number, e.Text, e.By.Role)
}

func (p *play) readsReply(name, q string) string {
	e, ok := entity[rooms.ReplyEntity](p, name, "reply/"+string(question(q)))
	if !ok {
		return "rien"
	}
	l := told{fmt.Sprintf(`"%s"`, e.Text), fmt.Sprintf(`réponse "%s"`, e.Answer)}
	l.add(e.SiteName != "", "de %s", e.SiteName)
	return l.String()
}

func (p *play) readsPosts(name string) string {
	v := p.room.View(p.person(name))
	var l told
	if e, ok := v["posts"].(rooms.PostsEntity); ok {
		l.add(true, "code %s", e.Code)
	}
	for _, e := range postsOf(v) {
		state := "bien"
		if e.LostAt != nil {
			state = "perdue depuis " + e.LostAt.Format("15:04")
		}
		l.add(true, "%s %s", e.Label, state)
	}
	return l.String()
}

func postsOf(v rooms.View) []rooms.PostEntity {
	var all []rooms.PostEntity
	for _, e := range v {
		if e, ok := e.(rooms.PostEntity); ok {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b rooms.PostEntity) int { return strings.Compare(a.Label, b.Label) })
	return all
}

func (p *play) lastHand(name, q string) string {
	e, _ := entity[rooms.QuestionEntity](p, name, "question/"+string(question(q)))
	if e.By == nil {
		return "personne"
	}
	return strings.TrimSpace(string(e.By.Role) + " " + e.By.Name)
}

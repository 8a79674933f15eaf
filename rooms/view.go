package rooms

import (
	"reflect"
	"slices"
	"time"
)

// View is what one actor may see of a room: JSON-able entities by key.
//
//	room            RoomEntity
//	you             YouEntity
//	air             AirEntity
//	site/{id}       SiteEntity
//	card            CardEntity, while a question is on air
//	question/{id}   QuestionEntity
//	reply/{id}      ReplyEntity, of a question
//	exercise        ExerciseEntity, while it runs and some minutes after
//	rundown         RundownEntity
//	strip           StripEntity, while it is shown
//	caption         CaptionEntity
//	announcement    AnnouncementEntity, for those who work
//	post/{link}     PostEntity, and posts, a PostsEntity, for the site's animators
//
// and what the floor brings: see floor_entity.go.
//
// A View is its reader's own: the room never changes one that it has given out. Nothing else of a room leaves for a
// browser, so everything that must not be seen is left out here and nowhere later.
type View map[string]any

// View shows the room to an actor.
func (r *Room) View(who Actor) View {
	v := r.Look(who).View()
	v["you"] = r.You(who)
	return v
}

// viewFew adds what there is little of, or little of for one reader: all but sites, questions and replies.
func (r *Room) viewFew(who Actor, v View) {
	v["room"], v["air"] = r.roomEntity(), r.airEntity(who)
	if q := r.questions[r.onAir]; q != nil && r.state != Ended {
		v["card"] = r.cardEntity(q)
	}
	for _, p := range parts {
		if p.view != nil {
			p.view(r, who, v)
		}
	}
}

// oversees tells who may see all sites and who holds the air.
func oversees(role Role) bool {
	return role == Mediator || role == Moderator || role == Coordinator || role == Phone
}

// triages tells who sorts what the sites send.
func triages(role Role) bool { return role == Mediator || role == Moderator || role == Phone }

// inSight narrows the questions to look at, so that a home does not cost a walk through everybody's.
func (r *Room) inSight(who Actor) []QuestionID {
	switch who.Role {
	case Viewer, Post:
		return r.byAsker[who.asker()]
	case Animator, Mediator, Moderator, Phone:
		return r.order
	}
	return nil
}

// sees is who may read a question: its asker, its site's animators, and once it has left its site those who triage.
func sees(who Actor, q *question) bool {
	if q.state == Withdrawn {
		return false
	}
	switch who.Role {
	case Viewer, Post:
		return mine(who, q)
	case Animator:
		return q.site != "" && q.site == who.Site
	}
	return triages(who.Role) && q.raised
}

func mine(who Actor, q *question) bool { return q.asker != "" && q.asker == who.asker() }

func (r *Room) roomEntity() RoomEntity {
	e := RoomEntity{
		ID: r.id, Title: r.title, At: r.startsAt, State: r.state, Audience: r.audience, Needs: r.needs,
		Mediator: r.mediator, OnAirOnPublish: r.onAirOnPublish, StateAt: r.stateAt,
		StartedAt: moment(r.startedAt), Credit: r.credit, Camera: r.Camera(),
	}
	switch r.state {
	case Paused:
		e.PausedAt, e.Slate = moment(r.stateAt), r.slate.orPause()
	case Ended:
		e.EndedAt = moment(r.stateAt)
	}
	return e
}

// moment is t, or nothing for the zero time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// You tells an actor who it is here: the one entity that those who see alike do not share.
func (r *Room) You(who Actor) YouEntity {
	s, _ := r.site(who.Site)
	e := YouEntity{Role: who.Role, Site: s.ID, SiteName: s.Name, Town: s.Town, Name: who.Name}
	switch who.Role {
	case Mediator:
		e.Link, e.Device = who.Link, who.Device
	case Moderator, Animator, Guest, Phone:
		e.Link = who.Link
	case Post:
		e.Link, e.Lost, e.HelpedAt = who.Link, !r.posts.lost[who.Link].IsZero(), r.posts.helped[who.Link]
	}
	return e
}

func (r *Room) airEntity(who Actor) AirEntity {
	e := AirEntity{Held: r.air.held, Up: append([]string{}, r.air.up...)}
	if oversees(who.Role) {
		e.Device, e.Link, e.LostAt = r.air.device, r.air.link, moment(r.air.lostAt)
	}
	return e
}

// cardEntity is for the walls: a place, never a person.
func (r *Room) cardEntity(q *question) CardEntity {
	s, _ := r.site(q.site)
	from := "site"
	if q.from == FromHome {
		from = "home"
	}
	return CardEntity{Question: q.id, Text: q.text, Site: s.ID, SiteName: s.Name, Town: s.Town, From: from, Since: q.stateAt, Wordless: q.wordless}
}

func (r *Room) questionEntity(who Actor, q *question) QuestionEntity {
	s, _ := r.site(q.site)
	e := QuestionEntity{
		ID: q.id, Text: q.text, Site: s.ID, SiteName: s.Name, Town: s.Town, From: q.from, Mine: mine(who, q),
		AskedAt: q.askedAt, Why: q.why, Into: q.into, Erased: q.erased, Wordless: q.wordless,
	}
	if triages(who.Role) {
		by := r.byEntity(q.by)
		e.By = &by
		e.fate(q)
		e.Merged = r.mergedEntities(q)
	} else {
		e.fate(r.root(q))
		e.Label = q.label
	}
	if who.Role == Animator {
		e.Original = q.original
	}
	if who.Role == Post {
		e.Reason = "" // others read that screen: the animator says why
	}
	if e.State == Approved && q.promised {
		ahead := q.ahead
		e.Ahead = &ahead
	}
	return e
}

// fate copies what has become of q: for the asker and the desk of a merged question, of the one it joined.
func (e *QuestionEntity) fate(q *question) {
	e.State, e.StateAt, e.Reason, e.Answer = q.state, q.stateAt, q.reason, q.answer
}

func (r *Room) mergedEntities(q *question) []MergedQuestionEntity {
	var all []MergedQuestionEntity
	for _, id := range q.merged {
		m := r.questions[id]
		s, _ := r.site(m.site)
		all = append(all, MergedQuestionEntity{ID: id, Site: s.ID, SiteName: s.Name})
	}
	return all
}

// readsReplies tells who reads what was answered in writing for all.
func readsReplies(role Role) bool {
	switch role {
	case Animator, Post, Viewer, Mediator, Moderator, Phone:
		return true
	}
	return false
}

func (r *Room) replyEntity(q *question) ReplyEntity {
	s, _ := r.site(q.site)
	return ReplyEntity{Question: q.id, Text: q.text, Wordless: q.wordless, Answer: q.answer, SiteName: s.Name, At: q.stateAt}
}

// Diff tells what brings a reader from one view to the next: entities to set, and keys that are gone, sorted.
// Both are empty when nothing changed for this reader.
func Diff(before, after View) (set View, gone []string) {
	set = View{}
	for key, entity := range after {
		if old, ok := before[key]; !ok || !reflect.DeepEqual(old, entity) {
			set[key] = entity
		}
	}
	for key := range before {
		if _, ok := after[key]; !ok {
			gone = append(gone, key)
		}
	}
	slices.Sort(gone)
	return set, gone
}

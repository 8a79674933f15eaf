package rooms

import (
	"maps"
	"reflect"
	"slices"
)

// Glance is what one reader was last shown, "you" left out: see You. Looking again costs what has changed, and not all there is: a room
// has thousands of questions and as many readers. Whoever owns the Room owns it.
type Glance struct {
	who  Actor
	few  View // made anew each time
	many View // sites, questions and replies: made anew where News says so
}

// View is what the reader was shown: a copy.
func (g *Glance) View() View {
	v := maps.Clone(g.many)
	maps.Copy(v, g.few)
	return v
}

// Clone is a Glance of another reader who was shown the same.
func (g *Glance) Clone(who Actor) *Glance {
	return &Glance{who: who, few: maps.Clone(g.few), many: maps.Clone(g.many)}
}

// News is what events have touched, of the entities that are many.
type News struct {
	all       bool // names that any of them may hold
	sites     map[SiteID]bool
	questions map[QuestionID]bool
	replies   map[QuestionID]bool
}

func newNews() News {
	return News{sites: map[SiteID]bool{}, questions: map[QuestionID]bool{}, replies: map[QuestionID]bool{}}
}

// News tells what events have touched since the last call. Every Glance must then look again, with the same News.
func (r *Room) News() News {
	n := r.news
	r.news = newNews()
	return n
}

// Look shows the room to an actor for the first time.
func (r *Room) Look(who Actor) *Glance {
	g := &Glance{who: who, few: View{}, many: r.seenMany(who)}
	r.viewFew(who, g.few)
	return g
}

// LookAgain brings a Glance up to date and tells what that changed, as Diff does.
func (r *Room) LookAgain(g *Glance, n News) (set View, gone []string) {
	few := View{}
	r.viewFew(g.who, few)
	set, gone = Diff(g.few, few)
	g.few = few
	for key, now := range r.touched(g, n) {
		old, had := g.many[key]
		switch {
		case now == nil && had:
			delete(g.many, key)
			gone = append(gone, key)
		case now != nil && (!had || !reflect.DeepEqual(old, now)):
			g.many[key], set[key] = now, now
		}
	}
	slices.Sort(gone)
	return set, gone
}

// seenMany is all that who may see of what is many.
func (r *Room) seenMany(who Actor) View {
	v := View{}
	for i := range r.sites {
		if s := &r.sites[i]; oversees(who.Role) || s.id == who.Site {
			v[siteKey(s.id)] = r.siteEntity(who, s)
		}
	}
	for _, id := range r.inSight(who) {
		if q := r.questions[id]; sees(who, q) {
			v[questionKey(id)] = r.questionEntity(who, q)
		}
	}
	if readsReplies(who.Role) {
		for _, id := range r.replied {
			v[replyKey(id)] = r.replyEntity(r.questions[id])
		}
	}
	return v
}

// touched is what a reader may see now of what News speaks of; nil for what it does not see, or sees no more.
func (r *Room) touched(g *Glance, n News) View {
	if n.all {
		v := r.seenMany(g.who)
		for key := range g.many {
			if _, still := v[key]; !still {
				v[key] = nil
			}
		}
		return v
	}
	v := View{}
	r.touchedSites(g.who, n, v)
	for _, id := range r.touchedQuestions(g.who, n) {
		v[questionKey(id)] = nil
		if q := r.questions[id]; sees(g.who, q) {
			v[questionKey(id)] = r.questionEntity(g.who, q)
		}
	}
	if readsReplies(g.who.Role) {
		for id := range n.replies {
			v[replyKey(id)] = nil
			if q := r.questions[id]; q.repliesToAll() {
				v[replyKey(id)] = r.replyEntity(q)
			}
		}
	}
	return v
}

func (r *Room) touchedSites(who Actor, n News, v View) {
	if oversees(who.Role) {
		for id := range n.sites {
			v[siteKey(id)] = r.siteEntity(who, r.place(id))
		}
	} else if n.sites[who.Site] {
		v[siteKey(who.Site)] = r.siteEntity(who, r.place(who.Site))
	}
}

// touchedQuestions are those that who may see, or may have seen: by its role that is every one, those of its site, or its own.
func (r *Room) touchedQuestions(who Actor, n News) []QuestionID {
	var ids []QuestionID
	switch {
	case len(n.questions) == 0:
	case who.Role == Viewer || who.Role == Post:
		for _, id := range r.byAsker[who.asker()] {
			if n.questions[id] {
				ids = append(ids, id)
			}
		}
	case who.Role == Animator:
		for id := range n.questions {
			if r.questions[id].site == who.Site {
				ids = append(ids, id)
			}
		}
	case triages(who.Role):
		ids = slices.Collect(maps.Keys(n.questions))
	}
	return ids
}

func siteKey(id SiteID) string         { return "site/" + string(id) }
func questionKey(id QuestionID) string { return "question/" + string(id) }
func replyKey(id QuestionID) string    { return "reply/" + string(id) }

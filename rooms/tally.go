package rooms

import (
	"slices"
	"time"
)

// place is where questions of one kind come from: the desk and the posts of a site, or the homes that come through it.
// Homes that come through none share one.
type place struct {
	site SiteID
	home bool
}

func (q *question) place() place { return place{q.site, q.from == FromHome} }

// tally counts questions as they come and go, so that neither an ask nor a tick walks through all of them.
type tally struct {
	openAt  map[place]int
	openBy  map[AskerID]int // what askers sent themselves; a desk speaks for a whole room and is not counted
	askedBy map[AskerID]int // the same, ever
	homes   int             // ever asked from home

	lastBy map[AskerID][]time.Time // the last MaxRatePerAsker, of those who are counted
	lastAt map[place][]time.Time   // the last of a place, as many as its rate

	waiting []QuestionID // in their site, in the order they came to wait
	queue   []QuestionID // approved, in the order they were
}

func newTally() tally {
	return tally{openAt: map[place]int{}, openBy: map[AskerID]int{}, askedBy: map[AskerID]int{},
		lastBy: map[AskerID][]time.Time{}, lastAt: map[place][]time.Time{}}
}

func (t *tally) asked(q *question) {
	if q.from == FromHome {
		t.homes++
	}
	if q.from != FromDesk {
		t.askedBy[q.asker]++
		t.lastBy[q.asker] = latest(t.lastBy[q.asker], q.askedAt, MaxRatePerAsker)
	}
	at := q.place()
	t.lastAt[at] = latest(t.lastAt[at], q.askedAt, at.rate())
}

// rate is how many questions a place may send in RateWindow.
func (p place) rate() int {
	if p == (place{home: true}) {
		return MaxRateNoPlace
	}
	return MaxRatePerPlace
}

// latest adds a time to a list of n at most, the oldest first. It writes in no list that was there before.
func latest(times []time.Time, at time.Time, n int) []time.Time {
	if len(times) >= n {
		times = times[1:]
	}
	return append(slices.Clone(times), at)
}

// hurries tells whether an asker, or all who ask from its place, have asked as much as a minute takes. A desk speaks for a whole room:
// only its place binds it.
func (t *tally) hurries(asker AskerID, from place, d decision) bool {
	full := func(times []time.Time, n int) bool {
		if len(times) < n {
			return false
		}
		ago := d.at.Now.Sub(times[0])
		return ago >= 0 && ago < RateWindow // a clock that went back holds nobody
	}
	return d.who.Role != Animator && full(t.lastBy[asker], MaxRatePerAsker) || full(t.lastAt[from], from.rate())
}

// opened counts q in (1) or out (-1).
func (t *tally) opened(q *question, n int) {
	add(t.openAt, q.place(), n)
	if q.from != FromDesk {
		add(t.openBy, q.asker, n)
	}
}

func add[K comparable](counts map[K]int, key K, n int) {
	if counts[key] += n; counts[key] == 0 {
		delete(counts, key)
	}
}

// list keeps id in a list, or out of it.
func list(ids []QuestionID, id QuestionID, in bool) []QuestionID {
	switch i := slices.Index(ids, id); {
	case in && i < 0:
		return append(ids, id)
	case !in && i >= 0:
		return slices.Delete(ids, i, i+1)
	}
	return ids
}

// recount brings the tally in step with questions whose state, or whose root's, may have changed.
func (r *Room) recount(changed []QuestionID) {
	for _, id := range changed {
		q := r.questions[id]
		if q == nil {
			continue
		}
		if open := r.open(q); open != q.counted {
			q.counted = open
			r.tally.opened(q, map[bool]int{true: 1, false: -1}[open])
		}
		r.tally.waiting = list(r.tally.waiting, id, q.state == Asked)
		r.tally.queue = list(r.tally.queue, id, q.state == Approved)
		r.recountReply(q)
		r.news.questions[id] = true
	}
}

// recountReply keeps the list of what every site reads.
func (r *Room) recountReply(q *question) {
	was, is := slices.Contains(r.replied, q.id), q.repliesToAll()
	if was || is {
		r.news.replies[q.id] = true
	}
	if was != is {
		r.replied = list(r.replied, q.id, is)
	}
}

// family is a question and those that joined it: what happens to the first happens to all.
func (r *Room) family(id QuestionID) []QuestionID {
	q := r.questions[id]
	if q == nil {
		return nil
	}
	return append([]QuestionID{id}, q.merged...)
}

// concerned lists every question that an event about one of them may open or close. It is asked before the event and after it.
func (r *Room) concerned(id QuestionID) []QuestionID {
	all := append(r.family(id), r.family(r.onAir)...)
	if q := r.questions[id]; q != nil {
		all = append(all, r.family(q.into)...)
	}
	return all
}

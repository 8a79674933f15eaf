package rooms

import (
	"slices"
	"time"
)

// question is one question, as its events have made it.
type question struct {
	id    QuestionID
	asker AskerID
	site  SiteID
	from  From

	text, label, original, answer string // personal; empty once erased
	erased                        bool
	wordless                      bool // somebody wants to ask, and has not said what

	state    QuestionState
	askedAt  time.Time
	stateAt  time.Time
	raised   bool // it has left its site: the régie and the studio see it
	why      Why
	reason   Reason
	toAll    bool         // the written answer is for every site
	by       By           // whose the last act was
	into     QuestionID   // while merged
	merged   []QuestionID // those that joined it
	rank     int          // place in the queue of approved questions; 0 before it had one
	ahead    int          // fewest questions ever shown before it
	promised bool         // ahead was shown
	counted  bool         // the tally counts it as open
}

func (q *question) move(to QuestionState, at time.Time) {
	q.state, q.stateAt = to, at
	if to != Declined {
		q.reason = ""
	}
}

// root is the question that speaks for q: itself, or the one it was merged into. Events of a sound log make no
// chain and no circle; what is not sound must not hang.
func (r *Room) root(q *question) *question {
	for range r.order {
		next := r.questions[q.into]
		if q.state != MergedQuestion || next == nil {
			return q
		}
		q = next
	}
	return q
}

// open tells whether the question still waits for something.
func (r *Room) open(q *question) bool {
	switch r.root(q).state {
	case Asked, Relayed, Approved, QuestionOnAir:
		return true
	}
	return false
}

func (r *Room) applyToQuestion(e Event) bool {
	id := about(e)
	if id == "" {
		return false
	}
	before := r.concerned(id)
	r.changeQuestion(e)
	r.recount(append(before, r.concerned(id)...))
	r.shortenQueue()
	return true
}

func (r *Room) changeQuestion(e Event) {
	if asked, ok := e.(QuestionAsked); ok {
		r.applyAsked(asked)
		return
	}
	q := r.questions[about(e)]
	if q == nil {
		return
	}
	q.by = e.Who()
	switch e := e.(type) {
	case QuestionRephrased:
		q.rephrase(e)
	case QuestionErased:
		q.erase()
	case QuestionWithdrawn:
		r.applyWithdrawn(q, e)
	case QuestionMerged:
		r.applyMerged(q, e)
	default:
		r.applyMove(q, e)
	}
}

// about is the question an event speaks of; "" for none.
func about(e Event) QuestionID {
	switch e := e.(type) {
	case QuestionAsked:
		return e.Question
	case QuestionRelayed:
		return e.Question
	case QuestionRephrased:
		return e.Question
	case QuestionWithdrawn:
		return e.Question
	case QuestionApproved:
		return e.Question
	case QuestionTaken:
		return e.Question
	case QuestionAnswered:
		return e.Question
	case QuestionPostponed:
		return e.Question
	case QuestionDeclined:
		return e.Question
	case QuestionMerged:
		return e.Question
	case QuestionReopened:
		return e.Question
	case QuestionErased:
		return e.Question
	}
	return ""
}

func (r *Room) applyAsked(e QuestionAsked) {
	if r.questions[e.Question] != nil {
		return
	}
	q := &question{
		id: e.Question, asker: e.Asker, site: e.Site, from: e.From, text: e.Text, label: e.Label, wordless: e.Wordless, erased: e.Erased,
		state: Asked, askedAt: e.At, stateAt: e.At, by: e.By,
	}
	r.questions[e.Question] = q
	r.tally.asked(q)
	r.order = append(r.order, e.Question)
	r.byAsker[e.Asker] = append(r.byAsker[e.Asker], e.Question)
}

// applyMove makes the events that only change the state of q.
func (r *Room) applyMove(q *question, e Event) {
	r.leaveState(q)
	switch e := e.(type) {
	case QuestionRelayed:
		q.raised, q.why = true, e.Why
		q.move(Relayed, e.At)
	case QuestionApproved:
		r.queue(q)
		q.move(Approved, e.At)
	case QuestionTaken:
		if last := r.questions[r.onAir]; last != nil {
			last.move(Answered, e.At)
		}
		r.onAir = q.id
		q.move(QuestionOnAir, e.At)
	case QuestionAnswered:
		q.answer, q.toAll = e.Text, e.ToAll
		q.erased = q.erased || e.Erased
		q.move(Answered, e.At)
	case QuestionPostponed:
		q.move(AnsweredLater, e.At)
	case QuestionDeclined:
		q.move(Declined, e.At)
		q.reason = e.Reason
	case QuestionReopened:
		if e.To == Approved {
			r.queue(q)
		}
		q.answer, q.toAll = "", false
		q.move(e.To, e.At)
	}
}

// leaveState undoes what only holds while q is in its state.
func (r *Room) leaveState(q *question) {
	if r.onAir == q.id {
		r.onAir = ""
	}
	if target := r.questions[q.into]; target != nil {
		target.merged = slices.DeleteFunc(slices.Clone(target.merged), func(id QuestionID) bool { return id == q.id })
	}
	q.into = ""
}

func (q *question) rephrase(e QuestionRephrased) {
	if q.original == "" {
		q.original = q.text
	}
	q.text, q.wordless = e.Text, false
	q.erased = q.erased || e.Erased
}

func (q *question) erase() {
	q.text, q.label, q.original, q.answer = "", "", "", ""
	q.erased = true
}

// applyWithdrawn removes q; those that had joined it follow its heir.
func (r *Room) applyWithdrawn(q *question, e QuestionWithdrawn) {
	r.leaveState(q)
	orphans := q.merged
	q.merged = nil
	if heir := r.questions[e.Heir]; heir != nil && slices.Contains(orphans, heir.id) {
		heir.into, heir.state, heir.stateAt, heir.reason, heir.rank = "", q.state, q.stateAt, q.reason, q.rank
		r.join(orphans, heir)
	}
	q.move(Withdrawn, e.At)
}

func (r *Room) applyMerged(q *question, e QuestionMerged) {
	target := r.questions[e.Into]
	if target == nil || r.root(target) == q {
		return
	}
	target = r.root(target)
	r.leaveState(q)
	q.move(MergedQuestion, e.At)
	target.rank = better(target.rank, q.rank)
	followers := q.merged
	q.merged = nil
	r.join(append([]QuestionID{q.id}, followers...), target)
}

// join makes questions follow target; target itself is left out.
func (r *Room) join(ids []QuestionID, target *question) {
	for _, id := range ids {
		if q := r.questions[id]; q != nil && q != target {
			q.into = target.id
			target.merged = append(target.merged, id)
		}
	}
}

// queue gives q a place behind those that were approved before; one that had a place keeps it.
func (r *Room) queue(q *question) {
	if q.rank == 0 {
		r.ranks++
		q.rank = r.ranks
	}
}

// better is the nearer of two places in the queue; 0 is no place.
func better(a, b int) int {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// shortenQueue keeps the promise made to those who wait: the number of questions before theirs never grows,
// whatever is approved, reopened or merged.
func (r *Room) shortenQueue() {
	var queue []*question
	for _, id := range r.tally.queue {
		queue = append(queue, r.questions[id])
	}
	slices.SortStableFunc(queue, func(a, b *question) int { return a.rank - b.rank })
	for before, q := range queue {
		r.promise(q, before)
		for _, id := range q.merged {
			r.promise(r.questions[id], before)
		}
	}
}

func (r *Room) promise(q *question, before int) {
	if !q.promised || before < q.ahead {
		q.ahead, q.promised = before, true
		r.news.questions[q.id] = true
	}
}

// repliesToAll tells whether every site reads the answer.
func (q *question) repliesToAll() bool { return q.toAll && q.state == Answered && q.answer != "" }

package rooms

import "slices"

// on finds the question a command speaks of. One that the actor may not see does not exist for it.
func (r *Room) on(id QuestionID, d decision, rule func(*question, decision) ([]Event, error)) ([]Event, error) {
	q := r.questions[id]
	if q == nil || !d.reaches(q) {
		return nil, refuse("question-unknown")
	}
	return rule(q, d)
}

// reaches tells whether a right reaches as far as q.
func (d decision) reaches(q *question) bool {
	switch d.right {
	case own:
		return q.asker != "" && q.asker == d.who.asker()
	case its:
		return q.site != "" && q.site == d.who.Site
	case yes:
		return d.who.Role == System || q.raised
	}
	return false
}

// wrongState is the answer to a command that comes too early or too late.
func wrongState(q *question) error {
	switch q.state {
	case MergedQuestion:
		return refuse("question-merged")
	case Withdrawn:
		return refuse("question-withdrawn")
	}
	return refuse("question-state", "state", string(q.state))
}

// in accepts q only in one of these states. An animator's hand ends where the régie's begins.
func (d decision) in(q *question, states ...QuestionState) error {
	if d.who.Role == Animator && q.raised && d.right == its {
		return refuse("question-at-control")
	}
	if !slices.Contains(states, q.state) {
		return wrongState(q)
	}
	return nil
}

func (r *Room) decideRelay(q *question, d decision) ([]Event, error) {
	if q.raised && q.state != Withdrawn {
		return nil, nil
	}
	if q.state != Asked {
		return nil, wrongState(q)
	}
	return []Event{QuestionRelayed{Stamp: d.stamp, Question: q.id}}, nil
}

// Once the régie has approved a text, nobody else changes it.
func (r *Room) decideRephrase(q *question, c Rephrase, d decision) ([]Event, error) {
	if err := checkText(c.Text, 1, MaxQuestion, "question"); err != nil {
		return nil, err
	}
	if q.state != Asked && q.state != Relayed {
		return nil, wrongState(q)
	}
	if q.erased {
		return nil, refuse("question-erased")
	}
	if q.text == c.Text {
		return nil, nil
	}
	return []Event{QuestionRephrased{Stamp: d.stamp, Question: q.id, Text: c.Text}}, nil
}

func (r *Room) decideWithdraw(q *question, d decision) ([]Event, error) {
	switch q.state {
	case Withdrawn:
		return nil, nil
	case QuestionOnAir, Answered, Declined:
		return nil, wrongState(q)
	}
	e := QuestionWithdrawn{Stamp: d.stamp, Question: q.id}
	if len(q.merged) > 0 {
		e.Heir = q.merged[0]
	}
	return []Event{e}, nil
}

func (r *Room) decideApprove(q *question, d decision) ([]Event, error) {
	switch q.state {
	case Approved, QuestionOnAir:
		return nil, nil
	case Relayed:
		return []Event{QuestionApproved{Stamp: d.stamp, Question: q.id}}, nil
	}
	return nil, wrongState(q)
}

// decideTake puts a question on air; the one that was there has been answered. Without a moderator, approving
// and taking are one tap.
func (r *Room) decideTake(q *question, d decision) ([]Event, error) {
	var events []Event
	switch {
	case q.state == QuestionOnAir:
		return nil, nil
	case r.state == Ended:
		return nil, refuse("room-ended")
	case q.state == Relayed && d.at.Present.Moderators > 0:
		return nil, refuse("question-not-approved")
	case q.state != Relayed && q.state != Approved:
		return nil, wrongState(q)
	}
	if r.onAir != "" {
		events = append(events, QuestionAnswered{Stamp: d.stamp, Question: r.onAir})
	}
	if q.state == Relayed {
		events = append(events, QuestionApproved{Stamp: d.stamp, Question: q.id})
	}
	return append(events, QuestionTaken{Stamp: d.stamp, Question: q.id}), nil
}

func (r *Room) decideAnswer(q *question, c Answer, d decision) ([]Event, error) {
	if err := checkText(c.Text, 0, MaxAnswer, "answer"); err != nil {
		return nil, err
	}
	if q.state == Answered && (c.Text == "" || c.Text == q.answer) {
		return nil, nil
	}
	if c.Text != "" && q.erased {
		return nil, refuse("question-erased")
	}
	if err := d.in(q, d.closable(Answered)...); err != nil {
		return nil, err
	}
	return []Event{QuestionAnswered{Stamp: d.stamp, Question: q.id, Written: c.Text != "", Text: c.Text}}, nil
}

// closable are the states from which an actor may close a question: those it is responsible for, and the one it
// may still correct.
func (d decision) closable(again QuestionState) []QuestionState {
	if d.who.Role == Animator {
		return []QuestionState{Asked, again}
	}
	return []QuestionState{Relayed, Approved, QuestionOnAir, AnsweredLater, again}
}

func (r *Room) decideLater(q *question, d decision) ([]Event, error) {
	if q.state == AnsweredLater {
		return nil, nil
	}
	if err := d.in(q, Relayed, Approved, QuestionOnAir); err != nil {
		return nil, err
	}
	return []Event{QuestionPostponed{Stamp: d.stamp, Question: q.id}}, nil
}

func (r *Room) decideDecline(q *question, c Decline, d decision) ([]Event, error) {
	if !slices.Contains(Reasons(), c.Reason) {
		return nil, refuse("question-reason", "reason", clip(string(c.Reason)))
	}
	if q.state == Declined && q.reason == c.Reason {
		return nil, nil
	}
	if err := d.in(q, d.closable(Declined)...); err != nil {
		return nil, err
	}
	return []Event{QuestionDeclined{Stamp: d.stamp, Question: q.id, Reason: c.Reason}}, nil
}

// decideMerge makes q follow another question. It never loses by it: what was approved approves the other.
func (r *Room) decideMerge(q *question, c Merge, d decision) ([]Event, error) {
	into := r.questions[c.Into]
	if into == nil || !d.reaches(into) {
		return nil, refuse("question-unknown")
	}
	into = r.root(into)
	if q.state == MergedQuestion && r.root(q) == into {
		return nil, nil
	}
	if into == q {
		return nil, refuse("question-merge-self")
	}
	if err := d.in(q, Relayed, Approved, AnsweredLater); err != nil {
		return nil, err
	}
	if err := d.in(into, Relayed, Approved, QuestionOnAir, Answered, AnsweredLater); err != nil {
		return nil, err
	}
	events := []Event{QuestionMerged{Stamp: d.stamp, Question: q.id, Into: into.id}}
	if q.state == Approved && into.state == Relayed {
		events = append(events, QuestionApproved{Stamp: d.stamp, Question: into.id})
	}
	return events, nil
}

// decideReopen undoes a mistaken tap: back to approved, or to asked where it never left its site.
func (r *Room) decideReopen(q *question, d decision) ([]Event, error) {
	to := Approved
	if !q.raised {
		to = Asked
	}
	if q.state == to {
		return nil, nil
	}
	if err := d.in(q, QuestionOnAir, Answered, AnsweredLater, Declined, MergedQuestion); err != nil {
		return nil, err
	}
	return []Event{QuestionReopened{Stamp: d.stamp, Question: q.id, To: to}}, nil
}

func (r *Room) decideErase(q *question, d decision) ([]Event, error) {
	if q.erased {
		return nil, nil
	}
	return []Event{QuestionErased{Stamp: d.stamp, Question: q.id}}, nil
}

package rooms

import "slices"

// questionPart is the questions, from the asker's page to the answer.
var questionPart = part{
	rights: map[CommandName]rights{
		//                 sys  med  mod  ani  scr  pos  vie  coo  gue  pho  cap
		"erase-question": {yes, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___},
		"ask":            {___, ___, ___, yes, ___, yes, yes, ___, ___, ___, ___},
		"relay":          {___, ___, ___, its, ___, ___, ___, ___, ___, ___, ___},
		"rephrase":       {___, ___, ___, its, ___, ___, ___, ___, ___, ___, ___},
		"withdraw":       {___, ___, ___, its, ___, own, own, ___, ___, ___, ___},
		"approve":        {___, yes, yes, ___, ___, ___, ___, ___, ___, ___, ___},
		"take":           {___, yes, ___, ___, ___, ___, ___, ___, ___, yes, ___},
		"answer":         {___, yes, yes, its, ___, ___, ___, ___, ___, yes, ___},
		"later":          {___, yes, yes, ___, ___, ___, ___, ___, ___, ___, ___},
		"decline":        {___, yes, yes, its, ___, ___, ___, ___, ___, ___, ___},
		"merge":          {___, yes, yes, ___, ___, ___, ___, ___, ___, ___, ___},
		"reopen":         {___, yes, yes, its, ___, ___, ___, ___, ___, ___, ___},
	},
	pages: map[CommandName]pageForm{
		"ask": {[]string{"question"}, []string{"text", "label"}, func(f fields) Command {
			return Ask{Question: f.question(), Text: f["text"], Label: f["label"]}
		}},
		"relay": {[]string{"question"}, nil, func(f fields) Command { return Relay{f.question()} }},
		"rephrase": {[]string{"question", "text"}, nil, func(f fields) Command {
			return Rephrase{Question: f.question(), Text: f["text"]}
		}},
		"withdraw": {[]string{"question"}, nil, func(f fields) Command { return Withdraw{f.question()} }},
		"approve":  {[]string{"question"}, nil, func(f fields) Command { return Approve{f.question()} }},
		"take":     {[]string{"question"}, nil, func(f fields) Command { return Take{f.question()} }},
		"answer": {[]string{"question"}, []string{"text", "to"}, func(f fields) Command {
			return Answer{Question: f.question(), Text: f["text"], To: AnswerTo(f["to"])}
		}},
		"later": {[]string{"question"}, nil, func(f fields) Command { return Later{f.question()} }},
		"decline": {[]string{"question", "reason"}, nil, func(f fields) Command {
			return Decline{Question: f.question(), Reason: Reason(f["reason"])}
		}},
		"merge": {[]string{"question", "into"}, nil, func(f fields) Command {
			return Merge{Question: f.question(), Into: QuestionID(f["into"])}
		}},
		"reopen": {[]string{"question"}, nil, func(f fields) Command { return Reopen{f.question()} }},
	},
	rules: map[CommandName]rule{
		"ask":            deciding((*Room).decideAsk),
		"erase-question": onQuestion((*Room).decideErase),
		"relay":          onQuestion((*Room).decideRelay),
		"rephrase":       onQuestion((*Room).decideRephrase),
		"withdraw":       onQuestion((*Room).decideWithdraw),
		"approve":        onQuestion((*Room).decideApprove),
		"take":           onQuestion((*Room).decideTake),
		"answer":         onQuestion((*Room).decideAnswer),
		"later":          onQuestion((*Room).decideLater),
		"decline":        onQuestion((*Room).decideDecline),
		"merge":          onQuestion((*Room).decideMerge),
		"reopen":         onQuestion((*Room).decideReopen),
	},
	kinds: []kind{
		kindOf[QuestionAsked](), kindOf[QuestionRelayed](), kindOf[QuestionRephrased](), kindOf[QuestionWithdrawn](),
		kindOf[QuestionApproved](), kindOf[QuestionTaken](), kindOf[QuestionAnswered](), kindOf[QuestionPostponed](),
		kindOf[QuestionDeclined](), kindOf[QuestionMerged](), kindOf[QuestionReopened](), kindOf[QuestionErased](),
	},
	apply:     (*Room).applyToQuestion,
	deadlines: (*Room).waitingDeadlines,
	tick:      (*Room).tickWaiting,
}

// aboutQuestion is a command that speaks of one question.
type aboutQuestion interface {
	Command
	subject() QuestionID
}

func (c EraseQuestion) subject() QuestionID { return c.Question }
func (c Relay) subject() QuestionID         { return c.Question }
func (c Rephrase) subject() QuestionID      { return c.Question }
func (c Withdraw) subject() QuestionID      { return c.Question }
func (c Approve) subject() QuestionID       { return c.Question }
func (c Take) subject() QuestionID          { return c.Question }
func (c Answer) subject() QuestionID        { return c.Question }
func (c Later) subject() QuestionID         { return c.Question }
func (c Decline) subject() QuestionID       { return c.Question }
func (c Merge) subject() QuestionID         { return c.Question }
func (c Reopen) subject() QuestionID        { return c.Question }

// onQuestion makes a rule of a method that is given the question its command speaks of. One that the actor may not see does not
// exist for it.
func onQuestion[C aboutQuestion](decide func(*Room, *question, C, decision) ([]Event, error)) rule {
	return deciding(func(r *Room, c C, d decision) ([]Event, error) {
		q := r.questions[c.subject()]
		if q == nil || !d.reaches(q) {
			return nil, refuse("question-unknown")
		}
		return decide(r, q, c, d)
	})
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

func (r *Room) decideRelay(q *question, _ Relay, d decision) ([]Event, error) {
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

func (r *Room) decideWithdraw(q *question, _ Withdraw, d decision) ([]Event, error) {
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

func (r *Room) decideApprove(q *question, _ Approve, d decision) ([]Event, error) {
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
func (r *Room) decideTake(q *question, _ Take, d decision) ([]Event, error) {
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
	if err := d.checkTo(q, c); err != nil {
		return nil, err
	}
	e := QuestionAnswered{Stamp: d.stamp, Question: q.id, Written: c.Text != "", Text: c.Text, ToAll: c.To == ToAll}
	if q.state == Answered && (c.Text == "" || c.Text == q.answer) {
		if c.To != ToAll || q.toAll {
			return nil, nil
		}
		e.Written, e.Text = true, q.answer // what was written to one is now for all
	}
	if e.Written && q.erased {
		return nil, refuse("question-erased")
	}
	if err := d.in(q, d.closable(Answered)...); err != nil {
		return nil, err
	}
	return []Event{e}, nil
}

// checkTo: what all sites read is written, and by those who triage.
func (d decision) checkTo(q *question, c Answer) error {
	switch {
	case c.To == ToAsker:
		return nil
	case c.To != ToAll:
		return refuse("answer-to")
	case !triages(d.who.Role):
		return refuse("answer-to-all")
	case c.Text == "" && (q.state != Answered || q.answer == ""):
		return refuse("answer-empty")
	}
	return nil
}

// closable are the states from which an actor may close a question: those it is responsible for, and the one it
// may still correct.
func (d decision) closable(again QuestionState) []QuestionState {
	if d.who.Role == Animator {
		return []QuestionState{Asked, again}
	}
	return []QuestionState{Relayed, Approved, QuestionOnAir, AnsweredLater, again}
}

func (r *Room) decideLater(q *question, _ Later, d decision) ([]Event, error) {
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
func (r *Room) decideReopen(q *question, _ Reopen, d decision) ([]Event, error) {
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

func (r *Room) decideErase(q *question, _ EraseQuestion, d decision) ([]Event, error) {
	if q.erased {
		return nil, nil
	}
	return []Event{QuestionErased{Stamp: d.stamp, Question: q.id}}, nil
}

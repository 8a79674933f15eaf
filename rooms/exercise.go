package rooms

import (
	"strconv"
	"time"
)

// Report is what a site says of the exercise.
type Report string

const (
	ReportDone Report = "done"
	ReportMore Report = "more" // « encore 2 min »
	ReportNone Report = "none" // neither: takes back what was said
)

const (
	maxInstruction = 300
	maxMinutes     = 60
	maxExtension   = 15

	// ExerciseShown is how long an exercise is still shown, and can be extended, after its end.
	ExerciseShown = 10 * time.Minute
	// ExtendOnce: extensions nearer to each other than this are one: two taps of a finger, or two persons who saw the same need.
	ExtendOnce = 3 * time.Second
	// SpeakAway is how long the studio is heard over an exercise when every page that could end it has gone.
	SpeakAway = 5 * time.Second
)

// The commands about an exercise: timed work in the sites, with the studio's sound lowered.
type (
	// StartExercise: Instruction 1..300 code points, Minutes 1..60.
	//
	// After is the number of the exercise that the page shows, "0" for none; "" is whichever it is. Sent again, it starts no second one.
	StartExercise struct{ Instruction, Minutes, After string }
	// ExtendExercise: Minutes 1..15, from its end, or from now when it has ended. Until is the end that the page shows; "" is
	// whichever it is. Sent again, or by two persons who saw the same need, it adds its minutes once.
	ExtendExercise struct{ Minutes, Until string }
	EndExercise    struct{}
	// ReportExercise is a site's « fini » or « encore 2 min ».
	ReportExercise struct{ Report Report }
	// Speak restores the studio's sound in the sites while the mediator speaks over the exercise, until Hush.
	Speak struct{}
	Hush  struct{}
)

func (StartExercise) Verb() CommandName  { return "start-exercise" }
func (ExtendExercise) Verb() CommandName { return "extend-exercise" }
func (EndExercise) Verb() CommandName    { return "end-exercise" }
func (ReportExercise) Verb() CommandName { return "report-exercise" }
func (Speak) Verb() CommandName          { return "speak" }
func (Hush) Verb() CommandName           { return "hush" }

// What happens to an exercise.
type (
	ExerciseStarted struct {
		Stamp
		Number      int       `json:"number"`
		Instruction string    `json:"instruction"`
		Until       time.Time `json:"until"`
	}
	ExerciseExtended struct {
		Stamp
		Until time.Time `json:"until"`
	}
	// ExerciseEnded: a hand ended it, or its time was over.
	ExerciseEnded    struct{ Stamp }
	ExerciseReported struct {
		Stamp
		Site   SiteID `json:"site"`
		Report Report `json:"report"`
	}
	// ExerciseSpoken: the mediator speaks over it, or no more.
	ExerciseSpoken struct {
		Stamp
		On bool `json:"on"`
	}
	// ExercisePutAway: it ended some minutes ago and is shown no more.
	ExercisePutAway struct{ Stamp }
)

func (ExerciseStarted) Kind() string  { return "exercise-started" }
func (ExerciseExtended) Kind() string { return "exercise-extended" }
func (ExerciseEnded) Kind() string    { return "exercise-ended" }
func (ExerciseReported) Kind() string { return "exercise-reported" }
func (ExerciseSpoken) Kind() string   { return "exercise-spoken" }
func (ExercisePutAway) Kind() string  { return "exercise-put-away" }

// exercisePart is timed work and its pooling.
var exercisePart = part{
	rights: map[CommandName]rights{
		//                  sys  med  mod  ani  scr  pos  vie  coo  gue  pho  cap
		"start-exercise":  {___, yes, yes, ___, ___, ___, ___, ___, ___, yes, ___},
		"extend-exercise": {___, yes, yes, ___, ___, ___, ___, ___, ___, yes, ___},
		"end-exercise":    {___, yes, yes, ___, ___, ___, ___, ___, ___, yes, ___},
		"report-exercise": {___, ___, ___, yes, ___, ___, ___, ___, ___, ___, ___},
		"speak":           {___, yes, ___, ___, ___, ___, ___, ___, ___, yes, ___},
		"hush":            {___, yes, ___, ___, ___, ___, ___, ___, ___, yes, ___},
	},
	pages: map[CommandName]pageForm{
		"start-exercise": {[]string{"instruction", "minutes"}, []string{"after"}, func(f fields) Command {
			return StartExercise{Instruction: f["instruction"], Minutes: f["minutes"], After: f["after"]}
		}},
		"extend-exercise": {[]string{"minutes"}, []string{"until"}, func(f fields) Command {
			return ExtendExercise{Minutes: f["minutes"], Until: f["until"]}
		}},
		"end-exercise":    {nil, nil, func(fields) Command { return EndExercise{} }},
		"report-exercise": {[]string{"report"}, nil, func(f fields) Command { return ReportExercise{Report(f["report"])} }},
		"speak":           {nil, nil, func(fields) Command { return Speak{} }},
		"hush":            {nil, nil, func(fields) Command { return Hush{} }},
	},
	rules: map[CommandName]rule{
		"start-exercise":  deciding((*Room).decideStartExercise),
		"extend-exercise": deciding((*Room).decideExtend),
		"end-exercise":    deciding((*Room).decideEndExercise),
		"report-exercise": ofSite((*Room).decideReport),
		"speak":           deciding((*Room).decideSpeak),
		"hush":            deciding((*Room).decideHush),
	},
	kinds: []kind{
		kindOf[ExerciseStarted](), kindOf[ExerciseExtended](), kindOf[ExerciseEnded](), kindOf[ExerciseReported](),
		kindOf[ExerciseSpoken](), kindOf[ExercisePutAway](),
	},
	apply:     (*Room).applyToExercise,
	follow:    (*Room).exerciseEndsWithTheRoom,
	deadlines: (*Room).exerciseDeadlines,
	tick:      (*Room).tickExercise,
	view:      (*Room).viewExercise,
}

// exercise is the one that runs or was the last.
type exercise struct {
	number      int // 0: there was none
	instruction string
	startedAt   time.Time
	until       time.Time
	endedAt     time.Time // zero while it runs
	extendedAt  time.Time
	speaking    bool
	spokenAt    time.Time // since when it is, or is not
	away        bool      // shown no more
}

func (x *exercise) runs() bool  { return x.number > 0 && x.endedAt.IsZero() }
func (x *exercise) shown() bool { return x.number > 0 && !x.away }

func (r *Room) decideStartExercise(c StartExercise, d decision) ([]Event, error) {
	if err := checkText(c.Instruction, 1, maxInstruction, "instruction"); err != nil {
		return nil, err
	}
	minutes, ok := whole(c.Minutes, 1, maxMinutes)
	switch {
	case !ok:
		return nil, refuse("exercise-minutes", "max", strconv.Itoa(maxMinutes))
	case r.state == Ended:
		return nil, refuse("room-ended")
	case r.exercise.runs() && r.exercise.instruction == c.Instruction:
		return nil, nil
	case r.exercise.runs():
		return nil, refuse("exercise-running")
	case !r.exercise.shownAs(c.After) && r.exercise.instruction == c.Instruction:
		return nil, nil
	case !r.exercise.shownAs(c.After):
		return nil, refuse("exercise-moved")
	}
	return []Event{ExerciseStarted{Stamp: d.stamp, Number: r.exercise.number + 1, Instruction: c.Instruction,
		Until: d.stamp.At.Add(time.Duration(minutes) * time.Minute)}}, nil
}

// shownAs tells whether a page that shows the exercise of this number, "0" for none, shows what is; "" is whichever it is.
func (x *exercise) shownAs(number string) bool {
	return number == "" || number == strconv.Itoa(x.number) || number == "0" && !x.shown()
}

func (r *Room) decideExtend(c ExtendExercise, d decision) ([]Event, error) {
	minutes, ok := whole(c.Minutes, 1, maxExtension)
	switch x := &r.exercise; {
	case !ok:
		return nil, refuse("exercise-minutes", "max", strconv.Itoa(maxExtension))
	case r.state == Ended:
		return nil, refuse("room-ended")
	case !x.shown():
		return nil, refuse("exercise-none")
	case c.Until != "" && !isInstant(c.Until, x.until):
		return nil, nil // what the page saw has been extended since: by itself, or by somebody who saw the same
	case c.Until == "" && d.at.Now.Sub(x.extendedAt) < ExtendOnce:
		return nil, nil
	}
	from := r.exercise.until
	if from.Before(d.stamp.At) || !r.exercise.runs() {
		from = d.stamp.At
	}
	return []Event{ExerciseExtended{Stamp: d.stamp, Until: from.Add(time.Duration(minutes) * time.Minute)}}, nil
}

func (r *Room) decideEndExercise(_ EndExercise, d decision) ([]Event, error) {
	if !r.exercise.runs() {
		return nil, nil
	}
	return []Event{ExerciseEnded{d.stamp}}, nil
}

// decideReport is open a while after the end: « encore 2 min » said at the last second is what the mediator must hear.
func (r *Room) decideReport(s *site, c ReportExercise, d decision) ([]Event, error) {
	switch c.Report {
	case ReportDone, ReportMore, ReportNone:
	default:
		return nil, refuse("report-unknown", "report", clip(string(c.Report)))
	}
	if !r.exercise.shown() {
		return nil, refuse("exercise-none")
	}
	if s.report == c.Report || s.report == "" && c.Report == ReportNone {
		return nil, nil
	}
	return []Event{ExerciseReported{Stamp: d.stamp, Site: s.id, Report: c.Report}}, nil
}

func (r *Room) decideSpeak(_ Speak, d decision) ([]Event, error) {
	switch {
	case !r.exercise.runs():
		return nil, refuse("exercise-none")
	case r.exercise.speaking:
		return nil, nil
	}
	return []Event{ExerciseSpoken{Stamp: d.stamp, On: true}}, nil
}

// decideHush after the exercise is no mistake: the finger was still on the button when it ended.
func (r *Room) decideHush(_ Hush, d decision) ([]Event, error) {
	if !r.exercise.speaking {
		return nil, nil
	}
	return []Event{ExerciseSpoken{Stamp: d.stamp}}, nil
}

func (r *Room) exerciseEndsWithTheRoom(e Event, d decision) []Event {
	if s, ok := e.(StateChanged); ok && s.To == Ended && r.exercise.runs() {
		return []Event{ExerciseEnded{d.stamp}}
	}
	return nil
}

// falls is when nobody is left who could say that they speak no more: a page that was reloaded, a phone that was locked with a finger
// on the button. ok is false while somebody is.
func (x *exercise) falls(present Presence) (at time.Time, ok bool) {
	since, none := present.withoutStudio()
	if !x.speaking || !none {
		return time.Time{}, false
	}
	if x.spokenAt.After(since) {
		since = x.spokenAt
	}
	return since.Add(SpeakAway), true
}

func (r *Room) exerciseDeadlines(present Presence) []time.Time {
	switch x := &r.exercise; {
	case x.runs():
		if falls, ok := x.falls(present); ok {
			return []time.Time{x.until, falls}
		}
		return []time.Time{x.until}
	case x.shown():
		return []time.Time{x.endedAt.Add(ExerciseShown)}
	}
	return nil
}

// tickExercise: an exercise whose time is over ends by itself, so that no room stays without sound for a button that was not pressed.
func (r *Room) tickExercise(d decision) []Event {
	switch x := &r.exercise; {
	case x.runs() && !x.until.After(d.at.Now):
		return []Event{ExerciseEnded{d.stamp}}
	case x.runs() && x.fallen(d):
		return []Event{ExerciseSpoken{Stamp: d.stamp}}
	case !x.runs() && x.shown() && !x.endedAt.Add(ExerciseShown).After(d.at.Now):
		return []Event{ExercisePutAway{d.stamp}}
	}
	return nil
}

func (x *exercise) fallen(d decision) bool {
	at, ok := x.falls(d.at.Present)
	return ok && !at.After(d.at.Now)
}

func (r *Room) applyToExercise(e Event) bool {
	x := &r.exercise
	switch e := e.(type) {
	case ExerciseStarted:
		*x = exercise{number: e.Number, instruction: e.Instruction, startedAt: e.At, until: e.Until}
		r.forgetReports()
	case ExerciseExtended:
		x.until, x.extendedAt, x.endedAt = e.Until, e.At, time.Time{}
	case ExerciseEnded:
		x.endedAt, x.speaking = e.At, false
	case ExerciseReported:
		r.atPlace(e.Site, func(s *site) { s.applyReport(e) })
	case ExerciseSpoken:
		x.speaking, x.spokenAt = e.On, e.At
	case ExercisePutAway:
		x.away = true
		r.forgetReports()
	default:
		return false
	}
	return true
}

func (r *Room) forgetReports() {
	for i := range r.sites {
		if s := &r.sites[i]; s.report != "" {
			s.report, s.reportAt = "", time.Time{}
			r.news.sites[s.id] = true
		}
	}
}

func (s *site) applyReport(e ExerciseReported) {
	s.report, s.reportAt = e.Report, e.At
	if e.Report == ReportNone {
		s.report, s.reportAt = "", time.Time{}
	}
}

func (r *Room) viewExercise(who Actor, v View) {
	x := &r.exercise
	if !x.shown() {
		return
	}
	e := ExerciseEntity{Number: x.number, Instruction: x.instruction, StartedAt: x.startedAt, Until: x.until,
		EndedAt: moment(x.endedAt), Speaking: x.speaking}
	if oversees(who.Role) {
		done, more, of := r.reports()
		e.Done, e.More, e.Of = &done, &more, &of
	}
	v["exercise"] = e
}

// reports counts what the sites that came said of the exercise.
func (r *Room) reports() (done, more, of int) {
	for i := range r.sites {
		s := &r.sites[i]
		switch s.report {
		case ReportDone:
			done++
		case ReportMore:
			more++
		}
		if s.came || s.report != "" {
			of++
		}
	}
	return done, more, of
}

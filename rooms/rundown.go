package rooms

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// MaxSteps bounds a rundown.
	MaxSteps       = 30
	maxStepMinutes = 180
	maxDetail      = 300

	// MaxSheet bounds a sheet, in bytes.
	MaxSheet = 10 << 20
)

// SheetID names a sheet: 128 random bits in the form the caller chose.
type SheetID string

// The commands about the rundown and its sheet.
type (
	// SetRundown: one step a line, « MINUTES TITLE » or « MINUTES TITLE | DETAIL »; "" for none. At most MaxSteps steps; minutes
	// 0..180, titles 1..120 code points, details up to 300.
	SetRundown struct{ Steps string }
	// StartStep: "1" for the first step, "0" for none.
	StartStep struct{ Step string }
	// SetSheet tells that a sheet was stored. The house says it, for the mediator whose link the Actor carries.
	SetSheet struct {
		Sheet SheetID
		Title string // up to 120 code points
		Type  string // application/pdf, image/png or image/jpeg
		Size  int64  // bytes, 1..MaxSheet
	}
	// DropSheet tells that the sheet is gone.
	DropSheet struct{}
)

func (SetRundown) Verb() CommandName { return "set-rundown" }
func (StartStep) Verb() CommandName  { return "start-step" }
func (SetSheet) Verb() CommandName   { return "set-sheet" }
func (DropSheet) Verb() CommandName  { return "drop-sheet" }

// What happens to the rundown.
type (
	RundownSet struct {
		Stamp
		Steps []Step `json:"steps"`
	}
	StepStarted struct {
		Stamp
		Step int `json:"step"` // 1 for the first, 0 for none
	}
	SheetSet struct {
		Stamp
		Sheet SheetID `json:"sheet"`
		Title string  `json:"title"`
		Type  string  `json:"type"`
		Size  int64   `json:"size"`
	}
	SheetDropped struct{ Stamp }
)

func (RundownSet) Kind() string   { return "rundown-set" }
func (StepStarted) Kind() string  { return "step-started" }
func (SheetSet) Kind() string     { return "sheet-set" }
func (SheetDropped) Kind() string { return "sheet-dropped" }

// rundownPart is the steps of the séance and the sheet to print.
var rundownPart = part{
	rights: map[CommandName]rights{
		//              sys  med  mod  ani  scr  pos  vie  coo  gue  pho  cap
		"set-rundown": {___, yes, ___, ___, ___, ___, ___, ___, ___, ___, ___},
		"start-step":  {___, yes, ___, ___, ___, ___, ___, ___, ___, yes, ___},
		"set-sheet":   {yes, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___},
		"drop-sheet":  {yes, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___},
	},
	pages: map[CommandName]pageForm{
		"set-rundown": {[]string{"steps"}, nil, func(f fields) Command { return SetRundown{f["steps"]} }},
		"start-step":  {[]string{"step"}, nil, func(f fields) Command { return StartStep{f["step"]} }},
	},
	rules: map[CommandName]rule{
		"set-rundown": deciding((*Room).decideRundown),
		"start-step":  deciding((*Room).decideStep),
		"set-sheet":   deciding((*Room).decideSheet),
		"drop-sheet":  deciding((*Room).decideDropSheet),
	},
	kinds: []kind{kindOf[RundownSet](), kindOf[StepStarted](), kindOf[SheetSet](), kindOf[SheetDropped]()},
	apply: (*Room).applyToRundown,
	view:  (*Room).viewRundown,
}

// rundown is the steps of a séance. The steps are never written in: a new rundown has new ones.
type rundown struct {
	steps   []Step
	current int // 1 for the first, 0 for none
	since   time.Time
	sheet   SheetEntity // without an ID: none
	sheetAt time.Time
}

func (r *Room) decideRundown(c SetRundown, d decision) ([]Event, error) {
	steps, err := readSteps(c.Steps)
	switch {
	case err != nil:
		return nil, err
	case r.state == Ended:
		return nil, refuse("room-ended")
	case slices.Equal(steps, r.rundown.steps):
		return nil, nil
	}
	return []Event{RundownSet{Stamp: d.stamp, Steps: steps}}, nil
}

// readSteps reads a rundown as people type it. Lines without anything are left out.
func readSteps(text string) ([]Step, error) {
	var steps []Step
	for i, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if len(steps) == MaxSteps {
			return nil, refuse("rundown-long", "max", strconv.Itoa(MaxSteps))
		}
		step, ok := readStep(line)
		if !ok {
			return nil, refuse("rundown-line", "line", strconv.Itoa(i+1))
		}
		steps = append(steps, step)
	}
	return steps, nil
}

func readStep(line string) (Step, bool) {
	number, rest, _ := strings.Cut(line, " ")
	minutes, ok := whole(number, 0, maxStepMinutes)
	title, detail, _ := strings.Cut(rest, "|")
	s := Step{Minutes: minutes, Title: strings.TrimSpace(title), Detail: strings.TrimSpace(detail)}
	ok = ok && s.Title != "" && fits(s.Title, maxTitle) && fits(s.Detail, maxDetail)
	return s, ok
}

func (r *Room) decideStep(c StartStep, d decision) ([]Event, error) {
	step, ok := whole(c.Step, 0, len(r.rundown.steps))
	switch {
	case !ok:
		return nil, refuse("step-unknown", "step", clip(c.Step))
	case r.state == Ended:
		return nil, refuse("room-ended")
	case step == r.rundown.current:
		return nil, nil
	}
	return []Event{StepStarted{Stamp: d.stamp, Step: step}}, nil
}

func (r *Room) decideSheet(c SetSheet, d decision) ([]Event, error) {
	if err := checkText(c.Title, 0, maxTitle, "sheet-title"); err != nil {
		return nil, err
	}
	switch {
	case c.Sheet == "" || c.Size < 1 || c.Size > MaxSheet || !slices.Contains([]string{"application/pdf", "image/png", "image/jpeg"}, c.Type):
		return nil, refuse("sheet-type", "max", strconv.Itoa(MaxSheet>>20))
	case r.state == Ended:
		return nil, refuse("room-ended")
	case r.rundown.sheet.ID == c.Sheet:
		return nil, nil
	}
	return []Event{SheetSet{Stamp: d.stamp, Sheet: c.Sheet, Title: c.Title, Type: c.Type, Size: c.Size}}, nil
}

func (r *Room) decideDropSheet(_ DropSheet, d decision) ([]Event, error) {
	if r.rundown.sheet.ID == "" {
		return nil, nil
	}
	return []Event{SheetDropped{d.stamp}}, nil
}

// Sheet is the sheet that the séance has now, and since when; without an ID when it has none.
func (r *Room) Sheet() (sheet SheetEntity, since time.Time) {
	return r.rundown.sheet, r.rundown.sheetAt
}

func (r *Room) applyToRundown(e Event) bool {
	u := &r.rundown
	switch e := e.(type) {
	case RundownSet:
		u.steps = e.Steps
		if u.current > len(u.steps) {
			u.current, u.since = 0, time.Time{}
		}
	case StepStarted:
		u.current, u.since = max(0, min(e.Step, len(u.steps))), e.At
		if u.current == 0 {
			u.since = time.Time{}
		}
	case SheetSet:
		u.sheet = SheetEntity{ID: e.Sheet, Title: e.Title, Type: e.Type, Size: e.Size, URL: "/sheet/" + string(r.id) + "/" + string(e.Sheet)}
		u.sheetAt = e.At
	case SheetDropped:
		u.sheet, u.sheetAt = SheetEntity{}, time.Time{}
	default:
		return false
	}
	return true
}

func (r *Room) viewRundown(_ Actor, v View) {
	u := &r.rundown
	if len(u.steps) == 0 && u.sheet.ID == "" {
		return
	}
	e := RundownEntity{Steps: append([]Step{}, u.steps...), Current: u.current, Since: moment(u.since)}
	if u.sheet.ID != "" {
		sheet := u.sheet
		e.Sheet = &sheet
	}
	v["rundown"] = e
}

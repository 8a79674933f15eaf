package rooms

// Camera says which of the mediator's pictures is shown.
type Camera string

const (
	CameraMain  Camera = "main"
	CameraHands Camera = "hands" // the paired phone's
)

const (
	maxCredit     = 120
	maxStripTitle = 80
	maxStripText  = 120
)

// The commands about what surrounds the picture.
type (
	// EditRoom changes what is told of the séance; nil leaves as it is. At least one is given.
	EditRoom struct{ Title, Needs, Credit *string }
	// ShowStrip: Title 1..80 code points, Text up to 120.
	ShowStrip struct{ Title, Text string }
	HideStrip struct{}
	// SelectCamera switches between the mediator's two cameras.
	SelectCamera struct{ Camera Camera }
)

func (EditRoom) Verb() CommandName     { return "edit-room" }
func (ShowStrip) Verb() CommandName    { return "show-strip" }
func (HideStrip) Verb() CommandName    { return "hide-strip" }
func (SelectCamera) Verb() CommandName { return "select-camera" }

// What happens around the picture.
type (
	// RoomEdited holds all three, changed or not.
	RoomEdited struct {
		Stamp
		Title  string `json:"title"`
		Needs  string `json:"needs,omitempty"`
		Credit string `json:"credit,omitempty"`
	}
	StripShown struct {
		Stamp
		Title string `json:"title"`
		Text  string `json:"text,omitempty"`
	}
	StripHidden    struct{ Stamp }
	CameraSelected struct {
		Stamp
		Camera Camera `json:"camera"`
	}
)

func (RoomEdited) Kind() string     { return "room-edited" }
func (StripShown) Kind() string     { return "strip-shown" }
func (StripHidden) Kind() string    { return "strip-hidden" }
func (CameraSelected) Kind() string { return "camera-selected" }

// setPart is the set of a small studio: what is written around the picture, and which camera shows.
var setPart = part{
	rights: map[CommandName]rights{
		//                sys  med  mod  ani  scr  pos  vie  coo  gue  pho  cap
		"edit-room":     {___, yes, ___, ___, ___, ___, ___, ___, ___, ___, ___},
		"show-strip":    {___, yes, yes, ___, ___, ___, ___, ___, ___, ___, ___},
		"hide-strip":    {___, yes, yes, ___, ___, ___, ___, ___, ___, ___, ___},
		"select-camera": {___, yes, ___, ___, ___, ___, ___, ___, ___, yes, ___},
	},
	pages: map[CommandName]pageForm{
		"edit-room": {nil, []string{"title", "needs", "credit"}, func(f fields) Command {
			return EditRoom{Title: f.given("title"), Needs: f.given("needs"), Credit: f.given("credit")}
		}},
		"show-strip": {[]string{"title"}, []string{"text"}, func(f fields) Command {
			return ShowStrip{Title: f["title"], Text: f["text"]}
		}},
		"hide-strip":    {nil, nil, func(fields) Command { return HideStrip{} }},
		"select-camera": {[]string{"camera"}, nil, func(f fields) Command { return SelectCamera{Camera(f["camera"])} }},
	},
	rules: map[CommandName]rule{
		"edit-room":     deciding((*Room).decideEdit),
		"show-strip":    deciding((*Room).decideStrip),
		"hide-strip":    deciding((*Room).decideHideStrip),
		"select-camera": deciding((*Room).decideCamera),
	},
	kinds: []kind{kindOf[RoomEdited](), kindOf[StripShown](), kindOf[StripHidden](), kindOf[CameraSelected]()},
	apply: (*Room).applyToSet,
	view:  (*Room).viewSet,
}

// set is what surrounds the picture.
type set struct {
	strip  StripEntity // without a title: none
	camera Camera      // "" is CameraMain
}

func (r *Room) decideEdit(c EditRoom, d decision) ([]Event, error) {
	if c.Title == nil && c.Needs == nil && c.Credit == nil {
		return nil, refuse("wire-missing-field", "field", "title")
	}
	e := RoomEdited{Stamp: d.stamp, Title: or(c.Title, r.title), Needs: or(c.Needs, r.needs), Credit: or(c.Credit, r.credit)}
	if err := checkText(e.Title, 1, maxTitle, "room-title"); err != nil {
		return nil, err
	}
	if err := checkLines(e.Needs, maxNeeds, "room-needs"); err != nil {
		return nil, err
	}
	if err := checkText(e.Credit, 0, maxCredit, "room-credit"); err != nil {
		return nil, err
	}
	switch {
	case e.Title == r.title && e.Needs == r.needs && e.Credit == r.credit:
		return nil, nil
	case r.state == Ended:
		return nil, refuse("room-ended")
	}
	return []Event{e}, nil
}

func or(given *string, before string) string {
	if given != nil {
		return *given
	}
	return before
}

func (r *Room) decideStrip(c ShowStrip, d decision) ([]Event, error) {
	if err := checkText(c.Title, 1, maxStripTitle, "strip-title"); err != nil {
		return nil, err
	}
	if err := checkText(c.Text, 0, maxStripText, "strip-text"); err != nil {
		return nil, err
	}
	switch {
	case r.set.strip == StripEntity(c):
		return nil, nil
	case r.state == Ended:
		return nil, refuse("room-ended")
	}
	return []Event{StripShown{Stamp: d.stamp, Title: c.Title, Text: c.Text}}, nil
}

func (r *Room) decideHideStrip(_ HideStrip, d decision) ([]Event, error) {
	if r.set.strip.Title == "" {
		return nil, nil
	}
	return []Event{StripHidden{d.stamp}}, nil
}

func (r *Room) decideCamera(c SelectCamera, d decision) ([]Event, error) {
	switch {
	case c.Camera != CameraMain && c.Camera != CameraHands:
		return nil, refuse("camera-unknown", "camera", clip(string(c.Camera)))
	case r.state == Ended:
		return nil, refuse("room-ended")
	case r.Camera() == c.Camera:
		return nil, nil
	}
	return []Event{CameraSelected{Stamp: d.stamp, Camera: c.Camera}}, nil
}

// Camera is the mediator's camera that shows.
func (r *Room) Camera() Camera {
	if r.set.camera == "" {
		return CameraMain
	}
	return r.set.camera
}

func (r *Room) applyToSet(e Event) bool {
	switch e := e.(type) {
	case RoomEdited:
		r.title, r.needs, r.credit = e.Title, e.Needs, e.Credit
	case StripShown:
		r.set.strip = StripEntity{Title: e.Title, Text: e.Text}
	case StripHidden:
		r.set.strip = StripEntity{}
	case CameraSelected:
		r.set.camera = e.Camera
	default:
		return false
	}
	return true
}

func (r *Room) viewSet(_ Actor, v View) {
	if r.set.strip.Title != "" && r.state != Ended {
		v["strip"] = r.set.strip
	}
}

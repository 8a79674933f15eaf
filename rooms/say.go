package rooms

import "time"

const (
	maxAnnouncement = 300
	maxCaption      = 200
	maxLang         = 35 // RFC 5646

	// AnnounceOnce: the same words nearer to each other than this are one announcement.
	AnnounceOnce = time.Minute
)

// The commands that say something to many.
type (
	// Announce tells all desks something: Text 1..300 code points.
	Announce struct{ Text string }
	// Caption is what is being said, in writing: Text up to 200 code points, "" to clear; Lang a language tag, or "".
	Caption struct{ Text, Lang string }
	// EraseCaptions forgets the captions. The caller then erases them from the journal.
	EraseCaptions struct{}
)

func (Announce) Verb() CommandName      { return "announce" }
func (Caption) Verb() CommandName       { return "caption" }
func (EraseCaptions) Verb() CommandName { return "erase-captions" }

// What was said to many.
type (
	Announced struct {
		Stamp
		Number int    `json:"number"`
		Text   string `json:"text"`
	}
	// Captioned: what somebody said is personal, and travels apart.
	Captioned struct {
		Stamp
		Text   string `json:"-"`
		Lang   string `json:"lang,omitempty"`
		Clear  bool   `json:"clear,omitempty"`
		Erased bool   `json:"-"`
	}
	CaptionsErased struct{ Stamp }
)

func (Announced) Kind() string      { return "announced" }
func (Captioned) Kind() string      { return "captioned" }
func (CaptionsErased) Kind() string { return "captions-erased" }

// captionsID is what all captions of a room are kept under.
const captionsID = "captions"

func (e Captioned) hide(s *secrets, place int) {
	if !e.Clear && !e.Erased {
		s.put(captionsID, place, "text", e.Text)
	}
}

func (e Captioned) reveal(s secrets, place int) Event {
	var ok bool
	e.Text, ok = s.get(captionsID, place, "text")
	e.Erased = !ok && !e.Clear
	return e
}

// sayPart is announcements to the desks, and captions.
var sayPart = part{
	rights: map[CommandName]rights{
		//                 sys  med  mod  ani  scr  pos  vie  coo  gue  pho  cap
		"announce":       {___, yes, yes, ___, ___, ___, ___, ___, ___, ___, ___},
		"caption":        {___, yes, yes, ___, ___, ___, ___, ___, ___, ___, yes},
		"erase-captions": {yes, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___},
	},
	pages: map[CommandName]pageForm{
		"announce": {[]string{"text"}, nil, func(f fields) Command { return Announce{f["text"]} }},
		"caption":  {[]string{"text"}, []string{"lang"}, func(f fields) Command { return Caption{Text: f["text"], Lang: f["lang"]} }},
	},
	rules: map[CommandName]rule{
		"announce":       deciding((*Room).decideAnnounce),
		"caption":        deciding((*Room).decideCaption),
		"erase-captions": deciding((*Room).decideEraseCaptions),
	},
	kinds: []kind{kindOf[Announced](), kindOf[Captioned](), kindOf[CaptionsErased]()},
	apply: (*Room).applySaid,
	view:  (*Room).viewSaid,
	private: &keeping{
		prefix:    captionsID,
		erasure:   func(string) Command { return EraseCaptions{} },
		forgotten: func(r *Room, _ string) bool { return r.said.erased },
	},
}

// said is the last of what was said to many.
type said struct {
	announced Announced // Number 0: nothing yet
	caption   CaptionEntity
	captions  int  // so far
	erased    bool // no caption is kept that was said until now
}

func (r *Room) decideAnnounce(c Announce, d decision) ([]Event, error) {
	if err := checkText(c.Text, 1, maxAnnouncement, "announcement"); err != nil {
		return nil, err
	}
	last := r.said.announced
	switch {
	case last.Text == c.Text && d.at.Now.Sub(last.At) < AnnounceOnce:
		return nil, nil
	case r.state == Ended:
		return nil, refuse("room-ended")
	}
	return []Event{Announced{Stamp: d.stamp, Number: last.Number + 1, Text: c.Text}}, nil
}

func (r *Room) decideCaption(c Caption, d decision) ([]Event, error) {
	if err := checkText(c.Text, 0, maxCaption, "caption"); err != nil {
		return nil, err
	}
	switch last := r.said.caption; {
	case !isLang(c.Lang):
		return nil, refuse("caption-lang")
	case last.Text == c.Text && (last.Lang == c.Lang || c.Text == ""):
		return nil, nil
	case r.state == Ended:
		return nil, refuse("room-ended")
	}
	return []Event{Captioned{Stamp: d.stamp, Text: c.Text, Lang: c.Lang, Clear: c.Text == ""}}, nil
}

// isLang: letters, digits and hyphens, or nothing.
func isLang(s string) bool {
	if len(s) > maxLang {
		return false
	}
	for _, c := range s {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-') {
			return false
		}
	}
	return true
}

func (r *Room) decideEraseCaptions(_ EraseCaptions, d decision) ([]Event, error) {
	if r.said.erased || r.said.captions == 0 {
		return nil, nil
	}
	return []Event{CaptionsErased{d.stamp}}, nil
}

func (r *Room) applySaid(e Event) bool {
	switch e := e.(type) {
	case Announced:
		r.said.announced = e
	case Captioned:
		r.said.captions++
		r.said.erased = e.Erased
		r.said.caption = CaptionEntity{Text: e.Text, Lang: e.Lang, Number: r.said.captions, At: e.At}
	case CaptionsErased:
		r.said.erased, r.said.caption = true, CaptionEntity{}
	default:
		return false
	}
	return true
}

func (r *Room) viewSaid(who Actor, v View) {
	if c := r.said.caption; c.Text != "" && r.state != Ended {
		v["caption"] = c
	}
	if a := r.said.announced; a.Number > 0 && (oversees(who.Role) || who.Role == Animator) {
		v["announcement"] = AnnouncementEntity{Number: a.Number, Text: a.Text, At: a.At, By: r.byEntity(a.By)}
	}
}

// byEntity names who did something to those who work with them.
func (r *Room) byEntity(by By) ByEntity {
	l, _ := r.Link(by.Link)
	return ByEntity{Role: by.Role, Name: l.Note}
}

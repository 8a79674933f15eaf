package rooms

import "strconv"

// MaxAnswer bounds a written answer, in code points.
const MaxAnswer = 1000

// asker is who a question belongs to: the browser, or the link where there is no browser.
func (a Actor) asker() AskerID {
	if a.Asker != "" || a.Link == "" {
		return a.Asker
	}
	return AskerID("link:" + a.Link)
}

func (r *Room) decideAsk(c Ask, d decision) ([]Event, error) {
	asker := d.who.asker()
	if asker == "" {
		return nil, refuse("asker-unknown")
	}
	if !isUUID(string(c.Question)) {
		return nil, refuse("question-id")
	}
	if known := r.questions[c.Question]; known != nil {
		if known.asker == asker {
			return nil, nil // sent again after a cut: it had arrived
		}
		return nil, refuse("question-id-taken")
	}
	if err := r.checkAsk(c, asker, d); err != nil {
		return nil, err
	}
	return r.asked(c, asker, d), nil
}

func (r *Room) checkAsk(c Ask, asker AskerID, d decision) error {
	if r.state == Ended {
		return refuse("room-ended")
	}
	if r.suspends(d.who) {
		return refuse("site-suspended")
	}
	if err := checkText(c.Text, min(1, len(c.Text)), MaxQuestion, "question"); err != nil {
		return err
	}
	if err := checkText(c.Label, 0, MaxLabel, "label"); err != nil {
		return err
	}
	if _, ok := r.site(d.who.Site); d.who.Role == Animator && !ok {
		return refuse("site-unknown", "site", clip(string(d.who.Site)))
	}
	return r.checkLimits(asker, d)
}

// suspends tells whether the questions of the place that who speaks from, or comes through, are refused.
func (r *Room) suspends(who Actor) bool {
	s := r.place(who.Site)
	return s != nil && s.suspended
}

// checkLimits keeps one asker, one place, and everybody together from drowning the others. The last limits leave room for those who
// have a link: a public address, however it is used, never silences a desk or a post.
func (r *Room) checkLimits(asker AskerID, d decision) error {
	home := d.who.Role == Viewer
	from := place{r.siteOf(d.who), home}
	if r.tally.hurries(asker, from, d) {
		return refuse("question-rate")
	}
	limits := []limit{{"question-limit", r.tally.openAt[from], MaxOpenPerSite}}
	if d.who.Role != Animator {
		limits = append(limits, limit{"question-limit", r.tally.openBy[asker], MaxOpenPerAsker},
			limit{"question-limit-asker", r.tally.askedBy[asker], MaxPerAsker})
	}
	if home {
		limits = append(limits, limit{"question-limit-room", r.tally.homes, MaxFromHomes})
	}
	return within(append(limits, limit{"question-limit-room", len(r.order), MaxQuestions}))
}

type limit struct {
	code      string
	count, at int
}

func within(limits []limit) error {
	for _, l := range limits {
		if l.count >= l.at {
			return refuse(l.code, "max", strconv.Itoa(l.at))
		}
	}
	return nil
}

// siteOf is the place an actor speaks from; a place that does not follow this room is none.
func (r *Room) siteOf(who Actor) SiteID {
	if _, ok := r.site(who.Site); ok {
		return who.Site
	}
	return ""
}

func (r *Room) asked(c Ask, asker AskerID, d decision) []Event {
	from := map[Role]From{Animator: FromDesk, Post: FromPost, Viewer: FromHome}[d.who.Role]
	site := r.siteOf(d.who)
	events := []Event{QuestionAsked{Stamp: d.stamp, Question: c.Question, Asker: asker, Site: site, From: from,
		Wordless: c.Text == "", Text: c.Text, Label: c.Label}}
	up := QuestionRelayed{Stamp: d.stamp, Question: c.Question}
	switch {
	case from == FromDesk: // the animator's own words need no other hand
	case site == "":
		up.Why = NoSite
	case !d.at.Present.desk(site) && !d.at.Now.Before(d.at.Present.givenUp(site)):
		up.Why = NoDesk
	default:
		return events
	}
	return append(events, up)
}

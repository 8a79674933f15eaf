package rooms

import "time"

// Link is an opaque, revocable secret for one person or one device, as the log knows it: without the secret.
type Link struct {
	ID       LinkID
	Hash     string // SHA-256 of the token, lower-case hexadecimal
	Role     Role
	Site     SiteID
	Of       LinkID // the link it hangs on, and with which it is revoked; "" for none
	IssuedAt time.Time
	Expires  time.Time
	Note     string // who it was given to; "" once erased
	Revoked  bool

	// Until when it is good, as the séance stands: Expires, or later. Zero: for as long as the séance goes on.
	Until time.Time

	there bool // it was good when the doors opened
}

// linkPart is who may come at all.
var linkPart = part{
	rights: map[CommandName]rights{
		//              sys  med  mod  ani  scr  pos  vie  coo  gue  pho  cap
		"issue-link":  {yes, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___},
		"revoke-link": {yes, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___},
		"erase-note":  {yes, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___},
	},
	rules: map[CommandName]rule{
		"issue-link":  deciding((*Room).decideIssue),
		"revoke-link": deciding((*Room).decideRevoke),
		"erase-note":  deciding((*Room).decideEraseNote),
	},
	kinds:  []kind{{LinkIssued{}.Kind(), decodeIssued}, kindOf[LinkRevoked](), kindOf[LinkNoteErased]()},
	apply:  (*Room).applyToLinks,
	follow: (*Room).revokeWhatHangs,
	private: &keeping{
		prefix:    notePrefix,
		erasure:   func(name string) Command { return EraseNote{Link: LinkID(name)} },
		forgotten: func(r *Room, name string) bool { l, _ := r.Link(LinkID(name)); return l.Note == "" },
	},
}

func (r *Room) applyToLinks(e Event) bool {
	switch e := e.(type) {
	case LinkIssued:
		r.applyLink(e)
	case LinkRevoked:
		r.applyRevoked(e)
	case LinkNoteErased:
		r.applyNoteErased(e)
	default:
		return false
	}
	return true
}

// revokeWhatHangs: with a link goes what was given on its strength, in the same decision.
func (r *Room) revokeWhatHangs(e Event, d decision) []Event {
	revoked, ok := e.(LinkRevoked)
	if !ok {
		return nil
	}
	var events []Event
	for _, l := range r.links {
		if l.Of == revoked.Link && !l.Revoked {
			events = append(events, LinkRevoked{Stamp: d.stamp, Link: l.ID})
		}
	}
	return events
}

// Stands is the one rule of who may still come with a link: to act and through every door. Refusals: link-revoked, link-expired.
func (l Link) Stands(now time.Time) error {
	switch {
	case l.Revoked:
		return refuse("link-revoked")
	case !l.Until.IsZero() && !now.Before(l.Until):
		return refuse("link-expired")
	}
	return nil
}

// Links lists every link, in the order they were issued.
func (r *Room) Links() []Link {
	all := make([]Link, len(r.links))
	for i := range all {
		all[i] = r.linkNow(i)
	}
	return all
}

// Link finds one link.
func (r *Room) Link(id LinkID) (Link, bool) {
	i, ok := r.linkAt[id]
	if !ok {
		return Link{}, false
	}
	return r.linkNow(i), true
}

// linkNow is a link with what the séance makes of its end.
func (r *Room) linkNow(i int) Link {
	l := r.links[i]
	l.Until = r.until(l)
	return l
}

// until: a séance never loses on its way those it opened its doors to. Their links hold until its end can no longer be undone.
func (r *Room) until(l Link) time.Time {
	over := r.stateAt.Add(ReopenFor)
	switch {
	case l.there && r.state != Ended:
		return time.Time{}
	case l.there && over.After(l.Expires):
		return over
	}
	return l.Expires
}

// letIn notes whose links were good when the doors opened.
func (r *Room) letIn(at time.Time) {
	for i := range r.links {
		l := &r.links[i]
		l.there = !l.Revoked && at.Before(l.Expires)
	}
}

// Admit finds whom a token's hash stands for. Refusals: link-unknown, link-revoked, link-expired.
// The caller adds Asker and Device.
func (r *Room) Admit(hash string, now time.Time) (Actor, error) {
	i, ok := r.linkOf[hash] // what its time tells of a guess is about the guess's hash, which says nothing of a token
	if !ok {
		return Actor{}, refuse("link-unknown")
	}
	l := r.linkNow(i)
	if err := l.Stands(now); err != nil {
		return Actor{}, err
	}
	return Actor{Role: l.Role, Room: r.id, Site: l.Site, Link: l.ID, Of: l.Of, Name: l.Note}, nil
}

func (r *Room) applyLink(e LinkIssued) {
	if _, ok := r.linkAt[e.Link]; ok {
		return
	}
	i := len(r.links)
	r.linkAt[e.Link], r.linkOf[e.Hash] = i, i
	r.posts.issued(e, i)
	r.links = append(r.links, Link{ID: e.Link, Hash: e.Hash, Role: e.Role, Site: e.Site, Of: e.Of,
		IssuedAt: e.At, Expires: e.Expires, Note: e.Note})
	r.touchHand(e.Link)
}

// touchHand: questions name whose the last act on them was.
func (r *Room) touchHand(id LinkID) {
	for _, q := range r.questions {
		if q.by.Link == id {
			r.news.questions[q.id] = true
		}
	}
}

// A revoked link lets go of the air at once: whoever replaces that mediator must not wait.
func (r *Room) applyRevoked(e LinkRevoked) {
	if i, ok := r.linkAt[e.Link]; ok {
		r.links[i].Revoked = true
		r.posts.revoked(r.links[i].Site, i)
	}
	if r.air.link == e.Link {
		r.air = air{}
	}
}

func (r *Room) decideIssue(c IssueLink, d decision) ([]Event, error) {
	e := LinkIssued{Stamp: d.stamp, Link: c.Link, Hash: c.Hash, Role: c.Role, Site: c.Site, Of: c.Of,
		Expires: instant(c.Expires), Note: c.Note}
	if err := r.checkLink(c, d); err != nil {
		return nil, err
	}
	byID, sameID := r.linkAt[c.Link]
	byHash, sameHash := r.linkOf[c.Hash]
	switch {
	case sameID && sameHash && byID == byHash:
		return nil, nil
	case sameID || sameHash:
		return nil, refuse("link-exists")
	}
	return []Event{e}, nil
}

func (r *Room) checkLink(c IssueLink, d decision) error {
	if c.Link == "" || !isHash(c.Hash) {
		return refuse("link-malformed")
	}
	if !c.Expires.After(d.at.Now) || !loggable(c.Expires) {
		return refuse("link-expiry")
	}
	if err := checkText(c.Note, 0, maxName, "link-note"); err != nil {
		return err
	}
	if err := r.checkLinkOf(c); err != nil {
		return err
	}
	return r.checkLinkSite(c)
}

// checkLinkOf: a phone is a mediator's; what else hangs on a link hangs on one that stands.
func (r *Room) checkLinkOf(c IssueLink) error {
	of, known := r.Link(c.Of)
	switch {
	case c.Role == Phone && of.Role != Mediator:
		return refuse("link-needs-mediator")
	case c.Of != "" && !known:
		return refuse("link-unknown")
	case of.Revoked:
		return refuse("link-revoked")
	}
	return nil
}

func (r *Room) checkLinkSite(c IssueLink) error {
	switch c.Role {
	case Animator, Screen, Post:
		if c.Site == "" {
			return refuse("link-needs-site")
		}
	case Mediator, Moderator, Coordinator, Phone, Captioner:
		if c.Site != "" {
			return refuse("link-without-site")
		}
	case Viewer, Guest:
	default:
		return refuse("link-role", "role", clip(string(c.Role)))
	}
	if _, ok := r.site(c.Site); c.Site != "" && !ok {
		return refuse("site-unknown", "site", clip(string(c.Site)))
	}
	return nil
}

func (r *Room) decideRevoke(c RevokeLink, d decision) ([]Event, error) {
	i, ok := r.linkAt[c.Link]
	if !ok {
		return nil, refuse("link-unknown")
	}
	if r.links[i].Revoked {
		return nil, nil
	}
	return []Event{LinkRevoked{Stamp: d.stamp, Link: c.Link}}, nil
}

func (r *Room) decideEraseNote(c EraseNote, d decision) ([]Event, error) {
	l, ok := r.Link(c.Link)
	if !ok {
		return nil, refuse("link-unknown")
	}
	if l.Note == "" {
		return nil, nil
	}
	return []Event{LinkNoteErased{Stamp: d.stamp, Link: c.Link}}, nil
}

func (r *Room) applyNoteErased(e LinkNoteErased) {
	if i, ok := r.linkAt[e.Link]; ok {
		r.links[i].Note = ""
		r.touchHand(e.Link)
	}
}

func isHash(s string) bool {
	const size = 64 // SHA-256 in hexadecimal
	if len(s) != size {
		return false
	}
	for _, c := range s {
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f') {
			return false
		}
	}
	return true
}

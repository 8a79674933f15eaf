package rooms

import (
	"slices"
	"time"
)

const (
	// MaxHomeRequests bounds, of MaxRequests, those of homes, and maxHomeRequestsEver what a room keeps of them.
	MaxHomeRequests, maxHomeRequestsEver = 15, 500
	// DismissalRests is how long whoever was dismissed lets the next request wait.
	DismissalRests = 60 * time.Second
)

// request is one wish to be seen or heard, as its events have made it.
type request struct {
	id     RequestID
	site   SiteID  // whose desk asks, or through which the home came; "" for none
	asker  AskerID // of a home; "" for a desk
	from   string  // fromSite or fromHome
	at     time.Time
	open   bool
	reason string // personal; "" when none was given, or once erased

	dismissedAt time.Time // zero unless it was
}

// isOf tells whether who made the request, or speaks for the site that did.
func (q *request) isOf(who Actor) bool {
	switch who.Role {
	case Animator:
		return q.from == fromSite && who.Site != "" && q.site == who.Site
	case Viewer:
		return q.from == fromHome && q.asker != "" && q.asker == who.asker()
	}
	return false
}

// decideRequestFloor takes one wish of a site, or of a home, at a time.
func (r *Room) decideRequestFloor(c RequestFloor, d decision) ([]Event, error) {
	e := FloorRequested{Stamp: d.stamp, Request: c.Request, Site: d.stamp.By.Site, From: fromSite, Reason: c.Reason}
	if d.who.Role == Viewer {
		e.From, e.Asker = fromHome, d.who.asker()
	}
	if err := r.checkRequest(c, e); err != nil {
		return nil, err
	}
	if q := r.floor.requests[c.Request]; q != nil {
		if q.isOf(d.who) {
			return nil, nil
		}
		return nil, refuse("request-exists")
	}
	if r.suspends(d.who) {
		return nil, refuse("site-suspended")
	}
	if err := r.floor.hasRoomFor(e, d.at.Now); err != nil {
		return nil, err
	}
	return []Event{e}, nil
}

func (r *Room) checkRequest(c RequestFloor, e FloorRequested) error {
	switch {
	case r.state == Ended:
		return refuse("room-ended")
	case !isUUID(string(c.Request)):
		return refuse("request-id")
	case e.From == fromSite && e.Site == "":
		return refuse("site-unknown", "site", "")
	case e.From == fromHome && e.Asker == "":
		return refuse("request-nameless")
	case e.From == fromHome && c.Adult != "yes":
		return refuse("adult-needed")
	}
	return checkText(c.Reason, 0, MaxFloorReason, "floor-reason")
}

// hasRoomFor bounds what one place, and all together, may have asked.
func (f *floor) hasRoomFor(e FloorRequested, now time.Time) error {
	each := 0
	for _, q := range f.requests {
		if q.from == e.From && q.asker == e.Asker && (q.from == fromHome || q.site == e.Site) {
			each++
			switch {
			case q.open:
				return refuse("request-open")
			case now.Sub(q.dismissedAt) < DismissalRests:
				return refuse("request-dismissed")
			}
		}
	}
	switch {
	case each >= MaxRequestsEach:
		return refuse("request-often")
	case len(f.open) >= MaxRequests || len(f.requests) >= maxRequestsEver:
		return refuse("request-limit")
	case e.From == fromHome && f.homesAreMany():
		return refuse("request-limit")
	}
	return nil
}

// homesAreMany tells whether homes have asked for all that is theirs. They hold no link: what they leave is for the sites, however
// many browsers one of them pretends to be.
func (f *floor) homesAreMany() bool {
	open, ever := 0, 0
	for _, q := range f.requests {
		if q.from != fromHome {
			continue
		}
		ever++
		if q.open {
			open++
		}
	}
	return open >= MaxHomeRequests || ever >= maxHomeRequestsEver
}

func (r *Room) decideCancelRequest(c CancelRequest, d decision) ([]Event, error) {
	q := r.floor.requests[c.Request]
	switch {
	case q == nil:
		return nil, refuse("request-unknown")
	case !q.isOf(d.who):
		return nil, refuse("request-not-yours")
	}
	return q.end(d.stamp, RequestCancelled), nil
}

func (r *Room) decideDismissRequest(c DismissRequest, d decision) ([]Event, error) {
	q := r.floor.requests[c.Request]
	if q == nil {
		return nil, refuse("request-unknown")
	}
	return q.end(d.stamp, RequestDismissed), nil
}

func (q *request) end(s Stamp, why RequestWhy) []Event {
	if !q.open {
		return nil
	}
	return []Event{FloorRequestEnded{Stamp: s, Request: q.id, Why: why}}
}

func (r *Room) decideEraseRequest(c EraseRequest, d decision) ([]Event, error) {
	q := r.floor.requests[c.Request]
	switch {
	case q == nil:
		return nil, refuse("request-unknown")
	case q.reason == "":
		return nil, nil
	}
	return []Event{FloorRequestErased{Stamp: d.stamp, Request: q.id}}, nil
}

func (f *floor) requested(e FloorRequested) {
	if f.requests == nil {
		f.requests = map[RequestID]*request{}
	}
	if f.requests[e.Request] != nil {
		return
	}
	f.requests[e.Request] = &request{id: e.Request, site: e.Site, asker: e.Asker, from: e.From, at: e.At, open: true, reason: e.Reason}
	f.open = append(f.open, e.Request)
}

func (f *floor) answered(e FloorRequestEnded) {
	if q := f.requests[e.Request]; q != nil {
		q.open = false
		if e.Why == RequestDismissed {
			q.dismissedAt = e.At
		}
	}
	f.open = slices.DeleteFunc(f.open, func(other RequestID) bool { return other == e.Request })
}

func (f *floor) erased(id RequestID) {
	if q := f.requests[id]; q != nil {
		q.reason = ""
	}
}

func (f *floor) forgotten(id RequestID) bool {
	q := f.requests[id]
	return q == nil || q.reason == ""
}

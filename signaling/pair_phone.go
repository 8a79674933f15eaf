package signaling

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"

	"antenne/rooms"
)

const (
	phoneCodeLasts = 2 * time.Minute
	phoneCodeSaid  = 10 * time.Minute // and so long after it is still told from a wrong one
)

// phoneCode lets one phone in, once, for the mediator who shows it. It belongs to phoneCodes.mu.
type phoneCode struct {
	room    rooms.RoomID
	of      rooms.LinkID // the mediator's
	expires time.Time
	used    bool
}

// phoneCodes are the codes that mediators show to their phones: one for each of them, and everything expires.
type phoneCodes struct {
	mu     sync.Mutex
	byCode map[joinCode]*phoneCode // owned under mu, as what follows
	newest map[rooms.LinkID]joinCode
}

func newPhoneCodes() *phoneCodes {
	return &phoneCodes{byCode: map[joinCode]*phoneCode{}, newest: map[rooms.LinkID]joinCode{}}
}

// put makes the code the mediator's only one.
func (p *phoneCodes) put(code joinCode, one phoneCode) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.byCode, p.newest[one.of])
	p.byCode[code], p.newest[one.of] = &one, code
}

func (p *phoneCodes) has(code joinCode) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.byCode[code] != nil
}

// use takes a code for one phone. Refusals: code-unknown, code-expired, code-used.
func (p *phoneCodes) use(code joinCode, now time.Time) (phoneCode, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	one := p.byCode[code]
	switch {
	case one == nil:
		return phoneCode{}, refuse(codeCodeUnknown)
	case one.used:
		return phoneCode{}, refuse(codeCodeUsed)
	case !now.Before(one.expires):
		return phoneCode{}, refuse(codeCodeExpired)
	}
	one.used = true
	return *one, nil
}

// giveBack: it came to nothing, and may be tried again.
func (p *phoneCodes) giveBack(code joinCode) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if one := p.byCode[code]; one != nil {
		one.used = false
	}
}

func (p *phoneCodes) sweep(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for code, one := range p.byCode {
		if now.Sub(one.expires) < phoneCodeSaid {
			continue
		}
		delete(p.byCode, code)
		if p.newest[one.of] == code {
			delete(p.newest, one.of)
		}
	}
}

// offerPhone gives a mediator a code for their own phone.
func (s *Server) offerPhone(r *http.Request) (int, any, error) {
	who, err := s.holder(r, rooms.Mediator)
	if err != nil {
		return 0, nil, err
	}
	shown := s.unusedCode()
	code, _ := readCode(shown)
	expires := s.clock().Add(phoneCodeLasts)
	s.pairing.phones.put(code, phoneCode{room: who.Room, of: who.Link, expires: expires})
	reply := struct {
		Code    string    `json:"code"`
		URL     string    `json:"url"`
		SVG     string    `json:"svg,omitempty"` // the address as a picture
		Expires time.Time `json:"expires"`
	}{Code: shown, URL: s.public(r) + phonePage(who.Room) + "#" + shown, Expires: expires.UTC()}
	if s.draw != nil {
		reply.SVG = s.draw(reply.URL)
	}
	return http.StatusCreated, reply, nil
}

func phonePage(room rooms.RoomID) string { return "/studio/" + url.PathEscape(string(room)) + "/phone" }

// claimPhone gives a mediator's phone its link, in the place of the phone before.
func (s *Server) claimPhone(ctx context.Context, code joinCode) (given claimed, found bool, err error) {
	one, err := s.pairing.phones.use(code, s.clock())
	if err != nil {
		return claimed{}, refusalOf(err).code != codeCodeUnknown, err
	}
	before := s.phonesOf(one)
	token, _, err := s.hall.Issue(ctx, one.room, rooms.IssueLink{Role: rooms.Phone, Of: one.of, Expires: s.claimExpiry(one.room)})
	if err != nil {
		s.pairing.phones.giveBack(code)
		return claimed{}, true, err
	}
	for _, id := range before {
		if err := s.hall.RevokeLink(ctx, id); err != nil {
			s.pairing.phones.giveBack(code)
			return claimed{}, true, err
		}
	}
	return claimed{Role: rooms.Phone, Room: one.room, Token: token, URL: phonePage(one.room)}, true, nil
}

// phonesOf lists the phones that the mediator has now.
func (s *Server) phonesOf(one phoneCode) (ids []rooms.LinkID) {
	keeper, known := s.hall.Room(one.room)
	if !known {
		return nil
	}
	for _, l := range keeper.Links() {
		if l.Role == rooms.Phone && l.Of == one.of && !l.Revoked {
			ids = append(ids, l.ID)
		}
	}
	return ids
}

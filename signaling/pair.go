package signaling

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"

	"antenne/rooms"
	"antenne/signaling/access"
)

// Pairing: how a room is opened by who has no keyboard. A screen shows a code, and the animator confirms it; a post or a phone
// types a code that somebody else shows. Codes live in memory and in the room, are looked at slowly and seldom, and
// are never logged.

const (
	codePairRate    = "pair-rate"    // too many wrong codes by this hand
	codePairLocked  = "pair-locked"  // too many wrong codes by all
	codePairFull    = "pair-full"    // too many screens wait
	codePairRole    = "pair-role"    // a good link, that opens no room
	codeCodeUnknown = "code-unknown" // no such code
	codeCodeExpired = "code-expired"
	codeCodeUsed    = "code-used"
)

const (
	typeJSON    = "application/json"
	pairRequest = 4 << 10          // bytes
	pairWait    = 12 * time.Second // how long a screen that asks is kept waiting for news
	mostPatient = 4000             // requests that are kept waiting at once, a fifth of them of paired devices alone; more are turned away
)

// pairing is what is known of devices that are about to come in, or stand outside. Static after construction.
type pairing struct {
	screens    *waitingScreens
	confirming *guesses // the codes of screens
	claiming   *guesses // the codes of posts and of phones
	phones     *phoneCodes
	patient    *seats
	beside     *rationer // posts that come in through a connection of somebody with a link
	alone      *rationer // and those that do not

	mu   sync.Mutex
	seen map[rooms.LinkID]time.Time // when a paired device last asked what to show; owned under mu
}

func newPairing(l Limits) *pairing {
	return &pairing{
		screens: newWaitingScreens(), confirming: newGuesses(l.WrongCodesEach, l.WrongCodes), claiming: newGuesses(l.WrongCodesEach, l.WrongCodes),
		phones: newPhoneCodes(), patient: newSeats(mostPatient, mostWaitingEach), seen: map[rooms.LinkID]time.Time{},
		beside: newRationer(1/postAgain.Seconds(), postsBeside), alone: newRationer(1/postAgain.Seconds(), postsAlone),
	}
}

// sweep forgets what has expired.
func (p *pairing) sweep(now time.Time) {
	p.screens.sweep(now)
	p.phones.sweep(now)
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, at := range p.seen {
		if now.Sub(at) > screenGone {
			delete(p.seen, id)
		}
	}
}

func (p *pairing) note(id rooms.LinkID, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen[id] = now
}

// lately tells whether a device asked within the time between two of its questions.
func (p *pairing) lately(id rooms.LinkID, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, asked := p.seen[id]
	return asked && now.Sub(at) < pairWait+10*time.Second
}

func (s *Server) pairRoutes() {
	s.mux.HandleFunc("/pair/screen", s.inJSON(map[string]answering{http.MethodPost: s.offerScreen, http.MethodGet: s.awaitScreen}))
	s.mux.HandleFunc("/pair/confirm", s.inJSON(map[string]answering{http.MethodPost: s.confirmScreen}))
	s.mux.HandleFunc("/pair/posts", s.inJSON(map[string]answering{http.MethodPost: s.openPosts}))
	s.mux.HandleFunc("/pair/phone", s.inJSON(map[string]answering{http.MethodPost: s.offerPhone}))
	s.mux.HandleFunc("/pair/claim", s.inJSON(map[string]answering{http.MethodPost: s.claimCode}))
	s.mux.HandleFunc("/pair/room", s.inJSON(map[string]answering{http.MethodGet: s.roomOfDevice}))
	s.mux.HandleFunc("/pair/devices", s.inJSON(map[string]answering{http.MethodGet: s.listDevices}))
	s.mux.HandleFunc("/pair/forget", s.inJSON(map[string]answering{http.MethodPost: s.forgetDevice}))
	s.mux.HandleFunc("/pair/", s.nowhere)
}

// answering does what a request asks: what to answer, and with which status.
type answering func(*http.Request) (status int, reply any, err error)

// inJSON answers one address in JSON.
func (s *Server) inJSON(methods map[string]answering) http.HandlerFunc {
	allowed := make([]string, 0, len(methods))
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		if methods[method] != nil {
			allowed = append(allowed, method)
		}
	}
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		act := methods[r.Method]
		if act == nil {
			w.Header().Set("Allow", strings.Join(allowed, ", "))
			s.fail(w, r, refuse(codeMethod))
			return
		}
		if !s.requests.take(remote(r), s.clock()) {
			s.fail(w, r, refuse(codeTooMany))
			return
		}
		status, reply, err := act(r)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		sayJSON(w, status, reply)
	}
}

func sayJSON(w http.ResponseWriter, status int, reply any) {
	h := w.Header()
	h.Set("Content-Type", typeJSON+"; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(reply) // who left asks again
}

// readJSON takes a small JSON body, strictly. Its type is asked for: a form of another site cannot say it.
func readJSON(r *http.Request, into any) error {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != typeJSON {
		return refuse(codeContentType, "want", typeJSON)
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, pairRequest+1))
	if err != nil || len(raw) > pairRequest {
		return refuse(codeRequest)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if d.Decode(into) != nil || d.More() {
		return refuse(codeRequest)
	}
	return nil
}

// holder is who asks with a link of one of these roles.
func (s *Server) holder(r *http.Request, roles ...rooms.Role) (rooms.Actor, error) {
	claim, err := claimOf(r)
	if err != nil {
		return rooms.Actor{}, err
	}
	if claim.Token == "" {
		return rooms.Actor{}, refuse(access.CodeLinkNeeded)
	}
	who, err := s.gate.Enter(claim, s.clock())
	if err != nil {
		return rooms.Actor{}, err
	}
	for _, role := range roles {
		if who.Role == role {
			return who, nil
		}
	}
	return rooms.Actor{}, refuse(codePairRole)
}

// unhurried has whoever tries a code wait as long whatever comes of it.
func (s *Server) unhurried(r *http.Request, began time.Time) {
	s.wait(r.Context(), s.limits.CodeDelay-time.Since(began))
}

// wait returns early when who asked has left, or the server closes.
func (s *Server) wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	case <-s.life.Done():
	}
}

// newSecret is 128 random bits.
func newSecret() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: see crypto/rand
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// offerScreen gives a code to a screen that has no place yet.
func (s *Server) offerScreen(r *http.Request) (int, any, error) {
	secret := newSecret()
	one, err := s.pairing.screens.add(ticketOf(secret), remote(r), s.clock())
	if err != nil {
		return 0, nil, err
	}
	picture := ""
	if s.draw != nil {
		picture = s.draw(s.public(r) + "/ouvrir#" + one.code.String())
	}
	return http.StatusCreated, struct {
		Code    string    `json:"code"`
		Secret  string    `json:"secret"`
		Expires time.Time `json:"expires"`
		SVG     string    `json:"svg,omitempty"` // the address that hands the code over, to be looked at by a phone
	}{one.code.String(), secret, one.expires.UTC(), picture}, nil
}

// screenState is what a waiting screen is told.
type screenState struct {
	State    string       `json:"state"` // waiting, paired
	Token    string       `json:"token,omitempty"`
	Site     rooms.SiteID `json:"site,omitempty"`
	SiteName string       `json:"siteName,omitempty"`
}

// awaitScreen tells a screen whether somebody has confirmed its code; it waits for that a while.
func (s *Server) awaitScreen(r *http.Request) (int, any, error) {
	claim, err := claimOf(r)
	if err != nil {
		return 0, nil, refuse(codeCodeUnknown)
	}
	secret := ticketOf(claim.Token)
	news, paired, err := s.pairing.screens.asks(secret, s.clock())
	if err == nil && paired == nil {
		if err = s.patiently(r, news); err == nil {
			_, paired, err = s.pairing.screens.asks(secret, s.clock())
		}
	}
	switch {
	case err != nil:
		return 0, nil, err
	case paired == nil:
		return http.StatusOK, screenState{State: "waiting"}, nil
	}
	return http.StatusOK, screenState{"paired", paired.token, paired.site, paired.siteName}, nil
}

// patiently waits for news. Refusals: server-full, address-full; whoever is not kept waiting must not ask at once again.
func (s *Server) patiently(r *http.Request, news <-chan struct{}) error {
	seat, err := s.pairing.patient.take(remote(r), true)
	if err != nil {
		return err
	}
	defer seat.leave()
	ctx, done := context.WithTimeout(r.Context(), s.limits.PairWait)
	defer done()
	select {
	case <-news:
	case <-ctx.Done():
	case <-s.life.Done():
	}
	return nil
}

// confirmScreen: the animator says that the screen which shows this code is theirs.
func (s *Server) confirmScreen(r *http.Request) (int, any, error) {
	began := time.Now()
	who, err := s.holder(r, rooms.Animator)
	if err != nil {
		return 0, nil, err
	}
	var asked struct {
		Code string `json:"code"`
	}
	if err := readJSON(r, &asked); err != nil {
		return 0, nil, err
	}
	defer s.unhurried(r, began)
	by := hand{link: who.Link}
	if err := s.pairing.confirming.take(by, false, s.clock()); err != nil {
		return 0, nil, err
	}
	name, found, err := s.confirm(r.Context(), who, asked.Code)
	if found {
		s.pairing.confirming.right(by, false)
	}
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, struct {
		SiteName string `json:"siteName"`
	}{name}, nil
}

// confirm pairs the screen that shows what was typed; found tells whether there is one, or was one lately.
func (s *Server) confirm(ctx context.Context, who rooms.Actor, typed string) (siteName string, found bool, err error) {
	code, ok := readCode(typed)
	if !ok {
		return "", false, refuse(codeCodeUnknown)
	}
	one, again, err := s.pairing.screens.reserve(code, who.Link, s.clock())
	switch {
	case err != nil:
		return "", refusalOf(err).code != codeCodeUnknown, err
	case again != nil:
		return again.siteName, true, nil
	}
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), decideWithin) // a phone that lost its line must not undo it half-way
	defer done()
	token, _, err := s.hall.PairDevice(ctx, who, rooms.Screen, who.Site)
	if err != nil {
		s.pairing.screens.settle(one, nil, s.clock())
		return "", true, err
	}
	paired := &pairedScreen{token: token, site: who.Site, siteName: placeIn(s.hall.RoomsOf(who.Site), who.Site).Name}
	s.pairing.screens.settle(one, paired, s.clock())
	s.counters.paired.Add(1)
	return paired.siteName, true, nil
}

// public is the address that people type.
func (s *Server) public(r *http.Request) string {
	switch {
	case s.address != "":
		return s.address
	case r.TLS != nil:
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

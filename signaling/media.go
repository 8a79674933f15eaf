package signaling

import (
	"cmp"
	"context"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"antenne/rooms"
	"antenne/sfu"
	"antenne/signaling/access"
	"antenne/signaling/wire"
)

const (
	typeSDP      = "application/sdp"
	typeFragment = "application/trickle-ice-sdpfrag"

	// deviceHeader holds a browser's secret, as hello does. In the query, where an encoder may put it, a proxy's log would keep it.
	deviceHeader = "Antenne-Device"
)

// media serves one door: POST opens a session, the rest says what the door is.
func (s *Server) media(door access.Door) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		allowAnyOrigin(w)
		switch r.Method {
		case http.MethodPost:
			s.post(w, r, door)
		case http.MethodOptions:
			options(w, "POST, GET, HEAD, OPTIONS")
		case http.MethodGet:
			w.WriteHeader(http.StatusNoContent) // W7: never a document, never an error
		case http.MethodHead:
			w.Header().Set("Content-Type", typeSDP) // E3: players recognise the address
			w.WriteHeader(http.StatusOK)
		default:
			w.Header().Set("Allow", "POST, GET, HEAD, OPTIONS")
			s.fail(w, r, refuse(codeMethod))
		}
	}
}

// session serves the address of one session.
func (s *Server) session(w http.ResponseWriter, r *http.Request) {
	allowAnyOrigin(w)
	switch r.Method {
	case http.MethodDelete:
		s.delete(w, r)
	case http.MethodPatch:
		s.patch(w, r)
	case http.MethodOptions:
		w.Header().Set("Accept-Patch", acceptPatch(strings.HasPrefix(r.URL.Path, "/whep/")))
		options(w, "DELETE, PATCH, GET, HEAD, OPTIONS")
	case http.MethodGet, http.MethodHead:
		if _, err := s.sessionAt(r); err != nil {
			s.fail(w, r, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	default:
		w.Header().Set("Allow", "DELETE, PATCH, GET, HEAD, OPTIONS")
		s.fail(w, r, refuse(codeMethod))
	}
}

// allowAnyOrigin: the doors hold no cookie; what is not allowed without a token is not allowed to any page.
func allowAnyOrigin(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "Location, ETag, Link, Retry-After, Accept-Post, Accept-Patch")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
}

func options(w http.ResponseWriter, methods string) {
	h := w.Header()
	h.Set("Allow", methods)
	h.Set("Access-Control-Allow-Methods", methods)
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match, "+deviceHeader)
	h.Set("Access-Control-Max-Age", "86400")
	if strings.HasPrefix(methods, http.MethodPost) {
		h.Set("Accept-Post", typeSDP)
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) post(w http.ResponseWriter, r *http.Request, door access.Door) {
	m, answer, err := s.open(r, door)
	if err != nil {
		if refusalOf(err).code == codeContentType {
			w.Header().Set("Accept-Post", typeSDP)
		}
		s.fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", typeSDP)
	h.Set("Location", sessionPath(m))
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, string(answer)) // a client that left is found by its silence
}

func sessionPath(m *session) string {
	family, _, _ := strings.Cut(string(m.door), "/")
	return "/" + family + "/" + string(m.room) + "/sessions/" + string(m.id)
}

// open checks cheap things first: nothing is allocated for who may not come in.
func (s *Server) open(r *http.Request, door access.Door) (*session, sfu.Answer, error) {
	if !s.requests.take(remote(r), s.clock()) {
		return nil, "", refuse(codeTooMany)
	}
	claim, err := claimOf(r)
	if err != nil {
		return nil, "", err
	}
	who, err := s.gate.Through(door, claim, s.clock())
	if err != nil {
		return nil, "", err
	}
	if door != access.Whep && claim.Device != "" {
		who.Device = access.NamedDevice(claim.Device)
	}
	offer, err := readBody(r, typeSDP)
	if err != nil {
		return nil, "", err
	}
	c, err := s.conductor(who.Room)
	if err != nil {
		return nil, "", err
	}
	m := &session{door: door, room: who.Room, who: who, ticket: ticketOf(claim.Token)}
	answer, err := s.answer(c, m, sfu.Offer(offer), r)
	if err != nil {
		return nil, "", err
	}
	return m, answer, s.register(m)
}

// answer makes the media of a session.
func (s *Server) answer(c *conductor, m *session, offer sfu.Offer, r *http.Request) (sfu.Answer, error) {
	ctx, done := context.WithTimeout(r.Context(), offerWithin)
	defer done()
	if m.door != access.Whep {
		return s.publish(ctx, c, m, offer, r)
	}
	seat, err := s.watching.take(remote(r), m.ticket == ticket{})
	if err != nil {
		return "", err
	}
	answer, err := s.watch(ctx, c, m, offer, r)
	if err != nil {
		seat.leave()
		return "", err
	}
	m.seat = seat
	return answer, nil
}

// register makes the session findable, unless its link was revoked or the server began to leave meanwhile.
func (s *Server) register(m *session) error {
	s.sessions.add(m)
	s.mu.Lock()
	closing := s.closing
	s.mu.Unlock()
	if closing {
		m.end(sfu.ReasonShutdown)
		return errClosing
	}
	return nil // a revocation meanwhile is seen by the watchman's next round
}

func (s *Server) publish(ctx context.Context, c *conductor, m *session, offer sfu.Offer, r *http.Request) (sfu.Answer, error) {
	spec := sourceSpec(m.door, m.who)
	spec.Remote = remote(r)
	if m.door == access.WhipGuest {
		return s.publishGuest(ctx, c, m, offer, spec)
	}
	answer, p, err := c.publish(ctx, m.door, m.who, offer, spec)
	if err != nil {
		return "", err
	}
	m.id, m.end, m.done = p.source.ID(), p.source.Close, p.source.Done()
	s.counters.published.Add(1)
	return answer, nil
}

func (s *Server) publishGuest(ctx context.Context, c *conductor, m *session, offer sfu.Offer, spec sfu.SourceSpec) (sfu.Answer, error) {
	answer, source, err := c.publishGuest(ctx, m.who, offer, spec)
	if err != nil {
		return "", err
	}
	m.id, m.end, m.done = source.ID(), source.Close, source.Done()
	s.counters.published.Add(1)
	return answer, nil
}

// watch joins a viewer. Before the hour and in a pause it stands, silent.
func (s *Server) watch(ctx context.Context, c *conductor, m *session, offer sfu.Offer, r *http.Request) (sfu.Answer, error) {
	spec, err := sinkSpec(r, m.who)
	if err != nil {
		return "", err
	}
	answer, sub, err := c.cast.Subscribe(ctx, offer, spec)
	if err != nil {
		return "", err
	}
	m.id, m.end, m.done, m.view = sub.ID(), sub.Close, sub.Done(), sub
	s.counters.watched.Add(1)
	return answer, nil
}

// delete ends a session at once, whatever If-Match says (W5).
func (s *Server) delete(w http.ResponseWriter, r *http.Request) {
	m, err := s.ownSession(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	m.end(sfu.ReasonDeleted)
	s.sessions.remove(m)
	w.WriteHeader(http.StatusOK) // OBS warns at any other 2xx
}

// patch takes trickled candidates and leaves them: the server is ICE-lite and finds the client by its checks (P2, P3). A whole
// offer takes a viewer's session over to another network.
func (s *Server) patch(w http.ResponseWriter, r *http.Request) {
	m, err := s.ownSession(r)
	switch {
	case err != nil:
		s.fail(w, r, err)
	case m.view != nil && isSDP(r):
		s.restart(w, r, m)
	default:
		s.trickle(w, r, m)
	}
}

func isSDP(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == typeSDP
}

// restart answers a whole offer for the same lines over new paths (an ICE restart): the session, its keys and its place in
// the room stay. RFC 9725 restarts by a fragment, from which the offer would have to be kept or guessed; it answers 422.
func (s *Server) restart(w http.ResponseWriter, r *http.Request, m *session) {
	offer, err := readBody(r, typeSDP)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if m.hasEnded() {
		s.fail(w, r, refuse(codeSession))
		return
	}
	answer, err := m.view.Restart(sfu.Offer(offer))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.counters.restarted.Add(1)
	w.Header().Set("Content-Type", typeSDP)
	w.WriteHeader(http.StatusOK)
	_, _ = io.WriteString(w, string(answer))
}

func (s *Server) trickle(w http.ResponseWriter, r *http.Request, m *session) {
	body, err := readBody(r, typeFragment)
	if err != nil {
		w.Header().Set("Accept-Patch", acceptPatch(m.door == access.Whep))
		s.fail(w, r, err)
		return
	}
	switch {
	case !isFragment(body):
		err = refuse(codeRequest)
	case strings.TrimSpace(r.Header.Get("If-Match")) == "*":
		err = refuse(codeRestart) // P6: the session goes on
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// acceptPatch is what a session's address takes by PATCH.
func acceptPatch(watches bool) string {
	if watches {
		return typeFragment + ", " + typeSDP
	}
	return typeFragment
}

// isFragment: every line is "letter=…" (RFC 8840 §9), and there is one.
func isFragment(body string) bool {
	lines := strings.Split(strings.TrimRight(body, "\r\n"), "\n")
	for _, line := range lines {
		line = strings.TrimRight(line, "\r")
		if len(line) < 3 || line[0] < 'a' || line[0] > 'z' || line[1] != '=' {
			return false
		}
	}
	return true
}

func (s *Server) sessionAt(r *http.Request) (*session, error) {
	m, ok := s.sessions.find(sfu.SessionID(r.PathValue("id")))
	if !ok || string(m.room) != r.PathValue("room") || !strings.HasPrefix(r.URL.Path, sessionPath(m)) {
		return nil, refuse(codeSession)
	}
	return m, nil
}

// ownSession is the session of the address, if the request comes from who opened it.
func (s *Server) ownSession(r *http.Request) (*session, error) {
	if !s.requests.take(remote(r), s.clock()) {
		return nil, refuse(codeTooMany)
	}
	claim, err := claimOf(r)
	if err != nil {
		return nil, err
	}
	m, err := s.sessionAt(r)
	if err != nil {
		return nil, err
	}
	switch {
	case claim.Token != "":
	case m.who.Link == "":
		return m, nil
	default:
		return nil, refuse(access.CodeLinkNeeded)
	}
	who, err := s.gate.Enter(claim, s.clock())
	if m.ticket == ticketOf(claim.Token) && mayClose(refusalOf(err).code, r.Method) {
		return m, nil
	}
	if err != nil {
		return nil, err
	}
	if m.who.Link != who.Link {
		return nil, refuse(access.CodeForbidden)
	}
	return m, nil
}

// mayClose: what one opened one may close, also with a link that opens nothing any more. A guest's link is revoked by the end of its
// floor, and its page then puts away what it had.
func mayClose(code, method string) bool {
	return code == "link-expired" || code == codeLinkRevoked && method == http.MethodDelete
}

// claimOf reads who a request says it comes from.
func claimOf(r *http.Request) (access.Claim, error) {
	c := access.Claim{Room: rooms.RoomID(r.PathValue("room")), Device: cmp.Or(r.Header.Get(deviceHeader), r.URL.Query().Get("device"))}
	if c.Device != "" && !wire.IsDevice(c.Device) {
		return c, refuse(codeRequest)
	}
	header := r.Header.Get("Authorization")
	if header == "" {
		return c, nil
	}
	scheme, token, found := strings.Cut(header, " ")
	if token = strings.TrimSpace(token); !found || !strings.EqualFold(scheme, "Bearer") || token == "" || len(token) > wire.MaxToken {
		return c, refuse("link-unknown")
	}
	c.Token = token
	return c, nil
}

// readBody takes a body of the wanted type, of bounded size.
func readBody(r *http.Request, want string) (string, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != want {
		return "", refuse(codeContentType, "want", want)
	}
	if r.ContentLength > wire.MaxOffer {
		return "", tooLarge()
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, wire.MaxOffer+1))
	switch {
	case err != nil:
		return "", refuse(codeRequest)
	case len(body) > wire.MaxOffer:
		return "", tooLarge()
	}
	return string(body), nil
}

func tooLarge() error {
	return &sfu.Error{Code: sfu.CodeOfferTooLarge, Params: map[string]string{"limit": strconv.Itoa(wire.MaxOffer)}}
}

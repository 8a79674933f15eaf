package signaling

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"go.uber.org/zap"

	"antenne/rooms"
	"antenne/rooms/journal"
	"antenne/rooms/words"
	"antenne/sfu"
	"antenne/signaling/access"
	"antenne/signaling/wire"
)

// Codes of this package; those of rooms, sfu, access and wire pass through as they are.
const (
	codeRequest     = "request-malformed"
	codeContentType = "content-type"
	codeMethod      = "method-not-allowed"
	codePath        = "not-found"
	codeSession     = "media-unknown"
	codeRestart     = "restart-unsupported"
	codeTooMany     = "too-many"
	codeFull        = "server-full"
	codeJournal     = "journal-failed"
	codeJournalFull = "journal-full"
	codeInternal    = "internal"
	codeUpgrade     = "upgrade-needed"
	codeOrigin      = "origin"
	codeRoomEnded   = "room-ended"
	codeAirHeld     = "air-held"
	codeAirFirst    = "air-first"
	codeAddressFull = "address-full"
	codeAskRate     = "ask-rate"
	codeTooOpen     = "question-limit" // of the room: some of them must be answered first
	codeTooFast     = "question-rate"  // of the room: a minute later there is place

	codeHelloMissing = "hello-missing"
	codeHelloLate    = "hello-late"
	codeHelloTwice   = "hello-twice"
	codeBinary       = "wire-binary"
	codeMessages     = "wire-rate"
	codeMistakes     = "too-many-mistakes"
	codeSlow         = "slow"
	codeNotBeside    = "talk-elsewhere" // of a guest that is not this page, nor beside it
	codeShutdown     = "shutdown"
	codeLinkRevoked  = "link-revoked"
)

// statuses says which HTTP status goes with which code; what is not here is 403 for rooms' refusals.
var statuses = map[string]int{
	codeRequest: http.StatusBadRequest, sfu.CodeOfferEmpty: http.StatusBadRequest, sfu.CodeOfferMalformed: http.StatusBadRequest,
	wire.CodeVersion: http.StatusBadRequest,

	access.CodeLinkNeeded: http.StatusUnauthorized, "link-unknown": http.StatusUnauthorized,
	"link-expired": http.StatusUnauthorized, codeLinkRevoked: http.StatusUnauthorized,

	access.CodeRoomUnknown: http.StatusNotFound, codeSession: http.StatusNotFound, codePath: http.StatusNotFound,

	codeSourceFast: http.StatusForbidden, codeSourceLarge: http.StatusForbidden, codeSourceMany: http.StatusForbidden,

	codeSheetEmpty: http.StatusBadRequest, codeSheetLarge: http.StatusRequestEntityTooLarge, codeSheetType: http.StatusUnsupportedMediaType,
	codeSheetDisk: http.StatusInsufficientStorage, codeSheetFolder: http.StatusInternalServerError, codeSheetUnknown: http.StatusNotFound,
	codeSheetSlow: http.StatusBadRequest, codeSheetBusy: http.StatusConflict,

	codePairRole: http.StatusForbidden, codePostLimit: http.StatusConflict, codeCodeUnknown: http.StatusNotFound, codeCodeExpired: http.StatusGone, codeCodeUsed: http.StatusConflict,
	codePairRate: http.StatusTooManyRequests, codePairLocked: http.StatusTooManyRequests, codePairFull: http.StatusServiceUnavailable,
	codeClaimRate: http.StatusTooManyRequests,

	codeFloorSecret: http.StatusBadRequest, codeGrantUsed: http.StatusConflict, "grant-unknown": http.StatusNotFound, codeGrantOver: http.StatusGone,

	codeMethod: http.StatusMethodNotAllowed, codeAirHeld: http.StatusConflict, codeAirFirst: http.StatusConflict, codeRoomEnded: http.StatusGone,
	sfu.CodeOfferTooLarge: http.StatusRequestEntityTooLarge, codeContentType: http.StatusUnsupportedMediaType,

	sfu.CodeOfferNoAudio: http.StatusUnprocessableEntity, sfu.CodeOfferNoVideo: http.StatusUnprocessableEntity,
	sfu.CodeOfferDataChannel: http.StatusUnprocessableEntity, sfu.CodeOfferTooManyLines: http.StatusUnprocessableEntity,
	sfu.CodeOfferDirection: http.StatusUnprocessableEntity, sfu.CodeOfferCodec: http.StatusUnprocessableEntity,
	codeRestart: http.StatusUnprocessableEntity,

	codeUpgrade: http.StatusUpgradeRequired, codeTooMany: http.StatusTooManyRequests, codeAddressFull: http.StatusTooManyRequests,
	codeInternal: http.StatusInternalServerError,

	codeFull: http.StatusServiceUnavailable, codeShutdown: http.StatusServiceUnavailable, codeJournal: http.StatusServiceUnavailable,
	codeJournalFull: http.StatusServiceUnavailable, sfu.CodeEngineBusy: http.StatusServiceUnavailable, sfu.CodeEngineClosed: http.StatusServiceUnavailable,
	sfu.CodeEngineFull: http.StatusServiceUnavailable, sfu.CodeSourcesFull: http.StatusServiceUnavailable,
}

func statusOf(code string) int {
	if status, ok := statuses[code]; ok {
		return status
	}
	return http.StatusForbidden
}

// refusal is an error in two voices. known is false when the log must explain it.
type refusal struct {
	code   string
	params map[string]string
	known  bool
}

// refusalOf finds the code of any error that the pieces below can give.
func refusalOf(err error) refusal {
	var room *rooms.Refusal
	var media *sfu.Error
	var message *wire.Error
	switch {
	case errors.As(err, &room):
		return refusal{room.Code, room.Params, true}
	case errors.As(err, &media):
		return refusal{media.Code, media.Params, true}
	case errors.As(err, &message):
		return refusal{message.Code, message.Params, true}
	case errors.Is(err, journal.ErrFull):
		return refusal{code: codeJournalFull, known: true}
	case errors.Is(err, journal.ErrFailed):
		return refusal{code: codeJournal}
	case errors.Is(err, journal.ErrClosed), errors.Is(err, errClosing):
		return refusal{code: codeShutdown, known: true}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return refusal{code: codeJournal, known: true}
	}
	return refusal{code: codeInternal}
}

func (r refusal) in(lang string) string { return words.Sentence(lang, r.code, r.params) }

// passing tells of a refused message whether the same again, later, may be done: nothing was decided about it, or what was is
// not known.
func (r refusal) passing() bool {
	switch r.code {
	case codeJournal, codeJournalFull, codeShutdown, codeInternal, codeMessages, codeAskRate, codeFull, codeTooMany, codeTooOpen, codeTooFast:
		return true
	}
	return false
}

// errClosing is the answer to whoever comes while the server leaves.
var errClosing = errors.New("signaling: closing")

// refuse makes an error of this package's own codes.
func refuse(code string, params ...string) error {
	r := &rooms.Refusal{Code: code}
	for i := 0; i+1 < len(params); i += 2 {
		if r.Params == nil {
			r.Params = map[string]string{}
		}
		r.Params[params[i]] = params[i+1]
	}
	return r
}

// fail answers an HTTP request with a refusal.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	reason := refusalOf(err)
	if !reason.known {
		s.log.Error("request failed", zap.String("route", r.Pattern), zap.Error(err))
	}
	status := statusOf(reason.code)
	s.counters.refused(reason.code)
	h := w.Header()
	switch status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="antenne"`)
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		h.Set("Retry-After", strconv.Itoa(retryAfter(reason.code)))
	}
	h.Set("Content-Type", "application/json; charset=utf-8")
	lang := language(r.Header.Get("Accept-Language"))
	h.Set("Content-Language", lang)
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(wire.Problem{Code: reason.code, Text: reason.in(lang)})
}

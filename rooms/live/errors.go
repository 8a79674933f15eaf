package live

import (
	"errors"

	"antenne/rooms"
	"antenne/rooms/journal"
)

// How a Watch ends when it was not closed by its owner.
var (
	// ErrSlow: 64 messages, or one for 2 seconds, were not read. Watch again with Since to go on.
	ErrSlow = errors.New("watch: not read fast enough")
	// ErrClosed: the Keeper is closing.
	ErrClosed = errors.New("room closed on this node")
)

// Refusals of this package, as *rooms.Refusal: their sentences are in rooms/words.
const (
	CodeFull        = "journal-full"   // the disk is full; what plays goes on
	CodeFailed      = "journal-failed" // the journal does not answer
	CodeClosed      = "journal-closed" // the journal, or this node, is closing
	CodeRoomUnknown = "room-unknown"
	CodeRoomExists  = "room-exists"
	CodeNoQuestion  = "question-unknown"
	CodeLinkUnknown = "link-unknown"
	CodeLinkExpired = "link-expired"
	CodeLinkRevoked = "link-revoked"
	CodeSiteUnknown = "site-unknown"
)

func refusal(code string, params ...string) *rooms.Refusal {
	r := &rooms.Refusal{Code: code}
	for i := 0; i+1 < len(params); i += 2 {
		if r.Params == nil {
			r.Params = map[string]string{}
		}
		r.Params[params[i]] = params[i+1]
	}
	return r
}

// logCode names what the journal said of itself: "" when it is the caller or the entry that was at fault.
func logCode(err error) string {
	switch {
	case err == nil, errors.Is(err, journal.ErrBehind), errors.Is(err, journal.ErrEntry):
		return ""
	case errors.Is(err, journal.ErrFull):
		return CodeFull
	case errors.Is(err, journal.ErrClosed):
		return CodeClosed
	}
	return CodeFailed
}

// journalRefusal tells a person what the journal said.
func journalRefusal(err error) error {
	if errors.Is(err, journal.ErrFull) {
		return refusal(CodeFull)
	}
	return refusal(CodeFailed)
}

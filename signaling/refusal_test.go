package signaling

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"antenne/rooms"
	"antenne/rooms/journal"
	"antenne/rooms/words"
	"antenne/sfu"
	"antenne/signaling/wire"
)

// TestTheProtocolNamesEveryCode: a code that a stranger can meet is in protocol.md, and has a sentence.
func TestTheProtocolNamesEveryCode(t *testing.T) {
	doc := file(t, "../wire/protocol.md")
	codes := []string{codeHelloMissing, codeHelloLate, codeHelloTwice, codeBinary, codeMessages, codeMistakes, codeSlow, codeOrigin, codeGuestElsewhere,
		wire.CodeTooLarge, wire.CodeMalformed, wire.CodeTooDeep, wire.CodeUnknownType, wire.CodeUnknownField, wire.CodeField}
	for code := range statuses {
		codes = append(codes, code)
	}
	for _, code := range codes {
		if !words.Has(code) {
			t.Errorf("%s has no sentence", code)
		}
		if !strings.Contains(doc, "`"+code+"`") && code != sfu.CodeEngineClosed {
			t.Errorf("%s is not in protocol.md", code)
		}
	}
}

func TestEveryErrorHasACode(t *testing.T) {
	for _, c := range []struct {
		err  error
		code string
	}{
		{&rooms.Refusal{Code: "air-held"}, "air-held"},
		{fmt.Errorf("around: %w", &rooms.Refusal{Code: "air-held"}), "air-held"},
		{&sfu.Error{Code: sfu.CodeOfferEmpty}, "offer-empty"},
		{&wire.Error{Code: wire.CodeTooDeep}, "wire-too-deep"},
		{journal.ErrFull, "journal-full"},
		{journal.ErrFailed, "journal-failed"},
		{context.DeadlineExceeded, "journal-failed"},
		{errClosing, "shutdown"},
		{errors.New("anything else"), "internal"},
	} {
		got := refusalOf(c.err)
		if got.code != c.code {
			t.Errorf("%v: %s, want %s", c.err, got.code, c.code)
		}
		checkSentence(t, got.code, got.in("fr"))
		checkSentence(t, got.code, got.in("en"))
	}
	if statusOf("a-code-of-tomorrow") != http.StatusForbidden {
		t.Error("an unknown refusal is not a refusal")
	}
}

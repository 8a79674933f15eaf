package rooms

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Sizes, in code points.
const (
	MaxQuestion = 500
	MaxLabel    = 40
	maxTitle    = 120
	maxNeeds    = 500
	maxName     = 80
	maxSlug     = 40
	maxClip     = 40
)

// checkText accepts min..max code points of plain text; the refusals are code-empty, code-too-long and code-characters.
func checkText(s string, min, max int, code string) error {
	switch {
	case min > 0 && strings.TrimSpace(s) == "":
		return refuse(code + "-empty")
	case utf8.RuneCountInString(s) > max:
		return refuse(code+"-too-long", "max", strconv.Itoa(max))
	case !plain(s):
		return refuse(code + "-characters")
	}
	return nil
}

// fits tells whether s is at most max code points of plain text, for what is refused as a whole.
func fits(s string, max int) bool { return utf8.RuneCountInString(s) <= max && plain(s) }

// plain tells whether s is UTF-8 without characters that a wall cannot show or that could reorder its neighbours.
func plain(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, c := range s {
		if unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) || invisible(c) {
			return false
		}
	}
	return true
}

// invisible are line separators, the byte-order mark, tag characters (text within the text) and noncharacters.
// The joiners of families and flags are not among them.
func invisible(c rune) bool {
	return c == '\u2028' || c == '\u2029' || c == '\ufeff' ||
		c >= 0xFFF9 && c <= 0xFFFB ||
		unicode.Is(unicode.Noncharacter_Code_Point, c)
}

// clip shortens what came from outside before it fills the gap of a sentence.
func clip(s string) string {
	s = strings.ToValidUTF8(s, "")
	n := 0
	for i := range s {
		if n++; n > maxClip {
			return s[:i]
		}
	}
	return s
}

// isSlug: a-z, 0-9 and hyphens inside, 1..40.
func isSlug(s string) bool {
	if s == "" || len(s) > maxSlug || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for _, c := range s {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-') {
			return false
		}
	}
	return true
}

// isUUID: RFC 9562 text form, lower case.
func isUUID(s string) bool {
	const size = 36
	if len(s) != size {
		return false
	}
	for i, c := range []byte(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (c == '-') || !dash && !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f') {
			return false
		}
	}
	return true
}

// instant is the one form in which times enter the log: UTC, to the millisecond, without a monotonic part,
// so that a replayed room equals the one that decided.
func instant(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// isInstant tells whether text is that moment, as an entity writes it.
func isInstant(text string, at time.Time) bool {
	read, err := time.Parse(time.RFC3339Nano, text)
	return err == nil && read.Equal(at)
}

// joinLines puts a text of several lines on one, for the checks.
func joinLines(s string) string { return strings.ReplaceAll(s, "\n", " ") }

// loggable: a time that can be written down (RFC 3339) wherever it is read.
func loggable(t time.Time) bool { y := t.UTC().Year(); return y >= 1970 && y < 9999 }

// checkLines is checkText for a text of several lines.
func checkLines(s string, max int, code string) error {
	if utf8.RuneCountInString(s) > max {
		return checkText(s, 0, max, code)
	}
	return checkText(joinLines(s), 0, max, code)
}

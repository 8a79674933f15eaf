package signaling

import (
	"crypto/rand"
	"strings"
	"unicode"
)

// codeAlphabet has no two symbols that look alike: no I, L, O, 0 or 1.
const codeAlphabet = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"

// codeSymbols is how long a code is: 31^8 is 8.5 · 10^11.
const codeSymbols = 8

// joinCode is what somebody reads on one device and types on another, without its dash. It is no name of anything: it
// opens one door for some minutes, or for a séance, and is never written into a log of ours.
type joinCode string

// newCode draws a code; each symbol as likely as any other.
func newCode() joinCode {
	const fair = 256 - 256%len(codeAlphabet) // a byte from here on would make the first symbols likelier
	code := make([]byte, 0, codeSymbols)
	var draw [2 * codeSymbols]byte
	for {
		_, _ = rand.Read(draw[:]) // never fails: see crypto/rand
		for _, b := range draw {
			if int(b) >= fair {
				continue
			}
			if code = append(code, codeAlphabet[int(b)%len(codeAlphabet)]); len(code) == codeSymbols {
				return joinCode(code)
			}
		}
	}
}

// String is the code as it is shown: XXXX-XXXX.
func (c joinCode) String() string {
	if len(c) != codeSymbols {
		return string(c)
	}
	return string(c[:codeSymbols/2]) + "-" + string(c[codeSymbols/2:])
}

// mostTyped bounds what is read of a code, in bytes: the symbols, and what people put between them.
const mostTyped = 64

// readCode reads what somebody typed: in any case, with dashes, points or spaces anywhere. ok is false for what is no code.
func readCode(typed string) (code joinCode, ok bool) {
	if len(typed) > mostTyped {
		return "", false
	}
	var b strings.Builder
	for _, r := range typed {
		if unicode.IsSpace(r) || unicode.Is(unicode.Dash, r) || r == '.' {
			continue
		}
		if r >= 'a' && r <= 'z' {
			r -= 'a' - 'A'
		}
		if r > unicode.MaxASCII || !strings.ContainsRune(codeAlphabet, r) || b.Len() == codeSymbols {
			return "", false
		}
		b.WriteRune(r)
	}
	return joinCode(b.String()), b.Len() == codeSymbols
}

package wire

import "fmt"

// Codes of messages that cannot be understood. Their sentences are in rooms/words.
const (
	CodeTooLarge     = "wire-too-large"     // params: limit
	CodeMalformed    = "wire-malformed"     // not one JSON object in UTF-8
	CodeTooDeep      = "wire-too-deep"      // params: limit
	CodeUnknownType  = "wire-type"          // params: type
	CodeUnknownField = "wire-unknown-field" // params: field
	CodeField        = "wire-field"         // params: field; missing, of the wrong type or out of its range
	CodeVersion      = "wire-version"       // params: want
)

// Error says why a message was not understood, for programs (Code) and for the catalogue (Params).
type Error struct {
	Code   string
	Params map[string]string
	ID     string // of the command, when it could be read
}

func (e *Error) Error() string {
	if len(e.Params) == 0 {
		return e.Code
	}
	return fmt.Sprintf("%s %v", e.Code, e.Params)
}

func refuse(code string, params ...string) *Error {
	e := &Error{Code: code}
	for i := 0; i+1 < len(params); i += 2 {
		if e.Params == nil {
			e.Params = make(map[string]string, len(params)/2)
		}
		e.Params[params[i]] = clip(params[i+1])
	}
	return e
}

// clip keeps a stranger's own words short before they are repeated to anybody.
func clip(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

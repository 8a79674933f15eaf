package rooms

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"unicode/utf8"
)

// fields are the string fields of a command on the wire.
type fields map[string]string

// fromPages are the commands that pages may send, and the fields of each. Those in need must be there; those in may
// can be. All fields are strings. The house's own commands are not here: no message can be one.
var fromPages = map[CommandName]struct {
	need, may []string
	make      func(fields) Command
}{
	"open-doors": {nil, nil, func(fields) Command { return OpenDoors{} }},
	"go-on-air":  {nil, nil, func(fields) Command { return GoOnAir{} }},
	"pause":      {nil, nil, func(fields) Command { return Pause{} }},
	"resume":     {nil, nil, func(fields) Command { return Resume{} }},
	"end":        {nil, nil, func(fields) Command { return End{} }},
	"take-air":   {nil, nil, func(fields) Command { return TakeAir{} }},

	"ask": {[]string{"question", "text"}, []string{"label"}, func(f fields) Command {
		return Ask{Question: f.question(), Text: f["text"], Label: f["label"]}
	}},
	"relay": {[]string{"question"}, nil, func(f fields) Command { return Relay{f.question()} }},
	"rephrase": {[]string{"question", "text"}, nil, func(f fields) Command {
		return Rephrase{Question: f.question(), Text: f["text"]}
	}},
	"withdraw": {[]string{"question"}, nil, func(f fields) Command { return Withdraw{f.question()} }},
	"approve":  {[]string{"question"}, nil, func(f fields) Command { return Approve{f.question()} }},
	"take":     {[]string{"question"}, nil, func(f fields) Command { return Take{f.question()} }},
	"answer": {[]string{"question"}, []string{"text"}, func(f fields) Command {
		return Answer{Question: f.question(), Text: f["text"]}
	}},
	"later": {[]string{"question"}, nil, func(f fields) Command { return Later{f.question()} }},
	"decline": {[]string{"question", "reason"}, nil, func(f fields) Command {
		return Decline{Question: f.question(), Reason: Reason(f["reason"])}
	}},
	"merge": {[]string{"question", "into"}, nil, func(f fields) Command {
		return Merge{Question: f.question(), Into: QuestionID(f["into"])}
	}},
	"reopen": {[]string{"question"}, nil, func(f fields) Command { return Reopen{f.question()} }},
}

func (f fields) question() QuestionID { return QuestionID(f["question"]) }

// DecodeCommand reads one command from the wire: {"name":"ask","question":"…","text":"…"}. It is strict: names match
// to the letter, nothing is unknown, missing, double, of another type, or after the end. The caller bounds the size.
// Refusals: wire-malformed, wire-unknown-command, wire-unknown-field, wire-missing-field, role-may-not (a command of
// the house itself).
func DecodeCommand(raw []byte) (Command, error) {
	f, err := readFields(raw)
	if err != nil {
		return nil, err
	}
	given, ok := f["name"]
	if !ok {
		return nil, refuse("wire-missing-field", "field", "name")
	}
	name := CommandName(given)
	shape, ok := fromPages[name]
	if !ok {
		return nil, notFromPages(name)
	}
	for _, field := range shape.need {
		if _, ok := f[field]; !ok {
			return nil, refuse("wire-missing-field", "field", field)
		}
	}
	for field := range f {
		if field != "name" && !slices.Contains(shape.need, field) && !slices.Contains(shape.may, field) {
			return nil, refuse("wire-unknown-field", "field", clip(field))
		}
	}
	return shape.make(f), nil
}

func notFromPages(name CommandName) error {
	if _, house := permissions[name]; house {
		return refuse("role-may-not", "command", string(name))
	}
	return refuse("wire-unknown-command", "name", clip(string(name)))
}

// readFields reads one flat object of strings, token by token: the usual decoder forgives doubles and the case of names.
func readFields(raw []byte) (fields, error) {
	malformed := refuse("wire-malformed")
	if !utf8.Valid(raw) {
		return nil, malformed
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, malformed
	}
	f := fields{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, malformed
		}
		name := key.(string) // in an object, what is not an error is a name
		value, err := d.Token()
		text, isText := value.(string)
		if _, double := f[name]; err != nil || !isText || double {
			return nil, malformed
		}
		f[name] = text
	}
	if _, err := d.Token(); err != nil { // the closing brace
		return nil, malformed
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, malformed
	}
	return f, nil
}

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

// given is a field that may be left out; nil when it was.
func (f fields) given(name string) *string {
	if text, ok := f[name]; ok {
		return &text
	}
	return nil
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

package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// DecodeClient reads one message of a client. The error is always an *Error.
//
// It is strict: unknown types, unknown or repeated or differently cased names, wrong types, values
// out of range and trailing data are refused. Texts inside a command come out in NFC.
func DecodeClient(raw []byte) (ClientMessage, error) {
	if err := scan(raw); err != nil {
		return nil, err
	}
	fields, kind, err := open(raw)
	if err != nil {
		return nil, err
	}
	m, err := readClient(raw, fields, kind)
	if err != nil {
		err.ID = idOf(fields)
		return nil, err
	}
	return m, nil
}

func readClient(raw []byte, fields map[string]json.RawMessage, kind string) (ClientMessage, *Error) {
	switch kind {
	case "hello":
		if err := checkVersion(fields["v"]); err != nil { // before the rest: a later version may say more
			return nil, err
		}
		return read(raw, fields, &Hello{})
	case "do":
		return read(raw, fields, &Do{})
	case "media":
		return read(raw, fields, &Media{})
	case "health":
		return read(raw, fields, &Health{})
	case "talk":
		return read(raw, fields, &Talk{})
	case "quiet":
		return read(raw, fields, &Quiet{})
	}
	return nil, refuse(CodeUnknownType, "type", kind)
}

type checked interface {
	ClientMessage
	check() *Error
}

func read[M checked](raw []byte, fields map[string]json.RawMessage, m M) (ClientMessage, *Error) {
	if err := onlyNames(fields, reflect.TypeOf(m).Elem()); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, m); err != nil {
		return nil, fieldError(err)
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	return m, nil
}

// DecodeServer reads one message of the server, for clients. Fields it does not know are left out, so
// that an old client understands a newer server; a type it does not know gives CodeUnknownType.
func DecodeServer(raw []byte) (ServerMessage, error) {
	if !isObject(raw) {
		return nil, refuse(CodeMalformed)
	}
	_, kind, err := open(raw)
	if err != nil {
		return nil, err
	}
	m, known := newServerMessage(kind)
	if !known {
		return nil, refuse(CodeUnknownType, "type", kind)
	}
	if err := json.Unmarshal(raw, m); err != nil {
		return nil, fieldError(err)
	}
	return m, nil
}

func newServerMessage(kind string) (m ServerMessage, known bool) {
	switch kind {
	case "welcome":
		m = &Welcome{}
	case "change":
		m = &Change{}
	case "presence":
		m = &Presence{}
	case "done":
		m = &Done{}
	case "refused":
		m = &Refused{}
	case "beat":
		m = &Beat{}
	case "bye":
		m = &Bye{}
	}
	return m, m != nil
}

// open splits the object and reads its "type".
func open(raw []byte) (fields map[string]json.RawMessage, kind string, err *Error) {
	if e := json.Unmarshal(raw, &fields); e != nil {
		return nil, "", refuse(CodeMalformed)
	}
	if e := json.Unmarshal(fields["type"], &kind); e != nil || kind == "" {
		return nil, "", refuse(CodeField, "field", "type")
	}
	return fields, kind, nil
}

func checkVersion(raw json.RawMessage) *Error {
	var v float64
	if raw == nil || json.Unmarshal(raw, &v) != nil {
		return refuse(CodeField, "field", "v")
	}
	if v != Version {
		return refuse(CodeVersion, "want", strconv.Itoa(Version))
	}
	return nil
}

// onlyNames refuses names that are not exactly those of t (encoding/json would also take other cases).
func onlyNames(fields map[string]json.RawMessage, t reflect.Type) *Error {
	for name, value := range fields {
		if name != "type" && !hasField(t, name) {
			return refuse(CodeUnknownField, "field", name)
		}
		if bytes.Equal(value, []byte("null")) {
			return refuse(CodeField, "field", name)
		}
	}
	return nil
}

func hasField(t reflect.Type, name string) bool {
	for i := range t.NumField() {
		tag, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if tag == name {
			return true
		}
	}
	return false
}

// idOf finds the id of a command that is refused for another reason, so that the answer finds its way.
func idOf(fields map[string]json.RawMessage) string {
	var id string
	if json.Unmarshal(fields["id"], &id) != nil || !isID(id) {
		return ""
	}
	return id
}

func fieldError(err error) *Error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return refuse(CodeField, "field", wrong.Field)
	}
	var ours *Error
	if errors.As(err, &ours) {
		return ours
	}
	return refuse(CodeMalformed)
}

// UnmarshalJSON keeps Since as strict as the message around it.
func (s *Since) UnmarshalJSON(raw []byte) error {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return refuse(CodeField, "field", "since")
	}
	if err := onlyNames(fields, reflect.TypeFor[Since]()); err != nil {
		return err
	}
	type plain Since
	if json.Unmarshal(raw, (*plain)(s)) != nil {
		return refuse(CodeField, "field", "since")
	}
	return nil
}

func (m *Hello) check() *Error {
	switch {
	case len(m.Token) > MaxToken: // whatever its letters: the answer to a wrong token is link-unknown
		return refuse(CodeField, "field", "token")
	case m.Room != "" && !isID(m.Room):
		return refuse(CodeField, "field", "room")
	case m.Site != "" && !isID(m.Site):
		return refuse(CodeField, "field", "site")
	case !IsDevice(m.Device):
		return refuse(CodeField, "field", "device")
	case m.Since != nil && !isID(m.Since.Epoch):
		return refuse(CodeField, "field", "since")
	case len(m.Lang) > 35: // the longest tag RFC 5646 asks anybody to keep
		return refuse(CodeField, "field", "lang")
	}
	return nil
}

func (m *Do) check() *Error {
	if !isID(m.ID) {
		return refuse(CodeField, "field", "id")
	}
	command, ok := normalised(m.Command)
	if !ok {
		return refuse(CodeField, "field", "command")
	}
	m.Command = command
	return nil
}

func (m *Media) check() *Error {
	const most = 1 << 14
	switch {
	case m.Session != "" && !isID(m.Session):
		return refuse(CodeField, "field", "session")
	case m.Width < 0 || m.Width > most:
		return refuse(CodeField, "field", "width")
	case m.Height < 0 || m.Height > most:
		return refuse(CodeField, "field", "height")
	case !IsPicture(m.Picture):
		return refuse(CodeField, "field", "picture")
	}
	return nil
}

func (m *Health) check() *Error {
	switch {
	case m.Picture != "moving" && m.Picture != "still" && m.Picture != "frozen" && m.Picture != "none":
		return refuse(CodeField, "field", "picture")
	case m.Sound != "on" && m.Sound != "locked" && m.Sound != "off":
		return refuse(CodeField, "field", "sound")
	case math.IsNaN(m.Frames) || m.Frames < 0 || m.Frames > 240:
		return refuse(CodeField, "field", "frames")
	case m.Freezes < 0 || m.Freezes > MaxFreezes:
		return refuse(CodeField, "field", "freezes")
	case m.Path != "" && m.Path != "udp" && m.Path != "tcp":
		return refuse(CodeField, "field", "path")
	case m.Delay < 0 || m.Delay > MaxDelay:
		return refuse(CodeField, "field", "delay")
	}
	return nil
}

func (m *Talk) check() *Error {
	if m.Level < 0 || m.Level > 100 {
		return refuse(CodeField, "field", "level")
	}
	return nil
}

func (m *Quiet) check() *Error { return nil }

// IsPicture reports whether s says how much picture is wanted; nothing said is PictureAuto.
func IsPicture(s string) bool {
	return s == "" || s == PictureAuto || s == PictureLow || s == PictureNone
}

// IsDevice reports whether s may be a browser's device secret (or its public name).
func IsDevice(s string) bool { return len(s) >= 8 && isID(s) }

// isID: 1 to MaxID bytes of letters, digits, '-', '_' and '.'.
func isID(s string) bool {
	if s == "" || len(s) > MaxID {
		return false
	}
	for i := range len(s) {
		b := s[i]
		letter := 'a' <= b|0x20 && b|0x20 <= 'z'
		if !letter && !('0' <= b && b <= '9') && b != '-' && b != '_' && b != '.' {
			return false
		}
	}
	return true
}

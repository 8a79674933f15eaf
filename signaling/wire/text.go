package wire

import (
	"bytes"
	"encoding/json"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// written are the fields, by command, that a person typed, perhaps on several lines, and that are shown as one sentence.
var written = map[string][]string{
	"ask": {"text"}, "rephrase": {"text"}, "answer": {"text"}, "announce": {"text"}, "caption": {"text"},
	"start-exercise": {"instruction"}, "show-strip": {"title", "text"}, "edit-room": {"title", "credit"}, "request-floor": {"reason"},
}

// breaks are the line breaks and spaces that a keyboard or a paste may leave in a text. The no-break
// spaces of French typography are not among them: they stay.
const breaks = " \t\n\v\f\r\u0085\u2028\u2029"

// normalised returns a command with every text in NFC: a browser on one system writes « é » as one
// character, on another as two, and lengths and comparisons must not depend on it. What a person
// wrote comes out on one line. A message is bounded (MaxMessage) before it comes here, so is the
// work; rooms judges lengths and characters.
func normalised(raw json.RawMessage) (json.RawMessage, bool) {
	if !isObject(raw) {
		return nil, false
	}
	if norm.NFC.IsNormal(raw) && !mayFold(raw) {
		return raw, true // nothing escaped, nothing to compose or to fold: the usual case
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var value map[string]any
	if d.Decode(&value) != nil {
		return nil, false
	}
	compose(value)
	fold(value)
	out, err := marshal(value)
	return out, err == nil
}

// mayFold errs on the side of looking closer: an escape or a space beside a quote need not be in a text.
func mayFold(raw []byte) bool {
	return bytes.ContainsAny(raw, "\\\u0085\u2028\u2029") ||
		bytes.Contains(raw, []byte("  ")) || bytes.Contains(raw, []byte(`" `)) || bytes.Contains(raw, []byte(` "`))
}

// compose normalises every string below v. The depth is bounded by MaxDepth.
func compose(v any) any {
	switch v := v.(type) {
	case string:
		return norm.NFC.String(v)
	case []any:
		for i := range v {
			v[i] = compose(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = compose(v[k])
		}
	}
	return v
}

// fold puts what a person wrote on one line: each run of breaks is one space, none at the ends. Cards
// and walls show questions as one sentence, and rooms refuses control characters.
func fold(command map[string]any) {
	name, _ := command["name"].(string)
	isBreak := func(c rune) bool { return strings.ContainsRune(breaks, c) }
	for _, field := range written[name] {
		text, ok := command[field].(string)
		if !ok {
			continue
		}
		line := strings.Join(strings.FieldsFunc(text, isBreak), " ")
		if line == "" && text != "" && name == "ask" {
			line = " " // spaces are a question that went wrong, where nothing at all is one without words
		}
		command[field] = line
	}
}

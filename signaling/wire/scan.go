package wire

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"unicode/utf8"
)

// scan checks everything that can be checked before a message is given a meaning: size, UTF-8,
// depth, one single JSON object, and no name twice in one object (two readers could choose
// differently which one counts).
func scan(raw []byte) *Error {
	switch {
	case len(raw) > MaxMessage:
		return refuse(CodeTooLarge, "limit", strconv.Itoa(MaxMessage))
	case !utf8.Valid(raw):
		return refuse(CodeMalformed)
	case depth(raw) > MaxDepth:
		return refuse(CodeTooDeep, "limit", strconv.Itoa(MaxDepth))
	case !isObject(raw) || !json.Valid(raw):
		return refuse(CodeMalformed)
	case repeats(raw):
		return refuse(CodeMalformed)
	}
	return nil
}

func isObject(raw []byte) bool {
	raw = bytes.TrimLeft(raw, " \t\r\n")
	return len(raw) > 0 && raw[0] == '{'
}

// depth counts brackets outside strings, without recursion and without allocating.
func depth(raw []byte) (deepest int) {
	level, quoted, escaped := 0, false, false
	for _, b := range raw {
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped = b == '\\'
			quoted = b != '"'
		case b == '"':
			quoted = true
		case b == '{' || b == '[':
			level++
			deepest = max(deepest, level)
		case b == '}' || b == ']':
			level--
		}
	}
	return deepest
}

// repeats reports a name used twice in one object. raw is valid JSON of bounded depth.
func repeats(raw []byte) bool {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var open []*names
	for {
		token, err := d.Token()
		if err != nil {
			return err != io.EOF
		}
		if delim, ok := token.(json.Delim); ok && (delim == '}' || delim == ']') {
			open = open[:len(open)-1]
			continue
		}
		if len(open) > 0 && !open[len(open)-1].next(token) {
			return true
		}
		if delim, ok := token.(json.Delim); ok {
			open = append(open, newNames(delim))
		}
	}
}

// names follows one open object or array; seen is nil for an array.
type names struct {
	seen  map[string]bool
	value bool // the next token is the value of the name just read
}

func newNames(d json.Delim) *names {
	if d == '[' {
		return &names{}
	}
	return &names{seen: make(map[string]bool)}
}

// next takes one token that stands directly in this object and reports whether it is no repeated name.
func (n *names) next(token json.Token) bool {
	if n.seen == nil {
		return true
	}
	if n.value {
		n.value = false
		return true
	}
	name, _ := token.(string)
	if n.seen[name] {
		return false
	}
	n.seen[name], n.value = true, true
	return true
}

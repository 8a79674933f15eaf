package wire

import (
	"bytes"
	"encoding/json"

	"golang.org/x/text/unicode/norm"
)

// normalised returns a command with every text in NFC: a browser on one system writes « é » as one
// character, on another as two, and lengths and comparisons must not depend on it. A message is
// bounded (MaxMessage) before it comes here, so is the work; rooms judges lengths and characters.
func normalised(raw json.RawMessage) (json.RawMessage, bool) {
	if !isObject(raw) {
		return nil, false
	}
	if norm.NFC.IsNormal(raw) && bytes.IndexByte(raw, '\\') < 0 {
		return raw, true // nothing escaped, nothing to compose: the usual case
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var value any
	if d.Decode(&value) != nil {
		return nil, false
	}
	out, err := marshal(compose(value))
	return out, err == nil
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

package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Encode writes one message of either side as one line of JSON without a final newline.
func Encode(message any) ([]byte, error) {
	kind, err := typeOf(message)
	if err != nil {
		return nil, err
	}
	body, err := marshal(message)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", kind, err)
	}
	head := append([]byte(`{"type":"`), kind...)
	head = append(head, '"')
	if len(body) > 2 { // more than {}
		head = append(head, ',')
	}
	return append(head, body[1:]...), nil
}

func typeOf(message any) (string, error) {
	switch message.(type) {
	case *Hello:
		return "hello", nil
	case *Do:
		return "do", nil
	case *Media:
		return "media", nil
	case *Health:
		return "health", nil
	case *Talk:
		return "talk", nil
	case *Quiet:
		return "quiet", nil
	case *Welcome:
		return "welcome", nil
	case *Change:
		return "change", nil
	case *Presence:
		return "presence", nil
	case *Done:
		return "done", nil
	case *Refused:
		return "refused", nil
	case *Beat:
		return "beat", nil
	case *Bye:
		return "bye", nil
	}
	return "", fmt.Errorf("encode: %T is no message", message)
}

// marshal is json.Marshal without the HTML escapes: pages write texts as text, never as markup.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

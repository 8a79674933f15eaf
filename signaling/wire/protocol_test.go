package wire

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
)

// example is one fenced block of protocol.md. kind is what its fence says: "client", "server",
// "problem" (the body of an HTTP refusal), "accept" and "accepted" (an invitation that is taken up) or "entity" (one view entity, {"key": {...}}).
type example struct {
	line int
	kind string
	text string
}

func TestEveryExampleOfTheProtocolIsUnderstood(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range examples(t) {
		message := decodeExample(t, e)
		if message != nil {
			seen[reflect.TypeOf(message).Elem().Name()] = true
			sameAgain(t, e, message)
		}
	}
	for _, want := range []string{"Hello", "Do", "Media", "Health", "Talk", "Quiet", "Welcome", "Change", "Presence", "Done", "Refused", "Beat", "Bye"} {
		if !seen[want] {
			t.Errorf("protocol.md has no example of %s", want)
		}
	}
}

func decodeExample(t *testing.T, e example) any {
	t.Helper()
	var message any
	var err error
	switch e.kind {
	case "client":
		message, err = DecodeClient([]byte(e.text))
	case "server":
		message, err = DecodeServer([]byte(e.text))
	case "problem":
		d := json.NewDecoder(strings.NewReader(e.text))
		d.DisallowUnknownFields()
		var p Problem
		if err = d.Decode(&p); err == nil && (p.Code == "" || p.Text == "") {
			t.Errorf("line %d: a problem needs a code and a text", e.line)
		}
	case "accepted":
		d := json.NewDecoder(strings.NewReader(e.text))
		d.DisallowUnknownFields()
		var a Accepted
		if err = d.Decode(&a); err == nil && a.URL == "" {
			t.Errorf("line %d: a guest needs a page", e.line)
		}
	case "accept":
		d := json.NewDecoder(strings.NewReader(e.text))
		d.DisallowUnknownFields()
		var a Accept
		if err = d.Decode(&a); err == nil && (a.Grant == "" || len(a.Secret) < MinSecret || len(a.Secret) > MaxSecret) {
			t.Errorf("line %d: an invitation is taken up by its name and a secret", e.line)
		}
	case "entity":
		var entity map[string]map[string]any
		if err = json.Unmarshal([]byte(e.text), &entity); err == nil && len(entity) != 1 {
			t.Errorf("line %d: one entity per example", e.line)
		}
	default:
		t.Errorf("line %d: an example must say what it is, not %q", e.line, e.kind)
	}
	if err != nil {
		t.Errorf("line %d: %v", e.line, err)
		return nil
	}
	return message
}

// sameAgain says the message again and compares: an example with a field we do not know would lose it.
func sameAgain(t *testing.T, e example, message any) {
	t.Helper()
	said, err := Encode(message)
	if err != nil {
		t.Errorf("line %d: %v", e.line, err)
		return
	}
	var want, got any
	_ = json.Unmarshal([]byte(e.text), &want)
	_ = json.Unmarshal(said, &got)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("line %d: %s is understood as %s", e.line, e.text, said)
	}
}

func examples(t testing.TB) (found []example) {
	t.Helper()
	raw, err := os.ReadFile("protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	var inside *example
	for i, line := range strings.Split(string(raw), "\n") {
		switch {
		case inside != nil && strings.HasPrefix(line, "```"):
			found, inside = append(found, *inside), nil
		case inside != nil:
			inside.text += line + "\n"
		case strings.HasPrefix(line, "```json"):
			inside = &example{line: i + 1, kind: strings.TrimSpace(strings.TrimPrefix(line, "```json"))}
		}
	}
	if inside != nil || len(found) == 0 {
		t.Fatalf("protocol.md: %d examples, one left open: %v", len(found), inside != nil)
	}
	return found
}

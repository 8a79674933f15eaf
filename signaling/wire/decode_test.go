package wire

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

const device = `"device":"0b0e7f5c-0000-4000-8000-00000000000a"`

func TestWhatIsRefused(t *testing.T) {
	deep := func(n int) string {
		return `{"type":"do","id":"1","command":` + strings.Repeat(`{"a":`, n) + `1` + strings.Repeat(`}`, n) + `}`
	}
	for _, c := range []struct{ name, raw, code, field string }{
		{"nothing", ``, CodeMalformed, ""},
		{"spaces", `   `, CodeMalformed, ""},
		{"not an object", `["hello"]`, CodeMalformed, ""},
		{"a bare word", `hello`, CodeMalformed, ""},
		{"cut short", `{"type":"hello","v":1,`, CodeMalformed, ""},
		{"cut inside a string", `{"type":"hel`, CodeMalformed, ""},
		{"two values", `{"type":"media","session":"x"}{}`, CodeMalformed, ""},
		{"something behind", `{"type":"media","session":"x"} x`, CodeMalformed, ""},
		{"not UTF-8", "{\"type\":\"media\",\"session\":\"\xff\"}", CodeMalformed, ""},
		{"a name twice", `{"type":"media","session":"a","session":"b"}`, CodeMalformed, ""},
		{"a name twice below", `{"type":"do","id":"1","command":{"name":"ask","name":"end"}}`, CodeMalformed, ""},
		{"a name twice in two spellings", `{"type":"do","id":"1","command":{"name":"ask","n\u0061me":"end"}}`, CodeMalformed, ""},
		{"too large", `{"type":"media","session":"` + strings.Repeat("x", MaxMessage) + `"}`, CodeTooLarge, ""},
		{"nine levels", deep(8), CodeTooDeep, ""},
		{"a tower of brackets", strings.Repeat("[", 60000), CodeTooDeep, ""},
		{"a tower behind an escaped quote", `{"a":"\"","b":` + strings.Repeat("[", 9), CodeTooDeep, ""},
		{"no type", `{"session":"x"}`, CodeField, "type"},
		{"type of the wrong type", `{"type":1}`, CodeField, "type"},
		{"unknown type", `{"type":"shout"}`, CodeUnknownType, ""},
		{"a server's type", `{"type":"beat","now":"2026-11-21T10:00:00Z"}`, CodeUnknownType, ""},
		{"unknown field", `{"type":"media","session":"x","role":"mediator"}`, CodeUnknownField, "role"},
		{"a field in capitals", `{"type":"media","Session":"x"}`, CodeUnknownField, "Session"},
		{"null", `{"type":"media","session":null}`, CodeField, "session"},
		{"number for text", `{"type":"media","session":7}`, CodeField, "session"},
		{"text for number", `{"type":"media","session":"x","width":"1280"}`, CodeField, "width"},
		{"width beyond any screen", `{"type":"media","session":"x","width":99999}`, CodeField, "width"},
		{"negative height", `{"type":"media","session":"x","height":-1}`, CodeField, "height"},
		{"session with a path", `{"type":"media","session":"../x"}`, CodeField, "session"},
		{"a wish that nobody can fulfil", `{"type":"media","session":"x","picture":"best"}`, CodeField, "picture"},
		{"a wish of another type", `{"type":"media","session":"x","picture":true}`, CodeField, "picture"},
		{"a field of an older page", `{"type":"media","session":"x","economy":true}`, CodeUnknownField, "economy"},
		{"picture of another list", `{"type":"health","picture":"blue","sound":"on"}`, CodeField, "picture"},
		{"sound missing", `{"type":"health","picture":"moving"}`, CodeField, "sound"},
		{"opened that is a text", `{"type":"health","picture":"moving","sound":"on","opened":"yes"}`, CodeField, "opened"},
		{"full that is a text", `{"type":"health","picture":"moving","sound":"on","full":"no"}`, CodeField, "full"},
		{"connected that is a number", `{"type":"health","picture":"moving","sound":"on","connected":1}`, CodeField, "connected"},
		{"too many frames", `{"type":"health","picture":"moving","frames":1e9,"sound":"on"}`, CodeField, "frames"},
		{"freezes that never were", `{"type":"health","picture":"moving","sound":"on","freezes":-1}`, CodeField, "freezes"},
		{"more freezes than can be", `{"type":"health","picture":"moving","sound":"on","freezes":1000000}`, CodeField, "freezes"},
		{"half a freeze", `{"type":"health","picture":"moving","sound":"on","freezes":0.5}`, CodeField, "freezes"},
		{"a path that is none", `{"type":"health","picture":"moving","sound":"on","path":"quic"}`, CodeField, "path"},
		{"a delay before its time", `{"type":"health","picture":"moving","sound":"on","delay":-1}`, CodeField, "delay"},
		{"a delay beyond any page", `{"type":"health","picture":"moving","sound":"on","delay":60001}`, CodeField, "delay"},
		{"no version", `{"type":"hello",` + device + `}`, CodeField, "v"},
		{"a later version", `{"type":"hello","v":2,` + device + `}`, CodeVersion, ""},
		{"a later version that says more", `{"type":"hello","v":2,"passkey":{"x":1}}`, CodeVersion, ""},
		{"version between two", `{"type":"hello","v":1.5,` + device + `}`, CodeVersion, ""},
		{"no device", `{"type":"hello","v":1}`, CodeField, "device"},
		{"a device too short to be a secret", `{"type":"hello","v":1,"device":"abc"}`, CodeField, "device"},
		{"token too long", `{"type":"hello","v":1,"token":"` + strings.Repeat("x", 200) + `",` + device + `}`, CodeField, "token"},
		{"since of the wrong type", `{"type":"hello","v":1,` + device + `,"since":12}`, CodeField, "since"},
		{"since with more", `{"type":"hello","v":1,` + device + `,"since":{"epoch":"e","seq":1,"role":"x"}}`, CodeUnknownField, "role"},
		{"since before the beginning", `{"type":"hello","v":1,` + device + `,"since":{"epoch":"e","seq":-1}}`, CodeField, "since"},
		{"since without epoch", `{"type":"hello","v":1,` + device + `,"since":{"seq":1}}`, CodeField, "since"},
		{"do without id", `{"type":"do","command":{"name":"end"}}`, CodeField, "id"},
		{"do without command", `{"type":"do","id":"1"}`, CodeField, "command"},
		{"command that is a text", `{"type":"do","id":"1","command":"end"}`, CodeField, "command"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := DecodeClient([]byte(c.raw))
			var refused *Error
			if !errors.As(err, &refused) || m != nil {
				t.Fatalf("got %v, %v", m, err)
			}
			if refused.Code != c.code || refused.Params["field"] != c.field {
				t.Fatalf("got %v, want %s %s", refused, c.code, c.field)
			}
		})
	}
}

func TestEightLevelsAreTaken(t *testing.T) {
	raw := `{"type":"do","id":"1","command":` + strings.Repeat(`{"a":`, 7) + `1` + strings.Repeat(`}`, 7) + `}`
	if _, err := DecodeClient([]byte(raw)); err != nil {
		t.Fatal(err)
	}
}

func TestRefusalCarriesTheIDOfItsCommand(t *testing.T) {
	_, err := DecodeClient([]byte(`{"type":"do","id":"q-1","command":{},"as":"mediator"}`))
	var refused *Error
	if !errors.As(err, &refused) || refused.ID != "q-1" {
		t.Fatalf("got %+v", err)
	}
}

func TestAStrangersWordsAreClipped(t *testing.T) {
	_, err := DecodeClient([]byte(`{"type":"` + strings.Repeat("é", 3000) + `"}`))
	var refused *Error
	if !errors.As(err, &refused) || len([]rune(refused.Params["type"])) != 40 {
		t.Fatalf("got %+v", err)
	}
}

func TestTextsComeOutComposed(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"two characters", "\"cafe\u0301\"", "caf\u00e9"},
		{"escaped", `"cafe\u0301"`, "caf\u00e9"},
		{"already composed", "\"caf\u00e9\"", "caf\u00e9"},
		{"markup stays text", `"<b>&\u003c/b>"`, "<b>&</b>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := DecodeClient([]byte(`{"type":"do","id":"1","command":{"name":"ask","text":` + c.in + `}}`))
			if err != nil {
				t.Fatal(err)
			}
			var command struct{ Text string }
			if err := json.Unmarshal(m.(*Do).Command, &command); err != nil || command.Text != c.want {
				t.Fatalf("got %q (%v), want %q", command.Text, err, c.want)
			}
		})
	}
}

// A question typed on two lines, or pasted, is one sentence; what is not a person's text is left alone.
func TestWhatIsWrittenComesOutOnOneLine(t *testing.T) {
	text := func(name, value string) string {
		return `{"name":"` + name + `","text":` + value + `}`
	}
	for _, c := range []struct{ name, in, want string }{
		{"two lines", text("ask", `"On peut ?\nPour six"`), "On peut ? Pour six"},
		{"lines of another system", text("rephrase", `"Un\r\n\r\nDeux"`), "Un Deux"},
		{"tabs and runs of spaces", text("answer", `"Oui,\t  par  de l'huile"`), "Oui, par de l'huile"},
		{"both ends", text("ask", `" Et le sel ?\n"`), "Et le sel ?"},
		{"separators of a word processor", text("ask", "\"Un\u2028Deux\u0085Trois\""), "Un Deux Trois"},
		{"vertical tab, escaped", text("ask", `"Un\u000bDeux"`), "Un Deux"},
		{"no-break spaces stay", text("ask", "\"C\u2019est pr\u00eat\u202f? \u00ab\u00a0Oui\u00a0\u00bb\""), "C\u2019est pr\u00eat\u202f? \u00ab\u00a0Oui\u00a0\u00bb"},
		{"another control character is left to be refused", text("ask", `"Un\u0007Deux"`), "Un\aDeux"},
		{"only breaks are no question without words", text("ask", `" \n "`), " "},
		{"a question without words", text("ask", `""`), ""},
		{"an announcement", text("announce", `"Pause\ncafé "`), "Pause café"},
		{"a caption of spaces", text("caption", `"  "`), ""},
		{"a rundown keeps its lines", text("set-rundown", `"10 Un\n5 Deux"`), "10 Un\n5 Deux"},
		{"another command", text("relay", `"Un\nDeux"`), "Un\nDeux"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := DecodeClient([]byte(`{"type":"do","id":"1","command":` + c.in + `}`))
			if err != nil {
				t.Fatal(err)
			}
			var command struct{ Text string }
			if err := json.Unmarshal(m.(*Do).Command, &command); err != nil || command.Text != c.want {
				t.Fatalf("got %q (%v), want %q", command.Text, err, c.want)
			}
		})
	}
}

func TestANewerServerIsUnderstood(t *testing.T) {
	m, err := DecodeServer([]byte(`{"type":"done","id":"1","seq":7,"later":{"x":[1]}}`))
	if err != nil || *m.(*Done) != (Done{ID: "1", Seq: 7}) {
		t.Fatalf("got %+v, %v", m, err)
	}
	_, err = DecodeServer([]byte(`{"type":"confetti"}`))
	var refused *Error
	if !errors.As(err, &refused) || refused.Code != CodeUnknownType {
		t.Fatalf("got %v", err)
	}
}

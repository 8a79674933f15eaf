package wire

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// FuzzDecode: no input panics; what is refused has a code; what is taken survives a round trip
// unchanged, so nothing was half understood.
func FuzzDecode(f *testing.F) {
	for _, e := range examples(f) {
		f.Add([]byte(e.text))
	}
	f.Add([]byte(strings.Repeat(`{"a":[`, 20)))
	f.Add([]byte(`{"type":"do","id":"1","command":{"text":"e\u0301\ud800"}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := DecodeClient(raw)
		if err != nil {
			var refused *Error
			if !errors.As(err, &refused) || refused.Code == "" {
				t.Fatalf("an error without a code: %v", err)
			}
			return
		}
		once, err := Encode(m)
		if err != nil {
			t.Fatalf("taken but not to be said: %v", err)
		}
		again, err := DecodeClient(once)
		if len(once) > MaxMessage {
			return // escapes can grow a message beyond what one may send
		}
		if err != nil {
			t.Fatalf("%s: %v", once, err)
		}
		if twice, _ := Encode(again); !bytes.Equal(once, twice) {
			t.Fatalf("%s became %s", once, twice)
		}
	})
}

// FuzzDecodeServer: the client's side of the same promise.
func FuzzDecodeServer(f *testing.F) {
	for _, e := range examples(f) {
		f.Add([]byte(e.text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := DecodeServer(raw)
		if err != nil {
			return
		}
		if _, err := Encode(m); err != nil {
			t.Fatalf("taken but not to be said: %v", err)
		}
	})
}

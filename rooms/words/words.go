// Package words holds the sentences that Antenne says to people, by code: French first, English complete.
//
// Programs speak in codes (a *rooms.Refusal, an error of the media engine, the reason of a goodbye); people read
// Sentence. A code is kebab-case and never changes its meaning; its sentence says what happens and what to do, in
// sentences of fewer than 15 words, without jargon. To add one, add a line to fr.json and to en.json, in order: the
// test of this package walks the whole tree and names whatever is missing.
//
// The package has no goroutine and no state that changes; everything may be called from anywhere.
package words

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed fr.json en.json
var files embed.FS

// Default is the language of whoever has not said theirs.
const Default = "fr"

// unknown is said when a code has no sentence; the tests see to it that none is missing.
const unknown = "unknown"

var catalogues = map[string]map[string]string{"fr": load("fr.json"), "en": load("en.json")}

func load(name string) map[string]string {
	raw, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	var c map[string]string
	if err := json.Unmarshal(raw, &c); err != nil {
		panic(fmt.Errorf("words: %s: %w", name, err))
	}
	return c
}

// Languages lists the languages of the catalogue.
func Languages() []string { return []string{"en", "fr"} }

// Has tells whether a code has a sentence.
func Has(code string) bool {
	_, ok := catalogues[Default][code]
	return ok
}

// Sentence says code in lang ("fr", "en", "fr-BE"…; French when it is another), its {gaps} filled from params.
// A gap without a parameter is left out.
func Sentence(lang, code string, params map[string]string) string {
	c := catalogue(lang)
	s, ok := c[code]
	if !ok {
		s = c[unknown]
	}
	return fill(s, params)
}

func catalogue(lang string) map[string]string {
	base, _, _ := strings.Cut(strings.ToLower(lang), "-")
	if c, ok := catalogues[base]; ok {
		return c
	}
	return catalogues[Default]
}

func fill(s string, params map[string]string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(s, "{")
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			out.WriteString(s)
			return out.String()
		}
		out.WriteString(before)
		out.WriteString(params[name])
		s = after
	}
}

// Catalogue returns a copy of every sentence of a language by code, for pages.
func Catalogue(lang string) map[string]string {
	c := catalogue(lang)
	out := make(map[string]string, len(c))
	for code, s := range c {
		out[code] = s
	}
	return out
}

// Decline returns the sentence of each reason for declining a question, by reason (rooms.Reason), for pages.
func Decline(lang string) map[string]string {
	out := map[string]string{}
	for code, s := range catalogue(lang) {
		if reason, ok := strings.CutPrefix(code, "decline-"); ok {
			out[reason] = s
		}
	}
	return out
}

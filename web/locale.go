package web

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"strings"

	"antenne/rooms/words"
)

// catalogue is the sentences of one language by key.
type catalogue map[string]string

// Languages are those the pages speak, the default first.
var languages = []string{"fr", "en"}

// shared prefixes travel with every page, besides the page's own.
var shared = []string{"common.", "state.", "question."}

func loadCatalogues(files fs.FS) (map[string]catalogue, error) {
	all := map[string]catalogue{}
	for _, lang := range languages {
		raw, err := fs.ReadFile(files, "locale/"+lang+".json")
		if err != nil {
			return nil, fmt.Errorf("web: words: %w", err)
		}
		var c catalogue
		if err := json.Unmarshal(raw, &c); err != nil {
			return nil, fmt.Errorf("web: locale/%s.json: %w", lang, err)
		}
		for reason, sentence := range words.Decline(lang) {
			c["question.declined."+reason] = sentence
		}
		if lang == "fr" {
			c.typeset()
		}
		all[lang] = c
	}
	return all, nil
}

// hardSpaces are those of French typography: « ? » never begins a line.
var hardSpaces = strings.NewReplacer(" ?", nbsp+"?", " !", nbsp+"!", " :", nbsp+":", " ;", nbsp+";", "« ", "«"+nbsp, " »", nbsp+"»")

func (c catalogue) typeset() {
	for key, sentence := range c {
		c[key] = hardSpaces.Replace(sentence)
	}
}

// forPage is what one page's script may say: the shared sentences, its own, and those it borrows.
func (c catalogue) forPage(name string, borrowed ...string) catalogue {
	prefixes := append([]string{name + "."}, shared...)
	prefixes = append(prefixes, borrowed...)
	out := catalogue{}
	for key, sentence := range c {
		for _, prefix := range prefixes {
			if strings.HasPrefix(key, prefix) {
				out[key] = sentence
			}
		}
	}
	return out
}

// say gives the sentence of key, its {gaps} filled from pairs name, value. A missing key shows itself.
func (c catalogue) say(key string, pairs ...any) string {
	sentence, ok := c[key]
	if !ok {
		return key
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		sentence = strings.ReplaceAll(sentence, "{"+fmt.Sprint(pairs[i])+"}", fmt.Sprint(pairs[i+1]))
	}
	return sentence
}

// language is the one asked for by ?lang=, else the first of Accept-Language that we speak, else French.
func language(r *http.Request) string {
	if lang := r.URL.Query().Get("lang"); speaks(lang) {
		return lang
	}
	for _, part := range strings.Split(r.Header.Get("Accept-Language"), ",") {
		tag, quality, _ := strings.Cut(strings.TrimSpace(part), ";")
		base, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if speaks(base) && strings.ReplaceAll(quality, " ", "") != "q=0" {
			return base
		}
	}
	return languages[0]
}

func speaks(lang string) bool {
	for _, known := range languages {
		if lang == known {
			return true
		}
	}
	return false
}

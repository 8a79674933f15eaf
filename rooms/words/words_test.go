package words_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"antenne/rooms"
	"antenne/rooms/words"
)

func TestEveryCodeOfTheTreeHasItsSentence(t *testing.T) {
	used := codesOfTree(t, "../..")
	if len(used) < 50 {
		t.Fatalf("found only %d codes in the tree: the search has lost its way", len(used))
	}
	for _, code := range slices.Sorted(maps.Keys(used)) {
		for _, lang := range words.Languages() {
			if _, ok := words.Catalogue(lang)[code]; !ok {
				t.Errorf("%s.json has no sentence for %q, used in %s", lang, code, used[code])
			}
		}
	}
}

// A code may also be put together, or chosen from a table: then its text stands somewhere in the sources.
func TestEverySentenceHasItsCode(t *testing.T) {
	used, written := codesOfTree(t, "../.."), textsOfTree(t, "../..")
	if len(written) < 200 {
		t.Fatalf("found only %d texts in the tree: the search has lost its way", len(written))
	}
	for _, reason := range rooms.Reasons() {
		written["decline-"+string(reason)] = true // the reason's own sentence
	}
	for code := range words.Catalogue("fr") {
		if used[code] == "" && !written[code] {
			t.Errorf("the catalogue has a sentence for %q, which nothing in the tree says", code)
		}
	}
}

func TestBothLanguagesSayTheSame(t *testing.T) {
	fr, en := words.Catalogue("fr"), words.Catalogue("en")
	for code := range fr {
		if en[code] == "" {
			t.Errorf("en.json lacks %q", code)
		}
	}
	for code := range en {
		if fr[code] == "" {
			t.Errorf("fr.json lacks %q", code)
		}
		if f, e := gaps(fr[code]), gaps(en[code]); !slices.Equal(f, e) {
			t.Errorf("%q: the gaps differ: %v, %v", code, f, e)
		}
	}
}

func gaps(s string) []string {
	found := regexp.MustCompile(`\{[a-z]+\}`).FindAllString(s, -1)
	slices.Sort(found)
	return found
}

var (
	kebab    = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	sentence = regexp.MustCompile(`[.!?]( |$)`)
)

// The writing rules of the pages hold for refusals: short sentences, each complete, no program's words.
func TestSentencesAreShortAndPlain(t *testing.T) {
	for _, lang := range words.Languages() {
		for code, text := range words.Catalogue(lang) {
			if !kebab.MatchString(code) {
				t.Errorf("%s: %q is not a kebab-case code", lang, code)
			}
			if !sentence.MatchString(text) || !strings.ContainsAny(text[len(text)-1:], ".!?»") {
				t.Errorf("%s: %s: not a whole sentence: %s", lang, code, text)
			}
			for _, s := range sentence.Split(text, -1) {
				if n := len(strings.Fields(strings.NewReplacer(" :", "", "« ", "", " »", "").Replace(s))); n >= 15 {
					t.Errorf("%s: %s: %d words: %s", lang, code, n, s)
				}
			}
		}
	}
}

func TestFilesAreSorted(t *testing.T) {
	for _, lang := range words.Languages() {
		raw, err := os.ReadFile(lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if keys := keysOf(t, raw); !slices.IsSorted(keys) {
			for i := 1; i < len(keys); i++ {
				if keys[i] <= keys[i-1] {
					t.Errorf("%s.json: %q must come before %q, once", lang, keys[i], keys[i-1])
				}
			}
		}
	}
}

func keysOf(t *testing.T, raw []byte) []string {
	var keys []string
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Token(); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key.(string))
	}
	return keys
}

func TestSentence(t *testing.T) {
	for _, c := range []struct {
		lang, code string
		params     map[string]string
		want       string
	}{
		{"fr", "room-ended", nil, "La séance est terminée. Merci d’être venus."},
		{"fr-BE", "room-ended", nil, "La séance est terminée. Merci d’être venus."},
		{"EN-gb", "room-ended", nil, "The session is over. Thank you for coming."},
		{"ch'ti", "room-ended", nil, "La séance est terminée. Merci d’être venus."},
		{"", "question-too-long", map[string]string{"max": "500"}, "Votre question est trop longue : 500 signes au plus. Raccourcissez-la."},
		{"en", "question-too-long", nil, "Your question is too long:  characters at most. Shorten it."},
		{"en", "no-such-code", nil, words.Sentence("en", "unknown", nil)},
		{"en", "site-unknown", map[string]string{"site": "{max}", "max": "x"}, "This site does not follow the session: {max}. Check its name."},
	} {
		if got := words.Sentence(c.lang, c.code, c.params); got != c.want {
			t.Errorf("Sentence(%q, %q, %v) = %q, want %q", c.lang, c.code, c.params, got, c.want)
		}
	}
}

func TestDeclineReasonsAreTheRoomsOwn(t *testing.T) {
	for _, lang := range words.Languages() {
		var have []rooms.Reason
		for reason := range words.Decline(lang) {
			have = append(have, rooms.Reason(reason))
		}
		slices.Sort(have)
		want := slices.Sorted(slices.Values(rooms.Reasons()))
		if !slices.Equal(have, want) {
			t.Errorf("%s: sentences for %v, the rooms know %v", lang, have, want)
		}
	}
}

func TestCatalogueIsACopy(t *testing.T) {
	words.Catalogue("fr")["room-ended"] = "changed"
	if words.Sentence("fr", "room-ended", nil) == "changed" {
		t.Error("a reader changed the catalogue")
	}
}

func TestHas(t *testing.T) {
	if !words.Has("air-held") || words.Has("no-such-code") {
		t.Error("Has does not tell codes apart")
	}
}

package web

import (
	"io/fs"
	"path"
	"regexp"
	"sort"
	"strings"
	"testing"
)

// sources reads every file in which a sentence may be named.
func sources(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := fs.WalkDir(embedded, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || (path.Ext(name) != ".js" && path.Ext(name) != ".html") {
			return err
		}
		body, err := fs.ReadFile(embedded, name)
		all[name] = string(body)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// built are the prefixes that Go code completes; scripts and templates name theirs with a final dot.
var built = []string{"state.", "state.say.", "state.private.", "question.declined."}

// TestEveryKeyIsInBothLanguages also compares the {gaps}: a translation may not lose one.
func TestEveryKeyIsInBothLanguages(t *testing.T) {
	all, err := loadCatalogues(embedded)
	if err != nil {
		t.Fatal(err)
	}
	for key, french := range all["fr"] {
		english, ok := all["en"][key]
		if !ok {
			t.Errorf("%s is not in en.json", key)
		}
		if a, b := gaps(french), gaps(english); ok && a != b {
			t.Errorf("%s: gaps %q in French, %q in English", key, a, b)
		}
		if strings.TrimSpace(french) == "" || ok && strings.TrimSpace(english) == "" {
			t.Errorf("%s is empty", key)
		}
	}
	for key := range all["en"] {
		if _, ok := all["fr"][key]; !ok {
			t.Errorf("%s is not in fr.json", key)
		}
	}
}

var gap = regexp.MustCompile(`\{(\w+)\}`)

func gaps(sentence string) string {
	seen := map[string]bool{}
	var names []string
	for _, m := range gap.FindAllStringSubmatch(sentence, -1) {
		if !seen[m[1]] {
			seen[m[1]] = true
			names = append(names, m[1])
		}
	}
	sort.Strings(names)
	return strings.Join(names, ",")
}

// TestEveryKeyIsUsed finds sentences that nobody says any more.
func TestEveryKeyIsUsed(t *testing.T) {
	all, err := loadCatalogues(embedded)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, source := range sources(t) {
		text.WriteString(source)
	}
	used := text.String()
	for key := range all["fr"] {
		if !named(used, key) {
			t.Errorf("%s is in the locale and nowhere else", key)
		}
	}
}

func named(used, key string) bool {
	key = strings.TrimSuffix(key, ".one")
	if strings.Contains(used, `'`+key+`'`) || strings.Contains(used, `"`+key+`"`) {
		return true
	}
	for _, prefix := range built {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	if strings.HasSuffix(key, ".name") && strings.Count(key, ".") == 1 || strings.HasPrefix(key, "problem.") {
		return true // view.Heading and Site.problem
	}
	for i := strings.LastIndex(key, "."); i > 0; i = strings.LastIndex(key[:i], ".") {
		if prefix := key[:i+1]; strings.Contains(used, `'`+prefix+`'`) || strings.Contains(used, `"`+prefix+`"`) || strings.Contains(used, "`"+prefix+"$") {
			return true
		}
	}
	return false
}

var said = regexp.MustCompile(`(?:\bsay\(|\.T )\s*['"]([a-z][\w-]*(?:\.[\w-]+)+)['"]`)

// TestEverySentenceThatIsSaidExists finds keys that scripts and templates name and no page would have.
func TestEverySentenceThatIsSaidExists(t *testing.T) {
	all, err := loadCatalogues(embedded)
	if err != nil {
		t.Fatal(err)
	}
	for name, source := range sources(t) {
		for _, m := range said.FindAllStringSubmatch(source, -1) {
			if _, ok := all["fr"][m[1]]; !ok {
				t.Errorf("%s says %s, which is not in the locale", name, m[1])
			}
		}
	}
}

func TestLanguageOfARequest(t *testing.T) {
	get := serve(t, cuisine("scheduled"))
	for _, c := range []struct{ path, accept, want string }{
		{"/", "", "fr"}, {"/", "en-GB,en;q=0.9", "en"}, {"/", "de,fr;q=0.5", "fr"}, {"/", "pt-BR", "fr"},
		{"/", "en;q=0, fr", "fr"}, {"/?lang=en", "fr", "en"}, {"/?lang=xx", "en", "en"},
	} {
		w := get(c.path, "Accept-Language", c.accept)
		if got := w.Header().Get("Content-Language"); got != c.want || !strings.Contains(w.Body.String(), `<html lang="`+c.want+`">`) {
			t.Errorf("%s, %q: %s, want %s", c.path, c.accept, got, c.want)
		}
	}
}

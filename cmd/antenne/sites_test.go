package main

import (
	"slices"
	"strings"
	"testing"
)

func TestSitesAsSpreadsheetsSaveThem(t *testing.T) {
	want := []place{{"fives", "Maison de quartier des Ateliers", "Lille"}, {"roubaix", "Centre social ; du Canal", "Roubaix"}}
	for name, content := range map[string]string{
		"semicolons":      "fives;Maison de quartier des Ateliers;Lille\nroubaix;\"Centre social ; du Canal\";Roubaix\n",
		"commas":          "fives,Maison de quartier des Ateliers,Lille\nroubaix,\"Centre social ; du Canal\",Roubaix\n",
		"header and mark": "\ufeffcode;nom;commune\r\nfives;Maison de quartier des Ateliers;Lille\r\nroubaix;\"Centre social ; du Canal\";Roubaix\r\n",
		"capitals, gaps":  "Code;Nom;Commune\n\n# note\n FIVES ; Maison de quartier des Ateliers ; Lille \nroubaix;\"Centre social ; du Canal\";Roubaix",
	} {
		if name == "commas" {
			content = strings.ReplaceAll(content, "Centre social ; du Canal", "Centre social , du Canal")
		}
		got, err := parseSites("f.csv", []byte(content))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i := range got {
			got[i].Name = strings.ReplaceAll(got[i].Name, " , ", " ; ")
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestEveryBadLineOfTheSitesIsReported(t *testing.T) {
	content := "code;nom;commune\nok;Un;Lille\nAvec espace;Deux;Lille\ntrois;Trois\nquatre;;Lille\nok;Cinq;Lille\nsix;" + strings.Repeat("é", 81) + ";Lille\n"
	_, err := parseSites("f.csv", []byte(content))
	want := []string{"sites-code", "sites-fields", "sites-name", "sites-twice", "sites-name"}
	if got := codesOf(err); !slices.Equal(got, want) {
		t.Errorf("told %v, wanted %v", got, want)
	}
}

func TestFilesThatHoldNoSites(t *testing.T) {
	for content, want := range map[string]string{
		"":                       "sites-none",
		"code;nom;commune\n":     "sites-none",
		"fives;H\xe9llo;Lille\n": "sites-text",
	} {
		_, err := parseSites("f.csv", []byte(content))
		if err == nil || asFailure(err).Code != want {
			t.Errorf("%q: %v, wanted %s", content, err, want)
		}
	}
	if _, err := readSites(t.TempDir() + "/none.csv"); err == nil || asFailure(err).Code != "sites-unreadable" {
		t.Errorf("a missing file: %v", err)
	}
}

func FuzzSites(f *testing.F) {
	f.Add([]byte("code;nom;commune\nfives;Maison;Lille\n"))
	f.Add([]byte("a,\"b;c\",d\na,b,c\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		places, err := parseSites("f", content)
		if err == nil && len(places) == 0 {
			t.Error("neither sites nor a reason")
		}
		seen := map[string]bool{}
		for _, p := range places {
			if err == nil && (seen[p.ID] || !siteCode.MatchString(p.ID)) {
				t.Errorf("bad or doubled code %q", p.ID)
			}
			seen[p.ID] = true
		}
	})
}

package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// numberAfter is the first number after some words of a report.
func numberAfter(t *testing.T, text, words string) int {
	t.Helper()
	found := regexp.MustCompile(regexp.QuoteMeta(words) + `[^0-9\n]*(\d+)`).FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("no number after %q in\n%s", words, text)
	}
	n, err := strconv.Atoi(found[1])
	must(t, err)
	return n
}

// TestAClassOfSites brings everybody to a server of our own. Nothing is asserted of times: the machine may be busy.
func TestAClassOfSites(t *testing.T) {
	t.Parallel() // it mostly waits
	kept := filepath.Join(t.TempDir(), "links")
	var out strings.Builder
	args := []string{"--sites", "4", "--posts", "1", "--homes", "2", "--questions", "60", "--pace", "500ms", "--acting", "50ms", "--for", "4s",
		"--abuse", "--rude", "2", "--rude-rate", "20", "--rude-for", "2s", "--most", "60s", "--keep-links", kept}
	err := class(t.Context(), args, &out)
	t.Log("\n" + out.String())
	must(t, err)
	if n := numberAfter(t, out.String(), "ready:"); n != 4 {
		t.Errorf("%d sites came", n)
	}
	if !strings.Contains(out.String(), ", 16 connections") { // 4 × (desk, screen, post), 2 homes, studio, régie
		t.Error("not everybody came")
	}
	calm, rude, found := strings.Cut(out.String(), "\nabuse\n")
	if !found {
		t.Fatal("no abuse")
	}
	for _, words := range []string{"questions logged   n=", "paces said         n=", "moderator shown    n=", "mediator  shown    n="} {
		if numberAfter(t, calm, words) == 0 {
			t.Errorf("none: %s", words)
		}
	}
	if numberAfter(t, rude, "question-rate:") == 0 {
		t.Error("who asks too often was not held back")
	}
	if numberAfter(t, rude, "without a sentence") != 0 {
		t.Error("refused without a sentence")
	}
	links, err := readLinks(kept)
	must(t, err)
	if len(ofRole(links, "animator")) != 4 || len(ofRole(links, "moderator")) != 2 || links[0].room == "" || links[0].token == "" {
		t.Errorf("%d links were kept", len(links))
	}
	info, err := os.Stat(kept)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("links for everybody to read: %v", info.Mode())
	}
}

func TestAClassHasBounds(t *testing.T) {
	for _, args := range [][]string{{"--sites", "0"}, {"--sites", "501"}, {"--posts", "9"}, {"--homes", "1001"}, {"--for", "2h"}, {"--for", "0s"}, {"--rude-for", "3m"},
		{"--rude-rate", "21"}, {"--acting", "0s"}, {"more"}} {
		_, err := planClass(args, &strings.Builder{})
		if err == nil || exitCode(err) != 2 {
			t.Errorf("%v: %v", args, err)
		}
	}
	if _, err := planClass(nil, &strings.Builder{}); err != nil {
		t.Error(err)
	}
}

func TestPlacesOfAClassAreDifferent(t *testing.T) {
	ids, names := map[string]bool{}, map[string]bool{}
	for _, p := range classPlaces(mostClassSites) {
		ids[p.ID], names[p.Name] = true, true
	}
	if len(ids) != mostClassSites || len(names) != mostClassSites {
		t.Errorf("%d codes and %d names of %d places", len(ids), len(names), mostClassSites)
	}
}

func TestPickTakesOnlyWhatFits(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 1))
	all := map[string]classQuestionSeen{"a": {"relayed"}, "b": {"approved"}, "c": {"relayed"}}
	seen := map[string]bool{}
	for range 100 {
		id, q := pick(all, dice, inState("relayed"))
		if q.State != "relayed" {
			t.Fatal(id, q)
		}
		seen[id] = true
	}
	if !seen["a"] || !seen["c"] {
		t.Errorf("always the same: %v", seen)
	}
	if id, q := pick(all, dice, inState("declined")); id != "" || q.State != "" {
		t.Error(id, q)
	}
}

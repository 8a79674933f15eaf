package main

import (
	"encoding/json"
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
		{"--rude-rate", "21"}, {"--acting", "0s"}, {"--most-mb", "0"}, {"more"}} {
		_, err := planClass(args, &strings.Builder{})
		if err == nil || exitCode(err) != 2 {
			t.Errorf("%v: %v", args, err)
		}
	}
	if _, err := planClass(nil, &strings.Builder{}); err != nil {
		t.Error(err)
	}
}

// TestShownIsWhatWasAsked: another change of the same question or place is not what somebody waits for.
func TestShownIsWhatWasAsked(t *testing.T) {
	const seen = `{"id":"lens","pace":"stuck","seenAt":"2026-11-21T14:02:09Z"}`
	for what, c := range map[string]struct {
		act    act
		others []string // changes of its entity that show nothing
		shown  string   // the one that does
	}{
		"approved":      {toQuestion("approve", "q", "approved", "on-air"), []string{`{"state":"relayed","label":"poste 3"}`, `{"state":"relayed"}`}, `{"state":"approved"}`},
		"taken at once": {toQuestion("approve", "q", "approved", "on-air"), []string{`{"state":"relayed"}`}, `{"state":"on-air"}`},
		"taken":         {toQuestion("take", "q", "on-air", "answered"), []string{`{"state":"approved","ahead":1}`, `{"state":"approved"}`}, `{"state":"on-air"}`},
		"seen": {act{map[string]string{"name": "see-pace"}, "site/lens", isSeen},
			[]string{`{"id":"lens","pace":"stuck","people":12}`, `{"id":"lens","pace":"slower"}`, `"rubbish"`}, seen},
	} {
		p := &producer{questions: map[string]classQuestionSeen{}, sites: map[string]string{}, awaited: map[string]await{}}
		told := make(chan bool, 1)
		p.awaited[c.act.entity] = await{c.act.shows, told}
		for _, other := range c.others {
			p.take(map[string]json.RawMessage{c.act.entity: json.RawMessage(other), "question/another": json.RawMessage(c.shown)}, []string{"question/gone"})
			if len(told) != 0 {
				t.Errorf("%s: shown by %s", what, other)
			}
		}
		p.take(map[string]json.RawMessage{c.act.entity: json.RawMessage(c.shown)}, nil)
		p.take(map[string]json.RawMessage{c.act.entity: json.RawMessage(c.shown)}, nil) // and once
		if len(told) != 1 || !<-told {
			t.Errorf("%s: not shown by %s", what, c.shown)
		}
		p.awaited[c.act.entity] = await{c.act.shows, told}
		p.take(nil, []string{c.act.entity})
		if len(told) != 1 || <-told {
			t.Errorf("%s: what went away was shown", what)
		}
	}
}

func TestAServerThatWeighsTooMuchBreaksTheTrial(t *testing.T) {
	const mb = 1 << 20
	at := func(before, there, most, after int64) []weight {
		return []weight{{"before", before * mb, 1}, {allThere, there * mb, 1}, {"class, the most", most * mb, 1}, {afterwards, after * mb, 1}}
	}
	for _, c := range []struct {
		what    string
		weights []weight
		broken  string // in what is said; "" for nothing
	}{
		{"a light one", at(30, 60, 90, 60), ""},
		{"as heavy as it may be", at(30, 60, 100, 90), ""},
		{"too heavy in between", at(30, 60, 101, 60), "class, the most: 101.0 MB, not 100"},
		{"what is not given back", at(30, 60, 99, 91), "91.0 MB after the crowd has left"},
		{"unknown", at(0, 0, 0, 0), ""},
	} {
		err := judgeWeights(c.weights, 100)
		if c.broken == "" && err != nil || c.broken != "" && (err == nil || !strings.Contains(err.Error(), c.broken) || exitCode(err) != 1) {
			t.Errorf("%s: %v", c.what, err)
		}
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

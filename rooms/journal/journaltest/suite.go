// Package journaltest is the contract that every journal keeps, as tests.
package journaltest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"antenne/rooms/journal"
)

// Maker makes an empty journal. dir is the folder that it writes in, "" when it writes in none. The suite closes the journal.
type Maker func(t *testing.T) (j journal.Journal, dir string)

const stream journal.Stream = "room/cuisine"

// patience bounds what should happen at once; reaching it is a failure, never a measure.
const patience = 20 * time.Second

// Run proves the contract.
func Run(t *testing.T, make Maker) {
	for name, test := range map[string]func(*testing.T, journal.Journal, string){
		"append numbers the entries of each stream from one": appendNumbers,
		"an entry comes back as it was given":                comesBack,
		"who has not seen the last entry is told so":         behind,
		"of those who race for a number exactly one wins":    race,
		"follow gives the old entries and then the new ones": oldThenNew,
		"many followers see every entry once and in order":   manyFollowers,
		"a follower that stops reading delays nobody":        slowFollower,
		"follow ends with its context":                       followEnds,
		"follow begins after what was seen":                  followAfter,
		"an erased text is gone from every file":             erased,
		"erasing again, or what is not there, is no error":   eraseTwice,
		"erasing one text leaves its neighbours":             neighbours,
		"a closed journal says so":                           closed,
		"entries beyond the limits are refused":              limits,
		"streams and heads tell what there is":               streams,
		"a backup opens as a journal of its own":             backup,
		"a backup never overwrites":                          backupExists,
		"copying and erasing at once stop nobody":            overlap,
		"a probe adds nothing":                               probe,
		"an append whose context has ended writes nothing":   endedContext,
	} {
		t.Run(name, func(t *testing.T) {
			j, dir := make(t)
			defer j.Close()
			test(t, j, dir)
		})
	}
}

func entry(text string) journal.Entry {
	return journal.Entry{At: time.Date(2026, 11, 21, 18, 0, 0, 123456789, time.UTC), Meta: []byte(text)}
}

func withPrivate(meta, id, body string) journal.Entry {
	e := entry(meta)
	e.Private = []journal.Private{{ID: id, Body: []byte(body)}}
	return e
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func mustAppend(t *testing.T, j journal.Journal, s journal.Stream, after journal.Seq, e journal.Entry) journal.Seq {
	t.Helper()
	n, err := j.Append(t.Context(), s, after, e)
	must(t, err)
	return n
}

// Read returns the entries after a number up to the head.
func Read(t *testing.T, j journal.Journal, s journal.Stream, after journal.Seq) []journal.Entry {
	t.Helper()
	head, err := j.Head(t.Context(), s)
	must(t, err)
	if head <= after {
		return nil
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var out []journal.Entry
	for e, err := range j.Follow(ctx, s, after) {
		must(t, err)
		if out = append(out, e); e.Seq >= head {
			return out
		}
	}
	t.Fatalf("follow ended before entry %d", head)
	return nil
}

func appendNumbers(t *testing.T, j journal.Journal, _ string) {
	for _, s := range []journal.Stream{"a", "b"} {
		for want := journal.Seq(1); want <= 3; want++ {
			if got := mustAppend(t, j, s, want-1, entry("x")); got != want {
				t.Fatalf("stream %s: got %d, want %d", s, got, want)
			}
		}
	}
}

func comesBack(t *testing.T, j journal.Journal, _ string) {
	given := entry("méta\x00données")
	given.Private = []journal.Private{{ID: "q1", Body: []byte("un texte")}, {ID: "q2", Body: []byte{}}, {ID: "q1", Body: bytes.Repeat([]byte("é"), 20000)}}
	mustAppend(t, j, stream, 0, given)
	given.Stream, given.Seq = stream, 1
	got := Read(t, j, stream, 0)[0]
	if len(got.Private) == 3 && len(got.Private[1].Body) == 0 {
		got.Private[1].Body = []byte{} // nil or empty are the same
	}
	if !reflect.DeepEqual(got, given) {
		t.Fatalf("got %+v, want %+v", got, given)
	}
}

func behind(t *testing.T, j journal.Journal, _ string) {
	mustAppend(t, j, stream, 0, entry("first"))
	for _, after := range []journal.Seq{0, 2, 7} {
		if _, err := j.Append(t.Context(), stream, after, entry("late")); !errors.Is(err, journal.ErrBehind) {
			t.Fatalf("after %d: %v", after, err)
		}
	}
	if n := len(Read(t, j, stream, 0)); n != 1 {
		t.Fatalf("%d entries", n)
	}
}

func race(t *testing.T, j journal.Journal, _ string) {
	const writers, rounds = 8, 20
	var wins [writers]int
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for after := journal.Seq(0); after < rounds; after++ {
				_, err := j.Append(t.Context(), stream, after, entry(fmt.Sprint(w)))
				switch {
				case err == nil:
					wins[w]++
				case !errors.Is(err, journal.ErrBehind):
					t.Errorf("writer %d: %v", w, err)
				}
				for e := range j.Follow(t.Context(), stream, after) { // catch up with the winner
					_ = e
					break
				}
			}
		})
	}
	all.Wait()
	total := 0
	for _, n := range wins {
		total += n
	}
	if n := len(Read(t, j, stream, 0)); n != rounds || total != rounds {
		t.Fatalf("%d entries and %d wins, want %d", n, total, rounds)
	}
}

func oldThenNew(t *testing.T, j journal.Journal, _ string) {
	const old, all = 300, 400 // more than a page
	for i := range old {
		mustAppend(t, j, stream, journal.Seq(i), entry(fmt.Sprint(i)))
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	seen := 0
	for e, err := range j.Follow(ctx, stream, 0) {
		must(t, err)
		if string(e.Meta) != fmt.Sprint(seen) || e.Seq != journal.Seq(seen+1) {
			t.Fatalf("entry %d is %q, want %d", e.Seq, e.Meta, seen)
		}
		if seen++; seen == all {
			return
		}
		if seen >= old {
			mustAppend(t, j, stream, journal.Seq(seen), entry(fmt.Sprint(seen)))
		}
	}
	t.Fatalf("follow ended after %d entries", seen)
}

func manyFollowers(t *testing.T, j journal.Journal, _ string) {
	const followers, entries = 20, 200
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var all sync.WaitGroup
	for range followers {
		all.Go(func() {
			seen := journal.Seq(0)
			for e, err := range j.Follow(ctx, stream, 0) {
				if err != nil || e.Seq != seen+1 {
					t.Errorf("after %d: entry %d, %v", seen, e.Seq, err)
					return
				}
				if seen = e.Seq; seen == entries {
					return
				}
			}
			t.Errorf("follow ended after %d", seen)
		})
	}
	for i := range entries {
		mustAppend(t, j, stream, journal.Seq(i), entry("x"))
	}
	all.Wait()
}

// The follower holds its first entry for as long as the writer needs to append all the others: were it waited for, this would never end.
func slowFollower(t *testing.T, j journal.Journal, _ string) {
	mustAppend(t, j, stream, 0, withPrivate("0", "q", "à effacer"))
	for e, err := range j.Follow(t.Context(), stream, 0) {
		must(t, err)
		for i := range 300 {
			mustAppend(t, j, stream, e.Seq+journal.Seq(i), entry("x"))
		}
		must(t, j.Erase(t.Context(), stream, "q"))
		break
	}
}

func followEnds(t *testing.T, j journal.Journal, _ string) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		for _, err := range j.Follow(ctx, "nobody/wrote/here", 0) {
			ended <- err
			return
		}
		ended <- nil
	}()
	cancel()
	select {
	case err := <-ended:
		must(t, err)
	case <-time.After(patience):
		t.Fatal("follow goes on")
	}
}

func followAfter(t *testing.T, j journal.Journal, _ string) {
	for i := range 10 {
		mustAppend(t, j, stream, journal.Seq(i), entry(fmt.Sprint(i+1)))
	}
	got := Read(t, j, stream, 7)
	if len(got) != 3 || string(got[0].Meta) != "8" {
		t.Fatalf("%d entries, the first %q", len(got), got[0].Meta)
	}
}

// Grep finds the files of a folder that hold these bytes.
func Grep(t *testing.T, dir string, bytesToFind []byte) (files []string) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, bytesToFind) {
			files = append(files, path)
		}
		return err
	}))
	return files
}

// Texts of every size, with neighbours written before and after, on pages that filled up and split.
func erased(t *testing.T, j journal.Journal, dir string) {
	seq := journal.Seq(0)
	for i := range 120 {
		id := fmt.Sprintf("q%03d", i)
		body := secret(i) + strings.Repeat("-"+secret(i), i*i%300)
		seq = mustAppend(t, j, stream, seq, withPrivate("asked "+id, id, body))
		if i%3 == 0 {
			seq = mustAppend(t, j, stream, seq, withPrivate("answered "+id, id, secret(i)))
		}
	}
	if dir != "" && len(Grep(t, dir, []byte(secret(7)))) == 0 {
		t.Fatal("the search finds no text even before the erasure")
	}
	for i := 0; i < 120; i += 2 {
		must(t, j.Erase(t.Context(), stream, fmt.Sprintf("q%03d", i)))
	}
	for i := 0; i < 120; i += 2 {
		if dir == "" {
			break
		}
		if found := Grep(t, dir, []byte(secret(i))); len(found) > 0 {
			t.Fatalf("text %d is still in %v", i, found)
		}
	}
	must(t, j.Verify(t.Context()))
	for _, e := range Read(t, j, stream, 0) {
		var i int
		fmt.Sscanf(strings.Fields(string(e.Meta))[1], "q%d", &i)
		if gone := len(e.Private) == 0; gone != (i%2 == 0) {
			t.Fatalf("entry %d (%s): %d texts", e.Seq, e.Meta, len(e.Private))
		}
	}
}

var run = rand.Text()

// secret is a text that is nowhere by chance.
func secret(i int) string { return fmt.Sprintf("secret-%s-%04d", run, i) }

func eraseTwice(t *testing.T, j journal.Journal, _ string) {
	must(t, j.Erase(t.Context(), stream, "nothing"))
	mustAppend(t, j, stream, 0, withPrivate("m", "q", "text"))
	must(t, j.Erase(t.Context(), stream, "q"))
	must(t, j.Erase(t.Context(), stream, "q"))
	must(t, j.Verify(t.Context()))
	mustAppend(t, j, stream, 1, withPrivate("m", "q", "a text that came after"))
	if got := Read(t, j, stream, 0); len(got[0].Private) != 0 || len(got[1].Private) != 1 {
		t.Fatalf("%+v", got)
	}
}

func neighbours(t *testing.T, j journal.Journal, _ string) {
	e := entry("two questions at once")
	e.Private = []journal.Private{{ID: "kept", Body: []byte("kept")}, {ID: "gone", Body: []byte("gone")}}
	mustAppend(t, j, stream, 0, e)
	mustAppend(t, j, "another/stream", 0, withPrivate("m", "gone", "of another stream"))
	must(t, j.Erase(t.Context(), stream, "gone"))
	got := Read(t, j, stream, 0)[0].Private
	if len(got) != 1 || got[0].ID != "kept" || string(got[0].Body) != "kept" {
		t.Fatalf("%+v", got)
	}
	if got := Read(t, j, "another/stream", 0)[0].Private; len(got) != 1 {
		t.Fatalf("the other stream lost its text: %+v", got)
	}
}

func closed(t *testing.T, j journal.Journal, _ string) {
	mustAppend(t, j, stream, 0, entry("x"))
	ended := make(chan error, 1)
	go func() {
		var last error
		for _, err := range j.Follow(context.Background(), stream, 0) {
			last = err
		}
		ended <- last
	}()
	must(t, j.Close())
	must(t, j.Close())
	_, err := j.Append(t.Context(), stream, 1, entry("y"))
	_, errStreams := j.Streams(t.Context())
	_, errHead := j.Head(t.Context(), stream)
	errs := map[string]error{
		"append": err, "streams": errStreams, "head": errHead, "erase": j.Erase(t.Context(), stream, "q"),
		"verify": j.Verify(t.Context()), "backup": j.Backup(t.Context(), filepath.Join(t.TempDir(), "copy")),
	}
	for what, err := range errs {
		if !errors.Is(err, journal.ErrClosed) {
			t.Errorf("%s: %v", what, err)
		}
	}
	select {
	case err := <-ended:
		if !errors.Is(err, journal.ErrClosed) {
			t.Errorf("follow: %v", err)
		}
	case <-time.After(patience):
		t.Fatal("follow goes on")
	}
}

func limits(t *testing.T, j journal.Journal, _ string) {
	big := entry("x")
	big.Meta = make([]byte, journal.MaxMeta+1)
	cases := map[string]struct {
		s journal.Stream
		e journal.Entry
	}{
		"no name":         {"", entry("x")},
		"long name":       {journal.Stream(strings.Repeat("x", journal.MaxStream+1)), entry("x")},
		"name not UTF-8":  {"\xff", entry("x")},
		"large metadata":  {stream, big},
		"large body":      {stream, withPrivate("x", "q", strings.Repeat("x", journal.MaxBody+1))},
		"body without id": {stream, withPrivate("x", "", "x")},
		"many bodies":     {stream, journal.Entry{Private: make([]journal.Private, journal.MaxPrivate+1)}},
	}
	for what, c := range cases {
		if _, err := j.Append(t.Context(), c.s, 0, c.e); !errors.Is(err, journal.ErrEntry) {
			t.Errorf("%s: %v", what, err)
		}
	}
	large := withPrivate("", "q", strings.Repeat("x", journal.MaxBody))
	large.Meta = make([]byte, journal.MaxMeta)
	mustAppend(t, j, stream, 0, large)
	must(t, j.Verify(t.Context()))
}

func streams(t *testing.T, j journal.Journal, _ string) {
	mustAppend(t, j, "b", 0, entry("x"))
	mustAppend(t, j, "a", 0, entry("x"))
	mustAppend(t, j, "a", 1, entry("x"))
	j.Append(t.Context(), "refused", 5, entry("x"))
	got, err := j.Streams(t.Context())
	must(t, err)
	if !reflect.DeepEqual(got, []journal.Stream{"a", "b"}) {
		t.Fatalf("%v", got)
	}
	for s, want := range map[journal.Stream]journal.Seq{"a": 2, "b": 1, "none": 0} {
		if head, err := j.Head(t.Context(), s); err != nil || head != want {
			t.Errorf("head of %s: %d, %v", s, head, err)
		}
	}
}

func backup(t *testing.T, j journal.Journal, _ string) {
	seq := journal.Seq(0)
	for i := range 200 {
		seq = mustAppend(t, j, stream, seq, withPrivate(fmt.Sprint(i), fmt.Sprintf("q%d", i), secret(i)))
	}
	must(t, j.Erase(t.Context(), stream, "q5"))
	dir := t.TempDir()
	path := filepath.Join(dir, "journal.db")
	must(t, j.Backup(t.Context(), path))
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the copy is %v", info.Mode())
	}
	if found := Grep(t, dir, []byte(secret(5))); len(found) > 0 {
		t.Errorf("an erased text is in the copy")
	}
	seq = mustAppend(t, j, stream, seq, entry("after the copy"))
	copied, err := journal.OpenSQLite(dir)
	must(t, err)
	defer copied.Close()
	want := Read(t, j, stream, 0)[:seq-1]
	if got := Read(t, copied, stream, 0); !reflect.DeepEqual(got, want) {
		t.Fatalf("%d entries in the copy, want %d alike", len(got), len(want))
	}
	mustAppend(t, copied, stream, seq-1, entry("the copy goes on"))
	must(t, copied.Verify(t.Context()))
}

func backupExists(t *testing.T, j journal.Journal, _ string) {
	path := filepath.Join(t.TempDir(), "kept")
	must(t, os.WriteFile(path, []byte("precious"), 0o600))
	if err := j.Backup(t.Context(), path); !errors.Is(err, journal.ErrExists) {
		t.Fatalf("%v", err)
	}
	if content, _ := os.ReadFile(path); string(content) != "precious" {
		t.Fatalf("the file was changed")
	}
}

// overlap has copies, checks and erasures run into each other while entries are written and followed.
func overlap(t *testing.T, j journal.Journal, dir string) {
	const texts = 20
	for i := range journal.Seq(texts) {
		mustAppend(t, j, "texts", i, withPrivate("x", fmt.Sprint(i), secret(1000+int(i))))
	}
	to := t.TempDir()
	var around sync.WaitGroup
	stop := make(chan struct{})
	again := func(do func(n int) error) {
		around.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				if err := do(n); err != nil {
					t.Errorf("while others were at work: %v", err)
					return
				}
			}
		})
	}
	again(func(n int) error { return j.Backup(t.Context(), filepath.Join(to, fmt.Sprint(n))) })
	again(func(int) error { return j.Verify(t.Context()) })
	again(func(n int) error { return j.Erase(t.Context(), "texts", fmt.Sprint(n%texts)) })
	next := mustAppend(t, j, stream, 0, entry("goes on"))
	for e, err := range j.Follow(t.Context(), stream, 0) {
		must(t, err)
		if next = e.Seq; next == 50 {
			break
		}
		mustAppend(t, j, stream, next, entry("goes on"))
	}
	close(stop)
	around.Wait()
	for i := range texts {
		must(t, j.Erase(t.Context(), "texts", fmt.Sprint(i)))
	}
	if dir == "" {
		return
	}
	if files := Grep(t, dir, []byte("secret-"+run+"-10")); len(files) > 0 {
		t.Errorf("erased texts are in %v", files)
	}
}

func probe(t *testing.T, j journal.Journal, _ string) {
	seq := mustAppend(t, j, stream, 0, entry("x"))
	must(t, j.Probe(t.Context()))
	mustAppend(t, j, stream, seq, entry("y"))
	must(t, j.Verify(t.Context()))
	must(t, j.Close())
	if err := j.Probe(t.Context()); !errors.Is(err, journal.ErrClosed) {
		t.Fatalf("a closed journal answers %v", err)
	}
}

func endedContext(t *testing.T, j journal.Journal, _ string) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := j.Append(ctx, stream, 0, entry("x")); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v", err)
	}
	if head, _ := j.Head(t.Context(), stream); head != 0 {
		t.Fatalf("an entry was written")
	}
}

package journal

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// Somebody reads everything for as long as it pleases them, as a copy of a large journal to a slow disk does. Erasing waits for it;
// writing and following do not wait for either.
func TestErasingWaitsForAReaderOfEverythingAndHoldsUpNobody(t *testing.T) {
	dir := t.TempDir()
	opened, err := OpenSQLite(dir)
	if err != nil {
		t.Fatal(err)
	}
	j := opened.(*sqliteJournal)
	text := strings.Repeat("secret ", 40)
	seq := Seq(0)
	put := func() {
		t.Helper()
		n, err := j.Append(t.Context(), "s", seq, Entry{At: time.Now(), Meta: []byte("x"), Private: []Private{{ID: "q", Body: []byte(text)}}})
		if err != nil {
			t.Fatal(err)
		}
		seq = n
	}
	put()
	done := readEverything(t, j)
	erased := make(chan error, 1)
	go func() { erased <- j.Erase(t.Context(), "s", "q") }()
	for e, err := range j.Follow(t.Context(), "s", 0) {
		if err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-erased:
			t.Fatalf("erased under a reader: %v", err)
		default:
		}
		if e.Seq == 100 {
			break
		}
		put()
	}
	done()
	if err := <-erased; err != nil {
		t.Fatal(err)
	}
	for e, err := range j.Follow(t.Context(), "s", 0) {
		if err != nil || len(e.Private) > 0 {
			t.Fatalf("entry %d: %v, %v", e.Seq, e.Private, err)
		}
		if e.Seq == seq {
			break
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

// readEverything is in the middle of reading the database until done is called.
func readEverything(t *testing.T, j *sqliteJournal) (done func()) {
	t.Helper()
	if err := j.turn.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	tx, err := j.read.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := tx.QueryRow("SELECT count(*) FROM entry").Scan(&n); err != nil || n == 0 {
		t.Fatal(n, err)
	}
	return func() {
		tx.Rollback()
		j.turn.giveBack()
	}
}

func TestWhoWaitsForTheTurnMayGiveUp(t *testing.T) {
	opened, err := OpenSQLite(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	j := opened.(*sqliteJournal)
	defer j.Close()
	if err := j.turn.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	given := make(chan error, 3)
	go func() { given <- j.Erase(ctx, "s", "q") }()
	go func() { given <- j.Verify(ctx) }()
	go func() { given <- j.Backup(ctx, t.TempDir()+"/copy") }()
	cancel()
	for range 3 {
		if err := <-given; !errors.Is(err, ctx.Err()) {
			t.Errorf("who gave up was told %v", err)
		}
	}
	j.turn.giveBack()
}

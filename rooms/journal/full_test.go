package journal

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// The same road as a full disk, on machines where no small file system can be mounted: SQLite may not grow its file.
func TestFullDatabase(t *testing.T) {
	opened, err := OpenSQLite(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	j := opened.(*sqliteJournal)
	allow := func(pages int) {
		t.Helper()
		if _, err := j.writer.conn.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
			t.Fatal(err)
		}
	}
	allow(20)
	e := Entry{At: time.Now(), Meta: make([]byte, 1000), Private: []Private{{ID: "q", Body: make([]byte, 1000)}}}
	var seq Seq
	for err == nil {
		var n Seq
		if n, err = j.Append(t.Context(), "s", seq, e); err == nil {
			seq = n
		}
	}
	if !errors.Is(err, ErrFull) || seq == 0 {
		t.Fatalf("after %d entries: %v", seq, err)
	}
	allow(1 << 20)
	if _, err := j.Append(t.Context(), "s", seq, e); err != nil {
		t.Fatalf("room again, and still %v", err)
	}
	if err := j.Verify(t.Context()); err != nil {
		t.Fatal(err)
	}
}

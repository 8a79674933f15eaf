package journal_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"antenne/rooms/journal"
)

const crashFolder = "ANTENNE_TEST_CRASH_FOLDER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashFolder); dir != "" {
		appendUntilKilled(dir)
	}
	os.Exit(m.Run())
}

// appendUntilKilled is the child of the crash test: it goes on from the head and says each number once it is acknowledged.
func appendUntilKilled(dir string) {
	j, err := journal.OpenSQLite(dir)
	if err != nil {
		fmt.Println("refused", err)
		os.Exit(1)
	}
	ctx := context.Background()
	seq, err := j.Head(ctx, first)
	for err == nil {
		id := fmt.Sprint(seq + 1)
		e := journal.Entry{At: time.Now(), Meta: []byte(id), Private: []journal.Private{{ID: id, Body: []byte("texte " + id)}}}
		if seq, err = j.Append(ctx, first, seq, e); err == nil {
			fmt.Println("done", seq)
		}
		if err == nil && seq%17 == 0 {
			err = j.Erase(ctx, first, fmt.Sprint(seq-3))
		}
	}
	fmt.Println("failed", err)
	os.Exit(1)
}

// A process is killed in the middle of its writing, many times: what it acknowledged is there, once, in order.
func TestKilledWriterLosesNothing(t *testing.T) {
	t.Parallel()
	const rounds = 20
	dir := t.TempDir()
	var last int
	for round := range rounds {
		if acked := killDuring(t, dir, 20+rand.IntN(60)); acked > last {
			last = acked
		}
		j, err := journal.OpenSQLite(dir)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		all := drain(t, j, first)
		j.Close()
		if len(all) < last {
			t.Fatalf("round %d: %d entries, %d were acknowledged", round, len(all), last)
		}
		for i, e := range all {
			if string(e.Meta) != fmt.Sprint(i+1) {
				t.Fatalf("round %d: entry %d is %q", round, i+1, e.Meta)
			}
		}
	}
	t.Logf("%d entries over %d kills", last, rounds)
}

// killDuring lets the child acknowledge some entries, kills it and returns the last one it acknowledged.
func killDuring(t *testing.T, dir string, after int) (acked int) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), crashFolder+"="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ {
		if _, err := fmt.Sscanf(lines.Text(), "done %d", &acked); err != nil {
			child.Process.Kill()
			t.Fatalf("the child says %q", lines.Text())
		}
		if n == after {
			child.Process.Signal(syscall.SIGKILL)
		}
	}
	child.Wait()
	return acked
}

// newer makes a journal of a later version.
func newer(t *testing.T, dir string) {
	t.Helper()
	j, err := journal.OpenSQLite(dir)
	if err != nil {
		t.Fatal(err)
	}
	j.Close()
	db, err := sql.Open("sqlite", filepath.Join(dir, "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE chapter (n INTEGER); PRAGMA user_version = 2"); err != nil {
		t.Fatal(err)
	}
}

// smallDisk mounts a real file system of a few megabytes, where that is allowed.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m,mode=700"); err != nil {
		t.Skipf("no small file system can be mounted here (%v); TestFullDatabase covers the same road", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

func TestFullDiskIsSaidAndPasses(t *testing.T) {
	dir := smallDisk(t)
	ballast := filepath.Join(dir, "journal.ballast")
	if err := os.WriteFile(ballast, make([]byte, 2<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	j, err := journal.OpenSQLite(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	seq := fill(t, j, first, 0)
	for range 3 {
		if _, err := j.Append(t.Context(), first, seq, large(seq)); !errors.Is(err, journal.ErrFull) {
			t.Fatalf("a full disk answers %v", err)
		}
	}
	if err := j.Probe(t.Context()); !errors.Is(err, journal.ErrFull) {
		t.Fatalf("probed, a full disk answers %v", err)
	}
	if n := len(drain(t, j, first)); n != int(seq) {
		t.Fatalf("%d entries are readable, %d were acknowledged", n, seq)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if err := j.Probe(t.Context()); err != nil {
		t.Fatalf("room again, and the probe says %v", err)
	}
	goOn(t, j, seq)
	j.Close()
	again, err := journal.OpenSQLite(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if n := len(drain(t, again, first)); n != int(seq)+20 {
		t.Fatalf("%d entries after reopening", n)
	}
}

func TestFullDiskAtOpeningIsSaid(t *testing.T) {
	dir := smallDisk(t)
	room := make([]byte, 64<<10)
	f, err := os.OpenFile(filepath.Join(dir, "journal.ballast"), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = f.Write(room)
	}
	f.Close()
	if _, err := journal.OpenSQLite(dir); !errors.Is(err, &journal.Error{Code: journal.CodeFull}) {
		t.Fatal(err)
	}
}

func large(seq journal.Seq) journal.Entry {
	id := fmt.Sprint(seq + 1)
	return journal.Entry{At: time.Now(), Meta: []byte(id), Private: []journal.Private{{ID: id, Body: []byte(strings.Repeat("x", 20000))}}}
}

// fill appends until the disk is full, which must be said as such.
func fill(t *testing.T, j journal.Journal, s journal.Stream, seq journal.Seq) journal.Seq {
	t.Helper()
	for range 10000 {
		n, err := j.Append(t.Context(), s, seq, large(seq))
		if errors.Is(err, journal.ErrFull) {
			return seq
		}
		if err != nil {
			t.Fatalf("a full disk answers %v", err)
		}
		seq = n
	}
	t.Fatal("the disk is never full")
	return 0
}

func goOn(t *testing.T, j journal.Journal, seq journal.Seq) {
	t.Helper()
	for range 20 {
		n, err := j.Append(t.Context(), first, seq, large(seq))
		if err != nil {
			t.Fatalf("room again, and still %v", err)
		}
		seq = n
	}
	if err := j.Verify(t.Context()); err != nil {
		t.Fatal(err)
	}
}

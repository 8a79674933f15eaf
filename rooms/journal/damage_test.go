package journal_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"antenne/rooms/journal"
)

// store is a folder's files, by name.
type store map[string][]byte

func load(t testing.TB, dir string) store {
	t.Helper()
	s := store{}
	for _, name := range []string{"journal.db", "journal.db-wal", "journal.mark"} {
		if b, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
			s[name] = b
		}
	}
	return s
}

func (s store) save(t testing.TB, dir string) {
	t.Helper()
	for name, b := range s {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func (s store) clone() store {
	out := store{}
	for name, b := range s {
		out[name] = append([]byte{}, b...)
	}
	return out
}

const first, second = journal.Stream("room/one"), journal.Stream("room/two")

// sample fills a folder with two streams, some long texts and some erased; clean says whether it is closed or, as after a kill, copied
// while it is open with everything still in the write-ahead log.
func sample(t testing.TB, clean bool) (store, map[journal.Stream][]journal.Entry) {
	t.Helper()
	dir := t.TempDir()
	j, err := journal.OpenSQLite(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	at := time.Date(2026, 11, 21, 18, 0, 0, 0, time.UTC)
	for i := range 24 {
		for _, s := range []journal.Stream{first, second} {
			id := fmt.Sprintf("q%d", i)
			e := journal.Entry{At: at.Add(time.Duration(i) * time.Second), Meta: []byte(fmt.Sprintf("meta %s %d", s, i)),
				Private: []journal.Private{{ID: id, Body: []byte(strings.Repeat("texte "+id+" ", 1+i*i%70))}}}
			if _, err := j.Append(t.Context(), s, journal.Seq(i), e); err != nil {
				t.Fatal(err)
			}
		}
		if i == 12 {
			if err := j.Erase(t.Context(), first, "q3"); err != nil {
				t.Fatal(err)
			}
		}
	}
	held := map[journal.Stream][]journal.Entry{}
	for _, s := range []journal.Stream{first, second} {
		held[s] = drain(t, j, s)
	}
	if clean {
		j.Close()
	}
	return load(t, dir), held
}

func drain(t testing.TB, j journal.Journal, s journal.Stream) (all []journal.Entry) {
	t.Helper()
	head, err := j.Head(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if head == 0 {
		return nil
	}
	for e, err := range j.Follow(t.Context(), s, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if all = append(all, e); e.Seq >= head {
			break
		}
	}
	return all
}

// memoryFolder is a folder where flushing costs nothing, where the machine has one: what is flipped is flipped already.
func memoryFolder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "journal-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// openOrSay opens a damaged store: it must hold exactly what it held, or say with a code that it does not.
func openOrSay(t testing.TB, s store, held map[journal.Stream][]journal.Entry) (code string, d *journal.DamagedError) {
	t.Helper()
	dir := memoryFolder(t)
	s.save(t, dir)
	j, err := journal.OpenSQLite(dir)
	if err != nil {
		var e *journal.Error
		if !errors.As(err, &e) || !strings.HasPrefix(e.Code, "data-") {
			t.Fatalf("refused without a code: %v", err)
		}
		errors.As(err, &d)
		return e.Code, d
	}
	defer j.Close()
	for _, stream := range []journal.Stream{first, second} {
		if got := drain(t, j, stream); !reflect.DeepEqual(got, held[stream]) {
			t.Fatalf("opened without a word, with %d entries in %s instead of %d, or changed ones", len(got), stream, len(held[stream]))
		}
	}
	return "", nil
}

// A bit of every byte of the header, and bits all over the files: what opens is whole, and what is not whole is said.
func TestOneFlippedBitIsNeverSilent(t *testing.T) {
	for name, clean := range map[string]bool{"after a clean stop": true, "after a kill": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole, held := sample(t, clean)
			if code, _ := openOrSay(t, whole, held); code != "" {
				t.Fatalf("the untouched store is refused: %s", code)
			}
			rng := rand.New(rand.NewPCG(2, uint64(len(name))))
			codes, located := map[string]int{}, 0
			for file, content := range whole {
				for _, bit := range bits(rng, file, len(content)) {
					hurt := whole.clone()
					hurt[file][bit/8] ^= 1 << (bit % 8)
					code, d := openOrSay(t, hurt, held)
					codes[code]++
					if code == journal.CodeUnwritable {
						t.Errorf("bit %d of %s: %s for a damaged file", bit, file, code)
					}
					if d != nil && d.Stream != "" && d.Seq > 0 {
						located++
					}
				}
			}
			t.Logf("%v, of which %d with the entry's place", maps.Clone(codes), located)
			if codes["data-damaged"] == 0 || clean && located == 0 {
				t.Fatal("no damage was found at all")
			}
		})
	}
}

// flips is how many bits of each file to try: more with ANTENNE_TEST_FLIPS.
func flips() int {
	if n, err := strconv.Atoi(os.Getenv("ANTENNE_TEST_FLIPS")); err == nil {
		return n
	}
	return 30
}

func bits(rng *rand.Rand, file string, size int) (out []int) {
	if file == "journal.db" {
		for b := range 100 {
			out = append(out, b*8+rng.IntN(8))
		}
	}
	for range flips() {
		out = append(out, rng.IntN(size*8))
	}
	return out
}

// A flip in a text or in metadata names the stream and the entry.
func TestDamageNamesTheEntry(t *testing.T) {
	whole, held := sample(t, true)
	for what, needle := range map[string]string{"metadata": "meta room/two 17", "a private text": "texte q17 "} {
		hurt := whole.clone()
		at := strings.LastIndex(string(hurt["journal.db"]), needle)
		if at < 0 {
			t.Fatalf("%s: not found", what)
		}
		hurt["journal.db"][at+2] ^= 4
		code, d := openOrSay(t, hurt, held)
		if code != journal.CodeDamaged || d == nil || d.Stream == "" || d.Seq != 18 {
			t.Errorf("%s: code %q, %v", what, code, d)
		}
	}
}

// What was acknowledged and is cut off is missed, wherever the cut.
func TestLostTailIsSaid(t *testing.T) {
	whole, held := sample(t, false)
	log := "journal.db-wal"
	if len(whole[log]) == 0 {
		t.Fatal("nothing is in the write-ahead log")
	}
	cases := map[string]func(store){
		"the log is gone":         func(s store) { delete(s, log) },
		"half the log is gone":    func(s store) { s[log] = s[log][:len(s[log])/2] },
		"the last byte is gone":   func(s store) { s[log] = s[log][:len(s[log])-1] },
		"everything is gone":      func(s store) { delete(s, log); delete(s, "journal.db") },
		"the database is emptied": func(s store) { delete(s, log); s["journal.db"] = nil },
		"the database is halved":  func(s store) { s["journal.db"] = s["journal.db"][:len(s["journal.db"])/2] },
		"the database is cut":     func(s store) { s["journal.db"] = s["journal.db"][:1] },
	}
	for what, cut := range cases {
		hurt := whole.clone()
		cut(hurt)
		if code, _ := openOrSay(t, hurt, held); code != journal.CodeDamaged {
			t.Errorf("%s: code %q", what, code)
		}
	}
}

// The mark is a witness, not the thing: without it, or with a torn one, the journal opens.
func TestLostMarkIsNoDamage(t *testing.T) {
	whole, held := sample(t, false)
	for what, cut := range map[string]func(store){
		"gone":  func(s store) { delete(s, "journal.mark") },
		"torn":  func(s store) { s["journal.mark"] = s["journal.mark"][:7] },
		"wrong": func(s store) { s["journal.mark"][30]++ },
	} {
		hurt := whole.clone()
		cut(hurt)
		if code, _ := openOrSay(t, hurt, held); code != "" {
			t.Errorf("%s: code %q", what, code)
		}
	}
}

func TestNewerJournalIsRefused(t *testing.T) {
	dir := t.TempDir()
	newer(t, dir)
	_, err := journal.OpenSQLite(dir)
	if !errors.Is(err, &journal.Error{Code: journal.CodeNewer}) {
		t.Fatal(err)
	}
}

func FuzzJournalOpen(f *testing.F) {
	whole, held := sample(f, false)
	stopped, heldStopped := sample(f, true)
	f.Add(true, uint32(5000), byte(1), uint32(0), byte(0))
	f.Add(false, uint32(90000), byte(128), uint32(3000), byte(2))
	f.Add(true, uint32(24), byte(255), uint32(100), byte(1))
	f.Fuzz(func(t *testing.T, clean bool, at uint32, mask byte, cut uint32, which byte) {
		s, h := whole.clone(), held
		if clean {
			s, h = stopped.clone(), heldStopped
		}
		file := []string{"journal.db", "journal.db-wal", "journal.mark"}[which%3]
		if len(s[file]) == 0 {
			return
		}
		s[file][int(at)%len(s[file])] ^= mask
		if cut > 0 {
			s[file] = s[file][:int(cut)%len(s[file])]
		}
		openOrSay(t, s, h)
	})
}

func TestFolderIsTheOwnersOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data")
	j, err := journal.OpenSQLite(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if _, err := j.Append(t.Context(), first, 0, journal.Entry{At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(dir); info.Mode().Perm() != 0o700 {
		t.Errorf("the folder is %v", info.Mode())
	}
	files, _ := os.ReadDir(dir)
	if len(files) < 4 {
		t.Errorf("only %d files", len(files))
	}
	for _, f := range files {
		if info, _ := f.Info(); info.Mode().Perm() != 0o600 {
			t.Errorf("%s is %v", f.Name(), info.Mode())
		}
	}
}

func TestFolderWithOthersFilesIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	os.Chmod(dir, 0o755)
	os.WriteFile(filepath.Join(dir, "letter.txt"), nil, 0o644)
	if _, err := journal.OpenSQLite(dir); !errors.Is(err, &journal.Error{Code: journal.CodeExposed}) {
		t.Fatal(err)
	}
	if info, _ := os.Stat(dir); info.Mode().Perm() != 0o755 {
		t.Fatalf("the folder became %v", info.Mode())
	}
}

func TestUnwritableFolderIsSaid(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	os.WriteFile(file, nil, 0o600)
	for _, dir := range []string{file, filepath.Join(file, "below"), "/proc/nowhere"} {
		if _, err := journal.OpenSQLite(dir); !errors.Is(err, &journal.Error{Code: journal.CodeUnwritable}) {
			t.Errorf("%s: %v", dir, err)
		}
	}
}

func TestSecondOpeningIsRefused(t *testing.T) {
	dir := t.TempDir()
	j, err := journal.OpenSQLite(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := journal.OpenSQLite(dir); !errors.Is(err, &journal.Error{Code: journal.CodeLocked}) {
		t.Fatal(err)
	}
	j.Close()
	again, err := journal.OpenSQLite(dir)
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
}

func BenchmarkAppend(b *testing.B) {
	j, err := journal.OpenSQLite(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	e := journal.Entry{At: time.Now(), Meta: make([]byte, 300), Private: []journal.Private{{ID: "q", Body: make([]byte, 100)}}}
	b.ResetTimer()
	for i := range b.N {
		if _, err := j.Append(b.Context(), first, journal.Seq(i), e); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppend64Streams(b *testing.B) {
	j, err := journal.OpenSQLite(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	e := journal.Entry{At: time.Now(), Meta: make([]byte, 300), Private: []journal.Private{{ID: "q", Body: make([]byte, 100)}}}
	b.SetParallelism(16) // 64 writers on 4 cores
	var next = make(chan int, 1)
	next <- 0
	b.RunParallel(func(pb *testing.PB) {
		n := <-next
		next <- n + 1
		s := journal.Stream(fmt.Sprintf("room/%d", n))
		for seq := journal.Seq(0); pb.Next(); seq++ {
			if _, err := j.Append(b.Context(), s, seq, e); err != nil {
				b.Fatal(err)
			}
		}
	})
}

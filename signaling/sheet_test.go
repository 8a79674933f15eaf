package signaling

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"antenne/rooms"
	"antenne/rooms/live"
)

const (
	pdfHead  = "%PDF-1.7\n"
	pngHead  = "\x89PNG\r\n\x1a\n"
	jpegHead = "\xff\xd8\xff\xe0\x00\x10JFIF"
)

// send does one request to the addresses of sheets.
func (w *world) send(method, path, token, kind string, body io.Reader) *httptest.ResponseRecorder {
	w.t.Helper()
	r := httptest.NewRequestWithContext(w.t.Context(), method, path, body)
	r.RemoteAddr = "127.0.0.1:4000"
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer := httptest.NewRecorder()
	w.server.Handler().ServeHTTP(answer, r)
	return answer
}

// bring stores a sheet and returns its address.
func (w *world) bring(kind, body string) string {
	w.t.Helper()
	answer := w.send("POST", "/sheet/cuisine?title=La+recette", w.tokens["mediator"], kind, strings.NewReader(body))
	if answer.Code != http.StatusCreated {
		w.t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	sheet := w.server.sheetOf(w.room)
	if sheet.URL == "" || !strings.Contains(answer.Body.String(), sheet.URL) {
		w.t.Fatalf("the room has %+v, the mediator was told %s", sheet, answer.Body)
	}
	return sheet.URL
}

func (w *world) sheetFiles() (names []string) {
	w.t.Helper()
	entries, err := os.ReadDir(w.sheets)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		switch {
		case errors.Is(err, fs.ErrNotExist): // swept meanwhile
			continue
		case err != nil:
			w.t.Fatal(err)
		case info.Mode().Perm() != 0o600:
			w.t.Errorf("%s: %v", e.Name(), info.Mode())
		}
		names = append(names, e.Name())
	}
	return names
}

func TestASheetIsBroughtSeenReplacedAndTakenAway(t *testing.T) {
	w := newWorld(t, setting{private: true, sheets: true})
	for kind, body := range map[string]string{"application/pdf": pdfHead + "one", "image/png": pngHead + "two", "image/jpeg": jpegHead + "three"} {
		address := w.bring(kind, body)
		seen := w.send("GET", address, "", "", nil)
		h := seen.Header()
		if seen.Code != http.StatusOK || seen.Body.String() != body || h.Get("Content-Type") != kind || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %v %q", kind, seen.Code, h, seen.Body)
		}
		if policy := h.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "script") ||
			strings.HasPrefix(policy, "sandbox") != (kind != "application/pdf") {
			t.Errorf("%s may do %q", kind, policy)
		}
		if !strings.HasPrefix(h.Get("Content-Disposition"), "inline; filename=\"La recette.") || h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %v", kind, h)
		}
		if len(w.sheetFiles()) != 1 {
			t.Errorf("the folder holds %v", w.sheetFiles())
		}
		part := httptest.NewRequest("GET", address, nil)
		part.Header.Set("Range", "bytes=-3")
		answer := httptest.NewRecorder()
		w.server.Handler().ServeHTTP(answer, part)
		if answer.Code != http.StatusPartialContent || answer.Body.String() != body[len(body)-3:] {
			t.Errorf("a part of %s: %d %q", kind, answer.Code, answer.Body)
		}
	}
	last := w.server.sheetOf(w.room).URL
	for _, address := range []string{"/sheet/cuisine/" + newSecret(), strings.Replace(last, "cuisine", "magie", 1), "/sheet/nowhere/x", "/sheet/cuisine/..%2f..%2fjournal.db"} {
		if answer := w.send("GET", address, "", "", nil); answer.Code != http.StatusNotFound || !strings.Contains(answer.Body.String(), codeSheetUnknown) {
			t.Errorf("%s: %d %s", address, answer.Code, answer.Body)
		}
	}
	if answer := w.send("DELETE", "/sheet/cuisine", w.tokens["mediator"], "", nil); answer.Code != http.StatusOK {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	if answer := w.send("GET", last, "", "", nil); answer.Code != http.StatusNotFound || len(w.sheetFiles()) != 0 {
		t.Errorf("a sheet that was taken away: %d, the folder holds %v", answer.Code, w.sheetFiles())
	}
}

func TestSheetsThatAreRefused(t *testing.T) {
	w := newWorld(t, setting{sheets: true})
	kept := w.bring("image/png", pngHead+"kept")
	ten := io.LimitReader(zeros{}, rooms.MaxSheet-int64(len(pdfHead)))
	for _, c := range []struct {
		name, method, token, path, kind string
		body                            io.Reader
		status                          int
		code                            string
	}{
		{"nobody's", "POST", "", "/sheet/cuisine", "image/png", strings.NewReader(pngHead), 401, "link-missing"},
		{"an animator's", "POST", "animator", "/sheet/cuisine", "image/png", strings.NewReader(pngHead), 403, codePairRole},
		{"a régie's", "DELETE", "moderator", "/sheet/cuisine", "", nil, 403, codePairRole},
		{"another room's mediator", "POST", "foreign", "/sheet/cuisine", "image/png", strings.NewReader(pngHead), 403, "link-foreign-room"},
		{"a page", "POST", "mediator", "/sheet/cuisine", "text/html", strings.NewReader("<script>"), 415, codeSheetType},
		{"a page called a picture", "POST", "mediator", "/sheet/cuisine", "image/png", strings.NewReader("<script>alert(1)</script>"), 415, codeSheetType},
		{"a PDF called a picture", "POST", "mediator", "/sheet/cuisine", "image/jpeg", strings.NewReader(pdfHead), 415, codeSheetType},
		{"less than a beginning", "POST", "mediator", "/sheet/cuisine", "image/png", strings.NewReader(pngHead[:5]), 415, codeSheetType},
		{"nothing", "POST", "mediator", "/sheet/cuisine", "image/png", strings.NewReader(""), 400, codeSheetEmpty},
		{"too much", "POST", "mediator", "/sheet/cuisine", "application/pdf", io.MultiReader(strings.NewReader(pdfHead), ten, strings.NewReader("!")), 413, codeSheetLarge},
		{"half of it", "POST", "mediator", "/sheet/cuisine", "application/pdf", io.MultiReader(strings.NewReader(pdfHead), iotest.ErrReader(io.ErrUnexpectedEOF)), 400, codeRequest},
		{"less than half", "POST", "mediator", "/sheet/cuisine", "application/pdf", iotest.ErrReader(errors.New("gone")), 400, codeRequest},
		{"a title that cannot be", "POST", "mediator", "/sheet/cuisine?title=%E2%80%AE", "image/png", strings.NewReader(pngHead), 403, "sheet-title-characters"},
		{"another verb", "PUT", "mediator", "/sheet/cuisine", "image/png", nil, 405, codeMethod},
	} {
		answer := w.send(c.method, c.path, w.tokens[c.token], c.kind, c.body)
		if answer.Code != c.status || !strings.Contains(answer.Body.String(), `"`+c.code+`"`) {
			t.Errorf("%s: %d %s, wanted %d %s", c.name, answer.Code, answer.Body, c.status, c.code)
		}
	}
	declared := httptest.NewRequest("POST", "/sheet/cuisine", iotest.ErrReader(errors.New("it was read")))
	declared.ContentLength = rooms.MaxSheet + 1
	declared.Header.Set("Content-Type", "image/png")
	declared.Header.Set("Authorization", "Bearer "+w.tokens["mediator"])
	answer := httptest.NewRecorder()
	if w.server.Handler().ServeHTTP(answer, declared); answer.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("too much, said before: %d %s", answer.Code, answer.Body)
	}
	if w.server.sheetOf(w.room).URL != kept || len(w.sheetFiles()) != 1 {
		t.Errorf("the room has %+v, the folder holds %v", w.server.sheetOf(w.room), w.sheetFiles())
	}
	exactly := io.MultiReader(strings.NewReader(pdfHead), io.LimitReader(zeros{}, rooms.MaxSheet-int64(len(pdfHead))))
	if answer := w.send("POST", "/sheet/cuisine", w.tokens["mediator"], "application/pdf", exactly); answer.Code != http.StatusCreated {
		t.Errorf("ten megabytes: %d %s", answer.Code, answer.Body)
	}
	w.command("mediator", map[string]string{"name": "end"})
	if answer := w.send("POST", "/sheet/cuisine", w.tokens["mediator"], "image/png", strings.NewReader(pngHead)); !strings.Contains(answer.Body.String(), "room-ended") {
		t.Errorf("after the end: %d %s", answer.Code, answer.Body)
	}
	if len(w.sheetFiles()) != 1 {
		t.Errorf("a sheet that was refused stays: %v", w.sheetFiles())
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, &os.PathError{Op: "write", Err: syscall.ENOSPC} }

func TestADiskThatIsFullAndAFolderThatIsGoneAreSaid(t *testing.T) {
	_, err := copySheet(full{}, strings.NewReader(pngHead+"more"), "image/png")
	if refusalOf(err).code != codeSheetDisk {
		t.Errorf("a full disk: %v", err)
	}
	w := newWorld(t, setting{sheets: true})
	kept := w.bring("image/png", pngHead)
	if err := os.Rename(w.sheets, w.sheets+"-away"); err != nil {
		t.Fatal(err)
	}
	answer := w.send("POST", "/sheet/cuisine", w.tokens["mediator"], "image/png", strings.NewReader(pngHead))
	if answer.Code != http.StatusInternalServerError || !strings.Contains(answer.Body.String(), codeSheetFolder) || strings.Contains(answer.Body.String(), w.sheets) {
		t.Errorf("a folder that is gone: %d %s", answer.Code, answer.Body)
	}
	if err := os.Rename(w.sheets+"-away", w.sheets); err != nil {
		t.Fatal(err)
	}
	if answer := w.send("GET", kept, "", "", nil); answer.Code != http.StatusOK {
		t.Errorf("the sheet of before: %d %s", answer.Code, answer.Body)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openSheets(file); refusalOf(err).code != codeSheetFolder {
		t.Errorf("a folder that is a file: %v", err)
	}
}

func TestSheetsGoWithTheTextsOfTheirSéance(t *testing.T) {
	w := newWorld(t, setting{sheets: true})
	kept := w.bring("image/png", pngHead)
	orphan := filepath.Join(w.sheets, newSecret())
	half := filepath.Join(w.sheets, sheetUpload+"1")
	for _, name := range []string{orphan, half} {
		if err := os.WriteFile(name, []byte(pngHead), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.server.sweepSheets(w.clock.Now(), time.Now().Add(-sheetUnlogged))
	if n := len(w.sheetFiles()); n != 3 {
		t.Errorf("a sheet that is perhaps being brought was removed: %d files", n)
	}
	w.shut()
	w.open(Limits{})
	until(t, "what a killed server left is removed", func() bool { return len(w.sheetFiles()) == 1 })
	if answer := w.send("GET", kept, "", "", nil); answer.Code != http.StatusOK {
		t.Errorf("the sheet, after a restart: %d", answer.Code)
	}
	w.command("mediator", map[string]string{"name": "end"})
	w.server.sweepSheets(w.clock.Now().Add(live.Retention-time.Minute), time.Now())
	if answer := w.send("GET", kept, "", "", nil); answer.Code != http.StatusOK {
		t.Errorf("the sheet, before its time: %d", answer.Code)
	}
	w.server.sweepSheets(w.clock.Now().Add(live.Retention+time.Minute), time.Now())
	if sheet := w.server.sheetOf(w.room); sheet.ID != "" || len(w.sheetFiles()) != 0 {
		t.Errorf("past its time the room has %+v, the folder %v", sheet, w.sheetFiles())
	}
}

// TestASheetBroughtLongAfterTheHourStays: of a séance that nobody ended, a sheet lives as long as a text written with it.
func TestASheetBroughtLongAfterTheHourStays(t *testing.T) {
	w := newWorld(t, setting{sheets: true})
	w.clock.pass(live.Retention + 24*time.Hour)
	w.issue("mediator", w.room, rooms.Mediator, "", live.Retention+48*time.Hour)
	kept := w.bring("image/png", pngHead)
	for _, later := range []time.Duration{0, live.Retention - time.Minute} {
		w.server.sweepSheets(w.clock.Now().Add(later), time.Now())
		if answer := w.send("GET", kept, "", "", nil); answer.Code != http.StatusOK {
			t.Fatalf("%v after it was brought: %d", later, answer.Code)
		}
	}
	w.server.sweepSheets(w.clock.Now().Add(live.Retention), time.Now())
	if sheet := w.server.sheetOf(w.room); sheet.ID != "" || len(w.sheetFiles()) != 0 {
		t.Errorf("past its time the room has %+v, the folder %v", sheet, w.sheetFiles())
	}
}

// While a copy is made a sheet that is replaced stays for it, and nobody else; then it goes.
func TestASheetStaysForTheCopiesThatAreUnderWay(t *testing.T) {
	w := newWorld(t, setting{sheets: true})
	first := w.bring("image/png", pngHead+"first")
	one, other := w.server.HoldSheets(), w.server.HoldSheets()
	second := w.bring("image/png", pngHead+"second")
	one()
	one()
	if n := len(w.sheetFiles()); n != 2 {
		t.Errorf("%d files while a copy is made", n)
	}
	if answer := w.send("GET", first, "", "", nil); answer.Code != http.StatusNotFound {
		t.Errorf("the sheet that was replaced is given away: %d", answer.Code)
	}
	other()
	if n := len(w.sheetFiles()); n != 1 {
		t.Errorf("%d files once the copies are done", n)
	}
	if answer := w.send("GET", second, "", "", nil); answer.Code != http.StatusOK {
		t.Errorf("the sheet of now: %d", answer.Code)
	}
}

func TestOneSheetOfALinkAndOnlySomeInAllAreBroughtAtOnce(t *testing.T) {
	w := newWorld(t, setting{sheets: true})
	names := make([]string, sheetsAtOnce)
	pipes := make([]*io.PipeWriter, sheetsAtOnce)
	done := make(chan int, sheetsAtOnce)
	for i := range pipes {
		names[i] = fmt.Sprint("mediator ", i)
		w.issue(names[i], w.room, rooms.Mediator, "", time.Hour)
		body, pipe := io.Pipe()
		pipes[i] = pipe
		go func() { done <- w.send("POST", "/sheet/cuisine", w.tokens[names[i]], "image/png", body).Code }()
		until(t, "one more is on its way", func() bool { return w.server.uploads.count() == i+1 })
		if i == 0 {
			if answer := w.send("POST", "/sheet/cuisine", w.tokens[names[0]], "image/png", strings.NewReader(pngHead)); answer.Code != http.StatusConflict || !strings.Contains(answer.Body.String(), codeSheetBusy) {
				t.Errorf("another of the same link: %d %s", answer.Code, answer.Body)
			}
		}
	}
	if answer := w.send("POST", "/sheet/cuisine", w.tokens["mediator"], "image/png", strings.NewReader(pngHead)); answer.Code != http.StatusTooManyRequests || answer.Header().Get("Retry-After") == "" {
		t.Errorf("one more: %d %v %s", answer.Code, answer.Header(), answer.Body)
	}
	for _, pipe := range pipes {
		if _, err := io.WriteString(pipe, pngHead); err != nil {
			t.Error(err)
		}
		pipe.Close()
	}
	for range pipes {
		if code := <-done; code != http.StatusCreated {
			t.Errorf("one of them: %d", code)
		}
	}
	if n := len(w.sheetFiles()); n != 1 {
		t.Errorf("%d files, of which the room speaks of one", n)
	}
	if answer := w.send("POST", "/sheet/cuisine", w.tokens[names[0]], "image/png", strings.NewReader(pngHead)); answer.Code != http.StatusCreated {
		t.Errorf("the next of a link that has brought one: %d %s", answer.Code, answer.Body)
	}
}

// Who is slow, or gone without a word, is told so and keeps no place; what was there before stays.
func TestASheetThatComesTooSlowlyIsLetGo(t *testing.T) {
	for name, c := range map[string]struct {
		pace    Pace
		trickle bool // else nothing comes after the beginning
	}{
		"not a byte any more": {Pace{Stall: 50 * time.Millisecond}, false},
		"byte after byte":     {Pace{Begin: time.Millisecond, Least: 1 << 30}, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, setting{sheets: true})
			kept := w.bring("image/png", pngHead+"kept")
			w.server.limits.Sheets = c.pace.withDefaults() // nobody brings one now
			line, err := net.Dial("tcp", strings.TrimPrefix(w.http.URL, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer line.Close()
			head := "POST /sheet/cuisine HTTP/1.1\r\nHost: a\r\nAccept-Language: fr\r\nContent-Type: image/png\r\nContent-Length: 9000000\r\nAuthorization: Bearer " + w.tokens["mediator"] + "\r\n\r\n"
			if _, err := io.WriteString(line, head+pngHead); err != nil {
				t.Fatal(err)
			}
			if c.trickle {
				go func() {
					for _, err := line.Write([]byte{0}); err == nil; _, err = line.Write([]byte{0}) {
						time.Sleep(time.Millisecond)
					}
				}()
			}
			answer, err := http.ReadResponse(bufio.NewReader(line), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			said, _ := io.ReadAll(answer.Body)
			if answer.StatusCode != http.StatusBadRequest || !strings.Contains(string(said), codeSheetSlow) || !strings.Contains(string(said), "trop lentement") {
				t.Errorf("%d %s", answer.StatusCode, said)
			}
			until(t, "its place is free", func() bool { return w.server.uploads.count() == 0 })
			if w.server.sheetOf(w.room).URL != kept || len(w.sheetFiles()) != 1 {
				t.Errorf("the room has %+v, the folder %v", w.server.sheetOf(w.room), w.sheetFiles())
			}
		})
	}
}

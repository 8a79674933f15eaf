package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"antenne/rooms"
)

// mediatorToken is the secret of a fresh link for a mediator.
func (k *killable) mediatorToken(room rooms.RoomID) string {
	k.t.Helper()
	var link linkReply
	k.ask(http.MethodPost, "/links", linkRequest{Room: room, Role: rooms.Mediator, For: time.Hour}, &link)
	u, err := url.Parse(link.URL)
	if err != nil {
		k.t.Fatal(err)
	}
	k.told = append(k.told, u.Fragment)
	return u.Fragment
}

// brings stores a sheet and returns its address.
func (k *killable) brings(room rooms.RoomID, token, body string) (address string) {
	k.t.Helper()
	status, answer := k.call("POST", "/sheet/"+string(room)+"?title=Fiche", token, "application/pdf", body)
	var sheet struct{ URL string }
	if err := json.Unmarshal([]byte(answer), &sheet); err != nil || status != http.StatusCreated {
		k.t.Fatalf("%d %s", status, answer)
	}
	return sheet.URL
}

func namesIn(t *testing.T, copied []byte) (names []string) {
	t.Helper()
	for in := tar.NewReader(bytes.NewReader(copied)); ; {
		head, err := in.Next()
		if errors.Is(err, io.EOF) {
			return names
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, head.Name)
	}
}

// A copy holds the log and the sheets that the log names, no other; put back
// into an empty folder, everything is there. A copy that is damaged anywhere
// is not put back at all.
func TestACopyBringsBackTheLogAndItsSheets(t *testing.T) {
	const body = "%PDF-1.7\nthe sheet of today"
	k, room := newPairServer(t)
	token := k.mediatorToken(room)
	before := k.brings(room, token, "%PDF-1.7\nthe sheet of before")
	today := k.brings(room, token, body)
	stray := filepath.Join(k.data, sheetFolder, strings.Repeat("x", 22))
	if err := os.WriteFile(stray, []byte("%PDF- of nobody"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "copie.tar")
	if out, code := k.types("backup", file); code != exitDone || out != "" {
		t.Fatalf("backup: %d %s", code, out)
	}
	copied, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if names, want := namesIn(t, copied), []string{copiedLog, sheetFolder + "/" + today[strings.LastIndex(today, "/")+1:], copiedSums}; !slices.Equal(names, want) {
		t.Errorf("the copy holds %v, wanted %v", names, want)
	}
	if out, code := k.types("restore", file); code != exitFailed || !strings.Contains(out, "[restore-occupied]") {
		t.Errorf("into a folder in use: %d %s", code, out)
	}
	k.kill()
	if err := os.RemoveAll(k.data); err != nil {
		t.Fatal(err)
	}
	const header = 512
	sums := bytes.LastIndex(copied, []byte("  "+copiedLog+"\n"))
	for _, at := range []int{0, 124, header, header + 5000, bytes.Index(copied, []byte(body)) + 12, sums - 3} { // a header, the log, the sheet, the sums
		broken := slices.Clone(copied)
		broken[at] ^= 1
		k.refusesCopy(broken)
		k.refusesCopy(copied[:at])
	}
	if out, code := k.types("restore", file); code != exitDone || out != "" {
		t.Fatalf("restore: %d %s", code, out)
	}
	k.start()
	if status, answer := k.call("GET", today, "", "", ""); status != http.StatusOK || answer != body {
		t.Errorf("the sheet, after the folder was lost: %d %q", status, answer)
	}
	if status, _ := k.call("GET", before, "", "", ""); status != http.StatusNotFound {
		t.Errorf("the sheet that was replaced: %d", status)
	}
	if err := newClient(k.data).ask(t.Context(), http.MethodPost, "/verify", nil, nil); err != nil {
		t.Errorf("the log that was put back: %v", err)
	}
	k.brings(room, token, body+", again") // the links are there too
	k.stop()
}

// refusesCopy has a damaged copy refused, and nothing left of it.
func (k *killable) refusesCopy(copied []byte) {
	k.t.Helper()
	file := filepath.Join(k.t.TempDir(), "abimee.tar")
	if err := os.WriteFile(file, copied, 0o600); err != nil {
		k.t.Fatal(err)
	}
	if out, code := k.types("restore", file); code != exitFailed || !strings.Contains(out, "[backup-broken]") {
		k.t.Errorf("a damaged copy of %d bytes: %d %s", len(copied), code, out)
	}
	if left, err := os.ReadDir(k.data); err != nil || len(left) > 0 {
		k.t.Fatalf("of a damaged copy stays %v, %v", left, err)
	}
}

// A sheet that is gone from the folder is said, and keeps nobody from a copy of
// the rest; neither does a copy of the first kind, which was the log alone.
func TestACopyWithoutASheetIsBetterThanNone(t *testing.T) {
	k, room := newPairServer(t)
	address := k.brings(room, k.mediatorToken(room), "%PDF-1.7\nof today")
	if err := os.Remove(filepath.Join(k.data, sheetFolder, address[strings.LastIndex(address, "/")+1:])); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "copie.tar")
	if out, code := k.types("backup", file); code != exitDone || !strings.Contains(out, "Attention : 1 fiche(s)") {
		t.Fatalf("backup: %d %s", code, out)
	}
	k.stop()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	in := tar.NewReader(bytes.NewReader(raw))
	if _, err := in.Next(); err != nil {
		t.Fatal(err)
	}
	log, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	alone := filepath.Join(t.TempDir(), "copie.db")
	if err := os.WriteFile(alone, log, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{file, alone} {
		if err := os.RemoveAll(k.data); err != nil {
			t.Fatal(err)
		}
		if out, code := k.types("restore", from); code != exitDone || !strings.Contains(out, "Attention : 1 fiche(s)") {
			t.Errorf("restore of %s: %d %s", filepath.Base(from), code, out)
		}
		k.start()
		if lines, _ := k.types("room", "list"); !strings.Contains(lines, string(room)) {
			t.Errorf("the rooms are %q", lines)
		}
		if status, _ := k.call("GET", address, "", "", ""); status != http.StatusNotFound {
			t.Errorf("the sheet that was lost: %d", status)
		}
		k.stop()
	}
}

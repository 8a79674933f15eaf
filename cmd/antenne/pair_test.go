package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"antenne/rooms"
)

// call does one request to the public address of the server.
func (k *killable) call(method, path, token, kind, body string) (status int, answer string) {
	k.t.Helper()
	r, err := http.NewRequestWithContext(k.t.Context(), method, k.base+path, strings.NewReader(body))
	if err != nil {
		k.t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		k.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		k.t.Fatal(err)
	}
	return res.StatusCode, string(raw)
}

// pairs does one request of pairing, which must succeed.
func (k *killable) pairs(method, path, token, body string) (reply map[string]string) {
	k.t.Helper()
	status, answer := k.call(method, path, token, "application/json", body)
	var whole map[string]any
	if err := json.Unmarshal([]byte(answer), &whole); err != nil || status >= 300 {
		k.t.Fatalf("%s %s: %d %s", method, path, status, answer)
	}
	reply = map[string]string{}
	for name, value := range whole {
		reply[name], _ = value.(string)
	}
	return reply
}

// types runs a command as a person would.
func (k *killable) types(words ...string) (out string, code int) {
	k.t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(k.t.Context(), process{args: append(words, "--data", k.data), stdout: &stdout, stderr: &stderr})
	return stdout.String() + stderr.String(), code
}

func newPairServer(t *testing.T) (k *killable, room rooms.RoomID) {
	t.Helper()
	k = &killable{t: t, binary: realBinary(t), data: filepath.Join(t.TempDir(), "data")}
	k.start()
	var reply roomReply
	k.ask(http.MethodPost, "/rooms", roomRequest{Title: "Cuisine", At: time.Now().Add(time.Hour), Sites: []place{{"fives", "Maison des Ateliers", "Lille"}}}, &reply)
	return k, reply.Room
}

// A screen that was confirmed once is known over a kill, listed, and forgotten by a command; no code and no token is in the log.
func TestAPairedScreenOutlivesTheServerUntilItIsForgotten(t *testing.T) {
	k, room := newPairServer(t)
	desk := k.deskToken(room, "fives")
	screen := k.pairs("POST", "/pair/screen", "", "")
	if !strings.HasPrefix(screen["svg"], "<svg") {
		t.Errorf("no picture of the address: %q", screen["svg"])
	}
	if confirmed := k.pairs("POST", "/pair/confirm", desk, `{"code":"`+screen["code"]+`"}`); confirmed["siteName"] != "Maison des Ateliers" {
		t.Errorf("the animator was told %v", confirmed)
	}
	token := k.pairs("GET", "/pair/screen", screen["secret"], "")["token"]
	posts := k.pairs("POST", "/pair/posts", desk, `{}`)["code"]
	k.told = append(k.told, token, screen["code"], screen["secret"], posts)
	k.kill()
	k.start()
	if seen := k.pairs("GET", "/pair/room", token, ""); seen["siteName"] != "Maison des Ateliers" {
		t.Errorf("after a kill the screen is told %v", seen)
	}
	if again := k.pairs("POST", "/pair/posts", desk, `{}`)["code"]; again != posts {
		t.Errorf("after a kill the posts' code is %s, it was %s", again, posts)
	}
	if post := k.pairs("POST", "/pair/claim", "", `{"code":"`+posts+`"}`); post["url"] != "/post/"+string(room) {
		t.Errorf("a post was told %v", post)
	}
	list, _ := k.types("device", "list", "--site", "fives")
	id, rest, _ := strings.Cut(list, " ")
	if !strings.Contains(rest, "screen  fives  depuis ") || strings.Count(list, "\n") != 1 {
		t.Errorf("the list is %q", list)
	}
	if out, code := k.types("device", "forget", id); code != exitDone || out != "" {
		t.Errorf("forget: %d %s", code, out)
	}
	if status, answer := k.call("GET", "/pair/room", token, "application/json", ""); status != http.StatusUnauthorized || !strings.Contains(answer, "link-revoked") {
		t.Errorf("a forgotten screen is told %d %s", status, answer)
	}
	if list, _ := k.types("device", "list"); list != "" {
		t.Errorf("the list is still %q", list)
	}
	if told, code := k.types("device", "history"); code != exitDone || !strings.Contains(told, " animation (Maison des Ateliers) : écran "+id+" ouvert : Maison des Ateliers\n") ||
		!strings.Contains(told, " Antenne : écran "+id+" oublié\n") {
		t.Errorf("the history of the screens: %d %q", code, told)
	}
	k.stop()
}

// The server is killed while a sheet is on its way: what was there before is whole, and of the other nothing stays.
func TestASheetIsWholeOrNotAtAllWhenTheServerIsKilled(t *testing.T) {
	k, room := newPairServer(t)
	token := k.mediatorToken(room)
	const before = "%PDF-1.7\nthe sheet of before"
	sheet := k.brings(room, token, before)

	half, err := net.Dial("tcp", strings.TrimPrefix(k.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer half.Close()
	head := "POST /sheet/" + string(room) + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/pdf\r\nContent-Length: 5000000\r\nAuthorization: Bearer " + token + "\r\n\r\n%PDF-1.7\n"
	if _, err := io.WriteString(half, head+strings.Repeat("x", 1<<20)); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(k.data, "sheets")
	count := func() int {
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	for end := time.Now().Add(20 * time.Second); count() < 2; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the second sheet never began to arrive")
		}
	}
	k.kill()
	k.start()
	if n := count(); n != 1 {
		t.Errorf("%d files in the folder", n)
	}
	if status, answer := k.call("GET", sheet, "", "", ""); status != http.StatusOK || answer != before {
		t.Errorf("the sheet of before: %d %q", status, answer)
	}
	if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder is open to %v, %v", info.Mode(), err)
	}
	k.stop()
}

package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"antenne/rooms"
	"antenne/sfu"
)

// housed is a house with an engine, nobody's doors open.
func housed(t *testing.T) *server {
	t.Helper()
	h := quietHouse(t)
	engine, err := sfu.New(sfu.Config{Media: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	v := &server{}
	v.log, v.journal, v.hall, v.engine, v.public = h.log, h.journal, h.hall, engine, h.public
	return v
}

// A server that is told to stop is not ready from that moment, though the last
// look found it so and it still answers.
func TestNotReadyFromTheFirstMomentOfLeaving(t *testing.T) {
	v := housed(t)
	handler := v.publicHandler(http.NotFoundHandler(), http.NotFoundHandler())
	status := func(path string) int {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
		return answer.Code
	}
	if got := status("/readyz"); got != http.StatusOK {
		t.Fatalf("before: %d", got)
	}
	v.leaving.Store(true)
	if got := status("/readyz"); got != http.StatusServiceUnavailable {
		t.Errorf("leaving: %d", got)
	}
	if got := status("/healthz"); got != http.StatusOK {
		t.Errorf("leaving, still alive: %d", got)
	}
	if err := v.ready(t.Context()); err == nil {
		t.Error("the doctor is told that it is ready")
	}
}

// Readiness hears what the rooms hear of the log, before any other door.
func TestALogThatRefusesIsNotReadyButAlive(t *testing.T) {
	v := housed(t)
	room, err := v.addRoom(t.Context(), demoRoom(time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	v.journal.Close()
	if _, err := v.issueLink(t.Context(), linkRequest{Room: room, Role: rooms.Mediator}); err == nil {
		t.Fatal("a link was written into a closed log")
	}
	if v.hall.LogTrouble() == "" {
		t.Fatal("the hall has not noticed")
	}
	if err := v.ready(t.Context()); asFailure(err).Code != v.hall.LogTrouble() {
		t.Errorf("ready says %v", err)
	}
	if err := v.alive(t.Context()); err != nil {
		t.Errorf("the server is alive, and says %v", err)
	}
}

// The watchdog is fed by what is alive, not by what is ready.
func TestALoopThatDoesNotAnswerIsNotAlive(t *testing.T) {
	v := housed(t)
	if err := v.alive(t.Context()); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := v.addRoom(t.Context(), demoRoom(time.Now())); err != nil {
		t.Fatal(err)
	}
	if err := v.alive(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("no time to answer, and %v", err)
	}
	v.engine.Close()
	if err := v.alive(t.Context()); sfu.CodeOf(err) != sfu.CodeEngineClosed {
		t.Errorf("the media's housekeeper is gone, and %v", err)
	}
}

// The pages are asked for by strangers: the same view serves until the room changes.
func TestTheProgrammeAsksARoomOncePerChange(t *testing.T) {
	h := quietHouse(t)
	room, err := h.addRoom(t.Context(), demoRoom(time.Now().Add(72*time.Hour))) // nothing happens by itself until then
	if err != nil {
		t.Fatal(err)
	}
	p := newProgramme(h.hall)
	first, known := p.room(room)
	if entity, is := first["room"].(rooms.RoomEntity); !known || !is || entity.Mediator != "Nadia" || len(sitesOf(first)) != 6 {
		t.Fatalf("%+v", first)
	}
	first["mark"] = true // the very same map comes back
	if again, _ := p.room(room); again["mark"] != true {
		t.Error("asked again though nothing changed")
	}
	if listed := p.rooms(); len(listed) != 1 || listed[0].Room.ID != room || len(listed[0].Sites) != 6 {
		t.Errorf("the programme is %+v", listed)
	}
	if err := h.hall.CloseRoom(t.Context(), room); err != nil {
		t.Fatal(err)
	}
	after, _ := p.room(room)
	if entity, _ := after["room"].(rooms.RoomEntity); entity.State != rooms.Ended || after["mark"] == true {
		t.Errorf("after its end: %+v", after)
	}
	if _, known := p.room("nowhere"); known {
		t.Error("a room that does not exist")
	}
}

func TestLinksCountFromTheHour(t *testing.T) {
	now := time.Date(2026, 3, 3, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		lasts, at, want time.Duration // from now
	}{
		{0, 72 * time.Hour, 84 * time.Hour},
		{time.Hour, 72 * time.Hour, 73 * time.Hour},
		{0, -time.Hour, 12 * time.Hour},
		{3 * time.Hour, -time.Hour, 3 * time.Hour},
		{0, longestLink, longestLink},
	} {
		if got := linkExpiry(c.lasts, now.Add(c.at), now).Sub(now); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// A server killed while it made a copy leaves nothing behind once it starts again.
func TestLeftCopiesAreSweptAtTheStart(t *testing.T) {
	v := &server{}
	v.settings.data = filepath.Join(t.TempDir(), "data")
	left := filepath.Join(v.settings.data, copyFolder+"1234")
	if err := os.MkdirAll(left, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(left, "journal.db.part"), []byte("des textes"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := v.openJournal(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer v.journal.Close()
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the copy is still there: %v", err)
	}
	copied, _, err := v.copyLog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	if found, _ := filepath.Glob(filepath.Join(v.settings.data, copyFolder+"*")); len(found) > 0 {
		t.Errorf("while it is sent the copy has a name: %v", found)
	}
	if info, err := copied.Stat(); err != nil || info.Size() == 0 {
		t.Errorf("the copy is empty: %v", err)
	}
}

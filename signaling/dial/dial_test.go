package dial

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"antenne/signaling/wire"
)

// moved is a server whose door is elsewhere, and that remembers what came through.
func moved(t *testing.T, status int, seen *[]string) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/whip/old", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/whip/new", status)
	})
	mux.HandleFunc("/whip/new", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		*seen = append(*seen, r.Method+" "+r.Header.Get("Authorization")+" "+r.Header.Get("Content-Type")+" "+string(body))
		w.Header().Set("Location", "sessions/1")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, "answer")
	})
	mux.HandleFunc("/whip/sessions/1", func(w http.ResponseWriter, r *http.Request) {
		*seen = append(*seen, r.Method+" "+r.Header.Get("Authorization"))
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func TestADoorThatMoved(t *testing.T) {
	for _, status := range []int{http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		var seen []string
		s := moved(t, status, &seen)
		answer, session, err := Whip(t.Context(), s.URL+"/whip/old", "TOKEN", "offer")
		if err != nil || answer != "answer" || session.URL != s.URL+"/whip/sessions/1" || session.ID() != "1" {
			t.Fatalf("%d: %q %+v %v", status, answer, session, err)
		}
		if err := session.Delete(t.Context()); err != nil {
			t.Error(err)
		}
		if len(seen) != 2 || seen[0] != "POST Bearer TOKEN application/sdp offer" || seen[1] != "DELETE Bearer TOKEN" {
			t.Errorf("%d: %q", status, seen)
		}
	}
	for _, status := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther} {
		var seen []string
		s := moved(t, status, &seen)
		_, _, err := Whip(t.Context(), s.URL+"/whip/old", "TOKEN", "offer")
		var refused *Refused
		if !errors.As(err, &refused) || refused.Status != status || len(seen) != 0 {
			t.Errorf("%d was followed: %v %q", status, err, seen)
		}
	}
}

func TestRefusalsAreRead(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "3")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, `{"code":"server-full","text":"Le serveur est plein."}`)
	}))
	defer s.Close()
	_, _, err := Whep(t.Context(), s.URL+"/whep/r", "", "offer")
	var refused *Refused
	if !errors.As(err, &refused) || *refused != (Refused{503, "server-full", "Le serveur est plein.", true, 3 * time.Second}) {
		t.Errorf("got %+v", err)
	}
	_, err = Class(t.Context(), s.URL, wire.Hello{Device: "a-device"})
	if !errors.As(err, &refused) || refused.Code != "server-full" {
		t.Errorf("got %+v", err)
	}
	if _, err := Class(t.Context(), "nowhere", wire.Hello{}); err == nil {
		t.Error("nowhere is an address")
	}
}

// scripted is a class that says lines after hello, then does as it is told.
func scripted(t *testing.T, then func(*websocket.Conn), lines ...string) string {
	t.Helper()
	up := websocket.Upgrader{Subprotocols: []string{wire.Subprotocol}, CheckOrigin: func(r *http.Request) bool { return r.Header.Get("Origin") != "" }}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer ws.Close()
		_, raw, _ := ws.ReadMessage()
		if m, err := wire.DecodeClient(raw); err != nil {
			t.Errorf("hello: %T %v", m, err)
		}
		for _, line := range lines {
			_ = ws.WriteMessage(websocket.TextMessage, []byte(line))
		}
		then(ws)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestAByeIsTheReason(t *testing.T) {
	url := scripted(t, func(*websocket.Conn) {}, `{"type":"novelty"}`, `{"type":"bye","code":"shutdown","text":"…","retry":true}`)
	c, err := Class(t.Context(), url, wire.Hello{Device: "a-device"})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for range c.Events() {
		n++
	}
	var refused *Refused
	if n != 1 || !errors.As(c.Err(), &refused) || refused.Code != "shutdown" || !refused.Retry {
		t.Errorf("%d events, %v", n, c.Err())
	}
	if _, err := c.Do(t.Context(), map[string]string{"name": "end"}); err == nil {
		t.Error("a command was done by nobody")
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func TestCloseDoesNotWaitForSomebodyToReadEvents(t *testing.T) {
	var many []string
	for range 100 {
		many = append(many, `{"type":"beat","now":"2026-11-21T10:00:00Z"}`)
	}
	url := scripted(t, func(ws *websocket.Conn) { _, _, _ = ws.ReadMessage() }, many...)
	c, err := Class(t.Context(), url, wire.Hello{Device: "a-device"})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil || !errors.Is(c.Err(), ErrClosed) {
		t.Errorf("%v %v", err, c.Err())
	}
}

func TestDoGivesUpWithItsContext(t *testing.T) {
	url := scripted(t, func(ws *websocket.Conn) {
		for {
			if _, _, err := ws.ReadMessage(); err != nil {
				return
			}
		}
	})
	c, err := Class(t.Context(), url, wire.Hello{Device: "a-device"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Do(ctx, map[string]string{"name": "end"}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if len(c.waiting) != 0 {
		t.Error("an answer is still expected")
	}
}

package signaling

import (
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"antenne/rooms/journal"
	"antenne/signaling/wire"
)

// knock opens the WebSocket alone.
func (w *world) knock(header http.Header) (*websocket.Conn, *http.Response, error) {
	d := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}, HandshakeTimeout: 5 * time.Second}
	if header == nil {
		header = http.Header{"Origin": {w.http.URL}}
	}
	return d.Dial(strings.Replace(w.http.URL, "http", "ws", 1)+"/ws", header)
}

// lastWords says raw first, and reads the bye and the close behind it.
func lastWords(t *testing.T, w *world, raw string) *wire.Bye {
	t.Helper()
	ws, _, err := w.knock(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	_ = ws.WriteMessage(websocket.TextMessage, []byte(raw))
	_ = ws.SetReadDeadline(time.Now().Add(10 * time.Second))
	_, answer, err := ws.ReadMessage()
	if err != nil {
		t.Fatal(err)
	}
	m, err := wire.DecodeServer(answer)
	if err != nil {
		t.Fatal(err)
	}
	bye, ok := m.(*wire.Bye)
	if !ok {
		t.Fatalf("got %T", m)
	}
	_, _, err = ws.ReadMessage()
	if !websocket.IsCloseError(err, closeStatus(bye.Code)) {
		t.Errorf("%s: closed with %v, want %d", bye.Code, err, closeStatus(bye.Code))
	}
	return bye
}

func TestOrigins(t *testing.T) {
	w := newWorld(t, setting{})
	w.server.origins = allowedOrigins("https://antenne.example.org/", []string{"https://autre.example.org"})
	host := strings.TrimPrefix(w.http.URL, "http://")
	for origin, ok := range map[string]bool{
		w.http.URL: true, "https://" + host: true, "https://antenne.example.org": true, "https://autre.example.org": true,
		"https://Antenne.Example.org": true, "": false, "null": false, "https://mechant.example": false, "http://antenne.example.org": false,
		"https://antenne.example.org.mechant.example": false, "https://antenne.example.org:444": false, "file://": false,
		"http://" + host + "/chemin": false, "http://" + host + "@mechant.example": false,
	} {
		h := http.Header{}
		if origin != "" {
			h.Set("Origin", origin)
		}
		ws, resp, err := w.knock(h)
		if err == nil {
			ws.Close()
		}
		if (err == nil) != ok || !ok && resp.StatusCode != http.StatusForbidden {
			t.Errorf("%q: %v", origin, err)
		}
	}
}

func TestWhoSaysNothingIsToldSo(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("waits for the five seconds of a real hello")
	}
	w := newWorld(t, setting{})
	ws, _, err := w.knock(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	_ = ws.SetReadDeadline(time.Now().Add(20 * time.Second))
	_, raw, err := ws.ReadMessage()
	if err != nil || !strings.Contains(string(raw), `"hello-late"`) {
		t.Fatalf("%s %v", raw, err)
	}
}

func TestStrangersAreCountedAndBounded(t *testing.T) {
	w := newWorld(t, setting{limits: Limits{Strangers: 2}})
	for range 2 {
		ws, _, err := w.knock(nil)
		if err != nil {
			t.Fatal(err)
		}
		defer ws.Close()
	}
	_, resp, err := w.knock(nil)
	if err == nil || resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
		t.Fatalf("got %v", err)
	}
}

func TestBinaryIsNotUnderstood(t *testing.T) {
	w := newWorld(t, setting{})
	ws, _, err := w.knock(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	_ = ws.WriteMessage(websocket.BinaryMessage, []byte{1, 2, 3})
	_, raw, err := ws.ReadMessage()
	if err != nil || !strings.Contains(string(raw), `"wire-binary"`) {
		t.Fatalf("%s %v", raw, err)
	}
}

// TestASlowReaderIsCutOffAndTheOthersAreNot: the kernels would swallow megabytes for a page that reads nothing.
func TestASlowReaderIsCutOffAndTheOthersAreNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setting{})
	ws, _, err := w.knock(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	_ = ws.WriteMessage(websocket.TextMessage, []byte(hello(w.tokens["moderator"], "")))
	reader, mediator := w.join("moderator", nil), w.join("mediator", nil)
	until(t, "three connections", func() bool { return w.server.Stats().Connections == 3 })
	next := map[string]string{"open-doors": "go-on-air", "go-on-air": "pause", "pause": "resume", "resume": "pause"}
	command, sent := "open-doors", 0
	tick := time.NewTicker(55 * time.Millisecond)
	defer tick.Stop()
	for w.server.Stats().Byes[codeSlow] == 0 {
		<-tick.C
		last := mediator.must(map[string]string{"name": command})
		command = next[command]
		reader.hear(func() bool { return reader.seq >= last })
		if sent++; sent > 400 {
			t.Fatal("never cut off")
		}
	}
	until(t, "the slow one is gone", func() bool { return w.server.Stats().Connections == 2 })
	mediator.must(map[string]string{"name": "end"})
}

// TestADeadPeerIsLeft: a line that was cut says nothing, not even to a ping.
func TestADeadPeerIsLeft(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("waits for the twelve seconds of a real silence")
	}
	w := newWorld(t, setting{})
	ws, _, err := w.knock(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	_ = ws.WriteMessage(websocket.TextMessage, []byte(hello(w.tokens["screen"], "")))
	until(t, "it is there", func() bool { return w.server.Stats().Connections == 1 })
	deadline := time.Now().Add(30 * time.Second)
	for w.server.Stats().Connections > 0 {
		if time.Now().After(deadline) {
			t.Fatal("it is still there")
		}
		time.Sleep(50 * time.Millisecond)
	}
	if w.server.Stats().Byes["dead"] != 1 {
		t.Errorf("byes: %v", w.server.Stats().Byes)
	}
}

func TestWhoHasNotSaidHelloIsToldOfTheEnd(t *testing.T) {
	w := newWorld(t, setting{})
	ws, _, err := w.knock(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	until(t, "it is waited for", func() bool {
		w.server.mu.Lock()
		defer w.server.mu.Unlock()
		return len(w.server.meeting) == 1
	})
	w.shut()
	_, raw, err := ws.ReadMessage()
	if err != nil || !strings.Contains(string(raw), `"shutdown"`) || !strings.Contains(string(raw), `"retry":true`) {
		t.Fatalf("%s %v", raw, err)
	}
	w.open(Limits{}) // for the cleanup
}

// TestClosingLeavesNothing counts goroutines: connections before and after hello, viewers, a publisher.
func TestClosingLeavesNothing(t *testing.T) {
	j := journal.NewMemory()
	before := runtime.NumGoroutine()
	w := newWorld(t, setting{journal: j, onPublish: true})
	for range 3 {
		ws, _, err := w.knock(nil)
		if err != nil {
			t.Fatal(err)
		}
		defer ws.Close()
		w.join("animator", nil)
		w.openSession("/whep/cuisine", "", file(t, "offer-player.sdp"))
	}
	w.openSession("/whip/cuisine", "mediator", file(t, "offer-obs.sdp"))
	w.http.CloseClientConnections()
	w.shut()
	http.DefaultClient.CloseIdleConnections()
	if st := w.server.Stats(); st.Connections != 0 || st.Strangers != 0 {
		t.Errorf("left: %+v", st)
	}
	until(t, "the goroutines are gone", func() bool { return runtime.NumGoroutine() <= before+3 }) // three clients may hold events nobody takes
	w.open(Limits{})                                                                               // for the cleanup
}

package sfu

import (
	"context"
	"testing"
	"time"
)

// A crowd at the viewers' door, in turn and in the queue, keeps no mediator out.
func TestACrowdNeverDelaysAMediator(t *testing.T) {
	timing := productionTiming()
	timing.admission = time.Minute
	e, err := newEngine(Config{Media: ":0"}, timing)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	crowd := e.doors.viewers
	for range cap(crowd.turns) {
		if _, err := e.admit(t.Context(), crowd); err != nil {
			t.Fatal(err)
		}
	}
	refused := make(chan error, 2*viewerQueue)
	for range 2 * viewerQueue {
		go func() {
			_, err := e.admit(t.Context(), crowd)
			refused <- err
		}()
	}
	for range viewerQueue { // the other half waits, and fills the queue
		if err := <-refused; CodeOf(err) != CodeEngineBusy {
			t.Fatalf("%v, want %s", err, CodeEngineBusy)
		}
	}
	for range 3 * cap(e.doors.publishers.turns) {
		done, err := e.admit(t.Context(), e.doors.publishers)
		if err != nil {
			t.Fatalf("a mediator at the door: %v", err)
		}
		done()
	}
}

// Alive tells of the engine's own work, not of its network.
func TestAliveThoughTheNetworkIsGone(t *testing.T) {
	e, err := New(Config{Media: ":0"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range e.network.conns {
		c.Close()
	}
	short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := e.Ready(short); err == nil {
		t.Error("ready without a socket")
	}
	if err := e.Alive(t.Context()); err != nil {
		t.Errorf("not alive: %v", err)
	}
	e.Close()
	if err := e.Alive(t.Context()); CodeOf(err) != CodeEngineClosed {
		t.Errorf("closed, and %v", err)
	}
}

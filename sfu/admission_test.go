package sfu

import (
	"context"
	"sync"
	"testing"

	"antenne/sfu/viewer"
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

// However many come at once, no more stand in the end than the node may have,
// and a share of the places is not for families.
func TestAFullNodeLetsNobodyIn(t *testing.T) {
	const most, forHomes = 20, 16
	e, err := New(Config{Media: ":0", Limits: Limits{Viewers: most}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	b := e.Open("room")
	defer func() {
		b.mu.Lock()
		clear(b.subs) // they have no connection to close
		b.mu.Unlock()
	}()
	crowd := func(home bool) (in int) {
		var mu sync.Mutex
		var wait sync.WaitGroup
		for range 100 {
			wait.Go(func() {
				done, err := e.admitViewer(t.Context(), home)
				if err != nil {
					if CodeOf(err) != CodeEngineFull {
						t.Errorf("%v, want %s", err, CodeEngineFull)
					}
					return
				}
				defer done()
				b.mu.Lock()
				b.subs[newSessionID()] = &Subscription{life: newLife(), spec: SinkSpec{Home: home}, watcher: newWatcher("", e, SinkSpec{Home: home}), session: &viewer.Session{}}
				b.mu.Unlock()
				mu.Lock()
				in++
				mu.Unlock()
			})
		}
		wait.Wait()
		return in
	}
	// A turn counts as a viewer while it lasts: at the end of a rush the last
	// places may be refused once, never given twice.
	for _, c := range []struct {
		home bool
		most int
	}{{true, forHomes}, {false, most}} {
		crowd(c.home)
		for range c.most {
			crowd(c.home)
		}
		if n := e.population(); n != c.most {
			t.Errorf("families %v: %d stand, want %d", c.home, n, c.most)
		}
	}
	if e.count.joinsFull.Load() == 0 {
		t.Error("none of those refused is counted")
	}
}

// What the load says holds for joins at once.
func TestALateNodeLetsNoFamilyIn(t *testing.T) {
	timing := productionTiming()
	timing.house = time.Hour // the housekeeper knows that this node is not late
	e, err := newEngine(Config{Media: ":0"}, timing)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	e.load.behind.Store(true)
	if _, err := e.admitViewer(t.Context(), true); CodeOf(err) != CodeEngineFull {
		t.Errorf("a family: %v, want %s", err, CodeEngineFull)
	}
	done, err := e.admitViewer(t.Context(), false)
	if err != nil {
		t.Fatalf("a room, while families can be spared: %v", err)
	}
	done()
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

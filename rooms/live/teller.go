package live

import (
	"context"
	"reflect"
	"sync"

	"antenne/rooms"
	"antenne/rooms/journal"
)

// State is what the media gates of a room depend on.
type State struct {
	Seq  journal.Seq
	Room rooms.State     // "" before the room was created
	Air  rooms.AirEntity // as the mediator sees it
	// Which of the mediator's cameras shows, and who else may be seen and heard.
	Camera rooms.Camera
	Floor  rooms.Floor
}

// OnState has f called with the room's state: at once, then after each change. Calls come one at a time, from a goroutine of the
// Keeper; states that follow each other faster than f returns are left out, the last one never is. f may call the Keeper.
// It is for as long as the Keeper lives.
func (k *Keeper) OnState(f func(State)) {
	k.ask(func() { k.teller.add(f, k.stateNow()) })
}

func (k *Keeper) stateNow() State {
	return State{Seq: k.seq, Room: k.room.State(), Air: k.room.Air(), Camera: k.room.Camera(), Floor: k.room.Floor()}
}

// State is what the gates depend on now; the zero value when the Keeper is closing. It does not wait for the journal.
func (k *Keeper) State() (s State) {
	k.ask(func() { s = k.stateNow() })
	return s
}

// teller calls hooks outside the owner.
type teller struct {
	bell chan struct{} // 1: there is news

	mu    sync.Mutex
	hooks []*hook
	state State // the last one: what nobody was told of before it is left out
}

// hook belongs to teller.mu but for f.
type hook struct {
	f    func(State)
	told *State // nil before the first call
}

func newTeller() *teller {
	return &teller{bell: make(chan struct{}, 1)}
}

func (t *teller) add(f func(State), now State) {
	t.mu.Lock()
	t.hooks, t.state = append(t.hooks, &hook{f: f}), now
	t.mu.Unlock()
	t.ring()
}

func (t *teller) tell(now State) {
	t.mu.Lock()
	t.state = now
	t.mu.Unlock()
	t.ring()
}

func (t *teller) ring() {
	select {
	case t.bell <- struct{}{}:
	default:
	}
}

func (t *teller) run(ctx context.Context, running *sync.WaitGroup) {
	defer running.Done()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.bell:
			for _, call := range t.gather() {
				call()
			}
		}
	}
}

// gather takes the calls to make, so that they are made with nothing held.
func (t *teller) gather() (calls []func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, h := range t.hooks {
		if h.told != nil && sameGates(*h.told, t.state) {
			continue
		}
		state := t.state
		h.told = &state
		calls = append(calls, func() { h.f(state) })
	}
	return calls
}

func sameGates(a, b State) bool {
	return a.Room == b.Room && a.Camera == b.Camera && a.Floor == b.Floor && reflect.DeepEqual(a.Air, b.Air)
}

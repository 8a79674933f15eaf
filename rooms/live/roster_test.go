package live

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"antenne/rooms"
	"antenne/rooms/journal"
)

// hallOf is a hall of many rooms, each of many places.
func hallOf(t testing.TB, many, places int) *Hall {
	t.Helper()
	h, err := OpenHall(t.Context(), journal.NewMemory(), Config{Clock: newClock(hour.Add(-24 * time.Hour))})
	must(t, err)
	t.Cleanup(func() { h.Close() })
	sites := make([]rooms.AddSite, places)
	for i := range sites {
		sites[i] = rooms.AddSite{Site: rooms.SiteID(fmt.Sprintf("site-%d", i)), Name: fmt.Sprintf("Centre %d", i), Town: "Lille"}
	}
	for i := range many {
		at := hour.Add(time.Duration(i*7919%many) * time.Hour) // not in the order of their names
		_, err := h.CreateAs(t.Context(), rooms.RoomID(fmt.Sprintf("room-%d", i)), rooms.CreateRoom{Title: "Cuisine", At: at, Audience: rooms.AudiencePublic}, sites)
		must(t, err)
	}
	return h
}

// TestTheListOfRoomsIsMadeOnce: whoever asks while no room changes is given the list that there is, and who was given it keeps it as
// it was.
func TestTheListOfRoomsIsMadeOnce(t *testing.T) {
	h := hallOf(t, 20, 3)
	before := h.Rooms()
	if n := testing.AllocsPerRun(100, func() { h.Rooms() }); n != 0 {
		t.Errorf("a list that is made already costs %v allocations", n)
	}
	kept := slices.Clone(before)
	must(t, h.CloseRoom(t.Context(), before[3].ID))
	if after := h.Rooms(); after[3].State != rooms.Ended || !after[3].EndedAt.Equal(h.clock.Now()) {
		t.Errorf("the list that is made anew says %+v", after[3])
	}
	if n := testing.AllocsPerRun(100, func() { h.RoomsOf("site-2") }); n != 0 || len(h.RoomsOf("site-2")) != len(before) || h.RoomsOf("site-2")[3].State != rooms.Ended {
		t.Errorf("the rooms of a place cost %v allocations, and are %d", n, len(h.RoomsOf("site-2")))
	}
	if before[3].State != kept[3].State {
		t.Error("a list that was given is written in")
	}
	if !slices.IsSortedFunc(before, func(a, b Summary) int { return a.At.Compare(b.At) }) {
		t.Error("rooms are not listed by hour")
	}
}

// TestWhoWaitsForNewsOfRooms is told of what lists show, and not of what is said in a room.
func TestWhoWaitsForNewsOfRooms(t *testing.T) {
	h := newHouse(t, journal.NewMemory(), hour)
	for _, c := range []struct {
		what string
		do   func()
		news bool
	}{
		{"a question", func() { h.do(t, viewer(1), rooms.Ask{Question: question(1), Text: "Combien de sel ?"}) }, false},
		{"the air", func() { h.do(t, mediator(), rooms.GoOnAir{}) }, true},
		{"a place", func() {
			h.do(t, rooms.Actor{Role: rooms.System, Room: room}, rooms.AddSite{Site: "lens", Name: "Lens"})
		}, true},
		{"a room", func() {
			_, err := h.CreateAs(t.Context(), "magie", rooms.CreateRoom{Title: "Magie", At: hour, Audience: rooms.AudiencePublic}, nil)
			must(t, err)
		}, true},
	} {
		news := h.News()
		c.do()
		select {
		case <-news:
			if !c.news {
				t.Errorf("%s is told as news of the rooms", c.what)
			}
		default:
			if c.news {
				t.Errorf("nobody hears of %s", c.what)
			}
		}
	}
	if of := h.RoomsOf("lens"); len(of) != 1 || of[0].ID != room || len(h.RoomsOf("nowhere")) != 0 {
		t.Errorf("Lens follows %+v", of)
	}
	if all := h.Rooms(); len(all) != 2 || all[0].State != rooms.OnAir || len(all[0].Sites) != 4 || all[1].Title != "Magie" {
		t.Errorf("the list is %+v", h.Rooms())
	}
}

// BenchmarkRooms is what each look of each waiting screen costs.
//
//	go test -run '^$' -bench Rooms ./rooms/live
func BenchmarkRooms(b *testing.B) {
	for _, many := range []int{60, 300, 1000} {
		b.Run(fmt.Sprint(many), func(b *testing.B) {
			h := hallOf(b, many, 60)
			b.ReportAllocs()
			for b.Loop() {
				h.Rooms()
			}
		})
	}
}

package web

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"antenne/rooms"
)

var places = []rooms.SiteEntity{
	{ID: "wattrelos", Name: "Centre social de l’Avenir", Town: "Wattrelos"},
	{ID: "avion", Name: "Maison de quartier", Town: "Avion"},
}

// cuisine is a public room in a given state, on Tuesday 3 March 2026 at 10 h in Paris.
func cuisine(state rooms.State) rooms.RoomEntity {
	at := time.Date(2026, 3, 3, 9, 0, 0, 0, time.UTC)
	e := rooms.RoomEntity{ID: "cuisine", Title: "Cuisine de saison", At: at, State: state,
		Audience: rooms.AudiencePublic, Needs: "Une courge, un couteau", Mediator: "Samira", StateAt: at}
	if state == rooms.Ended {
		ended := at.Add(time.Hour)
		e.EndedAt = &ended
	}
	return e
}

// serve opens the pages over one room and answers requests to them.
func serve(t *testing.T, e rooms.RoomEntity, change ...func(*Config)) func(path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	c := Config{
		Room: func(id rooms.RoomID) (rooms.View, bool) {
			if id != e.ID {
				return nil, false
			}
			return rooms.View{"room": e}, true
		},
		Rooms: func() []Summary { return []Summary{{Room: e, Sites: places}} },
		Now:   func() time.Time { return time.Date(2026, 3, 3, 10, 5, 0, 0, time.UTC) },
	}
	for _, f := range change {
		f(&c)
	}
	h, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return func(path string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		for i := 0; i+1 < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
}

var states = []rooms.State{rooms.Scheduled, rooms.DoorsOpen, rooms.OnAir, rooms.Paused, rooms.Ended}

var pagesOfCuisine = []string{"/", "/c/wattrelos", "/live/cuisine", "/live/cuisine?c=wattrelos", "/screen", "/screen?room=cuisine",
	"/studio/cuisine", "/studio/cuisine/phone", "/control/cuisine", "/guest/cuisine", "/desk/cuisine", "/post/cuisine", "/donnees"}

func TestEveryPageRendersInEveryState(t *testing.T) {
	for _, state := range states {
		get := serve(t, cuisine(state))
		for _, path := range pagesOfCuisine {
			for _, lang := range languages {
				if w := get(path, "Accept-Language", lang); w.Code != http.StatusOK {
					t.Errorf("%s %s %s: %d", state, lang, path, w.Code)
				}
			}
		}
	}
}

// TestPagesFromDisk is how people work on the pages: what they save is what they see.
func TestPagesFromDisk(t *testing.T) {
	get := serve(t, cuisine(rooms.OnAir), func(c *Config) { c.Dir = "." })
	if w := get("/live/cuisine"); w.Code != http.StatusOK {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
}

func TestNewRefusesBrokenConfig(t *testing.T) {
	if _, err := New(Config{}); err == nil {
		t.Error("no rooms, and no complaint")
	}
	c := Config{Room: func(rooms.RoomID) (rooms.View, bool) { return nil, false }, Rooms: func() []Summary { return nil }, Dir: t.TempDir()}
	if _, err := New(c); err == nil {
		t.Error("no pages, and no complaint")
	}
}

package web

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"antenne/rooms"
)

// season is 300 rooms: one on air, five to come, three that ended this week,
// one whose hour passed long ago without anybody, and all that ended before.
func season(now time.Time) (list []Summary) {
	for i := range 300 {
		e := rooms.RoomEntity{ID: rooms.RoomID(fmt.Sprintf("seance-%d", i)), Title: fmt.Sprintf("Séance numéro %d.", i), Audience: rooms.AudiencePublic}
		switch {
		case i == 0:
			e.State, e.At = rooms.OnAir, now.Add(-time.Hour)
		case i < 6:
			e.State, e.At = rooms.Scheduled, now.Add(time.Duration(i)*24*time.Hour)
		case i == 6:
			e.State, e.At = rooms.DoorsOpen, now.Add(-8*24*time.Hour)
		default:
			ended := now.Add(-time.Duration(2*(i-6)) * 24 * time.Hour)
			e.State, e.At, e.EndedAt = rooms.Ended, ended.Add(-time.Hour), &ended
		}
		list = append(list, Summary{Room: e, Sites: places})
	}
	return list
}

func TestTheProgrammeForgets(t *testing.T) {
	now := time.Date(2026, 3, 3, 10, 5, 0, 0, time.UTC)
	get := serve(t, cuisine(rooms.OnAir), func(c *Config) { c.Rooms = func() []Summary { return season(now) } })
	for _, path := range []string{"/", "/c/wattrelos", "/nowhere"} {
		page := get(path).Body.String()
		for i := range 300 {
			shown := strings.Contains(page, fmt.Sprintf("Séance numéro %d.", i))
			if want := i != 6 && i < 10; path != "/nowhere" && shown != want {
				t.Errorf("%s: séance %d shown: %v", path, i, shown)
			}
		}
		if len(page) > 60<<10 {
			t.Errorf("%s weighs %d bytes with 300 rooms in the log", path, len(page))
		}
		zipped := get(path, "Accept-Encoding", "gzip").Body
		if zipped.Len() > 12<<10 {
			t.Errorf("%s weighs %d bytes zipped", path, zipped.Len())
		}
		if again := string(unzip(t, zipped.Bytes())); again != page {
			t.Errorf("%s is another page when zipped", path)
		}
	}
}

// A printed address outlives the séances of its place.
func TestAPlaceIsKnownLongAfterItsSeances(t *testing.T) {
	get := serve(t, cuisine(rooms.Ended), func(c *Config) {
		c.Now = func() time.Time { return time.Date(2027, 3, 3, 10, 5, 0, 0, time.UTC) }
	})
	w := get("/c/wattrelos")
	if w.Code != 200 || strings.Contains(w.Body.String(), "Cuisine de saison") {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
}

package rooms_test

import (
	"strings"
	"testing"
	"time"

	"antenne/rooms"
)

// TestALinkOutlivesItsHourOnlyInAClassThatOpenedToIt holds commands and doors to one rule.
func TestALinkOutlivesItsHourOnlyInAClassThatOpenedToIt(t *testing.T) {
	const before, during = -2 * time.Hour, time.Minute
	open, end := rooms.StateChanged{To: rooms.DoorsOpen}, rooms.StateChanged{To: rooms.Ended}
	onAir := rooms.StateChanged{To: rooms.OnAir}
	type fact struct {
		at time.Duration
		to rooms.StateChanged
	}
	for name, c := range map[string]struct {
		issued, expires time.Duration // from the doors
		life            []fact
		revoked         bool
		look            time.Duration
		code            string
	}{
		"before the doors":                      {before, time.Hour, nil, false, 0, ""},
		"no class ever opened":                  {before, time.Hour, nil, false, time.Hour, "link-expired"},
		"on time":                               {before, time.Hour, []fact{{0, open}}, false, time.Hour - 1, ""},
		"its hour passes in class":              {before, time.Hour, []fact{{0, open}}, false, 40 * time.Hour, ""},
		"a class that began on air":             {before, time.Hour, []fact{{0, onAir}}, false, 40 * time.Hour, ""},
		"a class that ended without opening":    {before, time.Hour, []fact{{0, end}}, false, time.Hour, "link-expired"},
		"it ended in the instant of the doors":  {before, 0, []fact{{0, open}}, false, 0, "link-expired"},
		"given during the class":                {during, time.Hour, []fact{{0, open}}, false, time.Hour, "link-expired"},
		"revoked in class":                      {before, time.Hour, []fact{{0, open}}, true, 2 * time.Hour, "link-revoked"},
		"the end may be undone":                 {before, time.Hour, []fact{{0, open}, {9 * time.Hour, end}}, false, 9*time.Hour + rooms.ReopenFor - 1, ""},
		"the end cannot be undone":              {before, time.Hour, []fact{{0, open}, {9 * time.Hour, end}}, false, 9*time.Hour + rooms.ReopenFor, "link-expired"},
		"the end was undone":                    {before, time.Hour, []fact{{0, open}, {time.Hour, end}, {time.Hour, open}}, false, 9 * time.Hour, ""},
		"its own hour is after the class":       {before, 9 * time.Hour, []fact{{0, open}, {time.Hour, end}}, false, 9*time.Hour - 1, ""},
		"and that hour counts":                  {before, 9 * time.Hour, []fact{{0, open}, {time.Hour, end}}, false, 9 * time.Hour, "link-expired"},
		"expired long ago is not opened to":     {before, -time.Hour, []fact{{0, open}}, false, time.Minute, "link-expired"},
		"the doors open once, pauses are later": {during, time.Hour, []fact{{0, open}, {2 * time.Minute, onAir}}, false, time.Hour, "link-expired"},
	} {
		t.Run(name, func(t *testing.T) {
			r, hash := rooms.New("r"), strings.Repeat("0a", 32)
			r.Apply(rooms.RoomCreated{Room: "r", Title: "Cuisine", StartsAt: noon})
			stamp := func(at time.Duration) rooms.Stamp { return rooms.Stamp{At: noon.Add(at)} }
			issue := func() {
				r.Apply(rooms.LinkIssued{Stamp: stamp(c.issued), Link: "l", Hash: hash, Role: rooms.Mediator, Expires: noon.Add(c.expires)})
			}
			if c.issued < 0 {
				issue()
			}
			for i, f := range c.life {
				f.to.Stamp = stamp(f.at)
				r.Apply(f.to)
				if i == 0 && c.issued > 0 {
					issue()
				}
			}
			if c.revoked {
				r.Apply(rooms.LinkRevoked{Stamp: stamp(during), Link: "l"})
			}
			now := noon.Add(c.look)
			_, door := r.Admit(hash, now)
			_, act := r.Decide(rooms.Actor{Role: rooms.Mediator, Room: "r", Link: "l"}, rooms.SourceDown{Slots: []string{"voice"}}, rooms.Moment{Now: now})
			if c.code == "" {
				if door != nil || act != nil {
					t.Fatalf("at the door: %v; in the class: %v", door, act)
				}
				return
			}
			wantCode(t, "at the door", door, c.code)
			wantCode(t, "in the class", act, c.code)
			if _, err := r.Decide(rooms.Actor{Role: rooms.System, Link: "l"}, rooms.SourceDown{Slots: []string{"voice"}}, rooms.Moment{Now: now}); err != nil {
				t.Errorf("the house may not say that a source has ended: %v", err)
			}
		})
	}
}

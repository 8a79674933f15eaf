package access

import (
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"antenne/rooms"
)

// TestTableOfDoors names every cell by hand, so that no cell changes by accident.
func TestTableOfDoors(t *testing.T) {
	want := map[rooms.Role]string{ // whip, slides, camera2, guest, whep
		rooms.System:      "- - - - -",
		rooms.Mediator:    "x x x - x",
		rooms.Moderator:   "- - - - x",
		rooms.Animator:    "- - - - x",
		rooms.Screen:      "- - - - x",
		rooms.Post:        "- - - - x",
		rooms.Viewer:      "- - - - x",
		rooms.Coordinator: "- - - - x",
		rooms.Guest:       "- - - x x",
		rooms.Phone:       "- - x - x",
		rooms.Captioner:   "- - - - x",
		"director":        "- - - - -",
		"":                "- - - - -",
	}
	for _, role := range append(rooms.Roles(), "director", "") {
		for i, door := range Doors() {
			if got := May(role, door); got != (want[role][2*i] == 'x') {
				t.Errorf("%s at %s: %v", role, door, got)
			}
		}
		if want[role] == "" {
			t.Errorf("%s has no row here", role)
		}
	}
	if May(rooms.Mediator, "whip/balcony") {
		t.Error("a door that is not there is open")
	}
}

const (
	good   = "goodgoodgoodgoodgood"
	secret = "0b0e7f5c-3d1e-4f60-9a51-2f6f0a4f1c11"
)

// book is a small register of links.
type book map[[sha256.Size]byte]rooms.Actor

func (b book) Resolve(hash [sha256.Size]byte, now time.Time) (rooms.Actor, error) {
	who, ok := b[hash]
	switch {
	case !ok:
		return rooms.Actor{}, &rooms.Refusal{Code: "link-unknown"}
	case who.Link == "old":
		return rooms.Actor{}, &rooms.Refusal{Code: "link-expired"}
	}
	return who, nil
}

func gate() Gate {
	links := book{
		sha256.Sum256([]byte(good)):       {Role: rooms.Mediator, Room: "cuisine", Link: "l1"},
		sha256.Sum256([]byte("animates")): {Role: rooms.Animator, Room: "cuisine", Site: "lens", Link: "l2"},
		sha256.Sum256([]byte("watches")):  {Role: rooms.Viewer, Room: "cuisine", Link: "l3"},
		sha256.Sum256([]byte("expired")):  {Link: "old"},
		sha256.Sum256([]byte("projects")): {Role: rooms.Screen, Site: "lens", Link: "d1"},
		sha256.Sum256([]byte("moved")):    {Role: rooms.Screen, Site: "calais", Link: "d2"},
		sha256.Sum256([]byte("nowhere")):  {Role: rooms.Screen, Link: "d3"},
	}
	return Gate{Links: links, Room: func(id rooms.RoomID) (Facts, bool) {
		site := func(s rooms.SiteID) bool { return s == "lens" || s == "douai" }
		if id == "cirque" { // Lens does not follow it
			site = func(s rooms.SiteID) bool { return s == "douai" }
		}
		return Facts{Public: id == "cuisine", Site: site}, id == "cirque" || id == "cuisine" || id == "magie"
	}}
}

func TestWhoComesIn(t *testing.T) {
	for _, c := range []struct {
		name  string
		door  Door
		claim Claim
		role  rooms.Role
		site  rooms.SiteID
		code  string
	}{
		{"mediator publishes", Whip, Claim{Token: good, Room: "cuisine"}, rooms.Mediator, "", ""},
		{"the token alone says which room", Whep, Claim{Token: good}, rooms.Mediator, "", ""},
		{"another room", Whip, Claim{Token: good, Room: "magie"}, "", "", CodeForeignRoom},
		{"a room that does not exist", Whip, Claim{Token: good, Room: "nulle-part"}, "", "", CodeForeignRoom},
		{"another role", Whip, Claim{Token: "animates", Room: "cuisine"}, "", "", CodeForbidden},
		{"a viewer publishes", WhipSlides, Claim{Token: "watches", Room: "cuisine"}, "", "", CodeForbidden},
		{"nobody publishes", Whip, Claim{Room: "cuisine"}, "", "", CodeLinkNeeded},
		{"unknown", Whep, Claim{Token: "unknown", Room: "cuisine"}, "", "", "link-unknown"},
		{"unknown, although public", Whep, Claim{Token: "unknown", Room: "cuisine"}, "", "", "link-unknown"},
		{"expired", Whep, Claim{Token: "expired", Room: "cuisine"}, "", "", "link-expired"},
		{"anybody watches what is public", Whep, Claim{Room: "cuisine"}, rooms.Viewer, "", ""},
		{"through a centre", Whep, Claim{Room: "cuisine", Site: "douai"}, rooms.Viewer, "douai", ""},
		{"through a mistyped centre", Whep, Claim{Room: "cuisine", Site: "duoai"}, rooms.Viewer, "", ""},
		{"a viewer's link through a centre", Whep, Claim{Token: "watches", Site: "lens"}, rooms.Viewer, "lens", ""},
		{"an animator keeps the link's centre", Whep, Claim{Token: "animates", Site: "douai"}, rooms.Animator, "lens", ""},
		{"anybody at a private room", Whep, Claim{Room: "magie"}, "", "", CodeLinkNeeded},
		{"anybody at no room", Whep, Claim{Room: "nulle-part"}, "", "", CodeRoomUnknown},
		{"a paired screen in a room that its place follows", Whep, Claim{Token: "projects", Room: "magie"}, rooms.Screen, "lens", ""},
		{"a paired screen in another such room", Whep, Claim{Token: "projects", Room: "cuisine", Site: "douai"}, rooms.Screen, "lens", ""},
		{"a paired screen in a room of others", Whep, Claim{Token: "projects", Room: "cirque"}, "", "", CodeDeviceRoom},
		{"a paired screen in no room", Whep, Claim{Token: "projects"}, "", "", CodeDeviceRoom},
		{"a paired screen in a room that does not exist", Whep, Claim{Token: "projects", Room: "nulle-part"}, "", "", CodeDeviceRoom},
		{"a paired screen of a place that follows nothing", Whep, Claim{Token: "moved", Room: "cuisine"}, "", "", CodeDeviceRoom},
		{"a device without a place", Whep, Claim{Token: "nowhere", Room: "cuisine"}, "", "", CodeDeviceRoom},
		{"a paired screen publishes", Whip, Claim{Token: "projects", Room: "cuisine"}, "", "", CodeForbidden},
		{"nothing at all", Whep, Claim{}, "", "", CodeLinkNeeded},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.claim.Device = secret
			who, err := gate().Through(c.door, c.claim, time.Time{})
			var refusal *rooms.Refusal
			if errors.As(err, &refusal); (refusal != nil) != (c.code != "") || refusal != nil && refusal.Code != c.code {
				t.Fatalf("got %v, want %q", err, c.code)
			}
			if who.Role != c.role || who.Site != c.site {
				t.Fatalf("got %+v", who)
			}
			if c.code == "" && (who.Device != DeviceOf(secret) || who.Asker != AskerOf(who.Room, secret)) {
				t.Fatalf("the device is not that of the claim: %+v", who)
			}
		})
	}
}

func TestNamesOfADeviceDoNotGiveItAway(t *testing.T) {
	name := DeviceOf(secret)
	if NamedDevice(string(name)) != name || NamedDevice(secret) != name {
		t.Error("a page that sends its public name is another device than one that sends its secret")
	}
	if DeviceOf(string(name)) == name {
		t.Error("who knows the public name passes for the device")
	}
	if string(AskerOf("cuisine", secret)) == string(name)[len(devicePrefix):] || AskerOf("cuisine", secret) == AskerOf("cuisine", "another-secret") {
		t.Error("names are not separate")
	}
	if AskerOf("cuisine", secret) == AskerOf("magie", secret) {
		t.Error("one browser is known again in another room")
	}
}

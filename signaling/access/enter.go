package access

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"antenne/rooms"
)

// Codes of this package. Links that are unknown, expired or revoked keep the code that Links gives.
const (
	CodeLinkNeeded  = "link-missing"      // no token, and the room is not public
	CodeForeignRoom = "link-foreign-room" // a good link, of another room
	CodeForbidden   = "door-forbidden"    // a good link, whose role does not go through this door
	CodeRoomUnknown = "room-unknown"      // no token, and no such room
	CodeDeviceRoom  = "device-room"       // a paired device, in no room or in one that its place does not follow
)

// Links finds whose link it is: live.Hall does. A paired device has a place and no room. The error is a *rooms.Refusal.
type Links interface {
	Resolve(hash [sha256.Size]byte, now time.Time) (rooms.Actor, error)
}

// Facts is what must be known of a room to let somebody in.
type Facts struct {
	Public bool
	Site   func(rooms.SiteID) bool // whether this place follows the room
}

// Claim is what a stranger says of themselves.
type Claim struct {
	Token  string       // "" for none
	Room   rooms.RoomID // "" when the token alone says which
	Site   rooms.SiteID // the centre a home comes through
	Device string       // the browser's secret, "" for none
}

// Gate lets people in. Both fields are static after construction.
type Gate struct {
	Links Links
	Room  func(rooms.RoomID) (Facts, bool)
}

// Enter says who the claimant is. The error is a *rooms.Refusal.
func (g Gate) Enter(c Claim, now time.Time) (rooms.Actor, error) {
	who, err := g.identify(c, now)
	if err != nil {
		return rooms.Actor{}, err
	}
	if who.Role == rooms.Viewer && who.Site == "" {
		who.Site = g.siteOf(who.Room, c.Site)
	}
	if c.Device != "" {
		who.Device, who.Asker = DeviceOf(c.Device), AskerOf(who.Room, c.Device)
	}
	return who, nil
}

// Through is Enter for a media door.
func (g Gate) Through(door Door, c Claim, now time.Time) (rooms.Actor, error) {
	who, err := g.Enter(c, now)
	if err != nil {
		return rooms.Actor{}, err
	}
	switch {
	case May(who.Role, door):
	case c.Token == "":
		return rooms.Actor{}, &rooms.Refusal{Code: CodeLinkNeeded}
	default:
		return rooms.Actor{}, &rooms.Refusal{Code: CodeForbidden}
	}
	return who, nil
}

func (g Gate) identify(c Claim, now time.Time) (rooms.Actor, error) {
	if c.Token == "" {
		return g.anybody(c.Room)
	}
	who, err := g.Links.Resolve(sha256.Sum256([]byte(c.Token)), now)
	if err != nil {
		return rooms.Actor{}, err
	}
	if who.Room == "" {
		return g.visiting(who, c.Room)
	}
	if c.Room != "" && who.Room != c.Room {
		return rooms.Actor{}, &rooms.Refusal{Code: CodeForeignRoom}
	}
	return who, nil
}

// visiting lets a paired device into a room that its place follows.
func (g Gate) visiting(device rooms.Actor, room rooms.RoomID) (rooms.Actor, error) {
	facts, known := g.Room(room)
	if room == "" || !known || device.Site == "" || !facts.Site(device.Site) {
		return rooms.Actor{}, &rooms.Refusal{Code: CodeDeviceRoom}
	}
	device.Room = room
	return device, nil
}

// anybody is a viewer without a link, where the room is public.
func (g Gate) anybody(room rooms.RoomID) (rooms.Actor, error) {
	if room == "" {
		return rooms.Actor{}, &rooms.Refusal{Code: CodeLinkNeeded}
	}
	facts, known := g.Room(room)
	switch {
	case !known:
		return rooms.Actor{}, &rooms.Refusal{Code: CodeRoomUnknown}
	case !facts.Public:
		return rooms.Actor{}, &rooms.Refusal{Code: CodeLinkNeeded}
	}
	return rooms.Actor{Role: rooms.Viewer, Room: room}, nil
}

// siteOf is the place a home comes through. A mistyped or former code is no reason to keep a family out:
// it then comes through none.
func (g Gate) siteOf(room rooms.RoomID, claimed rooms.SiteID) rooms.SiteID {
	facts, known := g.Room(room)
	if claimed == "" || !known || !facts.Site(claimed) {
		return ""
	}
	return claimed
}

// DeviceOf is the public name of a browser whose secret is given. It is shown to the mediator and written
// in the log; the secret cannot be found from it.
func DeviceOf(secret string) rooms.DeviceID {
	return rooms.DeviceID(devicePrefix + digest("device", secret)[:deviceDigits])
}

// NamedDevice is DeviceOf for an address, where a page may put the public name itself rather than its secret.
func NamedDevice(s string) rooms.DeviceID {
	if isDeviceName(s) {
		return rooms.DeviceID(s)
	}
	return DeviceOf(s)
}

// AskerOf is who asks in a room, for as long as the browser keeps its secret. It never leaves the server. It is another in every room:
// the log cannot tell that two questions of two séances came from one browser.
func AskerOf(room rooms.RoomID, secret string) rooms.AskerID {
	return rooms.AskerID(digest("asker in "+string(room), secret)[:32])
}

const (
	devicePrefix = "d-"
	deviceDigits = 20
)

func isDeviceName(s string) bool {
	if len(s) != len(devicePrefix)+deviceDigits || s[:len(devicePrefix)] != devicePrefix {
		return false
	}
	_, err := hex.DecodeString(s[len(devicePrefix):])
	return err == nil
}

// digest separates the two uses of one secret, so that neither name gives the other away.
func digest(use, secret string) string {
	sum := sha256.Sum256([]byte("antenne " + use + "\x00" + secret))
	return hex.EncodeToString(sum[:])
}

package access

import "antenne/rooms"

// Door is one of the HTTP doors for media.
type Door string

// The doors, as they appear in the address behind the name of the server.
const (
	Whip        Door = "whip"         // voice and camera
	WhipSlides  Door = "whip/slides"  // slides
	WhipCamera2 Door = "whip/camera2" // a second camera
	WhipGuest   Door = "whip/guest"   // a guest's voice and picture, by a link that is a grant
	Whep        Door = "whep"         // watching
)

// Doors lists every door, in the order of the columns of the table.
func Doors() []Door { return []Door{Whip, WhipSlides, WhipCamera2, WhipGuest, Whep} }

// table: the house itself (rooms.System) has no row, it needs no door; anonymous viewers of a public room have
// the row of Viewer.
var table = map[rooms.Role]map[Door]bool{
	//                  whip, slides, camera2, guest, whep
	rooms.Mediator:    row(true, true, true, false, true),
	rooms.Moderator:   row(false, false, false, false, true),
	rooms.Animator:    row(false, false, false, false, true),
	rooms.Screen:      row(false, false, false, false, true),
	rooms.Post:        row(false, false, false, false, true),
	rooms.Viewer:      row(false, false, false, false, true),
	rooms.Coordinator: row(false, false, false, false, true),
	rooms.Guest:       row(false, false, false, true, true),
	rooms.Phone:       row(false, false, true, false, true),
	rooms.Captioner:   row(false, false, false, false, true),
}

func row(open ...bool) map[Door]bool {
	r := make(map[Door]bool, len(open))
	for i, door := range Doors() {
		r[door] = open[i]
	}
	return r
}

// May reports whether a role goes through a door. Whatever is not in the table may not.
func May(role rooms.Role, door Door) bool { return table[role][door] }

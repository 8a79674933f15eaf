package rooms_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"antenne/rooms"
)

// TestPermissionsAreAsWritten compares the table in the source with the one people agreed on, cell by cell.
func TestPermissionsAreAsWritten(t *testing.T) {
	raw, err := os.ReadFile("testdata/permissions.txt")
	if err != nil {
		t.Fatal(err)
	}
	spelled := map[string]string{"-": "never", "yes": "always", "own": "own", "site": "site"}
	table, roles, seen := rooms.Permissions(), []string(nil), 0
	for _, line := range strings.Split(string(raw), "\n") {
		cells := strings.Fields(line)
		switch {
		case len(cells) == 0 || cells[0] == "#":
			continue
		case cells[0] == "command":
			roles = cells[1:]
			continue
		}
		seen++
		for i, role := range roles {
			if got := table[rooms.CommandName(cells[0])][rooms.Role(role)].String(); got != spelled[cells[i+1]] {
				t.Errorf("%s by %s: %s in the source, %s as agreed", cells[0], role, got, spelled[cells[i+1]])
			}
		}
	}
	if seen != len(table) || len(roles) != len(rooms.Roles()) {
		t.Errorf("%d commands and %d roles agreed, %d and %d in the source", seen, len(roles), len(table), len(rooms.Roles()))
	}
}

// TestDecideKeepsThePermissions tries every command by every role: refused for the role exactly where the table says so.
func TestDecideKeepsThePermissions(t *testing.T) {
	for name, row := range rooms.Permissions() {
		for role, right := range row {
			c := sampleOf(t, name)
			who := rooms.Actor{Role: role, Room: "r", Site: "fives", Link: "l", Asker: "a", Device: "d"}
			_, err := sceneFor(t).Decide(who, c, rooms.Moment{Now: noon})
			var refusal *rooms.Refusal
			refused := errors.As(err, &refusal) && refusal.Code == "role-may-not"
			if refused == right.Ever() {
				t.Errorf("%s by %s: table says %s, Decide says %v", name, role, right, err)
			}
		}
	}
}

// unknown is how a room says that what a command speaks of does not exist, as far as the actor may know.
func unknown(name rooms.CommandName) string {
	switch {
	case strings.HasSuffix(string(name), "-post"):
		return "post-unknown"
	case strings.HasSuffix(string(name), "-request"):
		return "request-unknown"
	case slices.Contains([]rooms.CommandName{"refuse-invite", "accept-invite", "guest-camera", "cut"}, name):
		return "grant-unknown"
	}
	return "question-unknown"
}

// TestRightsReachNoFurther: own and site mean it, and what one may not see does not exist.
func TestRightsReachNoFurther(t *testing.T) {
	for name, row := range rooms.Permissions() {
		for role, right := range row {
			if right.String() != "own" && right.String() != "site" {
				continue
			}
			who := rooms.Actor{Role: role, Room: "r", Site: "anzin", Link: "l2", Asker: "somebody-else", Device: "d"}
			_, err := sceneFor(t).Decide(who, sampleOf(t, name), rooms.Moment{Now: noon})
			wantCode(t, string(name)+" by "+string(role), err, unknown(name))
		}
	}
}

func TestNobodyElseMayAnything(t *testing.T) {
	r := sceneFor(t)
	for _, who := range []rooms.Actor{{Role: "", Room: "r"}, {Role: "admin", Room: "r"}, {Role: "System", Room: "r"}} {
		_, err := r.Decide(who, rooms.End{}, rooms.Moment{Now: noon})
		wantCode(t, string(who.Role), err, "role-may-not")
	}
	_, err := r.Decide(rooms.Actor{Role: rooms.Mediator, Room: "another"}, rooms.End{}, rooms.Moment{Now: noon})
	wantCode(t, "another room's mediator", err, "link-foreign-room")
	_, err = r.Decide(rooms.Actor{Role: rooms.System}, nil, rooms.Moment{Now: noon})
	wantCode(t, "no command", err, "wire-unknown-command")
	_, err = rooms.New("r").Decide(rooms.Actor{Role: rooms.Mediator, Room: "r"}, rooms.GoOnAir{}, rooms.Moment{Now: noon})
	wantCode(t, "a room that was never created", err, "room-unknown")
	nameless := sceneFor(t)
	_, err = nameless.Decide(rooms.Actor{Role: rooms.Viewer, Room: "r"}, rooms.Ask{Question: question("q7"), Text: "?"}, rooms.Moment{Now: noon})
	wantCode(t, "an asker without a name of its own", err, "asker-unknown")
}

func wantCode(t *testing.T, what string, err error, code string) {
	t.Helper()
	var refusal *rooms.Refusal
	if !errors.As(err, &refusal) || refusal.Code != code {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}

package rooms

import "time"

// part is one part of what can happen in a room: the floor, the exercise, the questions… Each brings its own rows to the tables
// of the domain, in its own file, and lives by the same road as all others: decide → log → apply. What a part does not
// need is nil.
type part struct {
	rights map[CommandName]rights   // who may; see Permissions
	pages  map[CommandName]pageForm // how pages say its commands; one that is not here is the house's own
	rules  map[CommandName]rule     // what comes of them
	kinds  []kind                   // how its events are read from the log
	apply  func(*Room, Event) bool  // makes one of its events part of the room; false when the event is another part's

	// follow tells what else happens with an event that is being decided, whoever decided it: the end of a room ends the floor. It
	// is asked before anything is applied.
	follow func(*Room, Event, decision) []Event

	// deadlines are the moments at which the house must act by itself, and tick what it then does: see Due.
	deadlines func(*Room, Presence) []time.Time
	tick      func(*Room, decision) []Event

	// view adds what who may see. Entities that are many (sites, questions) are not here: see View.
	view func(r *Room, who Actor, v View)

	private *keeping // what it writes in somebody's own words, beside questions
}

// rights is a row of the table of permissions, in the order of Roles.
type rights [roleCount]Right

// pageForm is how a page says a command: the fields it needs and those it may have, all of them strings.
type pageForm struct {
	need, may []string
	make      func(fields) Command
}

// rule decides one command.
type rule func(*Room, Command, decision) ([]Event, error)

// deciding makes a rule of a method that takes its own kind of command.
func deciding[C Command](decide func(*Room, C, decision) ([]Event, error)) rule {
	return func(r *Room, c Command, d decision) ([]Event, error) { return decide(r, c.(C), d) }
}

// keeping tells how what is kept under the private ids of one prefix is forgotten.
type keeping struct {
	prefix    string                          // of Private.ID, before the name of what it speaks of
	erasure   func(name string) Command       // the command by which a room forgets
	forgotten func(r *Room, name string) bool // whether nothing is left of it
}

// The parts, in the order in which they are asked, and their tables together. Static after init, which initialisers could not do:
// rules reach these tables.
var (
	parts []*part

	permissions = map[CommandName]rights{}
	fromPages   = map[CommandName]pageForm{}
	rules       = map[CommandName]rule{}
	decoders    = map[string]func([]byte) (Event, error){}
)

func init() {
	parts = []*part{&lifePart, &linkPart, &airPart, &questionPart, &sitePart, &exercisePart, &rundownPart, &setPart, &sayPart, &postPart, &floorPart}
	for _, p := range parts {
		gather(permissions, p.rights)
		gather(fromPages, p.pages)
		gather(rules, p.rules)
		for _, k := range p.kinds {
			gather(decoders, map[string]func([]byte) (Event, error){k.name: k.decode})
		}
	}
}

func gather[K comparable, V any](all, more map[K]V) {
	for k, v := range more {
		if _, double := all[k]; double {
			panic("rooms: two parts bring the same row")
		}
		all[k] = v
	}
}

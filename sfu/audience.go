package sfu

import "slices"

// Audience says which subscriptions get a slot. The zero value is Nobody: a
// slot is silent until somebody opens it. A rule holds for whoever joins later
// too, from the first packet on.
type Audience struct {
	rule    audienceRule
	ids     []SessionID
	parties []string
}

type audienceRule uint8

const (
	ruleNobody audienceRule = iota
	ruleEveryone
	ruleOnly
	ruleExcept
)

// Everyone opens a slot to all subscriptions and sinks.
func Everyone() Audience { return Audience{rule: ruleEveryone} }

// Nobody closes a slot: not one packet leaves.
func Nobody() Audience { return Audience{} }

// Only opens a slot to the named subscriptions.
func Only(ids ...SessionID) Audience {
	return Audience{rule: ruleOnly, ids: slices.Clone(ids)}
}

// Except opens a slot to all but the named subscriptions.
func Except(ids ...SessionID) Audience {
	return Audience{rule: ruleExcept, ids: slices.Clone(ids)}
}

// OnlyParties opens a slot to whoever came as one of the parties (backstage).
// Who came as none, with the empty Party, never is one of them.
func OnlyParties(parties ...string) Audience {
	return Audience{rule: ruleOnly, parties: named(parties)}
}

// ExceptParties opens a slot to all but the parties (mix-minus). Without a
// named party it is Everyone.
func ExceptParties(parties ...string) Audience {
	return Audience{rule: ruleExcept, parties: named(parties)}
}

// named leaves out the empty name, which is nobody's, and makes lists that say
// the same equal.
func named(parties []string) []string {
	sorted := slices.Sorted(slices.Values(parties))
	return slices.DeleteFunc(slices.Compact(sorted), func(p string) bool { return p == "" })
}

// Allows tells whether the subscription of that id, which came as that party
// or as none (""), gets the slot.
func (a Audience) Allows(id SessionID, party string) bool {
	switch a.rule {
	case ruleEveryone:
		return true
	case ruleOnly:
		return a.names(id, party)
	case ruleExcept:
		return !a.names(id, party)
	default:
		return false
	}
}

func (a Audience) names(id SessionID, party string) bool {
	return slices.Contains(a.ids, id) || slices.Contains(a.parties, party)
}

// open tells whether the slot is on air for the general public: what an
// attached Sink gets.
func (a Audience) open() bool { return a.rule == ruleEveryone || a.rule == ruleExcept }

func (a Audience) equal(b Audience) bool {
	return a.rule == b.rule && slices.Equal(a.ids, b.ids) && slices.Equal(a.parties, b.parties)
}

// identity is who a viewer is to the audiences.
type identity struct {
	id    SessionID
	party string // SinkSpec.Party
}

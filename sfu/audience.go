package sfu

import "slices"

// Audience says which subscriptions get a slot. The zero value is Nobody: a
// slot is silent until somebody opens it.
type Audience struct {
	rule audienceRule
	ids  []SessionID
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

// Only opens a slot to the named subscriptions (backstage).
func Only(ids ...SessionID) Audience {
	return Audience{rule: ruleOnly, ids: slices.Clone(ids)}
}

// Except opens a slot to all but the named subscriptions (mix-minus).
func Except(ids ...SessionID) Audience {
	return Audience{rule: ruleExcept, ids: slices.Clone(ids)}
}

// Allows tells whether the subscription of that id gets the slot.
func (a Audience) Allows(id SessionID) bool {
	switch a.rule {
	case ruleEveryone:
		return true
	case ruleOnly:
		return slices.Contains(a.ids, id)
	case ruleExcept:
		return !slices.Contains(a.ids, id)
	default:
		return false
	}
}

// open tells whether the slot is on air for the general public: what an
// attached Sink gets.
func (a Audience) open() bool { return a.rule == ruleEveryone || a.rule == ruleExcept }

func (a Audience) equal(b Audience) bool { return a.rule == b.rule && slices.Equal(a.ids, b.ids) }

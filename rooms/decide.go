package rooms

// decision is what every rule is given beside its command.
type decision struct {
	who   Actor
	right Right
	at    Moment
	stamp Stamp
}

// Decide turns a command into the events that would follow, or a *Refusal. It changes nothing: the caller logs the
// events, then applies them. No event and no error means that what was asked is already so.
func (r *Room) Decide(who Actor, c Command, at Moment) ([]Event, error) {
	if c == nil {
		return nil, refuse("wire-unknown-command")
	}
	d := decision{who: who, right: May(who.Role, c.Verb()), at: at}
	d.stamp = Stamp{At: instant(at.Now), By: By{Role: who.Role, Site: r.siteOf(who), Link: who.Link}}
	if err := r.admits(c, d); err != nil {
		return nil, err
	}
	rule, known := rules[c.Verb()]
	if !known {
		return nil, refuse("wire-unknown-command", "name", clip(string(c.Verb())))
	}
	events, err := rule(r, c, d)
	return r.andWhatFollows(events, d), err
}

// andWhatFollows adds to events what else happens because of them.
func (r *Room) andWhatFollows(events []Event, d decision) []Event {
	for i := 0; i < len(events); i++ { // what follows may be followed
		for _, p := range parts {
			if p.follow != nil {
				events = append(events, p.follow(r, events[i], d)...)
			}
		}
	}
	return events
}

// admits checks what holds for all commands: the right place, the right role, a link that still stands.
func (r *Room) admits(c Command, d decision) error {
	if d.who.Role != System && d.who.Room != r.id {
		return refuse("link-foreign-room")
	}
	if !d.right.Ever() {
		return refuse("role-may-not", "role", string(d.who.Role), "command", string(c.Verb()))
	}
	if _, creates := c.(CreateRoom); !r.created && !creates {
		return refuse("room-unknown")
	}
	if l, known := r.Link(d.who.Link); known && d.who.Role != System {
		return l.Stands(d.at.Now) // the house is never kept from its own work, whoever it speaks of
	}
	return nil
}

package rooms_test

import (
	"fmt"
	"slices"
	"strings"

	"antenne/rooms"
)

// The sentences of the transcripts about the floor: d1 is a request, i1 an invitation and the grant it becomes, « l'invité
// i1 » whoever came by it.

func init() {
	acts = append(acts, floorActs...)
	expectations = append(expectations, floorExpectations...)
}

func grantOf(short string) rooms.GrantID {
	return rooms.GrantID(fmt.Sprintf("00000000-0000-4000-9000-%012s", strings.TrimPrefix(short, "i")))
}

func requestOf(short string) rooms.RequestID {
	return rooms.RequestID(fmt.Sprintf("00000000-0000-4000-a000-%012s", strings.TrimPrefix(short, "d")))
}

func shortOf(id, letter string) string {
	return letter + strings.TrimLeft(id[strings.LastIndex(id, "-")+1:], "0")
}

// guest is whoever came by an invitation, with the link that it was exchanged for.
func (p *play) guest(short string) rooms.Actor {
	return rooms.Actor{Role: rooms.Guest, Room: "cuisine", Site: p.room.Floor().Site, Link: rooms.LinkID(grantOf(short)), Name: short}
}

var floorActs = []rule{
	by(`demande l'antenne (d\d+)(?: `+quoted+`)?(, adulte)?`, func(m []string) rooms.Command {
		adult := ""
		if m[3] != "" {
			adult = "yes"
		}
		return rooms.RequestFloor{Request: requestOf(m[1]), Reason: m[2], Adult: adult}
	}),
	by(`retire sa demande (d\d+)`, func(m []string) rooms.Command { return rooms.CancelRequest{Request: requestOf(m[1])} }),
	by(`écarte la demande (d\d+)`, func(m []string) rooms.Command { return rooms.DismissRequest{Request: requestOf(m[1])} }),
	by(`invite (d\d+) par (i\d+)`, func(m []string) rooms.Command {
		return rooms.Invite{Grant: grantOf(m[2]), Request: requestOf(m[1])}
	}),
	by(`invite la salle ([a-z-]+) par (i\d+)`, func(m []string) rooms.Command {
		return rooms.Invite{Grant: grantOf(m[2]), Site: rooms.SiteID(m[1])}
	}),
	by(`annule l'invitation (i\d+)`, func(m []string) rooms.Command { return rooms.CancelInvite{Grant: grantOf(m[1])} }),
	by(`refuse l'invitation (i\d+)`, func(m []string) rooms.Command { return rooms.RefuseInvite{Grant: grantOf(m[1])} }),
	by(`accepte l'invitation (i\d+)`, func(m []string) rooms.Command {
		return rooms.AcceptInvite{Grant: grantOf(m[1]), Hash: hashOf(m[1])}
	}),
	by(`met (i\d+) à l'antenne`, func(m []string) rooms.Command { return rooms.PutOnAir{Grant: grantOf(m[1])} }),
	by(`remet (i\d+) en coulisses`, func(m []string) rooms.Command { return rooms.PutBackstage{Grant: grantOf(m[1])} }),
	by(`coupe (i\d+)`, func(m []string) rooms.Command { return rooms.Cut{Grant: grantOf(m[1])} }),
	by(`montre l'image de (i\d+)`, func(m []string) rooms.Command {
		return rooms.TurnGuestCamera{Grant: grantOf(m[1]), Camera: "on", Agreed: "yes"}
	}),
	sentence(`l'invité (i\d+) montre son image(, tous d'accord)?`, func(p *play, m []string) {
		agreed := ""
		if m[2] != "" {
			agreed = "yes"
		}
		p.do(p.guest(m[1]), rooms.TurnGuestCamera{Grant: grantOf(m[1]), Camera: "on", Agreed: agreed}, m[0])
	}),
	sentence(`l'invité (i\d+) cache son image`, func(p *play, m []string) {
		p.do(p.guest(m[1]), rooms.TurnGuestCamera{Grant: grantOf(m[1]), Camera: "off"}, m[0])
	}),
	sentence(`l'invité (i\d+) rend l'antenne de (i\d+)`, func(p *play, m []string) {
		p.do(p.guest(m[1]), rooms.Cut{Grant: grantOf(m[2])}, m[0])
	}),
	sentence(`la maison constate que l'invité (i\d+) est là(?: par (\S+))?`, func(p *play, m []string) {
		p.do(house, rooms.GuestUp{Grant: grantOf(m[1]), Device: rooms.DeviceID(m[2])}, m[0])
	}),
	sentence(`la maison constate que l'invité (i\d+) n'est plus là`, func(p *play, m []string) {
		p.do(house, rooms.GuestDown{Grant: grantOf(m[1])}, m[0])
	}),
	sentence(`la maison met fin à (i\d+), motif ([a-z]+)`, func(p *play, m []string) {
		p.do(house, rooms.EndFloor{Grant: grantOf(m[1]), Why: rooms.FloorWhy(m[2])}, m[0])
	}),
	sentence(`la maison efface le motif de (d\d+)`, func(p *play, m []string) {
		p.do(house, rooms.EraseRequest{Request: requestOf(m[1])}, m[0])
	}),
	sentence(`la page de l'invité (i\d+) est ouverte`, func(p *play, m []string) { p.openPage(m[1]) }),
	sentence(`la page de l'invité (i\d+) est fermée`, func(p *play, m []string) { p.closePage(m[1]) }),
}

// openPage and closePage move the class page of a guest in and out of the room.
func (p *play) openPage(grant string) {
	p.people[grant] = p.guest(grant)
	p.here = append(p.here, grant)
}

func (p *play) closePage(grant string) {
	p.here = slices.DeleteFunc(p.here, func(name string) bool { return name == grant })
	p.guestLeft[rooms.LinkID(grantOf(grant))] = p.now
}

var floorExpectations = []rule{
	sentence(`(\S+) voit l'invité : (.+)`, func(p *play, m []string) { p.same(p.floorFor(p.anyone(m[1])), m[2]) }),
	sentence(`(\S+) lit la fin : (.+)`, func(p *play, m []string) { p.same(p.floorEndFor(p.anyone(m[1])), m[2]) }),
	sentence(`(d\d+) est lue par (.+)`, func(p *play, m []string) {
		p.same(p.readersOf("request/"+string(requestOf(m[1]))), strings.Join(split(m[2]), ", "))
	}),
	sentence(`(\S+) lit la demande (d\d+) : (.+)`, func(p *play, m []string) { p.same(p.requestFor(p.anyone(m[1]), m[2]), m[3]) }),
	sentence(`le lien de l'invité (i\d+) (est bon|ne vaut plus rien)`, func(p *play, m []string) {
		who, err := p.room.Admit(hashOf(m[1]), p.now)
		if good := err == nil && who.Role == rooms.Guest; good != (m[2] == "est bon") {
			p.errorf("%+v, %v", who, err)
		}
	}),
}

// anyone is a person of the séance, or the guest of an invitation.
func (p *play) anyone(name string) rooms.Actor {
	if strings.HasPrefix(name, "i") && len(name) == 2 {
		return p.guest(name)
	}
	return p.person(name)
}

var stageNames = map[rooms.FloorStage]string{
	rooms.FloorInvited: "invité", rooms.FloorAccepted: "attendu", rooms.FloorBackstage: "en coulisses", rooms.FloorOnAir: "à l'antenne",
}

// floorFor is the floor in words, with all that this reader gets of it.
func (p *play) floorFor(who rooms.Actor) string {
	e, ok := p.room.View(who)["floor"].(rooms.FloorEntity)
	if !ok {
		return "personne"
	}
	place := "à la maison"
	if e.From == "site" {
		place = e.SiteName + " (" + e.Town + ")"
	} else if e.SiteName != "" {
		place += " par " + e.SiteName
	}
	out := place + " " + stageNames[e.Stage]
	if e.Camera {
		out += ", avec son image"
	}
	if e.Grant != "" {
		out += ", " + shortOf(string(e.Grant), "i")
	}
	if e.By != "" {
		out += ", par " + map[rooms.Role]string{rooms.Mediator: "la médiatrice", rooms.Moderator: "la régie"}[e.By]
	}
	if e.Until != nil {
		out += ", jusqu'à " + e.Until.Format("15:04:05")
	}
	if e.Grant != "" && !e.Connected && e.Stage != rooms.FloorInvited && e.Stage != rooms.FloorAccepted {
		out += ", perdu"
	}
	return out
}

var sideNames = map[rooms.Side]string{
	rooms.SideMediator: "le studio", rooms.SideModerator: "la régie", rooms.SideSite: "la salle", rooms.SideGuest: "l'invité", rooms.SideHouse: "la maison",
}

func (p *play) floorEndFor(who rooms.Actor) string {
	e, ok := p.room.View(who)["floor-ended"].(rooms.FloorEndedEntity)
	if !ok {
		return "rien"
	}
	return shortOf(string(e.Grant), "i") + ", " + string(e.Why) + " par " + sideNames[e.By] + ", à " + e.At.Format("15:04:05")
}

func (p *play) readersOf(key string) string {
	var all []string
	for name, who := range p.people {
		if _, ok := p.room.View(who)[key]; ok {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func (p *play) requestFor(who rooms.Actor, short string) string {
	e, ok := p.room.View(who)["request/"+string(requestOf(short))].(rooms.RequestEntity)
	if !ok {
		return "rien"
	}
	out := "à la maison"
	if e.From == "site" {
		out = "la salle"
	}
	if e.SiteName != "" {
		out += ", " + e.SiteName
	}
	if e.Reason != "" {
		out += `, "` + e.Reason + `"`
	}
	if e.Mine {
		out += ", la sienne"
	}
	return out
}

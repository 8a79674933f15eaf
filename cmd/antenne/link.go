package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"text/tabwriter"
	"time"

	"antenne/rooms"
)

var roleNames = text{
	"mediator, moderator, coordinator, animator, screen, post ou viewer", "mediator, moderator, coordinator, animator, screen, post or viewer",
}

var linkRoles = kind{func(v string) bool {
	switch rooms.Role(v) {
	case rooms.Mediator, rooms.Moderator, rooms.Coordinator, rooms.Animator, rooms.Screen, rooms.Post, rooms.Viewer:
		return true
	}
	return false
}, roleNames}

var linkOptions = []option{
	{name: "role", metavar: "ROLE", required: true, spoken: true, kind: linkRoles, help: roleNames},
	optRoom,
	{name: "site", metavar: "SITE", spoken: true, help: text{"le centre (pour animator, screen et post)", "the site (for animator, screen and post)"}},
	{name: "for", metavar: "DURATION", spoken: true, kind: lasting, help: text{"combien de temps le lien vaut, compté depuis l'heure de la séance, ou depuis maintenant si elle est passée (sinon 12h)", "how long the link is good for, counted from the séance's hour, or from now when that has passed (else 12h)"}},
	{name: "note", metavar: "TEXT", spoken: true, help: text{"à qui il est donné, pour s'y retrouver", "who it is given to, to find it again"}},
	optData, optConfig,
}

var linkHelp = text{
	"Répond par une ligne : rôle, centre ou tiret, adresse. Le secret est après le « # » ; il n'est montré qu'ici. Un lien par personne ou par appareil : il se reprend seul.",
	"Answers with one line: role, site or dash, address. The secret is after the « # »; it is shown only here. One link per person or device: each can be taken back alone.",
}

func linkIssue(ctx context.Context, c *call) error {
	request := linkRequest{
		Room: rooms.RoomID(c.get("room")), Role: rooms.Role(c.get("role")), Site: rooms.SiteID(c.get("site")),
		For: c.lasts(), Note: c.get("note"),
	}
	var reply linkReply
	if err := newClient(c.get("data")).ask(ctx, http.MethodPost, "/links", request, &reply); err != nil {
		return err
	}
	fmt.Fprintln(c.stdout, reply.line())
	if reply.Link != "" {
		c.sayUntil(reply)
	}
	return nil
}

// lasts is what --for asks; 0 when it is not given.
func (c *call) lasts() time.Duration {
	lasts, err := time.ParseDuration(c.get("for"))
	if err != nil {
		return 0
	}
	return lasts
}

// leastAfter is how long after its hour a séance may well still run.
const leastAfter = 2 * time.Hour

// sayUntil tells beside the answer until when a link is good, and warns of one
// that ends while people may still need it: by a short --for, or because the
// séance is further away than any link lasts.
func (c *call) sayUntil(link linkReply) {
	fmt.Fprintf(c.stderr, text{"Valable jusqu’au %s.\n", "Good until %s.\n"}.in(c.lang), sayTime(link.Expires, c.lang))
	if link.Expires.Before(link.At.Add(leastAfter)) {
		fmt.Fprintln(c.stderr, text{
			"Attention : c’est moins de deux heures après le début de la séance. Un appareil qui revient après cette heure restera dehors.",
			"Beware: this is less than two hours after the séance begins. A device that comes back after that time stays outside.",
		}.in(c.lang))
	}
}

func linkList(ctx context.Context, c *call) error {
	var lines []linkLine
	path := "/rooms/" + url.PathEscape(c.args[0]) + "/links"
	if err := newClient(c.get("data")).ask(ctx, http.MethodGet, path, nil, &lines); err != nil {
		return err
	}
	if c.yes("json") {
		return json.NewEncoder(c.stdout).Encode(lines)
	}
	states := map[string]text{"valid": {"valable jusqu'à", "good until"}, "expired": {"expiré depuis", "expired since"}, "revoked": {"repris ; valait jusqu'à", "revoked; was good until"}}
	table := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	for _, line := range lines {
		site := string(line.Site)
		if site == "" {
			site = "-"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s %s\t%s\n", line.Link, line.Role, site, states[line.State].in(c.lang), sayTime(line.Expires, c.lang), line.Note)
	}
	return table.Flush()
}

func linkRevoke(ctx context.Context, c *call) error {
	var done revocation
	if err := newClient(c.get("data")).ask(ctx, http.MethodDelete, "/links/"+url.PathEscape(c.args[0]), nil, &done); err != nil {
		return err
	}
	if done.Screens > 0 {
		said := text{"Écrans appariés par ce lien, oubliés avec lui : %d\n", "Screens paired by this link, forgotten with it: %d\n"}
		fmt.Fprintf(c.stdout, said.in(c.lang), done.Screens)
	}
	return nil
}

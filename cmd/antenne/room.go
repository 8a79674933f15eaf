package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"text/tabwriter"
	"time"
)

var roomAddOptions = []option{
	{name: "title", metavar: "TEXT", required: true, spoken: true, help: text{"le titre, comme « Cuisine de saison »", "the title"}},
	{name: "at", metavar: "TIME", required: true, spoken: true, help: text{"quand : « 2026-12-03 10:00 » ou « demain 10h » (heure de Paris), ou RFC 3339", "when: « 2026-12-03 10:00 » or « tomorrow 10h » (Paris time), or RFC 3339"}},
	{name: "sites", metavar: "FILE", required: true, spoken: true, kind: file, help: text{"les centres, un par ligne : code;nom;commune", "the centres, one per line: code;name;town"}},
	{name: "public", spoken: true, kind: yesOrNo, help: text{"chacun peut regarder sans lien", "anyone may watch without a link"}},
	{name: "needs", metavar: "TEXT", spoken: true, help: text{"« il vous faut », affiché avant la séance", "what to bring, shown before the séance"}},
	{name: "mediator", metavar: "NAME", spoken: true, help: text{"qui anime, tel qu'on l'affiche", "who teaches, as shown"}},
	{name: "on-air-on-publish", spoken: true, kind: yesOrNo, help: text{"à l'antenne dès la publication (OBS)", "on air as soon as media arrive (OBS)"}},
	optData, optConfig,
}

var roomAddHelp = text{
	`Le fichier des centres vient d'un tableur (UTF-8, point-virgule ou virgule) :

    code;nom;commune
    fives;Maison de quartier des Ateliers;Lille

Le code sert d'adresse courte (a-z, 0-9 et tirets). La commande répond par l'identifiant de la séance.`,
	`The file of centres comes from a spreadsheet (UTF-8, semicolons or commas):

    code;name;town
    fives;Maison de quartier des Ateliers;Lille

The code is the short address (a-z, 0-9 and hyphens). The command answers with the room's id.`,
}

func roomAdd(ctx context.Context, c *call) error {
	at, atErr := parseAt(c.get("at"), time.Now())
	places, sitesErr := readSites(c.get("sites"))
	if err := together(atErr, sitesErr); err != nil {
		return err
	}
	request := roomRequest{
		Title: c.get("title"), At: at, Public: c.yes("public"), Needs: c.get("needs"),
		Mediator: c.get("mediator"), OnAirOnPublish: c.yes("on-air-on-publish"), Sites: places,
	}
	var reply roomReply
	if err := newClient(c.get("data")).ask(ctx, http.MethodPost, "/rooms", request, &reply); err != nil {
		return err
	}
	fmt.Fprintln(c.stdout, reply.Room)
	return nil
}

// together joins what two readings found wrong, so that all is told at once.
func together(errs ...error) error {
	var all mistakes
	for _, err := range errs {
		switch err := err.(type) {
		case nil:
		case mistakes:
			all = append(all, err...)
		default:
			all = append(all, asFailure(err))
		}
	}
	return all.orNil()
}

func roomList(ctx context.Context, c *call) error {
	var lines []roomLine
	if err := newClient(c.get("data")).ask(ctx, http.MethodGet, "/rooms", nil, &lines); err != nil {
		return err
	}
	if c.yes("json") {
		return json.NewEncoder(c.stdout).Encode(lines)
	}
	table := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	for _, line := range lines {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d %s\n", line.Room, sayTime(line.At, c.lang), sayState(line.State, c.lang), line.Title,
			len(line.Sites), text{"centre(s)", "site(s)"}.in(c.lang))
	}
	return table.Flush()
}

func sayState(state, lang string) string {
	states := map[string]text{
		"scheduled":  {"annoncée", "scheduled"},
		"doors-open": {"portes ouvertes", "doors open"},
		"on-air":     {"en direct", "on air"},
		"paused":     {"en pause", "paused"},
		"ended":      {"terminée", "ended"},
	}
	if said, known := states[state]; known {
		return said.in(lang)
	}
	return state
}

func roomClose(ctx context.Context, c *call) error {
	return newClient(c.get("data")).ask(ctx, http.MethodPost, "/rooms/"+url.PathEscape(c.args[0])+"/close", nil, nil)
}

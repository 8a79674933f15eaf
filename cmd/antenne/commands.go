package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// command is one thing antenne can be asked to do.
type command struct {
	name      string
	arguments []string
	options   []option
	short     text
	long      text
	run       func(context.Context, *call) error
}

func (c *command) option(name string) *option {
	if i := slices.IndexFunc(c.options, func(o option) bool { return o.name == name }); i >= 0 {
		return &c.options[i]
	}
	return nil
}

// findCommand takes the longest name that the words begin with.
func findCommand(words []string) (*command, []string) {
	for count := min(2, len(words)); count > 0; count-- {
		name := strings.Join(words[:count], " ")
		for i := range commands {
			if commands[i].name == name {
				return &commands[i], words[count:]
			}
		}
	}
	return nil, nil
}

func overview(lang string) string {
	var b strings.Builder
	b.WriteString(text{
		"Antenne : une personne anime une séance en direct pour beaucoup de centres à la fois.\n\nUsage : antenne COMMANDE [options]\n\n",
		"Antenne: one person teaches live to many centres at once.\n\nUsage: antenne COMMAND [options]\n\n",
	}.in(lang))
	for i := range commands {
		c := &commands[i]
		fmt.Fprintf(&b, "  %-24s %s\n", strings.Join(append([]string{c.name}, c.arguments...), " "), c.short.in(lang))
	}
	b.WriteString(text{
		"\nantenne COMMANDE --help dit tout d'une commande. Code de sortie : 0 fait, 1 refusé ou impossible, 2 commande mal comprise.\n",
		"\nantenne COMMAND --help tells all about one. Exit code: 0 done, 1 refused or failed, 2 not understood.\n",
	}.in(lang))
	return b.String()
}

func (c *command) usage(lang string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "antenne %s", c.name)
	for _, argument := range c.arguments {
		fmt.Fprintf(&b, " %s", argument)
	}
	fmt.Fprintf(&b, " [options]\n\n%s\n", c.short.in(lang))
	if long := c.long.in(lang); long != "" {
		fmt.Fprintf(&b, "\n%s\n", long)
	}
	b.WriteString("\nOptions\n")
	for _, o := range c.options {
		b.WriteString(o.describe(lang))
	}
	b.WriteString(text{
		"\nCode de sortie : 0 fait, 1 refusé ou impossible, 2 commande mal comprise.\n",
		"\nExit code: 0 done, 1 refused or failed, 2 not understood.\n",
	}.in(lang))
	return b.String()
}

func (o option) describe(lang string) string {
	head := "  --" + o.name
	if o.metavar != "" {
		head += " " + o.metavar
	}
	notes := []string{}
	if o.required {
		notes = append(notes, text{"obligatoire", "required"}.in(lang))
	}
	if o.fallback != "" {
		notes = append(notes, text{"par défaut ", "default "}.in(lang)+o.fallback)
	}
	if !o.spoken {
		notes = append(notes, o.env())
	}
	line := head + "\n        " + o.help.in(lang)
	if len(notes) > 0 {
		line += " (" + strings.Join(notes, text{" ; ", "; "}.in(lang)) + ")"
	}
	return line + "\n"
}

var (
	optData = option{name: "data", metavar: "DIR", fallback: "./data", kind: something,
		help: text{"le dossier des données, où se trouve aussi la prise du serveur", "the data folder, where the server's socket is too"}}
	optConfig = option{name: "config", metavar: "FILE", kind: anything,
		help: text{"un fichier de lignes « nom = valeur », avec les noms des options de serve", "a file of lines « name = value », with the names of serve's options"}}
	optRoom = option{name: "room", metavar: "ID", required: true, spoken: true,
		help: text{"la séance", "the séance"}}
	optJSON = option{name: "json", spoken: true, kind: yesOrNo,
		help: text{"répondre en JSON, pour un programme", "answer in JSON, for a program"}}
)

// commands, in the order in which somebody meets them.
var commands []command

func init() {
	commands = []command{
		{name: "serve", options: serveOptions, run: serve,
			short: text{"démarrer le serveur", "start the server"}, long: serveHelp},
		{name: "room add", options: roomAddOptions, run: roomAdd,
			short: text{"ajouter une séance au programme", "add a séance to the programme"}, long: roomAddHelp},
		{name: "room list", options: []option{optData, optConfig, optJSON}, run: roomList,
			short: text{"les séances de ce serveur", "the séances of this server"}},
		{name: "room close", arguments: []string{"ROOM"}, options: []option{optData, optConfig}, run: roomClose,
			short: text{"terminer une séance", "end a séance"}},
		{name: "link", options: linkOptions, run: linkIssue,
			short: text{"donner un lien à une personne ou à un appareil", "give a link to one person or one device"}, long: linkHelp},
		{name: "link list", arguments: []string{"ROOM"}, options: []option{optData, optConfig, optJSON}, run: linkList,
			short: text{"les liens d'une séance, sans leur secret", "the links of a séance, without their secret"}},
		{name: "link revoke", arguments: []string{"LINK"}, options: []option{optData, optConfig}, run: linkRevoke,
			short: text{"reprendre un lien perdu ou volé", "take back a lost or stolen link"}},
		{name: "device list", options: deviceListOptions, run: deviceList,
			short: text{"les écrans qui gardent leur salle", "the screens that keep their room"}, long: deviceHelp},
		{name: "device forget", arguments: []string{"DEVICE"}, options: []option{optData, optConfig}, run: deviceForget,
			short: text{"oublier un écran perdu ou déplacé", "forget a lost or moved screen"}, long: deviceHelp},
		{name: "device history", options: []option{optData, optConfig}, run: deviceHistory,
			short: text{"ce qui est arrivé aux écrans", "what happened to the screens"}, long: deviceHelp},
		{name: "sheet", arguments: []string{"ROOM"}, options: sheetOptions, run: sheet,
			short: text{"une feuille à imprimer par centre, avec ses liens", "one page to print per centre, with its links"}, long: sheetHelp},
		{name: "history", arguments: []string{"ROOM"}, options: []option{optData, optConfig}, run: history,
			short: text{"ce qui s'est passé dans une séance", "what happened in a séance"}},
		{name: "erase", arguments: []string{"QUESTION"}, options: []option{optData, optConfig}, run: erase,
			short: text{"effacer pour de bon les textes d'une question", "erase the texts of a question for good"}},
		{name: "backup", arguments: []string{"FILE"}, options: []option{optData, optConfig}, run: backup,
			short: text{"copier le journal et les fiches dans un fichier, sans arrêter le serveur", "copy the log and the sheets into a file, without stopping the server"}, long: backupHelp},
		{name: "restore", arguments: []string{"FILE"}, options: []option{optData, optConfig}, run: restore,
			short: text{"remettre une copie dans un dossier vide", "put a copy back into an empty folder"}, long: restoreHelp},
		{name: "doctor", options: []option{optData, optConfig}, run: doctor,
			short: text{"vérifier que tout est prêt, en phrases", "check that all is ready, in sentences"}},
		{name: "version", options: nil, run: printVersion,
			short: text{"la version et la licence", "the version and the licence"}},
	}
}

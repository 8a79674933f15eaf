package main

import (
	"bufio"
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"rsc.io/qr"

	"antenne/rooms"
)

var sheetOptions = []option{
	{name: "out", metavar: "FILE", spoken: true, help: text{"où écrire les feuilles (sinon sur la sortie standard)", "where to write the sheets (else standard output)"}},
	{name: "site", metavar: "SITE", spoken: true, help: text{"un seul centre", "one site only"}},
	{name: "for", metavar: "DURATION", spoken: true, kind: lasting, help: text{"combien de temps les liens valent, compté depuis l'heure de la séance, ou depuis maintenant si elle est passée (sinon 12h)", "how long the links are good for, counted from the séance's hour, or from now when that has passed (else 12h)"}},
	{name: "call", metavar: "TEXT", spoken: true, help: text{"qui appeler, comme « Sonia, 03 20 00 00 00 »", "who to call, such as « Sonia, 03 20 00 00 00 »"}},
	optData, optConfig,
}

var sheetHelp = text{
	"Chaque feuille porte de nouveaux liens secrets, un par appareil : ne la publiez pas. Imprimez le fichier depuis un navigateur (A4).",
	"Each sheet carries new secret links, one per device: do not publish it. Print the file from a browser (A4).",
}

//go:embed sheet.html
var sheetSource string

var sheetPage = template.Must(template.New("sheet").Funcs(template.FuncMap{"qr": drawQR}).Parse(sheetSource))

// sheetData is what the page shows.
type sheetData struct {
	Title, When, Mediator, Needs, Call string
	Short                              string // the server's address as people type it
	Sites                              []siteSheet
}

type siteSheet struct {
	place
	Family      string // the whole address
	FamilyShort string // as people type it
	Screen      deviceLink
	Desk        deviceLink
}

type deviceLink struct{ URL, Until string }

func sheet(ctx context.Context, c *call) error {
	server := newClient(c.get("data"))
	var status serverStatus
	if err := server.ask(ctx, http.MethodGet, "/status", nil, &status); err != nil {
		return err
	}
	room, err := findRoom(ctx, server, rooms.RoomID(c.args[0]))
	if err != nil {
		return err
	}
	places, err := choosePlaces(room, c.get("site"))
	if err != nil {
		return err
	}
	data := sheetData{Title: room.Title, When: sayTime(room.At, "fr"), Mediator: room.Mediator, Needs: room.Needs, Call: c.get("call"), Short: asTyped(status.Public)}
	var last linkReply
	for _, p := range places {
		one, link, err := makeSheet(ctx, server, status.Public, room.Room, p, c.lasts())
		if err != nil {
			return err
		}
		data.Sites, last = append(data.Sites, one), link
	}
	if err := writeSheets(c, data); err != nil {
		return err
	}
	c.sayUntil(last)
	return nil
}

func findRoom(ctx context.Context, server *client, id rooms.RoomID) (roomLine, error) {
	var lines []roomLine
	if err := server.ask(ctx, http.MethodGet, "/rooms", nil, &lines); err != nil {
		return roomLine{}, err
	}
	if i := slices.IndexFunc(lines, func(l roomLine) bool { return l.Room == id }); i >= 0 {
		return lines[i], nil
	}
	return roomLine{}, fail("room-unknown", "room", string(id))
}

func choosePlaces(room roomLine, only string) ([]place, error) {
	if only == "" {
		return room.Sites, nil
	}
	if i := slices.IndexFunc(room.Sites, func(p place) bool { return p.ID == only }); i >= 0 {
		return room.Sites[i : i+1], nil
	}
	return nil, fail("site-unknown", "site", only)
}

// makeSheet also gives one of its links, whose times are those of all.
func makeSheet(ctx context.Context, server *client, public string, room rooms.RoomID, p place, lasts time.Duration) (out siteSheet, reply linkReply, err error) {
	out = siteSheet{place: p, Family: public + "/c/" + p.ID}
	out.FamilyShort = asTyped(out.Family)
	for role, link := range map[rooms.Role]*deviceLink{rooms.Screen: &out.Screen, rooms.Animator: &out.Desk} {
		request := linkRequest{Room: room, Role: role, Site: rooms.SiteID(p.ID), For: lasts}
		if err := server.ask(ctx, http.MethodPost, "/links", request, &reply); err != nil {
			return siteSheet{}, reply, err
		}
		*link = deviceLink{URL: reply.URL, Until: sayTime(reply.Expires, "fr")}
	}
	return out, reply, nil
}

// asTyped is an address without what browsers add by themselves.
func asTyped(address string) string {
	_, short, _ := strings.Cut(address, "://")
	return short
}

func writeSheets(c *call, data sheetData) (err error) {
	var to io.Writer = c.stdout
	if path := c.get("out"); path != "" {
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) // it holds secrets
		if err != nil {
			return fail("sheet-unwritable", "path", path).because(err)
		}
		defer func() {
			if closing := file.Close(); err == nil && closing != nil {
				err = fail("sheet-unwritable", "path", path).because(closing)
			}
		}()
		to = file
	}
	buffered := bufio.NewWriter(to)
	if err := sheetPage.Execute(buffered, data); err != nil {
		return err
	}
	return buffered.Flush()
}

const quietZone = 4 // modules of white around the code, as its standard asks

// drawQR draws the code of an address as an SVG image, one path for all its
// dark modules.
func drawQR(address, label string) (template.HTML, error) {
	code, err := qr.Encode(address, qr.M)
	if err != nil {
		return "", err
	}
	var dark strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			start := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > start {
				fmt.Fprintf(&dark, "M%d %dh%dv1h-%dz", start+quietZone, y+quietZone, x-start, x-start)
			}
		}
	}
	side := code.Size + 2*quietZone
	return template.HTML(fmt.Sprintf(
		`<svg class="qr" role="img" aria-label="%s" viewBox="0 0 %d %d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path d="%s"/></svg>`,
		template.HTMLEscapeString(label), side, side, side, side, dark.String())), nil
}

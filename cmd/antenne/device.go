package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"text/tabwriter"

	"antenne/rooms"
)

var deviceListOptions = []option{
	{name: "site", metavar: "SITE", spoken: true, help: text{"seulement ceux de ce centre", "only those of this site"}},
	optData, optConfig, optJSON,
}

var deviceHelp = text{
	"Un écran confirmé depuis « Ma salle » garde sa salle d’une séance à l’autre. Oublié, il se ferme en moins de deux secondes et montre un nouveau code. Celui dont personne ne se sert pendant douze mois s’oublie de lui-même.",
	"A screen confirmed from « Ma salle » keeps its room from one séance to the next. Once forgotten, it closes within two seconds and shows a new code. One that nobody uses for twelve months is forgotten.",
}

func deviceList(ctx context.Context, c *call) error {
	var lines []deviceLine
	path := "/devices?site=" + url.QueryEscape(c.get("site"))
	if err := newClient(c.get("data")).ask(ctx, http.MethodGet, path, nil, &lines); err != nil {
		return err
	}
	if c.yes("json") {
		return json.NewEncoder(c.stdout).Encode(lines)
	}
	table := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	for _, line := range lines {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s %s\n", line.Device, line.Role, line.Site, text{"depuis", "since"}.in(c.lang), sayTime(line.Paired, c.lang))
	}
	return table.Flush()
}

func deviceForget(ctx context.Context, c *call) error {
	return newClient(c.get("data")).ask(ctx, http.MethodDelete, "/devices/"+url.PathEscape(c.args[0]), nil, nil)
}

func deviceHistory(ctx context.Context, c *call) error {
	return printHistory(ctx, c, "/devices/history")
}

// adminDeviceHistory is adminHistory of the screens that keep their room.
func (h *house) adminDeviceHistory(w http.ResponseWriter, r *http.Request) {
	h.sendHistory(w, h.hall.DeviceHistory(r.Context()))
}

func (h *house) adminListDevices(r *http.Request) (any, error) {
	lines := []deviceLine{}
	for _, d := range h.hall.Devices(rooms.SiteID(r.URL.Query().Get("site"))) {
		lines = append(lines, deviceLine{Device: d.ID, Role: d.Role, Site: d.Site, Paired: d.PairedAt})
	}
	return lines, nil
}

func (h *house) adminForgetDevice(r *http.Request) (any, error) {
	return nil, h.hall.ForgetDevice(r.Context(), rooms.Actor{Role: rooms.System}, rooms.LinkID(r.PathValue("device")))
}

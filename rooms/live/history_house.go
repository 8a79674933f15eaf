package live

import (
	"context"
	"fmt"
	"iter"

	"antenne/rooms"
)

// DeviceHistory reads what happened to the paired screens up to now, from the journal, in French. It yields an error once, last. Who
// did it is named as their link's room names them, unless that was erased.
func (h *Hall) DeviceHistory(ctx context.Context) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		head, err := h.journal.Head(ctx, houseStream)
		if err != nil {
			yield(Line{}, err)
			return
		}
		if head == 0 {
			return
		}
		teller := h.porterTeller()
		for e, err := range h.journal.Follow(ctx, houseStream, 0) {
			var events []rooms.Event
			if err == nil {
				events, err = rooms.DecodeHouse(e.Meta)
			}
			if err != nil {
				yield(Line{}, fmt.Errorf("history of the paired screens: %w", err))
				return
			}
			for _, ev := range events {
				if _, use := ev.(rooms.DeviceUsed); use {
					continue // it is written down for the retention
				}
				if !yield(Line{At: ev.When(), Text: teller.who(ev.Who()) + " : " + teller.device(ev)}, nil) {
					return
				}
			}
			if e.Seq >= head {
				return
			}
		}
		if ctx.Err() != nil {
			yield(Line{}, ctx.Err())
		}
	}
}

// porterTeller knows the places of all rooms, and whom their links were given to.
func (h *Hall) porterTeller() storyteller {
	teller := newStoryteller()
	for _, k := range h.all() {
		for _, site := range k.Summary().Sites {
			teller.names[site.ID] = site.Name
		}
		for _, l := range k.Links() {
			teller.people[l.ID] = l.Note
			teller.hands[l.ID] = rooms.By{Role: l.Role, Site: l.Site, Link: l.ID}
		}
	}
	return teller
}

func (s storyteller) device(ev rooms.Event) string {
	switch e := ev.(type) {
	case rooms.DevicePaired:
		return "écran " + string(e.Device) + " ouvert : " + s.site(e.Site)
	case rooms.DeviceForgotten:
		return "écran " + string(e.Device) + " oublié" + forgottenWhy[e.Why]
	}
	return ev.Kind()
}

var forgottenWhy = map[rooms.DeviceWhy]string{
	rooms.WithLink: " avec le lien qui l’avait ouvert", rooms.LongUnused: " : personne ne s’en est servi depuis douze mois",
}

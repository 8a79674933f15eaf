package main

import (
	"context"
	"time"

	"antenne/rooms"
)

// demoRoom is the séance of --demo: public, and on air as soon as its
// mediator publishes. Its centres are invented; their towns are in the Nord.
func demoRoom(now time.Time) roomRequest {
	return roomRequest{
		Title: "Cuisine de saison", At: now.Add(10 * time.Minute).Truncate(time.Minute), Public: true, OnAirOnPublish: true,
		Mediator: "Nadia", Needs: "un saladier, un fouet, deux œufs, de la farine et du lait",
		Sites: []place{
			{"fives", "Maison de quartier des Ateliers", "Lille"},
			{"wattrelos", "Centre social de la Martinoire", "Wattrelos"},
			{"roubaix", "Centre social du Canal", "Roubaix"},
			{"hazebrouck", "Espace de vie des Houblonnières", "Hazebrouck"},
			{"maubeuge", "Centre social des Remparts", "Maubeuge"},
			{"grande-synthe", "Maison de quartier des Dunes", "Grande-Synthe"},
		},
	}
}

const demoLasts = 12 * time.Hour

// demonstrate makes the séance of the demonstration, or finds the one made
// before, and gives fresh links for everybody: what « room add » and « link »
// would do.
func (h *house) demonstrate(ctx context.Context, now time.Time) ([]linkReply, error) {
	request := demoRoom(now)
	room, err := h.demoUnderWay(ctx, request.Title, now)
	if err == nil && room == "" {
		room, err = h.addRoom(ctx, request)
	}
	if err != nil {
		return nil, err
	}
	var links []linkReply
	for _, wanted := range demoLinks(request.Sites) {
		wanted.Room, wanted.For = room, demoLasts
		link, err := h.issueLink(ctx, wanted)
		if err != nil {
			return nil, err
		}
		links = append(links, link)
	}
	return links, nil
}

func demoLinks(sites []place) []linkRequest {
	links := []linkRequest{{Role: rooms.Mediator}, {Role: rooms.Moderator}, {Role: rooms.Coordinator}}
	for _, role := range []rooms.Role{rooms.Animator, rooms.Screen, rooms.Post, rooms.Viewer} {
		for _, p := range sites {
			links = append(links, linkRequest{Role: role, Site: rooms.SiteID(p.ID)})
		}
	}
	return links
}

// demoUnderWay finds a demonstration that has not ended, so that starting
// again goes on with the same séance; "" when there is none. One whose links
// have all expired is ended: the programme must not show it for ever.
func (h *house) demoUnderWay(ctx context.Context, title string, now time.Time) (found rooms.RoomID, err error) {
	for _, line := range h.roomLines() {
		if line.Title != title || !line.Public || line.State == string(rooms.Ended) {
			continue
		}
		if now.Sub(line.At) < demoLasts {
			found = line.Room
		} else if err := h.hall.CloseRoom(ctx, line.Room); err != nil {
			return "", err
		}
	}
	return found, nil
}

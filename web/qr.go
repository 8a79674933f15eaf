package web

import (
	"fmt"
	"net/http"
	"strings"

	"antenne/rooms"
	"rsc.io/qr"
)

// placeCode draws the public address of a place.
func (s *site) placeCode(w http.ResponseWriter, r *http.Request) {
	place := findSite(s.config.Rooms(), rooms.SiteID(r.PathValue("site")))
	if place == nil {
		s.problem(w, r, http.StatusNotFound, "site-unknown")
		return
	}
	s.drawCode(w, r, "/c/"+string(place.ID))
}

// liveCode draws the public address of a room.
func (s *site) liveCode(w http.ResponseWriter, r *http.Request) {
	seen, ok := s.config.Room(rooms.RoomID(r.PathValue("room")))
	entity, known := seen["room"].(rooms.RoomEntity)
	if !ok || !known || entity.Audience != rooms.AudiencePublic {
		s.problem(w, r, http.StatusNotFound, "room-unknown")
		return
	}
	s.drawCode(w, r, "/live/"+string(entity.ID))
}

func (s *site) drawCode(w http.ResponseWriter, r *http.Request, path string) {
	picture := Code(s.host(r) + path)
	if picture == "" {
		s.problem(w, r, http.StatusNotFound, "not-found")
		return
	}
	body := []byte(picture)
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Cache-Control", "max-age=3600")
	writeBody(w, r, http.StatusOK, body, zipQuickly(body))
}

// Code is an address as a picture (SVG) that phones read; "" when it is too long for one.
func Code(address string) string {
	code, err := qr.Encode(address, qr.M)
	if err != nil {
		return ""
	}
	return drawSVG(code)
}

// drawSVG draws the code with the four white modules around it that readers need.
func drawSVG(code *qr.Code) string {
	const quiet = 4
	var path strings.Builder
	for y := 0; y < code.Size; y++ {
		for x := 0; x < code.Size; x++ {
			if code.Black(x, y) {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	side := code.Size + 2*quiet
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges">`+
		`<rect width="%d" height="%d" fill="#fff"/><path fill="#191322" d="%s"/></svg>`, side, side, side, side, path.String())
}

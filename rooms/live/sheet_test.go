package live

import (
	"fmt"
	"testing"

	"antenne/rooms"
	"antenne/rooms/journal"
)

// TestTheSheetOfARoomCostsTheSameHoweverLargeTheRoomIs: strangers may ask for it as often as they like.
func TestTheSheetOfARoomCostsTheSameHoweverLargeTheRoomIs(t *testing.T) {
	h := newHouse(t, journal.NewMemory(), hour)
	house := rooms.Actor{Role: rooms.System, Room: room}
	if sheet, _ := h.k.Sheet(); sheet.ID != "" {
		t.Errorf("it has %+v", sheet)
	}
	for n := range 200 {
		h.do(t, house, rooms.AddSite{Site: rooms.SiteID(fmt.Sprintf("site-%d", n)), Name: "Centre"})
	}
	h.do(t, house, rooms.SetSheet{Sheet: "s1", Title: "La recette", Type: "image/png", Size: 9})
	sheet, until := h.k.Sheet()
	if sheet.ID != "s1" || sheet.Title != "La recette" || !until.Equal(hour.Add(Retention)) {
		t.Errorf("it has %+v until %v", sheet, until)
	}
	const most = 20 // a question to the owner, and what the owner does at every turn
	if n := testing.AllocsPerRun(100, func() { h.k.Sheet() }); n > most {
		t.Errorf("%v allocations", n)
	}
	if view := testing.AllocsPerRun(100, func() { h.k.View(rooms.Actor{Role: rooms.Coordinator, Room: room}) }); view <= most {
		t.Errorf("the whole view costs %v: the bound says nothing", view)
	}
	h.do(t, house, rooms.DropSheet{})
	if sheet, _ := h.k.Sheet(); sheet.ID != "" {
		t.Errorf("it still has %+v", sheet)
	}
}

package signaling

import (
	"context"
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"antenne/rooms"
	"antenne/rooms/live"
	"antenne/signaling/access"
)

// The sheet to print: the mediator brings a file, and whoever is in the room can have it. Its address holds 128 random bits and is told
// inside the room only.

const (
	codeSheetEmpty   = "sheet-empty"
	codeSheetLarge   = "sheet-large"
	codeSheetType    = "sheet-type"
	codeSheetDisk    = "sheet-disk-full"
	codeSheetFolder  = "sheet-folder"
	codeSheetUnknown = "sheet-unknown"
	codeSheetSlow    = "sheet-slow"
	codeSheetBusy    = "sheet-busy" // this link is bringing one already
)

const (
	sheetWithin  = 5 * time.Minute // 10 MB over the slowest line of a centre, to be looked at
	sheetsAtOnce = 16              // uploads, each of another link
	sheetLook    = time.Hour       // between two looks at what is past its time
)

// What may be done with a sheet that is opened by itself: nothing. A browser's own reader of PDF does not start in a sandbox.
const (
	policySheet    = "sandbox; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; frame-ancestors 'self'"
	policySheetPDF = "default-src 'none'; object-src 'self'; img-src 'self' data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)

func sheetType() error {
	return refuse(codeSheetType, "max", strconv.Itoa(rooms.MaxSheet>>20))
}

func sheetLarge() error {
	return refuse(codeSheetLarge, "max", strconv.Itoa(rooms.MaxSheet>>20))
}

func (s *Server) sheetRoutes() {
	s.mux.HandleFunc("/sheet/{room}", s.sheetDoor)
	s.mux.HandleFunc("/sheet/{room}/{id}", s.sheetFile)
	s.mux.HandleFunc("/sheet/", s.nowhere)
}

// sheetDoor is where a mediator brings a sheet, and takes it away.
func (s *Server) sheetDoor(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	var status int
	var reply any
	var err error
	switch r.Method {
	case http.MethodPost:
		status, reply, err = s.setSheet(w, r)
	case http.MethodDelete:
		status, reply, err = s.dropSheet(r)
	default:
		w.Header().Set("Allow", "POST, DELETE")
		err = refuse(codeMethod)
	}
	if err != nil {
		s.failSheet(w, r, err)
		return
	}
	sayJSON(w, status, reply)
}

// failSheet also tells the log what is wrong with the folder: the server's owner can mend it, the mediator cannot.
func (s *Server) failSheet(w http.ResponseWriter, r *http.Request, err error) {
	if trouble := (*sheetError)(nil); errors.As(err, &trouble) {
		s.log.Error("a sheet was refused", zap.Error(trouble.cause))
	}
	s.fail(w, r, err)
}

// mediatorAt is the mediator of the room of the address, and its keeper.
func (s *Server) mediatorAt(r *http.Request) (rooms.Actor, *live.Keeper, error) {
	if !s.requests.take(remote(r), s.clock()) {
		return rooms.Actor{}, nil, refuse(codeTooMany)
	}
	if s.sheets == nil {
		return rooms.Actor{}, nil, refuse(codeSheetFolder)
	}
	who, err := s.holder(r, rooms.Mediator)
	if err != nil {
		return rooms.Actor{}, nil, err
	}
	keeper, known := s.hall.Room(who.Room)
	if !known {
		return rooms.Actor{}, nil, refuse(access.CodeRoomUnknown)
	}
	return who, keeper, nil
}

// setSheet stores a file, then tells the room, then lets go of the file before.
func (s *Server) setSheet(w http.ResponseWriter, r *http.Request) (int, any, error) {
	who, keeper, err := s.mediatorAt(r)
	if err != nil {
		return 0, nil, err
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err != nil || !slices.Contains([]string{"application/pdf", "image/png", "image/jpeg"}, kind):
		return 0, nil, sheetType()
	case r.ContentLength > rooms.MaxSheet:
		return 0, nil, sheetLarge()
	}
	if err := s.uploads.begin(who.Link); err != nil {
		return 0, nil, err
	}
	defer s.uploads.end(who.Link)
	id, size, err := s.sheets.put(s.hurried(w, r.Body), kind)
	if err != nil {
		return 0, nil, err
	}
	s.sheets.replacing.Lock()
	defer s.sheets.replacing.Unlock()
	before := s.sheetOf(who.Room)
	told := rooms.SetSheet{Sheet: id, Title: strings.TrimSpace(r.URL.Query().Get("title")), Type: kind, Size: size}
	if err := s.tellRoom(r, keeper, who, told); err != nil {
		if !errors.Is(err, context.DeadlineExceeded) { // else it may yet be logged: the next look says whether it was
			s.letGo(id)
		}
		return 0, nil, err
	}
	s.letGo(before.ID)
	return http.StatusCreated, s.sheetOf(who.Room), nil
}

func (s *Server) dropSheet(r *http.Request) (int, any, error) {
	who, keeper, err := s.mediatorAt(r)
	if err != nil {
		return 0, nil, err
	}
	s.sheets.replacing.Lock()
	defer s.sheets.replacing.Unlock()
	before := s.sheetOf(who.Room)
	if err := s.tellRoom(r, keeper, who, rooms.DropSheet{}); err != nil {
		return 0, nil, err
	}
	s.letGo(before.ID)
	return http.StatusOK, struct{}{}, nil
}

// tellRoom has the house say what a mediator did. It is done, or not, also when who asked has left.
func (s *Server) tellRoom(r *http.Request, keeper *live.Keeper, who rooms.Actor, c rooms.Command) error {
	ctx, done := context.WithTimeout(context.WithoutCancel(r.Context()), decideWithin)
	defer done()
	_, err := keeper.Do(ctx, systemFor(who), c)
	return err
}

// letGo removes a file that no room speaks of any more. One that stays is found by the next look.
func (s *Server) letGo(id rooms.SheetID) {
	if id == "" {
		return
	}
	if err := s.sheets.drop(id); err != nil {
		s.log.Error("a sheet is not removed yet", zap.Error(err))
	}
}

// HoldSheets keeps every sheet in its folder until release, so that who copies the log finds the sheets that it names.
func (s *Server) HoldSheets() (release func()) {
	if s.sheets == nil {
		return func() {}
	}
	let := s.sheets.hold()
	return func() {
		if err := let(); err != nil {
			s.log.Error("sheets are not removed yet", zap.Error(err)) // the next look tries again
		}
	}
}

// sheetOf is the sheet that a room has now; without an ID when it has none. Whoever knows a room's name may have it asked.
func (s *Server) sheetOf(room rooms.RoomID) rooms.SheetEntity {
	keeper, known := s.hall.Room(room)
	if !known {
		return rooms.SheetEntity{}
	}
	sheet, _ := keeper.Sheet()
	return sheet
}

// sheetFile gives the sheet that a room has now to whoever knows its name.
func (s *Server) sheetFile(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD")
		s.fail(w, r, refuse(codeMethod))
		return
	case !s.requests.take(remote(r), s.clock()):
		s.fail(w, r, refuse(codeTooMany))
		return
	}
	sheet := s.sheetOf(rooms.RoomID(r.PathValue("room")))
	if s.sheets == nil || sheet.ID == "" || string(sheet.ID) != r.PathValue("id") {
		s.fail(w, r, refuse(codeSheetUnknown))
		return
	}
	f, err := s.sheets.open(sheet.ID)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = refuse(codeSheetUnknown)
	case err != nil:
		err = sheetTrouble(err)
	}
	if err != nil {
		s.failSheet(w, r, err)
		return
	}
	defer f.Close()
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(sheetWithin))
	h.Set("Content-Type", sheet.Type)
	h.Set("Content-Disposition", mime.FormatMediaType("inline", map[string]string{"filename": sheetName(sheet)}))
	h.Set("Content-Security-Policy", policyOfSheet(sheet.Type))
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Cache-Control", "private, max-age=86400, immutable")
	http.ServeContent(w, r, "", time.Time{}, f)
}

func policyOfSheet(kind string) string {
	if kind == "application/pdf" {
		return policySheetPDF
	}
	return policySheet
}

// sheetName is what a sheet is called when it is kept: its title, in letters that every system takes.
func sheetName(sheet rooms.SheetEntity) string {
	ending := map[string]string{"application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg"}[sheet.Type]
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, sheet.Title)
	if name == "" {
		name = "fiche"
	}
	return name + ending
}

// keepSheets removes, at the start and once an hour, what is past its time with the texts of its séance, and files that no room
// speaks of. At the start nobody is writing one.
func (s *Server) keepSheets() {
	s.sweepSheets(s.clock(), time.Now())
	tick := time.NewTicker(sheetLook)
	defer tick.Stop()
	for {
		select {
		case <-s.life.Done():
			return
		case <-tick.C:
			s.sweepSheets(s.clock(), time.Now().Add(-sheetUnlogged))
		}
	}
}

// sweepSheets drops the sheets of rooms whose time has passed, and files last written before a moment (of the disk's clock) that
// no room speaks of.
func (s *Server) sweepSheets(now, written time.Time) {
	keep := map[rooms.SheetID]bool{}
	for _, room := range s.hall.Rooms() {
		keeper, known := s.hall.Room(room.ID)
		if !known {
			continue
		}
		sheet, until := keeper.Sheet()
		if sheet.ID != "" && (now.Before(until) || !s.forgetSheet(keeper)) {
			keep[sheet.ID] = true
		}
	}
	if err := s.sheets.sweep(keep, written); err != nil {
		s.log.Error("sheets past their time are not removed yet", zap.Error(err))
	}
}

func (s *Server) forgetSheet(keeper *live.Keeper) bool {
	ctx, done := context.WithTimeout(s.life, decideWithin)
	defer done()
	_, err := keeper.Do(ctx, system(keeper.ID()), rooms.DropSheet{})
	if err != nil && s.life.Err() == nil {
		s.log.Error("a sheet past its time is not forgotten yet", zap.Error(err))
	}
	return err == nil
}

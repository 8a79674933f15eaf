package main

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.uber.org/zap"

	"antenne/rooms"
	"antenne/rooms/journal"
	"antenne/rooms/live"
)

// The server's side of DATA/admin.sock. Whoever can open the socket is the
// server's own account or root: there is nothing more to prove.

const mostAdminRequest = 4 << 20 // bytes

// listenAdmin opens the socket for this account only. A socket left by a
// killed server is taken over: the journal's lock has already proved that no
// other server uses the folder.
func listenAdmin(data string) (net.Listener, error) {
	path := filepath.Join(data, socketName)
	if len(path) > longestSocketPath {
		return nil, fail("server-socket-long", "path", path)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fail("server-socket", "path", path).because(err)
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, fail("server-socket", "path", path).because(err)
	}
	if err := os.Chmod(path, 0o600); err != nil { // the folder is 0700: nobody came in between
		listener.Close()
		return nil, fail("server-socket", "path", path).because(err)
	}
	return listener, nil
}

func (h *house) adminHandler() http.Handler {
	mux := http.NewServeMux()
	answer := func(pattern string, act func(*http.Request) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, mostAdminRequest)
			reply, err := act(r)
			writeAdmin(w, h.log, reply, err)
		})
	}
	answer("GET /status", h.adminStatus)
	answer("POST /verify", func(r *http.Request) (any, error) { return nil, h.journal.Verify(r.Context()) })
	answer("GET /rooms", func(*http.Request) (any, error) { return h.roomLines(), nil })
	answer("POST /rooms", h.adminAddRoom)
	answer("POST /rooms/{room}/close", h.adminCloseRoom)
	answer("GET /rooms/{room}/links", h.adminListLinks)
	answer("POST /links", h.adminIssueLink)
	answer("DELETE /links/{link}", h.adminRevokeLink)
	answer("GET /devices", h.adminListDevices)
	answer("DELETE /devices/{device}", h.adminForgetDevice)
	answer("POST /erase", h.adminErase)
	mux.HandleFunc("GET /rooms/{room}/history", h.adminHistory)
	mux.HandleFunc("GET /devices/history", h.adminDeviceHistory)
	mux.HandleFunc("GET /backup", h.adminBackup)
	mux.HandleFunc("POST /probe/{door}", h.adminProbe)
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	return mux
}

// writeAdmin answers with the reply, or with the refusal's code and what its
// sentence needs.
func writeAdmin(w http.ResponseWriter, log *zap.Logger, reply any, err error) {
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		refused := asFailure(err)
		if refused.Code == "unexpected" || refused.Code == journal.ErrFailed.Code {
			log.Error("a command failed", zap.Error(err))
		}
		w.WriteHeader(http.StatusConflict)
		reply = refused
	}
	json.NewEncoder(w).Encode(reply)
}

// decodeAdmin is strict: an unknown field means another version at the other end.
func decodeAdmin[T any](r *http.Request) (T, error) {
	var request T
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&request); err != nil {
		return request, fail("request-malformed").because(err)
	}
	return request, nil
}

func (h *house) adminStatus(r *http.Request) (any, error) {
	status := serverStatus{
		Version: version, Started: h.started, Now: time.Now(), HTTP: h.listening, Public: h.public,
		TLS: h.settings.cert != "", Media: h.engine.Port(), Admin: h.settings.admin, Demo: h.settings.demo,
		OpenFiles: openFilesLimit(), Rooms: len(h.hall.Rooms()),
	}
	for _, ip := range h.settings.publicIPs {
		status.PublicIPs = append(status.PublicIPs, ip.String())
	}
	if err := h.ready(r.Context()); err != nil {
		status.NotReady = err.Error()
	}
	return status, nil
}

func (h *house) adminAddRoom(r *http.Request) (any, error) {
	request, err := decodeAdmin[roomRequest](r)
	if err != nil {
		return nil, err
	}
	id, err := h.addRoom(r.Context(), request)
	return roomReply{id}, err
}

func (h *house) adminCloseRoom(r *http.Request) (any, error) {
	return nil, h.hall.CloseRoom(r.Context(), rooms.RoomID(r.PathValue("room")))
}

func (h *house) adminListLinks(r *http.Request) (any, error) {
	return h.linkLines(rooms.RoomID(r.PathValue("room")), time.Now())
}

func (h *house) adminIssueLink(r *http.Request) (any, error) {
	request, err := decodeAdmin[linkRequest](r)
	if err != nil {
		return nil, err
	}
	return h.issueLink(r.Context(), request)
}

func (h *house) adminRevokeLink(r *http.Request) (any, error) {
	screens, err := h.hall.Revoke(r.Context(), rooms.LinkID(r.PathValue("link")))
	return revocation{Screens: screens}, err
}

func (h *house) adminErase(r *http.Request) (any, error) {
	request, err := decodeAdmin[eraseRequest](r)
	if err != nil {
		return nil, err
	}
	question, err := h.findQuestion(r.Context(), string(request.Question))
	if err != nil {
		return nil, err
	}
	return nil, h.hall.EraseQuestion(r.Context(), question)
}

// adminHistory sends one JSON line per thing that happened. A failure in the
// middle cuts the connection, so that half a history never passes for whole.
func (h *house) adminHistory(w http.ResponseWriter, r *http.Request) {
	keeper, known := h.hall.Room(rooms.RoomID(r.PathValue("room")))
	if !known {
		writeAdmin(w, h.log, nil, fail("room-unknown", "room", r.PathValue("room")))
		return
	}
	h.sendHistory(w, keeper.History(r.Context()))
}

func (h *house) sendHistory(w http.ResponseWriter, lines iter.Seq2[live.Line, error]) {
	out := json.NewEncoder(w)
	for line, err := range lines {
		if err != nil {
			h.log.Error("reading the history failed", zap.Error(err))
			panic(http.ErrAbortHandler)
		}
		out.Encode(historyLine{line.At, line.Text})
	}
}

// sweepCopies removes the copies that a server killed while it made them has
// left. The journal's lock proves that nobody makes one now.
func sweepCopies(data string) error {
	entries, err := os.ReadDir(data)
	for _, entry := range entries {
		if entry.IsDir() && strings.HasPrefix(entry.Name(), copyFolder) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(data, entry.Name())))
		}
	}
	if err != nil {
		return fail("data-unwritable", "path", data).because(err)
	}
	return nil
}

// ready tells whether a séance can be held now: the log takes entries and
// gives them back, and the media path carries.
func (h *house) ready(ctx context.Context) error {
	if h.leaving.Load() {
		return fail("shutdown")
	}
	if trouble := h.hall.LogTrouble(); trouble != "" {
		return fail(trouble)
	}
	if _, err := h.journal.Streams(ctx); err != nil {
		return err
	}
	return h.engine.Ready(ctx)
}

// alive tells whether the server's own loops go on: each room's owner and the
// housekeeper of the media answer. It asks neither the disk nor the network.
func (h *house) alive(ctx context.Context) error {
	for _, summary := range h.hall.Rooms() {
		if keeper, known := h.hall.Room(summary.ID); known {
			keeper.Links() // returns once the owner has answered
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return h.engine.Alive(ctx)
}

package main

import (
	"net/http"
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sys/unix"

	"antenne/rooms"
	"antenne/signaling"
)

// measuresHandler gives the figures of the server, and nothing about a person:
// no label names a viewer, a link or an address.
func (h *house) measuresHandler() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &gauge{h})
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{ErrorLog: quietLog(h.log)}))
	return mux
}

// gauge reads everything at the moment it is asked.
type gauge struct{ *house }

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("antenne_"+name, help, labels, nil)
}

var (
	descBuild      = describe("build_info", "The version that runs.", "version", "go")
	descRooms      = describe("rooms", "Rooms, by state.", "state")
	descWatches    = describe("class_watches", "Class connections that follow a room.")
	descCutOff     = describe("class_watches_cut_off_total", "Class connections cut off because they did not read.")
	descLogTrouble = describe("log_trouble", "1 while the log does not take entries, or does not give them back.")
	descClasses    = describe("class_connections", "Class connections open.")
	descStrangers  = describe("class_strangers", "Class connections that have not said hello yet.")
	descHellos     = describe("class_hellos_total", "Class connections that came in.")
	descCommands   = describe("class_commands_total", "Commands asked for by pages, by outcome.", "outcome")
	descMessages   = describe("class_messages_total", "Class messages, by direction.", "direction")
	descByes       = describe("class_byes_total", "Class connections ended by the server, by the code of its goodbye.", "code")
	descRefusals   = describe("refusals_total", "What the doors refused, by the code of the refusal.", "code")
	descSessions   = describe("media_sessions", "Media sessions open, publishers and viewers.")
	descAnswered   = describe("media_answers_total", "Offers answered, by door.", "door")
	descNameless   = describe("class_connections_nameless", "Class connections open without a link.")
	descOutsiders  = describe("media_viewers_nameless", "Media sessions that watch without a link.")
	descWatching   = describe("media_sessions_watching", "Of the media sessions, those that watch.")
	descLive       = describe("media_publications", "Publications that the rooms know, or shall know, of.")
	descUnlogged   = describe("media_publications_unlogged", "Publications that play although the log could not be told yet.")
	descRoomsOver  = describe("media_rooms_over_total", "Ended rooms whose media was closed for good.")
	descConducted  = describe("media_rooms", "Rooms with media.")
	descFreezes    = describe("media_page_freezes_total", "Times a face stood still and went on, as pages tell.")
	descRestarts   = describe("media_restarts_total", "Viewers' sessions that went on over another network.")
	descGuests     = describe("floor_guests", "Guests whose sound or picture is there.")
	descFloorEnds  = describe("floor_ends_total", "Guests' floors that ended, whoever ended them, by why.", "why")
	descFloorCuts  = describe("floor_cuts_total", "Guests' floors cut at the gates, before any log, by whose hand.", "by")
	descFloorLapse = describe("floor_lapses_total", "Guests' floors that the gates ended by themselves, before any log, by why.", "why")
	descPaired     = describe("paired_total", "Screens given their place, posts and phones let in by a code.")
	descCodeShown  = describe("screens_waiting", "Screens that show a code.")
	descDisk       = describe("data_disk_free_bytes", "Free space on the disk of the log.")
)

func (g *gauge) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(g, to) }

func (g *gauge) Collect(to chan<- prometheus.Metric) {
	var is level = func(desc *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	var counts total = func(desc *prometheus.Desc, value uint64, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(value), labels...)
	}
	is(descBuild, 1, version, runtime.Version())
	for state, count := range g.roomsByState() {
		is(descRooms, float64(count), string(state))
	}
	class := g.hall.Stats()
	is(descWatches, float64(class.Watches))
	counts(descCutOff, uint64(class.CutOff))

	is(descLogTrouble, oneIf(g.hall.LogTrouble() != ""))
	doors := g.doors.Stats()
	collectDoors(doors, is, counts)
	collectFloors(doors, class.Floors, is, counts)
	m := mediaFigures{Stats: g.engine.Stats(), is: is, counts: counts, to: to}
	m.collect()
	var disk unix.Statfs_t
	if unix.Statfs(g.settings.data, &disk) == nil {
		is(descDisk, float64(disk.Bavail)*float64(disk.Bsize))
	}
}

// level and total report one figure: one that goes up and down, one that only grows.
type (
	level func(desc *prometheus.Desc, value float64, labels ...string)
	total func(desc *prometheus.Desc, value uint64, labels ...string)
)

// collectDoors reads what came to the two doors. Its labels are codes and
// names of ours, so they are few.
func collectDoors(doors signaling.Stats, is level, counts total) {
	is(descClasses, float64(doors.Connections))
	is(descStrangers, float64(doors.Strangers))
	is(descSessions, float64(doors.MediaSessions))
	is(descWatching, float64(doors.Viewers))
	is(descConducted, float64(doors.Rooms))
	is(descNameless, float64(doors.Nameless))
	is(descOutsiders, float64(doors.NamelessViewers))
	is(descLive, float64(doors.Publications))
	is(descUnlogged, float64(doors.Unlogged))
	counts(descRoomsOver, doors.RoomsOver)
	counts(descHellos, doors.Hellos)
	counts(descCommands, doors.Commands, "done")
	counts(descCommands, doors.Refused, "refused")
	counts(descMessages, doors.MessagesIn, "in")
	counts(descMessages, doors.MessagesOut, "out")
	counts(descAnswered, doors.Published, "whip")
	counts(descAnswered, doors.Watched, "whep")
	counts(descFreezes, doors.Freezes)
	counts(descRestarts, doors.Restarted)
	for code, count := range doors.Byes {
		counts(descByes, count, code)
	}
	for code, count := range doors.Refusals {
		counts(descRefusals, count, code)
	}
}

// collectFloors reads what became of the guests. A reason that did not happen
// yet is told as well: whoever looks for one finds it.
func collectFloors(doors signaling.Stats, ends map[rooms.FloorWhy]int64, is level, counts total) {
	is(descGuests, float64(doors.Guests))
	is(descCodeShown, float64(doors.Waiting))
	counts(descPaired, doors.Paired)
	for _, why := range rooms.FloorWhys() {
		counts(descFloorEnds, uint64(ends[why]), string(why))
	}
	for _, by := range rooms.Sides() {
		counts(descFloorCuts, doors.Cuts[string(by)], string(by))
	}
	for _, why := range []rooms.FloorWhy{rooms.WhyAbsent, rooms.WhyTimeout, rooms.WhyRestart} {
		counts(descFloorLapse, doors.Lapses[string(why)], string(why))
	}
}

func (g *gauge) roomsByState() map[rooms.State]int {
	counts := map[rooms.State]int{rooms.Scheduled: 0, rooms.DoorsOpen: 0, rooms.OnAir: 0, rooms.Paused: 0, rooms.Ended: 0}
	for _, summary := range g.hall.Rooms() {
		counts[summary.State]++
	}
	return counts
}

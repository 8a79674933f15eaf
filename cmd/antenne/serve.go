package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"go.uber.org/zap"

	"antenne/rooms/journal"
	"antenne/rooms/live"
	"antenne/sfu"
	"antenne/signaling"
	"antenne/web"
)

// goodbye bounds how long the pages' last answers may take when the server stops.
const goodbye = 5 * time.Second

// collectAt is how much garbage, in per cent of what lives, is waited for: a server
// holds little that lives, and its machine has other tenants.
const collectAt = 40

// keepSmall holds unless the machine's owner says otherwise (GOGC).
func keepSmall() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
}

func serve(ctx context.Context, c *call) error {
	keepSmall()
	s, err := readSettings(c)
	if err != nil {
		return err
	}
	syscall.Umask(0o077) // whatever is written is this account's only
	log := newLog(c.stderr, s.log)
	warnOfStrangers(c, log)
	ctx, stop := onSignals(ctx, log)
	defer stop()

	server, err := openServer(ctx, s, log)
	if err != nil {
		return err
	}
	defer log.Info("stopped")
	defer server.close()
	server.start()
	if err := server.announce(ctx, c.stdout); err != nil && ctx.Err() == nil {
		return err
	}
	return server.wait(ctx, newSupervisor(c.getenv))
}

// warnOfStrangers names the ANTENNE_… variables that mean nothing: most often
// a slip of the hand.
func warnOfStrangers(c *call, log *zap.Logger) {
	for _, pair := range c.environ {
		name, _, _ := strings.Cut(pair, "=")
		known := slices.ContainsFunc(serveOptions, func(o option) bool { return o.env() == name })
		if strings.HasPrefix(name, "ANTENNE_") && !known {
			log.Warn("an environment variable is not an option of serve", zap.String("name", name))
		}
	}
}

// onSignals ends the context at the first SIGINT or SIGTERM; the second one
// ends the process.
func onSignals(ctx context.Context, log *zap.Logger) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for count := 0; ; count++ {
			if _, open := <-signals; !open {
				return
			}
			if count > 0 {
				log.Warn("stopped at once, at the second signal")
				os.Exit(exitFailed)
			}
			log.Info("stopping; a second signal stops at once")
			cancel()
		}
	}()
	return ctx, func() {
		signal.Ignore(syscall.SIGINT, syscall.SIGTERM) // all is closed: one more signal must not turn a good end into a killed one
		signal.Stop(signals)
		close(signals)
		<-done
		cancel()
	}
}

// server is a house with its doors open.
type server struct {
	house
	web       *http.Server
	admin     *http.Server
	measures  *http.Server
	listeners map[*http.Server]net.Listener
	serving   sync.WaitGroup
	broken    chan error // a listener ended by itself; one for each

	closers []func() error // in the order of opening
}

// openServer opens log, rooms, media, listeners, doors and pages, in this
// order, and closes what it had opened when one of them refuses. Nobody is
// answered before start.
func openServer(ctx context.Context, s settings, log *zap.Logger) (_ *server, err error) {
	v := &server{house: house{settings: s, log: log, started: time.Now()}, listeners: map[*http.Server]net.Listener{}, broken: make(chan error, 3)}
	defer func() {
		if err != nil {
			v.close()
		}
	}()
	for _, open := range []func(context.Context) error{
		v.openJournal, v.openHall, v.openEngine, v.openListeners, v.openDoors, v.openPages,
	} {
		if err := open(ctx); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func (v *server) later(closer func() error) { v.closers = append(v.closers, closer) }

func (v *server) openJournal(context.Context) (err error) {
	if v.journal, err = journal.OpenSQLite(v.settings.data); err != nil {
		return err
	}
	v.later(v.journal.Close)
	return sweepCopies(v.settings.data)
}

func (v *server) openHall(ctx context.Context) (err error) {
	if v.hall, err = live.OpenHall(ctx, v.journal, live.Config{Log: v.log}); err != nil {
		return err
	}
	v.later(v.hall.Close)
	return nil
}

func (v *server) openEngine(context.Context) (err error) {
	v.engine, err = sfu.New(sfu.Config{Media: v.settings.media, PublicIPs: v.settings.publicIPs, Limits: v.settings.limits, Log: v.log})
	if err != nil {
		return listenFailure(err, v.settings.media, "--media")
	}
	v.later(v.engine.Close)
	return nil
}

func (v *server) openListeners(context.Context) error {
	socket, err := listenAdmin(v.settings.data)
	if err != nil {
		return err
	}
	v.admin = v.serveLater(socket)
	v.admin.WriteTimeout = 0 // a backup, or a profile, takes its time
	measures, err := listen(v.settings.admin, "--admin")
	if err != nil {
		return err
	}
	v.measures = v.serveLater(measures)
	pages, err := listen(v.settings.http, "--http")
	if err != nil {
		return err
	}
	v.web = v.serveLater(pages)
	v.listening = pages.Addr().String()
	v.public = v.settings.publicURL(pages.Addr())
	return v.readCertificate()
}

// serveLater makes a server for a listener; its handler comes with the doors.
func (v *server) serveLater(l net.Listener) *http.Server {
	s := newHTTPServer(nil, v.log)
	v.listeners[s] = l
	v.later(func() error { l.Close(); return nil })
	return s
}

func (v *server) readCertificate() error {
	if v.settings.cert == "" {
		return nil
	}
	pair, err := loadCertificate(v.settings.cert, v.settings.key, v.log)
	if err != nil {
		return err
	}
	v.web.TLSConfig = pair.config()
	return nil
}

func (v *server) openDoors(context.Context) (err error) {
	v.doors, err = signaling.New(signaling.Config{
		Hall: v.hall, Engine: v.engine, Log: v.log, PublicURL: v.public, Origins: v.settings.origins,
		Address: v.settings.public, Draw: web.Code, Sheets: filepath.Join(v.settings.data, sheetFolder), Build: web.Build(),
	})
	return err
}

func (v *server) openPages(context.Context) error {
	shown := newProgramme(v.hall)
	pages, err := web.New(web.Config{Room: shown.room, Rooms: shown.rooms, PublicURL: v.settings.public})
	if err != nil {
		return err
	}
	v.web.Handler = v.publicHandler(v.doors.Handler(), pages)
	v.admin.Handler = v.adminHandler()
	v.measures.Handler = v.measuresHandler()
	return nil
}

func (v *server) publicHandler(doors, pages http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", pages)
	for _, path := range []string{"/whip/", "/whep/", "/floor/", "/ws", "/pair/", "/sheet/"} {
		mux.Handle(path, doors)
	}
	mux.HandleFunc("GET /healthz", sayWell)
	mux.HandleFunc("GET /readyz", v.sayReady())
	https := v.settings.cert != "" || strings.HasPrefix(v.settings.public, "https://")
	return behindProxy(overTLS(https, mux))
}

func sayWell(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	fmt.Fprintln(w, "ok")
}

// sayReady answers from a look at most a second old: strangers may ask, and
// each look sends packets.
func (v *server) sayReady() http.HandlerFunc {
	look := newGlance(time.Second, v.ready)
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if v.leaving.Load() || look.at(time.Now()) != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprintln(w, "not ready")
			return
		}
		fmt.Fprintln(w, "ready")
	}
}

// glance remembers the outcome of a look for a while.
type glance struct {
	keep time.Duration
	look func(context.Context) error

	mu      sync.Mutex // held while looking: the others wait and share the outcome
	outcome error
	until   time.Time
}

func newGlance(keep time.Duration, look func(context.Context) error) *glance {
	return &glance{keep: keep, look: look}
}

func (g *glance) at(now time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now.Before(g.until) {
		return g.outcome
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	g.outcome = g.look(ctx)
	g.until = now.Add(g.keep)
	return g.outcome
}

func (v *server) start() {
	for s, l := range v.listeners {
		v.serving.Add(1)
		go func() {
			defer v.serving.Done()
			if err := serveOn(s, l); !errors.Is(err, http.ErrServerClosed) {
				v.broken <- err
			}
		}()
	}
}

func serveOn(s *http.Server, l net.Listener) error {
	if s.TLSConfig != nil {
		return s.ServeTLS(l, "", "")
	}
	return s.Serve(l)
}

// announce tells that the doors are open; with --demo it prints its links,
// each line on standard output.
func (v *server) announce(ctx context.Context, out io.Writer) error {
	v.log.Info("open", zap.String("version", version), zap.String("address", v.public),
		zap.String("http", v.listening), zap.Int("media", v.engine.Port()), zap.Int("rooms", len(v.hall.Rooms())))
	if !v.settings.demo {
		return nil
	}
	links, err := v.demonstrate(ctx, time.Now())
	if err != nil {
		return err
	}
	for _, link := range links {
		fmt.Fprintln(out, link.line())
	}
	return nil
}

// wait serves until the context ends or a listener breaks.
func (v *server) wait(ctx context.Context, manager supervisor) error {
	manager.say("READY=1")
	defer manager.say("STOPPING=1")
	watching, stop := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() { manager.watch(watching, v.alive) })
	defer watch.Wait()
	defer stop()
	select {
	case <-ctx.Done():
		return nil
	case err := <-v.broken:
		return err
	}
}

// close puts everything away: whoever sends visitors here learns it first,
// then pages are told, while new ones are still answered that the server
// leaves; then the listeners end, then media, then the log.
func (v *server) close() {
	v.leaving.Store(true)
	if v.doors != nil {
		v.doors.Close()
	}
	ctx, cancel := context.WithTimeout(context.Background(), goodbye)
	defer cancel()
	for s := range v.listeners {
		if s.Shutdown(ctx) != nil {
			s.Close()
		}
	}
	v.serving.Wait()
	for _, closer := range slices.Backward(v.closers) {
		if err := closer(); err != nil && !errors.Is(err, net.ErrClosed) {
			v.log.Error("putting away failed", zap.Error(err))
		}
	}
}

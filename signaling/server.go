package signaling

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/zap"

	"antenne/rooms"
	"antenne/rooms/live"
	"antenne/sfu"
	"antenne/signaling/access"
)

// Config of a Server. Hall and Engine are needed and stay the caller's: close them after the Server.
type Config struct {
	Hall      *live.Hall
	Engine    *sfu.Engine
	Log       *zap.Logger // nil is silence
	PublicURL string      // "https://antenne.example.org"; its origin may open /ws
	// Address is where codes that are scanned lead; "" for where each request came to.
	Address string
	// Draw makes a picture (SVG) of such an address; without it codes are typed.
	Draw    func(address string) string
	Sheets  string           // the folder of the sheets that mediators bring, made when it is not there; "" for none
	Origins []string         // further origins that may
	Build   string           // names the pages that this server serves, told to each page; "" when it serves none
	Clock   func() time.Time // for the expiry of links; nil is time.Now
	Limits  Limits
}

// Limits bound what strangers can use. A zero takes the default.
type Limits struct {
	Sessions      int     // viewers' media sessions at once, a fifth of them kept for links; 5000
	Connections   int     // class connections at once, a fifth of them kept for links; 10000
	Strangers     int     // connections that have not said hello yet; 2000
	EachSessions  int     // viewers' media sessions without a link from one address, loopback apart; 300
	EachConnected int     // class connections without a link from one address, loopback apart; 300
	EachStrangers int     // connections of one address that have not said hello yet, loopback apart; 64
	RequestRate   float64 // media requests per second and address, loopback apart; 50
	RequestBurst  float64 // and in a burst; 300
	MessageRate   float64 // messages per second of a connection; 20
	MessageBurst  float64 // and in a burst; 40
	AskRate       float64 // questions per second of a connection without a link; 1/5
	AskBurst      float64 // and in a burst; 3
	EachAskRate   float64 // questions per second without a link from one address, loopback apart; 1/3
	EachAskBurst  float64 // and in a burst; 40
	WatchInterval time.Duration
	GuestAway     time.Duration // without a packet, or without a page, before a guest loses the floor; rooms.GuestAway

	WrongCodesEach float64       // wrong codes per minute of one address, loopback apart, or of one link; 10
	WrongCodes     float64       // and of all together, for each kind of code; 100
	CodeDelay      time.Duration // how long the answer to a code takes, whatever it is; 300 ms
	PairWait       time.Duration // how long a device that asks for news is kept waiting for it; 12 s
	Sheets         Pace          // of the sheets that mediators bring
}

func (l Limits) withDefaults() Limits {
	def := Limits{Sessions: 5000, Connections: 10000, Strangers: 2000, EachSessions: 300, EachConnected: 300, EachStrangers: 64,
		RequestRate: 50, RequestBurst: 300, MessageRate: 20, MessageBurst: 40,
		AskRate: 1.0 / 5, AskBurst: 3, EachAskRate: 20.0 / 60, EachAskBurst: 40, WatchInterval: 500 * time.Millisecond, GuestAway: rooms.GuestAway,
		WrongCodesEach: 10, WrongCodes: 100, CodeDelay: 300 * time.Millisecond, PairWait: pairWait}
	orDefault(&l.Sessions, def.Sessions)
	orDefault(&l.Connections, def.Connections)
	orDefault(&l.Strangers, def.Strangers)
	orDefault(&l.EachSessions, def.EachSessions)
	orDefault(&l.EachConnected, def.EachConnected)
	orDefault(&l.EachStrangers, def.EachStrangers)
	orDefault(&l.RequestRate, def.RequestRate)
	orDefault(&l.RequestBurst, def.RequestBurst)
	orDefault(&l.MessageRate, def.MessageRate)
	orDefault(&l.MessageBurst, def.MessageBurst)
	orDefault(&l.AskRate, def.AskRate)
	orDefault(&l.AskBurst, def.AskBurst)
	orDefault(&l.EachAskRate, def.EachAskRate)
	orDefault(&l.EachAskBurst, def.EachAskBurst)
	orDefault(&l.WatchInterval, def.WatchInterval)
	orDefault(&l.GuestAway, def.GuestAway)
	orDefault(&l.WrongCodesEach, def.WrongCodesEach)
	orDefault(&l.WrongCodes, def.WrongCodes)
	orDefault(&l.CodeDelay, def.CodeDelay)
	orDefault(&l.PairWait, def.PairWait)
	l.Sheets = l.Sheets.withDefaults()
	return l
}

func orDefault[T int | float64 | time.Duration](v *T, def T) {
	if *v == 0 {
		*v = def
	}
}

// How long one act may take.
const (
	decideWithin = 8 * time.Second // one command, the disk included
	offerWithin  = 10 * time.Second
)

// Server is the two doors. See the package's description for its goroutines and locks.
type Server struct {
	// Static after construction.
	hall     *live.Hall
	engine   *sfu.Engine
	log      *zap.Logger
	clock    func() time.Time
	build    string
	limits   Limits
	address  string                      // where codes that are scanned lead, without a final slash; "" for where the request came to
	draw     func(address string) string // nil for no pictures
	origins  map[string]struct{}
	gate     access.Gate
	mux      *http.ServeMux
	requests *rationer
	asking   *rationer // questions without a link
	sessions *sessions
	watching *seats // viewers' media sessions
	met      *seats // class connections after their hello
	unmet    *seats // and before
	pairing  *pairing

	sheets  *sheetStore // nil for none
	uploads *uploads

	life context.Context // ends when Close begins
	stop context.CancelFunc

	counters counters
	running  sync.WaitGroup // every goroutine and connection; added to under mu while not closing

	mu         sync.Mutex
	closing    bool                         // owned under mu
	conductors map[rooms.RoomID]*conductor  // owned under mu
	sockets    map[*socket]struct{}         // owned under mu
	meeting    map[*websocket.Conn]struct{} // owned under mu: connections whose hello is being waited for
}

// New opens the doors of a hall. Rooms whose mediator was on when the last server ended are told that the
// media is gone: it comes back by itself with the mediator's page.
func New(c Config) (*Server, error) {
	s := &Server{
		hall: c.Hall, engine: c.Engine, log: c.Log, clock: c.Clock, build: c.Build, limits: c.Limits.withDefaults(),
		address: strings.TrimSuffix(c.Address, "/"), draw: c.Draw,
		origins: allowedOrigins(c.PublicURL, c.Origins), mux: http.NewServeMux(), sessions: newSessions(),
		conductors: map[rooms.RoomID]*conductor{}, sockets: map[*socket]struct{}{}, meeting: map[*websocket.Conn]struct{}{},
	}
	if s.log == nil {
		s.log = zap.NewNop()
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	s.requests = newRationer(s.limits.RequestRate, s.limits.RequestBurst)
	s.asking = newRationer(s.limits.EachAskRate, s.limits.EachAskBurst)
	s.watching = newSeats(s.limits.Sessions, s.limits.EachSessions)
	s.met = newSeats(s.limits.Connections, s.limits.EachConnected)
	s.unmet = newSeats(s.limits.Strangers, s.limits.EachStrangers)
	s.pairing = newPairing(s.limits)
	s.uploads = newUploads()
	if c.Sheets != "" {
		var err error
		if s.sheets, err = openSheets(c.Sheets); err != nil {
			return nil, err
		}
	}
	s.unmet.nameless = s.unmet.most // before hello nobody has a name
	s.gate = access.Gate{Links: c.Hall, Room: s.facts}
	s.life, s.stop = context.WithCancel(context.Background())
	s.routes()
	s.settle()
	s.running.Add(1)
	go s.watchman()
	if s.sheets != nil {
		s.running.Go(s.keepSheets)
	}
	return s, nil
}

// Handler serves /whip/, /whep/, /floor/, /ws, /pair/ and /sheet/.
func (s *Server) Handler() http.Handler { return s.mux }

func (s *Server) routes() {
	s.mux.HandleFunc("/whip/{room}", s.media(access.Whip))
	s.mux.HandleFunc("/whip/{room}/slides", s.media(access.WhipSlides))
	s.mux.HandleFunc("/whip/{room}/camera2", s.media(access.WhipCamera2))
	s.mux.HandleFunc("/whip/{room}/guest", s.media(access.WhipGuest))
	s.mux.HandleFunc("/whip/{room}/sessions/{id}", s.session)
	s.mux.HandleFunc("/whep/{room}", s.media(access.Whep))
	s.mux.HandleFunc("/whep/{room}/sessions/{id}", s.session)
	s.mux.HandleFunc("/whip/", s.nowhere)
	s.mux.HandleFunc("/whep/", s.nowhere)
	s.mux.HandleFunc("/ws", s.class)
	s.mux.HandleFunc("/floor/{room}", s.inJSON(map[string]answering{http.MethodPost: s.acceptFloor}))
	s.pairRoutes()
	s.sheetRoutes()
}

func (s *Server) nowhere(w http.ResponseWriter, r *http.Request) {
	s.fail(w, r, refuse(codePath))
}

// settle notes the loss of every source that the log still believes to be up, and gives no guest the floor back. What the log does not take now, the room's
// conductor says later.
func (s *Server) settle() {
	for _, room := range s.hall.Rooms() {
		keeper, ok := s.hall.Room(room.ID)
		if !ok {
			continue
		}
		now := keeper.State()
		if len(now.Air.Up) == 0 && now.Floor.Grant == "" {
			continue
		}
		c, err := s.conductor(room.ID)
		if err != nil {
			continue
		}
		if now.Floor.Grant != "" {
			c.endFloor(now.Floor.Grant, rooms.WhyRestart)
		}
		if !c.tidy() {
			ring(c.errand)
		}
	}
}

// start runs f as one of the goroutines that Close waits for; false when the server is closing.
func (s *Server) start(f func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.running.Go(f)
	return true
}

// conductor of a room, made when the room first needs one. An ended room needs none.
func (s *Server) conductor(id rooms.RoomID) (*conductor, error) {
	keeper, ok := s.hall.Room(id)
	if !ok {
		return nil, refuse(access.CodeRoomUnknown)
	}
	if keeper.Summary().State == rooms.Ended {
		return nil, refuse(codeRoomEnded) // there is nothing to wait for, and nothing to say but « reprendre »
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return nil, errClosing
	}
	c, ok := s.conductors[id]
	if !ok {
		c = newConductor(s, id, keeper)
		s.conductors[id] = c
		s.running.Go(c.run)
		s.running.Go(c.clerk)
	}
	return c, nil
}

// Close says goodbye to every connection, ends every media session, logs that the sources are down and waits for
// all of it; whoever comes meanwhile is answered that the server closes. Close the HTTP listeners, the Engine and the Hall after.
func (s *Server) Close() error {
	s.mu.Lock()
	already := s.closing
	s.closing = true
	sockets := make([]*socket, 0, len(s.sockets))
	for k := range s.sockets {
		sockets = append(sockets, k)
	}
	s.stop()
	for ws := range s.meeting {
		_ = ws.NetConn().SetReadDeadline(time.Unix(1, 0)) // wakes it: there will be no hello
	}
	s.mu.Unlock()
	if !already {
		for _, k := range sockets {
			k.leave(codeShutdown, nil)
		}
		s.sessions.endAll(sfu.ReasonShutdown)
	}
	s.running.Wait()
	return nil
}

// watchman looks for what nobody announces: links that were revoked, sessions that ended, rooms that are over.
func (s *Server) watchman() {
	defer s.running.Done()
	tick := time.NewTicker(s.limits.WatchInterval)
	defer tick.Stop()
	for {
		select {
		case <-s.life.Done():
			return
		case <-tick.C:
			s.sessions.forgetEnded(s.clock())
			s.pairing.sweep(s.clock())
			s.endRevoked()
			s.endOver()
			s.lookAfterGuests()
		}
	}
}

// endOver closes the media of rooms that have ended for longer than an end can be undone, and forgets them.
func (s *Server) endOver() {
	now := s.clock()
	s.mu.Lock()
	var over []*conductor
	for id, c := range s.conductors {
		room := c.keeper.Summary()
		if room.State == rooms.Ended && now.Sub(room.EndedAt) > rooms.ReopenFor {
			over = append(over, c)
			delete(s.conductors, id)
		}
	}
	s.mu.Unlock()
	for _, c := range over {
		c.finish()
		s.counters.roomsOver.Add(1)
	}
}

// endRevoked ends whatever entered by a link that has been revoked since. A link that merely expires lets in nobody new
// and cuts nobody who is in; that the source ends is then logged by the house, since the link may say nothing more.
func (s *Server) endRevoked() {
	revoked := s.revocations()
	s.mu.Lock()
	var gone []*socket
	for k := range s.sockets {
		if revoked(k.ticket()) {
			gone = append(gone, k)
		}
	}
	s.mu.Unlock()
	for _, k := range gone {
		k.leave(codeLinkRevoked, nil)
	}
	for _, m := range s.sessions.where(func(m *session) bool { return revoked(m.ticket) }) {
		m.end(sfu.ReasonRevoked)
	}
}

// revocations answers for one round: each link is looked up once.
func (s *Server) revocations() func(ticket) bool {
	now := s.clock()
	known := map[ticket]bool{}
	return func(t ticket) bool {
		if t == (ticket{}) {
			return false
		}
		gone, asked := known[t]
		if !asked {
			_, err := s.hall.Resolve(t, now)
			gone = err != nil && refusalOf(err).code == codeLinkRevoked
			known[t] = gone
		}
		return gone
	}
}

func remote(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap().WithZone("")
}

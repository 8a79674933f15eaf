package stock

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"

	"github.com/google/uuid"
	"github.com/pion/ice/v2"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v3"
)

const maxOffer = 128 << 10

type server struct {
	api         *webrtc.API
	certificate webrtc.Certificate
	mux         *ice.UDPMuxDefault
	paths       *http.ServeMux
	running     sync.WaitGroup // readers of tracks and of reports

	mu       sync.Mutex
	rooms    map[string]*room    // guarded by mu
	sessions map[string]*session // guarded by mu
	closed   bool                // guarded by mu
}

// session is one PeerConnection.
type session struct {
	id        string
	pc        *webrtc.PeerConnection
	viewer    bool
	connected func() // set before the answer; nil for publishers
}

func listen(media string) (*Server, error) {
	address, err := net.ResolveUDPAddr("udp", media)
	if err != nil {
		return nil, fmt.Errorf("stock: %w", err)
	}
	conn, err := net.ListenUDP("udp", address)
	if err != nil {
		return nil, fmt.Errorf("stock: %w", err)
	}
	quiet := &logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled}
	mux := ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: conn, Logger: quiet.NewLogger("ice")})
	s := &Server{server{mux: mux, rooms: map[string]*room{}, sessions: map[string]*session{}}}
	if err := s.prepare(quiet); err != nil {
		return nil, errors.Join(err, mux.Close())
	}
	s.route()
	return s, nil
}

func (s *server) prepare(quiet logging.LoggerFactory) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	certificate, err := webrtc.GenerateCertificate(key)
	if err != nil {
		return err
	}
	s.certificate = *certificate
	media, interceptors := &webrtc.MediaEngine{}, &interceptor.Registry{}
	if err := media.RegisterDefaultCodecs(); err != nil {
		return err
	}
	for _, uri := range []string{sdp.SDESMidURI, sdp.SDESRTPStreamIDURI, sdp.SDESRepairRTPStreamIDURI} { // what simulcast needs
		if err := media.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uri}, webrtc.RTPCodecTypeVideo, webrtc.RTPTransceiverDirectionRecvonly); err != nil {
			return err
		}
	}
	if err := webrtc.RegisterDefaultInterceptors(media, interceptors); err != nil {
		return err
	}
	settings := webrtc.SettingEngine{LoggerFactory: quiet}
	settings.SetLite(true)
	settings.SetICEUDPMux(s.mux)
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.api = webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(interceptors), webrtc.WithSettingEngine(settings))
	return nil
}

func (s *server) route() {
	s.paths = http.NewServeMux()
	s.paths.HandleFunc("POST /whip/{room}", s.publish)
	s.paths.HandleFunc("POST /whep/{room}", s.view)
	s.paths.HandleFunc("DELETE /sessions/{id}", s.leave)
}

func (s *server) serve(w http.ResponseWriter, r *http.Request) { s.paths.ServeHTTP(w, r) }

func (s *server) publish(w http.ResponseWriter, r *http.Request) {
	s.admit(w, r, false, func(one *session, offer string) error {
		stream := newStream(one.pc, highestRID(offer))
		s.room(r.PathValue("room")).replace(stream)
		one.pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { s.started(func() { stream.forward(track) }) })
		return nil
	})
}

func (s *server) view(w http.ResponseWriter, r *http.Request) {
	s.admit(w, r, true, func(one *session, _ string) error {
		stream := s.room(r.PathValue("room")).current()
		if stream == nil {
			return errNobody
		}
		one.connected = stream.askKeyframe
		return stream.show(one.pc, s.started)
	})
}

func (s *server) leave(w http.ResponseWriter, r *http.Request) {
	if !s.drop(r.PathValue("id")) {
		http.NotFound(w, r)
	}
}

// admit answers the offer of one session that prepare fits out.
func (s *server) admit(w http.ResponseWriter, r *http.Request, viewer bool, prepare func(*session, string) error) {
	offer, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxOffer))
	if err != nil {
		http.Error(w, "the offer is too large", http.StatusRequestEntityTooLarge)
		return
	}
	pc, err := s.api.NewPeerConnection(webrtc.Configuration{Certificates: []webrtc.Certificate{s.certificate}})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	one := &session{id: uuid.NewString(), pc: pc, viewer: viewer}
	answer, err := s.negotiate(one, string(offer), prepare)
	if err != nil {
		_ = pc.Close()
		http.Error(w, err.Error(), statusOf(err))
		return
	}
	w.Header().Set("Content-Type", "application/sdp")
	w.Header().Set("Location", "/sessions/"+one.id)
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, answer)
}

func statusOf(err error) int {
	switch {
	case errors.Is(err, errNobody):
		return http.StatusNotFound
	case errors.Is(err, errClosed):
		return http.StatusServiceUnavailable
	}
	return http.StatusBadRequest
}

func (s *server) negotiate(one *session, offer string, prepare func(*session, string) error) (string, error) {
	pc := one.pc
	if err := s.keep(one); err != nil {
		return "", err
	}
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return "", errors.Join(err, s.forget(one))
	}
	if err := prepare(one, offer); err != nil {
		return "", errors.Join(err, s.forget(one))
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	answer, err := pc.CreateAnswer(nil)
	if err != nil {
		return "", errors.Join(err, s.forget(one))
	}
	if err := pc.SetLocalDescription(answer); err != nil {
		return "", errors.Join(err, s.forget(one))
	}
	<-gathered
	return pc.LocalDescription().SDP, nil
}

var (
	errNobody = errors.New("nobody teaches here")
	errClosed = errors.New("the server is closed")
)

func (s *server) keep(one *session) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errClosed
	}
	s.sessions[one.id] = one
	one.pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		switch {
		case state == webrtc.PeerConnectionStateFailed:
			s.drop(one.id)
		case state == webrtc.PeerConnectionStateConnected && one.connected != nil:
			one.connected()
		}
	})
	return nil
}

// forget is for a session that never was.
func (s *server) forget(one *session) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, one.id)
	return nil
}

func (s *server) drop(id string) bool {
	s.mu.Lock()
	one := s.sessions[id]
	delete(s.sessions, id)
	s.mu.Unlock()
	if one == nil {
		return false
	}
	_ = one.pc.Close()
	return true
}

// started runs a reader, unless the server is closed.
func (s *server) started(read func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.running.Go(read)
	}
}

func (s *server) room(name string) *room {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms[name]
	if r == nil {
		r = &room{}
		s.rooms[name] = r
	}
	return r
}

func (s *server) viewers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, one := range s.sessions {
		if one.viewer && one.pc.ConnectionState() == webrtc.PeerConnectionStateConnected {
			n++
		}
	}
	return n
}

func (s *server) close() error {
	s.mu.Lock()
	s.closed = true
	ids := make([]string, 0, len(s.sessions))
	for id := range s.sessions {
		ids = append(ids, id)
	}
	s.mu.Unlock()
	for _, id := range ids {
		s.drop(id)
	}
	err := s.mux.Close()
	s.running.Wait()
	return err
}

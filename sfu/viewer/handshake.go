package viewer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/logging"
	"github.com/pion/srtp/v3"

	"antenne/sfu/egress"
)

const (
	flightEvery = 150 * time.Millisecond // before dtls sends a flight again, then twice as long each time
	recordsMTU  = 1200                   // bytes of a datagram of the handshake
	maxResent   = 16                     // times the last flight is sent again
)

// keys is what a handshake leaves.
type keys struct {
	out      *sealer
	in       *opener
	goodbyes goodbyes
	flight   []byte
}

var (
	errNoProfile = errors.New("viewer: a handshake without an SRTP profile")
	errFault     = errors.New("viewer: a fault in the handshake")
)

// takeRecords takes a datagram of DTLS.
func (s *Session) takeRecords(b []byte) {
	switch reason, over, ok := s.advance(b); {
	case over:
		s.end(EndClosed)
	case !ok:
		s.server.count.drop(reason)
	}
}

func (s *Session) advance(b []byte) (reason dropReason, over, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch s.stage {
	case waiting:
		reason, ok = s.begin(b)
	case shaking:
		reason, ok = dropHandshakeFull, s.shake.pipe.push(b)
	case open:
		return s.afterwards(b)
	default:
		reason = dropLate
	}
	return reason, false, ok
}

// begin asks for a handshake at the first ClientHello.
func (s *Session) begin(b []byte) (dropReason, bool) {
	if !beginsHandshake(b) {
		return dropEarly, false
	}
	ctx, stop := context.WithCancel(context.Background())
	shake := &handshake{pipe: newPipe(s.send, s.server.computing), ctx: ctx, stop: stop}
	if !s.server.enter(visit{s, egress.NetworkOf(s.to.Load().Addr().Addr())}) {
		stop()
		return dropHandshakeWait, false // the client asks again
	}
	s.stage, s.shake = shaking, shake
	return dropHandshakeFull, shake.pipe.push(b)
}

// afterwards reads the records that come when dtls is gone: a goodbye, or a
// client that did not get our last flight and sends its own again.
func (s *Session) afterwards(b []byte) (reason dropReason, over, ok bool) {
	reason = dropLate
	for r := range records(b) {
		switch {
		case r.epoch != 1:
		case r.kind == recordAlert:
			authentic, ends := s.goodbyes.ends(r)
			if ends {
				return 0, true, true
			}
			reason, ok = dropAlertForged, authentic
		case r.kind == recordHandshake && s.flight != nil && s.resent < maxResent:
			s.resent++
			s.server.count.resent.Add(1)
			s.send(s.flight) // the same bytes: nothing is sealed anew
			ok = true
		}
	}
	return reason, false, ok
}

// handshake has its own time, and one that is over with nothing done has failed.
func (s *Server) handshake(shake *handshake, v *Session, fingerprints []Fingerprint) (k *keys, err error) {
	defer func() {
		if r := recover(); r != nil {
			k, err = nil, errors.Join(errFault, fmt.Errorf("%v", r))
		}
	}()
	ctx, stop := context.WithTimeout(shake.ctx, s.config.Handshake)
	defer stop()
	conn, err := dtls.ServerWithOptions(shake.pipe, nowhere{}, s.options(v.onlyAEAD, fingerprints)...)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	profile, ok := conn.SelectedSRTPProtectionProfile()
	if !ok {
		return nil, errNoProfile
	}
	flight, next := shake.pipe.mute() // before conn is closed
	state, ok := conn.ConnectionState()
	if !ok {
		return nil, errFault
	}
	if err := verify(fingerprints, state.PeerCertificates); err != nil {
		return nil, err
	}
	return newKeys(&state, srtp.ProtectionProfile(profile), flight, next)
}

// options of a handshake. Our order of profiles decides, and GCM is the
// cheapest to seal. The address was proved by ICE: no cookie is asked for.
func (s *Server) options(onlyAEAD bool, fingerprints []Fingerprint) []dtls.ServerOption {
	profiles := []dtls.SRTPProtectionProfile{dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AEAD_AES_256_GCM}
	if !onlyAEAD {
		profiles = append(profiles, dtls.SRTP_AES128_CM_HMAC_SHA1_80)
	}
	return []dtls.ServerOption{
		dtls.WithCertificates(s.certificate),
		dtls.WithCipherSuites(suites...),
		dtls.WithClientAuth(dtls.RequireAnyClientCert),
		dtls.WithVerifyPeerCertificate(verifier(fingerprints)),
		dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret),
		dtls.WithSRTPProtectionProfiles(profiles...),
		dtls.WithInsecureSkipVerifyHello(true),
		dtls.WithFlightInterval(flightEvery),
		dtls.WithMTU(recordsMTU),
		dtls.WithLoggerFactory(silence),
	}
}

// silence: the logs of dtls are not ours to judge line by line.
var silence = &logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled}

// newKeys makes the two ways of SRTP (RFC 5764 §4.2) and the keys of alerts.
func newKeys(state *dtls.State, profile srtp.ProtectionProfile, flight []byte, next uint64) (*keys, error) {
	c := srtp.Config{Profile: profile}
	if err := c.ExtractSessionKeysFromDTLS(state, false); err != nil {
		return nil, err
	}
	out, err := newSealer(c.Keys.LocalMasterKey, c.Keys.LocalMasterSalt, profile)
	if err != nil {
		return nil, err
	}
	in, err := srtp.CreateContext(c.Keys.RemoteMasterKey, c.Keys.RemoteMasterSalt, profile, srtp.SRTCPReplayProtection(64))
	if err != nil {
		return nil, err
	}
	g, err := newGoodbyes(state, next)
	if err != nil {
		return nil, err
	}
	return &keys{
		out: out,
		in:  &opener{context: in}, goodbyes: g, flight: append([]byte(nil), flight...),
	}, nil
}

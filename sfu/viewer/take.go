package viewer

import (
	"bytes"
	"fmt"
	"net/netip"

	"go.uber.org/zap"

	"antenne/sfu/egress"
)

// Take looks at a datagram that came in on c, which it borrows. It reports true
// when the datagram was a viewer's, whatever became of it: it came from the
// address of a session, or it is a check that names one. Different origins may
// call it at the same time.
func (s *Server) Take(c egress.Origin, datagram []byte, from netip.AddrPort) (taken bool) {
	if len(datagram) == 0 {
		return false
	}
	key := address{c, netip.AddrPortFrom(from.Addr().Unmap(), from.Port())}
	defer s.survive(key, &taken)
	if datagram[0] < 4 {
		return s.takeSTUN(datagram, key)
	}
	v := s.byAddress(key)
	if v == nil {
		return false
	}
	v.take(datagram, key)
	return true
}

// survive keeps a fault in the code below to the session that brought it out.
func (s *Server) survive(key address, taken *bool) {
	r := recover()
	if r == nil {
		return
	}
	*taken = true
	s.count.drop(dropPanic)
	s.config.Log.Error("a viewer's datagram brought out a fault", zap.String("fault", fmt.Sprint(r)), zap.Stack("stack"))
	if v := s.byAddress(key); v != nil {
		v.end(EndFailed)
	}
}

func (s *Server) takeSTUN(b []byte, key address) bool {
	m, ok := parseMessage(b)
	if ok && m.kind == stunRequest {
		ours, _, _ := bytes.Cut(m.username, []byte{':'})
		v := s.byUfrag(ours)
		if v == nil {
			return false
		}
		v.check(&m, key)
		return true
	}
	v, rival := s.holders(key)
	switch {
	case v == nil:
		return false
	case !ok:
		s.count.drop(dropSTUNMalformed)
	case m.kind == stunSuccess:
		if !v.prove(&m, key) && (rival == nil || !rival.prove(&m, key)) {
			s.count.drop(dropSTUNUnexpected)
		}
	case m.kind == stunError:
		s.count.drop(dropSTUNUnexpected)
	} // else an indication: a NAT is kept open (RFC 8445 §11)
	return true
}

// take tells the protocols of a session apart (RFC 7983 §7, RFC 5761 §4).
func (v *Session) take(b []byte, key address) {
	switch first := b[0]; {
	case first >= 20 && first < 64:
		v.takeRecords(b)
	case first >= 128 && first < 192 && len(b) > 1 && b[1] >= 192 && b[1] < 224:
		v.takeReport(b, key)
	case first >= 128 && first < 192:
		v.server.count.drop(dropUpstream)
	default:
		v.server.count.drop(dropUnknown)
	}
}

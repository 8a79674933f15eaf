package peer

import (
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/pion/stun/v3"
)

const (
	consentEvery = 2500 * time.Millisecond
	consentLasts = 30 * time.Second // RFC 7675 §5.1
	firstRetry   = 50 * time.Millisecond
	lastRetry    = 800 * time.Millisecond
	prflxFirst   = 110<<24 | 65535<<8 | 255 // PRIORITY of our checks (RFC 8445 §5.1.2)
)

// agent is a controlling full agent (RFC 8445) cut down to what a viewer needs:
// a check to each candidate until one answers, that one nominated, consent
// afterwards (RFC 7675). The member's poller owns it.
type agent struct {
	local, remote credentials
	candidates    []netip.AddrPort
	tie           uint64

	probes    []([stun.TransactionIDSize]byte) // one for each candidate
	chosen    netip.AddrPort                   // valid once one answered
	nominated bool                             // it answered the check that nominates, too
	current   [stun.TransactionIDSize]byte     // newest check of the chosen pair
	sentAt    int64
	nextCheck int64
	retry     time.Duration
	answered  int64 // newest answer of the chosen pair
	roundTrip time.Duration
}

// tick sends what is due.
func (a *agent) tick(now int64, s *socket) {
	if now < a.nextCheck {
		return
	}
	switch {
	case a.nominated:
		a.check(now, s)
		a.nextCheck = now + int64(consentEvery)
	case a.chosen.IsValid():
		a.check(now, s)
		a.backOff(now)
	default:
		a.probe(s)
		a.backOff(now)
	}
}

func (a *agent) backOff(now int64) {
	a.retry = min(max(2*a.retry, firstRetry), lastRetry)
	a.nextCheck = now + int64(a.retry)
}

// probe checks every candidate; the only one is nominated at once.
func (a *agent) probe(s *socket) {
	if a.probes == nil {
		for range a.candidates {
			a.probes = append(a.probes, stun.NewTransactionID())
		}
	}
	for i, to := range a.candidates {
		s.send(a.request(a.probes[i], len(a.candidates) == 1), to)
	}
}

// check is for the chosen pair: it nominates, and keeps consent.
func (a *agent) check(now int64, s *socket) {
	a.current, a.sentAt = stun.NewTransactionID(), now
	s.send(a.request(a.current, true), a.chosen)
}

func (a *agent) request(id [stun.TransactionIDSize]byte, nominate bool) []byte {
	setters := []stun.Setter{
		stun.NewTransactionIDSetter(id), stun.BindingRequest, stun.NewUsername(a.remote.ufrag + ":" + a.local.ufrag),
		&stun.RawAttribute{Type: stun.AttrICEControlling, Value: binary.BigEndian.AppendUint64(nil, a.tie)},
		&stun.RawAttribute{Type: stun.AttrPriority, Value: binary.BigEndian.AppendUint32(nil, prflxFirst)},
	}
	if nominate {
		setters = append(setters, &stun.RawAttribute{Type: stun.AttrUseCandidate})
	}
	setters = append(setters, stun.NewShortTermIntegrity(a.remote.password), stun.Fingerprint)
	m, err := stun.Build(setters...)
	if err != nil {
		return nil // only for a user name longer than STUN allows
	}
	return m.Raw
}

// take handles a STUN message. It reports whether the pair became nominated.
func (a *agent) take(b []byte, now int64, s *socket) (nominated bool) {
	m := &stun.Message{Raw: b}
	if m.Decode() != nil {
		return false
	}
	switch m.Type {
	case stun.BindingSuccess:
		if stun.NewShortTermIntegrity(a.remote.password).Check(m) != nil {
			return false
		}
		return a.takeAnswer(m.TransactionID, now, s)
	case stun.BindingRequest:
		a.reply(m, s)
	}
	return false
}

func (a *agent) takeAnswer(id [stun.TransactionIDSize]byte, now int64, s *socket) (nominated bool) {
	if a.chosen.IsValid() {
		if id != a.current {
			return false
		}
		a.answered, a.roundTrip = now, time.Duration(now-a.sentAt)
		if a.nominated {
			return false
		}
		return a.nominate(now, s)
	}
	for i, probe := range a.probes {
		if id != probe {
			continue
		}
		a.chosen, a.answered, a.retry = a.candidates[i], now, 0
		if len(a.candidates) == 1 {
			return a.nominate(now, s)
		}
		a.check(now, s)
		a.backOff(now)
		return false
	}
	return false
}

func (a *agent) nominate(now int64, s *socket) bool {
	a.nominated = true
	a.nextCheck = now + int64(consentEvery)
	s.connect(a.chosen)
	return true
}

// reply answers a check of a server that is a full agent.
func (a *agent) reply(m *stun.Message, s *socket) {
	if !a.chosen.IsValid() || stun.NewShortTermIntegrity(a.local.password).Check(m) != nil {
		return
	}
	to := a.chosen
	answer, err := stun.Build(m, stun.BindingSuccess,
		&stun.XORMappedAddress{IP: to.Addr().AsSlice(), Port: int(to.Port())},
		stun.NewShortTermIntegrity(a.local.password), stun.Fingerprint)
	if err == nil {
		s.send(answer.Raw, to)
	}
}

// lost tells that the other side fell silent.
func (a *agent) lost(now int64) bool {
	return a.nominated && now-a.answered > int64(consentLasts)
}

package signaling

import (
	"net/netip"
	"sync"
	"time"

	"antenne/rooms"
)

const (
	screenCodeLasts = 10 * time.Minute
	screenCodeSaid  = 10 * time.Minute // and so long after it is still told from a wrong one
	screenGone      = time.Minute      // a waiting screen that has not asked for so long makes room for others
	mostWaiting     = 2000             // screens that wait for their place, in all
	mostWaitingEach = 200              // and from one address, loopback apart: a town's centres may have one between them
	screenTokenKept = 2 * time.Minute  // for a screen that did not get the answer
)

// waitingScreen is a screen that shows its code. All of it belongs to waitingScreens.mu, but for news.
type waitingScreen struct {
	code    joinCode
	secret  ticket       // the hash of what it asks with
	from    netip.Prefix // not valid where addresses do not count
	expires time.Time
	asked   time.Time    // when it last asked
	by      rooms.LinkID // who confirms, or has confirmed, it; "" for nobody yet
	paired  *pairedScreen
	news    chan struct{} // closed when it is paired
}

// pairedScreen is what a confirmed screen is told. Static.
type pairedScreen struct {
	token    string
	site     rooms.SiteID
	siteName string
}

// waitingScreens is the register of the screens that show a code: bounded, and everything in it expires.
type waitingScreens struct {
	mu       sync.Mutex
	byCode   map[joinCode]*waitingScreen // owned under mu, as what follows
	bySecret map[ticket]*waitingScreen
	from     map[netip.Prefix]int // of those who wait; never a zero
}

func newWaitingScreens() *waitingScreens {
	return &waitingScreens{byCode: map[joinCode]*waitingScreen{}, bySecret: map[ticket]*waitingScreen{}, from: map[netip.Prefix]int{}}
}

// add gives a screen its code.
func (w *waitingScreens) add(secret ticket, from netip.Addr, now time.Time) (*waitingScreen, error) {
	at, counts := household(from)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sweepLocked(now, screenGone)
	switch {
	case len(w.byCode) >= mostWaiting:
		return nil, refuse(codePairFull)
	case counts && w.from[at] >= mostWaitingEach:
		return nil, refuse(codePairFull)
	}
	code := newCode()
	for w.byCode[code] != nil {
		code = newCode()
	}
	one := &waitingScreen{code: code, secret: secret, from: at, expires: now.Add(screenCodeLasts), asked: now, news: make(chan struct{})}
	w.byCode[code], w.bySecret[secret] = one, one
	if counts {
		w.from[at]++
	}
	return one, nil
}

// asks finds the screen that asks with its secret. Refusals: code-unknown, code-expired.
func (w *waitingScreens) asks(secret ticket, now time.Time) (news <-chan struct{}, paired *pairedScreen, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	one := w.bySecret[secret]
	switch {
	case one == nil:
		return nil, nil, refuse(codeCodeUnknown)
	case !now.Before(one.expires):
		return nil, nil, refuse(codeCodeExpired)
	}
	one.asked = now
	return one.news, one.paired, nil
}

// reserve gives the screen that shows this code to who confirms it. again is set when they have done so already. Refusals:
// code-unknown, code-expired, code-used.
func (w *waitingScreens) reserve(code joinCode, by rooms.LinkID, now time.Time) (one *waitingScreen, again *pairedScreen, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	one = w.byCode[code]
	switch {
	case one == nil:
		return nil, nil, refuse(codeCodeUnknown)
	case one.by != "" && one.by != by:
		return nil, nil, refuse(codeCodeUsed)
	case one.paired != nil:
		return one, one.paired, nil
	case one.by != "": // the same tap, twice, while the first is written down
		return nil, nil, refuse(codeCodeUsed)
	case !now.Before(one.expires):
		return nil, nil, refuse(codeCodeExpired)
	}
	one.by = by
	return one, nil, nil
}

// settle ends what reserve began: paired is nil when it came to nothing.
func (w *waitingScreens) settle(one *waitingScreen, paired *pairedScreen, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if paired == nil {
		one.by = ""
		return
	}
	one.paired, one.expires = paired, now.Add(screenTokenKept)
	close(one.news)
}

// sweep forgets what has expired.
func (w *waitingScreens) sweep(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sweepLocked(now, screenCodeLasts)
}

// sweepLocked forgets what has expired, and screens that have not asked for so long: their page is gone.
func (w *waitingScreens) sweepLocked(now time.Time, silence time.Duration) {
	for code, one := range w.byCode {
		over := now.Sub(one.expires) >= screenCodeSaid || one.paired != nil && !now.Before(one.expires)
		gone := now.Sub(one.asked) >= silence && now.Before(one.expires) && one.by == ""
		if !over && !gone {
			continue
		}
		delete(w.byCode, code)
		delete(w.bySecret, one.secret)
		if w.from[one.from]--; w.from[one.from] <= 0 {
			delete(w.from, one.from)
		}
	}
}

// count tells how many are in the register.
func (w *waitingScreens) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.byCode)
}

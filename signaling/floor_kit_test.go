package signaling

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"antenne/rooms"
	"antenne/rooms/journal"
	"antenne/sfu"
	"antenne/sfu/packet"
	"antenne/sfu/peer"
	"antenne/signaling/dial"
	"antenne/signaling/wire"
)

// stalling is a journal whose disk can stop answering, and go on later as if nothing had been.
type stalling struct {
	journal.Journal
	mu   sync.Mutex
	wait chan struct{} // owned under mu: nil while the disk answers
}

func (j *stalling) stall() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.wait = make(chan struct{})
}

func (j *stalling) goOn() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.wait != nil {
		close(j.wait)
		j.wait = nil
	}
}

func (j *stalling) Append(ctx context.Context, s journal.Stream, after journal.Seq, e journal.Entry) (journal.Seq, error) {
	j.mu.Lock()
	wait := j.wait
	j.mu.Unlock()
	if wait != nil {
		select {
		case <-wait:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	return j.Journal.Append(ctx, s, after, e)
}

func grantID(n int) string   { return fmt.Sprintf("00000000-0000-4000-9000-%012d", n) }
func requestID(n int) string { return fmt.Sprintf("00000000-0000-4000-a000-%012d", n) }

// doing is a command as pages write it.
func doing(name string, fields ...string) map[string]string {
	c := map[string]string{"name": name}
	for i := 0; i+1 < len(fields); i += 2 {
		c[fields[i]] = fields[i+1]
	}
	return c
}

// secretFor is what the page of somebody made to be its token as a guest.
func secretFor(as string) string {
	sum := sha256.Sum256([]byte(as))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// taking is the body by which an invitation is taken up.
func taking(grant, secret string) string {
	return `{"grant":"` + grant + `","secret":"` + secret + `"}`
}

// accept takes an invitation up in somebody's name, and keeps the guest's token under as.
func (w *world) accept(who, grant, as string) {
	w.t.Helper()
	resp, body := w.call(call{method: "POST", path: "/floor/cuisine?device=" + deviceOf(who), who: who, kind: typeJSON, body: taking(grant, secretFor(as))})
	var given wire.Accepted
	if err := json.Unmarshal([]byte(body), &given); err != nil || resp.StatusCode != http.StatusCreated || given.URL != "/guest/cuisine" {
		w.t.Fatalf("%d %s", resp.StatusCode, body)
	}
	w.tokens[as] = secretFor(as)
}

// refusedFloor: an invitation that is not taken up, with a secret that nobody else has.
func (w *world) refusedFloor(who, grant string, status int, code string) {
	w.t.Helper()
	resp, body := w.call(call{method: "POST", path: "/floor/cuisine?device=" + deviceOf(who), who: who, kind: typeJSON, body: taking(grant, secretFor("another of "+who))})
	checkProblem(w.t, resp, body, status, code)
}

// guest invites the animator's room, accepts, opens the guest's page and brings its media: backstage.
func (w *world) guest(mediator *person, n int) (*peer.Publisher, *person) {
	w.t.Helper()
	name := fmt.Sprintf("guest%d", n)
	mediator.must(doing("invite", "grant", grantID(n), "site", "wattrelos"))
	w.accept("animator", grantID(n), name)
	page := w.join(name, nil)
	p := w.publishFor("/whip/cuisine/guest?device="+deviceOf(name), name, packet.VP8)
	mediator.hear(func() bool { return mediator.floor().Stage == rooms.FloorBackstage })
	return p, page
}

func (p *person) floor() (e rooms.FloorEntity) {
	_ = json.Unmarshal([]byte(p.store["floor"]), &e)
	return e
}

func (p *person) floorEnded() (e rooms.FloorEndedEntity) {
	_ = json.Unmarshal([]byte(p.store["floor-ended"]), &e)
	return e
}

// watch is a viewer on the five lines, by somebody's link.
func (w *world) watch(name string) *peer.Viewer {
	w.t.Helper()
	return w.viewFrom("/whep/cuisine?slots=5&device="+deviceOf(name), name, true)
}

func guestSound(v *peer.Viewer) uint64   { return v.Lines()[sfu.GuestVoice].Packets }
func guestPicture(v *peer.Viewer) uint64 { return v.Lines()[sfu.GuestCamera].Packets }
func ofGuest(v *peer.Viewer) uint64      { return guestSound(v) + guestPicture(v) }

// brought counts what the sources for the guest's slots have brought to the server so far.
func (w *world) brought() (n uint64) {
	for _, s := range w.engine.Open("cuisine").Sources() {
		for _, e := range s.Stats().Encodings {
			if e.Slot == sfu.GuestVoice || e.Slot == sfu.GuestCamera {
				n += e.Packets
			}
		}
	}
	return n
}

// arrives waits until the guest has sent n packets more: whatever was to leave by then has left.
func (w *world) arrives(n uint64) {
	w.t.Helper()
	from := w.brought()
	until(w.t, "the guest sends", func() bool { return w.brought() >= from+n })
}

// never: not one packet of a guest reaches these, while the guest goes on sending.
func (w *world) never(why string, viewers map[string]*peer.Viewer) {
	w.t.Helper()
	for name, v := range viewers {
		if n := ofGuest(v); n != 0 {
			w.t.Errorf("%s: %s was sent %d packets of a guest", why, name, n)
		}
	}
}

// hears waits until the guest's sound goes on at a viewer.
func hears(w *world, v *peer.Viewer) {
	w.t.Helper()
	from := guestSound(v)
	until(w.t, "the guest is heard", func() bool { return guestSound(v) >= from+10 })
}

// sees waits until the guest's picture goes on at a viewer.
func sees(w *world, v *peer.Viewer) {
	w.t.Helper()
	from := v.Lines()[sfu.GuestCamera].Frames
	until(w.t, "the guest is seen", func() bool { return v.Lines()[sfu.GuestCamera].Frames >= from+3 })
}

// exchange is a door for a peer.
func (w *world) exchange(path, name string) peer.Exchange {
	return dial.Exchange(w.http.URL+path, w.tokens[name])
}

// between is what stands in s after one text and before the next.
func between(s, after, before string) string {
	_, s, _ = strings.Cut(s, after)
	s, _, _ = strings.Cut(s, before)
	return s
}

// code is the code of a refusal, however it came; "" for none.
func code(err error) string {
	var refused *dial.Refused
	if errors.As(err, &refused) {
		return refused.Code
	}
	if err == nil {
		return ""
	}
	return refusalOf(err).code
}

package signaling

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"antenne/rooms"
	"antenne/sfu/packet"
	"antenne/signaling/wire"
)

// TestAnAnswerThatIsLostIsAskedForAgain: the page that made the secret may ask as often as it has to, as long as the grant lasts; with
// any other secret the invitation is spent.
func TestAnAnswerThatIsLostIsAskedForAgain(t *testing.T) {
	c := newClass(t, setting{})
	c.issue("desk2", c.room, rooms.Animator, "wattrelos", time.Hour)
	c.mediator.must(doing("invite", "grant", grantID(1), "site", "wattrelos"))
	for range 3 { // of the first two the answer was lost
		c.accept("animator", grantID(1), "guest")
	}
	for _, who := range []string{"animator", "desk2"} {
		c.refusedFloor(who, grantID(1), http.StatusConflict, "grant-used")
	}
	c.join("guest", nil)
	c.publishFor("/whip/cuisine/guest?device="+deviceOf("guest"), "guest", packet.VP8)
	hears(c.world, c.studio)
	c.accept("animator", grantID(1), "guest") // also once it is there
	c.refusedFloor("desk-lens", grantID(1), http.StatusForbidden, "floor-not-yours")
	resp, body := c.call(call{method: "POST", path: "/floor/cuisine", who: "desk-lens", kind: typeJSON, body: taking(grantID(1), secretFor("guest"))})
	checkProblem(t, resp, body, http.StatusForbidden, "floor-not-yours") // whoever has seen the secret
	c.mediator.must(doing("cut", "grant", grantID(1)))
	resp, body = c.call(call{method: "POST", path: "/floor/cuisine", who: "animator", kind: typeJSON, body: taking(grantID(1), secretFor("guest"))})
	checkProblem(t, resp, body, http.StatusGone, "grant-over")
	c.never("backstage, and cut", c.others())
}

// TestASecretThatIsNone is refused before anything is asked of the room, and the invitation waits on.
func TestASecretThatIsNone(t *testing.T) {
	c := newClass(t, setting{})
	c.mediator.must(doing("invite", "grant", grantID(1), "site", "wattrelos"))
	good := secretFor("guest")
	for name, secret := range map[string]string{
		"none": "", "short": good[:21], "long": strings.Repeat("A", wire.MaxSecret+1), "padded": good + "==", "of other letters": good[:21] + "+",
		"with a line end": good[:10] + `\n` + good[11:], "not bytes": good + "abc", "bytes written in another way": good[:21] + "_",
	} {
		resp, body := c.call(call{method: "POST", path: "/floor/cuisine", who: "animator", kind: typeJSON, body: taking(grantID(1), secret)})
		if resp.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d %s", name, resp.StatusCode, body)
			continue
		}
		checkProblem(t, resp, body, http.StatusBadRequest, "floor-secret")
	}
	resp, body := c.call(call{method: "POST", path: "/floor/cuisine", who: "animator", kind: typeJSON, body: `{"grant":"` + grantID(1) + `"}`})
	checkProblem(t, resp, body, http.StatusBadRequest, "floor-secret")
	c.accept("animator", grantID(1), "guest")
}

// FuzzAccept: whatever the body, what is taken for a secret is one that only its own bytes are written as, and not short.
func FuzzAccept(f *testing.F) {
	f.Add([]byte(taking(grantID(1), secretFor("guest"))))
	f.Add([]byte(taking(grantID(1), "")))
	f.Add([]byte(`{"grant":"` + grantID(1) + `"}`))
	f.Add([]byte(`{"grant":1,"secret":["` + strings.Repeat("A", wire.MinSecret) + `"]}{`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r := httptest.NewRequest(http.MethodPost, "/floor/r", strings.NewReader(string(raw)))
		r.Header.Set("Content-Type", typeJSON)
		var body wire.Accept
		if err := readJSON(r, &body); err != nil {
			mustRefuse(t, err)
			return
		}
		if !isFloorSecret(body.Secret) {
			return
		}
		if n := len(body.Secret); n < wire.MinSecret || n > wire.MaxSecret || n > wire.MaxToken || strings.Trim(body.Secret, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			t.Errorf("taken: %q", body.Secret)
		}
		if again, err := json.Marshal(body); err != nil || !strings.Contains(string(again), body.Secret) {
			t.Errorf("%q is told as %s", body.Secret, again)
		}
	})
}

package signaling

import (
	"encoding/json"
	"net/http"
	"testing"

	"antenne/rooms"
)

// TestADeviceIsNamedInAHeader: who holds a browser's secret is let in by it, in the header as in the query; the header goes first.
func TestADeviceIsNamedInAHeader(t *testing.T) {
	w := newWorld(t, setting{})
	mediator := w.join("mediator", nil)
	mediator.must(doing("open-doors"))
	home := w.join("nobody", nil)
	home.must(doing("request-floor", "request", requestID(1), "reason", "", "adult", "yes"))
	mediator.must(doing("invite", "grant", grantID(1), "request", requestID(1)))
	home.hear(func() bool { return home.floor().Grant != "" })
	named := func(device string) map[string]string { return map[string]string{"Antenne-Device": device} }
	mine, thief := deviceOf("nobody"), "secret-of-a-thief"
	body := taking(grantID(1), secretFor("guest"))
	for _, c := range []struct {
		what   string
		path   string
		header map[string]string
		status int
		code   string
	}{
		{"nobody", "/floor/cuisine", nil, 403, "floor-not-yours"},
		{"another browser", "/floor/cuisine", named(thief), 403, "floor-not-yours"},
		{"no name of a browser", "/floor/cuisine", named("a/b"), 400, "request-malformed"},
		{"another in the header, the home in the query", "/floor/cuisine?device=" + mine, named(thief), 403, "floor-not-yours"},
		{"the home in the header, another in the query", "/floor/cuisine?device=" + thief, named(mine), 201, ""},
		{"the home again, in the header", "/floor/cuisine", named(mine), 201, ""},
		{"the home again, in the query", "/floor/cuisine?device=" + mine, nil, 201, ""},
	} {
		resp, said := w.call(call{method: "POST", path: c.path, kind: typeJSON, body: body, header: c.header})
		if c.code != "" {
			checkProblem(t, resp, said, c.status, c.code)
		} else if resp.StatusCode != c.status {
			t.Errorf("%s: %d %s", c.what, resp.StatusCode, said)
		}
	}
}

// TestTheMediaDoorsReadTheHeader: the guest's door takes the browser that came first, and the air is held by the one whose page it is.
func TestTheMediaDoorsReadTheHeader(t *testing.T) {
	w := newWorld(t, setting{})
	mediator := w.join("mediator", nil)
	mediator.must(doing("open-doors"))
	mediator.must(doing("invite", "grant", grantID(1), "site", "wattrelos"))
	w.accept("animator", grantID(1), "guest1")
	offer := file(t, "offer-obs.sdp")
	enter := func(path, who, device string) *http.Response {
		c := call{method: "POST", path: path, who: who, kind: typeSDP, body: offer}
		if device != "" {
			c.header = map[string]string{"Antenne-Device": device}
		}
		resp, _ := w.call(c)
		return resp
	}
	for _, c := range []struct {
		what, device string
		status       int
	}{
		{"without a name", "", 400}, {"by the first browser", deviceOf("guest1"), 201}, {"by another", "secret-of-a-thief", 409},
	} {
		if resp := enter("/whip/cuisine/guest", "guest1", c.device); resp.StatusCode != c.status {
			t.Errorf("%s: %d", c.what, resp.StatusCode)
		}
	}
	var air rooms.AirEntity
	if resp := enter("/whip/cuisine", "mediator", deviceOf("mediator")); resp.StatusCode != 201 {
		t.Fatalf("the studio: %d", resp.StatusCode)
	}
	mediator.hear(func() bool { _ = json.Unmarshal([]byte(mediator.store["air"]), &air); return air.Device != "" })
	var you rooms.YouEntity
	if err := json.Unmarshal([]byte(mediator.store["you"]), &you); err != nil || you.Device != air.Device {
		t.Errorf("the air is held by %s, the page is %s (%v)", air.Device, you.Device, err)
	}
}

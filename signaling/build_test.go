package signaling

import (
	"strings"
	"testing"

	"antenne/signaling/dial"
	"antenne/signaling/wire"
)

// TestEachWelcomeNamesTheBuild, the one without a view too: a page that slept over an upgrade has missed nothing of the
// séance, and must still hear that it is an old page.
func TestEachWelcomeNamesTheBuild(t *testing.T) {
	w := newWorld(t, setting{})
	w.server.build = "3f9c0b7a51d2"
	welcome := func(since *wire.Since) *wire.Welcome {
		c, err := dial.Class(t.Context(), w.http.URL, wire.Hello{Token: w.tokens["animator"], Device: deviceOf("animator"), Since: since})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		m, ok := (<-c.Events()).(*wire.Welcome)
		if !ok {
			t.Fatal("no welcome")
		}
		return m
	}
	desk := w.join("animator", nil)
	desk.hear(func() bool {
		return strings.Contains(desk.store["site/wattrelos"]+desk.store["site/lens"], `"came":true`)
	}) // what is noted once
	first := welcome(nil)
	again := welcome(&wire.Since{Epoch: first.Epoch, Seq: first.Seq})
	if first.Build != w.server.build || again.Build != w.server.build || !again.Unchanged {
		t.Errorf("first %q, again %q (unchanged %v)", first.Build, again.Build, again.Unchanged)
	}
}

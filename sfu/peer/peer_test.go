package peer_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"antenne/sfu"
	"antenne/sfu/packet"
	"antenne/sfu/peer"
)

// door is the least of a WHIP and WHEP server.
func door(t *testing.T, b *sfu.Broadcast) *httptest.Server {
	t.Helper()
	loopback := netip.MustParseAddr("127.0.0.1")
	mux := http.NewServeMux()
	mux.HandleFunc("POST /whip", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer secret" {
			http.Error(w, "who?", http.StatusUnauthorized)
			return
		}
		offer, _ := io.ReadAll(r.Body)
		answer, s, err := b.Publish(r.Context(), sfu.Offer(offer), sfu.SourceSpec{Audio: sfu.Voice, Video: sfu.Camera, Remote: loopback})
		if err != nil {
			http.Error(w, sfu.CodeOf(err), http.StatusBadRequest)
			return
		}
		b.Select(sfu.Voice, s)
		b.Select(sfu.Camera, s)
		w.Header().Set("Location", "/sessions/"+string(s.ID()))
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, string(answer))
	})
	mux.HandleFunc("POST /whep", func(w http.ResponseWriter, r *http.Request) {
		offer, _ := io.ReadAll(r.Body)
		answer, s, err := b.Subscribe(r.Context(), sfu.Offer(offer), sfu.SinkSpec{Five: r.URL.Query().Get("slots") == "5", Remote: loopback})
		if err != nil {
			http.Error(w, sfu.CodeOf(err), http.StatusBadRequest)
			return
		}
		w.Header().Set("Location", "/sessions/"+string(s.ID()))
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, string(answer))
	})
	mux.HandleFunc("DELETE /sessions/{id}", func(_ http.ResponseWriter, r *http.Request) {
		id := sfu.SessionID(r.PathValue("id"))
		for _, s := range b.Sources() {
			if s.ID() == id {
				s.Close(sfu.ReasonDeleted)
			}
		}
		for _, s := range b.Subscriptions() {
			if s.ID() == id {
				s.Close(sfu.ReasonDeleted)
			}
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

func TestPublishAndViewOverHTTP(t *testing.T) {
	engine, err := sfu.New(sfu.Config{Media: ":0", Limits: sfu.Limits{Late: time.Hour}}) // late is the machine, which is busy with tests
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	b := engine.Open("room")
	for _, slot := range sfu.Slots() {
		b.SetAudience(slot, sfu.Everyone())
	}
	server := door(t, b)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	var refused *peer.Refused
	if _, err := peer.Publish(ctx, peer.HTTP(server.URL+"/whip", "guess"), peer.Media{Video: packet.VP8, WithAudio: true}); !errors.As(err, &refused) || refused.Status != http.StatusUnauthorized {
		t.Fatalf("a wrong token: %v", err)
	}
	for _, codec := range []packet.Codec{packet.VP8, packet.H264} {
		p, err := peer.Publish(ctx, peer.HTTP(server.URL+"/whip", "secret"), peer.Media{Video: codec, WithAudio: true})
		if err != nil {
			t.Fatal(err)
		}
		v, err := peer.View(ctx, peer.HTTP(server.URL+"/whep?slots=5", ""), peer.Want{Five: true})
		if err != nil {
			t.Fatal(err)
		}
		for lines := v.Lines(); lines[sfu.Camera].Frames < 20 || lines[sfu.Voice].Frames < 20; lines = v.Lines() {
			if ctx.Err() != nil {
				t.Fatalf("%s: %+v", codec, lines)
			}
			time.Sleep(10 * time.Millisecond)
		}
		camera := v.Lines()[sfu.Camera]
		if camera.Keyframes == 0 || camera.Codec != codec || camera.FirstFrame == 0 {
			t.Errorf("%s: %+v", codec, camera)
		}
		if err := v.Close(ctx); err != nil {
			t.Error(err)
		}
		if err := p.Close(ctx); err != nil {
			t.Error(err)
		}
		if n := len(b.Sources()) + len(b.Subscriptions()); n != 0 {
			t.Errorf("%d sessions left after DELETE", n)
		}
	}
}

// Command prove shows that a teacher's stamps disturb no decoder: it takes the
// same pictures with and without stamps from two teachers, lets a real Chromium
// decode both (WebCodecs) and compares every pixel.
//
//	go run ./sfu/peer/internal/prove
//
// It needs chromium, node and web/node_modules (see web/test/README.md), and
// exits with 1 when a picture differs.
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"time"

	"antenne/sfu/packet"
	"antenne/sfu/peer"
)

const pictures = 100 // of each recording, from its first keyframe on

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	for _, name := range peer.Recordings() {
		if err := prove(ctx, name); err != nil {
			fmt.Fprintf(os.Stderr, "prove: %s: %v\n", name, err)
			os.Exit(1)
		}
	}
}

// film is what the page gets.
type film struct {
	Codec          string // as WebCodecs calls it
	Plain, Stamped []string
}

func prove(ctx context.Context, name string) error {
	f := film{Codec: "vp8"}
	for _, stamped := range []bool{false, true} {
		frames, codec, err := watch(ctx, name, stamped)
		if err != nil {
			return err
		}
		if codec == packet.H264 {
			f.Codec = "avc1.42e01f"
		}
		encoded := make([]string, len(frames))
		for i, frame := range frames {
			encoded[i] = base64.StdEncoding.EncodeToString(frame)
		}
		if stamped {
			f.Stamped = encoded
		} else {
			f.Plain = encoded
		}
	}
	return compare(ctx, name, &f)
}

// compare lets the browser decide.
func compare(ctx context.Context, name string, f *film) error {
	longer := 0
	for i := range f.Plain {
		if len(f.Stamped[i]) > len(f.Plain[i]) {
			longer++
		}
	}
	if longer < pictures {
		return fmt.Errorf("only %d of %d pictures carry a stamp", longer, pictures)
	}
	body, err := json.Marshal(f)
	if err != nil {
		return err
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/film" {
			_, _ = w.Write(body)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><title>prove</title>"))
	}))
	defer server.Close()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	browser := exec.CommandContext(ctx, "node", "sfu/peer/internal/prove/browser.mjs", server.URL)
	browser.Stderr = os.Stderr
	out, err := browser.Output()
	if err != nil {
		return errors.Join(err, errors.New(string(out)))
	}
	fmt.Printf("%s: %s", name, out)
	return nil
}

// Command record makes the recordings in sfu/peer/testdata: it lets a real
// Chromium publish to it and keeps the packets of some seconds, from a
// keyframe of each layer on.
//
//	go run ./sfu/peer/internal/record --out sfu/peer/testdata
//
// It needs chromium, node and web/node_modules (see web/test/README.md).
// Times are those at which the datagrams were read from the socket.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"

	"antenne/sfu/peer/internal/recording"
)

// takes are what is recorded, by the name of the file.
var takes = []struct{ name, codec, layers string }{
	{"vp8-simulcast", "VP8", "3"},
	{"h264-simulcast", "H264", "3"},
	{"vp8-single", "VP8", "1"},
}

const tries = 8

func main() {
	out := flag.String("out", "sfu/peer/testdata", "where the files go")
	only := flag.String("only", "", "record this one alone")
	warm := flag.Duration("warm", 25*time.Second, "how long the browser may raise its rate before")
	lasts := flag.Duration("for", 4*time.Second, "length of a recording")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	for _, take := range takes {
		if *only != "" && *only != take.name {
			continue
		}
		err := errBusy
		for try := 0; try < tries && errors.Is(err, errBusy); try++ {
			err = one(ctx, filepath.Join(*out, take.name+".rec.gz"), take.codec, take.layers, *warm, *lasts)
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "record: %s: %v\n", take.name, err)
			os.Exit(1)
		}
	}
}

func one(ctx context.Context, file, codec, layers string, warm, lasts time.Duration) error {
	s, err := newStudio()
	if err != nil {
		return err
	}
	defer s.close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	browser := exec.CommandContext(ctx, "node", "sfu/peer/internal/record/browser.mjs", s.url(), codec, layers)
	browser.Stderr = os.Stderr
	browser.Cancel = func() error { return browser.Process.Signal(os.Interrupt) }
	browser.WaitDelay = 10 * time.Second
	if err := browser.Start(); err != nil {
		return err
	}
	take, err := s.record(ctx, warm, lasts)
	cancel()
	_ = browser.Wait() // interrupted: that is how it ends
	if err != nil {
		return err
	}
	take.Codec = codec
	return store(file, take)
}

func store(file string, take *recording.Recording) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := recording.Write(f, take); err != nil {
		return errors.Join(err, f.Close())
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	fmt.Printf("%s: %d packets, %d bytes, %v, %v\n", file, len(take.Packets), info.Size(), take.Tracks, take.Packets[len(take.Packets)-1].At)
	return f.Close()
}

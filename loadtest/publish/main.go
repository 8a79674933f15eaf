// Command publish teaches a séance without a browser: it plays a short real
// clip, picture and sound, through a mediator's link, as OBS would, until it is
// interrupted. Tests use it, and whoever wants to try a server from a terminal.
//
//	go run ./loadtest/publish [--codec vp8|h264] [--silent] LINK
//
// It says « publishing » on its own line once the server has answered.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"path"
	"syscall"
	"time"

	"antenne/sfu/packet"
	"antenne/sfu/peer"
)

// leaveWithin bounds the goodbye.
const leaveWithin = 3 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("publish", flag.ContinueOnError)
	codec := flags.String("codec", "vp8", "vp8 or h264")
	silent := flags.Bool("silent", false, "without sound")
	if err := flags.Parse(args); err != nil {
		return err
	}
	media, err := mediaOf(*codec, *silent)
	if err != nil {
		return err
	}
	door, token, err := whipOf(flags.Arg(0))
	if err != nil {
		return err
	}
	publisher, err := peer.Publish(ctx, peer.HTTP(door, token), media)
	if err != nil {
		return err
	}
	fmt.Println("publishing")
	<-ctx.Done()
	goodbye, cancel := context.WithTimeout(context.Background(), leaveWithin)
	defer cancel()
	return publisher.Close(goodbye)
}

func mediaOf(codec string, silent bool) (peer.Media, error) {
	known := map[string]packet.Codec{"vp8": packet.VP8, "h264": packet.H264}
	video, ok := known[codec]
	if !ok {
		return peer.Media{}, fmt.Errorf("publish: no codec %q: vp8 or h264", codec)
	}
	return peer.Media{Video: video, WithAudio: !silent}, nil
}

// whipOf finds the WHIP address and the token in a mediator's link,
// https://host/studio/ROOM#TOKEN.
func whipOf(link string) (door, token string, err error) {
	at, err := url.Parse(link)
	if err != nil || at.Host == "" || at.Fragment == "" {
		return "", "", errors.New("publish: give the mediator's link, https://host/studio/ROOM#TOKEN")
	}
	token = at.Fragment
	at.Fragment = ""
	at.Path = "/whip/" + path.Base(at.Path)
	return at.String(), token, nil
}

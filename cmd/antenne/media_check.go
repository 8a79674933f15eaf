package main

import (
	"context"
	"strings"
	"time"

	"antenne/sfu"
	"antenne/sfu/packet"
	"antenne/sfu/peer"
)

const (
	roundTripWithin = 8 * time.Second
	enoughFrames    = 10
)

// lookAtMedia sends a real picture and sound to the server and receives them
// back over its UDP port: first from this machine to itself, then by the
// addresses that visitors will be given.
func (e *examination) lookAtMedia(ctx context.Context) {
	frames, heard := e.roundTrip(ctx, probeLoopback)
	switch {
	case frames < enoughFrames:
		e.say(bad, "L’image ne passe pas par le port UDP %d, même depuis cette machine.", "The picture does not pass UDP port %d, even from this machine.", e.status.Media)
		return
	case !heard:
		e.say(bad, "L’image passe par le port UDP %d, mais pas le son.", "The picture passes UDP port %d, but the sound does not.", e.status.Media)
		return
	}
	e.say(good, "Image et son font l’aller et retour par le port UDP %d (%d images).", "Picture and sound go there and back by UDP port %d (%d frames).", e.status.Media, frames)

	frames, _ = e.roundTrip(ctx, probeOutside)
	switch {
	case frames >= enoughFrames:
		e.say(good, "Ils passent aussi par les adresses données aux visiteurs.", "They also pass by the addresses given to visitors.")
	case len(e.status.PublicIPs) > 0:
		e.say(hint, "Par l’adresse %s l’image ne revient pas jusqu’à cette machine : c’est courant derrière un routeur. Essayez d’un téléphone hors du réseau.", "By the address %s the picture does not come back to this machine: common behind a router. Try from a phone outside the network.", strings.Join(e.status.PublicIPs, ", "))
	default:
		e.say(hint, "Cette machine n’a pas d’autre adresse qui laisse passer l’image : les autres appareils ne la verront pas.", "This machine has no other address that lets the picture through: other devices will not see it.")
	}
}

// roundTrip publishes for a few seconds and watches: how many frames came
// back, and whether there was sound.
func (e *examination) roundTrip(ctx context.Context, by string) (frames uint64, heard bool) {
	ctx, cancel := context.WithTimeout(ctx, roundTripWithin)
	defer cancel()
	publisher, err := peer.Publish(ctx, e.exchange(ctx, "publish", by), peer.Media{Video: packet.VP8, WithAudio: true})
	if err != nil {
		return 0, false
	}
	defer publisher.Close(context.WithoutCancel(ctx))
	viewer, err := peer.View(ctx, e.exchange(ctx, "watch", by), peer.Want{})
	if err != nil {
		return 0, false
	}
	defer viewer.Close(context.WithoutCancel(ctx))
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for {
		for _, line := range viewer.Lines() {
			if line.Audio {
				heard = heard || line.Packets > 0
			} else {
				frames = max(frames, line.Frames)
			}
		}
		if heard && frames >= enoughFrames {
			return frames, heard
		}
		select {
		case <-ctx.Done():
			return frames, heard
		case <-look.C:
		}
	}
}

func (e *examination) exchange(ctx context.Context, door, by string) peer.Exchange {
	return peer.Direct(func(offer sfu.Offer) (sfu.Answer, error) {
		return e.server.offer(ctx, door, probeRequest{Offer: offer, By: by, Visit: e.visit})
	})
}

package main

import (
	"context"
	"net/http"
	"net/netip"
	"time"

	"antenne/sfu"
)

// The doctor's own broadcast: it publishes a picture and a sound to the server
// and watches them, by the same road as everybody, in a broadcast that belongs
// to no room. Its offers come over the admin socket.

const (
	probeName     = "doctor"
	probeLoopback = "loopback" // answer with this machine's own address
	probeOutside  = "outside"  // answer with the addresses given to visitors
	probeLasts    = 30 * time.Second
)

type probeRequest struct {
	Offer sfu.Offer `json:"offer"`
	By    string    `json:"by"`    // probeLoopback or probeOutside
	Visit string    `json:"visit"` // tells one look of the doctor from another
}

type probeReply struct {
	Answer sfu.Answer `json:"answer"`
}

// elsewhere stands for a visitor that is not on this machine: an address that
// documentation keeps for itself (RFC 5737).
var elsewhere = netip.MustParseAddr("192.0.2.1")

func (r probeRequest) remote() netip.Addr {
	if r.By == probeLoopback {
		return netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	return elsewhere
}

func (h *house) adminProbe(w http.ResponseWriter, r *http.Request) {
	request, err := decodeAdmin[probeRequest](r)
	if err != nil {
		writeAdmin(w, h.log, nil, err)
		return
	}
	answer, err := h.probe(r.Context(), r.PathValue("door"), request)
	writeAdmin(w, h.log, probeReply{answer}, err)
}

// probe opens one side of the doctor's broadcast, which ends after a while
// whatever the doctor does.
func (h *house) probe(ctx context.Context, door string, r probeRequest) (sfu.Answer, error) {
	broadcast := h.engine.Open(probeName + "/" + r.Visit + "/" + r.By)
	if door != "publish" {
		answer, _, err := broadcast.Subscribe(ctx, r.Offer, sfu.SinkSpec{Remote: r.remote()})
		return answer, err
	}
	time.AfterFunc(probeLasts, func() { broadcast.Close(sfu.ReasonClosed) })
	answer, source, err := broadcast.Publish(ctx, r.Offer, sfu.SourceSpec{Audio: sfu.Voice, Video: sfu.Camera, Remote: r.remote()})
	if err != nil {
		return "", err
	}
	for _, slot := range []sfu.Slot{sfu.Voice, sfu.Camera} {
		broadcast.Select(slot, source)
		broadcast.SetAudience(slot, sfu.Everyone())
	}
	return answer, nil
}

// offer is the doctor's side of a probe.
func (c *client) offer(ctx context.Context, door string, r probeRequest) (sfu.Answer, error) {
	var reply probeReply
	err := c.ask(ctx, http.MethodPost, "/probe/"+door, r, &reply)
	return reply.Answer, err
}

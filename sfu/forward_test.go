package sfu

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtp"

	"antenne/sfu/egress"
	"antenne/sfu/packet"
)

// openTransport is a session whose packets leave as they are.
type openTransport struct{ dest *egress.Dest }

func (o openTransport) Dest() *egress.Dest                           { return o.dest }
func (o openTransport) Overhead() int                                { return 16 }
func (o openTransport) Seal(b []byte, _ *rtp.Header) ([]byte, error) { return b[:len(b)+16], nil }
func (o openTransport) SealReport(dst, report []byte) ([]byte, error) {
	return append(dst, report...), nil
}

// hall is a broadcast with one camera, one voice and many viewers in one lane,
// without publisher or client.
type hall struct {
	lane          *lane
	camera, voice *encoding
	index         uint64
	time          uint32
}

func newHall(tb testing.TB, viewers int) *hall {
	tb.Helper()
	conn, err := egress.Listen("udp4", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	engine := &Engine{timing: productionTiming()}
	b := newBroadcast(engine, "room")
	source := &Source{session: &session{engine: engine, life: newLife()}, broadcast: b}
	h := &hall{
		camera: &encoding{source: source, slot: Camera, stream: 1, ring: packet.NewRing(videoRing)},
		voice:  &encoding{source: source, slot: Voice, stream: 2, ring: packet.NewRing(audioRing)},
	}
	h.camera.keyframes.send = func() {}
	b.routes.Store(&routes{feeds: [slotCount]feed{
		Voice:  {source: source, best: h.voice, layers: [layerCount]*encoding{High: h.voice}, audience: Everyone()},
		Camera: {source: source, best: h.camera, layers: [layerCount]*encoding{High: h.camera}, audience: Everyone()},
	}})
	c := &crowd{engine: engine, sender: egress.NewSender(conn)}
	h.lane = newLane(b, c)
	for range viewers {
		sink, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { _ = sink.Close() })
		v := newWatcher("viewer", engine, SinkSpec{})
		v.transport = openTransport{conn.Dest(netip.MustParseAddrPort(sink.LocalAddr().String()))}
		v.lines = []viewerLine{
			{pick: func(r *routes, who identity) *feed { return r.forSlot(Camera, who) }, slot: Camera,
				types: payloadTypes{packet.VP8: 96}, apt: payloadTypes{packet.VP8: 97}, repair: 2, ssrc: 1, out: newOutLine()},
			{pick: func(r *routes, who identity) *feed { return r.forSlot(Voice, who) }, slot: Voice,
				types: payloadTypes{packet.Opus: 111}, audio: true, ssrc: 3, out: newOutLine()},
		}
		c.enter(v)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	return h
}

// frame pushes one frame of that many packets, and a packet of sound, and lets
// the lane hand them out.
func (h *hall) frame(packets int, key bool) {
	now := time.Now()
	h.time += 3000
	for i := range packets {
		h.index++
		h.lane.push(h.camera, h.camera.ring.Put(packet.Packet{
			Index: h.index, Timestamp: h.time, Arrival: now, Codec: packet.VP8, Payload: frameBytes[:1100+i%2],
			Start: i == 0, Keyframe: key && i == 0, Marker: i == packets-1,
		}))
	}
	h.lane.push(h.voice, h.voice.ring.Put(packet.Packet{
		Index: h.index, Timestamp: h.time, Arrival: now, Codec: packet.Opus, Payload: frameBytes[:80], Start: true,
	}))
	h.lane.feed()
}

var frameBytes [1200]byte

func TestForwardingAllocatesNothing(t *testing.T) {
	h := newHall(t, 20)
	h.frame(5, true)
	for range 300 { // rings, queues and batches have met their sizes
		h.frame(5, false)
	}
	// The ring's own slabs are per packet that comes in, not per packet that
	// goes out: a run of 21 has a part of one.
	if n := testing.AllocsPerRun(200, func() { h.frame(5, false) }); n > 1 {
		t.Errorf("%.2f allocations for 120 packets forwarded, want those of the ring alone", n)
	}
	if sent := h.lane.broadcast.engine.count.packetsOut.Load(); sent < 20*6*500 {
		t.Errorf("%d packets sent, want all", sent)
	}
}

func BenchmarkForward(b *testing.B) {
	for _, viewers := range []int{25, 200} {
		b.Run(itoa(viewers), func(b *testing.B) {
			h := newHall(b, viewers)
			h.frame(5, true)
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				h.frame(5, false)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*viewers*6), "ns/packet")
		})
	}
}

func itoa(n int) string {
	if n == 25 {
		return "25-viewers"
	}
	return "200-viewers"
}

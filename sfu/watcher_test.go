package sfu

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"antenne/sfu/egress"
	"antenne/sfu/packet"
)

// seenPacket is a packet as the viewer's session was given it.
type seenPacket struct {
	rtp.Header
	payload []byte
}

// tapped is a session that remembers what it seals.
type tapped struct {
	dest *egress.Dest
	seen []seenPacket
}

func (t *tapped) Dest() *egress.Dest { return t.dest }
func (t *tapped) Overhead() int      { return 16 }
func (t *tapped) Seal(b []byte, h *rtp.Header) ([]byte, error) {
	t.seen = append(t.seen, seenPacket{*h, append([]byte(nil), b[rtpHeader:]...)})
	return b, nil
}
func (t *tapped) SealReport(dst, report []byte) ([]byte, error) { return append(dst, report...), nil }

// of lists what was sent under an SSRC.
func (t *tapped) of(ssrc uint32) (some []seenPacket) {
	for _, p := range t.seen {
		if p.SSRC == ssrc {
			some = append(some, p)
		}
	}
	return some
}

const (
	pictureSSRC = 1
	repairSSRC  = 2
	voiceSSRC   = 3
)

// stage is a hall with layers of one camera and viewers whose packets are seen.
type stage struct {
	*testing.T
	engine *Engine
	lane   *lane
	conn   *egress.Conn
	layers [layerCount]*encoding
	voice  *encoding
	index  [layerCount]uint64
	sounds uint64
	now    time.Time
	asked  [layerCount]int
}

func newStage(t *testing.T) *stage {
	t.Helper()
	conn, err := egress.Listen("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	s := stageOn(conn)
	s.T = t
	return s
}

func stageOn(conn *egress.Conn) *stage {
	engine := &Engine{timing: productionTiming()}
	b := newBroadcast(engine, "room")
	source := &Source{session: &session{engine: engine, life: newLife()}, broadcast: b}
	s := &stage{engine: engine, conn: conn, now: time.Now()}
	for i := range s.layers {
		s.layers[i] = &encoding{source: source, slot: Camera, layer: Layer(i), stream: uint64(1 + i), ring: packet.NewRing(videoRing)}
		s.layers[i].keyframes.send = func() { s.asked[i]++ }
		s.layers[i].gauge.rate.Store(&[temporalCount]float64{[]float64{1.4e6, 4e5, 9e4}[i]})
		s.index[i] = uint64(1000 * (i + 1))
	}
	s.voice = &encoding{source: source, slot: Voice, stream: 9, ring: packet.NewRing(audioRing)}
	b.routes.Store(&routes{feeds: [slotCount]feed{
		Voice:  {source: source, best: s.voice, layers: [layerCount]*encoding{High: s.voice}, audience: Everyone()},
		Camera: {source: source, best: s.layers[High], layers: s.layers, audience: Everyone()},
	}})
	s.lane = newLane(b, &crowd{engine: engine, sender: egress.NewSender(conn)})
	return s
}

// join lets a viewer in.
func (s *stage) join(w Wish) (*watcher, *tapped) {
	tap := &tapped{dest: s.conn.Dest(netip.MustParseAddrPort("127.0.0.1:9"))}
	return s.joinAs(tap, w), tap
}

func (s *stage) joinAs(tap *tapped, w Wish) *watcher {
	v := newWatcher("viewer", s.engine, SinkSpec{Wish: w})
	v.transport = tap
	v.lines = []viewerLine{
		{pick: func(r *routes, who identity) *feed { return r.forSlot(Camera, who) }, slot: Camera,
			types: payloadTypes{packet.VP8: 96}, apt: payloadTypes{packet.VP8: 97}, repair: repairSSRC, ssrc: pictureSSRC, out: newOutLine()},
		{pick: func(r *routes, who identity) *feed { return r.forSlot(Voice, who) }, slot: Voice,
			types: payloadTypes{packet.Opus: 111}, audio: true, ssrc: voiceSSRC, out: newOutLine()},
	}
	s.lane.crowd.enter(v)
	return v
}

// picture stores a frame of one layer, of two packets, that came age ago. The
// first byte of its payload names the layer.
func (s *stage) picture(layer Layer, key bool, age time.Duration) {
	e := s.layers[layer]
	s.now = s.now.Add(time.Millisecond)
	at := s.now.Add(-age)
	for i := range 2 {
		s.index[layer]++
		p := e.ring.Put(packet.Packet{
			Index: s.index[layer], Timestamp: uint32(at.Sub(startOfTime) * 90 / time.Millisecond), Arrival: at, Codec: packet.VP8,
			Payload: []byte{byte(layer), byte(i), 0, 0}, Start: i == 0, Keyframe: key && i == 0, Marker: i == 1,
		})
		e.key.note(p)
		s.lane.push(e, p)
	}
}

func (s *stage) sound(age time.Duration) {
	s.sounds++
	at := s.now.Add(-age)
	s.lane.push(s.voice, s.voice.ring.Put(packet.Packet{
		Index: s.sounds, Timestamp: uint32(s.sounds) * 960, Arrival: at, Codec: packet.Opus, Payload: []byte{1}, Start: true,
	}))
}

func (s *stage) inARow(packets []seenPacket) {
	s.Helper()
	for i := 1; i < len(packets); i++ {
		if packets[i].SequenceNumber != packets[i-1].SequenceNumber+1 {
			s.Errorf("number %d follows %d", packets[i].SequenceNumber, packets[i-1].SequenceNumber)
		}
		if int32(packets[i].Timestamp-packets[i-1].Timestamp) < 0 {
			s.Errorf("packet %d goes back in time", i)
		}
	}
}

func TestAJoinBeginsWithTheKeyframeThatPassed(t *testing.T) {
	s := newStage(t)
	s.picture(High, true, 400*time.Millisecond)
	for age := 360 * time.Millisecond; age > 0; age -= 40 * time.Millisecond {
		s.picture(High, false, age)
	}
	s.lane.queue, s.lane.waiting = nil, 0 // they went by before anybody was there
	_, tap := s.join(Wish{})
	s.picture(High, false, 0)
	s.lane.feed()
	got := tap.of(pictureSSRC)
	if len(got) != 22 {
		t.Fatalf("%d packets, want the keyframe and the ten frames behind it", len(got))
	}
	s.inARow(got)
	if span := got[19].Timestamp - got[0].Timestamp; span > 90*400/drawnAtLeast {
		t.Errorf("the replay is shown over %d ticks: the viewer would be late", span)
	}
	if step := got[20].Timestamp - got[18].Timestamp; step > 90*45 {
		t.Errorf("the first live frame comes %d ticks later", step)
	}
	if s.asked[High] != 0 {
		t.Errorf("%d keyframes were asked for, want none", s.asked[High])
	}
}

// drawnAtLeast is how much faster than real a replay has to be shown.
const drawnAtLeast = 20

func TestAnOldKeyframeIsNotReplayed(t *testing.T) {
	s := newStage(t)
	s.picture(High, true, 2*replayWithin)
	s.lane.queue, s.lane.waiting = nil, 0
	_, tap := s.join(Wish{})
	s.picture(High, false, 0)
	s.lane.feed()
	if n := len(tap.of(pictureSSRC)); n != 0 {
		t.Errorf("%d packets without a keyframe", n)
	}
	if s.asked[High] != 1 {
		t.Errorf("%d keyframes asked for, want one", s.asked[High])
	}
	s.picture(High, true, 0)
	s.lane.feed()
	if n := len(tap.of(pictureSSRC)); n != 2 {
		t.Errorf("%d packets after the keyframe, want its 2", n)
	}
}

func TestALateLaneLeavesOutPicturesAndNoSound(t *testing.T) {
	s := newStage(t)
	_, tap := s.join(Wish{})
	s.picture(High, true, 0)
	s.sound(0)
	s.lane.feed()
	s.picture(High, false, 2*pictureLate)
	s.sound(2 * pictureLate)
	s.picture(High, false, 0) // young enough, but built on what was left out
	s.sound(0)
	s.lane.feed()
	if n := len(tap.of(pictureSSRC)); n != 2 {
		t.Errorf("%d packets of pictures, want those of the keyframe", n)
	}
	if s.asked[High] != 1 {
		t.Errorf("%d keyframes asked for, want one", s.asked[High])
	}
	s.picture(High, true, 0)
	s.picture(High, false, 0)
	s.sound(0)
	s.lane.feed()
	if n := len(tap.of(pictureSSRC)); n != 6 {
		t.Errorf("%d packets of pictures after the next keyframe, want 6", n)
	}
	s.inARow(tap.of(pictureSSRC))
	if n := len(tap.of(voiceSSRC)); n != 4 {
		t.Errorf("%d packets of sound, want all 4", n)
	}
	s.inARow(tap.of(voiceSSRC))
	if n := s.engine.count.drops[dropLaneLate].Load(); n != 4 {
		t.Errorf("%d packets counted as late, want 4", n)
	}
}

func TestALayerChangesAtItsOwnKeyframe(t *testing.T) {
	s := newStage(t)
	v, tap := s.join(Wish{})
	for _, layer := range []Layer{High, Mid, Low} {
		s.picture(layer, true, 0)
	}
	s.lane.feed()
	first := Layer(tap.of(pictureSSRC)[0].payload[0])
	v.wish.Store(&Wish{Picture: PictureLow})
	s.lane.feeder.round(s.lane.broadcast.routes.Load(), time.Now())
	for _, layer := range []Layer{High, Mid, Low} {
		s.picture(layer, false, 0)
	}
	s.lane.feed()
	got := tap.of(pictureSSRC)
	if last := Layer(got[len(got)-1].payload[0]); last != first || len(got) != 4 {
		t.Fatalf("%d packets, the last of %s; want 4 of %s until the other layer's keyframe", len(got), last, first)
	}
	if first != Low && s.asked[Low] == 0 {
		t.Error("nobody asked for a keyframe of the layer to come")
	}
	for _, layer := range []Layer{High, Mid, Low} {
		s.picture(layer, true, 0)
	}
	s.lane.feed()
	got = tap.of(pictureSSRC)
	if last := Layer(got[len(got)-1].payload[0]); last != Low {
		t.Errorf("after the keyframe the layer is %s, want low", last)
	}
	s.inARow(got)
}

func TestSoundAlone(t *testing.T) {
	s := newStage(t)
	_, tap := s.join(Wish{Picture: PictureNone})
	for range 10 {
		s.picture(High, true, 0)
		s.picture(Low, true, 0)
		s.sound(0)
		s.lane.feed()
	}
	if p, v := len(tap.of(pictureSSRC)), len(tap.of(voiceSSRC)); p != 0 || v != 10 {
		t.Errorf("%d packets of pictures and %d of sound, want 0 and 10", p, v)
	}
}

func TestWhatIsAskedAgainIsRepaired(t *testing.T) {
	s := newStage(t)
	v, tap := s.join(Wish{})
	s.picture(High, true, 0)
	for range 20 {
		s.picture(High, false, 0)
	}
	s.lane.feed()
	sent := tap.of(pictureSSRC)
	lost := sent[5]
	at := time.Now()
	nack := func(seq uint16) []byte {
		b, err := (&rtcp.TransportLayerNack{MediaSSRC: pictureSSRC, Nacks: []rtcp.NackPair{{PacketID: seq}}}).Marshal()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for range 20 {
		at = at.Add(50 * time.Millisecond)
		v.heed(s.lane.crowd, nack(lost.SequenceNumber), at)
	}
	again := tap.of(repairSSRC)
	if len(again) != repairTimes {
		t.Fatalf("sent again %d times, want %d", len(again), repairTimes)
	}
	s.inARow(again)
	for _, p := range again {
		if p.PayloadType != 97 || binary.BigEndian.Uint16(p.payload) != lost.SequenceNumber || string(p.payload[2:]) != string(lost.payload) {
			t.Errorf("repair %+v, want packet %d with its number in front", p, lost.SequenceNumber)
		}
	}
	if n := s.asked[High]; n == 0 || n > 3 {
		t.Errorf("a packet that stays lost cost %d keyframes, want one or two", n)
	}
}

func TestOneBadLineNeverFloodsAnybody(t *testing.T) {
	s := newStage(t)
	v, tap := s.join(Wish{})
	s.picture(High, true, 0)
	for range 200 {
		s.picture(High, false, 0)
	}
	s.lane.feed()
	sent := tap.of(pictureSSRC)
	at := time.Now()
	asked := s.asked[High]
	for second := range 10 {
		for _, p := range sent {
			b, _ := (&rtcp.TransportLayerNack{MediaSSRC: pictureSSRC, Nacks: []rtcp.NackPair{{PacketID: p.SequenceNumber, LostPackets: 0xffff}}}).Marshal()
			v.heed(s.lane.crowd, b, at.Add(time.Duration(second)*time.Second))
			pli, _ := (&rtcp.PictureLossIndication{MediaSSRC: pictureSSRC}).Marshal()
			v.heed(s.lane.crowd, pli, at.Add(time.Duration(second)*time.Second))
		}
	}
	if n := len(tap.of(repairSSRC)); n > repairBurst+10*repairRate {
		t.Errorf("%d repairs in ten seconds, want at most %d", n, repairBurst+10*repairRate)
	}
	if n := s.asked[High] - asked; n > 6 {
		t.Errorf("%d keyframes for one viewer in ten seconds", n)
	}
}

func TestNeighboursOfNearlyOneSizeBecomeOneRun(t *testing.T) {
	for name, c := range map[string]struct{ sizes, want []int }{
		"a byte apart":      {[]int{1100, 1100, 1101, 1101}, []int{1101, 1101, 1101, 1101}},
		"last much shorter": {[]int{1100, 1101, 300}, []int{1101, 1101, 300}},
		"two frames":        {[]int{900, 901, 400, 404}, []int{901, 901, 404, 404}},
		"too far":           {[]int{100, 200, 300}, []int{100, 200, 300}},
		"one":               {[]int{7}, []int{7}},
		"none":              {nil, nil},
	} {
		run := make([]handout, len(c.sizes))
		for i, size := range c.sizes {
			run[i].Packet = &packet.Packet{Payload: make([]byte, size)}
		}
		pad(run)
		for i := range run {
			if got := len(run[i].Payload) + int(run[i].pad); got != c.want[i] {
				t.Errorf("%s: packet %d is %d bytes, want %d", name, i, got, c.want[i])
			}
		}
	}
}

func TestAStillComesLittleByLittleAndNotOften(t *testing.T) {
	s := newStage(t)
	v, tap := s.join(Wish{})
	s.picture(High, true, 0)
	s.lane.feed()
	l := &v.lines[0]
	v.climb(l, rung{layer: High, mode: modeStill}, s.now)
	sent := len(tap.of(pictureSSRC))
	for range 20 { // others join and join: keyframes for them, none of it for this line
		s.picture(High, true, 0)
		s.picture(High, false, 0)
		s.sound(0)
		s.lane.feed()
	}
	if n := len(tap.of(pictureSSRC)) - sent; n != 0 {
		t.Errorf("%d packets of a still left with the others' burst, want them one by one", n)
	}
	at := time.Now()
	for range 50 {
		at = at.Add(100 * time.Millisecond)
		v.earn(at)
		v.drip(s.lane.crowd)
	}
	got := tap.of(pictureSSRC)
	if n := len(got) - sent; n != 2 {
		t.Errorf("%d packets, want the 2 of one keyframe", n)
	}
	s.inARow(got)
	if n := len(tap.of(voiceSSRC)); n != 20 {
		t.Errorf("%d packets of sound, want all 20", n)
	}
	v.climb(l, rung{layer: High, mode: modeFull, temporal: 3}, s.now)
	s.picture(High, false, 0)
	s.lane.feed()
	s.picture(High, true, 0)
	s.picture(High, false, 0)
	s.lane.feed()
	got = tap.of(pictureSSRC)
	s.inARow(got)
	if last := got[len(got)-1]; last.payload[1] != 1 || len(got) < sent+6 {
		t.Errorf("after the climb %d packets, want the picture to move again", len(got)-sent)
	}
}

func TestAGateThatOpensShowsNothingOfBefore(t *testing.T) {
	s := newStage(t)
	b := s.lane.broadcast
	source := s.layers[High].source
	source.encodings = []*encoding{s.layers[High]}
	b.selected[Camera] = source
	b.lanes.Store(&[]*lane{s.lane})
	b.SetAudience(Camera, Nobody())
	_, tap := s.join(Wish{})
	s.now = time.Now()
	s.picture(High, true, 0)
	s.picture(High, false, 0)
	s.lane.feed()
	time.Sleep(5 * time.Millisecond) // past the moments that stage gave its packets
	b.SetAudience(Camera, Everyone())
	s.sound(0)
	s.lane.feed()
	if n := len(tap.of(pictureSSRC)); n != 0 {
		t.Fatalf("%d packets of what came while the gate was closed", n)
	}
	if s.asked[High] == 0 {
		t.Error("nobody asked for a keyframe")
	}
	b.SetAudience(Camera, Everyone()) // nothing new: whoever comes may begin with what has passed since
	s.now = time.Now()
	s.picture(High, true, 0)
	s.lane.feed()
	_, late := s.join(Wish{})
	s.sound(0)
	s.lane.feed()
	if a, b := len(tap.of(pictureSSRC)), len(late.of(pictureSSRC)); a != 2 || b != 2 {
		t.Errorf("%d and %d packets of the keyframe after it, want 2 each", a, b)
	}
}

func TestAKeyframeThatIsLateItselfIsAskedForAgain(t *testing.T) {
	s := newStage(t)
	_, tap := s.join(Wish{})
	s.picture(High, true, 0)
	s.lane.feed()
	s.picture(High, false, 2*pictureLate)
	s.lane.feed()
	asked := s.asked[High]
	s.layers[High].keyframes.last = time.Time{} // its window is over
	s.picture(High, true, 2*pictureLate)
	s.lane.feed()
	if s.asked[High] == asked {
		t.Error("a keyframe was left out, and nobody asked for another")
	}
	asked = s.asked[High]
	s.layers[High].keyframes.last = time.Time{}
	s.lane.remind(time.Now().Add(2 * askAgain))
	if s.asked[High] == asked {
		t.Error("a keyframe that never came is not asked for again")
	}
	sent := len(tap.of(pictureSSRC))
	s.picture(High, true, 0)
	s.lane.feed()
	if n := len(tap.of(pictureSSRC)) - sent; n != 2 {
		t.Errorf("%d packets of the keyframe that came in time, want 2", n)
	}
}

func TestAStillIsWholeHoweverLongItTakes(t *testing.T) {
	s := newStage(t)
	v, tap := s.join(Wish{})
	s.picture(High, true, 0)
	s.lane.feed()
	v.climb(&v.lines[0], rung{layer: High, mode: modeStill}, s.now)
	sent := len(tap.of(pictureSSRC))
	at := time.Now()
	e := s.layers[High]
	s.now = s.now.Add(stillEvery)
	for i := range 60 { // a keyframe whose packets come while rounds go by
		s.index[High]++
		p := e.ring.Put(packet.Packet{
			Index: s.index[High], Timestamp: 1 << 30, Arrival: time.Now().Add(2 * stillEvery), Codec: packet.VP8,
			Payload: make([]byte, 1000), Start: i == 0, Keyframe: i == 0, Marker: i == 59,
		})
		s.lane.push(e, p)
		s.lane.feed()
		if i%7 == 0 {
			at = at.Add(100 * time.Millisecond)
			v.earn(at)
			v.drip(s.lane.crowd)
		}
	}
	for range 2 * videoRing { // the ring goes round meanwhile
		s.index[High]++
		e.ring.Put(packet.Packet{Index: s.index[High], Payload: []byte{1}, Codec: packet.VP8})
	}
	for range 200 {
		at = at.Add(100 * time.Millisecond)
		v.earn(at)
		v.drip(s.lane.crowd)
	}
	got := tap.of(pictureSSRC)
	if n := len(got) - sent; n != 60 {
		t.Errorf("%d packets of the still, want all 60", n)
	}
	s.inARow(got)
}

func TestASlowSinkIsNoLoad(t *testing.T) {
	s := newStage(t)
	l := newLane(s.lane.broadcast, &sinkMember{sink: nobodysSink{}})
	for range 20 {
		e := s.layers[High]
		s.index[High]++
		l.push(e, e.ring.Put(packet.Packet{
			Index: s.index[High], Arrival: time.Now().Add(-time.Second), Codec: packet.VP8, Payload: []byte{1}, Start: true, Marker: true,
		}))
		l.feed()
	}
	if n := s.engine.count.left.Load() + s.engine.count.drops[dropLaneLate].Load(); n != 0 || s.asked[High] != 0 {
		t.Errorf("a sink that is late left out %d packets and cost %d keyframes", n, s.asked[High])
	}
}

type nobodysSink struct{}

func (nobodysSink) WritePackets(Slot, Layer, []packet.Packet) {}
func (nobodysSink) End(error)                                 {}

package sfu

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtcp"

	"antenne/sfu/egress"
)

// What strangers say in RTCP is bounded: by message, by second, and it never
// breaks anybody but who said it.

func marshal(t testing.TB, packets ...rtcp.Packet) []byte {
	t.Helper()
	var all []byte
	for _, p := range packets {
		b, err := p.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	return all
}

// nackOf asks for pairs times 17 packets.
func nackOf(ssrc uint32, first uint16, pairs int) *rtcp.TransportLayerNack {
	n := &rtcp.TransportLayerNack{MediaSSRC: ssrc}
	for i := range pairs {
		n.Nacks = append(n.Nacks, rtcp.NackPair{PacketID: first + uint16(17*i), LostPackets: 0xffff})
	}
	return n
}

func fullIntra(ssrc uint32, n int) *rtcp.FullIntraRequest {
	f := &rtcp.FullIntraRequest{MediaSSRC: ssrc}
	for i := range n {
		f.FIR = append(f.FIR, rtcp.FIREntry{SSRC: ssrc, SequenceNumber: uint8(i)})
	}
	return f
}

// watched is a stage with one viewer who has seen a second of pictures.
func watched(t *testing.T) (*stage, *watcher, *tapped) {
	t.Helper()
	s := newStage(t)
	v, tap := s.join(Wish{})
	s.picture(High, true, 0)
	for range 25 {
		s.picture(High, false, 0)
	}
	s.lane.feed()
	return s, v, tap
}

func TestWhatOneMessageOfAViewerMayCost(t *testing.T) {
	long := nackOf(pictureSSRC, 0, 200)
	many := make([]rtcp.Packet, 0, 100)
	for i := range 100 {
		many = append(many, nackOf(pictureSSRC, uint16(17*i), 1))
	}
	storm := make([]rtcp.Packet, 0, 100)
	for range 100 {
		storm = append(storm, &rtcp.PictureLossIndication{MediaSSRC: pictureSSRC})
	}
	// REMB and transport feedback are of no use to a viewer: well formed, or
	// not.
	remb := &rtcp.ReceiverEstimatedMaximumBitrate{Bitrate: 1, SSRCs: []uint32{pictureSSRC, voiceSSRC}}
	twcc := []byte{0x8f, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0, 0}
	liar := &rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{{
		SSRC: pictureSSRC, FractionLost: 255, TotalLost: 1 << 23, Jitter: 1<<32 - 1, LastSenderReport: 1<<32 - 1, Delay: 1<<32 - 1,
	}}}
	for name, c := range map[string]struct {
		report    []byte
		nacked    uint64 // at most
		keyframes int    // at most
		malformed bool
	}{
		"nothing":                     {nil, 0, 0, true},
		"one byte":                    {[]byte{0x80}, 0, 0, true},
		"a length beyond the end":     {[]byte{0x81, 205, 0xff, 0xff, 0, 0, 0, 1, 0, 0, 0, 1}, 0, 0, true},
		"a NACK of 3,400 packets":     {marshal(t, long), maxNacked, 1, false},
		"a hundred NACKs":             {marshal(t, many...), maxNacked, 1, false},
		"a NACK of nobody's stream":   {marshal(t, nackOf(999, 0, 100)), 0, 0, false},
		"a hundred PLIs":              {marshal(t, storm...), 0, 1, false},
		"a FIR of 200 entries":        {marshal(t, fullIntra(pictureSSRC, 200)), 0, 1, false},
		"a PLI of a sound":            {marshal(t, &rtcp.PictureLossIndication{MediaSSRC: voiceSSRC}), 0, 0, false},
		"REMB":                        {marshal(t, remb), 0, 0, false},
		"transport feedback, broken":  {twcc, 0, 0, true},
		"a report that cannot be":     {marshal(t, liar), 0, 0, false},
		"an unknown type":             {[]byte{0x80, 250, 0, 1, 1, 2, 3, 4}, 0, 0, false},
		"good and then broken":        {append(marshal(t, storm[0]), 0x81, 205, 0xff, 0xff), 0, 0, true},
		"a goodbye":                   {marshal(t, &rtcp.Goodbye{Sources: []uint32{pictureSSRC}}), 0, 0, false},
		"an empty description":        {marshal(t, &rtcp.SourceDescription{}), 0, 0, false},
		"a sender report of a viewer": {marshal(t, &rtcp.SenderReport{SSRC: pictureSSRC, NTPTime: 1<<64 - 1}), 0, 0, false},
	} {
		s, v, _ := watched(t)
		asked, nacked := s.asked[High], v.nacked.Load()
		v.heed(s.lane.crowd, c.report, time.Now())
		if n := v.nacked.Load() - nacked; n > c.nacked {
			t.Errorf("%s: %d packets looked for, want at most %d", name, n, c.nacked)
		}
		if n := s.asked[High] - asked; n > c.keyframes {
			t.Errorf("%s: %d keyframes asked for, want at most %d", name, n, c.keyframes)
		}
		if n := s.engine.count.drops[dropMalformed].Load(); (n == 1) != c.malformed {
			t.Errorf("%s: %d counted as malformed, want %v", name, n, c.malformed)
		}
		if rtt := time.Duration(v.rtt.Load()); rtt < 0 || rtt > 16*time.Second {
			t.Errorf("%s: a round trip of %v", name, rtt)
		}
	}
}

// A minute of everything a viewer may say, as often as it may say it, costs the
// publisher a few keyframes and everybody else nothing.
func TestAStormOfAViewerCostsLittle(t *testing.T) {
	s, v, tap := watched(t)
	first := tap.of(pictureSSRC)[0].SequenceNumber
	report := marshal(t, nackOf(pictureSSRC, first, 16), fullIntra(pictureSSRC, 10), &rtcp.PictureLossIndication{MediaSSRC: pictureSSRC})
	at, asked, bucket, heard := time.Now(), s.asked[High], pace{left: feedbackBurst}, 0
	for i := range 60 * 1000 {
		if now := at.Add(time.Duration(i) * time.Millisecond); bucket.allow(now) {
			heard++
			v.heed(s.lane.crowd, report, now)
		}
	}
	if most := feedbackBurst + 60*feedbackRate; heard > most {
		t.Errorf("%d of 60,000 messages heard, want at most %d", heard, most)
	}
	if n, most := len(tap.of(repairSSRC)), repairBurst+60*repairRate; n > most {
		t.Errorf("%d repairs, want at most %d", n, most)
	}
	if n := s.asked[High] - asked; n > 60/int(keyframeMost/time.Second)+5 {
		t.Errorf("%d keyframes in a minute", n)
	}
}

// The newest report of a compound counts, and none of another's stream.
func TestReportsOfAPublisher(t *testing.T) {
	const mine = 7
	for name, c := range map[string]struct {
		packets []rtcp.Packet
		want    uint32 // media time of the report that was taken; 0 for none
	}{
		"none":               {nil, 0},
		"mine":               {[]rtcp.Packet{&rtcp.SenderReport{SSRC: mine, NTPTime: 1 << 32, RTPTime: 5}}, 5},
		"another's":          {[]rtcp.Packet{&rtcp.SenderReport{SSRC: 8, RTPTime: 5}}, 0},
		"mine among others'": {[]rtcp.Packet{&rtcp.SenderReport{SSRC: 8, RTPTime: 4}, &rtcp.SenderReport{SSRC: mine, RTPTime: 5}, &rtcp.Goodbye{}}, 5},
		"fifty of mine":      {fifty(mine), 50},
		"viewers' requests":  {[]rtcp.Packet{fullIntra(mine, 5), nackOf(mine, 0, 5), &rtcp.ReceiverReport{SSRC: mine}}, 0},
	} {
		e := cappedEncoding(cappedSource(), Camera, High)
		e.ssrc = mine
		e.source.encodings = append(e.source.encodings, e)
		if len(c.packets) > 0 {
			e.source.heed(marshal(t, c.packets...), startOfTime.Add(time.Second))
		}
		if e.clock.hasReport() != (c.want != 0) || e.clock.at != c.want {
			t.Errorf("%s: report %v at %d, want %d", name, e.clock.hasReport(), e.clock.at, c.want)
		}
	}
}

func fifty(ssrc uint32) (all []rtcp.Packet) {
	for i := range 50 {
		all = append(all, &rtcp.SenderReport{SSRC: ssrc, NTPTime: uint64(i) << 32, RTPTime: uint32(i + 1)})
	}
	return all
}

// FuzzViewerReports: whatever a viewer says, its lane goes on, what it is sent
// stays within its budget, and its publisher is asked for one keyframe at most.
func FuzzViewerReports(f *testing.F) {
	f.Add(marshal(f, nackOf(pictureSSRC, 0, 3), &rtcp.PictureLossIndication{MediaSSRC: pictureSSRC}))
	f.Add(marshal(f, &rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{{SSRC: pictureSSRC, LastSenderReport: 1, FractionLost: 9}}}))
	f.Add(marshal(f, fullIntra(pictureSSRC, 3), &rtcp.Goodbye{}))
	f.Add(marshal(f, &rtcp.ReceiverEstimatedMaximumBitrate{Bitrate: 1e6, SSRCs: []uint32{1}}))
	f.Add([]byte{0x8f, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 0, 0x20, 8, 0, 0})
	f.Add([]byte{0x81, 205, 0xff, 0xff})
	conn, err := egress.Listen("udp4", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = conn.Close() })
	f.Fuzz(func(t *testing.T, report []byte) {
		s, v, tap := fuzzed(conn)
		before := len(tap.seen)
		v.heed(s.lane.crowd, report, time.Now())
		if n := len(tap.seen) - before; n > repairBurst {
			t.Errorf("%d packets sent for one message", n)
		}
		if s.asked[High] > 1 {
			t.Errorf("%d keyframes for one message", s.asked[High])
		}
		if v.nacked.Load() > maxNacked {
			t.Errorf("%d packets looked for", v.nacked.Load())
		}
	})
}

// fuzzed is a viewer in the middle of a picture, made in little time.
func fuzzed(conn *egress.Conn) (*stage, *watcher, *tapped) {
	s := stageOn(conn)
	tap := &tapped{dest: conn.Dest(netip.MustParseAddrPort("127.0.0.1:9"))}
	v := s.joinAs(tap, Wish{})
	s.picture(High, true, 0)
	s.picture(High, false, 0)
	s.lane.feed()
	s.asked = [layerCount]int{}
	return s, v, tap
}

// FuzzPublisherReports: what a publisher says moves no clock but by a report of
// its own stream, and breaks nothing.
func FuzzPublisherReports(f *testing.F) {
	f.Add(marshal(f, &rtcp.SenderReport{SSRC: 7, NTPTime: 1 << 40, RTPTime: 9}))
	f.Add(marshal(f, &rtcp.SenderReport{SSRC: 8}, &rtcp.SourceDescription{}, &rtcp.Goodbye{Sources: []uint32{7}}))
	f.Add([]byte{0x80, 200, 0, 6})
	f.Fuzz(func(t *testing.T, report []byte) {
		e := cappedEncoding(cappedSource(), Camera, High)
		e.ssrc = 7
		e.source.encodings = append(e.source.encodings, e)
		e.source.heed(report, startOfTime.Add(time.Hour))
		if e.clock.hasReport() && !holds(report, 7) {
			t.Error("a report of nobody's stream was taken")
		}
		if at, ok := e.mediaTime(startOfTime.Add(2*time.Hour), 90000); ok && !e.clock.hasReport() {
			t.Errorf("a media time %d out of nothing", at)
		}
	})
}

// holds tells whether a sender report of that stream stands somewhere in b.
func holds(b []byte, ssrc uint32) bool {
	for i := 0; i+8 <= len(b); i += 4 {
		if b[i+1] == 200 && binary.BigEndian.Uint32(b[i+4:]) == ssrc {
			return true
		}
	}
	return false
}

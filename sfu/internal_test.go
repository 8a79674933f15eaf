package sfu

import (
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/rtp"

	"antenne/sfu/egress"
	"antenne/sfu/packet"
)

func addrs(list ...string) []netip.Addr {
	var all []netip.Addr
	for _, s := range list {
		all = append(all, netip.MustParseAddr(s))
	}
	return all
}

func TestCandidates(t *testing.T) {
	four, err := egress.Listen("udp4", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer four.Close()
	conns := []*egress.Conn{four}
	hasSix := false
	if six, err := egress.Listen("udp6", ":0"); err == nil {
		defer six.Close()
		conns, hasSix = append(conns, six), true
	}
	if !hasSix {
		t.Skip("no IPv6 here")
	}
	lan := addrs("127.0.0.1", "::1", "192.168.1.5", "2001:db8::5", "fe80::1", "192.168.1.5")
	for name, c := range map[string]struct {
		public, interfaces []netip.Addr
		remote             string
		want               []netip.Addr
	}{
		"from the network":          {nil, lan, "192.168.1.9", addrs("192.168.1.5", "2001:db8::5")},
		"from this machine":         {nil, lan, "127.0.0.1", addrs("127.0.0.1", "::1", "192.168.1.5", "2001:db8::5")},
		"mapped loopback":           {nil, lan, "::ffff:127.0.0.1", addrs("127.0.0.1", "::1", "192.168.1.5", "2001:db8::5")},
		"behind NAT":                {addrs("203.0.113.7"), lan, "198.51.100.1", addrs("203.0.113.7")},
		"behind NAT, this machine":  {addrs("203.0.113.7"), lan, "::1", addrs("127.0.0.1", "::1", "203.0.113.7")},
		"a laptop without network":  {nil, addrs("127.0.0.1", "::1"), "127.0.0.1", addrs("127.0.0.1", "::1")},
		"loopback only, unknown":    {nil, addrs("127.0.0.1"), "0.0.0.0", addrs("127.0.0.1")},
		"the address has changed":   {nil, addrs("127.0.0.1", "10.0.0.7"), "10.0.0.9", addrs("10.0.0.7")},
		"self-assigned IPv4 counts": {nil, addrs("169.254.3.4"), "169.254.3.5", addrs("169.254.3.4")},
	} {
		n := &network{conns: conns, publicIPs: c.public}
		if got := n.choose(c.interfaces, netip.MustParseAddr(c.remote).Unmap()); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestBoundToOneAddress(t *testing.T) {
	conn, err := egress.Listen("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	n := &network{conns: []*egress.Conn{conn}}
	got := n.choose(addrs("127.0.0.1", "192.168.1.5", "::1"), netip.MustParseAddr("192.168.1.9"))
	if !slices.Equal(got, addrs("127.0.0.1")) {
		t.Errorf("%v, want the address it is bound to", got)
	}
}

func TestDress(t *testing.T) {
	in := "v=0\r\na=ice-lite\r\nm=audio 9 X 1\r\na=mid:0\r\na=candidate:1 1 udp 1 1.2.3.4 5 typ host\r\na=end-of-candidates\r\nm=video 9 X 2\r\na=mid:1\r\n"
	got := string(dress(in, []string{"a=candidate:ours"}, []bool{true, false}))
	want := "v=0\r\na=ice-lite\r\nm=audio 0 X 1\r\na=mid:0\r\nm=video 9 X 2\r\na=mid:1\r\na=candidate:ours\r\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	got = string(dress(in, []string{"a=candidate:ours"}, nil))
	if strings.Count(got, "candidate:") != 1 || strings.Index(got, "ours") > strings.Index(got, "m=video") {
		t.Errorf("candidates belong into the first line, and only ours:\n%s", got)
	}
}

func TestLayerNames(t *testing.T) {
	for _, c := range []struct {
		all  string
		rid  string
		want Layer
	}{
		{"q h f", "f", High}, {"q h f", "h", Mid}, {"q h f", "q", Low},
		{"h m l", "h", High}, {"h m l", "m", Mid}, {"l m h", "l", Low},
		{"a b c", "c", High}, {"a b c", "a", Low}, {"x y", "x", Mid}, {"", "", High},
	} {
		if got := layerOf(c.rid, strings.Fields(c.all)); got != c.want {
			t.Errorf("%q of %q: %s, want %s", c.rid, c.all, got, c.want)
		}
	}
}

func TestAudience(t *testing.T) {
	for name, c := range map[string]struct {
		audience  Audience
		me, other bool // "me" came as "site/lens", "other" as nobody in particular
		open      bool
	}{
		"zero": {Audience{}, false, false, false}, "nobody": {Nobody(), false, false, false},
		"everyone": {Everyone(), true, true, true},
		"only":     {Only("me"), true, false, false}, "except": {Except("me"), false, true, true},
		"only that party":                  {OnlyParties("site/lens"), true, false, false},
		"except that party":                {ExceptParties("studio", "site/lens"), false, true, true},
		"only another party":               {OnlyParties("studio"), false, false, false},
		"a party is its whole name":        {OnlyParties("site/len", "site/lens2", "site/"), false, false, false},
		"an id is no party":                {OnlyParties("me"), false, false, false},
		"a party is no id":                 {Only("site/lens"), false, false, false},
		"nobody in particular is no party": {OnlyParties(""), false, false, false},
		"nor can be left out":              {ExceptParties(""), true, true, true},
	} {
		a := c.audience
		if a.Allows("me", "site/lens") != c.me || a.Allows("other", "") != c.other || a.open() != c.open {
			t.Errorf("%s: me %v other %v open %v", name, a.Allows("me", "site/lens"), a.Allows("other", ""), a.open())
		}
	}
	if !ExceptParties("a", "b", "a").equal(ExceptParties("b", "a")) || ExceptParties("a").equal(Except("a")) || OnlyParties("a").equal(ExceptParties("a")) {
		t.Error("audiences that say the same are another, or others are the same")
	}
}

func TestAKeyframeRequestInsideTheWindowIsKept(t *testing.T) {
	var sent atomic.Int32
	k := &keyframer{window: 50 * time.Millisecond, send: func() { sent.Add(1) }}
	for range 100 {
		k.Ask()
	}
	if n := sent.Load(); n != 1 {
		t.Fatalf("%d requests at once, want 1", n)
	}
	for deadline := time.Now().Add(10 * time.Second); sent.Load() < 2; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the request made inside the window was lost")
		}
	}
	k.Ask()
	k.Came() // what it wanted is there
	k.mu.Lock()
	pending := k.pending
	k.mu.Unlock()
	if pending != nil {
		t.Error("a request waits though the keyframe came")
	}
	k.Close()
	k.Ask()
	if n := sent.Load(); n != 2 {
		t.Errorf("%d requests in all, want 2", n)
	}
}

func TestLouderVoice(t *testing.T) {
	var l louder
	now := time.Now()
	say := func(slot Slot, level uint8, levels bool) {
		p := &packet.Packet{Arrival: now, Level: level, HasLevel: levels}
		l.weigh(slot, p)
	}
	both := func(voice, guest uint8, packets int) Slot {
		for range packets {
			now = now.Add(20 * time.Millisecond)
			say(Voice, voice, true)
			say(GuestVoice, guest, true)
		}
		return l.choice()
	}
	if got := both(30, 90, 100); got != Voice {
		t.Errorf("the mediator speaks, %s is heard", got)
	}
	if got := both(90, 30, 100); got != GuestVoice {
		t.Errorf("the guest speaks, %s is heard", got)
	}
	if got := both(40, 40, 100); got != GuestVoice {
		t.Errorf("both speak alike: %s is heard, want no change", got)
	}
	both(30, 90, 100)
	if got := both(90, 20, 1); got != Voice {
		t.Errorf("one loud packet of the guest and %s is heard", got)
	}
	for range 40 {
		now = now.Add(20 * time.Millisecond)
		say(Voice, 30, true)
		say(GuestVoice, 0, false)
	}
	if got := l.choice(); got != GuestVoice {
		t.Errorf("without levels %s is heard, want the guest", got)
	}
}

func TestSoundAndPictureShareAClock(t *testing.T) {
	var sender senderClock
	var sound, picture mediaClock
	arrival := startOfTime.Add(time.Minute)
	ntp := int64(1e18)
	sender.note(ntp, arrival.Add(80*time.Millisecond)) // a slow report
	sender.note(ntp, arrival)
	sound.noteReport(ntp, 48000)
	picture.noteReport(ntp+int64(time.Second), 90000)
	sender.note(ntp+int64(time.Second), arrival.Add(time.Second))
	at := arrival.Add(3 * time.Second)
	s, _ := sound.mediaTime(at, 48000, &sender, true)
	p, _ := picture.mediaTime(at, 90000, &sender, true)
	if s != 4*48000 || p != 3*90000 {
		t.Errorf("three seconds later: sound %d, picture %d; want %d and %d", s, p, 4*48000, 3*90000)
	}
	picture.noteArrival(1000, arrival)
	if p, _ := picture.mediaTime(arrival.Add(time.Second), 90000, &sender, false); p != 91000 {
		t.Errorf("by arrival: %d, want 91000", p)
	}
	if got := ntpNanos(ntpTime(time.Unix(1700000000, 5e8))); got < 1700000000499999990 || got > 1700000000500000010 {
		t.Errorf("NTP there and back: %d", got)
	}
}

func FuzzOffer(f *testing.F) {
	f.Add("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-ufrag:a\r\na=ice-pwd:b\r\na=fingerprint:sha-256 A\r\nm=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\na=bundle-only\r\na=rtpmap:96 VP8/90000\r\na=sendonly\r\n")
	f.Fuzz(func(t *testing.T, s string) {
		o, err := readOffer(Offer(s))
		if err != nil {
			if CodeOf(err) == "" {
				t.Fatalf("a refusal without a code: %v", err)
			}
			return
		}
		if err := o.forPublisher(SourceSpec{}); err != nil && CodeOf(err) == "" {
			t.Fatalf("a refusal without a code: %v", err)
		}
		text, err := o.text("sendonly")
		if err == nil && strings.Contains(text, "\na=candidate") {
			t.Fatal("a candidate came through")
		}
	})
}

func TestAFloodOfFeedbackIsCut(t *testing.T) {
	p, now, passed := pace{left: feedbackBurst}, time.Now(), 0
	for i := range 10000 { // ten seconds of a thousand a second
		if p.allow(now.Add(time.Duration(i) * time.Millisecond)) {
			passed++
		}
	}
	if want := feedbackBurst + 10*feedbackRate; passed < want-5 || passed > want+5 {
		t.Errorf("%d messages passed, want about %d", passed, want)
	}
}

func TestAFullLaneLeavesOutWholeFrames(t *testing.T) {
	engine := &Engine{timing: productionTiming()}
	b := newBroadcast(engine, "room")
	l := newLane(b, &crowd{engine: engine, sender: egress.NewSender()})
	source := &Source{session: &session{engine: engine, life: newLife()}, broadcast: b}
	asked := 0
	e := &encoding{source: source, slot: Camera, ring: packet.NewRing(2 * lanePictures)}
	e.keyframes.send = func() { asked++ }
	voice := &encoding{source: source, slot: Voice, ring: packet.NewRing(audioRing)}
	push := func(e *encoding, index uint64, key bool) {
		p := packet.Packet{Index: index, Start: index%10 == 0, Keyframe: key, Marker: index%10 == 9, Arrival: time.Now(), Payload: []byte{1}}
		l.push(e, e.ring.Put(p))
	}
	for i := range uint64(lanePictures + 5) {
		push(e, i+1, i == 0)
	}
	push(voice, 1, false)
	if got := engine.count.drops[dropLaneFull].Load(); got != 5 {
		t.Fatalf("%d packets dropped, want the 5 that did not fit", got)
	}
	if len(l.queue) != 3 || l.queue[0].to != lanePictures || !l.queue[1].left || l.queue[2].left {
		t.Fatalf("want one ticket for what goes out, one for what does not, one for the voice: %+v", l.queue)
	}
	l.feed()
	next := uint64(lanePictures + 6)
	push(e, next, false)
	l.taken, l.queue = l.queue, nil
	l.sort(time.Now())
	if !l.bursts[0].packets[0].late {
		t.Error("a picture built on what was left out went through")
	}
	if asked == 0 {
		t.Error("nobody asked for a keyframe")
	}
	l.tidy()
	push(e, next+4, true)
	l.taken, l.queue = l.queue, nil
	l.sort(time.Now())
	if l.bursts[0].packets[0].late {
		t.Error("the next keyframe was left out")
	}
}

// stuckTransport is a connection that takes nothing.
type stuckTransport struct{ until chan struct{} }

func (s stuckTransport) Dest() *egress.Dest                           { <-s.until; return nil }
func (s stuckTransport) Overhead() int                                { return 16 }
func (s stuckTransport) Seal(b []byte, _ *rtp.Header) ([]byte, error) { return b, nil }
func (s stuckTransport) SealReport(dst, report []byte) ([]byte, error) {
	return append(dst, report...), nil
}

func TestAStuckLaneDelaysNoReader(t *testing.T) {
	engine := &Engine{timing: productionTiming()}
	b := newBroadcast(engine, "room")
	l := newLane(b, &crowd{engine: engine, sender: egress.NewSender()})
	go l.run()
	source := &Source{session: &session{engine: engine, life: newLife()}, broadcast: b}
	e := &encoding{source: source, slot: Voice, stream: 1, ring: packet.NewRing(audioRing)}
	b.routes.Store(&routes{feeds: [slotCount]feed{Voice: {
		source: source, best: e, layers: [layerCount]*encoding{High: e}, audience: Everyone(),
	}}})
	stuck := stuckTransport{until: make(chan struct{})}
	v := newWatcher("stuck", engine, SinkSpec{})
	v.transport = stuck
	v.lines = []viewerLine{{
		pick: func(r *routes, who identity) *feed { return r.forSlot(Voice, who) },
		slot: Voice, types: payloadTypes{packet.Opus: 111}, audio: true, out: newOutLine(),
	}}
	l.crowd.enter(v)
	for i := range uint64(5 * laneSounds) { // returns though the viewer never does
		l.push(e, e.ring.Put(packet.Packet{Index: 1 + i, Codec: packet.Opus, Start: true, Payload: []byte{1}, Arrival: time.Now()}))
	}
	if engine.count.drops[dropLaneFull].Load() == 0 {
		t.Error("a stuck lane drops nothing, and its queue has no end")
	}
	close(stuck.until)
	l.stop()
}

package peer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v3"

	"antenne/sfu"
	"antenne/sfu/packet"
)

const (
	stamped      = -1                     // outgoing.index of a SEI
	logSize      = 500_000                // packets
	rememberSent = 4096                   // frames of a layer whose packets a crowd may look up
	leastBetween = 300 * time.Millisecond // of keyframes on request, as libwebrtc
	nameLayers   = 5 * time.Second        // so long packets say their layer; keyframes always do
)

// teacher is what Teacher is made of.
type teacher struct {
	*connection
	lesson   Lesson
	tracks   []*taughtTrack
	requests atomic.Uint64
	stop     chan struct{}
	once     sync.Once
	started  bool        // static once Teach has returned
	sent     [4]sentRing // by layer

	mu  sync.Mutex
	log []logged // guarded by mu; a ring once it is full
	at  int      // where the next one goes; guarded by mu
}

// taughtTrack is one track of a teacher. The player owns turn.
type taughtTrack struct {
	turn   turn
	layer  int
	local  *webrtc.TrackLocalStaticRTP
	sender *webrtc.RTPSender
	rid    string
	names  []rtp.Extension // mid and rid, where there are layers
	wanted atomic.Bool     // a keyframe was asked
}

type logged struct {
	at    int64
	frame uint32
	size  uint16
	layer uint8
	flags uint8
}

const (
	loggedFirst = 1 << iota
	loggedKey
)

// sentFrame is when the packets of a frame left. times is complete before the
// last of them is sent, and not written afterwards.
type sentFrame struct {
	number uint32
	times  []int64
}

type sentRing [rememberSent]atomic.Pointer[sentFrame]

// sentOf gives the times of the frame of a stamp, or nil.
func (t *teacher) sentOf(name uint32) []int64 {
	f := t.sent[name>>30][name%rememberSent].Load()
	if f == nil || f.number != name&frameMask {
		return nil
	}
	return f.times
}

var layerNames = []string{"h", "m", "l"}

func teach(ctx context.Context, exchange Exchange, l Lesson) (*Teacher, error) {
	lecture, err := loadLecture(l.Recording)
	if err != nil {
		return nil, err
	}
	if l.Single {
		lecture.loops = lecture.loops[:2]
	}
	c, err := newConnection(sdp.SDESMidURI, sdp.SDESRTPStreamIDURI, sdp.SDESRepairRTPStreamIDURI)
	if err != nil {
		return nil, err
	}
	t := &Teacher{teacher{connection: c, lesson: l, stop: make(chan struct{})}}
	if err := t.prepare(lecture); err != nil {
		return nil, errors.Join(err, c.pc.Close())
	}
	if err := c.join(ctx, whole(exchange)); err != nil {
		if errors.Is(err, webrtc.ErrUnsupportedCodec) {
			err = fmt.Errorf("peer: the server does not take %s: teach another recording: %w", lecture.loops[1].codec, err)
		}
		return nil, errors.Join(err, t.close(ctx))
	}
	t.start()
	return t, nil
}

// whole passes on what a server answers that takes every line. One that refuses a line (port 0, RFC 3264 §6) is told by
// its kind: a teacher that played half of its lesson would make silence look like a fault of the way.
func whole(exchange Exchange) Exchange {
	return func(ctx context.Context, o sfu.Offer) (sfu.Answer, func(context.Context) error, error) {
		answer, end, err := exchange(ctx, o)
		if err != nil {
			return answer, end, err
		}
		for line := range strings.Lines(string(answer)) {
			kind, ok := strings.CutPrefix(line, "m=")
			if f := strings.Fields(kind); ok && len(f) > 1 && f[1] == "0" {
				return answer, end, fmt.Errorf("peer: the server refuses the %s of the lesson", f[0])
			}
		}
		return answer, end, nil
	}
}

func (t *teacher) prepare(l *lecture) error {
	if !t.lesson.Silent {
		if err := t.add(l.loops[0], 0, "", nil); err != nil {
			return err
		}
	}
	var first *taughtTrack
	for i, loop := range l.loops[1:] {
		rid := ""
		if len(l.loops) > 2 {
			rid = layerNames[i]
		}
		if err := t.add(loop, i+1, rid, first); err != nil {
			return err
		}
		if first == nil {
			first = t.tracks[len(t.tracks)-1]
		}
	}
	return nil
}

// add makes one track; with is the layer above it.
func (t *teacher) add(l *loop, layer int, rid string, with *taughtTrack) error {
	var options []func(*webrtc.TrackLocalStaticRTP)
	if rid != "" {
		options = append(options, webrtc.WithRTPStreamID(rid))
	}
	local, err := webrtc.NewTrackLocalStaticRTP(capabilities[l.codec], strings.ToLower(l.codec.String()), "teacher", options...)
	if err != nil {
		return err
	}
	one := &taughtTrack{turn: turn{loop: l, sequence: uint16(rand.Uint32()), shift: rand.Uint32()}, layer: layer, local: local, rid: rid}
	if with != nil {
		one.sender = with.sender
		err = with.sender.AddEncoding(local)
	} else {
		var line *webrtc.RTPTransceiver
		line, err = t.pc.AddTransceiverFromTrack(local, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
		if err == nil {
			one.sender = line.Sender()
		}
	}
	t.tracks = append(t.tracks, one)
	return err
}

func (t *teacher) start() {
	t.started = true
	for _, one := range t.tracks {
		if one.rid != "" {
			one.names = t.namesOf(one)
		}
		t.running.Go(func() { t.listen(one) })
	}
	t.running.Go(t.play)
}

// namesOf are the header extensions by which a server knows a layer (RFC 8852).
func (t *teacher) namesOf(one *taughtTrack) []rtp.Extension {
	mid := ""
	for _, line := range t.pc.GetTransceivers() {
		if line.Sender() == one.sender {
			mid = line.Mid()
		}
	}
	var made rtp.Header
	for _, e := range one.sender.GetParameters().HeaderExtensions {
		switch e.URI {
		case sdp.SDESMidURI:
			_ = made.SetExtension(uint8(e.ID), []byte(mid))
		case sdp.SDESRTPStreamIDURI:
			_ = made.SetExtension(uint8(e.ID), []byte(one.rid))
		}
	}
	return made.Extensions
}

// listen answers requests for keyframes of one track until it ends.
func (t *teacher) listen(one *taughtTrack) {
	read := one.sender.ReadRTCP
	if one.rid != "" {
		read = func() ([]rtcp.Packet, interceptor.Attributes, error) { return one.sender.ReadSimulcastRTCP(one.rid) }
	}
	for {
		packets, _, err := read()
		if err != nil {
			return
		}
		for _, p := range packets {
			switch p.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				t.requests.Add(1)
				one.wanted.Store(true)
			}
		}
	}
}

// play is the clock of all tracks: frames that are due are queued, packets that
// may leave are sent.
func (t *teacher) play() {
	now := time.Now()
	bits := 0.0
	for _, one := range t.tracks {
		one.turn.base = now
		if one.layer > 0 {
			bits += one.turn.loop.bits
		}
	}
	began, pace := now, newPacer(t.lesson.Pacing, bits, now)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-t.stop:
			return
		}
		now = time.Now()
		t.queueDue(now, pace)
		for {
			o, ok := pace.take(now, t.sizeOf)
			if !ok {
				break
			}
			if err := t.send(&o, now.Sub(began) < nameLayers); err != nil {
				return
			}
		}
		timer.Reset(time.Until(t.wake(now, pace)))
	}
}

func (t *teacher) recorded() bool { return t.lesson.Pacing == PacingRecorded }

// wake is when there is something to do again.
func (t *teacher) wake(now time.Time, p *pacer) time.Time {
	var at time.Time
	for _, one := range t.tracks {
		if due := one.turn.due(t.recorded()); at.IsZero() || due.Before(at) {
			at = due
		}
	}
	if len(p.queue) > 0 {
		if next := p.next(now); next.Before(at) {
			at = next
		}
	}
	return at
}

// queueDue queues the frames whose time has come. Sound does not wait behind
// pictures: it goes to the front.
func (t *teacher) queueDue(now time.Time, p *pacer) {
	for _, one := range t.tracks {
		for !one.turn.due(t.recorded()).After(now) {
			if one.layer > 0 && float64(one.turn.sinceKey) >= leastBetween.Seconds()*30 && one.wanted.Swap(false) {
				one.turn.restart(t.recorded())
			}
			t.queueFrame(one, p)
		}
	}
}

func (t *teacher) queueFrame(one *taughtTrack, p *pacer) {
	sei := -1 // in front of which packet
	f := &one.turn.loop.frames[one.turn.place]
	n := len(f.packets)
	if one.turn.loop.codec == packet.H264 && !t.lesson.Unstamped {
		sei = f.firstSlice()
		n++
	}
	frame := one.turn.next(t.recorded(), uint16(n-len(f.packets)))
	sent := &sentFrame{number: frame.number & frameMask, times: make([]int64, n)}
	place := 0
	put := func(index int, due time.Time) {
		p.put(outgoing{due: due, track: one, frame: &frame, index: index, place: place, sent: sent}, one.layer == 0)
		place++
	}
	for i := range f.packets {
		due := frame.due
		if t.recorded() {
			due = due.Add(f.packets[i].after)
		}
		if i == sei {
			put(stamped, due)
		}
		put(i, due)
	}
}

// sizeOf is what a packet weighs for the pacer.
func (t *teacher) sizeOf(o *outgoing) int {
	switch {
	case o.track.layer == 0:
		return 0 // sound is not paced
	case o.index == stamped:
		return headerBytes + seiBytes
	}
	return headerBytes + len(o.frame.frame.packets[o.index].payload)
}

const (
	headerBytes = 12
	seiBytes    = 39
)

func (t *teacher) send(o *outgoing, named bool) error {
	at := realtime()
	payload, marker := t.payload(o, at)
	h := rtp.Header{Version: 2, Marker: marker, SequenceNumber: o.frame.sequence + uint16(o.place), Timestamp: o.frame.time}
	if named || o.frame.frame.key {
		for _, e := range o.track.names {
			h.Extensions = append(h.Extensions, e)
			h.Extension, h.ExtensionProfile = true, rtp.ExtensionProfileOneByte
		}
	}
	t.note(o, at, headerBytes+len(payload))
	err := o.track.local.WriteRTP(&rtp.Packet{Header: h, Payload: payload})
	if errors.Is(err, io.ErrClosedPipe) {
		return nil // the connection may come back, or Close is near
	}
	return err
}

// payload is the recorded one with running counters and, where it belongs, the stamp.
func (t *teacher) payload(o *outgoing, at int64) (b []byte, marker bool) {
	s := stamp{layer: o.track.layer, frame: o.frame.number & frameMask, sent: at}
	if o.index == stamped {
		return s.sei(), false
	}
	b, marker = o.frame.payload(o.index), o.frame.frame.packets[o.index].marker
	if t.lesson.Unstamped {
		return b, marker
	}
	switch codec := o.track.turn.loop.codec; {
	case codec == packet.VP8 && marker:
		b = s.append(b)
	case codec == packet.Opus:
		if padded, ok := padOpus(b, stampSize); ok {
			b = s.append(padded[:len(padded)-stampSize])
		}
	}
	return b, marker
}

// note writes the log and, with the last packet of a frame, what a crowd looks up.
func (t *teacher) note(o *outgoing, at int64, size int) {
	o.sent.times[o.place] = at
	if o.track.layer > 0 && o.place == len(o.sent.times)-1 {
		t.sent[o.track.layer][o.sent.number%rememberSent].Store(o.sent)
	}
	l := logged{at: at, frame: o.frame.number, size: uint16(size), layer: uint8(o.track.layer)}
	if o.place == 0 {
		l.flags |= loggedFirst
	}
	if o.frame.frame.key {
		l.flags |= loggedKey
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.log) < logSize {
		t.log = append(t.log, l)
		return
	}
	t.log[t.at] = l
	t.at = (t.at + 1) % logSize
}

func (t *teacher) window(from, to time.Time) []Sent {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []Sent
	for i := range t.log {
		l := &t.log[(t.at+i)%len(t.log)]
		if l.at < from.UnixNano() || l.at >= to.UnixNano() {
			continue
		}
		out = append(out, Sent{
			At: time.Unix(0, l.at), Size: int(l.size), Layer: int(l.layer), Frame: l.frame,
			First: l.flags&loggedFirst != 0, Key: l.flags&loggedKey != 0,
		})
	}
	return out
}

func (t *teacher) layers() int {
	n := 0
	for _, one := range t.tracks {
		n = max(n, one.layer)
	}
	return n
}

func (t *teacher) asked() uint64 { return t.requests.Load() }

func (t *teacher) close(ctx context.Context) error {
	t.once.Do(func() { close(t.stop); t.hush() })
	return t.connection.close(ctx)
}

// hush ends the readers of RTCP before the connection is closed: Pion's
// ReadSimulcast races with Close.
func (t *teacher) hush() {
	if !t.started {
		return
	}
	past := time.Unix(1, 0)
	for _, one := range t.tracks {
		if one.rid != "" {
			_ = one.sender.SetReadDeadlineSimulcast(past, one.rid)
		} else {
			_ = one.sender.SetReadDeadline(past)
		}
	}
	t.running.Wait()
}

package sfu_test

import (
	"context"
	"io"
	"net"
	"net/netip"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"antenne/sfu"
	"antenne/sfu/packet"
	"antenne/sfu/peer"
)

// pipe is a line of so many bits a second between one viewer by TCP and the
// engine: nothing but TCP, and little room in between.
type pipe struct {
	t        *testing.T
	listener net.Listener
	to       string
	rate     atomic.Int64 // bits/s down, 0 for no limit
	passed   atomic.Uint64
	running  sync.WaitGroup

	mu    sync.Mutex
	conns []net.Conn // guarded by mu
}

func newPipe(t *testing.T, port int, rate int64) *pipe {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &pipe{t: t, listener: l, to: "127.0.0.1:" + itoa(port)}
	p.rate.Store(rate)
	p.running.Go(p.accept)
	t.Cleanup(func() {
		_ = l.Close()
		p.cut()
		p.running.Wait()
	})
	return p
}

// smallBuffer keeps a connection from taking seconds of media by itself.
const smallBuffer = 8 << 10

func (p *pipe) accept() {
	dialer := net.Dialer{Control: func(_, _ string, raw syscall.RawConn) error {
		return raw.Control(func(fd uintptr) {
			_ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, smallBuffer)
		})
	}}
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		far, err := dialer.Dial("tcp4", p.to)
		if err != nil {
			p.t.Error(err)
			_ = near.Close()
			return
		}
		p.mu.Lock()
		p.conns = append(p.conns, near, far)
		p.mu.Unlock()
		p.running.Go(func() {
			_, _ = io.Copy(far, near)
			_ = far.Close()
		})
		p.running.Go(func() {
			p.down(near, far)
			_ = near.Close()
		})
	}
}

func (p *pipe) down(near, far net.Conn) {
	b := make([]byte, 1024)
	for {
		n, err := far.Read(b)
		if err != nil {
			return
		}
		if rate := p.rate.Load(); rate > 0 {
			time.Sleep(time.Duration(n) * 8 * time.Second / time.Duration(rate))
		}
		if _, err := near.Write(b[:n]); err != nil {
			return
		}
		p.passed.Add(uint64(n))
	}
}

// cut breaks what stands, without a word.
func (p *pipe) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		_ = c.Close()
	}
	p.conns = nil
}

// through lets a viewer reach the engine by the pipe alone.
func (p *pipe) through(a sfu.Answer) sfu.Answer {
	_, port, _ := net.SplitHostPort(p.listener.Addr().String())
	bare := candidate.ReplaceAllString(string(a), "")
	return sfu.Answer(strings.Replace(bare, "a=end-of-candidates",
		"a=candidate:1 1 tcp 1520435199 127.0.0.1 "+port+" typ host tcptype passive\r\na=end-of-candidates", 1))
}

// viewByTCP joins by TCP alone; change may meddle with the answer.
func viewByTCP(t *testing.T, b *sfu.Broadcast, spec sfu.SinkSpec, change func(sfu.Answer) sfu.Answer) (*peer.Viewer, *sfu.Subscription) {
	t.Helper()
	if !spec.Remote.IsValid() {
		spec.Remote = loopback
	}
	var sub *sfu.Subscription
	v, err := peer.View(patience(t), peer.Direct(func(o sfu.Offer) (sfu.Answer, error) {
		a, s, err := b.Subscribe(context.Background(), o, spec)
		sub = s
		return change(a), err
	}), peer.Want{Five: spec.Five, TCP: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Leave() })
	return v, sub
}

func asItIs(a sfu.Answer) sfu.Answer { return a }

var byIPv4 = regexp.MustCompile(`(?m)^a=candidate:\S+ 1 \S+ \d+ [\d.]+ .*\r\n`)

// A viewer to whom no datagram gets through has sound and picture by TCP, on
// both families, and leaves nothing behind.
func TestAViewerByTCP(t *testing.T) {
	t.Parallel() // it mostly waits
	for name, c := range map[string]struct {
		remote netip.Addr
		change func(sfu.Answer) sfu.Answer
	}{
		"IPv4": {loopback, asItIs},
		"IPv6": {netip.IPv6Loopback(), func(a sfu.Answer) sfu.Answer { return sfu.Answer(byIPv4.ReplaceAllString(string(a), "")) }},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEngine(t)
			b := e.Open("room")
			onAir(b)
			publish(t, b, packet.VP8, mediator)
			spec := five()
			spec.Remote = c.remote
			v, sub := viewByTCP(t, b, spec, c.change)
			for _, line := range []sfu.Slot{sfu.Voice, sfu.Camera} {
				grows(t, v, line, 20)
			}
			s := e.Stats()
			if got := sub.Stats().Transport; got != sfu.TCP || s.Transports[sfu.TCP] != 1 {
				t.Errorf("transport %s, by transport %v", got, s.Transports)
			}
			if s.Streams.Open < 1 || s.Streams.Datagrams < 40 || s.Streams.Bytes == 0 || s.Streams.Writes == 0 {
				t.Errorf("figures: %+v", s.Streams)
			}
			if gaps := v.Lines()[sfu.Camera].Gaps + v.Lines()[sfu.Voice].Gaps; gaps != 0 {
				t.Errorf("%d packets lost over TCP", gaps)
			}
			if err := v.Leave(); err != nil {
				t.Error(err)
			}
			<-sub.Done()
			if sub.Reason() != sfu.ReasonClosed {
				t.Errorf("it left, and that is taken for %q", sub.Reason())
			}
			eventually(t, "the connection is gone", func() bool { return e.Stats().Streams.Open == 0 })
		})
	}
}

// The engine's end reaches viewers by TCP: a goodbye, then the end of the
// connection; and nothing of theirs goes on after Close.
func TestCloseEndsViewersByTCP(t *testing.T) {
	before := runtime.NumGoroutine()
	e, err := sfu.New(sfu.Config{Media: ":0"})
	if err != nil {
		t.Fatal(err)
	}
	b := e.Open("room")
	v, sub := viewByTCP(t, b, five(), asItIs)
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if sub.Reason() != sfu.ReasonShutdown || e.Stats().Streams.Open != 0 {
		t.Errorf("ended for %q, %d connections open", sub.Reason(), e.Stats().Streams.Open)
	}
	noDataEver(t, e)
	_ = v.Leave()
	eventually(t, "no goroutine is left", func() bool { return runtime.NumGoroutine() <= before })
}

func TestPublishersAreNotOfferedTCP(t *testing.T) {
	b := newEngine(t).Open("room")
	a, _, err := b.Publish(context.Background(), sfu.Offer(publisherOffer(t, true, true)), mediator)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(a), " tcp ") || !strings.Contains(string(a), " udp ") {
		t.Errorf("the answer:\n%s", a)
	}
}

// A viewer on a TCP line far too narrow for the picture: it keeps its sound and
// comes down to what the line holds. Who stands beside it, in the same lane,
// loses nothing.
func TestANarrowTCPLineIsItsOwnTrouble(t *testing.T) {
	t.Parallel() // it mostly waits
	e := newEngine(t)
	b := e.Open("room")
	onAir(b)
	var source *sfu.Source
	teacher, err := peer.Teach(patience(t), peer.Direct(func(o sfu.Offer) (sfu.Answer, error) {
		a, s, err := b.Publish(context.Background(), o, mediator)
		source = s
		return a, err
	}), peer.Lesson{Recording: "vp8-single"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = teacher.Close(context.Background()) })
	for _, slot := range source.Slots() {
		b.Select(slot, source)
	}
	line := newPipe(t, e.Port(), 0)
	wide := sfu.Wish{Width: 1920, Height: 1080}
	narrow, sub := viewByTCP(t, b, sfu.SinkSpec{Wish: wide}, line.through)
	good, other := view(t, b, sfu.SinkSpec{Wish: wide})
	for _, s := range []*sfu.Subscription{sub, other} {
		eventually(t, "the whole picture comes", func() bool { return s.Stats().Views[sfu.Camera] == sfu.ViewHigh })
	}
	const sound, picture = 0, 1
	grows(t, narrow, picture, 10)
	grows(t, good, picture, 10)

	line.rate.Store(300e3)
	began := good.Lines()
	eventually(t, "pictures are dropped that would come late", func() bool { return e.Stats().Drops["stream-late"] > 0 })
	eventually(t, "the viewer comes down", func() bool { return sub.Stats().Views[sfu.Camera] >= sfu.ViewLow })
	heard, all := narrow.Lines()[sound], good.Lines()[sound]
	grows(t, good, sound, 250)
	now, allNow := narrow.Lines()[sound], good.Lines()[sound]
	if got, want := now.Packets-heard.Packets, allNow.Packets-all.Packets; got*10 < want*9 {
		t.Errorf("%d packets of sound came by the narrow line while %d were sent", got, want)
	}
	ended := good.Lines()
	for _, i := range []int{sound, picture} {
		if lost := ended[i].Gaps - began[i].Gaps; lost != 0 {
			t.Errorf("line %d of the good viewer lost %d packets", i, lost)
		}
	}
	if got := other.Stats().Views[sfu.Camera]; got != sfu.ViewHigh {
		t.Errorf("the good viewer came down to %s", got)
	}
}

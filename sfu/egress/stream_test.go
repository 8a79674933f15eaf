package egress

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
)

// hall is Streams behind a real listener.
type hall struct {
	*Streams
	t        testing.TB
	listener net.Listener
}

func openHall(t testing.TB, config StreamConfig, take func(Origin, []byte, netip.AddrPort) bool) *hall {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &hall{NewStreams(config, take), t, l}
	var accepting sync.WaitGroup
	accepting.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go h.Serve(conn)
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		accepting.Wait()
		h.Close()
	})
	return h
}

// dial is the other end of a stream.
func (h *hall) dial() *net.TCPConn {
	h.t.Helper()
	c, err := net.Dial("tcp", h.listener.Addr().String())
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	return c.(*net.TCPConn)
}

// until waits for what must come to be.
func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

func framed(datagrams ...[]byte) (b []byte) {
	for _, d := range datagrams {
		b = binary.BigEndian.AppendUint16(b, uint16(len(d)))
		b = append(b, d...)
	}
	return b
}

func readFrame(r io.Reader) ([]byte, error) {
	var header [2]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return nil, err
	}
	b := make([]byte, binary.BigEndian.Uint16(header[:]))
	_, err := io.ReadFull(r, b)
	return b, err
}

// closedByPeer waits for the end of a connection.
func closedByPeer(t testing.TB, c net.Conn) {
	t.Helper()
	if _, err := io.Copy(io.Discard, c); err != nil && errors.Is(err, io.ErrNoProgress) {
		t.Error(err)
	}
}

// echo answers what it gets, and takes the other end for proven.
func echo(o Origin, b []byte, from netip.AddrPort) bool {
	d := o.Dest(from)
	d.Admit()
	_ = d.Send(b)
	return true
}

// media is a datagram that may pass.
func media(size, number int) []byte {
	b := datagram(size, number)
	b[0] = 0x80
	return b
}

func TestStreamCarriesDatagramsHoweverTheyAreCut(t *testing.T) {
	h := openHall(t, StreamConfig{}, echo)
	var sent [][]byte
	for i := range 40 {
		sent = append(sent, media(1+(i*97)%frameLimit, i))
	}
	sent = append(sent, media(frameLimit, 99))
	for name, cut := range map[string]int{"all at once": 1 << 20, "by seven bytes": 7, "by 1,500": 1500} {
		t.Run(name, func(t *testing.T) {
			c := h.dial()
			go func() {
				for b := range slices.Chunk(framed(sent...), cut) {
					if _, err := c.Write(b); err != nil {
						return
					}
				}
			}()
			for i, want := range sent {
				if got, err := readFrame(c); err != nil || !bytes.Equal(got, want) {
					t.Fatalf("datagram %d: %d bytes, %v; want %d", i, len(got), err, len(want))
				}
			}
		})
	}
	until(t, "all is counted", func() bool {
		s := h.Stats()
		return s.PacketsIn == uint64(3*len(sent)) && s.PacketsIn == s.PacketsOut && s.BytesIn == s.BytesOut
	})
}

func TestStreamsEndWhatDoesNotBehave(t *testing.T) {
	request := unhex(t, "00010000"+transaction)
	nobody := func(Origin, []byte, netip.AddrPort) bool { return false }
	swallow := func(Origin, []byte, netip.AddrPort) bool { return true }
	short := StreamConfig{Prove: 50 * time.Millisecond, Idle: 60 * time.Millisecond}
	for name, c := range map[string]struct {
		config StreamConfig
		take   func(Origin, []byte, netip.AddrPort) bool
		sends  []byte
		reason Reason
	}{
		"says nothing":               {short, echo, nil, StreamSilent},
		"half a header":              {short, echo, []byte{0}, StreamSilent},
		"half a frame":               {short, echo, []byte{0, 20, 0, 1}, StreamSilent},
		"proves nothing":             {short, swallow, framed(request, request), StreamSilent},
		"proves, then falls silent":  {short, echo, framed(request), StreamSilent},
		"for nobody here":            {StreamConfig{}, nobody, framed(request), StreamStranger},
		"no protocol of ours":        {StreamConfig{}, echo, framed([]byte{0xff, 1, 2}), Unknown},
		"malformed STUN":             {StreamConfig{}, echo, framed(request[:19]), STUNMalformed},
		"a frame larger than any":    {StreamConfig{}, echo, []byte{16, 1}, StreamFrame},
		"the first bytes of HTTP":    {StreamConfig{}, echo, []byte("GET / HTTP/1.1\r\n\r\n"), StreamFrame},
		"large after it was trusted": {StreamConfig{}, echo, append(framed(request), 0xff, 0xff), StreamFrame},
	} {
		t.Run(name, func(t *testing.T) {
			h := openHall(t, c.config, c.take)
			conn := h.dial()
			_, _ = conn.Write(c.sends)
			closedByPeer(t, conn)
			until(t, "the stream is gone", func() bool { return h.Open() == 0 })
			if n := h.Stats().Drops[c.reason.String()]; n != 1 {
				t.Errorf("counted %v, want one %s", h.Stats().Drops, c.reason)
			}
		})
	}
}

// A stranger cannot stay by talking; who was admitted may, and may err.
func TestAnAdmittedStreamMayErr(t *testing.T) {
	h := openHall(t, StreamConfig{Prove: 300 * time.Millisecond}, echo)
	c := h.dial()
	request := unhex(t, "00010000"+transaction)
	_, _ = c.Write(framed(request, []byte{}, []byte{0xff}, request[:19]))
	began := time.Now()
	for time.Since(began) < 500*time.Millisecond { // past the time to prove
		_, _ = c.Write(framed(request))
		time.Sleep(20 * time.Millisecond)
		if got, err := readFrame(c); err != nil || !bytes.Equal(got, request) {
			t.Fatalf("%x, %v", got, err)
		}
	}
	if d := h.Stats().Drops; d["unknown-protocol"] != 1 || d["stun-malformed"] != 1 || h.Open() != 1 {
		t.Errorf("drops %v, open %d", d, h.Open())
	}
}

func TestStreamsAreLimited(t *testing.T) {
	h := openHall(t, StreamConfig{Most: 100, PerAddress: 3}, echo)
	var first []*net.TCPConn
	for range 3 {
		first = append(first, h.dial())
	}
	until(t, "three are in", func() bool { return h.Open() == 3 })
	closedByPeer(t, h.dial())
	until(t, "the one that was refused is counted", func() bool { return h.Stats().Drops["stream-limit"] == 1 && h.Open() == 3 })
	_ = first[0].Close()
	until(t, "one has left", func() bool { return h.Open() == 2 })
	c := h.dial()
	_, _ = c.Write(framed(media(10, 1)))
	if _, err := readFrame(c); err != nil {
		t.Errorf("the place that was left is not given again: %v", err)
	}
	for range 10 { // who proved who they are make room for others behind the same address
		c := h.dial()
		_, _ = c.Write(framed(media(10, 1)))
		if _, err := readFrame(c); err != nil {
			t.Fatalf("refused among those who are known: %v", err)
		}
	}
	few := openHall(t, StreamConfig{Most: 1}, echo)
	few.known()
	closedByPeer(t, few.dial())
	if n := few.Stats().Drops["stream-limit"]; n != 1 || few.Open() != 1 {
		t.Errorf("%d refused, %d open", n, few.Open())
	}
}

// known dials a stream that proves who it is.
func (h *hall) known() *net.TCPConn {
	h.t.Helper()
	c := h.dial()
	_, _ = c.Write(framed(media(10, 1)))
	if _, err := readFrame(c); err != nil {
		h.t.Fatalf("refused: %v", err)
	}
	return c
}

// Strangers, from wherever they come, neither keep anybody out nor put anybody
// out who is known: the oldest of them makes room.
func TestStrangersCrowdOutEachOther(t *testing.T) {
	for name, config := range map[string]StreamConfig{
		"too many strangers": {Strangers: 3, PerAddress: 4},
		"too many in all":    {Most: 5, PerAddress: 4},
	} {
		t.Run(name, func(t *testing.T) {
			h := openHall(t, config, echo)
			known := []*net.TCPConn{h.known(), h.known()}
			var strangers []*net.TCPConn
			for i := range 3 {
				strangers = append(strangers, h.dial())
				until(t, "a stranger is in", func() bool { return h.Open() == 3+i })
			}
			for i := range 3 {
				known = append(known, h.known())
				closedByPeer(t, strangers[i])
				if config.Most > 0 {
					continue // the place of the stranger is taken
				}
				strangers = append(strangers, h.dial())
				until(t, "another stranger is in", func() bool { return h.Open() == len(known)+3 })
			}
			for _, c := range known {
				_, _ = c.Write(framed(media(20, 2)))
				if _, err := readFrame(c); err != nil {
					t.Errorf("who was known is out: %v", err)
				}
			}
			if d := h.Stats().Drops; d["stream-crowded"] != 3 || d["stream-limit"] != 0 {
				t.Errorf("counted %v", d)
			}
		})
	}
}

func TestNetworkOf(t *testing.T) {
	for ip, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::", "fe80::1%lo": "fe80::",
	} {
		if got := NetworkOf(netip.MustParseAddr(ip)); got.String() != want {
			t.Errorf("%s: %s, want %s", ip, got, want)
		}
	}
}

// A viewer that stops reading: nobody waits for it, what does not fit is
// dropped whole and counted, and what it gets when it reads again is whole and
// in order.
func TestAStreamThatIsNotReadDropsWhole(t *testing.T) {
	dests := make(chan *Dest, 1)
	h := openHall(t, StreamConfig{Late: time.Hour}, func(o Origin, _ []byte, from netip.AddrPort) bool {
		o.Dest(from).Admit()
		dests <- o.Dest(from)
		return true
	})
	c := h.dial()
	_, _ = c.Write(framed(media(10, 0)))
	d := <-dests
	conn, l := open(t, "udp4"), hear(t, "udp4")
	s, good := NewSender(conn), conn.Dest(l.addr)
	const all = 20000
	for i := range all {
		b := media(1150, i)
		binary.BigEndian.PutUint32(b[4:], uint32(i))
		put(s, d, b)
		if i%1000 == 0 {
			put(s, good, datagram(1000, i))
			s.Flush()
			l.wants([][]byte{datagram(1000, i)})
		}
	}
	dropped := int(h.Stats().Drops["stream-full"])
	if dropped == 0 || dropped == all {
		t.Fatalf("%d of %d dropped", dropped, all)
	}
	d.Close()
	last := -1
	for got := range all - dropped {
		b, err := readFrame(c)
		if err != nil || len(b) != 1150 {
			t.Fatalf("datagram %d of %d: %d bytes, %v", got, all-dropped, len(b), err)
		}
		n := int(binary.BigEndian.Uint32(b[4:]))
		if n <= last || !bytes.Equal(b[8:], media(1150, n)[8:]) {
			t.Fatalf("datagram %d after %d", n, last)
		}
		last = n
	}
	if _, err := readFrame(c); err != io.EOF {
		t.Errorf("after the last: %v, want the end", err)
	}
	if err := d.Send([]byte{1}); err != net.ErrClosed {
		t.Errorf("sending on a closed stream: %v", err)
	}
	s.Commit(copy(s.Room(d, 10), "late"))
	until(t, "all is counted", func() bool { return h.Stats().PacketsOut == uint64(all-dropped) })
}

func TestAStreamThatTakesNothingIsEnded(t *testing.T) {
	h := openHall(t, StreamConfig{Stall: 50 * time.Millisecond}, func(o Origin, _ []byte, from netip.AddrPort) bool {
		d := o.Dest(from)
		d.Admit()
		go func() {
			for d.Send(media(60000, 1)) == nil {
				runtime.Gosched()
			}
		}()
		return true
	})
	c := h.dial()
	_, _ = c.Write(framed(media(10, 0)))
	until(t, "it stalled", func() bool { return h.Stats().Drops["stream-stalled"] == 1 })
	until(t, "it is gone", func() bool { return h.Open() == 0 })
}

func TestCloseOfStreamsWaits(t *testing.T) {
	before := runtime.NumGoroutine()
	h := openHall(t, StreamConfig{}, echo)
	var conns []*net.TCPConn
	for range 20 {
		c := h.dial()
		_, _ = c.Write(framed(media(1000, 1)))
		conns = append(conns, c)
	}
	until(t, "all are in", func() bool { return h.Open() == 20 })
	h.Close()
	if h.Open() != 0 {
		t.Errorf("%d streams after Close", h.Open())
	}
	for _, c := range conns {
		closedByPeer(t, c)
	}
	closedByPeer(t, h.dial()) // refused
	_ = h.listener.Close()
	until(t, "no goroutine is left", func() bool { return runtime.NumGoroutine() <= before+1 })
}

func TestWhatNoFrameCanBe(t *testing.T) {
	all := NewStreams(StreamConfig{}, echo)
	s := newStream(all, nil)
	if s.push(nil, false) != nil || s.push(make([]byte, 1<<16), true) != nil || s.first.count+s.rest.count != 0 {
		t.Error("queued")
	}
	if n := all.Stats().Drops["write-error"]; n != 2 {
		t.Errorf("%d counted, want 2", n)
	}
}

func TestAFullStreamAllocatesNothing(t *testing.T) {
	all := NewStreams(StreamConfig{Datagrams: 100}, echo)
	st := newStream(all, nil)
	st.dest = &Dest{stream: st}
	s, chunk := NewSender(), make([]byte, 0, chunkBytes)
	if n := testing.AllocsPerRun(100, func() {
		for range 120 {
			s.Room(st.dest, 1200)[:2][0] = 0x80
			s.Commit(1150)
			s.Room(st.dest, 200)[:2][0] = 0x80
			s.Hasten(150)
		}
		s.Flush()
		for count := 1; count > 0; {
			chunk, count, _ = st.next(chunk[:0])
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzFrames compares the queue with the simplest one.
func FuzzFrames(f *testing.F) {
	f.Add([]byte{1, 2, 3, 0, 250, 250, 250, 0, 0, 9})
	f.Add(bytes.Repeat([]byte{200, 13, 255, 0}, 50))
	f.Add([]byte{9, 9, 255, 1, 9, 255, 1, 0, 0})
	f.Add([]byte{9, 10, 200, 11, 2, 33, 0, 9, 44, 2, 0, 2})
	f.Fuzz(func(t *testing.T, script []byte) {
		const late = time.Second
		type entry struct {
			b    []byte
			came time.Duration
		}
		q := frames{mostBytes: 9000, mostCount: 12, late: late}
		var model []entry
		var now time.Duration
		held := 0 // bytes, with header and stamp
		for i, op := range script {
			now += time.Duration(op) * 2 * time.Millisecond
			switch op {
			case 0:
				chunk, count := q.pop(make([]byte, 0, 3000))
				var want [][]byte
				for _, e := range model[:count] {
					want = append(want, e.b)
					held -= 10 + len(e.b)
				}
				if !bytes.Equal(chunk, framed(want...)) || count == 0 && len(model) > 0 {
					t.Fatalf("popped %d frames: %x", count, chunk)
				}
				if count > 1 && len(chunk) > 3000 {
					t.Fatalf("popped %d bytes", len(chunk))
				}
				model = model[count:]
			case 1:
				dropped := q.shed(now)
				for _, e := range model[:dropped] {
					held -= 10 + len(e.b)
					if now-e.came <= late {
						t.Fatalf("shed after %v", now-e.came)
					}
				}
				if model = model[dropped:]; len(model) > 0 && now-model[0].came > late {
					t.Fatalf("kept after %v", now-model[0].came)
				}
			case 2:
				before := len(model)
				model = slices.DeleteFunc(model, func(e entry) bool {
					if len(e.b)%40 == 0 {
						held -= 10 + len(e.b)
						return true
					}
					return false
				})
				if n := q.drop(func(b []byte) bool { return len(b)%40 == 0 }); n != before-len(model) {
					t.Fatalf("dropped %d, want %d", n, before-len(model))
				}
			default:
				b := datagram(int(op)*20, i)
				fits := held+10+len(b) <= 9000 && len(model) < 12
				if q.push(b, now) != fits {
					t.Fatalf("push of %d bytes onto %d: %v", len(b), held, !fits)
				}
				if fits {
					model = append(model, entry{b, now})
					held += 10 + len(b)
				}
			}
			if q.bytes != held || q.count != len(model) || len(q.ring) > 16384 {
				t.Fatalf("%d bytes, %d frames; want %d, %d", q.bytes, q.count, held, len(model))
			}
		}
	})
}

// FuzzStream reads whatever a stranger may write: it ends, in time, without a
// datagram that was not framed.
func FuzzStream(f *testing.F) {
	f.Add(framed([]byte{0x80, 1, 2}, []byte{0x16, 0xfe, 0xfd}), true)
	f.Add([]byte{0xff, 0xff, 0, 1}, false)
	f.Fuzz(func(t *testing.T, b []byte, known bool) {
		rest := b
		all := NewStreams(StreamConfig{}, func(o Origin, d []byte, from netip.AddrPort) bool {
			for len(rest) >= 2 { // the next frame that may pass
				frame, err := readFrame(bytes.NewReader(rest))
				if err != nil {
					break
				}
				rest = rest[2+len(frame):]
				if bytes.Equal(frame, d) {
					if known {
						o.Dest(from).Admit()
					}
					return known
				}
			}
			t.Fatalf("%x was in no frame", d)
			return false
		})
		all.Serve(&written{Reader: bytes.NewReader(b)})
		if all.Open() != 0 {
			t.Fatal("the stream is still there")
		}
	})
}

// written is a connection on which all has been said already.
type written struct {
	net.Conn
	io.Reader
}

func (w *written) Read(b []byte) (int, error)       { return w.Reader.Read(b) }
func (*written) Write(b []byte) (int, error)        { return len(b), nil }
func (*written) Close() error                       { return nil }
func (*written) RemoteAddr() net.Addr               { return &net.TCPAddr{IP: net.IPv6loopback, Port: 1} }
func (*written) SetReadDeadline(time.Time) error    { return nil }
func (*written) SetWriteDeadline(t time.Time) error { return nil }

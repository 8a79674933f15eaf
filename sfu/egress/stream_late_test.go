package egress

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// piped is a connection without any buffer: what is written waits for a reader.
type piped struct{ net.Conn }

func (piped) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 1} }

// narrow is a stream whose other end reads when the test says so.
type narrow struct {
	all  *Streams
	dest *Dest
	s    *Sender
	far  net.Conn
}

func openNarrow(t *testing.T) *narrow {
	t.Helper()
	dests := make(chan *Dest, 1)
	n := &narrow{s: NewSender(), all: NewStreams(StreamConfig{}, func(o Origin, _ []byte, from netip.AddrPort) bool {
		o.Dest(from).Admit()
		dests <- o.Dest(from)
		return true
	})}
	near, far := net.Pipe()
	n.far = far
	served := make(chan struct{})
	go func() {
		defer close(served)
		n.all.Serve(piped{near})
	}()
	t.Cleanup(func() {
		n.all.Close()
		<-served
	})
	if _, err := far.Write(framed(media(10, 0))); err != nil {
		t.Fatal(err)
	}
	n.dest = <-dests
	return n
}

func (n *narrow) picture(number byte) { n.put(0x80, 'p', number, n.s.Commit) }
func (n *narrow) sound(number byte)   { n.put(0x80, 's', number, n.s.Hasten) }
func (n *narrow) report(number byte)  { n.put(0x80, 200, number, n.s.Commit) }

func (n *narrow) put(first, kind, number byte, commit func(int)) {
	b := n.s.Room(n.dest, 3)
	commit(copy(b[:3], []byte{first, kind, number}))
}

// rest reads what comes until the stream ends: "p1" for a picture.
func (n *narrow) rest(t *testing.T) (got []string) {
	t.Helper()
	for {
		b, err := readFrame(n.far)
		switch {
		case err == io.EOF:
			return got
		case err != nil || len(b) != 3:
			t.Fatalf("%x, %v", b, err)
		case b[1] == 200:
			b[1] = 'r'
		}
		got = append(got, fmt.Sprintf("%c%d", b[1], b[2]))
	}
}

// A viewer's line that stands still: when it goes on, the sound comes first and
// whole, and of the pictures only what is still of use. What was dropped is
// counted, so that reports and figures tell of a slow line.
func TestWhatWaitsInAStreamAges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := openNarrow(t)
		n.picture(0) // taken by the writer, which now stands before a closed door
		synctest.Wait()
		for i := range byte(8) { // over 700 ms
			n.picture(i + 1)
			n.sound(i + 1)
			if i == 4 {
				n.report(i + 1)
			}
			time.Sleep(100 * time.Millisecond)
		}
		n.dest.Close()
		want := []string{"p0", "s1", "s2", "s3", "s4", "s5", "r5", "s6", "s7", "s8", "p6", "p7", "p8"}
		if got := n.rest(t); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		synctest.Wait()
		if d := n.all.Stats().Drops; d["stream-late"] != 5 || d["stream-full"] != 0 {
			t.Errorf("dropped %d late, %d for want of room; want 5, 0", d["stream-late"], d["stream-full"])
		}
	})
}

// Seconds later not even the sound is of use, and nothing piles up.
func TestNothingIsSecondsBehindInAStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := openNarrow(t)
		n.picture(0)
		synctest.Wait()
		for i := range byte(50) {
			n.sound(i)
			n.picture(i)
			time.Sleep(100 * time.Millisecond)
		}
		n.dest.Close()
		got := n.rest(t)
		if want := []string{"p0", "s40"}; !slices.Equal(got[:2], want) || got[len(got)-1] != "p49" || len(got) != 1+10+3 {
			t.Errorf("got %v", got)
		}
	})
}

// Pictures may fill their queue: the sound has its own room.
func TestPicturesTakeNoRoomFromTheSound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := openNarrow(t)
		n.picture(0)
		synctest.Wait()
		for range 1000 {
			n.picture(1)
		}
		n.sound(2)
		n.dest.Close()
		if got := n.rest(t); got[1] != "s2" || len(got) != 2+512 {
			t.Errorf("%d datagrams, the second is %s", len(got), got[1])
		}
		if d := n.all.Stats().Drops; d["stream-full"] != 1000-512 {
			t.Errorf("dropped %d for want of room", d["stream-full"])
		}
	})
}

// A gate closes, or a viewer goes: no media of before leaves any more, but for
// what the writer held already. What is no media stays, in its order and with
// its age, and what comes afterwards goes as ever.
func TestForgetDropsTheMediaThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := openNarrow(t)
		n.picture(0)
		synctest.Wait()
		for i := range byte(40) { // past the end of the ring's first size as well
			n.put(0x80, 192+i%32, i, n.s.Commit) // all kinds of RTCP
			n.picture(i)
			n.sound(i)
			_ = n.dest.Send([]byte{i % 64, 'x', i}) // STUN, DTLS
		}
		n.dest.Forget()
		n.picture(1)
		n.sound(2)
		n.dest.Close()
		for i, want := range forgotten() {
			got, err := readFrame(n.far)
			if err != nil || !slices.Equal(got, want) {
				t.Fatalf("datagram %d: %v, %v; want %v", i, got, err, want)
			}
		}
		if _, err := readFrame(n.far); err != io.EOF {
			t.Errorf("more comes: %v", err)
		}
		if d := n.all.Stats().Drops; d["stream-forgotten"] != 80 {
			t.Errorf("counted %v, want 80 forgotten", d)
		}
	})
}

// forgotten is what is left to come after Forget.
func forgotten() (want [][]byte) {
	want = append(want, []byte{0x80, 'p', 0})
	for i := range byte(40) {
		want = append(want, []byte{0x80, 192 + i%32, i}, []byte{i % 64, 'x', i})
	}
	return append(want, []byte{0x80, 's', 2}, []byte{0x80, 'p', 1})
}

// What stays is as old as before: it is late when it was late without Forget.
func TestForgetMakesNothingYounger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := openNarrow(t)
		n.picture(0)
		synctest.Wait()
		n.report(1)
		time.Sleep(600 * time.Millisecond)
		n.report(2)
		n.dest.Forget()
		time.Sleep(600 * time.Millisecond)
		n.dest.Close()
		if got := n.rest(t); !slices.Equal(got, []string{"p0", "r2"}) {
			t.Errorf("got %v", got)
		}
	})
}

// A Conn has nothing that waits, and a stream that ended has nothing at all.
func TestForgetWhereNothingWaits(t *testing.T) {
	c, err := Listen("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.Dest(c.Bound()).Forget()
	st := newStream(NewStreams(StreamConfig{}, echo), &written{})
	st.end()
	(&Dest{stream: st}).Forget()
	if n := st.streams.Stats().Drops["stream-forgotten"]; n != 0 {
		t.Errorf("%d counted", n)
	}
}

// Close lets a goodbye out, but waits for nobody who does not read.
func TestCloseOfStreamsLetsGoodbyesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := openNarrow(t)
		n.picture(0)
		synctest.Wait()
		_ = n.dest.Send([]byte{21, 0, 0})
		closed := make(chan struct{})
		go func() {
			n.all.Close()
			close(closed)
		}()
		if got := n.rest(t); !slices.Equal(got, []string{"p0", "\x000"}) {
			t.Errorf("got %q", got)
		}
		<-closed

		deaf := openNarrow(t)
		deaf.picture(0)
		began := time.Now()
		deaf.all.Close()
		if waited := time.Since(began); waited != farewell {
			t.Errorf("waited for %v", waited)
		}
	})
}

package viewer

import (
	"crypto/tls"
	"runtime"
	"runtime/debug"
	"testing"
)

// BenchmarkSession tells what a connected session keeps on the heap. The
// clients' half is made before and let go of before it is measured, so the
// figure is the server's; each session has sealed on eight SSRCs (five lines
// with their repairs) and heard a report.
func BenchmarkSession(b *testing.B) {
	w := newSite(b, "udp4", quiet())
	const many = 200
	for b.Loop() {
		heap(b) // whatever starts once
		sessions := make([]*Session, many)
		before := heap(b)
		for i := range sessions {
			sessions[i] = w.standing(b)
		}
		w.settled()
		b.ReportMetric(float64(heap(b)-before)/many, "B/session")
		for _, v := range sessions {
			v.Close(false)
		}
	}
}

// standing is a connected session whose client is gone.
func (w *site) standing(b *testing.B) *Session {
	c := w.connected()
	for ssrc := range uint32(8) {
		if _, err := c.session.Seal(media(ssrc, 1, 'x'), nil); err != nil {
			b.Fatal(err)
		}
	}
	c.reports()
	c.mute.Store(true)
	c.leave()
	_ = c.udp.Load().Close()
	c.lives.Wait()
	session := c.session
	*c.owner = owner{} // what a test keeps of it
	c.session, c.pipe, c.conn, c.in, c.out, c.stun, c.media, c.cert = nil, newPipe(nil, nil), nil, nil, nil, nil, nil, tls.Certificate{}
	return session
}

func heap(testing.TB) uint64 {
	runtime.GC()
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func BenchmarkHandshake(b *testing.B) {
	w := newSite(b, "udp4", quiet())
	b.ReportAllocs()
	for b.Loop() {
		c := w.connected()
		c.session.Close(false)
		c.leave()
		_ = c.udp.Load().Close()
		c.lives.Wait()
	}
}

func BenchmarkCheck(b *testing.B) {
	w := newSite(b, "udp4", quiet())
	c := w.connected()
	request, from := c.request(), c.session.Dest().Addr()
	go func() {
		for range c.stun {
		}
	}()
	b.ReportAllocs()
	for b.Loop() {
		if !w.server.Take(w.conn, request, from) {
			b.Fatal("not taken")
		}
	}
}

package peer_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"antenne/sfu"
	"antenne/sfu/peer"
	"antenne/sfu/stock"
)

func patience(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// eventually polls until ok or the end of patience.
func eventually(ctx context.Context, t *testing.T, what string, ok func() bool) {
	t.Helper()
	for !ok() {
		if ctx.Err() != nil {
			t.Fatalf("never happened: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func teach(ctx context.Context, t *testing.T, exchange peer.Exchange, l peer.Lesson) *peer.Teacher {
	t.Helper()
	teacher, err := peer.Teach(ctx, exchange, l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = teacher.Close(context.Background()) })
	return teacher
}

func crowd(t *testing.T, c peer.CrowdConfig) *peer.Crowd {
	t.Helper()
	crowd, err := peer.NewCrowd(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = crowd.Close() })
	return crowd
}

// fill lets n visitors in, all at once.
func fill(ctx context.Context, t *testing.T, c *peer.Crowd, exchange peer.Exchange, n int, v peer.Visitor) []*peer.Member {
	t.Helper()
	members := make([]*peer.Member, n)
	var people sync.WaitGroup
	for i := range members {
		people.Go(func() {
			one := v
			one.Network.Seed = uint64(i)
			m, err := c.Join(ctx, exchange, one)
			if err != nil {
				t.Errorf("viewer %d: %v", i, err)
				return
			}
			members[i] = m
		})
	}
	people.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return members
}

// servers are what a crowd is tried against.
func servers(t *testing.T) map[string]string {
	t.Helper()
	plain, err := stock.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	plainHTTP := httptest.NewServer(plain)
	t.Cleanup(func() {
		plainHTTP.Close()
		if err := plain.Close(); err != nil {
			t.Error(err)
		}
	})
	engine, err := sfu.New(sfu.Config{Media: ":0", Limits: sfu.Limits{Late: time.Hour}}) // late is the machine, which is busy with tests
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	b := engine.Open("room")
	for _, slot := range sfu.Slots() {
		b.SetAudience(slot, sfu.Everyone())
	}
	return map[string]string{"stock": plainHTTP.URL, "engine": door(t, b).URL}
}

func doors(name, url string) (whip, whep peer.Exchange) {
	if name == "stock" {
		return peer.HTTP(url+"/whip/room", ""), peer.HTTP(url+"/whep/room", "")
	}
	return peer.HTTP(url+"/whip", "secret"), peer.HTTP(url+"/whep", "")
}

func TestACrowdWatches(t *testing.T) {
	for name, url := range servers(t) {
		t.Run(name, func(t *testing.T) {
			ctx := patience(t)
			whip, whep := doors(name, url)
			teacher := teach(ctx, t, whip, peer.Lesson{Recording: "vp8-single"})
			c := crowd(t, peer.CrowdConfig{Teacher: teacher, Pollers: 2})
			opened(ctx, t, c, whep)
			members := fill(ctx, t, c, whep, 10, peer.Visitor{Group: "good"})
			lossy := fill(ctx, t, c, whep, 5, peer.Visitor{Group: "lossy", Network: peer.Network{Loss: 0.05}})
			defer func() {
				for i, m := range append(append([]*peer.Member(nil), members...), lossy...) {
					if f := m.Figures(); t.Failed() && (f.Frames < 100 || f.Sounds < 100) {
						t.Logf("viewer %d: ended %t: %+v", i, m.Ended(), f.Counts)
					}
				}
			}()
			eventually(ctx, t, "everybody sees a hundred pictures and hears", func() bool {
				for _, m := range append(append([]*peer.Member(nil), members...), lossy...) {
					if f := m.Figures(); f.Frames < 100 || f.Sounds < 100 {
						return false
					}
				}
				return true
			})
			good, bad := c.Figures("good"), c.Figures("lossy")
			if good.Viewers != 10 || good.Joins != 10 || good.Forged+good.Strange != 0 {
				t.Errorf("good: %+v", good.Counts)
			}
			if n := good.FirstKeyframe.Count(); n != 10 {
				t.Errorf("%d first keyframes, want 10", n)
			}
			if good.Delay.Count() < good.DelayFrame.Count() || good.Delay.Count() < good.Packets/2 {
				t.Errorf("%d delays, %d of them stamped, of %d packets", good.Delay.Count(), good.DelayFrame.Count(), good.Packets)
			}
			if bad.Lost == 0 || bad.Asked == 0 || bad.Repaired == 0 {
				t.Errorf("lossy: nothing lost, asked or repaired: %+v", bad.Counts)
			}
			for _, m := range members[:5] {
				if err := m.Leave(ctx); err != nil {
					t.Error(err)
				}
			}
			for _, m := range members[5:] {
				m.Vanish()
			}
			after := c.Figures("good")
			if after.Viewers != 0 || after.Packets < good.Packets {
				t.Errorf("after they left: %+v", after.Counts)
			}
		})
	}
}

// opened waits until a server has everything the teacher sends.
func opened(ctx context.Context, t *testing.T, c *peer.Crowd, whep peer.Exchange) {
	t.Helper()
	eventually(ctx, t, "the server has pictures and sound", func() bool {
		m, err := c.Join(ctx, whep, peer.Visitor{Group: "first"})
		if err != nil {
			return false
		}
		defer m.Vanish()
		for range 200 {
			if m.Times().Keyframe > 0 && m.Times().Sound > 0 {
				return true
			}
			time.Sleep(10 * time.Millisecond)
		}
		return false
	})
}

func TestEveryRecordingPlays(t *testing.T) {
	for name, url := range servers(t) {
		for _, recording := range peer.Recordings() {
			t.Run(name+" "+recording, func(t *testing.T) {
				ctx := patience(t)
				whip, whep := doors(name, url)
				teacher := teach(ctx, t, whip, peer.Lesson{Recording: recording, Pacing: peer.PacingChrome})
				from := time.Now()
				c := crowd(t, peer.CrowdConfig{Teacher: teacher})
				opened(ctx, t, c, whep)
				m := fill(ctx, t, c, whep, 1, peer.Visitor{})[0]
				eventually(ctx, t, "sixty pictures", func() bool { return m.Figures().Frames >= 60 && m.Figures().Sounds >= 60 })
				f := c.Figures("")
				if f.Strange+f.Forged != 0 || f.Delay.Count() < f.DelayFrame.Count() || f.DelayFrame.Count() < 60 {
					t.Errorf("%+v, delays %d, stamped %d", f.Counts, f.Delay.Count(), f.DelayFrame.Count())
				}
				layers := map[int]int{}
				for _, sent := range teacher.Log(from, time.Now()) {
					layers[sent.Layer]++
				}
				if len(layers) != 1+teacher.Layers() || layers[0] < 50 || layers[1] < 100 {
					t.Errorf("the log holds %v", layers)
				}
				if err := m.Leave(ctx); err != nil {
					t.Error(err)
				}
				if err := teacher.Close(ctx); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func TestBadNetworks(t *testing.T) {
	ctx := patience(t)
	whip, whep := doors("stock", servers(t)["stock"])
	teacher := teach(ctx, t, whip, peer.Lesson{Recording: "vp8-single"})
	c := crowd(t, peer.CrowdConfig{Teacher: teacher, Pollers: 1})
	opened(ctx, t, c, whep)
	fill(ctx, t, c, whep, 2, peer.Visitor{Group: "good"})
	fill(ctx, t, c, whep, 1, peer.Visitor{Group: "held", Network: peer.Network{Rate: 300_000}})
	far := fill(ctx, t, c, whep, 1, peer.Visitor{Group: "far", Network: peer.Network{Delay: 150 * time.Millisecond}})[0]
	sleeper := fill(ctx, t, c, whep, 1, peer.Visitor{Group: "sleeper"})[0]
	eventually(ctx, t, "the sleeper sees pictures", func() bool { return sleeper.Figures().Frames > 30 })
	sleeper.SetNetwork(peer.Network{Stopped: true})
	before, held := sleeper.Figures(), c.Figures("held")
	began := time.Now()
	eventually(ctx, t, "the others go on", func() bool { return c.Figures("good").Frames > 300 && far.Figures().Frames > 100 })
	passed := time.Since(began)
	if after := sleeper.Figures(); after.WireBytes != before.WireBytes || after.Viewers != 1 {
		t.Errorf("a viewer that reads nothing read %d bytes", after.WireBytes-before.WireBytes)
	}
	window := c.Figures("held").Sub(held)
	if rate := 8 * float64(window.WireBytes) / passed.Seconds(); rate > 310_000 || window.Lost == 0 || window.Sounds == 0 {
		t.Errorf("held to 300 kbit/s: %.0f bit/s, %+v", rate, window.Counts)
	}
	if f := c.Figures("far"); f.Delay.Quantile(0.01) < 150*time.Millisecond {
		t.Errorf("150 ms away, delay %v", f.Delay.Quantile(0.01))
	}
	sleeper.SetNetwork(peer.Network{})
	eventually(ctx, t, "the sleeper wakes and sees pictures again", func() bool { return sleeper.Figures().Frames > before.Frames+10 })
}

func TestTheServerMustBeWhoItSays(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	url := servers(t)["stock"]
	whip, whep := doors("stock", url)
	teach(ctx, t, whip, peer.Lesson{Recording: "vp8-single"})
	c := crowd(t, peer.CrowdConfig{})
	opened(ctx, t, c, whep)
	digits := regexp.MustCompile(`a=fingerprint:sha-256 ..`)
	forged := func(ctx context.Context, o sfu.Offer) (sfu.Answer, func(context.Context) error, error) {
		a, end, err := whep(ctx, o)
		return sfu.Answer(digits.ReplaceAllStringFunc(string(a), func(s string) string {
			if s[len(s)-2:] == "00" {
				return s[:len(s)-2] + "01"
			}
			return s[:len(s)-2] + "00"
		})), end, err
	}
	if _, err := c.Join(ctx, forged, peer.Visitor{Group: "fooled"}); err == nil || c.Figures("fooled").Packets != 0 {
		t.Errorf("joined a server with another certificate: %v", err)
	}
	var refused *peer.Refused
	if _, err := c.Join(ctx, peer.HTTP(url+"/whep/empty", ""), peer.Visitor{}); !errors.As(err, &refused) || refused.Status != http.StatusNotFound {
		t.Errorf("an empty room: %v", err)
	}
}

// A server that takes half of a lesson is told from one that loses it.
func TestATeacherSaysWhatIsNotTaken(t *testing.T) {
	ctx := patience(t)
	whip, _ := doors("stock", servers(t)["stock"])
	between := func(asked, answered *strings.Replacer) peer.Exchange {
		return func(ctx context.Context, o sfu.Offer) (sfu.Answer, func(context.Context) error, error) {
			a, end, err := whip(ctx, sfu.Offer(asked.Replace(string(o))))
			return sfu.Answer(answered.Replace(string(a))), end, err
		}
	}
	same := strings.NewReplacer()
	for words, exchange := range map[string]peer.Exchange{
		"refuses the audio":  between(same, strings.NewReplacer("m=audio 9", "m=audio 0")),
		"does not take VP8:": between(strings.NewReplacer(" VP8/90000", " VP0/90000"), same),
	} {
		teacher, err := peer.Teach(ctx, exchange, peer.Lesson{Recording: "vp8-single"})
		if err == nil {
			t.Errorf("a server that %s was taught", words)
			_ = teacher.Close(ctx)
		} else if !strings.Contains(err.Error(), words) {
			t.Errorf("%q does not say that the server %s", err, words)
		}
	}
}

func TestACrowdLeavesNothingBehind(t *testing.T) {
	ctx := patience(t)
	url := servers(t)["stock"]
	whip, whep := doors("stock", url)
	teach(ctx, t, whip, peer.Lesson{Recording: "vp8-single"})
	first := crowd(t, peer.CrowdConfig{Pollers: 1})
	opened(ctx, t, first, whep) // nothing of the server's is to be started any more
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	settled := atRest(ctx, t)
	c, err := peer.NewCrowd(peer.CrowdConfig{Pollers: 1})
	if err != nil {
		t.Fatal(err)
	}
	members := fill(ctx, t, c, whep, 4, peer.Visitor{})
	for _, m := range members {
		if err := m.Leave(ctx); err != nil {
			t.Error(err)
		}
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if _, err := c.Join(ctx, whep, peer.Visitor{}); err == nil {
		t.Error("joined a crowd that is closed")
	}
	eventually(ctx, t, "no goroutine is left", func() bool {
		http.DefaultClient.CloseIdleConnections()
		return runtime.NumGoroutine() <= settled
	})
}

// atRest waits until the number of goroutines stands still, and gives it: the
// viewer of before is still known to the server, and stays so.
func atRest(ctx context.Context, t *testing.T) int {
	t.Helper()
	n, same := 0, 0
	eventually(ctx, t, "goroutines are at rest", func() bool {
		http.DefaultClient.CloseIdleConnections()
		if now := runtime.NumGoroutine(); now != n {
			n, same = now, 0
		}
		same++
		return same > 50
	})
	return n
}

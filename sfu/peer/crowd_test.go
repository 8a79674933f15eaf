package peer_test

import (
	"context"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"antenne/sfu"
	"antenne/sfu/peer"
	"antenne/sfu/stock"
)

func patience(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
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
	engine, err := sfu.New(sfu.Config{Media: ":0"})
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
			eventually(ctx, t, "the server has pictures", func() bool {
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
			members := fill(ctx, t, c, whep, 20, peer.Visitor{Group: "good"})
			lossy := fill(ctx, t, c, whep, 10, peer.Visitor{Group: "lossy", Network: peer.Network{Loss: 0.05}})
			eventually(ctx, t, "everybody sees a hundred pictures and hears", func() bool {
				for _, m := range append(append([]*peer.Member(nil), members...), lossy...) {
					if f := m.Figures(); f.Frames < 100 || f.Sounds < 100 {
						return false
					}
				}
				return true
			})
			good, bad := c.Figures("good"), c.Figures("lossy")
			t.Logf("good %+v delay p50 %v p99 %v, keyframe p50 %v", good.Counts, good.Delay.Quantile(.5), good.Delay.Quantile(.99), good.FirstKeyframe.Quantile(.5))
			t.Logf("lossy %+v", bad.Counts)
			if good.Viewers != 20 || good.Joins != 20 || good.Forged+good.Strange != 0 {
				t.Errorf("good: %+v", good.Counts)
			}
			if n := good.FirstKeyframe.Count(); n != 20 {
				t.Errorf("%d first keyframes, want 20", n)
			}
			if good.Delay.Count() < good.DelayFrame.Count() || good.Delay.Count() < good.Packets/2 {
				t.Errorf("%d delays, %d of them stamped, of %d packets", good.Delay.Count(), good.DelayFrame.Count(), good.Packets)
			}
			if bad.Lost == 0 || bad.Asked == 0 || bad.Repaired == 0 {
				t.Errorf("lossy: nothing lost, asked or repaired: %+v", bad.Counts)
			}
			for _, m := range members[:10] {
				if err := m.Leave(ctx); err != nil {
					t.Error(err)
				}
			}
			for _, m := range members[10:] {
				m.Vanish()
			}
			after := c.Figures("good")
			if after.Viewers != 0 || after.Packets < good.Packets {
				t.Errorf("after they left: %+v", after.Counts)
			}
		})
	}
}

package floor

import (
	"net/netip"
	"slices"
	"testing"
	"time"
)

// lesson is n frames of five packets, and a burst of twenty at the end.
func lesson(n int) (packets []Packet) {
	for i := range n {
		for range 5 {
			packets = append(packets, Packet{time.Duration(i) * 33 * time.Millisecond, 1200})
		}
	}
	for range 20 {
		packets = append(packets, Packet{time.Duration(n) * 33 * time.Millisecond, 1100})
	}
	return packets
}

// until waits for what another goroutine does; the test's own deadline ends it.
func until(t *testing.T, is func() bool) {
	t.Helper()
	for !is() {
		select {
		case <-t.Context().Done():
			t.Fatal("waited in vain")
		case <-time.After(time.Millisecond):
		}
	}
}

func TestEveryPacketReachesEveryViewer(t *testing.T) {
	for _, way := range []string{"single", "batch", "segments"} {
		t.Run(way, func(t *testing.T) {
			const viewers = 7
			d, err := Drain(viewers)
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			begun := 0
			packets := lesson(3)
			r, err := Replay(Task{Way: way, To: d.Addresses, Packets: packets}, func() { begun++; d.Reset() })
			if err != nil {
				t.Fatal(err)
			}
			want := uint64(len(packets) * viewers) // and, if the machine is slow, some of the drained bursts that came after the reset
			if begun != 1 || r.Sent != want || r.Dropped != 0 || r.Bytes != viewers*(15*1200+20*1100) {
				t.Errorf("%d begun, %+v", begun, r)
			}
			if r.Largest != 20 || r.Drain <= 0 || r.Lasted < 99*time.Millisecond {
				t.Errorf("%+v", r)
			}
			until(t, func() bool { n, _ := d.Figures(); return n >= want })
			if _, late := d.Figures(); late.Count() < want || late.Quantile(0.5) <= 0 {
				t.Errorf("%d delays, median %v", late.Count(), late.Quantile(0.5))
			}
			if way == "segments" && r.Messages >= want/3 || way == "single" && r.Calls != want {
				t.Errorf("%d messages in %d calls for %d datagrams", r.Messages, r.Calls, want)
			}
		})
	}
}

func TestTasksThatMakeNoSense(t *testing.T) {
	good := Task{Way: "batch", To: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:9")}, Packets: lesson(1)}
	for name, spoil := range map[string]func(*Task){
		"way":     func(t *Task) { t.Way = "pigeon" },
		"nobody":  func(t *Task) { t.To = nil },
		"nothing": func(t *Task) { t.Packets = nil },
		"order":   func(t *Task) { slices.Reverse(t.Packets) },
		"size":    func(t *Task) { t.Packets[0].Size = 12 },
		"huge":    func(t *Task) { t.Packets[0].Size = 9000 },
	} {
		task := good
		task.Packets = slices.Clone(good.Packets)
		spoil(&task)
		if _, err := Replay(task, func() { t.Errorf("%s: begun", name) }); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestTheLargestBurst(t *testing.T) {
	at := func(us ...int) (packets []Packet) {
		for _, u := range us {
			packets = append(packets, Packet{time.Duration(u) * time.Microsecond, 100})
		}
		return packets
	}
	for name, c := range map[string]struct {
		packets []Packet
		want    int
	}{
		"one":           {at(0), 1},
		"a collecting":  {at(0, 1000), 2},
		"a bit later":   {at(0, 1001), 1},
		"in the middle": {at(0, 5000, 5100, 5900, 6001, 9000), 3},
		"sliding":       {at(0, 900, 1000, 1800, 1850), 4},
		"at the end":    {at(0, 20000, 20000, 20000), 3},
	} {
		if got := largestBurst(c.packets); len(got) != c.want {
			t.Errorf("%s: %d packets, want %d", name, len(got), c.want)
		}
	}
}

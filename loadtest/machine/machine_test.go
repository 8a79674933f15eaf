package machine

import (
	"testing"
	"time"
)

func TestAProcessWhoseNameIsABracket(t *testing.T) {
	const stat = "42 (a) b) (c) S 1 42 42 0 -1 4194560 1 2 3 4 150 25 7 8 20 0 9 0 123 456 789\n"
	if cpu, err := parseStat([]byte(stat)); err != nil || cpu != 1750*time.Millisecond {
		t.Errorf("%v, %v", cpu, err)
	}
	for _, bad := range []string{"", "42 (a", "42 (a) S 1 2 3", "42 (a) S 1 42 42 0 -1 4194560 1 2 3 4 x 25 7 8"} {
		if _, err := parseStat([]byte(bad)); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestStatus(t *testing.T) {
	var p Process
	const status = "Name:\tx: 3\nVmHWM:\t  2048 kB\nVmRSS:\t    1024 kB\nThreads:\t7\nvoluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t3\n"
	if err := parseStatus([]byte(status), &p); err != nil || p.RSS != 1<<20 || p.Peak != 2<<20 || p.Threads != 7 {
		t.Errorf("%+v %v", p, err)
	}
	if v, n := parseSwitches([]byte(status)); v != 12 || n != 3 {
		t.Errorf("%d %d", v, n)
	}
	if err := parseStatus([]byte("Name:\tx\n"), &p); err == nil {
		t.Error("a process without memory was read")
	}
}

func TestStolenTime(t *testing.T) {
	before, err := parseTime([]byte("cpu  100 0 100 700 50 0 0 50 40 0\ncpu0 1 2 3\n"))
	if err != nil || before.Total != 10*time.Second || before.Stolen != 500*time.Millisecond {
		t.Fatalf("%+v %v", before, err)
	}
	after := Time{Stolen: 600 * time.Millisecond, Total: 12 * time.Second}
	if share := after.StolenShare(before); share != 0.05 {
		t.Errorf("%v", share)
	}
	if share := before.StolenShare(before); share != 0 {
		t.Errorf("%v of no time", share)
	}
	for _, bad := range []string{"", "cpu 1 2 3", "intr 1 2 3 4 5 6 7 8 9"} {
		if _, err := parseTime([]byte(bad)); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

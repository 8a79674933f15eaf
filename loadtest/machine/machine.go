// Package machine asks the kernel what a process costs, and keeps processes on cores of their own.
//
//	undo, err := machine.Pin([]int{1, 2, 3}) // this process
//	err := machine.Start(cmd, []int{0})      // a child
//	before, _ := machine.Look(pid)           // … and again, later
//
// Everything is read from /proc; on other systems than Linux every function says that it cannot, and nothing is invented.
// The package starts no goroutine.
package machine

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// ErrUnknown is said where the system does not tell.
var ErrUnknown = errors.New("this system does not tell what a process costs")

// ErrNotPinned is said when a child was started, but runs anywhere.
var ErrNotPinned = errors.New("cannot be kept on cores")

// Process is what one process had used at a moment.
type Process struct {
	At          time.Time
	CPU         time.Duration // user and system, all its threads
	RSS, Peak   int64         // bytes
	Threads     int
	Voluntary   uint64 // context switches of the threads that live
	Involuntary uint64
}

// Time is what all cores together did since the start of the machine.
type Time struct{ Stolen, Total time.Duration }

// StolenShare is the part of the time between two looks that other guests of the same host had, 0..1.
func (t Time) StolenShare(before Time) float64 {
	if t.Total <= before.Total {
		return 0
	}
	return float64(t.Stolen-before.Stolen) / float64(t.Total-before.Total)
}

// Machine is where figures were taken.
type Machine struct {
	Processor string  `json:"processor"`
	Cores     int     `json:"cores"`
	Memory    int64   `json:"memory_bytes"`
	Kernel    string  `json:"kernel"`
	System    string  `json:"system"` // GOOS/GOARCH
	Go        string  `json:"go"`
	Virtual   bool    `json:"virtual"`
	Load      float64 `json:"load"` // of the last minute, when the trial began
}

func describe() Machine {
	return Machine{Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version()}
}

// tick is what /proc counts CPU time in: USER_HZ is 100 on every Linux that Go runs on.
const tick = time.Second / 100

// parseStat reads utime and stime of /proc/PID/stat. The name of the process, in brackets, may hold anything.
func parseStat(stat []byte) (time.Duration, error) {
	end := bytes.LastIndexByte(stat, ')')
	if end < 0 {
		return 0, errors.New("stat: no name")
	}
	fields := strings.Fields(string(stat[end+1:]))
	const utime, stime = 11, 12 // counted from the state, field 3 of proc(5)
	if len(fields) <= stime {
		return 0, fmt.Errorf("stat: %d fields", len(fields))
	}
	user, err1 := strconv.ParseUint(fields[utime], 10, 48)
	system, err2 := strconv.ParseUint(fields[stime], 10, 48)
	return time.Duration(user+system) * tick, errors.Join(err1, err2)
}

// parseStatus reads /proc/PID/status into p.
func parseStatus(status []byte, p *Process) error {
	missing := map[string]bool{"VmRSS": true, "VmHWM": true, "Threads": true}
	for line := range strings.Lines(string(status)) {
		key, value, _ := strings.Cut(line, ":")
		n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		if err != nil {
			continue
		}
		delete(missing, key)
		switch key {
		case "VmRSS":
			p.RSS = n << 10
		case "VmHWM":
			p.Peak = n << 10
		case "Threads":
			p.Threads = int(n)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("status: without %v", missing)
	}
	return nil
}

// parseSwitches reads the context switches of one thread's status.
func parseSwitches(status []byte) (voluntary, involuntary uint64) {
	for line := range strings.Lines(string(status)) {
		key, value, _ := strings.Cut(line, ":")
		n, _ := strconv.ParseUint(strings.TrimSpace(value), 10, 64)
		switch key {
		case "voluntary_ctxt_switches":
			voluntary = n
		case "nonvoluntary_ctxt_switches":
			involuntary = n
		}
	}
	return voluntary, involuntary
}

// parseTime reads the first line of /proc/stat.
func parseTime(stat []byte) (t Time, err error) {
	line, _, _ := strings.Cut(string(stat), "\n")
	fields := strings.Fields(line)
	const steal, guest = 8, 9 // after the word « cpu »; guest is in user already
	if len(fields) <= steal || fields[0] != "cpu" {
		return t, errors.New("stat: no line of all cores")
	}
	for i, field := range fields[1:min(len(fields), guest)] {
		n, err := strconv.ParseUint(field, 10, 48)
		if err != nil {
			return t, fmt.Errorf("stat: %w", err)
		}
		t.Total += time.Duration(n) * tick
		if i+1 == steal {
			t.Stolen = time.Duration(n) * tick
		}
	}
	return t, nil
}

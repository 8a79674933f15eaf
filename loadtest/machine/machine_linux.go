package machine

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Look reads what a process has used.
func Look(pid int) (Process, error) {
	folder := "/proc/" + strconv.Itoa(pid)
	p := Process{At: time.Now()}
	stat, err := os.ReadFile(folder + "/stat")
	if err != nil {
		return p, err
	}
	if p.CPU, err = parseStat(stat); err != nil {
		return p, err
	}
	status, err := os.ReadFile(folder + "/status")
	if err != nil {
		return p, err
	}
	if err := parseStatus(status, &p); err != nil {
		return p, err
	}
	threads, _ := filepath.Glob(folder + "/task/*/status")
	for _, name := range threads {
		status, _ := os.ReadFile(name) // a thread may have ended
		voluntary, involuntary := parseSwitches(status)
		p.Voluntary += voluntary
		p.Involuntary += involuntary
	}
	return p, nil
}

// Now is what the cores of the machine have done.
func Now() (Time, error) {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return Time{}, err
	}
	return parseTime(stat)
}

// Describe says where we are.
func Describe() Machine {
	m := describe()
	cpuinfo, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(cpuinfo)) {
		key, value, _ := strings.Cut(line, ":")
		switch strings.TrimSpace(key) {
		case "model name":
			m.Processor = strings.TrimSpace(value)
		case "flags":
			m.Virtual = strings.Contains(value, " hypervisor")
		}
	}
	var uts unix.Utsname
	if unix.Uname(&uts) == nil {
		m.Kernel = unix.ByteSliceToString(uts.Release[:])
	}
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) == nil {
		m.Memory = int64(info.Totalram) * int64(info.Unit)
		m.Load = float64(info.Loads[0]) / (1 << 16)
	}
	return m
}

func mask(cores []int) (set unix.CPUSet, err error) {
	for _, core := range cores {
		set.Set(core)
	}
	if len(cores) == 0 || set.Count() != len(cores) {
		return set, fmt.Errorf("cores %v cannot be named to the kernel", cores)
	}
	return set, nil
}

// Pin keeps every thread of this process, and those to come, on cores; undo lets them go where they might before.
func Pin(cores []int) (undo func(), err error) {
	set, err := mask(cores)
	if err != nil {
		return nil, err
	}
	var before unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return nil, err
	}
	if err := pinThreads(&set); err != nil {
		_ = pinThreads(&before)
		return nil, fmt.Errorf("this process cannot be kept on cores %v: %w", cores, err)
	}
	procs := runtime.GOMAXPROCS(len(cores))
	return func() {
		runtime.GOMAXPROCS(procs)
		_ = pinThreads(&before)
	}, nil
}

// pinThreads looks again until no thread is new: a thread is born with the mask of the one that made it.
func pinThreads(set *unix.CPUSet) error {
	done := map[string]bool{}
	for {
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return err
		}
		fresh := 0
		for _, t := range threads {
			if done[t.Name()] {
				continue
			}
			done[t.Name()] = true
			fresh++
			tid, _ := strconv.Atoi(t.Name())
			if err := unix.SchedSetaffinity(tid, set); err != nil && !errors.Is(err, unix.ESRCH) {
				return err
			}
		}
		if fresh == 0 {
			return nil
		}
	}
}

// Start starts a child on cores: it inherits them from the thread that starts it. With no cores it runs anywhere that this
// process may. A refusal to pin is told as ErrNotPinned, and the child was started all the same. A child never outlives us.
func Start(cmd *exec.Cmd, cores []int) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if len(cores) == 0 {
		return cmd.Start()
	}
	set, refused := mask(cores)
	if refused == nil {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		var before unix.CPUSet
		if refused = unix.SchedGetaffinity(0, &before); refused == nil {
			defer func() { _ = unix.SchedSetaffinity(0, &before) }()
			refused = unix.SchedSetaffinity(0, &set)
		}
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	if refused != nil {
		return fmt.Errorf("%w %v: %w", ErrNotPinned, cores, refused)
	}
	return nil
}

// Allowed are the cores that this process may use.
func Allowed() (cores []int) {
	var set unix.CPUSet
	if unix.SchedGetaffinity(0, &set) != nil {
		return nil
	}
	for core := range len(set) * 64 {
		if set.IsSet(core) {
			cores = append(cores, core)
		}
	}
	return cores
}

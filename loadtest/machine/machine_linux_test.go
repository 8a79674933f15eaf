package machine

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestThisProcess(t *testing.T) {
	before, err := Look(os.Getpid())
	if err != nil || before.RSS <= 0 || before.Peak < before.RSS || before.Threads < 1 {
		t.Fatalf("%+v %v", before, err)
	}
	after := before
	for x := 1; after.CPU == before.CPU; x++ { // until the kernel counts a tick
		if after, err = Look(os.Getpid()); err != nil {
			t.Fatal(err)
		}
	}
	if m := Describe(); m.Cores < 1 || m.Memory <= 0 || m.Kernel == "" {
		t.Errorf("%+v", m)
	}
	if now, err := Now(); err != nil || now.Total <= 0 {
		t.Errorf("%+v %v", now, err)
	}
}

func TestCores(t *testing.T) {
	all := Allowed()
	if len(all) == 0 {
		t.Fatal("no core")
	}
	one := all[len(all)-1:]
	cmd := exec.Command("cat", "/proc/self/status")
	var out strings.Builder
	cmd.Stdout = &out
	if err := Start(cmd, one); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil || !strings.Contains(out.String(), "Cpus_allowed_list:\t"+strconv.Itoa(one[0])+"\n") {
		t.Errorf("the child runs elsewhere: %v", err)
	}
	if now := Allowed(); !slices.Equal(now, all) {
		t.Errorf("starting a child moved its parent to %v", now)
	}
	undo, err := Pin(one)
	if err != nil {
		t.Fatal(err)
	}
	if now := Allowed(); !slices.Equal(now, one) || runtime.GOMAXPROCS(0) != 1 {
		t.Errorf("pinned to %v, on %v", one, now)
	}
	undo()
	if now := Allowed(); !slices.Equal(now, all) {
		t.Errorf("%v before, %v after", all, now)
	}
}

func TestCoresThatAreNot(t *testing.T) {
	if _, err := Pin([]int{1 << 20}); err == nil {
		t.Error("pinned to a core that is not")
	}
	cmd := exec.Command("true")
	err := Start(cmd, []int{1 << 20})
	if !errors.Is(err, ErrNotPinned) {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("not started: %v", err)
	}
}

//go:build !linux

package machine

import (
	"fmt"
	"os/exec"
)

// Look cannot be done here.
func Look(int) (Process, error) { return Process{}, ErrUnknown }

// Now cannot be done here.
func Now() (Time, error) { return Time{}, ErrUnknown }

// Describe says where we are, as far as Go knows.
func Describe() Machine { return describe() }

// Pin cannot be done here.
func Pin([]int) (undo func(), err error) { return nil, ErrUnknown }

// Start starts a child anywhere; cores are refused, and the child was started all the same.
func Start(cmd *exec.Cmd, cores []int) error {
	if err := cmd.Start(); err != nil || len(cores) == 0 {
		return err
	}
	return fmt.Errorf("%w %v: %w", ErrNotPinned, cores, ErrUnknown)
}

// Allowed is unknown.
func Allowed() []int { return nil }

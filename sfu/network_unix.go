//go:build unix

package sfu

import (
	"errors"
	"syscall"
)

// isTaken tells whether somebody else holds the port, as against a machine
// without that address family.
func isTaken(err error) bool {
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, syscall.EACCES)
}

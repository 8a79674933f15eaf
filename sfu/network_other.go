//go:build !unix

package sfu

// isTaken cannot tell a taken port from a missing address family here, and
// takes every failure for the latter.
func isTaken(error) bool { return false }

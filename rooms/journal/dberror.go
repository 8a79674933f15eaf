package journal

import (
	"context"
	"errors"
	"syscall"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

var errNewer = errors.New("written by a newer version")

// primary is SQLite's primary result code, or 0.
func primary(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

func isFull(err error) bool {
	return primary(err) == lib.SQLITE_FULL || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// storeError names what reading a stored thing answered. What is neither a full disk, a caller gone nor a refusal of the system
// can only be a file that is not what was written.
func storeError(s Stream, n Seq, what string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	switch primary(err) {
	case lib.SQLITE_FULL:
		return &Error{Code: ErrFull.Code, Err: err}
	case lib.SQLITE_BUSY, lib.SQLITE_INTERRUPT, lib.SQLITE_NOMEM, lib.SQLITE_PERM, lib.SQLITE_CANTOPEN:
		return &Error{Code: ErrFailed.Code, Err: err}
	}
	return damaged(s, n, what, err)
}

// writeError names why a transaction failed. full says whether the disk of the folder has no room left: SQLite reports that as an
// input/output error in some places.
func writeError(err error, full bool) error {
	switch {
	case err == nil:
		return nil
	case isFull(err), full && primary(err) == lib.SQLITE_IOERR:
		return &Error{Code: ErrFull.Code, Err: err}
	}
	return &Error{Code: ErrFailed.Code, Err: err}
}

// openFailure gives the code of what stopped OpenSQLite.
func openFailure(path string, err error) *Error {
	var d *DamagedError
	var e *Error
	switch {
	case errors.As(err, &e) && e.Code != ErrFailed.Code && e.Code != ErrFull.Code:
		return e
	case errors.Is(err, errNewer):
		return openError(CodeNewer, path, err)
	case errors.As(err, &d):
		return openError(CodeDamaged, path, err)
	case isFull(err):
		return openError(CodeFull, path, err)
	case primary(err) != 0 && !refusedBySystem(err):
		return openError(CodeDamaged, path, damaged("", 0, "the database cannot be read", err))
	}
	return openError(CodeUnwritable, path, err)
}

// refusedBySystem tells what the operating system refused from what SQLite could not make sense of.
func refusedBySystem(err error) bool {
	switch primary(err) {
	case lib.SQLITE_PERM, lib.SQLITE_READONLY, lib.SQLITE_CANTOPEN, lib.SQLITE_IOERR, lib.SQLITE_BUSY, lib.SQLITE_LOCKED, lib.SQLITE_NOMEM:
		return true
	}
	return false
}

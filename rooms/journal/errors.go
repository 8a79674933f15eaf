package journal

import (
	"errors"
	"fmt"
	"strconv"
)

// Error has two voices: Code and Params for the catalogue of sentences, Err for the log of the machine.
type Error struct {
	Code   string
	Params map[string]string
	Err    error
}

func (e *Error) Error() string {
	if e.Err == nil {
		return e.Code
	}
	return e.Code + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// Is says that two errors with the same code are the same error.
func (e *Error) Is(target error) bool {
	var t *Error
	return errors.As(target, &t) && t.Code == e.Code
}

// What Append, Erase, Follow and Backup may answer.
var (
	ErrBehind = &Error{Code: "journal-behind"} // another entry came first
	ErrFull   = &Error{Code: "journal-full"}   // no room on the disk; try again when there is
	ErrClosed = &Error{Code: "journal-closed"}
	ErrEntry  = &Error{Code: "journal-entry"}  // the entry is beyond the limits
	ErrExists = &Error{Code: "backup-exists"}  // Backup never overwrites
	ErrFailed = &Error{Code: "journal-failed"} // the disk answered something else; the wrapped error says what
)

// The codes of OpenSQLite's errors. Their parameters: path; for damage also stream and seq (when known).
const (
	CodeUnwritable = "data-unwritable" // the folder cannot be made or written
	CodeExposed    = "data-open"       // the folder is open to other users and holds other people's files
	CodeFull       = "data-full"
	CodeNewer      = "data-newer"   // written by a newer version of the program
	CodeDamaged    = "data-damaged" // wraps a *DamagedError
	CodeLocked     = "data-locked"  // another process has it open
)

// DamagedError says where what is on the disk is not what was written. Stream is empty and Seq 0 when the damage cannot be tied to
// an entry.
type DamagedError struct {
	Stream Stream
	Seq    Seq
	What   string // for the machine's log; never a content
	Err    error  // what the database said, if anything
}

func (e *DamagedError) Error() string {
	where := "the journal"
	if e.Stream != "" {
		where = fmt.Sprintf("stream %q, entry %d", string(e.Stream), e.Seq)
	}
	if e.Err != nil {
		return fmt.Sprintf("damaged: %s: %s: %v", where, e.What, e.Err)
	}
	return fmt.Sprintf("damaged: %s: %s", where, e.What)
}

func (e *DamagedError) Unwrap() error { return e.Err }

func damaged(s Stream, n Seq, what string, err error) error {
	return &DamagedError{Stream: s, Seq: n, What: what, Err: err}
}

func openError(code, path string, err error) *Error {
	params := map[string]string{"path": path, "stream": "-", "seq": "-"}
	var d *DamagedError
	if errors.As(err, &d) && d.Stream != "" {
		params["stream"] = string(d.Stream)
		params["seq"] = strconv.FormatUint(uint64(d.Seq), 10)
	}
	return &Error{Code: code, Params: params, Err: err}
}

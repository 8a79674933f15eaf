package journal

import (
	"context"
	"iter"
	"time"
	"unicode/utf8"
)

// Seq numbers the entries of one stream, from 1; 0 means "before the first".
type Seq uint64

// Stream names one log, usually one room.
type Stream string

// Private is a personal text that can be erased later. ID groups the bodies to erase together (a question's id); it stays in the
// log and must say nothing about a person.
type Private struct {
	ID   string
	Body []byte
}

// Entry is one decision. Append fills Stream and Seq itself and keeps At to the nanosecond. Entries that come out of Follow belong
// to the caller; erased bodies are left out of Private.
type Entry struct {
	Stream  Stream
	Seq     Seq
	At      time.Time
	Meta    []byte
	Private []Private
}

// Limits of one entry: an Append beyond them is refused with ErrEntry.
const (
	MaxStream  = 128     // bytes in a stream's name
	MaxMeta    = 1 << 20 // bytes
	MaxBody    = 1 << 16 // bytes in one private body
	MaxBodyID  = 128     // bytes
	MaxPrivate = 1024    // bodies in one entry
)

// Journal is the log. All methods may be called from any goroutine.
type Journal interface {
	// Append adds e to the stream after the entry numbered after, and returns its number once it is durable. ErrBehind when the
	// stream is not at after; ErrFull when the disk is; ErrEntry beyond the limits; ErrClosed. Nothing is written when it fails.
	// ctx bounds the wait for a turn; once the turn has come the answer is the truth about the disk.
	Append(ctx context.Context, s Stream, after Seq, e Entry) (Seq, error)

	// Follow yields the entries numbered beyond after, old ones first, then new ones as they become durable, until ctx ends (then it
	// ends without an error). It yields an error once, last: *DamagedError, ErrClosed or a failure to read.
	Follow(ctx context.Context, s Stream, after Seq) iter.Seq2[Entry, error]

	// Erase removes every private body of that id from the stream. When it returns nil the bytes are gone from every file of the
	// journal. Erasing twice, or what is not there, is no error. It may have to wait for a Verify or a Backup under way, for as long
	// as ctx allows; Append and Follow never do.
	Erase(ctx context.Context, s Stream, id string) error

	// Probe writes what is written already and says whether that went through: nil when an entry would be taken now. It adds no entry.
	Probe(ctx context.Context) error

	// Streams lists the streams that have an entry, sorted.
	Streams(ctx context.Context) ([]Stream, error)

	// Head is the number of the stream's last entry, 0 when it has none: who has followed up to it has seen all there was.
	Head(ctx context.Context, s Stream) (Seq, error)

	// Verify reads everything back: nil, or a *DamagedError for the first thing that is wrong.
	Verify(ctx context.Context) error

	// Backup writes a consistent copy, readable by its owner only, that OpenSQLite opens when it is put in a folder under the name
	// journal.db. The path must not exist yet.
	Backup(ctx context.Context, path string) error

	// Close refuses what comes after (ErrClosed), finishes what has begun, and ends every Follow.
	Close() error
}

func checkAppend(s Stream, e Entry) error {
	if s == "" || len(s) > MaxStream || !utf8.ValidString(string(s)) {
		return ErrEntry
	}
	if len(e.Meta) > MaxMeta || len(e.Private) > MaxPrivate {
		return ErrEntry
	}
	for _, p := range e.Private {
		if p.ID == "" || len(p.ID) > MaxBodyID || !utf8.ValidString(p.ID) || len(p.Body) > MaxBody {
			return ErrEntry
		}
	}
	return nil
}

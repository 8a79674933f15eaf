// Package journal keeps what happened: one append-only log per room, on the disk before anyone is told.
//
// A stream is a sequence of entries numbered from 1 without gaps. An entry is appended whole or not at all, and Append returns
// once it would survive a power cut. The writer says which entry it has seen last; when another one came first it gets ErrBehind,
// catches up by Follow and decides again:
//
//	seq, err := j.Append(ctx, stream, seen, journal.Entry{At: now, Meta: meta, Private: texts})
//	if errors.Is(err, journal.ErrBehind) { … read the newer entries from Follow, decide again … }
//
// Personal texts travel apart from the metadata, as Private bodies, so that Erase can remove them for good: the bytes are
// overwritten in place, the write-ahead log is emptied, and a tombstone (the salted hash of the body) keeps the chain whole.
//
// # Damage
//
// Every row carries a CRC-32C; every entry carries a SHA-256 link over the previous link, its metadata and the salted hash of each
// body; every stream has a head record, the house has one record counting all of them, and a small file beside the database (the
// mark) remembers how many entries were acknowledged. A flipped bit, a missing row, a cut file or a lost tail is therefore noticed:
// at opening (Error data-damaged), by Verify, or by Follow, which ends with a *DamagedError and never serves the entry.
//
// # On the disk
//
//	DIR/journal.db (-wal, -shm)  the database, 0600
//	DIR/journal.mark             how many entries were acknowledged, 0600
//	DIR/journal.lock             held by the one process that has the folder open
//
// DIR itself is 0700. To go back to a backup, put it in an empty folder under the name journal.db.
//
// # Goroutines
//
// OpenSQLite starts one: the writer, which owns the only connection that writes and commits all the appends that wait together in
// one transaction. Close ends it and waits for it. Everything else runs on the caller's goroutine. The memory journal starts none.
package journal

package journal

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Backup copies with VACUUM INTO: one snapshot, without stopping the writer.
func (j *sqliteJournal) Backup(ctx context.Context, path string) error {
	if err := j.turn.take(ctx); err != nil {
		return err
	}
	defer j.turn.giveBack()
	if j.tails.isClosed() {
		return ErrClosed
	}
	return writeCopy(path, func(part string) error {
		if _, err := j.read.ExecContext(ctx, "VACUUM INTO ?", part); err != nil {
			return writeError(err, diskFull(filepath.Dir(part)))
		}
		return nil
	})
}

// writeCopy lets fill write a database into an empty file of the owner's only, gives it an identity of its own (the mark of the
// original says nothing about it), and puts it at path once it is on the disk. No half copy is ever seen there.
func writeCopy(path string, fill func(part string) error) error {
	if _, err := os.Lstat(path); err == nil {
		return &Error{Code: ErrExists.Code, Params: map[string]string{"path": path}, Err: fs.ErrExist}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return &Error{Code: ErrFailed.Code, Err: err}
	}
	part := path + ".part"
	if err := emptyFile(part); err != nil {
		return writeError(err, false)
	}
	defer os.Remove(part)
	if err := fill(part); err != nil {
		return err
	}
	if err := settle(part, path); err != nil {
		return writeError(err, diskFull(filepath.Dir(part)))
	}
	return nil
}

func emptyFile(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := f.Chmod(0o600); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// settle flushes the copy, renames it and flushes the folder. A file that appeared at path meanwhile is kept.
func settle(part, path string) error {
	if err := renew(part); err != nil {
		return err
	}
	if err := flush(part); err != nil {
		return err
	}
	if err := os.Link(part, path); errors.Is(err, fs.ErrExist) {
		return err
	} else if err != nil { // a file system without hard links
		if err := os.Rename(part, path); err != nil {
			return err
		}
	}
	return flush(filepath.Dir(path))
}

func flush(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// renew gives a copy a new identity.
func renew(path string) error {
	ctx := context.Background()
	db, err := openDB(path, []string{"synchronous(FULL)", "journal_mode(DELETE)"})
	if err != nil {
		return err
	}
	h, err := readHouse(ctx, db)
	if err == nil {
		h.id = newID()
		err = h.save(ctx, db)
	}
	if e := db.Close(); err == nil {
		err = e
	}
	return err
}

// writeRecords writes sealed entries into a new database.
func writeRecords(ctx context.Context, path string, all map[Stream][]record) error {
	db, err := openDB(path, []string{"synchronous(FULL)", "journal_mode(DELETE)"})
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	defer db.Close()
	if err := create(ctx, db); err != nil {
		return err
	}
	h, err := readHouse(ctx, db)
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for s, records := range all {
		if err := writeStream(ctx, tx, s, records, &h); err != nil {
			return err
		}
	}
	if err := h.save(ctx, tx); err != nil {
		return err
	}
	return tx.Commit()
}

func writeStream(ctx context.Context, x execer, s Stream, records []record, h *house) error {
	for i := range records {
		r := &records[i]
		if err := insertRecord(ctx, x, r, h.bodies+1); err != nil {
			return err
		}
		h.entries++
		h.bodies += int64(len(r.bodies))
	}
	h.streams++
	last := records[len(records)-1]
	return saveHead(ctx, x, s, last.seq, last.chain)
}

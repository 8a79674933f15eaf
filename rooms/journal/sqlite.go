package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"sync"
)

// readers is how many connections may read at the same time.
const readers = 4

// OpenSQLite opens, or makes, the journal of a folder, after reading all of it back. dir is made if it is missing and closed to
// other users. Its error is an *Error with one of the data- codes. Close the journal to let the folder go.
func OpenSQLite(dir string) (Journal, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, openFailure(dir, err)
	}
	if err := prepareFolder(dir); err != nil {
		return nil, err
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	j, err := openLocked(dir, lock)
	if err != nil {
		lock.Close()
		return nil, openFailure(dir, err)
	}
	return j, nil
}

// sqliteJournal is static after OpenSQLite except for what its parts guard themselves.
type sqliteJournal struct {
	dir    string
	lock   *os.File
	tails  *tails
	writer *writer
	write  *sql.DB // one connection, lent to the writer
	read   *sql.DB // readers connections

	// SQLite cannot empty the write-ahead log under a reader, and an erasure must. So whoever reads everything (Verify, Backup) and
	// Erase take turns, each for its whole length, and who waits for the turn holds up nobody else; reading is for readers of one
	// page: held shared by them, and alone while the log is emptied. The turn is taken first.
	turn    turn
	reading sync.RWMutex
}

// turn is a mutex that one can stop waiting for.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

func (t turn) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t turn) giveBack() { <-t }

func openLocked(dir string, lock *os.File) (_ *sqliteJournal, err error) {
	path := filepath.Join(dir, dbName)
	size, err := privateFile(path)
	if err != nil {
		return nil, err
	}
	witness, err := openMark(filepath.Join(dir, markName))
	if err != nil {
		return nil, err
	}
	j := &sqliteJournal{dir: dir, lock: lock, tails: newTails(), turn: newTurn()}
	defer func() {
		if err != nil {
			j.closeDBs()
			witness.close()
		}
	}()
	if err := checkHeader(path, size); err != nil {
		return nil, err
	}
	if err := j.openDBs(path); err != nil {
		return nil, err
	}
	conn, err := j.write.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	st, err := j.load(conn, witness)
	if err != nil {
		conn.Close()
		return nil, err
	}
	for s, h := range st.heads {
		j.tails.advance(s, h.seq, h.chain)
	}
	j.writer = startWriter(j, conn, witness, st.house)
	return j, nil
}

func (j *sqliteJournal) openDBs(path string) (err error) {
	if j.write, err = openDB(path, pragmas); err != nil {
		return err
	}
	j.write.SetMaxOpenConns(1)
	if j.read, err = openDB(path, pragmas); err != nil {
		return err
	}
	j.read.SetMaxOpenConns(readers)
	j.read.SetMaxIdleConns(readers)
	return nil
}

// load creates an empty house or reads an old one whole, and holds it against the mark.
func (j *sqliteJournal) load(conn *sql.Conn, witness *mark) (state, error) {
	ctx := context.Background()
	if err := checkPragmas(ctx, conn); err != nil {
		return state{}, err
	}
	id, entries, known, err := witness.read()
	if err != nil {
		return state{}, err
	}
	empty, err := checkSchema(ctx, conn)
	if err != nil {
		return state{}, err
	}
	if empty {
		if known && entries > 0 {
			return state{}, damaged("", 0, fmt.Sprintf("the database is empty, and it held %d entries", entries), nil)
		}
		if err := create(ctx, conn); err != nil {
			return state{}, err
		}
	}
	st, err := verifySnapshot(ctx, conn)
	if err != nil {
		return state{}, err
	}
	if known && string(id) == string(st.house.id) && st.house.entries < entries {
		return state{}, damaged("", 0, fmt.Sprintf("%d entries at the end are missing", entries-st.house.entries), nil)
	}
	if err := witness.write(st.house); err != nil {
		return state{}, err
	}
	return st, unlessFull(checkpoint(ctx, conn))
}

// unlessFull forgives a full disk: nothing is lost by leaving entries in the write-ahead log, and what is there can be read.
func unlessFull(err error) error {
	if errors.Is(err, ErrFull) {
		return nil
	}
	return err
}

func verifySnapshot(ctx context.Context, conn *sql.Conn) (state, error) {
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return state{}, storeError("", 0, "the database cannot be read", err)
	}
	defer tx.Rollback()
	return verify(ctx, tx)
}

func (j *sqliteJournal) Append(ctx context.Context, s Stream, after Seq, e Entry) (Seq, error) {
	if err := checkAppend(s, e); err != nil {
		return 0, err
	}
	return j.writer.do(ctx, &order{ctx: ctx, stream: s, after: after, entry: e})
}

func (j *sqliteJournal) Erase(ctx context.Context, s Stream, id string) error {
	if err := j.turn.take(ctx); err != nil {
		return err
	}
	defer j.turn.giveBack()
	_, err := j.writer.do(ctx, &order{ctx: ctx, alone: func(w *writer) error { return w.eraseNow(s, id) }})
	return err
}

func (j *sqliteJournal) Probe(ctx context.Context) error {
	_, err := j.writer.do(ctx, &order{ctx: ctx, alone: (*writer).probe})
	return err
}

func (j *sqliteJournal) Follow(ctx context.Context, s Stream, after Seq) iter.Seq2[Entry, error] {
	return follow(ctx, j.tails, j.page, s, after)
}

func (j *sqliteJournal) page(ctx context.Context, s Stream, after Seq) (link, []record, error) {
	j.reading.RLock()
	defer j.reading.RUnlock()
	return readPage(ctx, j.read, s, after)
}

func (j *sqliteJournal) Streams(ctx context.Context) ([]Stream, error) {
	if j.tails.isClosed() {
		return nil, ErrClosed
	}
	return j.tails.streams(), ctx.Err()
}

func (j *sqliteJournal) Head(ctx context.Context, s Stream) (Seq, error) {
	if j.tails.isClosed() {
		return 0, ErrClosed
	}
	seq, _ := j.tails.head(s)
	return seq, ctx.Err()
}

func (j *sqliteJournal) Verify(ctx context.Context) error {
	if err := j.turn.take(ctx); err != nil {
		return err
	}
	defer j.turn.giveBack()
	if j.tails.isClosed() {
		return ErrClosed
	}
	conn, err := j.read.Conn(ctx)
	if err != nil {
		return storeError("", 0, "the database cannot be read", err)
	}
	defer conn.Close()
	_, err = verifySnapshot(ctx, conn)
	return err
}

func (j *sqliteJournal) Close() error {
	if !j.tails.close() {
		return nil
	}
	j.writer.stop()
	j.turn.take(context.Background()) // who had begun to read everything is done
	defer j.turn.giveBack()
	err := j.writer.rest()
	j.reading.Lock() // readers of a page are done
	defer j.reading.Unlock()
	if e := j.closeDBs(); err == nil {
		err = e
	}
	if e := j.lock.Close(); err == nil {
		err = e
	}
	return err
}

func (j *sqliteJournal) closeDBs() (err error) {
	for _, db := range []*sql.DB{j.read, j.write} {
		if db == nil {
			continue
		}
		if e := db.Close(); err == nil {
			err = e
		}
	}
	return err
}

package journal

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/url"
	"strings"

	_ "modernc.org/sqlite" // the driver; pure Go
)

const (
	schemaVersion = 1
	applicationID = 0x416e7465 // "Ante"
)

// The tables. Bodies have a plain rowid and only ever grow at the end, and their erasure keeps every column's size: SQLite then
// never moves a text to another page, so no stale copy of one is left behind in a page's slack.
var tables = []string{
	`CREATE TABLE house (one INTEGER PRIMARY KEY CHECK (one = 1), id BLOB NOT NULL, version INTEGER NOT NULL, streams INTEGER NOT NULL, entries INTEGER NOT NULL, bodies INTEGER NOT NULL, sum BLOB NOT NULL) STRICT`,
	`CREATE TABLE head (stream TEXT PRIMARY KEY, seq INTEGER NOT NULL, chain BLOB NOT NULL, sum BLOB NOT NULL) STRICT, WITHOUT ROWID`,
	`CREATE TABLE entry (stream TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, meta BLOB NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL, chain BLOB NOT NULL, sum BLOB NOT NULL, PRIMARY KEY (stream, seq)) STRICT, WITHOUT ROWID`,
	`CREATE TABLE body (n INTEGER PRIMARY KEY, stream TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL, erased INTEGER NOT NULL, sum BLOB NOT NULL, hash BLOB NOT NULL, salt BLOB NOT NULL, text BLOB NOT NULL) STRICT`,
	`CREATE INDEX body_by_id ON body (stream, id)`,
}

// pragmas are set on every connection. Those that promise something are read back by checkPragmas.
var pragmas = []string{
	"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "secure_delete(ON)",
	"temp_store(MEMORY)", "cell_size_check(ON)", "trusted_schema(OFF)",
}

func openDB(path string, pragmas []string) (*sql.DB, error) {
	u := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{"_pragma": pragmas}.Encode()}
	return sql.Open("sqlite", u.String())
}

// querier and execer are what *sql.Conn, *sql.DB and *sql.Tx have in common.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

type execer interface {
	querier
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func checkPragmas(ctx context.Context, q querier) error {
	want := map[string]string{"journal_mode": "wal", "synchronous": "2", "secure_delete": "1"}
	for name, value := range want {
		var got string
		if err := q.QueryRowContext(ctx, "PRAGMA "+name).Scan(&got); err != nil {
			return err
		}
		if got != value {
			return fmt.Errorf("this file system does not allow %s=%s (it stays %s)", name, value, got)
		}
	}
	return nil
}

// create makes an empty house in one transaction.
func create(ctx context.Context, x execer) error {
	h := house{id: newID()}
	steps := append([]string{"BEGIN IMMEDIATE"}, tables...)
	steps = append(steps, fmt.Sprintf("PRAGMA application_id = %d", applicationID), fmt.Sprintf("PRAGMA user_version = %d", schemaVersion))
	for _, step := range steps {
		if _, err := x.ExecContext(ctx, step); err != nil {
			return err
		}
	}
	_, err := x.ExecContext(ctx, `INSERT INTO house (one, id, version, streams, entries, bodies, sum) VALUES (1, ?, ?, 0, 0, 0, ?)`, h.id, schemaVersion, h.sum())
	if err == nil {
		_, err = x.ExecContext(ctx, "COMMIT")
	}
	if err != nil {
		x.ExecContext(ctx, "ROLLBACK")
	}
	return err
}

func newID() []byte {
	id := make([]byte, 16)
	rand.Read(id)
	return id
}

// house is the record that counts everything. Owned by whoever read it; the writer goroutine keeps the current one.
type house struct {
	id                       []byte // of this database; a backup gets one of its own
	streams, entries, bodies int64
}

func (h house) sum() []byte {
	return rowSum(h.id, int64(schemaVersion), h.streams, h.entries, h.bodies)
}

func (h house) save(ctx context.Context, x execer) error {
	_, err := x.ExecContext(ctx, `UPDATE house SET id = ?, streams = ?, entries = ?, bodies = ?, sum = ? WHERE one = 1`, h.id, h.streams, h.entries, h.bodies, h.sum())
	return err
}

func readHouse(ctx context.Context, q querier) (house, error) {
	var h house
	var version int64
	var sum []byte
	err := q.QueryRowContext(ctx, `SELECT id, version, streams, entries, bodies, sum FROM house WHERE one = 1`).
		Scan(&h.id, &version, &h.streams, &h.entries, &h.bodies, &sum)
	if err != nil {
		return h, storeError("", 0, "the house record cannot be read", err)
	}
	if string(sum) != string(h.sum()) {
		return h, damaged("", 0, "the house record was changed", nil)
	}
	return h, nil
}

// checkSchema tells a journal of ours from a newer one and from a damaged one. empty means that nothing was ever created.
func checkSchema(ctx context.Context, q querier) (empty bool, err error) {
	var app, version, pages int64
	for name, into := range map[string]*int64{"application_id": &app, "user_version": &version, "page_count": &pages} {
		if err := q.QueryRowContext(ctx, "PRAGMA "+name).Scan(into); err != nil {
			return false, storeError("", 0, "the header cannot be read", err)
		}
	}
	found, err := readSchema(ctx, q)
	if err != nil {
		return false, err
	}
	switch {
	case len(found) == 0 && version == 0 && pages <= 1:
		return true, nil
	case app != applicationID:
		return false, damaged("", 0, "this is not a journal", nil)
	case version > schemaVersion && strings.Join(found, ";") != strings.Join(tables, ";"):
		return false, errNewer
	case version != schemaVersion || strings.Join(found, ";") != strings.Join(tables, ";"):
		return false, damaged("", 0, "the schema was changed", nil)
	}
	return false, nil
}

func readSchema(ctx context.Context, q querier) (sqls []string, err error) {
	rows, err := q.QueryContext(ctx, `SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid`)
	if err != nil {
		return nil, storeError("", 0, "the schema cannot be read", err)
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, storeError("", 0, "the schema cannot be read", err)
		}
		sqls = append(sqls, s)
	}
	if err := rows.Err(); err != nil {
		return nil, storeError("", 0, "the schema cannot be read", err)
	}
	return sqls, nil
}

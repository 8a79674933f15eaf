package journal

import (
	"bytes"
	"context"
	"database/sql"
)

// insertRecord writes an entry and its bodies; first is the row number of its first body.
func insertRecord(ctx context.Context, x execer, r *record, first int64) error {
	n := int64(len(r.bodies))
	_, err := x.ExecContext(ctx, `INSERT INTO entry (stream, seq, at, meta, first, count, chain, sum) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		string(r.stream), int64(r.seq), r.at, notNil(r.meta), first, n, r.chain[:], r.sum(first, n))
	for i := range r.bodies {
		if err != nil {
			return err
		}
		b := &r.bodies[i]
		_, err = x.ExecContext(ctx, `INSERT INTO body (n, stream, seq, id, erased, sum, hash, salt, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			first+int64(i), string(r.stream), int64(r.seq), b.id, flag(b.erased), b.sum(r.stream, r.seq), b.hash[:], b.salt[:], notNil(b.text))
	}
	return err
}

func saveHead(ctx context.Context, x execer, s Stream, n Seq, chain link) error {
	_, err := x.ExecContext(ctx, `INSERT INTO head (stream, seq, chain, sum) VALUES (?, ?, ?, ?)
		ON CONFLICT (stream) DO UPDATE SET seq = excluded.seq, chain = excluded.chain, sum = excluded.sum`,
		string(s), int64(n), chain[:], headSum(s, n, chain[:]))
	return err
}

func (r *record) sum(first, count int64) []byte {
	return rowSum(string(r.stream), int64(r.seq), r.at, r.meta, first, count, r.chain[:])
}

func (b *sealed) sum(s Stream, n Seq) []byte {
	return rowSum(string(s), int64(n), b.id, flag(b.erased), b.hash[:], b.salt[:], b.text)
}

func headSum(s Stream, n Seq, chain []byte) []byte {
	return rowSum(string(s), int64(n), chain)
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// notNil keeps an empty blob from being written as NULL.
func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// readPage reads the entries after … after+pageSize and checks every row's sum. The entry numbered after gives the link to start from.
func readPage(ctx context.Context, q querier, s Stream, after Seq) (prev link, page []record, err error) {
	rows, err := q.QueryContext(ctx, `SELECT e.seq, e.at, e.meta, e.first, e.count, e.chain, e.sum, b.n, b.seq, b.id, b.erased, b.sum, b.hash, b.salt, b.text
		FROM entry e LEFT JOIN body b ON b.n >= e.first AND b.n < e.first + e.count
		WHERE e.stream = ? AND e.seq BETWEEN ? AND ? ORDER BY e.seq, b.n`, string(s), int64(after), int64(after+pageSize))
	if err != nil {
		return link{}, nil, storeError(s, after+1, "the entry cannot be read", err)
	}
	defer rows.Close()
	reading := pageReader{stream: s, next: max(after, 1)}
	for rows.Next() {
		if err := reading.row(rows); err != nil {
			return link{}, nil, err
		}
	}
	if err := rows.Err(); err != nil {
		return link{}, nil, storeError(s, reading.next, "the entry cannot be read", err)
	}
	if err := reading.finish(); err != nil {
		return link{}, nil, err
	}
	return reading.split(after)
}

// pageReader puts the rows of the join back into entries.
type pageReader struct {
	stream      Stream
	next        Seq // the entry being read, for the damage report
	page        []record
	first, want int64 // of the entry being read: where its bodies begin, how many there are
}

func (p *pageReader) row(rows *sql.Rows) error {
	var r record
	var seq, first, count int64
	var n, bodySeq, erased sql.NullInt64
	var id sql.NullString
	var chain, sum, bodySum, hash, salt, text []byte
	err := rows.Scan(&seq, &r.at, &r.meta, &first, &count, &chain, &sum, &n, &bodySeq, &id, &erased, &bodySum, &hash, &salt, &text)
	if err != nil || len(chain) != len(r.chain) {
		return damaged(p.stream, p.next, "the entry cannot be read", err)
	}
	r.stream, r.seq, r.chain = p.stream, Seq(seq), link(chain)
	if len(p.page) == 0 || p.page[len(p.page)-1].seq != r.seq {
		if err := p.finish(); err != nil {
			return err
		}
		if !bytes.Equal(sum, r.sum(first, count)) {
			return damaged(p.stream, p.expected(r.seq), "the entry was changed", nil)
		}
		p.page, p.first, p.want = append(p.page, r), first, count
	}
	if !n.Valid {
		return nil
	}
	b := sealed{id: id.String, erased: erased.Int64 == 1, text: text}
	last := &p.page[len(p.page)-1]
	whole := len(hash) == len(b.hash) && len(salt) == len(b.salt) && Seq(bodySeq.Int64) == last.seq && n.Int64 == p.first+int64(len(last.bodies))
	if !whole {
		return damaged(p.stream, last.seq, "a private text is missing", nil)
	}
	copy(b.hash[:], hash)
	copy(b.salt[:], salt)
	if !bytes.Equal(bodySum, b.sum(p.stream, last.seq)) {
		return damaged(p.stream, last.seq, "a private text was changed", nil)
	}
	last.bodies = append(last.bodies, b)
	return nil
}

// expected is the number to report for a changed row: the one that should come, because its own may be what was changed.
func (p *pageReader) expected(found Seq) Seq {
	if len(p.page) > 0 {
		return p.page[len(p.page)-1].seq + 1
	}
	return found
}

// finish checks that the entry just read has all its bodies.
func (p *pageReader) finish() error {
	if len(p.page) == 0 {
		return nil
	}
	last := &p.page[len(p.page)-1]
	p.next = last.seq + 1
	if int64(len(last.bodies)) != p.want {
		return damaged(p.stream, last.seq, "a private text is missing", nil)
	}
	return nil
}

func (p *pageReader) split(after Seq) (prev link, page []record, err error) {
	if after == 0 {
		return link{}, p.page, nil
	}
	if len(p.page) == 0 || p.page[0].seq != after {
		return link{}, nil, damaged(p.stream, after, "the entry is missing", nil)
	}
	return p.page[0].chain, p.page[1:], nil
}

// head is a stream's last entry as the head table knows it.
type head struct {
	seq   Seq
	chain link
}

func readHeads(ctx context.Context, q querier) (map[Stream]head, error) {
	rows, err := q.QueryContext(ctx, `SELECT stream, seq, chain, sum FROM head`)
	if err != nil {
		return nil, storeError("", 0, "the heads cannot be read", err)
	}
	defer rows.Close()
	heads := map[Stream]head{}
	for rows.Next() {
		var s string
		var n int64
		var chain, sum []byte
		if err := rows.Scan(&s, &n, &chain, &sum); err != nil {
			return nil, storeError("", 0, "the heads cannot be read", err)
		}
		if len(chain) != len(link{}) || !bytes.Equal(sum, headSum(Stream(s), Seq(n), chain)) {
			return nil, damaged("", 0, "the head of a stream was changed", nil)
		}
		heads[Stream(s)] = head{Seq(n), link(chain)}
	}
	if err := rows.Err(); err != nil {
		return nil, storeError("", 0, "the heads cannot be read", err)
	}
	return heads, nil
}

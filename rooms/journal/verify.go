package journal

import (
	"context"
	"slices"
)

// state is what a verified database holds.
type state struct {
	house house
	heads map[Stream]head
}

// verify reads everything: the chains first, because they can name the entry, then the counts, then SQLite's own structure.
// q must see one snapshot (a transaction).
func verify(ctx context.Context, q querier) (state, error) {
	h, err := readHouse(ctx, q)
	if err != nil {
		return state{}, err
	}
	heads, err := readHeads(ctx, q)
	if err != nil {
		return state{}, err
	}
	var entries, bodies int64
	for _, s := range sorted(heads) {
		n, err := verifyStream(ctx, q, s, heads[s])
		if err != nil {
			return state{}, err
		}
		entries += int64(heads[s].seq)
		bodies += n
	}
	counted := map[string]int64{"head": int64(len(heads)), "entry": entries, "body": bodies}
	recorded := map[string]int64{"head": h.streams, "entry": h.entries, "body": h.bodies}
	for table, n := range counted {
		if err := verifyCount(ctx, q, table, n, recorded[table]); err != nil {
			return state{}, err
		}
	}
	return state{h, heads}, integrity(ctx, q)
}

// verifyStream follows one chain from the first entry to the head and counts the bodies.
func verifyStream(ctx context.Context, q querier, s Stream, to head) (bodies int64, err error) {
	var after Seq
	var last link
	for after < to.seq {
		prev, page, err := readPage(ctx, q, s, after)
		if err == nil && prev != last {
			err = damaged(s, after, "the chain is broken", nil)
		}
		if err == nil {
			err = checkPage(s, after, prev, page)
		}
		if err != nil {
			return 0, err
		}
		for i := range page {
			bodies += int64(len(page[i].bodies))
		}
		after, last = page[len(page)-1].seq, page[len(page)-1].chain
	}
	if after != to.seq || last != to.chain {
		return 0, damaged(s, to.seq, "the head does not match the last entry", nil)
	}
	return bodies, nil
}

func verifyCount(ctx context.Context, q querier, table string, counted, recorded int64) error {
	var stored int64
	if err := q.QueryRowContext(ctx, "SELECT count(*) FROM "+table).Scan(&stored); err != nil {
		return storeError("", 0, "the rows cannot be counted", err)
	}
	if stored != counted || stored != recorded {
		return damaged("", 0, "rows are missing or too many in table "+table, nil)
	}
	return nil
}

func integrity(ctx context.Context, q querier) error {
	var said string
	if err := q.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&said); err != nil {
		return storeError("", 0, "the structure cannot be read", err)
	}
	if said != "ok" {
		return damaged("", 0, "the structure of the database was changed", nil)
	}
	return nil
}

func sorted(heads map[Stream]head) []Stream {
	out := make([]Stream, 0, len(heads))
	for s := range heads {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

package journal

import (
	"context"
	"iter"
	"slices"
	"sync"
)

// NewMemory returns a journal that forgets everything when it is let go: for tests and rehearsals. It obeys the same contract.
func NewMemory() Journal {
	return &memory{tails: newTails(), records: map[Stream][]record{}}
}

type memory struct {
	tails *tails

	mu      sync.RWMutex // guards records and the bodies inside; taken before tails.mu
	records map[Stream][]record
}

func (m *memory) Append(ctx context.Context, s Stream, after Seq, e Entry) (Seq, error) {
	if err := checkAppend(s, e); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.usable(ctx); err != nil {
		return 0, err
	}
	seq, chain := m.tails.head(s)
	if seq != after {
		return 0, ErrBehind
	}
	r := seal(chain, s, seq+1, e)
	m.records[s] = append(m.records[s], r)
	m.tails.advance(s, r.seq, r.chain)
	return r.seq, nil
}

func (m *memory) usable(ctx context.Context) error {
	if m.tails.isClosed() {
		return ErrClosed
	}
	return ctx.Err()
}

func (m *memory) Follow(ctx context.Context, s Stream, after Seq) iter.Seq2[Entry, error] {
	return follow(ctx, m.tails, m.page, s, after)
}

const pageSize = 128 // entries read at once

func (m *memory) page(_ context.Context, s Stream, after Seq) (prev link, page []record, err error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	all := m.records[s]
	if after > 0 && after <= Seq(len(all)) {
		prev = all[after-1].chain
	}
	if after < Seq(len(all)) {
		all = all[after:]
		page = detached(all[:min(len(all), pageSize)])
	}
	return prev, page, nil
}

// detached copies records so that an erasure that comes while they are read does not touch them.
func detached(records []record) []record {
	out := slices.Clone(records)
	for i := range out {
		out[i].bodies = slices.Clone(out[i].bodies)
	}
	return out
}

func (m *memory) Erase(ctx context.Context, s Stream, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.usable(ctx); err != nil {
		return err
	}
	for _, r := range m.records[s] {
		for i := range r.bodies {
			if r.bodies[i].id == id {
				r.bodies[i].erase()
			}
		}
	}
	return nil
}

func (m *memory) Probe(ctx context.Context) error { return m.usable(ctx) }

func (m *memory) Streams(ctx context.Context) ([]Stream, error) {
	if err := m.usable(ctx); err != nil {
		return nil, err
	}
	return m.tails.streams(), nil
}

func (m *memory) Head(ctx context.Context, s Stream) (Seq, error) {
	if err := m.usable(ctx); err != nil {
		return 0, err
	}
	seq, _ := m.tails.head(s)
	return seq, nil
}

func (m *memory) Verify(ctx context.Context) error {
	if err := m.usable(ctx); err != nil {
		return err
	}
	for _, s := range m.tails.streams() {
		head, _ := m.tails.head(s)
		for after := Seq(0); after < head; {
			prev, page, _ := m.page(ctx, s, after)
			if err := checkPage(s, after, prev, page); err != nil {
				return err
			}
			after = page[len(page)-1].seq
		}
	}
	return nil
}

// Backup writes the same file as the SQLite journal does.
func (m *memory) Backup(ctx context.Context, path string) error {
	if err := m.usable(ctx); err != nil {
		return err
	}
	all := m.snapshot()
	return writeCopy(path, func(part string) error { return writeRecords(ctx, part, all) })
}

func (m *memory) snapshot() map[Stream][]record {
	m.mu.RLock()
	defer m.mu.RUnlock()
	all := map[Stream][]record{}
	for s, records := range m.records {
		all[s] = detached(records)
	}
	return all
}

func (m *memory) Close() error {
	m.tails.close()
	return nil
}

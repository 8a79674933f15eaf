package journal

import (
	"context"
	"iter"
	"slices"
	"sync"
)

// tails knows the last durable entry of every stream and wakes those who wait for the next. The writer advances it after the
// commit; followers read it. It never calls out while locked.
type tails struct {
	mu     sync.Mutex
	of     map[Stream]*tail
	closed bool
	done   chan struct{} // closed by close
}

// tail belongs to tails.mu.
type tail struct {
	seq   Seq
	chain link
	grew  chan struct{} // closed and replaced at each advance
}

func newTails() *tails {
	return &tails{of: map[Stream]*tail{}, done: make(chan struct{})}
}

func (t *tails) getLocked(s Stream) *tail {
	if t.of[s] == nil {
		t.of[s] = &tail{grew: make(chan struct{})}
	}
	return t.of[s]
}

// head returns the last entry's number and link: zeros for a stream that has none.
func (t *tails) head(s Stream) (Seq, link) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if h := t.of[s]; h != nil {
		return h.seq, h.chain
	}
	return 0, link{}
}

func (t *tails) advance(s Stream, n Seq, chain link) {
	t.mu.Lock()
	defer t.mu.Unlock()
	h := t.getLocked(s)
	h.seq, h.chain = n, chain
	close(h.grew)
	h.grew = make(chan struct{})
}

func (t *tails) streams() []Stream {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []Stream
	for s, h := range t.of {
		if h.seq > 0 {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return out
}

func (t *tails) isClosed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.closed
}

// close reports whether this call was the one that closed.
func (t *tails) close() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	t.closed = true
	close(t.done)
	return true
}

// wait returns once the stream has an entry beyond after. ok is false when ctx ended or the journal closed.
func (t *tails) wait(ctx context.Context, s Stream, after Seq) (ok bool) {
	for {
		t.mu.Lock()
		h, closed := t.getLocked(s), t.closed
		seq, grew := h.seq, h.grew
		t.mu.Unlock()
		if closed || ctx.Err() != nil {
			return false
		}
		if seq > after {
			return true
		}
		select {
		case <-grew:
		case <-ctx.Done():
		case <-t.done:
		}
	}
}

// pager reads some of the entries beyond after, in order, and the link of the entry numbered after. It checks rows, not links.
type pager func(ctx context.Context, s Stream, after Seq) (prev link, page []record, err error)

// follow is Journal.Follow over any store: pages, checked link by link, then waiting.
func follow(ctx context.Context, t *tails, read pager, s Stream, after Seq) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for t.wait(ctx, s, after) {
			prev, page, err := read(ctx, s, after)
			if err == nil {
				err = checkPage(s, after, prev, page)
			}
			if err != nil {
				if ctx.Err() == nil && !t.isClosed() {
					yield(Entry{}, err)
					return
				}
				continue // ended or closed while reading: wait says which
			}
			for i := range page {
				if ctx.Err() != nil {
					return
				}
				if !yield(page[i].entry(), nil) {
					return
				}
				after = page[i].seq
			}
		}
		if ctx.Err() == nil {
			yield(Entry{}, ErrClosed)
		}
	}
}

// checkPage refuses a page that is not exactly the entries after+1, after+2, … linked to prev. The caller knows that there is one.
func checkPage(s Stream, after Seq, prev link, page []record) error {
	if len(page) == 0 {
		return damaged(s, after+1, "the entry is missing", nil)
	}
	for i := range page {
		r := &page[i]
		after++
		if r.seq != after || r.stream != s {
			return damaged(s, after, "the entry is missing", nil)
		}
		if what := r.check(prev); what != "" {
			return damaged(s, after, what, nil)
		}
		prev = r.chain
	}
	return nil
}

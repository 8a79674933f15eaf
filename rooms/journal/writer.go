package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// order is one wish to write. Answered exactly once, on done.
type order struct {
	ctx    context.Context
	stream Stream
	after  Seq
	entry  Entry
	alone  func(*writer) error // what to do instead of an append; nil for an append
	done   chan answer
}

type answer struct {
	seq Seq
	err error
}

// group is how many appends one transaction takes at most.
const group = 256

// writer is the goroutine that writes. It commits every append that waits in one transaction, so that the flush to the disk, the
// slow part, is shared.
type writer struct {
	j      *sqliteJournal
	orders chan *order   // unbuffered: who waits for a turn waits in Append
	quit   chan struct{} // closed by stop
	ended  chan struct{} // closed by run

	// Owned by run.
	conn    *sql.Conn
	witness *mark
	house   house
	unsure  bool // a commit failed in the middle: read the truth back before going on
}

func startWriter(j *sqliteJournal, conn *sql.Conn, witness *mark, h house) *writer {
	w := &writer{j: j, conn: conn, witness: witness, house: h, orders: make(chan *order), quit: make(chan struct{}), ended: make(chan struct{})}
	go w.run()
	return w
}

func (w *writer) do(ctx context.Context, o *order) (Seq, error) {
	o.done = make(chan answer, 1)
	select {
	case <-w.quit:
		return 0, ErrClosed
	default:
	}
	select {
	case w.orders <- o:
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-w.quit:
		return 0, ErrClosed
	}
	a := <-o.done
	return a.seq, a.err
}

// stop waits for the order under way and takes no other.
func (w *writer) stop() {
	close(w.quit)
	<-w.ended
}

// rest gives the folder's files their resting shape, once stopped.
func (w *writer) rest() error {
	err := unlessFull(w.emptyLog())
	if e := w.conn.Close(); err == nil {
		err = e
	}
	if e := w.witness.close(); err == nil {
		err = e
	}
	return err
}

func (w *writer) run() {
	defer close(w.ended)
	for {
		select {
		case <-w.quit:
			return
		case o := <-w.orders:
			appends, other := w.gather(o)
			w.append(appends)
			if other != nil {
				other.done <- answer{err: w.doAlone(other)}
			}
		}
	}
}

// gather takes what waits already; what is no append ends the group.
func (w *writer) gather(o *order) (appends []*order, other *order) {
	for {
		if o.alone != nil {
			return appends, o
		}
		if appends = append(appends, o); len(appends) == group {
			return appends, nil
		}
		select {
		case o = <-w.orders:
		default:
			return appends, nil
		}
	}
}

// plan is what one transaction will write.
type plan struct {
	orders  []*order
	records []record
	heads   map[Stream]head // as they will be
	house   house           // as it will be
}

// append answers every order: late ones with ErrBehind at once, the others after the commit that holds them all.
func (w *writer) append(orders []*order) {
	if len(orders) == 0 {
		return
	}
	if err := w.makeSure(); err != nil {
		reject(orders, err)
		return
	}
	p := w.plan(orders)
	if len(p.records) == 0 {
		return
	}
	if err := w.transact(p.write); err != nil {
		reject(p.orders, err)
		return
	}
	w.house = p.house
	w.witness.write(w.house) // its failure only makes the witness older
	for i := range p.records {
		r := &p.records[i]
		w.j.tails.advance(r.stream, r.seq, r.chain)
		p.orders[i].done <- answer{seq: r.seq}
	}
}

func reject(orders []*order, err error) {
	for _, o := range orders {
		o.done <- answer{err: err}
	}
}

// plan seals the entries that come in their turn and answers the others.
func (w *writer) plan(orders []*order) plan {
	p := plan{heads: map[Stream]head{}, house: w.house}
	for _, o := range orders {
		h, known := p.heads[o.stream]
		if !known {
			h.seq, h.chain = w.j.tails.head(o.stream)
		}
		if err := o.ctx.Err(); err != nil {
			o.done <- answer{err: err}
			continue
		}
		if h.seq != o.after {
			o.done <- answer{err: ErrBehind}
			continue
		}
		r := seal(h.chain, o.stream, h.seq+1, o.entry)
		if r.seq == 1 {
			p.house.streams++
		}
		p.house.entries++
		p.house.bodies += int64(len(r.bodies))
		p.heads[o.stream] = head{r.seq, r.chain}
		p.orders, p.records = append(p.orders, o), append(p.records, r)
	}
	return p
}

func (p *plan) write(ctx context.Context, x execer) error {
	first := p.house.bodies + 1
	for i := range p.records {
		first -= int64(len(p.records[i].bodies))
	}
	for i := range p.records {
		if err := insertRecord(ctx, x, &p.records[i], first); err != nil {
			return err
		}
		first += int64(len(p.records[i].bodies))
	}
	for s, h := range p.heads {
		if err := saveHead(ctx, x, s, h.seq, h.chain); err != nil {
			return err
		}
	}
	return p.house.save(ctx, x)
}

// transact commits all of do, or nothing as far as anyone can know: after a failure of the commit itself the writer reads back what
// the disk holds before it writes again.
func (w *writer) transact(do func(context.Context, execer) error) error {
	ctx := context.Background()
	_, err := w.conn.ExecContext(ctx, "BEGIN IMMEDIATE")
	if err == nil {
		err = do(ctx, w.conn)
	}
	if err == nil {
		_, err = w.conn.ExecContext(ctx, "COMMIT")
		w.unsure = err != nil
	}
	if err == nil {
		return nil
	}
	full := diskFull(w.j.dir)
	w.conn.ExecContext(ctx, "ROLLBACK") // SQLite may have done it already, and then says so
	return writeError(err, full)
}

// makeSure brings memory back to what the disk holds after a commit whose outcome is unknown.
func (w *writer) makeSure() error {
	if !w.unsure {
		return nil
	}
	ctx := context.Background()
	h, err := readHouse(ctx, w.conn)
	if err != nil {
		return err
	}
	heads, err := readHeads(ctx, w.conn)
	if err != nil {
		return err
	}
	w.house, w.unsure = h, false
	for s, h := range heads {
		if seq, _ := w.j.tails.head(s); h.seq > seq {
			w.j.tails.advance(s, h.seq, h.chain)
		}
	}
	return nil
}

func (w *writer) doAlone(o *order) error {
	if err := w.makeSure(); err != nil {
		return err
	}
	if err := o.ctx.Err(); err != nil {
		return err
	}
	return o.alone(w)
}

// probe writes the house record again as it is. That little may go through on a disk where an entry would not.
func (w *writer) probe() error {
	err := w.transact(w.house.save)
	if err == nil && diskFull(w.j.dir) {
		err = ErrFull
	}
	return err
}

// eraseNow overwrites the bodies, then empties the write-ahead log, where the texts stand as well.
func (w *writer) eraseNow(s Stream, id string) error {
	err := w.transact(func(ctx context.Context, x execer) error { return eraseBodies(ctx, x, s, id) })
	if err == nil {
		err = w.emptyLog()
	}
	return err
}

// eraseBodies keeps the size of every column, so that SQLite overwrites the row where it stands.
func eraseBodies(ctx context.Context, x execer, s Stream, id string) error {
	found, err := findBodies(ctx, x, s, id)
	if err != nil {
		return err
	}
	for _, f := range found {
		f.body.erase()
		_, err := x.ExecContext(ctx, `UPDATE body SET erased = 1, sum = ?, salt = ?, text = ? WHERE n = ?`,
			f.body.sum(s, f.seq), f.body.salt[:], notNil(f.body.text), f.n)
		if err != nil {
			return err
		}
	}
	return nil
}

type foundBody struct {
	n    int64
	seq  Seq
	body sealed
}

func findBodies(ctx context.Context, q querier, s Stream, id string) (found []foundBody, err error) {
	rows, err := q.QueryContext(ctx, `SELECT n, seq, hash, length(text) FROM body WHERE stream = ? AND id = ? AND erased = 0`, string(s), id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var n, seq, size int64
		var hash []byte
		if err := rows.Scan(&n, &seq, &hash, &size); err != nil {
			return nil, err
		}
		if len(hash) != len(link{}) || size < 0 || size > MaxBody {
			return nil, damaged(s, Seq(seq), "a private text was changed", nil)
		}
		found = append(found, foundBody{n, Seq(seq), sealed{id: id, hash: link(hash), text: make([]byte, size)}})
	}
	return found, rows.Err()
}

// emptyLog moves the write-ahead log into the database and cuts it to nothing, once no page is being read.
func (w *writer) emptyLog() error {
	w.j.reading.Lock()
	defer w.j.reading.Unlock()
	return checkpoint(context.Background(), w.conn)
}

var errBusy = errors.New("the write-ahead log is being read")

func checkpoint(ctx context.Context, q querier) error {
	var busy, inLog, moved int64
	err := q.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &inLog, &moved)
	if err == nil && busy != 0 {
		err = errBusy
	}
	if err != nil {
		return writeError(fmt.Errorf("empty the write-ahead log: %w", err), false)
	}
	return nil
}

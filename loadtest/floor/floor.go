// Package floor measures what a machine itself charges for a run: the packets of a teacher, as they were sent, sealed
// (AES-128-GCM, a key for each viewer) and sent to as many sockets, and nothing else. What a server costs is then said as a
// multiple of that, taken on the same machine in the same minutes.
//
//	d, err := floor.Drain(n)         // in the process of the crowd: n sockets, read as the crowd reads
//	result, err := floor.Replay(task, begin) // in a process of its own, which is measured from outside
//
// Goroutines: Drain has a few that read; Close ends and awaits them. Replay has none.
package floor

import (
	"cmp"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"antenne/sfu/egress"
)

// Packet is one packet of the teacher.
type Packet struct {
	At   time.Duration `json:"at"`   // from the beginning of the list
	Size int           `json:"size"` // bytes of RTP, before it is sealed
}

// Task says what to replay.
type Task struct {
	Way     string           `json:"way"` // single (sendto), batch (sendmmsg) or segments (GSO and sendmmsg)
	To      []netip.AddrPort `json:"to"`  // one for each viewer
	Packets []Packet         `json:"packets"`
	Viewers int              `json:"-"` // how many sockets are needed, before there are any
}

// Result is what Replay saw.
type Result struct {
	Sent     uint64        `json:"sent"`    // datagrams
	Bytes    uint64        `json:"bytes"`   // of RTP, as the crowd counts them
	Dropped  uint64        `json:"dropped"` // by the kernel
	Lasted   time.Duration `json:"lasted"`
	Largest  int           `json:"largest"` // packets of the teacher in its largest burst: what comes within Collect
	Drain    time.Duration `json:"drain"`   // the time to seal and send that burst to everybody, in peace: the median of some
	Messages uint64        `json:"messages"`
	Calls    uint64        `json:"calls"`
}

// Collect is how long what has come waits for more: the same as the server's.
const Collect = time.Millisecond

const (
	rtpHeader  = 12
	tagSize    = 16
	leastSize  = rtpHeader + 1
	mostSize   = 1500
	mostTo     = 20_000
	mostListed = 1_000_000
)

var ways = map[string]egress.Way{
	egress.WaySingle.String(): egress.WaySingle, egress.WayBatch.String(): egress.WayBatch, egress.WaySegments.String(): egress.WaySegments,
}

func (t *Task) check() error {
	_, known := ways[t.Way]
	switch {
	case !known:
		return fmt.Errorf("floor: no way is called %q", t.Way)
	case len(t.To) == 0 || len(t.To) > mostTo:
		return fmt.Errorf("floor: %d viewers", len(t.To))
	case len(t.Packets) == 0 || len(t.Packets) > mostListed:
		return fmt.Errorf("floor: %d packets", len(t.Packets))
	case !slices.IsSortedFunc(t.Packets, func(a, b Packet) int { return cmp.Compare(a.At, b.At) }):
		return errors.New("floor: packets out of order")
	}
	for _, p := range t.Packets {
		if p.Size < leastSize || p.Size > mostSize {
			return fmt.Errorf("floor: a packet of %d bytes", p.Size)
		}
	}
	return nil
}

// target is one viewer: its address and its key.
type target struct {
	dest  *egress.Dest
	seal  cipher.AEAD
	nonce []byte // counts; never used twice with its key
}

// Replay drains the largest burst some times, then calls begin, then sends everything once, at its time. Who measures the
// process looks at it in begin, and when Replay has returned.
func Replay(t Task, begin func()) (Result, error) {
	if err := t.check(); err != nil {
		return Result{}, err
	}
	conn, err := egress.Listen("udp4", "127.0.0.1:0")
	if err != nil {
		return Result{}, err
	}
	defer conn.Close()
	r := &replay{task: t, sender: egress.NewSenderWay(ways[t.Way], conn), payload: make([]byte, mostSize)}
	for i, to := range t.To {
		one, err := newTarget(conn.Dest(to), i)
		if err != nil {
			return Result{}, err
		}
		r.targets = append(r.targets, one)
	}
	r.drain(largestBurst(t.Packets))
	r.result.Sent, r.result.Bytes = 0, 0
	before := conn.Stats()
	begin()
	r.run()
	stats := conn.Stats()
	for _, n := range stats.Drops {
		r.result.Dropped += n
	}
	r.result.Messages, r.result.Calls = stats.Messages-before.Messages, stats.Calls-before.Calls
	return r.result, nil
}

func newTarget(dest *egress.Dest, i int) (target, error) {
	key := make([]byte, 16)
	binary.BigEndian.PutUint64(key, uint64(i)+1) // nobody listens: only the work counts
	block, err := aes.NewCipher(key)
	if err != nil {
		return target{}, err
	}
	seal, err := cipher.NewGCM(block)
	return target{dest, seal, make([]byte, seal.NonceSize())}, err
}

// replay is owned by one goroutine.
type replay struct {
	task    Task
	targets []target
	sender  *egress.Sender
	payload []byte
	result  Result
}

// largestBurst is the most packets that come within Collect of the first of them.
func largestBurst(all []Packet) (burst []Packet) {
	for i := range all {
		n, _ := slices.BinarySearchFunc(all[i:], all[i].At+Collect+1, func(p Packet, at time.Duration) int { return cmp.Compare(p.At, at) })
		if n > len(burst) {
			burst = all[i : i+n]
		}
	}
	return burst
}

const (
	drains    = 9                     // of the largest burst
	drainRest = 60 * time.Millisecond // between them, for the sockets to be emptied
)

func (r *replay) drain(burst []Packet) {
	var took []time.Duration
	for range drains {
		began := time.Now()
		r.send(began, burst)
		took = append(took, time.Since(began))
		rest(drainRest)
	}
	slices.Sort(took)
	r.result.Largest, r.result.Drain = len(burst), took[drains/2]
}

func (r *replay) run() {
	started := time.Now()
	for next := 0; next < len(r.task.Packets); {
		due := r.task.Packets[next].At + Collect
		now := time.Since(started)
		for ; now < due; now = time.Since(started) { // a signal may end a rest early
			rest(due - now)
		}
		later, _ := slices.BinarySearchFunc(r.task.Packets[next:], now, func(p Packet, now time.Duration) int { return cmp.Compare(p.At, now) })
		batch := r.task.Packets[next : next+later] // one at least: it was due a while ago
		r.send(started, batch)
		next += len(batch)
	}
	r.result.Lasted = time.Since(started)
}

// send is the whole of the work: viewers outside, packets inside, so that those of one viewer can leave as one message.
func (r *replay) send(started time.Time, batch []Packet) {
	for i := range r.targets {
		for _, p := range batch {
			r.one(&r.targets[i], p, started.Add(p.At))
		}
	}
	r.sender.Flush()
}

// one seals a packet into its place. The header says in clear when it was due, for the delay.
func (r *replay) one(t *target, p Packet, due time.Time) {
	room := r.sender.Room(t.dest, p.Size+tagSize)[:p.Size]
	room[0], room[1] = 0x80, 96
	binary.BigEndian.PutUint64(room[4:], uint64(due.UnixNano()))
	copy(room[rtpHeader:], r.payload)
	binary.BigEndian.PutUint64(t.nonce[4:], binary.BigEndian.Uint64(t.nonce[4:])+1)
	sealed := t.seal.Seal(room[:rtpHeader], t.nonce, room[rtpHeader:], room[:rtpHeader])
	r.sender.Commit(len(sealed))
	r.result.Sent++
	r.result.Bytes += uint64(p.Size)
}

package egress

import (
	"encoding/binary"
	"slices"
	"time"
)

const (
	frameHeader   = 2 // bytes of length before a datagram (RFC 4571 §2)
	frameStamp    = 8 // bytes before a waiting frame: when it came
	smallestQueue = 4 << 10
)

// frames is a bounded queue of datagrams in the form they have on a stream,
// each behind the moment it came. It grows to what it needed. Owned by whoever
// guards it.
type frames struct {
	mostBytes, mostCount int           // static; bytes are those of whole frames, with their stamps
	late                 time.Duration // static: what waited longer is not wanted any more

	ring  []byte // a power of two long
	head  int    // of the oldest byte
	bytes int    // waiting
	count int    // waiting
}

// push queues a datagram that comes now, a monotonic time, or tells that there
// is no room for the whole of it.
func (q *frames) push(b []byte, now time.Duration) bool {
	size := frameStamp + frameHeader + len(b)
	if q.bytes+size > q.mostBytes || q.count >= q.mostCount {
		return false
	}
	if q.bytes+size > len(q.ring) {
		q.grow(q.bytes + size)
	}
	var head [frameStamp + frameHeader]byte
	binary.BigEndian.PutUint64(head[:], uint64(now))
	binary.BigEndian.PutUint16(head[frameStamp:], uint16(len(b)))
	q.write(q.bytes, head[:])
	q.write(q.bytes+len(head), b)
	q.bytes += size
	q.count++
	return true
}

// oldest is when the oldest frame came and how long it is, header included.
func (q *frames) oldest() (came time.Duration, size int) {
	var head [frameStamp + frameHeader]byte
	q.read(0, head[:])
	came = time.Duration(binary.BigEndian.Uint64(head[:]))
	return came, frameHeader + int(binary.BigEndian.Uint16(head[frameStamp:]))
}

// skip lets go of the first bytes of the queue.
func (q *frames) skip(n int) {
	q.head = (q.head + n) & (len(q.ring) - 1)
	q.bytes -= n
}

// shed drops what is late, and tells how many frames that was.
func (q *frames) shed(now time.Duration) (dropped int) {
	for ; q.count > 0; dropped++ {
		came, size := q.oldest()
		if now-came <= q.late {
			break
		}
		q.skip(frameStamp + size)
		q.count--
	}
	return dropped
}

// drop takes out the datagrams that match, and tells how many those were; the
// others keep their order and their age. match must not keep what it is shown.
func (q *frames) drop(match func(datagram []byte) bool) (dropped int) {
	kept := frames{mostBytes: q.mostBytes, mostCount: q.mostCount, late: q.late}
	var b []byte
	for range q.count {
		came, _ := q.oldest()
		if b = q.move(b[:0]); match(b[frameHeader:]) {
			dropped++
			continue
		}
		kept.push(b[frameHeader:], came)
	}
	*q = kept
	return dropped
}

func (q *frames) grow(need int) {
	size := max(len(q.ring), smallestQueue)
	for size < need {
		size <<= 1
	}
	ring := make([]byte, size)
	q.read(0, ring[:q.bytes])
	q.ring, q.head = ring, 0
}

// write puts b at a distance from the oldest byte.
func (q *frames) write(at int, b []byte) {
	at = (q.head + at) & (len(q.ring) - 1)
	n := copy(q.ring[at:], b)
	copy(q.ring, b[n:])
}

// read copies what is at a distance from the oldest byte.
func (q *frames) read(at int, b []byte) {
	if len(b) == 0 {
		return
	}
	at = (q.head + at) & (len(q.ring) - 1)
	n := copy(b, q.ring[at:])
	copy(b[n:], q.ring)
}

// pop moves whole frames, the oldest first, to the end of into as long as they
// fit its capacity; one at least where into is empty.
func (q *frames) pop(into []byte) (out []byte, count int) {
	for most := cap(into); q.count > 0; count++ {
		if _, size := q.oldest(); len(into) > 0 && len(into)+size > most {
			break
		}
		into = q.move(into)
	}
	return into, count
}

// move moves the oldest frame to the end of into.
func (q *frames) move(into []byte) []byte {
	_, size := q.oldest()
	end := len(into)
	into = slices.Grow(into, size)[:end+size]
	q.skip(frameStamp)
	q.read(0, into[end:])
	q.skip(size)
	q.count--
	return into
}

// forget frees the memory of a queue that is not used any more.
func (q *frames) forget() { q.ring, q.head, q.bytes, q.count = nil, 0, 0, 0 }

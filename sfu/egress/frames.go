package egress

import (
	"encoding/binary"
	"slices"
)

const (
	frameHeader   = 2 // bytes of length before a datagram (RFC 4571 §2)
	smallestQueue = 4 << 10
)

// frames is a bounded queue of datagrams in the form they have on a stream. It
// grows to what it needed. Owned by whoever guards it.
type frames struct {
	mostBytes, mostCount int // static; bytes are those of whole frames

	ring  []byte // a power of two long
	head  int    // of the oldest byte
	bytes int    // waiting
	count int    // waiting
}

// push queues a datagram, or tells that there is no room for the whole of it.
func (q *frames) push(b []byte) bool {
	size := frameHeader + len(b)
	if q.bytes+size > q.mostBytes || q.count >= q.mostCount {
		return false
	}
	if q.bytes+size > len(q.ring) {
		q.grow(q.bytes + size)
	}
	var header [frameHeader]byte
	binary.BigEndian.PutUint16(header[:], uint16(len(b)))
	q.write(q.bytes, header[:])
	q.write(q.bytes+frameHeader, b)
	q.bytes += size
	q.count++
	return true
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
// fit its capacity, one at least.
func (q *frames) pop(into []byte) (out []byte, count int) {
	for most := cap(into); q.count > 0; count++ {
		var header [frameHeader]byte
		q.read(0, header[:])
		size := frameHeader + int(binary.BigEndian.Uint16(header[:]))
		if count > 0 && len(into)+size > most {
			break
		}
		end := len(into)
		into = slices.Grow(into, size)[:end+size]
		q.read(0, into[end:])
		q.head = (q.head + size) & (len(q.ring) - 1)
		q.bytes -= size
		q.count--
	}
	return into, count
}

// forget frees the memory of a queue that is not used any more.
func (q *frames) forget() { q.ring, q.head, q.bytes, q.count = nil, 0, 0, 0 }

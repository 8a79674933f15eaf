package journal

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"hash/crc32"
	"time"
)

// link chains entries: the SHA-256 of the previous link and of everything in this entry that is never erased.
type link [sha256.Size]byte

// record is an entry as it is kept. Immutable once sealed, except that the store swaps a body for its tombstone.
type record struct {
	stream Stream
	seq    Seq
	at     int64 // Unix nanoseconds
	meta   []byte
	bodies []sealed
	chain  link
}

// sealed is one private body with the salted hash that the chain knows it by. Erased: salt and text are zeros of the same length,
// so that nothing can be guessed back from the hash.
type sealed struct {
	id     string
	salt   [16]byte
	hash   link
	text   []byte
	erased bool
}

func seal(prev link, s Stream, n Seq, e Entry) record {
	r := record{stream: s, seq: n, at: e.At.UnixNano(), meta: bytes.Clone(e.Meta)}
	for _, p := range e.Private {
		b := sealed{id: p.ID, text: bytes.Clone(p.Body)}
		rand.Read(b.salt[:]) // never fails: crypto/rand ends the program instead
		b.hash = b.digest()
		r.bodies = append(r.bodies, b)
	}
	r.chain = r.digest(prev)
	return r
}

// check says what is wrong with r as the successor of prev, or "".
func (r *record) check(prev link) string {
	for i := range r.bodies {
		if what := r.bodies[i].check(); what != "" {
			return what
		}
	}
	if r.digest(prev) != r.chain {
		return "the chain is broken"
	}
	return ""
}

func (b *sealed) check() string {
	switch {
	case b.erased && (b.salt != [16]byte{} || len(bytes.Trim(b.text, "\x00")) > 0):
		return "an erased text is still there"
	case !b.erased && b.digest() != b.hash:
		return "a private text was changed"
	}
	return ""
}

func (b *sealed) erase() {
	b.erased, b.salt, b.text = true, [16]byte{}, make([]byte, len(b.text))
}

func (b *sealed) digest() link {
	h := sha256.New()
	field(h, b.salt[:])
	field(h, b.text)
	return link(h.Sum(nil))
}

func (r *record) digest(prev link) link {
	h := sha256.New()
	field(h, prev[:])
	field(h, []byte(r.stream))
	number(h, uint64(r.seq))
	number(h, uint64(r.at))
	field(h, r.meta)
	number(h, uint64(len(r.bodies)))
	for i := range r.bodies {
		field(h, []byte(r.bodies[i].id))
		field(h, r.bodies[i].hash[:])
	}
	return link(h.Sum(nil))
}

func (r *record) entry() Entry {
	e := Entry{Stream: r.stream, Seq: r.seq, At: time.Unix(0, r.at).UTC(), Meta: bytes.Clone(r.meta)}
	for i := range r.bodies {
		if b := &r.bodies[i]; !b.erased {
			e.Private = append(e.Private, Private{ID: b.id, Body: bytes.Clone(b.text)})
		}
	}
	return e
}

// field and number make an encoding in which no two different lists of values are written alike.
func field(h hash.Hash, b []byte) {
	number(h, uint64(len(b)))
	h.Write(b)
}

func number(h hash.Hash, n uint64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], n)
	h.Write(b[:])
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// rowSum is the CRC-32C of one row's columns, in the order given.
func rowSum(columns ...any) []byte {
	h := crc32.New(castagnoli)
	for _, c := range columns {
		switch v := c.(type) {
		case []byte:
			field(h, v)
		case string:
			field(h, []byte(v))
		case int64:
			number(h, uint64(v))
		}
	}
	return h.Sum(nil)
}

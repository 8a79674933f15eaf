package packet

import "sync/atomic"

const (
	slabBytes   = 64 << 10
	slabPackets = 64
)

// Ring keeps the last packets of one encoding, each stored once for everybody:
// lanes forward from it and answer NACKs from it. One goroutine calls Put;
// any number may call Get at the same time. Stored packets never change: an
// old one lives on for whoever still holds it.
type Ring struct {
	slots []atomic.Pointer[Packet]
	mask  uint64

	payload []byte   // owned by the caller of Put: rest of the current slab
	packets []Packet // owned by the caller of Put: rest of the current slab
}

// NewRing makes a ring for the last size packets, rounded up to a power of two.
func NewRing(size int) *Ring {
	n := 1
	for n < size {
		n <<= 1
	}
	return &Ring{slots: make([]atomic.Pointer[Packet], n), mask: uint64(n - 1)}
}

// Put stores a copy of p and of its payload and gives the stored packet. It
// gives nil for a packet that is there already (a publisher's probe repeats old
// ones) or that is older than everything the ring holds.
func (r *Ring) Put(p Packet) *Packet {
	slot := &r.slots[p.Index&r.mask]
	if old := slot.Load(); old != nil && old.Index >= p.Index {
		return nil
	}
	if len(r.packets) == 0 {
		r.packets = make([]Packet, slabPackets)
	}
	stored := &r.packets[0]
	r.packets = r.packets[1:]
	p.Payload = r.keep(p.Payload)
	*stored = p
	slot.Store(stored)
	return stored
}

// Get gives the packet of that index, or nil when it never came, or left.
func (r *Ring) Get(index uint64) *Packet {
	p := r.slots[index&r.mask].Load()
	if p == nil || p.Index != index {
		return nil
	}
	return p
}

// Size is how many packets the ring holds at most.
func (r *Ring) Size() int { return len(r.slots) }

func (r *Ring) keep(b []byte) []byte {
	if len(b) > slabBytes/4 {
		return append([]byte(nil), b...)
	}
	if len(r.payload) < len(b) {
		r.payload = make([]byte, slabBytes)
	}
	kept := r.payload[:len(b):len(b)]
	r.payload = r.payload[len(b):]
	copy(kept, b)
	return kept
}

package packet

// bits reads the raw bytes of an H.264 parameter set bit by bit, emulation
// prevention bytes taken out (ITU-T H.264 §7.4.1.1). Past the end it gives
// zeros and is bad.
type bits struct {
	b     []byte
	at    int  // byte that is read next
	zeros int  // zero bytes in a row before it
	have  uint // bits left in cur
	cur   byte
	bad   bool
}

func (r *bits) bit() uint32 {
	if r.have == 0 {
		r.load()
	}
	r.have--
	return uint32(r.cur>>r.have) & 1
}

func (r *bits) load() {
	if r.zeros >= 2 && r.at < len(r.b) && r.b[r.at] == 3 {
		r.at++
		r.zeros = 0
	}
	r.have, r.cur = 8, 0
	if r.at >= len(r.b) {
		r.bad = true
		return
	}
	r.cur = r.b[r.at]
	r.at++
	if r.cur == 0 {
		r.zeros++
	} else {
		r.zeros = 0
	}
}

// u reads n bits, at most 32: u(n).
func (r *bits) u(n int) uint32 {
	var v uint32
	for range n {
		v = v<<1 | r.bit()
	}
	return v
}

// ue reads an unsigned Exp-Golomb number: ue(v) of §9.1.
func (r *bits) ue() uint32 {
	n := 0
	for r.bit() == 0 {
		if n++; n > 31 || r.bad {
			r.bad = true
			return 0
		}
	}
	return 1<<n - 1 + r.u(n)
}

// se reads a signed Exp-Golomb number: se(v) of §9.1.1.
func (r *bits) se() int32 {
	v := r.ue()
	if v&1 == 1 {
		return int32(v/2 + 1)
	}
	return -int32(v / 2)
}

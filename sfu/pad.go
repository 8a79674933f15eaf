package sfu

// padAtMost is how many bytes a packet may grow to become as long as its
// neighbours. libwebrtc cuts a frame into packets whose sizes differ by a byte
// or two; the kernel sends a run of equal ones as one.
const padAtMost = 8

// pad makes neighbours that are nearly of one size of exactly one size, by RTP
// padding (RFC 3550 §5.1).
func pad(run []handout) {
	for len(run) > 0 {
		n, size := nearlyEqual(run)
		for i := range run[:n] {
			run[i].pad = uint8(size - len(run[i].Payload))
		}
		run = run[n:]
	}
}

// nearlyEqual is how many packets from the first on can be made of one size,
// and that size.
func nearlyEqual(run []handout) (n, size int) {
	least, most := len(run[0].Payload), len(run[0].Payload)
	for n = 1; n < len(run); n++ {
		next := len(run[n].Payload)
		if max(most, next)-min(least, next) > padAtMost {
			break
		}
		least, most = min(least, next), max(most, next)
	}
	return n, most
}

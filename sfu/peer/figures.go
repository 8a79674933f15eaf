package peer

import (
	"reflect"
	"time"
)

// Figures are what viewers met.
type Figures struct {
	Counts
	Answered, Connected, FirstSound, FirstKeyframe Histogram // joins, from the post of the offer
	Delay                                          Histogram // forwarding delay of packets: teacher's send to the kernel's arrival here, Network's own waiting included; not of packets sent again
	DelayFrame                                     Histogram // of stamped packets alone (the last of a VP8 frame, the first of an H.264 frame, sound)
}

// Counts are the numbers among Figures. They only grow, but for Viewers.
type Counts struct {
	Viewers int // connected now
	Joins   uint64
	Ends    uint64 // told to go, or left without consent

	Packets    uint64 // distinct media packets, repaired ones included
	Bytes      uint64 // of those: RTP header and payload, decrypted
	WireBytes  uint64 // every datagram that was read, with IP and UDP headers
	Sounds     uint64 // of Packets: sound
	Duplicates uint64
	Missing    uint64 // never came, not even on request
	Asked      uint64 // sequence numbers asked again (NACK), each time counts
	Repaired   uint64 // of Packets: came on a repair stream (RTX), or late after it was asked
	RTX        uint64 // packets of repair streams, needed or not
	PLIs       uint64 // keyframes asked
	Lost       uint64 // datagrams taken by Network: its loss and its full queue
	Unread     uint64 // datagrams the kernel dropped at full sockets of this process: when not 0 (and nobody is Stopped), the crowd itself was too slow
	Forged     uint64 // datagrams that failed authentication
	Strange    uint64 // authentic packets of no known line

	Frames     uint64        // pictures that a decoder would have shown, in order
	FramesLost uint64        // pictures never complete, or without what they refer to
	Keyframes  uint64        // of Frames
	Freezes    uint64        // gaps between shown pictures over max(3 × mean, mean + 150 ms), the mean being of the last 30 (as libwebrtc counts)
	Frozen     time.Duration // their lengths
	Switches   uint64        // changes of picture size at keyframes: of layer, or of source
	Silences   uint64        // gaps of more than 200 ms without a packet of sound (Opus DTX sends one each 400 ms: those count too)
	Silent     time.Duration // their lengths
}

// Sub is f minus what was there before: the figures of a window. Viewers stays f's.
func (f Figures) Sub(before Figures) Figures { return f.minus(before) }

// Histogram counts durations from 1 µs to 1000 s in steps of 4.4 %.
type Histogram struct {
	Counts [buckets]uint32
}

// Count is how many were added.
func (h *Histogram) Count() uint64 { return h.count() }

// Quantile is the duration below which the share q (0..1) lies; 0 when empty.
func (h *Histogram) Quantile(q float64) time.Duration { return h.quantile(q) }

// Add counts one.
func (h *Histogram) Add(d time.Duration) { h.add(d) }

// Merge adds what another counted.
func (h *Histogram) Merge(other *Histogram) { h.merge(other) }

func (f Figures) minus(before Figures) Figures {
	a, b := reflect.ValueOf(&f.Counts).Elem(), reflect.ValueOf(before.Counts)
	for i := range a.NumField() {
		if x, y := a.Field(i), b.Field(i); x.CanUint() {
			x.SetUint(x.Uint() - y.Uint())
		} else if a.Type().Field(i).Name != "Viewers" {
			x.SetInt(x.Int() - y.Int())
		}
	}
	now, then := f.histograms(), before.histograms()
	for i := range now {
		now[i].cut(then[i])
	}
	return f
}

// add sums the numbers of another up.
func (c *Counts) add(other *Counts) {
	a, b := reflect.ValueOf(c).Elem(), reflect.ValueOf(other).Elem()
	for i := range a.NumField() {
		if x, y := a.Field(i), b.Field(i); x.CanUint() {
			x.SetUint(x.Uint() + y.Uint())
		} else {
			x.SetInt(x.Int() + y.Int())
		}
	}
}

func (f *Figures) histograms() []*Histogram {
	return []*Histogram{&f.Answered, &f.Connected, &f.FirstSound, &f.FirstKeyframe, &f.Delay, &f.DelayFrame}
}

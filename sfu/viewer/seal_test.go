package viewer

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"

	pionrtp "github.com/pion/rtp"
	"github.com/pion/srtp/v3"
)

// bothWays makes a sealer and a receiver that share keys.
func bothWays(t testing.TB, profile srtp.ProtectionProfile) (*sealer, *srtp.Context) {
	t.Helper()
	keySize, err := profile.KeyLen()
	if err != nil {
		t.Fatal(err)
	}
	saltSize, _ := profile.SaltLen()
	key, salt := bytes.Repeat([]byte{7}, keySize), bytes.Repeat([]byte{9}, saltSize)
	out, err := newSealer(key, salt, profile)
	if err != nil {
		t.Fatal(err)
	}
	in, err := srtp.CreateContext(key, salt, profile, srtp.SRTPReplayProtection(2048), srtp.SRTCPReplayProtection(64))
	if err != nil {
		t.Fatal(err)
	}
	return out, in
}

// TestRolloversAgreeWithTheReceiver seals over four turns of the sequence numbers
// of two SSRCs, with jumps between the turns and packets late by up to 300
// around them, and lets a receiver open each.
func TestRolloversAgreeWithTheReceiver(t *testing.T) {
	for _, profile := range []srtp.ProtectionProfile{srtp.ProtectionProfileAeadAes128Gcm, srtp.ProtectionProfileAes128CmHmacSha1_80} {
		out, in := bothWays(t, profile)
		dice := rand.New(rand.NewPCG(1, 2))
		for _, ssrc := range []uint32{1, 2} {
			late := map[int]bool{}
			const first, turns = 60000, 4 << 16
			for index := first; index < first+turns; index++ {
				if within := index & 0xffff; within > 700 && within < 64800 {
					index += dice.IntN(100)
				}
				if index != first && (dice.IntN(20) == 0 || index&0xffff > 0xfff0 && dice.IntN(2) == 0) {
					late[index] = true
				} else {
					passes(t, out, in, ssrc, index)
				}
				for l := range late {
					if index-l > dice.IntN(300) {
						delete(late, l)
						passes(t, out, in, ssrc, l)
					}
				}
			}
			if roc := out.stream(ssrc).top >> 16; roc != 4 {
				t.Errorf("roll-over counter %d, want 4", roc)
			}
		}
	}
}

func passes(t *testing.T, out *sealer, in *srtp.Context, ssrc uint32, index int) {
	t.Helper()
	sealed, err := out.seal(media(ssrc, uint16(index), byte(index), byte(index>>8), byte(index>>16)), nil)
	if err != nil {
		t.Fatalf("index %d: %v", index, err)
	}
	plain, err := in.DecryptRTP(nil, sealed, nil)
	if err != nil || plain[12] != byte(index) || plain[14] != byte(index>>16) {
		t.Fatalf("index %d at the receiver: %x, %v", index, plain, err)
	}
}

// TestOurGCMIsTheLibrarys: the same bytes, for both sizes of key and over a turn
// of the sequence numbers.
func TestOurGCMIsTheLibrarys(t *testing.T) {
	for _, profile := range []srtp.ProtectionProfile{srtp.ProtectionProfileAeadAes128Gcm, srtp.ProtectionProfileAeadAes256Gcm} {
		keySize, _ := profile.KeyLen()
		key, salt := make([]byte, keySize), make([]byte, 12)
		dice := rand.NewChaCha8([32]byte{byte(keySize)})
		_, _ = dice.Read(key)
		_, _ = dice.Read(salt)
		ours, err := newSealer(key, salt, profile)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := srtp.CreateContext(key, salt, profile)
		if err != nil {
			t.Fatal(err)
		}
		for index := 65000; index < 66500; index++ {
			plain := media(0xdeadbeef, uint16(index), make([]byte, index%1300)...)
			want, err := theirs.EncryptRTP(nil, plain, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := ours.seal(plain, nil)
			if err != nil || !bytes.Equal(got, want) {
				t.Fatalf("index %d: %v, or other bytes than the library's", index, err)
			}
		}
	}
}

func TestNoIndexIsSealedTwice(t *testing.T) {
	out, _ := bothWays(t, srtp.ProtectionProfileAeadAes128Gcm)
	var other byte // no two packets are the same
	seal := func(sequence uint16) error {
		other++
		_, err := out.seal(media(1, sequence, other), nil)
		return err
	}
	for _, c := range []struct {
		sequence uint16
		want     error
	}{
		{100, nil}, {100, ErrUsed}, {101, nil}, {100, ErrUsed}, {99, nil}, {99, ErrUsed},
		{65000, ErrOld},                        // before the beginning, not 65000 ahead
		{110, nil}, {105, nil}, {105, ErrUsed}, // a hole is filled once
		{110 + sealWindow, nil}, {110, ErrOld}, // just out of the window
		{111, nil}, {111, ErrUsed}, // the oldest in it
		{110 + 2*sealWindow - 1, nil}, {111, ErrOld}, // the window moved over everything
		{110 + sealWindow, ErrUsed},                  // but the one that it still holds
		{33000, nil}, {33000, ErrUsed}, {32999, nil}, // a long jump
		{33000 - sealWindow + 1, nil}, {60000, nil}, // and another
		{20000, nil}, {20000, ErrUsed}, {60000, ErrOld}, // over the turn
		{20000 ^ 0x8000, ErrOld}, // half a turn away: behind
	} {
		if err := seal(c.sequence); !errors.Is(err, c.want) {
			t.Errorf("sequence %d: %v, want %v", c.sequence, err, c.want)
		}
	}
}

// TestNonces looks at what leaves: under one key no initialisation vector may
// serve two packets that differ, whatever the caller does.
func TestNonces(t *testing.T) {
	out, _ := bothWays(t, srtp.ProtectionProfileAeadAes128Gcm)
	dice := rand.New(rand.NewPCG(3, 4))
	type nonce struct {
		ssrc, roc uint32
		sequence  uint16
	}
	used := map[nonce]string{}
	at := 0
	for range 80_000 {
		switch dice.IntN(50) {
		case 0:
			at += dice.IntN(30000)
		case 1:
			at -= dice.IntN(2000)
		case 2, 3, 4, 5, 6, 7:
			at -= dice.IntN(20)
		default:
			at++
		}
		ssrc, sequence := uint32(dice.IntN(2)), uint16(at)
		plain := media(ssrc, sequence, byte(dice.IntN(3)))
		before := string(plain)
		if _, err := out.seal(plain, nil); err != nil {
			continue
		}
		o := out.stream(ssrc)
		roc := uint32((o.top - uint64(uint16(o.top)-sequence)) >> 16)
		if int16(uint16(o.top)-sequence) < 0 {
			t.Fatal("the newest index is not the newest")
		}
		n := nonce{ssrc, roc, sequence}
		if was, ok := used[n]; ok && was != before {
			t.Fatalf("nonce %+v serves %x and %x", n, was, before)
		}
		used[n] = before
	}
	if len(used) < 20_000 {
		t.Fatalf("only %d packets were sealed", len(used))
	}
}

func TestTheSamePacketMayBeSealedAgain(t *testing.T) {
	out, _ := bothWays(t, srtp.ProtectionProfileAeadAes128Gcm)
	for _, want := range []error{nil, ErrUsed, ErrUsed} { // nobody knows yet what it was
		if _, err := out.seal(media(1, 4, 'a', 'b'), nil); !errors.Is(err, want) {
			t.Fatalf("%v, want %v", err, want)
		}
	}
	first, err := out.seal(media(1, 5, 'a', 'b'), nil)
	if err != nil {
		t.Fatal(err)
	}
	second, err := out.seal(media(1, 5, 'a', 'b'), nil)
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("again: %v; the same bytes: %t", err, bytes.Equal(first, second))
	}
	marked := media(1, 5, 'a', 'b')
	marked[1] |= 0x80
	for _, other := range [][]byte{media(1, 5, 'a', 'c'), media(1, 5, 'a'), marked} {
		if _, err := out.seal(other, nil); !errors.Is(err, ErrUsed) {
			t.Errorf("another packet under the same index: %v", err)
		}
	}
}

func TestWhatCannotBeSealed(t *testing.T) {
	out, _ := bothWays(t, srtp.ProtectionProfileAeadAes128Gcm)
	if _, err := out.seal(make([]byte, 11, 99), nil); !errors.Is(err, ErrMalformed) {
		t.Errorf("a short packet: %v", err)
	}
	tight := media(1, 1, 'x')
	if _, err := out.seal(tight[:len(tight):len(tight)+maxOverhead-1], nil); !errors.Is(err, ErrNoRoom) {
		t.Errorf("a packet without room: %v", err)
	}
	if _, err := out.seal(tight, nil); err != nil {
		t.Errorf("the same packet with room: %v", err)
	}
}

func TestSealingIsInPlaceAndAllocatesNothing(t *testing.T) {
	for _, again := range []bool{false, true} {
		out, _ := bothWays(t, srtp.ProtectionProfileAeadAes128Gcm)
		packet, sequence := media(1, 0, make([]byte, 1150)...), uint16(0)
		if again {
			out.stream(1).prints = make([]uint64, sealWindow)
		}
		var h pionrtp.Header
		allocations := testing.AllocsPerRun(2000, func() {
			sequence++
			binary.BigEndian.PutUint16(packet[2:], sequence)
			sealed, err := out.seal(packet, &h)
			if err != nil || &sealed[0] != &packet[0] || len(sealed) != len(packet)+16 {
				t.Fatalf("%d bytes, %v", len(sealed), err)
			}
		})
		if allocations != 0 {
			t.Errorf("again %t: %v allocations", again, allocations)
		}
		report, dst := append([]byte{0x80, 200, 0, 6}, make([]byte, 24)...), make([]byte, 0, 64)
		if n := testing.AllocsPerRun(1000, func() {
			if _, err := out.sealReport(dst, report); err != nil {
				t.Fatal(err)
			}
		}); n > 1 {
			t.Errorf("a report: %v allocations", n) // one is the library's
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	for name, again := range map[string]bool{"fresh": false, "asked again": true} {
		b.Run(name, func(b *testing.B) {
			out, _ := bothWays(b, srtp.ProtectionProfileAeadAes128Gcm)
			packet := media(1, 0, make([]byte, 1150)...)
			if again {
				out.stream(1).prints = make([]uint64, sealWindow)
			}
			var h pionrtp.Header
			b.ReportAllocs()
			b.SetBytes(int64(len(packet)))
			for i := range b.N {
				binary.BigEndian.PutUint16(packet[2:], uint16(i))
				if _, err := out.seal(packet, &h); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

package sfu

import "testing"

func TestLossIsJudgedOverPackets(t *testing.T) {
	var s lossShare
	for range 4 { // a packet of twelve, now and then
		s.note(12, 256/12, true)
	}
	if got := s.share(); got != 0 {
		t.Errorf("48 packets tell %.2f, want no word yet", got)
	}
	for range 20 {
		s.note(50, 0, true) // sound, which loses nothing
	}
	if got := s.share(); got > 0.01 {
		t.Errorf("four lost of a thousand are %.3f", got)
	}
	for range 10 {
		s.note(50, 128, true)
	}
	if got := s.share(); got < 0.4 {
		t.Errorf("half lost for ten seconds is %.2f", got)
	}
	before := s
	s.note(1<<31, 255, true)
	s.note(50, 255, false)
	s.note(0, 255, true)
	if s != before {
		t.Error("a report that can mean nothing counted")
	}
}

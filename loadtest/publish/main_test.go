package main

import "testing"

func TestALinkTellsTheDoorAndTheToken(t *testing.T) {
	for _, try := range []struct{ link, door, token string }{
		{"https://antenne.example/studio/cuisine-3#secret", "https://antenne.example/whip/cuisine-3", "secret"},
		{"http://127.0.0.1:8080/studio/hr6#a_-b", "http://127.0.0.1:8080/whip/hr6", "a_-b"},
		{"https://antenne.example/studio/cuisine-3", "", ""},
		{"", "", ""},
	} {
		door, token, err := whipOf(try.link)
		if door != try.door || token != try.token || (err == nil) != (try.door != "") {
			t.Errorf("whipOf(%q) = %q, %q, %v", try.link, door, token, err)
		}
	}
}

func TestOnlyKnownCodecs(t *testing.T) {
	if _, err := mediaOf("av1", false); err == nil {
		t.Error("av1 was taken")
	}
	media, err := mediaOf("h264", true)
	if err != nil || media.Video == 0 || media.WithAudio {
		t.Errorf("h264 without sound gave %+v, %v", media, err)
	}
}

package main

import (
	"testing"
	"time"
)

func TestTimesAsPeopleTypeThem(t *testing.T) {
	now := time.Date(2026, 11, 21, 23, 30, 0, 0, time.UTC) // the 22nd already, in Lille
	for value, want := range map[string]string{
		"2026-12-03 10:00":          "2026-12-03T09:00:00Z",
		"2026-12-03T10:00":          "2026-12-03T09:00:00Z",
		"2026-07-03 10h":            "2026-07-03T08:00:00Z",
		"2026-07-03 10h30":          "2026-07-03T08:30:00Z",
		"2026-12-03T10:00:00+05:00": "2026-12-03T05:00:00Z",
		"demain 10h":                "2026-11-23T09:00:00Z",
		"Demain à 10h15":            "2026-11-23T09:15:00Z",
		"aujourd'hui 14:00":         "2026-11-22T13:00:00Z",
		" tomorrow 9:05 ":           "2026-11-23T08:05:00Z",
	} {
		got, err := parseAt(value, now)
		if err != nil || got.UTC().Format(time.RFC3339) != want {
			t.Errorf("%q is %v, %v; wanted %s", value, got.UTC(), err, want)
		}
	}
}

func TestTimesThatAreNone(t *testing.T) {
	for value, want := range map[string]string{
		"":                 "at-unclear",
		"bientôt":          "at-unclear",
		"10h":              "at-unclear",
		"2026-13-03 10:00": "at-unclear",
		"2026-12-03 25:00": "at-no-such-time",
		"2026-12-03 10:61": "at-no-such-time",
		"2026-03-29 02:30": "at-no-such-time", // the hour that spring takes away
	} {
		_, err := parseAt(value, time.Now())
		if err == nil || asFailure(err).Code != want {
			t.Errorf("%q: %v, wanted %s", value, err, want)
		}
	}
}

func TestSayTime(t *testing.T) {
	at := time.Date(2026, 12, 1, 9, 5, 0, 0, time.UTC)
	if got := sayTime(at, "fr"); got != "mardi 1er décembre 2026 à 10 h 05" {
		t.Error(got)
	}
	if got := sayTime(at, "en"); got != "Tuesday 1 December 2026 at 10:05" {
		t.Error(got)
	}
}

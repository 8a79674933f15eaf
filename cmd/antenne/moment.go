package main

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"antenne/web"
)

// parisian is the time of the people who read the programme, wherever the
// server stands.
var parisian = mustLoad("Europe/Paris")

func mustLoad(name string) *time.Location {
	place, err := time.LoadLocation(name)
	if err != nil {
		panic(err) // the zones are embedded
	}
	return place
}

var spokenTime = regexp.MustCompile(`^(\S+) (?:à )?(\d{1,2})(?::|h)(\d{2})?$`)

// parseAt understands when a séance begins: « 2026-12-03 10:00 » or
// « demain 10h30 » in French local time, or RFC 3339.
func parseAt(value string, now time.Time) (time.Time, error) {
	value = strings.TrimSpace(value)
	if at, err := time.Parse(time.RFC3339, value); err == nil {
		return at, nil
	}
	parts := spokenTime.FindStringSubmatch(strings.ToLower(strings.Replace(value, "T", " ", 1)))
	if parts == nil {
		return time.Time{}, fail("at-unclear", "value", value)
	}
	day, err := parseDay(parts[1], now.In(parisian))
	if err != nil {
		return time.Time{}, fail("at-unclear", "value", value)
	}
	hour, _ := strconv.Atoi(parts[2])
	minute, _ := strconv.Atoi(parts[3])
	at := time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, parisian)
	if at.Hour() != hour || at.Minute() != minute { // 25:00, or the hour that spring takes away
		return time.Time{}, fail("at-no-such-time", "value", value)
	}
	return at, nil
}

func parseDay(word string, now time.Time) (time.Time, error) {
	switch word {
	case "aujourd'hui", "aujourd’hui", "today":
		return now, nil
	case "demain", "tomorrow":
		return now.AddDate(0, 0, 1), nil
	case "après-demain":
		return now.AddDate(0, 0, 2), nil
	}
	return time.ParseInLocation("2006-01-02", word, parisian)
}

// sayTime writes a moment for people, in French local time.
func sayTime(at time.Time, lang string) string {
	at = at.In(parisian)
	if lang == "en" {
		return at.Format("Monday 2 January 2006 at 15:04")
	}
	return web.FrenchDay(at) + " " + strconv.Itoa(at.Year()) + " à " + at.Format("15 h 04")
}

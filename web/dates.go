package web

import (
	"fmt"
	"time"
)

var (
	frenchDays   = [...]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"}
	frenchMonths = [...]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}
)

// nbsp keeps « 10 h » on one line.
const nbsp = "\u00a0"

// when says a moment in full: « mardi 3 mars à 10 h », "Tuesday 3 March at 10 am".
func when(lang string, t time.Time) string {
	if lang == "en" {
		return fmt.Sprintf("%s %d %s at %s", t.Weekday(), t.Day(), t.Month(), clock(lang, t))
	}
	return FrenchDay(t) + " à " + clock(lang, t)
}

// FrenchDay says the day of t in its own zone, without the year: « mardi 3 mars », « dimanche 1er mars ».
func FrenchDay(t time.Time) string {
	day := fmt.Sprint(t.Day())
	if t.Day() == 1 {
		day = "1er"
	}
	return frenchDays[t.Weekday()] + " " + day + " " + frenchMonths[t.Month()-1]
}

// clock says the time of day: « 10 h », « 14 h 05 », "2:05 pm".
func clock(lang string, t time.Time) string {
	if lang == "en" {
		half := "am"
		if t.Hour() >= 12 {
			half = "pm"
		}
		hour := (t.Hour()+11)%12 + 1
		if t.Minute() == 0 {
			return fmt.Sprintf("%d%s%s", hour, nbsp, half)
		}
		return fmt.Sprintf("%d:%02d%s%s", hour, t.Minute(), nbsp, half)
	}
	if t.Minute() == 0 {
		return fmt.Sprintf("%d%sh", t.Hour(), nbsp)
	}
	return fmt.Sprintf("%d%sh%s%02d", t.Hour(), nbsp, nbsp, t.Minute())
}

// sameDay tells whether two moments, each in its own zone, fall on the same date.
func sameDay(a, b time.Time) bool {
	ay, am, ad := a.Date()
	by, bm, bd := b.Date()
	return ay == by && am == bm && ad == bd
}

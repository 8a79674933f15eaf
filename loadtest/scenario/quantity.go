package scenario

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Duration is written "5s" or "20m".
type Duration time.Duration

// D is the duration as the standard library's.
func (d Duration) D() time.Duration { return time.Duration(d) }

// UnmarshalText reads it.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil || parsed < 0 {
		return fmt.Errorf("%q is no duration: write « 5s », « 300ms » or « 20m »", text)
	}
	*d = Duration(parsed)
	return nil
}

// MarshalText writes it.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// Rate is bits per second, written "300 kbit/s" or "1.5 Mbit/s".
type Rate float64

var rateUnits = map[string]float64{"bit/s": 1, "kbit/s": 1e3, "Mbit/s": 1e6, "Gbit/s": 1e9}

// UnmarshalText reads it.
func (r *Rate) UnmarshalText(text []byte) error {
	number, unit, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
	factor, known := rateUnits[strings.TrimSpace(unit)]
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || !known || !(v >= 0) || math.IsInf(v*factor, 0) {
		return fmt.Errorf("%q is no rate: write « 300 kbit/s » or « 1.5 Mbit/s »", text)
	}
	*r = Rate(v * factor)
	return nil
}

// MarshalText writes it.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

func (r Rate) String() string {
	for _, unit := range []string{"Gbit/s", "Mbit/s", "kbit/s"} {
		if factor := rateUnits[unit]; float64(r) >= factor {
			return strconv.FormatFloat(float64(r)/factor, 'g', -1, 64) + " " + unit
		}
	}
	return strconv.FormatFloat(float64(r), 'g', -1, 64) + " bit/s"
}

// Share is a part of a whole, 0 to 1, written "10 %".
type Share float64

// UnmarshalText reads it.
func (s *Share) UnmarshalText(text []byte) error {
	number, percent := strings.CutSuffix(strings.TrimSpace(string(text)), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || !percent || !(v >= 0 && v <= 100) {
		return fmt.Errorf("%q is no share: write « 10 %% »", text)
	}
	*s = Share(v / 100)
	return nil
}

// MarshalText writes it.
func (s Share) MarshalText() ([]byte, error) {
	return []byte(strconv.FormatFloat(float64(s)*100, 'g', 6, 64) + " %"), nil
}

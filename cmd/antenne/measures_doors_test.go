package main

import (
	"reflect"
	"slices"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"antenne/rooms"
	"antenne/signaling"
)

// TestWhatTheDoorsCountIsMeasured: each figure of the doors has a value of its own here, and each of them is told.
func TestWhatTheDoorsCountIsMeasured(t *testing.T) {
	keys := map[string]string{"Cuts": string(rooms.Sides()[0]), "Lapses": string(rooms.WhyAbsent)}
	var doors signaling.Stats
	want := map[float64]string{}
	fields := reflect.ValueOf(&doors).Elem()
	for i := range fields.NumField() {
		name, n := fields.Type().Field(i).Name, 1000+i
		want[float64(n)] = name
		switch field := fields.Field(i).Addr().Interface().(type) {
		case *int:
			*field = n
		case *uint64:
			*field = uint64(n)
		case *map[string]uint64:
			*field = map[string]uint64{keys[name]: uint64(n)}
		default:
			t.Fatalf("%s is of a kind that this test does not know", name)
		}
	}
	var told []float64
	is := func(_ *prometheus.Desc, value float64, _ ...string) { told = append(told, value) }
	counts := func(_ *prometheus.Desc, value uint64, _ ...string) { told = append(told, float64(value)) }
	collectDoors(doors, is, counts)
	collectFloors(doors, nil, is, counts)
	for value, name := range want {
		if !slices.Contains(told, value) {
			t.Errorf("%s is counted, and nobody can read it", name)
		}
	}
}

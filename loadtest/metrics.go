package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// measures are a server's own figures, by name and labels, as Prometheus reads them.
type measures map[string]float64

const (
	measuresWithin = 2 * time.Second
	mostMeasures   = 4 << 20 // bytes
)

// askMeasures asks a server for them; nil when it gives none.
func askMeasures(ctx context.Context, address string) measures {
	if address == "" {
		return nil
	}
	ctx, done := context.WithTimeout(ctx, measuresWithin)
	defer done()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil
	}
	return readMeasures(io.LimitReader(answer.Body, mostMeasures))
}

// readMeasures reads the text format: NAME{LABELS} VALUE. What it does not understand it leaves out.
func readMeasures(from io.Reader) measures {
	m := measures{}
	for lines := bufio.NewScanner(from); lines.Scan(); {
		line := lines.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		end := strings.LastIndexByte(line, '}') + 1
		if end == 0 {
			end = strings.IndexByte(line, ' ')
		}
		if end <= 0 || end >= len(line) {
			continue
		}
		value, _, _ := strings.Cut(strings.TrimSpace(line[end:]), " ") // a time stamp may follow
		if v, err := strconv.ParseFloat(value, 64); err == nil {
			m[line[:end]] = v
		}
	}
	return m
}

const (
	goroutinesName = "go_goroutines"
	dropsName      = "antenne_media_drops_total"
)

// drops are our own server's, by reason.
func (m measures) drops() map[string]float64 {
	drops := map[string]float64{}
	for name, v := range m {
		var reason string
		if n, _ := fmt.Sscanf(name, dropsName+"{reason=%q}", &reason); n == 1 {
			drops[reason] = v
		}
	}
	return drops
}

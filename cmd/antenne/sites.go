package main

import (
	"bufio"
	"bytes"
	"os"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// place is one line of a file of sites.
type place struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Town string `json:"town"`
}

const (
	mostSites    = 2000
	mostFileSize = 1 << 20
)

var siteCode = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$`)

// readSites reads the file of --sites: one centre per line, « code;name;town »
// (or commas), as spreadsheets of French centres save it. Every line that is
// not understood is told.
func readSites(path string) ([]place, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fail("sites-unreadable", "file", path).because(err)
	}
	return parseSites(path, content)
}

func parseSites(path string, content []byte) ([]place, error) {
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	if len(content) > mostFileSize || !utf8.Valid(content) {
		return nil, fail("sites-text", "file", path)
	}
	reading := &siteReading{path: path, seen: map[string]int{}}
	lines := bufio.NewScanner(bytes.NewReader(content))
	lines.Buffer(nil, mostFileSize)
	for number := 1; lines.Scan(); number++ {
		reading.line(number, strings.TrimSpace(lines.Text()))
	}
	if len(reading.places) == 0 && len(reading.wrong) == 0 {
		return nil, fail("sites-none", "file", path)
	}
	if len(reading.places) > mostSites {
		return nil, fail("sites-many", "limit", strconv.Itoa(mostSites))
	}
	return reading.places, reading.wrong.orNil()
}

type siteReading struct {
	path   string
	places []place
	seen   map[string]int // code → line
	wrong  mistakes
	begun  bool
}

func (r *siteReading) add(code string, line int, pairs ...string) {
	pairs = append(pairs, "file", r.path, "line", strconv.Itoa(line))
	r.wrong = append(r.wrong, fail(code, pairs...))
}

func (r *siteReading) line(number int, line string) {
	if line == "" || strings.HasPrefix(line, "#") {
		return
	}
	fields := splitFields(line)
	first := !r.begun
	r.begun = true
	if first && isHeader(fields) {
		return
	}
	if len(fields) != 3 {
		r.add("sites-fields", number, "count", strconv.Itoa(len(fields)))
		return
	}
	p := place{ID: strings.ToLower(fields[0]), Name: fields[1], Town: fields[2]}
	switch before, twice := r.seen[p.ID]; {
	case !siteCode.MatchString(p.ID):
		r.add("sites-code", number, "code", fields[0])
	case p.Name == "" || utf8.RuneCountInString(p.Name) > 80 || utf8.RuneCountInString(p.Town) > 80:
		r.add("sites-name", number)
	case twice:
		r.add("sites-twice", number, "code", p.ID, "before", strconv.Itoa(before))
	default:
		r.seen[p.ID] = number
		r.places = append(r.places, p)
	}
}

func isHeader(fields []string) bool {
	switch strings.ToLower(fields[0]) {
	case "code", "site", "id":
		return true
	}
	return false
}

// splitFields cuts at semicolons, or at commas where the line has no
// semicolon, outside double quotes.
func splitFields(line string) []string {
	separator := ','
	if strings.ContainsRune(line, ';') {
		separator = ';'
	}
	var fields []string
	var field strings.Builder
	quoted := false
	for _, r := range line {
		switch {
		case r == '"':
			quoted = !quoted
		case r == separator && !quoted:
			fields = append(fields, strings.TrimSpace(field.String()))
			field.Reset()
		default:
			field.WriteRune(r)
		}
	}
	return append(fields, strings.TrimSpace(field.String()))
}

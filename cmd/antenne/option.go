package main

import (
	"net"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// text is a sentence in both languages of the house. Sentences that tell a
// refusal live in rooms/words instead, by code.
type text struct{ fr, en string }

func (t text) in(lang string) string {
	if lang == "en" {
		return t.en
	}
	return t.fr
}

// option is one thing that can be set: by --name, by ANTENNE_NAME, or by a
// line « name = value » of the file given with --config, the first found
// winning in that order.
type option struct {
	name     string
	metavar  string // "" for a yes/no option
	fallback string
	help     text
	kind     kind
	spoken   bool // belongs to one command only: neither environment nor file
	required bool
}

func (o option) env() string {
	return "ANTENNE_" + strings.ToUpper(strings.ReplaceAll(o.name, "-", "_"))
}

// kind says which values an option understands.
type kind struct {
	accepts  func(string) bool
	expected text
}

func (k kind) ok(value string) bool { return k.accepts == nil || k.accepts(value) }

var (
	anything  = kind{}
	something = kind{func(v string) bool { return v != "" }, text{"un chemin", "a path"}}
	yesOrNo   = kind{func(v string) bool { _, err := parseYes(v); return err == nil }, text{"oui ou non", "yes or no"}}
	address   = kind{isAddress, text{"une adresse et un port, comme :8080 ou 127.0.0.1:8080", "an address and a port, such as :8080 or 127.0.0.1:8080"}}
	ips       = kind{isIPs, text{"une ou plusieurs adresses IP séparées par des virgules", "one or more IP addresses separated by commas"}}
	webURL    = kind{isWebURL, text{"une adresse comme https://antenne.exemple.fr, sans chemin", "an address such as https://antenne.example.org, without a path"}}
	webURLs   = kind{isWebURLs, text{"des adresses comme https://exemple.fr séparées par des virgules", "addresses such as https://example.org separated by commas"}}
	file      = kind{isFile, text{"un fichier lisible", "a readable file"}}
	logStyle  = kind{func(v string) bool { return v == "json" || v == "console" }, text{"json ou console", "json or console"}}
	bitrate   = kind{isBitrate, text{"un débit en bits par seconde, comme 500M, 1.5G ou 800k", "a rate in bits per second, such as 500M, 1.5G or 800k"}}
	headcount = kind{isHeadcount, text{"un nombre de 0 à 100000", "a number from 0 to 100000"}}
	lasting   = kind{isLasting, text{"une durée comme 12h ou 45m, d'au plus 400 jours", "a duration such as 12h or 45m, of at most 400 days"}}
)

func parseYes(value string) (bool, error) {
	switch strings.ToLower(value) {
	case "oui", "yes", "on":
		return true, nil
	case "non", "no", "off", "":
		return false, nil
	}
	return strconv.ParseBool(value)
}

func isAddress(value string) bool {
	host, port, err := net.SplitHostPort(value)
	if err != nil {
		return false
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil || number > 65535 {
		return false
	}
	if host == "" || host == "localhost" {
		return true
	}
	_, err = netip.ParseAddr(host)
	return err == nil
}

func isIPs(value string) bool {
	_, err := parseIPs(value)
	return err == nil
}

// parseIPs reads addresses separated by commas; none at all is fine.
func parseIPs(value string) ([]netip.Addr, error) {
	var found []netip.Addr
	for _, part := range splitList(value) {
		ip, err := netip.ParseAddr(part)
		if err != nil {
			return nil, err
		}
		found = append(found, ip.Unmap())
	}
	return found, nil
}

func splitList(value string) []string {
	return strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })
}

func isWebURL(value string) bool {
	u, err := url.Parse(value)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" &&
		strings.Trim(u.Path, "/") == "" && u.RawQuery == "" && u.Fragment == "" && u.User == nil
}

func isWebURLs(value string) bool {
	for _, part := range splitList(value) {
		if !isWebURL(part) {
			return false
		}
	}
	return true
}

func isFile(value string) bool {
	f, err := os.Open(value)
	if err != nil {
		return false
	}
	defer f.Close()
	info, err := f.Stat()
	return err == nil && info.Mode().IsRegular()
}

// multiples are the letters that a rate may end with: thousands, as networks
// count, not 1,024.
var multiples = map[byte]float64{'k': 1e3, 'K': 1e3, 'M': 1e6, 'G': 1e9}

const highestRate = 1e12 // bits a second

// parseBitrate reads "500M" as bits per second; "" and "0" are no bound.
func parseBitrate(value string) (float64, error) {
	number, factor := value, 1.0
	if n := len(value); n > 0 {
		if f, ok := multiples[value[n-1]]; ok {
			number, factor = value[:n-1], f
		}
	}
	if value == "" {
		return 0, nil
	}
	rate, err := strconv.ParseFloat(number, 64)
	switch {
	case err != nil:
		return 0, err
	case !(rate >= 0 && rate*factor <= highestRate): // a NaN neither
		return 0, strconv.ErrRange
	}
	return rate * factor, nil
}

func isBitrate(value string) bool {
	_, err := parseBitrate(value)
	return err == nil
}

const mostHeads = 100000

func isHeadcount(value string) bool {
	n, err := strconv.Atoi(value)
	return err == nil && n >= 0 && n <= mostHeads
}

const longestLink = 400 * 24 * time.Hour

func isLasting(value string) bool {
	d, err := time.ParseDuration(value)
	return err == nil && d > 0 && d <= longestLink
}

package main

import (
	"bufio"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"strings"
)

// link is one line of a file of links.
type link struct {
	role, site string
	base       string // scheme and host of the server
	room       string
	token      string // "" for a public address
}

func readLinks(name string) ([]link, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []link
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		l, ok, err := parseLink(lines.Text())
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
		if ok {
			all = append(all, l)
		}
	}
	if len(all) == 0 && lines.Err() == nil {
		return nil, fmt.Errorf("%s holds no link", name)
	}
	return all, lines.Err()
}

// parseLink reads ROLE<TAB>SITE<TAB>URL#TOKEN; lines of another shape are left out.
func parseLink(line string) (l link, ok bool, err error) {
	fields := strings.Split(strings.TrimSpace(line), "\t")
	if len(fields) != 3 {
		return link{}, false, nil
	}
	u, err := url.Parse(fields[2])
	if err != nil || u.Host == "" {
		return link{}, false, errors.New("the third field is no address") // never quoted: it holds a secret
	}
	l = link{role: fields[0], site: strings.Trim(fields[1], "-"), base: u.Scheme + "://" + u.Host, room: path.Base(u.Path), token: u.Fragment}
	if room := u.Query().Get("room"); room != "" {
		l.room = room
	}
	return l, true, nil
}

func ofRole(all []link, role string) (some []link) {
	for _, l := range all {
		if l.role == role {
			some = append(some, l)
		}
	}
	return some
}

// doorOf is where to watch: a viewer's or a screen's link first, for a room that is private.
func doorOf(links []link) link {
	for _, role := range []string{"viewer", "screen"} {
		if some := ofRole(links, role); len(some) > 0 {
			return some[0]
		}
	}
	return link{base: links[0].base, room: links[0].room}
}

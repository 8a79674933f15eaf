package main

import (
	"bufio"
	"bytes"
	"os"
	"slices"
	"strconv"
	"strings"
)

// call is one understood command line: every option has a value of its kind.
type call struct {
	process
	lang   string
	args   []string
	values map[string]string
	given  map[string]bool // options somebody set, as opposed to defaults
}

func (c *call) get(name string) string { return c.values[name] }

func (c *call) yes(name string) bool {
	value, _ := parseYes(c.values[name])
	return value
}

// parse understands flags, then environment, then file, and reports
// everything it did not understand at once.
func (c *command) parse(p process, args []string) (*call, error) {
	reading := &reading{command: c, lang: p.lang(), flags: map[string]string{}}
	positional := reading.readFlags(args)
	reading.checkArguments(positional)
	fromFile := reading.readFile(p)
	out := &call{process: p, lang: p.lang(), args: positional, values: map[string]string{}, given: map[string]bool{}}
	for _, o := range c.options {
		value, origin, given := reading.pick(o, p, fromFile)
		reading.check(o, value, origin, given)
		out.values[o.name], out.given[o.name] = value, given
	}
	return out, reading.wrong.orNil()
}

// reading gathers what is wrong while a command line is being understood.
type reading struct {
	command *command
	lang    string
	flags   map[string]string
	wrong   mistakes
}

func (r *reading) add(code string, pairs ...string) {
	r.wrong = append(r.wrong, fail(code, pairs...))
}

func (r *reading) readFlags(args []string) (positional []string) {
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			return append(positional, args[i+1:]...)
		}
		if !strings.HasPrefix(arg, "-") || arg == "-" {
			positional = append(positional, arg)
			continue
		}
		name, value, joined := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		o := r.command.option(name)
		switch {
		case o == nil:
			r.add("usage-option", "option", arg, "command", r.command.name)
		case joined:
			r.flags[name] = value
		case o.metavar == "":
			r.flags[name] = "yes"
		case i+1 == len(args):
			r.add("usage-value", "option", "--"+name)
		default:
			i++
			r.flags[name] = args[i]
		}
	}
	return positional
}

func (r *reading) checkArguments(positional []string) {
	wanted := r.command.arguments
	for _, name := range wanted[min(len(positional), len(wanted)):] {
		r.add("usage-argument", "argument", name, "command", r.command.name)
	}
	for _, extra := range positional[min(len(positional), len(wanted)):] {
		r.add("usage-extra", "argument", extra, "command", r.command.name)
	}
}

// readFile reads the lines « name = value » of the file given by --config or
// ANTENNE_CONFIG. It is the server's file: the other commands take from it
// what they know and leave the rest.
func (r *reading) readFile(p process) map[string]string {
	path := r.flags["config"]
	if path == "" {
		path = p.getenv("ANTENNE_CONFIG")
	}
	if path == "" || r.command.option("config") == nil {
		return nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		r.add("config-unreadable", "file", path)
		return nil
	}
	return r.readLines(path, content)
}

func (r *reading) readLines(path string, content []byte) map[string]string {
	values := map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader(bytes.TrimPrefix(content, []byte("\ufeff"))))
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, found := strings.Cut(line, "=")
		name, value = strings.TrimSpace(name), strings.Trim(strings.TrimSpace(value), `"`)
		switch {
		case !found:
			r.add("config-line", "file", path, "line", strconv.Itoa(number))
		case !knownInFile(name):
			r.add("config-name", "file", path, "line", strconv.Itoa(number), "name", name)
		default:
			values[name] = value
		}
	}
	if lines.Err() != nil {
		r.add("config-unreadable", "file", path)
	}
	return values
}

func knownInFile(name string) bool {
	return name != "config" && slices.ContainsFunc(serveOptions, func(o option) bool { return o.name == name })
}

func (r *reading) pick(o option, p process, fromFile map[string]string) (value, origin string, given bool) {
	if value, given = r.flags[o.name]; given || o.spoken {
		return value, "--" + o.name, given
	}
	if value = p.getenv(o.env()); value != "" {
		return value, o.env(), true
	}
	if value, given = fromFile[o.name]; given {
		return value, o.name, true
	}
	return o.fallback, "--" + o.name, false
}

func (r *reading) check(o option, value, origin string, given bool) {
	switch {
	case o.required && value == "":
		r.add("usage-required", "option", "--"+o.name, "command", r.command.name)
	case given && !o.kind.ok(value):
		r.add("usage-bad-value", "option", origin, "value", value, "expected", o.kind.expected.in(r.lang))
	}
}

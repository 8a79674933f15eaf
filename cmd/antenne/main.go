// Command antenne runs and tends a server of séances: one mediator teaches
// live to many centres at once.
//
// The package wires the pieces of the house together and holds what a person
// types: configuration, sub-commands, certificates, the printable sheets. The
// sub-commands do nothing by themselves: they speak to the running server over
// DATA/admin.sock, which only the server's own account (and root) may open, so
// that there is one road for every change of state.
//
// Goroutines of a serving process, all started and awaited by serve: one per
// listener (web, admin socket, metrics), one that watches signals, one that
// feeds the service manager's watchdog; the packages it opens list their own.
//
// Exit codes: 0 done; 1 refused or failed (one sentence and its code on
// stderr); 2 the command line, environment or file was not understood.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // times are given in French local time, also on machines without zone files
)

const (
	exitDone    = 0
	exitFailed  = 1
	exitMistake = 2
)

// version is set at build time; releases carry their tag.
var version = "dev"

func main() {
	time.Local = parisian // histories and logs are read by people of one territory
	os.Exit(run(context.Background(), process{
		args: os.Args[1:], environ: os.Environ(),
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
	}))
}

// process is what a run may touch of the world outside.
type process struct {
	args           []string
	environ        []string
	stdin          io.Reader
	stdout, stderr io.Writer
}

func (p process) getenv(name string) string {
	value := ""
	for _, pair := range p.environ {
		if v, found := strings.CutPrefix(pair, name+"="); found {
			value = v
		}
	}
	return value
}

// lang follows the usual order of locale variables. French is the language of
// the house: only an English locale changes it.
func (p process) lang() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := p.getenv(name); value != "" {
			if strings.HasPrefix(value, "en") {
				return "en"
			}
			return "fr"
		}
	}
	return "fr"
}

func run(ctx context.Context, p process) int {
	lang := p.lang()
	if len(p.args) == 0 {
		fmt.Fprint(p.stderr, overview(lang))
		return exitMistake
	}
	if slices.Contains([]string{"help", "-h", "--help"}, p.args[0]) {
		return printHelp(p, lang)
	}
	command, rest := findCommand(p.args)
	if command == nil {
		return complain(p.stderr, lang, mistakes{fail("usage-command", "command", p.args[0])})
	}
	if asksForHelp(rest) {
		fmt.Fprint(p.stdout, command.usage(lang))
		return exitDone
	}
	call, err := command.parse(p, rest)
	if err != nil {
		return complain(p.stderr, lang, err)
	}
	return complain(p.stderr, lang, command.run(ctx, call))
}

func printHelp(p process, lang string) int {
	if command, _ := findCommand(p.args[1:]); command != nil {
		fmt.Fprint(p.stdout, command.usage(lang))
		return exitDone
	}
	fmt.Fprint(p.stdout, overview(lang))
	return exitDone
}

func asksForHelp(args []string) bool {
	return slices.Contains(args, "--help") || slices.Contains(args, "-h")
}

// complain prints each thing that went wrong as one sentence with its code,
// and says how the process must end.
func complain(stderr io.Writer, lang string, err error) int {
	if err == nil {
		return exitDone
	}
	var wrong mistakes
	if errors.As(err, &wrong) {
		for _, one := range wrong {
			fmt.Fprintln(stderr, "antenne : "+one.sentence(lang))
		}
		return exitMistake
	}
	fmt.Fprintln(stderr, "antenne : "+asFailure(err).sentence(lang))
	return exitFailed
}

// Command loadtest brings a crowd to a server, through its public doors, and says what the crowd met and what it cost.
//
//	go run ./loadtest run SCENARIO [--against stock] [--floor] [--rounds 3] [--json FILE] [--html FILE] …
//	go run ./loadtest floor --list FILE [--viewers 200]
//	go run ./loadtest stock [--http 127.0.0.1:9999]
//	go run ./loadtest report FILE.json [--html FILE]
//	go run ./loadtest compare A.json B.json
//	go run ./loadtest questions --links FILE …
//	go run ./loadtest class [--sites 220] [--abuse] …
//
// run plays a scenario: a readable file (loadtest/scenarios, package scenario) that names its server, its teacher, its groups of
// viewers and what the figures must keep to. The server is ours, started in a folder of its own; or sfu/stock, Pion's ordinary
// way; or any WHIP and WHEP server by its addresses. docs/performance.md tells how it is measured and what each figure means.
//
// floor replays the teacher's packets of a run as bare seal and send: what the machine itself charges. stock serves the plain
// server. report and compare read what run kept. questions tries the class connection of a server that runs already, alone and
// beside connections that stop reading. class is a séance of many sites with all that they do, and measures what the régie and the
// studio feel of it.
//
// FILE of links holds what « antenne serve --demo » and « antenne link » print: ROLE<TAB>SITE<TAB>URL#TOKEN.
//
// Exit codes: 0 done, and every limit that could be judged was kept; 1 a limit was broken, or the trial failed; 2 the command
// line or a file was not understood.
//
// Goroutines: a few for the whole crowd (sfu/peer), one for each place in the audience, one that notes every second; every
// trial waits for all of its own before it reports.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

const usage = `loadtest run SCENARIO [options]            play a scenario, measure, report
loadtest floor --list FILE [options]       what the machine itself charges for the same packets
loadtest stock [options]                   serve the plain server
loadtest report FILE.json [--html FILE]    print again what a run kept
loadtest compare A.json B.json             two of them side by side
loadtest questions --links FILE [options]  questions over the class connection
loadtest class [options]                   a class of many sites, and how long acts take in it
loadtest COMMAND --help                    the options of one
`

// floorCommand is how the program starts itself to be measured.
const floorCommand = "replay-floor"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return
	}
	fmt.Fprintln(os.Stderr, "loadtest:", err)
	os.Exit(exitCode(err))
}

func exitCode(err error) int {
	var m mistake
	if errors.As(err, &m) {
		return 2
	}
	return 1
}

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		return mistake{errors.New("which command? « loadtest help » tells them")}
	}
	switch rest := args[1:]; args[0] {
	case "run":
		return runScenario(ctx, rest, out, os.Stderr)
	case "floor":
		return measureFloor(ctx, rest, out)
	case "stock":
		return serveStock(ctx, rest, out)
	case "report":
		return showReport(rest, out)
	case "compare":
		return compareReports(rest, out)
	case "questions":
		return questions(ctx, rest, out)
	case "class":
		return class(ctx, rest, out)
	case floorCommand:
		return replayFloor(os.Stdin, out)
	case "help", "-h", "--help":
		_, err := io.WriteString(out, usage)
		return err
	}
	return mistake{fmt.Errorf("no command is called %q; « loadtest help » tells them", args[0])}
}

// Command loadtest brings a crowd to a running server, through its public doors, and says what the crowd met.
//
//	go run ./loadtest questions --links FILE [--desks 12] [--homes 20] [--listeners 3] [--slow 2] [--rate 20] [--for 20s]
//	go run ./loadtest watch --links FILE [--viewers 20] [--five] [--for 20s]
//
// FILE holds links as « antenne serve --demo » and « antenne link » print them: ROLE<TAB>SITE<TAB>URL#TOKEN.
//
// questions plays the same minutes twice, first alone and then beside --slow connections that stop reading: desks and homes
// ask at --rate questions a second in all (homes no faster than a server takes from strangers, desks the rest), each question is withdrawn once it was seen, and listeners (the régie) note when
// each one reaches them. It prints the time from asking to being in the log (done) and to being seen by every listener (delivery)
// as p50/p95/p99, how many connections the server cut off with « slow », and how many questions were lost or doubled. It exits with 1 when one was.
//
// watch opens media viewers and counts what each is sent: packets, complete frames, missing sequence numbers, the time to the first frame.
//
// What it is not, yet: the crowd and the server's measures share one machine unless you run it elsewhere; its viewers do not decode;
// times are those of one process, so they hold the crowd's own slowness too. Compare runs on the same machine only.
//
// Goroutines: one or two per member of the crowd; every scenario waits for all of its own before it reports.
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

const usage = `loadtest questions --links FILE [options]   questions over the class connection
loadtest watch --links FILE [options]       media viewers
loadtest SCENARIO --help                    the options of one
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "loadtest:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		return errors.New("which scenario? questions or watch; « loadtest help » says more")
	}
	switch args[0] {
	case "questions":
		return questions(ctx, args[1:], out)
	case "watch":
		return watch(ctx, args[1:], out)
	case "help", "-h", "--help":
		_, err := io.WriteString(out, usage)
		return err
	}
	return fmt.Errorf("no scenario is called %q: questions or watch", args[0])
}

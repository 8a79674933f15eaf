package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	_ "modernc.org/sqlite" // to make a log of a newer version
)

// TestMain lets the scripts of testdata call « antenne » as a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"antenne": main})
}

// TestScripts plays testdata/*.txtar: what a person types, and what is answered.
//
// Besides the usual commands:
//
//	answers DIR          waits until the server of that folder answers its commands
//	exits CODE COMMAND…  runs a command that must end with that code
//	keep NAME [REGEXP]   keeps the last standard output, or its first group, as $NAME
//	flip FILE TEXT       changes one bit inside the first such text of a file
//	newer FILE           makes a log look written by a newer version
//	certificate DIR      writes cert.pem and key.pem there, signed by nobody
//	full DIR             mounts a very small disk there, as $FULL ([mount]: this account may)
//	port NAME            keeps the address of a free TCP and UDP port as $NAME
//	get URL CODE         asks a web address and checks the status; its body becomes the file « body »
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			env.Setenv("LANG", "fr_FR.UTF-8")
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name != "mount" {
				return false, fmt.Errorf("unknown condition %q", name)
			}
			return mayMount(t.TempDir()), nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"answers": scriptAnswers, "exits": scriptExits, "keep": scriptKeep, "flip": scriptFlip,
			"port": scriptPort, "certificate": func(ts *testscript.TestScript, _ bool, args []string) {
				writePair(t, ts.MkAbs(args[0]), 1)
			}, "newer": scriptNewer, "full": scriptFull, "get": scriptGet,
		},
	})
}

func scriptAnswers(ts *testscript.TestScript, neg bool, args []string) {
	if err := waitForServer(ts.MkAbs(args[0])); (err != nil) != neg {
		ts.Fatalf("the server of %s: %v", args[0], err)
	}
}

func waitForServer(data string) error {
	server, deadline := newClient(data), time.Now().Add(30*time.Second)
	for {
		var status serverStatus
		err := server.ask(context.Background(), http.MethodGet, "/status", nil, &status)
		if err == nil && status.NotReady == "" {
			return nil
		}
		if time.Now().After(deadline) {
			return errors.Join(err, errors.New(status.NotReady))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func scriptExits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("ended with %d, wanted %d\n%s%s", got, want, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

func scriptKeep(ts *testscript.TestScript, _ bool, args []string) {
	out := strings.TrimSpace(ts.ReadFile("stdout"))
	if len(args) > 1 {
		found := regexp.MustCompile("(?m)" + args[1]).FindStringSubmatch(out)
		if found == nil {
			ts.Fatalf("nothing like %s in:\n%s", args[1], out)
		}
		out = found[1]
	}
	ts.Setenv(args[0], out)
}

func scriptFlip(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	content, err := os.ReadFile(path)
	ts.Check(err)
	at := bytes.Index(content, []byte(args[1]))
	if at < 0 {
		ts.Fatalf("%q is not in %s", args[1], args[0])
	}
	content[at] ^= 1
	ts.Check(os.WriteFile(path, content, 0o600))
}

func scriptNewer(ts *testscript.TestScript, _ bool, args []string) {
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	defer db.Close()
	_, err = db.Exec("CREATE TABLE later (n INTEGER); PRAGMA user_version = 1000")
	ts.Check(err)
}

func scriptFull(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o700))
	ts.Check(mountSmall(dir))
	ts.Setenv("FULL", dir)
	ts.Defer(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
}

func mountSmall(dir string) error {
	return syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64k,mode=700")
}

// mayMount is the condition [mount]: this account may make a small disk. Where
// it may not, the journal's own tests fill a database by other means.
func mayMount(dir string) bool {
	if mountSmall(dir) != nil {
		return false
	}
	return syscall.Unmount(dir, syscall.MNT_DETACH) == nil
}

func scriptPort(ts *testscript.TestScript, _ bool, args []string) {
	for range 100 {
		stream, err := net.Listen("tcp", "127.0.0.1:0")
		ts.Check(err)
		address := stream.Addr().String()
		packets, err := net.ListenPacket("udp", address)
		stream.Close()
		if err == nil {
			packets.Close()
			ts.Setenv(args[0], address)
			return
		}
	}
	ts.Fatalf("no port is free in both TCP and UDP")
}

func scriptGet(ts *testscript.TestScript, _ bool, args []string) {
	res, err := http.Get(args[0])
	ts.Check(err)
	defer res.Body.Close()
	if strconv.Itoa(res.StatusCode) != args[1] {
		ts.Fatalf("%s answered %s, wanted %s", args[0], res.Status, args[1])
	}
	var body bytes.Buffer
	_, err = body.ReadFrom(res.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("body"), body.Bytes(), 0o600))
}

// realBinary builds antenne as a person would, once for all the tests that need it.
func realBinary(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "antenne")
	build := exec.Command("go", "build", "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

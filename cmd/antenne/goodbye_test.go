package main

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"antenne/signaling/dial"
	"antenne/signaling/wire"
)

// A planned stop is announced to every page, and takes its time (fault 8): the
// exit code is that of a thing well done.
func TestPagesAreToldThatTheServerStops(t *testing.T) {
	server := &killable{t: t, binary: realBinary(t), data: filepath.Join(t.TempDir(), "data")}
	server.start()
	b := server.prepareBurst(0)
	conn, err := dial.Class(t.Context(), server.base, wire.Hello{Token: b.desks[0].token, Device: "bureau-de-la-salle"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, welcomed := nextEvent(t, conn).(*wire.Welcome); !welcomed {
		t.Fatal("not welcomed")
	}
	server.cmd.Process.Signal(syscall.SIGTERM)
	for {
		bye, is := nextEvent(t, conn).(*wire.Bye)
		if !is {
			continue
		}
		if bye.Code != "shutdown" || !bye.Retry || bye.Text == "" {
			t.Errorf("the goodbye is %+v", bye)
		}
		break
	}
	if err := server.cmd.Wait(); err != nil {
		t.Errorf("after the goodbye: %v\n%s", err, server.stderr)
	}
}

func nextEvent(t *testing.T, conn *dial.Conn) wire.ServerMessage {
	t.Helper()
	select {
	case event, open := <-conn.Events():
		if !open {
			t.Fatalf("cut off without a goodbye: %v", conn.Err())
		}
		return event
	case <-time.After(30 * time.Second):
		t.Fatal("nothing came")
		return nil
	}
}

// A second signal waits for nothing, not even for a page that is slow to leave.
func TestTheSecondSignalStopsAtOnce(t *testing.T) {
	server := &killable{t: t, binary: realBinary(t), data: filepath.Join(t.TempDir(), "data")}
	server.start()
	ended := make(chan error, 1)
	go func() { ended <- server.cmd.Wait() }()
	for {
		server.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
			if code := server.cmd.ProcessState.ExitCode(); code != exitDone && code != exitFailed {
				t.Errorf("ended with %d", code)
			}
			return
		case <-time.After(time.Millisecond):
		}
	}
}

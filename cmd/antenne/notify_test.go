package main

import (
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestTheServiceManagerIsTold plays the service manager's side of the
// notification socket with the real binary.
func TestTheServiceManagerIsTold(t *testing.T) {
	dir, err := os.MkdirTemp("", "antenne") // short enough for a socket's path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("WATCHDOG_USEC", "150000")
	server := &killable{t: t, binary: realBinary(t), data: filepath.Join(dir, "data")}
	server.start()
	expectNotice(t, socket, "READY=1")
	expectNotice(t, socket, "WATCHDOG=1")
	server.stop()
	expectNotice(t, socket, "STOPPING=1")
}

// expectNotice reads until the wanted word comes.
func expectNotice(t *testing.T, socket *net.UnixConn, want string) {
	t.Helper()
	socket.SetReadDeadline(time.Now().Add(30 * time.Second))
	word := make([]byte, 256)
	for {
		n, err := socket.Read(word)
		if err != nil {
			t.Fatalf("waiting for %s: %v", want, err)
		}
		if string(word[:n]) == want {
			return
		}
	}
}

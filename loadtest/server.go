package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"antenne/loadtest/machine"
	"antenne/loadtest/scenario"
)

// server is what a crowd comes to: its doors, and what may be known about it.
type server struct {
	whip, whep   string
	teach, watch string // tokens; "" where none is asked
	links        []link // of our own
	metrics      string // "" unknown
	admin        string // path of our own server's socket; "" for another
	pid          int    // 0 unknown
	cautions     []string
	close        func()
}

const (
	startWithin = 30 * time.Second
	stopWithin  = 15 * time.Second
)

// openServer starts the server that a scenario names, or finds it.
func openServer(ctx context.Context, s scenario.Server, binary string) (*server, error) {
	switch s.Kind {
	case scenario.Self:
		return openSelf(ctx, s, binary)
	case scenario.Stock:
		return openStock(ctx, s)
	}
	return findServer(s)
}

// findServer is one that runs already.
func findServer(s scenario.Server) (*server, error) {
	v := &server{whip: s.Whip, whep: s.Whep, metrics: s.Metrics, pid: s.Pid, close: func() {}}
	if s.Token != "" {
		token, err := os.ReadFile(s.Token)
		if err != nil {
			return nil, err
		}
		v.teach = strings.TrimSpace(string(token))
	}
	if s.Links != "" {
		links, err := readLinks(s.Links)
		if err != nil {
			return nil, err
		}
		v.take(links)
	}
	return v, nil
}

// take finds the doors in links as Antenne prints them.
func (v *server) take(links []link) {
	v.links = links
	door := doorOf(links)
	v.whep, v.watch = door.base+"/whep/"+door.room, door.token
	if teachers := ofRole(links, "mediator"); len(teachers) > 0 {
		v.whip, v.teach = teachers[0].base+"/whip/"+teachers[0].room, teachers[0].token
	}
}

// child is a server that we started.
type child struct {
	cmd    *exec.Cmd
	out    *bufio.Scanner
	said   *tail // its standard error
	waited chan struct{}
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte // guarded by mu
}

const tailSize = 4 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	t.text = t.text[max(0, len(t.text)-tailSize):]
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.text))
}

// startChild starts a program on cores; cautions tell what could not be had.
func startChild(s scenario.Server, program string, args ...string) (c *child, cautions []string, err error) {
	c = &child{cmd: exec.Command(program, args...), said: &tail{}, waited: make(chan struct{})}
	c.cmd.Stderr = c.said
	c.cmd.Env = os.Environ()
	if procs := procsOf(s); procs > 0 {
		c.cmd.Env = append(c.cmd.Env, fmt.Sprintf("GOMAXPROCS=%d", procs))
	}
	pipe, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	c.out = bufio.NewScanner(pipe)
	if err = machine.Start(c.cmd, s.Cores); errors.Is(err, machine.ErrNotPinned) {
		cautions, err = []string{"the server " + err.Error()}, nil
	}
	return c, cautions, err
}

func procsOf(s scenario.Server) int {
	if s.Procs > 0 {
		return s.Procs
	}
	return len(s.Cores)
}

// stop ends the child by its own number: politely, then not. Then it waits.
func (c *child) stop() {
	go func() {
		defer close(c.waited)
		for c.out.Scan() { // a full pipe would keep it from ending
		}
		_ = c.cmd.Wait()
	}()
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-c.waited:
	case <-time.After(stopWithin):
		_ = c.cmd.Process.Kill()
		<-c.waited
	}
}

// lines hands over the child's lines until take has enough.
func (c *child) lines(ctx context.Context, take func(string) (enough bool)) error {
	found := make(chan error, 1)
	go func() {
		for c.out.Scan() {
			if take(c.out.Text()) {
				found <- nil
				return
			}
		}
		found <- errors.New("it ended at once")
	}()
	hurry, done := context.WithTimeout(ctx, startWithin)
	defer done()
	select {
	case err := <-found:
		if err != nil {
			return fmt.Errorf("%w: %s", err, c.said)
		}
		return nil
	case <-hurry.Done():
		_ = c.cmd.Process.Kill() // ends the goroutine that reads
		<-found
		return fmt.Errorf("it does not get ready: %w: %s", hurry.Err(), c.said)
	}
}

// openSelf starts our own server in a folder of its own, with the séance of the demonstration.
func openSelf(ctx context.Context, s scenario.Server, binary string) (*server, error) {
	folder, err := os.MkdirTemp("", "loadtest-")
	if err != nil {
		return nil, err
	}
	forget := func() { _ = os.RemoveAll(folder) }
	if binary == "" {
		binary = filepath.Join(folder, "antenne")
		if err := build(ctx, binary); err != nil {
			forget()
			return nil, err
		}
	}
	measures, err := freeAddress()
	if err != nil {
		forget()
		return nil, err
	}
	data := filepath.Join(folder, "data")
	c, cautions, err := startChild(s, binary, "serve", "--demo", "--http", "127.0.0.1:0", "--media", "127.0.0.1:0", "--data", data,
		"--admin", measures, "--log", "json")
	if err != nil {
		forget()
		return nil, err
	}
	v := &server{metrics: "http://" + measures + "/metrics", admin: filepath.Join(data, "admin.sock"), pid: c.cmd.Process.Pid, cautions: cautions,
		close: func() { c.stop(); forget() }}
	var links []link
	err = c.lines(ctx, func(line string) bool {
		if l, ok, err := parseLink(line); ok && err == nil {
			links = append(links, l)
		}
		return len(ofRole(links, "viewer")) > 0 // the last role
	})
	if err != nil {
		v.close()
		return nil, fmt.Errorf("our server: %w", err)
	}
	v.take(slices.DeleteFunc(slices.Clone(links), func(l link) bool { return l.role == "viewer" || l.role == "screen" })) // watched by its public door
	v.links = links
	return v, nil
}

func build(ctx context.Context, binary string) error {
	out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "antenne/cmd/antenne").CombinedOutput()
	if err != nil {
		return fmt.Errorf("building our server (give --antenne where it is built already): %w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}

// freeAddress is a port that was free a moment ago.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// openStock starts this program again, as the plain server.
func openStock(ctx context.Context, s scenario.Server) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c, cautions, err := startChild(s, self, "stock")
	if err != nil {
		return nil, err
	}
	var base string
	err = c.lines(ctx, func(line string) (ok bool) {
		base, ok = strings.CutPrefix(line, stockReady)
		return ok
	})
	v := &server{whip: base + "/whip/class", whep: base + "/whep/class", metrics: base + "/metrics", pid: c.cmd.Process.Pid, cautions: cautions, close: c.stop}
	if err != nil {
		v.close()
		return nil, fmt.Errorf("the plain server: %w", err)
	}
	return v, nil
}

// profile writes a CPU profile of our own server, taken over that time.
func (v *server) profile(ctx context.Context, lasts time.Duration, name string) error {
	if v.admin == "" {
		return errors.New("only our own server, started by us, gives a profile")
	}
	through := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", v.admin)
	}}}
	defer through.CloseIdleConnections()
	address := fmt.Sprintf("http://server/debug/pprof/profile?seconds=%d", max(1, int(lasts.Seconds())))
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	answer, err := through.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the server answered %s", answer.Status)
	}
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, answer.Body)
	return errors.Join(err, file.Close())
}

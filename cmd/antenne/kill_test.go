package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"antenne/rooms"
	"antenne/signaling/dial"
	"antenne/signaling/wire"
)

// The real binary is killed without warning, twenty times, while several desks
// send a burst of questions. After each restart the desks send again what was
// not acknowledged, as their outboxes do. Then every question that was ever
// acknowledged is in the log, and each exactly once.
func TestNoAcknowledgedQuestionIsLostNorDoubledWhenTheServerIsKilled(t *testing.T) {
	const rounds = 20
	server := &killable{t: t, binary: realBinary(t), data: filepath.Join(t.TempDir(), "data"), told: []string{questionText}}
	server.start()
	acknowledged := map[rooms.RoomID]map[string]bool{}
	for round := range rounds {
		burst := server.prepareBurst(round)
		killed := make(chan struct{})
		go func() {
			defer close(killed)
			burst.waitForAcknowledged(rand.IntN(burst.most() * 2 / 3)) // a moment that every machine reaches
			server.kill()
		}()
		burst.send(t.Context())
		<-killed
		burst.logFate(t, round)

		server.start()
		burst.send(t.Context()) // what was not acknowledged, again
		if missing := burst.unacknowledged(); missing > 0 {
			t.Fatalf("round %d: %d questions were not accepted by the server that came back", round, missing)
		}
		acknowledged[burst.room] = burst.done
	}
	server.kill()
	server.start()
	for room, want := range acknowledged {
		got := server.asked(room)
		for id := range want {
			if got[id] != 1 {
				t.Errorf("room %s: question %s is %d times in the log", room, id, got[id])
			}
		}
		if len(got) != len(want) {
			t.Errorf("room %s: %d questions in the log, %d were sent", room, len(got), len(want))
		}
	}
	if err := newClient(server.data).ask(t.Context(), http.MethodPost, "/verify", nil, nil); err != nil {
		t.Errorf("the log after %d kills: %v", rounds+1, err)
	}
	server.stop()
}

// killable is the real binary, serving one folder.
type killable struct {
	t      *testing.T
	binary string
	data   string
	args   []string // nil for any free ports
	cmd    *exec.Cmd
	stderr *bytes.Buffer
	base   string
	told   []string // secrets and texts that no log may hold
}

func (k *killable) start() {
	k.t.Helper()
	k.stderr = &bytes.Buffer{}
	args := k.args
	if args == nil {
		args = []string{"serve", "--data", k.data, "--http", "127.0.0.1:0", "--media", "127.0.0.1:0", "--admin", "127.0.0.1:0"}
	}
	k.cmd = exec.Command(k.binary, args...)
	k.cmd.Stderr = k.stderr
	k.cmd.Stdout = io.Discard
	k.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := k.cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	cmd := k.cmd
	k.t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	if err := waitForServer(k.data); err != nil {
		k.t.Fatalf("the server does not come up: %v\n%s", err, k.stderr)
	}
	var status serverStatus
	k.ask(http.MethodGet, "/status", nil, &status)
	k.base = "http://" + status.HTTP
}

func (k *killable) ask(method, path string, request, reply any) {
	k.t.Helper()
	if err := newClient(k.data).ask(k.t.Context(), method, path, request, reply); err != nil {
		k.t.Fatalf("%s %s: %v", method, path, err)
	}
}

func (k *killable) kill() {
	k.cmd.Process.Kill()
	k.cmd.Wait()
	k.checkLog()
}

// checkLog sees to it that the server's own log gives nothing away.
func (k *killable) checkLog() {
	for _, secret := range k.told {
		if strings.Contains(k.stderr.String(), secret) {
			k.t.Errorf("the log holds a token or somebody's text:\n%s", k.stderr)
		}
	}
}

// stop asks politely, and expects the exit code of a thing well done.
func (k *killable) stop() {
	k.t.Helper()
	k.cmd.Process.Signal(syscall.SIGTERM)
	if err := k.cmd.Wait(); err != nil {
		k.t.Errorf("SIGTERM: %v\n%s", err, k.stderr)
	}
	k.checkLog()
}

var askedLine = regexp.MustCompile(`question ([0-9a-f]{8}) posée`)

// asked counts how many times each question was asked, as the log tells it.
func (k *killable) asked(room rooms.RoomID) map[string]int {
	var out, complaints bytes.Buffer
	run(k.t.Context(), process{args: []string{"history", string(room), "--data", k.data}, stdout: &out, stderr: &complaints})
	if complaints.Len() > 0 {
		k.t.Fatalf("history: %s", complaints.String())
	}
	counts := map[string]int{}
	for _, found := range askedLine.FindAllStringSubmatch(out.String(), -1) {
		counts[found[1]]++
	}
	return counts
}

// burst is what several desks want to ask in one séance.
type burst struct {
	server *killable
	room   rooms.RoomID
	desks  []desk

	mu      sync.Mutex
	arrived *sync.Cond
	done    map[string]bool // by the first eight digits of the question's id; guarded by mu
	over    bool            // sending has ended; guarded by mu
}

// desk is one animator's page and its outbox.
type desk struct {
	token  string
	outbox []string // first eight digits of the ids
}

const questionText = "Combien d’œufs ?"

const (
	burstDesks     = 8
	burstQuestions = rooms.MaxRatePerPlace // for each desk: as many as a room takes in a minute, and under the wire's limit for a burst
)

func newBurst(k *killable) *burst {
	b := &burst{server: k, done: map[string]bool{}}
	b.arrived = sync.NewCond(&b.mu)
	return b
}

func (k *killable) prepareBurst(round int) *burst {
	k.t.Helper()
	b := newBurst(k)
	request := roomRequest{Title: fmt.Sprintf("Manche %d", round), At: time.Now(), Public: true}
	for i := range burstDesks {
		request.Sites = append(request.Sites, place{ID: fmt.Sprintf("salle-%d", i), Name: "Salle", Town: "Lille"})
	}
	var room roomReply
	k.ask(http.MethodPost, "/rooms", request, &room)
	b.room = room.Room
	for i, site := range request.Sites {
		d := desk{token: k.deskToken(b.room, rooms.SiteID(site.ID))}
		for q := range burstQuestions {
			d.outbox = append(d.outbox, fmt.Sprintf("%08x", round<<16|i<<8|q))
		}
		b.desks = append(b.desks, d)
	}
	return b
}

// deskToken is the secret of a fresh link for an animator.
func (k *killable) deskToken(room rooms.RoomID, site rooms.SiteID) string {
	k.t.Helper()
	var link linkReply
	k.ask(http.MethodPost, "/links", linkRequest{Room: room, Role: rooms.Animator, Site: site, For: time.Hour}, &link)
	u, err := url.Parse(link.URL)
	if err != nil {
		k.t.Fatal(err)
	}
	k.told = append(k.told, u.Fragment)
	return u.Fragment
}

func (b *burst) most() int { return burstDesks * burstQuestions }

// send has every desk say what was not acknowledged yet, all at the same time,
// and returns when all have been answered or cut off.
func (b *burst) send(ctx context.Context) {
	b.mu.Lock()
	b.over = false
	b.mu.Unlock()
	var sending sync.WaitGroup
	for _, d := range b.desks {
		sending.Go(func() { b.sendFrom(ctx, d) })
	}
	sending.Wait()
	b.mu.Lock()
	b.over = true
	b.mu.Unlock()
	b.arrived.Broadcast()
}

func (b *burst) sendFrom(ctx context.Context, d desk) {
	conn, err := dial.Class(ctx, b.server.base, wire.Hello{Token: d.token, Device: "bureau-" + d.outbox[0]})
	if err != nil {
		return // killed before: the outbox keeps all
	}
	defer conn.Close()
	go func() {
		for range conn.Events() {
		}
	}()
	for _, id := range d.outbox {
		if b.isDone(id) {
			continue
		}
		ask := map[string]string{"name": "ask", "question": id + "-0000-4000-8000-000000000000", "text": questionText}
		if _, err := conn.Do(ctx, ask); err != nil {
			var refused *dial.Refused
			if errors.As(err, &refused) {
				b.server.t.Errorf("question %s: %v", id, err)
			}
			return
		}
		b.acknowledge(id)
	}
}

func (b *burst) isDone(id string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.done[id]
}

func (b *burst) acknowledge(id string) {
	b.mu.Lock()
	b.done[id] = true
	b.mu.Unlock()
	b.arrived.Broadcast()
}

func (b *burst) waitForAcknowledged(count int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.done) < count && !b.over {
		b.arrived.Wait()
	}
}

func (b *burst) unacknowledged() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.most() - len(b.done)
}

func (b *burst) logFate(t *testing.T, round int) {
	t.Logf("round %d: killed when %d of %d questions were acknowledged", round, b.most()-b.unacknowledged(), b.most())
}

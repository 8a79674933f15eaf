package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"antenne/loadtest/floor"
	"antenne/loadtest/machine"
	"antenne/loadtest/report"
	"antenne/loadtest/scenario"
)

// floorLine is what the process that replays says: once when it begins, once when it is done.
type floorLine struct {
	Begun  bool          `json:"begun,omitempty"`
	Result *floor.Result `json:"result,omitempty"`
	Error  string        `json:"error,omitempty"`
}

// replayFloor is that process: a task comes in, lines go out, and it stays to be looked at until the input ends.
func replayFloor(in io.Reader, out io.Writer) error {
	var task floor.Task
	if err := json.NewDecoder(in).Decode(&task); err != nil {
		return fmt.Errorf("floor: task: %w", err)
	}
	say := json.NewEncoder(out)
	result, err := floor.Replay(task, func() { _ = say.Encode(floorLine{Begun: true}) })
	if err != nil {
		return say.Encode(floorLine{Error: err.Error()})
	}
	if err := say.Encode(floorLine{Result: &result}); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, in)
	return err
}

const settleFloor = 200 * time.Millisecond // for what is still in the sockets

// playFloor replays a task in a process of its own, on the server's cores, and measures it as the server was.
func playFloor(ctx context.Context, s scenario.Server, way string, task floor.Task) (*report.Run, error) {
	task.Way = way
	drained, err := floor.Drain(task.Viewers)
	if err != nil {
		return nil, err
	}
	defer drained.Close()
	task.To = drained.Addresses
	run := &report.Run{Subject: report.FloorWay + way}
	c, err := startFloor(ctx, s, task, run)
	if err != nil {
		return nil, err
	}
	defer c.end()
	if _, err := c.next(); err != nil {
		return nil, err
	}
	drained.Reset()
	before, _ := machine.Look(c.cmd.Process.Pid)
	stolen, _ := machine.Now()
	line, err := c.next()
	if err != nil {
		return nil, err
	}
	if line.Result == nil {
		return nil, errors.New("floor: no result")
	}
	after, err := machine.Look(c.cmd.Process.Pid)
	if err != nil {
		return nil, err
	}
	now, _ := machine.Now()
	if !sleep(ctx, settleFloor) {
		return nil, ctx.Err()
	}
	run.Waves = []report.Wave{floorWave(*line.Result, after.CPU-before.CPU, drained, task.Viewers)}
	run.Waves[0].All["steal"] = 100 * now.StolenShare(stolen)
	return run, nil
}

func floorWave(r floor.Result, spent time.Duration, drained *floor.Drained, viewers int) report.Wave {
	f := report.Figures{}
	count, delay := drained.Figures()
	costFigures(f, spent, r.Sent, r.Bytes, viewers, r.Lasted)
	quantiles(f, "delay", &delay, true)
	f["viewers"] = float64(viewers)
	f["packets"] = float64(r.Sent) / r.Lasted.Seconds()
	f["rate"] = float64(r.Bytes) * 8 / 1e6 / r.Lasted.Seconds()
	f["loss.after"] = share(r.Sent-min(count, r.Sent), r.Sent)
	f["drain.largest"], f["drain.packets"] = ms(r.Drain), float64(r.Largest)
	spread := make(report.Spread, len(report.Shares))
	for i, q := range report.Shares {
		spread[i] = ms(delay.Quantile(q))
	}
	return report.Wave{Number: 1, All: f, Spread: map[string]report.Spread{"delay": spread}}
}

// floorChild is the process that replays.
type floorChild struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines *json.Decoder
}

func startFloor(ctx context.Context, s scenario.Server, task floor.Task, run *report.Run) (*floorChild, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &floorChild{cmd: exec.CommandContext(ctx, self, floorCommand)}
	c.cmd.Env = append(os.Environ(), "GOMAXPROCS=1") // one sender, as the server has one lane a core
	c.cmd.Stderr = os.Stderr
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.lines = json.NewDecoder(out)
	cores := s.Cores[:min(len(s.Cores), 1)]
	if err := machine.Start(c.cmd, cores); errors.Is(err, machine.ErrNotPinned) {
		run.Cautions = append(run.Cautions, err.Error())
	} else if err != nil {
		return nil, err
	}
	if err := json.NewEncoder(c.in).Encode(task); err != nil {
		c.end()
		return nil, fmt.Errorf("floor: task: %w", err)
	}
	return c, nil
}

func (c *floorChild) next() (line floorLine, err error) {
	if err := c.lines.Decode(&line); err != nil {
		return line, fmt.Errorf("floor: the process that replays ended: %w", err)
	}
	if line.Error != "" {
		return line, errors.New(line.Error)
	}
	return line, nil
}

// end lets it go, and waits for it.
func (c *floorChild) end() {
	_ = c.in.Close()
	_ = c.cmd.Wait()
}

// listed is a file of times and sizes.
type listed struct {
	Schema  int            `json:"schema"`
	Packets []floor.Packet `json:"packets"`
}

func writeList(to io.Writer, packets []floor.Packet) error {
	return json.NewEncoder(to).Encode(listed{Schema: report.Schema, Packets: packets})
}

func readList(name string) ([]floor.Packet, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var l listed
	if err := json.NewDecoder(file).Decode(&l); err != nil {
		return nil, fmt.Errorf("%s is no list of packets: %w", name, err)
	}
	if l.Schema != report.Schema || len(l.Packets) == 0 {
		return nil, fmt.Errorf("%s is no list of packets of this program", name)
	}
	return l.Packets, nil
}

// measureFloor is the command: the floor alone, of a list that a run has kept.
func measureFloor(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("floor", flag.ContinueOnError)
	flags.SetOutput(out)
	list := flags.String("list", "", "times and sizes, as « loadtest run … --list FILE » keeps them")
	viewers := flags.Int("viewers", 200, "how many")
	ways := flags.String("ways", strings.Join(floorWays, ","), "how packets are given to the kernel: segments (GSO), batch (sendmmsg), single (sendto)")
	cores := flags.String("cores", "0", "the core that sends; \"\" for any")
	others := flags.String("crowd-cores", "1,2,3", "the cores that swallow; \"\" for any")
	if err := flags.Parse(args); err != nil {
		return mistake{err}
	}
	sending, err1 := parseCores(*cores)
	swallowing, err2 := parseCores(*others)
	packets, err3 := readList(*list)
	if err := errors.Join(err1, err2, err3); err != nil {
		return mistake{err}
	}
	if len(swallowing) > 0 {
		if undo, err := machine.Pin(swallowing); err != nil {
			fmt.Fprintln(out, "caution:", err)
		} else {
			defer undo()
		}
	}
	r := &report.Report{Started: time.Now(), Machine: machine.Describe(), Scenario: &scenario.Scenario{Name: *list, Title: "The floor"}}
	for way := range strings.SplitSeq(*ways, ",") {
		run, err := playFloor(ctx, scenario.Server{Cores: sending}, way, floor.Task{Packets: packets, Viewers: *viewers})
		if err != nil {
			return err
		}
		run.Round = 1
		r.Runs = append(r.Runs, *run)
	}
	r.Finish()
	report.Table(out, r)
	return nil
}

// parseCores reads « 1,2,3 ».
func parseCores(text string) (cores []int, err error) {
	if text == "" {
		return nil, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		core, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || core < 0 {
			return nil, fmt.Errorf("%q names no cores: write « 1,2,3 »", text)
		}
		cores = append(cores, core)
	}
	return cores, nil
}

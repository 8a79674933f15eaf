package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"sync"
	"time"

	"antenne/sfu/peer"
	"antenne/signaling/dial"
)

func watch(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("watch", flag.ContinueOnError)
	flags.SetOutput(out)
	file := flags.String("links", "", "file of links; the first tells server and room")
	viewers := flags.Int("viewers", 20, "how many watch")
	five := flags.Bool("five", false, "as our own pages do: five lines")
	lasts := flags.Duration("for", 20*time.Second, "how long")
	if err := flags.Parse(args); err != nil {
		return err
	}
	links, err := readLinks(*file)
	if err != nil {
		return err
	}
	if *viewers < 1 {
		return errors.New("nobody watches")
	}
	a := audience{door: doorOf(links), five: *five}
	a.watch(ctx, *viewers, *lasts)
	a.print(out)
	return ctx.Err()
}

// doorOf prefers a viewer's or a screen's link, for a room that is private.
func doorOf(links []link) link {
	for _, role := range []string{"viewer", "screen"} {
		if some := ofRole(links, role); len(some) > 0 {
			return some[0]
		}
	}
	return link{base: links[0].base, room: links[0].room}
}

// audience is the viewers of one run. Results are owned under mu.
type audience struct {
	door link
	five bool

	mu                             sync.Mutex
	joined                         times // answer and start of the viewer
	first                          times // first complete frame
	failed                         map[string]int
	packets, frames, gaps, keys, n uint64
}

func (a *audience) watch(ctx context.Context, n int, lasts time.Duration) {
	until, done := context.WithTimeout(ctx, lasts)
	defer done()
	var people sync.WaitGroup
	for range n {
		people.Go(func() { a.one(until) })
	}
	people.Wait()
}

func (a *audience) one(ctx context.Context) {
	address := a.door.base + "/whep/" + a.door.room
	if a.five {
		address += "?slots=5"
	}
	began := time.Now()
	v, err := peer.View(ctx, dial.Exchange(address, a.door.token), peer.Want{Five: a.five})
	if err != nil {
		a.fail(err)
		return
	}
	a.joined.add(time.Since(began))
	<-ctx.Done()
	a.take(v.Lines())
	leaving, done := context.WithTimeout(context.Background(), within)
	defer done()
	if err := v.Close(leaving); err != nil {
		a.fail(err)
	}
}

func (a *audience) fail(err error) {
	why := "other"
	var refused *dial.Refused
	if errors.As(err, &refused) {
		why = refused.Code
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.failed == nil {
		a.failed = map[string]int{}
	}
	a.failed[why]++
}

func (a *audience) take(lines []peer.Line) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.n++
	for _, l := range lines {
		a.packets += l.Packets
		a.gaps += l.Gaps
		if l.Audio {
			continue
		}
		a.frames += l.Frames
		a.keys += l.Keyframes
		if l.FirstFrame > 0 {
			a.first.add(l.FirstFrame)
		}
	}
}

func (a *audience) print(out io.Writer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	loss := 0.0
	if a.packets > 0 {
		loss = 100 * float64(a.gaps) / float64(a.packets+a.gaps)
	}
	fmt.Fprintf(out, "%d viewers watched, failed %v\n  joined       %v\n  first frame  %v\n  packets %d, frames %d (%d key), missing %d (%.3f %%)\n",
		a.n, a.failed, &a.joined, &a.first, a.packets, a.frames, a.keys, a.gaps, loss)
}

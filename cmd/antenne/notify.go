package main

import (
	"context"
	"net"
	"strconv"
	"time"
)

// supervisor tells the service manager (systemd's notification socket, see
// sd_notify(3)) how the server is doing. Without one it says nothing.
type supervisor struct{ socket, watchdog string }

func newSupervisor(getenv func(string) string) supervisor {
	return supervisor{getenv("NOTIFY_SOCKET"), getenv("WATCHDOG_USEC")}
}

func (s supervisor) say(state string) {
	if s.socket == "" {
		return
	}
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: s.socket, Net: "unixgram"})
	if err != nil {
		return // nobody listens any more: there is nobody to tell
	}
	defer c.Close()
	c.Write([]byte(state))
}

// watch feeds the watchdog while the server is alive, until ctx ends: a server
// that hangs is started again. One that is alive but not ready (a full disk, a
// network that is down) is not: starting again would mend nothing.
func (s supervisor) watch(ctx context.Context, alive func(context.Context) error) {
	micros, err := strconv.ParseInt(s.watchdog, 10, 64)
	if err != nil || micros <= 0 {
		return
	}
	interval := time.Duration(micros) * time.Microsecond / 3
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			probe, cancel := context.WithTimeout(ctx, interval)
			if alive(probe) == nil {
				s.say("WATCHDOG=1")
			}
			cancel()
		}
	}
}

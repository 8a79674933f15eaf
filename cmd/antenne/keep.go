package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime"

	"antenne/rooms"
)

// The commands that look back at what was, or forget it.

func history(ctx context.Context, c *call) error {
	return printHistory(ctx, c, "/rooms/"+url.PathEscape(c.args[0])+"/history")
}

// printHistory prints the lines that the server sends at an address, by the
// clock of the séances.
func printHistory(ctx context.Context, c *call, path string) error {
	body, err := newClient(c.get("data")).open(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	defer body.Close()
	for decoder := json.NewDecoder(body); ; {
		var line historyLine
		if err := decoder.Decode(&line); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fail("server-cut", "data", c.get("data")).because(err)
		}
		fmt.Fprintf(c.stdout, "%s  %s\n", line.At.In(parisian).Format("2006-01-02 15:04:05"), line.Text)
	}
}

func erase(ctx context.Context, c *call) error {
	request := eraseRequest{Question: rooms.QuestionID(c.args[0])}
	return newClient(c.get("data")).ask(ctx, http.MethodPost, "/erase", request, nil)
}

func printVersion(_ context.Context, c *call) error {
	fmt.Fprintf(c.stdout, "antenne %s (%s, %s/%s), AGPL-3.0-or-later\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

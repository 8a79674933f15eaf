package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const socketName = "admin.sock"

// longestSocketPath is what the kernel takes in a socket's address.
const longestSocketPath = 107

// client speaks to the running server, as the account that may open its socket.
type client struct {
	data string
	http *http.Client
}

func newClient(data string) *client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "unix", filepath.Join(data, socketName))
	}
	return &client{data: data, http: &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}}
}

// ask sends one request and decodes its answer into reply (nil to ignore it).
func (c *client) ask(ctx context.Context, method, path string, request, reply any) error {
	body, err := c.open(ctx, method, path, request)
	if err != nil {
		return err
	}
	defer body.Close()
	if reply == nil {
		return nil
	}
	return json.NewDecoder(body).Decode(reply)
}

// open sends one request and hands back the body of its answer, to be closed
// by the caller.
func (c *client) open(ctx context.Context, method, path string, request any) (io.ReadCloser, error) {
	res, err := c.send(ctx, method, path, request)
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

// send is open with the whole answer.
func (c *client) send(ctx context.Context, method, path string, request any) (*http.Response, error) {
	var body io.Reader
	if request != nil {
		encoded, err := json.Marshal(request)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://antenne"+path, body)
	if err != nil {
		return nil, err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, c.unreachable(err)
	}
	if res.StatusCode >= 300 {
		defer res.Body.Close()
		return nil, decodeFailure(res)
	}
	return res, nil
}

func (c *client) unreachable(err error) error {
	switch {
	case errors.Is(err, os.ErrPermission):
		return fail("server-denied", "data", c.data).because(err)
	case errors.Is(err, os.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.EINVAL):
		return fail("server-absent", "data", c.data).because(err)
	}
	return fail("server-cut", "data", c.data).because(err)
}

func decodeFailure(res *http.Response) error {
	refused := &failure{}
	if err := json.NewDecoder(io.LimitReader(res.Body, 1<<16)).Decode(refused); err != nil || refused.Code == "" {
		return fail("unexpected", "cause", res.Status)
	}
	return refused
}

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"antenne/sfu/stock"
)

// stockReady begins the line that says where the plain server listens.
const stockReady = "listening on "

// serveStock is the plain server, until it is interrupted.
func serveStock(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("stock", flag.ContinueOnError)
	flags.SetOutput(out)
	address := flags.String("http", "127.0.0.1:0", "where to listen for offers")
	media := flags.String("media", "127.0.0.1:0", "one UDP address that clients can reach")
	if err := flags.Parse(args); err != nil {
		return mistake{err}
	}
	engine, err := stock.Listen(*media)
	if err != nil {
		return err
	}
	defer engine.Close()
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/", engine)
	mux.Handle("GET /metrics", promhttp.Handler())
	web := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(listener) }()
	fmt.Fprintln(out, stockReady+"http://"+listener.Addr().String())
	select {
	case err = <-ended:
	case <-ctx.Done():
		_ = web.Close()
		err = <-ended
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

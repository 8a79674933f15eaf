package main

import (
	"bytes"
	"errors"
	"log"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"time"

	"go.uber.org/zap"
)

// newHTTPServer sets the time-outs that keep slow strangers from holding
// connections. A WebSocket is hijacked, which lifts them; it has its own.
func newHTTPServer(handler http.Handler, log *zap.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      time.Minute, // a page over a very slow line
		IdleTimeout:       30 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          quietLog(log),
	}
}

// quietLog keeps addresses out of what net/http has to say, by keeping only
// the kind of trouble.
func quietLog(to *zap.Logger) *log.Logger { return log.New(&kindWriter{to}, "", 0) }

type kindWriter struct{ log *zap.Logger }

func (w *kindWriter) Write(line []byte) (int, error) {
	switch {
	case bytes.Contains(line, []byte("TLS handshake error")):
		w.log.Debug("a TLS handshake failed")
	case bytes.Contains(line, []byte("panic serving")):
		// The line goes on with an address, then the stack: keep the stack.
		_, stack, _ := bytes.Cut(line, []byte("\n"))
		w.log.Error("a handler panicked", zap.ByteString("stack", stack))
	default:
		w.log.Debug("http server trouble")
	}
	return len(line), nil
}

// listen opens a TCP listener, or says in one sentence why it cannot.
func listen(address, option string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err == nil {
		return l, nil
	}
	return nil, listenFailure(err, address, option)
}

// listenFailure names why an address cannot be listened on; option is the one
// that would change it.
func listenFailure(err error, address, option string) *failure {
	code := "port-unusable"
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		code = "port-taken"
	case errors.Is(err, os.ErrPermission):
		code = "port-denied"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		code = "port-elsewhere"
	}
	return fail(code, "address", address, "option", option).because(err)
}

// behindProxy believes X-Forwarded-For only from a proxy on this machine, and
// only its last element, which that proxy wrote itself. What comes from
// elsewhere loses these headers, so that nobody below can believe them. The
// address is used for the time of the request, and never logged.
func behindProxy(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if from, ok := remoteIP(r.RemoteAddr); ok && from.IsLoopback() {
			believeForwarded(r)
		} else {
			r.Header.Del("X-Forwarded-Proto")
			r.Header.Del("X-Forwarded-Host")
		}
		r.Header.Del("X-Forwarded-For")
		next.ServeHTTP(w, r)
	})
}

func believeForwarded(r *http.Request) {
	chain := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	last := strings.TrimSpace(chain[len(chain)-1])
	if ip, err := netip.ParseAddr(last); err == nil {
		r.RemoteAddr = netip.AddrPortFrom(ip.Unmap().WithZone(""), 0).String()
	}
}

func remoteIP(remote string) (netip.Addr, bool) {
	whole, err := netip.ParseAddrPort(remote)
	return whole.Addr().Unmap(), err == nil
}

// overTLS tells browsers that came by https:// to come back the same way.
func overTLS(https bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if https || r.Header.Get("X-Forwarded-Proto") == "https" {
			w.Header().Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

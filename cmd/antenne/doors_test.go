package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

func TestForwardedAddressesAreBelievedFromThisMachineOnly(t *testing.T) {
	for _, c := range []struct {
		name, remote string
		forwarded    []string
		want         string
	}{
		{"straight", "203.0.113.9:5000", nil, "203.0.113.9:5000"},
		{"a stranger pretends", "203.0.113.9:5000", []string{"127.0.0.1"}, "203.0.113.9:5000"},
		{"behind the proxy", "127.0.0.1:5000", []string{"203.0.113.9"}, "203.0.113.9:0"},
		{"behind the proxy, IPv6", "[::1]:5000", []string{"2001:db8::9"}, "[2001:db8::9]:0"},
		{"mapped", "[::ffff:127.0.0.1]:5000", []string{"::ffff:203.0.113.9"}, "203.0.113.9:0"},
		{"the visitor pretends to the proxy", "127.0.0.1:5000", []string{"127.0.0.1, 203.0.113.9"}, "203.0.113.9:0"},
		{"the visitor pretends in a header of its own", "127.0.0.1:5000", []string{"127.0.0.1", "203.0.113.9"}, "203.0.113.9:0"},
		{"nonsense", "127.0.0.1:5000", []string{"unknown"}, "127.0.0.1:5000"},
		{"this machine, without a proxy", "127.0.0.1:5000", nil, "127.0.0.1:5000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			request := httptest.NewRequest(http.MethodGet, "/", nil)
			request.RemoteAddr = c.remote
			request.Header["X-Forwarded-For"] = c.forwarded
			behindProxy(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if r.RemoteAddr != c.want || r.Header.Get("X-Forwarded-For") != "" {
					t.Errorf("remote %q, header %q; wanted %q and none", r.RemoteAddr, r.Header.Get("X-Forwarded-For"), c.want)
				}
			})).ServeHTTP(httptest.NewRecorder(), request)
		})
	}
}

func TestHTTPSIsToldToStay(t *testing.T) {
	for _, c := range []struct {
		https     bool
		remote    string
		forwarded string
		want      bool
	}{
		{true, "203.0.113.9:1", "", true},
		{false, "203.0.113.9:1", "", false},
		{false, "203.0.113.9:1", "https", false}, // a stranger may say so
		{false, "127.0.0.1:1", "https", true},
		{false, "127.0.0.1:1", "http", false},
	} {
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		request.RemoteAddr = c.remote
		request.Header.Set("X-Forwarded-Proto", c.forwarded)
		answer := httptest.NewRecorder()
		behindProxy(overTLS(c.https, http.HandlerFunc(sayWell))).ServeHTTP(answer, request)
		if got := answer.Header().Get("Strict-Transport-Security") != ""; got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// A stranger who sends one byte at a time is shown the door; a WebSocket that
// says nothing is not.
func TestSlowHeadersAreCutAndHijackedConnectionsAreNot(t *testing.T) {
	server := newHTTPServer(http.HandlerFunc(hijack), zap.NewNop())
	server.ReadHeaderTimeout, server.ReadTimeout, server.WriteTimeout = 200*time.Millisecond, 200*time.Millisecond, 200*time.Millisecond
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go serveOn(server, listener)
	defer server.Close()

	socket := dialRaw(t, listener.Addr().String())
	io.WriteString(socket, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	slow := dialRaw(t, listener.Addr().String())
	io.WriteString(slow, "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")
	slow.SetReadDeadline(time.Now().Add(20 * time.Second))
	answer, err := io.ReadAll(slow)
	if err != nil || strings.Contains(string(answer), "200 OK") {
		t.Fatalf("the slow one was not cut: %v, %q", err, answer)
	}
	// All time-outs have passed by now: the other one still speaks.
	io.WriteString(socket, "echo\n")
	socket.SetReadDeadline(time.Now().Add(20 * time.Second))
	reader := bufio.NewReader(socket)
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			t.Fatalf("the hijacked connection was cut: %v", err)
		}
		if line == "echo\n" {
			return
		}
	}
}

func hijack(w http.ResponseWriter, _ *http.Request) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	io.Copy(conn, buffered)
}

func dialRaw(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestTheLimitsOfTheRealServerAreThoseOfTheThreatModel(t *testing.T) {
	s := newHTTPServer(nil, zap.NewNop())
	if s.ReadHeaderTimeout != 5*time.Second || s.ReadTimeout != 15*time.Second || s.IdleTimeout != 30*time.Second || s.MaxHeaderBytes != 16<<10 {
		t.Errorf("time-outs are %+v", s)
	}
}

func TestTheServersOwnComplaintsHoldNoAddress(t *testing.T) {
	core, seen := observer.New(zap.DebugLevel)
	to := quietLog(zap.New(core))
	to.Print("http: TLS handshake error from 203.0.113.9:1234: EOF")
	to.Print("http: panic serving 203.0.113.9:1234: boom\ngoroutine 1 [running]:")
	to.Print("http: Accept error: accept tcp 203.0.113.9:80: too many open files; retrying")
	for _, entry := range seen.All() {
		text := entry.Message
		for _, field := range entry.Context {
			text += " " + field.String + string(bytesOf(field.Interface))
		}
		if strings.Contains(text, "203.0.113.9") {
			t.Errorf("an address was logged: %s", text)
		}
	}
	if seen.Len() != 3 {
		t.Errorf("%d lines were logged", seen.Len())
	}
}

func bytesOf(value any) []byte {
	b, _ := value.([]byte)
	return b
}

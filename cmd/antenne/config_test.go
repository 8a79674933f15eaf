package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"antenne/sfu"
)

func understood(t *testing.T, environ []string, args ...string) (*call, error) {
	t.Helper()
	command, rest := findCommand(args)
	if command == nil {
		t.Fatalf("no command in %v", args)
	}
	return command.parse(process{environ: environ}, rest)
}

func codesOf(err error) []string {
	var wrong mistakes
	if !errors.As(err, &wrong) {
		return nil
	}
	codes := make([]string, len(wrong))
	for i, one := range wrong {
		codes[i] = one.Code
	}
	return codes
}

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFlagsWinOverEnvironmentOverFileOverDefaults(t *testing.T) {
	config := write(t, "antenne.conf", "# a comment\n\nmedia = :3\nhttp = :3\nadmin = \"127.0.0.1:3\"\n")
	c, err := understood(t, []string{"ANTENNE_HTTP=:2", "ANTENNE_MEDIA=:2", "ANTENNE_CONFIG=" + config}, "serve", "--http=:1")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"http": ":1", "media": ":2", "admin": "127.0.0.1:3", "data": "./data"} {
		if got := c.get(name); got != want {
			t.Errorf("%s is %q, wanted %q", name, got, want)
		}
	}
	if !c.given["admin"] || c.given["data"] {
		t.Errorf("given is %v", c.given)
	}
}

func TestEveryMistakeIsToldAtOnce(t *testing.T) {
	config := write(t, "antenne.conf", "htpp = :80\nno equals sign\nlog = loud\n")
	_, err := understood(t, []string{"ANTENNE_MEDIA=7882"}, "serve", "--config", config, "--nothing", "--http", "here", "extra", "--admin")
	want := []string{"usage-option", "usage-value", "usage-extra", "config-name", "config-line", "usage-bad-value", "usage-bad-value", "usage-bad-value"}
	got := codesOf(err)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("told %v, wanted %v", got, want)
	}
}

func TestCommandsTakeFromTheFileOnlyWhatTheyKnow(t *testing.T) {
	config := write(t, "antenne.conf", "\ufeffhttp = :3\ndata = /srv/antenne\n")
	c, err := understood(t, nil, "room", "list", "--config", config)
	if err != nil || c.get("data") != "/srv/antenne" {
		t.Errorf("data is %q, %v", c.get("data"), err)
	}
}

func TestRequiredOptionsAndArguments(t *testing.T) {
	_, err := understood(t, nil, "link", "--role", "emperor")
	if got := codesOf(err); !slices.Equal(got, []string{"usage-bad-value", "usage-required"}) {
		t.Errorf("link without room: %v", got)
	}
	_, err = understood(t, nil, "history")
	if got := codesOf(err); !slices.Equal(got, []string{"usage-argument"}) {
		t.Errorf("history without room: %v", got)
	}
}

func TestSettingsThatDoNotGoTogether(t *testing.T) {
	pem := write(t, "cert.pem", "")
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"serve", "--tls-cert", pem}, []string{"tls-pair"}},
		{[]string{"serve", "--demo"}, nil},
		{[]string{"serve", "--demo", "--http", "localhost:0"}, nil},
		{[]string{"serve", "--demo", "--http", "[::1]:0"}, nil},
		{[]string{"serve", "--demo", "--http", ":8080"}, []string{"demo-public"}},
		{[]string{"serve", "--demo", "--http", ":8080", "--yes-public"}, nil},
		{[]string{"serve", "--demo", "--public-url", "https://antenne.example.org"}, []string{"demo-public"}},
		{[]string{"serve", "--demo", "--public-url", "http://localhost:9"}, nil},
		{[]string{"serve", "--demo", "--public-ip", "203.0.113.7"}, []string{"demo-public"}},
		{[]string{"serve", "--http", ":8080"}, nil},
	} {
		call, err := understood(t, nil, c.args...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := readSettings(call); !slices.Equal(codesOf(err), c.want) {
			t.Errorf("%v: %v, wanted %v", c.args, codesOf(err), c.want)
		}
	}
}

func TestLimitsReachTheEngine(t *testing.T) {
	for _, c := range []struct {
		args []string
		want sfu.Limits
	}{
		{nil, sfu.Limits{Source: 8e6, Layer: 4e6, Late: 2 * time.Second}},
		{[]string{"--egress", "500M", "--viewers", "300", "--ingest=12M", "--late=20"}, sfu.Limits{Egress: 500e6, Viewers: 300, Source: 12e6, Layer: 6e6, Late: 20 * time.Second}},
		{[]string{"--egress=1.5G"}, sfu.Limits{Egress: 1.5e9, Source: 8e6, Layer: 4e6, Late: 2 * time.Second}},
	} {
		call, err := understood(t, nil, append([]string{"serve"}, c.args...)...)
		if err != nil {
			t.Fatal(err)
		}
		if s, err := readSettings(call); err != nil || s.limits != c.want {
			t.Errorf("%v: %+v, %v", c.args, s.limits, err)
		}
	}
}

func TestKindsOfValues(t *testing.T) {
	for _, c := range []struct {
		kind kind
		good []string
		bad  []string
	}{
		{address, []string{":0", "127.0.0.1:80", "[::1]:443", "localhost:1"}, []string{"", "80", "host:80", ":65536", ":-1", ":http"}},
		{ips, []string{"", "203.0.113.7", "203.0.113.7,2001:db8::1"}, []string{"antenne.example.org", "1.2.3"}},
		{webURL, []string{"https://a.example.org", "http://localhost:8080/"}, []string{"a.example.org", "ftp://a", "https://a/path", "https://a?x", "https://u@a"}},
		{bitrate, []string{"", "0", "500M", "1.5G", "800k", "64000"}, []string{"-1", "M", "500 M", "500m", "NaN", "Inf", "1e9G", "2T", "0x10"}},
		{headcount, []string{"0", "300", "100000"}, []string{"", "-1", "1.5", "100001", "many"}},
		{lasting, []string{"12h", "45m", "9600h"}, []string{"0", "-1h", "12", "9601h", "demain"}},
		{yesOrNo, []string{"oui", "non", "true", "0", "yes"}, []string{"peut-être"}},
		{logStyle, []string{"json", "console"}, []string{"xml"}},
	} {
		for _, value := range c.good {
			if !c.kind.ok(value) {
				t.Errorf("%q refused: %s", value, c.kind.expected.en)
			}
		}
		for _, value := range c.bad {
			if c.kind.ok(value) {
				t.Errorf("%q accepted: %s", value, c.kind.expected.en)
			}
		}
	}
}

func TestHelpTellsEveryOptionInBothLanguages(t *testing.T) {
	for _, lang := range []string{"fr_FR.UTF-8", "en_GB.UTF-8"} {
		for _, command := range commands {
			var out bytes.Buffer
			args := append(strings.Fields(command.name), "--help")
			if code := run(t.Context(), process{args: args, environ: []string{"LANG=" + lang}, stdout: &out, stderr: &out}); code != exitDone {
				t.Errorf("%s --help ended with %d", command.name, code)
			}
			for _, o := range command.options {
				if !strings.Contains(out.String(), "--"+o.name) || o.help.fr == "" || o.help.en == "" {
					t.Errorf("%s --help (%s) does not tell --%s", command.name, lang, o.name)
				}
				if !o.spoken && !strings.Contains(out.String(), o.env()) {
					t.Errorf("%s --help does not tell %s", command.name, o.env())
				}
			}
		}
	}
}

func TestOptionsAreGivenByOneNameEverywhere(t *testing.T) {
	for _, command := range commands {
		for _, o := range command.options {
			if o.required && !o.spoken {
				t.Errorf("%s: --%s is required, and may come from a file nobody sees", command.name, o.name)
			}
			if o.fallback != "" && !o.kind.ok(o.fallback) {
				t.Errorf("%s: --%s has a default it would refuse", command.name, o.name)
			}
		}
	}
}

func FuzzConfigFile(f *testing.F) {
	f.Add([]byte("http = :8080\ndata=/x\n# c\n"))
	f.Add([]byte("=\n==\n\ufeff\x00"))
	f.Fuzz(func(t *testing.T, content []byte) {
		command, _ := findCommand([]string{"serve"})
		reading := &reading{command: command, lang: "fr", flags: map[string]string{}}
		values := reading.readLines("file", content)
		for name := range values {
			if !knownInFile(name) {
				t.Errorf("an unknown name came through: %q", name)
			}
		}
	})
}

package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"antenne/rooms"
)

// The commands of docs/installer.md are run as they are written, where they
// can be: those of antenne against a real server, in a folder and on ports of
// the test. The others (apt-get, systemctl…) must at least be known, so that a
// new one is thought about.

const installer = "../../docs/installer.md"

// machineCommands change the whole machine: read by people, not run here.
var machineCommands = map[string]bool{"sha256sum": true, "install": true, "apt-get": true, "systemctl": true, "find": true, "chown": true}

type documentedCommand struct {
	line    string
	content string // of its here-document, if any
}

var shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

func documentedCommands(t *testing.T) []documentedCommand {
	t.Helper()
	document, err := os.ReadFile(installer)
	if err != nil {
		t.Fatal(err)
	}
	var found []documentedCommand
	for _, block := range shellBlock.FindAllStringSubmatch(string(document), -1) {
		lines := strings.Split(strings.TrimSpace(block[1]), "\n")
		for i := 0; i < len(lines); i++ {
			c := documentedCommand{line: lines[i]}
			if strings.HasSuffix(c.line, "<<'FIN'") {
				for i++; lines[i] != "FIN"; i++ {
					c.content += lines[i] + "\n"
				}
			}
			found = append(found, c)
		}
	}
	return found
}

func TestTheInstallersCommandsWork(t *testing.T) {
	site := newInstallation(t)
	ran := map[string]bool{}
	for _, c := range documentedCommands(t) {
		words := site.words(t, c.line)
		switch {
		case words[0] == "antenne":
			site.antenne(t, words[1:])
			command, _ := findCommand(words[1:])
			ran[command.name] = true
		case words[0] == "cat" && words[2] == "/etc/antenne.conf":
			site.start(t, c.content)
		case words[0] == "cat" && words[2] == "/etc/caddy/Caddyfile":
			if !strings.Contains(c.content, "reverse_proxy "+site.documentedHTTP) {
				t.Errorf("Caddy sends visitors elsewhere than to %s:\n%s", site.documentedHTTP, c.content)
			}
		case words[0] == "curl":
			site.profile(t, words)
		case words[0] == "go" && words[1] == "tool" && words[2] == "pprof": // reads what curl fetched
		case !machineCommands[words[0]]:
			t.Errorf("nobody has thought about this command: %s", c.line)
		}
	}
	for i := range commands {
		if name := commands[i].name; !ran[name] && name != "serve" && name != "version" {
			t.Errorf("the installer's guide never shows « antenne %s »", name)
		}
	}
	site.server.stop()
}

// installation is the machine of the guide, in a folder of the test.
type installation struct {
	dir, config    string
	documentedHTTP string // where the guide's configuration listens
	server         *killable
	names          map[string]string // SEANCE, LIEN, QUESTION
}

func newInstallation(t *testing.T) *installation {
	t.Helper()
	site := &installation{dir: t.TempDir(), names: map[string]string{}}
	site.config = filepath.Join(site.dir, "antenne.conf")
	csv := regexp.MustCompile("(?s)```csv\n(.*?)```")
	document, err := os.ReadFile(installer)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(site.dir, "centres.csv"), csv.FindSubmatch(document)[1], 0o600); err != nil {
		t.Fatal(err)
	}
	return site
}

// start serves with the guide's own configuration, its folder and ports being
// those of the test.
func (s *installation) start(t *testing.T, config string) {
	t.Helper()
	_, after, found := strings.Cut(config, "http = ")
	if !found || !strings.Contains(config, "data = /var/lib/antenne") || !strings.Contains(config, "public-url = https://") {
		t.Fatalf("the guide's configuration lacks something:\n%s", config)
	}
	s.documentedHTTP, _, _ = strings.Cut(after, "\n")
	config = strings.ReplaceAll(config, "http = "+s.documentedHTTP, "http = 127.0.0.1:0\nmedia = 127.0.0.1:0\nadmin = 127.0.0.1:0")
	config = strings.ReplaceAll(config, "/var/lib/antenne", filepath.Join(s.dir, "data"))
	config = strings.ReplaceAll(config, "public-url = https://antenne.exemple.fr", "")
	if err := os.WriteFile(s.config, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	s.server = &killable{t: t, binary: realBinary(t), data: filepath.Join(s.dir, "data"), args: []string{"serve", "--config", s.config}}
	s.server.start()
}

// words splits a line as the shell would, and puts the test's paths and names
// in place of the guide's.
func (s *installation) words(t *testing.T, line string) []string {
	t.Helper()
	line = strings.ReplaceAll(line, "--config /etc/antenne.conf", "--config "+s.config)
	var words []string
	for _, found := range regexp.MustCompile(`"([^"]*)"|(\S+)`).FindAllStringSubmatch(line, -1) {
		word := found[1] + found[2]
		if name := s.names[word]; name != "" {
			word = name
		}
		words = append(words, word)
	}
	return words
}

func (s *installation) antenne(t *testing.T, args []string) {
	t.Helper()
	switch strings.Join(args[:2], " ") {
	case "erase QUESTION":
		args[1] = s.ask(t)
	case "device list":
		s.pair(t)
	case "restore sauvegarde.tar": // into a folder of the test, which the lines before would have emptied
		args[3] = strings.Replace(args[3], "/var/lib/private", s.dir, 1)
		if !strings.HasPrefix(args[3], s.dir) {
			t.Fatalf("the guide puts a copy back into %s", args[3])
		}
	}
	cmd := exec.Command(s.server.binary, args...)
	cmd.Dir = s.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("antenne %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	switch strings.Join(args[:2], " ") {
	case "room add":
		s.names["SEANCE"] = strings.TrimSpace(string(out))
	case "link list":
		s.names["LIEN"], _, _ = strings.Cut(string(out), " ")
	case "device list":
		s.names["APPAREIL"], _, _ = strings.Cut(string(out), " ")
	}
}

// profile fetches what the guide's curl would, for one second, and looks
// whether it is one.
func (s *installation) profile(t *testing.T, words []string) {
	t.Helper()
	line := strings.Join(words, " ")
	path := regexp.MustCompile(`'http://antenne(/\S+)seconds=\d+'`).FindStringSubmatch(line)
	if path == nil || !strings.Contains(line, "--unix-socket /var/lib/private/antenne/admin.sock") {
		t.Fatalf("not a profile: %s", line)
	}
	body, err := newClient(s.server.data).open(t.Context(), "GET", path[1]+"seconds=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	zipped, err := gzip.NewReader(body)
	if err != nil {
		t.Fatalf("no profile comes from the socket: %v", err)
	}
	if raw, err := io.ReadAll(zipped); err != nil || !bytes.Contains(raw, []byte("cpu")) {
		t.Errorf("%d bytes that are no profile: %v", len(raw), err)
	}
}

// pair has an animator open a screen by the code it shows.
func (s *installation) pair(t *testing.T) {
	t.Helper()
	screen := s.server.pairs("POST", "/pair/screen", "", "")
	desk := s.server.deskToken(rooms.RoomID(s.names["SEANCE"]), "fives")
	s.server.pairs("POST", "/pair/confirm", desk, `{"code":"`+screen["code"]+`"}`)
}

// ask has an animator type a question, and gives how the history names it.
func (s *installation) ask(t *testing.T) string {
	t.Helper()
	const id = "0b0e7f5c"
	b := newBurst(s.server)
	token := s.server.deskToken(rooms.RoomID(s.names["SEANCE"]), "fives")
	b.sendFrom(t.Context(), desk{token: token, outbox: []string{id}})
	if !b.isDone(id) {
		t.Fatal("the question was not accepted")
	}
	return id
}

func TestTheServiceIsOneThatSystemdUnderstands(t *testing.T) {
	unit := filepath.Join(t.TempDir(), "antenne.service")
	content, err := os.ReadFile("../../docs/antenne.service")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"Type=notify", "DynamicUser=yes", "StateDirectory=antenne", "StateDirectoryMode=0700", "LimitNOFILE=65536", "ProtectSystem=strict", "NoNewPrivileges=yes"} {
		if !strings.Contains(string(content), "\n"+line+"\n") {
			t.Errorf("the service lacks %s", line)
		}
	}
	start := regexp.MustCompile(`(?m)^ExecStart=/usr/local/bin/antenne (.*)$`).FindSubmatch(content)
	if start == nil {
		t.Fatal("the service starts nothing we know")
	}
	command, rest := findCommand(strings.Fields(string(start[1])))
	reading := &reading{command: command, lang: "fr", flags: map[string]string{}}
	if reading.readFlags(rest); len(reading.wrong) > 0 {
		t.Errorf("the service's own options are not understood: %v", reading.wrong)
	}
	verify, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not here: the service's lines were read, not verified")
	}
	// The program is not installed here: any executable stands in its place.
	content = regexp.MustCompile(`/usr/local/bin/antenne`).ReplaceAll(content, []byte("/bin/true"))
	if err := os.WriteFile(unit, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(verify, "verify", unit).CombinedOutput(); err != nil {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}

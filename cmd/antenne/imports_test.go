package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// folderRules says which folders of the house may know which others, in the
// order of the design. "x/..." means x and all below; the first rule that
// names a folder holds. Test files may reach further (they drive real servers
// with real clients), so only what ships is held to this table.
var folderRules = []struct {
	folder string
	may    []string
	reason string
}{
	{"cmd/...", []string{"..."}, "cmd is the only place where the pieces are wired together"},
	{"rooms", nil, "the domain is values and functions: it stays readable, replayable and testable only while no machinery gets in"},
	{"rooms/words", nil, "the catalogue of sentences is read by everyone, so it depends on no one"},
	{"signaling/dial", []string{"signaling/wire", "sfu/peer", "rooms", "sfu"}, "the other side of both doors speaks the wire and the media client, never the server it talks to"},
	{"signaling/...", []string{"rooms", "rooms/live", "rooms/journal", "rooms/words", "sfu", "signaling/wire", "signaling/access"}, "signaling is where rooms and media meet, through their front doors only"},
	{"rooms/journal/...", []string{"rooms", "rooms/journal"}, "the log keeps entries; who watches them is not its business"},
	{"rooms/live", []string{"rooms", "rooms/journal", "rooms/words"}, "open rooms sit on the domain and the log, and must never learn about sockets or media"},
	{"rooms/notify", []string{"rooms", "rooms/journal", "rooms/words"}, "a notifier is a reader of the log like any other"},
	{"web", []string{"rooms", "rooms/words"}, "pages show views, redacted by the domain; cmd hands them in"},
	{"sfu/packet", nil, "packet arithmetic is pure, so that it can be fuzzed and reused by every sink"},
	{"sfu/egress", []string{"sfu/packet"}, "sending datagrams needs no knowledge of who they are for"},
	{"sfu/viewer", []string{"sfu/packet", "sfu/egress"}, "a viewer's session is fed by lanes; it never reaches back into broadcasts"},
	{"sfu/port", nil, "telling protocols apart by first bytes needs nothing of the media engine"},
	{"sfu/record", []string{"sfu", "sfu/packet"}, "a recorder is a sink like any other: no private road"},
	{"sfu/peer/...", []string{"sfu", "sfu/packet", "sfu/peer/..."}, "a client must work against any server, so it knows only our words for media"},
	{"sfu/stock", []string{"sfu", "sfu/packet"}, "the plain server exists to be beaten fairly: it shares nothing but words"},
	{"sfu/internal/...", []string{"sfu/packet"}, "internals of the engine serve it; they do not steer it"},
	{"sfu", []string{"sfu/packet", "sfu/egress", "sfu/viewer", "sfu/port", "sfu/internal/..."}, "the engine never knows rooms: signaling is where they meet"},
	{"loadtest/...", []string{"loadtest/...", "signaling/wire", "signaling/dial", "sfu", "sfu/packet", "sfu/peer", "sfu/egress", "sfu/stock"}, "a crowd comes through the public doors, like the people it stands for"},
}

// moduleRules names every foreign module the shipped code imports, the
// folders that may, and why we carry it at all.
var moduleRules = []struct {
	module  string
	folders []string
	reason  string
}{
	{"github.com/pion/", []string{"sfu/..."}, "the frozen v3 line must stay replaceable: the day Pion changes, one folder changes"},
	{"modernc.org/sqlite", []string{"rooms/journal/..."}, "the log has one interface; which engine holds it is nobody else's business"},
	{"github.com/gorilla/websocket", []string{"signaling/..."}, "there is one WebSocket, with its limits, and its client"},
	{"github.com/google/uuid", []string{"cmd/...", "rooms/live", "signaling/...", "sfu/...", "loadtest/..."}, "ids come from outside the domain, which is handed them"},
	{"github.com/prometheus/client_golang/", []string{"cmd/...", "loadtest/..."}, "measures are exposed by cmd, on its admin listener only"},
	{"go.uber.org/zap", []string{"cmd/...", "rooms/live", "sfu/...", "signaling/...", "web", "loadtest/..."}, "logs leave through one door; the domain and the log have nothing to say there"},
	{"golang.org/x/text/", []string{"signaling/...", "rooms/live"}, "texts are normalised at the door, before the domain sees them"},
	{"golang.org/x/sync/", []string{"cmd/...", "rooms/live", "rooms/journal/...", "sfu/...", "signaling/...", "loadtest/..."}, "errgroup: who starts goroutines waits for them"},
	{"golang.org/x/sys/", []string{"cmd/...", "rooms/journal/...", "sfu/...", "loadtest/..."}, "what only the kernel knows: free space, batched sends, which core runs what"},
	{"github.com/BurntSushi/toml", []string{"loadtest/..."}, "a scenario is a file that people write: comments, strict keys, no meaning in white space"},
	{"rsc.io/qr", []string{"cmd/...", "web"}, "codes on the printable sheets, and on the pages that show an address"},
}

// minimumVersions are the first releases without a known hole we would open
// (or, for Go, the newest patch when this table was last read through).
var minimumVersions = []struct{ module, version, reason string }{
	{"go", "1.26.8", "the toolchain's patch level is a dependency like any other: crypto/tls and net/http are compiled in"},
	{"github.com/pion/webrtc/v3", "v3.3.6", "CVE-2021-28681 is before; last release of the line"},
	{"github.com/pion/interceptor", "v0.1.39", "CVE-2025-49140: bad padding brings the process down"},
	{"github.com/pion/dtls/v2", "v2.2.12", "last of its line; GHSA-4xgv and GHSA-hxp2 are before"},
	{"github.com/pion/turn/v4", "v4.1.4", "the relay, when embedded, must bring the repaired STUN parser"},
	{"github.com/pion/stun/v3", "v3.1.5", "GHSA-34rh-wp3j-6cxc: panic on a zero-length address attribute"},
	{"github.com/pion/dtls/v3", "v3.1.4", "CVE-2026-26014 and CVE-2026-54908"},
	{"github.com/nats-io/nats-server/v2", "v2.12.6", "GHSA-vprv-35vv-q339: crash before authentication"},
	{"github.com/gorilla/websocket", "v1.5.3", "older ones overflow on frame lengths (CVE-2020-27813)"},
	{"golang.org/x/crypto", "v0.57.0", "measured set of the media engine; older ones carry known advisories"},
	{"golang.org/x/net", "v0.59.0", "measured set; html and http2 parsers of older ones carry known advisories"},
}

const modulePath = "antenne"

type goPackage struct {
	ImportPath, Export                 string
	Standard                           bool
	Imports, TestImports, XTestImports []string
	Module                             *struct{ Path, Version, GoVersion string }
}

func (p goPackage) folder() string {
	return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, modulePath), "/")
}

func goList(t *testing.T, args ...string) []goPackage {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json"}, args...)...)
	cmd.Dir = "../.."
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	var packages []goPackage
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		packages = append(packages, p)
	}
}

func within(folder, pattern string) bool {
	if pattern == "..." {
		return true
	}
	base, below := strings.CutSuffix(pattern, "/...")
	return folder == base || below && strings.HasPrefix(folder, base+"/")
}

func TestFoldersImportOnlyWhatTheDesignAllows(t *testing.T) {
	for _, p := range goList(t, "./...") {
		for _, path := range p.Imports {
			if problem := folderProblem(p.folder(), path); problem != "" {
				t.Error(problem)
			}
		}
		for _, path := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			if to, ours := strings.CutPrefix(path, modulePath+"/cmd/"); ours && !strings.HasPrefix(p.folder(), "cmd/") {
				t.Errorf("%s imports cmd/%s: nobody imports cmd; it is the last to know", p.folder(), to)
			}
		}
	}
}

func folderProblem(from, imported string) string {
	to, ours := strings.CutPrefix(imported, modulePath+"/")
	if !ours {
		return ""
	}
	for _, rule := range folderRules {
		if !within(from, rule.folder) {
			continue
		}
		if slices.ContainsFunc(rule.may, func(pattern string) bool { return within(to, pattern) }) {
			return ""
		}
		return fmt.Sprintf("%s imports %s, which is not among %v: %s", from, to, rule.may, rule.reason)
	}
	return fmt.Sprintf("%s is in no rule of this table: say what it may know, and why", from)
}

func TestModulesAreImportedOnlyWhereTheyBelong(t *testing.T) {
	standard := map[string]bool{}
	for _, p := range goList(t, "std") {
		standard[p.ImportPath] = true
	}
	for _, p := range goList(t, "./...") {
		for _, imported := range p.Imports {
			if standard[imported] || imported == "C" || strings.HasPrefix(imported, modulePath+"/") {
				continue
			}
			if problem := moduleProblem(p.folder(), imported); problem != "" {
				t.Error(problem)
			}
		}
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			if strings.HasPrefix(imported, "github.com/pion/") && !within(p.folder(), "sfu/...") {
				t.Errorf("the tests of %s import %s: tests outside sfu use sfu/peer, so that Pion can change", p.folder(), imported)
			}
		}
	}
}

func moduleProblem(from, imported string) string {
	for _, rule := range moduleRules {
		if !strings.HasPrefix(imported+"/", strings.TrimSuffix(rule.module, "/")+"/") {
			continue
		}
		if slices.ContainsFunc(rule.folders, func(pattern string) bool { return within(from, pattern) }) {
			return ""
		}
		return fmt.Sprintf("%s imports %s, allowed only in %v: %s", from, imported, rule.folders, rule.reason)
	}
	return fmt.Sprintf("%s imports %s, which no rule names: say who may, and why we carry it", from, imported)
}

// TestTheRulesBite keeps the two tests above honest: a rule that lets
// everything through would pass them as well.
func TestTheRulesBite(t *testing.T) {
	forbidden := []struct{ from, to string }{
		{"rooms", "antenne/rooms/journal"},
		{"rooms/live", "antenne/sfu"},
		{"sfu", "antenne/rooms"},
		{"sfu/peer", "antenne/signaling/wire"},
		{"web", "antenne/rooms/live"},
		{"signaling/dial", "antenne/signaling"},
		{"nowhere", "antenne/rooms"},
	}
	for _, f := range forbidden {
		if folderProblem(f.from, f.to) == "" {
			t.Errorf("%s may import %s, and should not", f.from, f.to)
		}
	}
	for _, f := range []struct{ from, to string }{
		{"signaling", "github.com/pion/webrtc/v3"},
		{"cmd/antenne", "github.com/gorilla/websocket"},
		{"rooms/live", "modernc.org/sqlite"},
		{"rooms", "go.uber.org/zap"},
		{"sfu", "github.com/new/thing"},
	} {
		if moduleProblem(f.from, f.to) == "" {
			t.Errorf("%s may import %s, and should not", f.from, f.to)
		}
	}
}

func TestNoExportedNameOfTheEngineMentionsPion(t *testing.T) {
	ours := goList(t, "./...")
	listed := goList(t, "-export", "-deps", "./sfu/...")
	exports := map[string]string{}
	for _, p := range listed {
		exports[p.ImportPath] = p.Export
	}
	load := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, fmt.Errorf("no compiled form of %s", path)
		}
		return os.Open(exports[path])
	})
	checked := 0
	for _, p := range listed {
		if !within(p.folder(), "sfu/...") || strings.Contains(p.ImportPath, "/internal/") || p.Standard {
			continue
		}
		if slices.Equal(heardBy(ours, p.ImportPath), []string{"sfu"}) && p.folder() == "sfu/viewer" {
			continue
		}
		pkg, err := load.Import(p.ImportPath)
		if err != nil {
			t.Fatal(err)
		}
		checked++
		for _, leak := range pionLeaks(pkg) {
			t.Errorf("%s: %s: the engine's own types are what keeps Pion in one folder", p.ImportPath, leak)
		}
	}
	if checked == 0 {
		t.Error("no package of the engine was looked at")
	}
}

// heardBy tells who imports a package of ours, besides itself. One that sfu
// alone imports may speak Pion's words: nobody outside can hear them.
func heardBy(all []goPackage, path string) (others []string) {
	for _, p := range all {
		if p.ImportPath != path && slices.Contains(p.Imports, path) {
			others = append(others, p.folder())
		}
	}
	return others
}

func pionLeaks(pkg *types.Package) []string {
	walk := &typeWalk{home: pkg, seen: map[types.Type]bool{}}
	for _, name := range pkg.Scope().Names() {
		if object := pkg.Scope().Lookup(name); object.Exported() {
			walk.visit(object.Type(), name)
		}
	}
	return walk.leaks
}

// typeWalk follows everything a foreign package can reach from an exported
// name: exported fields, promoted methods, parameters, results, elements.
type typeWalk struct {
	home  *types.Package
	seen  map[types.Type]bool
	leaks []string
}

func (w *typeWalk) visit(t types.Type, where string) {
	if t == nil || w.seen[t] {
		return
	}
	w.seen[t] = true
	switch t := t.(type) {
	case *types.Alias:
		w.visit(types.Unalias(t), where)
	case *types.Named:
		w.visitNamed(t, where)
	case *types.Pointer:
		w.visit(t.Elem(), where)
	case *types.Slice:
		w.visit(t.Elem(), where)
	case *types.Array:
		w.visit(t.Elem(), where)
	case *types.Chan:
		w.visit(t.Elem(), where)
	case *types.Map:
		w.visit(t.Key(), where)
		w.visit(t.Elem(), where)
	case *types.Signature:
		w.visit(t.Params(), where)
		w.visit(t.Results(), where)
	case *types.Tuple:
		for i := range t.Len() {
			w.visit(t.At(i).Type(), where)
		}
	case *types.Struct:
		for i := range t.NumFields() {
			if field := t.Field(i); field.Exported() {
				w.visit(field.Type(), where+"."+field.Name())
			}
		}
	case *types.Interface:
		for i := range t.NumMethods() {
			if method := t.Method(i); method.Exported() {
				w.visit(method.Type(), where+"."+method.Name())
			}
		}
	}
}

func (w *typeWalk) visitNamed(t *types.Named, where string) {
	if pkg := t.Obj().Pkg(); pkg != nil && strings.HasPrefix(pkg.Path(), "github.com/pion/") {
		w.leaks = append(w.leaks, where+" mentions "+t.String())
		return
	} else if pkg != w.home {
		return
	}
	w.visit(t.Underlying(), where)
	methods := types.NewMethodSet(types.NewPointer(t))
	for i := range methods.Len() {
		if method := methods.At(i).Obj(); method.Exported() {
			w.visit(method.Type(), where+"."+method.Name())
		}
	}
	for i := range t.TypeArgs().Len() {
		w.visit(t.TypeArgs().At(i), where)
	}
}

func TestModulesAreNotOlderThanTheirRepairs(t *testing.T) {
	in := map[string]string{}
	for _, p := range goList(t, "-deps", "./...") {
		if p.Module != nil {
			in[p.Module.Path] = p.Module.Version
		}
	}
	in["go"] = strings.TrimPrefix(goVersion(t), "go")
	for _, minimum := range minimumVersions {
		have, used := in[minimum.module]
		if used && olderThan(have, minimum.version) {
			t.Errorf("%s is %s, wanted %s or later: %s", minimum.module, have, minimum.version, minimum.reason)
		}
	}
	if _, used := in["github.com/pion/webrtc/v3"]; !used {
		t.Error("the list of modules does not even hold the media engine: this test looked at nothing")
	}
}

func TestOlderThan(t *testing.T) {
	for _, c := range []struct {
		a, b  string
		older bool
	}{
		{"v0.1.38", "v0.1.39", true}, {"v0.1.49", "v0.1.39", false}, {"v1.0.0", "v1.0.0", false},
		{"v2.2.9", "v2.2.12", true}, {"1.26.10", "1.26.8", false}, {"1.26", "1.26.8", true}, {"v3.1.0-rc1", "v3.1.1", true},
	} {
		if olderThan(c.a, c.b) != c.older {
			t.Errorf("olderThan(%q, %q) = %v", c.a, c.b, !c.older)
		}
	}
}

func goVersion(t *testing.T) string {
	t.Helper()
	cmd := exec.Command("go", "env", "GOVERSION")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	version, _, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	return version
}

// olderThan compares dotted versions number by number; what follows a dash is
// not looked at, since no minimum is a pre-release.
func olderThan(a, b string) bool {
	return slices.Compare(versionNumbers(a), versionNumbers(b)) < 0
}

func versionNumbers(version string) []int {
	version, _, _ = strings.Cut(strings.TrimPrefix(version, "v"), "-")
	numbers := make([]int, 3)
	for i, part := range strings.SplitN(version, ".", 3) {
		fmt.Sscanf(path.Base(part), "%d", &numbers[i])
	}
	return numbers
}

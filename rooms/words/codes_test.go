package words_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// codesOfTree finds the codes that the Go sources of the tree (not their tests) may say to people, and where. A code
// is recognised by how the house writes one:
//
//	const CodeAirHeld = "air-held"     a constant or variable named Code…, code… or …Code
//	code = "air-held"                  an assignment to such a variable or field
//	Refusal{Code: "air-held"}          a field named Code or code
//	refuse("air-held", …)              the first text given to a function that refuses
//	words.Sentence(lang, "air-held")   a sentence asked for by name
//	checkText(s, 1, 500, "question")   the three refusals that a check of a text can give
func codesOfTree(t *testing.T, top string) map[string]string {
	t.Helper()
	found := finder{files: token.NewFileSet(), codes: map[string]string{}}
	walkSources(t, top, func(path string) error {
		if strings.HasSuffix(path, ".go") {
			return found.read(path)
		}
		return nil
	})
	return found.codes
}

var quotedCode = regexp.MustCompile(`["'` + "`" + `]([a-z0-9]+(?:-[a-z0-9]+)*)["'` + "`" + `]`)

// textsOfTree finds everything written like a code, between quotes, in the Go and the pages' sources of the tree.
func textsOfTree(t *testing.T, top string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	walkSources(t, top, func(path string) error {
		raw, err := os.ReadFile(path)
		for _, m := range quotedCode.FindAllSubmatch(raw, -1) {
			found[string(m[1])] = true
		}
		return err
	})
	return found
}

// walkSources visits the Go and JavaScript files of the tree that are not tests.
func walkSources(t *testing.T, top string, visit func(path string) error) {
	t.Helper()
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && skipped(d.Name()) {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, "_test.go") || !strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".js") {
			return nil
		}
		return visit(path)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// skipped: what is not ours, and the crowd of loadtest, whose codes are lines of a report and are said to nobody.
func skipped(dir string) bool {
	return dir == "loadtest" || dir == "node_modules" || dir == "testdata" || dir == "vendor" || len(dir) > 2 && dir[0] == '.'
}

type finder struct {
	files *token.FileSet
	codes map[string]string // code, then where it was first seen
}

var (
	codeName = regexp.MustCompile(`^[Cc]ode([A-Z]|$)|Code$`)
	refusing = regexp.MustCompile(`^([Rr]efus(e|al|ed)|fail|bye|[Rr]eject|[Dd]eny)([A-Z].*)?$`)
	checking = regexp.MustCompile(`^check(Text|Lines)$`)
)

func (f *finder) read(path string) error {
	file, err := parser.ParseFile(f.files, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			f.spec(n)
		case *ast.AssignStmt:
			f.assign(n)
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && codeName.MatchString(key.Name) {
				f.literal(n.Value)
			}
		case *ast.CallExpr:
			f.call(n)
		}
		return true
	})
	return nil
}

func (f *finder) spec(n *ast.ValueSpec) {
	for i, name := range n.Names {
		if codeName.MatchString(name.Name) && i < len(n.Values) {
			f.literal(n.Values[i])
		}
	}
}

func (f *finder) assign(n *ast.AssignStmt) {
	for i, left := range n.Lhs {
		if codeName.MatchString(nameOf(left)) && i < len(n.Rhs) {
			f.literal(n.Rhs[i])
		}
	}
}

func (f *finder) call(n *ast.CallExpr) {
	switch name := nameOf(n.Fun); {
	case refusing.MatchString(name):
		for _, arg := range n.Args {
			if speaksOfCode(arg) || f.literal(arg) {
				return
			}
		}
	case name == "Sentence" && len(n.Args) > 1:
		f.literal(n.Args[1])
	case checking.MatchString(name) && len(n.Args) > 2:
		f.checked(n)
	}
}

// checked adds what a check of a text can refuse; one that may be empty is never refused for it.
func (f *finder) checked(n *ast.CallExpr) {
	subject, ok := text(n.Args[len(n.Args)-1])
	if !ok {
		return
	}
	endings := []string{"-too-long", "-characters"}
	if least, ok := n.Args[1].(*ast.BasicLit); ok && len(n.Args) == 4 && least.Value != "0" {
		endings = append(endings, "-empty")
	}
	for _, ending := range endings {
		f.add(subject+ending, n.Pos())
	}
}

// speaksOfCode: the code is a constant, found where it is declared, or is put together, and checked as checkText is.
func speaksOfCode(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if name, ok := n.(*ast.Ident); ok && codeName.MatchString(name.Name) {
			found = true
		}
		return !found
	})
	return found
}

func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

func text(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

// literal adds a code written as a text; a refusal made of several words is not a code but a mistake of another kind.
func (f *finder) literal(e ast.Expr) bool {
	s, ok := text(e)
	if ok && kebab.MatchString(s) {
		f.add(s, e.Pos())
	}
	return ok
}

func (f *finder) add(code string, at token.Pos) {
	if _, known := f.codes[code]; !known {
		p := f.files.Position(at)
		f.codes[code] = p.Filename + ":" + strconv.Itoa(p.Line)
	}
}

package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"sort"
	"strings"
	"sync"
)

// asset is one static file. Static after construction.
type asset struct {
	body    []byte
	zipped  []byte // nil when not worth it
	kind    string // Content-Type
	imports []string
}

// assets are all static files under one hash of the whole tree, so that modules can import each other by
// relative names and still be kept for ever by browsers. Static after construction.
type assets struct {
	files map[string]*asset // by path under static/
	hash  string
}

var importLine = regexp.MustCompile(`(?m)^\s*(?:import|export)\b[^'"\n;]*?(?:from\s*)?['"](\.{1,2}/[^'"]+)['"]`)

// builtIn reads the files inside the program once, whatever the number of handlers.
var builtIn = sync.OnceValues(func() (*assets, error) { return loadAssets(embedded) })

func loadAssets(files fs.FS) (*assets, error) {
	a := &assets{files: map[string]*asset{}}
	err := fs.WalkDir(files, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		rel := strings.TrimPrefix(name, "static/")
		a.files[rel] = newAsset(rel, body)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("web: static files: %w", err)
	}
	a.hash = a.sum()
	return a, a.checkImports()
}

func newAsset(name string, body []byte) *asset {
	body = lean(name, body)
	f := &asset{body: body, kind: kindOf(name), zipped: zip(body)}
	if path.Ext(name) == ".js" {
		for _, m := range importLine.FindAllSubmatch(body, -1) {
			f.imports = append(f.imports, path.Join(path.Dir(name), string(m[1])))
		}
	}
	return f
}

// kindOf does not ask the machine's own table: it differs from one to the next.
func kindOf(name string) string {
	switch ext := path.Ext(name); ext {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".json", ".webmanifest":
		return "application/json"
	default:
		if kind := mime.TypeByExtension(ext); kind != "" {
			return kind
		}
		return "application/octet-stream"
	}
}

// zip is for what is zipped once and sent for ever. It returns nil unless it saves at least a tenth.
func zip(body []byte) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	return zipWith(z, &b, body)
}

// quick holds writers for what is made anew at each request: the machine's time counts more than the last bytes.
var quick = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	return z
}}

func zipQuickly(body []byte) []byte {
	z := quick.Get().(*gzip.Writer)
	defer quick.Put(z)
	var b bytes.Buffer
	z.Reset(&b)
	return zipWith(z, &b, body)
}

func zipWith(z *gzip.Writer, b *bytes.Buffer, body []byte) []byte {
	_, _ = z.Write(body)
	_ = z.Close()
	if b.Len() > len(body)*9/10 {
		return nil
	}
	return b.Bytes()
}

func (a *assets) sum() string {
	names := make([]string, 0, len(a.files))
	for name := range a.files {
		names = append(names, name)
	}
	sort.Strings(names)
	h := sha256.New()
	for _, name := range names {
		fmt.Fprintf(h, "%s %d\n", name, len(a.files[name].body))
		h.Write(a.files[name].body)
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}

func (a *assets) checkImports() error {
	for name, f := range a.files {
		for _, wanted := range f.imports {
			if a.files[wanted] == nil {
				return fmt.Errorf("web: static/%s imports %s, which does not exist", name, wanted)
			}
		}
	}
	return nil
}

// url is the address of a file, good for ever.
func (a *assets) url(name string) string { return "/static/" + a.hash + "/" + name }

func (a *assets) has(name string) bool { return a.files[name] != nil }

// closure lists a module and all that it imports, each once, the module itself first.
func (a *assets) closure(module string) []string {
	seen := map[string]bool{}
	var list []string
	var visit func(string)
	visit = func(name string) {
		if seen[name] || a.files[name] == nil {
			return
		}
		seen[name] = true
		list = append(list, name)
		for _, next := range a.files[name].imports {
			visit(next)
		}
	}
	visit(module)
	return list
}

// serveAsset answers /static/{hash}/{file}. A page left open over an upgrade still finds its files: an old hash is
// sent to the present one.
func (s *site) serveAsset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	f := s.assets.files[name]
	if f == nil {
		s.problem(w, r, http.StatusNotFound, "not-found")
		return
	}
	if r.PathValue("hash") != s.assets.hash {
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, s.assets.url(name), http.StatusFound)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("ETag", `"`+s.assets.hash+`"`)
	h.Set("Content-Type", f.kind)
	writeBody(w, r, http.StatusOK, f.body, f.zipped)
}

// writeBody sends a body, zipped when there is such a form and the browser takes it; 304 when it already has it.
func writeBody(w http.ResponseWriter, r *http.Request, status int, body, zipped []byte) {
	h := w.Header()
	h.Add("Vary", "Accept-Encoding")
	if tag := h.Get("ETag"); tag != "" && status == http.StatusOK && matches(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if zipped != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = zipped
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

func matches(wanted, tag string) bool {
	for _, one := range strings.Split(wanted, ",") {
		if one = strings.TrimPrefix(strings.TrimSpace(one), "W/"); one == tag || one == "*" {
			return true
		}
	}
	return false
}

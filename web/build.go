package web

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"sync"
)

// Build names the pages inside this program: a hash of all that they are made of, their words included. A page
// carries it as data-build and the class tells it in its welcome; where they differ, the page is from before an
// upgrade (or a step back) and says so.
func Build() string { return build() }

var build = sync.OnceValue(func() string {
	sum, err := sumFiles(embedded)
	if err != nil {
		panic(fmt.Sprintf("web: files inside the program: %v", err)) // embed.FS reads from memory
	}
	return sum
})

// sumFiles hashes names and contents, in the order of the names.
func sumFiles(files fs.FS) (string, error) {
	h := sha256.New()
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(files, name)
		fmt.Fprintf(h, "%s %d\n", name, len(body))
		h.Write(body)
		return err
	})
	return hex.EncodeToString(h.Sum(nil))[:12], err
}

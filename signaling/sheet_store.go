package signaling

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"antenne/rooms"
)

const (
	sheetUpload   = "upload-"        // begins the name of a file that is being written
	sheetUnlogged = 10 * time.Minute // a stored sheet that no room speaks of is removed after so long
	sheetMagic    = 8                // bytes by which a kind of file is known
)

// sheetStore is the folder of the sheets: one file each, named by its own 128 random bits, readable by the server's account alone. A
// file has its name only when it is whole and on the disk. It may be used from any goroutine.
type sheetStore struct {
	dir string // static

	replacing sync.Mutex // held while a room is told of a sheet, so that each that had its place is let go

	mu     sync.Mutex
	copied int             // owned under mu: copies of the folder under way; nothing is removed meanwhile
	owed   []rooms.SheetID // owned under mu: to be removed once they are done
}

// openSheets makes the folder, and removes what a killed server was writing.
func openSheets(dir string) (*sheetStore, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, sheetTrouble(err)
	}
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), sheetUpload) {
			err = errors.Join(err, os.Remove(filepath.Join(dir, e.Name())))
		}
	}
	if err != nil {
		return nil, sheetTrouble(err)
	}
	return &sheetStore{dir: dir}, nil
}

func (s *sheetStore) path(id rooms.SheetID) string { return filepath.Join(s.dir, string(id)) }

// put stores what from holds. Refusals: sheet-empty, sheet-large, sheet-type, sheet-disk-full, sheet-folder, request-malformed.
func (s *sheetStore) put(from io.Reader, kind string) (id rooms.SheetID, size int64, err error) {
	f, err := os.CreateTemp(s.dir, sheetUpload) // 0600
	if err != nil {
		return "", 0, sheetTrouble(err)
	}
	defer func() {
		_ = f.Close()
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	if size, err = copySheet(f, from, kind); err != nil {
		return "", 0, err
	}
	id = rooms.SheetID(newSecret())
	if err = errors.Join(f.Sync(), f.Close(), os.Rename(f.Name(), s.path(id)), syncFolder(s.dir)); err != nil {
		return "", 0, sheetTrouble(err)
	}
	return id, size, nil
}

// copySheet takes at most MaxSheet bytes, and looks at what they are before any is written.
func copySheet(to io.Writer, from io.Reader, kind string) (int64, error) {
	head := make([]byte, sheetMagic)
	n, err := io.ReadFull(from, head)
	switch {
	case err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return 0, halfWay(err)
	case n == 0:
		return 0, refuse(codeSheetEmpty)
	case !isKind(head[:n], kind):
		return 0, sheetType()
	}
	source := &sheetReader{from: io.MultiReader(bytes.NewReader(head[:n]), io.LimitReader(from, rooms.MaxSheet+1-int64(n)))}
	size, err := io.Copy(to, source)
	switch {
	case source.failed != nil:
		return 0, halfWay(source.failed)
	case err != nil:
		return 0, sheetTrouble(err)
	case size > rooms.MaxSheet:
		return 0, sheetLarge()
	}
	return size, nil
}

// halfWay tells why a sheet did not come: it was too slow, or its sender left.
func halfWay(err error) error {
	if refusalOf(err).code == codeSheetSlow {
		return err
	}
	return refuse(codeRequest)
}

// sheetReader remembers whether it was the reading that failed.
type sheetReader struct {
	from   io.Reader
	failed error
}

func (r *sheetReader) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.failed = err
	}
	return n, err
}

// isKind looks at the first bytes: what a sender says of a file is not believed.
func isKind(head []byte, kind string) bool {
	magic := map[string]string{"application/pdf": "%PDF-", "image/png": "\x89PNG\r\n\x1a\n", "image/jpeg": "\xff\xd8\xff"}[kind]
	return magic != "" && bytes.HasPrefix(head, []byte(magic))
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// sheetTrouble says what is wrong with the folder.
func sheetTrouble(err error) error {
	said := refuse(codeSheetFolder)
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		said = refuse(codeSheetDisk)
	}
	return &sheetError{said, err}
}

// sheetError is a folder that cannot be used: said is for who asked, cause for the log.
type sheetError struct{ said, cause error }

func (e *sheetError) Error() string { return "the folder of the sheets: " + e.cause.Error() }

func (e *sheetError) Unwrap() error { return e.said }

func (s *sheetStore) open(id rooms.SheetID) (*os.File, error) { return os.Open(s.path(id)) }

// hold keeps every sheet where it is until release, so that a copy of the log finds what it names. What was to go meanwhile goes
// then; release tells what would not.
func (s *sheetStore) hold() (release func() error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.copied++
	return sync.OnceValue(s.letGo)
}

func (s *sheetStore) letGo() (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.copied--; s.copied > 0 {
		return nil
	}
	for _, id := range s.owed {
		err = errors.Join(err, s.remove(id))
	}
	s.owed = nil
	return err
}

// drop removes a sheet, after the copies that are under way; one that is not there is no error.
func (s *sheetStore) drop(id rooms.SheetID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.copied > 0 {
		s.owed = append(s.owed, id)
		return nil
	}
	return s.remove(id)
}

func (s *sheetStore) remove(id rooms.SheetID) error {
	if err := os.Remove(s.path(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// sweep removes the files that nobody keeps and that have been there for a while.
func (s *sheetStore) sweep(keep map[rooms.SheetID]bool, before time.Time) error {
	entries, err := os.ReadDir(s.dir)
	for _, e := range entries {
		info, gone := e.Info()
		if gone == nil && !keep[rooms.SheetID(e.Name())] && info.ModTime().Before(before) {
			err = errors.Join(err, s.drop(rooms.SheetID(e.Name())))
		}
	}
	return err
}

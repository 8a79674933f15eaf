package journal

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	dbName   = "journal.db"
	markName = "journal.mark"
	lockName = "journal.lock"
)

var (
	errExposed = errors.New("other users may enter the folder, and it holds files that are not ours to hide")
	errLocked  = errors.New("another process holds the lock")
)

// prepareFolder makes DIR or closes it to others. A folder that already holds something else is not ours to close: refused.
func prepareFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return openFailure(dir, err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return openFailure(dir, err)
	}
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	if ours, err := holdsOnlyOurs(dir); err != nil {
		return openFailure(dir, err)
	} else if !ours {
		return openError(CodeExposed, dir, errExposed)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return openFailure(dir, err)
	}
	return nil
}

// holdsOnlyOurs accepts the journal's own files, and the administration socket that may be made beside them first.
func holdsOnlyOurs(dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false, err
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), "journal.") && e.Name() != "admin.sock" {
			return false, nil
		}
	}
	return true, nil
}

// lockFolder takes the lock that the kernel lets go when the process ends, however it ends.
func lockFolder(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, openFailure(dir, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, openError(CodeLocked, dir, errLocked)
		}
		return nil, openFailure(dir, err)
	}
	return f, nil
}

// privateFile makes the file for its owner only, before SQLite would make it for everyone, and tells its size.
func privateFile(path string) (size int64, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	if err := f.Chmod(0o600); err != nil {
		return 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// diskFull says whether less than a page's worth of room is left for us.
func diskFull(dir string) bool {
	var s syscall.Statfs_t
	if syscall.Statfs(dir, &s) != nil {
		return false
	}
	return uint64(s.Bavail)*uint64(s.Bsize) < 64<<10
}

// checkHeader refuses a database file whose first hundred bytes SQLite would misread as read-only, as a newer format or as another
// text encoding, rather than as damaged. Layout: sqlite.org/fileformat2.html section 1.3.
func checkHeader(path string, size int64) error {
	if size == 0 {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	h := make([]byte, 100)
	if _, err := f.ReadAt(h, 0); err != nil {
		return damaged("", 0, "the file is cut short", err)
	}
	versions := h[18] >= 1 && h[18] <= 2 && h[19] >= 1 && h[19] <= 2
	fractions := h[21] == 64 && h[22] == 32 && h[23] == 32
	if string(h[:16]) != "SQLite format 3\x00" || !versions || !fractions {
		return damaged("", 0, "the file's header was changed", nil)
	}
	return nil
}

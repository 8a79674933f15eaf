package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"antenne/rooms/live"
)

var restoreHelp = text{
	"Le serveur doit être arrêté et le dossier donné à --data vide. Tout est relu : une copie abîmée n’est pas remise. Les fichiers sont donnés au propriétaire du dossier.",
	"The server must be stopped and the folder given to --data empty. Everything is read back: a damaged copy is not put back. The files are given to the folder's owner.",
}

// restore puts a copy back into an empty folder, whole or not at all.
func restore(ctx context.Context, c *call) (err error) {
	path, data := c.args[0], c.get("data")
	from, err := os.Open(path)
	if err != nil {
		return fail("backup-unreadable", "path", path).because(err)
	}
	defer from.Close()
	if err := emptyFolder(data); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, emptied(data))
		}
	}()
	if err := putBack(from, data); err != nil {
		return fail("backup-broken", "path", path).because(err)
	}
	sheets, err := readBack(ctx, data)
	if err != nil {
		return err
	}
	missing, err := onlyNamed(data, sheets)
	if err != nil {
		return fail("data-unwritable", "path", data).because(err)
	}
	c.sayMissing(missing)
	return giveToOwner(data)
}

// emptyFolder makes the folder, or sees to it that nothing is in it.
func emptyFolder(data string) error {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return fail("data-unwritable", "path", data).because(err)
	}
	entries, err := os.ReadDir(data)
	switch {
	case err != nil:
		return fail("data-unwritable", "path", data).because(err)
	case len(entries) > 0:
		return fail("restore-occupied", "path", data)
	}
	return nil
}

// emptied takes everything out of the folder again.
func emptied(data string) (err error) {
	entries, err := os.ReadDir(data)
	for _, e := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(data, e.Name())))
	}
	return err
}

// putBack writes the files of a copy. One of the first copies was the log alone.
func putBack(from io.Reader, data string) error {
	const alone = "SQLite format 3\x00"
	in := bufio.NewReader(from)
	if head, err := in.Peek(len(alone)); err == nil && string(head) == alone {
		return writePrivate(filepath.Join(data, copiedLog), in)
	}
	if err := os.Mkdir(filepath.Join(data, sheetFolder), 0o700); err != nil {
		return err
	}
	return readCopy(in, func(name string, file io.Reader) error {
		return writePrivate(filepath.Join(data, filepath.FromSlash(name)), file)
	})
}

func writePrivate(path string, from io.Reader) error {
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Sync(), to.Close())
}

// copiedName is what may be in a copy: never a path that leads elsewhere.
var copiedName = regexp.MustCompile(`^(?:journal\.db|sheets/[A-Za-z0-9_-]{22})$`)

// readCopy hands over each file of a copy, and then holds all of them against
// the sums, which come last.
func readCopy(from io.Reader, each func(name string, file io.Reader) error) error {
	found := map[string]string{}
	for in := tar.NewReader(from); ; {
		head, err := in.Next()
		switch {
		case errors.Is(err, io.EOF):
			return errors.New("it has no sums: its end is missing")
		case err != nil:
			return err
		case head.Name == copiedSums:
			return checkSums(in, found)
		case head.Typeflag != tar.TypeReg || !copiedName.MatchString(head.Name) || found[head.Name] != "":
			return fmt.Errorf("%q does not belong into it", head.Name)
		}
		sum := sha256.New()
		file := io.TeeReader(in, sum)
		if err := each(head.Name, file); err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, file); err != nil {
			return err
		}
		found[head.Name] = hex.EncodeToString(sum.Sum(nil))
	}
}

func checkSums(from io.Reader, found map[string]string) error {
	sums, err := io.ReadAll(io.LimitReader(from, mostAdminRequest))
	if err != nil {
		return err
	}
	listed := 0
	for line := range bytes.Lines(sums) {
		sum, name, _ := strings.Cut(strings.TrimSuffix(string(line), "\n"), "  ")
		if found[name] == "" || found[name] != sum {
			return fmt.Errorf("%q is not what was copied", name)
		}
		listed++
	}
	if listed != len(found) || found[copiedLog] == "" {
		return errors.New("its sums are not those of its files")
	}
	return nil
}

// onlyNamed removes sheets that the log does not name, and counts those that
// it names and that are not there.
func onlyNamed(data string, sheets []live.NamedSheet) (missing int, err error) {
	folder := filepath.Join(data, sheetFolder)
	named := map[string]int64{}
	for _, sheet := range sheets {
		named[string(sheet.ID)] = sheet.Size
	}
	entries, err := os.ReadDir(folder)
	if errors.Is(err, os.ErrNotExist) {
		return len(named), nil
	}
	for _, e := range entries {
		info, trouble := e.Info()
		size, known := named[e.Name()]
		if trouble == nil && known && info.Size() == size {
			delete(named, e.Name())
			continue
		}
		err = errors.Join(err, os.Remove(filepath.Join(folder, e.Name())))
	}
	return len(named), err
}

// giveToOwner gives what was put back to whoever the folder belongs to: root
// puts a copy back for the account of the service.
func giveToOwner(data string) error {
	info, err := os.Stat(data)
	if err != nil {
		return err
	}
	owner, known := info.Sys().(*syscall.Stat_t)
	if !known || os.Geteuid() != 0 {
		return nil
	}
	return filepath.WalkDir(data, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, int(owner.Uid), int(owner.Gid))
	})
}

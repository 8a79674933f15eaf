package main

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"go.uber.org/zap"

	"antenne/rooms/journal"
	"antenne/rooms/live"
)

// A copy is an ordinary tar: the log, the sheets that the log names, and last
// of all their sums, as sha256sum writes them. Without its sums it is not whole.
const (
	copiedLog   = "journal.db"
	sheetFolder = "sheets"
	copiedSums  = "SHA256SUMS"

	headerMissing = "Antenne-Missing" // how many sheets the log names and the folder has not
)

// copyFolder begins the name of the folder where a copy is made. One that a
// killed server left holds texts: sweepCopies.
const copyFolder = "backup-"

// adminBackup sends a copy of the log and of the sheets that it names. Nothing
// of the copy stays on the disk, whatever becomes of the server.
func (h *house) adminBackup(w http.ResponseWriter, r *http.Request) {
	defer h.doors.HoldSheets()()
	copied, sheets, err := h.copyLog(r.Context())
	if err != nil {
		writeAdmin(w, h.log, nil, err)
		return
	}
	defer copied.Close()
	there, missing := h.sheetsThere(sheets)
	w.Header().Set(headerMissing, strconv.Itoa(missing))
	if err := h.writeCopy(w, copied, there); err != nil {
		h.log.Error("a copy broke off", zap.Error(err))
		panic(http.ErrAbortHandler)
	}
}

// copyLog makes a copy beside the journal, reads all of it back, lists the
// sheets that it names, opens it and takes its name away.
func (h *house) copyLog(ctx context.Context) (*os.File, []live.NamedSheet, error) {
	folder, err := os.MkdirTemp(h.settings.data, copyFolder)
	if err != nil {
		return nil, nil, fail("data-unwritable", "path", h.settings.data).because(err)
	}
	defer os.RemoveAll(folder)
	path, err := filepath.Abs(filepath.Join(folder, copiedLog))
	if err != nil {
		return nil, nil, err
	}
	if err := h.journal.Backup(ctx, path); err != nil {
		return nil, nil, err
	}
	sheets, err := readBack(ctx, folder)
	if err != nil {
		return nil, nil, err
	}
	copied, err := os.Open(path)
	return copied, sheets, err
}

// readBack checks the log of a folder that nobody serves, whole, and lists the
// sheets that it names.
func readBack(ctx context.Context, folder string) (sheets []live.NamedSheet, err error) {
	log, err := journal.OpenSQLite(folder)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	return live.SheetsNamed(ctx, log)
}

// sheetsThere lists the files of the sheets that are whole, and counts the others.
func (h *house) sheetsThere(sheets []live.NamedSheet) (there []string, missing int) {
	for _, sheet := range sheets {
		path := filepath.Join(h.settings.data, sheetFolder, string(sheet.ID))
		if info, err := os.Stat(path); err != nil || info.Size() != sheet.Size {
			missing++
			continue
		}
		there = append(there, path)
	}
	return there, missing
}

func (h *house) writeCopy(to io.Writer, log *os.File, sheets []string) error {
	out := &copyWriter{tar: tar.NewWriter(to), at: time.Now().Truncate(time.Second)}
	if err := out.add(copiedLog, log); err != nil {
		return err
	}
	for _, path := range sheets {
		if err := out.addFile(sheetFolder+"/"+filepath.Base(path), path); err != nil {
			return err
		}
	}
	return out.close()
}

// copyWriter writes a copy and keeps its sums. One goroutine owns it.
type copyWriter struct {
	tar  *tar.Writer
	at   time.Time
	sums []byte
}

func (c *copyWriter) addFile(name, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return c.add(name, file)
}

func (c *copyWriter) add(name string, file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if err := c.begin(name, info.Size()); err != nil {
		return err
	}
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(c.tar, sum), file); err != nil {
		return err
	}
	c.sums = fmt.Appendf(c.sums, "%s  %s\n", hex.EncodeToString(sum.Sum(nil)), name)
	return nil
}

func (c *copyWriter) begin(name string, size int64) error {
	return c.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: c.at})
}

// close writes the sums: what comes before them is whole.
func (c *copyWriter) close() error {
	if err := c.begin(copiedSums, int64(len(c.sums))); err != nil {
		return err
	}
	if _, err := c.tar.Write(c.sums); err != nil {
		return err
	}
	return c.tar.Close()
}

var backupHelp = text{
	"Le fichier (un « tar » ordinaire) contient le journal et les fiches. Il contient les textes des questions : gardez-le aussi bien que le serveur, et effacez-le au bout de 30 jours, comme le serveur efface les siens. Pour revenir à une copie : antenne restore.",
	"The file (an ordinary tar) holds the log and the sheets. It holds the texts of the questions: keep it as safe as the server, and delete it after 30 days, as the server deletes its own. To go back to a copy: antenne restore.",
}

// backup receives the copy over the socket, so that the file belongs to who
// asked for it, wherever the server itself may write, and reads it back.
func backup(ctx context.Context, c *call) (err error) {
	path := c.args[0]
	out, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fail("backup-exists", "path", path)
	} else if err != nil {
		return fail("backup-unwritable", "path", path).because(err)
	}
	defer func() {
		if err = errors.Join(err, out.Close()); err != nil {
			os.Remove(path)
		}
	}()
	missing, err := receiveCopy(ctx, c, out)
	if err != nil {
		return err
	}
	if _, err := out.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := readCopy(out, func(string, io.Reader) error { return nil }); err != nil {
		return fail("backup-broken", "path", path).because(err)
	}
	c.sayMissing(missing)
	return out.Sync()
}

func receiveCopy(ctx context.Context, c *call, out *os.File) (missing int, err error) {
	res, err := newClient(c.get("data")).send(ctx, http.MethodGet, "/backup", nil)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	if _, err := io.Copy(out, res.Body); err != nil {
		return 0, fail("backup-unwritable", "path", out.Name()).because(err)
	}
	missing, _ = strconv.Atoi(res.Header.Get(headerMissing))
	return missing, nil
}

// sayMissing warns beside the answer: a copy without a sheet is better than none.
func (c *call) sayMissing(sheets int) {
	if sheets > 0 {
		fmt.Fprintf(c.stderr, text{"Attention : %d fiche(s) du journal ne sont pas dans le dossier.\n", "Beware: %d sheet(s) of the log are not in the folder.\n"}.in(c.lang), sheets)
	}
}

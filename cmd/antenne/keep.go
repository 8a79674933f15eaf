package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"runtime"

	"antenne/rooms"
)

// The commands that look back at what was, keep it or forget it.

func history(ctx context.Context, c *call) error {
	path := "/rooms/" + url.PathEscape(c.args[0]) + "/history"
	body, err := newClient(c.get("data")).open(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	defer body.Close()
	for decoder := json.NewDecoder(body); ; {
		var line historyLine
		if err := decoder.Decode(&line); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fail("server-cut", "data", c.get("data")).because(err)
		}
		fmt.Fprintf(c.stdout, "%s  %s\n", line.At.In(parisian).Format("2006-01-02 15:04:05"), line.Text)
	}
}

func erase(ctx context.Context, c *call) error {
	request := eraseRequest{Question: rooms.QuestionID(c.args[0])}
	return newClient(c.get("data")).ask(ctx, http.MethodPost, "/erase", request, nil)
}

var backupHelp = text{
	"Le fichier contient les textes des questions : gardez-le aussi bien que le serveur, et effacez-le au bout de 30 jours, comme le serveur efface les siens. Pour revenir à une copie, mettez-la sous le nom journal.db dans un dossier vide donné à --data.",
	"The file holds the texts of the questions: keep it as safe as the server, and delete it after 30 days, as the server deletes its own. To go back to a copy, put it under the name journal.db in an empty folder given to --data.",
}

// backup receives the copy over the socket, so that the file belongs to who
// asked for it, wherever the server itself may write.
func backup(ctx context.Context, c *call) (err error) {
	path := c.args[0]
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
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
	body, err := newClient(c.get("data")).open(ctx, http.MethodGet, "/backup", nil)
	if err != nil {
		return err
	}
	defer body.Close()
	if _, err := io.Copy(out, body); err != nil {
		return fail("backup-unwritable", "path", path).because(err)
	}
	return out.Sync()
}

func printVersion(_ context.Context, c *call) error {
	fmt.Fprintf(c.stdout, "antenne %s (%s, %s/%s), AGPL-3.0-or-later\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

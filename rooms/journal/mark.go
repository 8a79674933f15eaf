package journal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
)

// mark is the small file that remembers, apart from the database, how many entries were acknowledged. It is written after each
// commit and never flushed: a kill cannot take it back, a power cut may leave it behind the truth but never ahead. A database that
// holds fewer entries than its mark has lost its tail, whatever SQLite says of it.
//
// Owned by the writer goroutine after OpenSQLite.
type mark struct{ f *os.File }

const (
	markMagic = "ANTMARK1"
	markSize  = 8 + 16 + 8 + 4 // magic, database id, entries, CRC-32C
)

func openMark(path string) (*mark, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Chmod(0o600); err != nil {
		f.Close()
		return nil, err
	}
	return &mark{f: f}, nil
}

// read returns the mark, or known false when there is none or it is itself damaged: it is a witness, not the thing.
func (m *mark) read() (id []byte, entries int64, known bool, err error) {
	b := make([]byte, markSize)
	if _, err := m.f.ReadAt(b, 0); errors.Is(err, io.EOF) {
		return nil, 0, false, nil
	} else if err != nil {
		return nil, 0, false, err
	}
	if string(b[:8]) != markMagic || !bytes.Equal(b[32:], rowSum(b[:32])) {
		return nil, 0, false, nil
	}
	return b[8:24], int64(binary.BigEndian.Uint64(b[24:32])), true, nil
}

// write overwrites in place, which needs no room on the disk. A failure only makes the witness older.
func (m *mark) write(h house) error {
	b := make([]byte, 0, markSize)
	b = append(b, markMagic...)
	b = append(b, h.id...)
	b = binary.BigEndian.AppendUint64(b, uint64(h.entries))
	b = append(b, rowSum(b)...)
	_, err := m.f.WriteAt(b, 0)
	return err
}

func (m *mark) close() error { return m.f.Close() }

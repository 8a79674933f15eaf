package journal_test

import (
	"testing"

	"antenne/rooms/journal"
	"antenne/rooms/journal/journaltest"
)

func TestMemoryKeepsTheContract(t *testing.T) {
	journaltest.Run(t, func(*testing.T) (journal.Journal, string) { return journal.NewMemory(), "" })
}

func TestSQLiteKeepsTheContract(t *testing.T) {
	journaltest.Run(t, func(t *testing.T) (journal.Journal, string) {
		dir := t.TempDir()
		j, err := journal.OpenSQLite(dir)
		if err != nil {
			t.Fatal(err)
		}
		return j, dir
	})
}

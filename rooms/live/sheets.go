package live

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"antenne/rooms"
	"antenne/rooms/journal"
)

// NamedSheet is a sheet that a room has.
type NamedSheet struct {
	ID   rooms.SheetID
	Size int64 // bytes
}

// SheetsNamed lists the sheets that the rooms of a journal have, as it stands now, by id. It reads the whole journal.
func SheetsNamed(ctx context.Context, j journal.Journal) ([]NamedSheet, error) {
	streams, err := j.Streams(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the rooms of the journal: %w", err)
	}
	var all []NamedSheet
	for _, s := range streams {
		if !IsRoom(s) {
			continue
		}
		sheet, err := sheetNamed(ctx, j, s)
		if err != nil {
			return nil, fmt.Errorf("read the sheet of %s: %w", s, err)
		}
		if sheet.ID != "" {
			all = append(all, sheet)
		}
	}
	slices.SortFunc(all, func(a, b NamedSheet) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return all, nil
}

func sheetNamed(ctx context.Context, j journal.Journal, s journal.Stream) (sheet NamedSheet, err error) {
	head, err := j.Head(ctx, s)
	if err != nil || head == 0 {
		return NamedSheet{}, err
	}
	for e, err := range j.Follow(ctx, s, 0) {
		if err != nil {
			return NamedSheet{}, err
		}
		events, err := rooms.DecodeEvents(e.Meta, fromJournal(e.Private))
		if err != nil {
			return NamedSheet{}, err
		}
		for _, ev := range events {
			switch ev := ev.(type) {
			case rooms.SheetSet:
				sheet = NamedSheet{ev.Sheet, ev.Size}
			case rooms.SheetDropped:
				sheet = NamedSheet{}
			}
		}
		if e.Seq >= head {
			return sheet, nil
		}
	}
	return NamedSheet{}, ctx.Err() // the loop ends before the head only when ctx does
}

package live

import (
	"context"
	"errors"
	"slices"
	"time"

	"antenne/rooms"

	"go.uber.org/zap"
)

const (
	// Retention is how long the texts of questions, and whom links were given to, are kept after the séance.
	Retention     = 30 * 24 * time.Hour
	retentionStep = time.Hour
)

// EraseQuestion erases the texts of a question for good, in memory and on the disk. Doing it again is no error;
// question-unknown when no room has it.
func (h *Hall) EraseQuestion(ctx context.Context, id rooms.QuestionID) error {
	found := false
	for _, k := range h.all() {
		has := false
		k.ask(func() { has = slices.Contains(k.room.Questions(), id) })
		if !has {
			continue
		}
		found = true
		if err := k.erase(ctx, string(id)); err != nil {
			return err
		}
	}
	if !found {
		return refusal(CodeNoQuestion)
	}
	return nil
}

// erase forgets first, which also keeps new texts out, then removes what the journal holds. Interrupted between the two, it is
// finished by the retention: see leftovers.
func (k *Keeper) erase(ctx context.Context, id string) error {
	if _, err := k.Do(ctx, rooms.Actor{Role: rooms.System, Room: k.id}, rooms.Erasure(id)); err != nil {
		return err
	}
	if err := k.hall.journal.Erase(ctx, k.stream, id); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		k.log.Error("the journal did not erase", zap.Error(err))
		return journalRefusal(err)
	}
	k.ask(func() { delete(k.texts, id) })
	return nil
}

// overdue lists, by private id, the texts that have been kept long enough, and those forgotten without the journal being so.
// Owned by run.
func (k *Keeper) overdue(now time.Time) (ids []string) {
	for id, written := range k.texts {
		if k.room.Forgotten(id) || !now.Before(k.keepUntil(written)) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// keepUntil: 30 days after the end; of a room that never ended, 30 days after its hour, and after the text itself.
func (k *Keeper) keepUntil(written time.Time) time.Time {
	if end := k.room.EndedAt(); !end.IsZero() {
		return end.Add(Retention)
	}
	if at := k.room.StartsAt(); at.After(written) {
		return at.Add(Retention)
	}
	return written.Add(Retention)
}

// Sheet is the sheet that the room has now, and until when it keeps it: as long as a text written with it. Without an ID when it has
// none, or the Keeper is closing.
func (k *Keeper) Sheet() (sheet rooms.SheetEntity, until time.Time) {
	k.ask(func() {
		var since time.Time
		sheet, since = k.room.Sheet()
		until = k.keepUntil(since)
	})
	return sheet, until
}

func (h *Hall) runRetention() {
	defer h.running.Done()
	for {
		h.retain()
		c, stop := h.clock.After(retentionStep)
		select {
		case <-c:
		case <-h.ctx.Done():
			stop()
			return
		}
	}
}

func (h *Hall) retain() {
	now := h.clock.Now()
	if err := h.forgetOrphans(h.ctx); err != nil && !errors.Is(err, context.Canceled) {
		h.log.Error("screens paired by a revoked link are not forgotten yet", zap.Error(err)) // the next hour tries again
	}
	if err := h.lookAtDevices(h.ctx, now); err != nil && !errors.Is(err, context.Canceled) {
		h.log.Error("screens that nobody uses are not forgotten yet", zap.Error(err))
	}
	for _, k := range h.all() {
		var ids []string
		k.ask(func() { ids = k.overdue(now) })
		for i, id := range ids {
			if err := k.erase(h.ctx, id); err != nil {
				if !errors.Is(err, context.Canceled) {
					k.log.Error("texts past their time are not erased yet", zap.Int("texts", len(ids)-i), zap.Error(err))
				}
				break // the next hour tries again
			}
		}
	}
}

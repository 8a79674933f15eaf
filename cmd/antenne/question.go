package main

import (
	"context"
	"strings"

	"antenne/rooms"
	"antenne/rooms/journal"
	"antenne/rooms/live"
)

// leastPrefix is how much of a question's id must be typed: what the history shows.
const leastPrefix = 8

// findQuestion finds the whole id of a question from how it begins, as the
// history shows it. One that fits several is refused: erasing cannot be undone.
func (h *house) findQuestion(ctx context.Context, prefix string) (rooms.QuestionID, error) {
	prefix = strings.ToLower(prefix)
	if len(prefix) < leastPrefix {
		return "", fail("question-unknown")
	}
	streams, err := h.journal.Streams(ctx)
	if err != nil {
		return "", err
	}
	found := map[rooms.QuestionID]bool{}
	for _, stream := range streams {
		if !live.IsRoom(stream) {
			continue
		}
		if err := h.gatherQuestions(ctx, stream, prefix, found); err != nil {
			return "", err
		}
	}
	switch len(found) {
	case 0:
		return "", fail("question-unknown")
	case 1:
		for id := range found {
			return id, nil
		}
	}
	return "", fail("question-ambiguous", "question", prefix)
}

// gatherQuestions adds the questions of one stream, up to now, whose id begins so.
func (h *house) gatherQuestions(ctx context.Context, stream journal.Stream, prefix string, found map[rooms.QuestionID]bool) error {
	head, err := h.journal.Head(ctx, stream)
	if err != nil || head == 0 {
		return err
	}
	for entry, err := range h.journal.Follow(ctx, stream, 0) {
		if err != nil {
			return err
		}
		events, err := rooms.DecodeEvents(entry.Meta, nil) // the texts are not needed
		if err != nil {
			return err
		}
		for _, event := range events {
			if asked, is := event.(rooms.QuestionAsked); is && strings.HasPrefix(string(asked.Question), prefix) {
				found[asked.Question] = true
			}
		}
		if entry.Seq >= head {
			return nil
		}
	}
	return ctx.Err()
}

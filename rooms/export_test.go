package rooms

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// CheckTally counts by walking through everything, and says where the room's own counts differ.
func CheckTally(r *Room) error {
	walked, waiting, queue := newTally(), []QuestionID{}, []QuestionID{}
	for _, id := range r.order {
		q := r.questions[id]
		walked.asked(q)
		if r.open(q) {
			walked.opened(q, 1)
		}
		if q.state == Asked {
			waiting = append(waiting, id)
		}
		if q.state == Approved {
			queue = append(queue, id)
		}
	}
	t := r.tally
	switch {
	case !maps.Equal(t.openAt, walked.openAt):
		return fmt.Errorf("open by place: %v, walked %v", t.openAt, walked.openAt)
	case !maps.Equal(t.openBy, walked.openBy):
		return fmt.Errorf("open by asker: %v, walked %v", t.openBy, walked.openBy)
	case !maps.Equal(t.askedBy, walked.askedBy) || t.homes != walked.homes:
		return fmt.Errorf("asked: %v and %d, walked %v and %d", t.askedBy, t.homes, walked.askedBy, walked.homes)
	case !sameMembers(t.waiting, waiting):
		return fmt.Errorf("waiting: %v, walked %v", t.waiting, waiting)
	case !sameMembers(t.queue, queue):
		return fmt.Errorf("approved: %v, walked %v", t.queue, queue)
	}
	return nil
}

func sameMembers(a, b []QuestionID) bool {
	return reflect.DeepEqual(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

package rooms_test

import (
	"testing"

	"antenne/rooms"
)

// The log says in so many words what became of the question that was on air: no reader has to guess it.
func TestTakingAnotherQuestionAnswersTheLast(t *testing.T) {
	r := onWall(t)
	r.Apply(rooms.QuestionRelayed{Stamp: stamp, Question: question("q1")})
	events, err := r.Decide(rooms.Actor{Role: rooms.Mediator, Room: "r"}, rooms.Take{Question: question("q1")}, rooms.Moment{Now: noon})
	if err != nil || len(events) != 3 {
		t.Fatalf("%#v, %v", events, err)
	}
	answered, ok := events[0].(rooms.QuestionAnswered)
	if !ok || answered.Question != question("q3") {
		t.Errorf("first came %#v", events[0])
	}
}

// Even a log that forgot to say so leaves one question on air.
func TestApplyKeepsOneQuestionOnAir(t *testing.T) {
	r := onWall(t)
	r.Apply(rooms.QuestionRelayed{Stamp: stamp, Question: question("q1")})
	r.Apply(rooms.QuestionTaken{Stamp: stamp, Question: question("q1")})
	v := r.View(rooms.Actor{Role: rooms.Moderator, Room: "r"})
	last := v["question/"+string(question("q3"))].(rooms.QuestionEntity)
	card := v["card"].(rooms.CardEntity)
	if last.State != rooms.Answered || card.Question != question("q1") {
		t.Errorf("%s is %s, the card shows %s", last.ID, last.State, card.Question)
	}
}

package main

import (
	"context"
	"slices"
	"testing"
	"time"

	"go.uber.org/zap"

	"antenne/rooms"
	"antenne/rooms/journal"
	"antenne/rooms/live"
)

func quietHouse(t *testing.T) *house {
	t.Helper()
	log := journal.NewMemory()
	hall, err := live.OpenHall(context.Background(), log, live.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { hall.Close(); log.Close() })
	return &house{log: zap.NewNop(), public: "http://127.0.0.1:8080", journal: log, hall: hall}
}

func TestTheDemonstrationIsASéanceLikeAnyOther(t *testing.T) {
	h := quietHouse(t)
	links, err := h.demonstrate(t.Context(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	count := map[rooms.Role]int{}
	for _, link := range links {
		count[link.Role]++
	}
	if count[rooms.Mediator] != 1 || count[rooms.Moderator] != 1 || count[rooms.Coordinator] != 1 || count[rooms.Post] != 6 || count[rooms.Animator] != 6 || count[rooms.Screen] != 6 || count[rooms.Viewer] != 6 {
		t.Errorf("the links are for %v", count)
	}
	lines := h.roomLines()
	if len(lines) != 1 || lines[0].Title != "Cuisine de saison" || !lines[0].Public || len(lines[0].Sites) != 6 {
		t.Errorf("the rooms are %+v", lines)
	}
	if links[0].line()[:len("mediator\t-\thttp://127.0.0.1:8080/studio/")] != "mediator\t-\thttp://127.0.0.1:8080/studio/" {
		t.Errorf("the first line is %q", links[0].line())
	}
}

func TestTheDemonstrationGoesOnWithFreshLinksUntilItIsOld(t *testing.T) {
	h, now := quietHouse(t), time.Now()
	first, err := h.demonstrate(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	again, err := h.demonstrate(t.Context(), now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if len(h.roomLines()) != 1 || first[0].URL == again[0].URL {
		t.Errorf("%d rooms; the links are %s and %s", len(h.roomLines()), first[0].URL, again[0].URL)
	}
	if _, err := h.demonstrate(t.Context(), now.Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	var states []string
	for _, line := range h.roomLines() {
		states = append(states, line.State)
	}
	slices.Sort(states)
	if len(states) != 2 || !slices.Contains(states, string(rooms.Ended)) {
		t.Errorf("a day later the rooms are %v", states)
	}
}

func TestLinksThatCannotBe(t *testing.T) {
	h := quietHouse(t)
	room, err := h.addRoom(t.Context(), demoRoom(time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		request linkRequest
		want    string
	}{
		{linkRequest{Room: "nowhere", Role: rooms.Mediator, For: time.Hour}, "room-unknown"},
		{linkRequest{Room: room, Role: rooms.Screen, For: time.Hour}, "link-needs-site"},
		{linkRequest{Room: room, Role: rooms.Screen, Site: "lens", For: time.Hour}, "site-unknown"},
		{linkRequest{Room: room, Role: rooms.Viewer, Site: "lens", For: time.Hour}, "site-unknown"},
		{linkRequest{Room: room, Role: rooms.Mediator, Site: "fives", For: time.Hour}, "link-without-site"},
		{linkRequest{Room: room, Role: rooms.System, For: time.Hour}, "link-role"},
		{linkRequest{Room: room, Role: rooms.Mediator, For: -time.Hour}, "link-expiry"},
		{linkRequest{Room: room, Role: rooms.Mediator, For: longestLink + 1}, "link-expiry"},
	} {
		if _, err := h.issueLink(t.Context(), c.request); err == nil || asFailure(err).Code != c.want {
			t.Errorf("%+v: %v, wanted %s", c.request, err, c.want)
		}
	}
}

func TestAQuestionIsFoundByItsBeginning(t *testing.T) {
	h := quietHouse(t)
	room, err := h.addRoom(t.Context(), demoRoom(time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	keeper, _ := h.hall.Room(room)
	animator := rooms.Actor{Role: rooms.Animator, Room: room, Site: "fives", Asker: "a"}
	for _, id := range []rooms.QuestionID{"0b0e7f5c-0000-4000-8000-000000000001", "0b0e7f5c-0000-4000-8000-000000000002", "0b0e7f5d-0000-4000-8000-000000000003"} {
		if _, err := keeper.Do(t.Context(), animator, rooms.Ask{Question: id, Text: "Combien d’œufs ?"}); err != nil {
			t.Fatal(err)
		}
	}
	for prefix, want := range map[string]string{
		"0b0e7f5d": "0b0e7f5d-0000-4000-8000-000000000003", "0B0E7F5D-0000": "0b0e7f5d-0000-4000-8000-000000000003",
		"0b0e7f5c-0000-4000-8000-000000000002": "0b0e7f5c-0000-4000-8000-000000000002",
		"0b0e7f5c":                             "question-ambiguous", "0b0e7f5e": "question-unknown", "0b0e": "question-unknown", "": "question-unknown",
	} {
		got, err := h.findQuestion(t.Context(), prefix)
		if err != nil {
			got = rooms.QuestionID(asFailure(err).Code)
		}
		if string(got) != want {
			t.Errorf("%q is %s, wanted %s", prefix, got, want)
		}
	}
}

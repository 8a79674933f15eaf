package live

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"antenne/rooms"
	"antenne/rooms/journal"
)

// The séance of a whole region, for the measures: what an act of the régie costs until it is read.
const (
	regionSites     = 220
	regionQuestions = 2000
	regionApproved  = 200
	regionHomes     = 1000 // that have asked something: each sees what no other does
)

func siteNumber(n int) rooms.SiteID { return rooms.SiteID(fmt.Sprintf("salle-%d", n%regionSites)) }

func homeNumber(n int) rooms.Actor {
	return rooms.Actor{Role: rooms.Viewer, Room: room, Site: siteNumber(n), Asker: rooms.AskerID(fmt.Sprintf("asker-%d", n%regionHomes))}
}

// region is a hall with that séance, its questions already sent, and everybody watching.
func region(t testing.TB) (k *Keeper, regie *Watch) {
	t.Helper()
	j := journal.NewMemory()
	h, err := OpenHall(t.Context(), j, Config{})
	must(t, err)
	t.Cleanup(func() { h.Close() })
	var sites []rooms.AddSite
	for n := range regionSites {
		sites = append(sites, rooms.AddSite{Site: siteNumber(n), Name: fmt.Sprintf("Salle %d", n), Town: "Lille"})
	}
	now := time.Now()
	_, err = h.CreateAs(t.Context(), room, rooms.CreateRoom{Title: "Cuisine", At: now, Audience: rooms.AudiencePublic}, sites)
	must(t, err)
	k, _ = h.Room(room)
	eventually(t, "the doors open", func() bool { return k.Summary().State == rooms.DoorsOpen })
	fill(t, j, k, now.Add(-time.Hour))
	return k, attend(t, k)
}

// fill writes the questions into the journal as if they had come over an hour.
func fill(t testing.TB, j journal.Journal, k *Keeper, at time.Time) {
	t.Helper()
	var events []rooms.Event
	for n := range regionQuestions {
		stamp := rooms.Stamp{At: at.Add(time.Duration(n) * time.Second).UTC().Truncate(time.Millisecond), By: rooms.By{Role: rooms.Viewer}}
		who := homeNumber(n)
		events = append(events, rooms.QuestionAsked{Stamp: stamp, Question: question(n), Asker: who.Asker, Site: who.Site, From: rooms.FromHome, Text: "Combien de sel faut-il ?"},
			rooms.QuestionRelayed{Stamp: stamp, Question: question(n)})
		if n < regionApproved {
			events = append(events, rooms.QuestionApproved{Stamp: stamp, Question: question(n)})
		}
	}
	for batch := range slices.Chunk(events, 500) {
		head, err := j.Head(t.Context(), k.stream)
		must(t, err)
		meta, private, err := rooms.EncodeEvents(batch)
		must(t, err)
		seq, err := j.Append(t.Context(), k.stream, head, journal.Entry{At: at, Meta: meta, Private: toJournal(private)})
		must(t, err)
		must(t, k.caughtUp(t.Context(), seq))
	}
}

// attend has everybody watch, and read; the régie's watch is left to the caller.
func attend(t testing.TB, k *Keeper) *Watch {
	who := []rooms.Actor{mediator(), {Role: rooms.Coordinator, Room: room}, {Role: rooms.Phone, Room: room, Link: "ph", Of: "m"}, {Role: rooms.Moderator, Room: room, Link: "r2"}}
	for n := range regionSites {
		who = append(who, animator(siteNumber(n)), screen(siteNumber(n)), post(siteNumber(n)))
	}
	for n := range regionHomes {
		who = append(who, homeNumber(n))
	}
	for _, a := range who {
		w := k.Watch(a, Since{})
		go func() {
			for range w.Messages() { // read, as people do
			}
		}()
	}
	return k.Watch(moderator(), Since{})
}

// readUntil reads until an act that the log numbered seq has come.
func readUntil(t testing.TB, w *Watch, seq journal.Seq) *Change {
	for {
		if c := nextOf(t, w, false); c.Seq >= seq {
			return c
		}
	}
}

// TestAnActIsReadByAll: in the séance of a region everybody ends with what who comes now sees.
func TestAnActIsReadByAll(t *testing.T) {
	k, regie := region(t)
	readers := map[rooms.Role]*Watch{rooms.Moderator: regie, rooms.Viewer: k.Watch(homeNumber(1), Since{}), rooms.Animator: k.Watch(animator(siteNumber(1)), Since{})}
	seen := map[rooms.Role]rooms.View{}
	for role, w := range readers {
		seen[role] = w.Welcome().View
	}
	last := actsOfRegion(t, k)
	for role, w := range readers {
		for done := false; !done; {
			c := nextOf(t, w, false)
			for key, e := range c.Set {
				seen[role][key] = e
			}
			for _, key := range c.Gone {
				delete(seen[role], key)
			}
			done = c.Seq >= last
		}
		full := k.View(w.actor)
		if set, gone := rooms.Diff(seen[role], full); len(set)+len(gone) > 0 {
			t.Errorf("%s misses %v, keeps %v", role, set, gone)
		}
	}
}

// actsOfRegion does one of each act that touches many, ending with one that everybody reads.
func actsOfRegion(t testing.TB, k *Keeper) (last journal.Seq) {
	studio := mediator()
	for _, c := range []rooms.Command{
		rooms.GoOnAir{}, rooms.Take{Question: question(0)}, rooms.Answer{Question: question(1), Text: "Dix grammes.", To: rooms.ToAll},
		rooms.Merge{Question: question(2), Into: question(1000)}, rooms.Decline{Question: question(3), Reason: "no-time"},
		rooms.StartExercise{Instruction: "Coupez", Minutes: "5"}, rooms.EndExercise{}, rooms.ShowStrip{Title: "Aïcha"},
	} {
		seq, err := k.Do(t.Context(), studio, c)
		if err != nil {
			t.Fatalf("%s: %v", c.Verb(), err)
		}
		last = seq
	}
	return last
}

// BenchmarkAct measures an act of the régie, in the séance of a region, from the tap to the régie's own reading: decide, the journal in
// memory, apply, and every reader's difference. "p95-ms" is what people wait for.
func BenchmarkAct(b *testing.B) {
	of := func(n int) rooms.QuestionID { return question(n / 2 % regionApproved) }
	b.Run("sort", func(b *testing.B) {
		benchmarkActs(b, func(n int) rooms.Command {
			if n%2 == 0 {
				return rooms.Decline{Question: of(n), Reason: "no-time"}
			}
			return rooms.Reopen{Question: of(n)}
		})
	})
	b.Run("take", func(b *testing.B) {
		benchmarkActs(b, func(n int) rooms.Command {
			if n%2 == 0 {
				return rooms.Take{Question: of(n)}
			}
			return rooms.Reopen{Question: of(n)}
		})
	})
	b.Run("tell all", func(b *testing.B) { // what every reader is told
		benchmarkActs(b, func(n int) rooms.Command {
			return rooms.ShowStrip{Title: fmt.Sprint("Aïcha ", n)}
		})
	})
}

func benchmarkActs(b *testing.B, act func(n int) rooms.Command) {
	k, regie := region(b)
	var took []time.Duration
	for n := 0; b.Loop(); n++ {
		begun := time.Now()
		seq, err := k.Do(b.Context(), mediator(), act(n))
		if err != nil {
			b.Fatal(err)
		}
		readUntil(b, regie, seq)
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*95/100])/float64(time.Millisecond), "p95-ms")
}

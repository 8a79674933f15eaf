// Package rooms is what happens in a séance, and nothing else: values and functions, without clocks, goroutines, locks,
// files or sockets. It imports the standard library alone.
//
// A Room is what its events have made of it. It changes one way:
//
//	events, err := room.Decide(who, command, moment)  // rules; changes nothing; *Refusal, or no events when it is already so
//	meta, private, err := EncodeEvents(events)        // what to keep, and the personal texts apart
//	…append both to the log, atomically; someone was first: catch up and decide again…
//	for _, e := range events {
//		room.Apply(e)                             // facts: never refused
//	}
//
// Time and presence are handed in by Moment; ids come from outside. The same events give an equal room on every node
// and after every restart. Whoever holds a Room owns it: one goroutine, in the server the Keeper of rooms/live.
//
// What a person may do is in one table (permission.go): roles by commands, with how far each right reaches. What a
// person may see is in one function (View): nothing else leaves for a browser, and Diff tells what to send after.
// What the house does by itself — opening the doors a quarter of an hour before, sending up a home's question that
// nobody relays — is told by Due and done by the command Tick.
//
// The life of a room: scheduled → doors-open → on-air ⇄ paused → ended; a mistaken end can be undone for ReopenFor.
//
// The life of a question:
//
//	asked ─► relayed ─► approved ─► on-air ─► answered
//	  │         ├──────────┴──────────┴─────► later, declined
//	  │         └──────────┴────────────────► merged (follows the question it joined)
//	  └─► answered or declined by its own site, and never seen above; withdrawn at any time before the air
//
// All else that can happen comes in parts (part.go): the sites and their pace, the exercise, the rundown, what surrounds the picture,
// announcements and captions, the posts, the floor. Each is one file, or a few, that bring their rows to the tables of rights, of the wire and of the
// log, and go by the same road: decide → log → apply.
//
// Readers are many and so are questions: a Glance looks again at what News says has changed, and costs no more.
//
// The words of people, in every language, are in rooms/words; the séances that the rules must satisfy are told in
// testdata/transcripts, for readers who do not read Go.
package rooms

// Package live keeps rooms open on this node: it decides, writes to the journal, applies what comes back, and tells who watches.
//
// A Hall holds every room of the journal and the directory of links; a Keeper holds one room. State changes in one way only:
//
//	decide (rooms.Room.Decide) → append to the journal → the entry comes back by Follow → apply → every Watch gets what its role may see
//
// so that Do returns once the decision is on the disk and applied, and a restart rebuilds the same rooms from the journal. Presence
// (who is connected, what the screens report) is not state: it is never written, and it is empty after a restart.
//
//	h, err := live.OpenHall(ctx, j, live.Config{})
//	k, ok := h.Room(id)
//	seq, err := k.Do(ctx, actor, rooms.Approve{Question: q})   // *rooms.Refusal, or ctx's error
//	w := k.Watch(actor, live.Since{})
//	defer w.Close()
//	send(w.Welcome())
//	for c := range w.Messages() { send(c) }
//	if errors.Is(w.Err(), live.ErrSlow) { … }
//
// When the journal fails, Do is refused with journal-full or journal-failed, the room stays readable, presence goes on, and the next
// Do tries again: nothing has to be restarted.
//
// # Goroutines
//
// A Hall has three: the porter, which follows the log of the house; the retention, which wakes every hour; and the probe, which asks a
// journal that refused an entry whether it takes them again. A Keeper has four: the owner (run), the only one that touches the
// rooms.Room, the watches and the seats; the appender, which waits for the disk in its place; the follower, which reads the journal
// and begins again when that fails; the teller, which calls the hooks (OnState) with nothing held. Close ends them
// and waits.
//
// The owner never waits for a reader: a Watch that is not read is cut off. It is not protected by a recover either: a panic there is
// a broken invariant of a room, and serving a room that is wrong is worse than a restart, which takes less than a second and loses
// nothing. The process ends with the stack on stderr.
package live

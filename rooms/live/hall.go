package live

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"antenne/rooms"
	"antenne/rooms/journal"

	"go.uber.org/zap"
)

// Hall holds all the rooms of this node. It does not own the journal: close the Hall first. All methods may be called from any
// goroutine.
type Hall struct {
	// Static after OpenHall.
	journal journal.Journal
	clock   Clock
	newID   func() string
	log     *zap.Logger
	epoch   string
	links   *directory
	roster  *roster
	porter  *porter
	logs    *logState
	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	running sync.WaitGroup // the porter, the retention and the probe

	counts struct{ watches, cutOff atomic.Int64 }
	floors floorCounts

	mu      sync.RWMutex // guards what follows; nothing is called with it held
	keepers map[rooms.RoomID]*Keeper
	closed  bool
}

// Summary is a room as lists show it. Shared: nobody may write in its Sites.
type Summary struct {
	ID       rooms.RoomID
	Title    string
	Needs    string // what to bring
	Mediator string // whose name is announced
	At       time.Time
	State    rooms.State
	Audience rooms.Audience
	EndedAt  time.Time // zero while it has not ended
	Sites    []rooms.SiteEntity
}

// Stats are counters since the hall was opened, except for the first two.
type Stats struct {
	Rooms   int
	Watches int64
	CutOff  int64                    // watches cut off because nobody read them
	Floors  map[rooms.FloorWhy]int64 // guests' floors that ended, by why
}

// OpenHall opens every room of the journal and returns once all of them are as the journal says.
func OpenHall(ctx context.Context, j journal.Journal, c Config) (*Hall, error) {
	c = c.withDefaults()
	h := &Hall{journal: j, clock: c.Clock, newID: c.IDs, log: c.Log, epoch: rand.Text(), links: newDirectory(), roster: newRoster(), logs: newLogState(), keepers: map[rooms.RoomID]*Keeper{}}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	h.floors.since = h.clock.Now()
	h.porter = newPorter(h)
	h.running.Go(h.porter.run)
	if err := h.reopen(ctx); err != nil {
		h.Close()
		return nil, err
	}
	h.running.Add(2)
	go h.runRetention()
	go h.runProbe()
	return h, nil
}

// IsRoom tells whether a stream of the journal is a room's: the house has one of its own.
func IsRoom(s journal.Stream) bool { return strings.HasPrefix(string(s), streamPrefix) }

func (h *Hall) reopen(ctx context.Context) error {
	streams, err := h.journal.Streams(ctx)
	if err != nil {
		return fmt.Errorf("list the rooms of the journal: %w", err)
	}
	for _, s := range streams {
		if id, ok := strings.CutPrefix(string(s), streamPrefix); ok {
			h.open(rooms.RoomID(id), h.clock.Now())
		}
	}
	for _, k := range h.all() {
		head, err := h.journal.Head(ctx, k.stream)
		if err == nil {
			err = k.caughtUp(ctx, head)
		}
		if err != nil {
			return fmt.Errorf("reopen room %s: %w", k.id, err)
		}
	}
	return h.porter.reopen(ctx)
}

// open starts a Keeper, unless the room has one or the hall is closing (then nil). since: see newKeeper.
func (h *Hall) open(id rooms.RoomID, since time.Time) *Keeper {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil
	}
	if k := h.keepers[id]; k != nil {
		return k
	}
	k := newKeeper(h, id, since)
	h.keepers[id] = k
	h.roster.changed()
	k.start()
	return k
}

// Close closes every room and waits. Watches end with ErrClosed.
func (h *Hall) Close() error {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.cancel()
	h.running.Wait()
	for _, k := range h.all() {
		k.close()
	}
	return nil
}

// all lists the keepers by room id.
func (h *Hall) all() []*Keeper {
	h.mu.RLock()
	defer h.mu.RUnlock()
	out := make([]*Keeper, 0, len(h.keepers))
	for _, k := range h.keepers {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b *Keeper) int { return strings.Compare(string(a.id), string(b.id)) })
	return out
}

// Room finds an open room.
func (h *Hall) Room(id rooms.RoomID) (*Keeper, bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	k := h.keepers[id]
	return k, k != nil
}

// Stats reads the counters.
func (h *Hall) Stats() Stats {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return Stats{Rooms: len(h.keepers), Watches: h.counts.watches.Load(), CutOff: h.counts.cutOff.Load(), Floors: h.floors.read()}
}

// Create makes a room and its sites, in one entry: all of it or nothing. Its error is a *rooms.Refusal or ctx's.
func (h *Hall) Create(ctx context.Context, room rooms.CreateRoom, sites []rooms.AddSite) (rooms.RoomID, error) {
	return h.CreateAs(ctx, rooms.RoomID(h.newID()), room, sites)
}

// CreateAs is Create with an id chosen by the caller; room-exists when it is taken.
func (h *Hall) CreateAs(ctx context.Context, id rooms.RoomID, room rooms.CreateRoom, sites []rooms.AddSite) (rooms.RoomID, error) {
	commands := []rooms.Command{room}
	for _, s := range sites {
		commands = append(commands, s)
	}
	now := h.clock.Now()
	events, err := rehearse(id, commands, now)
	if err != nil {
		return "", err
	}
	meta, private, err := rooms.EncodeEvents(events)
	if err != nil {
		return "", fmt.Errorf("create room %s: %w", id, err)
	}
	seq, err := h.append(ctx, streamOf(id), 0, journal.Entry{At: now, Meta: meta, Private: toJournal(private)})
	switch {
	case errors.Is(err, journal.ErrBehind):
		return "", refusal(CodeRoomExists, "room", string(id))
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return "", err
	case err != nil:
		h.log.Error("the journal refused a new room", zap.Error(err))
		return "", journalRefusal(err)
	}
	k := h.open(id, time.Time{})
	if k == nil {
		return "", ErrClosed
	}
	return id, k.caughtUp(ctx, seq)
}

// rehearse decides the commands on a room of paper, each after the one before.
func rehearse(id rooms.RoomID, commands []rooms.Command, now time.Time) (all []rooms.Event, err error) {
	paper := rooms.New(id)
	for _, c := range commands {
		events, err := paper.Decide(rooms.Actor{Role: rooms.System, Room: id}, c, rooms.Moment{Now: now})
		if err != nil {
			return nil, err
		}
		for _, e := range events {
			paper.Apply(e)
		}
		all = append(all, events...)
	}
	return all, nil
}

// keeper finds a room or refuses.
func (h *Hall) keeper(id rooms.RoomID) (*Keeper, error) {
	k, ok := h.Room(id)
	if !ok {
		return nil, refusal(CodeRoomUnknown, "room", string(id))
	}
	return k, nil
}

// house does a command of the house itself in a room; by is the link of whoever asked the house for it, "" for nobody.
func (h *Hall) house(ctx context.Context, id rooms.RoomID, by rooms.LinkID, c rooms.Command) error {
	k, err := h.keeper(id)
	if err != nil {
		return err
	}
	_, err = k.Do(ctx, rooms.Actor{Role: rooms.System, Room: id, Link: by}, c)
	return err
}

// CloseRoom ends a séance for its mediator. The room stays readable.
func (h *Hall) CloseRoom(ctx context.Context, id rooms.RoomID) error {
	return h.house(ctx, id, "", rooms.End{})
}

// IssueLink makes a link: token is its secret, 128 random bits in base64url, told this once and kept nowhere. site is "" for the
// roles that have none.
func (h *Hall) IssueLink(ctx context.Context, room rooms.RoomID, role rooms.Role, site rooms.SiteID, expires time.Time, note string) (token string, id rooms.LinkID, err error) {
	return h.Issue(ctx, room, rooms.IssueLink{Role: role, Site: site, Expires: expires, Note: note})
}

// Issue is IssueLink for a link with all its particulars: its name and its hash are made here.
func (h *Hall) Issue(ctx context.Context, room rooms.RoomID, link rooms.IssueLink) (token string, id rooms.LinkID, err error) {
	token = newToken()
	hash := TokenHash(token)
	link.Link, link.Hash = rooms.LinkID(h.newID()), hex.EncodeToString(hash[:])
	if err := h.house(ctx, room, "", link); err != nil {
		return "", "", err
	}
	return token, link.Link, nil
}

// newToken makes the secret of a link or a device.
func newToken() string {
	secret := make([]byte, 16)
	rand.Read(secret)
	return base64.RawURLEncoding.EncodeToString(secret)
}

// TokenHash is what Resolve knows a token by: the SHA-256 of its text.
func TokenHash(token string) [sha256.Size]byte { return sha256.Sum256([]byte(token)) }

// Resolve finds whom a link's token stands for; the caller adds Asker and Device, and the Room of a paired device, which has none.
// Refusals: link-unknown, link-expired, link-revoked. A link revoked is refused from the moment RevokeLink returns.
func (h *Hall) Resolve(tokenHash [sha256.Size]byte, now time.Time) (rooms.Actor, error) {
	return h.links.resolve(tokenHash, now)
}

// RevokeFor is RevokeLink asked for by somebody with a link of their own: the history says who.
func (h *Hall) RevokeFor(ctx context.Context, who rooms.Actor, id rooms.LinkID) error {
	_, err := h.revoke(ctx, who.Link, id)
	return err
}

// RevokeLink ends a link, or a paired device, for good, whatever its room, and with an animator's link the screens that were paired
// by it, in all rooms.
func (h *Hall) RevokeLink(ctx context.Context, id rooms.LinkID) error {
	_, err := h.Revoke(ctx, id)
	return err
}

// Revoke is RevokeLink that tells how many paired screens were forgotten with the link. Doing it again finishes what failed.
func (h *Hall) Revoke(ctx context.Context, id rooms.LinkID) (screens int, err error) {
	return h.revoke(ctx, "", id)
}

func (h *Hall) revoke(ctx context.Context, by, id rooms.LinkID) (screens int, err error) {
	room, ok := h.links.room(id)
	switch {
	case !ok:
		return 0, refusal(CodeLinkUnknown)
	case room == anyRoom:
		return 0, h.ForgetDevice(ctx, rooms.Actor{Role: rooms.System, Link: by}, id)
	}
	if err := h.house(ctx, room, by, rooms.RevokeLink{Link: id}); err != nil {
		return 0, err
	}
	return h.forgetPairedBy(ctx, id)
}

// pause waits, or less when the hall closes.
func (h *Hall) pause(d time.Duration) {
	c, stop := h.clock.After(d)
	defer stop()
	select {
	case <-c:
	case <-h.ctx.Done():
	}
}

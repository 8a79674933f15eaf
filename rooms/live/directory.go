package live

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"sync"
	"sync/atomic"
	"time"

	"antenne/rooms"
)

// directory knows every link of every room by the hash of its token, so that a door is opened, or closed, without asking a Keeper.
// Filled by the owners as they apply; locks nothing else.
type directory struct {
	mu     sync.RWMutex
	byHash map[[sha256.Size]byte]*linkRecord
	byID   map[rooms.LinkID]*linkRecord
	posts  map[string]PostsPlace // by the code that opens them now
	codes  map[PostsPlace]string // the other way round
}

// anyRoom stands where a link has a room, for devices that are paired with a place: they open whatever it follows.
const anyRoom rooms.RoomID = ""

// linkRecord belongs to directory.mu.
type linkRecord struct {
	hash [sha256.Size]byte // static
	room rooms.RoomID      // static; anyRoom for a device
	link rooms.Link        // as the séance makes it
	used atomic.Int64      // of a device: when its token was last good for something, in Unix seconds
}

func newDirectory() *directory {
	return &directory{byHash: map[[sha256.Size]byte]*linkRecord{}, byID: map[rooms.LinkID]*linkRecord{},
		posts: map[string]PostsPlace{}, codes: map[PostsPlace]string{}}
}

// put notes links of a room as they are now. What is known of a token or of a link's id is never given to another link.
func (d *directory) put(room rooms.RoomID, links ...rooms.Link) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, l := range links {
		if r := d.byID[l.ID]; r != nil {
			d.renewLocked(r, room, l)
			continue
		}
		d.addLocked(room, l)
	}
}

func (d *directory) renewLocked(r *linkRecord, room rooms.RoomID, l rooms.Link) {
	if r.room == room {
		r.link = l
	}
}

func (d *directory) addLocked(room rooms.RoomID, l rooms.Link) {
	raw, err := hex.DecodeString(l.Hash)
	if err != nil || len(raw) != sha256.Size {
		return // no token has this hash
	}
	r := &linkRecord{hash: [sha256.Size]byte(raw), room: room, link: l}
	if d.byHash[r.hash] == nil {
		d.byHash[r.hash], d.byID[l.ID] = r, r
	}
}

// openPosts notes the code of a site's posts, in the place of the one before.
func (d *directory) openPosts(room rooms.RoomID, site rooms.SiteID, code string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	place := PostsPlace{room, site}
	if before, known := d.codes[place]; known && d.posts[before] == place {
		delete(d.posts, before)
	}
	d.posts[code], d.codes[place] = place, code
}

func (d *directory) postsAt(code string) (PostsPlace, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	place, known := d.posts[code]
	return place, known
}

// revoked tells whether a link that is known has been taken back.
func (d *directory) revoked(id rooms.LinkID) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	r := d.byID[id]
	return r != nil && r.link.Revoked
}

// used tells when a device was used last, as far as this server knows; the zero time for not at all.
func (d *directory) used(id rooms.LinkID) time.Time {
	d.mu.RLock()
	defer d.mu.RUnlock()
	r := d.byID[id]
	if r == nil || r.used.Load() == 0 {
		return time.Time{}
	}
	return time.Unix(r.used.Load(), 0)
}

func (d *directory) room(id rooms.LinkID) (rooms.RoomID, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if r := d.byID[id]; r != nil {
		return r.room, true
	}
	return "", false
}

// resolve finds whom a token's hash stands for; a device has no room yet. What the map's look-up could tell by its time is about the SHA-256 of a guess, which
// says nothing of a token; the comparison that decides is in constant time.
func (d *directory) resolve(hash [sha256.Size]byte, now time.Time) (rooms.Actor, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	r := d.byHash[hash]
	if r == nil || subtle.ConstantTimeCompare(r.hash[:], hash[:]) != 1 {
		return rooms.Actor{}, refusal(CodeLinkUnknown)
	}
	if err := r.link.Stands(now); err != nil {
		return rooms.Actor{}, err
	}
	l := r.link
	if r.room == anyRoom {
		r.used.Store(now.Unix())
	}
	return rooms.Actor{Role: l.Role, Room: r.room, Site: l.Site, Link: l.ID, Of: l.Of, Name: l.Note}, nil
}

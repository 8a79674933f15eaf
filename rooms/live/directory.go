package live

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"sync"
	"time"

	"antenne/rooms"
)

// directory knows every link of every room by the hash of its token, so that a door is opened, or closed, without asking a Keeper.
// Filled by the owners as they apply; locks nothing else.
type directory struct {
	mu     sync.RWMutex
	byHash map[[sha256.Size]byte]*linkRecord
	byID   map[rooms.LinkID]*linkRecord
}

// linkRecord belongs to directory.mu.
type linkRecord struct {
	hash    [sha256.Size]byte
	actor   rooms.Actor
	expires time.Time
	revoked bool
}

func newDirectory() *directory {
	return &directory{byHash: map[[sha256.Size]byte]*linkRecord{}, byID: map[rooms.LinkID]*linkRecord{}}
}

func (d *directory) issue(room rooms.RoomID, e rooms.LinkIssued) {
	raw, err := hex.DecodeString(e.Hash)
	if err != nil || len(raw) != sha256.Size {
		return // no token has this hash
	}
	r := &linkRecord{hash: [sha256.Size]byte(raw), expires: e.Expires,
		actor: rooms.Actor{Role: e.Role, Room: room, Site: e.Site, Link: e.Link, Name: e.Note}}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.byHash[r.hash] == nil && d.byID[e.Link] == nil {
		d.byHash[r.hash], d.byID[e.Link] = r, r
	}
}

// revoke tells whether the link was good until now.
func (d *directory) revoke(id rooms.LinkID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := d.byID[id]
	if r == nil || r.revoked {
		return false
	}
	r.revoked = true
	return true
}

func (d *directory) room(id rooms.LinkID) (rooms.RoomID, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if r := d.byID[id]; r != nil {
		return r.actor.Room, true
	}
	return "", false
}

// resolve finds whom a token's hash stands for. What the map's look-up could tell by its time is about the SHA-256 of a guess, which
// says nothing of a token; the comparison that decides is in constant time.
func (d *directory) resolve(hash [sha256.Size]byte, now time.Time) (rooms.Actor, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	r := d.byHash[hash]
	switch {
	case r == nil || subtle.ConstantTimeCompare(r.hash[:], hash[:]) != 1:
		return rooms.Actor{}, refusal(CodeLinkUnknown)
	case r.revoked:
		return rooms.Actor{}, refusal(CodeLinkRevoked)
	case !now.Before(r.expires):
		return rooms.Actor{}, refusal(CodeLinkExpired)
	}
	return r.actor, nil
}

package signaling

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"

	"antenne/rooms"
	"antenne/rooms/live"
	"antenne/signaling/wire"
)

// acceptFloor serves /floor/{room}: whoever was invited, and nobody else, exchanges the invitation for the guest's link, once.
func (s *Server) acceptFloor(r *http.Request) (int, any, error) {
	claim, err := claimOf(r)
	if err != nil {
		return 0, nil, err
	}
	who, err := s.gate.Enter(claim, s.clock())
	if err != nil {
		return 0, nil, err
	}
	var body wire.Accept
	if err := readJSON(r, &body); err != nil {
		return 0, nil, err
	}
	given, err := s.accept(r.Context(), who, rooms.GrantID(body.Grant))
	return http.StatusCreated, given, err
}

func (s *Server) accept(ctx context.Context, who rooms.Actor, grant rooms.GrantID) (wire.Accepted, error) {
	c, err := s.conductor(who.Room)
	if err != nil {
		return wire.Accepted{}, err
	}
	if c.isShut(grant) {
		return wire.Accepted{}, refuse(codeGrantOver)
	}
	var secret [16]byte
	_, _ = rand.Read(secret[:])
	token := base64.RawURLEncoding.EncodeToString(secret[:])
	hash := live.TokenHash(token)
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), decideWithin) // a client that leaves must not leave it half decided
	defer done()
	if _, err := c.keeper.Do(ctx, who, rooms.AcceptInvite{Grant: grant, Hash: hex.EncodeToString(hash[:])}); err != nil {
		return wire.Accepted{}, err
	}
	return wire.Accepted{Token: token, URL: "/guest/" + url.PathEscape(string(who.Room))}, nil
}

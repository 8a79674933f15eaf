package signaling

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"

	"antenne/rooms"
	"antenne/rooms/live"
	"antenne/signaling/wire"
)

// codeFloorSecret refuses a secret that the page did not make as it should: see wire.Accept.
const codeFloorSecret = "floor-secret"

// acceptFloor serves /floor/{room}: whoever was invited, and nobody else, has the invitation become a guest's link under a secret of
// their own. The same again, of an answer that was lost on the way, is answered the same.
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
	if !isFloorSecret(body.Secret) {
		return 0, nil, refuse(codeFloorSecret)
	}
	given, err := s.accept(r.Context(), who, rooms.GrantID(body.Grant), body.Secret)
	return http.StatusCreated, given, err
}

// isFloorSecret tells what can be a guest's token: 16 to 64 bytes in base64url without padding (RFC 4648 §5), in the one way in which
// those bytes are written.
func isFloorSecret(text string) bool {
	if len(text) < wire.MinSecret || len(text) > wire.MaxSecret {
		return false
	}
	secret, err := base64.RawURLEncoding.DecodeString(text)
	return err == nil && base64.RawURLEncoding.EncodeToString(secret) == text
}

func (s *Server) accept(ctx context.Context, who rooms.Actor, grant rooms.GrantID, secret string) (wire.Accepted, error) {
	c, err := s.conductor(who.Room)
	if err != nil {
		return wire.Accepted{}, err
	}
	if c.isShut(grant) {
		return wire.Accepted{}, refuse(codeGrantOver)
	}
	hash := live.TokenHash(secret)
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), decideWithin) // a client that leaves must not leave it half decided
	defer done()
	if _, err := c.keeper.Do(ctx, who, rooms.AcceptInvite{Grant: grant, Hash: hex.EncodeToString(hash[:])}); err != nil {
		return wire.Accepted{}, err
	}
	return wire.Accepted{URL: "/guest/" + url.PathEscape(string(who.Room))}, nil
}

// Package access says who comes in: it turns a link's token into a rooms.Actor, and holds the table of
// roles and media doors. What an actor may say once inside is not its business (rooms.Permissions).
//
// Three rules hold everywhere:
//
//   - Who somebody is comes from the link and from the browser's own secret, never from a message.
//   - The right to publish is a role's, at a door; receive-only roles never reach the media engine.
//   - A token is hashed before anything is looked up, and an unknown, an expired and a revoked link are
//     told apart only after the same look-up, so that time says nothing about a secret.
//
// The package holds no state and starts no goroutine; every function may be called from any of them.
package access

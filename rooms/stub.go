package rooms

import (
	"errors"
	"time"
)

type Room struct{ id RoomID }
type Right uint8
type Private struct{ ID, Text string }
type Link struct {
	ID       LinkID
	Hash     string
	Role     Role
	Site     SiteID
	Expires  time.Time
	Note     string
	IssuedAt time.Time
	Revoked  bool
}

func New(id RoomID) *Room                 { return &Room{id: id} }
func (r *Room) ID() RoomID                { return r.id }
func (r *Room) State() State              { return "" }
func (r *Room) Exists() bool              { return false }
func (r *Room) Title() string             { return "" }
func (r *Room) StartsAt() time.Time       { return time.Time{} }
func (r *Room) EndedAt() time.Time        { return time.Time{} }
func (r *Room) Audience() Audience        { return "" }
func (r *Room) Sites() []SiteEntity       { return nil }
func (r *Room) Links() []Link             { return nil }
func (r *Room) Questions() []QuestionID   { return nil }
func (r *Room) Erased(id QuestionID) bool { return false }
func (r *Room) Admit(hash string, now time.Time) (Actor, error) {
	return Actor{}, refuse("link-unknown")
}
func (r *Room) Decide(who Actor, c Command, at Moment) ([]Event, error) { return nil, errors.New("x") }
func (r *Room) Apply(e Event)                                           {}
func (r *Room) View(who Actor) View                                     { return nil }
func (r *Room) Due(at Moment) (Command, time.Time)                      { return nil, time.Time{} }
func Diff(before, after View) (set View, gone []string)                 { return nil, nil }
func EncodeEvents([]Event) (meta []byte, private []Private, err error)  { return nil, nil, nil }
func DecodeEvents(meta []byte, private []Private) ([]Event, error)      { return nil, nil }
func DecodeCommand(raw []byte) (Command, error)                         { return nil, nil }
func Permissions() map[CommandName]map[Role]Right                       { return nil }

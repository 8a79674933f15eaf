package peer

import (
	"context"
	"errors"
	"time"
)

var errSoon = errors.New("peer: not there yet")

type crowd struct{}

func newCrowd(CrowdConfig) (*Crowd, error)                                { return nil, errSoon }
func (c *crowd) join(context.Context, Exchange, Visitor) (*Member, error) { return nil, errSoon }
func (c *crowd) figures(string) Figures                                   { return Figures{} }
func (c *crowd) groups() []string                                         { return nil }
func (c *crowd) close() error                                             { return nil }

type member struct{}

func (m *member) own() Figures                { return Figures{} }
func (m *member) times() JoinTimes            { return JoinTimes{} }
func (m *member) setNetwork(Network)          {}
func (m *member) ended() bool                 { return false }
func (m *member) leave(context.Context) error { return nil }
func (m *member) vanish()                     {}

func (f Figures) minus(Figures) Figures { return f }

type teacher struct{}

func teach(context.Context, Exchange, Lesson) (*Teacher, error) { return nil, errSoon }
func recordings() []string                                      { return nil }
func (p Pacing) word() string                                   { return "" }
func parsePacing(string) (Pacing, error)                        { return 0, errSoon }
func (t *teacher) window(time.Time, time.Time) []Sent           { return nil }
func (t *teacher) layers() int                                  { return 0 }
func (t *teacher) asked() uint64                                { return 0 }
func (t *teacher) close(context.Context) error                  { return nil }

package sfu

import (
	"context"
	"net/netip"

	"go.uber.org/zap"
)

// Config of an Engine.
type Config struct {
	Media     string       // UDP address of all media, ":7882"; ":0" picks a port
	PublicIPs []netip.Addr // when set they replace the addresses of the interfaces in answers
	Log       *zap.Logger  // nil is silence
}

type Engine struct{}
type Broadcast struct{}
type Source struct{}
type Subscription struct{}

func New(Config) (*Engine, error)                     { return &Engine{}, nil }
func (e *Engine) Close() error                        { return nil }
func (e *Engine) Port() int                           { return 0 }
func (e *Engine) Open(name string) *Broadcast         { return &Broadcast{} }
func (e *Engine) Find(name string) (*Broadcast, bool) { return nil, false }
func (e *Engine) Stats() Stats                        { return Stats{} }
func (e *Engine) Ready(ctx context.Context) error     { return nil }

func (b *Broadcast) Name() string { return "" }
func (b *Broadcast) Publish(ctx context.Context, o Offer, s SourceSpec) (Answer, *Source, error) {
	return "", nil, nil
}
func (b *Broadcast) Subscribe(ctx context.Context, o Offer, s SinkSpec) (Answer, *Subscription, error) {
	return "", nil, nil
}
func (b *Broadcast) Attach(Sink) (detach func())    { return func() {} }
func (b *Broadcast) Select(Slot, *Source)           {}
func (b *Broadcast) Selected(Slot) *Source          { return nil }
func (b *Broadcast) SetAudience(Slot, Audience)     {}
func (b *Broadcast) Audience(Slot) Audience         { return Audience{} }
func (b *Broadcast) Sources() []*Source             { return nil }
func (b *Broadcast) Subscriptions() []*Subscription { return nil }
func (b *Broadcast) Close(reason string)            {}

func (s *Source) ID() SessionID         { return "" }
func (s *Source) Slots() []Slot         { return nil }
func (s *Source) Owner() string         { return "" }
func (s *Source) Done() <-chan struct{} { return nil }
func (s *Source) Reason() string        { return "" }
func (s *Source) Close(reason string)   {}
func (s *Source) Stats() SourceStats    { return SourceStats{} }

func (s *Subscription) ID() SessionID            { return "" }
func (s *Subscription) Tag() string              { return "" }
func (s *Subscription) SetTag(string)            {}
func (s *Subscription) Done() <-chan struct{}    { return nil }
func (s *Subscription) Reason() string           { return "" }
func (s *Subscription) Close(reason string)      {}
func (s *Subscription) Stats() SubscriptionStats { return SubscriptionStats{} }

//go:build !linux

package peer

import (
	"errors"
	"net/netip"
	"time"
)

// A crowd needs recvmmsg and the kernel's time stamps as Linux has them.
type (
	socket  struct{ connected bool }
	pollSet struct{}
	batch   struct{}
)

const mtu, batchSize = 2048, 64

func openSocket() (socket, error) { return socket{}, errors.ErrUnsupported }

func (s *socket) reaches(netip.AddrPort) bool         { return false }
func (s *socket) connect(netip.AddrPort)              {}
func (s *socket) send([]byte, netip.AddrPort)         {}
func (s *socket) close() error                        { return nil }
func (p *pollSet) add(socket)                         {}
func (p *pollSet) remove(int)                         {}
func (p *pollSet) deafen(int, socket, bool)           {}
func (p *pollSet) poll() bool                         { return false }
func (p *pollSet) readable(int) bool                  { return false }
func newBatch() *batch                                { return &batch{} }
func (b *batch) read(socket) int                      { return 0 }
func (b *batch) datagram(int) ([]byte, int64, uint32) { return nil, 0, 0 }
func realtime() int64                                 { return time.Now().UnixNano() }

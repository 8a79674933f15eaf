package peer

import (
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/pion/webrtc/v3/pkg/media/h264reader"
	"github.com/pion/webrtc/v3/pkg/media/ivfreader"
	"github.com/pion/webrtc/v3/pkg/media/oggreader"

	"antenne/sfu/packet"
)

// How testdata was made is told in testdata/README.md.
var (
	//go:embed testdata/clip.ivf
	clipVP8 []byte
	//go:embed testdata/clip.h264
	clipH264 []byte
	//go:embed testdata/clip.ogg
	clipOpus []byte
)

const (
	pictureTime = time.Second / 15
	soundTime   = 20 * time.Millisecond
)

// clip is some seconds of one codec: whole frames, the first a keyframe.
type clip struct {
	frames [][]byte
	each   time.Duration
}

var (
	loadVP8  = sync.OnceValues(func() (*clip, error) { return readIVF(clipVP8) })
	loadH264 = sync.OnceValues(func() (*clip, error) { return readAnnexB(clipH264) })
	loadOpus = sync.OnceValues(func() (*clip, error) { return readOgg(clipOpus) })
)

func load(c packet.Codec) (*clip, error) {
	switch c {
	case packet.VP8:
		return loadVP8()
	case packet.H264:
		return loadH264()
	case packet.Opus:
		return loadOpus()
	default:
		return nil, fmt.Errorf("peer: no clip of %s", c)
	}
}

func readIVF(b []byte) (*clip, error) {
	r, _, err := ivfreader.NewWith(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("peer: clip: %w", err)
	}
	c := &clip{each: pictureTime}
	for {
		frame, _, err := r.ParseNextFrame()
		if err == io.EOF {
			return c, nil
		}
		if err != nil {
			return nil, fmt.Errorf("peer: clip: %w", err)
		}
		c.frames = append(c.frames, frame)
	}
}

// readAnnexB cuts the stream after each slice: the clip has one in a picture.
func readAnnexB(b []byte) (*clip, error) {
	r, err := h264reader.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("peer: clip: %w", err)
	}
	c := &clip{each: pictureTime}
	var frame []byte
	for {
		nal, err := r.NextNAL()
		if err == io.EOF {
			return c, nil
		}
		if err != nil {
			return nil, fmt.Errorf("peer: clip: %w", err)
		}
		frame = append(append(frame, 0, 0, 0, 1), nal.Data...)
		if nal.UnitType == h264reader.NalUnitTypeCodedSliceIdr || nal.UnitType == h264reader.NalUnitTypeCodedSliceNonIdr {
			c.frames = append(c.frames, frame)
			frame = nil
		}
	}
}

// readOgg takes one packet from each page, past the page of tags.
func readOgg(b []byte) (*clip, error) {
	r, _, err := oggreader.NewWith(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("peer: clip: %w", err)
	}
	c := &clip{each: soundTime}
	for {
		page, _, err := r.ParseNextPage()
		if err == io.EOF {
			return c, nil
		}
		if err != nil {
			return nil, fmt.Errorf("peer: clip: %w", err)
		}
		if !bytes.HasPrefix(page, []byte("OpusTags")) {
			c.frames = append(c.frames, page)
		}
	}
}

package signaling

import (
	"net/http"
	"strconv"

	"antenne/rooms"
	"antenne/sfu"
	"antenne/signaling/wire"
)

// pictures are the words of the doors for what a page may want.
var pictures = map[string]sfu.Picture{
	"": sfu.PictureAuto, wire.PictureAuto: sfu.PictureAuto, wire.PictureLow: sfu.PictureLow, wire.PictureNone: sfu.PictureNone,
}

// wishOf is what a page says of itself over the class connection.
func wishOf(m *wire.Media) sfu.Wish {
	return sfu.Wish{Picture: pictures[m.Picture], Width: m.Width, Height: m.Height}
}

// sinkSpec is what an offer to watch comes with: the page has not said yet how large its picture is.
func sinkSpec(r *http.Request, who rooms.Actor) (sfu.SinkSpec, error) {
	query := r.URL.Query()
	picture, known := pictures[query.Get("picture")]
	if !known {
		return sfu.SinkSpec{}, refuse(codeRequest)
	}
	five := query.Get("slots") == strconv.Itoa(len(sfu.Slots()))
	return sfu.SinkSpec{
		Five: five, Remote: remote(r), OnlyAEAD: five && query.Get("srtp") != "cm",
		Home: atHome(who), Party: partyOf(who), Wish: sfu.Wish{Picture: picture},
	}, nil
}

// atHome tells whether a viewer is a family, whose picture is made smaller first when the machine is full: screens, posts,
// desks and the studio serve whole rooms.
func atHome(who rooms.Actor) bool { return who.Role == rooms.Viewer }

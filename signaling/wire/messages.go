package wire

import (
	"encoding/json"
	"time"
)

// ClientMessage is what a client may say: *Hello, *Do, *Media, *Health, *Talk or *Quiet.
type ClientMessage interface{ fromClient() }

// ServerMessage is what the server may say: *Welcome, *Change, *Presence, *Done, *Refused, *Beat or *Bye.
type ServerMessage interface{ fromServer() }

// Hello is the first message of a connection, and is said once.
type Hello struct {
	V      int    `json:"v"`
	Token  string `json:"token,omitempty"` // of a link; without one Room must be public
	Room   string `json:"room,omitempty"`  // needed without a token; with one it must be the link's
	Site   string `json:"site,omitempty"`  // the centre a home comes through
	Device string `json:"device"`          // random secret of this browser, 8 to 64 letters, digits and dashes
	Since  *Since `json:"since,omitempty"` // what this client has already seen
	Lang   string `json:"lang,omitempty"`  // "fr" (default) or "en": the language of sentences
}

// Since names the last state a client has seen. An epoch ends when the server's memory does.
type Since struct {
	Epoch string `json:"epoch"`
	Seq   uint64 `json:"seq"`
}

// Do asks for one command. The answer is Done or Refused with the same ID. Sending it again is harmless.
type Do struct {
	ID      string          `json:"id"`
	Command json.RawMessage `json:"command"` // an object with "name"; its texts are NFC once decoded
}

// Media tells which WHEP session plays in this page, how large it is shown, and how much picture is wanted.
type Media struct {
	Session string `json:"session"`           // the last part of the session's Location; "" for none
	Width   int    `json:"width"`             // device pixels, 0 to 16384
	Height  int    `json:"height"`            // device pixels, 0 to 16384
	Picture string `json:"picture,omitempty"` // PictureAuto, which is meant when nothing is said, PictureLow or PictureNone
}

// What a page may want of the pictures; sound always comes.
const (
	PictureAuto = "auto" // what its line and its place for a picture can take
	PictureLow  = "low"  // the cheapest moving picture
	PictureNone = "none" // sound alone
)

// Health says what the page really shows and plays.
type Health struct {
	Picture   string  `json:"picture"`             // moving, still (for want of a better line, updated now and then), frozen or none
	Frames    float64 `json:"frames,omitempty"`    // decoded frames per second, 0 to 240
	Sound     string  `json:"sound"`               // on, locked (the browser wants a gesture) or off
	Opened    bool    `json:"opened,omitempty"`    // somebody opened this page for picture and sound, now or before it was loaded again
	Connected bool    `json:"connected,omitempty"` // the media session stands, whether or not it is fed
	Full      bool    `json:"full,omitempty"`      // it does not stand because the server has no room for it now; the page asks again by itself
	Freezes   int     `json:"freezes,omitempty"`   // times a face stood still and went on, since the last health; 0 to MaxFreezes
	Path      string  `json:"path,omitempty"`      // udp or tcp, when the page knows
	Delay     int     `json:"delay,omitempty"`     // ms that it shows behind the studio, when the page knows: 1 to MaxDelay
}

// Talk says that the guest holds the button to speak, and how loud the voice is. A guest's page alone may say it: at once when it turns,
// four times a second at most for the level.
type Talk struct {
	On    bool `json:"on"`
	Level int  `json:"level,omitempty"` // 0 to 100
}

// Quiet says that this page's loudspeakers are at nothing because the guest beside it speaks. A screen or a post of the guest's
// place may say it.
type Quiet struct {
	On bool `json:"on"`
}

// Accept is the body of POST /floor/{room}: an invitation is taken up. The page makes Secret, MinSecret to MaxSecret characters of
// base64url (16 to 64 random bytes), and keeps it before it asks: it is the guest's token from then on, and an answer that is lost on
// the way is asked for again.
type Accept struct {
	Grant  string `json:"grant"`
	Secret string `json:"secret"`
}

// Accepted answers it, each time the same: where the guest's page is.
type Accepted struct {
	URL string `json:"url"`
}

// Welcome answers hello: the whole view of this role, or word that nothing has changed since.
type Welcome struct {
	V         int                        `json:"v"`
	Epoch     string                     `json:"epoch"`
	Seq       uint64                     `json:"seq"`
	Now       time.Time                  `json:"now"`             // the server's clock
	Session   string                     `json:"session"`         // of this connection
	Build     string                     `json:"build,omitempty"` // the pages this server serves: a page of another build is from before an upgrade
	View      map[string]json.RawMessage `json:"view,omitempty"`
	Unchanged bool                       `json:"unchanged,omitempty"`
}

// Change is the next state of the room for this role.
type Change struct {
	Seq  uint64                     `json:"seq"`
	Set  map[string]json.RawMessage `json:"set,omitempty"`
	Gone []string                   `json:"gone,omitempty"`
}

// Presence is who is connected now. It has no sequence: it is told whole again after a cut.
type Presence struct {
	Set  map[string]json.RawMessage `json:"set,omitempty"`
	Gone []string                   `json:"gone,omitempty"`
}

// Done says that a command is in the log; Seq is the state that holds it.
type Done struct {
	ID  string `json:"id"`
	Seq uint64 `json:"seq"`
}

// Refused says why a message had no effect, as far as is known. ID is empty when the message had none that could be read.
type Refused struct {
	ID    string `json:"id,omitempty"`
	Code  string `json:"code"`
	Text  string `json:"text"`
	Retry bool   `json:"retry,omitempty"` // the same again, a little later, may be done
}

// Beat proves that the connection lives.
type Beat struct {
	Now time.Time `json:"now"`
}

// Bye is the last message of the server. Retry tells whether coming back can help.
type Bye struct {
	Code  string `json:"code"`
	Text  string `json:"text"`
	Retry bool   `json:"retry"`
}

// Problem is the body of every refusal of the HTTP doors.
type Problem struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

func (*Hello) fromClient()  {}
func (*Do) fromClient()     {}
func (*Media) fromClient()  {}
func (*Health) fromClient() {}
func (*Talk) fromClient()   {}
func (*Quiet) fromClient()  {}

func (*Welcome) fromServer()  {}
func (*Change) fromServer()   {}
func (*Presence) fromServer() {}
func (*Done) fromServer()     {}
func (*Refused) fromServer()  {}
func (*Beat) fromServer()     {}
func (*Bye) fromServer()      {}

// Package scenario reads what a crowd does from a file that people can read and change: TOML, because it has comments, no
// meaning in its white space, and one obvious way to write each thing.
//
//	s, err := scenario.Read("steady-200.toml", file)
//
// Reading is strict: a key that means nothing is an error, and every mistake of a file is told at once, each with its place.
// The package is values and functions; it starts no goroutine.
package scenario

import (
	"time"
)

// Scenario is one file.
type Scenario struct {
	Name      string     `toml:"-" json:"name"` // of the file, without its ending
	Title     string     `toml:"title" json:"title"`
	About     string     `toml:"about" json:"about"`
	Server    Server     `toml:"server" json:"server"`
	Crowd     Crowd      `toml:"crowd" json:"crowd"`
	Teacher   Teacher    `toml:"teacher" json:"teacher"`
	Time      Time       `toml:"time" json:"time"`
	Viewers   []Group    `toml:"viewers" json:"viewers"`
	Questions *Questions `toml:"questions" json:"questions,omitempty"`
	Limits    []Limit    `toml:"limit" json:"limits"`
}

// The kinds of server.
const (
	Self  = "self"  // our own, as a child process in a folder of its own
	Stock = "stock" // sfu/stock, as a child process
	URL   = "url"   // one that runs already, anywhere
)

// Server says what the crowd comes to.
type Server struct {
	Kind    string `toml:"kind" json:"kind"`
	Cores   []int  `toml:"cores" json:"cores,omitempty"`     // where a child may run; none: anywhere
	Procs   int    `toml:"procs" json:"procs,omitempty"`     // its GOMAXPROCS; 0: as many as it has cores
	Whip    string `toml:"whip" json:"-"`                    // of url: where the teacher goes; "" when somebody teaches already
	Whep    string `toml:"whep" json:"-"`                    // of url: where the viewers go
	Links   string `toml:"links" json:"-"`                   // of url: a file of links, instead of whip and whep
	Token   string `toml:"token-file" json:"-"`              // of url: a file that holds the teacher's token
	Pid     int    `toml:"pid" json:"pid,omitempty"`         // of url: its process, when it is on this machine
	Metrics string `toml:"metrics" json:"metrics,omitempty"` // of url: its Prometheus address
}

// Crowd says where the viewers run.
type Crowd struct {
	Cores []int `toml:"cores" json:"cores,omitempty"` // none: anywhere
}

// Teacher says what is published.
type Teacher struct {
	Recording string `toml:"recording" json:"recording"` // which recording of sfu/peer
	Pacing    string `toml:"pacing" json:"pacing"`       // how its packets are spread over time
	Single    bool   `toml:"single" json:"single"`       // only the highest layer of a recording of several
	Silent    bool   `toml:"silent" json:"silent"`       // no sound
}

// Time says how long each part takes.
type Time struct {
	Settle  Duration `toml:"settle" json:"settle"`   // once a wave has come, before it is measured
	Measure Duration `toml:"measure" json:"measure"` // each wave
	After   Duration `toml:"after" json:"after"`     // once all have left, before memory is looked at again
	Join    Duration `toml:"join" json:"join"`       // a viewer without a picture by then has failed
}

// Group is viewers that are alike. Groups of one wave come together; each wave is measured before the next comes.
type Group struct {
	Name   string   `toml:"name" json:"name"`
	Count  int      `toml:"count" json:"count"`
	OfCore float64  `toml:"of-core" json:"of_core,omitempty"` // instead of count: so many that all together need this many cores, as the wave before tells
	Wave   int      `toml:"wave" json:"wave"`                 // from 1
	Over   Duration `toml:"over" json:"over"`                 // how long their coming takes, evenly
	Lines  int      `toml:"lines" json:"lines"`               // 2: one sound and one picture; 5: as our own pages
	Stay   Duration `toml:"stay" json:"stay,omitempty"`       // each leaves after about that long, and another comes in its place; 0: stays
	Wish   string   `toml:"wish" json:"wish,omitempty"`       // auto, low or none: how much picture (our server)
	Rate   Rate     `toml:"rate" json:"rate,omitempty"`       // of its line; 0: no bound
	Loss   Share    `toml:"loss" json:"loss,omitempty"`       // of what comes to it
	Delay  Duration `toml:"delay" json:"delay,omitempty"`     // added to what comes to it
	Stops  Duration `toml:"stops" json:"stops,omitempty"`     // it stops reading so long after it came; 0: never
	Repair *bool    `toml:"repair" json:"repair,omitempty"`   // whether it asks again for what is missing; true
}

// Repairs tells whether the group asks again for what is missing.
func (g Group) Repairs() bool { return g.Repair == nil || *g.Repair }

// Bad tells whether the group's line is worse than the crowd's own.
func (g Group) Bad() bool { return g.Rate > 0 || g.Loss > 0 || g.Delay > 0 || g.Stops > 0 }

// Questions are people who ask over the class connection, while the media flows.
type Questions struct {
	Desks     int      `toml:"desks" json:"desks"`
	Homes     int      `toml:"homes" json:"homes"`
	Listeners int      `toml:"listeners" json:"listeners"`
	Slow      int      `toml:"slow" json:"slow"` // connections that stop reading
	Rate      float64  `toml:"rate" json:"rate"` // questions a second, of all together
	For       Duration `toml:"for" json:"for"`   // 0: as long as the last wave is measured
}

// Limit is what a figure must keep to. Exactly one of Max, Min and Ratio is given.
type Limit struct {
	Figure string   `toml:"figure" json:"figure"` // its name in the report
	Group  string   `toml:"group" json:"group,omitempty"`
	Wave   int      `toml:"wave" json:"wave,omitempty"` // 0: the last
	Max    *float64 `toml:"max" json:"max,omitempty"`   // in the figure's own unit
	Min    *float64 `toml:"min" json:"min,omitempty"`
	Ratio  *float64 `toml:"max-ratio" json:"max_ratio,omitempty"` // at most so many times ...
	To     string   `toml:"to" json:"to,omitempty"`               // ... what "stock", "floor" or "wave 1" gave
	Other  string   `toml:"to-figure" json:"to_figure,omitempty"` // for another figure than the same
	Slack  float64  `toml:"slack" json:"slack,omitempty"`         // added to the allowance of a ratio, in the figure's unit: noise next to nothing
	Why    string   `toml:"why" json:"why,omitempty"`
}

// Waves is how many there are.
func (s *Scenario) Waves() int {
	last := 0
	for _, g := range s.Viewers {
		last = max(last, g.Wave)
	}
	return last
}

// Of gives the groups of one wave.
func (s *Scenario) Of(wave int) (groups []Group) {
	for _, g := range s.Viewers {
		if g.Wave == wave {
			groups = append(groups, g)
		}
	}
	return groups
}

// withDefaults fills in what the file leaves open.
func (s *Scenario) withDefaults() {
	fill(&s.Server.Kind, Self)
	fill(&s.Teacher.Recording, "vp8-single")
	fill(&s.Teacher.Pacing, "chrome")
	fill(&s.Time.Settle, Duration(3*time.Second))
	fill(&s.Time.Measure, Duration(12*time.Second))
	fill(&s.Time.Join, Duration(15*time.Second))
	for i := range s.Viewers {
		g := &s.Viewers[i]
		fill(&g.Name, "viewers")
		fill(&g.Wave, 1)
		fill(&g.Lines, 2)
		fill(&g.Wish, "auto")
	}
	if s.Questions != nil {
		fill(&s.Questions.Listeners, 1)
	}
}

func fill[T comparable](v *T, otherwise T) {
	var zero T
	if *v == zero {
		*v = otherwise
	}
}

package rooms

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

func hashOf(n int) string {
	digits := strconv.Itoa(n)
	return strings.Repeat("0", 64-len(digits)) + digits
}

// paired is a house with two screens, of Lens and of Douai.
func paired(t *testing.T) *House {
	t.Helper()
	h := NewHouse()
	for i, site := range []SiteID{"lens", "douai"} {
		events, err := h.Decide(Actor{Role: System}, PairDevice{Device: LinkID(site) + "-screen", Hash: hashOf(i), Role: Screen, Site: site}, noonOfHouse)
		if err != nil || len(events) != 1 {
			t.Fatalf("%v, %v", events, err)
		}
		h.Apply(events[0])
	}
	return h
}

var noonOfHouse = time.Date(2026, 12, 3, 12, 0, 0, 0, time.UTC)

func TestWhatTheHouseDecides(t *testing.T) {
	animator := Actor{Role: Animator, Room: "r", Site: "lens", Link: "a"}
	fresh := PairDevice{Device: "new", Hash: hashOf(7), Role: Screen, Site: "lens"}
	for name, c := range map[string]struct {
		who  Actor
		what HouseCommand
		code string // "" for one event, "nothing" for none
	}{
		"an animator pairs a screen":               {animator, fresh, ""},
		"the house pairs a screen":                 {Actor{Role: System}, fresh, ""},
		"nothing at all":                           {animator, nil, "wire-unknown-command"},
		"an animator pairs for another place":      {animator, PairDevice{"new", hashOf(7), Screen, "douai"}, "device-foreign-site"},
		"an animator without a place":              {Actor{Role: Animator}, PairDevice{"new", hashOf(7), Screen, ""}, "device-foreign-site"},
		"no place":                                 {Actor{Role: System}, PairDevice{"new", hashOf(7), Screen, ""}, "site-id"},
		"a studio is no device":                    {animator, PairDevice{"new", hashOf(7), Mediator, "lens"}, "link-role"},
		"a desk is no device":                      {animator, PairDevice{"new", hashOf(7), Animator, "lens"}, "link-role"},
		"no hash":                                  {animator, PairDevice{"new", "secret", Screen, "lens"}, "link-malformed"},
		"no name":                                  {animator, PairDevice{"", hashOf(7), Screen, "lens"}, "link-malformed"},
		"the same again":                           {animator, PairDevice{"lens-screen", hashOf(0), Screen, "lens"}, "nothing"},
		"the name of another":                      {animator, PairDevice{"lens-screen", hashOf(7), Screen, "lens"}, "link-exists"},
		"the token of another":                     {animator, PairDevice{"new", hashOf(1), Screen, "lens"}, "link-exists"},
		"an animator forgets a screen":             {animator, ForgetDevice{Device: "lens-screen"}, ""},
		"an animator forgets another place's":      {animator, ForgetDevice{Device: "douai-screen"}, "device-foreign-site"},
		"an animator forgets what nobody knows":    {animator, ForgetDevice{Device: "nowhere"}, "device-foreign-site"},
		"the house forgets what nobody knows":      {Actor{Role: System}, ForgetDevice{Device: "nowhere"}, "link-unknown"},
		"a screen forgets itself":                  {Actor{Role: Screen, Site: "lens"}, ForgetDevice{Device: "lens-screen"}, "role-may-not"},
		"the house notes a use, soon after":        {Actor{Role: System}, UseDevice{"lens-screen"}, "nothing"},
		"the house notes a use of nothing":         {Actor{Role: System}, UseDevice{"nowhere"}, "link-unknown"},
		"an animator notes a use":                  {animator, UseDevice{"lens-screen"}, "role-may-not"},
		"a mediator pairs":                         {Actor{Role: Mediator}, fresh, "role-may-not"},
		"a role that does not exist, at the place": {Actor{Role: "director", Site: "lens"}, fresh, "role-may-not"},
	} {
		t.Run(name, func(t *testing.T) {
			h := paired(t)
			before := h.Devices("")
			events, err := h.Decide(c.who, c.what, noonOfHouse)
			var refusal *Refusal
			errors.As(err, &refusal)
			switch {
			case c.code == "" && (err != nil || len(events) != 1):
				t.Errorf("%v, %v", events, err)
			case c.code == "nothing" && (err != nil || len(events) != 0):
				t.Errorf("%v, %v", events, err)
			case c.code != "" && c.code != "nothing" && (refusal == nil || refusal.Code != c.code):
				t.Errorf("%v, wanted %s", err, c.code)
			}
			if !reflect.DeepEqual(before, h.Devices("")) {
				t.Error("a decision changed the house")
			}
		})
	}
}

func TestAForgottenDeviceStaysForgottenAndMakesRoom(t *testing.T) {
	h := paired(t)
	for i := 1; i < MaxDevicesPerSite; i++ {
		h.Apply(DevicePaired{Device: LinkID(hashOf(100 + i)), Hash: hashOf(100 + i), Role: Screen, Site: "lens"})
	}
	fresh := PairDevice{Device: "one-more", Hash: hashOf(7), Role: Screen, Site: "lens"}
	if _, err := h.Decide(Actor{Role: System}, fresh, noonOfHouse); err == nil || err.(*Refusal).Code != "device-limit" {
		t.Fatalf("%d devices and one more: %v", MaxDevicesPerSite, err)
	}
	h.Apply(DeviceForgotten{Device: "lens-screen"})
	d, _ := h.Device("lens-screen")
	if err := d.Link().Stands(noonOfHouse); err == nil || err.(*Refusal).Code != "link-revoked" {
		t.Errorf("a forgotten device: %v", err)
	}
	if events, err := h.Decide(Actor{Role: System}, ForgetDevice{Device: "lens-screen"}, noonOfHouse); err != nil || len(events) != 0 {
		t.Errorf("forgotten twice: %v, %v", events, err)
	}
	if _, err := h.Decide(Actor{Role: System}, fresh, noonOfHouse); err != nil {
		t.Errorf("a forgotten device still counts: %v", err)
	}
	other, _ := h.Device("douai-screen")
	if err := other.Link().Stands(noonOfHouse.AddDate(10, 0, 0)); err != nil {
		t.Errorf("a device does not last: %v", err)
	}
}

// The use of a device is noted once a week; of one that is forgotten never.
func TestTheUseOfADeviceIsNotedOnceAWeek(t *testing.T) {
	h := paired(t)
	noted := 0
	for day := range 30 {
		events, err := h.Decide(Actor{Role: System}, UseDevice{"lens-screen"}, noonOfHouse.AddDate(0, 0, day))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			h.Apply(e)
			noted++
		}
	}
	used, _ := h.Device("lens-screen")
	idle, _ := h.Device("douai-screen")
	if noted != 4 || !used.UsedAt.Equal(noonOfHouse.AddDate(0, 0, 28)) || !idle.UsedAt.Equal(idle.PairedAt) {
		t.Errorf("noted %d times, last on %s; the other on %s", noted, used.UsedAt, idle.UsedAt)
	}
	h.Apply(DeviceForgotten{Device: "lens-screen"})
	if events, err := h.Decide(Actor{Role: System}, UseDevice{"lens-screen"}, noonOfHouse.AddDate(1, 0, 0)); err != nil || len(events) != 0 {
		t.Errorf("of a forgotten one: %v, %v", events, err)
	}
}

// What was decided, written and read back makes the same house; also facts that no decision of today would make.
func TestTheHouseIsReplayedFromItsLog(t *testing.T) {
	draw := rand.New(rand.NewPCG(4, 9))
	h, log := NewHouse(), [][]byte{}
	for i := range 400 {
		n := draw.IntN(60)
		site := SiteID("site-" + strconv.Itoa(n%7))
		who := Actor{Role: Animator, Site: site, Link: "a"}
		var c HouseCommand = PairDevice{Device: LinkID("d" + strconv.Itoa(n)), Hash: hashOf(n), Role: Screen, Site: site}
		switch draw.IntN(6) {
		case 0, 1:
			c = ForgetDevice{Device: LinkID("d" + strconv.Itoa(n)), Why: []DeviceWhy{ByHand, WithLink, LongUnused}[draw.IntN(3)]}
		case 2:
			who, c = Actor{Role: System}, UseDevice{LinkID("d" + strconv.Itoa(n))}
		}
		events, err := h.Decide(who, c, noonOfHouse.Add(time.Duration(i)*time.Hour+123456))
		if err != nil || len(events) == 0 {
			continue
		}
		raw, err := EncodeHouse(events)
		if err != nil {
			t.Fatal(err)
		}
		log = append(log, raw)
		for _, e := range events {
			h.Apply(e)
		}
	}
	if len(log) < 40 {
		t.Fatalf("only %d decisions", len(log))
	}
	again := NewHouse()
	for _, raw := range log {
		events, err := DecodeHouse(raw)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			again.Apply(e)
			again.Apply(e) // a fact told twice is one fact
		}
	}
	if !reflect.DeepEqual(h, again) {
		t.Errorf("replayed to\n%+v\nwanted\n%+v", again.Devices(""), h.Devices(""))
	}
	again.Apply(DeviceForgotten{Device: "nowhere"})
	again.Apply(StateChanged{To: OnAir})
	if !reflect.DeepEqual(h, again) {
		t.Error("a fact about nothing changed the house")
	}
}

func TestTheLogOfTheHouseIsReadStrictly(t *testing.T) {
	if _, err := EncodeHouse([]Event{StateChanged{To: OnAir}}); err == nil {
		t.Error("an event of a room was written into the log of the house")
	}
	for _, raw := range []string{
		``, `{}`, `[{"kind":"state-changed","event":{}}]`, `[{"kind":"device-paired","event":{"device":1}}]`,
		`[{"kind":"device-forgotten","event":{"device":"d","more":true}}]`, `[] []`,
	} {
		if events, err := DecodeHouse([]byte(raw)); err == nil {
			t.Errorf("%s was read as %v", raw, events)
		}
	}
}

package rooms

import "time"

const (
	// MaxDevicesPerSite bounds the paired devices of one place.
	MaxDevicesPerSite = 20
	// DeviceKept is how long a device that nobody uses is kept: twelve months, and the week by which its last use may be told too old.
	DeviceKept = 365*24*time.Hour + UseNoted
	// UseNoted is how seldom the use of a device is written down.
	UseNoted = 7 * 24 * time.Hour
)

// House is what belongs to no séance: the devices that were paired with a place once and open whatever it follows. It has a log of its
// own. Like Room it is a plain value without a lock, and only Apply changes it.
type House struct {
	devices  []Device // in the order they were paired
	deviceAt map[LinkID]int
}

// Device is a screen that keeps its place from one séance to the next, as the log knows it: without its secret.
type Device struct {
	ID        LinkID
	Hash      string // SHA-256 of the token, lower-case hexadecimal
	Role      Role
	Site      SiteID
	PairedAt  time.Time
	PairedBy  LinkID    // the animator's link; "" for the house itself
	UsedAt    time.Time // as it was written down last: at most UseNoted too old
	Forgotten bool
}

// Link is the device as a link that ends only when the device is forgotten.
func (d Device) Link() Link {
	return Link{ID: d.ID, Hash: d.Hash, Role: d.Role, Site: d.Site, IssuedAt: d.PairedAt, Revoked: d.Forgotten}
}

// HouseCommand is what somebody asks of the house. Only this package makes them.
type HouseCommand interface {
	Verb() CommandName
	// place is the site it is about; "" when there is none such.
	place(*House) SiteID
}

type (
	// PairDevice lets a device in for its place, in every séance that the place follows.
	PairDevice struct {
		Device LinkID
		Hash   string // SHA-256 of the token, 64 lower-case hexadecimal digits
		Role   Role   // screen
		Site   SiteID
	}
	// UseDevice notes that a device has been used, once in UseNoted.
	UseDevice struct{ Device LinkID }
	// ForgetDevice ends a device for good.
	ForgetDevice struct {
		Device LinkID
		Why    DeviceWhy
	}
)

// DeviceWhy says why a device was forgotten.
type DeviceWhy string

const (
	ByHand     DeviceWhy = ""
	WithLink   DeviceWhy = "with-link" // the link that let it in was taken back
	LongUnused DeviceWhy = "unused"    // for DeviceKept
)

func (PairDevice) Verb() CommandName   { return "pair-device" }
func (UseDevice) Verb() CommandName    { return "use-device" }
func (ForgetDevice) Verb() CommandName { return "forget-device" }

func (c PairDevice) place(*House) SiteID { return c.Site }

func (c UseDevice) place(h *House) SiteID    { return h.siteOf(c.Device) }
func (c ForgetDevice) place(h *House) SiteID { return h.siteOf(c.Device) }

func (h *House) siteOf(id LinkID) SiteID {
	d, _ := h.Device(id)
	return d.Site
}

// What happens to the house.
type (
	DevicePaired struct {
		Stamp
		Device LinkID `json:"device"`
		Hash   string `json:"hash"`
		Role   Role   `json:"role"`
		Site   SiteID `json:"site"`
	}
	DeviceUsed struct {
		Stamp
		Device LinkID `json:"device"`
	}
	DeviceForgotten struct {
		Stamp
		Device LinkID    `json:"device"`
		Why    DeviceWhy `json:"why,omitempty"`
	}
)

func (DevicePaired) Kind() string    { return "device-paired" }
func (DeviceUsed) Kind() string      { return "device-used" }
func (DeviceForgotten) Kind() string { return "device-forgotten" }

// NewHouse returns a house in which nothing has happened yet.
func NewHouse() *House { return &House{deviceAt: map[LinkID]int{}} }

// Devices lists the devices of a place, or of all places for "", forgotten ones too, in the order they were paired.
func (h *House) Devices(site SiteID) []Device {
	var found []Device
	for _, d := range h.devices {
		if site == "" || d.Site == site {
			found = append(found, d)
		}
	}
	return found
}

// Device finds one device.
func (h *House) Device(id LinkID) (Device, bool) {
	i, known := h.deviceAt[id]
	if !known {
		return Device{}, false
	}
	return h.devices[i], true
}

// Decide turns a command into the events that would follow, or a *Refusal, and changes nothing: see Room.Decide. The house itself may
// do everything, an animator what concerns their own place, and nobody else anything.
func (h *House) Decide(who Actor, c HouseCommand, now time.Time) ([]Event, error) {
	if c == nil {
		return nil, refuse("wire-unknown-command")
	}
	switch {
	case who.Role == System:
	case who.Role != Animator:
		return nil, refuse("role-may-not", "role", string(who.Role), "command", string(c.Verb()))
	case who.Site == "" || who.Site != c.place(h):
		return nil, refuse("device-foreign-site")
	}
	stamp := Stamp{At: instant(now), By: By{Role: who.Role, Site: who.Site, Link: who.Link}}
	switch c := c.(type) {
	case PairDevice:
		return h.decidePair(c, stamp)
	case UseDevice:
		return h.decideUse(who, c, stamp)
	case ForgetDevice:
		return h.decideForget(c, stamp)
	}
	return nil, refuse("wire-unknown-command", "name", clip(string(c.Verb())))
}

func (h *House) decidePair(c PairDevice, stamp Stamp) ([]Event, error) {
	switch {
	case c.Device == "" || !isHash(c.Hash):
		return nil, refuse("link-malformed")
	case c.Role != Screen:
		return nil, refuse("link-role", "role", clip(string(c.Role)))
	case !isSlug(string(c.Site)):
		return nil, refuse("site-id", "site", clip(string(c.Site)))
	}
	there := 0
	for _, d := range h.devices {
		if d.ID == c.Device && d.Hash == c.Hash && d.Site == c.Site {
			return nil, nil
		}
		if d.ID == c.Device || d.Hash == c.Hash {
			return nil, refuse("link-exists")
		}
		if d.Site == c.Site && !d.Forgotten {
			there++
		}
	}
	if there >= MaxDevicesPerSite {
		return nil, refuse("device-limit")
	}
	return []Event{DevicePaired{Stamp: stamp, Device: c.Device, Hash: c.Hash, Role: c.Role, Site: c.Site}}, nil
}

func (h *House) decideUse(who Actor, c UseDevice, stamp Stamp) ([]Event, error) {
	d, known := h.Device(c.Device)
	switch {
	case who.Role != System:
		return nil, refuse("role-may-not", "role", string(who.Role), "command", string(c.Verb()))
	case !known:
		return nil, refuse("link-unknown")
	case d.Forgotten || stamp.At.Sub(d.UsedAt) < UseNoted:
		return nil, nil
	}
	return []Event{DeviceUsed{Stamp: stamp, Device: c.Device}}, nil
}

func (h *House) decideForget(c ForgetDevice, stamp Stamp) ([]Event, error) {
	d, known := h.Device(c.Device)
	switch {
	case !known:
		return nil, refuse("link-unknown")
	case d.Forgotten:
		return nil, nil
	}
	return []Event{DeviceForgotten{Stamp: stamp, Device: c.Device, Why: c.Why}}, nil
}

// Apply makes a fact part of the house. Facts have happened: it never refuses and never fails.
func (h *House) Apply(e Event) {
	switch e := e.(type) {
	case DevicePaired:
		if _, known := h.deviceAt[e.Device]; known {
			return
		}
		h.deviceAt[e.Device] = len(h.devices)
		h.devices = append(h.devices, Device{ID: e.Device, Hash: e.Hash, Role: e.Role, Site: e.Site, PairedAt: e.At, PairedBy: e.By.Link, UsedAt: e.At})
	case DeviceUsed:
		if i, known := h.deviceAt[e.Device]; known {
			h.devices[i].UsedAt = e.At
		}
	case DeviceForgotten:
		if i, known := h.deviceAt[e.Device]; known {
			h.devices[i].Forgotten = true
		}
	}
}

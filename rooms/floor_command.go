package rooms

// GrantID names one invitation and, once accepted, the guest's link: a UUID in lower case, made by the page that invites.
type GrantID string

// RequestID names one request for the floor: a UUID in lower case, made by the page that asks.
type RequestID string

// The commands about the floor.
type (
	// RequestFloor asks to be seen or heard. Reason 0..200 code points; a home says that it is an adult who asks.
	RequestFloor struct {
		Request RequestID
		Reason  string
		Adult   string // "yes", from a home
	}
	CancelRequest  struct{ Request RequestID }
	DismissRequest struct{ Request RequestID }

	// Invite offers the floor to whoever made the request, or to a site: one of the two.
	Invite struct {
		Grant   GrantID
		Request RequestID
		Site    SiteID
	}
	CancelInvite struct{ Grant GrantID }
	RefuseInvite struct{ Grant GrantID }
	// PutOnAir opens the floor. Since is FloorEntity.Since as whoever tapped saw it (RFC 3339), "" for whatever it is now: a tap that
	// comes late, or twice, must not undo what another hand did meanwhile.
	PutOnAir struct {
		Grant GrantID
		Since string
	}
	PutBackstage struct{ Grant GrantID }
	// Cut ends the floor. Whoever enforces it closes the gates before it is logged.
	Cut struct{ Grant GrantID }
	// TurnGuestCamera lets the guest be seen, or not. Agreed is "yes" when whoever taps has seen the frame, and everyone in it agrees.
	TurnGuestCamera struct {
		Grant  GrantID
		Camera string // "on" or "off"
		Agreed string
	}
)

// The house's own, never taken from the wire.
type (
	// AcceptInvite exchanges an invitation, in the name of whoever was invited, for a link under this hash.
	AcceptInvite struct {
		Grant  GrantID
		Hash   string   // SHA-256 of the guest's token, 64 lower-case hexadecimal digits
		Device DeviceID // the only one that may bring media; "" for the first that does
	}
	// GuestUp tells that the guest's media has come, GuestDown that it has ended.
	GuestUp struct {
		Grant  GrantID
		Device DeviceID
	}
	GuestDown struct{ Grant GrantID }
	// EndFloor ends a grant that the house saw lapse.
	EndFloor struct {
		Grant GrantID
		Why   FloorWhy
	}
	// EraseRequest forgets the reason of a request. The caller then erases it from the journal.
	EraseRequest struct{ Request RequestID }
)

func (RequestFloor) Verb() CommandName    { return "request-floor" }
func (CancelRequest) Verb() CommandName   { return "cancel-request" }
func (DismissRequest) Verb() CommandName  { return "dismiss-request" }
func (Invite) Verb() CommandName          { return "invite" }
func (CancelInvite) Verb() CommandName    { return "cancel-invite" }
func (RefuseInvite) Verb() CommandName    { return "refuse-invite" }
func (AcceptInvite) Verb() CommandName    { return "accept-invite" }
func (TurnGuestCamera) Verb() CommandName { return "guest-camera" }
func (PutOnAir) Verb() CommandName        { return "put-on-air" }
func (PutBackstage) Verb() CommandName    { return "put-backstage" }
func (Cut) Verb() CommandName             { return "cut" }
func (GuestUp) Verb() CommandName         { return "guest-up" }
func (GuestDown) Verb() CommandName       { return "guest-down" }
func (EndFloor) Verb() CommandName        { return "end-floor" }
func (EraseRequest) Verb() CommandName    { return "erase-request" }

// floorForms are the floor's commands as pages say them.
var floorForms = map[CommandName]pageForm{
	"request-floor": {[]string{"request", "reason"}, []string{"adult"}, func(f fields) Command {
		return RequestFloor{Request: f.request(), Reason: f["reason"], Adult: f["adult"]}
	}},
	"cancel-request":  {[]string{"request"}, nil, func(f fields) Command { return CancelRequest{f.request()} }},
	"dismiss-request": {[]string{"request"}, nil, func(f fields) Command { return DismissRequest{f.request()} }},
	"invite": {[]string{"grant"}, []string{"request", "site"}, func(f fields) Command {
		return Invite{Grant: f.grant(), Request: f.request(), Site: SiteID(f["site"])}
	}},
	"cancel-invite": {[]string{"grant"}, nil, func(f fields) Command { return CancelInvite{f.grant()} }},
	"refuse-invite": {[]string{"grant"}, nil, func(f fields) Command { return RefuseInvite{f.grant()} }},
	"guest-camera": {[]string{"grant", "camera"}, []string{"agreed"}, func(f fields) Command {
		return TurnGuestCamera{Grant: f.grant(), Camera: f["camera"], Agreed: f["agreed"]}
	}},
	"put-on-air":    {[]string{"grant"}, []string{"since"}, func(f fields) Command { return PutOnAir{f.grant(), f["since"]} }},
	"put-backstage": {[]string{"grant"}, nil, func(f fields) Command { return PutBackstage{f.grant()} }},
	"cut":           {[]string{"grant"}, nil, func(f fields) Command { return Cut{f.grant()} }},
}

func (f fields) grant() GrantID     { return GrantID(f["grant"]) }
func (f fields) request() RequestID { return RequestID(f["request"]) }

package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// %s is where the class's socket may be: Safari before 16 does not count it under 'self'.
const contentSecurity = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"media-src 'self' blob:; connect-src 'self'%s; font-src 'self'; worker-src 'self'; manifest-src 'self'; " +
	"frame-src 'none'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; form-action 'self'; " +
	"require-trusted-types-for 'script'; trusted-types antenne"

// What a page may never use, whichever it is. Features that some browser does not know would be errors in its console.
const neverAllowed = "accelerometer=(), geolocation=(), gyroscope=(), magnetometer=(), midi=(), payment=(), usb=(), serial=(), hid=()"

const playing = "autoplay=(self), fullscreen=(self), screen-wake-lock=(self)"

// A viewer's page cannot open a camera, whatever its script does; the mediator's phone no microphone.
const (
	permissionsWatching = neverAllowed + ", " + playing + ", camera=(), microphone=(), display-capture=()"
	permissionsStudio   = neverAllowed + ", " + playing + ", camera=(self), microphone=(self), display-capture=(self)"
	permissionsPhone    = neverAllowed + ", " + playing + ", camera=(self), microphone=(), display-capture=()" // hands, never a second voice
	permissionsGuest    = neverAllowed + ", " + playing + ", camera=(self), microphone=(self), display-capture=()"
)

// plainHost is a name or an IPv4 address with its port: what a content policy can name, and nothing that could end its line.
var plainHost = regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]+)?$`)

// policy is the content policy of one answer.
func policy(r *http.Request, publicURL string) string {
	var sockets []string
	if r.TLS == nil {
		sockets = append(sockets, "ws://"+r.Host)
	}
	sockets = append(sockets, "wss://"+r.Host) // also without TLS here: a proxy may have taken it off
	if !plainHost.MatchString(r.Host) {
		sockets = nil
	}
	if u, err := url.Parse(publicURL); err == nil && plainHost.MatchString(u.Host) && u.Host != r.Host {
		sockets = append(sockets, strings.Replace(u.Scheme, "http", "ws", 1)+"://"+u.Host)
	}
	return strings.Replace(contentSecurity, "%s", strings.Join(append([]string{""}, sockets...), " "), 1)
}

// openPolicy lets one page do what the others may not: the poster of a paired screen shows the séance in a frame of its own.
func openPolicy(h http.Header, shut, open string) {
	h.Set("Content-Security-Policy", strings.Replace(h.Get("Content-Security-Policy"), shut, open, 1))
}

// setHeaders puts what every answer carries.
// That the address is to be asked by https:// is said by who answers for the whole address, pages and doors alike.
func setHeaders(h http.Header, policy string) {
	h.Set("Content-Security-Policy", policy)
	h.Set("Permissions-Policy", permissionsWatching)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
}

package web

import "net/http"

const contentSecurity = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"media-src 'self' blob:; connect-src 'self'; font-src 'self'; worker-src 'self'; manifest-src 'self'; " +
	"frame-ancestors 'none'; base-uri 'none'; object-src 'none'; form-action 'self'; " +
	"require-trusted-types-for 'script'; trusted-types antenne"

// What a page may never use, whichever it is. Features that some browser does not know would be errors in its console.
const neverAllowed = "accelerometer=(), geolocation=(), gyroscope=(), magnetometer=(), midi=(), payment=(), usb=(), serial=(), hid=()"

const playing = "autoplay=(self), fullscreen=(self), screen-wake-lock=(self)"

// A viewer's page cannot open a camera, whatever its script does.
const (
	permissionsWatching = neverAllowed + ", " + playing + ", camera=(), microphone=(), display-capture=()"
	permissionsStudio   = neverAllowed + ", " + playing + ", camera=(self), microphone=(self), display-capture=(self)"
)

// setHeaders puts what every answer carries.
// That the address is to be asked by https:// is said by who answers for the whole address, pages and doors alike.
func setHeaders(h http.Header) {
	h.Set("Content-Security-Policy", contentSecurity)
	h.Set("Permissions-Policy", permissionsWatching)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
}

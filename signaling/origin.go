package signaling

import (
	"net/http"
	"net/url"
	"strings"
)

// originAllowed: the Origin must be there, and be the host that was asked, the public address or one the
// operator allows. A page of somebody else must not speak with a visitor's browser.
func (s *Server) originAllowed(r *http.Request) bool {
	given, ok := originOf(r.Header.Get("Origin"))
	if !ok {
		return false
	}
	if _, allowed := s.origins[given.String()]; allowed {
		return true
	}
	return strings.EqualFold(given.Host, r.Host)
}

// originOf reads "scheme://host[:port]" and nothing more.
func originOf(s string) (*url.URL, bool) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, false
	}
	if u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, false
	}
	return &url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host)}, true
}

// allowedOrigins is the set of configured origins, in the shape originOf gives.
func allowedOrigins(public string, more []string) map[string]struct{} {
	set := map[string]struct{}{}
	for _, s := range append([]string{public}, more...) {
		u, err := url.Parse(s)
		if err != nil || u.Host == "" {
			continue
		}
		origin := url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host)}
		set[origin.String()] = struct{}{}
	}
	return set
}
